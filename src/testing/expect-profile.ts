import type { AskedServer } from "./asked-server.ts";
import { type Finding, find, isFound, only, type Pattern, unmatched } from "./matching.ts";
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
  const look = async (): Promise<Finding> => {
    const search = { DomainName, KeyName: key, Values: [value] };
    const { Items: documents = [] } = await server.connection.call("customer-profiles", "SearchProfiles", search);
    return await find(server, { documents, pattern });
  };
  const finding = await waitFor(server.clock, waiting, look, isFound);
  if (finding.found) return finding.found.candidate;
  const what = `a profile in ${DomainName} with ${key} ${value},`;
  throw unmatched({ what, wanted: pattern, at: await server.clock.now() }, finding);
}

async function onlyDomain(server: AskedServer): Promise<string> {
  const { Items = [] } = await server.connection.call("customer-profiles", "ListDomains");
  return only(
    Items.map(({ DomainName }: { readonly DomainName: string }) => DomainName),
    "domain of Customer Profiles",
  );
}
