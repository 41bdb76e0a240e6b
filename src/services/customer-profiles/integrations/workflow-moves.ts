/**
 * What becomes of a workflow. Its steps run one after the other, each by a flow on demand that is there as long as the step runs:
 *
 *     step: NOT_STARTED ─► IN_PROGRESS ─┬─► COMPLETE ─► the next step ─► … ─► COMPLETE: a flow and its integration go on
 *                            ▲          │ run failed
 *                            └─ RETRY ◄─┤ at most twice
 *                                       ├─► SPLIT, into two steps, where it had brought something before it failed
 *                                       └─► FAILED ─► FAILED: nothing goes on
 */
import type { Timer } from "../../../flow/index.ts";
import { compositeKey, type Unit } from "../../../store/store.ts";
import {
  createFlow,
  type EndedRun,
  type Flow,
  type FlowPlan,
  type FlowRef,
  findFlow,
  flowArn,
  RUN_ENDS_LOG,
  runFlow,
  type SourceWindow,
} from "../../appflow/index.ts";
import type { Platform } from "../../service.ts";
import { domainOfUid } from "../domain.ts";
import { endIntegration } from "./end-integrations.ts";
import { ingestArn } from "./ingest-arn.ts";
import { type Integration, integrationKey, integrations } from "./integration.ts";
import { stepKey, type Workflow, type WorkflowStep, workflowKey, workflowSteps, workflows } from "./workflow.ts";

/** A timer of this kind starts another run of a step. */
const RETRY = "customer-profiles.workflow-retry";
/** A timer of this kind deletes a workflow with its steps, a few at a time. */
const WORKFLOW_SWEEP = "customer-profiles.workflow-sweep";

/** Waits before a step is tried again. The attempts within a run have waited already. */
const RETRY_DELAYS_MS: readonly number[] = [60_000, 300_000];
/** What is shorter is not divided. */
const DIVIDED_MS_MIN = 60 * 60_000;
/** A workflow that was deleted can be asked for so long. */
const CANCELLED_KEPT_MS = 24 * 60 * 60_000;
const SWEPT_PER_STEP = 100;

/** Characters of a message that the API has room for. */
const MESSAGE_MAX = 255;

type WorkflowRef = Pick<Workflow, "uid" | "id">;

/** Follows the runs of workflows' flows. */
export function followWorkflows(platform: Platform): void {
  const { flow } = platform;
  flow.consume({
    name: "customer-profiles.workflows",
    log: RUN_ENDS_LOG.name,
    batchEntries: 16,
    async handle(unit, entries) {
      for (const { value } of entries) await onRunEnd(unit, platform, JSON.parse(String(value)) as EndedRun);
    },
  });
  flow.onTimer(RETRY, async (unit, { payload }) => {
    const running = await findRunning(unit, payload as WorkflowRef);
    if (running?.step.status === "RETRY") await runStep(unit, platform, running.workflow, running.step);
  });
  flow.onTimer(WORKFLOW_SWEEP, (unit, { payload }) => sweepWorkflow(unit, platform, payload as WorkflowRef));
}

/** Begins the first step that has not begun yet; where there is none, the workflow is complete. */
export async function goOn(unit: Unit, platform: Platform, workflow: Workflow): Promise<void> {
  const step = await nextStep(unit, workflow);
  if (step) await runStep(unit, platform, workflow, step);
  else await complete(unit, platform, workflow);
}

async function nextStep(unit: Unit, { uid, id, activeStep = "" }: Workflow): Promise<WorkflowStep | undefined> {
  const prefix = stepKey({ uid, workflowId: id, place: "" });
  const { documents } = await unit.list(workflowSteps, { prefix, from: `${prefix}${activeStep}`, limit: 4 });
  return documents.find(({ status }) => status === "NOT_STARTED");
}

/** Starts a run of a step, whose flow is made where it is not there yet: hidden, as its integration is. */
async function runStep(unit: Unit, platform: Platform, workflow: Workflow, step: WorkflowStep): Promise<void> {
  const nowMs = platform.clock.now();
  const flow = await flowOfStep(unit, platform, workflow, step);
  if (!flow) return fail(unit, platform, workflow, step, "Its flow was deleted, or there is another of its name");
  const runId = await runFlow(unit, platform, flow, windowOf(workflow.plan, step));
  const running: WorkflowStep = { ...step, status: "IN_PROGRESS", message: "It runs", runId, updatedMs: nowMs };
  unit.put(workflowSteps, stepKey(running), running);
  unit.put(workflows, workflowKey(workflow), { ...workflow, activeStep: step.place, updatedMs: nowMs });
}

