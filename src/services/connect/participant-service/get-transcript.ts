import type { GetTranscriptRequest, GetTranscriptResponse, Item } from "@aws-sdk/client-connectparticipant";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import { cutPage, pageStart } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { instanceKey, refOf } from "../arns.ts";
import { membersOf, receiptOf } from "../chat-posts.ts";
import {
  BEGINNING,
  before,
  behind,
  endOf,
  type Place,
  type Placed,
  placeItem,
  placeOfTime,
  type Section,
  scanItems,
  sectionsOf,
} from "../chat-transcript.ts";
import type { Chat } from "../chats.ts";
import { contacts } from "../contacts.ts";
import type { Bearer } from "../participant-tokens.ts";
import { getSender, validation } from "./bearers.ts";

/** "The maximum number of results to return in the page. Default: 10." */
const PAGE_SIZE = 10;

/** A page of what was written, in this chat and in those that it continues. */
export async function getTranscript(
  input: Validated<GetTranscriptRequest>,
  context: Context,
  bearer: Bearer,
): Promise<GetTranscriptResponse> {
  const { store } = context;
  const { chat } = await getSender(store, bearer);
  const sections = input.ContactId === undefined ? sectionsOf(chat) : [await sectionOf(store, chat, input.ContactId)];
  const position = input.StartPosition ?? {};
  const hasPosition = Object.values(position).some((value) => value !== undefined);
  const isForward = (input.ScanDirection ?? (hasPosition ? "FORWARD" : "BACKWARD")) === "FORWARD";
  const request = {
    of: [chat.id, input.ContactId, isForward, input.SortOrder, position.Id, position.AbsoluteTime, position.MostRecent],
    token: input.NextToken,
    limit: input.MaxResults || PAGE_SIZE,
    refuse: () => validation("NextToken is not of this request"),
  };
  const goingOn = pageStart(request);
  const from = goingOn === undefined ? await startOf(store, chat, sections, position, isForward) : parsePlace(goingOn);

  const scanned = await scanItems(store, chat, sections, { from, isForward, limit: request.limit + 1 });
  // A token names the last item of its page: the next one begins behind it, as the scan goes.
  const nameOf = (placed: Placed): string => printPlace(isForward ? behind(placed) : before(placed));
  const { items, nextToken } = cutPage(scanned, nameOf, request);
  const isAscending = input.SortOrder === "ASCENDING";
  const ordered = isForward === isAscending ? items : items.toReversed();
  return {
    InitialContactId: chat.id,
    Transcript: ordered.map(({ item }) => shown(chat, item)),
    NextToken: nextToken,
  };
}

function printPlace({ section, timeMs, number }: Place): string {
  return `${section}.${timeMs}.${number}`;
}

function parsePlace(text: string): Place {
  const found = /^(\d{1,3})\.(\d{1,15})\.(\d{1,15})$/.exec(text);
  if (!found) throw validation("NextToken is not of this request");
  return { section: Number(found[1]), timeMs: Number(found[2]), number: Number(found[3]) };
}

type Position = NonNullable<Validated<GetTranscriptRequest>["StartPosition"]>;

/** Where the first page begins: with the item of the start position, or with the oldest or the newest one. */
async function startOf(
  reader: Reader,
  chat: Chat,
  sections: readonly Section[],
  { Id: id, AbsoluteTime: time, MostRecent: mostRecent }: Position,
  isForward: boolean,
): Promise<Place> {
  if ([id, time, mostRecent].filter((value) => value !== undefined).length > 1) {
    throw validation("StartPosition has one of Id, AbsoluteTime and MostRecent");
  }
  const including = (placed: Placed): Place => (isForward ? before(placed) : behind(placed));
  if (id !== undefined) {
    const placed = await placeItem(reader, chat, sections, id);
    if (!placed) throw validation(`There is no item ${id} in the transcript`);
    return including(placed);
  }
  if (time !== undefined) {
    const timeMs = parseTime(time);
    return placeOfTime(reader, chat, sections, isForward ? timeMs : timeMs + 1);
  }
  if (mostRecent !== undefined) {
    const scan = { from: endOf(sections), isForward: false, limit: Math.max(mostRecent, 1) };
    const found = (await scanItems(reader, chat, sections, scan)).at(-1);
    return found ? including(found) : BEGINNING;
  }
  return isForward ? BEGINNING : endOf(sections);
}

function parseTime(text: string): number {
  const timeMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (!(timeMs >= 0)) throw validation(`${text} is no time in ISO 8601`);
  return timeMs;
}

/** The items of one contact, of the chat's chain or of those that it continues. */
async function sectionOf(reader: Reader, chat: Chat, contactId: string): Promise<Section> {
  const contact = await reader.get(contacts, instanceKey(refOf(chat), contactId));
  const chatId = contact && (contact.initialContactId ?? contact.id);
  const isShown = sectionsOf(chat).some(
    (section) => section.chatId === chatId && (section.contactId ?? contactId) === contactId,
  );
  if (chatId === undefined || !isShown) throw validation(`Contact ${contactId} is not part of this chat`);
  return { chatId, contactId };
}

function shown(chat: Chat, item: Placed["item"]): Item {
  const { receipts, contactId } = item;
  return {
    ...membersOf(item),
    MessageMetadata: receipts && { MessageId: item.id, Receipts: receipts.map(receiptOf) },
    ...(item.chatId === chat.id ? { ContactId: contactId } : { RelatedContactId: contactId }),
  };
}
