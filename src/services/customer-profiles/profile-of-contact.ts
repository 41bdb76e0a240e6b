import type { Reader } from "../../store/store.ts";
import type { Domain, Owner } from "./domain.ts";
import { findDomainOfInstance } from "./integrations/contact-records.ts";
import { normalisedKeys } from "./key-search.ts";
import { findProfileByArn, parseProfileArn, profileArn } from "./profile-arn.ts";
import { keysOfValue } from "./profile-keys.ts";
import { findProfile } from "./stored-profile.ts";

/** What of a contact leads to its customer. */
interface AskedContact {
  readonly instanceArn: string;
  readonly contactId: string;
  /** Whatever a flow or who began the contact knows of its customer. */
  readonly customerId?: string | undefined;
}

/** The key that templates of contact records give to a profile. */
const CONTACT_KEY = "_ctrContactId";

/**
 * The ARN of the profile that a contact belongs to: the one that its `CustomerId` names, by ARN or by its id in the domain that the instance is
 * bound to, else the one profile there that has the contact's record (our choice). `undefined`: nobody knows whose it is.
 */
export async function findProfileOfContact(
  reader: Reader,
  owner: Owner,
  { instanceArn, contactId, customerId }: AskedContact,
  nowMs: number,
): Promise<string | undefined> {
  if (customerId !== undefined && parseProfileArn(customerId)) {
    return (await findProfileByArn(reader, owner, customerId, nowMs)) === "missing" ? undefined : customerId;
  }
  const { domain } = (await findDomainOfInstance(reader, owner, instanceArn)) ?? {};
  if (!domain) return undefined;
  const named = customerId !== undefined && (await findProfile(reader, domain, customerId, nowMs));
  const profileId = named ? named.id : await profileWithRecord(reader, domain, contactId);
  return profileId === undefined ? undefined : profileArn({ ...owner, domainName: domain.name, profileId });
}

async function profileWithRecord(reader: Reader, domain: Domain, contactId: string): Promise<string | undefined> {
  const [key] = await normalisedKeys(reader, domain, CONTACT_KEY, [contactId]);
  const [first, ...others] = key ? await keysOfValue(reader, domain, key, { limit: 2 }) : [];
  return others.length > 0 ? undefined : first?.profileId;
}
