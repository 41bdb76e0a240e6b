/**
 * Follows what is said in contacts that a flow has switched analytics on for: keeps every turn with what the engine finds in it and, of those
 * that are analysed in real time, tells segments; in the unit that moves its cursor. So a segment is told once, whatever dies when.
 *
 * What was said before an agent joined is kept for the file, of chats, and of calls with `AutomatedInteraction`. Where no agent ever
 * joins only those are analysed that have this mode.
 *
 *     began ─► STARTED      said ─► SEGMENTS      ended ─► the log of analyses, whose reader finishes this one
 *                                                 what cannot be analysed ─► FAILED, and nothing after it
 */
import type { Entry, Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import {
  type Analytics,
  CONVERSATIONS,
  type ConversationContact,
  type ConversationEntry,
  instanceArn,
  resourceArn,
  type SaidTurn,
} from "../connect/index.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import {
  type AnalysedContact,
  expiryAfterEnd,
  expiryWhileLive,
  findAnalysedContact,
  forgetAnalysedContact,
  keepSegment,
  keepTurn,
  putAnalysedContact,
  sweepExpired,
} from "./analysed-contacts.ts";
import { appendAnalysis } from "./analyses.ts";
import { type AnalysedTurn, analyseTurn } from "./analysis.ts";
import { chatSegments } from "./chat-segments.ts";
import { LANGUAGE_CODE, PARTICIPANT_ROLES, personalName, TURNS_MAX, type Turn, VOICE_MS_MAX } from "./conversation.ts";
import { type AnalysisEngine, offlineEngine } from "./engine.ts";
import { outputsOf, redactionOf } from "./outputs.ts";
import type { Redaction } from "./redaction/mask.ts";
import { type Copies, tellSegments, tellState } from "./segment-streams.ts";
import { transcriptSegment, utteranceSegments } from "./voice-segments.ts";

const DEFAULT_LANGUAGE = "en-US";

/** What is over is deleted a little faster than anything is written. */
const SWEPT_PER_ENTRY = 4;

type FailureReason = "INVALID_ANALYSIS_CONFIGURATION" | "RECORDING_FILE_TOO_LARGE" | "RECORDING_FILE_INVALID";

/** Starts to follow conversations. */
export function followConversations(platform: Platform, engine: AnalysisEngine = offlineEngine): void {
  platform.flow.consume({
    name: "contact-lens",
    log: CONVERSATIONS,
    async handle(unit, entries) {
      await sweepExpired(unit, platform.clock.now(), entries.length * SWEPT_PER_ENTRY);
      for (const entry of entries) await follow(unit, platform, engine, entry);
    },
  });
}

async function follow(unit: Unit, platform: Platform, engine: AnalysisEngine, { value, timeMs }: Entry): Promise<void> {
  const entry = JSON.parse(String(value)) as ConversationEntry;
  const contact = await findAnalysedContact(unit, entry.contact);
  if (entry.kind === "prepared") return prepare(unit, contact, entry, { engine, nowMs: timeMs });
  if (entry.kind === "began") return begin(unit, platform, contact, { entry, engine, nowMs: timeMs });
  if (!contact) return;
  if (entry.kind === "completed") {
    if (contact.status !== "FAILED") appendAnalysis(unit, contact, { kind: "completed" });
    return;
  }
  if (contact.endedMs !== undefined) return;
  if (entry.kind === "ended") return end(unit, platform, contact, { endedMs: entry.atMs, nowMs: timeMs });
  return hear(unit, platform, { contact, engine, said: entry.turn });
}

/** It may be prepared several times: what is said last counts. */
function prepare(
  unit: Unit,
  known: AnalysedContact | undefined,
  { contact, analytics, atMs }: Extract<ConversationEntry, { kind: "prepared" }>,
  { engine, nowMs }: { readonly engine: AnalysisEngine; readonly nowMs: number },
): void {
  if (known && known.status !== "PREPARED") return;
  const prepared = known ?? newContact(contact, atMs, nowMs);
  putAnalysedContact(unit, { ...prepared, ...settingsOf(analytics, engine) });
}

