import { listPage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { invalidNextToken } from "../errors.ts";
import { matches, profilesOfMatch } from "./match-profiles.ts";

/** Profiles that match by the domain's rules. */
export interface ShownMatch {
  readonly id: string;
  /** The level of the rules at which they do, 1 being the surest. */
  readonly level: number;
  /** Ids of the first of them. */
  readonly profiles: readonly string[];
  /** Of all of them. */
  readonly count: number;
}

const PROFILES_SHOWN = 20;

/** The groups of profiles that match, in the order of their ids. */
export async function listMatches(
  context: Context,
  domainName: string,
  { token, limit }: { readonly token?: string | undefined; readonly limit: number },
): Promise<{ readonly matches: readonly ShownMatch[]; readonly nextToken?: string | undefined }> {
  const { store } = context;
  const domain = await getDomain(store, context, domainName);
  const page = await listPage(
    store,
    { collection: matches, under: [domain.uid], nameOf: ({ id }) => id },
    { of: ["matches", domain.uid], token, limit, refuse: invalidNextToken },
  );
  const shown: ShownMatch[] = [];
  for (const match of page.items) {
    const profiles = await profilesOfMatch(store, match);
    shown.push({
      id: match.id,
      level: match.level,
      profiles: profiles.slice(0, PROFILES_SHOWN),
      count: profiles.length,
    });
  }
  return { matches: shown, nextToken: page.nextToken };
}
