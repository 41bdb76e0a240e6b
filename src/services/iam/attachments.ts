/** Managed policies on users, roles and groups. */
import type {
  AttachedPolicy,
  AttachGroupPolicyRequest,
  AttachRolePolicyRequest,
  AttachUserPolicyRequest,
  DetachGroupPolicyRequest,
  DetachRolePolicyRequest,
  DetachUserPolicyRequest,
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListAttachedUserPoliciesRequest,
  ListAttachedUserPoliciesResponse,
  ListEntitiesForPolicyRequest,
  ListEntitiesForPolicyResponse,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { limitExceeded, noSuchEntity } from "./errors.ts";
import { findPolicy } from "./find-policy.ts";
import { collectionOf, getIdentity, type Identity, type IdentityKind, identityKey, type Role } from "./identity.ts";
import { more, type Paged, sliceMarked } from "./listed.ts";
import { ATTACHMENTS, type Attachment, attachmentKey, attachmentsOf, usesOf } from "./managed-policy.ts";
import { getPolicy } from "./policies.ts";
import { assertModifiable } from "./roles.ts";

export async function attachUserPolicy(input: Validated<AttachUserPolicyRequest>, context: Context): Promise<void> {
  await attach("user", input.UserName, input.PolicyArn, context);
}

export async function attachRolePolicy(input: Validated<AttachRolePolicyRequest>, context: Context): Promise<void> {
  await attach("role", input.RoleName, input.PolicyArn, context);
}

export async function attachGroupPolicy(input: Validated<AttachGroupPolicyRequest>, context: Context): Promise<void> {
  await attach("group", input.GroupName, input.PolicyArn, context);
}

export async function detachUserPolicy(input: Validated<DetachUserPolicyRequest>, context: Context): Promise<void> {
  await detach("user", input.UserName, input.PolicyArn, context);
}

export async function detachRolePolicy(input: Validated<DetachRolePolicyRequest>, context: Context): Promise<void> {
  await detach("role", input.RoleName, input.PolicyArn, context);
}

export async function detachGroupPolicy(input: Validated<DetachGroupPolicyRequest>, context: Context): Promise<void> {
  await detach("group", input.GroupName, input.PolicyArn, context);
}

export async function listAttachedUserPolicies(
  input: Validated<ListAttachedUserPoliciesRequest>,
  context: Context,
): Promise<ListAttachedUserPoliciesResponse> {
  return list("user", input.UserName, input, context);
}

export async function listAttachedRolePolicies(
  input: Validated<ListAttachedRolePoliciesRequest>,
  context: Context,
): Promise<ListAttachedRolePoliciesResponse> {
  return list("role", input.RoleName, input, context);
}

export async function listAttachedGroupPolicies(
  input: Validated<ListAttachedGroupPoliciesRequest>,
  context: Context,
): Promise<ListAttachedGroupPoliciesResponse> {
  return list("group", input.GroupName, input, context);
}

/** Attaching what is attached changes nothing. */
async function attach(kind: IdentityKind, name: string, policyArn: string, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const identity = await getIdentity(unit, kind, context, name);
    if (kind === "role") assertModifiable(identity as Role);
    const policy = await findPolicy(unit, policyArn);
    if (policy === undefined || (policy.account !== "aws" && policy.account !== context.account)) {
      throw noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
    }
    const attachment = attachmentOf(kind, identity, policyArn);
    const attached = await attachmentsOf(unit, kind, identity);
    if (attached.some((other) => other.policyArn === policyArn)) return;
    const most = context.limits.value("iam.attached-policies", ATTACHED_DEFAULT);
    if (attached.length >= (context.limits.enforced ? Math.min(most, ATTACHED_MAX) : ATTACHED_MAX)) {
      const quota = `PoliciesPer${kind[0]?.toUpperCase()}${kind.slice(1)}`;
      throw limitExceeded(`Cannot exceed quota for ${quota}: ${context.limits.enforced ? most : ATTACHED_MAX}`);
    }
    unit.put(ATTACHMENTS, attachmentKey(attachment), attachment);
    // Who deletes the identity at the same time must not miss it.
    unit.put(collectionOf(kind), identityKey(identity.account, identity.name), identity);
  });
}

const ATTACHED_DEFAULT = 10;
/** What an account can have raised the quota to, and thus holds always: each of them is asked at each request. */
const ATTACHED_MAX = 25;

async function detach(kind: IdentityKind, name: string, policyArn: string, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const identity = await getIdentity(unit, kind, context, name);
    if (kind === "role") assertModifiable(identity as Role);
    const key = attachmentKey(attachmentOf(kind, identity, policyArn));
    if ((await unit.get(ATTACHMENTS, key)) === undefined) throw noSuchEntity(`Policy ${policyArn} was not found.`);
    unit.delete(ATTACHMENTS, key);
  });
}

function attachmentOf(
  kind: IdentityKind,
  { account, name }: { readonly account: string; readonly name: string },
  policyArn: string,
): Attachment {
  return { account, kind, name, policyArn, usage: "PermissionsPolicy" };
}

async function list(
  kind: IdentityKind,
  name: string,
  input: Paged & { readonly PathPrefix?: string | undefined },
  context: Context,
): Promise<{ AttachedPolicies: AttachedPolicy[]; IsTruncated: boolean; Marker?: string }> {
  const identity = await getIdentity(context.store, kind, context, name);
  const { PathPrefix: prefix = "/" } = input;
  const arns = (await attachmentsOf(context.store, kind, identity)).map(({ policyArn }) => policyArn);
  const below = arns.filter((arn) => arn.slice(arn.indexOf("/")).startsWith(prefix));
  const page = sliceMarked(below, (arn) => arn, input, [context.account, kind, name, "attached", prefix]);
  return {
    AttachedPolicies: page.items.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn })),
    ...more(page),
  };
}

/** Whom a managed policy is attached to, or whom it bounds. */
export async function listEntitiesForPolicy(
  input: Validated<ListEntitiesForPolicyRequest>,
  context: Context,
): Promise<ListEntitiesForPolicyResponse> {
  const { PolicyArn: arn, PolicyUsageFilter: usage, EntityFilter: filter, PathPrefix: path = "/" } = input;
  await getPolicy(context.store, arn, context);
  const found: [label: string, kind: IdentityKind, identity: Identity][] = [];
  for (const use of await usesOf(context.store, context.account, arn)) {
    const identity = await context.store.get(collectionOf(use.kind), identityKey(use.account, use.name));
    const isWanted = (usage ?? use.usage) === use.usage && (filter === undefined || ENTITY_KINDS[filter] === use.kind);
    const label = `${use.kind}/${use.name.toLowerCase()}`;
    if (!isWanted || !identity?.path.startsWith(path) || found.at(-1)?.[0] === label) continue;
    found.push([label, use.kind, identity]);
  }
  const of = [context.account, "ListEntitiesForPolicy", arn, usage, filter, path];
  const page = sliceMarked(found, ([label]) => label, input, of);
  const ofKind = (kind: IdentityKind) => page.items.filter((item) => item[1] === kind).map((item) => item[2]);
  return {
    PolicyUsers: ofKind("user").map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyRoles: ofKind("role").map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    PolicyGroups: ofKind("group").map(({ name, id }) => ({ GroupName: name, GroupId: id })),
    ...more(page),
  };
}

/** Filters by other kinds are for what is listed elsewhere: policies of the account and of AWS. */
const ENTITY_KINDS: Readonly<Record<string, IdentityKind>> = { User: "user", Role: "role", Group: "group" };
