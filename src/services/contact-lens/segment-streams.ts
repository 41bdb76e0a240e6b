/**
 * What is told of a contact's analysis while it goes on, on the streams of the instance's storage configuration:
 *
 *     STARTED      SEGMENTS, any number      COMPLETED or FAILED, and nothing after it
 */
import type { Unit } from "../../store/store.ts";
import { findRecordStream, putRecord } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import type { AnalysedContact, LiveSegment } from "./analysed-contacts.ts";

export type Segment = Readonly<Record<string, unknown>>;
export type Copies = Pick<LiveSegment, "raw" | "redacted">;

type EventType = "STARTED" | "SEGMENTS" | "COMPLETED" | "FAILED";

export async function tellState(
  unit: Unit,
  platform: Platform,
  contact: AnalysedContact,
  eventType: EventType,
): Promise<void> {
  if (!contact.isRealTime) return;
  const event =
    contact.channel === "CHAT"
      ? { ...chatEnvelope(contact), StreamingEventType: eventType }
      : { ...callEnvelope(contact), EventType: eventType };
  await send(unit, platform, contact, event);
}

export async function tellSegments(
  unit: Unit,
  platform: Platform,
  contact: AnalysedContact,
  copies: readonly Copies[],
): Promise<void> {
  if (contact.channel === "CHAT") return tellChat(unit, platform, contact, copies);
  const Segments = copies.map(({ raw }) => raw).filter((segment) => segment !== undefined);
  if (Segments.length === 0) return;
  await send(unit, platform, contact, { ...callEnvelope(contact), EventType: "SEGMENTS", Segments });
}

/** Each copy in a record of its own, the raw one first. */
async function tellChat(
  unit: Unit,
  platform: Platform,
  contact: AnalysedContact,
  copies: readonly Copies[],
): Promise<void> {
  for (const [type, name] of [["Raw", "raw"] as const, ["Redacted", "redacted"] as const]) {
    const segments = copies.map((copy) => copy[name]).filter((segment) => segment !== undefined);
    if (segments.length === 0) continue;
    await send(unit, platform, contact, {
      ...chatEnvelope(contact),
      OutputType: type,
      StreamingEventType: "SEGMENTS",
      Segments: segments,
    });
  }
}

const CALL_VERSION = "1.0.0";
const CHAT_VERSION = "2.0.0";

function callEnvelope({ account, instanceId, id, languageCode }: AnalysedContact): Segment {
  return {
    Version: CALL_VERSION,
    Channel: "VOICE",
    AccountId: account,
    InstanceId: instanceId,
    ContactId: id,
    LanguageCode: languageCode,
  };
}

function chatEnvelope(contact: AnalysedContact): Segment {
  const maskMode = contact.analytics.RedactionConfiguration.MaskMode ?? "PII";
  return {
    Version: CHAT_VERSION,
    Channel: "CHAT",
    AccountId: contact.account,
    InstanceId: contact.instanceId,
    ContactId: contact.id,
    StreamingSettings: {
      LanguageCode: contact.languageCode,
      Output: contact.outputs,
      ...(contact.outputs !== "Raw" && {
        RedactionTypes: ["PII"],
        RedactionTypesMetadata: { PII: { RedactionMaskMode: maskMode } },
      }),
    },
  };
}

async function send(unit: Unit, platform: Platform, contact: AnalysedContact, record: Segment): Promise<void> {
  const type =
    contact.channel === "CHAT"
      ? "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS"
      : "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS";
  const stream = await findRecordStream(unit, contact, type);
  if (stream === undefined) return;
  await putRecord(
    unit,
    platform,
    stream,
    { data: JSON.stringify(record), key: contact.id },
    { instance: contact, type },
  );
}
