import type {
  ConnectorOperator,
  DescribeFlowResponse,
  DestinationFlowConfig,
  ExecutionDetails,
  FlowDefinition,
  SourceConnectorProperties,
  SourceFlowConfig,
  Task,
  TriggerConfig,
} from "@aws-sdk/client-appflow";
import { optionalDate } from "../optional-date.ts";
import { CONNECTOR_MEMBERS } from "./flow-definition.ts";
import { type Flow, type FlowRun, flowArn } from "./flow-document.ts";
import type { FlowPlan, FlowTask } from "./flow-plan.ts";

/** A flow as `DescribeFlow` tells it. */
export function describedFlow(flow: Flow, lastRun: FlowRun | undefined): DescribeFlowResponse {
  const { plan, status, statusMessage } = flow;
  return {
    ...commonOf(flow, lastRun),
    flowStatusMessage: status === "Errored" ? statusMessage : undefined,
    kmsArn: plan.kmsArn,
    sourceFlowConfig: sourceOf(plan),
    destinationFlowConfigList: [destinationOf(flow)],
    triggerConfig: triggerOf(plan),
    tasks: plan.tasks.map((task) => taskOf(task, plan)),
  };
}

/** A flow as `ListFlows` tells it. */
export function listedFlow(flow: Flow, lastRun: FlowRun | undefined): FlowDefinition {
  return {
    ...commonOf(flow, lastRun),
    sourceConnectorType: flow.plan.source.connector,
    destinationConnectorType: "CustomerProfiles",
    triggerType: flow.plan.trigger.type,
  };
}

function commonOf(flow: Flow, lastRun: FlowRun | undefined) {
  const { name, plan, status, createdMs, updatedMs, createdBy, tags } = flow;
  return {
    flowArn: flowArn(flow),
    flowName: name,
    description: plan.description,
    flowStatus: status,
    createdAt: new Date(createdMs),
    lastUpdatedAt: new Date(updatedMs),
    createdBy,
    lastUpdatedBy: createdBy,
    tags: { ...tags },
    lastRunExecutionDetails: lastRun && detailsOf(lastRun),
  };
}

function detailsOf({ status, startedMs, message }: FlowRun): ExecutionDetails {
  return {
    mostRecentExecutionStatus: status,
    mostRecentExecutionTime: new Date(startedMs),
    mostRecentExecutionMessage: message,
  };
}

function sourceOf({ source }: FlowPlan): SourceFlowConfig {
  const { connector, profileName, properties, datetimeField } = source;
  const { Object: object, EnableDynamicFieldUpdate, IncludeDeletedRecords, BucketName, BucketPrefix } = properties;
  const told = {
    object,
    enableDynamicFieldUpdate: EnableDynamicFieldUpdate,
    includeDeletedRecords: IncludeDeletedRecords,
    bucketName: BucketName,
    bucketPrefix: BucketPrefix,
  };
  return {
    connectorType: connector,
    connectorProfileName: profileName,
    sourceConnectorProperties: { [CONNECTOR_MEMBERS[connector]]: told } as SourceConnectorProperties,
    incrementalPullConfig: datetimeField === undefined ? undefined : { datetimeTypeFieldName: datetimeField },
  };
}

/** Where a flow leads: `arn:aws:profile:REGION:ACCOUNT:ingest/DOMAIN/…`. */
function destinationOf({ destinationArn, objectType: objectTypeName }: Flow): DestinationFlowConfig {
  const [, domainName = ""] = destinationArn.split("/");
  return {
    connectorType: "CustomerProfiles",
    destinationConnectorProperties: { CustomerProfiles: { domainName, objectTypeName } },
  };
}

function taskOf(task: FlowTask, { source }: FlowPlan): Task {
  const { type, operator, isOperatorImplied, fields, destination, properties } = task;
  return {
    taskType: type,
    connectorOperator: isOperatorImplied
      ? undefined
      : ({ [CONNECTOR_MEMBERS[source.connector]]: operator } as ConnectorOperator),
    sourceFields: [...fields],
    destinationField: destination,
    taskProperties: { ...properties },
  };
}

function triggerOf({ trigger }: FlowPlan): TriggerConfig {
  if (trigger.type !== "Scheduled") return { triggerType: trigger.type };
  return {
    triggerType: trigger.type,
    triggerProperties: {
      Scheduled: {
        scheduleExpression: trigger.expression,
        dataPullMode: trigger.mode,
        scheduleStartTime: optionalDate(trigger.startMs),
        scheduleEndTime: optionalDate(trigger.endMs),
        timezone: trigger.timezone,
        scheduleOffset: trigger.offsetMs / 1000,
        firstExecutionFrom: optionalDate(trigger.firstFromMs),
      },
    },
  };
}
