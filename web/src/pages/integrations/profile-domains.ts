import { listAll } from "../../listing.ts";

export interface DomainItem {
  readonly DomainName: string;
}

/** The domains of Customer Profiles of the account. */
export function listProfileDomains(signal: AbortSignal): Promise<readonly DomainItem[]> {
  return listAll<DomainItem>(
    {
      model: "customer-profiles",
      operation: "ListDomains",
      input: { MaxResults: 100 },
      member: "Items",
      token: "NextToken",
    },
    signal,
  );
}

/** So many domains at most are asked at once; of more one chooses. */
const ASKED_MAX = 20;

/** What each domain, or the one that is chosen, has of a list. */
export async function listInDomains<T>(
  operation: string,
  { chosen, ...input }: { readonly chosen: string; readonly [member: string]: unknown },
  signal: AbortSignal,
): Promise<{ readonly domains: readonly string[]; readonly items: readonly (T & DomainItem)[] }> {
  const domains = (await listProfileDomains(signal)).map(({ DomainName }) => DomainName);
  const asked = chosen === "" ? domains.slice(0, ASKED_MAX) : [chosen];
  const lists = await Promise.all(
    asked.map(async (DomainName) => {
      const listing = { model: "customer-profiles", operation, member: "Items", token: "NextToken" } as const;
      const items = await listAll<T>({ ...listing, input: { DomainName, MaxResults: 100, ...input } }, signal);
      return items.map((item) => ({ ...item, DomainName }));
    }),
  );
  return { domains, items: lists.flat() };
}
