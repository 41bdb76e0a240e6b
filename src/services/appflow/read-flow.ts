/**
 * Reads for a run, a page after the other: each record goes through the flow's tasks and to the flow's destination, in the unit that moves the
 * run's cursor. So a run goes on behind the last record that was handed on, whenever the process ends, and none is handed on twice.
 *
 *     delivery ─► attempt: read page ─► 8 records: tasks ─► one unit: destination, cursor, counts ─► … ─► next page, or next delivery
 *
 * What fails is attempted again by the delivery, with its back-off.
 */
import assert from "node:assert/strict";
import type { Sink, SinkOutcome, SinkRequest } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type Connector, SourceError, type SourcePage, type SourceRecord } from "./connector.ts";
import { findConnectorProfile } from "./connector-profiles.ts";
import { connectors } from "./connectors.ts";
import { type Flow, type FlowRun, findFlow, flowRuns, parseFlowArn, type RunCounts, runKey } from "./flow-document.ts";
import { APPFLOW_PRINCIPAL, endRun, type Step, sendStep } from "./flow-runs.ts";
import { compileTasks, type TaskOutcome, wantedFields } from "./record-tasks.ts";

/** Records handed on in one unit: it takes some 5 ms where they are ingested, and nothing else is written meanwhile. */
const RECORDS_PER_UNIT = 8;

/** Wall time after which a step ends and another one follows: less than a delivery has for an attempt. */
const STEP_MS = 8_000;

/** Attempts in a row that bring nothing, after which a run has failed: with the back-off of deliveries a quarter of an hour. */
const FAILURES_MAX = 10;

/** A timer of this kind has a run read on that waited for its source. */
export const READ_ON_TIMER = "appflow.read-on";

const NOT_OURS: SinkOutcome = { code: "NO_PERMISSIONS", message: "No target of others.", retryable: false };

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
      if (!run || !flow || isOver(run)) return undefined;
      return readStep(platform, flow, run, signal);
    },
  };
}

function isOver({ status }: FlowRun): boolean {
  return status !== "InProgress";
}

/** Reads pages for some seconds. Answers as a delivery is answered. */
async function readStep(platform: Platform, flow: Flow, run: FlowRun, signal: AbortSignal): Promise<SinkOutcome> {
  const { wall, store } = platform;
  const endMs = wall.monotonicMs() + STEP_MS;
  const reader = new FlowReader(platform, flow, run, signal);
  try {
    while (await reader.readPage()) {
      if (wall.monotonicMs() < endMs && !signal.aborted) continue;
      await reader.readOnLater();
      break;
    }
    await store.durable();
    return undefined;
  } catch (error) {
    if (signal.aborted) return undefined;
    const failure =
      error instanceof SourceError ? error : new SourceError("UNAVAILABLE", "A fault of Trunkline: see its log");
    if (failure !== error) platform.log.error({ err: error, flow: flow.name }, "A flow could not be read");
    return reader.failed(failure);
  }
}

type Transform = (
  record: SourceRecord,
) => TaskOutcome | { readonly kind: "unreadable"; readonly reason: string; readonly text: string };

class FlowReader {
  readonly #platform: Platform;
  readonly #flow: Flow;
  readonly #connector: Connector;
  readonly #sink: Sink;
  readonly #transform: Transform;
  readonly #signal: AbortSignal;
  /** As the last unit left it. */
  #run: FlowRun;

  constructor(platform: Platform, flow: Flow, run: FlowRun, signal: AbortSignal) {
    const connector = connectors.get(flow.plan.source.connector);
    const sink = platform.flow.findSink(flow.destinationArn);
    assert(connector && sink?.append, `Flow ${flow.name} leads from and to something that is there`);
    this.#platform = platform;
    this.#flow = flow;
    this.#connector = connector;
    this.#sink = sink;
    const apply = compileTasks(flow.plan.tasks, {
      isDynamic: flow.plan.source.properties.EnableDynamicFieldUpdate === true,
    });
    this.#transform = (record) =>
      "fields" in record ? apply(record.fields) : { kind: "unreadable", reason: record.unreadable, text: record.text };
    this.#run = run;
    this.#signal = signal;
  }

