import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { GetObjectRequest, HeadObjectOutput, HeadObjectRequest } from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getBucket } from "./bucket.ts";
import { checkReadConditions } from "./conditions.ts";
import { checkHeaderValue, storageClassOf } from "./description.ts";
import { invalidRequest } from "./errors.ts";
import { openObject } from "./files.ts";
import { getStoredObject, type StoredObject } from "./object.ts";
import { checksumMembers } from "./object-checksum.ts";
import { encryptionOf } from "./put-object.ts";
import { type ByteRange, contentRange, parseRange } from "./range.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

/** The model has `Expires` as text, the SDK's type as a date. */
type ObjectHead = Omit<HeadObjectOutput, "Expires"> & { readonly Expires?: string };

/** Up to so many bytes are read at once, rather than streamed. */
const READ_BYTES_MAX = 65_536;
/** How far a stream of a file reads ahead of its client. */
const STREAM_BYTES = 262_144;

/** An object, or a range or a part of it. Whoever replaces it meanwhile takes nothing from who reads it. */
export async function getObject(
  input: Validated<GetObjectRequest>,
  context: Context,
): Promise<ObjectHead & { Body: Readable | Buffer }> {
  refuseUnbuilt(input);
  const bucket = await getBucket(context.store, input, context);
  for (;;) {
    const object = await getStoredObject(context.store, bucket, input.Key);
    checkReadConditions(object, input);
    const range = rangeOf(object, input);
    const head = headOf(object, input, range);
    const file = await openObject(context, object);
    if (file !== undefined) return { ...head, Body: await bytesOf(file, range ?? { first: 0, last: object.size - 1 }) };
  }
}

/** What is little is read at once, and the file closed; else the stream closes it. */
async function bytesOf(file: FileHandle, { first, last }: ByteRange): Promise<Readable | Buffer> {
  const length = last - first + 1;
  if (length > READ_BYTES_MAX) return file.createReadStream({ start: first, end: last, highWaterMark: STREAM_BYTES });
  await using opened = file;
  const { buffer } = await opened.read(Buffer.alloc(length), 0, length, first);
  return buffer;
}

/** What GetObject would answer, without the bytes. */
export async function headObject(input: Validated<HeadObjectRequest>, context: Context): Promise<ObjectHead> {
  refuseUnbuilt(input);
  const bucket = await getBucket(context.store, input, context);
  const object = await getStoredObject(context.store, bucket, input.Key);
  checkReadConditions(object, input);
  return headOf(object, input, rangeOf(object, input));
}

/** Members that put a header of the answer in place of the object's own. */
const OVERRIDES = {
  ResponseCacheControl: "CacheControl",
  ResponseContentDisposition: "ContentDisposition",
  ResponseContentEncoding: "ContentEncoding",
  ResponseContentLanguage: "ContentLanguage",
  ResponseContentType: "ContentType",
  ResponseExpires: "Expires",
} as const;

function headOf(object: StoredObject, input: Validated<GetObjectRequest>, range: ByteRange | undefined): ObjectHead {
  const { headers, metadata, tags, size, etag, modifiedMs } = object;
  const { StorageClass: _class, ServerSideEncryption: _encryption, ...told } = headers;
  const tagCount = Object.keys(tags).length;
  const storageClass = storageClassOf(object);
  return {
    ContentType: "binary/octet-stream",
    ...told,
    ...overriddenHeaders(input),
    ...encryptionOf(object),
    AcceptRanges: "bytes",
    ContentLength: range === undefined ? size : range.last - range.first + 1,
    ...(range !== undefined && { ContentRange: contentRange(range, size) }),
    ETag: etag,
    LastModified: new Date(modifiedMs),
    Metadata: metadata,
    ...(storageClass !== "STANDARD" && { StorageClass: storageClass as HeadObjectOutput["StorageClass"] }),
    ...(tagCount > 0 && { TagCount: tagCount }),
    // It is of all of the object, and a client holds what it gets against it.
    ...(input.ChecksumMode === "ENABLED" && range === undefined && checksumMembers(object.checksum)),
    ...(input.PartNumber !== undefined && object.parts && { PartsCount: countOf(object.parts) }),
  };
}

function overriddenHeaders(input: Validated<GetObjectRequest>): Record<string, string> {
  const overrides = Object.entries(OVERRIDES).flatMap(([member, header]) => {
    const value = input[member as keyof typeof OVERRIDES] as string | undefined;
    if (value === undefined) return [];
    checkHeaderValue(member, value);
    return [[header, value] as const];
  });
  return Object.fromEntries(overrides);
}

function rangeOf(object: StoredObject, input: Validated<GetObjectRequest>): ByteRange | undefined {
  if (input.PartNumber === undefined) return parseRange(input.Range, object.size);
  if (input.Range !== undefined)
    throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  return partRange(object, input.PartNumber);
}

/** Where a part lies. An object that was not uploaded in parts is one. */
function partRange({ parts = [], size }: StoredObject, number: number): ByteRange | undefined {
  let [first, before] = [0, 0];
  for (const [bytes, count] of parts.length > 0 ? parts : [[size, 1] as const]) {
    if (number > before && number <= before + count) {
      const start = first + (number - before - 1) * bytes;
      return bytes === 0 ? undefined : { first: start, last: start + bytes - 1 };
    }
    first += bytes * count;
    before += count;
  }
  throw new ModeledError("InvalidPartNumber", "The requested partnumber is not satisfiable", {
    PartNumberRequested: number,
    ActualPartCount: countOf(parts) || 1,
  });
}

function countOf(parts: NonNullable<StoredObject["parts"]>): number {
  return parts.reduce((sum, [, count]) => sum + count, 0);
}
