import { compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { SourceWindow } from "./connector.ts";
import { type Flow, type FlowRef, type FlowRun, findFlow, flowArn, flowKey, flowRuns, flows } from "./flow-document.ts";
import type { FlowPlan } from "./flow-plan.ts";
import { endRun, incrementalWindow, startRun } from "./flow-runs.ts";
import { nextDueMs } from "./schedule.ts";

/** A timer of this kind starts a run of a flow that has a schedule. */
const SCHEDULE_TIMER = "appflow.schedule";

export interface NewFlow extends FlowRef {
  readonly plan: FlowPlan;
  readonly destinationArn: string;
  readonly createdBy: string;
  readonly isHidden?: true | undefined;
}

/** Makes a flow, and lets its schedule begin; whoever wants a run of one on demand asks for it. `undefined`: there is one of that name. */
export async function createFlow(unit: Unit, platform: Platform, made: NewFlow): Promise<Flow | undefined> {
  if (await findFlow(unit, made)) return undefined;
  const nowMs = platform.clock.now();
  const flow: Flow = {
    ...made,
    status: "Active",
    scheduledSinceMs: nowMs,
    createdMs: nowMs,
    updatedMs: nowMs,
    tags: {},
  };
  unit.put(flows, flowKey(flow), flow);
  scheduleNext(unit, platform, flow, nowMs - 1);
  return flow;
}

/** Deletes a flow; a run of it ends where it is. What it has brought stays. */
export async function deleteFlow(unit: Unit, platform: Platform, ref: FlowRef): Promise<void> {
  const flow = await findFlow(unit, ref);
  if (!flow) return;
  unit.delete(flows, flowKey(flow));
  platform.flow.cancel(unit, timerId(flow));
  for (const run of await openRuns(unit, flow)) await endRun(unit, platform, run, { status: "Canceled" });
}

/** Starts a run now. `window`: what it reads; where none is given, what is next by the flow's schedule, or all. Answers with the run's id. */
export async function runFlow(unit: Unit, platform: Platform, flow: Flow, window?: SourceWindow): Promise<string> {
  return startRun(unit, platform, flow, {
    cause: "on demand",
    window: window ?? incrementalWindow(flow, platform.clock.now()),
  });
}

/** Those in progress, the waiting ones included. */
async function openRuns(unit: Unit, { account, region, name, activeRunId }: Flow): Promise<readonly FlowRun[]> {
  const waiting = await unit.list(flowRuns, {
    index: "waiting",
    prefix: compositeKey(account, region, name, ""),
    limit: 1000,
  });
  const active = activeRunId && (await unit.get(flowRuns, compositeKey(account, region, name, activeRunId)));
  return active ? [active, ...waiting.documents] : waiting.documents;
}

export function followSchedules(platform: Platform): void {
  platform.flow.onTimer(SCHEDULE_TIMER, async (unit, { dueMs, payload }) => {
    const flow = await findFlow(unit, payload as FlowRef);
    if (!flow || flow.status === "Suspended") return;
    scheduleNext(unit, platform, flow, dueMs);
    // The next one reads what this one would have read.
    if (flow.activeRunId !== undefined) return;
    await startRun(unit, platform, flow, { cause: "schedule", window: incrementalWindow(flow, dueMs) });
  });
}

function scheduleNext(unit: Unit, platform: Platform, flow: Flow, afterMs: number): void {
  const { trigger } = flow.plan;
  const dueMs =
    trigger.type === "Scheduled" ? nextDueMs(trigger, { sinceMs: flow.scheduledSinceMs, afterMs }) : undefined;
  const { account, region, name } = flow;
  if (dueMs === undefined) return;
  const payload: FlowRef = { account, region, name };
  platform.flow.schedule(unit, { id: timerId(flow), kind: SCHEDULE_TIMER, dueMs, payload });
}

function timerId(flow: FlowRef): string {
  return `${SCHEDULE_TIMER} ${flowArn(flow)}`;
}
