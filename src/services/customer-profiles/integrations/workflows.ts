import type {
  AppflowIntegration,
  CreateIntegrationWorkflowRequest,
  CreateIntegrationWorkflowResponse,
  DeleteWorkflowRequest,
  DeleteWorkflowResponse,
  GetWorkflowRequest,
  GetWorkflowResponse,
  GetWorkflowStepsRequest,
  GetWorkflowStepsResponse,
  ListWorkflowsRequest,
  ListWorkflowsResponse,
  WorkflowStepItem,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey } from "../../../store/store.ts";
import { type FlowPlan, findFlow, findRun } from "../../appflow/index.ts";
import { listPage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { badRequest, invalidNextToken } from "../errors.ts";
import { newId } from "../new-id.ts";
import { plannedFlow } from "./flow-integration.ts";
import { requireTypes } from "./integration-kind.ts";
import { requireOwnRole, requireQuota } from "./put-integration.ts";
import {
  getWorkflowIn,
  newestFirst,
  stepKey,
  type Workflow,
  type WorkflowStep,
  workflowKey,
  workflowSteps,
  workflows,
} from "./workflow.ts";
import { cancel, goOn, newStep } from "./workflow-moves.ts";

const PAGE_SIZE = 100;
/** Of a workflow (our choice). */
const BATCHES_MAX = 250;
/** "Salesforce, ServiceNow, Marketo": https://docs.aws.amazon.com/connect/latest/adminguide/integrate-external-apps-customer-profiles.html */
const CONNECTORS: ReadonlySet<string> = new Set(["Salesforce", "Servicenow", "Marketo"]);
/** Characters of a flow's name that its batches' names begin with. */
const NAME_LENGTH_MAX = 200;

type Times = Pick<WorkflowStep, "fromMs" | "toMs">;

/** Begins to bring what an application has had until now, in batches by the time of change, or all at once. An integration follows. */
export async function createIntegrationWorkflow(
  input: Validated<CreateIntegrationWorkflowRequest>,
  context: Context,
): Promise<CreateIntegrationWorkflowResponse> {
  const { ObjectTypeName: objectType, RoleArn: roleArn, IntegrationConfig } = input;
  const { AppflowIntegration: asked } = IntegrationConfig;
  if (!asked) throw badRequest("IntegrationConfig: AppflowIntegration is needed");
  requireOwnRole(roleArn, context);
  const nowMs = context.clock.now();
  const { plan, batches } = planned(asked, context);
  const { account, region } = context;
  const flowName = asked.FlowDefinition.FlowName;
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    await requireTypes(unit, domain, [objectType]);
    await requireQuota(unit, context, domain);
    if (await findFlow(unit, { account, region, name: flowName })) {
      throw badRequest(`Flow with name ${flowName} already exists.`);
    }
    const equals = compositeKey(account, region, flowName);
    const { documents: rivals } = await unit.list(workflows, { index: "comingFlow", equals, limit: 1 });
    if (rivals[0]) throw badRequest(`Flow with name ${flowName} is being created by workflow ${rivals[0].id}.`);
    const workflow: Workflow = {
      ...{ account, region, uid: domain.uid, domainName: domain.name, id: newId(context), status: "IN_PROGRESS" },
      ...{ flowName, plan, objectType, roleArn, recordsProcessed: 0, stepsCompleted: 0, totalSteps: batches.length },
      ...{ createdBy: context.principalArn, createdMs: nowMs, updatedMs: nowMs, tags: input.Tags ?? {} },
    };
    for (const [index, times] of batches.entries()) {
      const place = String(index + 1).padStart(4, "0");
      const name = `${flowName.slice(0, NAME_LENGTH_MAX)}-${workflow.id.slice(0, 8)}-${place}`;
      const step = newStep({ ...workflow, workflowId: workflow.id, flowName: name }, place, times, context);
      unit.put(workflowSteps, stepKey(step), step);
    }
    unit.put(workflows, workflowKey(workflow), workflow);
    await goOn(unit, context, workflow);
    return { WorkflowId: workflow.id, Message: `Workflow ${workflow.id} has begun` };
  });
}

/** What the batches read, and the flow that goes on from there. */
function planned(
  { FlowDefinition, Batches = [] }: Validated<AppflowIntegration>,
  context: Context,
): { readonly plan: FlowPlan; readonly batches: readonly Times[] } {
  const plan = plannedFlow(FlowDefinition, context);
  const { source, trigger } = plan;
  if (!CONNECTORS.has(source.connector)) {
    throw badRequest(`FlowDefinition: workflows read Salesforce, ServiceNow and Marketo, not ${source.connector}`);
  }
  if (Batches.length > BATCHES_MAX) throw badRequest(`Batches: there are more than ${BATCHES_MAX}`);
  if (Batches.length > 0 && source.datetimeField === undefined) {
    throw badRequest("Batches: FlowDefinition needs an IncrementalPullConfig, whose field they go by");
  }
  const batches = Batches.map(({ StartTime, EndTime }) => ({ fromMs: StartTime.getTime(), toMs: EndTime.getTime() }));
  if (batches.some(({ fromMs, toMs }) => fromMs >= toMs)) throw badRequest("Batches: EndTime must be after StartTime");
  const all = [{ fromMs: 0, toMs: context.clock.now() }];
  const ways = batches.length > 0 ? batches : all;
  if (trigger.type !== "Scheduled") return { plan, batches: ways };
  // Nothing that has changed since the last batch may be missing.
  const firstFromMs = trigger.firstFromMs ?? Math.max(...ways.map(({ toMs }) => toMs));
  return { plan: { ...plan, trigger: { ...trigger, firstFromMs } }, batches: ways };
}

