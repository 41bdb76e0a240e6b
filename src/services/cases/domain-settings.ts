import type { Context } from "../service.ts";
import { type DomainSettings, domainKey, domains, getDomain } from "./domain.ts";

const OFF: Required<DomainSettings> = {
  prefixesDeletedRelatedItems: false,
  lowerCaseRelatedItemTypes: false,
  rulesSeeEventsOnly: false,
};

/** What can be set of a domain outside of the API: each is on or off. */
export const DOMAIN_SETTINGS: readonly string[] = Object.keys(OFF);

/** Every setting of a domain, those too that are off. Throws `ResourceNotFoundException`. */
export async function getDomainSettings(context: Context, domainId: string): Promise<Required<DomainSettings>> {
  const { settings } = await getDomain(context.store, context, domainId);
  return { ...OFF, ...settings };
}

/** Takes the place of all settings: what is not given is off. Throws `ResourceNotFoundException`. */
export async function putDomainSettings(
  context: Context,
  domainId: string,
  settings: DomainSettings,
): Promise<Required<DomainSettings>> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, domainId);
    unit.put(domains, domainKey(domain, domainId), { ...domain, settings });
  });
  return { ...OFF, ...settings };
}
