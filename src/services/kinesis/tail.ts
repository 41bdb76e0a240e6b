import type { _Record } from "@aws-sdk/client-kinesis";
import type { Platform } from "../service.ts";
import { type StreamKey, shardId, shardLog, streamDocumentId, streams } from "./documents.ts";
import { loadShards } from "./load-shards.ts";
import { readShard } from "./read-shard.ts";

/** A record, and the shard it was read from. */
export interface TailedRecord extends _Record {
  readonly ShardId: string;
}

/** Records of a whole stream as they arrive, for eyes: shards that a resharding makes join by themselves. */
export interface StreamTail extends Disposable {
  /** What is new since the last call, each shard's records in order; committed, not yet durable. `undefined`: the stream is gone. */
  read(): Promise<readonly TailedRecord[] | undefined>;
}

/** One read takes so much of each shard. */
const LIMITS = { entries: 256, bytes: 1024 * 1024 };

/**
 * Follows a stream from its oldest or behind its newest record. `ring` is called when there may be something new to `read`.
 * `undefined`: there is no such stream.
 */
export async function tailStream(
  platform: Platform,
  key: StreamKey,
  from: "oldest" | "newest",
  ring: () => void,
): Promise<StreamTail | undefined> {
  const { store } = platform;
  const id = streamDocumentId(key);
  const watches = new DisposableStack();
  /** Where each shard goes on, by its index. */
  const next = new Map<number, number>();

  const follow = async (begin: "oldest" | "newest") => {
    const stream = await store.get(streams, id);
    if (stream === undefined) return undefined;
    const { map } = await loadShards(store, stream);
    for (const shard of map.shards.filter(({ index }) => !next.has(index))) {
      const log = shardLog(stream, shard.index);
      const bounds = await store.bounds(log, 0);
      next.set(shard.index, begin === "newest" ? bounds.next : bounds.first);
      watches.use(store.watchLog(log, ring));
    }
    return { stream, shards: map.shards };
  };

  watches.use(store.watchCollection(streams.name, (ids) => ids.includes(id) && ring()));
  if ((await follow(from)) === undefined) {
    watches.dispose();
    return undefined;
  }
  return {
    read: async () => {
      const followed = await follow("oldest");
      if (followed === undefined) return undefined;
      const { stream, shards } = followed;
      const records: TailedRecord[] = [];
      for (const shard of shards) {
        const read = await readShard(platform, stream, shard, next.get(shard.index) ?? 1, LIMITS);
        next.set(shard.index, read.nextSequence);
        records.push(...read.records.map((record) => ({ ShardId: shardId(shard.index), ...record })));
      }
      return records;
    },
    [Symbol.dispose]: () => watches.dispose(),
  };
}