export async function getWorkflow(
  input: Validated<GetWorkflowRequest>,
  context: Context,
): Promise<GetWorkflowResponse> {
  const { store } = context;
  const workflow = await getWorkflowIn(store, await getDomain(store, context, input.DomainName), input.WorkflowId);
  const { plan, roleArn, recordsProcessed, stepsCompleted, totalSteps } = workflow;
  return {
    WorkflowId: workflow.id,
    WorkflowType: "APPFLOW_INTEGRATION",
    Status: workflow.status,
    ErrorDescription: workflow.error,
    StartDate: new Date(workflow.createdMs),
    LastUpdatedAt: new Date(workflow.updatedMs),
    Attributes: {
      AppflowIntegration: {
        SourceConnectorType: plan.source.connector,
        ConnectorProfileName: plan.source.profileName ?? "",
        RoleArn: roleArn,
      },
    },
    Metrics: {
      AppflowIntegration: {
        RecordsProcessed: recordsProcessed + (await recordsOfActive(workflow, context)),
        StepsCompleted: stepsCompleted,
        TotalSteps: totalSteps,
      },
    },
  };
}

async function recordsOfActive({ uid, id, activeStep: place }: Workflow, { store }: Context): Promise<number> {
  const step =
    place === undefined ? undefined : await store.get(workflowSteps, stepKey({ uid, workflowId: id, place }));
  return step ? recordsOf(step, store) : 0;
}

/** Of one that runs, those that it has read so far. */
async function recordsOf(
  { account, region, flowName: name, runId, recordsProcessed }: WorkflowStep,
  store: Context["store"],
): Promise<number> {
  const run = runId === undefined ? undefined : await findRun(store, { account, region, name }, runId);
  return run?.counts.read ?? recordsProcessed;
}

/** In the order in which they run. */
export async function getWorkflowSteps(
  input: Validated<GetWorkflowStepsRequest>,
  context: Context,
): Promise<GetWorkflowStepsResponse> {
  const { store } = context;
  const domain = await getDomain(store, context, input.DomainName);
  const workflow = await getWorkflowIn(store, domain, input.WorkflowId);
  const page = await listPage(
    store,
    { collection: workflowSteps, under: [domain.uid, workflow.id], nameOf: ({ place }) => place },
    {
      of: ["GetWorkflowSteps", domain.uid, workflow.id],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const Items = await Promise.all(page.items.map((step) => describedStep(workflow, step, store)));
  return { WorkflowId: workflow.id, WorkflowType: "APPFLOW_INTEGRATION", Items, NextToken: page.nextToken };
}

async function describedStep(
  { status }: Workflow,
  step: WorkflowStep,
  store: Context["store"],
): Promise<WorkflowStepItem> {
  const isOver = step.status === "COMPLETE" || step.status === "FAILED" || step.status === "SPLIT";
  const isCancelled = status === "CANCELLED" && !isOver;
  return {
    AppflowIntegration: {
      FlowName: step.flowName,
      Status: isCancelled ? "CANCELLED" : step.status,
      ExecutionMessage: isCancelled ? "The workflow was deleted" : step.message,
      RecordsProcessed: await recordsOf(step, store),
      BatchRecordsStartTime: new Date(step.fromMs).toISOString(),
      BatchRecordsEndTime: new Date(step.toMs).toISOString(),
      CreatedAt: new Date(step.createdMs),
      LastUpdatedAt: new Date(step.updatedMs),
    },
  };
}

/** The newest first. */
export async function listWorkflows(
  input: Validated<ListWorkflowsRequest>,
  context: Context,
): Promise<ListWorkflowsResponse> {
  const { WorkflowType, Status, QueryStartDate, QueryEndDate } = input;
  const domain = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    {
      collection: workflows,
      index: "newest",
      under: [domain.uid],
      nameOf: newestFirst,
      keep: ({ status, createdMs }) =>
        (Status === undefined || status === Status) &&
        (QueryStartDate === undefined || createdMs >= QueryStartDate.getTime()) &&
        (QueryEndDate === undefined || createdMs <= QueryEndDate.getTime()),
    },
    {
      of: ["ListWorkflows", domain.uid, WorkflowType, Status, QueryStartDate, QueryEndDate],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const Items = page.items.map((workflow) => ({
    WorkflowType: "APPFLOW_INTEGRATION" as const,
    WorkflowId: workflow.id,
    Status: workflow.status,
    StatusDescription: workflow.error ?? `${workflow.stepsCompleted} of ${workflow.totalSteps} steps are complete`,
    CreatedAt: new Date(workflow.createdMs),
    LastUpdatedAt: new Date(workflow.updatedMs),
  }));
  return { Items, NextToken: page.nextToken };
}

/** Ends a workflow, and removes the flows that it has made, also the one that goes on. */
export async function deleteWorkflow(
  input: Validated<DeleteWorkflowRequest>,
  context: Context,
): Promise<DeleteWorkflowResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    await cancel(unit, context, await getWorkflowIn(unit, domain, input.WorkflowId));
  });
  return {};
}
