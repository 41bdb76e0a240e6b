/** A stream for eyes: its shards, who reads them and how far, and their records, without anybody's place being moved. */
import { cursorsOf } from "../../flow/index.ts";
import { compositeKey } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import {
  consumerArn,
  encryptionKeyAt,
  isExpired,
  type Shard,
  type Stream,
  type StreamKey,
  shardId,
  shardLog,
  streamArn,
  streamConsumers,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { loadShards } from "./load-shards.ts";
import { readShard, type ShardRead } from "./read-shard.ts";
import { seenReads } from "./seen-reads.ts";
import { decodeSequenceNumber, encodeSequenceNumber } from "./sequence-number.ts";
import { hashKey } from "./shards.ts";

type Looking = Pick<Platform, "store" | "clock">;

/** A stream as a whole. */
export interface StreamLook {
  readonly name: string;
  readonly arn: string;
  readonly mode: string;
  readonly retentionHours: number;
  readonly maxRecordKiB: number;
  readonly encryptionKey?: string;
  readonly createdMs: number;
  readonly openShards: number;
  readonly registeredConsumers: number;
  /** Ever, in the shards that are there. */
  readonly written: number;
  /** Kept now. */
  readonly records: number;
  readonly bytes: number;
}

export interface ShardLook {
  readonly id: string;
  readonly index: number;
  readonly isOpen: boolean;
  readonly parents: readonly string[];
  readonly firstHash: string;
  readonly lastHash: string;
  readonly openedMs: number;
  readonly closedMs?: number;
  readonly written: number;
  readonly records: number;
  readonly bytes: number;
  readonly newestMs?: number;
}

/** How far a reader has come with a shard. */
export interface ReaderPlace {
  readonly shardId: string;
  /** That of the last record that it has read. Absent: it has read none that is kept. */
  readonly sequenceNumber?: string;
  /** Records that it has yet to read, and for how long the oldest of them has been there. */
  readonly behind: number;
  readonly behindMs: number;
}

/** A stream that can be looked into. */
export interface LookedStream {
  readonly stream: StreamLook;
  readonly shards: readonly ShardLook[];
  /** Tells it from an earlier one of the same name. */
  readonly streamId: string;
  /** Registered consumers, whether they have subscribed or not. */
  readonly consumers: readonly { readonly name: string; readonly arn: string; readonly createdMs: number }[];
  /** Readers of ours that keep a place in each shard, by their names. */
  readonly kept: readonly { readonly name: string; readonly place: ReaderPlace }[];
  /** Those that keep it themselves, and were seen since the process began. */
  readonly seen: readonly {
    readonly kind: "GetRecords" | "SubscribeToShard";
    readonly reader: string;
    readonly atMs: number;
    readonly isOpen: boolean;
    readonly place: ReaderPlace;
  }[];
  /** The place of somebody who goes on with a log sequence. */
  placeAt(shardIndex: number, next: number): Promise<ReaderPlace | undefined>;
}

export async function listStreamLooks(
  platform: Looking,
  { account, region }: Omit<StreamKey, "name">,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly streams: readonly StreamLook[]; readonly next?: string }> {
  const { store } = platform;
  const page = await store.list(streams, {
    prefix: compositeKey(account, region, ""),
    ...(after !== undefined && { from: `${compositeKey(account, region, after)}\u0001` }),
    limit: limit + 1,
  });
  const listed = page.documents.slice(0, limit);
  const last = listed.at(-1);
  return {
    streams: await Promise.all(listed.map(async (stream) => lookAt(stream, await shardLooks(platform, stream)))),
    ...(last && page.documents.length > limit && { next: last.name }),
  };
}

export async function lookIntoStream(platform: Looking, key: StreamKey): Promise<LookedStream | undefined> {
  const { store } = platform;
  const stream = await store.get(streams, streamDocumentId(key));
  if (!stream) return undefined;
  const shards = await listedShards(platform, stream);
  const looks = await shardLooks(platform, stream);
  const byLog = new Map(shards.map((shard) => [shardLog(stream, shard.index), shard]));
  const prefix = compositeKey(stream.account, stream.region, stream.id, "");
  const registered = (await store.list(streamConsumers, { prefix, limit: 100 })).documents;
  const place = (shard: Shard, next: number): Promise<ReaderPlace> => placeOf(platform, stream, shard, next);
  const kept = await Promise.all(
    shards.map(async (shard) => {
      const cursors = await cursorsOf(store, shardLog(stream, shard.index));
      return Promise.all(cursors.map(async ({ consumer: name, next }) => ({ name, place: await place(shard, next) })));
    }),
  );
  const seen = seenReads(platform, new Set(byLog.keys())).map(async ({ log, next, ...read }) => {
    const shard = byLog.get(log);
    return shard ? [{ ...read, place: await place(shard, next) }] : [];
  });
  return {
    stream: lookAt(stream, looks),
    shards: looks,
    streamId: stream.id,
    consumers: registered.map((one) => ({ name: one.name, arn: consumerArn(one), createdMs: one.createdMs })),
    kept: kept.flat(),
    seen: (await Promise.all(seen)).flat(),
    async placeAt(shardIndex, next) {
      const shard = shards.find(({ index }) => index === shardIndex);
      return shard && place(shard, next);
    },
  };
}

/** Where a look at a shard begins. `last`: so many records before the end. `number`: a sequence number, the record itself included. */
export type LookFrom =
  | { readonly at: "oldest" }
  | { readonly at: "last"; readonly records: number }
  | { readonly at: "time"; readonly timeMs: number }
  | { readonly at: "number"; readonly number: string }
  | { readonly at: "after"; readonly number: string };

export interface ShardPeek extends ShardRead {
  /** Goes on behind what was read; absent where nothing was. */
  readonly lastNumber?: string;
}

/** Records of a shard. `undefined`: there is no such stream or shard, or the number is of another one. */
export async function peekShard(
  platform: Looking,
  key: StreamKey,
  id: string,
  from: LookFrom,
  limits: { readonly entries: number; readonly bytes: number },
): Promise<ShardPeek | undefined> {
  const { store } = platform;
  const stream = await store.get(streams, streamDocumentId(key));
  const shard = stream && (await listedShards(platform, stream)).find(({ index }) => shardId(index) === id);
  if (!stream || !shard) return undefined;
  const log = shardLog(stream, shard.index);
  const { first, next } = await store.bounds(log, 0);
  const begin = await beginOf();
  if (begin === undefined) return undefined;
  const read = await readShard(platform, stream, shard, Math.max(first, begin), limits);
  const lastNumber = read.records.at(-1)?.SequenceNumber;
  return { ...read, ...(lastNumber !== undefined && { lastNumber }) };

  async function beginOf(): Promise<number | undefined> {
    switch (from.at) {
      case "oldest":
        return first;
      case "last":
        return next - from.records;
      case "time":
        return store.sequenceAt(log, 0, from.timeMs);
      case "number":
      case "after": {
        const number = /^\d{1,60}$/.test(from.number) ? decodeSequenceNumber(from.number) : undefined;
        if (number?.shardIndex !== shard?.index || number?.createdSeconds !== shard?.createdSeconds) return undefined;
        return number && (from.at === "after" ? number.index + 1 : number.index);
      }
      default:
        return from satisfies never;
    }
  }
}

async function listedShards({ store, clock }: Looking, stream: Stream): Promise<readonly Shard[]> {
  const { map } = await loadShards(store, stream);
  return map.shards.filter((shard) => !isExpired(stream, shard, clock.now()));
}

async function shardLooks(platform: Looking, stream: Stream): Promise<readonly ShardLook[]> {
  const { store } = platform;
  return Promise.all(
    (await listedShards(platform, stream)).map(async (shard) => {
      const log = shardLog(stream, shard.index);
      const { first, next } = await store.bounds(log, 0);
      const [newest] = next > first ? await store.read(log, 0, next - 1, { entries: 1 }) : [];
      return {
        id: shardId(shard.index),
        index: shard.index,
        isOpen: shard.closedMs === undefined,
        parents: shard.parents.map(shardId),
        firstHash: String(hashKey(shard.firstHash)),
        lastHash: String(hashKey(shard.lastHash)),
        openedMs: shard.openedMs,
        ...(shard.closedMs !== undefined && { closedMs: shard.closedMs }),
        written: next - 1,
        records: next - first,
        bytes: await store.logBytes(log),
        ...(newest && { newestMs: newest.timeMs }),
      };
    }),
  );
}

function lookAt(stream: Stream, shards: readonly ShardLook[]): StreamLook {
  const sum = (figure: (shard: ShardLook) => number): number => shards.reduce((all, one) => all + figure(one), 0);
  const encryptionKey = encryptionKeyAt(stream, Number.MAX_SAFE_INTEGER);
  return {
    name: stream.name,
    arn: streamArn(stream),
    mode: stream.mode,
    retentionHours: stream.retentionHours,
    maxRecordKiB: stream.maxRecordKiB,
    ...(encryptionKey !== undefined && { encryptionKey }),
    createdMs: stream.createdMs,
    openShards: stream.openShardCount,
    registeredConsumers: stream.consumerCount,
    written: sum(({ written }) => written),
    records: sum(({ records }) => records),
    bytes: sum(({ bytes }) => bytes),
  };
}

async function placeOf({ store, clock }: Looking, stream: Stream, shard: Shard, place: number): Promise<ReaderPlace> {
  const log = shardLog(stream, shard.index);
  const { first, next } = await store.bounds(log, 0);
  const from = Math.max(first, place);
  const [oldest] = from < next ? await store.read(log, 0, from, { entries: 1 }) : [];
  const [last] = place > first ? await store.read(log, 0, place - 1, { entries: 1 }) : [];
  const { createdSeconds, index: shardIndex } = shard;
  return {
    shardId: shardId(shardIndex),
    ...(last && {
      sequenceNumber: encodeSequenceNumber({ createdSeconds, shardIndex, index: last.sequence, timeMs: last.timeMs }),
    }),
    behind: Math.max(0, next - from),
    behindMs: oldest ? Math.max(0, clock.now() - oldest.timeMs) : 0,
  };
}
