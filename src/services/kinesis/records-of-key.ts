import type { Store } from "../../store/store.ts";
import { type Shard, type Stream, shardLog, streamDocumentId, streams } from "./documents.ts";
import { parseStreamArn } from "./find-stream.ts";
import { loadShards } from "./load-shards.ts";
import { hashOf } from "./shards.ts";

/** Where a reader of a key's records goes on, towards older ones. */
export interface RecordPlace {
  readonly shard: number;
  /** The record before this one is the next. */
  readonly before: number;
}

export interface KeyRecord {
  readonly data: string;
  readonly timeMs: number;
}

/** So many records are read from the store in one go. */
const READ_ENTRIES = 250;

/**
 * The newest records of a partition key that are wanted, the newest first, without consuming any: those of its shard, then those of the shards that
 * it came from. Others write to the stream too, so a call looks at `lookAt` records at most, and may end with few and with a place to go on from.
 * `undefined`: there is no such stream.
 */
export async function newestRecordsOfKey(
  store: Store,
  arn: string,
  {
    key,
    from,
    limit,
    lookAt,
    isWanted,
  }: {
    readonly key: string;
    readonly from?: RecordPlace | undefined;
    readonly limit: number;
    readonly lookAt: number;
    isWanted(data: string): boolean;
  },
): Promise<{ readonly records: readonly KeyRecord[]; readonly next?: RecordPlace | undefined } | undefined> {
  const stream = await store.get(streams, streamDocumentId(parseStreamArn(arn)));
  if (stream === undefined) return undefined;
  const { map } = await loadShards(store, stream);
  const hash = hashOf(key);
  const shards = map.shards
    .filter(({ firstHash, lastHash }) => firstHash <= hash && hash <= lastHash)
    .sort((a, b) => b.index - a.index);
  const records: KeyRecord[] = [];
  let rest = lookAt;
  for (const shard of shards) {
    if (from !== undefined && shard.index > from.shard) continue;
    let before = from?.shard === shard.index ? from.before : Number.POSITIVE_INFINITY;
    for (;;) {
      const block = await blockBefore(store, stream, shard, before);
      for (const { sequence, key: own, timeMs, data } of block) {
        if (records.length === limit || rest === 0) {
          return { records, next: { shard: shard.index, before: sequence + 1 } };
        }
        rest -= 1;
        if (own === key && isWanted(data())) records.push({ data: data(), timeMs });
        before = sequence;
      }
      if (block.length === 0) break;
    }
  }
  return { records };
}

interface Looked {
  readonly sequence: number;
  readonly key: string;
  readonly timeMs: number;
  data(): string;
}

/** The records before one, the newest first. */
async function blockBefore(store: Store, stream: Stream, shard: Shard, before: number): Promise<readonly Looked[]> {
  const log = shardLog(stream, shard.index);
  const { first, next } = await store.bounds(log, 0);
  const end = Math.min(before, next);
  let from = Math.max(first, end - READ_ENTRIES);
  const found: Looked[] = [];
  // A read ends before it has too many bytes: the rest of the block is read behind it.
  while (from < end) {
    const entries = await store.read(log, 0, from, { entries: end - from });
    const last = entries.at(-1);
    if (last === undefined) break;
    for (const { sequence, key, timeMs, value } of entries) {
      const data = (): string => (typeof value === "string" ? value : Buffer.from(value).toString());
      found.push({ sequence, key, timeMs, data });
    }
    from = last.sequence + 1;
  }
  return found.reverse();
}
