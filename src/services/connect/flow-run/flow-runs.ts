import type { Timer } from "../../../flow/index.ts";
import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type InstanceRef, refOf } from "../arns.ts";
import { type Contact, contactKey } from "../contacts.ts";
import type { FlowKind } from "../flow-language/flow.ts";
import { type FlowOutcome, sumFlowRun } from "./flow-metrics.ts";

/**
 * The flows that a contact has gone through and is in: what its timeline shows, and what a run needs to go on after a wait or a
 * restart. Actions that take no time are done one after the other in one unit, and the runs are stored once at its end: whatever
 * dies when, a run is where its contact is.
 *
 * One document a contact, kept as long as the contact.
 */
export interface FlowRuns {
  readonly key: string;
  readonly runs: readonly FlowRun[];
  /** How many actions were begun, in all runs. */
  readonly begun: number;
  /** `UpdateFlowLoggingBehavior`: steps are written to CloudWatch Logs. */
  readonly isLogged?: boolean | undefined;
  /** Steps that the timeline has no more, since it had too many. */
  readonly forgottenSteps?: number | undefined;
}

/**
 * Which part of a contact's life a run plays in. At most one run of each part is going on.
 *
 *     main      from the arrival to the queue, then the queue flow, until an agent has the contact; the flow of a transfer
 *     whisper   from when an agent accepts until they are joined with the customer
 *     hold      while the customer is on hold
 *     event     the flow of a pause or a resumption
 */
export type FlowPart = "main" | "whisper" | "hold" | "event";

export interface FlowRun {
  readonly part: FlowPart;
  readonly flowId: string;
  readonly kind: FlowKind;
  /** When what it runs was published. */
  readonly publishedMs: number;
  readonly startMs: number;
  readonly endMs?: number | undefined;
  readonly outcome?: FlowOutcome | undefined;
  /** The flow or queue that came next. */
  readonly nextId?: string | undefined;
  readonly steps: readonly FlowStep[];
  /** Where it is. Absent: it has ended. */
  readonly progress?: FlowProgress | undefined;
}

/** An action that was begun, and what came of it. */
export interface FlowStep {
  readonly atMs: number;
  readonly action: string;
  readonly type: string;
  /** The module that the action stands in. */
  readonly moduleId?: string | undefined;
  /** The action's result, where conditions were tested against it. */
  readonly result?: string | undefined;
  /** `NextAction`, `Condition`, an error type, or how it ended the run. Absent: it goes on. */
  readonly branch?: string | undefined;
  /** A type of action that is not built. */
  readonly isNotRun?: boolean | undefined;
}

/** What a run that waits knows. Plain JSON. */
export interface FlowProgress {
  /** The flow, then the modules that it is in, the present one last. */
  readonly frames: readonly Frame[];
  /** How many actions it has begun since it last waited. */
  readonly begunSinceWait: number;
  /** `$.StoredCustomerInput`. */
  readonly input?: string | undefined;
  /** `$.External`: what the function that was invoked last has answered. */
  readonly external?: unknown;
  /** `$.Metrics`. */
  readonly metrics?: unknown;
  /** `$.Task.ContactId`. */
  readonly taskId?: string | undefined;
  /** What the present action waits for. */
  readonly waiting?: Waiting | undefined;
}

/** A flow or module that is being gone through, with what only it can see. */
export interface Frame {
  readonly id: string;
  /** Of the content that the run began with. */
  readonly sha256: string;
  readonly version?: number | undefined;
  readonly publishedMs: number;
  readonly startMs: number;
  /** The identifier of its present action. */
  readonly action: string;
  readonly flowAttributes?: Readonly<Record<string, string>> | undefined;
  /** How often each Loop has answered ContinueLooping. */
  readonly loops?: Readonly<Record<string, number>> | undefined;
}

export interface Waiting {
  /** When it is over. Absent: when something happens. */
  readonly dueMs?: number | undefined;
  /** `keys`: for keys that the customer presses. `event`: for something that happens to the contact. `answer`: of a function. `turn`: its next action. */
  readonly for: "time" | "keys" | "event" | "answer" | "turn";
  /** For which of them: names of events, or the id of the call. */
  readonly events?: readonly string[] | undefined;
  /** Keys that came so far. */
  readonly typed?: string | undefined;
}

export const flowRuns: Collection<FlowRuns> = collection("connect_flow_runs");

/** Steps that a contact's timeline shows, the last ones (our choice). */
const STEPS_MAX = 200;

