/** Access control lists: the owner has full control, and nobody else anything. https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
import type {
  AccessControlPolicy,
  GetBucketAclOutput,
  GetBucketAclRequest,
  GetObjectAclRequest,
  PutBucketAclRequest,
  PutObjectAclRequest,
} from "@aws-sdk/client-s3";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getBucket, ownerOf } from "./bucket.ts";
import { notImplemented } from "./errors.ts";
import { getStoredObject } from "./object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

export async function getBucketAcl(
  input: Validated<GetBucketAclRequest>,
  context: Context,
): Promise<GetBucketAclOutput> {
  await getBucket(context.store, input, context);
  return ownersOnly(context);
}

/** Says again what is so; anything else is refused. */
export async function putBucketAcl(input: Validated<PutBucketAclRequest>, context: Context): Promise<void> {
  refuseUnbuilt(input);
  refuseGrants(input.AccessControlPolicy, context);
  await getBucket(context.store, input, context);
}

export async function getObjectAcl(
  input: Validated<GetObjectAclRequest>,
  context: Context,
): Promise<GetBucketAclOutput> {
  refuseUnbuilt(input);
  await getStoredObject(context.store, await getBucket(context.store, input, context), input.Key);
  return ownersOnly(context);
}

export async function putObjectAcl(input: Validated<PutObjectAclRequest>, context: Context): Promise<object> {
  refuseUnbuilt(input);
  refuseGrants(input.AccessControlPolicy, context);
  await getStoredObject(context.store, await getBucket(context.store, input, context), input.Key);
  return {};
}

function ownersOnly({ account }: Context): GetBucketAclOutput {
  const owner = ownerOf(account);
  return { Owner: owner, Grants: [{ Grantee: { ...owner, Type: "CanonicalUser" }, Permission: "FULL_CONTROL" }] };
}

function refuseGrants(policy: Validated<AccessControlPolicy> | undefined, { account }: Context): void {
  const { ID } = ownerOf(account);
  const isOwners = (policy?.Grants ?? []).every(
    ({ Grantee, Permission }) => Grantee?.ID === ID && Permission === "FULL_CONTROL",
  );
  if (!isOwners) throw notImplemented("A grant to others than the owner");
}
