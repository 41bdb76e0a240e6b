import type { FileHandle } from "node:fs/promises";
import type { CopyObjectRequest } from "@aws-sdk/client-s3";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getBucket } from "./bucket.ts";
import { checkCopyConditions } from "./conditions.ts";
import { invalidArgument, notImplemented } from "./errors.ts";
import { openObject } from "./files.ts";
import { getStoredObject, type StoredObject } from "./object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

type CopyInput = Pick<
  Validated<CopyObjectRequest>,
  | "CopySource"
  | "CopySourceIfMatch"
  | "CopySourceIfNoneMatch"
  | "CopySourceIfModifiedSince"
  | "CopySourceIfUnmodifiedSince"
  | "ExpectedSourceBucketOwner"
>;

/** The object that a copy is made of, and its file, which the caller closes. */
export async function openCopySource(
  input: CopyInput,
  context: Context,
): Promise<{ object: StoredObject; file: FileHandle }> {
  const { bucket: Bucket, key } = parseCopySource(input.CopySource);
  const owner = input.ExpectedSourceBucketOwner;
  const bucket = await getBucket(context.store, { Bucket, ExpectedBucketOwner: owner }, context);
  for (;;) {
    const object = await getStoredObject(context.store, bucket, key);
    checkCopyConditions(object, input);
    const file = await openObject(context, object);
    if (file !== undefined) return { object, file };
  }
}

/** `bucket/key`, percent-encoded, with or without a slash in front, and with a version behind. */
function parseCopySource(source: string): { bucket: string; key: string } {
  if (source.startsWith("arn:")) throw notImplemented(`x-amz-copy-source ${source}`);
  const [path = "", query = ""] = source.replace(/^\//, "").split("?", 2);
  refuseUnbuilt({ VersionId: /^versionId=(.*)$/.exec(query)?.[1] });
  // Some clients encode the slash between the two as well, and none of a bucket's name needs it.
  const [, bucket, key] = /^(.+?)(?:\/|%2F)(.+)$/is.exec(path) ?? [];
  if (bucket === undefined || key === undefined) throw invalidSource(source);
  return { bucket: decode(bucket, source), key: decode(key, source) };
}

function decode(text: string, source: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidSource(source);
  }
}

function invalidSource(source: string): Error {
  return invalidArgument(
    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    "x-amz-copy-source",
    source,
  );
}
