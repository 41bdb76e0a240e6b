import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { type Contact, retainedUntilMs } from "./contacts.ts";
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

/** Keeps a sentence of a contact that is going on: for whoever analyses the conversation. */
export function keepUtterance(
  unit: Unit,
  contact: Contact,
  said: Pick<Utterance, "speaker" | "text" | "beginMs" | "endMs"> & { readonly id: string },
): void {
  if (contact.state === "DISCONNECTED") throw invalidRequest(`Contact ${contact.id} has ended`);
  const { id, ...utterance } = said;
  const key = instanceKey(contact, contact.id, said.beginMs, id);
  unit.put(utterances, key, { ...utterance, key, expiresMs: retainedUntilMs(contact.initiationMs) });
}

/** Words a minute at which what flows say is spoken (our choice). */
const WORDS_PER_MINUTE = 150;

/** How long a text takes to be spoken. Marks of SSML take no time. */
export function speakingMs(text: string): number {
  const words = text.replaceAll(/<[^>]*>/g, " ").match(/\S+/g) ?? [];
  return Math.round((words.length * 60_000) / WORDS_PER_MINUTE);
}

/** What a flow says to the customer now: on a call, a sentence that the SYSTEM speaks. Chats have no transcript yet. */
export async function flowSays(unit: Unit, platform: Platform, contact: Contact, text: string): Promise<void> {
  if (contact.channel !== "VOICE") return;
  const beginMs = Math.max(platform.clock.now(), contact.lastUpdateMs);
  const id = derivedUuid(contact.id, "says", String(beginMs), text);
  keepUtterance(unit, contact, { id, speaker: "SYSTEM", text, beginMs, endMs: beginMs + speakingMs(text) });
}

/** Sentences read at once. */
const PAGE_SIZE = 1_000;

/** What was said, in the order of its beginnings. */
export async function utterancesOf(reader: Reader, contact: Contact): Promise<readonly Utterance[]> {
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
