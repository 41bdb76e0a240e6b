import type { Reader, Store, Unit } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { perStore } from "../per-store.ts";
import {
  type Shard,
  type ShardMap,
  type Stream,
  shardId,
  shardLog,
  shardMapDocumentId,
  shardMaps,
} from "./documents.ts";
import { openShards } from "./shards.ts";

/** A shard map made ready for routing. */
export interface LoadedShards {
  readonly map: ShardMap;
  /** Open shards in hash order. */
  readonly open: readonly RoutedShard[];
}

export interface RoutedShard extends Shard {
  readonly id: string;
  readonly log: string;
}

const CACHED_STREAMS_MAX = 1000;

/** Keeps what routing asks for at every write: a map of a thousand shards takes a millisecond to parse and sort. By stream id. */
const cachedShards = perStore(() => new BoundedMap<string, LoadedShards>(CACHED_STREAMS_MAX));

/**
 * The shards of a stream as committed. Where a resharding has come between the reads of the stream and of its shards, those after it.
 */
export async function loadShards(store: Store, stream: Stream): Promise<LoadedShards> {
  const cache = cachedShards(store);
  const cached = cache.get(stream.id);
  if (cached?.map.revision === stream.shardMapRevision) return cached;
  const loaded = await readShards(store, stream);
  cache.set(stream.id, loaded);
  return loaded;
}

/**
 * The shards of a stream that was read in this unit. The stream's document names their revision, so reading it is enough to
 * decide on; the cache takes only what has been committed, since an undone change may be followed by another of the same revision.
 */
export async function loadShardsIn(unit: Unit, store: Store, stream: Stream): Promise<LoadedShards> {
  const cache = cachedShards(store);
  const cached = cache.get(stream.id);
  if (cached?.map.revision === stream.shardMapRevision) return cached;
  const loaded = await readShards(unit, stream);
  unit.afterCommit(() => void cache.set(stream.id, loaded));
  return loaded;
}

async function readShards(reader: Reader, stream: Stream): Promise<LoadedShards> {
  const map = await reader.get(shardMaps, shardMapDocumentId(stream));
  // Outside a unit the stream may be deleted between the two reads; it then has no shards any more.
  if (map === undefined) return { map: { revision: 0, nextIndex: 0, shards: [] }, open: [] };
  return {
    map,
    open: openShards(map.shards).map((shard) => ({
      ...shard,
      id: shardId(shard.index),
      log: shardLog(stream, shard.index),
    })),
  };
}
