import type { Checksum } from "../../models/checksum.ts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Bucket } from "./bucket.ts";
import { noSuchKey } from "./errors.ts";

/** What is told of an object in headers, by the names that its members have in requests and answers. */
export type ObjectHeaders = Readonly<
  Partial<
    Record<
      | "CacheControl"
      | "ContentDisposition"
      | "ContentEncoding"
      | "ContentLanguage"
      | "ContentType"
      | "Expires"
      | "ServerSideEncryption"
      | "StorageClass"
      | "WebsiteRedirectLocation",
      string
    >
  >
>;

/** What whoever stores an object says of it. */
export interface ObjectDescription {
  readonly headers: ObjectHeaders;
  /** `x-amz-meta-…` */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Of a whole object, or of its parts' checksums, with their number behind it. */
export interface ObjectChecksum extends Checksum {
  readonly type: "FULL_OBJECT" | "COMPOSITE";
}

export interface StoredObject extends ObjectDescription {
  readonly bucket: string;
  readonly key: string;
  /** Names the bytes. Another one for each time that an object is stored. */
  readonly content: string;
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  readonly checksum: ObjectChecksum;
  /** Of one that was uploaded in parts: runs of parts of one size, so that 10,000 of them are told in a line. */
  readonly parts?: readonly (readonly [bytes: number, count: number])[];
  readonly modifiedMs: number;
}

export const objects: Collection<StoredObject> = collection<StoredObject>("s3_objects", {
  content: { type: "text", unique: true, value: ({ content }) => content },
});

export function objectId({ bucket, key }: Pick<StoredObject, "bucket" | "key">): string {
  return compositeKey(bucket, key);
}

export async function getStoredObject(reader: Reader, bucket: Bucket, key: string): Promise<StoredObject> {
  const object = await reader.get(objects, compositeKey(bucket.name, key));
  if (object === undefined) throw noSuchKey(key);
  return object;
}

/** An object whose file is to go, or, without a key, a bucket whose folder is to go: done after the commit, and again at the next start. */
export interface Removal {
  readonly bucket: string;
  readonly key: string;
}

export const removals: Collection<Removal> = collection<Removal>("s3_removals");

export function deleteStoredObject(unit: Unit, object: Pick<StoredObject, "bucket" | "key">): void {
  const { bucket, key } = object;
  unit.delete(objects, objectId(object));
  unit.put(removals, objectId(object), { bucket, key });
}
