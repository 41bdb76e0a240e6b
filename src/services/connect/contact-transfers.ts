import type { EndpointType } from "@aws-sdk/client-connect";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { refOf } from "./arns.ts";
import { callTo } from "./contact-calls.ts";
import { changeTimeMs, disconnectContact, initiateContact, storeContact, takeLine } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts, queueAgeMs } from "./contacts.ts";
import { enqueueContact } from "./routing.ts";

/**
 * Contacts that continue other ones. A transfer never changes a contact's queue: it makes another contact, which names the one before
 * as its previous, and is named by it as its next.
 */

/** Who moves a contact: an agent or an API (`TRANSFER`), or the flow of the queue that it waits in (`QUEUE_TRANSFER`). */
export interface Move {
  readonly id: string;
  /** A queue, or a user whose own queue it is. */
  readonly queueId: string;
  readonly initiationMethod?: "TRANSFER" | "QUEUE_TRANSFER";
}

/**
 * Ends a contact and starts the one that continues it, in a queue. Whoever was offered it, or talked with its customer, has it no more.
 * It expires when the first one would have.
 */
export async function moveToNewContact(unit: Unit, platform: Platform, contact: Contact, to: Move): Promise<Contact> {
  const { id, queueId, initiationMethod = "TRANSFER" } = to;
  const leg = await initiateLeg(unit, platform, contact, { id, initiationMethod });
  const moved = (await unit.get(contacts, contactKey(contact))) ?? contact;
  await disconnectContact(unit, platform, moved, contact.channel === "EMAIL" ? "TRANSFERRED" : "OTHER");
  takeLine(unit, platform, leg);
  return enqueueContact(unit, platform, leg, queueId);
}

/**
 * Moves a contact that waits in a queue to another one, as the flow of the queue does: the contact in queue ends, and one with the
 * initiation method QUEUE_TRANSFER begins to wait, as the youngest.
 */
export async function transferToQueue(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  to: { readonly id: string; readonly queueId: string },
): Promise<Contact> {
  if (contact.state !== "QUEUED") throw new Error(`Contact ${contact.id} waits in no queue`);
  return moveToNewContact(unit, platform, contact, { ...to, initiationMethod: "QUEUE_TRANSFER" });
}

/** A contact that continues another one, which names it as its next. `number`: of somebody outside, who is called. */
export async function initiateLeg(
  unit: Unit,
  platform: Platform,
  from: Contact,
  leg: Pick<Contact, "id" | "initiationMethod" | "dialledBy"> & { readonly number?: string },
): Promise<Contact> {
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
    customerEndpoint: isOutside ? { type: TELEPHONE, address: leg.number } : from.customerEndpoint,
    // "Not filled for CALLBACK, MONITOR, QUEUE_TRANSFER."
    systemEndpoint: leg.initiationMethod === "QUEUE_TRANSFER" ? undefined : from.systemEndpoint,
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
