import assert from "node:assert/strict";
import { test } from "node:test";
import type { GetShardIteratorInput } from "@aws-sdk/client-kinesis";
import type { Validated } from "../../models/validated.ts";
import { getRecords, getShardIterator } from "./get-records.ts";
import { putRecords } from "./put-records.ts";
import { splitShard } from "./resharding.ts";
import { increaseStreamRetentionPeriod } from "./retention.ts";
import { encodeSequenceNumber } from "./sequence-number.ts";
import { deleteStream, describeStream } from "./streams.ts";
import {
  ACCOUNT,
  createStreamNamed,
  HOUR_MS,
  openWorld,
  otherAccount,
  put,
  readAll,
  rejectsWith,
  START_MS,
  type World,
} from "./world.test.ts";

const SHARD = "shardId-000000000000";

type Start = Omit<Validated<GetShardIteratorInput>, "StreamName" | "ShardId">;

async function iteratorFrom(world: World, start: Start, ShardId = SHARD): Promise<string> {
  const { ShardIterator } = await getShardIterator({ StreamName: "calls", ShardId, ...start }, world);
  return String(ShardIterator);
}

async function textsFrom(world: World, start: Start): Promise<string[]> {
  const { Records } = await getRecords({ ShardIterator: await iteratorFrom(world, start) }, world);
  return (Records ?? []).map((record) => Buffer.from(record.Data ?? []).toString());
}

/** A stream `calls` with records a, b and c, a second apart. */
async function openWorldWithRecords(): Promise<{ world: World; numbers: string[] }> {
  const world = await openWorld();
  await createStreamNamed(world, "calls");
  const numbers: string[] = [];
  for (const text of ["a", "b", "c"]) {
    numbers.push(await put(world, "calls", "k", text));
    world.clock.moveTo(world.clock.now() + 1000);
  }
  return { world, numbers };
}

test("each iterator type starts where it says", async () => {
  const { world, numbers } = await openWorldWithRecords();
  await using _world = world;
  const [first = "", second = "", third = ""] = numbers;
  const at = (timeMs: number) => ({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(timeMs) }) as const;
  const atNumber = (number: string) =>
    ({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: number }) as const;
  const after = (number: string) =>
    ({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: number }) as const;
  assert.deepEqual(await textsFrom(world, { ShardIteratorType: "TRIM_HORIZON" }), ["a", "b", "c"]);
  assert.deepEqual(await textsFrom(world, { ShardIteratorType: "LATEST" }), []);
  assert.deepEqual(await textsFrom(world, atNumber(second)), ["b", "c"]);
  assert.deepEqual(await textsFrom(world, after(second)), ["c"]);
  assert.deepEqual(await textsFrom(world, after(third)), []);
  assert.deepEqual(await textsFrom(world, at(START_MS + 1000)), ["b", "c"]);
  assert.deepEqual(await textsFrom(world, at(START_MS + 1)), ["b", "c"]);
  assert.deepEqual(await textsFrom(world, at(START_MS - HOUR_MS)), ["a", "b", "c"]);
  const { StreamDescription } = await describeStream({ StreamName: "calls" }, world);
  const start = String(StreamDescription?.Shards?.[0]?.SequenceNumberRange?.StartingSequenceNumber);
  assert.deepEqual(await textsFrom(world, atNumber(start)), ["a", "b", "c"]);
  assert.deepEqual(await textsFrom(world, after(start)), ["a", "b", "c"]);
  assert.deepEqual(await textsFrom(world, atNumber(first)), ["a", "b", "c"]);
});

test("LATEST sees what is written after it", async () => {
  const { world } = await openWorldWithRecords();
  await using _world = world;
  const ShardIterator = await iteratorFrom(world, { ShardIteratorType: "LATEST" });
  await put(world, "calls", "k", "d");
  const { Records, MillisBehindLatest } = await getRecords({ ShardIterator }, world);
  assert.deepEqual(
    Records?.map((record) => String(Buffer.from(record.Data ?? []))),
    ["d"],
  );
  assert.equal(MillisBehindLatest, 0);
});

