import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Shard, ShardMap } from "./documents.ts";
import {
  HIGHEST_HASH_KEY,
  hashKey,
  hashOf,
  hashText,
  initialShards,
  openShards,
  Resharding,
  shardFor,
} from "./shards.ts";

const NOW_MS = 1_763_697_600_000;

test("initial shards divide the hash space, and the last one takes the rest", () => {
  const ranges = initialShards(3, NOW_MS).shards.map(({ firstHash, lastHash }) => [
    String(hashKey(firstHash)),
    String(hashKey(lastHash)),
  ]);
  assert.deepEqual(ranges, [
    ["0", "113427455640312821154458202477256070484"],
    ["113427455640312821154458202477256070485", "226854911280625642308916404954512140969"],
    ["226854911280625642308916404954512140970", "340282366920938463463374607431768211455"],
  ]);
});

test("a partition key goes to the shard of its MD5", () => {
  assert.equal(String(hashKey(hashOf("contact-42"))), "100140302593554447347388618679637595810");
  assert.equal(shardFor(openShards(initialShards(3, NOW_MS).shards), hashOf("contact-42")).index, 0);
});

/** The definition: the one shard whose range holds the MD5 as an unsigned integer. */
function shardByDefinition(shards: readonly Shard[], partitionKey: string): Shard | undefined {
  const key = BigInt(`0x${createHash("md5").update(partitionKey, "utf8").digest("hex")}`);
  return shards.find(({ firstHash, lastHash }) => hashKey(firstHash) <= key && key <= hashKey(lastHash));
}

test("routing finds exactly the shard that the definition names", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.array(fc.string({ unit: "grapheme" })), (count, keys) => {
      const open = openShards(initialShards(count, NOW_MS).shards);
      for (const key of keys) assert.equal(shardFor(open, hashOf(key)), shardByDefinition(open, key));
    }),
  );
});

/** What resharding may do, in numbers that any map can make something of. */
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant("split" as const), shard: fc.nat(), at: fc.bigInt(2n, HIGHEST_HASH_KEY) }),
  fc.record({ kind: fc.constant("merge" as const), shard: fc.nat() }),
  fc.record({ kind: fc.constant("scale" as const), count: fc.integer({ min: 1, max: 40 }) }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

function apply(map: ShardMap, step: Step, nowMs: number): ShardMap {
  const open = openShards(map.shards);
  const change = new Resharding(map, nowMs);
  if (step.kind === "scale") change.scaleTo(step.count);
  const shard = step.kind === "scale" ? undefined : open[step.shard % open.length];
  if (step.kind === "split" && shard !== undefined) {
    const [first, last] = [hashKey(shard.firstHash), hashKey(shard.lastHash)];
    if (last - first > 3n) change.split(shard, first + 2n + (step.at % (last - first - 2n)));
  }
  if (step.kind === "merge" && shard !== undefined) {
    const next = open[open.indexOf(shard) + 1];
    if (next !== undefined) change.merge(shard, next);
  }
  return change.result();
}

test("after any resharding the open shards cover each hash key once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(anyStep, { maxLength: 12 }), (count, steps) => {
      let map = initialShards(count, NOW_MS);
      for (const [i, step] of steps.entries()) map = apply(map, step, NOW_MS + i);
      let expected = 0n;
      for (const { firstHash, lastHash } of openShards(map.shards)) {
        assert.equal(firstHash, hashText(expected));
        assert(firstHash <= lastHash);
        expected = hashKey(lastHash) + 1n;
      }
      assert.equal(expected, HIGHEST_HASH_KEY + 1n);
    }),
  );
});

test("after any resharding each shard's parents are closed, and it continues exactly their ranges", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(anyStep, { maxLength: 12 }), (count, steps) => {
      let map = initialShards(count, NOW_MS);
      for (const [i, step] of steps.entries()) map = apply(map, step, NOW_MS + i);
      const byIndex = new Map(map.shards.map((shard) => [shard.index, shard]));
      for (const shard of map.shards) {
        for (const index of shard.parents) {
          const parent = byIndex.get(index);
          assert(parent?.closedMs !== undefined);
          assert(parent.createdSeconds < shard.createdSeconds);
          // Its range overlaps with each parent's.
          assert(parent.firstHash <= shard.lastHash && shard.firstHash <= parent.lastHash);
        }
      }
    }),
  );
});

for (const [from, to] of [
  [1, 2],
  [2, 4],
  [4, 2],
  [6, 3],
  [2, 3],
  [3, 2],
  [7, 10],
  [10, 7],
  [5, 5],
] as const) {
  test(`scaling from ${from} to ${to} shards makes them equally wide`, () => {
    const change = new Resharding(initialShards(from, NOW_MS), NOW_MS + 1);
    change.scaleTo(to);
    const open = openShards(change.result().shards);
    assert.equal(open.length, to);
    const width = HIGHEST_HASH_KEY / BigInt(to);
    for (const { firstHash, lastHash } of open) {
      const difference = hashKey(lastHash) - hashKey(firstHash) - width;
      assert(difference < 20_000n && difference > -20_000n, `off by ${difference}`);
    }
  });
}

test("scaling to a multiple or a divisor only splits or only merges", () => {
  const doubled = new Resharding(initialShards(6, NOW_MS), NOW_MS);
  doubled.scaleTo(12);
  assert.equal(doubled.result().nextIndex, 18);
  const halved = new Resharding(initialShards(6, NOW_MS), NOW_MS);
  halved.scaleTo(3);
  assert.equal(halved.result().nextIndex, 9);
});
