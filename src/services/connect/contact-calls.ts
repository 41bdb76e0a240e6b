import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type Course, dial } from "./carrier.ts";
import { contactTimer } from "./contact-timers.ts";
import { changeTimeMs, storeContact } from "./contact-transitions.ts";
import type { Contact, OutboundCall } from "./contacts.ts";

/** "If not specified, the default dialing timeout will be 60 seconds." */
export const RING_TIMEOUT_MS = 60_000;

/** A call to a number, dialled at a time. */
export function callTo(
  number: string,
  dialledMs: number,
  options: Partial<Pick<OutboundCall, "ringTimeoutMs" | "isCampaign" | "detectsMachines">> = {},
): OutboundCall {
  const { ringTimeoutMs = RING_TIMEOUT_MS, isCampaign = false, detectsMachines = false } = options;
  const { ringStartMs } = dial(number, ringTimeoutMs);
  return {
    dialledMs,
    ringTimeoutMs,
    ringStartMs: ringStartMs === undefined ? undefined : dialledMs + ringStartMs,
    isCampaign,
    detectsMachines,
  };
}

/** Dials the customer's number now. What the carrier does next is in `outbound-calls.ts`. */
export async function placeCall(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  const atMs = changeTimeMs(platform, contact);
  const call = callTo(contact.customerEndpoint?.address ?? "", atMs, contact.call);
  const dialled = await storeContact(unit, platform, { ...contact, call, lastUpdateMs: atMs }, []);
  awaitCarrier(unit, platform, dialled);
  return dialled;
}

/** Sets when the carrier answers or fails a call that has been dialled. */
export function awaitCarrier(unit: Unit, platform: Platform, contact: Contact): void {
  const course = courseOf(contact);
  const nextMs = course.outcome === "answered" ? course.answerMs : course.failMs;
  const dialledMs = contact.call?.dialledMs ?? contact.initiationMs;
  platform.flow.schedule(unit, contactTimer("connect.carrier", contact, dialledMs + nextMs));
}

export function courseOf({ customerEndpoint, call }: Contact): Course {
  if (!customerEndpoint?.address || !call) throw new Error("A call without a number was dialled");
  return dial(customerEndpoint.address, call.ringTimeoutMs);
}
