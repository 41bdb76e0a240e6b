/** The security profiles of one user, added, taken away and listed one by one. AI agents, which could have some too, are not built. */
import type {
  AssociateSecurityProfilesRequest,
  DisassociateSecurityProfilesRequest,
  EntityType,
  ListEntitySecurityProfilesRequest,
  ListEntitySecurityProfilesResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { parseResourceId } from "./arns.ts";
import { invalidNextToken, invalidParameter, invalidRequest } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { useSecurityProfiles } from "./security-profiles.ts";
import { changeUser } from "./update-user.ts";
import { getUser } from "./users.ts";

/** What CreateUser allows. */
const PROFILES_MAX = 10;

/** Adds profiles to a user. Those that they have already stay. */
export async function associateSecurityProfiles(
  input: Validated<AssociateSecurityProfilesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeUser(userOf(input), context, async ({ unit, instance, user }) => {
    const added = await useSecurityProfiles(unit, instance, idsOf(input));
    const securityProfileIds = [...new Set([...user.securityProfileIds, ...added])];
    if (securityProfileIds.length > PROFILES_MAX) {
      throw invalidParameter(`A user may have at most ${PROFILES_MAX} security profiles`);
    }
    return { securityProfileIds };
  });
}

/** Takes profiles away. Those that the user does not have are ignored; one must be left (our choice). */
export async function disassociateSecurityProfiles(
  input: Validated<DisassociateSecurityProfilesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeUser(userOf(input), context, async ({ instance, user }) => {
    const removed = idsOf(input).map((id) => parseResourceId("securityProfile", instance, id));
    const securityProfileIds = user.securityProfileIds.filter((id) => !removed.includes(id));
    if (securityProfileIds.length === 0) throw invalidRequest("A user must have a security profile");
    return { securityProfileIds };
  });
}

export async function listEntitySecurityProfiles(
  input: Validated<ListEntitySecurityProfilesRequest>,
  context: Context,
): Promise<ListEntitySecurityProfilesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const user = await getUser(context.store, instance, userOf(input).UserId);
  const page = slicePage([...user.securityProfileIds].sort(), (id) => id, {
    of: ["ListEntitySecurityProfiles", resourceKey(user)],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { SecurityProfiles: page.items.map((Id) => ({ Id })), NextToken: page.nextToken };
}

function userOf(input: { readonly InstanceId: string; readonly EntityType: EntityType; readonly EntityArn: string }) {
  if (input.EntityType !== "USER") throw invalidParameter("AI agents are not built in this version of Trunkline");
  return { InstanceId: input.InstanceId, UserId: input.EntityArn };
}

function idsOf(input: Validated<AssociateSecurityProfilesRequest>): string[] {
  return input.SecurityProfiles.map(({ Id = "" }) => Id);
}
