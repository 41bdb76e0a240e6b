import type { Timer } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { changeUsage } from "./account.ts";
import {
  isExpired,
  retentionMs,
  type ShardMap,
  type Stream,
  type StreamKey,
  shardLog,
  shardMapDocumentId,
  shardMaps,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { openShards } from "./shards.ts";

/** Most open shards of a stream. Structural: a stream's shards are one document. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
const STREAM_SHARDS_MAX = 10_000;

/** Puts a resharded map in a stream's place: logs for new shards, counts, and the timer that ends closed ones. Answers the stream as it is then. */
export async function putShards(
  unit: Unit,
  context: Pick<Context, "flow" | "limits" | "clock">,
  stream: Stream,
  map: { readonly before: ShardMap; readonly after: ShardMap },
): Promise<Stream> {
  const { before, after } = map;
  const openShardCount = openShards(after.shards).length;
  assertShardCount(stream, openShardCount);
  const change = { openShards: openShardCount - stream.openShardCount, onDemandStreams: 0 };
  await changeUsage(unit, stream, change, context.limits);
  for (const shard of after.shards) {
    if (shard.index >= before.nextIndex) {
      unit.declareLog({ name: shardLog(stream, shard.index), partitions: 1, keepMs: retentionMs(stream) });
    }
  }
  // Where shards are closed already, their timer will find these too.
  if (before.shards.every((shard) => shard.closedMs === undefined)) {
    context.flow.schedule(unit, expiryTimer(stream, context.clock.now() + retentionMs(stream)));
  }
  const changed = { ...stream, openShardCount, shardMapRevision: after.revision };
  unit.put(shardMaps, shardMapDocumentId(stream), after);
  unit.put(streams, streamDocumentId(stream), changed);
  return changed;
}

export function assertShardCount(stream: StreamKey, count: number): void {
  if (count <= STREAM_SHARDS_MAX) return;
  throw new ModeledError(
    "LimitExceededException",
    `Target shard count or number of open shards cannot be greater than ${STREAM_SHARDS_MAX}. Stream ${stream.name} under account ${stream.account} would have ${count}.`,
  );
}

/** The kind of the timer that removes closed shards which are out of retention. They are invisible before. */
export const EXPIRY_TIMER = "kinesis.expire-shards";

export function expiryTimerId(stream: Stream): string {
  return `${EXPIRY_TIMER}/${stream.account}/${stream.region}/${stream.id}`;
}

function expiryTimer(stream: Stream, dueMs: number): Timer {
  const { account, region, name, id } = stream;
  return { id: expiryTimerId(stream), kind: EXPIRY_TIMER, dueMs, payload: { account, region, name, id } };
}

/** Removes a stream's expired shards with their logs, and sets the timer for those that are still to expire. */
export async function expireShards(unit: Unit, platform: Platform, timer: Timer): Promise<void> {
  const key = timer.payload as StreamKey & { readonly id: string };
  const stream = await unit.get(streams, streamDocumentId(key));
  if (stream === undefined || stream.id !== key.id) return;
  const map = await unit.get(shardMaps, shardMapDocumentId(stream));
  if (map === undefined) return;

  const nowMs = platform.clock.now();
  const kept = map.shards.filter((shard) => !isExpired(stream, shard, nowMs));
  if (kept.length < map.shards.length) {
    for (const shard of map.shards) {
      if (isExpired(stream, shard, nowMs)) unit.dropLog(shardLog(stream, shard.index));
    }
    const revision = map.revision + 1;
    unit.put(shardMaps, shardMapDocumentId(stream), { ...map, revision, shards: kept });
    unit.put(streams, streamDocumentId(stream), { ...stream, shardMapRevision: revision });
  }
  const closedMs = kept.flatMap((shard) => shard.closedMs ?? []);
  if (closedMs.length > 0) {
    // A millisecond later, since a shard is visible up to its horizon.
    platform.flow.schedule(unit, expiryTimer(stream, Math.min(...closedMs) + retentionMs(stream) + 1));
  }
}
