import assert from "node:assert/strict";
import { test } from "node:test";
import type { SubscribeToShardEvent, SubscribeToShardEventStream } from "@aws-sdk/client-kinesis";
import type { Context } from "../service.ts";
import { deregisterStreamConsumer, registerStreamConsumer } from "./consumers.ts";
import { mergeShards } from "./resharding.ts";
import { deleteStream } from "./streams.ts";
import { subscribeToShard } from "./subscribe-to-shard.ts";
import { ACCOUNT, createStreamNamed, openWorld, put, rejectsWith, START_MS, type World } from "./world.test.ts";

const SHARD_0 = "shardId-000000000000";
const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;
const ConsumerARN = `${StreamARN}/consumer/reader:${START_MS / 1000}`;
const IN_USE = `Another active subscription exists for this consumer: ${ACCOUNT}:calls:${SHARD_0}:reader`;

async function openWorldWithConsumer(limits?: Readonly<Record<string, number>>): Promise<World> {
  const world = await openWorld(limits);
  await createStreamNamed(world, "calls", 2);
  await registerStreamConsumer({ StreamARN, ConsumerName: "reader" }, world);
  return world;
}

type Start = Parameters<typeof subscribeToShard>[0]["StartingPosition"];

async function subscribe(
  context: Context,
  StartingPosition: Start = { Type: "LATEST" },
): Promise<AsyncIterator<SubscribeToShardEventStream>> {
  const { EventStream } = await subscribeToShard({ ConsumerARN, ShardId: SHARD_0, StartingPosition }, context);
  assert(EventStream !== undefined);
  return EventStream[Symbol.asyncIterator]();
}

async function nextEvent(events: AsyncIterator<SubscribeToShardEventStream>): Promise<SubscribeToShardEvent> {
  const { value } = await events.next();
  return value.SubscribeToShardEvent;
}

function texts(event: SubscribeToShardEvent): string[] {
  return (event.Records ?? []).map((record) => Buffer.from(record.Data ?? []).toString());
}

/** The MD5 of `a` begins with 0c: the lower half of the hash space. */
function putInShard0(world: World, text: string): Promise<string> {
  return put(world, "calls", "a", text);
}

