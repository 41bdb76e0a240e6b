import { ModeledError } from "../../models/modeled-error.ts";
import type { Appended, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Stream } from "./documents.ts";
import { type LoadedShards, loadShardsIn, type RoutedShard } from "./load-shards.ts";
import { encodeSequenceNumber } from "./sequence-number.ts";
import { HIGHEST_HASH_KEY, hashOf, hashText, shardFor } from "./shards.ts";

/** Counts what is written to a stream. */
export const STREAM_RECORDS: string = "trunkline_stream_records_total";

/** What is to be written. Its size in all limits is that of the data and the partition key. */
export interface NewRecord {
  /** Text is stored as text, readable in the data folder; readers get its UTF-8 bytes. */
  readonly data: Uint8Array | string;
  readonly partitionKey?: string | undefined;
  readonly explicitHashKey?: string | undefined;
  /** Spreads records over the shards of a stream that distributes them itself: any text that differs from record to record. */
  readonly spread: string;
}

export interface WrittenRecord {
  readonly shard: RoutedShard;
  readonly appended: Appended;
}

/**
 * Appends records to a stream that was read in this unit: to the open shard that holds each one's hash key.
 *
 * Throws the first record's error that `recordProblem` finds.
 */
export async function appendRecords(
  unit: Unit,
  platform: Pick<Platform, "store" | "flow">,
  stream: Stream,
  records: readonly NewRecord[],
): Promise<WrittenRecord[]> {
  const shards = await loadShardsIn(unit, platform.store, stream);
  const { account, region, name } = stream;
  unit.afterCommit(() =>
    platform.flow.metrics.count(STREAM_RECORDS, { account, region, stream: name }, records.length),
  );
  return records.map((record) => {
    const problem = recordProblem(stream, record);
    if (problem !== undefined) throw problem;
    const shard = routeRecord(stream, shards, record);
    return { shard, appended: unit.append(shard.log, record.partitionKey ?? "", record.data) };
  });
}

/** The open shard that a record goes to. */
export function routeRecord(stream: Stream, { open }: LoadedShards, record: NewRecord): RoutedShard {
  return shardFor(open, routingHash(stream, record));
}

function routingHash(stream: Stream, { partitionKey, explicitHashKey, spread }: NewRecord): string {
  if (stream.distribution === "AUTO") return hashOf(spread);
  return explicitHashKey === undefined ? hashOf(partitionKey ?? "") : hashText(BigInt(explicitHashKey));
}

/** Can be read once the unit has committed. */
export function sequenceNumberOf({ shard, appended }: WrittenRecord): string {
  const { sequence, timeMs } = appended;
  const { createdSeconds, index: shardIndex } = shard;
  return encodeSequenceNumber({ createdSeconds, shardIndex, index: sequence, timeMs });
}

/** Why a stream cannot take a record, rates apart. */
export function recordProblem(stream: Stream, record: NewRecord): ModeledError | undefined {
  const { partitionKey, explicitHashKey } = record;
  if (partitionKey === undefined && stream.distribution !== "AUTO") {
    return new ModeledError(
      "ValidationException",
      "1 validation error detected: Value null at 'partitionKey' failed to satisfy constraint: Member must not be null",
    );
  }
  if (explicitHashKey !== undefined && BigInt(explicitHashKey) > HIGHEST_HASH_KEY) {
    return new ModeledError(
      "InvalidArgumentException",
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicitHashKey}`,
    );
  }
  const bytes = recordBytes(record);
  if (bytes > stream.maxRecordKiB * 1024) {
    return new ModeledError(
      "InvalidArgumentException",
      `The record of ${bytes} bytes (data and partition key) exceeds the maximum record size of ${stream.maxRecordKiB} KiB of stream ${stream.name} under account ${stream.account}.`,
    );
  }
  return undefined;
}

export function recordBytes({ data, partitionKey }: NewRecord): number {
  const dataBytes = typeof data === "string" ? Buffer.byteLength(data) : data.length;
  return dataBytes + (partitionKey === undefined ? 0 : Buffer.byteLength(partitionKey));
}
