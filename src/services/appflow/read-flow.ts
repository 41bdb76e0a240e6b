/**
 * Reads for a run, a page after the other: each record goes through the flow's tasks and to the flow's destination, in the unit that moves the
 * run's cursor. So a run goes on behind the last record that was handed on, whenever the process ends, and none is handed on twice.
 *
 *     delivery ─► attempt: read page ─► some records: tasks ─► one unit: destination, cursor, counts ─► … ─► next page, or next delivery
 *                                 └─► meanwhile the page behind it
 *
 * What fails and may pass is attempted again by a timer, with a back-off. A delivery that ends without an answer, such as with the process, is made anew.
 */
import assert from "node:assert/strict";
import { retryDelayMs, type Sink, type SinkOutcome, type SinkRequest } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type Connector, SourceError, type SourcePage, type SourceRecord } from "./connector.ts";
import { findConnectorProfile } from "./connector-profiles.ts";
import { connectors } from "./connectors.ts";
import { type Flow, type FlowRun, findFlow, flowRuns, parseFlowArn, type RunCounts, runKey } from "./flow-document.ts";
import { APPFLOW_PRINCIPAL, endRun, type Step, sendStep } from "./flow-runs.ts";
import { compileTasks, type TaskOutcome, wantedFields } from "./record-tasks.ts";

/** Records handed on in one unit: it takes some 5 ms where they are ingested, and nothing else is written meanwhile. */
const HANDED_PER_UNIT = 8;

/** Records of one unit, most of which are filtered. */
const RECORDS_PER_UNIT = 256;

/**
 * Wall time of a step, after which another one follows: it reads no further page after the first of these, and hands on no further records after the
 * second, which is less than a delivery has for an attempt.
 */
const PAGES_MS = 8_000;
const RECORDS_MS = 26_000;

/** Wall time that a source has for a page: enough is left of a step to hand it on. */
const PAGE_MS = 15_000;

/** Attempts in a row that bring nothing, after which a run has failed: with the back-off a quarter of an hour. */
const FAILURES_MAX = 10;

/** A source that wants to be left alone for longer ends the run: that is for a human to see. */
const RETRY_AFTER_MS_MAX = 6 * 60 * 60 * 1000;

/** A timer of this kind has a run read on that waited for its source. */
const READ_ON_TIMER = "appflow.read-on";

const NOT_OURS: SinkOutcome = { code: "NO_PERMISSIONS", message: "No target of others.", retryable: false };

type RunRef = Pick<FlowRun, "account" | "region" | "flowName" | "id">;

/** Takes steps of runs. */
export function createFlowSink(platform: Platform): Sink {
  return {
    async attempt(arn, { principal, body }, signal) {
      const ref = parseFlowArn(arn);
      if (!ref || principal !== APPFLOW_PRINCIPAL) return NOT_OURS;
      const { account, region, name: flowName } = ref;
      const { runId } = JSON.parse(body) as Step;
      const { store } = platform;
      const run = await store.get(flowRuns, runKey({ account, region, flowName, id: runId }));
      const flow = await findFlow(store, ref);
      if (run && flow && !isOver(run)) await readStep(platform, flow, run, signal);
      return undefined;
    },
  };
}

/** Has runs read on that have waited for their source. */
export function followWaits(platform: Platform): void {
  platform.flow.onTimer(READ_ON_TIMER, async (unit, { payload }) => {
    const run = await unit.get(flowRuns, runKey(payload as RunRef));
    if (run && !isOver(run)) await sendStep(unit, platform, run);
  });
}

function isOver({ status }: FlowRun): boolean {
  return status !== "InProgress";
}

/** Reads pages for some seconds. */
async function readStep(platform: Platform, flow: Flow, run: FlowRun, signal: AbortSignal): Promise<void> {
  const ending = new AbortController();
  const reader = new FlowReader(platform, flow, run, AbortSignal.any([signal, ending.signal]));
  try {
    await reader.readOn();
  } catch (error) {
    // Nobody waits for it: the delivery is made anew, or the run is over.
    if (signal.aborted || error instanceof MovedError) return;
    await reader.failed(asSourceError(error, platform, flow));
  } finally {
    // Ends what is still read ahead.
    ending.abort();
  }
  await platform.store.durable();
}

