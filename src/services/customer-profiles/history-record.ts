import type { ActionType } from "@aws-sdk/client-customer-profiles";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { inDomain } from "./domain.ts";
import { newId } from "./new-id.ts";
import type { ProfileChange } from "./profile-change.ts";
import { apiProfile } from "./profile-fields.ts";
import type { StoredProfile } from "./stored-profile.ts";

/** One thing that happened to a profile. */
export interface HistoryRecord {
  /** Of its domain. */
  readonly uid: string;
  readonly profileId: string;
  /** 32 hexadecimal digits, in the order in which it all happened: time, place among the profile's records of that time, chance. */
  readonly id: string;
  readonly action: ActionType;
  readonly type: string;
  readonly uniqueKey?: string;
  /** Of an ingested object: what it was then is found by it, as long as it is kept that was ingested. */
  readonly version?: number;
  /** JSON of what became of a profile. Absent where nothing did. */
  readonly content?: string;
  readonly performedBy: string;
  readonly timeMs: number;
}

/** Ours: the service's own time is documented nowhere. */
export const HISTORY_MS: number = 30 * 24 * 60 * 60 * 1000;

export const historyRecords: Collection<HistoryRecord> = collection("profiles_history", {
  expires: { type: "integer", value: ({ timeMs }) => timeMs + HISTORY_MS },
});

export function historyKey({ uid, profileId, id }: Pick<HistoryRecord, "uid" | "profileId" | "id">): string {
  return inDomain({ uid }, profileId, id);
}

/** Keeps what a change did: one record for the profile, or for each of its objects that were put or deleted. */
export async function keepHistory(unit: Unit, platform: Platform, change: ProfileChange): Promise<void> {
  const { domain, cause, before, after, objects, removed = [], performedBy } = change;
  const profile = after ?? before;
  if (!profile) return;
  // By which what was ingested is found.
  const timeMs = objects[0]?.after.updatedMs ?? platform.clock.now();
  let place = before ? await nextPlace(unit, profile, timeMs) : 0;
  const keep = (told: Pick<HistoryRecord, "action" | "type" | "uniqueKey" | "version" | "content">): void => {
    const record: HistoryRecord = {
      uid: domain.uid,
      profileId: profile.id,
      id: historyId(platform, timeMs, place),
      performedBy,
      timeMs,
      ...told,
    };
    place++;
    unit.put(historyRecords, historyKey(record), record);
  };
  const [ingested] = objects;
  if (ingested) {
    const { type, id, version } = ingested.after;
    if (!before)
      keep({ action: "CREATED", type: "_profile", content: JSON.stringify(apiProfile(profile.id, profile.fields)) });
    keep({ action: cause, type, uniqueKey: id, version });
    return;
  }
  for (const object of removed) keep({ action: cause, type: object.type, uniqueKey: object.id });
  if (removed.length > 0) return;
  const content = after && JSON.stringify(apiProfile(after.id, after.fields));
  keep({ action: cause, type: "_profile", ...(content !== undefined && { content }) });
}

/** Hexadecimal digits of a time in milliseconds, and of a place. */
const TIME_DIGITS = 12;
const PLACE_DIGITS = 6;

function historyId(platform: Platform, timeMs: number, place: number): string {
  return (timeDigits(timeMs) + digits(place, PLACE_DIGITS) + newId(platform)).slice(0, 32);
}

/** Behind the last record of the same time. */
async function nextPlace(unit: Unit, { uid, id }: Pick<StoredProfile, "uid" | "id">, timeMs: number): Promise<number> {
  const prefix = inDomain({ uid }, id, timeDigits(timeMs));
  const [last] = (await unit.list(historyRecords, { prefix, descending: true, limit: 1 })).documents;
  return last ? Number.parseInt(last.id.slice(TIME_DIGITS, TIME_DIGITS + PLACE_DIGITS), 16) + 1 : 0;
}

function timeDigits(timeMs: number): string {
  return digits(timeMs, TIME_DIGITS);
}

function digits(value: number, count: number): string {
  return value.toString(16).padStart(count, "0");
}