async function begin(
  unit: Unit,
  platform: Platform,
  known: AnalysedContact | undefined,
  {
    entry,
    engine,
    nowMs,
  }: {
    readonly entry: Extract<ConversationEntry, { kind: "began" }>;
    readonly engine: AnalysisEngine;
    readonly nowMs: number;
  },
): Promise<void> {
  if (known && known.status !== "PREPARED") return;
  const { contact, analytics, atMs, names, attributes, tags } = entry;
  const before = known && hearsBeforeAgent({ ...known, analytics }) ? known : undefined;
  const analysed: AnalysedContact = {
    ...(before ?? newContact(contact, atMs, nowMs)),
    ...settingsOf(analytics, engine),
    status: "IN_PROGRESS",
    names: [...(before?.names ?? []), ...names],
  };
  putAnalysedContact(unit, analysed);
  await tellState(unit, platform, analysed, "STARTED");
  if (!LANGUAGE_CODE.test(analysed.languageCode)) {
    return fail(unit, platform, analysed, { nowMs, reasonCode: "INVALID_ANALYSIS_CONFIGURATION" });
  }
  if (analysed.isRealTime)
    appendAnalysis(unit, analysed, { kind: "began", atMs, attributes, tags, turnsBefore: analysed.turnCount });
}

async function end(
  unit: Unit,
  platform: Platform,
  contact: AnalysedContact,
  { endedMs, nowMs }: { readonly endedMs: number; readonly nowMs: number },
): Promise<void> {
  let ended: AnalysedContact = { ...contact, endedMs, expiresMs: expiryAfterEnd(nowMs) };
  if (contact.status === "PREPARED") {
    if (!isAutomated(contact.analytics)) return forgetAnalysedContact(unit, contact);
    ended = { ...ended, status: "IN_PROGRESS", isRealTime: false };
    if (!LANGUAGE_CODE.test(ended.languageCode)) {
      return fail(unit, platform, ended, { nowMs, reasonCode: "INVALID_ANALYSIS_CONFIGURATION" });
    }
  }
  putAnalysedContact(unit, ended);
  appendAnalysis(unit, ended, { kind: "ended", atMs: endedMs, isRealTime: ended.isRealTime });
}

function newContact(contact: ConversationContact, beganMs: number, nowMs: number): Omit<AnalysedContact, Settings> {
  return {
    ...contact,
    status: "PREPARED",
    beganMs,
    names: [],
    turnCount: 0,
    segmentCount: 0,
    categories: [],
    expiresMs: expiryWhileLive(nowMs),
  };
}

type Settings = "analytics" | "languageCode" | "outputs" | "isRealTime";

function settingsOf(analytics: Analytics, engine: AnalysisEngine): Pick<AnalysedContact, Settings> {
  const { AnalyticsModes: modes } = analytics.ChannelConfiguration;
  const languageCode = analytics.LanguageLocale ?? DEFAULT_LANGUAGE;
  return {
    analytics,
    languageCode,
    outputs: outputsOf(analytics, languageCode, engine),
    // `RealTime` of calls, `ContactLens` of chats; `PostContact` is for after the contact alone.
    isRealTime: modes.includes("RealTime") || modes.includes("ContactLens"),
  };
}

function hearsBeforeAgent({ channel, analytics }: Pick<AnalysedContact, "channel" | "analytics">): boolean {
  return channel === "CHAT" || isAutomated(analytics);
}

/** Menus and bots are analysed too. */
function isAutomated({ ChannelConfiguration }: Analytics): boolean {
  return ChannelConfiguration.AnalyticsModes.includes("AutomatedInteraction");
}

/** The analysis of this contact ends, that of no other one. */
async function fail(
  unit: Unit,
  platform: Platform,
  failed: AnalysedContact,
  { nowMs, reasonCode }: { readonly nowMs: number; readonly reasonCode: FailureReason },
): Promise<void> {
  putAnalysedContact(unit, { ...failed, status: "FAILED", endedMs: nowMs, expiresMs: expiryAfterEnd(nowMs) });
  await tellState(unit, platform, failed, "FAILED");
  appendAnalysis(unit, failed, { kind: "failed" });
  const [instance, contact] = [instanceArn(failed), resourceArn("contact", failed, failed.id)];
  await putServiceEvent(unit, platform, {
    account: failed.account,
    region: failed.region,
    source: "aws.connect",
    detailType: "Contact Lens Analysis State Change",
    resources: [instance, contact],
    teller: instance,
    detail: { instance, contact, channel: failed.channel, state: "FAILED", reasonCode },
    timeMs: nowMs,
    key: failed.id,
    id: derivedUuid(failed.id, "analysis failed"),
  });
}

