import { ModeledError } from "../../../models/modeled-error.ts";
import type { Unit } from "../../../store/store.ts";
import { derivedUuid } from "../../../time/ids.ts";
import type { Platform } from "../../service.ts";
import { changeTimeMs, disconnectContact, storeContact } from "../contact-transitions.ts";
import type { Contact } from "../contacts.ts";
import { findActionType } from "../flow-language/action-types.ts";
import type { FlowAction, FlowKind, JsonObject } from "../flow-language/flow.ts";
import { holds } from "./conditions.ts";
import { type LoggedStep, logSteps } from "./flow-log.ts";
import { type FlowOutcome, sumFlowRun } from "./flow-metrics.ts";
import {
  cancelFlowTimer,
  currentRun,
  endRun,
  type FlowPart,
  type FlowProgress,
  type FlowRun,
  type FlowRuns,
  type FlowStep,
  type Frame,
  flowTimer,
  putRuns,
  readRuns,
  type Waiting,
} from "./flow-runs.ts";
import { findFlowProgram, findModuleProgram, type Program } from "./programs.ts";
import { hasReferences, type ReferenceValues, resolveParameters, resolveText, valuesFor } from "./reference-values.ts";
import { type ActionTable, FAILS, type Result, type Step, type Wake } from "./step.ts";

/**
 * Runs flows. A step: replace references, do the action, pick the branch (an error's own, else NoMatchingError; of a result the first
 * condition that holds, else NoMatchingCondition; else NextAction), and so on in the same unit until an action takes time or the run
 * ends. Then the runs are stored, and a durable timer goes on with what waits.
 *
 * An error or a result that has no branch ends the run as DROPPED, and with it the contact.
 */

/** Actions that a run does in one unit; it goes on at once in the next, so that nobody waits long for it (our choice). */
const ACTIONS_PER_UNIT_MAX = 100;

/** Actions without a wait, after which a run is taken to be in an endless loop (our choice). */
const ACTIONS_WITHOUT_WAIT_MAX = 1_000;

export interface NewRun {
  readonly part: FlowPart;
  readonly program: Program;
  readonly actions: ActionTable;
}

/** What became of a run in a unit: the contact as it is then, and whether nothing of the run is left to do. */
export interface Ran {
  readonly contact: Contact;
  readonly isOver: boolean;
  /** The type of the flow. */
  readonly kind: FlowKind;
}

/** Starts a flow for a contact, and goes on until it waits or ends. */
export async function startRun(unit: Unit, platform: Platform, contact: Contact, start: NewRun): Promise<Ran> {
  const { part, program, actions } = start;
  const session = new Session({ unit, platform, actions, contact, runs: await readRuns(unit, contact) });
  await session.start(part, program, { begunSinceWait: 0 });
  return proceed(session, undefined);
}

/**
 * Goes on with a part that waits. `undefined`: nothing waits there for such a thing.
 */
