import type {
  AIAgent,
  Application,
  CreateSecurityProfileRequest,
  CreateSecurityProfileResponse,
  DeleteSecurityProfileRequest,
  DescribeSecurityProfileRequest,
  DescribeSecurityProfileResponse,
  FlowModule,
  GranularAccessControlConfiguration,
  ListSecurityProfilesRequest,
  ListSecurityProfilesResponse,
  UpdateSecurityProfileRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { getContactFlowModule } from "./contact-flow-modules.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { quotaReached } from "./quotas.ts";
import { findAll } from "./search.ts";
import { getHierarchyGroup } from "./user-hierarchy.ts";
import { type User, users } from "./users.ts";

/**
 * What people who sign in to the console of the instance may do. Calls of the API are not held to it, in the real service too:
 * they have policies.
 */
export interface SecurityProfile extends InstanceResource {
  /** Names of permissions as the console's security profiles have them, each once. */
  readonly permissions: readonly string[];
  readonly access?: AccessControl | undefined;
  readonly applications?: readonly Validated<Application>[] | undefined;
  readonly flowModules?: readonly Validated<FlowModule>[] | undefined;
  readonly aiAgents?: readonly Validated<AIAgent>[] | undefined;
}

/** Which resources of the instance the profile's users may see. */
interface AccessControl {
  readonly AllowedAccessControlTags?: Record<string, string> | undefined;
  readonly TagRestrictedResources?: string[] | undefined;
  readonly HierarchyRestrictedResources?: string[] | undefined;
  readonly AllowedAccessControlHierarchyGroupId?: string | undefined;
  readonly GranularAccessControlConfiguration?: Validated<GranularAccessControlConfiguration> | undefined;
}

export const securityProfiles: Collection<SecurityProfile> = instanceResources("connect_security_profiles");

export async function createSecurityProfile(
  input: Validated<CreateSecurityProfileRequest>,
  context: Context,
): Promise<CreateSecurityProfileResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const counted = { collection: securityProfiles, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.security-profiles-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of security profiles per instance is used up");
    }
    const profile: SecurityProfile = {
      ...refOf(instance),
      id,
      name: input.SecurityProfileName,
      tags: input.Tags ?? {},
      permissions: [],
      ...(await allowedBy(unit, instance, input)),
      lastModifiedMs: context.clock.now(),
    };
    unit.put(securityProfiles, resourceKey(profile), profile);
    return { SecurityProfileId: id, SecurityProfileArn: resourceArn("securityProfile", instance, id) };
  });
  return refusingDuplicateName(input.SecurityProfileName, commit);
}

export async function describeSecurityProfile(
  input: Validated<DescribeSecurityProfileRequest>,
  context: Context,
): Promise<DescribeSecurityProfileResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const profile = await getSecurityProfile(context.store, instance, input.SecurityProfileId);
  return {
    SecurityProfile: {
      Id: profile.id,
      OrganizationResourceId: profile.instanceId,
      Arn: resourceArn("securityProfile", profile, profile.id),
      SecurityProfileName: profile.name,
      Description: profile.description,
      Tags: { ...profile.tags },
      ...profile.access,
      LastModifiedTime: new Date(profile.lastModifiedMs),
      LastModifiedRegion: profile.region,
    },
  };
}

export async function listSecurityProfiles(
  input: Validated<ListSecurityProfilesRequest>,
  context: Context,
): Promise<ListSecurityProfilesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, securityProfiles, instance, {
    operation: "ListSecurityProfiles",
    input,
  });
  return {
    SecurityProfileSummaryList: page.items.map((profile) => ({
      Id: profile.id,
      Arn: resourceArn("securityProfile", profile, profile.id),
      Name: profile.name,
      LastModifiedTime: new Date(profile.lastModifiedMs),
      LastModifiedRegion: profile.region,
    })),
    NextToken: page.nextToken,
  };
}

/** Replaces what is given and leaves the rest. */
export async function updateSecurityProfile(
  input: Validated<UpdateSecurityProfileRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const profile = await getSecurityProfile(unit, instance, input.SecurityProfileId);
    const allowed = await allowedBy(unit, instance, input);
    unit.put(securityProfiles, resourceKey(profile), {
      ...profile,
      ...allowed,
      access: { ...profile.access, ...allowed.access },
      lastModifiedMs: context.clock.now(),
    });
  });
  return {};
}

/** Deletes a security profile that no user has. */
export async function deleteSecurityProfile(
  input: Validated<DeleteSecurityProfileRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const profile = await getSecurityProfile(unit, instance, input.SecurityProfileId);
    const havingIt = (user: User) => user.securityProfileIds.includes(profile.id);
    const [user] = await findAll(unit, users, instanceKey(instance, ""), [havingIt]);
    if (user) {
      // The model's list of resource types has none for security profiles.
      throw new ModeledError(
        "ResourceInUseException",
        `Security profile ${profile.id} is in use by user ${user.name}`,
        {
          ResourceId: profile.id,
        },
      );
    }
    unit.delete(securityProfiles, resourceKey(profile));
  });
  return {};
}

/** A security profile of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getSecurityProfile(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<SecurityProfile> {
  return getResource(reader, securityProfiles, "securityProfile", instance, idOrArn);
}

/**
 * The ids of the security profiles that a user is to have, each once. Writes the profiles as well, since whether one may be deleted
 * rests on who has it.
 */
export async function useSecurityProfiles(
  unit: Unit,
  instance: InstanceRef,
  idsOrArns: readonly string[],
): Promise<string[]> {
  const ids = new Set<string>();
  for (const idOrArn of idsOrArns) {
    const profile = await getSecurityProfile(unit, instance, idOrArn);
    unit.put(securityProfiles, resourceKey(profile), profile);
    ids.add(profile.id);
  }
  return [...ids];
}

/** What a request says that a profile allows: only the members that are given. */
async function allowedBy(
  reader: Reader,
  instance: InstanceRef,
  input: Validated<UpdateSecurityProfileRequest | CreateSecurityProfileRequest>,
): Promise<Partial<SecurityProfile>> {
  const groupId = input.AllowedAccessControlHierarchyGroupId;
  const group = groupId === undefined ? undefined : await getHierarchyGroup(reader, instance, groupId);
  for (const { FlowModuleId } of input.AllowedFlowModules ?? []) {
    await getContactFlowModule(reader, instance, FlowModuleId ?? "");
  }
  const access: AccessControl = {
    AllowedAccessControlTags: input.AllowedAccessControlTags,
    TagRestrictedResources: input.TagRestrictedResources,
    HierarchyRestrictedResources: input.HierarchyRestrictedResources,
    AllowedAccessControlHierarchyGroupId: group?.id,
    GranularAccessControlConfiguration: input.GranularAccessControlConfiguration,
  };
  return given({
    description: input.Description,
    permissions: input.Permissions && [...new Set(input.Permissions)],
    applications: input.Applications,
    flowModules: input.AllowedFlowModules,
    aiAgents: input.AllowedAIAgents,
    access: given(access),
  });
}

function given<T extends object>(members: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as typeof members;
}
