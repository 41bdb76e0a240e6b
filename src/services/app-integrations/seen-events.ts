/**
 * Which events webhooks have brought in the last day. Senders try again what they have no answer for, for hours: it is the same event then.
 */
import { type Collection, collection, type Unit } from "../../store/store.ts";

interface SeenEvent {
  /** Derived from account, Region, source and what the sender calls it. */
  readonly key: string;
  /** Of the event that it became. */
  readonly eventId: string;
  readonly expiresMs: number;
}

const seenEvents: Collection<SeenEvent> = collection("app_integrations_seen_events", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

const REMEMBERED_MS = 24 * 3_600_000;
/** Each event takes with it some that are forgotten: more than it adds, so that they go. */
const SWEPT = 4;

/** The event that has come under any of these keys, if it is remembered. */
export async function findSeenEvent(unit: Unit, keys: readonly string[], nowMs: number): Promise<string | undefined> {
  for (const key of keys) {
    const seen = await unit.get(seenEvents, key);
    if (seen && seen.expiresMs > nowMs) return seen.eventId;
  }
  return undefined;
}

/** Remembers an event for a day, and forgets some others whose day is over. */
export async function rememberEvent(
  unit: Unit,
  eventId: string,
  keys: readonly string[],
  nowMs: number,
): Promise<void> {
  const range = { index: "expires", before: nowMs + 1, limit: SWEPT };
  for (const { key } of (await unit.list(seenEvents, range)).documents) unit.delete(seenEvents, key);
  for (const key of keys) unit.put(seenEvents, key, { key, eventId, expiresMs: nowMs + REMEMBERED_MS });
}
