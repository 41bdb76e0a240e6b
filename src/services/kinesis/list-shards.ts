import type { ListShardsInput, ListShardsOutput, ShardFilter, Shard as ShardOutput } from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { horizonMs, isExpired, type Shard, type ShardMap, type Stream, shardId, streamArn } from "./documents.ts";
import { findStream, shardIndexOf, streamNotFound } from "./find-stream.ts";
import { loadShards } from "./load-shards.ts";
import { nextToken, readNextToken } from "./next-token.ts";
import { encodeEndingSequenceNumber, encodeSequenceNumber } from "./sequence-number.ts";
import { hashKey } from "./shards.ts";

/** Shards on a page at most, and where the request does not say: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html */
const SHARDS_MAX = 1000;

/** A page of a stream's shards, closed ones included until they expire, by index. */
export async function listShards(input: Validated<ListShardsInput>, context: Context): Promise<ListShardsOutput> {
  const { stream, after, filter } =
    input.NextToken === undefined ? await firstPage(input, context) : await nextPage(input, input.NextToken, context);
  const { map } = await loadShards(context.store, stream);
  const nowMs = context.clock.now();
  const matching = filterShards(stream, map, filter, nowMs).filter((shard) => shard.index > after);
  const page = matching.slice(0, Math.min(input.MaxResults ?? SHARDS_MAX, SHARDS_MAX));
  const last = page.at(-1);
  const more = last !== undefined && page.length < matching.length;
  return {
    Shards: page.map(describeShard),
    ...(more ? { NextToken: await tokenOf(context, { stream, after: last.index, filter }) } : {}),
  };
}

interface ShardPage {
  readonly stream: Stream;
  /** The index that the page begins behind. */
  readonly after: number;
  readonly filter: FilterWanted;
}

type FilterWanted = Validated<ShardFilter> | undefined;

const PAGE = "ListShards";

async function firstPage(input: Validated<ListShardsInput>, context: Context): Promise<ShardPage> {
  if (input.StreamName === undefined && input.StreamARN === undefined && input.StreamId === undefined) {
    throw invalid("Either NextToken or StreamName should be provided.");
  }
  assertFilter(input.ShardFilter);
  const stream = await findStream(context.store, input, context, "ListShards");
  if (!wasCreatedAt(stream, input.StreamCreationTimestamp)) throw streamNotFound(stream);
  return { stream, after: startIndex(input.ExclusiveStartShardId), filter: input.ShardFilter };
}

/** A name may be used again: the creation time, to the second, tells which stream is meant. */
export function wasCreatedAt(stream: Stream, created: Date | undefined): boolean {
  return created === undefined || Math.floor(created.getTime() / 1000) === Math.floor(stream.createdMs / 1000);
}

async function nextPage(input: Validated<ListShardsInput>, token: string, context: Context): Promise<ShardPage> {
  for (const member of ["StreamName", "ExclusiveStartShardId", "StreamCreationTimestamp", "ShardFilter"] as const) {
    if (input[member] !== undefined) throw invalid(`NextToken and ${member} cannot be provided together.`);
  }
  const [arn, id, after, type, afterShardId, timeMs] = (await readNextToken(context, PAGE, token)) as [
    string,
    string,
    number,
    NonNullable<FilterWanted>["Type"] | null,
    string | null,
    number | null,
  ];
  if (input.StreamARN !== undefined && input.StreamARN !== arn) {
    throw invalid("NextToken was returned for another stream.");
  }
  const stream = await findStream(context.store, { StreamARN: arn, StreamId: input.StreamId }, context, "ListShards");
  if (stream.id !== id) throw streamNotFound(stream);
  const filter: FilterWanted =
    type === null
      ? undefined
      : {
          Type: type,
          ...(afterShardId === null ? {} : { ShardId: afterShardId }),
          ...(timeMs === null ? {} : { Timestamp: new Date(timeMs) }),
        };
  return { stream, after, filter };
}

