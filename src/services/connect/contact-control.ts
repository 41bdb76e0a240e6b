import type { Channel, EndpointType } from "@aws-sdk/client-connect";
import type { Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, refOf } from "./arns.ts";
import { agentParticipantId } from "./chat-participants.ts";
import { type Author, authorOf, post, systemIn } from "./chat-posts.ts";
import { type Chat, chatRef, findChat, findParticipant, PLAIN_TEXT } from "./chats.ts";
import { arrive } from "./contact-arrivals.ts";
import { attributesOf, checkAttributeNames } from "./contact-attributes.ts";
import { createCallback } from "./contact-callbacks.ts";
import { flowIdOfEmailAddress } from "./contact-flow-association-documents.ts";
import { chooseFlow, type FlowChoice } from "./contact-flows.ts";
import { contactRecord } from "./contact-records.ts";
import { isSpeaking, keepUtterance, type Speaker, utterancesOf } from "./contact-speech.ts";
import { disconnectContact } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts, customerLegOf, getContact } from "./contacts.ts";
import { findEmailAddress } from "./email-addresses.ts";
import { findEmailMessage, keepEmailMessage } from "./email-messages.ts";
import { invalidParameter, invalidRequest } from "./errors.ts";
import { giveInput, tellFlow } from "./flow-input.ts";
import { moveToQueue as moveBetweenQueues } from "./flow-run/start-flows.ts";
import { timelineOf } from "./flow-run/timeline.ts";
import { getInstance } from "./instances.ts";
import { flowOfNumber } from "./phone-numbers.ts";
import { getEnabledQueue } from "./queues.ts";

/** What comes from outside and no public API covers: `docs/contact-control.md` tells users of it. */
export interface ContactArrival {
  readonly instanceId: string;
  /** A UUID that the contact is to have; without it, one is made. */
  readonly contactId?: string | undefined;
  readonly channel: Channel;
  /** The customer's number or mailbox, and the one that they reached. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Who writes, as an e-mail says. */
  readonly fromName?: string | undefined;
  readonly flowId?: string | undefined;
  readonly queueId?: string | undefined;
  readonly name?: string | undefined;
  readonly subject?: string | undefined;
  /** Who the customer is known as elsewhere: the ARN of a profile, or whatever else. */
  readonly customerId?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

export interface ContactPlace {
  readonly instanceId: string;
  readonly contactId: string;
}

/** A contact arrives, and its flow begins. Answers with its id. */
export async function contactArrives(context: Context, input: ContactArrival): Promise<string> {
  const id = input.contactId ?? context.ids.uuid();
  checkArrival(input);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.instanceId);
    if (input.contactId !== undefined && (await unit.get(contacts, contactKey({ ...refOf(instance), id })))) {
      throw invalidRequest(`Contact ${id} exists already`);
    }
    if (input.channel === "VOICE" && instance.attributes.INBOUND_CALLS !== "true") {
      throw invalidRequest("Inbound calls are not enabled for this instance");
    }
    const flow = await flowOf(unit, instance, input);
    const queue = input.queueId === undefined ? undefined : await getEnabledQueue(unit, instance, input.queueId);
    checkAttributeNames(input.attributes ?? {});
    const contact = await arrive(unit, context, instance, {
      id,
      channel: input.channel,
      customerEndpoint: endpointOf(input.channel, input.from, input.fromName),
      systemEndpoint: endpointOf(input.channel, input.to),
      ...flow,
      targetQueueId: queue?.id,
      name: input.name,
      customerId: input.customerId,
      attributes: input.attributes,
      segmentAttributes:
        input.channel === "EMAIL"
          ? {
              "connect:Direction": { ValueString: "INBOUND" },
              ...(input.subject !== undefined && { "connect:EmailSubject": { ValueString: input.subject } }),
            }
          : {},
    });
    const { subject } = input;
    if (input.channel === "EMAIL" && subject !== undefined) {
      keepEmailMessage(unit, contact, { subject, body: "", contentType: "text/plain" });
    }
  });
  return id;
}

