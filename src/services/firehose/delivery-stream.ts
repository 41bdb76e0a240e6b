/**
 * What Firehose keeps.
 *
 *     put ──► log of the stream ──► open buffers ──► batches ──► S3, an HTTP endpoint, or a function and from there back to the log
 *
 * A stream's records are one log. Its one consumer (`collect.ts`) says of each entry to which buffers it belongs; a buffer is a range of that
 * log and a count of its bytes, no copy. A buffer that is full or old enough becomes a batch: a range, and what is to be done with it, the
 * key of the object included (`batches.ts`). A batch is delivered outside of any unit, and deleted in the commit that stores its
 * object or appends what a function made of it: so each record is in S3 once, whatever dies when. The log is trimmed behind the oldest of what is open.
 */
import type { DeliveryStreamType, KeyType } from "@aws-sdk/client-firehose";
import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Destination } from "./destination.ts";

export interface StreamName {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

export interface DeliveryStream extends StreamName {
  /** Tells a stream from an earlier one of the same name. */
  readonly id: string;
  readonly type: DeliveryStreamType & ("DirectPut" | "KinesisStreamAsSource");
  readonly throughputHintMiB?: number | undefined;
  readonly source?: { readonly streamArn: string; readonly roleArn: string } | undefined;
  readonly createdMs: number;
  readonly updatedMs?: number;
  readonly version: number;
  readonly destination: Destination;
  readonly encryption?: { readonly keyType: KeyType; readonly keyArn?: string | undefined } | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** It is deleted, and what it took is still delivered. `undefined` as long as it can be found by its name. */
  readonly deletedMs?: number;
  /** How many `end`s its log has. */
  readonly ends?: number;
}

/** By account, Region and name. */
export const deliveryStreams: Collection<DeliveryStream> = collection("firehose_streams");

/** By id: deleted ones that have something to deliver. */
export const endingStreams: Collection<DeliveryStream> = collection("firehose_ending_streams");

export function streamKey({ account, region, name }: StreamName): string {
  return compositeKey(account, region, name);
}

export function deliveryStreamArn({ account, region, name }: StreamName): string {
  return `arn:aws:firehose:${region}:${account}:deliverystream/${name}`;
}

/** Names the places that it has in the Kinesis stream which it reads. */
export function readerName({ id }: Pick<DeliveryStream, "id">): string {
  return `firehose/${id}`;
}

/** The log of a stream's records. */
export function recordsLog({ account, region, id }: Pick<DeliveryStream, "account" | "region" | "id">): string {
  return `firehose/${account}/${region}/${id}`;
}

/** Throws `ResourceNotFoundException`. */
export async function getStream(reader: Reader, name: StreamName): Promise<DeliveryStream> {
  const stream = await reader.get(deliveryStreams, streamKey(name));
  if (stream === undefined) throw streamNotFound(name);
  return stream;
}

export function streamNotFound({ name, account }: StreamName): ModeledError {
  return new ModeledError("ResourceNotFoundException", `Firehose ${name} under account ${account} not found.`);
}

/** Which stream it is, of all that had its name. */
export type StreamRef = StreamName & Pick<DeliveryStream, "id">;

export function refOf({ account, region, name, id }: StreamRef): StreamRef {
  return { account, region, name, id };
}

/** A stream, deleted or not, as long as it delivers. */
export async function findByRef(reader: Reader, ref: StreamRef): Promise<DeliveryStream | undefined> {
  const stream = await reader.get(deliveryStreams, streamKey(ref));
  return stream?.id === ref.id ? stream : reader.get(endingStreams, ref.id);
}

/** What an access key of a stream is sealed for. */
export function accessKeyPurpose({ account, region, name }: StreamName): string {
  return `firehose access key ${account} ${region} ${name}`;
}