export async function readRuns(reader: Reader, contact: InstanceRef & { readonly id: string }): Promise<FlowRuns> {
  const key = contactKey(contact);
  return (await reader.get(flowRuns, key)) ?? { key, runs: [], begun: 0 };
}

/** The run of a part that is going on. */
export function currentRun({ runs }: FlowRuns, part: FlowPart): FlowRun | undefined {
  return runs.findLast((run) => run.part === part && run.progress !== undefined);
}

export function putRuns(unit: Unit, runs: FlowRuns): void {
  unit.put(flowRuns, runs.key, withinBounds(runs));
}

/** Ends what a contact is in, of some parts or of all, with the same outcome: the contact has gone on without it. */
export async function endRuns(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  { outcome, parts }: { readonly outcome: FlowOutcome; readonly parts?: readonly FlowPart[] },
): Promise<void> {
  const runs = await unit.get(flowRuns, contactKey(contact));
  const isEnded = (run: FlowRun) => run.progress !== undefined && (parts?.includes(run.part) ?? true);
  if (!runs?.runs.some(isEnded)) return;

  const endMs = Math.max(platform.clock.now(), contact.lastUpdateMs);
  const ended: FlowRun[] = [];
  for (const run of runs.runs) {
    if (!isEnded(run)) ended.push(run);
    else {
      cancelFlowTimer(unit, platform, contact, run);
      ended.push(await endRun(unit, contact, run, { outcome, endMs }));
    }
  }
  putRuns(unit, { ...runs, runs: ended });
}

/** A run that is over, counted, with the modules that it was in. `startsNow`: of which it is not counted yet that they started. */
export async function endRun(
  unit: Unit,
  contact: Contact,
  run: FlowRun,
  end: {
    readonly outcome: FlowOutcome;
    readonly endMs: number;
    readonly nextId?: string;
    readonly startsNow?: (frame: Frame) => boolean;
  },
): Promise<FlowRun> {
  const { outcome, endMs, nextId, startsNow = () => false } = end;
  const { progress, ...rest } = run;
  const [flow, ...modules] = progress?.frames ?? [];
  for (const module of modules.toReversed()) {
    const counted = { ...module, kind: "MODULE", endMs, outcome, nextId, startsNow: startsNow(module) } as const;
    await sumFlowRun(unit, contact, counted);
  }
  // An action that was waiting when something else ended the run.
  const steps = rest.steps.map((step) => (step.branch === undefined ? { ...step, branch: outcome } : step));
  const ended: FlowRun = { ...rest, steps, endMs, outcome, nextId };
  const startsWithEnd = flow !== undefined && startsNow(flow);
  await sumFlowRun(unit, contact, { ...ended, id: run.flowId, endMs, outcome, startsNow: startsWithEnd });
  return ended;
}

/** Payload of the timer of a run that waits. */
export interface FlowTimer extends InstanceRef {
  readonly id: string;
  readonly part: FlowPart;
}

export const FLOW_TIMER = "connect.flow";

export function flowTimer(contact: Contact, part: FlowPart, dueMs: number): Timer {
  const payload: FlowTimer = { ...refOf(contact), id: contact.id, part };
  return { id: flowTimerId(contact, part), kind: FLOW_TIMER, dueMs, payload };
}

export function cancelFlowTimer(unit: Unit, platform: Platform, contact: Contact, run: FlowRun): void {
  if (run.progress?.waiting?.dueMs !== undefined) platform.flow.cancel(unit, flowTimerId(contact, run.part));
}

function flowTimerId(contact: Contact, part: FlowPart): string {
  return `${FLOW_TIMER}:${contactKey(contact)}:${part}`;
}

/** Forgets the oldest steps where there are too many. */
function withinBounds(runs: FlowRuns): FlowRuns {
  let over = runs.runs.reduce((sum, { steps }) => sum + steps.length, 0) - STEPS_MAX;
  if (over <= 0) return runs;
  const forgottenSteps = (runs.forgottenSteps ?? 0) + over;
  const kept: FlowRun[] = [];
  for (const run of runs.runs) {
    const forgotten = Math.min(over, run.steps.length);
    over -= forgotten;
    // An ended run goes with the last of its steps: nothing needs it.
    const isForgotten = forgotten > 0 && forgotten === run.steps.length && !run.progress;
    if (!isForgotten) kept.push({ ...run, steps: run.steps.slice(forgotten) });
  }
  return { ...runs, runs: kept, forgottenSteps };
}
