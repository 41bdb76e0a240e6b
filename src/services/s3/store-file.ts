import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { getBucket, type Owner } from "./bucket.ts";
import { discard, openUploaded, readPieces, receive } from "./files.ts";
import type { ObjectHeaders } from "./object.ts";
import { DEFAULT_ALGORITHM } from "./object-checksum.ts";
import { type OutsideS3, putOutside } from "./outside-s3.ts";
import { checkKey, storeObject } from "./put-object.ts";

/** A file that one of our services writes. */
export interface ServiceFile {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
  /** The whole of it, or bytes as they come, which are read once. */
  readonly text: string | AsyncIterable<Uint8Array>;
}

/**
 * Stores what a service writes into a bucket of its owner, in place of what the key has, and commits `alongside` with it. It writes to disk, so
 * no unit may do it. Throws what PutObject throws: `NoSuchBucket`, `AccessDenied`, `AuthorizationHeaderMalformed` for another Region.
 *
 * Where an endpoint outside is configured, the file goes there and the buckets here do not matter; `alongside` is committed once it is there.
 * Throws `OutsideS3Error` then.
 */
export async function storeFile(
  platform: Platform & Owner,
  file: ServiceFile,
  alongside: (unit: Unit) => Promise<void>,
): Promise<void> {
  const { bucket, key } = file;
  checkKey(key);
  if (platform.outsideS3) {
    await storeOutside(platform, platform.outsideS3, file);
    await platform.store.commit(alongside);
    return;
  }
  await getBucket(platform.store, { Bucket: bucket }, platform);
  const pieces = typeof file.text === "string" ? piecesOf(file.text) : file.text;
  const received = await receive(platform, pieces, DEFAULT_ALGORITHM);
  const object = {
    headers: headersOf(file),
    metadata: {},
    tags: {},
    bucket,
    key,
    content: received.content,
    size: received.size,
    etag: `"${received.md5}"`,
    checksum: { ...received.checksum, type: "FULL_OBJECT" },
  } as const;
  await storeObject(platform, object, { Bucket: bucket }, { alongside });
}

function headersOf({ contentType, contentEncoding }: ServiceFile): ObjectHeaders {
  return { ContentType: contentType, ...(contentEncoding !== undefined && { ContentEncoding: contentEncoding }) };
}

/** Bytes that come go through a file of our own, since a request says its length and its checksum before them. */
async function storeOutside(platform: Platform, outside: OutsideS3, file: ServiceFile): Promise<void> {
  if (typeof file.text === "string") {
    await putOutside(outside, platform.wall, { ...file, body: Buffer.from(file.text) });
    return;
  }
  const { content, size, checksum } = await receive(platform, file.text, "SHA256");
  try {
    await using opened = await openUploaded(platform, content);
    const sha256 = Buffer.from(checksum.value, "base64").toString("hex");
    const body = { size, sha256, pieces: () => readPieces(opened, 0, size - 1) };
    await putOutside(outside, platform.wall, { ...file, body });
  } finally {
    await discard(platform, content);
  }
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
