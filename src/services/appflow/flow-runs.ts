/**
 * Runs of flows: when one begins, what it is told of, and how it ends. A flow has one run at a time; what comes meanwhile waits.
 *
 *     startRun ─► (waits) ─► active ─► read a page, hand its records on, and so forth (`read-flow.ts`) ─► endRun ─► the next that waits
 */
import { compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { SourceWindow } from "./connector.ts";
import {
  type EndedRun,
  type Flow,
  type FlowRun,
  findFlow,
  flowArn,
  flowKey,
  flowRuns,
  flows,
  NO_COUNTS,
  RUN_ENDS_LOG,
  runKey,
} from "./flow-document.ts";

/** Ours. */
export const RUN_KEPT_MS: number = 90 * 24 * 60 * 60 * 1000;
const SWEPT = 8;

/** The first incremental run goes back so far, where nothing else is said: the default of `FirstExecutionFrom`. */
const FIRST_RUN_MS = 30 * 24 * 60 * 60 * 1000;

export const APPFLOW_PRINCIPAL = "appflow.amazonaws.com";

export interface StartedRun {
  readonly cause: FlowRun["cause"];
  readonly window?: SourceWindow | undefined;
  readonly keys?: readonly string[] | undefined;
}

/** Starts a run, or has it wait for the end of the one that reads. Answers with its id. */
export async function startRun(
  unit: Unit,
  platform: Platform,
  flow: Flow,
  { cause, window, keys }: StartedRun,
): Promise<string> {
  const nowMs = platform.clock.now();
  const { account, region, name: flowName, activeRunId } = flow;
  await sweepRuns(unit, flow, nowMs);
  const run: FlowRun = {
    account,
    region,
    flowName,
    id: platform.ids.uuid(),
    cause,
    status: "InProgress",
    window,
    keys,
    done: 0,
    counts: NO_COUNTS,
    failures: 0,
    startedMs: nowMs,
    updatedMs: nowMs,
    ...(activeRunId !== undefined && { isWaiting: true }),
  };
  unit.put(flowRuns, runKey(run), run);
  if (activeRunId === undefined) await activate(unit, platform, flow, run);
  return run.id;
}

async function activate(unit: Unit, platform: Platform, flow: Flow, { isWaiting: _, ...run }: FlowRun): Promise<void> {
  unit.put(flows, flowKey(flow), { ...flow, activeRunId: run.id });
  unit.put(flowRuns, runKey(run), run);
  await sendStep(unit, platform, run);
}

/** A step of a run as it is delivered to its flow. */
export interface Step {
  readonly runId: string;
}

/** Has the run read on. */
export async function sendStep(
  unit: Unit,
  platform: Platform,
  { account, region, flowName, id }: FlowRun,
): Promise<void> {
  const arn = flowArn({ account, region, name: flowName });
  const body = JSON.stringify({ runId: id } satisfies Step);
  await platform.flow.send(unit, [
    {
      targetArn: arn,
      request: { deliveryId: platform.ids.uuid(), body, account, principal: APPFLOW_PRINCIPAL, sourceArn: arn },
      event: body,
      ruleArn: arn,
      timeMs: platform.clock.now(),
    },
  ]);
}

/** What an incremental run reads that starts now: from where the last successful one has stopped. */
export function incrementalWindow({ plan, readUntilMs }: Flow, nowMs: number): SourceWindow | undefined {
  const { trigger, source } = plan;
  if (trigger.type !== "Scheduled" || trigger.mode !== "Incremental") return undefined;
  const toMs = nowMs - trigger.offsetMs;
  return { field: source.datetimeField, fromMs: readUntilMs ?? trigger.firstFromMs ?? nowMs - FIRST_RUN_MS, toMs };
}

/** Ends a run that is in progress, and lets the next one begin. */
export async function endRun(
  unit: Unit,
  platform: Platform,
  run: FlowRun,
  { status, message }: { readonly status: "Successful" | "Error" | "Canceled"; readonly message?: string | undefined },
): Promise<void> {
  const nowMs = platform.clock.now();
  const { isWaiting: _, ...rest } = run;
  const ended: FlowRun = { ...rest, status, message, updatedMs: nowMs, endedMs: nowMs };
  unit.put(flowRuns, runKey(ended), ended);
  const { account, region, flowName, id: runId, counts } = ended;
  const ref = { account, region, name: flowName };
  const told: EndedRun = { account, region, flowName, runId, status, counts, message };
  unit.append(RUN_ENDS_LOG.name, flowArn(ref), JSON.stringify(told));
  const found = await findFlow(unit, ref);
  if (found?.activeRunId !== runId) return;
  const { activeRunId: __, statusMessage: ___, ...flow } = found;
  const after: Flow = { ...flow, ...statusAfter(flow, ended) };
  unit.put(flows, flowKey(after), after);
  const waiting = await unit.list(flowRuns, {
    index: "waiting",
    prefix: compositeKey(account, region, flowName, ""),
    limit: 1,
  });
  const [next] = waiting.documents;
  if (next) await activate(unit, platform, after, next);
}

/** A run that failed keeps its window: the next one reads it again. */
function statusAfter(
  { status }: Pick<Flow, "status">,
  { status: ended, message, window }: FlowRun,
): Partial<Pick<Flow, "status" | "statusMessage" | "readUntilMs">> {
  if (ended === "Error") return { status: status === "Suspended" ? status : "Errored", statusMessage: message };
  if (ended !== "Successful") return {};
  return { ...(status === "Errored" && { status: "Active" }), ...(window && { readUntilMs: window.toMs }) };
}

async function sweepRuns(unit: Unit, { account, region, name }: Flow, nowMs: number): Promise<void> {
  const { documents } = await unit.list(flowRuns, {
    index: "started",
    from: compositeKey(account, region, name, ""),
    before: compositeKey(account, region, name, nowMs - RUN_KEPT_MS),
    limit: SWEPT,
  });
  for (const run of documents) if (run.status !== "InProgress") unit.delete(flowRuns, runKey(run));
}