/**
 * The customer, or somebody outside whom an agent has on the line, hangs up, wherever the contact is; or the line breaks.
 *
 * `whileWaiting`: refused where they talk with an agent. Who has no patience any more may be answered at that very moment.
 */
export async function hangUp(
  context: Context,
  place: ContactPlace,
  how: { readonly whileWaiting: boolean; readonly isLineBroken: boolean },
): Promise<void> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, place.instanceId);
    const named = await getContact(unit, instance, place.contactId, context.clock.now());
    if (named.state === "DISCONNECTED") throw invalidRequest(`Contact ${named.id} has ended`);
    const contact = await customerLegOf(unit, named);
    if (how.whileWaiting && contact.state === "CONNECTED_TO_AGENT") {
      throw invalidRequest(`Contact ${contact.id} does not wait: it is connected to an agent`);
    }
    const isOutside = contact.initiationMethod === "EXTERNAL_OUTBOUND";
    const person = isOutside ? "THIRD_PARTY_DISCONNECT" : "CUSTOMER_DISCONNECT";
    await disconnectContact(unit, context, contact, how.isLineBroken ? "TELECOM_PROBLEM" : person);
  });
}

/** A sentence may begin so much later than now: whoever plays a conversation may be somewhat ahead (our choice). */
const SAID_AHEAD_MS_MAX = 3_600_000;
/** Nobody speaks for longer without a pause (our choice). */
const SENTENCE_SECONDS_MAX = 3_600;

/** Somebody says a sentence. */
export async function say(
  context: Context,
  place: ContactPlace,
  said: {
    readonly speaker: Speaker;
    readonly text: string;
    readonly at?: string | undefined;
    readonly seconds?: number | undefined;
  },
): Promise<void> {
  const id = context.ids.uuid();
  const beginMs = said.at === undefined ? context.clock.now() : Date.parse(said.at);
  if (!(beginMs >= 0 && beginMs <= LATEST_MS)) throw invalidParameter(`${said.at} is no time in ISO 8601`);
  if (beginMs > context.clock.now() + SAID_AHEAD_MS_MAX) {
    throw invalidParameter(`${said.at} is more than an hour from now (${new Date(context.clock.now()).toISOString()})`);
  }
  const { speaker, text, seconds = 0 } = said;
  if (text.trim() === "") throw invalidParameter("text is blank");
  requireLength("text", text, UTTERANCE_LENGTH_MAX);
  if (seconds > SENTENCE_SECONDS_MAX) throw invalidParameter(`seconds is more than ${SENTENCE_SECONDS_MAX}`);
  const endMs = beginMs + Math.round(seconds * 1_000);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, place.instanceId);
    const contact = await getContact(unit, instance, place.contactId, context.clock.now());
    if (beginMs < contact.initiationMs) throw invalidParameter("The sentence begins before the contact");
    if (contact.channel === "CHAT") return write(unit, context, contact, { id, speaker, text, atMs: beginMs });
    if (await isSpeaking(unit, contact, { speaker, beginMs, endMs })) {
      throw invalidParameter(`${speaker} is saying something else then`);
    }
    keepUtterance(unit, contact, { id, speaker, text, beginMs, endMs });
  });
}

/** A caller presses keys that their flow waits for, or something happens that it waits for. */
export async function input(
  context: Context,
  place: ContactPlace,
  given: { readonly text: string } | { readonly event: "CustomerReturned" },
): Promise<void> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, place.instanceId);
    const contact = await getContact(unit, instance, place.contactId, context.clock.now());
    if ("text" in given && contact.channel === "VOICE" && !/^[0-9*#]{1,100}$/.test(given.text)) {
      throw invalidParameter("A telephone has the keys 0 to 9, * and #");
    }
    if (contact.state === "DISCONNECTED") throw invalidRequest(`Contact ${contact.id} has ended`);
    const isTaken =
      "text" in given
        ? await giveInput(unit, context, contact, given.text)
        : await tellFlow(unit, context, contact, given.event);
    if (!isTaken) throw invalidRequest(`The flow of contact ${contact.id} does not wait for that`);
  });
}

