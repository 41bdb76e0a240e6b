/** The transcript of a chat's contact, which lies in S3 once the contact has ended (`CHAT_TRANSCRIPTS` of the storage configuration). */
import type { Reader, Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import type { Platform } from "../service.ts";
import { instanceKey, refOf } from "./arns.ts";
import { type ChatItem, chatItems, membersOf } from "./chat-posts.ts";
import type { Contact } from "./contacts.ts";
import { dayFolder, findFileFolder, oweFile } from "./owed-files.ts";

/** As published transcripts have it. */
const VERSION = "2019-08-26";

const ITEMS_READ = 1_000;

export interface TranscriptOrder {
  readonly contactId: string;
}

/** Owes the transcript of a contact that ends, where the instance keeps transcripts. */
export async function oweChatTranscript(unit: Unit, platform: Platform, contact: Contact): Promise<void> {
  const place = await findTranscriptPlace(unit, contact);
  if (!place) return;
  const order: TranscriptOrder = { contactId: contact.id };
  const id = derivedUuid(contact.instanceId, contact.id, "transcript");
  await oweFile(unit, platform, refOf(contact), { kind: "chat-transcript", id, ...place, order });
}

/** `ChatTranscripts/2026/03/03/CONTACT_20260303T10:15_UTC.json`, with the minute in which the contact began. `undefined`: it has none. */
export async function findTranscriptPlace(
  reader: Reader,
  contact: Contact,
): Promise<{ readonly bucket: string; readonly key: string } | undefined> {
  if (contact.channel !== "CHAT") return undefined;
  const folder = await findFileFolder(reader, contact, "CHAT_TRANSCRIPTS");
  if (!folder) return undefined;
  const { id, initiationMs } = contact;
  const minute = new Date(initiationMs).toISOString().slice(0, 16).replaceAll("-", "");
  const key = `${folder.prefix}ChatTranscripts/${dayFolder(initiationMs)}/${id}_${minute}_UTC.json`;
  return { bucket: folder.bucket, key };
}

/** Everything that was written in a contact, as the file has it. `undefined`: nothing was. */
export async function chatTranscriptFile(reader: Reader, contact: Contact): Promise<string | undefined> {
  const items = await itemsOf(reader, contact);
  if (items.length === 0) return undefined;
  const authors = new Set(items.flatMap(({ author }) => (author ? [author.participantId] : [])));
  return JSON.stringify({
    Version: VERSION,
    AWSAccountId: contact.account,
    InstanceId: contact.instanceId,
    InitialContactId: contact.initialContactId ?? contact.id,
    ContactId: contact.id,
    Participants: [...authors].map((ParticipantId) => ({ ParticipantId })),
    Transcript: items.map(membersOf),
  });
}

async function itemsOf(reader: Reader, contact: Contact): Promise<ChatItem[]> {
  const found: ChatItem[] = [];
  let after: string | undefined;
  do {
    const prefix = instanceKey(contact, contact.id, "");
    const page = await reader.list(chatItems, { index: "contact", prefix, limit: ITEMS_READ, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}
