/**
 * Tags of buckets, as S3 Control has them: one by one, where `PutBucketTagging` replaces all. Newer versions of Terraform's AWS provider ask
 * for a bucket's tags in no other way. Of what S3 Control can tag, buckets are all that there is here.
 */
import type { Tag } from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Context } from "../service.ts";
import { changeTags, findTags } from "./bucket-settings.ts";
import { accessDenied } from "./errors.ts";

// There is no SDK of S3 Control among the dependencies.
interface OfResource {
  readonly AccountId: string;
  readonly ResourceArn: string;
}

export async function listTagsForResource(
  input: OfResource,
  context: Context,
): Promise<{ readonly Tags: readonly Tag[] }> {
  return { Tags: await findTags(context, bucketOf(input, context)) };
}

export async function tagResource(
  input: OfResource & { readonly Tags: readonly Tag[] },
  context: Context,
): Promise<Record<string, never>> {
  const keys = new Set(input.Tags.map(({ Key }) => Key));
  await changeTags(context, bucketOf(input, context), (tags) => [
    ...tags.filter(({ Key }) => !keys.has(Key)),
    ...input.Tags,
  ]);
  return {};
}

export async function untagResource(
  input: OfResource & { readonly TagKeys: readonly string[] },
  context: Context,
): Promise<Record<string, never>> {
  const gone = new Set<string | undefined>(input.TagKeys);
  await changeTags(context, bucketOf(input, context), (tags) => tags.filter(({ Key }) => !gone.has(Key)));
  return {};
}

function bucketOf({ AccountId, ResourceArn }: OfResource, { account }: Context): { readonly Bucket: string } {
  if (AccountId !== account) throw accessDenied();
  const [, Bucket] = /^arn:aws:s3:::([^/]+)$/.exec(ResourceArn) ?? [];
  if (Bucket === undefined) throw new ModeledError("InvalidRequest", `The resource ${ResourceArn} is no bucket`);
  return { Bucket };
}
