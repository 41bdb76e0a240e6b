import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShardFilterType } from "@aws-sdk/client-kinesis";
import { listShards } from "./list-shards.ts";
import { mergeShards, splitShard } from "./resharding.ts";
import { deleteStream } from "./streams.ts";
import {
  ACCOUNT,
  createStreamNamed,
  HOUR_MS,
  openWorld,
  otherAccount,
  rejectsWith,
  START_MS,
  type World,
} from "./world.test.ts";

const SHARD_0 = "shardId-000000000000";
const SHARD_1 = "shardId-000000000001";
const SHARD_2 = "shardId-000000000002";

/** Shard 0 splits into 1 and 2 after an hour; these merge into 3 after another. */
async function openWorldWithShards(): Promise<World> {
  const world = await openWorld();
  await createStreamNamed(world, "calls");
  world.clock.moveTo(START_MS + HOUR_MS);
  await splitShard({ StreamName: "calls", ShardToSplit: SHARD_0, NewStartingHashKey: "1000" }, world);
  world.clock.moveTo(START_MS + 2 * HOUR_MS);
  await mergeShards({ StreamName: "calls", ShardToMerge: SHARD_1, AdjacentShardToMerge: SHARD_2 }, world);
  return world;
}

async function indexes(world: World, Type?: ShardFilterType, more: { Timestamp?: Date; ShardId?: string } = {}) {
  const filter = Type === undefined ? {} : { ShardFilter: { Type, ...more } };
  const { Shards } = await listShards({ StreamName: "calls", ...filter }, world);
  return (Shards ?? []).map((shard) => Number(String(shard.ShardId).slice(-1)));
}

