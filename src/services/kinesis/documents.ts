/**
 * What Kinesis keeps.
 *
 * A stream is two documents: a small one that every write reads in its unit, and its shard map, which may hold thousands of
 * shards and is read again only when the stream names another `shardMapRevision`. The records of a shard are one log with one
 * partition: the entry's key is the partition key, its value the data, its sequence the index in the sequence number.
 */
import type { MetricsName, RecordDistributionStrategy, StreamMode } from "@aws-sdk/client-kinesis";
import { type Collection, collection, compositeKey } from "../../store/store.ts";

export interface Stream {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Tells a stream from an earlier one of the same name. */
  readonly id: string;
  readonly createdMs: number;
  readonly mode: StreamMode;
  readonly distribution: RecordDistributionStrategy;
  readonly retentionHours: number;
  /** Records older than this were out of retention once; a longer retention does not bring them back. */
  readonly visibleFromMs: number;
  readonly maxRecordKiB: number;
  readonly warmThroughputMiBps?: number;
  /** When records were written encrypted, oldest first; a period without an end lasts. */
  readonly encrypted: readonly EncryptedPeriod[];
  readonly shardLevelMetrics: readonly MetricsName[];
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
  readonly consumerCount: number;
  readonly openShardCount: number;
  /** Rises with each change of the shard map. */
  readonly shardMapRevision: number;
  /** Times of the changes that are limited per 24 hours, those of the last 24 hours. */
  readonly modeUpdatesMs: readonly number[];
  readonly shardCountUpdatesMs: readonly number[];
}

export interface EncryptedPeriod {
  readonly keyId: string;
  readonly fromMs: number;
  readonly untilMs?: number;
}

export interface ShardMap {
  readonly revision: number;
  /** The index of the next shard: they count up for ever. */
  readonly nextIndex: number;
  /** By index; those that are closed and out of retention are removed some time later. */
  readonly shards: readonly Shard[];
}

export interface Shard {
  readonly index: number;
  /** First and last hash key, 32 hexadecimal digits each, so that they compare as text. */
  readonly firstHash: string;
  readonly lastHash: string;
  /** Indexes of the shards it came from: none, one (split), or two (merge). */
  readonly parents: readonly number[];
  /** The creation time in its sequence numbers: later than that of its parents. */
  readonly createdSeconds: number;
  readonly openedMs: number;
  readonly closedMs?: number;
}

/** A registered consumer (enhanced fan-out). */
export interface StreamConsumer {
  readonly account: string;
  readonly region: string;
  readonly streamName: string;
  readonly streamId: string;
  readonly name: string;
  readonly createdMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** What an account has in a Region: guards its quotas, and holds its settings. */
export interface AccountUsage {
  readonly openShardCount: number;
  readonly onDemandStreamCount: number;
  readonly commitment?: BillingCommitment;
}

/** Minimum throughput billing commitment: once started it lasts at least 24 hours. */
export interface BillingCommitment {
  readonly startedMs: number;
  readonly earliestEndMs: number;
  /** Set once its end was asked for. */
  readonly endMs?: number;
}

export const streams: Collection<Stream> = collection<Stream>("kinesis_stream", {
  streamId: {
    type: "text",
    unique: true,
    value: (stream) => compositeKey(stream.account, stream.region, stream.id),
  },
});

export const shardMaps: Collection<ShardMap> = collection<ShardMap>("kinesis_shard_map");

export const streamConsumers: Collection<StreamConsumer> = collection<StreamConsumer>("kinesis_stream_consumer");

export const accountUsages: Collection<AccountUsage> = collection<AccountUsage>("kinesis_account_usage");

/** Which stream, whether it exists or not. */
export interface StreamKey {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

export function streamDocumentId(key: StreamKey): string {
  return compositeKey(key.account, key.region, key.name);
}

export function shardMapDocumentId(stream: Stream): string {
  return compositeKey(stream.account, stream.region, stream.id);
}

export function consumerDocumentId(stream: Stream, consumerName: string): string {
  return compositeKey(stream.account, stream.region, stream.id, consumerName);
}

export function streamArn(key: StreamKey): string {
  return `arn:aws:kinesis:${key.region}:${key.account}:stream/${key.name}`;
}

export function consumerArn(consumer: StreamConsumer): string {
  const { account, region, streamName, name, createdMs } = consumer;
  return `${streamArn({ account, region, name: streamName })}/consumer/${name}:${Math.floor(createdMs / 1000)}`;
}

/** The log that holds a shard's records. */
export function shardLog(stream: Stream, shardIndex: number): string {
  return `kinesis/${stream.account}/${stream.region}/${stream.id}/${shardId(shardIndex)}`;
}

/** `shardId-000000000003`. */
export function shardId(index: number): string {
  return `shardId-${String(index).padStart(12, "0")}`;
}

const HOUR_MS = 3_600_000;

export function retentionMs(stream: Stream): number {
  return stream.retentionHours * HOUR_MS;
}

/** The trim horizon: records that arrived before are out of retention, and invisible at once. */
export function horizonMs(stream: Stream, nowMs: number): number {
  return Math.max(nowMs - retentionMs(stream), stream.visibleFromMs);
}

/** A closed shard expires with its last records. */
export function isExpired(stream: Stream, shard: Shard, nowMs: number): boolean {
  return shard.closedMs !== undefined && shard.closedMs < horizonMs(stream, nowMs);
}

/** The key that records written at a time were encrypted with. */
export function encryptionKeyAt(stream: Stream, timeMs: number): string | undefined {
  return stream.encrypted.find(({ fromMs, untilMs }) => fromMs <= timeMs && (untilMs === undefined || timeMs < untilMs))
    ?.keyId;
}
