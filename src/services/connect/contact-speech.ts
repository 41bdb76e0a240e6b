import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { chatItems, post, systemIn } from "./chat-posts.ts";
import { chatRef, findChat, PLAIN_TEXT } from "./chats.ts";
import { type Contact, retainedUntilMs } from "./contacts.ts";
import { tellConversation } from "./conversation-log.ts";
import { invalidRequest } from "./errors.ts";

/** Something that somebody said in a conversation. */
export interface Utterance {
  readonly key: string;
  readonly speaker: Speaker;
  readonly text: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly expiresMs: number;
}

export type Speaker = "CUSTOMER" | "AGENT" | "SYSTEM";

/** By contact, then by when it began. Kept as long as the contact. */
export const utterances: Collection<Utterance> = collection("connect_utterances", {
  expires: { type: "integer", value: (utterance) => utterance.expiresMs },
});

/**
 * Keeps a sentence of a contact that is going on: for whoever analyses the conversation. Of what is said while the recording of that part
 * of the call is suspended or stopped nothing is kept or told: "silence in the file and no transcript".
 */
export function keepUtterance(
  unit: Unit,
  contact: Contact,
  said: Pick<Utterance, "speaker" | "text" | "beginMs" | "endMs"> & { readonly id: string },
): void {
  if (contact.state === "DISCONNECTED") throw invalidRequest(`Contact ${contact.id} has ended`);
  if (isSilenced(contact, said)) return;
  const { id, ...utterance } = said;
  const key = instanceKey(contact, contact.id, said.beginMs, id);
  unit.put(utterances, key, { ...utterance, key, expiresMs: retainedUntilMs(contact.initiationMs) });
  const { speaker, text, beginMs, endMs } = said;
  const turn = { id, type: "MESSAGE", speaker, content: text, contentType: "text/plain", beginMs, endMs } as const;
  tellConversation(unit, contact, { kind: "said", turn });
}

/** Whether any of it is said while nothing is recorded. With an agent that is the recording of the conversation, before of the menus. */
function isSilenced({ agent, silences = [] }: Contact, said: Pick<Utterance, "beginMs" | "endMs">): boolean {
  const recording = agent && said.beginMs >= agent.connectedMs ? "AGENT" : "IVR";
  return silences.some(
    ({ kind, startMs, endMs = Number.POSITIVE_INFINITY }) =>
      kind === recording && said.beginMs < endMs && Math.max(said.endMs, said.beginMs + 1) > startMs,
  );
}

/** Sentences looked through at once: there are few of others between two of the same speaker. */
const LOOK_BACK = 10;

/** Whether a speaker says something else during a stretch of time. What lasts no time is in the way of nothing that begins with it. */
export async function isSpeaking(
  reader: Reader,
  contact: Contact,
  { speaker, beginMs, endMs }: Pick<Utterance, "speaker" | "beginMs" | "endMs">,
): Promise<boolean> {
  let next: Utterance | undefined;
  let after: string | undefined;
  do {
    const page = await reader.list(utterances, {
      from: instanceKey(contact, contact.id, 0),
      before: instanceKey(contact, contact.id, Math.max(beginMs, endMs - 1) + 1),
      descending: true,
      limit: LOOK_BACK,
      after,
    });
    for (const utterance of page.documents) {
      if (utterance.speaker !== speaker) continue;
      if (utterance.endMs > beginMs) return true;
      // What a speaker says follows one another, so that nothing earlier ends later: but for what begins at once, one of which lasts no time.
      if (next && utterance.beginMs < next.beginMs) return false;
      next = utterance;
    }
    after = page.next;
  } while (after !== undefined);
  return false;
}

/** Words a minute at which what flows say is spoken (our choice). */
const WORDS_PER_MINUTE = 150;

/** How long a text takes to be spoken. Marks of SSML take no time. */
export function speakingMs(text: string): number {
  const words = text.replaceAll(/<[^>]*>/g, " ").match(/\S+/g) ?? [];
  return Math.round((words.length * 60_000) / WORDS_PER_MINUTE);
}

/** What a flow says to the customer now: on a call a sentence that the SYSTEM speaks, in a chat a message that it writes. */
export async function flowSays(unit: Unit, platform: Platform, contact: Contact, text: string): Promise<void> {
  const chat = await findChat(unit, contact);
  if (chat) {
    const author = systemIn(chat);
    await post(unit, platform, chatRef(chat), { type: "MESSAGE", contentType: PLAIN_TEXT, content: text, author });
  }
  if (contact.channel !== "VOICE") return;
  const beginMs = Math.max(platform.clock.now(), contact.lastUpdateMs);
  const id = derivedUuid(contact.id, "says", String(beginMs), text);
  keepUtterance(unit, contact, { id, speaker: "SYSTEM", text, beginMs, endMs: beginMs + speakingMs(text) });
}

/** Sentences read at once. */
const PAGE_SIZE = 1_000;

/** What was said, in the order of its beginnings. Of a chat: what was written, which lasts no time. */
export async function utterancesOf(
  reader: Reader,
  contact: Contact,
): Promise<readonly Pick<Utterance, "speaker" | "text" | "beginMs" | "endMs">[]> {
  if (contact.channel === "CHAT") return writtenIn(reader, contact);
  const found: Utterance[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(utterances, {
      prefix: instanceKey(contact, contact.id, ""),
      limit: PAGE_SIZE,
      after,
    });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** What customers, agents and everybody else wrote in a contact of a chat. */
async function writtenIn(reader: Reader, contact: Contact): Promise<readonly Omit<Utterance, "key" | "expiresMs">[]> {
  const written: Omit<Utterance, "key" | "expiresMs">[] = [];
  let after: string | undefined;
  do {
    const prefix = instanceKey(contact, contact.id, "");
    const page = await reader.list(chatItems, { index: "contact", prefix, limit: PAGE_SIZE, after });
    for (const { type, content, author, timeMs } of page.documents) {
      if (type !== "MESSAGE" || content === undefined) continue;
      const speaker = author?.role === "CUSTOMER" || author?.role === "AGENT" ? author.role : "SYSTEM";
      written.push({ speaker, text: content, beginMs: timeMs, endMs: timeMs });
    }
    after = page.next;
  } while (after !== undefined);
  return written;
}
