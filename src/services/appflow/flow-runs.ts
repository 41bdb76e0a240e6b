/**
 * Runs of flows: when one begins, what it is told of, and how it ends. A flow has one run at a time; what comes meanwhile waits.
 *
 *     startRun ─► (waits) ─► active ─► read a page, hand its records on, and so forth (`read-flow.ts`) ─► endRun ─► the next that waits
 */
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
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

/** As long as AppFlow keeps the history of a flow: https://docs.aws.amazon.com/appflow/latest/userguide/flows-status.html */
const RUN_KEPT_MS = 90 * 24 * 60 * 60 * 1000;
const SWEPT = 8;

/** The first incremental run goes back so far, where nothing else is said: the default of `FirstExecutionFrom`. */
const FIRST_RUN_MS = 30 * 24 * 60 * 60 * 1000;

/** A step is delivered until it is taken: how often a run is attempted is decided by the run. */
const STEP_AGE_MS_MAX = 100 * 365 * 24 * 60 * 60 * 1000;
const STEP_ATTEMPTS_MAX = Number.MAX_SAFE_INTEGER;

export const APPFLOW_PRINCIPAL = "appflow.amazonaws.com";

export type StartedRun = Pick<FlowRun, "cause" | "window" | "isIncremental" | "keys" | "clientToken">;

/** Starts a run, or has it wait for the end of the one that reads. Answers with its id. */
export async function startRun(unit: Unit, platform: Platform, flow: Flow, started: StartedRun): Promise<string> {
  await sweepRuns(unit, platform.clock.now());
  const run = newRun(platform, flow, started);
  const counted: Flow = { ...flow, runCount: run.number };
  if (flow.activeRunId === undefined) await activate(unit, platform, counted, run);
  else {
    unit.put(flows, flowKey(counted), counted);
    unit.put(flowRuns, runKey(run), { ...run, isWaiting: true });
  }
  return run.id;
}

/** The next run of a flow, in progress. Neither is stored yet. */
export function newRun({ clock, ids }: Platform, flow: Flow, started: StartedRun): FlowRun {
  const { account, region, name: flowName, uid: flowUid } = flow;
  const nowMs = clock.now();
  return {
    ...{ account, region, flowName, flowUid },
    ...started,
    id: ids.uuid(),
    number: flow.runCount + 1,
    status: "InProgress",
    done: 0,
    counts: NO_COUNTS,
    moves: 0,
    failures: 0,
    startedMs: nowMs,
    updatedMs: nowMs,
  };
}

async function activate(unit: Unit, platform: Platform, flow: Flow, { isWaiting: _, ...run }: FlowRun): Promise<void> {
  const active: FlowRun = { ...run, window: windowNow(flow, run) };
  unit.put(flows, flowKey(flow), { ...flow, activeRunId: run.id });
  unit.put(flowRuns, runKey(active), active);
  await sendStep(unit, platform, active);
}

/** One that has waited begins where the one that it has waited for has come to. */
function windowNow({ readUntilMs = 0 }: Flow, { window, isIncremental }: FlowRun): SourceWindow | undefined {
  if (!window || !isIncremental) return window;
  return { ...window, fromMs: Math.min(Math.max(window.fromMs ?? 0, readUntilMs), window.toMs) };
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
      eventAgeMsMax: STEP_AGE_MS_MAX,
      retryAttemptsMax: STEP_ATTEMPTS_MAX,
    },
  ]);
}

/** What an incremental run reads that is due at a moment: from where the last successful one has stopped. Nothing, where a run reads all. */
export function incrementalWindow(
  { plan, readUntilMs }: Flow,
  dueMs: number,
): Pick<StartedRun, "window" | "isIncremental"> {
  const { trigger, source } = plan;
  if (trigger.type !== "Scheduled" || trigger.mode !== "Incremental") return {};
  const toMs = dueMs - trigger.offsetMs;
  const fromMs = readUntilMs ?? trigger.firstFromMs ?? dueMs - FIRST_RUN_MS;
  return { window: { field: source.datetimeField, fromMs: Math.min(fromMs, toMs), toMs }, isIncremental: true };
}

/** How a run ends. */
export interface RunEnding {
  readonly status: "Successful" | "Error" | "Canceled";
  readonly message?: string | undefined;
}

/** Ends a run that is in progress, and lets the next one begin. */
export async function endRun(unit: Unit, platform: Platform, run: FlowRun, ending: RunEnding): Promise<void> {
  const ended = tellEnd(unit, platform, run, ending);
  const { account, region, flowName, id } = ended;
  const found = await findFlow(unit, { account, region, name: flowName });
  if (found?.activeRunId !== id) return;
  const { activeRunId: _, statusMessage: __, ...flow } = found;
  const after: Flow = { ...flow, ...statusAfter(flow, ended) };
  unit.put(flows, flowKey(after), after);
  const next = await nextWaiting(unit, after);
  if (next) await activate(unit, platform, after, next);
}

/** Writes down that a run is over, and tells it. */
export function tellEnd(unit: Unit, { clock }: Platform, run: FlowRun, { status, message }: RunEnding): FlowRun {
  const nowMs = clock.now();
  // What it stood at, and what it was to read, is of no use any more.
  const { isWaiting: _, cursor: __, keys: ___, ...rest } = run;
  const ended: FlowRun = { ...rest, status, message, moves: run.moves + 1, updatedMs: nowMs, endedMs: nowMs };
  unit.put(flowRuns, runKey(ended), ended);
  const { account, region, flowName, id: runId, counts } = ended;
  const told: EndedRun = { account, region, flowName, runId, status, counts, message };
  unit.append(RUN_ENDS_LOG.name, flowArn({ account, region, name: flowName }), JSON.stringify(told));
  return ended;
}

/** A run that failed keeps its window: the next one reads it again. */
function statusAfter(
  { status, readUntilMs = 0 }: Pick<Flow, "status" | "readUntilMs">,
  { status: ended, message, window, isIncremental }: FlowRun,
): Partial<Pick<Flow, "status" | "statusMessage" | "readUntilMs">> {
  if (ended === "Error") return { status: status === "Suspended" ? status : "Errored", statusMessage: message };
  if (ended !== "Successful") return {};
  return {
    ...(status === "Errored" && { status: "Active" }),
    ...(window && isIncremental && { readUntilMs: Math.max(readUntilMs, window.toMs) }),
  };
}

/** The first of a flow's runs that wait; with `last` the one that came last. */
export async function nextWaiting(reader: Reader, { uid }: Flow, which?: "last"): Promise<FlowRun | undefined> {
  const range = { index: "waiting", prefix: compositeKey(uid, ""), descending: which === "last", limit: 1 };
  return (await reader.list(flowRuns, range)).documents[0];
}

/** Removes a few of those that are old, whatever flows they are of. */
async function sweepRuns(unit: Unit, nowMs: number): Promise<void> {
  const range = { index: "ended", before: Math.max(0, nowMs - RUN_KEPT_MS), limit: SWEPT };
  for (const run of (await unit.list(flowRuns, range)).documents) unit.delete(flowRuns, runKey(run));
}
