import { createHash } from "node:crypto";
import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Caller } from "../service.ts";
import { accessDenied, noSuchBucket } from "./errors.ts";

/** Names are shared by all accounts, and a bucket's name is its id. */
export interface Bucket {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdMs: number;
  /** Whom it tells of what is stored and deleted. Here, since each write asks. */
  readonly notifications?: Validated<NotificationConfiguration>;
}

export const buckets: Collection<Bucket> = collection<Bucket>("s3_buckets", {
  account: { type: "text", value: ({ account, name }) => compositeKey(account, name) },
});

/** Of an account that says so in `ExpectedBucketOwner`, or else of the caller. */
interface BucketRequest {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

/**
 * The caller's bucket of this name. Throws `NoSuchBucket`; `AccessDenied` for one of another account, or not of the one that was expected;
 * `AuthorizationHeaderMalformed` for one in another Region than the request was signed for.
 */
export async function getBucket(reader: Reader, input: BucketRequest, caller: Owner): Promise<Bucket> {
  const bucket = await reader.get(buckets, input.Bucket);
  if (bucket === undefined) throw noSuchBucket(input.Bucket);
  const owner = input.ExpectedBucketOwner ?? caller.account;
  if (bucket.account !== caller.account || bucket.account !== owner) throw accessDenied();
  if (bucket.region !== caller.region) {
    throw new ModeledError(
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; the region '${caller.region}' is wrong; expecting '${bucket.region}'`,
      { Region: bucket.region },
    );
  }
  return bucket;
}

/** Whether an account has a bucket of this name in a Region. */
export async function hasBucket(reader: Reader, name: string, { account, region }: Owner): Promise<boolean> {
  const bucket = await reader.get(buckets, name);
  return bucket?.account === account && bucket.region === region;
}

export type Owner = Pick<Caller, "account" | "region">;

export function bucketArn({ name }: Pick<Bucket, "name">): string {
  return `arn:aws:s3:::${name}`;
}

/** Who owns what an account has: S3 has ids of its own for accounts, 64 hexadecimal digits. */
export function ownerOf(account: string): { ID: string } {
  return { ID: createHash("sha256").update(`s3 ${account}`).digest("hex") };
}
