import { setImmediate } from "node:timers/promises";
import type { _Record, ChildShard } from "@aws-sdk/client-kinesis";
import type { Entry, ReadLimits } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import {
  encryptionKeyAt,
  horizonMs,
  isExpired,
  type Shard,
  type ShardMap,
  type Stream,
  shardId,
  shardLog,
} from "./documents.ts";
import { encodeSequenceNumber } from "./sequence-number.ts";
import { hashKey } from "./shards.ts";

export interface ShardRead {
  readonly records: readonly _Record[];
  /** Bytes of the records' data. */
  readonly bytes: number;
  /** Where to go on. */
  readonly nextSequence: number;
  /** 0 at the tip; else how long ago the last record that was read arrived. */
  readonly millisBehindLatest: number;
  /** The shard is closed, and everything in it has been read. */
  readonly drained: boolean;
}

/**
 * Records of a shard from a sequence on, without those out of retention. At least one where there is one.
 *
 * `shard` must have been read before: a shard that was closed then gets no more records, so its end is its end.
 */
export async function readShard(
  platform: Pick<Platform, "store" | "clock">,
  stream: Stream,
  shard: Shard,
  fromSequence: number,
  limits: Required<ReadLimits>,
): Promise<ShardRead> {
  const { store, clock } = platform;
  const log = shardLog(stream, shard.index);
  const tip = (await store.bounds(log, 0)).next;
  const records: _Record[] = [];
  let bytes = 0;
  let next = await firstVisible(platform, stream, log, fromSequence);
  let lastMs = clock.now();
  reading: while (next < tip && records.length < limits.entries && bytes < limits.bytes) {
    // A full answer takes many milliseconds to read: others get their turn in between.
    if (records.length > 0) await setImmediate();
    const rest = {
      entries: Math.min(limits.entries - records.length, READ_ENTRIES_MAX),
      bytes: Math.min(limits.bytes - bytes, READ_BYTES_MAX),
    };
    const entries = await store.read(log, 0, next, rest);
    if (entries.length === 0) break;
    for (const entry of entries) {
      const data = typeof entry.value === "string" ? Buffer.from(entry.value) : entry.value;
      if (records.length > 0 && bytes + data.length > limits.bytes) break reading;
      records.push(recordOf(stream, shard, entry, data));
      bytes += data.length;
      lastMs = entry.timeMs;
      next = entry.sequence + 1;
    }
  }
  const atTip = next >= tip;
  return {
    records,
    bytes,
    nextSequence: next,
    millisBehindLatest: atTip ? 0 : Math.max(0, clock.now() - lastMs),
    drained: atTip && shard.closedMs !== undefined,
  };
}

/** One read of the store: what is read in one go holds up everybody else, by 2 µs a record. */
const READ_BYTES_MAX = 256 * 1024;
const READ_ENTRIES_MAX = 250;

/** Skips what is out of retention; only a reader that is so far behind pays for the search. */
async function firstVisible(
  { store, clock }: Pick<Platform, "store" | "clock">,
  stream: Stream,
  log: string,
  fromSequence: number,
): Promise<number> {
  const horizon = horizonMs(stream, clock.now());
  const [first] = await store.read(log, 0, fromSequence, { entries: 1, bytes: 1 });
  if (first === undefined || first.timeMs >= horizon) return fromSequence;
  return store.sequenceAt(log, 0, horizon);
}

function recordOf(stream: Stream, shard: Shard, entry: Entry, data: Uint8Array): _Record {
  const { sequence, timeMs, key } = entry;
  const { createdSeconds, index: shardIndex } = shard;
  return {
    SequenceNumber: encodeSequenceNumber({ createdSeconds, shardIndex, index: sequence, timeMs }),
    ApproximateArrivalTimestamp: new Date(timeMs),
    Data: data,
    // Only a stream that distributes records itself takes them without a key.
    PartitionKey: key === "" ? undefined : key,
    ...(encryptionKeyAt(stream, timeMs) === undefined ? {} : { EncryptionType: "KMS" }),
  };
}

/** Where a reader goes on after the end of a closed shard. */
export function childShards(stream: Stream, { shards }: ShardMap, parent: Shard, nowMs: number): ChildShard[] {
  return shards
    .filter((shard) => shard.parents.includes(parent.index) && !isExpired(stream, shard, nowMs))
    .map((shard) => ({
      ShardId: shardId(shard.index),
      ParentShards: shard.parents.map(shardId),
      HashKeyRange: {
        StartingHashKey: String(hashKey(shard.firstHash)),
        EndingHashKey: String(hashKey(shard.lastHash)),
      },
    }));
}
