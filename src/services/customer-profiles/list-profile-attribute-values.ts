import type { ProfileAttributeValuesRequest, ProfileAttributeValuesResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getDomain } from "./domain.ts";
import { memberOf } from "./object-types/json-value.ts";
import { keptLeaf, splitLeaf } from "./profile-fields.ts";
import { newestProfiles } from "./stored-profile.ts";

/** Values that are offered. */
const VALUES_MAX = 100;
/** Profiles that they are read from: the newest, so that what it takes does not grow with the domain. */
const LOOKED_AT_MAX = 1_000;

/** The values that an attribute (`Address.Country`, `Attributes.LastDepot`) has in the newest profiles, each once, the newest first. */
export async function listProfileAttributeValues(
  input: Validated<ProfileAttributeValuesRequest>,
  context: Context,
): Promise<ProfileAttributeValuesResponse> {
  const { DomainName, AttributeName } = input;
  const domain = await getDomain(context.store, context, DomainName);
  const nowMs = context.clock.now();
  const [member, name] = splitLeaf(keptLeaf(AttributeName));
  /** When each was seen last. */
  const values = new Map<string, number>();
  let left = LOOKED_AT_MAX;
  let after: string | undefined;
  do {
    const page = await newestProfiles(context.store, domain, { limit: Math.min(left, 100), after });
    left -= page.documents.length;
    for (const { fields, expiresMs, updatedMs } of page.documents) {
      const found = memberOf(fields, member);
      const value = name === undefined ? found : memberOf(found, name);
      if (typeof value !== "string" || expiresMs <= nowMs) continue;
      // Profiles of one day come in no order.
      values.set(value, Math.max(values.get(value) ?? updatedMs, updatedMs));
    }
    after = page.next;
  } while (after !== undefined && left > 0);
  const newest = [...values].toSorted(([, one], [, other]) => other - one).map(([Value]) => ({ Value }));
  return {
    DomainName,
    AttributeName,
    Items: newest.slice(0, VALUES_MAX),
    StatusCode: 200,
  };
}
