import type { Reader } from "../../store/store.ts";
import { instanceKey, refOf } from "./arns.ts";
import { type ChatItem, chatItems, findItem } from "./chat-posts.ts";
import type { Chat, PastChat } from "./chats.ts";

/**
 * Reading transcripts. What a chat shows is a row of sections, the oldest first: the chats that it continues, or single contacts of
 * them, and its own; items of each in the order of their time, then of arrival.
 */
export type Section = PastChat;

/** A place between items: behind `section`'s items that are before (time, number). */
export interface Place {
  readonly section: number;
  readonly timeMs: number;
  readonly number: number;
}

export function sectionsOf(chat: Chat): readonly Section[] {
  return [...chat.past, { chatId: chat.id }];
}

/** The place in front of everything, and the one behind. */
export const BEGINNING: Place = { section: 0, timeMs: 0, number: 0 };

export function endOf(sections: readonly Section[]): Place {
  return { section: sections.length - 1, timeMs: Number.MAX_SAFE_INTEGER, number: 0 };
}

/** An item, and in which section it stands. */
export interface Placed {
  readonly item: ChatItem;
  readonly section: number;
}

export function before({ item, section }: Placed): Place {
  return { section, timeMs: item.timeMs, number: item.number };
}

export function behind({ item, section }: Placed): Place {
  return { section, timeMs: item.timeMs, number: item.number + 1 };
}

/** The next items from a place on, forwards or backwards, in the order of the scan. */
export async function scanItems(
  reader: Reader,
  chat: Chat,
  sections: readonly Section[],
  scan: { readonly from: Place; readonly isForward: boolean; readonly limit: number },
): Promise<readonly Placed[]> {
  const found: Placed[] = [];
  const step = scan.isForward ? 1 : -1;
  for (let section = scan.from.section; section in sections && found.length < scan.limit; section += step) {
    const limit = scan.limit - found.length;
    const items = await scanSection(reader, chat, sections[section] as Section, {
      ...scan,
      limit,
      from: section === scan.from.section ? scan.from : undefined,
    });
    found.push(...items.map((item) => ({ item, section })));
  }
  return found;
}

async function scanSection(
  reader: Reader,
  chat: Chat,
  { chatId, contactId }: Section,
  scan: { readonly from: Place | undefined; readonly isForward: boolean; readonly limit: number },
): Promise<readonly ChatItem[]> {
  const [index, id] = contactId === undefined ? [undefined, chatId] : ["contact", contactId];
  const bound = scan.from && instanceKey(refOf(chat), id, scan.from.timeMs, scan.from.number);
  const range = {
    ...(index !== undefined && { index }),
    prefix: instanceKey(refOf(chat), id, ""),
    ...(bound !== undefined && (scan.isForward ? { from: bound } : { before: bound })),
    descending: !scan.isForward,
  };
  const items: ChatItem[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(chatItems, { ...range, limit: scan.limit - items.length, after });
    items.push(...page.documents);
    after = page.next;
  } while (after !== undefined && items.length < scan.limit);
  return items;
}

/** An item by its id, where the sections have it. */
export async function placeItem(
  reader: Reader,
  chat: Chat,
  sections: readonly Section[],
  itemId: string,
): Promise<Placed | undefined> {
  for (const [section, { chatId, contactId }] of sections.entries()) {
    const item = await findItem(reader, { ...refOf(chat), chatId }, itemId);
    if (item && (contactId === undefined || item.contactId === contactId)) return { item, section };
  }
  return undefined;
}

/** The place in front of the first item that is not before a time. */
export async function placeOfTime(
  reader: Reader,
  chat: Chat,
  sections: readonly Section[],
  timeMs: number,
): Promise<Place> {
  for (const section of sections.keys()) {
    const from = { section, timeMs, number: 0 };
    const [first] = await scanSection(reader, chat, sections[section] as Section, { from, isForward: true, limit: 1 });
    if (first) return from;
  }
  return endOf(sections);
}