/** Somebody says it in writing. */
async function write(
  unit: Unit,
  context: Context,
  contact: Contact,
  said: { readonly id: string; readonly speaker: Speaker; readonly text: string; readonly atMs: number },
): Promise<void> {
  const chat = await findChat(unit, contact);
  if (!chat || contact.state === "DISCONNECTED") throw invalidRequest(`Contact ${contact.id} has ended`);
  const author = await authorFor(unit, chat, contact, said.speaker);
  if (!author) throw invalidRequest(`There is no ${said.speaker} in the chat ${contact.id}`);
  const { id, text: content, atMs } = said;
  await post(unit, context, chatRef(chat), { id, type: "MESSAGE", contentType: PLAIN_TEXT, content, author, atMs });
  if (said.speaker === "CUSTOMER") await tellFlow(unit, context, contact, "CustomerReturned");
}

async function authorFor(unit: Unit, chat: Chat, contact: Contact, speaker: Speaker): Promise<Author | undefined> {
  if (speaker === "SYSTEM") return systemIn(chat);
  const id = speaker === "CUSTOMER" ? chat.customerId : agentParticipantId(contact);
  const participant = await findParticipant(unit, chatRef(chat), id);
  return participant && participant.leftMs === undefined ? authorOf(participant) : undefined;
}

/** A waiting caller asks to be called back, and hangs up. Answers with the id of the callback's contact. */
export async function askForCallback(
  context: Context,
  place: ContactPlace,
  asked: {
    readonly number?: string | undefined;
    readonly queueId?: string | undefined;
    readonly delaySeconds?: number | undefined;
    readonly attempts?: number | undefined;
    readonly retryDelaySeconds?: number | undefined;
    readonly isCustomerFirst: boolean;
  },
): Promise<string> {
  const id = context.ids.uuid();
  if (asked.number !== undefined) requireNumber("number", asked.number);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, place.instanceId);
    const contact = await getContact(unit, instance, place.contactId, context.clock.now());
    const isFree = contact.state !== "DISCONNECTED" && contact.state !== "CONNECTED_TO_AGENT" && !contact.offer;
    if (contact.channel !== "VOICE" || !isFree) {
      throw invalidRequest(`Contact ${contact.id} is no call that waits for an agent`);
    }
    if (asked.number === undefined && contact.customerEndpoint?.address === undefined) {
      throw invalidParameter("The caller's number is not known; give a number");
    }
    const named = asked.queueId ?? contact.queue?.id ?? contact.targetQueueId ?? instance.defaultQueueId;
    const queue = await getEnabledQueue(unit, instance, named);
    await createCallback(unit, context, contact, {
      id,
      queueId: queue.id,
      number: asked.number,
      delayMs: (asked.delaySeconds ?? 0) * 1_000,
      attempts: asked.attempts ?? 1,
      retryDelayMs: (asked.retryDelaySeconds ?? RETRY_DELAY_SECONDS) * 1_000,
      isCustomerFirst: asked.isCustomerFirst,
    });
    const calling = await getContact(unit, instance, contact.id, context.clock.now());
    await disconnectContact(unit, context, calling, "CONTACT_FLOW_DISCONNECT");
  });
  return id;
}

/** The flow of the queue that a contact waits in moves it to another queue. Answers with the id of the contact that waits there. */
export async function moveToQueue(context: Context, place: ContactPlace, queueId: string): Promise<string> {
  const id = context.ids.uuid();
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, place.instanceId);
    const contact = await getContact(unit, instance, place.contactId, context.clock.now());
    const queue = await getEnabledQueue(unit, instance, queueId);
    if (contact.state !== "QUEUED") throw invalidRequest(`Contact ${contact.id} does not wait in a queue`);
    await moveBetweenQueues(unit, context, contact, {
      id,
      initiationMethod: "QUEUE_TRANSFER",
      targetQueueId: queue.id,
    });
  });
  return id;
}

