import type { AskedServer } from "./asked-server.ts";
import { Finder, type Pattern, unmatched } from "./matching.ts";
import { type Waiting, waitFor } from "./waiting.ts";

export interface ProfileSearch {
  /** Not needed where there is one alone. */
  readonly domain?: string;
  /** A search key, as SearchProfiles takes it: `_email`, `_phone`, or one of an object type. */
  readonly key: string;
  readonly value: string;
}

/**
 * Waits for a profile of Customer Profiles that a key finds and that matches a pattern in EventBridge's language, and answers with it as
 * SearchProfiles tells of it. Throws an `AssertionError` that tells what came nearest.
 */
export async function expectProfile(
  server: AskedServer,
  { domain, key, value }: ProfileSearch,
  pattern: Pattern = {},
  waiting: Waiting = {},
  // biome-ignore lint/suspicious/noExplicitAny: whoever wants it knows what is in it.
): Promise<any> {
  const DomainName = domain ?? (await onlyDomain(server));
  const finder = Finder.ofDocuments<Profile>(server, pattern, (profile) => profile);
  let profiles: readonly Profile[] = [];
  const found = await waitFor(server.clock, waiting, async () => {
    const search = { DomainName, KeyName: key, Values: [value] };
    profiles = (await server.connection.call("customer-profiles", "SearchProfiles", search)).Items ?? [];
    return Object.keys(pattern).length === 0 ? profiles[0] : await finder.find(profiles, JSON.stringify);
  });
  if (found !== undefined) return found;
  throw unmatched({
    what: `a profile in ${DomainName} with ${key} ${value},`,
    wanted: pattern,
    candidates: profiles,
    nearest: profiles.length === 0 ? undefined : await finder.nearest(profiles, JSON.stringify),
    at: await server.clock.now(),
  });
}

type Profile = Readonly<Record<string, unknown>>;

async function onlyDomain(server: AskedServer): Promise<string> {
  const { Items = [] } = await server.connection.call("customer-profiles", "ListDomains");
  if (Items.length === 1) return Items[0].DomainName;
  throw new Error(`There are ${Items.length} domains of Customer Profiles: say which`);
}
