import type { Reader } from "../../store/store.ts";
import type { InstanceRef } from "./arns.ts";
import { findTranscriptPlace } from "./chat-transcript-files.ts";
import { contactKey, contacts } from "./contacts.ts";
import { findFileFolder } from "./owed-files.ts";

/** Where an instance puts files about a conversation, and where the conversation itself lies. */
export interface ConversationFiles {
  readonly bucket: string;
  /** With a slash at its end, unless it is the whole bucket. */
  readonly prefix: string;
  /** `s3://bucket/key` of a chat's transcript. Calls have no audio here. */
  readonly inputS3Uri?: string | undefined;
}

/** `undefined`: the instance keeps none (`CALL_RECORDINGS` or `CHAT_TRANSCRIPTS` of its storage configuration). */
export async function conversationFiles(
  reader: Reader,
  ref: InstanceRef & { readonly id: string },
): Promise<ConversationFiles | undefined> {
  const contact = await reader.get(contacts, contactKey(ref));
  if (!contact) return undefined;
  const folder = await findFileFolder(
    reader,
    contact,
    contact.channel === "CHAT" ? "CHAT_TRANSCRIPTS" : "CALL_RECORDINGS",
  );
  if (!folder) return undefined;
  const transcript = await findTranscriptPlace(reader, contact);
  return { ...folder, inputS3Uri: transcript && `s3://${transcript.bucket}/${transcript.key}` };
}
