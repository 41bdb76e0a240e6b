import type { DataStoreRequest, MatchingRequest, RuleBasedMatchingRequest } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { notFound } from "./errors.ts";

/** Whose domains are. */
export interface Owner {
  readonly account: string;
  readonly region: string;
}

/** Holds profiles and all that belongs to them. */
export interface Domain extends Owner {
  readonly name: string;
  /**
   * Begins the keys of all that lies in the domain (`inDomain`). Another one each time that a name is used: what lay in a deleted domain is
   * swept in its own time, and no new domain of that name sees it.
   */
  readonly uid: string;
  readonly expirationDays: number;
  readonly encryptionKey?: string | undefined;
  readonly deadLetterQueueUrl?: string | undefined;
  readonly matching?: MatchingRequest | undefined;
  readonly ruleBasedMatching?: Validated<RuleBasedMatchingRequest> | undefined;
  /** One more for each time that the rules of matching change. */
  readonly matchingGeneration: number;
  readonly dataStore?: DataStoreRequest | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const domains: Collection<Domain> = collection("profiles_domains", {
  uid: { type: "text", unique: true, value: ({ uid }) => uid },
});

export function domainKey({ account, region }: Owner, name: string): string {
  return compositeKey(account, region, name);
}

/** The key of something in a domain. With a last column `""` the prefix of all that begin so. */
export function inDomain({ uid }: Pick<Domain, "uid">, ...columns: readonly (string | number)[]): string {
  return compositeKey(uid, ...columns);
}

/** A caller's domain, or `ResourceNotFoundException`. */
export async function getDomain(reader: Reader, owner: Owner, name: string): Promise<Domain> {
  const domain = await reader.get(domains, domainKey(owner, name));
  if (!domain) throw notFound(`Domain ${name} does not exist`);
  return domain;
}

export function domainArn({ account, region, name }: Owner & Pick<Domain, "name">): string {
  return `arn:aws:profile:${region}:${account}:domains/${name}`;
}

/** `undefined`: it is deleted. */
export async function domainOfUid(reader: Reader, uid: string): Promise<Domain | undefined> {
  const { documents } = await reader.list(domains, { index: "uid", equals: uid, limit: 1 });
  return documents[0];
}
