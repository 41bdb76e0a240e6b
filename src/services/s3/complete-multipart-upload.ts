import { createHash } from "node:crypto";
import type { CompleteMultipartUploadOutput, CompleteMultipartUploadRequest } from "@aws-sdk/client-s3";
import { type Checksum, createDigest } from "../../models/checksum.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { getBucket } from "./bucket.ts";
import { refuseOddWriteConditions } from "./conditions.ts";
import { invalidRequest } from "./errors.ts";
import { discard, openUploaded, type Received, readPieces, receive } from "./files.ts";
import { OBJECT_BYTES_MAX, PART_BYTES_MIN, PARTS_MAX } from "./limits.ts";
import type { ObjectChecksum, StoredObject } from "./object.ts";
import { checksumMembers, DEFAULT_ALGORITHM, findChecksum } from "./object-checksum.ts";
import { invalidPart } from "./parts.ts";
import { encryptionOf, type NewObject, storeObject } from "./put-object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";
import { getUpload, type Part, parts, type Upload, uploadDocumentId, uploads } from "./upload.ts";
import { removeParts } from "./uploads.ts";

type Input = Validated<CompleteMultipartUploadRequest>;

/** Makes an object of the parts that are named, in their order. */
export async function completeMultipartUpload(input: Input, context: Context): Promise<CompleteMultipartUploadOutput> {
  refuseUnbuilt(input);
  refuseOddWriteConditions(input);
  const bucket = await getBucket(context.store, input, context);
  const upload = await getUpload(context.store, bucket, input.Key, input.UploadId);
  const named = await namedParts(input, context, upload);
  const size = checkSizes(input, named);
  const received = await join(context, named, upload.checksumAlgorithm ?? DEFAULT_ALGORITHM).catch(async (error) => {
    // Somebody has aborted or completed it, or stored a part anew, and its parts' files are gone.
    await getUpload(context.store, bucket, input.Key, input.UploadId);
    await namedParts(input, context, upload);
    throw error;
  });
  const checksum = checksumOf(upload, named, received);
  try {
    checkGivenChecksum(input, checksum);
  } catch (error) {
    await discard(context, received.content);
    throw error;
  }
  const { headers, metadata, tags } = upload;
  const object: NewObject = {
    headers,
    metadata,
    tags,
    bucket: upload.bucket,
    key: upload.key,
    content: received.content,
    size,
    etag: `"${combined(
      "md5",
      named.map(({ etag }) => Buffer.from(etag.slice(1, -1), "hex")),
    ).toString("hex")}-${named.length}"`,
    checksum,
    parts: runs(named),
  };
  await storeObject(context, object, input, {
    by: "CompleteMultipartUpload",
    alongside: async (unit) => {
      await getUpload(unit, bucket, input.Key, input.UploadId);
      unit.delete(uploads, uploadDocumentId(upload));
    },
  });
  await removeParts(context, upload);
  return {
    Location: `${context.endpoint}/${upload.bucket}/${encodeURIComponent(upload.key).replaceAll("%2F", "/")}`,
    Bucket: upload.bucket,
    Key: upload.key,
    ETag: object.etag,
    ...checksumMembers(checksum),
    ...encryptionOf(object),
  };
}

/** The parts that a request names, as they were stored. Throws `MalformedXML`, `InvalidPartOrder`, `InvalidPart`. */
async function namedParts(input: Input, { store }: Context, upload: Upload): Promise<readonly Part[]> {
  const named = input.MultipartUpload?.Parts ?? [];
  if (named.length === 0 || named.length > PARTS_MAX || named.some(({ PartNumber }) => PartNumber === undefined)) {
    throw new ModeledError(
      "MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  }
  const stored = new Map<number, Part>();
  let after: string | undefined;
  do {
    const page = await store.list(parts, { prefix: compositeKey(upload.id, ""), limit: 1000, after });
    for (const part of page.documents) stored.set(part.number, part);
    after = page.next;
  } while (after !== undefined);

  return named.map((each, index) => {
    const number = each.PartNumber as number;
    if (index > 0 && number <= (named[index - 1]?.PartNumber as number)) {
      throw new ModeledError(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        { UploadId: upload.id },
      );
    }
    const part = stored.get(number);
    const given = part && findChecksum(each, part.checksum.algorithm);
    const isIt =
      part?.etag === `"${each.ETag?.replaceAll('"', "")}"` && (given ?? part?.checksum.value) === part?.checksum.value;
    if (part === undefined || !isIt) throw invalidPart(upload.id, number, each.ETag);
    return part;
  });
}

/** Throws `EntityTooSmall`, `EntityTooLarge`, `InvalidRequest`. */
function checkSizes({ MpuObjectSize: announced }: Input, named: readonly Part[]): number {
  const small = named.slice(0, -1).find(({ size }) => size < PART_BYTES_MIN);
  if (small !== undefined) {
    throw new ModeledError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
      ETag: small.etag,
      MinSizeAllowed: PART_BYTES_MIN,
      ProposedSize: small.size,
      PartNumber: small.number,
    });
  }
  const total = named.reduce((sum, { size }) => sum + size, 0);
  if (total > OBJECT_BYTES_MAX) {
    throw new ModeledError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
      ProposedSize: total,
      MaxSizeAllowed: OBJECT_BYTES_MAX,
    });
  }
  if (announced !== undefined && announced !== total) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${announced} does not match what was computed: ${total}`,
    );
  }
  return total;
}

/** One content of all parts. They are copied: a person finds an object's bytes in one file. */
async function join(platform: Platform, named: readonly Part[], algorithm: Checksum["algorithm"]): Promise<Received> {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    for (const part of named) {
      await using file = await openUploaded(platform, part.content);
      yield* readPieces(file, 0, part.size - 1);
    }
  };
  return receive(platform, bytes(), algorithm);
}

function checksumOf(upload: Upload, named: readonly Part[], received: Received): ObjectChecksum {
  const { checksumType: type, checksumAlgorithm: algorithm } = upload;
  if (type === "FULL_OBJECT" || algorithm === undefined) return { ...received.checksum, type: "FULL_OBJECT" };
  const digest = createDigest(algorithm);
  for (const { checksum } of named) digest.update(Buffer.from(checksum.value, "base64"));
  return { algorithm, value: `${digest.digest().toString("base64")}-${named.length}`, type };
}

function checkGivenChecksum(input: Input, { algorithm, value, type }: ObjectChecksum): void {
  const given = findChecksum(input, algorithm);
  // Of a composite one the number of parts may be left out.
  if (given === undefined || given === value || given === value.replace(/-\d+$/, "")) return;
  throw new ModeledError(
    "BadDigest",
    `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum (${type}).`,
  );
}

function combined(algorithm: string, sums: readonly Buffer[]): Buffer {
  return createHash(algorithm).update(Buffer.concat(sums)).digest();
}

/** Sizes of parts, equal neighbours told together. */
function runs(named: readonly Part[]): NonNullable<StoredObject["parts"]> {
  const found: [bytes: number, count: number][] = [];
  for (const { size } of named) {
    const last = found.at(-1);
    if (last?.[0] === size) last[1]++;
    else found.push([size, 1]);
  }
  return found;
}
