import type { Collection, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { removeAttachment } from "./attachment-files.ts";
import { attachmentKey, type ChatAttachment, chatAttachments } from "./chat-attachments.ts";
import { chatItems, itemKey } from "./chat-posts.ts";
import { chatKey, chatRef, chats, participantKey, participants } from "./chats.ts";

/** What a new chat takes with it of those whose time is over: more than it will have itself, so that they go faster than they come. */
const SWEPT_PER_CHAT = 4;
const ITEMS_SWEPT_PER_CHAT = 100;

/** Deletes some of what is left of expired chats, oldest first. Called with each chat that begins. */
export async function sweepChats(unit: Unit, platform: Platform, nowMs: number): Promise<void> {
  await sweep(unit, nowMs, chats, SWEPT_PER_CHAT, (chat) => unit.delete(chats, chatKey(chatRef(chat))));
  await sweep(unit, nowMs, participants, 2 * SWEPT_PER_CHAT, (participant) =>
    unit.delete(participants, participantKey(participant, participant.id)),
  );
  await sweep(unit, nowMs, chatItems, ITEMS_SWEPT_PER_CHAT, (item) => unit.delete(chatItems, itemKey(item)));
  await sweep(unit, nowMs, chatAttachments, SWEPT_PER_CHAT, (attachment) =>
    deleteAttachment(unit, platform, attachment),
  );
}

/** With its bytes, once nothing names them any more. */
export function deleteAttachment(unit: Unit, platform: Platform, attachment: ChatAttachment): void {
  unit.delete(chatAttachments, attachmentKey(attachment));
  unit.afterCommit(() => {
    removeAttachment(platform, attachment.id).catch((error: unknown) =>
      platform.log.warn(error, "the file of an attachment is left behind"),
    );
  });
}

async function sweep<T>(
  unit: Unit,
  nowMs: number,
  from: Collection<T>,
  limit: number,
  remove: (document: T) => void,
): Promise<void> {
  const page = await unit.list(from, { index: "expires", before: nowMs, limit });
  page.documents.forEach(remove);
}
