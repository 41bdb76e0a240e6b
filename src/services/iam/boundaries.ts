import type {
  AttachedPermissionsBoundary,
  DeleteRolePermissionsBoundaryRequest,
  DeleteUserPermissionsBoundaryRequest,
  PutRolePermissionsBoundaryRequest,
  PutUserPermissionsBoundaryRequest,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { noSuchEntity } from "./errors.ts";
import { findPolicy } from "./find-policy.ts";
import { getIdentity, type Identity, identityKey, ROLES, type Role, USERS, type User } from "./identity.ts";
import { ATTACHMENTS, attachmentKey } from "./managed-policy.ts";

export async function putUserPermissionsBoundary(
  input: Validated<PutUserPermissionsBoundaryRequest>,
  context: Context,
): Promise<void> {
  await changeUser(context, input.UserName, input.PermissionsBoundary);
}

export async function deleteUserPermissionsBoundary(
  input: Validated<DeleteUserPermissionsBoundaryRequest>,
  context: Context,
): Promise<void> {
  await changeUser(context, input.UserName, undefined);
}

export async function putRolePermissionsBoundary(
  input: Validated<PutRolePermissionsBoundaryRequest>,
  context: Context,
): Promise<void> {
  await changeRole(context, input.RoleName, input.PermissionsBoundary);
}

export async function deleteRolePermissionsBoundary(
  input: Validated<DeleteRolePermissionsBoundaryRequest>,
  context: Context,
): Promise<void> {
  await changeRole(context, input.RoleName, undefined);
}

async function changeUser(context: Context, name: string, arn: string | undefined): Promise<void> {
  await context.store.commit(async (unit) => {
    const user: User = await getIdentity(unit, "user", context, name);
    unit.put(USERS, identityKey(user.account, user.name), await bounded(unit, "user", user, arn));
  });
}

async function changeRole(context: Context, name: string, arn: string | undefined): Promise<void> {
  await context.store.commit(async (unit) => {
    const role: Role = await getIdentity(unit, "role", context, name);
    unit.put(ROLES, identityKey(role.account, role.name), await bounded(unit, "role", role, arn));
  });
}

async function bounded<T extends Identity>(
  unit: Unit,
  kind: "user" | "role",
  identity: T,
  arn: string | undefined,
): Promise<T> {
  const { boundaryArn, ...rest } = identity;
  if (arn === undefined && boundaryArn === undefined) {
    throw noSuchEntity(`The ${kind} with name ${identity.name} does not have a permissions boundary.`);
  }
  if (arn !== undefined) await checkBoundary(unit, identity.account, arn);
  setBoundary(unit, kind, identity, boundaryArn, arn);
  return { ...rest, ...(arn !== undefined && { boundaryArn: arn }) } as T;
}

/** Throws `NoSuchEntity` where there is no such policy for this account. */
export async function checkBoundary(reader: Reader, account: string, arn: string): Promise<void> {
  const policy = await findPolicy(reader, arn);
  if (policy === undefined || (policy.account !== "aws" && policy.account !== account)) {
    throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
  }
}

/** Tells the policies which identities they bound. */
export function setBoundary(
  unit: Unit,
  kind: "user" | "role",
  { account, name }: Identity,
  before: string | undefined,
  after: string | undefined,
): void {
  const use = (policyArn: string) => ({ account, kind, name, policyArn, usage: "PermissionsBoundary" as const });
  if (before !== undefined) unit.delete(ATTACHMENTS, attachmentKey(use(before)));
  if (after !== undefined) unit.put(ATTACHMENTS, attachmentKey(use(after)), use(after));
}

/** What descriptions say of it. */
export function boundaryOf({ boundaryArn }: Identity): { PermissionsBoundary?: AttachedPermissionsBoundary } {
  if (boundaryArn === undefined) return {};
  return {
    PermissionsBoundary: { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: boundaryArn },
  };
}
