/** What the APIs do not tell of profiles: which there are, what they are found by, and who wrote what. */
import type { Profile } from "@aws-sdk/client-customer-profiles";
import { atPlace, decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { getDomain } from "./domain.ts";
import { type ObjectCounts, objectCounts } from "./domain-stats.ts";
import { invalidNextToken } from "./errors.ts";
import { getProfile } from "./get-profile.ts";
import { apiProfile } from "./profile-fields.ts";
import { type KeyGiver, someKeysOfProfile } from "./profile-keys.ts";
import { MANUAL, newestProfiles, type StoredProfile } from "./stored-profile.ts";

export interface ShownProfiles {
  readonly profiles: readonly SummedProfile[];
  readonly nextToken?: string | undefined;
}

interface SummedProfile {
  readonly profile: Profile;
  /** How many objects it has, by their types. */
  readonly objects: ObjectCounts;
  readonly created: string;
  readonly updated: string;
}

/** The profiles of a domain, those that changed on the newest days first. */
export async function listShownProfiles(
  context: Context,
  domainName: string,
  { token, limit }: { readonly token?: string | undefined; readonly limit: number },
): Promise<ShownProfiles> {
  const { store, clock } = context;
  const domain = await getDomain(store, context, domainName);
  const of = ["profiles", domain.uid];
  const start = token === undefined ? undefined : decodePageToken(of, token);
  if (token !== undefined && start === undefined) throw invalidNextToken();
  const nowMs = clock.now();
  const profiles: SummedProfile[] = [];
  let after = start;
  do {
    const page = await atPlace(
      () => newestProfiles(store, domain, { limit: limit - profiles.length, after }),
      invalidNextToken,
    );
    profiles.push(...page.documents.filter(({ expiresMs }) => expiresMs > nowMs).map(summed));
    after = page.next;
  } while (after !== undefined && profiles.length < limit);
  return { profiles, nextToken: after === undefined ? undefined : encodePageToken(of, after) };
}

export interface ShownProfile extends SummedProfile {
  readonly expires: string;
  /** Those that it is found by, with who gave them. */
  readonly keys: readonly {
    readonly name: string;
    readonly parts: readonly string[];
    readonly givenBy: readonly KeyGiver[];
  }[];
  /** There are more than these. */
  readonly moreKeys: boolean;
  /** Who wrote a field last: an object type, or somebody by hand. */
  readonly writers: Readonly<Record<string, { readonly by: string; readonly time: string }>>;
}

const KEYS_SHOWN = 500;

/** Throws `ResourceNotFoundException` for a domain or a profile that is not there. */
export async function showProfile(context: Context, domainName: string, id: string): Promise<ShownProfile> {
  const { store, clock } = context;
  const domain = await getDomain(store, context, domainName);
  const profile = await getProfile(store, domain, id, clock.now());
  const { keys, more } = await someKeysOfProfile(store, profile, KEYS_SHOWN);
  return {
    ...summed(profile),
    expires: time(profile.expiresMs),
    keys: keys.map(({ name, parts, givenBy }) => ({ name, parts, givenBy })),
    moreKeys: more,
    writers: Object.fromEntries(
      Object.entries(profile.writers).map(([leaf, [type, timeMs]]) => [
        leaf,
        { by: type === MANUAL ? "by hand" : type, time: time(timeMs) },
      ]),
    ),
  };
}

/** How many objects of each type a domain has; `undefined` where its first ones were not counted so. */
export async function countObjectTypes(context: Context, domainName: string): Promise<ObjectCounts | undefined> {
  return objectCounts(context.store, await getDomain(context.store, context, domainName));
}

/** As lists show it. */
export function summed({ id, fields, objects, createdMs, updatedMs }: StoredProfile): SummedProfile {
  return { profile: apiProfile(id, fields), objects, created: time(createdMs), updated: time(updatedMs) };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
