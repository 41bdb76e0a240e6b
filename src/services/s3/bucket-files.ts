import type { Platform } from "../service.ts";
import { getBucket, type Owner } from "./bucket.ts";
import { openObject } from "./files.ts";
import { behindDocument, listKeys } from "./key-listing.ts";
import { objectId, objects, type StoredObject } from "./object.ts";

/** A bucket as our services read it: its objects in the order of their keys' UTF-8 bytes, and ranges of their bytes. Not for units. */
export interface BucketFiles {
  /** Those that begin with a prefix, behind a key. Fewer than `limit`, or none, does not mean that there are no more. */
  list(range: FileRange, signal: AbortSignal): Promise<FilePage>;
  /** `undefined`: there is none of that key. */
  find(key: string, signal: AbortSignal): Promise<BucketFile | undefined>;
  /** `length` bytes, or those that there are, from `from` on. `undefined`: the object is not there any more as it was listed. */
  read(file: BucketFile, part: BytePart, signal: AbortSignal): Promise<Buffer | undefined>;
}

export interface FileRange {
  readonly prefix: string;
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface FilePage {
  readonly files: readonly BucketFile[];
  /** Behind which key the next page begins. Absent: this was the last one. */
  readonly next?: string | undefined;
}

export interface BucketFile {
  readonly key: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** Names its bytes: another one once it is replaced. */
  readonly version: string;
}

export interface BytePart {
  readonly from: number;
  readonly length: number;
}

/** Buckets of an account here. What it is asked throws what GetObject throws: `NoSuchBucket`, `AccessDenied`, … */
export function ownBucket(platform: Platform & Owner, name: string): BucketFiles {
  const { store } = platform;
  const requireBucket = () => getBucket(store, { Bucket: name }, platform);
  return {
    async list({ prefix, after, limit }) {
      await requireBucket();
      const { entries, isTruncated } = await listKeys(store, {
        collection: objects,
        bucket: name,
        prefix,
        idOf: objectId,
        from: after && behindDocument(objectId({ bucket: name, key: after })),
        limit,
      });
      const files = entries.flatMap((entry) => ("document" in entry ? [fileOf(entry.document)] : []));
      return { files, next: isTruncated ? files.at(-1)?.key : undefined };
    },
    async find(key) {
      await requireBucket();
      const object = await store.get(objects, objectId({ bucket: name, key }));
      return object && fileOf(object);
    },
    async read({ key, version }, { from, length }) {
      await requireBucket();
      const object = await store.get(objects, objectId({ bucket: name, key }));
      const file = object?.content === version ? await openObject(platform, object) : undefined;
      if (!file) return undefined;
      await using opened = file;
      const { buffer, bytesRead } = await opened.read(Buffer.allocUnsafe(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    },
  };
}

function fileOf({ key, size, modifiedMs, content: version }: StoredObject): BucketFile {
  return { key, size, modifiedMs, version };
}
