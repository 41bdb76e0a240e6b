import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Analytics, ConversationContact } from "../connect/index.ts";

/** A contact whose conversation is analysed while it goes on, until 24 hours after its end. */
export interface LiveContact extends ConversationContact {
  readonly status: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly languageCode: string;
  readonly analytics: Analytics;
  /** Offsets count from here. */
  readonly beganMs: number;
  readonly names: readonly string[];
  /** The last turn: what the next one may answer. */
  readonly before?: { readonly participantId: string; readonly content: string } | undefined;
  readonly segmentCount: number;
  readonly expiresMs: number;
}

/** A segment as it was told, in the copies that there are. */
export interface LiveSegment {
  readonly key: string;
  readonly raw?: Readonly<Record<string, unknown>> | undefined;
  readonly redacted?: Readonly<Record<string, unknown>> | undefined;
  readonly expiresMs: number;
}

export const liveContacts: Collection<LiveContact> = collection("contact_lens_contacts", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** By contact, in the order in which they were told. */
export const liveSegments: Collection<LiveSegment> = collection("contact_lens_segments", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** "Data of a contact stays available for 24 hours"; one that never ends is forgotten later than any contact may last. */
const KEPT_MS = 24 * 60 * 60_000;
const LASTS_MS_MAX = 7 * 24 * 60 * 60_000;

/** How many expired documents of each kind a contact that begins takes with it. */
const SWEPT = 20;

export function liveContactKey({ account, region, instanceId, id }: ConversationContact): string {
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

export async function findLiveContact(
  reader: Reader,
  contact: Omit<ConversationContact, "channel">,
): Promise<LiveContact | undefined> {
  const { account, region, instanceId, id } = contact;
  return reader.get(liveContacts, compositeKey(account, region, instanceId, id));
}

/** Deletes some of what is over, oldest first. */
export async function sweepLive(unit: Unit, nowMs: number): Promise<void> {
  const contacts = await unit.list(liveContacts, { index: "expires", before: nowMs, limit: SWEPT });
  for (const contact of contacts.documents) unit.delete(liveContacts, liveContactKey(contact));
  const segments = await unit.list(liveSegments, { index: "expires", before: nowMs, limit: SWEPT });
  for (const { key } of segments.documents) unit.delete(liveSegments, key);
}
