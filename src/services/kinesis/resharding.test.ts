import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { describeLimits } from "./account.ts";
import { listShards } from "./list-shards.ts";
import { mergeShards, splitShard, updateShardCount } from "./resharding.ts";
import { HIGHEST_HASH_KEY, hashKey, hashOf } from "./shards.ts";
import { createStream, describeStreamSummary } from "./streams.ts";
import {
  ACCOUNT,
  createStreamNamed,
  HOUR_MS,
  openWorld,
  put,
  readAll,
  rejectsWith,
  START_MS,
  type World,
} from "./world.test.ts";

const SHARD_0 = "shardId-000000000000";
const SHARD_1 = "shardId-000000000001";
const SHARD_2 = "shardId-000000000002";

async function openShardIds(world: World): Promise<string[]> {
  const { Shards } = await listShards({ StreamName: "calls", ShardFilter: { Type: "AT_LATEST" } }, world);
  return (Shards ?? []).map((shard) => String(shard.ShardId));
}

test("a split closes the parent; its records stay readable, and its keys go to the children", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await put(world, "calls", "contact-42", "before");
  const middle = String(hashKey(hashOf("contact-42")));
  await splitShard({ StreamName: "calls", ShardToSplit: SHARD_0, NewStartingHashKey: middle }, world);
  await put(world, "calls", "contact-42", "after");
  assert.deepEqual(await readAll(world, "calls", SHARD_0), { texts: ["before"], children: [SHARD_1, SHARD_2] });
  assert.deepEqual((await readAll(world, "calls", SHARD_1)).texts, []);
  assert.deepEqual((await readAll(world, "calls", SHARD_2)).texts, ["after"]);
  const { StreamDescriptionSummary: summary } = await describeStreamSummary({ StreamName: "calls" }, world);
  assert.equal(summary?.OpenShardCount, 2);
  assert.equal((await describeLimits({}, world)).OpenShardCount, 2);
});

test("a merge joins two neighbours, in whatever order they are named", async () => {
  for (const [ShardToMerge, AdjacentShardToMerge] of [
    [SHARD_0, SHARD_1],
    [SHARD_1, SHARD_0],
  ] as const) {
    await using world = await openWorld();
    await createStreamNamed(world, "calls", 2);
    await mergeShards({ StreamName: "calls", ShardToMerge, AdjacentShardToMerge }, world);
    assert.deepEqual(await openShardIds(world), [SHARD_2]);
    const { Shards } = await listShards({ StreamName: "calls" }, world);
    assert.equal(Shards?.[2]?.ParentShardId, ShardToMerge);
    assert.equal(Shards?.[2]?.HashKeyRange?.EndingHashKey, String(HIGHEST_HASH_KEY));
    assert.deepEqual((await readAll(world, "calls", SHARD_0)).children, [SHARD_2]);
  }
});

test("what cannot be split is refused", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const split = (ShardToSplit: string, NewStartingHashKey: string) =>
    splitShard({ StreamName: "calls", ShardToSplit, NewStartingHashKey }, world);
  for (const key of ["0", "1", String(HIGHEST_HASH_KEY), String(HIGHEST_HASH_KEY + 1n)]) {
    await rejectsWith(
      split(SHARD_0, key),
      "InvalidArgumentException",
      `NewStartingHashKey ${key} used in SplitShard() on shard ${SHARD_0} in stream calls under account ${ACCOUNT} is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey ${HIGHEST_HASH_KEY}.`,
    );
  }
  await rejectsWith(
    split(SHARD_1, "5"),
    "ResourceNotFoundException",
    `Could not find shard ${SHARD_1} in stream calls under account ${ACCOUNT}.`,
  );
  await split(SHARD_0, "5");
  await rejectsWith(split(SHARD_0, "3"), "InvalidArgumentException", /is closed and cannot be resharded/);
});

test("only neighbours can be merged", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 3);
  const merge = (ShardToMerge: string, AdjacentShardToMerge: string) =>
    mergeShards({ StreamName: "calls", ShardToMerge, AdjacentShardToMerge }, world);
  for (const other of [SHARD_2, SHARD_0]) {
    await rejectsWith(
      merge(SHARD_0, other),
      "InvalidArgumentException",
      `Shards ${SHARD_0} and ${other} in stream calls under account ${ACCOUNT} are not an adjacent pair of shards eligible for merging`,
    );
  }
  const missing = "shardId-000000000009";
  await rejectsWith(merge(SHARD_0, missing), "ResourceNotFoundException", /Could not find shard shardId-000000000009/);
});

test("UpdateShardCount scales to double or half", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 2);
  const update = (TargetShardCount: number) =>
    updateShardCount({ StreamName: "calls", TargetShardCount, ScalingType: "UNIFORM_SCALING" }, world);
  assert.deepEqual(await update(4), {
    StreamName: "calls",
    StreamARN: `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`,
    CurrentShardCount: 2,
    TargetShardCount: 4,
  });
  assert.equal((await openShardIds(world)).length, 4);
  await rejectsWith(
    update(9),
    "LimitExceededException",
    "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 4 Target shard count: 9",
  );
  await rejectsWith(
    update(1),
    "LimitExceededException",
    "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: 4 Target shard count: 1",
  );
  await rejectsWith(update(10_001), "LimitExceededException", /cannot be greater than 10000/);
  await update(2);
  assert.equal((await openShardIds(world)).length, 2);
});

