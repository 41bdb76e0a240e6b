/**
 * Shards and the hash space they share: pure functions.
 *
 * The open shards of a stream always cover all hash keys from 0 to 2^128 - 1, each once. Resharding closes shards and opens
 * others in their place; whoever reads must drain parents before their children, since a key moves from one to the other.
 */
import { hash } from "node:crypto";
import type { Shard, ShardMap } from "./documents.ts";

const HASH_SPACE = 1n << 128n;

export const HIGHEST_HASH_KEY: bigint = HASH_SPACE - 1n;

/** The hash key of a partition key: its MD5, 32 hexadecimal digits. */
export function hashOf(partitionKey: string): string {
  return hash("md5", partitionKey, "hex");
}

/** 32 hexadecimal digits. */
export function hashText(key: bigint): string {
  return key.toString(16).padStart(32, "0");
}

/** The decimal form that the API shows. */
export function hashKey(text: string): bigint {
  return BigInt(`0x${text}`);
}

/** The shard that holds a hash key, of open shards in hash order. */
export function shardFor<S extends Pick<Shard, "firstHash">>(open: readonly S[], hashText: string): S {
  let low = 0;
  let high = open.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((open[middle] as S).firstHash <= hashText) low = middle;
    else high = middle;
  }
  return open[low] as S;
}

export function openShards(shards: readonly Shard[]): Shard[] {
  return shards.filter((shard) => shard.closedMs === undefined).sort((a, b) => (a.firstHash < b.firstHash ? -1 : 1));
}

/** The shards of a new stream: equal widths, the last one takes what the division leaves. */
export function initialShards(count: number, nowMs: number): ShardMap {
  const shards = uniformRanges(count).map(
    ([first, last], index): Shard => ({
      index,
      firstHash: hashText(first),
      lastHash: hashText(last),
      parents: [],
      createdSeconds: Math.floor(nowMs / 1000),
      openedMs: nowMs,
    }),
  );
  return { revision: 1, nextIndex: count, shards };
}

function uniformRanges(count: number): (readonly [bigint, bigint])[] {
  const width = HASH_SPACE / BigInt(count);
  return Array.from({ length: count }, (_, i) => {
    const first = BigInt(i) * width;
    return [first, i === count - 1 ? HIGHEST_HASH_KEY : first + width - 1n] as const;
  });
}

/** Bounds this close to each other differ only by what divisions by different counts round off. */
const ROUNDING = 10_000n;

/** A change of the shard map, step by step. */
export class Resharding {
  readonly #shards: Map<number, Shard>;
  readonly #nowMs: number;
  readonly #revision: number;
  #nextIndex: number;

  constructor(map: ShardMap, nowMs: number) {
    this.#shards = new Map(map.shards.map((shard) => [shard.index, shard]));
    this.#nextIndex = map.nextIndex;
    this.#revision = map.revision;
    this.#nowMs = nowMs;
  }

  /** Two children: what lies below `at`, and the rest. */
  split(parent: Shard, at: bigint): { low: Shard; high: Shard } {
    this.#close(parent);
    return {
      low: this.#open(parent.firstHash, hashText(at - 1n), [parent]),
      high: this.#open(hashText(at), parent.lastHash, [parent]),
    };
  }

  /** One child of two shards that lie side by side; `parent` is the one that the child names first. */
  merge(parent: Shard, adjacentParent: Shard): Shard {
    this.#close(parent);
    this.#close(adjacentParent);
    const parentIsLower = parent.firstHash < adjacentParent.firstHash;
    const [low, high] = parentIsLower ? [parent, adjacentParent] : [adjacentParent, parent];
    return this.#open(low.firstHash, high.lastHash, [parent, adjacentParent]);
  }

  /**
   * Brings the stream to `count` shards of equal width: splits where a bound is missing, then merges where one is too many.
   *
   * Like the real service, this leaves short-lived shards behind where new ranges cut through old ones.
   */
  scaleTo(count: number): void {
    const bounds = uniformRanges(count).map(([first]) => first);
    const kept = new Set<string>();
    const pieces: Shard[] = [];
    let next = 0;
    for (let shard of openShards([...this.#shards.values()])) {
      for (; next < bounds.length; next++) {
        const bound = bounds[next] as bigint;
        if (bound + ROUNDING > hashKey(shard.lastHash)) break;
        if (bound > hashKey(shard.firstHash) + ROUNDING) {
          const { low, high } = this.split(shard, bound);
          pieces.push(low);
          shard = high;
        }
        kept.add(shard.firstHash);
      }
      pieces.push(shard);
    }

    let current = pieces[0] as Shard;
    for (const piece of pieces.slice(1)) {
      current = kept.has(piece.firstHash) ? piece : this.merge(current, piece);
    }
  }

  result(): ShardMap {
    return { revision: this.#revision + 1, nextIndex: this.#nextIndex, shards: [...this.#shards.values()] };
  }

  #close(shard: Shard): void {
    this.#shards.set(shard.index, { ...shard, closedMs: this.#nowMs });
  }

  #open(firstHash: string, lastHash: string, parents: readonly Shard[]): Shard {
    const shard: Shard = {
      index: this.#nextIndex++,
      firstHash,
      lastHash,
      parents: parents.map((parent) => parent.index),
      // A second later than its parents, so that sequence numbers rise from them to it.
      createdSeconds: Math.max(Math.floor(this.#nowMs / 1000), ...parents.map((parent) => parent.createdSeconds + 1)),
      openedMs: this.#nowMs,
    };
    this.#shards.set(shard.index, shard);
    return shard;
  }
}
