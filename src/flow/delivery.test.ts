import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../store/store.ts";
import { SystemWallClock } from "../time/clock.ts";
import {
  advanceClock,
  createFlow,
  type FlowOptions,
  type Message,
  type SinkFailure,
  type SinkOutcome,
  type SinkRequest,
} from "./index.ts";
import {
  attemptsOf,
  DEAD_LETTER_ARN,
  declare,
  logSink,
  messageTo,
  openWorld,
  PATIENCE_MS,
  RULE_ARN,
  readAll,
  START_MS,
  type World,
} from "./world.test.ts";

const TARGET = "arn:aws:lambda:us-east-1:000000000000:function:notify";
const OTHER = "arn:aws:lambda:us-east-1:000000000000:function:other";
const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/contacts";
const DAY_MS = 86_400_000;

const UNAVAILABLE: SinkFailure = { code: "ERROR_FROM_TARGET", message: "503 from the target", retryable: true };
const REJECTED: SinkFailure = { code: "NO_PERMISSIONS", message: "Not allowed", retryable: false };
const THROTTLED: SinkFailure = { code: "THROTTLING", message: "Rate exceeded", retryable: true };

type Answer = (arn: string, deliveryId: string, signal: AbortSignal) => SinkOutcome | Promise<SinkOutcome>;

