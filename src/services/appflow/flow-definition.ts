import type { FlowDefinition } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { FlowDefinitionError, type FlowPlan, type FlowSource, type FlowTask, type FlowTrigger } from "./flow-plan.ts";

/** In `SourceConnectorProperties` and `ConnectorOperator`; as connector types all are one word. */
const MEMBERS = {
  Salesforce: "Salesforce",
  Marketo: "Marketo",
  Zendesk: "Zendesk",
  Servicenow: "ServiceNow",
  S3: "S3",
} as const;

/** What a definition says, with its defaults. Throws `FlowDefinitionError`. */
export function planFlow(definition: Validated<FlowDefinition>): FlowPlan {
  const { Description: description, KmsArn: kmsArn, SourceFlowConfig, Tasks, TriggerConfig } = definition;
  const source = sourceOf(SourceFlowConfig);
  return {
    description,
    kmsArn,
    source,
    tasks: Tasks.map((task) => taskOf(task, source)),
    trigger: triggerOf(TriggerConfig, source),
  };
}

function sourceOf(config: Validated<FlowDefinition>["SourceFlowConfig"]): FlowSource {
  const { ConnectorType: connector, ConnectorProfileName, IncrementalPullConfig, SourceConnectorProperties } = config;
  const properties = SourceConnectorProperties[MEMBERS[connector]];
  if (!properties) throw new FlowDefinitionError(`SourceConnectorProperties: ${MEMBERS[connector]} is needed`);
  return {
    connector,
    profileName: ConnectorProfileName,
    properties,
    datetimeField: IncrementalPullConfig?.DatetimeTypeFieldName,
  };
}

function taskOf(task: Validated<FlowDefinition>["Tasks"][number], { connector }: FlowSource): FlowTask {
  const { TaskType, SourceFields, DestinationField, ConnectorOperator, TaskProperties = {} } = task;
  return {
    type: TaskType,
    operator: ConnectorOperator?.[MEMBERS[connector]] ?? "NO_OP",
    fields: SourceFields,
    destination: DestinationField,
    properties: TaskProperties,
  };
}

function triggerOf(
  { TriggerType, TriggerProperties }: Validated<FlowDefinition>["TriggerConfig"],
  { datetimeField }: FlowSource,
): FlowTrigger {
  if (TriggerType !== "Scheduled") return { type: TriggerType };
  const scheduled = TriggerProperties?.Scheduled;
  if (!scheduled) throw new FlowDefinitionError("TriggerProperties: Scheduled is needed");
  return {
    type: "Scheduled",
    expression: scheduled.ScheduleExpression,
    mode: scheduled.DataPullMode ?? (datetimeField === undefined ? "Complete" : "Incremental"),
    startMs: scheduled.ScheduleStartTime?.getTime(),
    endMs: scheduled.ScheduleEndTime?.getTime(),
    timezone: scheduled.Timezone,
    offsetMs: (scheduled.ScheduleOffset ?? 0) * 1000,
    firstFromMs: scheduled.FirstExecutionFrom?.getTime(),
  };
}
