import { type Rate, ratesOf, type Use } from "../rates.ts";
import type { Platform } from "../service.ts";
import { type NewRecord, recordBytes, routeRecord } from "./append-records.ts";
import type { Stream } from "./documents.ts";
import { type LoadedShards, loadShards, type RoutedShard } from "./load-shards.ts";
import { SHARD_RECORDS_PER_SECOND, SHARD_WRITE_BYTES_PER_SECOND } from "./quotas.ts";

/**
 * Takes room for records in their shards' rates, before they are written: 1000 records and 1 MiB a second each. Answers one
 * message for each record that there is no room for, `undefined` for the others.
 */
export async function reserveWrites(
  platform: Platform,
  stream: Stream,
  records: readonly NewRecord[],
): Promise<readonly (string | undefined)[]> {
  const shards = await loadShards(platform.store, stream);
  return records.map((record) => {
    const { shard, key, use } = writeOf(stream, shards, record);
    const taken = ratesOf(platform.store).take(key, writeRate(platform), use, platform.clock.now());
    return taken ? undefined : throttled(stream, shard);
  });
}

/** One batch inside a unit, which may run again: looks for room at once, and counts what was used only after the commit. */
export class WriteTally {
  readonly #platform: Platform;
  readonly #used = new Map<string, Use>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** A message where there is no room for a record. */
  refuse(stream: Stream, shards: LoadedShards, record: NewRecord): string | undefined {
    const { store, clock } = this.#platform;
    const { shard, key, use } = writeOf(stream, shards, record);
    const used = this.#used.get(key) ?? { count: 0, bytes: 0 };
    const room = ratesOf(store).hasRoom(key, writeRate(this.#platform), use, clock.now(), used);
    if (!room) return throttled(stream, shard);
    this.#used.set(key, { count: used.count + use.count, bytes: used.bytes + use.bytes });
    return undefined;
  }

  charge(): void {
    const { store, clock } = this.#platform;
    for (const [key, use] of this.#used) ratesOf(store).charge(key, writeRate(this.#platform), use, clock.now());
  }
}

function writeRate({ limits }: Platform): Rate {
  return {
    perSecond: limits.value("kinesis.shard-records-per-second", SHARD_RECORDS_PER_SECOND),
    bytesPerSecond: limits.value("kinesis.shard-write-bytes-per-second", SHARD_WRITE_BYTES_PER_SECOND),
  };
}

function writeOf(
  stream: Stream,
  shards: LoadedShards,
  record: NewRecord,
): { shard: RoutedShard; key: string; use: Use } {
  const shard = routeRecord(stream, shards, record);
  return { shard, key: `kinesis write ${shard.log}`, use: { count: 1, bytes: recordBytes(record) } };
}

function throttled(stream: Stream, shard: RoutedShard): string {
  return `Rate exceeded for shard ${shard.id} in stream ${stream.name} under account ${stream.account}.`;
}