test("a record has its number, arrival time, data and partition key", async () => {
  const { world, numbers } = await openWorldWithRecords();
  await using _world = world;
  const ShardIterator = await iteratorFrom(world, { ShardIteratorType: "TRIM_HORIZON" });
  const { Records } = await getRecords({ ShardIterator, Limit: 1 }, world);
  assert.deepEqual(Records, [
    {
      SequenceNumber: numbers[0],
      ApproximateArrivalTimestamp: new Date(START_MS),
      Data: Uint8Array.from(Buffer.from("a")),
      PartitionKey: "k",
    },
  ]);
});

test("an answer says how far behind it is, and where to go on", async () => {
  const { world } = await openWorldWithRecords();
  await using _world = world;
  const ShardIterator = await iteratorFrom(world, { ShardIteratorType: "TRIM_HORIZON" });
  const first = await getRecords({ ShardIterator, Limit: 2 }, world);
  assert.equal(first.Records?.length, 2);
  assert.equal(first.MillisBehindLatest, 2000);
  const second = await getRecords({ ShardIterator: String(first.NextShardIterator) }, world);
  assert.equal(second.Records?.length, 1);
  assert.equal(second.MillisBehindLatest, 0);
  const third = await getRecords({ ShardIterator: String(second.NextShardIterator) }, world);
  assert.deepEqual(third.Records, []);
  assert.equal(third.MillisBehindLatest, 0);
});

test("an answer holds at most 10 MiB", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const Data = Buffer.alloc(1_000_000);
  for (const count of [8, 5]) {
    const Records = Array.from({ length: count }, () => ({ PartitionKey: "k", Data }));
    await putRecords({ StreamName: "calls", Records }, world);
  }
  const ShardIterator = await iteratorFrom(world, { ShardIteratorType: "TRIM_HORIZON" });
  const first = await getRecords({ ShardIterator }, world);
  assert.equal(first.Records?.length, 10);
  const second = await getRecords({ ShardIterator: String(first.NextShardIterator) }, world);
  assert.equal(second.Records?.length, 3);
});

test("records out of retention are invisible at once, and a longer retention does not bring them back", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const old = await put(world, "calls", "k", "old");
  world.clock.moveTo(START_MS + HOUR_MS);
  await put(world, "calls", "k", "young");
  world.clock.moveTo(START_MS + 24 * HOUR_MS);
  assert.deepEqual((await readAll(world, "calls")).texts, ["old", "young"]);
  world.clock.moveTo(START_MS + 24 * HOUR_MS + 1);
  assert.deepEqual((await readAll(world, "calls")).texts, ["young"]);
  const atOld = { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: old } as const;
  assert.deepEqual(await textsFrom(world, atOld), ["young"]);
  await increaseStreamRetentionPeriod({ StreamName: "calls", RetentionPeriodHours: 48 }, world);
  assert.deepEqual((await readAll(world, "calls")).texts, ["young"]);
  world.clock.moveTo(START_MS + 49 * HOUR_MS);
  assert.deepEqual((await readAll(world, "calls")).texts, ["young"]);
  world.clock.moveTo(START_MS + 49 * HOUR_MS + 1);
  assert.deepEqual((await readAll(world, "calls")).texts, []);
});