test("shards carry their parents, ranges and sequence number ranges", async () => {
  await using world = await openWorldWithShards();
  const { Shards } = await listShards({ StreamName: "calls" }, world);
  const [first, second, third, fourth] = Shards ?? [];
  assert.equal(first?.ParentShardId, undefined);
  assert.equal(second?.ParentShardId, SHARD_0);
  assert.deepEqual(second?.HashKeyRange, { StartingHashKey: "0", EndingHashKey: "999" });
  assert.equal(third?.HashKeyRange?.StartingHashKey, "1000");
  assert.equal(fourth?.ParentShardId, SHARD_1);
  assert.equal(fourth?.AdjacentParentShardId, SHARD_2);
  assert.equal(fourth?.SequenceNumberRange?.EndingSequenceNumber, undefined);
  const hex = BigInt(String(first?.SequenceNumberRange?.EndingSequenceNumber)).toString(16);
  assert.equal(hex.slice(11, 27), "7fffffffffffffff");
  const starts = Shards?.map((shard) => BigInt(String(shard.SequenceNumberRange?.StartingSequenceNumber)));
  assert.deepEqual(
    starts,
    starts?.toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test("filters choose by time and by what is open", async () => {
  await using world = await openWorldWithShards();
  const at = (hours: number) => ({ Timestamp: new Date(START_MS + hours * HOUR_MS) });
  assert.deepEqual(await indexes(world), [0, 1, 2, 3]);
  assert.deepEqual(await indexes(world, "FROM_TRIM_HORIZON"), [0, 1, 2, 3]);
  assert.deepEqual(await indexes(world, "AT_LATEST"), [3]);
  assert.deepEqual(await indexes(world, "AT_TRIM_HORIZON"), [0]);
  assert.deepEqual(await indexes(world, "AT_TIMESTAMP", at(-5)), [0]);
  assert.deepEqual(await indexes(world, "AT_TIMESTAMP", at(0.5)), [0]);
  assert.deepEqual(await indexes(world, "AT_TIMESTAMP", at(1)), [0, 1, 2]);
  assert.deepEqual(await indexes(world, "AT_TIMESTAMP", at(1.5)), [1, 2]);
  assert.deepEqual(await indexes(world, "AT_TIMESTAMP", at(3)), [3]);
  assert.deepEqual(await indexes(world, "FROM_TIMESTAMP", at(1.5)), [1, 2, 3]);
  assert.deepEqual(await indexes(world, "FROM_TIMESTAMP", at(-5)), [0, 1, 2, 3]);
  assert.deepEqual(await indexes(world, "AFTER_SHARD_ID", { ShardId: SHARD_1 }), [2, 3]);
});

test("closed shards disappear when they are out of retention", async () => {
  await using world = await openWorldWithShards();
  world.clock.moveTo(START_MS + 25 * HOUR_MS);
  assert.deepEqual(await indexes(world), [0, 1, 2, 3]);
  world.clock.moveTo(START_MS + 25 * HOUR_MS + 1);
  assert.deepEqual(await indexes(world), [1, 2, 3]);
  assert.deepEqual(await indexes(world, "AT_TRIM_HORIZON"), [1, 2]);
  world.clock.moveTo(START_MS + 26 * HOUR_MS + 1);
  assert.deepEqual(await indexes(world), [3]);
});

test("pages go on where the last one ended, with the same filter", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 5);
  const ShardFilter = { Type: "AFTER_SHARD_ID", ShardId: SHARD_0 } as const;
  const first = await listShards({ StreamName: "calls", MaxResults: 2, ShardFilter }, world);
  assert.deepEqual(
    first.Shards?.map((shard) => shard.ShardId),
    [SHARD_1, SHARD_2],
  );
  const second = await listShards({ NextToken: String(first.NextToken), MaxResults: 2 }, world);
  assert.deepEqual(
    second.Shards?.map((shard) => shard.ShardId),
    ["shardId-000000000003", "shardId-000000000004"],
  );
  assert.equal(second.NextToken, undefined);
  const started = await listShards({ StreamName: "calls", ExclusiveStartShardId: "shardId-000000000003" }, world);
  assert.deepEqual(
    started.Shards?.map((shard) => shard.ShardId),
    ["shardId-000000000004"],
  );
});

test("a NextToken goes alone, and only for its stream, account and five minutes", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 5);
  await createStreamNamed(world, "texts");
  const NextToken = String((await listShards({ StreamName: "calls", MaxResults: 2 }, world)).NextToken);
  const invalid = (input: object) => listShards({ NextToken, ...input }, world);
  for (const [member, value] of Object.entries({
    StreamName: "calls",
    ExclusiveStartShardId: SHARD_0,
    StreamCreationTimestamp: new Date(START_MS),
    ShardFilter: { Type: "AT_LATEST" },
  })) {
    await rejectsWith(
      invalid({ [member]: value }),
      "InvalidArgumentException",
      `NextToken and ${member} cannot be provided together.`,
    );
  }
  await rejectsWith(
    invalid({ StreamARN: `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/texts` }),
    "InvalidArgumentException",
    "NextToken was returned for another stream.",
  );
  const foreign = listShards({ NextToken }, otherAccount(world));
  await rejectsWith(foreign, "InvalidArgumentException", "NextToken is invalid.");
  await rejectsWith(
    listShards({}, world),
    "InvalidArgumentException",
    "Either NextToken or StreamName should be provided.",
  );
  await deleteStream({ StreamName: "calls" }, world);
  await createStreamNamed(world, "calls", 5);
  await rejectsWith(listShards({ NextToken }, world), "ResourceNotFoundException", /Stream calls/);
  world.clock.moveTo(START_MS + 300_001);
  await rejectsWith(listShards({ NextToken }, world), "ExpiredNextTokenException", /NextToken expired/);
});

test("a filter has just the member that its type needs", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const filtered = (ShardFilter: { Type: ShardFilterType; ShardId?: string; Timestamp?: Date }) =>
    listShards({ StreamName: "calls", ShardFilter }, world);
  const Timestamp = new Date(START_MS);
  const cases = [
    [filtered({ Type: "AFTER_SHARD_ID" }), "ShardId must be specified for ShardFilter type AFTER_SHARD_ID."],
    [filtered({ Type: "AT_TIMESTAMP" }), "Timestamp must be specified for ShardFilter type AT_TIMESTAMP."],
    [filtered({ Type: "AT_LATEST", Timestamp }), "Timestamp must not be specified for ShardFilter type AT_LATEST."],
    [
      filtered({ Type: "AT_LATEST", ShardId: SHARD_0 }),
      "ShardId must not be specified for ShardFilter type AT_LATEST.",
    ],
    [filtered({ Type: "AFTER_SHARD_ID", ShardId: "x" }), "Shard id x is invalid."],
  ] as const;
  for (const [call, message] of cases) await rejectsWith(call, "InvalidArgumentException", message);
});

test("a creation time tells which of two streams of the same name is meant", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await listShards({ StreamName: "calls", StreamCreationTimestamp: new Date(START_MS) }, world);
  await rejectsWith(
    listShards({ StreamName: "calls", StreamCreationTimestamp: new Date(START_MS - 5000) }, world),
    "ResourceNotFoundException",
    `Stream calls under account ${ACCOUNT} not found.`,
  );
});
