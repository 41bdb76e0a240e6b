import type { ParticipantTimerType, TimerEligibleParticipantRoles } from "@aws-sdk/client-connect";
import type { ParticipantRole } from "@aws-sdk/client-connectparticipant";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { type ChatCounts, NO_MESSAGES, sideOf } from "./chat-metrics.ts";
import { type Contact, retainedUntilMs } from "./contacts.ts";

/**
 * A conversation in writing. It lives as long as its chain of contacts: an agent who transfers a chat ends a contact and starts the next
 * one, while the customer writes on in the same chat.
 *
 *     chat ── participants (customer, agents, bots)      `chat-participants.ts`: who comes and goes
 *        └─── items (messages, events, attachments)      `chat-posts.ts`: what is said; `chat-transcript.ts`: reading it
 *        └─── the feed, which sockets push               `chat-feed.ts`
 */
export interface Chat extends InstanceRef {
  /** The first contact of the chain (`InitialContactId`). */
  readonly id: string;
  /** The contact of the chain that goes on, or was the last one. */
  readonly contactId: string;
  /** `SupportedMessagingContentTypes`. */
  readonly contentTypes: readonly string[];
  /** The participant who began it, and whose leaving ends it. */
  readonly customerId: string;
  readonly customerName: string;
  readonly startMs: number;
  /** When it ends by itself. */
  readonly endsMs: number;
  readonly endedMs?: number | undefined;
  /** Earlier chats that this one continues, the oldest first: whole, or a single contact of one. */
  readonly past: readonly PastChat[];
  /** How many items there were so far. Gives the next one its number. */
  readonly itemCount: number;
  readonly attachmentCount: number;
  readonly lastItemMs: number;
  /** Of the contact that goes on. */
  readonly counts: ChatCounts;
  /** What UpdateParticipantRoleConfig has set, for the agents who join from then on. */
  readonly timers?: RoleTimers | undefined;
  /** The timers that run, while an agent is there. */
  readonly watch?: ChatWatch | undefined;
  readonly expiresMs: number;
}

export interface PastChat {
  readonly chatId: string;
  readonly contactId?: string | undefined;
}

/** Minutes, by role and what is due then. */
export type RoleTimers = Readonly<
  Partial<Record<TimerEligibleParticipantRoles, Readonly<Partial<Record<ParticipantTimerType, number>>>>>
>;

/** Who is watched for writing nothing: since the agent joined, and by role since when they are idle. */
export interface ChatWatch {
  readonly timers: RoleTimers;
  readonly startMs: number;
  readonly idleSinceMs: Readonly<Partial<Record<TimerEligibleParticipantRoles, number>>>;
  readonly lastMessageMs: Readonly<Partial<Record<TimerEligibleParticipantRoles, number>>>;
}

/** Somebody who takes part in a chat. */
export interface Participant extends InstanceRef {
  readonly chatId: string;
  readonly id: string;
  readonly role: ParticipantRole;
  readonly displayName: string;
  /** Of an agent or a supervisor: their contact. */
  readonly contactId?: string | undefined;
  /** When the others were told that they are there. Absent: they have not connected yet. */
  readonly joinedMs?: number | undefined;
  readonly leftMs?: number | undefined;
  readonly expiresMs: number;
}

/** Something of a chat: its document lies in the same instance. */
export type ChatRef = InstanceRef & { readonly chatId: string };

export const chats: Collection<Chat> = collection("connect_chats", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** By chat. */
export const participants: Collection<Participant> = collection("connect_participants", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** "text/plain" is what a chat takes that does not say more. */
export const PLAIN_TEXT = "text/plain";

/** "The total duration of the newly started chat session": 1 to 168 hours, by default 25. */
export const CHAT_MS: number = 25 * 3_600_000;

/** The chat that a contact is part of; `undefined` for calls, tasks and e-mails. */
export async function findChat(reader: Reader, contact: Contact): Promise<Chat | undefined> {
  if (contact.channel !== "CHAT") return undefined;
  return reader.get(chats, chatKey({ ...refOf(contact), chatId: contact.initialContactId ?? contact.id }));
}

export async function getChat(reader: Reader, chat: ChatRef): Promise<Chat> {
  const found = await reader.get(chats, chatKey(chat));
  if (!found) throw new Error(`Chat ${chat.chatId} is not there`);
  return found;
}

export function putChat(unit: Unit, chat: Chat): void {
  unit.put(chats, chatKey({ ...refOf(chat), chatId: chat.id }), chat);
}

export function chatKey(chat: ChatRef): string {
  return instanceKey(chat, chat.chatId);
}

export function chatRef(chat: Chat): ChatRef {
  return { ...refOf(chat), chatId: chat.id };
}

/** Begins the chat of a contact that is being created, with its customer, who is not there yet. */
export function openChat(
  unit: Unit,
  contact: InstanceRef & Pick<Contact, "id" | "initiationMs" | "expiresMs">,
  options: {
    readonly customerName: string;
    readonly customerId?: string;
    readonly contentTypes?: readonly string[] | undefined;
    readonly past?: readonly PastChat[];
  },
): Chat {
  const customerId = options.customerId ?? derivedUuid(contact.id, "customer");
  const chat: Chat = {
    ...refOf(contact),
    id: contact.id,
    contactId: contact.id,
    contentTypes: options.contentTypes ?? [PLAIN_TEXT],
    customerId,
    customerName: options.customerName,
    startMs: contact.initiationMs,
    endsMs: contact.expiresMs ?? contact.initiationMs + CHAT_MS,
    past: options.past ?? [],
    itemCount: 0,
    attachmentCount: 0,
    lastItemMs: contact.initiationMs,
    counts: { ...NO_MESSAGES, customer: sideOf(customerId) },
    expiresMs: retainedUntilMs(contact.initiationMs),
  };
  putChat(unit, chat);
  putParticipant(unit, {
    ...chatRef(chat),
    id: customerId,
    role: "CUSTOMER",
    displayName: options.customerName,
    expiresMs: chat.expiresMs,
  });
  return chat;
}

export function putParticipant(unit: Unit, participant: Participant): void {
  unit.put(participants, participantKey(participant, participant.id), participant);
}

export async function findParticipant(
  reader: Reader,
  chat: ChatRef,
  participantId: string,
): Promise<Participant | undefined> {
  return reader.get(participants, participantKey(chat, participantId));
}

/** More are not read: six may be there at once, and an agent comes with each transfer. */
const PARTICIPANTS_MAX = 1_000;

/** Whoever is in a chat, or may come: all who have not left. */
export async function presentIn(reader: Reader, chat: ChatRef): Promise<readonly Participant[]> {
  const prefix = participantKey(chat, "");
  const { documents } = await reader.list(participants, { prefix, limit: PARTICIPANTS_MAX });
  return documents.filter(({ leftMs }) => leftMs === undefined);
}

export function participantKey(chat: ChatRef, participantId: string): string {
  return instanceKey(chat, chat.chatId, participantId);
}