test("GetShardIterator refuses what it cannot start from", async () => {
  const { world, numbers } = await openWorldWithRecords();
  await using _world = world;
  const [number = ""] = numbers;
  const from = (start: Start, shard = SHARD) => iteratorFrom(world, start, shard);
  const either =
    "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber.";
  for (const ShardIteratorType of ["LATEST", "TRIM_HORIZON"] as const) {
    await rejectsWith(
      from({ ShardIteratorType, StartingSequenceNumber: number }),
      "InvalidArgumentException",
      `${either} Request specified ${ShardIteratorType} and also a StartingSequenceNumber.`,
    );
  }
  await rejectsWith(
    from({ ShardIteratorType: "AT_SEQUENCE_NUMBER" }),
    "InvalidArgumentException",
    `${either} Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber.`,
  );
  await rejectsWith(
    from({ ShardIteratorType: "AT_TIMESTAMP" }),
    "InvalidArgumentException",
    "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.",
  );
  const nowMs = world.clock.now();
  await rejectsWith(
    from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(nowMs + 1) }),
    "InvalidArgumentException",
    `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${nowMs + 1}, currentTimestampInMillis: ${nowMs}`,
  );
  const at = (StartingSequenceNumber: string) =>
    from({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber });
  const used = `used in GetShardIterator on shard ${SHARD} in stream calls under account ${ACCOUNT} is invalid`;
  await rejectsWith(at("5"), "InvalidArgumentException", `StartingSequenceNumber 5 ${used}.`);
  const createdSeconds = START_MS / 1000;
  const otherShard = encodeSequenceNumber({ createdSeconds, shardIndex: 1, index: 1, timeMs: START_MS });
  await rejectsWith(
    at(otherShard),
    "InvalidArgumentException",
    `Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard with ${SHARD}`,
  );
  const otherStream = encodeSequenceNumber({ createdSeconds: 1, shardIndex: 0, index: 1, timeMs: START_MS });
  await rejectsWith(
    at(otherStream),
    "InvalidArgumentException",
    `StartingSequenceNumber ${otherStream} ${used} because it did not come from this stream.`,
  );
});

test("GetShardIterator names the shard that is not there", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await rejectsWith(
    iteratorFrom(world, { ShardIteratorType: "LATEST" }, "shardId-000000000009"),
    "ResourceNotFoundException",
    `Shard shardId-000000000009 in stream calls under account ${ACCOUNT} does not exist`,
  );
  await rejectsWith(
    iteratorFrom(world, { ShardIteratorType: "LATEST" }, "nonsense"),
    "ResourceNotFoundException",
    `Could not find shard nonsense in stream calls under account ${ACCOUNT}.`,
  );
});

test("an iterator is opaque, short, and valid for five minutes", async () => {
  await using world = await openWorld();
  const name = "n".repeat(128);
  await createStreamNamed(world, name);
  const { ShardIterator } = await getShardIterator(
    { StreamName: name, ShardId: SHARD, ShardIteratorType: "LATEST" },
    world,
  );
  assert(String(ShardIterator).length <= 512);
  world.clock.moveTo(START_MS + 300_000);
  await getRecords({ ShardIterator: String(ShardIterator) }, world);
  world.clock.moveTo(START_MS + 300_001);
  await rejectsWith(
    getRecords({ ShardIterator: String(ShardIterator) }, world),
    "ExpiredIteratorException",
    "Iterator expired. The iterator was created at time Sat Nov 21 04:16:10 UTC 2026 while right now it is Sat Nov 21 04:21:10 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.",
  );
});

test("an iterator that was forged, or is another account's, is invalid", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await createStreamNamed(otherAccount(world), "calls");
  const iterator = await iteratorFrom(world, { ShardIteratorType: "LATEST" });
  const changed = Buffer.from(iterator, "base64");
  changed[20] = (changed[20] ?? 0) ^ 1;
  for (const ShardIterator of ["x", "AAAA", changed.toString("base64"), iterator.slice(0, -8)]) {
    await rejectsWith(getRecords({ ShardIterator }, world), "InvalidArgumentException", "Invalid ShardIterator.");
  }
  const foreign = getRecords({ ShardIterator: iterator }, otherAccount(world));
  await rejectsWith(foreign, "InvalidArgumentException", "Invalid ShardIterator.");
  await rejectsWith(
    getRecords({ ShardIterator: iterator, StreamARN: `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/texts` }, world),
    "InvalidArgumentException",
    /is not that of the stream of the ShardIterator/,
  );
});

