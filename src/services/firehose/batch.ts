import type { CompressionFormat } from "@aws-sdk/client-firehose";
import { placeCursor } from "../../flow/index.ts";
import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
import { recordsLog, type StreamRef } from "./delivery-stream.ts";
import type { LambdaProcessor } from "./processing.ts";
import type { LogRange } from "./records.ts";

/**
 * What records wait for: to be decompressed, a function, their destination, the bucket of source records, or that of what a function failed on
 * or what could not be decompressed.
 */
export type BufferKind = "decompress" | "transform" | "deliver" | "backup" | "failed" | "undecompressed";

/** Records of a range. */
export interface Gathered extends LogRange {
  readonly count: number;
  readonly bytes: number;
  /** Of all of them in base64, and for a function of what is around them. */
  readonly base64Bytes: number;
  /** When the oldest one arrived. */
  readonly arrivedMs: number;
}

/** A range that still grows. */
export interface OpenBuffer extends Gathered {
  readonly stream: StreamRef;
  readonly kind: BufferKind;
  readonly openedMs: number;
}

/** By stream and kind. */
export const openBuffers: Collection<OpenBuffer> = collection("firehose_buffers");

export function bufferKey({ stream, kind }: Pick<OpenBuffer, "stream" | "kind">): string {
  return compositeKey(stream.id, kind);
}

/** What is done with a batch. */
export type Work =
  | { readonly to: "decompress"; readonly messagesOnly: boolean }
  | { readonly to: "lambda"; readonly lambda: LambdaProcessor }
  | { readonly to: "http"; readonly requestId: string }
  | ({ readonly to: "s3" } & S3Work);

export interface S3Work {
  readonly bucket: string;
  readonly key: string;
  readonly compression: CompressionFormat;
  readonly delimiter?: string;
  /** Set for records that an HTTP endpoint did not take: each is told of in a line. */
  readonly failure?: HttpFailure;
}

export interface HttpFailure {
  readonly attemptsMade: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly attemptEndingTimestamp: number;
}

export interface Batch extends Gathered {
  readonly id: string;
  readonly stream: StreamRef;
  readonly kind: BufferKind;
  readonly work: Work;
  readonly closedMs: number;
  /** Attempts that failed. */
  readonly attempts: number;
  /** When the first attempt of this work was made. */
  readonly attemptedMs?: number;
  /** Of the last one. */
  readonly failure?: string;
}

export const batches: Collection<Batch> = collection("firehose_batches", {
  from: { type: "text", value: ({ stream, from }) => compositeKey(stream.id, from) },
});

/** Keeps the log from the oldest entry on that something is to be done with. After each change of what is open. */
export async function holdLog(unit: Unit, stream: StreamRef, collected: number): Promise<void> {
  const prefix = compositeKey(stream.id, "");
  const [first] = (await unit.list(batches, { index: "from", prefix, limit: 1 })).documents;
  const { documents: open } = await unit.list(openBuffers, { prefix, limit: 10 });
  const needed = [...open, ...(first ? [first] : [])].map(({ from }) => from);
  const next = Math.min(collected, ...needed);
  placeCursor(unit, { log: recordsLog(stream), consumer: HOLD, partition: 0, next });
}

/** Readers of a stream's log: who gathers, and what holds what is not delivered. */
export const COLLECTOR = "firehose.collect";
export const HOLD = "firehose.hold";
