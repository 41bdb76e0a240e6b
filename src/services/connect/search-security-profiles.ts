import type {
  SearchSecurityProfilesRequest,
  SearchSecurityProfilesResponse,
  SecurityProfileSearchCriteria,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { resourceArn } from "./arns.ts";
import { getInstance } from "./instances.ts";
import { criteriaMatch, searchResources, stringLeaf, tagMatch } from "./search.ts";
import { type SecurityProfile, securityProfiles } from "./security-profiles.ts";

/** Searches security profiles. The documentation names no fields: these are those of other resources (our choice). */
export async function searchSecurityProfiles(
  input: Validated<SearchSecurityProfilesRequest>,
  context: Context,
): Promise<SearchSecurityProfilesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, securityProfiles, instance, {
    operation: "SearchSecurityProfiles",
    input,
    match: [
      criteriaMatch<SecurityProfile, SecurityProfileSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          name: (profile) => profile.name,
          description: (profile) => profile.description,
          resourceID: (profile) => profile.id,
        }),
      }),
      tagMatch(input.SearchFilter?.TagFilter),
    ],
  });
  return {
    SecurityProfiles: page.items.map((profile) => ({
      Id: profile.id,
      OrganizationResourceId: profile.instanceId,
      Arn: resourceArn("securityProfile", profile, profile.id),
      SecurityProfileName: profile.name,
      Description: profile.description,
      Tags: { ...profile.tags },
    })),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}
