/** Policies that are part of a user, a role or a group. */
import type {
  DeleteGroupPolicyRequest,
  DeleteRolePolicyRequest,
  DeleteUserPolicyRequest,
  GetGroupPolicyRequest,
  GetGroupPolicyResponse,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  GetUserPolicyRequest,
  GetUserPolicyResponse,
  ListGroupPoliciesRequest,
  ListGroupPoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  ListUserPoliciesRequest,
  ListUserPoliciesResponse,
  PutGroupPolicyRequest,
  PutRolePolicyRequest,
  PutUserPolicyRequest,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { checkDocument, documentCharacters, encodeDocument } from "./documents.ts";
import { limitExceeded, noSuchEntity } from "./errors.ts";
import { collectionOf, getIdentity, type Identity, type IdentityKind, identityKey, type Role } from "./identity.ts";
import { more, type Paged, sliceMarked } from "./listed.ts";
import { INLINE_POLICY_CHARACTERS } from "./quotas.ts";
import { assertModifiable } from "./roles.ts";

export async function putUserPolicy(input: Validated<PutUserPolicyRequest>, context: Context): Promise<void> {
  await put("user", input.UserName, input, context);
}

export async function putRolePolicy(input: Validated<PutRolePolicyRequest>, context: Context): Promise<void> {
  await put("role", input.RoleName, input, context);
}

export async function putGroupPolicy(input: Validated<PutGroupPolicyRequest>, context: Context): Promise<void> {
  await put("group", input.GroupName, input, context);
}

export async function getUserPolicy(
  input: Validated<GetUserPolicyRequest>,
  context: Context,
): Promise<GetUserPolicyResponse> {
  return { UserName: input.UserName, ...(await get("user", input.UserName, input.PolicyName, context)) };
}

export async function getRolePolicy(
  input: Validated<GetRolePolicyRequest>,
  context: Context,
): Promise<GetRolePolicyResponse> {
  return { RoleName: input.RoleName, ...(await get("role", input.RoleName, input.PolicyName, context)) };
}

export async function getGroupPolicy(
  input: Validated<GetGroupPolicyRequest>,
  context: Context,
): Promise<GetGroupPolicyResponse> {
  return { GroupName: input.GroupName, ...(await get("group", input.GroupName, input.PolicyName, context)) };
}

export async function deleteUserPolicy(input: Validated<DeleteUserPolicyRequest>, context: Context): Promise<void> {
  await remove("user", input.UserName, input.PolicyName, context);
}

export async function deleteRolePolicy(input: Validated<DeleteRolePolicyRequest>, context: Context): Promise<void> {
  await remove("role", input.RoleName, input.PolicyName, context);
}

export async function deleteGroupPolicy(input: Validated<DeleteGroupPolicyRequest>, context: Context): Promise<void> {
  await remove("group", input.GroupName, input.PolicyName, context);
}

export async function listUserPolicies(
  input: Validated<ListUserPoliciesRequest>,
  context: Context,
): Promise<ListUserPoliciesResponse> {
  return list("user", input.UserName, input, context);
}

export async function listRolePolicies(
  input: Validated<ListRolePoliciesRequest>,
  context: Context,
): Promise<ListRolePoliciesResponse> {
  return list("role", input.RoleName, input, context);
}

export async function listGroupPolicies(
  input: Validated<ListGroupPoliciesRequest>,
  context: Context,
): Promise<ListGroupPoliciesResponse> {
  return list("group", input.GroupName, input, context);
}

interface NamedDocument {
  readonly PolicyName: string;
  readonly PolicyDocument: string;
}

async function put(kind: IdentityKind, name: string, given: NamedDocument, context: Context): Promise<void> {
  const { PolicyName: policyName, PolicyDocument: document } = given;
  checkDocument(document, "identity");
  await change(kind, name, context, (identity) => {
    const policies = { ...identity.policies, [policyName]: document };
    const characters = Object.values(policies).reduce((sum, text) => sum + documentCharacters(text), 0);
    const most = INLINE_POLICY_CHARACTERS[kind];
    if (characters > most) throw limitExceeded(`Maximum policy size of ${most} bytes exceeded for ${kind} ${name}`);
    return policies;
  });
}

async function get(kind: IdentityKind, name: string, policyName: string, context: Context): Promise<NamedDocument> {
  const { policies } = await getIdentity(context.store, kind, context, name);
  const document = own(policies, policyName);
  if (document === undefined) throw noSuchPolicy(kind, policyName);
  return { PolicyName: policyName, PolicyDocument: encodeDocument(document) };
}

async function remove(kind: IdentityKind, name: string, policyName: string, context: Context): Promise<void> {
  await change(kind, name, context, ({ policies }) => {
    if (own(policies, policyName) === undefined) throw noSuchPolicy(kind, policyName);
    const { [policyName]: _, ...others } = policies;
    return others;
  });
}

async function list(
  kind: IdentityKind,
  name: string,
  input: Paged,
  context: Context,
): Promise<{ PolicyNames: string[]; IsTruncated: boolean; Marker?: string }> {
  const { policies } = await getIdentity(context.store, kind, context, name);
  const names = Object.keys(policies).sort();
  const page = sliceMarked(names, (item) => item, input, [context.account, kind, name, "policies"]);
  return { PolicyNames: [...page.items], ...more(page) };
}

async function change(
  kind: IdentityKind,
  name: string,
  context: Context,
  policiesOf: (identity: Identity) => Identity["policies"],
): Promise<void> {
  await context.store.commit(async (unit) => {
    const identity = await getIdentity(unit, kind, context, name);
    if (kind === "role") assertModifiable(identity as Role);
    const key = identityKey(identity.account, identity.name);
    unit.put(collectionOf(kind), key, { ...identity, policies: policiesOf(identity) });
  });
}

/** A policy may be called `constructor`. */
function own(policies: Identity["policies"], name: string): string | undefined {
  return Object.hasOwn(policies, name) ? policies[name] : undefined;
}

function noSuchPolicy(kind: IdentityKind, policyName: string): Error {
  return noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
}
