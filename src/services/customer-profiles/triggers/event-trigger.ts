import type { EventTriggerCondition, EventTriggerLimits } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../../store/store.ts";
import { type Domain, domainArn, inDomain } from "../domain.ts";
import { notFound } from "../errors.ts";

/** Says which objects of a type are worth telling of, and how often for one profile. Whom it tells is its integration's business. */
export interface EventTrigger {
  /** Of its domain. */
  readonly uid: string;
  readonly name: string;
  /** Another one each time that a name is used: what was counted for a deleted trigger does not count for the next of its name. */
  readonly id: string;
  readonly objectType: string;
  readonly description?: string | undefined;
  readonly conditions: readonly Validated<EventTriggerCondition>[];
  readonly segmentFilter?: string | undefined;
  readonly limits?: Validated<EventTriggerLimits> | undefined;
  /** `Uri` of its integration. Absent: it has none, and nobody asks it. */
  readonly uri?: string | undefined;
  /** Of the domain's triggers, since which it is as it is. */
  readonly revision: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const eventTriggers: Collection<EventTrigger> = collection("profiles_event_triggers", {
  /** Those that have an integration, by the type whose objects they look at. */
  active: {
    type: "text",
    value: ({ uid, objectType, name, uri }) => (uri === undefined ? undefined : compositeKey(uid, objectType, name)),
  },
  /** Those that look at the members of a segment alone. */
  segment: {
    type: "text",
    value: ({ uid, segmentFilter, name }) =>
      segmentFilter === undefined ? undefined : compositeKey(uid, segmentFilter, name),
  },
});

export function eventTriggerKey({ uid, name }: Pick<EventTrigger, "uid" | "name">): string {
  return inDomain({ uid }, name);
}

export function eventTriggerArn(domain: Domain, name: string): string {
  return `${domainArn(domain)}/event-triggers/${name}`;
}

/** A domain's trigger, or `ResourceNotFoundException`. */
export async function getEventTrigger(reader: Reader, { uid }: Domain, name: string): Promise<EventTrigger> {
  const trigger = await reader.get(eventTriggers, eventTriggerKey({ uid, name }));
  if (!trigger) throw notFound(`Event trigger ${name} does not exist`);
  return trigger;
}
