import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { authorOf, nowIn, showEvent } from "./chat-posts.ts";
import { nextWatchStep } from "./chat-watch.ts";
import { type Chat, chatRef, findChat, type Participant, presentIn, putChat } from "./chats.ts";
import { contactTimer } from "./contact-timers.ts";
import { disconnectContact } from "./contact-transitions.ts";
import type { Contact } from "./contacts.ts";
import { startDisconnectFlow } from "./flow-run/start-flows.ts";

/** A look at who writes nothing in a chat: tells of who is idle, and ends the chat when its time is over. */
export async function onChatIdle(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const chat = await findChat(unit, contact);
  const step = chat?.watch && nextWatchStep(chat.watch);
  if (!chat?.watch || !step || chat.contactId !== contact.id) return;
  const timeMs = nowIn(platform, chat);
  if (step.dueMs > timeMs) {
    platform.flow.schedule(unit, contactTimer("connect.chat-idle", contact, step.dueMs));
    return;
  }
  const participant = await whoIs(unit, chat, step.role);
  const event = step.what === "idle" ? "participant.idle" : "participant.autodisconnection";
  showEvent(unit, chat, {
    id: derivedUuid(chat.id, event, step.role, String(step.dueMs)),
    event,
    timeMs,
    ...(participant && { author: authorOf(participant) }),
  });
  if (step.what === "disconnect") {
    await startDisconnectFlow(unit, platform, await disconnectContact(unit, platform, contact, "IDLE_DISCONNECT"));
    return;
  }
  const watch = { ...chat.watch, idleSinceMs: { ...chat.watch.idleSinceMs, [step.role]: step.dueMs } };
  putChat(unit, { ...chat, watch });
  const next = nextWatchStep(watch);
  if (next) platform.flow.schedule(unit, contactTimer("connect.chat-idle", contact, next.dueMs));
}

/** The customer, or the contact's agent. */
async function whoIs(unit: Unit, chat: Chat, role: string): Promise<Participant | undefined> {
  const wanted = role === "CUSTOMER" ? chat.customerId : chat.counts.agent?.participantId;
  return (await presentIn(unit, chatRef(chat))).find(({ id }) => id === wanted);
}
