/**
 * The log of analyses, for whoever evaluates rules on them, and what may be read and told of them:
 *
 *     conversation ─► analysis ─► log ─► rules ─► tellCategories (while it goes on), finishAnalysis (once it is over) ─► file
 */
import type { Reader, Unit } from "../../store/store.ts";
import type { ConversationContact } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { type AnalysedContact, findAnalysedContact, turnsOf } from "./analysed-contacts.ts";
import type { AnalysedTurn, Analysis } from "./analysis.ts";
import { isOfService, type Participant } from "./conversation.ts";

/** One contact's entries lie in one partition, in the order in which it happened. */
export const ANALYSES = "contact-lens.analyses";

/** Long enough for rules that were down; a reader that is behind keeps what it needs anyway. */
const KEEP_MS = 24 * 60 * 60_000;
const KEEP_BYTES = 256 * 1024 * 1024;

export type AnalysisEntry = AnalysisStep & { readonly contact: ConversationContact };

type AnalysisStep =
  /** Its real-time analysis begins. */
  | {
      readonly kind: "began";
      readonly atMs: number;
      /** Of the contact, at that moment. */
      readonly attributes: Readonly<Record<string, string>>;
      readonly tags: Readonly<Record<string, string>>;
      /** How many turns there were before. */
      readonly turnsBefore: number;
    }
  /** A turn, in real-time analysis. */
  | { readonly kind: "heard"; readonly turn: AnalysedTurn }
  /** The conversation is over, and everything in it is analysed. Whoever follows the log calls `finishAnalysis`. */
  | { readonly kind: "ended"; readonly atMs: number; readonly isRealTime: boolean }
  /** It cannot be analysed. Nothing more comes. */
  | { readonly kind: "failed" }
  /** After `ended`: after-contact work is over, and the contact with it. */
  | { readonly kind: "completed" };

export async function declareAnalyses({ store }: Platform): Promise<void> {
  if (await store.findLog(ANALYSES)) return;
  await store.commit(async (unit) => unit.declareLog({ name: ANALYSES, keepMs: KEEP_MS, keepBytes: KEEP_BYTES }));
}

export function appendAnalysis(unit: Unit, contact: ConversationContact, step: AnalysisStep): void {
  const { account, region, instanceId, id, channel } = contact;
  const entry: AnalysisEntry = { contact: { account, region, instanceId, id, channel }, ...step };
  unit.append(ANALYSES, id, JSON.stringify(entry));
}

/** The analysis of a contact. */
export interface ContactAnalysis extends Analysis {
  /** How long the conversation lasted, once it is over. */
  readonly durationMs?: number | undefined;
  /** The ids of all turns, in the order in which they were heard. */
  readonly heard: readonly string[];
}

/** What is known of a contact's conversation so far, until at least 24 hours after its end. `undefined`: it is not analysed. */
export async function findAnalysis(
  reader: Reader,
  contact: Omit<ConversationContact, "channel">,
): Promise<ContactAnalysis | undefined> {
  const found = await findAnalysedContact(reader, contact);
  if (!found || found.status === "PREPARED" || found.status === "FAILED") return undefined;
  return analysisOf(reader, found);
}

/** The names of the categories that a contact has by now. */
export async function categoriesOf(
  reader: Reader,
  contact: Omit<ConversationContact, "channel">,
): Promise<readonly string[]> {
  return (await findAnalysedContact(reader, contact))?.categories.map(({ name }) => name) ?? [];
}

export async function analysisOf(reader: Reader, contact: AnalysedContact): Promise<ContactAnalysis> {
  const { channel, languageCode, beganMs, endedMs } = contact;
  const turns = await turnsOf(reader, contact);
  return {
    conversation: {
      channel: channel === "CHAT" ? "CHAT" : "VOICE",
      languageCode,
      participants: participantsOf(turns, channel === "CHAT" ? [] : BOTH_SIDES),
      turns: turns.map(({ turn }) => turn),
      startMs: beganMs,
    },
    turns,
    heard: turns.toSorted((one, other) => (one.key < other.key ? -1 : 1)).map(({ turn }) => turn.id),
    durationMs: endedMs === undefined ? undefined : endedMs - beganMs,
  };
}

/** Of a call both sides are named, whoever spoke. */
const BOTH_SIDES: readonly Participant[] = [
  { id: "AGENT", role: "AGENT" },
  { id: "CUSTOMER", role: "CUSTOMER" },
];

function participantsOf(turns: readonly AnalysedTurn[], sure: readonly Participant[]): Participant[] {
  const found = new Map(sure.map((participant) => [participant.id, participant]));
  for (const { turn } of turns) {
    if (!isOfService(turn) && !found.has(turn.participant.id)) found.set(turn.participant.id, turn.participant);
  }
  return [...found.values()];
}
