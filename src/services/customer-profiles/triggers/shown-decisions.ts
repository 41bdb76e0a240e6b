import type { Context } from "../../service.ts";
import { getDomain, inDomain } from "../domain.ts";
import { eventTriggers } from "./event-trigger.ts";
import { type Decision, listDecisions } from "./trigger-decisions.ts";

/** What a trigger decided of an object of a profile. */
export interface ShownDecision extends Pick<Decision, "trigger" | "outcome" | "objectType" | "version" | "uri"> {
  readonly time: string;
  /** `ProfileObjectUniqueKey`. */
  readonly object: string;
}

/** More triggers than a domain has in AWS. */
const TRIGGERS_MAX = 200;

/** What the triggers of a domain decided of a profile's objects, the youngest first. Decisions are kept for 7 days. */
export async function listDecisionsOfProfile(
  context: Context,
  { domain: domainName, profileId }: { readonly domain: string; readonly profileId: string },
  limit: number,
): Promise<{ readonly decisions: readonly ShownDecision[]; readonly more: boolean }> {
  const { store } = context;
  const domain = await getDomain(store, context, domainName);
  const { documents: triggers } = await store.list(eventTriggers, {
    prefix: inDomain(domain, ""),
    limit: TRIGGERS_MAX,
  });
  const decisions: Decision[] = [];
  for (const { name } of triggers) {
    decisions.push(...(await listDecisions(store, domain, { trigger: name, profileId }, limit + 1)));
  }
  decisions.sort((one, other) => other.timeMs - one.timeMs);
  return { decisions: decisions.slice(0, limit).map(shown), more: decisions.length > limit };
}

function shown({ trigger, outcome, objectType, objectId, version, uri, timeMs }: Decision): ShownDecision {
  return { trigger, outcome, objectType, object: objectId, version, uri, time: new Date(timeMs).toISOString() };
}
