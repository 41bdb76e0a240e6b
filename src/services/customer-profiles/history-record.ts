import type { ActionType } from "@aws-sdk/client-customer-profiles";
import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
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
  /** 32 hexadecimal digits. */
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
  /** Among the profile's records of the same time. */
  readonly place: number;
}

/** Ours: the service's own time is documented nowhere. */
export const HISTORY_MS: number = 30 * 24 * 60 * 60 * 1000;

export const historyRecords: Collection<HistoryRecord> = collection("profiles_history", {
  /** Of one profile, in the order in which it all happened. */
  profile: {
    type: "text",
    value: ({ uid, profileId, timeMs, place, id }) => compositeKey(uid, profileId, timeMs, place, id),
  },
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
      id: newId(platform),
      performedBy,
      timeMs,
      place,
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

async function nextPlace(unit: Unit, { uid, id }: Pick<StoredProfile, "uid" | "id">, timeMs: number): Promise<number> {
  const range = { index: "profile", prefix: compositeKey(uid, id, timeMs, ""), descending: true, limit: 1 };
  const [last] = (await unit.list(historyRecords, range)).documents;
  return last ? last.place + 1 : 0;
}
