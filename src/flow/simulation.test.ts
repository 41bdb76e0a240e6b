/**
 * Invariants of flow under crashes, each run replayed by its seed: events are published while flows are killed, started again,
 * doubled, and the store is closed and opened; targets take, fail, hang and lose answers. In the end nothing is lost, what stays
 * inside is there once, and what left the process left at least once, under one id.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { openStore } from "../store/index.ts";
import type { Store } from "../store/store.ts";
import { ManualClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import { advanceClock, createFlow, type Flow, type Message, type SinkOutcome, type SinkRequest } from "./index.ts";
import {
  attemptsOf,
  DEAD_LETTER_ARN,
  declare,
  HurriedWallClock,
  logSink,
  messageTo,
  PATIENCE_MS,
  readAll,
  START_MS,
  temporaryDirectory,
} from "./world.test.ts";

const ROUNDS = 40;
const DAY_MS = 86_400_000;
const THROTTLED_UNTIL_MS = START_MS + 600_000;

const lambdaArn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const streamArn = (name: string): string => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;

/** A store that a killed process no longer reaches: everything it still tries fails, units in progress too. */
function mortal(store: Store): { store: Store; kill(): void } {
  let dead = false;
  const check = (): void => {
    if (dead) throw new Error("killed");
  };
  const proxy = new Proxy(store, {
    get(target, property: keyof Store) {
      if (property === "watchLog" || property === "watchCollection") return target[property].bind(target);
      if (property === "commit" || property === "commitUnsynced") {
        const run: Store["commit"] = async (unit) => {
          check();
          return target[property](async (inner) => {
            check();
            const answer = await unit(inner);
            check();
            return answer;
          });
        };
        return run;
      }
      // biome-ignore lint/suspicious/noExplicitAny: every other method is passed on as it is.
      return async (...args: any[]) => {
        check();
        // biome-ignore lint/suspicious/noExplicitAny: as above.
        return (target[property] as any)(...args);
      };
    },
  });
  return {
    store: proxy,
    kill: () => {
      dead = true;
    },
  };
}

/** What each event is sent to. Ids are derived from the entry, so that a unit that runs again makes the same ones. */
function messagesFor(sequence: number): Message[] {
  const to = (arn: string, changed: Partial<Message> = {}): Message =>
    messageTo(arn, `${sequence}:${arn.split(/[:/]/).at(-1)}`, { deadLetterArn: DEAD_LETTER_ARN, ...changed });
  return [
    to(streamArn("stream")),
    to(streamArn("throttled")),
    to(lambdaArn("sound")),
    to(lambdaArn("flaky")),
    ...(sequence % 10 === 0 ? [to(lambdaArn("dead"), { retryAttemptsMax: 3 })] : []),
    ...(sequence % 50 === 0 ? [to(lambdaArn("hanging"), { retryAttemptsMax: 1 })] : []),
  ];
}

interface Run {
  readonly random: () => number;
  readonly clock: ManualClock;
  readonly wall: HurriedWallClock;
  readonly directory: string;
  /** Outside targets → ids that they have received, as often as they have. */
  readonly received: Map<string, string[]>;
  store: Store;
}

function startFlow(run: Run): { flow: Flow; started: Promise<void>; kill(): void } {
  const { store, kill } = mortal(run.store);
  const { clock, wall } = run;
  const ids = Object.assign(new SeededIds("flow"), { random: run.random });
  const flow = createFlow({ store, clock, wall, ids, log: pino({ level: "silent" }) });
  const refuse = (deliveryId: string): SinkOutcome =>
    deliveryId.endsWith("throttled") && Number.parseInt(deliveryId, 10) % 3 === 0 && clock.now() < THROTTLED_UNTIL_MS
      ? { code: "THROTTLING", message: "Rate exceeded", retryable: true }
      : undefined;
  flow.sink("sqs", "", logSink("queue"));
  flow.sink("kinesis", "stream/stream", logSink("stream"));
  flow.sink("kinesis", "stream/throttled", logSink("throttled", refuse));
  flow.sink("lambda", "function:", { attempt: (arn, request) => answer(run, arn, request) });
  flow.onTimer("note", async (unit, { id }) => void unit.append("fired", id, JSON.stringify(id)));
  flow.consume({
    name: "router",
    log: "bus",
    batchEntries: 16,
    handle: async (unit, entries) =>
      flow.send(
        unit,
        entries.flatMap(({ sequence }) => messagesFor(sequence)),
      ),
  });
  return { flow, started: flow.start(), kill };
}