export async function continueRun(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  { part, wake, actions }: { readonly part: FlowPart; readonly wake: Wake; readonly actions: ActionTable },
): Promise<Ran | undefined> {
  const runs = await readRuns(unit, contact);
  const run = currentRun(runs, part);
  const waiting = run?.progress?.waiting;
  if (!run || !waiting || (wake.by !== "time" && wake.by !== waiting.for)) return undefined;
  if (wake.by === "event" && !(waiting.events ?? []).includes(wake.event)) return undefined;
  if (wake.by === "answer" && !(waiting.events ?? []).includes(wake.callId)) return undefined;
  if (wake.by !== "time") cancelFlowTimer(unit, platform, contact, run);
  const session = new Session({ unit, platform, actions, contact, runs, run });
  return proceed(session, waiting.for === "turn" ? undefined : wake);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A run that is being changed; what is stored is a copy. Hot: plainer versions copied the run for every step. */
interface Draft extends Mutable<Omit<FlowRun, "steps" | "progress">> {
  readonly steps: Mutable<FlowStep>[];
  progress?: Mutable<Omit<FlowProgress, "frames">> & { frames: Mutable<Frame>[] };
}

function draftOf(run: FlowRun): Draft {
  const { steps, progress, ...rest } = run;
  return {
    ...rest,
    steps: steps.map((step) => ({ ...step })),
    ...(progress && { progress: { ...progress, frames: progress.frames.map((frame) => ({ ...frame })) } }),
  };
}

/** One unit's work on a run, or on several where one transfers to the next. */
class Session {
  readonly unit: Unit;
  readonly platform: Platform;
  readonly actions: ActionTable;
  readonly nowMs: number;
  contact: Contact;
  begun: number;
  isLogged: boolean;
  isContactChanged = false;
  readonly afterwards: (() => Promise<unknown>)[] = [];
  readonly logged: LoggedStep[] = [];
  readonly programs: Map<Frame, Program> = new Map();
  /** Begun in this unit, and not yet counted as started. */
  readonly #begunFrames: Set<Frame> = new Set();
  readonly #stored: FlowRuns;
  readonly #runs: FlowRun[];
  #place: number;
  #run: Draft | undefined;

  constructor(given: {
    readonly unit: Unit;
    readonly platform: Platform;
    readonly actions: ActionTable;
    readonly contact: Contact;
    readonly runs: FlowRuns;
    /** One of them, to go on with. */
    readonly run?: FlowRun;
  }) {
    this.unit = given.unit;
    this.platform = given.platform;
    this.actions = given.actions;
    this.contact = given.contact;
    this.nowMs = changeTimeMs(given.platform, given.contact);
    this.#stored = given.runs;
    this.#runs = [...given.runs.runs];
    this.#place = given.run ? this.#runs.indexOf(given.run) : -1;
    this.#run = given.run && draftOf(given.run);
    this.begun = given.runs.begun;
    this.isLogged = given.runs.isLogged === true;
  }

  get run(): Draft {
    if (!this.#run) throw new Error(`Contact ${this.contact.id} runs no flow`);
    return this.#run;
  }

  get progress(): NonNullable<Draft["progress"]> {
    const { progress } = this.run;
    if (!progress) throw new Error(`The run of flow ${this.run.flowId} has ended`);
    return progress;
  }

  get frame(): Mutable<Frame> {
    const frame = this.progress.frames.at(-1);
    if (!frame) throw new Error(`The run of flow ${this.run.flowId} is nowhere`);
    return frame;
  }

  /** Begins another run. `carried`: what the flow before it hands on. */
  async start(part: FlowPart, program: Program, carried: Omit<FlowProgress, "frames">): Promise<void> {
    const frame = frameOf(program, this.nowMs);
    const { id: flowId, kind, publishedMs } = program;
    this.#place = this.#runs.length;
    this.#run = {
      part,
      flowId,
      kind,
      publishedMs,
      startMs: this.nowMs,
      steps: [],
      progress: { ...carried, frames: [frame] },
    };
    this.enter(frame, program);
  }

  /** Begins a flow or a module, the innermost frame of the run now. */
  enter(frame: Frame, program: Program): void {
    this.programs.set(frame, program);
    this.#begunFrames.add(frame);
  }

  startsNow(frame: Frame): boolean {
    return this.#begunFrames.has(frame);
  }

  /** Counts what has begun and goes on after this unit. */
  async countStarts(): Promise<void> {
    const [flow] = this.progress.frames;
    for (const frame of this.progress.frames) {
      if (!this.startsNow(frame)) continue;
      await sumFlowRun(this.unit, this.contact, { ...frame, kind: frame === flow ? this.run.kind : "MODULE" });
    }
    this.#begunFrames.clear();
  }

  /** Ends the run. */
  async end(outcome: FlowOutcome, nextId: string | undefined): Promise<void> {
    const ended = await endRun(this.unit, this.contact, this.run, {
      outcome,
      endMs: this.nowMs,
      ...(nextId !== undefined && { nextId }),
      startsNow: (frame) => this.startsNow(frame),
    });
    this.#run = draftOf(ended);
    this.#runs[this.#place] = ended;
  }

  /** What came of the action that was begun last. */
  endStep(came: Partial<FlowStep>): void {
    const last = this.run.steps.at(-1);
    if (last) Object.assign(last, came);
  }

  /** Stores everything as it is now. */
  async store(): Promise<void> {
    const { unit, platform } = this;
    if (this.isContactChanged) {
      const changed = { ...this.contact, lastUpdateMs: changeTimeMs(platform, this.contact) };
      this.contact = await storeContact(unit, platform, changed, []);
      this.isContactChanged = false;
    }
    this.#runs[this.#place] = this.run;
    putRuns(unit, {
      ...this.#stored,
      runs: this.#runs,
      begun: this.begun,
      ...(this.isLogged && { isLogged: true }),
    });
    const dueMs = this.run.progress?.waiting?.dueMs;
    if (dueMs !== undefined) platform.flow.schedule(unit, flowTimer(this.contact, this.run.part, dueMs));
    if (this.logged.length > 0) await logSteps(unit, platform, this.contact, this.logged);
  }
}

/** An action of a session's run, as its code sees it. */
class RunningStep implements Step {
  readonly #session: Session;
  readonly program: Program;
  readonly action: FlowAction;
  readonly parameters: JsonObject;
  #seed: string | undefined;

  constructor(session: Session, program: Program, action: FlowAction, parameters: JsonObject) {
    this.#session = session;
    this.program = program;
    this.action = action;
    this.parameters = parameters;
  }

  get unit(): Unit {
    return this.#session.unit;
  }

  get platform(): Platform {
    return this.#session.platform;
  }

  get actions(): ActionTable {
    return this.#session.actions;
  }

  get part(): FlowPart {
    return this.#session.run.part;
  }

  get kind(): FlowKind {
    return this.#session.run.kind;
  }

  get seed(): string {
    this.#seed ??= derivedUuid(this.contact.id, "flow", String(this.#session.begun));
    return this.#seed;
  }

  get contact(): Contact {
    return this.#session.contact;
  }

  get progress(): FlowProgress {
    return this.#session.progress;
  }

  get frame(): Frame {
    return this.#session.frame;
  }

  get nowMs(): number {
    return this.#session.nowMs;
  }

  changeContact(change: Partial<Contact>): void {
    this.#session.contact = { ...this.#session.contact, ...change };
    this.#session.isContactChanged = true;
  }

  contactIs(contact: Contact): void {
    if (contact === this.#session.contact) return;
    this.#session.contact = contact;
    this.#session.isContactChanged = false;
  }

  changeProgress(change: Partial<Omit<FlowProgress, "frames">>): void {
    Object.assign(this.#session.progress, change);
  }

  changeFrame(change: Partial<Frame>): void {
    Object.assign(this.#session.frame, change);
  }

  afterwards(effect: () => Promise<unknown>): void {
    this.#session.afterwards.push(effect);
  }

  log(isOn: boolean): void {
    this.#session.isLogged = isOn;
  }
}

async function proceed(session: Session, first: Wake | undefined): Promise<Ran> {
  let wake = first;
  const untilBegun = session.begun + ACTIONS_PER_UNIT_MAX;
  for (;;) {
    const program = await programOf(session);
    const action = program?.flow.actions.get(session.frame.action);
    if (!program || !action) return dropForWantOfFlow(session);

    if (wake === undefined) {
      if (session.progress.begunSinceWait >= ACTIONS_WITHOUT_WAIT_MAX) return drop(session);
      if (session.begun >= untilBegun) return pause(session, { for: "turn", dueMs: session.nowMs });
      begin(session, program, action);
    }
    const { step, values } = await stepOf(session, program, action);
    const result = await perform(step, wake);
    wake = undefined;
    log(session, step, result);
    if (result === "returns") {
      if (!(await leaveModule(session))) return drop(session);
      continue;
    }
    if (result !== "next") {
      if ("waits" in result) return pause(session, result.waits);
      if ("ends" in result) return finish(session, result);
      if ("goesTo" in result) {
        await transfer(session, result.goesTo);
        continue;
      }
      if ("enters" in result) {
        await enter(session, result.enters);
        continue;
      }
    }
    const { branch, next } = branchOf(action, result, values);
    const text = result !== "next" && "result" in result ? result.result : undefined;
    session.endStep({ branch, ...(text !== undefined && { result: text }) });
    if (next === undefined) return drop(session);
    session.progress.waiting = undefined;
    session.frame.action = next;
  }
}

function begin(session: Session, program: Program, action: FlowAction): void {
  session.begun += 1;
  session.progress.begunSinceWait += 1;
  session.progress.waiting = undefined;
  session.run.steps.push({
    atMs: session.nowMs,
    action: action.identifier,
    type: action.type,
    ...(program.kind === "MODULE" && { moduleId: program.id }),
    ...(!(action.type in session.actions) && { isNotRun: true }),
  });
}

/** The flow or module of the present frame, with the content that it began with. `undefined`: that is gone. */
async function programOf(session: Session): Promise<Program | undefined> {
  const { unit, contact, frame, progress } = session;
  const known = session.programs.get(frame);
  if (known) return known;
  const find = progress.frames.length === 1 ? findFlowProgram : findModuleProgram;
  const program = await find(unit, contact, frame);
  if (program) session.programs.set(frame, program);
  return program;
}

async function stepOf(
  session: Session,
  program: Program,
  action: FlowAction,
): Promise<{ readonly step: Step; readonly values: ReferenceValues }> {
  const { unit, contact, progress, frame } = session;
  if (!hasReferences(action)) {
    return { step: new RunningStep(session, program, action, action.parameters), values: NO_VALUES };
  }
  const values = await valuesFor(unit, action, { contact, kind: session.run.kind, progress, frame });
  const step = new RunningStep(session, program, action, resolveParameters(action.parameters, values));
  return { step, values };
}

const NO_VALUES: ReferenceValues = {};

/** Errors where an action is met by a contact of a channel that it is not for; else NoMatchingError. */
const WRONG_CHANNEL: Readonly<Record<string, string>> = {
  UpdateContactCallbackNumber: "InvalidCallbackNumber",
  UpdateContactMediaProcessing: "ChannelMismatch",
  UpdateContactRecordingAndAnalyticsBehavior: "ChannelMismatch",
};

/** Does an action. What the services' own rules refuse, it fails with; such a refusal comes before anything is changed. */
async function perform(step: Step, wake: Wake | undefined): Promise<Result> {
  const { action, contact } = step;
  const code = Object.hasOwn(step.actions, action.type) ? step.actions[action.type] : undefined;
  if (!code) return FAILS;
  const channels = findActionType(action.type, action.parameters)?.channels;
  if (channels && !channels.includes(contact.channel)) {
    return { error: WRONG_CHANNEL[action.type] ?? "NoMatchingError" };
  }
  try {
    return await (wake && code.goOn ? code.goOn(step, wake) : code.begin(step));
  } catch (error) {
    if (error instanceof ModeledError) return FAILS;
    throw error;
  }
}

interface Branch {
  /** `NextAction`, `Condition`, or an error. */
  readonly branch: string;
  /** Absent: the action has no such branch. */
  readonly next?: string | undefined;
}

function branchOf(
  action: FlowAction,
  taken: "next" | { readonly error: string } | { readonly result: string | undefined },
  values: ReferenceValues,
): Branch {
  if (taken === "next") return nextOf(action);
  if ("error" in taken) return errorOf(action, taken.error);
  const { result } = taken;
  for (const { operator, operand, next } of action.conditions) {
    const resolved = resolveText(operand, values);
    if (result !== undefined && resolved !== undefined && holds(operator, result, resolved)) {
      return { branch: "Condition", next };
    }
  }
  const unmatched = action.errors.get("NoMatchingCondition");
  return unmatched === undefined ? nextOf(action) : { branch: "NoMatchingCondition", next: unmatched };
}

function nextOf({ next }: FlowAction): Branch {
  return { branch: "NextAction", next };
}

function errorOf({ errors }: FlowAction, error: string): Branch {
  const own = errors.get(error);
  const common = errors.get("NoMatchingError");
  return own === undefined && common !== undefined
    ? { branch: "NoMatchingError", next: common }
    : { branch: error, next: own };
}

async function enter(session: Session, module: Program): Promise<void> {
  const frame = frameOf(module, session.nowMs);
  session.endStep({ branch: "Module" });
  session.enter(frame, module);
  session.progress.frames.push(frame);
}

/** Goes on behind the action that invoked the module. `false`: it leads nowhere. */
async function leaveModule(session: Session): Promise<boolean> {
  const { unit, contact, frame: module, nowMs: endMs } = session;
  session.endStep({ branch: "RETURNED_TO_FLOW" });
  session.progress.frames.pop();
  const outcome = "RETURNED_TO_FLOW";
  const startsNow = session.startsNow(module);
  await sumFlowRun(unit, contact, { ...module, kind: "MODULE", endMs, outcome, startsNow });
  const caller = await programOf(session);
  const next = caller?.flow.actions.get(session.frame.action)?.next;
  if (next === undefined) return false;
  session.frame.action = next;
  return true;
}

/** The run is over, and that of another flow begins. Flow attributes are dropped. */
async function transfer(session: Session, program: Program): Promise<void> {
  const { part } = session.run;
  const { frames: _frames, ...carried } = session.progress;
  session.endStep({ branch: "TRANSFERRED_TO_FLOW" });
  await session.end("TRANSFERRED_TO_FLOW", program.id);
  await session.start(part, program, carried);
}

async function pause(session: Session, waiting: Waiting): Promise<Ran> {
  session.progress.waiting = waiting;
  if (waiting.for !== "turn") session.progress.begunSinceWait = 0;
  await session.countStarts();
  await session.store();
  for (const effect of session.afterwards) await effect();
  return { contact: session.contact, isOver: false, kind: session.run.kind };
}

interface Ending {
  readonly ends: FlowOutcome;
  readonly nextId?: string;
  readonly afterwards?: () => Promise<unknown>;
}

async function finish(session: Session, { ends: outcome, nextId, afterwards }: Ending): Promise<Ran> {
  session.endStep({ branch: outcome });
  await session.end(outcome, nextId);
  await session.store();
  for (const effect of session.afterwards) await effect();
  const after = (await afterwards?.()) as Contact | undefined;
  return { contact: after ?? session.contact, isOver: true, kind: session.run.kind };
}

/** The run leads nowhere: the contact ends, unless it is only what is played beside. */
function drop(session: Session): Promise<Ran> {
  const { unit, platform, run } = session;
  if (run.part !== "main") return finish(session, { ends: "DROPPED" });
  return finish(session, {
    ends: "DROPPED",
    afterwards: () => disconnectContact(unit, platform, session.contact, "CONTACT_FLOW_DISCONNECT"),
  });
}

/** The flow was deleted, or published anew more often than contents are kept. A contact that waits in a queue goes on waiting. */
function dropForWantOfFlow(session: Session): Promise<Ran> {
  return session.run.kind === "CUSTOMER_QUEUE" ? finish(session, { ends: "DROPPED" }) : drop(session);
}

function frameOf({ id, sha256, version, publishedMs, flow }: Program, startMs: number): Frame {
  return { id, sha256, ...(version !== undefined && { version }), publishedMs, startMs, action: flow.startAction };
}

function log(session: Session, step: Step, result: Result): void {
  if (!session.isLogged) return;
  const { program, action, parameters, nowMs } = step;
  session.logged.push({ program, action, parameters, atMs: nowMs, result });
}