async function flowOfStep(
  unit: Unit,
  platform: Platform,
  { plan, objectType, id, domainName, uid, roleArn, createdBy }: Workflow,
  { account, region, flowName: name, runId }: WorkflowStep,
): Promise<Flow | undefined> {
  const ref: FlowRef = { account, region, name };
  const nowMs = platform.clock.now();
  if (runId !== undefined) return findFlow(unit, ref);
  const integration: Integration = {
    ...{ account, region, uid, domainName, uri: flowArn(ref), objectType, roleArn },
    ...{ workflowId: id, isHidden: true, createdMs: nowMs, updatedMs: nowMs, tags: {} },
  };
  const batch: FlowPlan = { ...plan, trigger: { type: "OnDemand" } };
  const destinationArn = ingestArn(integration);
  const made = await createFlow(unit, platform, { ...ref, plan: batch, destinationArn, createdBy });
  if (made) unit.put(integrations, integrationKey(integration), integration);
  return made;
}

/** All of it, where the source does not tell what has changed when. */
function windowOf({ source }: FlowPlan, { fromMs, toMs }: WorkflowStep): SourceWindow | undefined {
  return source.datetimeField === undefined ? undefined : { field: source.datetimeField, fromMs, toMs };
}

async function findRunning(
  unit: Unit,
  ref: WorkflowRef,
): Promise<{ readonly workflow: Workflow; readonly step: WorkflowStep } | undefined> {
  const workflow = await unit.get(workflows, workflowKey(ref));
  if (workflow?.status !== "IN_PROGRESS" || workflow.activeStep === undefined) return undefined;
  // A deleted domain goes in its own time.
  if (!(await domainOfUid(unit, workflow.uid))) return undefined;
  const place = { uid: workflow.uid, workflowId: workflow.id, place: workflow.activeStep };
  const step = await unit.get(workflowSteps, stepKey(place));
  return step && { workflow, step };
}

async function onRunEnd(unit: Unit, platform: Platform, run: EndedRun): Promise<void> {
  const { account, region, flowName, runId, status, counts, message = "" } = run;
  const range = { index: "flow", equals: compositeKey(account, region, flowName), limit: 1 };
  const [found] = (await unit.list(workflowSteps, range)).documents;
  const running = found && (await findRunning(unit, { uid: found.uid, id: found.workflowId }));
  if (!running || running.step.runId !== runId || running.step.status !== "IN_PROGRESS") return;
  const { workflow, step } = running;
  const recordsProcessed = counts.read;
  if (status === "Successful") return completeStep(unit, platform, workflow, { ...step, recordsProcessed });
  if (status === "Canceled") return fail(unit, platform, workflow, step, "Its flow was stopped or deleted");
  const delayMs = RETRY_DELAYS_MS[step.failures];
  const failed: WorkflowStep = { ...step, recordsProcessed, failures: step.failures + 1, message: short(message) };
  if (delayMs !== undefined) return retryLater(unit, platform, workflow, failed, delayMs);
  const isTooLarge = recordsProcessed > 0 && workflow.plan.source.datetimeField !== undefined;
  if (isTooLarge && step.toMs - step.fromMs >= DIVIDED_MS_MIN) return divide(unit, platform, workflow, failed);
  return fail(unit, platform, workflow, failed, message);
}

async function completeStep(unit: Unit, platform: Platform, workflow: Workflow, step: WorkflowStep): Promise<void> {
  await endStep(unit, platform, { ...step, status: "COMPLETE", message: "It is complete" });
  await goOn(unit, platform, {
    ...workflow,
    recordsProcessed: workflow.recordsProcessed + step.recordsProcessed,
    stepsCompleted: workflow.stepsCompleted + 1,
  });
}

async function retryLater(
  unit: Unit,
  { flow, clock }: Platform,
  { uid, id }: Workflow,
  step: WorkflowStep,
  delayMs: number,
): Promise<void> {
  const nowMs = clock.now();
  unit.put(workflowSteps, stepKey(step), { ...step, status: "RETRY", updatedMs: nowMs });
  const payload: WorkflowRef = { uid, id };
  flow.schedule(unit, { id: `${RETRY} ${id}`, kind: RETRY, dueMs: nowMs + delayMs, payload });
}

/** Two halves of its time take the place of a step: a source that does not get to the end of much may get to that of less. */
async function divide(unit: Unit, platform: Platform, workflow: Workflow, step: WorkflowStep): Promise<void> {
  const { fromMs, toMs, place, runId: _, ...rest } = step;
  await endStep(unit, platform, { ...step, status: "SPLIT", message: short(`It was divided: ${step.message}`) });
  const middleMs = Math.floor((fromMs + toMs) / 2);
  const halves = [
    { fromMs, toMs: middleMs },
    { fromMs: middleMs, toMs },
  ];
  for (const [index, times] of halves.entries()) {
    const half = newStep(
      { ...rest, flowName: `${step.flowName}.${index + 1}` },
      `${place}.${index + 1}`,
      times,
      platform,
    );
    unit.put(workflowSteps, stepKey(half), half);
  }
  await goOn(unit, platform, { ...workflow, totalSteps: workflow.totalSteps + 1 });
}

