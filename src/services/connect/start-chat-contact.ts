import type { StartChatContactRequest, StartChatContactResponse } from "@aws-sdk/client-connect";
import type { CreateParticipantConnectionResponse } from "@aws-sdk/client-connectparticipant";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { declareFeed } from "./chat-feed.ts";
import { MESSAGE_TYPES, requireMessage } from "./chat-messages.ts";
import { awaitCustomer, joinChat } from "./chat-participants.ts";
import { authorOf, post } from "./chat-posts.ts";
import { sweepChats } from "./chat-retention.ts";
import { CHAT_MS, type Chat, chatKey, chatRef, chats, findParticipant, openChat, PLAIN_TEXT } from "./chats.ts";
import { claimClientToken } from "./client-tokens.ts";
import { addAttributes } from "./contact-attributes.ts";
import { chooseFlow } from "./contact-flows.ts";
import { linkContact } from "./contact-links.ts";
import { connectToSystem, initiateContact, type NewContact } from "./contact-transitions.ts";
import { type Contact, contactKey, contacts } from "./contacts.ts";
import { invalidParameter, invalidRequest } from "./errors.ts";
import { startContactFlow } from "./flow-run/start-flows.ts";
import { getInstance } from "./instances.ts";
import { connectionOf } from "./participant-service/create-participant-connection.ts";
import { sealBearer } from "./participant-tokens.ts";
import { findPast, type Past } from "./persistent-chats.ts";
import { requireAgreedValues } from "./predefined-attributes.ts";
import { quotaReached } from "./quotas.ts";
import { mergeSegmentAttributes } from "./segment-attributes.ts";

/** The model is newer than the SDK's types here: with these a chat starts with its customer connected. */
type StartChatRequest = StartChatContactRequest & {
  readonly ConnectionTypes?:
    | ("WEBSOCKET" | "CONNECTION_CREDENTIALS" | "AUTHENTICATION_SESSION" | "WEBRTC_CONNECTION")[]
    | undefined;
  readonly ChatStreamingConfiguration?: { StreamingEndpointArn: string | undefined } | undefined;
};
type StartChatResponse = StartChatContactResponse &
  Pick<CreateParticipantConnectionResponse, "Websocket" | "ConnectionCredentials">;

/** Starts a chat: its flow runs at once, and its customer has five minutes to connect. */
export async function startChatContact(
  input: Validated<StartChatRequest>,
  context: Context,
): Promise<StartChatResponse> {
  const id = context.ids.uuid();
  const customerId = context.ids.uuid();
  const nowMs = context.clock.now();
  const { ChatDurationInMinutes: minutes } = input;
  checkRequest(input);

  const { chat, continued } = await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const request = { scope: instance, operation: "StartChatContact", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) return made(unit, instance, earlier.madeId);

    const flow = await chooseFlow(unit, instance, input.ContactFlowId);
    const past = await pastOf(unit, instance, input, nowMs);
    const related = { RelatedContactId: past?.contactId ?? input.RelatedContactId };
    const links = await linkContact(unit, instance, related, { id, nowMs });
    await requireQuota(unit, context, instance);
    await requireAgreedValues(unit, instance, input.SegmentAttributes);
    const subtype = { "connect:Subtype": { ValueString: "connect:Chat" } };
    const contact: NewContact = {
      ...refOf(instance),
      id,
      channel: "CHAT",
      initiationMethod: "API",
      ...links.ids,
      ...flow,
      customerId: input.CustomerId,
      segmentAttributes: mergeSegmentAttributes(subtype, input.SegmentAttributes),
      tags: {},
      initiationMs: nowMs,
      expiresMs: nowMs + (minutes === undefined ? CHAT_MS : minutes * MINUTE_MS),
    };
    await addAttributes(unit, contact, { ...links.copiedAttributes, ...input.Attributes });
    const initiated = await initiateContact(unit, context, contact);
    await begin(unit, context, initiated, { input, customerId, past });
    return made(unit, instance, id);
  });
  return answerOf(context, input, chat, continued);
}

const MINUTE_MS = 60_000;