async function answer({ received, random }: Run, arn: string, { deliveryId }: SinkRequest): Promise<SinkOutcome> {
  const target = arn.split(":").at(-1) ?? "";
  const failure = { code: "ERROR_FROM_TARGET", message: "503", retryable: true };
  const receive = (): void => void received.set(target, [...(received.get(target) ?? []), deliveryId]);
  const chance = random();
  if (target === "hanging") return new Promise(() => {});
  if (target === "dead") return failure;
  if (target === "flaky" && chance < 0.3) return failure;
  receive();
  // Taken, but the answer is lost on its way.
  if (target === "flaky" && chance < 0.5) return failure;
  return undefined;
}

async function simulate(seed: string): Promise<void> {
  await using directory = await temporaryDirectory();
  const chance = new SeededIds(seed);
  const clock = new ManualClock(START_MS);
  const wall = new HurriedWallClock();
  const open = (): Promise<Store> => Promise.resolve(openStore({ directory: directory.path, clock, wall }));
  const run: Run = {
    random: () => chance.random(),
    clock,
    wall,
    directory: directory.path,
    received: new Map(),
    store: await open(),
  };
  const pick = (bound: number): number => Math.floor(run.random() * bound);
  await run.store.commit(async (unit) => {
    unit.declareLog({ name: "bus", keepMs: 0 });
    declare(unit, "stream", "throttled", "queue", "fired");
  });

  let flows = [startFlow(run)];
  const endings: Promise<unknown>[] = [];
  const kill = (doomed: typeof flows): void => {
    for (const { flow, started, kill } of doomed) {
      kill();
      endings.push(started.catch(() => {}).then(() => flow.stop()));
    }
  };
  let published = 0;
  const timers: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const count = pick(12);
    const id = `timer-${round}`;
    timers.push(id);
    await run.store.commit(async (unit) => {
      for (let index = 0; index < count; index++) unit.append("bus", "key", "{}");
      flows.at(-1)?.flow.schedule(unit, { id, kind: "note", dueMs: clock.now() + pick(60_000), payload: null });
    });
    published += count;
    for (let turns = pick(8); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));

    const act = pick(6);
    if (act === 0) {
      kill(flows);
      flows = [startFlow(run)];
    } else if (act === 1) {
      kill(flows);
      await Promise.all(endings);
      await run.store.close();
      run.store = await open();
      flows = [startFlow(run)];
    } else if (act === 2) {
      // One that was thought dead goes on beside its successor.
      kill(flows.slice(0, -1));
      flows = [...flows.slice(-1), startFlow(run)];
    } else {
      clock.moveTo(clock.now() + pick(20_000));
    }
  }
  kill(flows);
  await Promise.all(endings);

  const last = startFlow(run);
  await last.started;
  const advanced = await advanceClock(last.flow, clock, START_MS + 2 * DAY_MS, PATIENCE_MS);
  assert.deepEqual(advanced.running, []);
  await verify(run, published, timers);
  assert.equal(await last.flow.nextDueMs(), undefined);
  await last.flow.stop();
  await run.store.close();
}

async function verify({ store, received }: Run, published: number, timers: string[]): Promise<void> {
  const expected = Array.from({ length: published }, (_, index) => messagesFor(index + 1)).flat();
  const idsTo = (name: string): string[] =>
    expected.map(({ request }) => request.deliveryId).filter((id) => id.endsWith(`:${name}`));
  const idsIn = async (log: string): Promise<string[]> =>
    (await readAll<SinkRequest>(store, log)).map(({ deliveryId }) => deliveryId);

  assert.deepEqual(await idsIn("stream"), idsTo("stream"), "the stream has each event once, in order");
  assert.deepEqual((await idsIn("throttled")).sort(), idsTo("throttled").sort(), "what was throttled is there once");
  assert.deepEqual((await readAll<string>(store, "fired")).sort(), timers.sort(), "each timer has fired once");
  for (const target of ["sound", "flaky"]) {
    const ids = [...new Set(received.get(target))];
    assert.deepEqual(ids.sort(), idsTo(target).sort(), `${target} has received each event under one id`);
  }
  const letters = (await idsIn("queue")).sort();
  assert.deepEqual(letters, [...idsTo("dead"), ...idsTo("hanging")].sort(), "each dead letter is there once");

  const ended = (await attemptsOf(store)).filter(({ outcome }) => outcome !== "failed");
  assert.equal(new Set(ended.map(({ deliveryId }) => deliveryId)).size, ended.length, "each delivery ended once");
}

const SEEDS = process.env.TRUNKLINE_FULL === "1" ? 10 : 1;

for (const seed of Array.from({ length: SEEDS }, (_, number) => `seed ${number + 1}`)) {
  test(`nothing is lost and nothing inside is doubled, whatever dies when (${seed})`, () => simulate(seed));
}
