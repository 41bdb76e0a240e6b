import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { updateMaxRecordSize } from "./capacity.ts";
import { startStreamEncryption, stopStreamEncryption } from "./encryption.ts";
import { getRecords, getShardIterator } from "./get-records.ts";
import { putRecord, putRecords } from "./put-records.ts";
import { splitShard } from "./resharding.ts";
import { encodeSequenceNumber } from "./sequence-number.ts";
import { createStream } from "./streams.ts";
import { ACCOUNT, createStreamNamed, openWorld, put, readAll, rejectsWith, START_MS } from "./world.test.ts";

const Data = Buffer.from("x");
const KIB = 1024;

test("records go to the shard of their hash key", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 3);
  const byKey = await putRecord({ StreamName: "calls", PartitionKey: "contact-42", Data }, world);
  assert.equal(byKey.ShardId, "shardId-000000000000");
  assert.equal("EncryptionType" in byKey, false);
  const ExplicitHashKey = "340282366920938463463374607431768211455";
  const explicit = await putRecord({ StreamName: "calls", PartitionKey: "contact-42", ExplicitHashKey, Data }, world);
  assert.equal(explicit.ShardId, "shardId-000000000002");
  const { Records, FailedRecordCount } = await putRecords(
    {
      StreamName: "calls",
      Records: [
        { PartitionKey: "contact-42", Data },
        { PartitionKey: "contact-42", ExplicitHashKey, Data },
      ],
    },
    world,
  );
  assert.equal(FailedRecordCount, 0);
  assert.deepEqual(
    Records?.map((record) => record.ShardId),
    ["shardId-000000000000", "shardId-000000000002"],
  );
});

test("sequence numbers rise within a shard, also while the clock stands still", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 2);
  const steps = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.nat(3000)), { minLength: 1, maxLength: 30 });
  const last = new Map<string, bigint>();
  await fc.assert(
    fc.asyncProperty(steps, async (records) => {
      for (const [PartitionKey, advanceMs] of records) {
        const { ShardId, SequenceNumber } = await putRecord({ StreamName: "calls", PartitionKey, Data }, world);
        const number = BigInt(String(SequenceNumber));
        assert(number > (last.get(String(ShardId)) ?? 0n));
        last.set(String(ShardId), number);
        world.clock.moveTo(world.clock.now() + advanceMs);
      }
    }),
    { numRuns: 10 },
  );
});

test("a record that the stream cannot take is refused, and nothing is written", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const StreamName = "calls";
  const PartitionKey = "k";
  await rejectsWith(
    putRecord({ StreamName: "none", PartitionKey, Data }, world),
    "ResourceNotFoundException",
    `Stream none under account ${ACCOUNT} not found.`,
  );
  await rejectsWith(
    putRecord({ StreamName, PartitionKey, ExplicitHashKey: String(1n << 128n), Data }, world),
    "InvalidArgumentException",
    "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456",
  );
  await rejectsWith(
    putRecord({ StreamName, Data }, world),
    "ValidationException",
    "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: Member must not be null",
  );
  await rejectsWith(
    putRecord({ StreamName, PartitionKey, Data: Buffer.alloc(KIB * KIB) }, world),
    "InvalidArgumentException",
    `The record of 1048577 bytes (data and partition key) exceeds the maximum record size of 1024 KiB of stream calls under account ${ACCOUNT}.`,
  );
  const Records = [
    { PartitionKey, Data },
    { PartitionKey, Data: Buffer.alloc(KIB * KIB) },
  ];
  await rejectsWith(putRecords({ StreamName, Records }, world), "InvalidArgumentException", /1048577 bytes/);
  assert.deepEqual((await readAll(world, "calls")).texts, []);
});

test("larger records are taken where the stream allows them", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;
  await updateMaxRecordSize({ StreamARN, MaxRecordSizeInKiB: 2048 }, world);
  const large = Buffer.alloc(2 * KIB * KIB - 1, "x");
  await putRecord({ StreamName: "calls", PartitionKey: "k", Data: large }, world);
  assert.equal((await readAll(world, "calls")).texts[0]?.length, large.length);
});

test("a PutRecords request carries up to 10 MiB", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const Records = Array.from({ length: 11 }, () => ({ PartitionKey: "k", Data: Buffer.alloc(KIB * KIB - 1) }));
  await rejectsWith(
    putRecords({ StreamName: "calls", Records }, world),
    "InvalidArgumentException",
    "Records size exceeds 10 MB limit",
  );
});

