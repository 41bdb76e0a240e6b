import type { Channel, ContactInitiationMethod } from "@aws-sdk/client-connect";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, refOf } from "./arns.ts";
import { declareFeed } from "./chat-feed.ts";
import { joinChat } from "./chat-participants.ts";
import { sweepChats } from "./chat-retention.ts";
import { CHAT_MS, chatRef, findParticipant, openChat } from "./chats.ts";
import { type Attributes, addAttributes } from "./contact-attributes.ts";
import { connectToSystem, initiateContact } from "./contact-transitions.ts";
import type { Contact, Endpoint, SegmentAttributes } from "./contacts.ts";
import { startContactFlow } from "./flow-run/start-flows.ts";

/** A contact that comes to the instance from outside. */
export interface Arrival {
  readonly id: string;
  readonly channel: Channel;
  readonly customerEndpoint?: Endpoint | undefined;
  readonly systemEndpoint?: Endpoint | undefined;
  readonly flowId?: string | undefined;
  readonly flowVersion?: number | undefined;
  /** Where the flow sends it to. */
  readonly targetQueueId?: string | undefined;
  readonly name?: string | undefined;
  readonly customerId?: string | undefined;
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
    // What comes from outside is there when it is initiated; only an e-mail tells of it in an event of its own as well.
    connectedToSystemMs: METHODS[arrival.channel] === "INBOUND" ? nowMs : undefined,
    expiresMs: arrival.channel === "CHAT" ? nowMs + CHAT_MS : undefined,
  };
  await addAttributes(unit, contact, attributes);
  const initiated = await initiateContact(unit, platform, contact);
  if (arrival.channel === "CHAT") await beginChat(unit, platform, initiated);
  const ready = arrival.channel === "VOICE" ? initiated : await connectToSystem(unit, platform, initiated);
  return startContactFlow(unit, platform, ready);
}

/** The chat of a customer who is there already, and is driven by hand. */
async function beginChat(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  await sweepChats(unit, platform, contact.initiationMs);
  await declareFeed(unit, contact);
  const chat = openChat(unit, contact, { customerName: contact.name ?? CUSTOMER_NAME });
  const customer = await findParticipant(unit, chatRef(chat), chat.customerId);
  if (customer) await joinChat(unit, platform, customer);
}

const CUSTOMER_NAME = "Customer";