function tokenOf(context: Context, { stream, after, filter }: ShardPage): Promise<string> {
  return nextToken(context, PAGE, [
    streamArn(stream),
    stream.id,
    after,
    filter?.Type ?? null,
    filter?.ShardId ?? null,
    filter?.Timestamp?.getTime() ?? null,
  ]);
}

function assertFilter(filter: FilterWanted): void {
  if (filter === undefined) return;
  const byTime = filter.Type === "AT_TIMESTAMP" || filter.Type === "FROM_TIMESTAMP";
  const byId = filter.Type === "AFTER_SHARD_ID";
  if (byTime !== (filter.Timestamp !== undefined)) {
    throw invalid(`Timestamp ${byTime ? "must" : "must not"} be specified for ShardFilter type ${filter.Type}.`);
  }
  if (byId !== (filter.ShardId !== undefined)) {
    throw invalid(`ShardId ${byId ? "must" : "must not"} be specified for ShardFilter type ${filter.Type}.`);
  }
}

/** The index that an exclusive start means, -1 for none. Shards in front of it need not be there any more. */
export function startIndex(id: string | undefined): number {
  if (id === undefined) return -1;
  const index = shardIndexOf(id);
  if (index === undefined) throw invalid(`Shard id ${id} is invalid.`);
  return index;
}

function filterShards(stream: Stream, map: ShardMap, filter: FilterWanted, nowMs: number): readonly Shard[] {
  const kept = map.shards.filter((shard) => !isExpired(stream, shard, nowMs));
  const timeMs = filter?.Timestamp?.getTime() ?? 0;
  switch (filter?.Type) {
    case undefined:
    case "FROM_TRIM_HORIZON":
      return kept;
    case "AT_LATEST":
      return kept.filter((shard) => shard.closedMs === undefined);
    case "AT_TRIM_HORIZON":
      return oldestGeneration(kept);
    case "AFTER_SHARD_ID": {
      const after = startIndex(filter?.ShardId);
      return kept.filter((shard) => shard.index > after);
    }
    case "FROM_TIMESTAMP":
      return kept.filter((shard) => (shard.closedMs ?? Number.POSITIVE_INFINITY) >= timeMs);
    case "AT_TIMESTAMP":
      // As documented, both ends are included.
      return timeMs <= Math.max(stream.createdMs, horizonMs(stream, nowMs))
        ? oldestGeneration(kept)
        : kept.filter((shard) => shard.openedMs <= timeMs && (shard.closedMs ?? Number.POSITIVE_INFINITY) >= timeMs);
  }
}

/** The shards whose parents are gone: they cover all hash keys once, and everything that is kept comes from them. */
function oldestGeneration(shards: readonly Shard[]): readonly Shard[] {
  const indexes = new Set(shards.map((shard) => shard.index));
  return shards.filter((shard) => !shard.parents.some((parent) => indexes.has(parent)));
}

export function describeShard(shard: Shard): ShardOutput {
  const { createdSeconds, index: shardIndex, closedMs, parents } = shard;
  const [parent, adjacentParent] = parents;
  const timeMs = createdSeconds * 1000;
  return {
    ShardId: shardId(shardIndex),
    ...(parent === undefined ? {} : { ParentShardId: shardId(parent) }),
    ...(adjacentParent === undefined ? {} : { AdjacentParentShardId: shardId(adjacentParent) }),
    HashKeyRange: {
      StartingHashKey: String(hashKey(shard.firstHash)),
      EndingHashKey: String(hashKey(shard.lastHash)),
    },
    SequenceNumberRange: {
      StartingSequenceNumber: encodeSequenceNumber({ createdSeconds, shardIndex, index: 0, timeMs }),
      ...(closedMs === undefined
        ? {}
        : { EndingSequenceNumber: encodeEndingSequenceNumber({ createdSeconds, shardIndex, timeMs: closedMs }) }),
    },
  };
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgumentException", message);
}
