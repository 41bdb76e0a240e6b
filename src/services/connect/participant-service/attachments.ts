import type {
  CompleteAttachmentUploadRequest,
  GetAttachmentRequest,
  GetAttachmentResponse,
  StartAttachmentUploadRequest,
  StartAttachmentUploadResponse,
} from "@aws-sdk/client-connectparticipant";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import { derivedUuid } from "../../../time/ids.ts";
import type { Context } from "../../service.ts";
import { instanceKey } from "../arns.ts";
import { attachmentKey, type ChatAttachment, chatAttachments, INLINE, uploadHeaders } from "../chat-attachments.ts";
import { authorOf, post } from "../chat-posts.ts";
import { type Chat, chatRef, putChat } from "../chats.ts";
import { instanceStorageConfigs } from "../instance-storage-configs.ts";
import { type Bearer, sealBearer } from "../participant-tokens.ts";
import { accessDenied, getSender, validation } from "./bearers.ts";

/** "Attachments per conversation: 35", "Attachment file size: 20 MB". */
const ATTACHMENTS_MAX = 35;
const BYTES_MAX = 20 * 1024 * 1024;

const UPLOAD_URL_MS = 300_000;
const DOWNLOAD_URL_SECONDS = 300;

/** File types by their names' ends ("Enable attachments"), with the types of content that they come as. */
const CONTENT_TYPES: Readonly<Record<string, readonly string[]>> = {
  csv: ["text/csv"],
  doc: ["application/msword"],
  docx: ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  heic: ["image/heic"],
  jpeg: ["image/jpeg"],
  jpg: ["image/jpeg"],
  mov: ["video/quicktime"],
  mp4: ["video/mp4"],
  pdf: ["application/pdf"],
  png: ["image/png"],
  ppt: ["application/vnd.ms-powerpoint"],
  pptx: ["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
  txt: ["text/plain"],
  wav: ["audio/wav", "audio/x-wav", "audio/vnd.wave"],
  xls: ["application/vnd.ms-excel"],
  xlsx: ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
};

/** Begins an upload: answers with where the bytes are to be put, and with what headers. */
export async function startAttachmentUpload(
  input: Validated<StartAttachmentUploadRequest>,
  context: Context,
  bearer: Bearer,
): Promise<StartAttachmentUploadResponse> {
  const { AttachmentName: name, ContentType: contentType, AttachmentSizeInBytes: bytes } = input;
  const token = input.ClientToken ?? context.ids.uuid();
  const id = derivedUuid(bearer.participantId, "attachment", token);
  const started = await context.store.commit(async (unit) => {
    const { chat } = await getSender(unit, bearer);
    await requireStorage(unit, chat);
    requireFile(name, contentType, bytes);
    const key = attachmentKey({ ...bearer, id });
    const earlier = await unit.get(chatAttachments, key);
    if (earlier) return earlier;
    if (chat.attachmentCount >= ATTACHMENTS_MAX) throw quota(`A chat has at most ${ATTACHMENTS_MAX} attachments`);
    putChat(unit, { ...chat, attachmentCount: chat.attachmentCount + 1 });
    const attachment: ChatAttachment = {
      ...chatRef(chat),
      participantId: bearer.participantId,
      id,
      name,
      contentType,
      bytes,
      state: "STARTED",
      expiresMs: chat.expiresMs,
    };
    unit.put(chatAttachments, key, attachment);
    return attachment;
  });
  const expiresMs = context.wall.now() + UPLOAD_URL_MS;
  return {
    AttachmentId: id,
    UploadMetadata: {
      Url: urlOf(context, await sealBearer(context, "upload", bearer, { expiresMs, attachmentId: id })),
      UrlExpiry: new Date(expiresMs).toISOString(),
      HeadersToInclude: uploadHeaders(started),
    },
  };
}

/** Gives what was uploaded to the chat. */
export async function completeAttachmentUpload(
  input: Validated<CompleteAttachmentUploadRequest>,
  context: Context,
  bearer: Bearer,
): Promise<Record<string, never>> {
  const [id = ""] = input.AttachmentIds;
  await context.store.commit(async (unit) => {
    const { participant } = await getSender(unit, bearer);
    const key = attachmentKey({ ...bearer, id });
    const attachment = await unit.get(chatAttachments, key);
    if (!attachment || attachment.participantId !== participant.id) throw unknownAttachment(id);
    if (attachment.state !== "UPLOADED") {
      const state = attachment.state === "SENT" ? "completed already" : "still running";
      throw new ModeledError("ConflictException", `The upload of ${id} is ${state}`);
    }
    unit.put(chatAttachments, key, { ...attachment, state: "SENT" });
    const { name, contentType } = attachment;
    await post(unit, context, bearer, {
      id,
      type: "ATTACHMENT",
      author: authorOf(participant),
      attachment: { id, name, contentType },
    });
  });
  return {};
}

/** Answers with a URL for an attachment of the chat. Bots get none. */
export async function getAttachment(
  input: Validated<GetAttachmentRequest & { UrlContentDisposition?: "INLINE" | "ATTACHMENT" | undefined }>,
  context: Context,
  bearer: Bearer,
): Promise<GetAttachmentResponse> {
  const { chat, participant } = await getSender(context.store, bearer);
  if (participant.role === "CUSTOM_BOT") throw accessDenied();
  const attachment = await findSent(context.store, chat, input.AttachmentId);
  if (!attachment) throw unknownAttachment(input.AttachmentId);
  const expiresMs = context.wall.now() + (input.UrlExpiryInSeconds ?? DOWNLOAD_URL_SECONDS) * 1_000;
  const of = { ...bearer, chatId: attachment.chatId };
  const token = await sealBearer(context, "download", of, { expiresMs, attachmentId: attachment.id });
  return {
    Url: urlOf(context, input.UrlContentDisposition === "INLINE" ? INLINE + token : token),
    UrlExpiry: new Date(expiresMs).toISOString(),
    AttachmentSizeInBytes: attachment.bytes,
  };
}

/** Also one of a chat that this one continues. */
async function findSent(reader: Reader, chat: Chat, id: string): Promise<ChatAttachment | undefined> {
  for (const chatId of [chat.id, ...chat.past.map((past) => past.chatId)]) {
    const found = await reader.get(chatAttachments, instanceKey(chat, chatId, id));
    if (found?.state === "SENT") return found;
  }
  return undefined;
}

/** What the vendor keeps in the instance's bucket for attachments lies in files of our own, but the bucket has to be configured. */
async function requireStorage(reader: Reader, chat: Chat): Promise<void> {
  if (!(await reader.get(instanceStorageConfigs, instanceKey(chat, "ATTACHMENTS")))) throw accessDenied();
}

function requireFile(name: string, contentType: string, bytes: number): void {
  const end = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const expected = Object.hasOwn(CONTENT_TYPES, end) ? (CONTENT_TYPES[end] ?? []) : [];
  if (!expected.includes(contentType)) {
    throw validation(`An attachment named ${name} with the content type ${contentType} is not allowed`);
  }
  if (bytes > BYTES_MAX) throw quota(`An attachment has at most ${BYTES_MAX} bytes`);
}

function urlOf({ endpoint }: Context, token: string): string {
  return `${endpoint}/_trunkline/attachments?token=${encodeURIComponent(token)}`;
}

function unknownAttachment(id: string): ModeledError {
  return validation(`There is no attachment ${id} in this chat`);
}

function quota(message: string): ModeledError {
  return new ModeledError("ServiceQuotaExceededException", message);
}