interface Hearing {
  readonly contact: AnalysedContact;
  readonly engine: AnalysisEngine;
  readonly said: SaidTurn;
}

async function hear(unit: Unit, platform: Platform, { contact, engine, said }: Hearing): Promise<void> {
  const turn = turnOf(contact, said);
  // What was said before the conversation that is analysed is no part of it.
  if (!turn || turn.beginMs < 0 || (contact.status === "PREPARED" && !hearsBeforeAgent(contact))) return;

  const nowMs = platform.clock.now();
  if (contact.turnCount >= TURNS_MAX || (contact.channel === "VOICE" && turn.endMs > VOICE_MS_MAX)) {
    return fail(unit, platform, contact, { nowMs, reasonCode: "RECORDING_FILE_TOO_LARGE" });
  }
  const { languageCode, before } = contact;
  const names = withName(contact.names, turn);
  let analysed: AnalysedTurn;
  let copies: Copies[];
  try {
    analysed = analyseTurn(turn, { engine, languageCode, names, before });
    copies = contact.channel === "CHAT" ? chatCopies(contact, analysed) : voiceCopies(contact, analysed);
  } catch (error) {
    // The engine's fault: the contacts behind this one in the log are not held up by it.
    platform.log.error({ err: error, contact: contact.id }, "A conversation cannot be analysed");
    return fail(unit, platform, contact, { nowMs, reasonCode: "RECORDING_FILE_INVALID" });
  }
  let heard = keepTurn(unit, { ...contact, names }, analysed, nowMs);
  if (turn.kind === "MESSAGE")
    heard = { ...heard, before: { participantId: turn.participant.id, content: turn.content } };
  if (!heard.isRealTime || heard.status === "PREPARED") return putAnalysedContact(unit, heard);

  for (const copy of copies) heard = keepSegment(unit, heard, copy, nowMs);
  putAnalysedContact(unit, heard);
  appendAnalysis(unit, heard, { kind: "heard", turn: analysed });
  // Partial turns are told on the stream of a call alone.
  const partial = heard.channel === "CHAT" ? [] : utteranceSegments(analysed).map((raw) => ({ raw }));
  await tellSegments(unit, platform, heard, [...partial, ...copies]);
}

function turnOf(contact: AnalysedContact, said: SaidTurn): Turn | undefined {
  const role = PARTICIPANT_ROLES.find((name) => name === said.speaker);
  if (!role) return undefined;
  const { id, type, participantId = role, displayName, content, contentType, beginMs, endMs, attachmentId } = said;
  return {
    id,
    kind: type,
    participant: { id: participantId, role, displayName },
    content,
    contentType,
    beginMs: beginMs - contact.beganMs,
    endMs: endMs - contact.beganMs,
    attachmentId,
  };
}

/** People in a chat call each other by the names that it shows. */
function withName(names: readonly string[], { participant }: Turn): readonly string[] {
  const name = personalName(participant);
  return name === undefined || names.includes(name) ? names : [...names, name];
}

/** Calls are told as they are: their redaction is for after the call. */
function voiceCopies(contact: AnalysedContact, analysed: AnalysedTurn): Copies[] {
  return [{ raw: transcriptSegment(analysed, { tellsSentiment: tellsSentiment(contact) }) }];
}

function chatCopies(contact: AnalysedContact, analysed: AnalysedTurn): Copies[] {
  const told = (redaction: Redaction | undefined) =>
    chatSegments(analysed, contact.beganMs, { tellsSentiment: tellsSentiment(contact), redaction });
  const raw = contact.outputs === "Redacted" ? [] : told(undefined);
  const redacted = contact.outputs === "Raw" ? [] : told(redactionOf(contact));
  return (raw.length > 0 ? raw : redacted).map((_, at) => ({ raw: raw[at], redacted: redacted[at] }));
}

function tellsSentiment({ analytics }: AnalysedContact): boolean {
  return analytics.SentimentConfiguration.Behavior === "Enable";
}
