/**
 * Conversations analysed while they go on: follows what is said in contacts that a flow has switched analytics on for, and tells segments
 * on the stream of the instance's storage configuration, in the unit that moves its cursor. So a segment is told once, whatever dies when.
 *
 *     began ─► STARTED      said ─► SEGMENTS      ended ─► COMPLETED      what cannot be analysed ─► FAILED, and nothing after it
 */
import type { Entry, Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import {
  CONVERSATIONS,
  type ConversationEntry,
  findRecordStream,
  instanceArn,
  putRecord,
  resourceArn,
  type SaidTurn,
} from "../connect/index.ts";
import { putServiceEvent } from "../eventbridge/index.ts";
import type { Platform } from "../service.ts";
import { type AnalysedTurn, analyseTurn } from "./analysis.ts";
import type { Redaction } from "./analysis-file.ts";
import { chatSegments } from "./chat-segments.ts";
import { PARTICIPANT_ROLES, type Turn } from "./conversation.ts";
import { type AnalysisEngine, isRedacted, offlineEngine } from "./engine.ts";
import {
  expiryAfterEnd,
  expiryWhileLive,
  findLiveContact,
  type LiveContact,
  type LiveSegment,
  liveContactKey,
  liveContacts,
  liveSegmentKey,
  liveSegments,
  sweepLive,
} from "./live-contacts.ts";
import { TEXT_ENTITY_TYPES, type TextEntityType } from "./redaction/entity-types.ts";
import { transcriptSegment, utteranceSegments } from "./voice-segments.ts";

type Segment = Readonly<Record<string, unknown>>;

/** `xx-XX`, as flows name languages. */
const LANGUAGE_CODE = /^[a-z]{2,3}-[A-Z]{2}$/;
const DEFAULT_LANGUAGE = "en-US";

/** Starts to follow conversations. */
export function followConversations(platform: Platform, engine: AnalysisEngine = offlineEngine): void {
  platform.flow.consume({
    name: "contact-lens",
    log: CONVERSATIONS,
    async handle(unit, entries) {
      for (const entry of entries) await follow(unit, platform, engine, entry);
    },
  });
}

async function follow(unit: Unit, platform: Platform, engine: AnalysisEngine, { value, timeMs }: Entry): Promise<void> {
  const entry = JSON.parse(String(value)) as ConversationEntry;
  if (entry.kind === "began") return begin(unit, platform, entry, timeMs);
  const live = await findLiveContact(unit, entry.contact);
  if (live?.status !== "IN_PROGRESS") return;
  if (entry.kind === "ended") return end(unit, platform, live, timeMs);
  return hear(unit, platform, { live, engine, said: entry.turn });
}

async function begin(
  unit: Unit,
  platform: Platform,
  { contact, analytics, atMs, names }: Extract<ConversationEntry, { kind: "began" }>,
  nowMs: number,
): Promise<void> {
  if (!isLive(analytics.ChannelConfiguration.AnalyticsModes)) return;
  await sweepLive(unit, nowMs);
  const languageCode = analytics.LanguageLocale ?? DEFAULT_LANGUAGE;
  const live: LiveContact = {
    ...contact,
    status: "IN_PROGRESS",
    languageCode,
    analytics,
    beganMs: atMs,
    names,
    segmentCount: 0,
    expiresMs: expiryWhileLive(nowMs),
  };
  unit.put(liveContacts, liveContactKey(live), live);
  if (LANGUAGE_CODE.test(languageCode)) await tell(unit, platform, live, "STARTED");
  else await fail(unit, platform, live, { nowMs, reasonCode: "INVALID_ANALYSIS_CONFIGURATION" });
}

async function end(unit: Unit, platform: Platform, live: LiveContact, nowMs: number): Promise<void> {
  unit.put(liveContacts, liveContactKey(live), { ...live, status: "COMPLETED", expiresMs: expiryAfterEnd(nowMs) });
  await tell(unit, platform, live, "COMPLETED");
}

/** The analysis of this contact ends, that of no other one. */
async function fail(
  unit: Unit,
  platform: Platform,
  live: LiveContact,
  { nowMs, reasonCode }: { readonly nowMs: number; readonly reasonCode: string },
): Promise<void> {
  unit.put(liveContacts, liveContactKey(live), { ...live, status: "FAILED", expiresMs: expiryAfterEnd(nowMs) });
  await tell(unit, platform, live, "FAILED");
  const [instance, contact] = [instanceArn(live), resourceArn("contact", live, live.id)];
  await putServiceEvent(unit, platform, {
    account: live.account,
    region: live.region,
    source: "aws.connect",
    detailType: "Contact Lens Analysis State Change",
    resources: [instance, contact],
    detail: { instance, contact, channel: live.channel, state: "FAILED", reasonCode },
    timeMs: nowMs,
    key: live.id,
    id: derivedUuid(live.id, "analysis failed"),
  });
}

interface Hearing {
  readonly live: LiveContact;
  readonly engine: AnalysisEngine;
  readonly said: SaidTurn;
}

async function hear(unit: Unit, platform: Platform, { live, engine, said }: Hearing): Promise<void> {
  const turn = turnOf(live, said);
  // What was said before the conversation that is analysed is no part of it.
  if (!turn || turn.beginMs < 0) return;

  const { languageCode, names, before } = live;
  let analysed: AnalysedTurn;
  try {
    analysed = analyseTurn(turn, { engine, languageCode, names, before });
  } catch (error) {
    // The engine's fault: the contacts behind this one in the log are not held up by it.
    platform.log.error({ err: error, contact: live.id }, "A conversation cannot be analysed");
    return fail(unit, platform, live, { nowMs: platform.clock.now(), reasonCode: "RECORDING_FILE_INVALID" });
  }
  const copies = live.channel === "CHAT" ? chatCopies(live, analysed) : voiceCopies(live, analysed);
  let segmentCount = live.segmentCount;
  for (const copy of copies) {
    segmentCount += 1;
    const key = liveSegmentKey(live, segmentCount);
    unit.put(liveSegments, key, { ...copy, key, expiresMs: expiryWhileLive(platform.clock.now()) });
  }
  unit.put(liveContacts, liveContactKey(live), {
    ...live,
    segmentCount,
    before: turn.kind === "MESSAGE" ? { participantId: turn.participant.id, content: turn.content } : before,
  });
  if (live.channel === "CHAT") await tellChat(unit, platform, live, copies);
  else
    await tellCall(unit, platform, live, [
      ...utteranceSegments(analysed),
      ...copies.map(({ raw }) => raw).filter((segment) => segment !== undefined),
    ]);
}

function turnOf(live: LiveContact, said: SaidTurn): Turn | undefined {
  const role = PARTICIPANT_ROLES.find((name) => name === said.speaker);
  if (!role) return undefined;
  const { id, type, participantId = role, displayName, content, contentType, beginMs, endMs, attachmentId } = said;
  return {
    id,
    kind: type,
    participant: { id: participantId, role, displayName },
    content,
    contentType,
    beginMs: beginMs - live.beganMs,
    endMs: endMs - live.beganMs,
    attachmentId,
  };
}

type Copies = Pick<LiveSegment, "raw" | "redacted">;

/** Calls are told as they are: their redaction is for after the call. */
function voiceCopies(live: LiveContact, analysed: AnalysedTurn): Copies[] {
  return [{ raw: transcriptSegment(analysed, { tellsSentiment: tellsSentiment(live) }) }];
}

function chatCopies(live: LiveContact, analysed: AnalysedTurn): Copies[] {
  const settings = { tellsSentiment: tellsSentiment(live) };
  const output = outputOf(live);
  const raw = chatSegments(analysed, live.beganMs, settings);
  const redacted = chatSegments(analysed, live.beganMs, { ...settings, redaction: redactionOf(live) });
  return raw.map((segment, at) => ({
    raw: output === "Redacted" ? undefined : segment,
    redacted: output === "Raw" ? undefined : redacted[at],
  }));
}

function tellsSentiment({ analytics }: LiveContact): boolean {
  return analytics.SentimentConfiguration.Behavior === "Enable";
}

/** What copies of a chat there are. A language whose personal data is not known has no redacted one. */
export function outputOf({ analytics, languageCode }: LiveContact): "Raw" | "Redacted" | "RedactedAndRaw" {
  const { Behavior, Policy } = analytics.RedactionConfiguration;
  if (Behavior !== "Enable" || !isRedacted(languageCode)) return "Raw";
  return Policy === "RedactedOnly" ? "Redacted" : "RedactedAndRaw";
}

function redactionOf({ analytics }: LiveContact): Redaction {
  const { Entities, MaskMode } = analytics.RedactionConfiguration;
  const types =
    Entities && new Set(TEXT_ENTITY_TYPES.filter((type): type is TextEntityType => Entities.includes(type)));
  return { mode: MaskMode === "EntityType" ? "EntityType" : "PII", types: types ?? undefined };
}

/** `RealTime` of calls, `ContactLens` of chats; `PostContact` is for after the contact. */
function isLive(modes: readonly string[]): boolean {
  return modes.includes("RealTime") || modes.includes("ContactLens");
}

type EventType = "STARTED" | "SEGMENTS" | "COMPLETED" | "FAILED";

async function tell(unit: Unit, platform: Platform, live: LiveContact, eventType: EventType): Promise<void> {
  if (live.channel === "CHAT") {
    await send(unit, platform, live, { ...chatEnvelope(live), StreamingEventType: eventType });
  } else await send(unit, platform, live, { ...callEnvelope(live), EventType: eventType });
}

async function tellCall(
  unit: Unit,
  platform: Platform,
  live: LiveContact,
  segments: readonly Segment[],
): Promise<void> {
  if (segments.length === 0) return;
  await send(unit, platform, live, { ...callEnvelope(live), EventType: "SEGMENTS", Segments: segments });
}

/** Each copy in a record of its own, the raw one first. */
async function tellChat(unit: Unit, platform: Platform, live: LiveContact, copies: readonly Copies[]): Promise<void> {
  for (const [type, name] of [["Raw", "raw"] as const, ["Redacted", "redacted"] as const]) {
    const segments = copies.map((copy) => copy[name]).filter((segment) => segment !== undefined);
    if (segments.length === 0) continue;
    await send(unit, platform, live, {
      ...chatEnvelope(live),
      OutputType: type,
      StreamingEventType: "SEGMENTS",
      Segments: segments,
    });
  }
}

const CALL_VERSION = "1.0.0";
const CHAT_VERSION = "2.0.0";

function callEnvelope({ account, instanceId, id, languageCode }: LiveContact): Segment {
  return {
    Version: CALL_VERSION,
    Channel: "VOICE",
    AccountId: account,
    InstanceId: instanceId,
    ContactId: id,
    LanguageCode: languageCode,
  };
}

function chatEnvelope(live: LiveContact): Segment {
  const output = outputOf(live);
  const maskMode = live.analytics.RedactionConfiguration.MaskMode ?? "PII";
  return {
    Version: CHAT_VERSION,
    Channel: "CHAT",
    AccountId: live.account,
    InstanceId: live.instanceId,
    ContactId: live.id,
    StreamingSettings: {
      LanguageCode: live.languageCode,
      Output: output,
      ...(output !== "Raw" && {
        RedactionTypes: ["PII"],
        RedactionTypesMetadata: { PII: { RedactionMaskMode: maskMode } },
      }),
    },
  };
}

async function send(unit: Unit, platform: Platform, live: LiveContact, record: Segment): Promise<void> {
  const type =
    live.channel === "CHAT" ? "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS" : "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS";
  const stream = await findRecordStream(unit, live, type);
  if (stream !== undefined) await putRecord(unit, platform, stream, { data: JSON.stringify(record), key: live.id });
}
