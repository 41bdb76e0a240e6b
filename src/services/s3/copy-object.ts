import type { CopyObjectOutput, CopyObjectRequest } from "@aws-sdk/client-s3";
import type { ChecksumAlgorithm } from "../../models/checksum.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getBucket } from "./bucket.ts";
import { refuseOddWriteConditions } from "./conditions.ts";
import { openCopySource } from "./copy-source.ts";
import { descriptionOf } from "./description.ts";
import { invalidRequest } from "./errors.ts";
import { readPieces, receive } from "./files.ts";
import type { ObjectDescription, StoredObject } from "./object.ts";
import { checksumMembers } from "./object-checksum.ts";
import { checkCopySize } from "./parts.ts";
import { checkKey, encryptionOf, type NewObject, storeObject } from "./put-object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

/** Copies an object, also over itself, which is how what is told of it is changed. */
export async function copyObject(input: Validated<CopyObjectRequest>, context: Context): Promise<CopyObjectOutput> {
  refuseUnbuilt(input);
  refuseOddWriteConditions(input);
  checkKey(input.Key);
  const given = descriptionOf(input);
  const bucket = await getBucket(context.store, input, context);
  const { object: source, file } = await openCopySource(input, context);
  await using _source = file;
  checkCopySize(source.size);
  if (source.bucket === bucket.name && source.key === input.Key) checkChanges(input);
  const algorithm = (input.ChecksumAlgorithm as ChecksumAlgorithm | undefined) ?? source.checksum.algorithm;
  const received = await receive(context, readPieces(file, 0, source.size - 1), algorithm);
  const object = {
    ...describe(input, source, given),
    bucket: bucket.name,
    key: input.Key,
    content: received.content,
    size: received.size,
    etag: `"${received.md5}"`,
    checksum: { ...received.checksum, type: "FULL_OBJECT" },
  } as const satisfies NewObject;
  const { modifiedMs } = await storeObject(context, object, input, { by: "Copy" });
  return {
    CopyObjectResult: {
      ETag: object.etag,
      LastModified: new Date(modifiedMs),
      ...checksumMembers(object.checksum),
    },
    ...encryptionOf(object),
  };
}

/** What is told of the copy: as of the source, but for the class, which is not copied, or as the request says. */
function describe(
  { MetadataDirective, TaggingDirective }: Validated<CopyObjectRequest>,
  source: StoredObject,
  given: ObjectDescription,
): ObjectDescription {
  const {
    StorageClass: _not,
    ServerSideEncryption: _nor,
    WebsiteRedirectLocation: _neither,
    ...copied
  } = source.headers;
  const isReplaced = MetadataDirective === "REPLACE";
  const { StorageClass, ServerSideEncryption, WebsiteRedirectLocation } = given.headers;
  const own = {
    ...(StorageClass !== undefined && { StorageClass }),
    ...(ServerSideEncryption !== undefined && { ServerSideEncryption }),
    ...(WebsiteRedirectLocation !== undefined && { WebsiteRedirectLocation }),
  };
  return {
    headers: isReplaced ? given.headers : { ...copied, ...own },
    metadata: isReplaced ? given.metadata : source.metadata,
    tags: TaggingDirective === "REPLACE" ? given.tags : source.tags,
  };
}

function checkChanges(input: Validated<CopyObjectRequest>): void {
  const { MetadataDirective, StorageClass, WebsiteRedirectLocation, ServerSideEncryption } = input;
  if (MetadataDirective === "REPLACE" || StorageClass || WebsiteRedirectLocation || ServerSideEncryption) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}
