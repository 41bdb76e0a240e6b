import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { getBucket, type Owner } from "./bucket.ts";
import { receive } from "./files.ts";
import { DEFAULT_ALGORITHM } from "./object-checksum.ts";
import { putOutside } from "./outside-s3.ts";
import { checkKey, storeObject } from "./put-object.ts";

/** A file that one of our services writes. */
export interface ServiceFile {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly text: string;
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
  { bucket, key, contentType, text }: ServiceFile,
  alongside: (unit: Unit) => Promise<void>,
): Promise<void> {
  checkKey(key);
  if (platform.outsideS3) {
    await putOutside(platform.outsideS3, platform.wall, { bucket, key, contentType, body: Buffer.from(text) });
    await platform.store.commit(alongside);
    return;
  }
  await getBucket(platform.store, { Bucket: bucket }, platform);
  const received = await receive(platform, piecesOf(text), DEFAULT_ALGORITHM);
  const object = {
    headers: { ContentType: contentType },
    metadata: {},
    tags: {},
    bucket,
    key,
    content: received.content,
    size: received.size,
    etag: `"${received.md5}"`,
    checksum: { ...received.checksum, type: "FULL_OBJECT" },
  } as const;
  await storeObject(platform, object, { Bucket: bucket }, alongside);
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
