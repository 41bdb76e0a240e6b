import type {
  AbortMultipartUploadOutput,
  AbortMultipartUploadRequest,
  CreateMultipartUploadOutput,
  CreateMultipartUploadRequest,
  ListMultipartUploadsOutput,
  ListMultipartUploadsRequest,
} from "@aws-sdk/client-s3";
import type { ChecksumAlgorithm } from "../../models/checksum.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { getBucket, ownerOf } from "./bucket.ts";
import { descriptionOf, storageClassOf } from "./description.ts";
import { invalidRequest } from "./errors.ts";
import { discard } from "./files.ts";
import { behindDocument, behindPrefix, commonPrefixOf, listKeys } from "./key-listing.ts";
import { keySpelling, pageSize } from "./listing-answer.ts";
import type { ObjectChecksum } from "./object.ts";
import { checkKey, encryptionOf } from "./put-object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";
import { getUpload, partId, parts, type Upload, uploadDocumentId, uploads } from "./upload.ts";

export async function createMultipartUpload(
  input: Validated<CreateMultipartUploadRequest>,
  context: Context,
): Promise<CreateMultipartUploadOutput> {
  refuseUnbuilt(input);
  checkKey(input.Key);
  const initiatedMs = context.clock.now();
  const upload: Upload = {
    ...descriptionOf(input),
    ...checksumsOf(input),
    bucket: input.Bucket,
    key: input.Key,
    id: initiatedMs.toString(16).padStart(12, "0") + Buffer.from(context.ids.bytes(20)).toString("hex"),
    initiatedMs,
  };
  await context.store.commit(async (unit) => {
    await getBucket(unit, input, context);
    unit.put(uploads, uploadDocumentId(upload), upload);
  });
  const { checksumAlgorithm: algorithm, checksumType: type } = upload;
  return {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    ...(algorithm !== undefined && { ChecksumAlgorithm: algorithm, ChecksumType: type }),
    ...encryptionOf(upload),
  };
}

/** Sums that can be made of the sums of the parts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const OF_FULL_OBJECTS: readonly ChecksumAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME"];

function checksumsOf(
  input: Validated<CreateMultipartUploadRequest>,
): Pick<Upload, "checksumType"> & { checksumAlgorithm?: ChecksumAlgorithm } {
  const algorithm = input.ChecksumAlgorithm as ChecksumAlgorithm | undefined;
  const isWhole = algorithm === undefined || algorithm === "CRC64NVME";
  const type: ObjectChecksum["type"] = input.ChecksumType ?? (isWhole ? "FULL_OBJECT" : "COMPOSITE");
  if (algorithm === undefined && input.ChecksumType !== undefined) {
    throw invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  const isPossible = type === "COMPOSITE" ? !isWhole : isWhole || OF_FULL_OBJECTS.includes(algorithm);
  if (!isPossible) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm?.toLowerCase()} checksum algorithm.`,
    );
  }
  return { checksumType: type, ...(algorithm !== undefined && { checksumAlgorithm: algorithm }) };
}

export async function abortMultipartUpload(
  input: Validated<AbortMultipartUploadRequest>,
  context: Context,
): Promise<AbortMultipartUploadOutput> {
  refuseUnbuilt(input);
  const upload = await context.store.commit(async (unit) => {
    const bucket = await getBucket(unit, input, context);
    const found = await getUpload(unit, bucket, input.Key, input.UploadId);
    unit.delete(uploads, uploadDocumentId(found));
    return found;
  });
  await removeParts(context, upload);
  return {};
}

const PARTS_AT_ONCE = 100;

/** Removes the parts of an upload that is no more, in small steps. A start goes on where a crash has ended it. */
export async function removeParts(platform: Platform, upload: Pick<Upload, "id">): Promise<void> {
  const prefix = compositeKey(upload.id, "");
  for (;;) {
    const { documents } = await platform.store.list(parts, { prefix, limit: PARTS_AT_ONCE });
    if (documents.length === 0) return;
    await platform.store.commitUnsynced(async (unit) => {
      for (const part of documents) unit.delete(parts, partId(upload, part.number));
    });
    await Promise.all(documents.map(({ content }) => discard(platform, content)));
  }
}

