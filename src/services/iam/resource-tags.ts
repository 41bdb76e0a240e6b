/** Tags of what IAM keeps. */
import type {
  ListInstanceProfileTagsRequest,
  ListInstanceProfileTagsResponse,
  ListPolicyTagsRequest,
  ListPolicyTagsResponse,
  ListRoleTagsRequest,
  ListRoleTagsResponse,
  ListUserTagsRequest,
  ListUserTagsResponse,
  Tag,
  TagInstanceProfileRequest,
  TagPolicyRequest,
  TagRoleRequest,
  TagUserRequest,
  UntagInstanceProfileRequest,
  UntagPolicyRequest,
  UntagRoleRequest,
  UntagUserRequest,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { collectionOf, getIdentity, identityKey } from "./identity.ts";
import { INSTANCE_PROFILES } from "./instance-profile.ts";
import { getProfile } from "./instance-profiles.ts";
import { more, type Paged, sliceMarked } from "./listed.ts";
import { changePolicy, getPolicy } from "./policies.ts";
import { withoutTags, withTags } from "./tags.ts";

type Change = (tags: readonly Tag[]) => readonly Tag[];

export async function tagUser(input: Validated<TagUserRequest>, context: Context): Promise<void> {
  await changeIdentity("user", input.UserName, context, (tags) => withTags(tags, input.Tags));
}

export async function untagUser(input: Validated<UntagUserRequest>, context: Context): Promise<void> {
  await changeIdentity("user", input.UserName, context, (tags) => withoutTags(tags, input.TagKeys));
}

export async function listUserTags(
  input: Validated<ListUserTagsRequest>,
  context: Context,
): Promise<ListUserTagsResponse> {
  const { tags } = await getIdentity(context.store, "user", context, input.UserName);
  return page(tags, input, [context.account, "ListUserTags", input.UserName]);
}

export async function tagRole(input: Validated<TagRoleRequest>, context: Context): Promise<void> {
  await changeIdentity("role", input.RoleName, context, (tags) => withTags(tags, input.Tags));
}

export async function untagRole(input: Validated<UntagRoleRequest>, context: Context): Promise<void> {
  await changeIdentity("role", input.RoleName, context, (tags) => withoutTags(tags, input.TagKeys));
}

export async function listRoleTags(
  input: Validated<ListRoleTagsRequest>,
  context: Context,
): Promise<ListRoleTagsResponse> {
  const { tags } = await getIdentity(context.store, "role", context, input.RoleName);
  return page(tags, input, [context.account, "ListRoleTags", input.RoleName]);
}

async function changeIdentity(kind: "user" | "role", name: string, context: Context, change: Change): Promise<void> {
  await context.store.commit(async (unit) => {
    const identity = await getIdentity(unit, kind, context, name);
    const key = identityKey(identity.account, identity.name);
    unit.put(collectionOf(kind), key, { ...identity, tags: change(identity.tags) });
  });
}

export async function tagPolicy(input: Validated<TagPolicyRequest>, context: Context): Promise<void> {
  await changePolicy(context, input.PolicyArn, "TagPolicy", (policy) => {
    return { ...policy, tags: withTags(policy.tags, input.Tags) };
  });
}

export async function untagPolicy(input: Validated<UntagPolicyRequest>, context: Context): Promise<void> {
  await changePolicy(context, input.PolicyArn, "UntagPolicy", (policy) => {
    return { ...policy, tags: withoutTags(policy.tags, input.TagKeys) };
  });
}

export async function listPolicyTags(
  input: Validated<ListPolicyTagsRequest>,
  context: Context,
): Promise<ListPolicyTagsResponse> {
  const { tags } = await getPolicy(context.store, input.PolicyArn, context);
  return page(tags, input, [context.account, "ListPolicyTags", input.PolicyArn]);
}

export async function tagInstanceProfile(input: Validated<TagInstanceProfileRequest>, context: Context): Promise<void> {
  await changeProfile(input.InstanceProfileName, context, (tags) => withTags(tags, input.Tags));
}

export async function untagInstanceProfile(
  input: Validated<UntagInstanceProfileRequest>,
  context: Context,
): Promise<void> {
  await changeProfile(input.InstanceProfileName, context, (tags) => withoutTags(tags, input.TagKeys));
}

export async function listInstanceProfileTags(
  input: Validated<ListInstanceProfileTagsRequest>,
  context: Context,
): Promise<ListInstanceProfileTagsResponse> {
  const { tags } = await getProfile(context.store, context, input.InstanceProfileName);
  return page(tags, input, [context.account, "ListInstanceProfileTags", input.InstanceProfileName]);
}

async function changeProfile(name: string, context: Context, change: Change): Promise<void> {
  await context.store.commit(async (unit) => {
    const profile = await getProfile(unit, context, name);
    const key = identityKey(profile.account, profile.name);
    unit.put(INSTANCE_PROFILES, key, { ...profile, tags: change(profile.tags) });
  });
}

function page(
  tags: readonly Tag[],
  input: Paged,
  of: readonly unknown[],
): { Tags: Tag[]; IsTruncated: boolean; Marker?: string } {
  const sorted = tags.toSorted((a, b) => (String(a.Key) < String(b.Key) ? -1 : 1));
  const found = sliceMarked(sorted, ({ Key }) => String(Key), input, of);
  return { Tags: [...found.items], ...more(found) };
}
