import type {
  GetObjectAttributesOutput,
  GetObjectAttributesRequest,
  ListObjectVersionsOutput,
  ListObjectVersionsRequest,
} from "@aws-sdk/client-s3";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getBucket, ownerOf } from "./bucket.ts";
import { storageClassOf } from "./description.ts";
import { invalidArgument } from "./errors.ts";
import { listObjects } from "./list-objects.ts";
import { getStoredObject } from "./object.ts";
import { checksumMembers } from "./object-checksum.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

/** What was asked of an object, without its bytes. */
export async function getObjectAttributes(
  input: Validated<GetObjectAttributesRequest>,
  context: Context,
): Promise<GetObjectAttributesOutput> {
  refuseUnbuilt(input);
  const bucket = await getBucket(context.store, input, context);
  const object = await getStoredObject(context.store, bucket, input.Key);
  const wanted = new Set<string>(input.ObjectAttributes);
  const parts = (object.parts ?? []).reduce((sum, [, count]) => sum + count, 0);
  return {
    LastModified: new Date(object.modifiedMs),
    ...(wanted.has("ETag") && { ETag: object.etag.slice(1, -1) }),
    ...(wanted.has("Checksum") && { Checksum: checksumMembers(object.checksum) }),
    ...(wanted.has("ObjectParts") && parts > 0 && { ObjectParts: { TotalPartsCount: parts } }),
    ...(wanted.has("StorageClass") && { StorageClass: storageClassOf(object) as "STANDARD" }),
    ...(wanted.has("ObjectSize") && { ObjectSize: object.size }),
  };
}

/** Each object has one version, whose id is `null`. */
export async function listObjectVersions(
  input: Validated<ListObjectVersionsRequest>,
  context: Context,
): Promise<ListObjectVersionsOutput> {
  const { KeyMarker: marker, VersionIdMarker: versionMarker, MaxKeys, ...rest } = input;
  if (versionMarker !== undefined && marker === undefined) {
    throw invalidArgument(
      "A version-id marker cannot be specified without a key marker.",
      "version-id-marker",
      versionMarker,
    );
  }
  const { OptionalObjectAttributes: _attributes, ...listed } = rest;
  const page = await listObjects({ ...listed, Marker: marker, MaxKeys } as Parameters<typeof listObjects>[0], context);
  const { Contents = [], Marker: _marker, NextMarker, ...output } = page;
  const next = NextMarker ?? (page.IsTruncated ? Contents.at(-1)?.Key : undefined);
  return {
    ...output,
    KeyMarker: page.Marker,
    VersionIdMarker: versionMarker ?? "",
    ...(next !== undefined && { NextKeyMarker: next, NextVersionIdMarker: "null" }),
    Versions: Contents.map((object) => ({
      ...object,
      VersionId: "null",
      IsLatest: true,
      Owner: ownerOf(context.account),
      StorageClass: "STANDARD",
    })),
  };
}
