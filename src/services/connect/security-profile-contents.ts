import type {
  ListSecurityProfileAIAgentsRequest,
  ListSecurityProfileAIAgentsResponse,
  ListSecurityProfileApplicationsRequest,
  ListSecurityProfileApplicationsResponse,
  ListSecurityProfileFlowModulesRequest,
  ListSecurityProfileFlowModulesResponse,
  ListSecurityProfilePermissionsRequest,
  ListSecurityProfilePermissionsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { invalidNextToken } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getSecurityProfile, type SecurityProfile } from "./security-profiles.ts";

export async function listSecurityProfilePermissions(
  input: Validated<ListSecurityProfilePermissionsRequest>,
  context: Context,
): Promise<ListSecurityProfilePermissionsResponse> {
  const { items, ...page } = await listContents("Permissions", input, context, ({ permissions }) => permissions);
  return { ...page, Permissions: items };
}

export async function listSecurityProfileApplications(
  input: Validated<ListSecurityProfileApplicationsRequest>,
  context: Context,
): Promise<ListSecurityProfileApplicationsResponse> {
  const { items, ...page } = await listContents("Applications", input, context, ({ applications }) => applications);
  return { ...page, Applications: items };
}

export async function listSecurityProfileFlowModules(
  input: Validated<ListSecurityProfileFlowModulesRequest>,
  context: Context,
): Promise<ListSecurityProfileFlowModulesResponse> {
  const { items, ...page } = await listContents("FlowModules", input, context, ({ flowModules }) => flowModules);
  return { ...page, AllowedFlowModules: items };
}

export async function listSecurityProfileAIAgents(
  input: Validated<ListSecurityProfileAIAgentsRequest>,
  context: Context,
): Promise<ListSecurityProfileAIAgentsResponse> {
  const { items, ...page } = await listContents("AIAgents", input, context, ({ aiAgents }) => aiAgents);
  return { ...page, AllowedAIAgents: items };
}

/** A page of one of a profile's lists, in the order in which they were given. */
async function listContents<T>(
  what: string,
  input: Validated<ListSecurityProfilePermissionsRequest>,
  context: Context,
  contentsOf: (profile: SecurityProfile) => readonly T[] | undefined,
): Promise<{ items: T[]; NextToken?: string | undefined; LastModifiedTime: Date; LastModifiedRegion: string }> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const profile = await getSecurityProfile(context.store, instance, input.SecurityProfileId);
  const places = (contentsOf(profile) ?? []).map((item, place) => ({ item, place }));
  const page = slicePage(places, ({ place }) => String(place).padStart(3, "0"), {
    of: ["ListSecurityProfile", what, resourceKey(profile)],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    items: page.items.map(({ item }) => item),
    NextToken: page.nextToken,
    LastModifiedTime: new Date(profile.lastModifiedMs),
    LastModifiedRegion: profile.region,
  };
}