test("SequenceNumberForOrdering must come from the stream, and what is written comes after it", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const first = await put(world, "calls", "k");
  const order = (SequenceNumberForOrdering: string) =>
    putRecord({ StreamName: "calls", PartitionKey: "k", Data, SequenceNumberForOrdering }, world);
  assert(BigInt(String((await order(first)).SequenceNumber)) > BigInt(first));

  const used = (number: string) =>
    `ExclusiveMinimumSequenceNumber ${number} used in PutRecord on stream calls under account ${ACCOUNT} is invalid`;
  await rejectsWith(order("1"), "InvalidArgumentException", `${used("1")}.`);
  const createdSeconds = START_MS / 1000;
  const future = encodeSequenceNumber({ createdSeconds, shardIndex: 0, index: 1, timeMs: START_MS + 1000 });
  await rejectsWith(order(future), "InvalidArgumentException", `${used(future)}.`);
  for (const foreign of [
    { createdSeconds: createdSeconds - 1, shardIndex: 0, index: 1, timeMs: START_MS },
    { createdSeconds, shardIndex: 7, index: 1, timeMs: START_MS },
    { createdSeconds, shardIndex: 0, index: 99, timeMs: START_MS },
  ]) {
    const number = encodeSequenceNumber(foreign);
    await rejectsWith(
      order(number),
      "InvalidArgumentException",
      `${used(number)} because it did not come from this stream.`,
    );
  }
});

test("a number from before a split still orders what is written after it", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const parent = await put(world, "calls", "k");
  await splitShard({ StreamName: "calls", ShardToSplit: "shardId-000000000000", NewStartingHashKey: "4711" }, world);
  const { SequenceNumber } = await putRecord(
    { StreamName: "calls", PartitionKey: "k", Data, SequenceNumberForOrdering: parent },
    world,
  );
  assert(BigInt(String(SequenceNumber)) > BigInt(parent));
});

test("a dry run checks everything and writes nothing", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const dryRun = { StreamName: "calls", DryRun: true };
  const succeeded = "The request was rejected because the DryRun parameter was specified.";
  await rejectsWith(putRecord({ ...dryRun, PartitionKey: "k", Data }, world), "DryRunOperationException", succeeded);
  const Records = [{ PartitionKey: "k", Data }];
  await rejectsWith(putRecords({ ...dryRun, Records }, world), "DryRunOperationException", succeeded);
  await rejectsWith(putRecord({ ...dryRun, Data }, world), "ValidationException", /partitionKey/);
  assert.deepEqual((await readAll(world, "calls")).texts, []);
});

test("a stream that distributes records itself needs no partition keys", async () => {
  await using world = await openWorld();
  await createStream({ StreamName: "calls", RecordDistributionStrategy: "AUTO" }, world);
  const Records = Array.from({ length: 200 }, () => ({ Data }));
  const answer = await putRecords({ StreamName: "calls", Records }, world);
  assert.equal(new Set(answer.Records?.map((record) => record.ShardId)).size, 4);
  const { ShardIterator } = await getShardIterator(
    { StreamName: "calls", ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" },
    world,
  );
  const read = await getRecords({ ShardIterator: String(ShardIterator), Limit: 1 }, world);
  assert.equal(read.Records?.[0]?.PartitionKey, undefined);
});

test("records say that they were written encrypted", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const key = { StreamName: "calls", EncryptionType: "KMS", KeyId: "alias/aws/kinesis" } as const;
  await put(world, "calls", "before");
  world.clock.moveTo(START_MS + 1000);
  await startStreamEncryption(key, world);
  const answer = await putRecord({ StreamName: "calls", PartitionKey: "k", Data }, world);
  assert.equal(answer.EncryptionType, "KMS");
  world.clock.moveTo(START_MS + 2000);
  await stopStreamEncryption(key, world);
  await put(world, "calls", "after");
  const { ShardIterator } = await getShardIterator(
    { StreamName: "calls", ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" },
    world,
  );
  const { Records } = await getRecords({ ShardIterator: String(ShardIterator) }, world);
  assert.deepEqual(
    Records?.map((record) => record.EncryptionType),
    [undefined, "KMS", undefined],
  );
});

test("with enforced limits a shard takes so many records and bytes a second", async () => {
  await using world = await openWorld({ "kinesis.shard-records-per-second": 2 });
  await createStreamNamed(world, "calls");
  const throttled = `Rate exceeded for shard shardId-000000000000 in stream calls under account ${ACCOUNT}.`;
  await put(world, "calls", "a");
  const Records = ["b", "c"].map((PartitionKey) => ({ PartitionKey, Data }));
  const answer = await putRecords({ StreamName: "calls", Records }, world);
  assert.equal(answer.FailedRecordCount, 1);
  assert.equal(answer.Records?.[0]?.ShardId, "shardId-000000000000");
  assert.deepEqual(answer.Records?.[1], {
    ErrorCode: "ProvisionedThroughputExceededException",
    ErrorMessage: throttled,
  });
  await rejectsWith(put(world, "calls", "d"), "ProvisionedThroughputExceededException", throttled);
  world.clock.moveTo(START_MS + 1000);
  await put(world, "calls", "e");
  assert.equal((await readAll(world, "calls")).texts.length, 3);
});

test("with enforced limits a large record uses up the seconds that its bytes need", async () => {
  await using world = await openWorld({});
  await createStreamNamed(world, "calls");
  const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;
  await updateMaxRecordSize({ StreamARN, MaxRecordSizeInKiB: 3072 }, world);
  await put(world, "calls", "k", "x".repeat(3 * KIB * KIB - 1));
  world.clock.moveTo(START_MS + 2999);
  await rejectsWith(put(world, "calls", "k"), "ProvisionedThroughputExceededException", /Rate exceeded for shard/);
  world.clock.moveTo(START_MS + 3000);
  await put(world, "calls", "k");
});
