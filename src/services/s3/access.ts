/**
 * Who may use a bucket. What policies say of callers of the bucket's own account, the front door has asked; what is asked here is the side of the
 * bucket's owner where another account calls. Whoever its policy lets in acts as the owner from then on, and what is written is the owner's.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
 */
import type { DeleteObjectsRequest } from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { listNeeds } from "../authorization/index.ts";
import { type AccessRequest, decideAccess } from "../iam/index.ts";
import { keptReader } from "../kept-reader.ts";
import type { Context, Handler } from "../service.ts";
import { type Bucket, buckets } from "./bucket.ts";
import { bucketPolicy } from "./bucket-settings.ts";
import { accessDenied } from "./errors.ts";

/** What a bucket's policy can let other accounts do. Copies are not: they are on two buckets, of two owners perhaps. */
const SHARED = [
  "AbortMultipartUpload",
  "CompleteMultipartUpload",
  "CreateMultipartUpload",
  "DeleteObject",
  "DeleteObjectTagging",
  "GetBucketLocation",
  "GetObject",
  "GetObjectAttributes",
  "GetObjectTagging",
  "HeadBucket",
  "HeadObject",
  "ListMultipartUploads",
  "ListObjectVersions",
  "ListObjects",
  "ListObjectsV2",
  "ListParts",
  "PutObject",
  "PutObjectTagging",
  "UploadPart",
];

/** The same operations, some of them for other accounts too, where a bucket's policy lets them. */
export function shareBuckets(operations: Readonly<Record<string, Handler>>): Readonly<Record<string, Handler>> {
  const shared = SHARED.map((operation): [string, Handler] => {
    const handler = operations[operation] as Handler;
    return [operation, async (input, context) => handler(input, await admit(operation, input, context))];
  });
  return { ...operations, ...Object.fromEntries(shared) };
}

/** Throws `AccessDenied`. */
async function admit(operation: string, input: { readonly Bucket: string }, context: Context): Promise<Context> {
  const bucket = await keptReader(context.store).get(buckets, input.Bucket);
  if (bucket === undefined || bucket.account === context.account) return context;
  for (const need of await listNeeds(context.store, context, { model: "s3", operation, input: { ...input } })) {
    if (!(await decide(context, bucket, need)).allowed) throw accessDenied();
  }
  return asOwner(context, bucket.name);
}

/** As whom to go on, once the caller may. */
export async function asOwner(context: Context, name: string): Promise<Context> {
  const bucket = await keptReader(context.store).get(buckets, name);
  return bucket === undefined || bucket.account === context.account ? context : { ...context, account: bucket.account };
}

/** For each object that is to be deleted, why the caller may not; `undefined` where it may. */
export async function askToDelete(
  context: Context,
  { Bucket: name, Delete: { Objects: named } }: Validated<DeleteObjectsRequest>,
): Promise<readonly (ModeledError | undefined)[]> {
  const bucket = await keptReader(context.store).get(buckets, name);
  const isOwn = bucket === undefined || bucket.account === context.account;
  if (isOwn && context.principalArn.endsWith(":root")) return [];
  const denials: (ModeledError | undefined)[] = [];
  for (const { Key, VersionId } of named) {
    const action = VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
    const decision = await decide(context, bucket, { action, resourceArn: `arn:aws:s3:::${name}/${Key}` });
    // Another account learns nothing of why.
    denials.push(
      decision.allowed ? undefined : isOwn ? new ModeledError("AccessDenied", decision.message) : accessDenied(),
    );
  }
  return denials;
}

async function decide(
  context: Context,
  bucket: Bucket | undefined,
  request: Pick<AccessRequest, "action" | "resourceArn" | "conditions">,
) {
  const resourcePolicy = bucket && (await bucketPolicy(keptReader(context.store), bucket.name));
  return decideAccess(context, {
    caller: context,
    ...request,
    resourceAccount: bucket?.account ?? context.account,
    resourcePolicy,
  });
}

/** The policy of the bucket that an ARN names, for those whose account has it. */
export async function policyOf(reader: Reader, arn: string, account: string): Promise<string | undefined> {
  const [name = ""] = arn.slice("arn:aws:s3:::".length).split("/", 1);
  const bucket = await reader.get(buckets, name);
  return bucket?.account === account ? bucketPolicy(reader, name) : undefined;
}
