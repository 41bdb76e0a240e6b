/** Kinesis streams whose records a delivery stream takes: those that come after its creation. */
import type { Unit } from "../../store/store.ts";
import {
  type FollowedRecord,
  followStream,
  placesAtLatest,
  removePlaces,
  type StreamReader,
} from "../kinesis/index.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import { deaggregate } from "./deaggregate.ts";
import { type DeliveryStream, deliveryStreams, readerName, streamKey } from "./delivery-stream.ts";
import { appendSource } from "./records.ts";

type Sourced = DeliveryStream & { readonly source: NonNullable<DeliveryStream["source"]> };

const followers = perStore(() => new Map<string, Disposable>());

function readerOf(stream: Sourced): StreamReader {
  return { streamArn: stream.source.streamArn, name: readerName(stream) };
}

export function hasSource(stream: DeliveryStream): stream is Sourced {
  return stream.source !== undefined;
}

/** Where a new delivery stream begins to read: its places are set in the unit that creates it. */
export function sourcePlaces(platform: Platform, stream: Sourced): Promise<(unit: Unit) => void> {
  return placesAtLatest(platform, readerOf(stream));
}

/** Copies records into the delivery stream's log, in the unit that moves its place in the shard. */
export function followSource(platform: Platform, stream: Sourced): void {
  const running = followers(platform.store);
  if (running.has(stream.id)) return;
  const follower = followStream(platform, {
    ...readerOf(stream),
    sinceMs: stream.createdMs,
    async handle(unit, records) {
      const now = await unit.get(deliveryStreams, streamKey(stream));
      if (now?.id !== stream.id) return;
      for (const record of records) take(unit, stream, record);
    },
  });
  running.set(stream.id, follower);
}

function take(unit: Unit, stream: DeliveryStream, record: FollowedRecord): void {
  const { shardId, sequenceNumber, arrivedMs } = record;
  for (const [subsequenceNumber, { data, partitionKey }] of deaggregate(record).entries()) {
    appendSource(unit, stream, data, {
      shardId,
      partitionKey,
      sequenceNumber,
      subsequenceNumber,
      approximateArrivalTimestamp: arrivedMs,
    });
  }
}

/** In the unit that deletes the delivery stream. */
export async function forgetSource(unit: Unit, platform: Platform, stream: Sourced): Promise<void> {
  await removePlaces(unit, platform, readerOf(stream));
  unit.afterCommit(() => {
    const running = followers(platform.store);
    running.get(stream.id)?.[Symbol.dispose]();
    running.delete(stream.id);
  });
}
