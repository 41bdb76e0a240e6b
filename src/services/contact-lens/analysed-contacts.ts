import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Analytics, ConversationContact } from "../connect/index.ts";
import type { AnalysedTurn } from "./analysis.ts";
import type { ToldCategory } from "./categories.ts";
import type { Outputs } from "./outputs.ts";

/** A contact whose conversation is analysed, until two days after its end. */
export interface AnalysedContact extends ConversationContact {
  /** `PREPARED`: no agent has joined yet. */
  readonly status: "PREPARED" | "IN_PROGRESS" | "COMPLETED" | "FAILED";
  /** Told while it goes on. Otherwise only afterwards. */
  readonly isRealTime: boolean;
  readonly languageCode: string;
  readonly analytics: Analytics;
  readonly outputs: Outputs;
  /** Offsets count from here. */
  readonly beganMs: number;
  /** The conversation is over, or its analysis has failed. While that is in progress still, what rules say of it is awaited. */
  readonly endedMs?: number | undefined;
  readonly names: readonly string[];
  /** The last turn: what the next one may answer. */
  readonly before?: { readonly participantId: string; readonly content: string } | undefined;
  readonly turnCount: number;
  readonly segmentCount: number;
  readonly categories: readonly ToldCategory[];
  readonly expiresMs: number;
}

/** A turn with what the engine has found in it. */
export interface StoredTurn extends AnalysedTurn {
  readonly key: string;
  readonly expiresMs: number;
}

/** A segment as it was told, in the copies that there are. */
export interface LiveSegment {
  readonly key: string;
  readonly raw?: Readonly<Record<string, unknown>> | undefined;
  readonly redacted?: Readonly<Record<string, unknown>> | undefined;
  readonly expiresMs: number;
}

export const analysedContacts: Collection<AnalysedContact> = collection("contact_lens_contacts", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** By contact, in the order in which they were heard. */
const storedTurns: Collection<StoredTurn> = collection("contact_lens_turns", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** By contact, in the order in which they were told. */
export const liveSegments: Collection<LiveSegment> = collection("contact_lens_segments", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

const DAY_MS = 24 * 60 * 60_000;

/** "Data of a contact stays available for 24 hours." It is kept for longer, as long as its files may still be owed to a bucket. */
const LISTED_MS = DAY_MS;
const KEPT_MS = 2 * DAY_MS;

/** One that never ends is forgotten later than any contact may last. */
const LASTS_MS_MAX = 7 * DAY_MS;

const TURNS_READ = 1_000;

export function analysedContactKey({ account, region, instanceId, id }: Omit<ConversationContact, "channel">): string {
  return compositeKey(account, region, instanceId, id);
}

export function liveSegmentKey({ account, region, instanceId, id }: ConversationContact, number: number): string {
  return compositeKey(account, region, instanceId, id, number);
}

export function expiryWhileLive(nowMs: number): number {
  return nowMs + LASTS_MS_MAX + KEPT_MS;
}

export function expiryAfterEnd(nowMs: number): number {
  return nowMs + KEPT_MS;
}

/** Whether segments of it are still listed. */
export function isListed(contact: AnalysedContact, nowMs: number): contact is ListedContact {
  const { status, isRealTime, endedMs } = contact;
  return isRealTime && status !== "PREPARED" && (endedMs === undefined || nowMs < endedMs + LISTED_MS);
}

export type ListedContact = AnalysedContact & { readonly status: Exclude<AnalysedContact["status"], "PREPARED"> };

export async function findAnalysedContact(
  reader: Reader,
  contact: Omit<ConversationContact, "channel">,
): Promise<AnalysedContact | undefined> {
  return reader.get(analysedContacts, analysedContactKey(contact));
}

export function forgetAnalysedContact(unit: Unit, contact: AnalysedContact): void {
  unit.delete(analysedContacts, analysedContactKey(contact));
}

export function putAnalysedContact(unit: Unit, contact: AnalysedContact): void {
  unit.put(analysedContacts, analysedContactKey(contact), contact);
}

/** Keeps a turn, and answers with the contact that counts it. */
export function keepTurn(unit: Unit, contact: AnalysedContact, turn: AnalysedTurn, nowMs: number): AnalysedContact {
  const turnCount = contact.turnCount + 1;
  const key = compositeKey(analysedContactKey(contact), turnCount);
  unit.put(storedTurns, key, { ...turn, key, expiresMs: expiryWhileLive(nowMs) });
  return { ...contact, turnCount };
}

/** All turns, in the order of their beginnings; those that begin at once in the order in which they were told. */
export async function turnsOf(reader: Reader, contact: Omit<ConversationContact, "channel">): Promise<StoredTurn[]> {
  const prefix = compositeKey(analysedContactKey(contact), "");
  const found: StoredTurn[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(storedTurns, { prefix, limit: TURNS_READ, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found.sort(({ turn: one }, { turn: other }) => one.beginMs - other.beginMs);
}

/** Keeps the copies of a segment that is told, and answers with the contact that counts it. */
export function keepSegment(
  unit: Unit,
  contact: AnalysedContact,
  copies: Pick<LiveSegment, "raw" | "redacted">,
  nowMs: number,
): AnalysedContact {
  const segmentCount = contact.segmentCount + 1;
  const key = liveSegmentKey(contact, segmentCount);
  unit.put(liveSegments, key, { ...copies, key, expiresMs: expiryWhileLive(nowMs) });
  return { ...contact, segmentCount };
}

/** Deletes at most `limit` documents of each kind that are over, oldest first. */
export async function sweepExpired(unit: Unit, nowMs: number, limit: number): Promise<void> {
  const contacts = await unit.list(analysedContacts, { index: "expires", before: nowMs, limit });
  for (const contact of contacts.documents) unit.delete(analysedContacts, analysedContactKey(contact));
  const sweep = async <T extends { readonly key: string }>(collection: Collection<T>): Promise<void> => {
    const { documents } = await unit.list(collection, { index: "expires", before: nowMs, limit });
    for (const { key } of documents) unit.delete(collection, key);
  };
  await sweep(storedTurns);
  await sweep(liveSegments);
}
