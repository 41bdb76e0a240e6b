import type {
  ListObjectsOutput,
  ListObjectsRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
} from "@aws-sdk/client-s3";
import type { Validated } from "../../models/validated.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { getBucket, ownerOf } from "./bucket.ts";
import { storageClassOf } from "./description.ts";
import { invalidArgument } from "./errors.ts";
import { behindDocument, behindPrefix, commonPrefixOf, type KeyEntry, listKeys } from "./key-listing.ts";
import { keySpelling, pageSize, type Spelling } from "./listing-answer.ts";
import { objectId, objects, type StoredObject } from "./object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

/** A page of a bucket's objects, in the order of their keys' UTF-8 bytes. */
export async function listObjectsV2(
  input: Validated<ListObjectsV2Request>,
  context: Context,
): Promise<ListObjectsV2Output> {
  const { ContinuationToken: token, StartAfter: startAfter, EncodingType } = input;
  const maxKeys = pageSize("max-keys", input.MaxKeys);
  const request = [input.Bucket, input.Prefix, input.Delimiter];
  const continued = token === undefined ? undefined : decodePageToken(request, token);
  if (token !== undefined && continued === undefined) {
    throw invalidArgument("The continuation token provided is incorrect", "continuation-token", token);
  }
  const page = await listPage(input, context, continued ?? startAfter, maxKeys);
  const spell = keySpelling(EncodingType);
  return {
    ...page.output,
    KeyCount: page.count,
    ...(page.last !== undefined && { NextContinuationToken: encodePageToken(request, page.last) }),
    ...(token !== undefined && { ContinuationToken: token }),
    ...(startAfter !== undefined && { StartAfter: spell(startAfter) }),
    Contents: page.objects.map((object) => ({
      ...summary(object, spell),
      ...(input.FetchOwner && { Owner: ownerOf(context.account) }),
    })),
  };
}

/** The older listing, which goes on behind a key rather than by a token. */
export async function listObjects(input: Validated<ListObjectsRequest>, context: Context): Promise<ListObjectsOutput> {
  const { Marker: marker, EncodingType } = input;
  const page = await listPage(input, context, marker, pageSize("max-keys", input.MaxKeys));
  const spell = keySpelling(EncodingType);
  return {
    ...page.output,
    Marker: spell(marker ?? ""),
    // Without a delimiter the last key says where to go on.
    ...(page.last !== undefined && input.Delimiter !== undefined && { NextMarker: spell(page.last) }),
    Contents: page.objects.map((object) => ({ ...summary(object, spell), Owner: ownerOf(context.account) })),
  };
}

async function listPage(
  input: Omit<Validated<ListObjectsRequest>, "Marker">,
  context: Context,
  after: string | undefined,
  maxKeys: number,
) {
  refuseUnbuilt(input);
  const { Bucket: bucket, Prefix: prefix = "", EncodingType } = input;
  const delimiter = input.Delimiter === "" ? undefined : input.Delimiter;
  await getBucket(context.store, input, context);
  const page =
    maxKeys === 0
      ? { entries: [], isTruncated: false }
      : await listKeys(context.store, {
          collection: objects,
          bucket,
          prefix,
          delimiter,
          idOf: objectId,
          from: after && firstBehind(after, bucket, prefix, delimiter),
          limit: maxKeys,
        });
  const last = page.entries.at(-1);
  const spell = keySpelling(EncodingType);
  return {
    objects: page.entries.flatMap((entry) => ("document" in entry ? [entry.document] : [])),
    count: page.entries.length,
    /** What a page ends with that is not the last one. */
    last: page.isTruncated && last ? nameOf(last) : undefined,
    output: {
      Name: bucket,
      Prefix: spell(prefix),
      MaxKeys: maxKeys,
      IsTruncated: page.isTruncated,
      ...(delimiter !== undefined && { Delimiter: spell(delimiter) }),
      ...(EncodingType !== undefined && { EncodingType }),
      CommonPrefixes: page.entries.flatMap((entry) =>
        "commonPrefix" in entry ? [{ Prefix: spell(entry.commonPrefix) }] : [],
      ),
    },
  };
}

/** Where a listing goes on behind a key, or behind all keys that were listed as one. */
function firstBehind(after: string, bucket: string, prefix: string, delimiter: string | undefined): string {
  return commonPrefixOf(after, prefix, delimiter) === after
    ? behindPrefix(bucket, after)
    : behindDocument(objectId({ bucket, key: after }));
}

function nameOf(entry: KeyEntry<StoredObject>): string {
  return "document" in entry ? entry.document.key : entry.commonPrefix;
}

function summary(object: StoredObject, spell: Spelling) {
  return {
    Key: spell(object.key),
    LastModified: new Date(object.modifiedMs),
    ETag: object.etag,
    ChecksumAlgorithm: [object.checksum.algorithm],
    ChecksumType: object.checksum.type,
    Size: object.size,
    StorageClass: storageClassOf(object) as "STANDARD",
  };
}
