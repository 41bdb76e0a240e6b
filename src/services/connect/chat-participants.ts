import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { refOf } from "./arns.ts";
import { appendToFeed } from "./chat-feed.ts";
import { type ChatMetrics, metricsOf, NO_MESSAGES, sideOf } from "./chat-metrics.ts";
import { authorOf, nowIn, postEvent } from "./chat-posts.ts";
import { nextWatchStep, startWatch } from "./chat-watch.ts";
import {
  type Chat,
  type ChatRef,
  chatRef,
  findChat,
  findParticipant,
  getChat,
  type Participant,
  presentIn,
  putChat,
  putParticipant,
} from "./chats.ts";
import { cancelContactTimer, contactTimer } from "./contact-timers.ts";
import type { Contact } from "./contacts.ts";
import { resourceKey } from "./instance-resources.ts";
import { users } from "./users.ts";

/** Who comes to chats and who goes, as their contacts change. Of contacts of other channels nothing of this changes anything. */

/** "You have 5 minutes to connect": the customer of a chat that was started by an API. */
const ARRIVAL_MS = 300_000;

/** The id of an agent's or a supervisor's participant in a chat: another one with each contact. */
export function agentParticipantId(contact: Pick<Contact, "id">): string {
  return derivedUuid(contact.id, "agent");
}

/** Sets when a chat ends if its customer does not come. */
export function awaitCustomer(unit: Unit, platform: Platform, chat: Chat): void {
  const contact = { ...refOf(chat), id: chat.contactId };
  platform.flow.schedule(unit, contactTimer("connect.chat-arrival", contact, chat.startMs + ARRIVAL_MS));
}

/** A participant is there: the others are told, once. */
export async function joinChat(unit: Unit, platform: Platform, participant: Participant): Promise<Participant> {
  if (participant.joinedMs !== undefined) return participant;
  const chat = await getChat(unit, participant);
  const joined: Participant = { ...participant, joinedMs: nowIn(platform, chat) };
  putParticipant(unit, joined);
  if (participant.id === chat.customerId) {
    cancelContactTimer(unit, platform.flow, "connect.chat-arrival", { ...refOf(chat), id: chat.contactId });
  }
  const others = (await presentIn(unit, chatRef(chat))).filter(isPerson);
  const isMultiParty = chat.counts.isMultiParty || others.length > 2;
  putChat(unit, { ...chat, counts: { ...chat.counts, isMultiParty } });
  await postEvent(unit, platform, chatRef(chat), "participant.joined", authorOf(joined));
  return joined;
}

/** A participant leaves a chat that goes on, and their sockets end. */
export async function leaveAlone(unit: Unit, platform: Platform, participant: Participant): Promise<void> {
  await depart(unit, platform, participant);
  appendToFeed(unit, participant, { ends: participant.id });
}

async function depart(unit: Unit, platform: Platform, participant: Participant): Promise<void> {
  if (participant.leftMs !== undefined) return;
  const chat = await getChat(unit, participant);
  putParticipant(unit, { ...participant, leftMs: nowIn(platform, chat) });
  if (participant.joinedMs !== undefined) {
    await postEvent(unit, platform, chatRef(chat), "participant.left", authorOf(participant));
  }
}

/** An agent has a chat: they take part in it, and whoever writes nothing is watched from now on. Supervisors only read. */
export async function agentJoins(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const chat = await findChat(unit, contact);
  if (!chat || !contact.agent) return;
  const isSupervisor = contact.initiationMethod === "MONITOR";
  const agent: Participant = {
    ...chatRef(chat),
    id: agentParticipantId(contact),
    role: isSupervisor ? "SUPERVISOR" : "AGENT",
    displayName: await displayNameOf(unit, contact, contact.agent),
    contactId: contact.id,
    expiresMs: chat.expiresMs,
  };
  putParticipant(unit, agent);
  if (isSupervisor) return;

  const watch = chat.timers && startWatch(chat.timers, contact.agent.connectedMs);
  const counts = { ...chat.counts, agent: sideOf(agent.id), agentJoinedMs: contact.agent.connectedMs };
  putChat(unit, { ...chat, watch, counts });
  const step = watch && nextWatchStep(watch);
  if (step) platform.flow.schedule(unit, contactTimer("connect.chat-idle", contact, step.dueMs));
  await joinChat(unit, platform, agent);
}

/** A supervisor takes part in a chat, or only reads again. */
export async function supervisorTakesPart(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  takesPart: boolean,
): Promise<void> {
  const chat = await findChat(unit, contact);
  const supervisor = chat && (await findParticipant(unit, chatRef(chat), agentParticipantId(contact)));
  if (!supervisor) return;
  if (takesPart) await joinChat(unit, platform, supervisor);
  else if (supervisor.joinedMs !== undefined) {
    await postEvent(unit, platform, supervisor, "participant.left", authorOf(supervisor));
    putParticipant(unit, { ...supervisor, joinedMs: undefined });
  }
}