/** A step that is still to come. */
export function newStep(
  {
    account,
    region,
    uid,
    workflowId,
    flowName,
  }: Pick<WorkflowStep, "account" | "region" | "uid" | "workflowId" | "flowName">,
  place: string,
  { fromMs, toMs }: Pick<WorkflowStep, "fromMs" | "toMs">,
  { clock }: Platform,
): WorkflowStep {
  const nowMs = clock.now();
  return {
    ...{ account, region, uid, workflowId, place, flowName, fromMs, toMs },
    status: "NOT_STARTED",
    message: "It has not begun",
    recordsProcessed: 0,
    failures: 0,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
}

async function fail(
  unit: Unit,
  platform: Platform,
  workflow: Workflow,
  step: WorkflowStep,
  message: string,
): Promise<void> {
  await endStep(unit, platform, { ...step, status: "FAILED", message: short(message) });
  endWorkflow(unit, platform, workflow, { status: "FAILED", error: short(message) });
}

/** A step that runs no more leaves no flow behind. */
async function endStep(unit: Unit, platform: Platform, step: WorkflowStep): Promise<void> {
  const { runId: _, ...ended } = step;
  unit.put(workflowSteps, stepKey(step), { ...ended, updatedMs: platform.clock.now() });
  await removeFlow(unit, platform, step);
}

async function removeFlow(
  unit: Unit,
  platform: Platform,
  { account, region, uid, flowName }: WorkflowStep,
): Promise<void> {
  const ref: FlowRef = { account, region, name: flowName };
  const integration = await unit.get(integrations, integrationKey({ uid, uri: flowArn(ref) }));
  if (integration?.isHidden) await endIntegration(unit, platform, integration);
}

function endWorkflow(
  unit: Unit,
  { clock }: Platform,
  { activeStep: _, ...workflow }: Workflow,
  ended: Pick<Workflow, "status" | "error">,
): void {
  unit.put(workflows, workflowKey(workflow), { ...workflow, ...ended, updatedMs: clock.now() });
}

/** All batches are in: from now on their integration brings what changes. */
async function complete(unit: Unit, platform: Platform, workflow: Workflow): Promise<void> {
  const { account, region, uid, domainName, flowName: name, objectType, roleArn, id, tags, createdBy } = workflow;
  const nowMs = platform.clock.now();
  const ref: FlowRef = { account, region, name };
  const integration: Integration = {
    ...{ account, region, uid, domainName, uri: flowArn(ref), objectType, roleArn },
    ...{ workflowId: id, createdMs: nowMs, updatedMs: nowMs, tags },
  };
  const { plan } = workflow;
  const flow = await createFlow(unit, platform, { ...ref, plan, destinationArn: ingestArn(integration), createdBy });
  if (!flow) {
    endWorkflow(unit, platform, workflow, { status: "FAILED", error: `Flow with name ${name} already exists.` });
    return;
  }
  unit.put(integrations, integrationKey(integration), integration);
  endWorkflow(unit, platform, workflow, { status: "COMPLETE" });
}

/** Ends a workflow with the flows that it has made; what they have brought stays. It can still be asked for, for a day. */
export async function cancel(unit: Unit, platform: Platform, workflow: Workflow): Promise<void> {
  if (workflow.status === "CANCELLED") return;
  const { account, region, uid, id, flowName: name, activeStep: place } = workflow;
  const step = place === undefined ? undefined : await unit.get(workflowSteps, stepKey({ uid, workflowId: id, place }));
  endWorkflow(unit, platform, workflow, { status: "CANCELLED" });
  if (step) await removeFlow(unit, platform, step);
  const made = await unit.get(integrations, integrationKey({ uid, uri: flowArn({ account, region, name }) }));
  if (made?.workflowId === id) await endIntegration(unit, platform, made);
  platform.flow.schedule(unit, sweepTimer(workflow, platform.clock.now() + CANCELLED_KEPT_MS));
}

function sweepTimer({ uid, id }: WorkflowRef, dueMs: number): Timer {
  return { id: `${WORKFLOW_SWEEP} ${id}`, kind: WORKFLOW_SWEEP, dueMs, payload: { uid, id } };
}

async function sweepWorkflow(unit: Unit, { flow, clock }: Platform, { uid, id }: WorkflowRef): Promise<void> {
  const prefix = stepKey({ uid, workflowId: id, place: "" });
  const { documents } = await unit.list(workflowSteps, { prefix, limit: SWEPT_PER_STEP });
  for (const step of documents) unit.delete(workflowSteps, stepKey(step));
  if (documents.length === SWEPT_PER_STEP) flow.schedule(unit, sweepTimer({ uid, id }, clock.now()));
  else unit.delete(workflows, workflowKey({ uid, id }));
}

function short(message: string): string {
  return message.length <= MESSAGE_MAX ? message : `${message.slice(0, MESSAGE_MAX - 1)}…`;
}
