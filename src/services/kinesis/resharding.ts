import type {
  MergeShardsInput,
  SplitShardInput,
  UpdateShardCountInput,
  UpdateShardCountOutput,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { assertShardCount, putShards } from "./change-shards.ts";
import { type Shard, type ShardMap, type Stream, shardId, streamArn } from "./documents.ts";
import { couldNotFindShard, findShard, findStream, type StreamReference } from "./find-stream.ts";
import { withinLastDay } from "./last-day.ts";
import { loadShardsIn } from "./load-shards.ts";
import { SHARD_COUNT_UPDATES_PER_DAY_MAX } from "./quotas.ts";
import { hashKey, Resharding } from "./shards.ts";

/** Closes a shard and opens two in its place. */
export async function splitShard(input: Validated<SplitShardInput>, context: Context): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const { stream, map } = await findProvisioned(unit, input, context, "SplitShard");
    const parent = findOpenShard(stream, map, input.ShardToSplit, context);
    const at = BigInt(input.NewStartingHashKey);
    const [first, last] = [hashKey(parent.firstHash), hashKey(parent.lastHash)];
    if (at <= first + 1n || at >= last) {
      throw new ModeledError(
        "InvalidArgumentException",
        `NewStartingHashKey ${at} used in SplitShard() on shard ${shardId(parent.index)} in stream ${stream.name} under account ${stream.account} is not both greater than one plus the shard's StartingHashKey ${first} and less than the shard's EndingHashKey ${last}.`,
      );
    }
    const change = new Resharding(map, context.clock.now());
    change.split(parent, at);
    await putShards(unit, context, stream, { before: map, after: change.result() });
  });
  return {};
}

/** Closes two adjacent shards and opens one in their place. Which one is named first does not matter. */
export async function mergeShards(
  input: Validated<MergeShardsInput>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const { stream, map } = await findProvisioned(unit, input, context, "MergeShards");
    const shard = findOpenShard(stream, map, input.ShardToMerge, context);
    const other = findOpenShard(stream, map, input.AdjacentShardToMerge, context);
    if (!isFollowedBy(shard, other) && !isFollowedBy(other, shard)) {
      throw new ModeledError(
        "InvalidArgumentException",
        `Shards ${shardId(shard.index)} and ${shardId(other.index)} in stream ${stream.name} under account ${stream.account} are not an adjacent pair of shards eligible for merging`,
      );
    }
    const change = new Resharding(map, context.clock.now());
    change.merge(shard, other);
    await putShards(unit, context, stream, { before: map, after: change.result() });
  });
  return {};
}

function isFollowedBy(low: Shard, high: Shard): boolean {
  return hashKey(low.lastHash) + 1n === hashKey(high.firstHash);
}

/** Splits and merges until the stream has as many shards of equal width. At most to double, at least to half as many. */
export async function updateShardCount(
  input: Validated<UpdateShardCountInput>,
  context: Context,
): Promise<UpdateShardCountOutput> {
  const target = input.TargetShardCount;
  const stream = await context.store.commit(async (unit) => {
    const { stream, map } = await findProvisioned(unit, input, context, "UpdateShardCount");
    assertScaling(stream, target);
    const updatesMs = withinLastDay(stream.shardCountUpdatesMs, context);
    assertUpdates(stream, updatesMs, context);
    const change = new Resharding(map, context.clock.now());
    change.scaleTo(target);
    const updated = { ...stream, shardCountUpdatesMs: [...updatesMs, context.clock.now()] };
    await putShards(unit, context, updated, { before: map, after: change.result() });
    return stream;
  });
  return {
    StreamName: stream.name,
    StreamARN: streamArn(stream),
    CurrentShardCount: stream.openShardCount,
    TargetShardCount: target,
  };
}

function assertScaling(stream: Stream, target: number): void {
  assertShardCount(stream, target);
  const open = stream.openShardCount;
  const counts = `Current open shard count: ${open} Target shard count: ${target}`;
  if (target > open * 2) {
    throw new ModeledError(
      "LimitExceededException",
      `UpdateShardCount cannot scale up over double your current open shard count. ${counts}`,
    );
  }
  if (target < open / 2) {
    throw new ModeledError(
      "LimitExceededException",
      `UpdateShardCount cannot scale down below half your current open shard count. ${counts}`,
    );
  }
}

/** Ten updates in 24 hours: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
function assertUpdates(stream: Stream, updatesMs: readonly number[], { limits }: Context): void {
  const updatesMax = limits.value("kinesis.shard-count-updates-per-day", SHARD_COUNT_UPDATES_PER_DAY_MAX);
  if (!limits.enforced || updatesMs.length < updatesMax) return;
  throw new ModeledError(
    "LimitExceededException",
    `UpdateShardCount has been called ${updatesMs.length} times in the last 24 hours for stream ${stream.name} under account ${stream.account}. Limit: ${updatesMax}.`,
  );
}

async function findProvisioned(
  unit: Unit,
  reference: StreamReference,
  context: Context,
  action: string,
): Promise<{ stream: Stream; map: ShardMap }> {
  const stream = await findStream(unit, reference, context, action);
  if (stream.mode === "ON_DEMAND") {
    throw new ModeledError(
      "ValidationException",
      `Request is invalid. Stream ${stream.name} under account ${stream.account} is in On-Demand mode.`,
    );
  }
  const { map } = await loadShardsIn(unit, context.store, stream);
  return { stream, map };
}

function findOpenShard(stream: Stream, map: ShardMap, id: string, context: Context): Shard {
  const shard = findShard(stream, map, id, context.clock.now());
  if (shard === undefined) throw couldNotFindShard(stream, id);
  if (shard.closedMs === undefined) return shard;
  throw new ModeledError(
    "InvalidArgumentException",
    `Shard ${shardId(shard.index)} in stream ${stream.name} under account ${stream.account} is closed and cannot be resharded.`,
  );
}
