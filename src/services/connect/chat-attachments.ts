import { type Collection, collection } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { readAttachmentFile, writeAttachment } from "./attachment-files.ts";
import type { ItemAttachment } from "./chat-posts.ts";
import type { ChatRef } from "./chats.ts";
import { findSender } from "./participant-service/bearers.ts";
import { openBearer } from "./participant-tokens.ts";

/**
 * A file that a participant gives to a chat. Its bytes lie in a file of our own, named after it:
 *
 *     STARTED ── PUT to the URL ──► UPLOADED ── CompleteAttachmentUpload ──► SENT, an item of the transcript
 */
export interface ChatAttachment extends ChatRef, ItemAttachment {
  readonly participantId: string;
  readonly bytes: number;
  readonly state: "STARTED" | "UPLOADED" | "SENT";
  readonly expiresMs: number;
}

/** By chat. */
export const chatAttachments: Collection<ChatAttachment> = collection("connect_chat_attachments", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

export function attachmentKey(attachment: ChatRef & Pick<ChatAttachment, "id">): string {
  return instanceKey(attachment, attachment.chatId, attachment.id);
}

/** What an upload has to send, exactly: `HeadersToInclude`. */
export function uploadHeaders({ contentType, id }: Pick<ChatAttachment, "contentType" | "id">): Record<string, string> {
  return { "Content-Type": contentType, "x-amz-meta-attachment-id": id };
}

/** What an attachment's URL leads to. */
export interface ReadAttachment {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** The header `Content-Disposition`. */
  readonly disposition: string;
}

export interface Refused {
  readonly refusal: string;
}

/** Takes in the bytes of an upload that was started. They may be sent again until the upload is completed. */
export async function storeAttachment(
  platform: Platform,
  token: string,
  headers: Readonly<Record<string, string>>,
  body: () => Promise<Buffer>,
): Promise<Refused | { readonly stored: true }> {
  const bearer = await openBearer(platform, "upload", token);
  if (!bearer?.attachmentId) return { refusal: "The URL is not valid, or no longer" };
  const key = attachmentKey({ ...bearer, id: bearer.attachmentId });
  const attachment = await platform.store.get(chatAttachments, key);
  if (!attachment || attachment.state === "SENT" || !(await findSender(platform.store, bearer))) {
    return { refusal: "The upload is not under way" };
  }
  const missing = Object.entries(uploadHeaders(attachment)).find(
    ([name, value]) => headers[name.toLowerCase()] !== value,
  );
  if (missing) return { refusal: `The header ${missing[0]} is not ${missing[1]}` };
  const bytes = await body();
  if (bytes.length !== attachment.bytes) {
    return { refusal: `The upload has ${bytes.length} bytes, and was started with ${attachment.bytes}` };
  }
  await writeAttachment(platform, attachment.id, bytes);
  const isUnderWay = await platform.store.commit(async (unit) => {
    const current = await unit.get(chatAttachments, key);
    if (current?.state === "STARTED") unit.put(chatAttachments, key, { ...current, state: "UPLOADED" });
    return current !== undefined && current.state !== "SENT";
  });
  return isUnderWay ? { stored: true } : { refusal: "The upload is not under way" };
}

/** The bytes behind a URL of GetAttachment, as long as it is valid. */
export async function readAttachment(platform: Platform, token: string): Promise<Refused | ReadAttachment> {
  const [kind, sealed] = [token.startsWith(INLINE) ? "inline" : "attachment", token.replace(INLINE, "")];
  const bearer = await openBearer(platform, "download", sealed);
  const attachment =
    bearer?.attachmentId === undefined
      ? undefined
      : await platform.store.get(chatAttachments, attachmentKey({ ...bearer, id: bearer.attachmentId }));
  const bytes = attachment && (await readAttachmentFile(platform, attachment.id));
  if (!bytes) return { refusal: "The URL is not valid, or no longer" };
  const name = encodeURIComponent(attachment.name).replace(
    /['()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16)}`,
  );
  return { bytes, contentType: attachment.contentType, disposition: `${kind}; filename*=UTF-8''${name}` };
}

/** In front of a token: the client wants to show the attachment rather than keep it. */
export const INLINE = "inline.";
