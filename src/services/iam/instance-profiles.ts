import type {
  AddRoleToInstanceProfileRequest,
  CreateInstanceProfileRequest,
  CreateInstanceProfileResponse,
  DeleteInstanceProfileRequest,
  GetInstanceProfileRequest,
  GetInstanceProfileResponse,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  ListInstanceProfilesRequest,
  ListInstanceProfilesResponse,
  RemoveRoleFromInstanceProfileRequest,
  InstanceProfile as ShownProfile,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from "./errors.ts";
import { getIdentity, identityKey, ROLES } from "./identity.ts";
import { INSTANCE_PROFILES, type InstanceProfile, profilesOf } from "./instance-profile.ts";
import { listMarked, more, sliceMarked } from "./listed.ts";
import { checkCount } from "./quotas.ts";
import { assertModifiable, showRole } from "./roles.ts";
import { newTags } from "./tags.ts";
import { uniqueId } from "./unique-id.ts";

export async function createInstanceProfile(
  input: Validated<CreateInstanceProfileRequest>,
  context: Context,
): Promise<CreateInstanceProfileResponse> {
  const profile: InstanceProfile = {
    account: context.account,
    name: input.InstanceProfileName,
    path: input.Path ?? "/",
    id: uniqueId("AIPA", context.ids),
    createdMs: context.clock.now(),
    tags: newTags(input.Tags),
  };
  await context.store.commit(async (unit) => {
    const key = identityKey(profile.account, profile.name);
    if (await unit.get(INSTANCE_PROFILES, key)) {
      throw alreadyExists(`Instance Profile ${profile.name} already exists.`);
    }
    const quota = { limit: "iam.instance-profiles", quota: "InstanceProfilesPerAccount" };
    await checkCount(unit, context, INSTANCE_PROFILES, quota);
    unit.put(INSTANCE_PROFILES, key, profile);
  });
  return { InstanceProfile: await show(context.store, profile) };
}

export async function getInstanceProfile(
  input: Validated<GetInstanceProfileRequest>,
  context: Context,
): Promise<GetInstanceProfileResponse> {
  const profile = await getProfile(context.store, context, input.InstanceProfileName);
  return { InstanceProfile: await show(context.store, profile) };
}

export async function listInstanceProfiles(
  input: Validated<ListInstanceProfilesRequest>,
  context: Context,
): Promise<ListInstanceProfilesResponse> {
  const { account, store } = context;
  const { PathPrefix: prefix = "/" } = input;
  const listing = {
    collection: INSTANCE_PROFILES,
    under: [account],
    nameOf: ({ name }: InstanceProfile) => name.toLowerCase(),
    keep: ({ path }: InstanceProfile) => path.startsWith(prefix),
  };
  const page = await listMarked(store, listing, input, [account, "ListInstanceProfiles", prefix]);
  return { InstanceProfiles: await Promise.all(page.items.map((profile) => show(store, profile))), ...more(page) };
}

/** As many as an account may have. */
const PROFILES_READ = 1000;

export async function listInstanceProfilesForRole(
  input: Validated<ListInstanceProfilesForRoleRequest>,
  context: Context,
): Promise<ListInstanceProfilesForRoleResponse> {
  const { account, store } = context;
  const role = await getIdentity(store, "role", context, input.RoleName);
  const profiles = await profilesOf(store, role, { limit: PROFILES_READ });
  const of = [account, "ListInstanceProfilesForRole", role.name];
  const page = sliceMarked(profiles, ({ name }) => name.toLowerCase(), input, of);
  return { InstanceProfiles: await Promise.all(page.items.map((profile) => show(store, profile))), ...more(page) };
}

export async function addRoleToInstanceProfile(
  input: Validated<AddRoleToInstanceProfileRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const profile = await getProfile(unit, context, input.InstanceProfileName);
    const role = await getIdentity(unit, "role", context, input.RoleName);
    assertModifiable(role);
    if (profile.roleName !== undefined)
      throw limitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    unit.put(INSTANCE_PROFILES, identityKey(profile.account, profile.name), { ...profile, roleName: role.name });
    // Who deletes the role at the same time must not miss it.
    unit.put(ROLES, identityKey(role.account, role.name), role);
  });
}

export async function removeRoleFromInstanceProfile(
  input: Validated<RemoveRoleFromInstanceProfileRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const profile = await getProfile(unit, context, input.InstanceProfileName);
    const { roleName, ...rest } = profile;
    if (roleName?.toLowerCase() !== input.RoleName.toLowerCase()) {
      throw noSuchEntity(`Role ${input.RoleName} in instance profile ${profile.name} cannot be found.`);
    }
    unit.put(INSTANCE_PROFILES, identityKey(profile.account, profile.name), rest);
  });
}

export async function deleteInstanceProfile(
  input: Validated<DeleteInstanceProfileRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const profile = await getProfile(unit, context, input.InstanceProfileName);
    if (profile.roleName !== undefined) {
      throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
    }
    unit.delete(INSTANCE_PROFILES, identityKey(profile.account, profile.name));
  });
}

export async function getProfile(
  reader: Reader,
  { account }: Pick<Context, "account">,
  name: string,
): Promise<InstanceProfile> {
  const profile = await reader.get(INSTANCE_PROFILES, identityKey(account, name));
  if (profile === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

async function show(reader: Reader, profile: InstanceProfile): Promise<ShownProfile> {
  const { account, name, path, id, createdMs, roleName, tags } = profile;
  const role = roleName === undefined ? undefined : await reader.get(ROLES, identityKey(account, roleName));
  return {
    Path: path,
    InstanceProfileName: name,
    InstanceProfileId: id,
    Arn: `arn:aws:iam::${account}:instance-profile${path}${name}`,
    CreateDate: new Date(createdMs),
    Roles: role === undefined ? [] : [showRole(role)],
    ...(tags.length > 0 && { Tags: [...tags] }),
  };
}