/** Functions answer as they are told; queues and streams are logs of the same name as their service. */
async function startWorld(
  answer: Answer,
  changed: Partial<FlowOptions> = {},
): Promise<World & { attempted: string[] }> {
  const world = await openWorld(changed);
  const attempted: string[] = [];
  world.flow.sink("lambda", "function:", {
    async attempt(arn, { deliveryId }, signal) {
      attempted.push(deliveryId);
      return answer(arn, deliveryId, signal);
    },
  });
  world.flow.sink("sqs", "", logSink("queue"));
  await world.store.commit(async (unit) => declare(unit, "queue", "stream"));
  await world.flow.start();
  return { ...world, attempted, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

async function send({ store, flow }: World, ...messages: Message[]): Promise<void> {
  await store.commit(async (unit) => flow.send(unit, messages));
}

async function deadLetters({ store }: World): Promise<SinkRequest[]> {
  return readAll<SinkRequest>(store, "queue");
}

async function outcomes({ store }: World): Promise<string[]> {
  return (await attemptsOf(store)).map(({ attempt, outcome, errorCode }) =>
    [attempt, outcome, errorCode].filter((part) => part !== undefined).join(" "),
  );
}

test("a delivery that is taken leaves nothing but its entry in the attempts log", async () => {
  await using world = await startWorld(() => undefined);
  await send(world, messageTo(TARGET, "d1"));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(world.attempted, ["d1"]);
  const [{ durationMs = -1, ...attempt } = assert.fail("There is an attempt"), ...others] = await attemptsOf(
    world.store,
  );
  assert.deepEqual(others, []);
  assert.ok(durationMs >= 0);
  assert.deepEqual(attempt, {
    deliveryId: "d1",
    account: "000000000000",
    region: "us-east-1",
    targetArn: TARGET,
    ruleArn: RULE_ARN,
    attempt: 1,
    outcome: "delivered",
    timeMs: START_MS,
    eventMs: START_MS,
  });
  assert.equal(await world.flow.nextDueMs(), undefined);
});

test("an inside sink takes its requests in the unit, in order, without an attempt", async () => {
  await using world = await startWorld(() => undefined);
  world.flow.sink("kinesis", "stream/", logSink("stream"));
  await send(world, messageTo(STREAM, "d1"), messageTo(TARGET, "d2"), messageTo(STREAM, "d3"));
  assert.deepEqual(
    (await readAll<SinkRequest>(world.store, "stream")).map(({ deliveryId }) => deliveryId),
    ["d1", "d3"],
  );
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await outcomes(world), ["1 delivered"]);
  assert.match(world.flow.metrics.text(), new RegExp(`metric="Invocations",region="us-east-1",rule="${RULE_ARN}"} 3`));
});

test("a failure that may pass is tried again with the same id after a back-off", async () => {
  let down = 3;
  await using world = await startWorld(() => (down-- > 0 ? UNAVAILABLE : undefined));
  await send(world, messageTo(TARGET, "d1"));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(world.attempted, ["d1"]);

  await advanceClock(world.flow, world.clock, START_MS + 60_000, PATIENCE_MS);
  assert.deepEqual(world.attempted, ["d1", "d1", "d1", "d1"]);
  assert.deepEqual(await outcomes(world), [
    "1 failed ERROR_FROM_TARGET",
    "2 failed ERROR_FROM_TARGET",
    "3 failed ERROR_FROM_TARGET",
    "4 delivered",
  ]);
});

test("a target that stays down gets 185 retries or 24 hours, and then its dead letter", async () => {
  await using world = await startWorld(() => UNAVAILABLE);
  await send(world, messageTo(TARGET, "d1", { deadLetterArn: DEAD_LETTER_ARN }));
  const { running } = await advanceClock(world.flow, world.clock, START_MS + 2 * DAY_MS, PATIENCE_MS);
  assert.deepEqual(running, []);

  const [letter, ...others] = await deadLetters(world);
  assert.equal(others.length, 0);
  assert.equal(letter?.body, '{"id":"d1"}');
  const { EXHAUSTED_RETRY_CONDITION: condition, RETRY_ATTEMPTS: retries, ...rest } = letter?.attributes ?? {};
  assert.deepEqual(rest, {
    RULE_ARN,
    TARGET_ARN: TARGET,
    ERROR_CODE: "ERROR_FROM_TARGET",
    ERROR_MESSAGE: "503 from the target",
  });
  assert.match(condition ?? "", /^Maximum(RetryAttempts|EventAgeInSeconds)$/);
  assert.equal(world.attempted.length, Number(retries) + 1);
  assert(Number(retries) > 150 && Number(retries) <= 185, retries);
  const metrics = world.flow.metrics.text();
  assert.match(
    metrics,
    new RegExp(`metric="RetryInvocationAttempts",region="us-east-1",rule="${RULE_ARN}"} ${retries}\n`),
  );
  for (const metric of ["Invocations", "FailedInvocations", "InvocationsSentToDlq"]) {
    assert.match(metrics, new RegExp(`metric="${metric}",region="us-east-1",rule="${RULE_ARN}"} 1\n`));
  }
});

test("a policy of two retries ends after three attempts", async () => {
  await using world = await startWorld(() => UNAVAILABLE);
  await send(world, messageTo(TARGET, "d1", { deadLetterArn: DEAD_LETTER_ARN, retryAttemptsMax: 2 }));
  await advanceClock(world.flow, world.clock, START_MS + DAY_MS, PATIENCE_MS);
  assert.equal(world.attempted.length, 3);
  const [letter] = await deadLetters(world);
  assert.equal(letter?.attributes?.EXHAUSTED_RETRY_CONDITION, "MaximumRetryAttempts");
  assert.equal(letter?.attributes?.RETRY_ATTEMPTS, "2");
});

test("a policy of 60 seconds ends at that age", async () => {
  await using world = await startWorld(() => UNAVAILABLE);
  await send(world, messageTo(TARGET, "d1", { deadLetterArn: DEAD_LETTER_ARN, eventAgeMsMax: 60_000 }));
  await advanceClock(world.flow, world.clock, START_MS + 59_999, PATIENCE_MS);
  assert.deepEqual(await deadLetters(world), []);
  await advanceClock(world.flow, world.clock, START_MS + 60_000, PATIENCE_MS);
  const [letter] = await deadLetters(world);
  assert.equal(letter?.attributes?.EXHAUSTED_RETRY_CONDITION, "MaximumEventAgeInSeconds");
  assert.equal(letter?.attributes?.RETRY_ATTEMPTS, String(world.attempted.length - 1));
});

test("an event older than its policy allows is attempted once all the same", async () => {
  await using world = await startWorld(() => UNAVAILABLE);
  const message = messageTo(TARGET, "d1", { deadLetterArn: DEAD_LETTER_ARN, timeMs: START_MS - 2 * DAY_MS });
  await send(world, message);
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(world.attempted, ["d1"]);
  const [letter] = await deadLetters(world);
  assert.equal(letter?.attributes?.EXHAUSTED_RETRY_CONDITION, "MaximumEventAgeInSeconds");
});

test("a failure for good goes to the dead-letter queue at once, from outside and from inside", async () => {
  await using world = await startWorld(() => REJECTED);
  world.flow.sink(
    "kinesis",
    "stream/",
    logSink("stream", () => REJECTED),
  );
  const deadLetterArn = DEAD_LETTER_ARN;
  await send(
    world,
    messageTo(STREAM, "inside", { deadLetterArn }),
    messageTo(TARGET, "outside", { deadLetterArn }),
    messageTo("arn:aws:states:us-east-1:000000000000:stateMachine:none", "unknown", { deadLetterArn }),
  );
  assert(await world.flow.drained(PATIENCE_MS));
  const letters = await deadLetters(world);
  assert.deepEqual(
    letters.map(({ deliveryId, attributes }) => [
      deliveryId,
      attributes?.ERROR_CODE,
      attributes?.RETRY_ATTEMPTS,
      attributes?.EXHAUSTED_RETRY_CONDITION,
    ]),
    [
      ["inside", "NO_PERMISSIONS", "0", undefined],
      ["unknown", "NO_RESOURCE", "0", undefined],
      ["outside", "NO_PERMISSIONS", "0", undefined],
    ],
  );
});

test("without a dead-letter queue, or with one that refuses, the event is dropped and counted", async () => {
  await using world = await startWorld(() => REJECTED);
  world.flow.sink(
    "sns",
    "",
    logSink("queue", () => REJECTED),
  );
  await send(
    world,
    messageTo(TARGET, "none"),
    messageTo(TARGET, "refused", { deadLetterArn: "arn:aws:sns:us-east-1:000000000000:full" }),
    messageTo(TARGET, "missing", { deadLetterArn: "arn:aws:states:us-east-1:000000000000:none" }),
  );
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await outcomes(world), Array(3).fill("1 dropped NO_PERMISSIONS"));
  assert.match(
    world.flow.metrics.text(),
    /metric="InvocationsFailedToBeSentToDlq",region="us-east-1",rule="[^"]*"} 2\n/,
  );
  assert.equal(await world.flow.nextDueMs(), undefined);
});