  /** Reads a page and hands its records on; answers whether the run goes on at once. */
  async readPage(): Promise<boolean> {
    const page = await this.#read();
    for (let place = this.#run.done; place < page.records.length; place += RECORDS_PER_UNIT) {
      if (this.#signal.aborted) return true;
      if (!(await this.#handOn(page.records.slice(place, place + RECORDS_PER_UNIT)))) return false;
    }
    return this.#turn(page);
  }

  async #read(): Promise<SourcePage> {
    const { account, region, plan } = this.#flow;
    const { connector, properties, profileName } = plan.source;
    const { window, keys, cursor } = this.#run;
    return this.#connector.read(this.#platform, {
      account,
      region,
      properties,
      profile:
        profileName === undefined
          ? undefined
          : findConnectorProfile(this.#platform, { account, profileName, connector }),
      fields: properties.EnableDynamicFieldUpdate ? undefined : wantedFields(plan.tasks),
      window,
      keys,
      cursor,
      signal: this.#signal,
    });
  }

  /** Hands records on in one unit. Answers whether the run goes on. */
  async #handOn(records: readonly SourceRecord[]): Promise<boolean> {
    const outcomes = records.map(this.#transform);
    const stop = outcomes.find(({ kind }) => kind === "stop");
    return this.#move(async (unit, run) => {
      if (stop?.kind === "stop") {
        await endRun(unit, this.#platform, run, { status: "Error", message: stop.reason });
        return undefined;
      }
      const requests = outcomes.flatMap((outcome) => this.#request(outcome));
      const { destinationArn } = this.#flow;
      const results = requests.length > 0 ? await this.#sink.append?.(unit, destinationArn, requests) : [];
      const failed = results?.filter((result) => result !== undefined).length ?? 0;
      const count = (kind: string): number => outcomes.filter((outcome) => outcome.kind === kind).length;
      const { counts } = run;
      const sum: RunCounts = {
        read: counts.read + records.length,
        filtered: counts.filtered + count("filtered"),
        dropped: counts.dropped + count("dropped"),
        failed: counts.failed + failed,
        ingested: counts.ingested + requests.length - failed,
        bytesRead: counts.bytesRead + records.reduce((total, record) => total + bytesOf(record), 0),
        bytesWritten: counts.bytesWritten + requests.reduce((total, { body }) => total + Buffer.byteLength(body), 0),
      };
      return { ...run, ...behind(run, records), counts: sum, failures: 0 };
    });
  }

  #request(outcome: ReturnType<Transform>): readonly SinkRequest[] {
    if (outcome.kind !== "record" && outcome.kind !== "unreadable") return [];
    const { account } = this.#flow;
    const request = {
      deliveryId: this.#platform.ids.uuid(),
      account,
      principal: APPFLOW_PRINCIPAL,
      sourceArn: this.#flow.destinationArn,
    };
    if (outcome.kind === "record") return [{ ...request, body: JSON.stringify(outcome.record) }];
    return [{ ...request, body: outcome.text, parameters: { unreadable: outcome.reason } }];
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
      unit.put(flowRuns, runKey(turned), turned);
      this.#schedule(unit, turned, next.waitMs);
      return undefined;
    });
  }

  /** Has the run read on in a delivery of its own. */
  async readOnLater(): Promise<void> {
    await this.#move(async (unit, run) => {
      await sendStep(unit, this.#platform, run);
      return run;
    });
  }

  /** Notes that an attempt has brought nothing. */
  async failed(failure: SourceError): Promise<SinkOutcome> {
    const { code, message, retryAfterMs, isPassing } = failure;
    const goesOn = await this.#move(async (unit, run) => {
      const failures = run.failures + 1;
      if (isPassing && failures < FAILURES_MAX) return { ...run, failures, message };
      await endRun(unit, this.#platform, { ...run, failures }, { status: "Error", message });
      return undefined;
    });
    return goesOn ? { code, message, retryable: true, retryAfterMs } : undefined;
  }

  /**
   * Moves the run in a unit, which answers with what it is now, or `undefined` where that is over. Answers whether the run goes on here: not where somebody
   * else has moved it, such as an attempt that took too long and was repeated.
   */
  async #move(move: (unit: Unit, run: FlowRun) => Promise<FlowRun | undefined>): Promise<boolean> {
    const { store, clock } = this.#platform;
    const moved = await store.commitUnsynced(async (unit) => {
      const run = await unit.get(flowRuns, runKey(this.#run));
      if (!run || isOver(run) || !isSamePlace(run, this.#run)) return undefined;
      const after = await move(unit, run);
      if (!after) return undefined;
      const touched = { ...after, updatedMs: clock.now() };
      unit.put(flowRuns, runKey(touched), touched);
      return touched;
    });
    if (moved) this.#run = moved;
    return moved !== undefined;
  }

  #schedule(unit: Unit, run: FlowRun, waitMs: number): void {
    const { flow, clock } = this.#platform;
    const { account, region, flowName, id } = run;
    flow.schedule(unit, {
      id: `${READ_ON_TIMER} ${id}`,
      kind: READ_ON_TIMER,
      dueMs: clock.now() + waitMs,
      payload: { account, region, flowName, id },
    });
  }
}

/** Where a run reads on behind records of its page. */
function behind({ cursor, done }: FlowRun, records: readonly SourceRecord[]): Pick<FlowRun, "cursor" | "done"> {
  const after = records.at(-1)?.after;
  return after === undefined ? { cursor, done: done + records.length } : { cursor: after, done: 0 };
}

/** Each unit moves one of them. */
function isSamePlace(one: FlowRun, other: FlowRun): boolean {
  return (
    one.done === other.done &&
    one.counts.read === other.counts.read &&
    one.failures === other.failures &&
    JSON.stringify(one.cursor) === JSON.stringify(other.cursor)
  );
}

function bytesOf(record: SourceRecord): number {
  return "fields" in record ? (record.bytes ?? 0) : Buffer.byteLength(record.text);
}