function asSourceError(error: unknown, { log }: Platform, { name }: Flow): SourceError {
  if (error instanceof SourceError) return error;
  log.error({ err: error, flow: name }, "A flow could not be read");
  return new SourceError("UNAVAILABLE", "A fault of Trunkline: see its log");
}

type Outcome =
  | Exclude<TaskOutcome, { kind: "record" }>
  /** As JSON. */
  | { readonly kind: "record"; readonly body: string }
  | { readonly kind: "unreadable"; readonly reason: string; readonly text: string };

/** What becomes of some records of a page, which one unit hands on. */
interface Batch {
  readonly records: readonly SourceRecord[];
  readonly requests: readonly SinkRequest[];
  readonly filtered: number;
  readonly dropped: number;
  readonly bytesRead: number;
  /** Why the run ends here. */
  readonly stop?: string | undefined;
}

/** The run is somebody else's, or nobody's, to read on. */
class MovedError extends Error {
  override readonly name: string = "MovedError";
}

class FlowReader {
  readonly #platform: Platform;
  readonly #flow: Flow;
  readonly #connector: Connector;
  readonly #sink: Sink;
  readonly #apply: ReturnType<typeof compileTasks>;
  readonly #signal: AbortSignal;
  readonly #startMs: number;
  /** As the last unit left it. */
  #run: FlowRun;
  /** The page behind the one that is handed on, as it is read meanwhile. */
  #ahead: { readonly cursor: unknown; readonly page: Promise<SourcePage> } | undefined;

  constructor(platform: Platform, flow: Flow, run: FlowRun, signal: AbortSignal) {
    const connector = connectors.get(flow.plan.source.connector);
    const sink = platform.flow.findSink(flow.destinationArn);
    assert(connector && sink?.append, `Flow ${flow.name} leads from and to something that is there`);
    this.#platform = platform;
    this.#flow = flow;
    this.#connector = connector;
    this.#sink = sink;
    this.#apply = compileTasks(flow.plan.tasks, { isDynamic: isDynamic(flow) });
    this.#run = run;
    this.#signal = signal;
    this.#startMs = platform.wall.monotonicMs();
  }

