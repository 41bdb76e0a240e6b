import type { Store } from "../../store/store.ts";
import { shardLog, streamDocumentId, streams } from "./documents.ts";
import { parseStreamArn } from "./find-stream.ts";
import { loadShards } from "./load-shards.ts";

/** Of each shard so many records at its end are looked at: others may write to the stream too. */
const LOOKED_AT = 16;
const SHARDS_MAX = 32;

/** When the newest record that is wanted arrived, among the last few of each shard. `undefined`: none of these, or there is no such stream. */
export async function newestRecordMs(
  store: Store,
  arn: string,
  isWanted: (data: string) => boolean,
): Promise<number | undefined> {
  const stream = await store.get(streams, streamDocumentId(parseStreamArn(arn)));
  if (stream === undefined) return undefined;
  const { map } = await loadShards(store, stream);
  let newestMs: number | undefined;
  for (const shard of map.shards.slice(-SHARDS_MAX)) {
    const log = shardLog(stream, shard.index);
    const { first, next } = await store.bounds(log, 0);
    const from = Math.max(first, next - LOOKED_AT);
    const entries = await store.read(log, 0, from, { entries: LOOKED_AT });
    for (const { timeMs, value } of entries) {
      if (newestMs !== undefined && timeMs <= newestMs) continue;
      if (isWanted(typeof value === "string" ? value : Buffer.from(value).toString())) newestMs = timeMs;
    }
  }
  return newestMs;
}
