import { type BucketFiles, outsideBucket, ownBucket } from "../../s3/index.ts";
import type { Platform } from "../../service.ts";
import { SourceError, type SourceRequest } from "../connector.ts";
import type { ConnectorProfile, OutsideBucket } from "../connector-profile.ts";
import { folderFiles } from "./folder-files.ts";

/**
 * The bucket that a flow reads: one that a connector profile of its account has, or else one at the endpoint that the server writes its files to, or one
 * of the account's own here. Throws `SourceError`.
 */
export function flowBucket(platform: Platform, request: SourceRequest): BucketFiles {
  const { account, region, properties } = request;
  const name = properties.BucketName ?? "";
  const mapped = mappedBucket(platform, request, name);
  if (mapped) return outsideFiles(platform, mapped, name);
  if (platform.outsideS3) return outsideBucket(platform.outsideS3, platform.wall, name);
  return ownBucket({ ...platform, account, region }, name);
}

/** S3 needs no profile to be named: any of the account that has the bucket says where it is. */
function mappedBucket(
  { connectorProfiles = [] }: Platform,
  { account, profile }: SourceRequest,
  name: string,
): OutsideBucket | undefined {
  if (!profile) {
    return connectorProfiles
      .filter((known) => known.account === account)
      .map((known) => bucketOf(known, name))
      .find((bucket) => bucket !== undefined);
  }
  const bucket = bucketOf(profile, name);
  if (!bucket) throw new SourceError("REQUEST", `The connector profile ${profile.name} has no bucket ${name}`);
  return bucket;
}

function bucketOf(profile: ConnectorProfile, name: string): OutsideBucket | undefined {
  return profile.connector === "S3" ? profile.settings.buckets.get(name) : undefined;
}

function outsideFiles({ wall }: Platform, bucket: OutsideBucket, name: string): BucketFiles {
  if ("folder" in bucket) return folderFiles(bucket.folder);
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken, addressing } = bucket;
  const credentials = {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    ...(sessionToken && { sessionToken: sessionToken.reveal() }),
  };
  return outsideBucket({ endpoint: new URL(endpoint), region, addressing, credentials }, wall, name);
}
