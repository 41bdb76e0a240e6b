import type { Flow, Timer } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { InstanceRef } from "./arns.ts";
import { contactKey } from "./contacts.ts";

/**
 * The durable timers of a contact, one of each kind at most: what the carrier does next on its line, the start of its flow where
 * that is scheduled, its expiry, the end of an offer that nobody takes, the moment from which more agents may get it, the next
 * attempt of a callback, and the end of after-contact work; of a chat also the end of the time in which its customer has to connect,
 * and the next look at who writes nothing.
 */
export type ContactTimerKind =
  | (typeof KINDS)[number]
  | "connect.after-contact-work"
  | "connect.chat-arrival"
  | "connect.chat-idle";

const KINDS = [
  "connect.carrier",
  "connect.scheduled-start",
  "connect.expiry",
  "connect.ring",
  "connect.routing",
  "connect.callback",
] as const;

/** Payload of a contact's timer. */
export interface ContactTimerPayload extends InstanceRef {
  readonly id: string;
}

export function contactTimer(kind: ContactTimerKind, contact: ContactTimerPayload, dueMs: number): Timer {
  const { account, region, instanceId, id } = contact;
  const payload: ContactTimerPayload = { account, region, instanceId, id };
  return { id: contactTimerId(kind, contact), kind, dueMs, payload };
}

export function cancelContactTimer(unit: Unit, flow: Flow, kind: ContactTimerKind, contact: ContactTimerPayload): void {
  flow.cancel(unit, contactTimerId(kind, contact));
}

/** All but the end of after-contact work, which comes after the end, and those that chats alone have (`leaveChat`). */
export function cancelContactTimers(unit: Unit, flow: Flow, contact: ContactTimerPayload): void {
  for (const kind of KINDS) cancelContactTimer(unit, flow, kind, contact);
}

function contactTimerId(kind: ContactTimerKind, contact: ContactTimerPayload): string {
  return `${kind}:${contactKey(contact)}`;
}
