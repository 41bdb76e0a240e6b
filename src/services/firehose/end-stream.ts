/**
 * The end of a deleted stream: what it took is delivered before it goes.
 *
 * An `end` in its log says that nothing is put behind it. A function may still give records back, so that each batch which is
 * delivered appends another one, with the next number. The last one, with no batch left, is the end.
 */
import { type Consumer, removeCursor } from "../../flow/index.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { batches, COLLECTOR, HOLD, openBuffers } from "./batch.ts";
import {
  type DeliveryStream,
  deliveryStreams,
  endingStreams,
  recordsLog,
  type StreamRef,
  streamKey,
} from "./delivery-stream.ts";
import { appendEnd } from "./records.ts";

export const END_TIMER = "firehose.end";

/** Deletes a stream: it is found no more, and delivers what it has. */
export function beginEnd(unit: Unit, platform: Platform, stream: DeliveryStream): void {
  unit.delete(deliveryStreams, streamKey(stream));
  unit.put(endingStreams, stream.id, { ...stream, deletedMs: platform.clock.now(), ends: 1 });
  appendEnd(unit, stream, 1);
}

/** A batch of a stream has been delivered. */
export async function appendNextEnd(unit: Unit, { id }: StreamRef): Promise<void> {
  const stream = await unit.get(endingStreams, id);
  if (!stream) return;
  const ends = (stream.ends ?? 0) + 1;
  unit.put(endingStreams, id, { ...stream, ends });
  appendEnd(unit, stream, ends);
}

/** The collector has come to an `end`. */
export async function finishIfLast(unit: Unit, platform: Platform, stream: DeliveryStream, end: number): Promise<void> {
  if (end !== stream.ends) return;
  const prefix = compositeKey(stream.id, "");
  const open = await unit.list(openBuffers, { prefix, limit: 1 });
  const pending = await unit.list(batches, { index: "from", prefix, limit: 1 });
  if (open.documents.length > 0 || pending.documents.length > 0) return;
  // Not here: the collector cannot be forgotten in the unit that moves its cursor.
  const payload = { id: stream.id };
  platform.flow.schedule(unit, {
    id: `${END_TIMER}:${stream.id}`,
    kind: END_TIMER,
    dueMs: platform.clock.now(),
    payload,
  });
}

/** Removes what is left of a stream. */
export async function endStream(unit: Unit, id: string, collector: Consumer | undefined): Promise<void> {
  const stream = await unit.get(endingStreams, id);
  if (!stream) return;
  await collector?.forget(unit);
  for (const consumer of [COLLECTOR, HOLD]) removeCursor(unit, { log: recordsLog(stream), consumer, partition: 0 });
  unit.dropLog(recordsLog(stream));
  unit.delete(endingStreams, id);
}
