import type {
  AddUserToGroupRequest,
  CreateGroupRequest,
  CreateGroupResponse,
  DeleteGroupRequest,
  GetGroupRequest,
  GetGroupResponse,
  ListGroupsForUserRequest,
  ListGroupsForUserResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  RemoveUserFromGroupRequest,
  Group as ShownGroup,
  UpdateGroupRequest,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { listBehind } from "../list-page.ts";
import type { Context } from "../service.ts";
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from "./errors.ts";
import { GROUPS, type Group, getIdentity, identityArn, identityKey, USERS } from "./identity.ts";
import { listMarked, more, sliceMarked } from "./listed.ts";
import { ATTACHMENTS, attachmentKey, attachmentsOf } from "./managed-policy.ts";
import { groupsOf, MEMBERSHIPS, type Membership, membershipKey } from "./membership.ts";
import { checkCount, GROUPS_PER_USER } from "./quotas.ts";
import { uniqueId } from "./unique-id.ts";
import { showUser } from "./users.ts";

export async function createGroup(
  input: Validated<CreateGroupRequest>,
  context: Context,
): Promise<CreateGroupResponse> {
  const group: Group = {
    account: context.account,
    name: input.GroupName,
    path: input.Path ?? "/",
    id: uniqueId("AGPA", context.ids),
    createdMs: context.clock.now(),
    policies: {},
    tags: [],
  };
  await context.store.commit(async (unit) => {
    const key = identityKey(group.account, group.name);
    if (await unit.get(GROUPS, key)) throw alreadyExists(`Group with name ${group.name} already exists.`);
    await checkCount(unit, context, GROUPS, { limit: "iam.groups", quota: "GroupsPerAccount" });
    unit.put(GROUPS, key, group);
  });
  return { Group: showGroup(group) };
}

/** A group with its members. */
export async function getGroup(input: Validated<GetGroupRequest>, context: Context): Promise<GetGroupResponse> {
  const group = await getIdentity(context.store, "group", context, input.GroupName);
  const listing = {
    collection: MEMBERSHIPS,
    under: [group.account, group.name.toLowerCase()],
    nameOf: ({ userName }: Membership) => userName.toLowerCase(),
  };
  const page = await listMarked(context.store, listing, input, [group.account, "GetGroup", group.name]);
  const users = await Promise.all(
    page.items.map(({ account, userName }) => context.store.get(USERS, identityKey(account, userName))),
  );
  return {
    Group: showGroup(group),
    Users: users.filter((user) => user !== undefined).map(showUser),
    ...more(page),
  };
}

export async function listGroups(input: Validated<ListGroupsRequest>, context: Context): Promise<ListGroupsResponse> {
  const { account } = context;
  const { PathPrefix: prefix = "/" } = input;
  const listing = {
    collection: GROUPS,
    under: [account],
    nameOf: ({ name }: Group) => name.toLowerCase(),
    keep: ({ path }: Group) => path.startsWith(prefix),
  };
  const page = await listMarked(context.store, listing, input, [account, "ListGroups", prefix]);
  return { Groups: page.items.map(showGroup), ...more(page) };
}

export async function listGroupsForUser(
  input: Validated<ListGroupsForUserRequest>,
  context: Context,
): Promise<ListGroupsForUserResponse> {
  const user = await getIdentity(context.store, "user", context, input.UserName);
  const groups = await groupsOf(context.store, user.account, user.name);
  const nameOf = ({ name }: Group): string => name.toLowerCase();
  const page = sliceMarked(groups, nameOf, input, [user.account, "ListGroupsForUser", user.name]);
  return { Groups: page.items.map(showGroup), ...more(page) };
}

export async function addUserToGroup(input: Validated<AddUserToGroupRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getIdentity(unit, "group", context, input.GroupName);
    const user = await getIdentity(unit, "user", context, input.UserName);
    const membership = { account: group.account, groupName: group.name, userName: user.name };
    const groups = await groupsOf(unit, user.account, user.name);
    if (groups.some(({ name }) => name === group.name)) return;
    if (groups.length >= GROUPS_PER_USER)
      throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${GROUPS_PER_USER}`);
    unit.put(MEMBERSHIPS, membershipKey(membership), membership);
    // Who deletes one of them at the same time must not miss it.
    unit.put(GROUPS, identityKey(group.account, group.name), group);
    unit.put(USERS, identityKey(user.account, user.name), user);
  });
}

export async function removeUserFromGroup(
  input: Validated<RemoveUserFromGroupRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getIdentity(unit, "group", context, input.GroupName);
    const user = await getIdentity(unit, "user", context, input.UserName);
    const key = membershipKey({ account: group.account, groupName: group.name, userName: user.name });
    if ((await unit.get(MEMBERSHIPS, key)) === undefined) {
      throw noSuchEntity(`The user with name ${user.name} is not in the group ${group.name}.`);
    }
    unit.delete(MEMBERSHIPS, key);
  });
}

/** Gives a group another name or path. Its members and policies stay with it. */
export async function updateGroup(input: Validated<UpdateGroupRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getIdentity(unit, "group", context, input.GroupName);
    const renamed = { ...group, name: input.NewGroupName ?? group.name, path: input.NewPath ?? group.path };
    const before = identityKey(group.account, group.name);
    const after = identityKey(group.account, renamed.name);
    if (before !== after && (await unit.get(GROUPS, after))) {
      throw alreadyExists(`Group with name ${renamed.name} already exists.`);
    }
    const attachments = await attachmentsOf(unit, "group", group);
    const members = await membersOf(unit, group);
    unit.delete(GROUPS, before);
    unit.put(GROUPS, after, renamed);
    for (const attachment of attachments) {
      const moved = { ...attachment, name: renamed.name };
      unit.delete(ATTACHMENTS, attachmentKey(attachment));
      unit.put(ATTACHMENTS, attachmentKey(moved), moved);
    }
    for (const membership of members) {
      const moved = { ...membership, groupName: renamed.name };
      unit.delete(MEMBERSHIPS, membershipKey(membership));
      unit.put(MEMBERSHIPS, membershipKey(moved), moved);
    }
  });
}

export async function deleteGroup(input: Validated<DeleteGroupRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getIdentity(unit, "group", context, input.GroupName);
    if (await hasMembers(unit, group))
      throw deleteConflict("Cannot delete entity, must remove users from group first.");
    if ((await attachmentsOf(unit, "group", group)).length > 0) {
      throw deleteConflict("Cannot delete entity, must detach all policies first.");
    }
    if (Object.keys(group.policies).length > 0)
      throw deleteConflict("Cannot delete entity, must delete policies first.");
    unit.delete(GROUPS, identityKey(group.account, group.name));
  });
}

async function hasMembers(unit: Unit, { account, name }: Group): Promise<boolean> {
  const prefix = compositeKey(account, name.toLowerCase(), "");
  return (await unit.list(MEMBERSHIPS, { prefix, limit: 1 })).documents.length > 0;
}

/** As many as an account may have users. */
const MEMBERS_MAX = 5000;

async function membersOf(reader: Reader, { account, name }: Group): Promise<readonly Membership[]> {
  const listing = {
    collection: MEMBERSHIPS,
    under: [account, name.toLowerCase()],
    nameOf: ({ userName }: Membership) => userName.toLowerCase(),
  };
  return listBehind(reader, listing, undefined, MEMBERS_MAX);
}

function showGroup(group: Group): ShownGroup {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: identityArn("group", group),
    CreateDate: new Date(group.createdMs),
  };
}
