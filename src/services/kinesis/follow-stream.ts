import { type Consumer, findCursor, placeCursor, removeCursor } from "../../flow/index.ts";
import type { Entry, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type Shard, type Stream, shardId, shardLog, streamDocumentId, streams } from "./documents.ts";
import { parseStreamArn } from "./find-stream.ts";
import { loadShards, loadShardsIn } from "./load-shards.ts";
import { encodeSequenceNumber } from "./sequence-number.ts";

/** A record as a follower gets it. */
export interface FollowedRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly arrivedMs: number;
  readonly data: string | Uint8Array;
}

/** Another service that reads a stream: its place in each shard is kept, and moves in the unit that it writes its output in. */
export interface StreamReader {
  readonly streamArn: string;
  /** Names its places. */
  readonly name: string;
}

export interface FollowedStream extends StreamReader {
  /** When its places were set: shards that were open before and have none are none of its business. */
  readonly sinceMs: number;
  /** Records of one shard, in order. May run more than once. */
  handle(unit: Unit, records: readonly FollowedRecord[]): Promise<void>;
}

/** Behind the newest record of each shard: where a reader begins that wants what comes from now on. Outside of any unit; places are set in one. */
export async function placesAtLatest(
  { store }: Platform,
  { streamArn, name }: StreamReader,
): Promise<(unit: Unit) => void> {
  const stream = await store.get(streams, streamDocumentId(parseStreamArn(streamArn)));
  const shards = stream ? (await loadShards(store, stream)).map.shards : [];
  const places = await Promise.all(
    shards.map(async ({ index }) => {
      const log = stream ? shardLog(stream, index) : "";
      return { log, consumer: name, partition: 0, next: (await store.bounds(log, 0)).next };
    }),
  );
  return (unit) => {
    for (const place of places) placeCursor(unit, place);
  };
}

/** Removes a reader's places. */
export async function removePlaces(unit: Unit, { store }: Platform, { streamArn, name }: StreamReader): Promise<void> {
  const stream = await unit.get(streams, streamDocumentId(parseStreamArn(streamArn)));
  if (!stream) return;
  const { map } = await loadShardsIn(unit, store, stream);
  for (const { index } of map.shards)
    removeCursor(unit, { log: shardLog(stream, index), consumer: name, partition: 0 });
}

/**
 * Reads a stream as long as the process runs, or until it is disposed of: each shard on its own, and those that a resharding makes once their
 * parents have been read. A stream that is not there is waited for.
 */
export function followStream(platform: Platform, followed: FollowedStream): Disposable {
  const follower = new Follower(platform, followed);
  const id = streamDocumentId(parseStreamArn(followed.streamArn));
  const watch = platform.store.watchCollection(streams.name, (ids) => ids.includes(id) && follower.look());
  follower.look();
  return {
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      follower.stop();
    },
  };
}

class Follower {
  readonly #platform: Platform;
  readonly #followed: FollowedStream;
  /** By their logs. */
  readonly #consumers = new Map<string, Consumer>();
  /** Whether shards wait for their parents. */
  #isWaiting = false;
  #looking = false;
  #lookAgain = false;
  #stopped = false;

  constructor(platform: Platform, followed: FollowedStream) {
    this.#platform = platform;
    this.#followed = followed;
  }

  stop(): void {
    this.#stopped = true;
    for (const consumer of this.#consumers.values()) void consumer.stop();
  }

  /** Looks for shards that can be read now. */
  look(): void {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    void this.#lookUntilDone();
  }

  async #lookUntilDone(): Promise<void> {
    try {
      while (this.#lookAgain && !this.#stopped) {
        this.#lookAgain = false;
        await this.#findShards();
      }
    } catch (error) {
      this.#platform.log.error({ err: error, stream: this.#followed.streamArn }, "a stream's shards could not be read");
    } finally {
      this.#looking = false;
    }
  }

  async #findShards(): Promise<void> {
    const { store } = this.#platform;
    const stream = await store.get(streams, streamDocumentId(parseStreamArn(this.#followed.streamArn)));
    if (!stream) return;
    const { shards } = (await loadShards(store, stream)).map;
    this.#isWaiting = false;
    for (const shard of shards) {
      if (this.#consumers.has(shardLog(stream, shard.index))) continue;
      if (!(await this.#isToBeRead(stream, shard))) continue;
      const parents = shards.filter(({ index }) => shard.parents.includes(index));
      const drained = await Promise.all(parents.map((parent) => this.#isDrained(stream, parent)));
      if (this.#stopped) return;
      if (drained.every(Boolean)) this.#read(stream, shard);
      else this.#isWaiting = true;
    }
  }

  async #isToBeRead(stream: Stream, shard: Shard): Promise<boolean> {
    return shard.openedMs >= this.#followed.sinceMs || (await this.#place(stream, shard)) !== undefined;
  }

  /** Whether everything of a shard has been read that ever will be. */
  async #isDrained(stream: Stream, shard: Shard): Promise<boolean> {
    const place = await this.#place(stream, shard);
    if (!place) return !(await this.#isToBeRead(stream, shard));
    return place.next >= (await this.#platform.store.bounds(place.log, 0)).next;
  }

  #place(stream: Stream, { index }: Shard) {
    const log = shardLog(stream, index);
    return findCursor(this.#platform.store, { log, consumer: this.#followed.name, partition: 0 });
  }

  #read(stream: Stream, shard: Shard): void {
    const { name, handle } = this.#followed;
    const log = shardLog(stream, shard.index);
    const consumer = this.#platform.flow.consume({
      name,
      log,
      handle: async (unit, entries) => {
        await handle(
          unit,
          entries.map((entry) => recordOf(shard, entry)),
        );
        unit.afterCommit(() => this.#isWaiting && this.look());
      },
    });
    this.#consumers.set(log, consumer);
  }
}

function recordOf(shard: Shard, { sequence, timeMs, key, value }: Entry): FollowedRecord {
  const { createdSeconds, index: shardIndex } = shard;
  return {
    shardId: shardId(shardIndex),
    sequenceNumber: encodeSequenceNumber({ createdSeconds, shardIndex, index: sequence, timeMs }),
    partitionKey: key,
    arrivedMs: timeMs,
    data: value,
  };
}
