/** What flow's tests share: a world of their own with a manual clock, and sinks that do as they are told. Holds no test itself. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { openStore } from "../store/index.ts";
import type { Store, Unit } from "../store/store.ts";
import { ManualClock, SystemWallClock, type WallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import type { Attempt } from "./attempts.ts";
import { createFlow, type Flow, type FlowOptions, type Message, type Sink, type SinkFailure } from "./index.ts";

export const START_MS: number = Date.parse("2026-11-21T04:16:10Z");
export const RULE_ARN = "arn:aws:events:us-east-1:000000000000:rule/contacts";
export const DEAD_LETTER_ARN = "arn:aws:sqs:us-east-1:000000000000:dead";

/** Wall time in which waits pass a thousand times as fast. */
export class HurriedWallClock extends SystemWallClock implements WallClock {
  override after(delayMs: number, callback: () => void): Disposable {
    return super.after(delayMs / 1_000, callback);
  }
}

/** In `HurriedWallClock`'s milliseconds: 20 s. */
export const PATIENCE_MS = 20_000_000;

export interface World extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly flow: Flow;
  readonly options: FlowOptions;
  /** Messages logged at level error. */
  readonly errors: string[];
}

/** A flow on a store in memory; not started. */
export async function openWorld(changed: Partial<FlowOptions> = {}): Promise<World> {
  const clock = new ManualClock(START_MS);
  const wall = new HurriedWallClock();
  const store = await openStore({ directory: ":memory:", clock, wall });
  const errors: string[] = [];
  const log = pino({ level: "error" }, { write: (line) => void errors.push(JSON.parse(line).msg) });
  const options: FlowOptions = { store, clock, wall, ids: new SeededIds("flow"), log, ...changed };
  const flow = createFlow(options);
  return {
    clock,
    store,
    flow,
    options,
    errors,
    async [Symbol.asyncDispose]() {
      await flow.stop();
      await store.close();
    },
  };
}

/** A folder for a store that is opened again. */
export async function temporaryDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "trunkline-flow-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The whole of a log's only partition, as JSON. */
export async function readAll<T>(store: Store, log: string): Promise<T[]> {
  const values: T[] = [];
  let { first } = await store.bounds(log, 0);
  for (;;) {
    const entries = await store.read(log, 0, first, { entries: 1_000 });
    if (entries.length === 0) return values;
    values.push(...entries.map(({ value }) => JSON.parse(String(value)) as T));
    first += entries.length;
  }
}

export async function attemptsOf(store: Store): Promise<Attempt[]> {
  return readAll<Attempt>(store, "flow/attempts");
}

/** A sink in the store that appends each request to a log, unless `refuse` answers with a failure. */
export function logSink(log: string, refuse: (deliveryId: string) => SinkFailure | undefined = () => undefined): Sink {
  return {
    async append(unit, _arn, requests) {
      return requests.map((request) => {
        const failure = refuse(request.deliveryId);
        if (!failure) unit.append(log, request.key ?? request.deliveryId, JSON.stringify(request));
        return failure;
      });
    },
  };
}

export function declare(unit: Unit, ...logs: string[]): void {
  for (const name of logs) unit.declareLog({ name, keepMs: 365 * 86_400_000 });
}

export function messageTo(targetArn: string, deliveryId: string, changed: Partial<Message> = {}): Message {
  return {
    targetArn,
    request: {
      deliveryId,
      body: JSON.stringify({ shaped: deliveryId }),
      account: "000000000000",
      principal: "events.amazonaws.com",
      sourceArn: RULE_ARN,
    },
    event: JSON.stringify({ id: deliveryId }),
    ruleArn: RULE_ARN,
    timeMs: START_MS,
    ...changed,
  };
}
