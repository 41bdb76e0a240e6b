import type { ChatItemType, Item, ParticipantRole } from "@aws-sdk/client-connectparticipant";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { appendToFeed } from "./chat-feed.ts";
import { countMessage, type Side } from "./chat-metrics.ts";
import { nextWatchStep, watchAfter } from "./chat-watch.ts";
import { type Chat, type ChatRef, chatRef, getChat, type Participant, putChat } from "./chats.ts";
import { contactTimer } from "./contact-timers.ts";
import { contactKey, contacts } from "./contacts.ts";
import { type SaidTurn, tellConversation } from "./conversation-log.ts";

/** One entry of a chat's transcript. */
export interface ChatItem extends ChatRef {
  /** Among those of the same time the one that came later has the greater number. */
  readonly number: number;
  readonly id: string;
  /** The contact that went on when it was written. */
  readonly contactId: string;
  readonly type: Extract<ChatItemType, "MESSAGE" | "EVENT" | "ATTACHMENT">;
  readonly timeMs: number;
  readonly contentType?: string | undefined;
  readonly content?: string | undefined;
  readonly author?: Author | undefined;
  readonly attachment?: ItemAttachment | undefined;
  readonly receipts?: readonly Receipt[] | undefined;
  readonly expiresMs: number;
}

/** Whose it is. Events of the service itself are nobody's. */
export interface Author {
  readonly participantId: string;
  readonly displayName: string;
  readonly role: ParticipantRole;
}

export interface ItemAttachment {
  readonly id: string;
  readonly name: string;
  readonly contentType: string;
}

/** That a participant has got a message, or read it. */
export interface Receipt {
  readonly participantId: string;
  readonly deliveredMs: number;
  readonly readMs?: number | undefined;
}