test("what an inside sink throttles becomes a delivery, and overtaking is allowed", async () => {
  await using world = await startWorld(() => undefined);
  world.flow.sink(
    "kinesis",
    "stream/",
    logSink("stream", (id) => (id === "d1" && world.clock.now() < START_MS + 30_000 ? THROTTLED : undefined)),
  );
  await send(world, messageTo(STREAM, "d1"), messageTo(STREAM, "d2"));
  await advanceClock(world.flow, world.clock, START_MS + 120_000, PATIENCE_MS);
  const records = await readAll<SinkRequest>(world.store, "stream");
  assert.deepEqual(
    records.map(({ deliveryId }) => deliveryId),
    ["d2", "d1"],
  );
  assert.equal((await outcomes(world)).at(-1)?.endsWith("delivered"), true);
});

test("a target that does not answer fails with a time-out and is told to end", async () => {
  const aborted: boolean[] = [];
  await using world = await startWorld((_arn, _id, signal) => {
    signal.addEventListener("abort", () => void aborted.push(true));
    return new Promise(() => {});
  });
  await send(world, messageTo(TARGET, "d1", { retryAttemptsMax: 0, deadLetterArn: DEAD_LETTER_ARN }));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(aborted, [true]);
  const [letter] = await deadLetters(world);
  assert.equal(letter?.attributes?.ERROR_CODE, "TIMEOUT");
});

