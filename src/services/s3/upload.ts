import type { Checksum, ChecksumAlgorithm } from "../../models/checksum.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Bucket } from "./bucket.ts";
import { noSuchUpload } from "./errors.ts";
import type { ObjectChecksum, ObjectDescription } from "./object.ts";

/** An upload in parts that is neither completed nor aborted. */
export interface Upload extends ObjectDescription {
  readonly bucket: string;
  readonly key: string;
  /** Begins with its time, so that the uploads of a key are in the order in which they were begun. */
  readonly id: string;
  /** Absent: the client has not chosen, and its parts may have any. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType: ObjectChecksum["type"];
  readonly initiatedMs: number;
}

export const uploads: Collection<Upload> = collection<Upload>("s3_uploads");

type UploadName = Pick<Upload, "bucket" | "key" | "id">;

export function uploadDocumentId({ bucket, key, id }: UploadName): string {
  return compositeKey(bucket, key, id);
}

export async function getUpload(reader: Reader, bucket: Bucket, key: string, id: string): Promise<Upload> {
  const upload = await reader.get(uploads, uploadDocumentId({ bucket: bucket.name, key, id }));
  if (upload === undefined) throw noSuchUpload(id);
  return upload;
}

export interface Part {
  /** Its upload. */
  readonly of: UploadName;
  readonly number: number;
  /** Its file stays in `uploads/`. */
  readonly content: string;
  readonly size: number;
  readonly etag: string;
  readonly checksum: Checksum;
  readonly modifiedMs: number;
}

export const parts: Collection<Part> = collection<Part>("s3_parts", {
  content: { type: "text", unique: true, value: ({ content }) => content },
});

export function partId(upload: Pick<Upload, "id">, number: number): string {
  return compositeKey(upload.id, number);
}