/** By chat, in the order of the transcript. */
export const chatItems: Collection<ChatItem> = collection("connect_chat_items", {
  /** The items of one contact, in the same order. */
  contact: {
    type: "text",
    value: (item) => instanceKey(item, item.contactId, item.timeMs, item.number),
  },
  itemId: { type: "text", unique: true, value: (item) => instanceKey(item, item.chatId, item.id) },
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

const EVENT_TYPES = "application/vnd.amazonaws.connect.event.";

/** Events of the service that the transcript keeps. */
export type ChatEvent = "participant.joined" | "participant.left" | "transfer.succeeded" | "chat.ended";

/** Events that are shown while they last, and are in no transcript. */
export type PassingEvent =
  | "typing"
  | "participant.idle"
  | "participant.returned"
  | "participant.autodisconnection"
  | "chat.rehydrated"
  | "connection.acknowledged";

export function eventContentType(event: ChatEvent | PassingEvent | "message.metadata"): string {
  return EVENT_TYPES + event;
}

/** Something new in a chat. `atMs` says when, where that is not now. */
export interface Post {
  readonly id?: string | undefined;
  readonly type: ChatItem["type"];
  readonly contentType?: string;
  readonly content?: string;
  readonly author?: Author;
  readonly attachment?: ItemAttachment;
  readonly atMs?: number | undefined;
}

/** Writes something into a chat, counts it, and shows it to whoever is there. */
export async function post(unit: Unit, platform: Platform, to: ChatRef, posted: Post): Promise<ChatItem> {
  const chat = await getChat(unit, to);
  const { id, atMs, ...said } = posted;
  const number = chat.itemCount + 1;
  const timeMs = atMs ?? nowIn(platform, chat);
  const item: ChatItem = {
    ...chatRef(chat),
    ...said,
    number,
    id: id ?? derivedUuid(chat.id, String(number)),
    contactId: chat.contactId,
    timeMs,
    expiresMs: chat.expiresMs,
  };
  putItem(unit, item);
  const contact = await unit.get(contacts, contactKey({ ...chat, id: chat.contactId }));
  if (contact) tellConversation(unit, contact, { kind: "said", turn: turnOf(item) });
  const written = { ...chat, itemCount: number, lastItemMs: Math.max(chat.lastItemMs, timeMs) };
  appendToFeed(unit, to, { content: frameOf(item) });
  if (item.type === "EVENT") putChat(unit, written);
  else putChat(unit, watched(unit, platform, withMessage(written, item), item));
  return item;
}

/** What is written or happens in a chat lasts no time. Events of the service itself are the system's. */
function turnOf({ id, type, author, attachment, contentType, content, timeMs }: ChatItem): SaidTurn {
  return {
    id,
    type,
    speaker: author?.role ?? "SYSTEM",
    participantId: author?.participantId,
    displayName: author?.displayName,
    content: attachment?.name ?? content ?? "",
    contentType: attachment?.contentType ?? contentType ?? "",
    beginMs: timeMs,
    endMs: timeMs,
    attachmentId: attachment?.id,
  };
}

/** With the timers of whoever has written something begun anew. */
function watched(unit: Unit, platform: Platform, chat: Chat, { id, author, timeMs }: ChatItem): Chat {
  if (!chat.watch || !author) return chat;
  const { watch, wasIdle } = watchAfter(chat.watch, author.role, timeMs);
  if (wasIdle) {
    showEvent(unit, chat, { id: derivedUuid(id, "returned"), event: "participant.returned", author, timeMs });
    const step = nextWatchStep(watch);
    if (step)
      platform.flow.schedule(unit, contactTimer("connect.chat-idle", { ...chat, id: chat.contactId }, step.dueMs));
  }
  return { ...chat, watch };
}

/** An event of the service: who came or went, that the chat was handed over or ended. */
export async function postEvent(
  unit: Unit,
  platform: Platform,
  chat: ChatRef,
  event: ChatEvent,
  author?: Author,
): Promise<ChatItem> {
  return post(unit, platform, chat, {
    type: "EVENT",
    contentType: eventContentType(event),
    ...(author && { author }),
  });
}

/** Shows something that passes. */
export function showEvent(
  unit: Unit,
  chat: Chat,
  shown: { readonly id: string; readonly event: PassingEvent; readonly author?: Author; readonly timeMs: number },
): void {
  const { id, event, author, timeMs } = shown;
  appendToFeed(unit, chatRef(chat), {
    content: frameOf({
      chatId: chat.id,
      contactId: chat.contactId,
      id,
      type: "EVENT",
      contentType: eventContentType(event),
      author,
      timeMs,
    }),
  });
}

/** Tells the author of a message that it was got or read. */
export function showReceipt(unit: Unit, item: ChatItem, receipt: Receipt): void {
  if (!item.author) return;
  appendToFeed(unit, item, {
    to: item.author.participantId,
    content: {
      Type: "MESSAGEMETADATA",
      ContentType: eventContentType("message.metadata"),
      Id: item.id,
      ContactId: item.contactId,
      InitialContactId: item.chatId,
      MessageMetadata: { MessageId: item.id, Receipts: [receiptOf(receipt)] },
    },
  });
}

export function receiptOf({ participantId, deliveredMs, readMs }: Receipt): Record<string, string> {
  return {
    DeliveredTimestamp: new Date(deliveredMs).toISOString(),
    ...(readMs !== undefined && { ReadTimestamp: new Date(readMs).toISOString() }),
    RecipientParticipantId: participantId,
  };
}

export function authorOf({ id, displayName, role }: Participant): Author {
  return { participantId: id, displayName, role };
}

/** Whoever speaks for the service: a flow. */
export function systemIn({ id }: Chat): Author {
  return { participantId: derivedUuid(id, "system"), displayName: SYSTEM_NAME, role: "SYSTEM" };
}

const SYSTEM_NAME = "SYSTEM_MESSAGE";

export function putItem(unit: Unit, item: ChatItem): void {
  unit.put(chatItems, itemKey(item), item);
}

export function itemKey(item: ChatRef & Pick<ChatItem, "timeMs" | "number">): string {
  return instanceKey(item, item.chatId, item.timeMs, item.number);
}

export async function findItem(reader: Reader, chat: ChatRef, itemId: string): Promise<ChatItem | undefined> {
  const equals = instanceKey(refOf(chat), chat.chatId, itemId);
  return (await reader.list(chatItems, { index: "itemId", equals, limit: 1 })).documents[0];
}

/** Now, but never before what is in the transcript already: a machine's clock may be set back. */
export function nowIn(platform: Platform, chat: Chat): number {
  return Math.max(platform.clock.now(), chat.lastItemMs);
}

/** Characters as people count them. */
export function lengthOf(text: string): number {
  return [...text].length;
}

function withMessage(chat: Chat, { type, author, content = "", timeMs }: ChatItem): Chat {
  if (type !== "MESSAGE" || !author) return chat;
  return {
    ...chat,
    counts: countMessage(chat.counts, { by: sideOfAuthor(chat, author), chars: lengthOf(content), timeMs }),
  };
}

function sideOfAuthor({ counts }: Chat, { participantId, role }: Author): Side | "bot" | undefined {
  if (participantId === counts.customer?.participantId) return "customer";
  if (participantId === counts.agent?.participantId) return "agent";
  return role === "SYSTEM" || role === "CUSTOM_BOT" ? "bot" : undefined;
}

type Told = Pick<ChatItem, "chatId" | "contactId" | "id" | "type" | "contentType" | "timeMs"> &
  Partial<Pick<ChatItem, "content" | "author" | "attachment">>;

/** What frames and transcripts tell of an item alike. */
export function membersOf(item: Told): Item {
  const { author, attachment } = item;
  return {
    AbsoluteTime: new Date(item.timeMs).toISOString(),
    Content: item.content,
    ContentType: item.contentType,
    Id: item.id,
    Type: item.type,
    ParticipantId: author?.participantId,
    DisplayName: author?.displayName,
    ParticipantRole: author?.role,
    Attachments: attachment && [attachmentOf(attachment)],
  };
}

/** The content of an item's frame: of an event the service itself is the author, where nobody else is. */
function frameOf(item: Told): Record<string, unknown> {
  return {
    ...membersOf(item),
    InitialContactId: item.chatId,
    ContactId: item.contactId,
  };
}

/** There is nobody who scans attachments, so each is approved at once. */
function attachmentOf({ id, name, contentType }: ItemAttachment): {
  ContentType: string;
  AttachmentId: string;
  AttachmentName: string;
  Status: "APPROVED";
} {
  return { ContentType: contentType, AttachmentId: id, AttachmentName: name, Status: "APPROVED" };
}
