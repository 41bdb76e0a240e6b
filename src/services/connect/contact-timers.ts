import type { Flow, Timer } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { InstanceRef } from "./arns.ts";
import { contactKey } from "./contacts.ts";

/**
 * The durable timers of a contact, one of each kind at most: what the carrier does next on its line, the start of its flow where
 * that is scheduled, and its expiry.
 */
export type ContactTimerKind = "connect.carrier" | "connect.scheduled-start" | "connect.expiry";

const KINDS: readonly ContactTimerKind[] = ["connect.carrier", "connect.scheduled-start", "connect.expiry"];

/** Payload of a contact's timer. */
export interface ContactTimerPayload extends InstanceRef {
  readonly id: string;
}

export function contactTimer(kind: ContactTimerKind, contact: ContactTimerPayload, dueMs: number): Timer {
  const { account, region, instanceId, id } = contact;
  const payload: ContactTimerPayload = { account, region, instanceId, id };
  return { id: contactTimerId(kind, contact), kind, dueMs, payload };
}

export function cancelContactTimers(unit: Unit, flow: Flow, contact: ContactTimerPayload): void {
  for (const kind of KINDS) flow.cancel(unit, contactTimerId(kind, contact));
}

function contactTimerId(kind: ContactTimerKind, contact: ContactTimerPayload): string {
  return `${kind}:${contactKey(contact)}`;
}
