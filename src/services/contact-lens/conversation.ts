/** A conversation as it is analysed: who took part, and what they said, in order. */
export interface Conversation {
  readonly channel: "VOICE" | "CHAT";
  /** `en-GB`. What no engine knows is analysed without sentiment and redaction. */
  readonly languageCode: string;
  readonly participants: readonly Participant[];
  /** In the order of their beginnings. */
  readonly turns: readonly Turn[];
  /** When it began, in milliseconds since 1970: chats tell absolute times. */
  readonly startMs: number;
}

export type ParticipantRole = "AGENT" | "CUSTOMER" | "SYSTEM" | "CUSTOM_BOT" | "SUPERVISOR";

export const PARTICIPANT_ROLES: readonly ParticipantRole[] = [
  "AGENT",
  "CUSTOMER",
  "SYSTEM",
  "CUSTOM_BOT",
  "SUPERVISOR",
];

export interface Participant {
  readonly id: string;
  readonly role: ParticipantRole;
  readonly displayName?: string | undefined;
}

/** What a participant said or wrote in one go, or something that happened to them in a chat. */
export interface Turn {
  readonly id: string;
  readonly participant: Participant;
  readonly kind: "MESSAGE" | "EVENT" | "ATTACHMENT";
  /** Text of a message; name of an attachment; empty for an event. */
  readonly content: string;
  /** `text/plain`, or the event's type. */
  readonly contentType: string;
  /** From the beginning of the conversation. What is written begins and ends at once. */
  readonly beginMs: number;
  readonly endMs: number;
  /** Of an attachment. */
  readonly attachmentId?: string | undefined;
  /** One for each second of the clock that the turn touches, where the source has them. */
  readonly loudness?: readonly (number | null)[] | undefined;
}

/** Who an event of the service itself, such as the end of a chat, is said to be of. */
export const SERVICE: Participant = { id: "SYSTEM", role: "SYSTEM" };

/** Whether it is an event of the service itself: no participant is told with it. */
export function isOfService({ kind, participant }: Turn): boolean {
  return kind === "EVENT" && participant.id === SERVICE.id;
}

/** The name that a person is known by. What only says which side they are on, such as "Customer", is none. */
export function personalName({ role, displayName }: Participant): string | undefined {
  const isPerson = role === "AGENT" || role === "CUSTOMER" || role === "SUPERVISOR";
  return isPerson && displayName?.toUpperCase() !== role ? displayName : undefined;
}

/** Types of messages that sentiment, categories and response times look at. */
const ANALYSED_CONTENT: ReadonlySet<string> = new Set(["text/plain", "text/markdown"]);

export function isAnalysed(turn: Turn): boolean {
  return turn.kind === "MESSAGE" && ANALYSED_CONTENT.has(turn.contentType) && turn.content.trim() !== "";
}

/** A conversation that cannot be analysed. `message` says which turn, and why. */
export class ConversationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConversationError";
  }
}

/** "Voice over 14,400 s, chat over 20,000 messages" are too large to analyse. */
export const VOICE_MS_MAX = 14_400_000;
export const TURNS_MAX = 20_000;
const CONTENT_LENGTH_MAX = 16_384;
/** `xx-XX`, as flows and files name languages. */
export const LANGUAGE_CODE: RegExp = /^[a-z]{2,3}-[A-Z]{2}$/;

/** Checks what an importer or a caller has put together, and brings turns into order. Throws `ConversationError`. */
export function checkedConversation(conversation: Conversation): Conversation {
  const { channel, languageCode, turns } = conversation;
  if (!LANGUAGE_CODE.test(languageCode)) {
    throw new ConversationError(`${languageCode} is no code of a language such as en-GB`);
  }
  if (turns.length === 0) throw new ConversationError("The conversation has no turns");
  if (turns.length > TURNS_MAX) throw new ConversationError(`The conversation has more than ${TURNS_MAX} turns`);
  for (const [at, turn] of turns.entries()) checkTurn(turn, `Turn ${at + 1}`);
  const ordered = [...turns.entries()].sort(([, one], [, other]) => one.beginMs - other.beginMs);
  if (channel === "VOICE") checkSpeech(ordered);
  return { ...conversation, turns: ordered.map(([, turn]) => turn) };
}

function checkTurn({ kind, content, beginMs, endMs }: Turn, place: string): void {
  if (kind === "MESSAGE" && content.trim() === "") throw new ConversationError(`${place} has no text`);
  if (!Number.isSafeInteger(beginMs) || !Number.isSafeInteger(endMs)) {
    throw new ConversationError(`${place} has no offsets in whole milliseconds`);
  }
  if (beginMs < 0) throw new ConversationError(`${place} begins before the conversation`);
  if (endMs < beginMs) throw new ConversationError(`${place} ends before it begins`);
  if (content.length > CONTENT_LENGTH_MAX) {
    throw new ConversationError(`${place} has more than ${CONTENT_LENGTH_MAX} characters`);
  }
}

/** Two people may speak at once, one person may not. Turns come with their places in the file. */
function checkSpeech(turns: readonly (readonly [number, Turn])[]): void {
  const lastEnd = new Map<string, number>();
  for (const [at, { participant, beginMs, endMs }] of turns) {
    const place = `Turn ${at + 1}`;
    if (beginMs < (lastEnd.get(participant.id) ?? 0)) {
      throw new ConversationError(`${place} begins while its speaker, ${participant.id}, still speaks`);
    }
    if (endMs > VOICE_MS_MAX) throw new ConversationError(`${place} ends after more than ${VOICE_MS_MAX / 1_000} s`);
    lastEnd.set(participant.id, endMs);
  }
}
