import type {
  GetSimilarProfilesRequest,
  GetSimilarProfilesResponse,
  ListRuleBasedMatchesRequest,
  ListRuleBasedMatchesResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { listPage, slicePage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { badRequest, invalidNextToken, notFound } from "../errors.ts";
import { searchProfiles } from "../search-profiles.ts";
import { matches, matchOfProfile, profilesOfMatch } from "./match-profiles.ts";

const PAGE_SIZE = 100;

/** The profiles that match the one that a key names, by the surest of the domain's rules. */
export async function getSimilarProfiles(
  input: Validated<GetSimilarProfilesRequest>,
  context: Context,
): Promise<GetSimilarProfilesResponse> {
  const { DomainName, SearchKey, SearchValue, MatchType } = input;
  if (MatchType !== "RULE_BASED_MATCHING") throw badRequest("MatchType: matching by machine learning is not built");
  const domain = await getDomain(context.store, context, DomainName);
  const searched = { DomainName, KeyName: SearchKey, Values: [SearchValue], MaxResults: 2 };
  const [found, ...others] = (await searchProfiles(searched, context)).Items ?? [];
  if (!found?.ProfileId) throw notFound(`No profile has the key ${SearchKey} with this value`);
  if (others.length > 0) throw badRequest("SearchValue: more than one profile has it");
  const match = await matchOfProfile(context.store, { uid: domain.uid, id: found.ProfileId });
  if (!match) return { ProfileIds: [], MatchType };
  const page = slicePage(await profilesOfMatch(context.store, match), (id) => id, {
    of: ["GetSimilarProfiles", domain.uid, SearchKey, SearchValue],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    ProfileIds: [...page.items],
    MatchId: match.id,
    MatchType,
    RuleLevel: match.level,
    NextToken: page.nextToken,
  };
}

/** The ids of all groups of profiles that match. */
export async function listRuleBasedMatches(
  input: Validated<ListRuleBasedMatchesRequest>,
  context: Context,
): Promise<ListRuleBasedMatchesResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    { collection: matches, under: [domain.uid], nameOf: ({ id }) => id },
    {
      of: ["ListRuleBasedMatches", domain.uid],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { MatchIds: page.items.map(({ id }) => id), NextToken: page.nextToken };
}