test("an iterator does not outlive its stream", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const ShardIterator = await iteratorFrom(world, { ShardIteratorType: "LATEST" });
  await deleteStream({ StreamName: "calls" }, world);
  const gone = `Shard ${SHARD} in stream calls under account ${ACCOUNT} does not exist`;
  await rejectsWith(getRecords({ ShardIterator }, world), "ResourceNotFoundException", gone);
  await createStreamNamed(world, "calls");
  await rejectsWith(getRecords({ ShardIterator }, world), "ResourceNotFoundException", gone);
});

test("a drained closed shard answers with its child shards and no iterator", async () => {
  const { world } = await openWorldWithRecords();
  await using _world = world;
  await splitShard({ StreamName: "calls", ShardToSplit: SHARD, NewStartingHashKey: "1000" }, world);
  const ShardIterator = await iteratorFrom(world, { ShardIteratorType: "TRIM_HORIZON" });
  const first = await getRecords({ ShardIterator, Limit: 2 }, world);
  assert.equal(first.ChildShards, undefined);
  const last = await getRecords({ ShardIterator: String(first.NextShardIterator) }, world);
  assert.equal(last.Records?.length, 1);
  assert.equal(last.NextShardIterator, undefined);
  assert.deepEqual(last.ChildShards, [
    {
      ShardId: "shardId-000000000001",
      ParentShards: [SHARD],
      HashKeyRange: { StartingHashKey: "0", EndingHashKey: "999" },
    },
    {
      ShardId: "shardId-000000000002",
      ParentShards: [SHARD],
      HashKeyRange: { StartingHashKey: "1000", EndingHashKey: "340282366920938463463374607431768211455" },
    },
  ]);
});

test("dry runs of reads answer that they would have succeeded", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const start = { ShardIteratorType: "LATEST" } as const;
  await rejectsWith(iteratorFrom(world, { ...start, DryRun: true }), "DryRunOperationException", /DryRun parameter/);
  const ShardIterator = await iteratorFrom(world, start);
  await rejectsWith(getRecords({ ShardIterator, DryRun: true }, world), "DryRunOperationException", /DryRun parameter/);
});

test("with enforced limits a shard answers five times and 2 MiB a second", async () => {
  await using world = await openWorld({});
  await createStreamNamed(world, "calls");
  const throttled = `Rate exceeded for shard ${SHARD} in stream calls under account ${ACCOUNT}.`;
  const ShardIterator = await iteratorFrom(world, { ShardIteratorType: "TRIM_HORIZON" });
  for (let call = 0; call < 5; call++) await getRecords({ ShardIterator }, world);
  await rejectsWith(getRecords({ ShardIterator }, world), "ProvisionedThroughputExceededException", throttled);
  world.clock.moveTo(START_MS + 1000);
  for (let call = 0; call < 5; call++) await iteratorFrom(world, { ShardIteratorType: "LATEST" });
  const sixth = iteratorFrom(world, { ShardIteratorType: "LATEST" });
  await rejectsWith(sixth, "ProvisionedThroughputExceededException", throttled);

  for (let second = 2; second < 12; second++) {
    world.clock.moveTo(START_MS + second * 1000);
    await put(world, "calls", "k", "x".repeat(1024 * 1024 - 1));
  }
  world.clock.moveTo(START_MS + 20_000);
  assert.equal((await getRecords({ ShardIterator }, world)).Records?.length, 10);
  world.clock.moveTo(START_MS + 24_990);
  await rejectsWith(getRecords({ ShardIterator }, world), "ProvisionedThroughputExceededException", throttled);
  world.clock.moveTo(START_MS + 25_000);
  await getRecords({ ShardIterator, Limit: 1 }, world);
});
