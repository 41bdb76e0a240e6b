import type { ParticipantRole } from "@aws-sdk/client-connectparticipant";
import { lengthOf } from "./chat-posts.ts";

const INTERACTIVE = "application/vnd.amazonaws.connect.message.interactive";

/** Characters that a message may have, by its type: all types that there are (SendMessage). */
const CHARACTERS_MAX: Readonly<Record<string, number>> = {
  "text/plain": 1_024,
  "text/markdown": 1_024,
  "application/json": 12_000,
  [`${INTERACTIVE}.response`]: 12_288,
  [INTERACTIVE]: 12_288,
};

export const MESSAGE_TYPES: readonly string[] = Object.keys(CHARACTERS_MAX);

/** Who may send a type, where not everybody may: bots and agents ask, customers answer. */
const SENDERS: Readonly<Record<string, readonly ParticipantRole[]>> = {
  [INTERACTIVE]: ["CUSTOM_BOT", "AGENT", "SUPERVISOR", "SYSTEM"],
  [`${INTERACTIVE}.response`]: ["CUSTOMER"],
};

/** Throws `refuse`'s error for a message that a chat with these types does not take of somebody in this role. */
export function requireMessage(
  { contentType, content }: { readonly contentType: string; readonly content: string },
  role: ParticipantRole,
  supported: readonly string[],
  refuse: (message: string) => Error,
): void {
  const charactersMax = Object.hasOwn(CHARACTERS_MAX, contentType) ? CHARACTERS_MAX[contentType] : undefined;
  if (charactersMax === undefined || !supported.includes(contentType)) {
    throw refuse(`ContentType ${contentType} is not supported by this chat`);
  }
  if (SENDERS[contentType]?.includes(role) === false) throw refuse(`A ${role} does not send ${contentType}`);
  if (lengthOf(content) > charactersMax)
    throw refuse(`A message of ${contentType} has at most ${charactersMax} characters`);
  if (contentType !== "text/plain" && contentType !== "text/markdown" && !isJson(content)) {
    throw refuse(`The content of a message of ${contentType} is JSON`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is what was asked.
    return false;
  }
}
