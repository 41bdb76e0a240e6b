import { type Collection, collection, type Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { inDomain } from "../domain.ts";
import type { Integration } from "./integration.ts";

/** An event that an integration has brought already. */
interface SeenEvent {
  /** Of its domain. */
  readonly uid: string;
  readonly uri: string;
  readonly id: string;
  readonly expiresMs: number;
}

export const seenEvents: Collection<SeenEvent> = collection("profiles_seen_events", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

export function seenEventKey({ uid, uri, id }: Pick<SeenEvent, "uid" | "uri" | "id">): string {
  return inDomain({ uid }, uri, id);
}

/** Applications bring an event again for so long, where they were not answered. */
const SEEN_MS = 24 * 60 * 60_000;
/** What is over and is deleted with each that comes. */
const SWEPT = 2;

export async function isSeen(unit: Unit, { clock }: Platform, { uid, uri }: Integration, id: string): Promise<boolean> {
  const seen = await unit.get(seenEvents, seenEventKey({ uid, uri, id }));
  return seen !== undefined && seen.expiresMs > clock.now();
}

export async function rememberSeen(
  unit: Unit,
  { clock }: Platform,
  { uid, uri }: Integration,
  id: string,
): Promise<void> {
  const nowMs = clock.now();
  const expired = await unit.list(seenEvents, { index: "expires", before: nowMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(seenEvents, seenEventKey(old));
  const seen: SeenEvent = { uid, uri, id, expiresMs: nowMs + SEEN_MS };
  unit.put(seenEvents, seenEventKey(seen), seen);
}