  /** Reads pages and hands their records on, until the run is over, waits, or the time of a step has passed: then it reads on in another one. */
  async readOn(): Promise<void> {
    while (await this.#readPage()) {
      if (this.#signal.aborted) return;
      if (this.#hasPassed(PAGES_MS)) return this.#readOnLater();
    }
  }

  #hasPassed(ms: number): boolean {
    return this.#platform.wall.monotonicMs() - this.#startMs >= ms;
  }

  /** Reads a page and hands its records on; answers whether the run goes on at once. */
  async #readPage(): Promise<boolean> {
    const page = await this.#page();
    this.#readAhead(page);
    for (let place = this.#run.done; place < page.records.length; ) {
      if (this.#signal.aborted || this.#hasPassed(RECORDS_MS)) return true;
      const batch = this.#batch(page.records, place);
      if (!(await this.#handOn(batch))) return false;
      place += batch.records.length;
    }
    return this.#turn(page);
  }

  /** The page at the run's cursor. Throws `MovedError` where the run ends, or is moved by somebody else, before the source has answered. */
  async #page(): Promise<SourcePage> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const page = ahead?.cursor === this.#run.cursor && ahead ? ahead.page : this.#read(this.#run.cursor);
    const moved = Promise.withResolvers<never>();
    const key = runKey(this.#run);
    const look = async (ids: readonly string[]): Promise<void> => {
      if (!ids.includes(key)) return;
      const run = await this.#platform.store.get(flowRuns, key);
      if (run?.moves !== this.#run.moves) moved.reject(new MovedError());
    };
    using _watch = this.#platform.store.watchCollection(flowRuns.name, (ids) => void look(ids).catch(moved.reject));
    return await Promise.race([page, moved.promise]);
  }

  #readAhead({ records, next }: SourcePage): void {
    if (!next || next.waitMs !== undefined || records.length === 0) return;
    const page = this.#read(next.cursor);
    // Whoever turns to it hears of what failed.
    page.catch(() => {});
    this.#ahead = { cursor: next.cursor, page };
  }

  /** Throws `SourceError`, also where the source takes too long. */
  async #read(cursor: unknown): Promise<SourcePage> {
    const { account, region, plan } = this.#flow;
    const { connector, properties, profileName } = plan.source;
    const { window, keys } = this.#run;
    const ending = new AbortController();
    const late = Promise.withResolvers<never>();
    using _timer = this.#platform.wall.after(PAGE_MS, () => {
      late.reject(new SourceError("UNAVAILABLE", `The source gave nothing within ${PAGE_MS / 1000} s`));
      ending.abort();
    });
    const profile =
      profileName === undefined ? undefined : findConnectorProfile(this.#platform, { account, profileName, connector });
    const fields = isDynamic(this.#flow) ? undefined : wantedFields(plan.tasks);
    const signal = AbortSignal.any([this.#signal, ending.signal]);
    const request = { account, region, properties, profile, fields, window, keys, cursor, signal };
    return await Promise.race([this.#connector.read(this.#platform, request), late.promise]);
  }

  /** As many records from a place on as one unit hands on. */
  #batch(page: readonly SourceRecord[], start: number): Batch {
    const records: SourceRecord[] = [];
    const requests: SinkRequest[] = [];
    const batch = { filtered: 0, dropped: 0, bytesRead: 0 };
    for (const record of page.slice(start, start + RECORDS_PER_UNIT)) {
      const outcome = this.#outcomeOf(record);
      if (outcome.kind === "stop") return { ...batch, records, requests, stop: outcome.reason };
      records.push(record);
      batch.bytesRead += bytesOf(record);
      if (outcome.kind === "filtered") batch.filtered += 1;
      else if (outcome.kind === "dropped") batch.dropped += 1;
      else requests.push(this.#request(outcome));
      if (requests.length === HANDED_PER_UNIT) break;
    }
    return { ...batch, records, requests };
  }

  #outcomeOf(record: SourceRecord): Outcome {
    if (!("fields" in record)) return { kind: "unreadable", reason: record.unreadable, text: record.text };
    try {
      const outcome = this.#apply(record.fields);
      return outcome.kind === "record" ? { kind: "record", body: JSON.stringify(outcome.record) } : outcome;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // That is how JSON.stringify says it. The others of its page are read all the same.
      return { kind: "unreadable", reason: "The record is nested too deep, or too long, to be JSON", text: "" };
    }
  }

  #request(outcome: Extract<Outcome, { kind: "record" | "unreadable" }>): SinkRequest {
    const request = {
      deliveryId: this.#platform.ids.uuid(),
      account: this.#flow.account,
      principal: APPFLOW_PRINCIPAL,
      sourceArn: this.#flow.destinationArn,
    };
    if (outcome.kind === "record") return { ...request, body: outcome.body };
    return { ...request, body: outcome.text, parameters: { unreadable: outcome.reason } };
  }

  /** Hands records on in one unit. Answers whether the run goes on. */
  #handOn({ records, requests, stop, ...counted }: Batch): Promise<boolean> {
    return this.#move(async (unit, run) => {
      const failed = await this.#send(unit, requests);
      const counts = sumOf(run.counts, { ...counted, read: records.length, failed, requests });
      const moved: FlowRun = { ...run, ...behind(run, records), counts, failures: 0 };
      if (stop === undefined) return moved;
      await endRun(unit, this.#platform, moved, { status: "Error", message: stop });
      return undefined;
    });
  }

  /** Answers how many the destination has rejected. */
  async #send(unit: Unit, requests: readonly SinkRequest[]): Promise<number> {
    if (requests.length === 0) return 0;
    const outcomes = (await this.#sink.append?.(unit, this.#flow.destinationArn, requests)) ?? [];
    return outcomes.filter((outcome) => outcome !== undefined).length;
  }

  /** Turns to the next page, or ends the run. Answers whether it goes on at once. */
  #turn({ next }: SourcePage): Promise<boolean> {
    return this.#move(async (unit, run) => {
      if (!next) {
        await endRun(unit, this.#platform, run, { status: "Successful" });
        return undefined;
      }
      const turned: FlowRun = { ...run, cursor: next.cursor, done: 0, failures: 0 };
      if (next.waitMs === undefined) return turned;
      this.#readOnAfter(unit, turned, next.waitMs);
      return undefined;
    });
  }

