import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { refreshCalculatedAttributes } from "./calculated-attributes/attribute-values.ts";
import { type Domain, domainOfUid } from "./domain.ts";
import { historyKey, historyRecords, keepHistory } from "./history-record.ts";
import { removeObject } from "./object-removal.ts";
import { dropProfile } from "./profile-removal.ts";
import { followMembership } from "./segments/follow-membership.ts";
import { objectKey, objects, type StoredObject } from "./stored-object.ts";
import { findProfile, profileKey, profiles } from "./stored-profile.ts";

/**
 * One change in so many looks after expired documents, of one collection by chance: a look costs a tenth of an ingestion. It takes so many that
 * they go faster than they come. No timer sweeps, which would keep a clock that is moved by years busy.
 */
const CHANGES_PER_SWEEP = 8;
const SWEPT = 32;

/** A profile takes its keys with it, and the objects that have not gone before. */
const PROFILES_SWEPT = 24;

const PERFORMED_BY = "profile.amazonaws.com";

/** Deletes some of what has expired, in the unit of a change. Nobody saw it any more. */
export async function sweepExpired(unit: Unit, platform: Platform): Promise<void> {
  const sweeps = [sweepObjects, sweepProfiles, sweepHistory];
  await sweeps[Math.floor(platform.ids.random() * sweeps.length * CHANGES_PER_SWEEP)]?.(unit, platform);
}

async function sweepObjects(unit: Unit, platform: Platform): Promise<void> {
  const nowMs = platform.clock.now();
  const { documents } = await unit.list(objects, { index: "due", before: nowMs + 1, limit: SWEPT });
  for (const object of documents) {
    if (object.expiresMs > nowMs) {
      unit.put(objects, objectKey(object), { ...object, dueMs: object.expiresMs });
      continue;
    }
    const domain = await domainOfUid(unit, object.uid);
    // What lay in a deleted domain is swept anyway.
    if (!domain) continue;
    await expireObject(unit, platform, domain, object);
  }
}

/** Deletes an object that has expired, with all that it gave. */
export async function expireObject(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  object: StoredObject,
): Promise<void> {
  const nowMs = platform.clock.now();
  const before = await findProfile(unit, domain, object.profileId, nowMs);
  await removeObject(unit, domain, object, nowMs);
  const after = await findProfile(unit, domain, object.profileId, nowMs);
  const told = { domain, cause: "EXPIRED" as const, before, after, objects: [], removed: [object] };
  await keepHistory(unit, platform, { ...told, performedBy: PERFORMED_BY });
}

async function sweepProfiles(unit: Unit, platform: Platform): Promise<void> {
  const nowMs = platform.clock.now();
  const range = { index: "due", before: nowMs + 1, limit: PROFILES_SWEPT };
  for (const profile of (await unit.list(profiles, range)).documents) {
    if (profile.expiresMs > nowMs) {
      unit.put(profiles, profileKey(profile), { ...profile, dueMs: profile.expiresMs });
      continue;
    }
    const domain = await domainOfUid(unit, profile.uid);
    if (!domain) continue;
    await dropProfile(unit, domain, profile);
    const told = { domain, cause: "EXPIRED" as const, before: profile, after: undefined, objects: [] };
    const change = { ...told, performedBy: PERFORMED_BY };
    await refreshCalculatedAttributes(unit, platform, change);
    await followMembership(unit, platform, change);
    await keepHistory(unit, platform, change);
  }
}

async function sweepHistory(unit: Unit, platform: Platform): Promise<void> {
  const range = { index: "expires", before: platform.clock.now() + 1, limit: SWEPT };
  for (const record of (await unit.list(historyRecords, range)).documents) {
    unit.delete(historyRecords, historyKey(record));
  }
}
