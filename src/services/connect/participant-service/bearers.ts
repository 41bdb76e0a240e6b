import { ModeledError } from "../../../models/modeled-error.ts";
import type { Reader } from "../../../store/store.ts";
import { instanceKey } from "../arns.ts";
import { type Chat, chatKey, chats, findParticipant, type Participant } from "../chats.ts";
import { instances } from "../instances.ts";
import type { Bearer } from "../participant-tokens.ts";

/** Somebody who takes part in a chat that goes on. */
export interface Sender {
  readonly chat: Chat;
  readonly participant: Participant;
}

/** Whoever bears a token; `undefined` once they have left, the chat has ended, or the instance is gone. */
export async function findSender(reader: Reader, bearer: Bearer): Promise<Sender | undefined> {
  const chat = await reader.get(chats, chatKey(bearer));
  if (!chat || chat.endedMs !== undefined) return undefined;
  const participant = await findParticipant(reader, bearer, bearer.participantId);
  const isThere = participant !== undefined && participant.leftMs === undefined;
  return isThere && (await reader.get(instances, instanceKey(bearer))) ? { chat, participant } : undefined;
}

/** The same, or `AccessDeniedException`. */
export async function getSender(reader: Reader, bearer: Bearer): Promise<Sender> {
  const sender = await findSender(reader, bearer);
  if (!sender) throw accessDenied();
  return sender;
}

/** All that is said to somebody without a good token: neither what is wrong with it nor what there is. */
export function accessDenied(): ModeledError {
  return new ModeledError("AccessDeniedException", "Access denied");
}

export function validation(message: string): ModeledError {
  return new ModeledError("ValidationException", message);
}
