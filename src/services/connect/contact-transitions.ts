import type { Unit } from "../../store/store.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import {
  CONTACT_EVENT_DETAIL_TYPE,
  CONTACT_EVENT_SOURCE,
  type ContactEventType,
  contactEvent,
  type UpdatedProperty,
} from "./contact-events.ts";
import { cancelContactTimers } from "./contact-timers.ts";
import { type Contact, contactKey, contacts, ringStartMs } from "./contacts.ts";
import { sweepExpired } from "./retention.ts";

/**
 * Every change of a contact's state. Each stores the contact and appends the events that tell of it to the account's default
 * bus, in the unit that it is given, and answers with the contact as it is now.
 *
 * Each contact has INITIATED first and once; then, at most once each and in this order, CONNECTED_TO_SYSTEM and QUEUED; then
 * DISCONNECTED once, and COMPLETED at once behind it, since no agent has work left. CONTACT_DATA_UPDATED may come anywhere
 * after INITIATED. Times never go back.
 */

/** A contact that is being created. */
export type NewContact = Omit<Contact, "state" | "lastUpdateMs" | "eventCount">;

/** Stores a new contact. Its `initiationMs` is now. */
export async function initiateContact(unit: Unit, platform: Platform, contact: NewContact): Promise<Contact> {
  await sweepExpired(unit, contact.initiationMs);
  const initiated: Contact = { ...contact, state: "INITIATED", lastUpdateMs: contact.initiationMs, eventCount: 0 };
  const isCampaignWithoutDetection = contact.call?.isCampaign === true && !contact.call.detectsMachines;
  return store(unit, platform, initiated, isCampaignWithoutDetection ? ["INITIATED", "AMD_DISABLED"] : ["INITIATED"]);
}

/** The media or task session is there. `answer`: what answering machine detection found out. */
export async function connectToSystem(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  answer: Pick<Contact, "answeringMachineDetectionStatus" | "greeting"> = {},
): Promise<Contact> {
  const atMs = changeTimeMs(platform, contact);
  const connected: Contact = { ...contact, ...answer, state: "CONNECTED_TO_SYSTEM", connectedToSystemMs: atMs };
  return store(unit, platform, { ...connected, lastUpdateMs: atMs }, ["CONNECTED_TO_SYSTEM"]);
}

export async function enqueueContact(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  queueId: string,
): Promise<Contact> {
  const atMs = changeTimeMs(platform, contact);
  const queued: Contact = { ...contact, state: "QUEUED", queue: { id: queueId, enqueueMs: atMs }, lastUpdateMs: atMs };
  return store(unit, platform, queued, ["QUEUED"]);
}

/** Ends a contact and whatever was still to come for it. `reason`: one of the contact record's `DisconnectReason`s. */
export async function disconnectContact(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  reason: string,
): Promise<Contact> {
  cancelContactTimers(unit, platform.flow, contact);
  const atMs = changeTimeMs(platform, contact);
  const ended: Contact = {
    ...contact,
    state: "DISCONNECTED",
    disconnectMs: atMs,
    disconnectReason: reason,
    answeringMachineDetectionStatus: contact.answeringMachineDetectionStatus ?? detectionWithoutAnswer(contact, atMs),
    lastUpdateMs: atMs,
  };
  return store(unit, platform, ended, ["DISCONNECTED", "COMPLETED"]);
}

/** Stores data of a contact that changed, in any state, and names what contact events tell of. */
export async function updateContactData(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  updatedProperties: readonly UpdatedProperty[],
): Promise<Contact> {
  const updated: Contact = { ...contact, lastUpdateMs: changeTimeMs(platform, contact) };
  const events: ContactEventType[] = updatedProperties.length > 0 ? ["CONTACT_DATA_UPDATED"] : [];
  return store(unit, platform, updated, events, updatedProperties);
}

async function store(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  events: readonly ContactEventType[],
  updatedProperties?: readonly UpdatedProperty[],
): Promise<Contact> {
  let stored = contact;
  for (const eventType of events) {
    stored = { ...stored, eventCount: stored.eventCount + 1 };
    const timeMs = stored.lastUpdateMs;
    const { id, resources, detail } = contactEvent(stored, eventType, timeMs, updatedProperties);
    await putServiceEvent(unit, platform, {
      account: stored.account,
      region: stored.region,
      source: CONTACT_EVENT_SOURCE,
      detailType: CONTACT_EVENT_DETAIL_TYPE,
      resources: [...resources],
      detail,
      timeMs,
      key: stored.id,
      id,
    });
  }
  unit.put(contacts, contactKey(stored), stored);
  return stored;
}

/** Now, but never before the contact's last change: a machine's clock may be set back. */
function changeTimeMs(platform: Platform, contact: Contact): number {
  return Math.max(platform.clock.now(), contact.lastUpdateMs);
}

/** What answering machine detection says of a call that ended before anybody answered. */
function detectionWithoutAnswer(contact: Contact, atMs: number): Contact["answeringMachineDetectionStatus"] {
  if (!contact.call?.detectsMachines) return undefined;
  return ringStartMs(contact, atMs) === undefined ? "AMD_NOT_APPLICABLE" : "AMD_UNANSWERED";
}