/** Whether a file is a part of an upload that goes on. */
export async function isPartOfUpload(platform: Platform, content: string): Promise<boolean> {
  const { documents } = await platform.store.list(parts, { index: "content", equals: content, limit: 1 });
  const [part] = documents;
  if (part === undefined) return false;
  if ((await platform.store.get(uploads, uploadDocumentId(part.of))) !== undefined) return true;
  await platform.store.commitUnsynced(async (unit) => unit.delete(parts, partId(part.of, part.number)));
  return false;
}

export async function hasUploads(reader: Reader, bucket: string): Promise<boolean> {
  const { documents } = await reader.list(uploads, { prefix: compositeKey(bucket, ""), limit: 1 });
  return documents.length > 0;
}

export async function abortUploads(platform: Platform, bucket: string): Promise<void> {
  for (;;) {
    const { documents } = await platform.store.list(uploads, { prefix: compositeKey(bucket, ""), limit: 100 });
    if (documents.length === 0) return;
    await platform.store.commit(async (unit) => {
      for (const upload of documents) unit.delete(uploads, uploadDocumentId(upload));
    });
    for (const upload of documents) await removeParts(platform, upload);
  }
}

/** A page of a bucket's uploads that go on, by key and then in the order in which they were begun. */
export async function listMultipartUploads(
  input: Validated<ListMultipartUploadsRequest>,
  context: Context,
): Promise<ListMultipartUploadsOutput> {
  const { Bucket: bucket, Prefix: prefix = "", EncodingType, KeyMarker, UploadIdMarker } = input;
  const delimiter = input.Delimiter === "" ? undefined : input.Delimiter;
  const maxUploads = pageSize("max-uploads", input.MaxUploads);
  await getBucket(context.store, input, context);
  const page =
    maxUploads === 0
      ? { entries: [], isTruncated: false }
      : await listKeys(context.store, {
          collection: uploads,
          bucket,
          prefix,
          delimiter,
          idOf: uploadDocumentId,
          from: firstBehind(input, prefix, delimiter),
          limit: maxUploads,
        });
  const spell = keySpelling(EncodingType);
  const last = page.entries.at(-1);
  const owner = ownerOf(context.account);
  return {
    Bucket: bucket,
    Prefix: spell(prefix),
    KeyMarker: spell(KeyMarker ?? ""),
    UploadIdMarker: UploadIdMarker ?? "",
    MaxUploads: maxUploads,
    IsTruncated: page.isTruncated,
    ...(delimiter !== undefined && { Delimiter: spell(delimiter) }),
    ...(EncodingType !== undefined && { EncodingType }),
    ...(page.isTruncated &&
      last && {
        NextKeyMarker: spell("document" in last ? last.document.key : last.commonPrefix),
        NextUploadIdMarker: "document" in last ? last.document.id : "",
      }),
    Uploads: page.entries.flatMap((entry) =>
      "document" in entry
        ? [
            {
              UploadId: entry.document.id,
              Key: spell(entry.document.key),
              Initiated: new Date(entry.document.initiatedMs),
              StorageClass: storageClassOf(entry.document) as "STANDARD",
              Owner: owner,
              Initiator: owner,
              ...(entry.document.checksumAlgorithm && {
                ChecksumAlgorithm: entry.document.checksumAlgorithm,
                ChecksumType: entry.document.checksumType,
              }),
            },
          ]
        : [],
    ),
    CommonPrefixes: page.entries.flatMap((entry) =>
      "commonPrefix" in entry ? [{ Prefix: spell(entry.commonPrefix) }] : [],
    ),
  };
}

/** An upload's id alone says nothing; a key alone stands for all uploads of it. */
function firstBehind(
  { Bucket: bucket, KeyMarker: key, UploadIdMarker: id }: Validated<ListMultipartUploadsRequest>,
  prefix: string,
  delimiter: string | undefined,
): string | undefined {
  if (key === undefined || key === "") return undefined;
  if (commonPrefixOf(key, prefix, delimiter) === key) return behindPrefix(bucket, key);
  if (id !== undefined && id !== "") return behindDocument(uploadDocumentId({ bucket, key, id }));
  // Ids of uploads are hexadecimal.
  return compositeKey(bucket, key, "~");
}
