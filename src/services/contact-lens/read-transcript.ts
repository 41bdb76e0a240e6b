/**
 * Transcripts from files: analysis files of the real service (calls and chats), WebVTT, and a plain JSON form of ours:
 *
 *     {"channel": "VOICE", "languageCode": "en-GB", "turns": [{"speaker": "AGENT", "text": "…", "beginMs": 0, "endMs": 2100}]}
 *
 * In a chat a turn has "at", an ISO time, instead of the two offsets. Everything else is refused with where and why.
 */
import { derivedUuid } from "../../time/ids.ts";
import { isJsonObject, parseJsonObject } from "../json-text.ts";
import {
  type Conversation,
  ConversationError,
  checkedConversation,
  PARTICIPANT_ROLES,
  type Participant,
  type ParticipantRole,
  SERVICE,
  type Turn,
} from "./conversation.ts";
import { detectLanguage } from "./detect-language.ts";

const DEFAULT_LANGUAGE = "en-US";

/**
 * `languageCode`: of a file that does not say; without it the language is detected. Throws `ConversationError` for what cannot be read.
 */
export function readTranscript(text: string, languageCode?: string): Conversation {
  if (/^\ufeff?WEBVTT(?:\s|$)/.test(text)) return checkedConversation(readWebVtt(text, languageCode));
  const json = parseJsonObject(text);
  if (!json) throw new ConversationError(`This is neither a JSON object nor WebVTT${faultOf(text)}`);
  if (Array.isArray(json.Transcript)) return checkedConversation(readAnalysisFile(json, json.Transcript, languageCode));
  if (Array.isArray(json.turns)) return checkedConversation(readTurns(json, json.turns, languageCode));
  throw new ConversationError('The JSON has neither "Transcript" (an analysis file) nor "turns"');
}

/** Where JSON breaks off, of what was meant to be some. */
function faultOf(text: string): string {
  if (!/^\s*\{/.test(text)) return "";
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return `: ${(error as Error).message.replace(/\s+/g, " ")}`;
  }
}

type Json = Readonly<Record<string, unknown>>;

/** The language that a file names, or else the one given, or else the one that its words are of. */
function languageOf(named: unknown, given: string | undefined, turns: readonly Turn[]): string {
  if (typeof named === "string") return named;
  return given ?? detectLanguage(turns.map(({ content }) => content)) ?? DEFAULT_LANGUAGE;
}

function readAnalysisFile(json: Json, transcript: readonly unknown[], given: string | undefined): Conversation {
  const channel = json.Channel === "CHAT" ? "CHAT" : "VOICE";
  const people = new Map<string, Participant>();
  for (const entry of Array.isArray(json.Participants) ? json.Participants : []) {
    if (isJsonObject(entry)) addParticipant(people, entry.ParticipantId, entry.ParticipantRole, undefined);
  }
  const items = transcript.map((entry, at) => {
    if (!isJsonObject(entry)) throw new ConversationError(`Transcript[${at}] is no object`);
    return entry;
  });
  const startMs =
    channel === "CHAT" ? Math.min(...items.map((item, at) => absoluteMs(item.AbsoluteTime, `Transcript[${at}]`))) : 0;
  const turns = items.map((item, at): Turn => {
    const place = `Transcript[${at}]`;
    const participant =
      item.ParticipantId === undefined && item.Type === "EVENT"
        ? SERVICE
        : addParticipant(people, item.ParticipantId, item.ParticipantRole, item.DisplayName, place);
    const common = {
      id: textOr(item.Id, derivedUuid(String(at), String(item.Content))),
      participant,
      content: textOr(item.Content, textOr(item.AttachmentName, "")),
    };
    if (channel === "VOICE") {
      const [beginMs, endMs] = [number(item.BeginOffsetMillis, place), number(item.EndOffsetMillis, place)];
      return {
        ...common,
        kind: "MESSAGE",
        contentType: "text/plain",
        beginMs,
        endMs,
        loudness: loudnessOf(item.LoudnessScore),
      };
    }
    const atMs = absoluteMs(item.AbsoluteTime, place) - startMs;
    const kind = item.Type === "EVENT" || item.Type === "ATTACHMENT" ? item.Type : "MESSAGE";
    return { ...common, kind, contentType: textOr(item.ContentType, "text/plain"), beginMs: atMs, endMs: atMs };
  });
  return {
    channel,
    languageCode: languageOf(json.LanguageCode, given, turns),
    participants: [...people.values()],
    turns,
    startMs,
  };
}

