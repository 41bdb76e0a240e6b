import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { SourceWindow } from "./connector.ts";
import {
  type Flow,
  type FlowRef,
  type FlowRun,
  findFlow,
  findRun,
  flowArn,
  flowKey,
  flowRuns,
  flows,
} from "./flow-document.ts";
import type { FlowPlan } from "./flow-plan.ts";
import { endRun, incrementalWindow, startRun, tellEnd } from "./flow-runs.ts";
import { nextDueMs } from "./schedule.ts";

/** A timer of this kind starts a run of a flow that has a schedule. */
const SCHEDULE_TIMER = "appflow.schedule";

/** A timer of this kind ends runs of a flow that was deleted. */
const END_TIMER = "appflow.end-runs";
const ENDED_PER_STEP = 32;

/** Runs that wait and are ended together. */
const CANCELLED_MAX = 100;

export interface NewFlow extends FlowRef {
  readonly plan: FlowPlan;
  readonly destinationArn: string;
  readonly createdBy: string;
  readonly isHidden?: true | undefined;
  readonly isOwn?: true | undefined;
  readonly objectType?: string | undefined;
  /** `Active` where it is not said: its schedule begins. */
  readonly status?: Flow["status"];
  readonly tags?: Flow["tags"];
}

/** Makes a flow, and lets its schedule begin; whoever wants a run of one on demand asks for it. `undefined`: there is one of that name. */
export async function createFlow(unit: Unit, platform: Platform, made: NewFlow): Promise<Flow | undefined> {
  if (await findFlow(unit, made)) return undefined;
  const nowMs = platform.clock.now();
  const flow: Flow = {
    status: "Active",
    tags: {},
    ...made,
    uid: platform.ids.uuid(),
    runCount: 0,
    scheduledSinceMs: nowMs,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  unit.put(flows, flowKey(flow), flow);
  if (flow.status === "Active") scheduleNext(unit, platform, flow, nowMs - 1);
  return flow;
}

/** Has a flow do something else from now on, by its new schedule where it has one and runs by itself. */
export function replanFlow(unit: Unit, platform: Platform, flow: Flow): Flow {
  const nowMs = platform.clock.now();
  const changed: Flow = { ...flow, scheduledSinceMs: nowMs, updatedMs: nowMs };
  unit.put(flows, flowKey(changed), changed);
  platform.flow.cancel(unit, timerId(changed));
  if (!isOff(changed)) scheduleNext(unit, platform, changed, nowMs - 1);
  return changed;
}

/** Whether it runs only when somebody says so. */
export function isOff({ status }: Pick<Flow, "status">): boolean {
  return status === "Suspended" || status === "Draft";
}

/** Deletes a flow; a run of it ends where it is. What it has brought stays. */
export async function deleteFlow(unit: Unit, platform: Platform, ref: FlowRef): Promise<void> {
  const flow = await findFlow(unit, ref);
  if (!flow) return;
  unit.delete(flows, flowKey(flow));
  platform.flow.cancel(unit, timerId(flow));
  for (const id of [flow.activeRunId, flow.eventRunId]) {
    const run = id && (await findRun(unit, ref, id));
    if (run) tellEnd(unit, platform, run, { status: "Canceled" });
  }
  await endWaiting(unit, platform, { uid: flow.uid });
}

/** Ends some of the runs that wait for nothing any more, and has a timer go on. */
async function endWaiting(unit: Unit, platform: Platform, payload: Pick<Flow, "uid">): Promise<void> {
  const range = { index: "waiting", prefix: compositeKey(payload.uid, ""), limit: ENDED_PER_STEP };
  const { documents, next } = await unit.list(flowRuns, range);
  for (const run of documents) tellEnd(unit, platform, run, { status: "Canceled" });
  if (next === undefined) return;
  const id = `${END_TIMER} ${payload.uid}`;
  platform.flow.schedule(unit, { id, kind: END_TIMER, dueMs: platform.clock.now(), payload });
}

/** Starts a run now. `window`: what it reads; where none is given, what is next by the flow's schedule, or all. Answers with the run's id. */
export async function runFlow(unit: Unit, platform: Platform, flow: Flow, window?: SourceWindow): Promise<string> {
  const reads = window ? { window } : incrementalWindow(flow, platform.clock.now());
  return startRun(unit, platform, flow, { cause: "on demand", ...reads });
}

/** Ends a run that is in progress, whether it reads or waits. */
export async function cancelRun(unit: Unit, platform: Platform, run: FlowRun): Promise<void> {
  await endRun(unit, platform, run, { status: "Canceled" });
}

/** Those of a flow that are in progress, the waiting ones (100 of them at most) included. */
export async function openRuns(reader: Reader, flow: Flow): Promise<readonly FlowRun[]> {
  const range = { index: "waiting", prefix: compositeKey(flow.uid, ""), limit: CANCELLED_MAX };
  const waiting = (await reader.list(flowRuns, range)).documents;
  const others = [flow.activeRunId, flow.eventRunId].map((id) => (id ? findRun(reader, flow, id) : undefined));
  const reading = (await Promise.all(others)).filter((run) => run !== undefined);
  return [...waiting, ...reading];
}

/** Lets a flow run by itself again, from now on. */
export function activateFlow(unit: Unit, platform: Platform, flow: Flow): Flow {
  const nowMs = platform.clock.now();
  const active: Flow = { ...flow, status: "Active", scheduledSinceMs: nowMs, updatedMs: nowMs };
  unit.put(flows, flowKey(active), active);
  scheduleNext(unit, platform, active, nowMs - 1);
  return active;
}

/** Has a flow run no more by itself. A run that reads goes on. */
export function suspendFlow(unit: Unit, platform: Platform, flow: Flow): Flow {
  const suspended: Flow = { ...flow, status: "Suspended", updatedMs: platform.clock.now() };
  unit.put(flows, flowKey(suspended), suspended);
  platform.flow.cancel(unit, timerId(flow));
  return suspended;
}

export function followSchedules(platform: Platform): void {
  const { flow: moves, clock } = platform;
  moves.onTimer(SCHEDULE_TIMER, async (unit, { dueMs, payload }) => {
    const flow = await findFlow(unit, payload as FlowRef);
    if (!flow || isOff(flow)) return;
    // After a time in which nobody was here there is one run for all that were due.
    const nowMs = clock.now();
    const missedMs = nextOf(flow, dueMs);
    const lastMs = missedMs !== undefined && missedMs <= nowMs ? nowMs : dueMs;
    scheduleNext(unit, platform, flow, lastMs);
    // The next one reads what this one would have read.
    if (flow.activeRunId !== undefined) return;
    await startRun(unit, platform, flow, { cause: "schedule", ...incrementalWindow(flow, lastMs) });
  });
  moves.onTimer(END_TIMER, (unit, { payload }) => endWaiting(unit, platform, payload as Pick<Flow, "uid">));
}

function scheduleNext(unit: Unit, platform: Platform, flow: Flow, afterMs: number): void {
  const dueMs = nextOf(flow, afterMs);
  const { account, region, name } = flow;
  if (dueMs === undefined) return;
  const payload: FlowRef = { account, region, name };
  platform.flow.schedule(unit, { id: timerId(flow), kind: SCHEDULE_TIMER, dueMs, payload });
}

function nextOf({ plan: { trigger }, scheduledSinceMs }: Flow, afterMs: number): number | undefined {
  return trigger.type === "Scheduled" ? nextDueMs(trigger, { sinceMs: scheduledSinceMs, afterMs }) : undefined;
}

function timerId(flow: FlowRef): string {
  return `${SCHEDULE_TIMER} ${flowArn(flow)}`;
}
