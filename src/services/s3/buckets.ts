import type {
  CreateBucketOutput,
  CreateBucketRequest,
  DeleteBucketRequest,
  GetBucketLocationOutput,
  GetBucketLocationRequest,
  HeadBucketOutput,
  HeadBucketRequest,
  ListBucketsOutput,
  ListBucketsRequest,
} from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { listBehind, listPage } from "../list-page.ts";
import { guardRange } from "../range-guard.ts";
import type { Context } from "../service.ts";
import { type Bucket, bucketArn, buckets, getBucket, ownerOf } from "./bucket.ts";
import { deleteSettings, putTags } from "./bucket-settings.ts";
import { invalidArgument } from "./errors.ts";
import { settleRemovals } from "./files.ts";
import { forgetLifecycle } from "./lifecycle.ts";
import { BUCKETS_MAX, LIST_BUCKETS_MAX } from "./limits.ts";
import { objectId, objects, removals } from "./object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";
import { abortUploads, hasUploads } from "./uploads.ts";

/** Region of buckets that are created without saying one. */
const FIRST_REGION = "us-east-1";

/** Creates a bucket. In us-east-1 the caller may have it already; elsewhere that is an error. */
export async function createBucket(
  input: Validated<CreateBucketRequest>,
  context: Context,
): Promise<CreateBucketOutput> {
  refuseUnbuilt(input);
  refuseDirectoryBucket(input);
  checkName(input.Bucket);
  const { account } = context;
  const bucket = { name: input.Bucket, account, region: regionOf(input, context), createdMs: context.clock.now() };
  await context.store.commit(async (unit) => {
    const existing = await unit.get(buckets, bucket.name);
    if (existing !== undefined) return checkMayExist(existing, bucket);
    if (context.limits.enforced) await checkQuota(unit, context);
    unit.put(buckets, bucket.name, bucket);
    const tags = input.CreateBucketConfiguration?.Tags ?? [];
    if (tags.length > 0) putTags(unit, bucket.name, tags);
  });
  return { Location: `/${bucket.name}`, BucketArn: bucketArn(bucket) };
}

function refuseDirectoryBucket({ CreateBucketConfiguration: configuration }: Validated<CreateBucketRequest>): void {
  const { Location, Bucket: info } = configuration ?? {};
  const unbuilt = Location ? "Location" : info ? "Bucket" : undefined;
  if (unbuilt === undefined) return;
  throw new ModeledError(
    "NotImplemented",
    `CreateBucketConfiguration.${unbuilt} is not built in this version of Trunkline.`,
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function checkName(name: string): void {
  const isName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
  const isReserved = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
  if (isName && !isReserved && !name.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return;
  throw new ModeledError("InvalidBucketName", "The specified bucket is not valid.", { BucketName: name });
}

/** Only a request to us-east-1 may put a bucket elsewhere. */
function regionOf({ CreateBucketConfiguration }: Validated<CreateBucketRequest>, { region }: Context): string {
  const constraint = CreateBucketConfiguration?.LocationConstraint as string | undefined;
  const wanted = constraint === "EU" ? "eu-west-1" : constraint;
  if (wanted === region || region === FIRST_REGION) return wanted ?? FIRST_REGION;
  const what = wanted === undefined ? "unspecified" : wanted;
  throw new ModeledError(
    "IllegalLocationConstraintException",
    `The ${what} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}

function checkMayExist(existing: Bucket, wanted: Bucket): void {
  if (existing.account !== wanted.account) {
    throw new ModeledError(
      "BucketAlreadyExists",
      "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
      { BucketName: wanted.name },
    );
  }
  if (existing.region === FIRST_REGION && wanted.region === FIRST_REGION) return;
  throw new ModeledError(
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
    { BucketName: wanted.name },
  );
}

async function checkQuota(unit: Unit, { account, limits }: Context): Promise<void> {
  await guardRange(unit, compositeKey(account, "s3 buckets"));
  const bucketsMax = limits.value("s3.buckets", BUCKETS_MAX);
  const listing = { collection: buckets, index: "account", under: [account], nameOf };
  if ((await listBehind(unit, listing, undefined, bucketsMax)).length < bucketsMax) return;
  throw new ModeledError("TooManyBuckets", "You have attempted to create more buckets than allowed");
}

export async function headBucket(input: Validated<HeadBucketRequest>, context: Context): Promise<HeadBucketOutput> {
  const bucket = await getBucket(context.store, input, context);
  return { BucketRegion: bucket.region, BucketArn: bucketArn(bucket), AccessPointAlias: false };
}

export async function getBucketLocation(
  input: Validated<GetBucketLocationRequest>,
  context: Context,
): Promise<GetBucketLocationOutput> {
  const { region } = await getBucket(context.store, input, context);
  // Nothing stands for the first Region.
  return region === FIRST_REGION ? {} : { LocationConstraint: region as GetBucketLocationOutput["LocationConstraint"] };
}

/** The account's buckets in all Regions, in the order of their names. */
export async function listBuckets(input: Validated<ListBucketsRequest>, context: Context): Promise<ListBucketsOutput> {
  const { Prefix: prefix, BucketRegion: region } = input;
  const page = await listPage(
    context.store,
    {
      collection: buckets,
      index: "account",
      under: [context.account],
      prefix,
      nameOf,
      keep: (bucket) => region === undefined || bucket.region === region,
    },
    {
      of: [context.account, "ListBuckets", prefix, region],
      token: input.ContinuationToken,
      limit: input.MaxBuckets ?? LIST_BUCKETS_MAX,
      refuse: () =>
        invalidArgument("The continuation token provided is incorrect", "continuation-token", input.ContinuationToken),
    },
  );
  return {
    Buckets: page.items.map((bucket) => ({
      Name: bucket.name,
      CreationDate: new Date(bucket.createdMs),
      BucketRegion: bucket.region,
      BucketArn: bucketArn(bucket),
    })),
    Owner: ownerOf(context.account),
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(page.nextToken !== undefined && { ContinuationToken: page.nextToken }),
  };
}

function nameOf({ name }: Bucket): string {
  return name;
}

/** Deletes a bucket that holds no object. Uploads that were not completed go with it. */
export async function deleteBucket(input: Validated<DeleteBucketRequest>, context: Context): Promise<void> {
  const { name } = await getBucket(context.store, input, context);
  await checkEmpty(context.store, name);
  const removal = { bucket: name, key: "" };
  let isDeleted = false;
  while (!isDeleted) {
    await abortUploads(context, name);
    isDeleted = await context.store.commit(async (unit) => {
      await getBucket(unit, input, context);
      await checkEmpty(unit, name);
      // One that has begun meanwhile must not be there for whoever has this name next.
      if (await hasUploads(unit, name)) return false;
      unit.delete(buckets, name);
      await deleteSettings(unit, name);
      forgetLifecycle(unit, context, name);
      unit.put(removals, objectId(removal), removal);
      return true;
    });
  }
  await settleRemovals(context, [removal]);
}

/** Whoever stores an object reads the bucket's document, so that it cannot be deleted meanwhile. */
async function checkEmpty(reader: Reader, name: string): Promise<void> {
  const { documents } = await reader.list(objects, { prefix: compositeKey(name, ""), limit: 1 });
  if (documents.length === 0) return;
  throw new ModeledError("BucketNotEmpty", "The bucket you tried to delete is not empty", { BucketName: name });
}