function readTurns(json: Json, entries: readonly unknown[], given: string | undefined): Conversation {
  const channel = json.channel === "CHAT" ? "CHAT" : "VOICE";
  if (json.channel !== undefined && json.channel !== channel)
    throw new ConversationError("channel is neither VOICE nor CHAT");
  const people = new Map<string, Participant>();
  const items = entries.map((entry, at) => {
    if (!isJsonObject(entry)) throw new ConversationError(`turns[${at}] is no object`);
    return entry;
  });
  const startMs = channel === "CHAT" ? Math.min(...items.map((item, at) => absoluteMs(item.at, `turns[${at}]`))) : 0;
  const turns = items.map((item, at): Turn => {
    const place = `turns[${at}]`;
    if (typeof item.text !== "string") throw new ConversationError(`${place} has no text`);
    const atMs = channel === "CHAT" ? absoluteMs(item.at, place) - startMs : undefined;
    return {
      id: textOr(item.id, derivedUuid(String(at), item.text)),
      participant: addParticipant(people, item.speaker, item.speaker, item.name, place),
      kind: "MESSAGE",
      content: item.text,
      contentType: "text/plain",
      beginMs: atMs ?? number(item.beginMs, place),
      endMs: atMs ?? number(item.endMs, place),
    };
  });
  return {
    channel,
    languageCode: languageOf(json.languageCode, given, turns),
    participants: [...people.values()],
    turns,
    startMs,
  };
}

const ARROW = /-->|\d\s*->\s*\d/;
const CUE_TIMES = /^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})\s+-->\s+(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})/;

/** Speakers are voice spans (`<v Agent>`) or a word and a colon before the text. */
function readWebVtt(text: string, given: string | undefined): Conversation {
  const people = new Map<string, Participant>();
  const turns: Turn[] = [];
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const timing = lines.findIndex((line) => CUE_TIMES.test(line));
    if (timing === -1) {
      const odd = lines.find((line) => ARROW.test(line));
      // Other blocks (notes, styles) may hold no arrow: nothing that was said is passed over in silence.
      if (odd !== undefined) {
        throw new ConversationError(`Cue ${turns.length + 1} has no times such as 00:01.000 --> 00:02.500 but ${odd}`);
      }
      continue;
    }
    const times =
      CUE_TIMES.exec(lines[timing] ?? "")
        ?.slice(1)
        .map((part) => Number(part ?? 0)) ?? [];
    const body = lines
      .slice(timing + 1)
      .join(" ")
      .trim();
    const voice = /^<v(?:\.[^ >]*)? ([^>]+)>/.exec(body)?.[1] ?? /^([\p{L} ]{2,20}):/u.exec(body)?.[1];
    if ((body.match(/<v[. ]/g)?.length ?? 0) > 1) {
      throw new ConversationError(`Cue ${turns.length + 1} has more than one speaker: give each a cue of their own`);
    }
    if (voice === undefined) throw new ConversationError(`Cue ${turns.length + 1} names no speaker`);
    const content = body
      .replace(/^[\p{L} ]{2,20}:\s*/u, "")
      .replace(/<[^>]*>/g, "")
      .trim();
    turns.push({
      id: derivedUuid(String(turns.length), content),
      participant: addParticipant(
        people,
        voice.trim().toUpperCase(),
        voice.trim().toUpperCase(),
        undefined,
        `Cue ${turns.length + 1}`,
      ),
      kind: "MESSAGE",
      content: unescaped(content),
      contentType: "text/plain",
      beginMs: millis(times.slice(0, 4)),
      endMs: millis(times.slice(4)),
    });
  }
  const languageCode = languageOf(undefined, given, turns);
  return { channel: "VOICE", languageCode, participants: [...people.values()], turns, startMs: 0 };
}

/** Hours, minutes, seconds, milliseconds. */
function millis([hours = 0, minutes = 0, seconds = 0, rest = 0]: readonly number[]): number {
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + rest;
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&nbsp;", " ").replaceAll("&amp;", "&");
}

/** Finds a participant, or adds them: in files of calls the id is the role. */
function addParticipant(
  people: Map<string, Participant>,
  id: unknown,
  role: unknown,
  name: unknown,
  place = "A participant",
): Participant {
  const known = typeof id === "string" ? people.get(id) : undefined;
  const found = known?.role ?? PARTICIPANT_ROLES.find((one) => one === role) ?? roleNamed(id);
  if (typeof id !== "string" || found === undefined) {
    const named = typeof id === "string" ? `an unknown speaker, ${id}` : "no speaker";
    throw new ConversationError(`${place} has ${named}; those known are ${PARTICIPANT_ROLES.join(", ")}`);
  }
  const participant = { id, role: found, displayName: typeof name === "string" ? name : known?.displayName };
  people.set(id, participant);
  return participant;
}

function roleNamed(id: unknown): ParticipantRole | undefined {
  return PARTICIPANT_ROLES.find((role) => role === id);
}

function absoluteMs(value: unknown, place: string): number {
  const timeMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(timeMs)) throw new ConversationError(`${place} has no time in ISO 8601`);
  return timeMs;
}

function number(value: unknown, place: string): number {
  if (typeof value !== "number") throw new ConversationError(`${place} has no offsets in whole milliseconds`);
  return value;
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === "string" ? value : otherwise;
}

function loudnessOf(value: unknown): Turn["loudness"] {
  return Array.isArray(value) && value.every((one) => one === null || typeof one === "number") ? value : undefined;
}