/** A supervisor takes a chat over: from now on it is the one of their contact. The agent's contact has yet to end. */
export async function takeChatOver(
  unit: Unit,
  platform: Platform,
  observed: Contact,
  contact: Pick<Contact, "id">,
): Promise<void> {
  const chat = await findChat(unit, observed);
  if (!chat) return;
  putChat(unit, { ...chat, contactId: contact.id });
  const ended = contactTimer("connect.expiry", { ...refOf(chat), id: contact.id }, observed.expiresMs ?? chat.endsMs);
  platform.flow.schedule(unit, ended);
}

/**
 * A contact of a chat ends. Its agent leaves; the chat ends with it, unless the contact was transferred or taken over: then it goes on
 * with the next one. Answers with what the contact's messages come to.
 */
export async function leaveChat(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  end: { readonly reason: string; readonly atMs: number },
): Promise<ChatMetrics | undefined> {
  const chat = await findChat(unit, contact);
  if (!chat) return undefined;
  const agent = await findParticipant(unit, chatRef(chat), agentParticipantId(contact));
  if (contact.initiationMethod === "MONITOR" && chat.contactId !== contact.id) {
    if (agent && chat.endedMs === undefined) await leaveAlone(unit, platform, agent);
    return undefined;
  }
  cancelContactTimer(unit, platform.flow, "connect.chat-arrival", contact);
  cancelContactTimer(unit, platform.flow, "connect.chat-idle", contact);
  const metrics = metricsOf(chat.counts, { timeMs: end.atMs, isIdle: end.reason === "IDLE_DISCONNECT" });
  const isTakenOver = chat.contactId !== contact.id;
  const nextId = isTakenOver ? chat.contactId : contact.nextContactId;
  if (nextId !== undefined) {
    if (!isTakenOver) await postEvent(unit, platform, chatRef(chat), "transfer.succeeded", agent && authorOf(agent));
    if (agent) await leaveAlone(unit, platform, agent);
    await goOn(unit, platform, chatRef(chat), nextId);
    return metrics;
  }
  const customer = await findParticipant(unit, chatRef(chat), chat.customerId);
  if (customer && end.reason === "CUSTOMER_DISCONNECT") await depart(unit, platform, customer);
  if (awaitsDisconnectFlow(contact, end.reason)) {
    if (agent) await leaveAlone(unit, platform, agent);
    return metrics;
  }
  if (agent) await depart(unit, platform, agent);
  await endChat(unit, platform, chatRef(chat));
  return metrics;
}

/** Whether the customer stays behind with a disconnect flow: then `passChatOn` says how it goes on. */
function awaitsDisconnectFlow({ hooks, agent }: Contact, reason: string): boolean {
  const isAgents = reason === "AGENT_DISCONNECT" || reason === "IDLE_DISCONNECT";
  return isAgents && agent !== undefined && hooks?.CustomerRemaining !== undefined;
}

/** The chat of a contact that its agent has ended goes on with the disconnect flow's contact, or ends where there is none. */
export async function passChatOn(
  unit: Unit,
  platform: Platform,
  ended: Contact,
  next: Pick<Contact, "id"> | undefined,
): Promise<void> {
  const chat = await findChat(unit, ended);
  if (!chat || chat.endedMs !== undefined || chat.contactId !== ended.id) return;
  if (next) await goOn(unit, platform, chatRef(chat), next.id);
  else await endChat(unit, platform, chatRef(chat));
}

async function endChat(unit: Unit, platform: Platform, chat: ChatRef): Promise<void> {
  await postEvent(unit, platform, chat, "chat.ended");
  appendToFeed(unit, chat, { ends: true });
  const ended = await getChat(unit, chat);
  putChat(unit, { ...ended, endedMs: nowIn(platform, ended), watch: undefined });
}

/** The chat goes on with its next contact, whose agent may be there already: a supervisor who has taken it over. */
async function goOn(unit: Unit, platform: Platform, ref: ChatRef, contactId: string): Promise<void> {
  const chat = await getChat(unit, ref);
  const agent = await findParticipant(unit, ref, agentParticipantId({ id: contactId }));
  const counts = {
    ...NO_MESSAGES,
    customer: sideOf(chat.customerId),
    ...(agent && { agent: sideOf(agent.id), agentJoinedMs: agent.joinedMs }),
  };
  const next: Chat = { ...chat, contactId, counts, watch: undefined };
  putChat(unit, next);
  const customer = await findParticipant(unit, ref, chat.customerId);
  if (customer?.joinedMs === undefined) awaitCustomer(unit, platform, next);
}

function isPerson({ role, joinedMs }: Participant): boolean {
  return joinedMs !== undefined && role !== "CUSTOM_BOT" && role !== "SYSTEM";
}

/** The agent's first name (our choice), or what there is of them. */
async function displayNameOf(
  unit: Unit,
  contact: Contact,
  { id, username }: { readonly id: string; readonly username: string },
): Promise<string> {
  const user = await unit.get(users, resourceKey({ ...refOf(contact), id }));
  return user?.identity.FirstName || username;
}
