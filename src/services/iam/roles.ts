import type {
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRoleRequest,
  GetRoleRequest,
  GetRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  Role as ShownRole,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  UpdateRoleRequest,
  UpdateRoleResponse,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { boundaryOf, checkBoundary, setBoundary } from "./boundaries.ts";
import { checkDocument, documentCharacters, encodeDocument } from "./documents.ts";
import { alreadyExists, deleteConflict, limitExceeded, unmodifiable } from "./errors.ts";
import { getIdentity, identityArn, identityKey, ROLES, type Role } from "./identity.ts";
import { profilesOf } from "./instance-profile.ts";
import { lastUseOf } from "./last-use.ts";
import { listMarked, more } from "./listed.ts";
import { attachmentsOf } from "./managed-policy.ts";
import { checkCount, TRUST_POLICY_CHARACTERS } from "./quotas.ts";
import { newTags } from "./tags.ts";
import { uniqueId } from "./unique-id.ts";

const SESSION_SECONDS_DEFAULT = 3600;

export async function createRole(input: Validated<CreateRoleRequest>, context: Context): Promise<CreateRoleResponse> {
  checkTrustPolicy(input.AssumeRolePolicyDocument);
  const role: Role = {
    account: context.account,
    name: input.RoleName,
    path: input.Path ?? "/",
    id: uniqueId("AROA", context.ids),
    createdMs: context.clock.now(),
    policies: {},
    tags: newTags(input.Tags),
    ...(input.Description !== undefined && { description: input.Description }),
    maxSessionSeconds: input.MaxSessionDuration ?? SESSION_SECONDS_DEFAULT,
    trustPolicy: input.AssumeRolePolicyDocument,
    ...(input.PermissionsBoundary !== undefined && { boundaryArn: input.PermissionsBoundary }),
  };
  await context.store.commit((unit) => addRole(unit, context, role));
  return { Role: showRole(role) };
}

/** Throws `EntityAlreadyExists`, and `LimitExceeded` where limits are enforced. */
export async function addRole(unit: Unit, context: Context, role: Role): Promise<void> {
  const key = identityKey(role.account, role.name);
  if (await unit.get(ROLES, key)) throw alreadyExists(`Role with name ${role.name} already exists.`);
  await checkCount(unit, context, ROLES, { limit: "iam.roles", quota: "RolesPerAccount" });
  if (role.boundaryArn !== undefined) await checkBoundary(unit, role.account, role.boundaryArn);
  unit.put(ROLES, key, role);
  if (role.boundaryArn !== undefined) setBoundary(unit, "role", role, undefined, role.boundaryArn);
}

export async function getRole(input: Validated<GetRoleRequest>, context: Context): Promise<GetRoleResponse> {
  const role = await getIdentity(context.store, "role", context, input.RoleName);
  return { Role: { ...showRole(role), RoleLastUsed: await lastUseOf(context.store, role.id) } };
}

/** As the real service does, without tags, boundaries and last uses. */
export async function listRoles(input: Validated<ListRolesRequest>, context: Context): Promise<ListRolesResponse> {
  const { account } = context;
  const { PathPrefix: prefix = "/" } = input;
  const listing = {
    collection: ROLES,
    under: [account],
    nameOf: ({ name }: Role) => name.toLowerCase(),
    keep: ({ path }: Role) => path.startsWith(prefix),
  };
  const page = await listMarked(context.store, listing, input, [account, "ListRoles", prefix]);
  return { Roles: page.items.map((role) => withoutDetails(showRole(role))), ...more(page) };
}

function withoutDetails({ Tags: _, PermissionsBoundary: __, ...role }: ShownRole): ShownRole {
  return role;
}

export async function updateRole(input: Validated<UpdateRoleRequest>, context: Context): Promise<UpdateRoleResponse> {
  await changeRole(context, input.RoleName, (role) => ({
    ...role,
    // An empty description takes the old one away.
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.MaxSessionDuration !== undefined && { maxSessionSeconds: input.MaxSessionDuration }),
  }));
  return {};
}

export async function updateRoleDescription(
  input: Validated<UpdateRoleDescriptionRequest>,
  context: Context,
): Promise<UpdateRoleDescriptionResponse> {
  const change = (role: Role): Role => ({ ...role, description: input.Description });
  return { Role: showRole(await changeRole(context, input.RoleName, change)) };
}

export async function updateAssumeRolePolicy(
  input: Validated<UpdateAssumeRolePolicyRequest>,
  context: Context,
): Promise<void> {
  checkTrustPolicy(input.PolicyDocument);
  await changeRole(context, input.RoleName, (role) => {
    assertModifiable(role);
    return { ...role, trustPolicy: input.PolicyDocument };
  });
}

async function changeRole(context: Context, name: string, change: (role: Role) => Role): Promise<Role> {
  return context.store.commit(async (unit) => {
    const changed = change(await getIdentity(unit, "role", context, name));
    unit.put(ROLES, identityKey(changed.account, changed.name), changed);
    return changed;
  });
}

export async function deleteRole(input: Validated<DeleteRoleRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const role = await getIdentity(unit, "role", context, input.RoleName);
    assertModifiable(role);
    await removeRole(unit, role);
  });
}

/** Throws `DeleteConflict` for a role that still has or is part of something. */
export async function removeRole(unit: Unit, role: Role): Promise<void> {
  if ((await profilesOf(unit, role, { limit: 1 })).length > 0) {
    throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
  }
  if ((await attachmentsOf(unit, "role", role)).length > 0) {
    throw deleteConflict("Cannot delete entity, must detach all policies first.");
  }
  if (Object.keys(role.policies).length > 0) throw deleteConflict("Cannot delete entity, must delete policies first.");
  if (role.boundaryArn !== undefined) setBoundary(unit, "role", role, role.boundaryArn, undefined);
  unit.delete(ROLES, identityKey(role.account, role.name));
}

/** Throws `UnmodifiableEntity` for a role that only its service may change. */
export function assertModifiable({ name, linkedTo }: Role): void {
  if (linkedTo === undefined) return;
  throw unmodifiable(
    `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
  );
}

function checkTrustPolicy(text: string): void {
  checkDocument(text, "trust");
  if (documentCharacters(text) > TRUST_POLICY_CHARACTERS) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_CHARACTERS}`);
  }
}

export function showRole(role: Role): ShownRole {
  const { path, name, id, createdMs, description, maxSessionSeconds, trustPolicy, tags } = role;
  return {
    Path: path,
    RoleName: name,
    RoleId: id,
    Arn: identityArn("role", role),
    CreateDate: new Date(createdMs),
    AssumeRolePolicyDocument: encodeDocument(trustPolicy),
    ...(description !== undefined && { Description: description }),
    MaxSessionDuration: maxSessionSeconds,
    ...boundaryOf(role),
    ...(tags.length > 0 && { Tags: [...tags] }),
  };
}
