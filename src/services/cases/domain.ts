import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { notFound } from "./errors.ts";

/** Whose domains are. */
export interface Owner {
  readonly account: string;
  readonly region: string;
}

export interface DomainRef extends Owner {
  readonly domainId: string;
}

/** A Cases domain: what it holds is keyed by its id, which no other domain ever has. */
export interface Domain extends DomainRef {
  readonly name: string;
  readonly events: EventConfiguration;
  /** Ours, outside of the API. */
  readonly settings: DomainSettings;
  readonly createdMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What of its changes a domain tells on the default bus. */
export interface EventConfiguration {
  readonly enabled: boolean;
  /** Ids of the fields whose values are told of cases. Absent: no values are. */
  readonly fields?: readonly string[];
  /** With these, all fields of that kind too, whenever they are created. */
  readonly autoIncludes?: "All" | "System" | "Custom";
  /** Whether what related items contain is told. */
  readonly includesContent?: boolean;
}

/**
 * How event payloads differ from the default, for consumers that were written for an older edition of the documentation, and what Connect rules
 * see of cases.
 */
export interface DomainSettings {
  /** `CASE.RELATED_ITEM.DELETED` instead of `RELATED_ITEM.DELETED`. */
  readonly prefixesDeletedRelatedItems?: boolean;
  /** `relatedItemType` in lower case. */
  readonly lowerCaseRelatedItemTypes?: boolean;
  /** Connect rules see no more of cases than the domain's events tell, as the documented set-up has it; else all of it. */
  readonly rulesSeeEventsOnly?: boolean;
}

export const domains: Collection<Domain> = collection("cases_domains", {
  name: { type: "text", unique: true, value: ({ account, region, name }) => compositeKey(account, region, name) },
});

export function domainKey({ account, region }: Owner, domainId: string): string {
  return compositeKey(account, region, domainId);
}

export function domainArn({ account, region, domainId }: DomainRef): string {
  return `arn:aws:cases:${region}:${account}:domain/${domainId}`;
}

/** A caller's domain, or `ResourceNotFoundException`. */
export async function getDomain(reader: Reader, owner: Owner, domainId: string): Promise<Domain> {
  const domain = await reader.get(domains, domainKey(owner, domainId));
  if (!domain) throw notFound("Domain", domainId);
  return domain;
}

/** The key of something that lies in a domain, or the beginning of such keys. */
export function inDomain({ domainId }: Pick<DomainRef, "domainId">, ...columns: readonly (string | number)[]): string {
  return compositeKey(domainId, ...columns);
}
