import type {
  CreatePersistentContactAssociationRequest,
  CreatePersistentContactAssociationResponse,
  RehydrationType,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import type { InstanceRef } from "./arns.ts";
import { nowIn, showEvent } from "./chat-posts.ts";
import { findChat, type PastChat, putChat } from "./chats.ts";
import { getContact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";

/** What a chat that continues an earlier one shows of it. */
export interface Past {
  /** The contact that it continues from (`ContinuedFromContactId`). */
  readonly contactId: string;
  /** The oldest first. */
  readonly chats: readonly PastChat[];
}

/** "Past chats": 100 contacts. */
const PAST_CHATS_MAX = 100;

/** Makes a chat that goes on continue an earlier one. */
export async function createPersistentContactAssociation(
  input: Validated<CreatePersistentContactAssociationRequest>,
  context: Context,
): Promise<CreatePersistentContactAssociationResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const contact = await getContact(unit, instance, input.InitialContactId, nowMs);
    const chat = await findChat(unit, contact);
    if (!chat || chat.id !== contact.id || chat.endedMs !== undefined) {
      throw invalidRequest(`Contact ${contact.id} is not the first contact of a chat that goes on`);
    }
    if (chat.past.length > 0) throw invalidRequest(`Chat ${chat.id} continues another one already`);
    const source = { sourceId: input.SourceContactId, type: input.RehydrationType };
    const past = await findPast(unit, instance, source, nowMs);
    putChat(unit, { ...chat, past: past.chats });
    showEvent(unit, chat, { id, event: "chat.rehydrated", timeMs: nowIn(context, chat) });
    return { ContinuedFromContactId: past.contactId };
  });
}

/**
 * The past of a chat that continues the one of a contact, which has ended: the whole of it, from its first contact, or only that contact;
 * and what that one continues itself.
 */
export async function findPast(
  reader: Reader,
  instance: InstanceRef,
  source: { readonly sourceId: string; readonly type: RehydrationType },
  nowMs: number,
): Promise<Past> {
  const contact = await getContact(reader, instance, source.sourceId, nowMs);
  const chat = await findChat(reader, contact);
  if (!chat || contact.initiationMethod === "MONITOR") throw invalidRequest(`Contact ${contact.id} is no chat`);
  if (chat.endedMs === undefined) throw invalidRequest(`The chat of contact ${contact.id} has not ended`);
  const isWhole = source.type === "ENTIRE_PAST_SESSION";
  const own: PastChat = isWhole ? { chatId: chat.id } : { chatId: chat.id, contactId: contact.id };
  return {
    contactId: isWhole ? chat.id : contact.id,
    chats: [...chat.past, own].slice(-PAST_CHATS_MAX),
  };
}
