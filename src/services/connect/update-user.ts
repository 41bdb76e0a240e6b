import type {
  UpdateUserConfigRequest,
  UpdateUserHierarchyRequest,
  UpdateUserIdentityInfoRequest,
  UpdateUserPhoneConfigRequest,
  UpdateUserRoutingProfileRequest,
  UpdateUserSecurityProfilesRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { refreshAgent } from "./agent-sessions.ts";
import { invalidRequest } from "./errors.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance, type Instance } from "./instances.ts";
import { useSecurityProfiles } from "./security-profiles.ts";
import { useHierarchyGroup } from "./user-hierarchy.ts";
import { requireIdentity } from "./user-identity.ts";
import { useRoutingProfile } from "./user-routing-profile.ts";
import { requireChannelConfigs, requirePhone, withoutSettingsIn } from "./user-settings.ts";
import { channelConfigsOf, getUser, type User, users } from "./users.ts";

/** Replaces the identity as a whole (our choice). An existing directory has its users' names and addresses itself. */
export async function updateUserIdentityInfo(
  input: Validated<UpdateUserIdentityInfoRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeUser(input, context, async ({ instance }) => {
    const { FirstName, LastName, Email } = input.IdentityInfo;
    if (instance.identityManagement === "EXISTING_DIRECTORY" && (FirstName ?? LastName ?? Email) !== undefined) {
      throw invalidRequest("FirstName, LastName and Email are managed by the directory");
    }
    requireIdentity(instance, input.IdentityInfo);
    return { identity: input.IdentityInfo };
  });
}

export async function updateUserRoutingProfile(
  input: Validated<UpdateUserRoutingProfileRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeUser(input, context, async ({ unit, instance }) => ({
    routingProfileId: await useRoutingProfile(unit, instance, input.RoutingProfileId),
  }));
}

export async function updateUserSecurityProfiles(
  input: Validated<UpdateUserSecurityProfilesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeUser(input, context, async ({ unit, instance }) => ({
    securityProfileIds: await useSecurityProfiles(unit, instance, input.SecurityProfileIds),
  }));
}

/** Puts a user into a group, or, without one, out of its group (our choice). */
export async function updateUserHierarchy(
  input: Validated<UpdateUserHierarchyRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeUser(input, context, async ({ unit, instance }) => {
    const groupId = input.HierarchyGroupId;
    const group = groupId === undefined ? undefined : await useHierarchyGroup(unit, instance, groupId);
    return { hierarchyGroupId: group?.id };
  });
}

/** Replaces the phone configuration as a whole, and all settings per channel that say the same (our choice). */
export async function updateUserPhoneConfig(
  input: Validated<UpdateUserPhoneConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  requirePhone(input.PhoneConfig);
  return changeUser(input, context, async () => ({
    phone: input.PhoneConfig,
    AutoAcceptConfigs: undefined,
    AfterContactWorkConfigs: undefined,
    PhoneNumberConfigs: undefined,
    PersistentConnectionConfigs: undefined,
  }));
}

/** Replaces the lists that are given, and what the phone configuration said of the same (our choice). */
export async function updateUserConfig(
  input: Validated<UpdateUserConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  requireChannelConfigs(input);
  const given = Object.entries(channelConfigsOf(input)).filter(([, list]) => list !== undefined);
  return changeUser(input, context, async ({ user }) => ({
    ...Object.fromEntries(given),
    phone: withoutSettingsIn(input, user.phone),
  }));
}

/** Changes a user, and says that it was changed now. */
export async function changeUser(
  input: { InstanceId: string; UserId: string },
  context: Context,
  change: (found: { unit: Unit; instance: Instance; user: User }) => Promise<Partial<User>>,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const user = await getUser(unit, instance, input.UserId);
    const changes = await change({ unit, instance, user });
    unit.put(users, resourceKey(user), { ...user, ...changes, lastModifiedMs: context.clock.now() });
    await refreshAgent(unit, context, instance, user.id);
  });
  return {};
}
