import type { Profile } from "@aws-sdk/client-customer-profiles";
import { atPlace, decodePageToken, encodePageToken } from "../../page-token.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { invalidNextToken } from "../errors.ts";
import { apiProfile } from "../profile-fields.ts";
import { segmentChain } from "./segment-chains.ts";
import { scanProfiles } from "./segment-scan.ts";

export interface SegmentMembers {
  readonly members: readonly Profile[];
  /** How many profiles were looked at for this page. */
  readonly looked: number;
  /** There are more profiles, and so maybe more members. */
  readonly nextToken?: string | undefined;
}

/** Steps of 100 profiles that one page takes at most: where few belong, it has few. */
const STEPS_MAX = 10;

/** Who belongs to a segment at this moment, in the order of their ids. A page ends with enough members, or where it has looked at very many. */
export async function listSegmentMembers(
  context: Context,
  { domain: domainName, segment }: { readonly domain: string; readonly segment: string },
  { token, limit }: { readonly token?: string | undefined; readonly limit: number },
): Promise<SegmentMembers> {
  const { store } = context;
  const domain = await getDomain(store, context, domainName);
  const chain = await segmentChain(store, store, domain, segment);
  const of = ["members", domain.uid, segment];
  const start = token === undefined ? undefined : decodePageToken(of, token);
  if (token !== undefined && start === undefined) throw invalidNextToken();
  const members: Profile[] = [];
  let [after, looked] = [start, 0];
  for (let step = 0; step < STEPS_MAX && members.length < limit; step++) {
    const from = after === undefined ? "beginning" : { after };
    const { results, next } = await atPlace(
      () =>
        scanProfiles(store, context, domain, from, async (profile, memberships) =>
          (await memberships.isInChain(chain)) ? apiProfile(profile.id, profile.fields) : undefined,
        ),
      invalidNextToken,
    );
    looked += results.length;
    members.push(...results.filter((member) => member !== undefined));
    after = next === undefined || next === "beginning" ? undefined : next.after;
    if (after === undefined) break;
  }
  return { members, looked, nextToken: after === undefined ? undefined : encodePageToken(of, after) };
}
