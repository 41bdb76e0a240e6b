import type { EndpointType } from "@aws-sdk/client-connect";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { refOf } from "./arns.ts";
import { callTo } from "./contact-calls.ts";
import { changeTimeMs, disconnectContact, initiateContact, storeContact, takeLine } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts, queueAgeMs } from "./contacts.ts";

/**
 * Contacts that continue other ones. A transfer never changes a contact's queue: it makes another contact, which names the one before
 * as its previous, and is named by it as its next.
 */

/** What is said of a contact that continues another one. */
export type NewLeg = Pick<
  Contact,
  "id" | "initiationMethod" | "dialledBy" | "targetQueueId" | "flowId" | "flowVersion"
> & {
  /** Of somebody outside, who is called. */
  readonly number?: string;
};

/**
 * Ends a contact and starts the one that continues it. Whoever was offered it, or talked with its customer, has it no more. It expires
 * when the first one would have. Its queue or flow is for the caller.
 */
export async function continueInNewContact(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  to: NewLeg,
): Promise<Contact> {
  const leg = await initiateLeg(unit, platform, contact, to);
  const moved: Contact = {
    ...((await unit.get(contacts, contactKey(contact))) ?? contact),
    handedOn: to.initiationMethod === "QUEUE_TRANSFER" ? "QUEUE_TRANSFER" : "TRANSFER",
  };
  await disconnectContact(unit, platform, moved, contact.channel === "EMAIL" ? "TRANSFERRED" : "OTHER");
  takeLine(unit, platform, leg);
  return leg;
}

/** A leg on which two agents talk while the customer is on hold on another one. */
export function isConsultation({ dialledBy, initiationMethod }: Contact): boolean {
  return dialledBy !== undefined && initiationMethod !== "OUTBOUND";
}

/** A contact that continues another one, which names it as its next. */
export async function initiateLeg(unit: Unit, platform: Platform, from: Contact, leg: NewLeg): Promise<Contact> {
  const before = (await unit.get(contacts, contactKey(from))) ?? from;
  const initiationMs = changeTimeMs(platform, before);
  await storeContact(unit, platform, { ...before, nextContactId: leg.id, lastUpdateMs: initiationMs }, []);
  const isOutside = leg.number !== undefined;
  return initiateContact(unit, platform, {
    ...refOf(from),
    id: leg.id,
    channel: from.channel,
    initiationMethod: leg.initiationMethod,
    initialContactId: from.initialContactId ?? from.id,
    previousContactId: from.id,
    associationId: from.associationId,
    name: from.name,
    description: from.description,
    references: from.references,
    segmentAttributes: from.segmentAttributes,
    tags: from.tags,
    additionalRecipients: from.additionalRecipients,
    customerEndpoint: isOutside ? { type: TELEPHONE, address: leg.number } : from.customerEndpoint,
    // "Not filled for CALLBACK, MONITOR, QUEUE_TRANSFER."
    systemEndpoint: leg.initiationMethod === "QUEUE_TRANSFER" ? undefined : from.systemEndpoint,
    capabilities: isOutside ? undefined : from.capabilities,
    hooks: from.hooks,
    customerId: from.customerId,
    languageCode: from.languageCode,
    recording: from.recording,
    analytics: from.analytics,
    targetQueueId: leg.targetQueueId,
    flowId: leg.flowId,
    flowVersion: leg.flowVersion,
    priority: from.priority,
    continuedSinceMs: from.queue ? queueAgeMs(from) : undefined,
    expiresMs: from.expiresMs,
    lineEndsMs: isOutside ? undefined : from.lineEndsMs,
    dialledBy: leg.dialledBy,
    call: isOutside ? callTo(leg.number, initiationMs) : undefined,
    initiationMs,
    connectedToSystemMs: isOutside ? undefined : initiationMs,
  });
}

const TELEPHONE: EndpointType = "TELEPHONE_NUMBER";