/** The flow that is named, else that of the number or the mailbox that was reached. `undefined`: the instance's default one. */
async function flowOf(
  reader: Reader,
  instance: InstanceRef,
  { flowId, channel, to }: ContactArrival,
): Promise<FlowChoice | undefined> {
  if (flowId !== undefined) return chooseFlow(reader, instance, flowId);
  const reachedFlowId = to === undefined ? undefined : await flowOfAddress(reader, instance, channel, to);
  return reachedFlowId === undefined ? undefined : { flowId: reachedFlowId };
}

async function flowOfAddress(
  reader: Reader,
  instance: InstanceRef,
  channel: Channel,
  address: string,
): Promise<string | undefined> {
  if (channel === "VOICE") return flowOfNumber(reader, instance, address);
  if (channel !== "EMAIL") return undefined;
  const mailbox = await findEmailAddress(reader, instance, address);
  return mailbox && flowIdOfEmailAddress(reader, mailbox);
}

/** The year 9999 ends. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** "Minimum time between attempts" of the console's block. */
const RETRY_DELAY_SECONDS = 600;

/** A contact as it is now, with its record so far, and what was said or written. */
export async function viewContact(context: Context, place: ContactPlace): Promise<Record<string, unknown>> {
  const instance = await getInstance(context.store, context, place.instanceId);
  const contact = await getContact(context.store, instance, place.contactId, context.clock.now());
  return {
    contactId: contact.id,
    state: contact.completedMs === undefined ? contact.state : "COMPLETED",
    offeredTo: contact.offer?.agentId ?? null,
    agent: contact.agent?.id ?? null,
    flows: await timelineOf(context.store, contact),
    email: (await findEmailMessage(context.store, contact)) ?? null,
    record: contactRecord(contact, await attributesOf(context.store, contact)),
    said: (await utterancesOf(context.store, contact)).map(({ speaker, text, beginMs, endMs }) => ({
      speaker,
      text,
      at: new Date(beginMs).toISOString(),
      until: new Date(endMs).toISOString(),
    })),
  };
}

/** Characters, after the API's members of the same meaning; a subject as mail allows it, a sentence as long as a chat message. */
const NAME_LENGTH_MAX = 1_024;
const ADDRESS_LENGTH_MAX = 256;
const SUBJECT_LENGTH_MAX = 998;
const UTTERANCE_LENGTH_MAX = 16_384;

function checkArrival({ contactId, channel, from, fromName, to, name, subject }: ContactArrival): void {
  if (contactId !== undefined && !UUID.test(contactId)) throw invalidParameter("contactId is not a UUID in lower case");
  for (const [member, address] of [["from", from] as const, ["to", to] as const]) {
    requireLength(member, address, ADDRESS_LENGTH_MAX);
    if (channel === "VOICE" && address !== undefined) requireNumber(member, address);
  }
  requireLength("fromName", fromName, ADDRESS_LENGTH_MAX);
  if (fromName !== undefined && channel !== "EMAIL")
    throw invalidParameter("Only the sender of an e-mail has a fromName");
  requireLength("name", name, NAME_LENGTH_MAX);
  requireLength("subject", subject, SUBJECT_LENGTH_MAX);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function requireLength(member: string, text: string | undefined, max: number): void {
  if (text !== undefined && text.length > max) throw invalidParameter(`${member} has more than ${max} characters`);
}

function requireNumber(member: string, number: string): void {
  if (!/^\+[1-9]\d{1,14}$/.test(number)) throw invalidParameter(`${member} is not in E.164 format`);
}

const ENDPOINT_TYPES: Readonly<Partial<Record<Channel, EndpointType>>> = {
  VOICE: "TELEPHONE_NUMBER",
  EMAIL: "EMAIL_ADDRESS",
};

function endpointOf(
  channel: Channel,
  address: string | undefined,
  displayName?: string | undefined,
): Contact["customerEndpoint"] {
  return address === undefined ? undefined : { type: ENDPOINT_TYPES[channel], address, displayName };
}