/** The chat of a contact that is there now, its flow and what it begins with. */
async function begin(
  unit: Unit,
  context: Context,
  contact: Contact,
  begun: {
    readonly input: Validated<StartChatRequest>;
    readonly customerId: string;
    readonly past: Past | undefined;
  },
): Promise<void> {
  const { input, customerId, past } = begun;
  await sweepChats(unit, context, contact.initiationMs);
  await declareFeed(unit, contact);
  const chat = openChat(unit, contact, {
    customerId,
    customerName: input.ParticipantDetails.DisplayName,
    contentTypes: input.SupportedMessagingContentTypes,
    past: past?.chats ?? [],
  });
  const isConnected = input.ConnectionTypes !== undefined;
  if (!isConnected) awaitCustomer(unit, context, chat);
  const customer = await findParticipant(unit, chatRef(chat), customerId);
  if (customer && isConnected) await joinChat(unit, context, customer);
  if (customer && input.InitialMessage) {
    const { ContentType: contentType, Content: content } = input.InitialMessage;
    await post(unit, context, chatRef(chat), { type: "MESSAGE", contentType, content, author: authorOf(customer) });
  }
  await startContactFlow(unit, context, await connectToSystem(unit, context, contact));
}

/** What a request made, now or with its token before. */
async function made(
  unit: Unit,
  instance: InstanceRef,
  contactId: string,
): Promise<{ readonly chat: Chat; readonly continued: string | undefined }> {
  const contact = await unit.get(contacts, contactKey({ ...refOf(instance), id: contactId }));
  const chat = contact && (await unit.get(chats, chatKey({ ...refOf(instance), chatId: contactId })));
  if (!contact || !chat) throw new Error(`Chat ${contactId} is not there`);
  return { chat, continued: chat.past.length > 0 ? contact.relatedContactId : undefined };
}

async function answerOf(
  context: Context,
  input: Validated<StartChatRequest>,
  chat: Chat,
  continued: string | undefined,
): Promise<StartChatResponse> {
  const bearer = { ...chatRef(chat), participantId: chat.customerId };
  return {
    ContactId: chat.id,
    ParticipantId: chat.customerId,
    ParticipantToken: await sealBearer(context, "participant", bearer),
    ContinuedFromContactId: continued,
    ...(await connectionOf(context, bearer, input.ConnectionTypes ?? [])),
  };
}

/** What can be said of a request without looking anything up. */
function checkRequest(input: Validated<StartChatRequest>): void {
  const types = input.SupportedMessagingContentTypes ?? [PLAIN_TEXT];
  const unknown = types.find((type) => !MESSAGE_TYPES.includes(type));
  if (unknown !== undefined) throw invalidParameter(`${unknown} is no content type of messages`);
  if (!types.includes(PLAIN_TEXT)) throw invalidParameter(`SupportedMessagingContentTypes must contain ${PLAIN_TEXT}`);
  if (input.RelatedContactId !== undefined && input.PersistentChat) {
    throw invalidRequest("RelatedContactId and PersistentChat cannot both be specified");
  }
  const connections: readonly string[] = input.ConnectionTypes ?? [];
  const unserved = connections.find((type) => type !== "WEBSOCKET" && type !== "CONNECTION_CREDENTIALS");
  if (unserved !== undefined) throw invalidRequest(`ConnectionTypes ${unserved} is not built in Trunkline`);
  if (input.ChatStreamingConfiguration) {
    throw invalidRequest("ChatStreamingConfiguration is not built in Trunkline: there are no SNS topics");
  }
  if (input.InitialMessage) {
    const { ContentType: contentType, Content: content } = input.InitialMessage;
    requireMessage({ contentType, content }, "CUSTOMER", types, invalidParameter);
  }
}

async function pastOf(
  unit: Unit,
  instance: InstanceRef,
  { PersistentChat: persistent }: Validated<StartChatRequest>,
  nowMs: number,
): Promise<Past | undefined> {
  if (!persistent) return undefined;
  const { SourceContactId: sourceId, RehydrationType: type } = persistent;
  if (sourceId === undefined || type === undefined) {
    throw invalidRequest("PersistentChat needs a SourceContactId and a RehydrationType");
  }
  return findPast(unit, instance, { sourceId, type }, nowMs);
}

async function requireQuota(unit: Unit, context: Context, instance: InstanceRef): Promise<void> {
  const open = { collection: contacts, index: "open", prefix: instanceKey(instance, "CHAT", "") };
  if (await quotaReached(unit, context.limits, "connect.concurrent-chats-per-instance", open)) {
    throw new ModeledError("LimitExceededException", "The quota of active chats per instance is used up");
  }
}
