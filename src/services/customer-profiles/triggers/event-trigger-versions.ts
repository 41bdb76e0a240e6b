/**
 * Event triggers as they stood: so that what a trigger made of an object can be told later, by the trigger that was asked then. Each change of a
 * domain's triggers has a revision; a version that has been replaced or deleted stays as long as what it was asked of.
 */
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";
import { type EventTrigger, eventTriggerKey, eventTriggers } from "./event-trigger.ts";
import { INGESTED_KEPT_MS } from "./ingested-log.ts";

/** How often the triggers of a domain have changed. */
interface Revision {
  readonly uid: string;
  readonly revision: number;
}

export const triggerRevisions: Collection<Revision> = collection("profiles_trigger_revisions");

export function revisionKey({ uid }: Pick<Revision, "uid">): string {
  return inDomain({ uid }, "triggers");
}

interface ReplacedTrigger {
  readonly uid: string;
  readonly trigger: EventTrigger;
  /** The revision from which on it was no more so. */
  readonly until: number;
  readonly expiresMs: number;
}

export const replacedTriggers: Collection<ReplacedTrigger> = collection("profiles_replaced_triggers", {
  active: {
    type: "text",
    value: ({ uid, trigger, until }) => compositeKey(uid, trigger.objectType, trigger.name, until),
  },
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

export function replacedTriggerKey({ uid, trigger, until }: ReplacedTrigger): string {
  return inDomain({ uid }, trigger.name, until);
}

/** Old versions that a change takes with it. */
const SWEPT = 10;
const READ_SIZE = 100;

/** The revision of a domain's triggers as they are now. */
export async function triggerRevision(reader: Reader, domain: Pick<Domain, "uid">): Promise<number> {
  return (await reader.get(triggerRevisions, revisionKey(domain)))?.revision ?? 0;
}

/** Puts a trigger that is new or changed, and keeps what it was. */
export async function putEventTrigger(unit: Unit, trigger: EventTrigger, nowMs: number): Promise<void> {
  const revision = await replace(unit, trigger, nowMs);
  unit.put(eventTriggers, eventTriggerKey(trigger), { ...trigger, revision });
}

/** Deletes a trigger, and keeps what it was. */
export async function forgetEventTrigger(unit: Unit, trigger: EventTrigger, nowMs: number): Promise<void> {
  await replace(unit, trigger, nowMs);
  unit.delete(eventTriggers, eventTriggerKey(trigger));
}

async function replace(unit: Unit, trigger: EventTrigger, nowMs: number): Promise<number> {
  const { uid } = trigger;
  const revision = (await triggerRevision(unit, trigger)) + 1;
  unit.put(triggerRevisions, revisionKey(trigger), { uid, revision });
  const expired = await unit.list(replacedTriggers, { index: "expires", before: nowMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(replacedTriggers, replacedTriggerKey(old));
  const before = await unit.get(eventTriggers, eventTriggerKey(trigger));
  // Without an integration it was never asked.
  if (before?.uri !== undefined) {
    const replaced = { uid, trigger: before, until: revision, expiresMs: nowMs + INGESTED_KEPT_MS };
    unit.put(replacedTriggers, replacedTriggerKey(replaced), replaced);
  }
  return revision;
}

/** The trigger of a name that was asked of a type's objects at a revision. */
export async function triggerAt(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  { objectType, name, revision }: Pick<EventTrigger, "objectType" | "name" | "revision">,
): Promise<EventTrigger | undefined> {
  const now = await reader.get(eventTriggers, eventTriggerKey({ uid, name }));
  if (now?.uri !== undefined && now.objectType === objectType && now.revision <= revision) return now;
  let after: string | undefined;
  do {
    const range = { index: "active", prefix: compositeKey(uid, objectType, name, ""), limit: READ_SIZE, after };
    const page = await reader.list(replacedTriggers, range);
    for (const { trigger, until } of page.documents) {
      if (trigger.revision <= revision && revision < until) return trigger;
    }
    after = page.next;
  } while (after !== undefined);
  return undefined;
}
