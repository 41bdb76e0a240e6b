import type { SendEventRequest, SendEventResponse } from "@aws-sdk/client-connectparticipant";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import type { Unit } from "../../../store/store.ts";
import { derivedUuid } from "../../../time/ids.ts";
import { isJsonObject } from "../../json-text.ts";
import type { Context } from "../../service.ts";
import {
  authorOf,
  eventContentType,
  findItem,
  nowIn,
  putItem,
  type Receipt,
  showEvent,
  showReceipt,
} from "../chat-posts.ts";
import { presentIn } from "../chats.ts";
import type { Bearer } from "../participant-tokens.ts";
import { getSender, type Sender, validation } from "./bearers.ts";

const TYPING = eventContentType("typing");
/** Accepted, and without effect since 2024-12-31. */
const ACKNOWLEDGED = eventContentType("connection.acknowledged");
const DELIVERED = "application/vnd.amazonaws.connect.event.message.delivered";
const READ = "application/vnd.amazonaws.connect.event.message.read";

/** Receipts are for two. */
const RECEIPT_PARTICIPANTS_MAX = 2;

/** Tells the others that the participant types, or the author of a message that they have got or read it. */
export async function sendEvent(
  input: Validated<SendEventRequest>,
  context: Context,
  bearer: Bearer,
): Promise<SendEventResponse> {
  const { ContentType: contentType, ClientToken: token } = input;
  if (![TYPING, ACKNOWLEDGED, DELIVERED, READ].includes(contentType)) {
    throw validation(`ContentType ${contentType} is no event that participants send`);
  }
  const isReceipt = contentType === DELIVERED || contentType === READ;
  const messageId = isReceipt ? messageIdOf(input.Content) : undefined;
  const id = token === undefined ? context.ids.uuid() : derivedUuid(bearer.participantId, token);
  return context.store.commit(async (unit) => {
    const sender = await getSender(unit, bearer);
    const timeMs = nowIn(context, sender.chat);
    if (contentType === TYPING) {
      showEvent(unit, sender.chat, { id, event: "typing", author: authorOf(sender.participant), timeMs });
    }
    if (messageId !== undefined) await giveReceipt(unit, sender, { messageId, isRead: contentType === READ, timeMs });
    return { Id: id, AbsoluteTime: new Date(timeMs).toISOString() };
  });
}

/** A message that was read was got. What is told again changes nothing. */
async function giveReceipt(
  unit: Unit,
  { chat, participant }: Sender,
  given: { readonly messageId: string; readonly isRead: boolean; readonly timeMs: number },
): Promise<void> {
  const present = (await presentIn(unit, participant)).filter(({ joinedMs }) => joinedMs !== undefined);
  if (present.length > RECEIPT_PARTICIPANTS_MAX) {
    throw new ModeledError("ConflictException", "There are no receipts in a chat of more than two participants");
  }
  const item = await findItem(unit, participant, given.messageId);
  if (!item || item.type === "EVENT" || item.author?.participantId === participant.id) {
    throw validation(`There is no message ${given.messageId} of somebody else in chat ${chat.id}`);
  }
  const receipts = item.receipts ?? [];
  const earlier = receipts.find(({ participantId }) => participantId === participant.id);
  if (earlier && (earlier.readMs !== undefined || !given.isRead)) return;
  const receipt: Receipt = {
    participantId: participant.id,
    deliveredMs: earlier?.deliveredMs ?? given.timeMs,
    readMs: given.isRead ? given.timeMs : undefined,
  };
  const others = receipts.filter((other) => other !== earlier);
  putItem(unit, { ...item, receipts: [...others, receipt] });
  showReceipt(unit, item, receipt);
}

function messageIdOf(content: string | undefined): string {
  try {
    const parsed: unknown = JSON.parse(content ?? "");
    if (isJsonObject(parsed) && typeof parsed.messageId === "string") return parsed.messageId;
  } catch {
    // Told below, like every other content that names no message.
  }
  throw validation('The content of a receipt is JSON with a "messageId"');
}