  /** Has the run read on in a delivery of its own. */
  async #readOnLater(): Promise<void> {
    await this.#move(async (unit, run) => {
      await sendStep(unit, this.#platform, run);
      return run;
    });
  }

  /** Notes that an attempt has brought nothing: there is another one later, or the run has failed. */
  async failed({ message, retryAfterMs = 0, isPassing }: SourceError): Promise<void> {
    await this.#move(async (unit, run) => {
      const failures = run.failures + 1;
      const failed: FlowRun = { ...run, failures, message };
      if (isPassing && failures < FAILURES_MAX && retryAfterMs <= RETRY_AFTER_MS_MAX) {
        const backOffMs = retryDelayMs(failures, () => this.#platform.ids.random());
        this.#readOnAfter(unit, failed, Math.max(backOffMs, retryAfterMs));
      } else await endRun(unit, this.#platform, failed, { status: "Error", message });
      return undefined;
    });
  }

  /**
   * Moves the run in a unit, which answers with what it is now, or `undefined` where it does not go on here. Answers whether it does: not where somebody
   * else has moved it, such as an attempt that took too long and was repeated.
   */
  async #move(move: (unit: Unit, run: FlowRun) => Promise<FlowRun | undefined>): Promise<boolean> {
    const { store, clock } = this.#platform;
    const moved = await store.commitUnsynced(async (unit) => {
      const run = await unit.get(flowRuns, runKey(this.#run));
      if (!run || isOver(run) || run.moves !== this.#run.moves) return undefined;
      const after = await move(unit, run);
      if (!after) return undefined;
      const touched = { ...after, moves: run.moves + 1, updatedMs: clock.now() };
      unit.put(flowRuns, runKey(touched), touched);
      return touched;
    });
    if (moved) this.#run = moved;
    return moved !== undefined;
  }

  /** Has the run read on by a timer. */
  #readOnAfter(unit: Unit, run: FlowRun, waitMs: number): void {
    const { flow, clock } = this.#platform;
    const nowMs = clock.now();
    const waiting: FlowRun = { ...run, moves: run.moves + 1, updatedMs: nowMs };
    unit.put(flowRuns, runKey(waiting), waiting);
    const { account, region, flowName, id } = run;
    const payload: RunRef = { account, region, flowName, id };
    flow.schedule(unit, { id: `${READ_ON_TIMER} ${id}`, kind: READ_ON_TIMER, dueMs: nowMs + waitMs, payload });
  }
}

function isDynamic({ plan }: Flow): boolean {
  return plan.source.properties.EnableDynamicFieldUpdate === true;
}

/** Where a run reads on behind records of its page. */
function behind({ cursor, done }: FlowRun, records: readonly SourceRecord[]): Pick<FlowRun, "cursor" | "done"> {
  const after = records.at(-1)?.after;
  return after === undefined ? { cursor, done: done + records.length } : { cursor: after, done: 0 };
}

interface Handed extends Pick<RunCounts, "read" | "filtered" | "dropped" | "failed" | "bytesRead"> {
  readonly requests: readonly SinkRequest[];
}

function sumOf(counts: RunCounts, { requests, failed, ...more }: Handed): RunCounts {
  return {
    read: counts.read + more.read,
    filtered: counts.filtered + more.filtered,
    dropped: counts.dropped + more.dropped,
    failed: counts.failed + failed,
    ingested: counts.ingested + requests.length - failed,
    bytesRead: counts.bytesRead + more.bytesRead,
    bytesWritten: counts.bytesWritten + requests.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0),
  };
}

function bytesOf(record: SourceRecord): number {
  return "fields" in record ? (record.bytes ?? 0) : Buffer.byteLength(record.text);
}
