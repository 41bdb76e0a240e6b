import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { refOf } from "./arns.ts";
import { placeCall } from "./contact-calls.ts";
import type { FlowChoice } from "./contact-flows.ts";
import { contactTimer } from "./contact-timers.ts";
import { initiateContact, storeContact } from "./contact-transitions.ts";
import type { Callback, Contact } from "./contacts.ts";
import { enqueueContact } from "./routing.ts";

/** What a queued callback is made of. */
export interface CallbackRequest {
  readonly id: string;
  readonly queueId: string;
  /** Whom to call, where that is not the caller's own number. */
  readonly number?: string | undefined;
  readonly delayMs: number;
  readonly attempts: number;
  readonly retryDelayMs: number;
  /** The customer is dialled before there is an agent for them. */
  readonly isCustomerFirst?: boolean;
  /** A flow that the callback's contact runs first, instead of being queued. It begins at once, without a delay. */
  readonly flow?: FlowChoice | undefined;
  /** What the called party sees. */
  readonly callerNumber?: string | undefined;
}

/** Queues a callback that continues a contact, which its caller ends. Agents get it after its delay. */
export async function createCallback(
  unit: Unit,
  platform: Platform,
  from: Contact,
  request: CallbackRequest,
): Promise<Contact> {
  const nowMs = Math.max(platform.clock.now(), from.lastUpdateMs);
  const waitsUntilMs = request.delayMs > 0 && !request.flow ? nowMs + request.delayMs : undefined;
  const callback: Callback = {
    isCustomerFirst: request.isCustomerFirst || undefined,
    attemptsLeft: request.attempts - 1,
    retryDelayMs: request.retryDelayMs,
    waitsUntilMs,
  };
  await storeContact(unit, platform, { ...from, nextContactId: request.id, lastUpdateMs: nowMs }, []);
  const contact = await initiateContact(unit, platform, {
    ...refOf(from),
    id: request.id,
    channel: "VOICE",
    initiationMethod: "CALLBACK",
    initialContactId: from.initialContactId ?? from.id,
    previousContactId: from.id,
    associationId: from.associationId,
    segmentAttributes: from.segmentAttributes,
    tags: from.tags,
    customerEndpoint:
      request.number === undefined ? from.customerEndpoint : { type: "TELEPHONE_NUMBER", address: request.number },
    systemEndpoint:
      request.callerNumber === undefined ? undefined : { type: "TELEPHONE_NUMBER", address: request.callerNumber },
    hooks: from.hooks,
    customerId: from.customerId,
    languageCode: from.languageCode,
    recording: from.recording,
    analytics: from.analytics,
    targetQueueId: request.queueId,
    ...request.flow,
    priority: from.priority,
    callback,
    initiationMs: nowMs,
  });
  if (request.flow) {
    platform.flow.schedule(unit, contactTimer("connect.scheduled-start", contact, nowMs));
    return contact;
  }
  if (waitsUntilMs === undefined) {
    if (request.isCustomerFirst) return placeCall(unit, platform, contact);
    return enqueueContact(unit, platform, contact, request.queueId);
  }
  // "The position is that of a contact enqueued at that moment."
  platform.flow.schedule(unit, contactTimer("connect.callback", contact, waitsUntilMs));
  return contact;
}
