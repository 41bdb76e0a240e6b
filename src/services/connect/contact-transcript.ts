/** What was said or written in a contact, item by item, on whatever channel. */
import type { Reader } from "../../store/store.ts";
import { instanceKey } from "./arns.ts";
import { type ChatItem, chatItems } from "./chat-posts.ts";
import { utterances } from "./contact-speech.ts";
import type { Contact } from "./contacts.ts";
import { findEmailMessage } from "./email-messages.ts";

interface TranscriptItem {
  /** The one that its analysis has, too. */
  readonly id: string;
  readonly type: ChatItem["type"];
  /** `CUSTOMER`, `AGENT`, `SYSTEM`, or another role of a chat. */
  readonly speaker: string;
  readonly displayName?: string | undefined;
  readonly contentType: string;
  readonly content: string;
  readonly beginMs: number;
  /** What is written begins and ends at once. */
  readonly endMs: number;
}

/** Items read at once. */
const PAGE_SIZE = 1_000;

/** The first items of a contact, in the order of their beginnings, and whether there are more. */
export async function transcriptOf(
  reader: Reader,
  contact: Contact,
  limit: number,
): Promise<{ readonly items: readonly TranscriptItem[]; readonly hasMore: boolean }> {
  if (contact.channel === "EMAIL") return { items: await mailOf(reader, contact), hasMore: false };
  const items: TranscriptItem[] = [];
  let after: string | undefined;
  do {
    const page = { prefix: instanceKey(contact, contact.id, ""), limit: Math.min(PAGE_SIZE, limit + 1), after };
    if (contact.channel === "CHAT") {
      const { documents, next } = await reader.list(chatItems, { ...page, index: "contact" });
      items.push(...documents.map(written));
      after = next;
    } else {
      const { documents, next } = await reader.list(utterances, page);
      for (const { key, speaker, text, beginMs, endMs } of documents) {
        const id = key.slice(key.lastIndexOf(END_OF_COLUMN) + END_OF_COLUMN.length);
        items.push({ id, type: "MESSAGE", speaker, contentType: "text/plain", content: text, beginMs, endMs });
      }
      after = next;
    }
  } while (after !== undefined && items.length <= limit);
  return { items: items.slice(0, limit), hasMore: items.length > limit };
}

/** The last column of an utterance's key is its id. */
const END_OF_COLUMN = "\u001f";

function written({ id, type, timeMs, contentType = "", content = "", author, attachment }: ChatItem): TranscriptItem {
  return {
    id,
    type,
    speaker: author?.role ?? "SYSTEM",
    displayName: author?.displayName,
    contentType,
    content: attachment?.name ?? content,
    beginMs: timeMs,
    endMs: timeMs,
  };
}

async function mailOf(reader: Reader, contact: Contact): Promise<readonly TranscriptItem[]> {
  const mail = await findEmailMessage(reader, contact);
  if (!mail) return [];
  const isInbound = contact.initiationMethod === "INBOUND";
  const { subject, body, contentType } = mail;
  return [
    {
      id: contact.id,
      type: "MESSAGE",
      speaker: isInbound ? "CUSTOMER" : "AGENT",
      displayName: isInbound ? contact.customerEndpoint?.address : undefined,
      contentType,
      content: subject === "" ? body : `${subject}\n\n${body}`,
      beginMs: contact.initiationMs,
      endMs: contact.initiationMs,
    },
  ];
}
