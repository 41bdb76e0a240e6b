import type { Unit } from "../../store/store.ts";
import { storeFile } from "../s3/index.ts";
import type { Platform } from "../service.ts";
import type { Batch, S3Work } from "./batch.ts";
import { compressed } from "./compression.ts";
import { arrivedMs, bytesOf, readRange } from "./records.ts";

/** Writes a batch's object, and commits `alongside` with it. Throws what storing an object throws. Records are read as they are written. */
export async function storeBatch(
  platform: Platform,
  batch: Batch,
  work: S3Work,
  signal: AbortSignal,
  alongside: (unit: Unit) => Promise<void>,
): Promise<void> {
  const { account, region } = batch.stream;
  const { bucket, key, compression } = work;
  const text = compressed(compression, key, inPieces(contentOf(platform, batch, work, signal)));
  await storeFile({ ...platform, account, region }, { bucket, key, contentType: TYPE, text }, alongside);
}

/** What Firehose says of all its objects. */
const TYPE = "application/octet-stream";

/** Written at once: a write for each small record would take longer than what is written. */
const PIECE_BYTES = 256 * 1024;

async function* inPieces(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let piece: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of content) {
    piece.push(part);
    bytes += part.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(piece, bytes);
    piece = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(piece, bytes);
}

async function* contentOf(
  platform: Platform,
  batch: Batch,
  { delimiter, failure }: S3Work,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const behind = batch.kind === "failed" || batch.kind === "undecompressed" ? "\n" : (delimiter ?? "");
  for await (const entry of readRange(platform, batch.stream, batch, signal)) {
    const data = bytesOf(entry);
    if (failure) {
      const { attemptsMade, attemptEndingTimestamp, ...error } = failure;
      const rawData = data.toString("base64");
      const line = { attemptsMade, arrivalTimestamp: arrivedMs(entry), ...error, attemptEndingTimestamp, rawData };
      yield Buffer.from(`${JSON.stringify(line)}\n`);
    } else yield behind === "" ? data : Buffer.concat([data, Buffer.from(behind)]);
  }
}
