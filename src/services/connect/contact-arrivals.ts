import type { Channel, ContactInitiationMethod } from "@aws-sdk/client-connect";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, refOf } from "./arns.ts";
import { type Attributes, addAttributes } from "./contact-attributes.ts";
import { runContactFlow } from "./contact-flow-run.ts";
import { contactTimer } from "./contact-timers.ts";
import { connectToSystem, initiateContact, storeContact } from "./contact-transitions.ts";
import type { Callback, Contact, Endpoint, SegmentAttributes } from "./contacts.ts";
import { enqueueContact } from "./routing.ts";

/** A contact that comes to the instance from outside. */
export interface Arrival {
  readonly id: string;
  readonly channel: Channel;
  readonly customerEndpoint?: Endpoint | undefined;
  readonly systemEndpoint?: Endpoint | undefined;
  readonly flowId?: string | undefined;
  /** Where the flow sends it to. */
  readonly targetQueueId?: string | undefined;
  readonly name?: string | undefined;
  readonly attributes?: Attributes | undefined;
  readonly segmentAttributes?: SegmentAttributes | undefined;
}

const SUBTYPES: Readonly<Record<Channel, string>> = {
  VOICE: "connect:Telephony",
  CHAT: "connect:Chat",
  TASK: "connect:Task",
  EMAIL: "connect:Email",
};

/** Calls and e-mails come from outside; chats and tasks are made through an API. */
const METHODS: Readonly<Record<Channel, ContactInitiationMethod>> = {
  VOICE: "INBOUND",
  EMAIL: "INBOUND",
  CHAT: "API",
  TASK: "API",
};

/** Starts a contact, and its flow. A call's line is there from the start, without an event that tells of it. */
export async function arrive(
  unit: Unit,
  platform: Platform,
  instance: InstanceRef,
  arrival: Arrival,
): Promise<Contact> {
  const { attributes = {}, segmentAttributes, ...rest } = arrival;
  const nowMs = platform.clock.now();
  const contact = {
    ...refOf(instance),
    ...rest,
    initiationMethod: METHODS[arrival.channel],
    associationId: arrival.id,
    segmentAttributes: { "connect:Subtype": { ValueString: SUBTYPES[arrival.channel] }, ...segmentAttributes },
    tags: {},
    initiationMs: nowMs,
    connectedToSystemMs: arrival.channel === "VOICE" ? nowMs : undefined,
  };
  await addAttributes(unit, contact, attributes);
  const initiated = await initiateContact(unit, platform, contact);
  const ready = arrival.channel === "VOICE" ? initiated : await connectToSystem(unit, platform, initiated);
  await runContactFlow(unit, platform, ready);
  return ready;
}

/** What a queued callback is made of. */
export interface CallbackRequest {
  readonly id: string;
  readonly queueId: string;
  /** Whom to call, where that is not the caller's own number. */
  readonly number?: string | undefined;
  readonly delayMs: number;
  readonly attempts: number;
  readonly retryDelayMs: number;
}

/** Queues a callback that continues a contact, which its caller ends. Agents get it after its delay. */
export async function createCallback(
  unit: Unit,
  platform: Platform,
  from: Contact,
  request: CallbackRequest,
): Promise<Contact> {
  const nowMs = Math.max(platform.clock.now(), from.lastUpdateMs);
  const waitsUntilMs = request.delayMs > 0 ? nowMs + request.delayMs : undefined;
  const callback: Callback = {
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
    priority: from.priority,
    callback,
    initiationMs: nowMs,
  });
  const queued = await enqueueContact(unit, platform, contact, request.queueId);
  if (waitsUntilMs !== undefined) platform.flow.schedule(unit, contactTimer("connect.callback", queued, waitsUntilMs));
  return queued;
}
