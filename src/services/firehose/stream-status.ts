import { compositeKey } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { perStore } from "../per-store.ts";
import type { Context, Platform } from "../service.ts";
import { type Batch, batches, openBuffers } from "./batch.ts";
import {
  type DeliveryStream,
  deliveryStreamArn,
  deliveryStreams,
  readerName,
  type StreamRef,
} from "./delivery-stream.ts";

const STREAMS_MAX = 1_000;
/** Of a stream: what is told of its past. */
const KEPT = 10;
/** Batches that are told of one by one. */
const WAITING_MAX = 100;

interface Past {
  readonly deliveries: readonly object[];
  readonly failures: readonly object[];
}

/** What went well and wrong since this process began, by the stream's id. */
const pasts = perStore(() => new BoundedMap<string, Past>(STREAMS_MAX));

export function noteDelivery({ store, clock }: Platform, batch: Batch): void {
  const { count: records, bytes } = batch;
  note(store, batch.stream, "deliveries", { time: timeOf(clock.now()), ...goalOf(batch), records, bytes });
}

export function noteFailure({ store, clock }: Platform, batch: Batch, failure: string): void {
  const { count: records, attempts } = batch;
  const told = { time: timeOf(clock.now()), ...goalOf(batch), records, attempts: attempts + 1, failure };
  note(store, batch.stream, "failures", told);
}

function note(store: Platform["store"], { id }: StreamRef, which: keyof Past, one: object): void {
  const past = pasts(store).get(id) ?? { deliveries: [], failures: [] };
  pasts(store).set(id, { ...past, [which]: [one, ...past[which]].slice(0, KEPT) });
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function goalOf({ work }: Batch): object {
  switch (work.to) {
    case "s3":
      return { to: "s3", bucket: work.bucket, key: work.key };
    case "http":
      return { to: "http", requestId: work.requestId };
    case "decompress":
      return { to: "decompress" };
    case "lambda":
      return { to: "lambda", functionArn: work.lambda.functionArn };
    default:
      return work satisfies never;
  }
}

/** How the caller's delivery streams are: what they gather, what waits to be delivered, and what went well and wrong last. */
export async function listStreamStatuses({ store, account, region }: Context): Promise<readonly object[]> {
  const prefix = compositeKey(account, region, "");
  const { documents } = await store.list(deliveryStreams, { prefix, limit: STREAMS_MAX });
  return Promise.all(documents.map((stream) => statusOf(store, stream)));
}

/** Delivery streams that read a Kinesis stream, with the name that their places in it have. */
export async function listReadersOf(
  { store, account, region }: Context,
  sourceArn: string,
): Promise<readonly { readonly name: string; readonly arn: string; readonly reader: string }[]> {
  const prefix = compositeKey(account, region, "");
  const { documents } = await store.list(deliveryStreams, { prefix, limit: STREAMS_MAX });
  return documents
    .filter(({ source }) => source?.streamArn === sourceArn)
    .map((stream) => ({ name: stream.name, arn: deliveryStreamArn(stream), reader: readerName(stream) }));
}

async function statusOf(store: Platform["store"], stream: DeliveryStream): Promise<object> {
  const prefix = compositeKey(stream.id, "");
  const { documents: open } = await store.list(openBuffers, { prefix, limit: 10 });
  const { documents: waiting } = await store.list(batches, { index: "from", prefix, limit: WAITING_MAX });
  const { deliveries = [], failures = [] } = pasts(store).get(stream.id) ?? {};
  return {
    name: stream.name,
    arn: deliveryStreamArn(stream),
    status: "ACTIVE",
    source: stream.source?.streamArn ?? "DirectPut",
    destination: stream.destination.kind === "http" ? stream.destination.url : stream.destination.s3.BucketARN,
    version: stream.version,
    buffers: open.map(({ kind, count: records, bytes, openedMs }) => ({
      kind,
      records,
      bytes,
      since: timeOf(openedMs),
    })),
    waiting: waiting.map((batch) => ({
      ...goalOf(batch),
      records: batch.count,
      bytes: batch.bytes,
      since: timeOf(batch.closedMs),
      attempts: batch.attempts,
      ...(batch.failure !== undefined && { failure: batch.failure }),
    })),
    lastDeliveries: deliveries,
    lastErrors: failures,
  };
}