/** Turns of the event loop, until what was woken has gone to sleep again. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("records are pushed as they come, with a number to continue from", async () => {
  await using world = await openWorldWithConsumer();
  const events = await subscribe(world);
  const waiting = nextEvent(events);
  await settle();
  const number = await putInShard0(world, "live");
  const event = await waiting;
  assert.deepEqual(texts(event), ["live"]);
  assert.equal(event.ContinuationSequenceNumber, number);
  assert.equal(event.MillisBehindLatest, 0);
  assert.equal(event.ChildShards, undefined);
  await events.return?.();
});

test("a subscription starts where it is asked to, and goes on after what it was given", async () => {
  await using world = await openWorldWithConsumer();
  const first = await putInShard0(world, "one");
  await putInShard0(world, "two");
  const start = { Type: "AFTER_SEQUENCE_NUMBER", SequenceNumber: first } as const;
  const events = await subscribe(world, start);
  assert.deepEqual(texts(await nextEvent(events)), ["two"]);
  await events.return?.();
  world.wall.moveTo(START_MS + 5000);
  const fromStart = await subscribe(world, { Type: "TRIM_HORIZON" });
  assert.deepEqual(texts(await nextEvent(fromStart)), ["one", "two"]);
  await fromStart.return?.();
});

test("nothing is pushed before it is durable", async () => {
  await using world = await openWorldWithConsumer();
  const durable = Promise.withResolvers<void>();
  const store = new Proxy(world.store, {
    get: (target, name) => {
      if (name === "durable") return () => durable.promise;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const events = await subscribe(world.as({ store }), { Type: "TRIM_HORIZON" });
  await putInShard0(world, "soon");
  let pushed = false;
  const waiting = nextEvent(events).then((event) => {
    pushed = true;
    return event;
  });
  await settle();
  assert.equal(pushed, false);
  durable.resolve();
  assert.deepEqual(texts(await waiting), ["soon"]);
  await events.return?.();
});

test("an idle shard sends an event every five seconds, to continue from", async () => {
  await using world = await openWorldWithConsumer();
  await putInShard0(world, "old");
  const events = await subscribe(world);
  const waiting = nextEvent(events);
  await settle();
  world.wall.moveTo(START_MS + 5000);
  const event = await waiting;
  assert.deepEqual(event.Records, []);
  await events.return?.();
  await putInShard0(world, "new");
  const start = { Type: "AFTER_SEQUENCE_NUMBER", SequenceNumber: event.ContinuationSequenceNumber } as const;
  const again = await subscribe(world, start);
  assert.deepEqual(texts(await nextEvent(again)), ["new"]);
  await again.return?.();
});

test("a subscription ends after five minutes", async () => {
  await using world = await openWorldWithConsumer();
  const events = await subscribe(world);
  for (let second = 5; second < 300; second += 5) {
    const waiting = nextEvent(events);
    await settle();
    world.wall.moveTo(START_MS + second * 1000);
    await waiting;
  }
  const last = events.next();
  await settle();
  world.wall.moveTo(START_MS + 300_000);
  assert.equal((await last).done, true);
});

test("a subscription ends when the caller goes away", async () => {
  await using world = await openWorldWithConsumer();
  const caller = new AbortController();
  const events = await subscribe(world.as({ signal: caller.signal }));
  const waiting = events.next();
  await settle();
  caller.abort();
  assert.equal((await waiting).done, true);
});

test("a drained closed shard ends with its child shards, and no number to continue from", async () => {
  await using world = await openWorldWithConsumer();
  await putInShard0(world, "last");
  const events = await subscribe(world, { Type: "TRIM_HORIZON" });
  assert.deepEqual(texts(await nextEvent(events)), ["last"]);
  const waiting = nextEvent(events);
  await settle();
  await mergeShards(
    { StreamName: "calls", ShardToMerge: SHARD_0, AdjacentShardToMerge: "shardId-000000000001" },
    world,
  );
  const end = await waiting;
  assert.deepEqual(end.Records, []);
  assert.equal(end.ContinuationSequenceNumber, undefined);
  assert.deepEqual(end.ChildShards, [
    {
      ShardId: "shardId-000000000002",
      ParentShards: [SHARD_0, "shardId-000000000001"],
      HashKeyRange: { StartingHashKey: "0", EndingHashKey: "340282366920938463463374607431768211455" },
    },
  ]);
  assert.equal((await events.next()).done, true);
});

test("a second call is refused for five seconds, then takes over", async () => {
  await using world = await openWorldWithConsumer();
  const first = await subscribe(world);
  const waiting = first.next();
  await settle();
  world.wall.moveTo(START_MS + 4999);
  await rejectsWith(subscribe(world), "ResourceInUseException", IN_USE);
  world.wall.moveTo(START_MS + 5000);
  await waiting;
  const replaced = first.next();
  replaced.catch(() => {});
  const second = await subscribe(world);
  await rejectsWith(replaced, "ResourceInUseException", IN_USE);
  const pushed = nextEvent(second);
  await putInShard0(world, "x");
  assert.deepEqual(texts(await pushed), ["x"]);
  await second.return?.();
});

test("a subscription that has ended keeps others off for the rest of its five seconds", async () => {
  await using world = await openWorldWithConsumer();
  const first = await subscribe(world, { Type: "TRIM_HORIZON" });
  await putInShard0(world, "x");
  await first.next();
  await first.return?.();
  await rejectsWith(subscribe(world), "ResourceInUseException", IN_USE);
  world.wall.moveTo(START_MS + 5000);
  await subscribe(world);
});

test("a subscription fails when its consumer or its stream is gone", async () => {
  for (const remove of ["consumer", "stream"]) {
    await using world = await openWorldWithConsumer();
    const events = await subscribe(world);
    const waiting = events.next();
    waiting.catch(() => {});
    await settle();
    if (remove === "consumer") await deregisterStreamConsumer({ ConsumerARN }, world);
    else await deleteStream({ StreamARN, EnforceConsumerDeletion: true }, world);
    await rejectsWith(waiting, "ResourceNotFoundException", `Consumer ${ConsumerARN} not found.`);
  }
});

test("what cannot be subscribed to is refused before the stream begins", async () => {
  await using world = await openWorldWithConsumer();
  const call = (input: object) =>
    subscribeToShard({ ConsumerARN, ShardId: SHARD_0, StartingPosition: { Type: "LATEST" }, ...input }, world);
  await rejectsWith(call({ ConsumerARN: `${ConsumerARN}0` }), "ResourceNotFoundException", /Consumer .* not found/);
  await rejectsWith(
    call({ ShardId: "shardId-000000000007" }),
    "ResourceNotFoundException",
    `Shard shardId-000000000007 in stream calls under account ${ACCOUNT} does not exist`,
  );
  const noNumber = call({ StartingPosition: { Type: "AT_SEQUENCE_NUMBER" } });
  await rejectsWith(noNumber, "InvalidArgumentException", /and no StartingSequenceNumber/);
  await rejectsWith(call({ DryRun: true }), "DryRunOperationException", /DryRun parameter/);
});

test("with enforced limits a consumer gets 2 MiB a second", async () => {
  await using world = await openWorldWithConsumer({
    "kinesis.consumer-bytes-per-second": 1000,
    "kinesis.shard-write-bytes-per-second": 1_000_000,
  });
  await putInShard0(world, "x".repeat(3000));
  const events = await subscribe(world, { Type: "TRIM_HORIZON" });
  await nextEvent(events);
  await putInShard0(world, "y");
  let pushed = false;
  const waiting = nextEvent(events).then((event) => {
    pushed = true;
    return event;
  });
  await settle();
  world.wall.moveTo(START_MS + 2999);
  await settle();
  assert.equal(pushed, false);
  world.wall.moveTo(START_MS + 3000);
  assert.deepEqual(texts(await waiting), ["y"]);
  await events.return?.();
});