test("with enforced limits a stream's shard count is updated ten times a day", async () => {
  await using world = await openWorld({});
  await createStreamNamed(world, "calls", 2);
  const update = (target: number) =>
    updateShardCount({ StreamName: "calls", TargetShardCount: target, ScalingType: "UNIFORM_SCALING" }, world);
  for (let i = 0; i < 10; i++) await update(i % 2 === 0 ? 3 : 2);
  await rejectsWith(update(3), "LimitExceededException", /has been called 10 times in the last 24 hours/);
  world.clock.moveTo(START_MS + 24 * HOUR_MS);
  await update(3);
});

test("shards of a stream on demand are not the caller's to change", async () => {
  await using world = await openWorld();
  await createStream({ StreamName: "calls" }, world);
  const StreamName = "calls";
  const message = `Request is invalid. Stream calls under account ${ACCOUNT} is in On-Demand mode.`;
  const calls = [
    splitShard({ StreamName, ShardToSplit: SHARD_0, NewStartingHashKey: "5" }, world),
    mergeShards({ StreamName, ShardToMerge: SHARD_0, AdjacentShardToMerge: SHARD_1 }, world),
    updateShardCount({ StreamName, TargetShardCount: 2, ScalingType: "UNIFORM_SCALING" }, world),
  ];
  for (const call of calls) await rejectsWith(call, "ValidationException", message);
});

test("writes that run beside reshardings lose nothing and go to open shards only", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 2);
  const written: Promise<string>[] = [];
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 20; i++) written.push(put(world, "calls", `key-${i}`, `${round}/${i}`));
    const target = round % 2 === 0 ? 3 : 2;
    await updateShardCount({ StreamName: "calls", TargetShardCount: target, ScalingType: "UNIFORM_SCALING" }, world);
  }
  await Promise.all(written);
  const texts = await drainInOrder(world);
  assert.equal(texts.length, 120);
  assert.equal(new Set(texts).size, 120);
});

/** Reads as consumers must: a shard only when its parents have been drained. */
async function drainInOrder(world: World): Promise<string[]> {
  const { Shards } = await listShards({ StreamName: "calls" }, world);
  const drained = new Set<string | undefined>([undefined]);
  const texts: string[] = [];
  const waiting = new Set(Shards ?? []);
  while (waiting.size > 0) {
    const ready = [...waiting].filter(
      (shard) => drained.has(shard.ParentShardId) && drained.has(shard.AdjacentParentShardId),
    );
    assert(ready.length > 0);
    for (const shard of ready) {
      texts.push(...(await readAll(world, "calls", String(shard.ShardId))).texts);
      drained.add(shard.ShardId);
      waiting.delete(shard);
    }
  }
  return texts;
}

const anyAct = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("put" as const), key: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("scale" as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("split" as const), shard: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(5000) }) },
);

test("who drains parents before children sees each partition key in the order written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { maxLength: 60 }), async (acts) => {
      await using world = await openWorld();
      await createStreamNamed(world, "calls", 2);
      const written = new Map<string, string[]>();
      for (const [i, act] of acts.entries()) {
        const open = await openShardIds(world);
        if (act.kind === "wait") world.clock.moveTo(world.clock.now() + act.ms);
        if (act.kind === "put") {
          const key = `key-${act.key}`;
          written.set(key, [...(written.get(key) ?? []), `${key} ${i}`]);
          await put(world, "calls", key, `${key} ${i}`);
        }
        if (act.kind === "scale") {
          const TargetShardCount = Math.min(open.length * 2, Math.max(Math.ceil(open.length / 2), act.count));
          const ScalingType = "UNIFORM_SCALING";
          await updateShardCount({ StreamName: "calls", TargetShardCount, ScalingType }, world);
        }
        if (act.kind === "split") await splitInTheMiddle(world, open[act.shard % open.length] ?? "");
      }
      const read = await drainInOrder(world);
      for (const [key, texts] of written) {
        assert.deepEqual(
          read.filter((text) => text.startsWith(`${key} `)),
          texts,
        );
      }
    }),
    { numRuns: 25 },
  );
});

async function splitInTheMiddle(world: World, ShardToSplit: string): Promise<void> {
  const { Shards } = await listShards({ StreamName: "calls" }, world);
  const range = Shards?.find((shard) => shard.ShardId === ShardToSplit)?.HashKeyRange;
  const middle = (BigInt(range?.StartingHashKey ?? "0") + BigInt(range?.EndingHashKey ?? "0")) / 2n;
  await splitShard({ StreamName: "calls", ShardToSplit, NewStartingHashKey: String(middle) }, world);
}

test("expired shards are removed with their logs, and the later ones after them", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await world.flow.start();
  await put(world, "calls", "k");
  await splitShard({ StreamName: "calls", ShardToSplit: SHARD_0, NewStartingHashKey: "5" }, world);
  world.clock.moveTo(START_MS + HOUR_MS);
  await mergeShards({ StreamName: "calls", ShardToMerge: SHARD_1, AdjacentShardToMerge: SHARD_2 }, world);
  const logs = async () => (await world.store.logs("kinesis/")).map(({ name }) => name.slice(-1)).toSorted();
  assert.deepEqual(await logs(), ["0", "1", "2", "3"]);
  world.clock.moveTo(START_MS + 24 * HOUR_MS + 1);
  assert(await world.flow.drained(10_000));
  assert.deepEqual(await logs(), ["1", "2", "3"]);
  world.clock.moveTo(START_MS + 25 * HOUR_MS + 1);
  assert(await world.flow.drained(10_000));
  assert.deepEqual(await logs(), ["3"]);
  assert.deepEqual(await openShardIds(world), ["shardId-000000000003"]);
  await put(world, "calls", "k");
});
