import type {
  CreateUserRequest,
  CreateUserResponse,
  DeleteUserRequest,
  GetUserRequest,
  GetUserResponse,
  ListUsersRequest,
  ListUsersResponse,
  User as ShownUser,
  UpdateUserRequest,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { callingUserName } from "./access-keys.ts";
import { boundaryOf, checkBoundary, setBoundary } from "./boundaries.ts";
import { alreadyExists, deleteConflict } from "./errors.ts";
import { getIdentity, identityArn, identityKey, USERS, type User } from "./identity.ts";
import { ACCESS_KEYS, accessKeysOf } from "./keys.ts";
import { listMarked, more } from "./listed.ts";
import { ATTACHMENTS, type Attachment, attachmentKey, attachmentsOf } from "./managed-policy.ts";
import { MEMBERSHIPS, membershipKey, membershipsOf } from "./membership.ts";
import { checkCount } from "./quotas.ts";
import { newTags } from "./tags.ts";
import { uniqueId } from "./unique-id.ts";

export async function createUser(input: Validated<CreateUserRequest>, context: Context): Promise<CreateUserResponse> {
  const user: User = {
    account: context.account,
    name: input.UserName,
    path: input.Path ?? "/",
    id: uniqueId("AIDA", context.ids),
    createdMs: context.clock.now(),
    policies: {},
    tags: newTags(input.Tags),
    ...(input.PermissionsBoundary !== undefined && { boundaryArn: input.PermissionsBoundary }),
  };
  await context.store.commit(async (unit) => {
    const key = identityKey(user.account, user.name);
    if (await unit.get(USERS, key)) throw alreadyExists(`User with name ${user.name} already exists.`);
    await checkCount(unit, context, USERS, { limit: "iam.users", quota: "UsersPerAccount" });
    if (user.boundaryArn !== undefined) await checkBoundary(unit, user.account, user.boundaryArn);
    unit.put(USERS, key, user);
    setBoundary(unit, "user", user, undefined, user.boundaryArn);
  });
  return { User: showUser(user) };
}

/** Without a name: the user who asks. An account's root is told of itself. */
export async function getUser(input: Validated<GetUserRequest>, context: Context): Promise<GetUserResponse> {
  const name = input.UserName ?? (await callingUserName(context));
  if (name === undefined) return { User: showRoot(context) };
  return { User: showUser(await getIdentity(context.store, "user", context, name)) };
}

function showRoot({ account, clock }: Context): ShownUser {
  return {
    Path: "/",
    UserName: "root",
    UserId: account,
    Arn: `arn:aws:iam::${account}:root`,
    CreateDate: new Date(clock.now()),
  };
}

/** As the real service does, without tags and boundaries. */
export async function listUsers(input: Validated<ListUsersRequest>, context: Context): Promise<ListUsersResponse> {
  const { account } = context;
  const { PathPrefix: prefix = "/" } = input;
  const listing = {
    collection: USERS,
    under: [account],
    nameOf: ({ name }: User) => name.toLowerCase(),
    keep: ({ path }: User) => path.startsWith(prefix),
  };
  const page = await listMarked(context.store, listing, input, [account, "ListUsers", prefix]);
  return {
    Users: page.items.map((user) => {
      const { Tags: _, PermissionsBoundary: __, ...shown } = showUser(user);
      return shown;
    }),
    ...more(page),
  };
}

/** Gives a user another name or path. Its keys, groups and policies stay with it. */
export async function updateUser(input: Validated<UpdateUserRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const user = await getIdentity(unit, "user", context, input.UserName);
    const renamed = { ...user, name: input.NewUserName ?? user.name, path: input.NewPath ?? user.path };
    const { account } = user;
    const before = identityKey(account, user.name);
    const after = identityKey(account, renamed.name);
    if (before !== after && (await unit.get(USERS, after))) {
      throw alreadyExists(`User with name ${renamed.name} already exists.`);
    }
    const keys = await accessKeysOf(unit, user);
    const attachments: Attachment[] = [...(await attachmentsOf(unit, "user", user))];
    const { boundaryArn } = user;
    if (boundaryArn !== undefined) {
      attachments.push({
        account,
        kind: "user",
        name: user.name,
        policyArn: boundaryArn,
        usage: "PermissionsBoundary",
      });
    }
    const memberships = await membershipsOf(unit, account, user.name);
    unit.delete(USERS, before);
    unit.put(USERS, after, renamed);
    for (const key of keys) unit.put(ACCESS_KEYS, key.accessKeyId, { ...key, userName: renamed.name });
    for (const attachment of attachments) {
      const moved = { ...attachment, name: renamed.name };
      unit.delete(ATTACHMENTS, attachmentKey(attachment));
      unit.put(ATTACHMENTS, attachmentKey(moved), moved);
    }
    for (const membership of memberships) {
      const moved = { ...membership, userName: renamed.name };
      unit.delete(MEMBERSHIPS, membershipKey(membership));
      unit.put(MEMBERSHIPS, membershipKey(moved), moved);
    }
  });
}

export async function deleteUser(input: Validated<DeleteUserRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const user = await getIdentity(unit, "user", context, input.UserName);
    if ((await accessKeysOf(unit, user)).length > 0) {
      throw deleteConflict("Cannot delete entity, must delete access keys first.");
    }
    if ((await attachmentsOf(unit, "user", user)).length > 0) {
      throw deleteConflict("Cannot delete entity, must detach all policies first.");
    }
    if (Object.keys(user.policies).length > 0)
      throw deleteConflict("Cannot delete entity, must delete policies first.");
    if ((await membershipsOf(unit, user.account, user.name)).length > 0) {
      throw deleteConflict("Cannot delete entity, must remove users from group first.");
    }
    setBoundary(unit, "user", user, user.boundaryArn, undefined);
    unit.delete(USERS, identityKey(user.account, user.name));
  });
}

export function showUser(user: User): ShownUser {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: identityArn("user", user),
    CreateDate: new Date(user.createdMs),
    ...boundaryOf(user),
    ...(user.tags.length > 0 && { Tags: [...user.tags] }),
  };
}
