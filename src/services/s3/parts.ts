import type {
  ListPartsOutput,
  ListPartsRequest,
  UploadPartCopyOutput,
  UploadPartCopyRequest,
  UploadPartOutput,
  UploadPartRequest,
} from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { getBucket, ownerOf } from "./bucket.ts";
import { openCopySource } from "./copy-source.ts";
import { storageClassOf } from "./description.ts";
import { invalidArgument, invalidRequest } from "./errors.ts";
import { discard, type Received, readPieces, receive } from "./files.ts";
import { PART_BYTES_MAX, PARTS_MAX } from "./limits.ts";
import { pageSize } from "./listing-answer.ts";
import { checksumMember, DEFAULT_ALGORITHM } from "./object-checksum.ts";
import { encryptionOf, receiveBody, type Streamed } from "./put-object.ts";
import type { ByteRange } from "./range.ts";
import { refuseUnbuilt } from "./unbuilt.ts";
import { getUpload, type Part, partId, parts, type Upload } from "./upload.ts";

/** Stores a part of an upload, in place of the one that has its number. */
export async function uploadPart(
  input: Validated<Omit<UploadPartRequest, keyof Streamed>> & Streamed,
  context: Context,
): Promise<UploadPartOutput> {
  refuseUnbuilt(input);
  checkPartNumber(input.PartNumber);
  const bucket = await getBucket(context.store, input, context);
  const upload = await getUpload(context.store, bucket, input.Key, input.UploadId);
  const sent = input.Body.checksumAlgorithm;
  const chosen = upload.checksumAlgorithm;
  if (sent !== undefined && chosen !== undefined && sent !== chosen) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${chosen.toLowerCase()}, actual checksum Type: ${sent.toLowerCase()}`,
    );
  }
  const received = await receiveBody(input, context, sent ?? chosen ?? DEFAULT_ALGORITHM);
  const part = await storePart(input, context, received);
  return { ETag: part.etag, ...checksumMember(part.checksum), ...encryptionOf(upload) };
}

/** The same with bytes of an object that is there. */
export async function uploadPartCopy(
  input: Validated<UploadPartCopyRequest>,
  context: Context,
): Promise<UploadPartCopyOutput> {
  refuseUnbuilt(input);
  checkPartNumber(input.PartNumber);
  const bucket = await getBucket(context.store, input, context);
  const upload = await getUpload(context.store, bucket, input.Key, input.UploadId);
  const { object, file } = await openCopySource(input, context);
  await using _source = file;
  const { first, last } = copyRange(input.CopySourceRange, object.size);
  checkCopySize(last - first + 1);
  const algorithm = upload.checksumAlgorithm ?? DEFAULT_ALGORITHM;
  const part = await storePart(input, context, await receive(context, readPieces(file, first, last), algorithm));
  return {
    CopyPartResult: {
      ETag: part.etag,
      LastModified: new Date(part.modifiedMs),
      ...checksumMember(part.checksum),
    },
    ...encryptionOf(upload),
  };
}

/** Throws `InvalidRequest` for more than one request copies. */
export function checkCopySize(bytes: number): void {
  if (bytes <= PART_BYTES_MAX) return;
  throw invalidRequest(
    `The specified copy source is larger than the maximum allowable size for a copy source: ${PART_BYTES_MAX}`,
  );
}

function copyRange(text: string | undefined, size: number): ByteRange {
  if (text === undefined) return { first: 0, last: size - 1 };
  const [, from, to] = /^bytes=(\d{1,16})-(\d{1,16})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      text,
    );
  }
  if (Number(to) >= size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      "x-amz-copy-source-range",
      text,
    );
  }
  return { first: Number(from), last: Number(to) };
}

function checkPartNumber(number: number): void {
  if (number >= 1 && number <= PARTS_MAX) return;
  throw invalidArgument(`Part number must be an integer between 1 and ${PARTS_MAX}, inclusive`, "partNumber", number);
}

async function storePart(
  input: Pick<Validated<UploadPartRequest>, "Bucket" | "Key" | "UploadId" | "PartNumber" | "ExpectedBucketOwner">,
  context: Context,
  { content, size, md5, checksum }: Received,
): Promise<Part> {
  const of: Part["of"] = { bucket: input.Bucket, key: input.Key, id: input.UploadId };
  const modifiedMs = context.clock.now();
  const part = { of, number: input.PartNumber, content, size, etag: `"${md5}"`, checksum, modifiedMs };
  let replaced: Part | undefined;
  try {
    replaced = await context.store.commit(async (unit) => {
      // It may have been completed or aborted meanwhile.
      await getUpload(unit, await getBucket(unit, input, context), input.Key, input.UploadId);
      const id = partId(of, part.number);
      const existing = await unit.get(parts, id);
      unit.put(parts, id, part);
      return existing;
    });
  } catch (error) {
    await discard(context, content);
    throw error;
  }
  if (replaced !== undefined) await discard(context, replaced.content);
  return part;
}

/** A page of an upload's parts, by number. */
export async function listParts(input: Validated<ListPartsRequest>, context: Context): Promise<ListPartsOutput> {
  refuseUnbuilt(input);
  const maxParts = pageSize("max-parts", input.MaxParts);
  // The SDK's type has it as text, the model as a number.
  const marker = Number(input.PartNumberMarker ?? 0);
  if (marker < 0) {
    throw invalidArgument(
      "Argument part-number-marker must be an integer between 0 and 2147483647",
      "part-number-marker",
      marker,
    );
  }
  const bucket = await getBucket(context.store, input, context);
  const upload = await getUpload(context.store, bucket, input.Key, input.UploadId);
  const { documents, next } = await context.store.list(parts, {
    prefix: compositeKey(upload.id, ""),
    from: partId(upload, marker + 1),
    limit: maxParts + 1,
  });
  const page = documents.slice(0, maxParts);
  // A page of the store can also end by its bytes.
  const isTruncated = page.length > 0 && (documents.length > page.length || next !== undefined);
  const owner = ownerOf(context.account);
  const last = page.at(-1)?.number;
  return {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: marker as never,
    MaxParts: maxParts,
    IsTruncated: isTruncated,
    ...(last !== undefined && { NextPartNumberMarker: last as never }),
    Parts: page.map(({ number, modifiedMs, etag, size, checksum }) => ({
      PartNumber: number,
      LastModified: new Date(modifiedMs),
      ETag: etag,
      Size: size,
      ...checksumMember(checksum),
    })),
    Initiator: owner,
    Owner: owner,
    StorageClass: storageClassOf(upload) as "STANDARD",
    ...checksumKind(upload),
  };
}

function checksumKind({
  checksumAlgorithm,
  checksumType,
}: Upload): Pick<ListPartsOutput, "ChecksumAlgorithm" | "ChecksumType"> {
  return checksumAlgorithm === undefined ? {} : { ChecksumAlgorithm: checksumAlgorithm, ChecksumType: checksumType };
}

/** What a part is refused with that does not come to be: the text that a completed upload has for one that is not there. */
export function invalidPart(uploadId: string, number: number, etag: string | undefined): ModeledError {
  return new ModeledError(
    "InvalidPart",
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId: uploadId, PartNumber: number, ...(etag !== undefined && { ETag: etag }) },
  );
}
