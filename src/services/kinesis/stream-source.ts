/** A stream as the source of an event source mapping: all shards, from a starting position on, parents before their children. */
import type { Reader, ReadLimits } from "../../store/store.ts";
import type { Caller, Platform } from "../service.ts";
import {
  horizonMs,
  isExpired,
  type Shard,
  type Stream,
  shardId,
  shardLog,
  streamConsumers,
  streams,
} from "./documents.ts";
import { findConsumer } from "./find-resource.ts";
import { findStream } from "./find-stream.ts";
import { loadShards } from "./load-shards.ts";
import { readShard, type ShardRead } from "./read-shard.ts";
import { type StartingPosition, sequenceOf } from "./starting-position.ts";

export interface StreamSource {
  /** Tells the stream from an earlier one of the same name. */
  readonly streamId: string;
  readonly policy: string | undefined;
  /** Records that arrived before are out of retention. */
  horizonMs(): number;
  /** Those that have not expired, in the order in which they came. */
  readonly shards: readonly SourceShard[];
}

export interface SourceShard {
  readonly index: number;
  /** `shardId-000000000003`. */
  readonly id: string;
  /** Indexes of the shards that must be read to their end first. */
  readonly parents: readonly number[];
  readonly isOpen: boolean;
  /** The log that grows with each record: for `store.watchLog`. */
  readonly log: string;
  /** The log sequence that a position means. */
  startAt(position: StartingPosition): Promise<number>;
  /** Reads from a log sequence on. Log sequences are dense: the records of a read are those before its `nextSequence`. */
  read(fromSequence: number, limits: Required<ReadLimits>): Promise<ShardRead>;
}

/** Collections whose changes may change what `findStreamSource` answers. */
export const STREAM_SOURCE_COLLECTIONS: readonly string[] = [streams.name, streamConsumers.name];

/** The stream that an ARN names, or that its registered consumer reads. Throws as the reading operations do, in the name of who reads. */
export async function findStreamSource(
  platform: Pick<Platform, "store" | "clock">,
  arn: string,
  caller: Who,
): Promise<StreamSource> {
  const stream = await findSourceStream(platform.store, arn, caller);
  const { map } = await loadShards(platform.store, stream);
  const nowMs = platform.clock.now();
  return {
    streamId: stream.id,
    policy: stream.policy,
    horizonMs: () => horizonMs(stream, platform.clock.now()),
    shards: map.shards
      .filter((shard) => !isExpired(stream, shard, nowMs))
      .map((shard) => sourceShard(platform, stream, shard)),
  };
}

type Who = Pick<Caller, "account" | "region" | "principalArn">;

async function findSourceStream(reader: Reader, arn: string, caller: Who): Promise<Stream> {
  if (!arn.includes("/consumer/")) return findStream(reader, { StreamARN: arn }, caller, "GetRecords");
  return (await findConsumer(reader, { ConsumerARN: arn }, caller, "SubscribeToShard")).stream;
}

function sourceShard(platform: Pick<Platform, "store" | "clock">, stream: Stream, shard: Shard): SourceShard {
  return {
    index: shard.index,
    id: shardId(shard.index),
    parents: shard.parents,
    isOpen: shard.closedMs === undefined,
    log: shardLog(stream, shard.index),
    startAt: (position) => sequenceOf(position, stream, shard, platform),
    read: (fromSequence, limits) => readShard(platform, stream, shard, fromSequence, limits),
  };
}