test("a sink that throws counts as failed and is tried again", async () => {
  let broken = true;
  await using world = await startWorld(() => {
    if (broken) throw new Error("broken");
    return undefined;
  });
  await send(world, messageTo(TARGET, "d1"));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await outcomes(world), ["1 failed INTERNAL_ERROR"]);
  broken = false;
  await advanceClock(world.flow, world.clock, START_MS + 60_000, PATIENCE_MS);
  assert.equal((await outcomes(world)).at(-1), "2 delivered");
});

test("dead targets delay nobody else", async () => {
  const deadCount = 100;
  const taken = Promise.withResolvers<void>();
  let rest = 500;
  const answer: Answer = (arn) => {
    if (arn !== OTHER) return new Promise(() => {});
    if (--rest === 0) taken.resolve();
    return undefined;
  };
  // Attempts time out in real time, 30 s, so none of the dead targets' attempts ends during the test.
  await using world = await startWorld(answer, { wall: new SystemWallClock() });
  const dead = Array.from({ length: deadCount }, (_, target) =>
    Array.from({ length: 20 }, (_, index) => messageTo(`${TARGET}-${target}`, `dead-${target}-${index}`)),
  );
  await send(world, ...dead.flat());
  await send(world, ...Array.from({ length: 500 }, (_, index) => messageTo(OTHER, `sound-${index}`)));

  await taken.promise;
  // One attempt each, still in flight: dead targets do not even fill their own share.
  assert.equal(world.attempted.filter((id) => id.startsWith("dead")).length, deadCount);
  assert.equal(world.flow.running().filter((name) => name.includes("dead")).length, deadCount);
});

test("a sound target is attempted side by side, but at most 16 times at once", async () => {
  let [inFlight, most] = [0, 0];
  await using world = await startWorld(async () => {
    most = Math.max(most, ++inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    inFlight--;
    return undefined;
  });
  await send(world, ...Array.from({ length: 500 }, (_, index) => messageTo(TARGET, `d${index}`)));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.equal(new Set(world.attempted).size, 500);
  assert.equal(world.attempted.length, 500);
  assert(most > 4 && most <= 16, String(most));
});

test("nothing leaves before what it rests on is durable", async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using plain = await openWorld();
  const store: Store = Object.assign(Object.create(plain.store) as Store, {
    async durable() {
      asked.resolve();
      await gate.promise;
    },
  });
  for (const name of ["commit", "commitUnsynced", "list", "get", "watchLog"] as const) {
    Object.assign(store, { [name]: plain.store[name].bind(plain.store) });
  }
  const flow = createFlow({ ...plain.options, store });
  const attempted: string[] = [];
  flow.sink("lambda", "", {
    async attempt(_arn, { deliveryId }) {
      attempted.push(deliveryId);
      return undefined;
    },
  });
  await flow.start();
  await plain.store.commitUnsynced(async (unit) => flow.send(unit, [messageTo(TARGET, "d1")]));
  await asked.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(attempted, []);
  gate.resolve();
  assert(await flow.drained(PATIENCE_MS));
  assert.deepEqual(attempted, ["d1"]);
  await flow.stop();
});

test("what was in flight when the process ended is attempted again, with the same id", async () => {
  let hanging = true;
  const begun = Promise.withResolvers<void>();
  await using world = await startWorld(() => {
    begun.resolve();
    return hanging ? new Promise(() => {}) : undefined;
  });
  await send(world, messageTo(TARGET, "d1"));
  await begun.promise;
  await world.flow.stop();
  hanging = false;

  const flow = createFlow(world.options);
  const attempted: string[] = [];
  flow.sink("lambda", "", {
    async attempt(_arn, { deliveryId }) {
      attempted.push(deliveryId);
      return undefined;
    },
  });
  await flow.start();
  assert(await flow.drained(PATIENCE_MS));
  await flow.stop();
  assert.deepEqual(attempted, ["d1"]);
  assert.deepEqual(await outcomes(world), ["1 delivered"]);
});
