import { createHash } from "node:crypto";
import type { RuleBasedMatchingRequest } from "@aws-sdk/client-customer-profiles";
import type { Timer } from "../../../flow/index.ts";
import { type Collection, collection, compositeKey, type Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { tellQueue } from "../dead-letters.ts";
import { type Domain, domainOfUid, inDomain } from "../domain.ts";
import { merge } from "../merge-profiles.ts";
import { leavesIn, type MergedField } from "../merged-fields.ts";
import { findProfile, profiles, type StoredProfile } from "../stored-profile.ts";
import { askToMatch, declareMatchingLog, MATCHING_LOG, type ToMatch, toMatchOf } from "./matching-log.ts";
import { type MatchKey, matchKeys } from "./matching-rules.ts";

/** A profile has a match key. */
export interface StoredMatchKey extends MatchKey {
  /** Of its domain. */
  readonly uid: string;
  /** Of the rules that it was made by. */
  readonly generation: number;
  readonly profileId: string;
}

export const storedMatchKeys: Collection<StoredMatchKey> = collection("profiles_match_keys", {
  profile: { type: "text", value: ({ uid, profileId, level, hash }) => compositeKey(uid, profileId, level, hash) },
});

/** Profiles that have the same match key: at least two. */
export interface Match extends MatchKey {
  /** Of its domain. */
  readonly uid: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly generation: number;
}

export const matches: Collection<Match> = collection("profiles_matches");

export function matchKeyId({ uid, generation, level, hash, profileId }: StoredMatchKey): string {
  return inDomain({ uid }, generation, level, hash, profileId);
}

export function matchId({ uid, id }: Pick<Match, "uid" | "id">): string {
  return inDomain({ uid }, id);
}

/** "Attributes at a rule level that are associated with more than 500 records" match nobody: Administrator Guide, Identity Resolution. */
const PROFILES_MAX = 500;

const PERFORMED_BY = "profile.amazonaws.com";
const REMATCH = "customer-profiles.rematch";
const REMATCHED_PER_STEP = 100;

/** Follows changes of profiles; each unit matches a few of them. */
export async function matchProfiles(platform: Platform): Promise<void> {
  await declareMatchingLog(platform);
  platform.flow.consume({
    name: MATCHING_LOG,
    log: MATCHING_LOG,
    batchEntries: 16,
    handle: async (unit, entries) => {
      for (const entry of entries) await matchOne(unit, platform, toMatchOf(entry));
    },
  });
  platform.flow.onTimer(REMATCH, (unit, { payload }) => rematch(unit, platform, payload as Rematch));
}

interface Rematch {
  readonly uid: string;
  readonly generation: number;
  readonly after?: string | undefined;
}

/** The rules of a domain have changed: all its profiles are matched anew, in steps. */
export function matchAnew(unit: Unit, { flow, clock }: Platform, { uid, matchingGeneration }: Domain): void {
  const rematch: Rematch = { uid, generation: matchingGeneration };
  flow.schedule(unit, rematchTimer(rematch, clock.now()));
}

function rematchTimer(payload: Rematch, dueMs: number): Timer {
  return { id: `${REMATCH} ${payload.uid}`, kind: REMATCH, dueMs, payload };
}

async function rematch(unit: Unit, { flow, clock }: Platform, step: Rematch): Promise<void> {
  const domain = await domainOfUid(unit, step.uid);
  if (domain?.matchingGeneration !== step.generation) return;
  const page = await unit.list(profiles, {
    prefix: inDomain(domain, ""),
    limit: REMATCHED_PER_STEP,
    after: step.after,
  });
  for (const { id } of page.documents) askToMatch(unit, domain, id);
  if (page.next !== undefined) flow.schedule(unit, rematchTimer({ ...step, after: page.next }, clock.now()));
}

async function matchOne(unit: Unit, platform: Platform, { uid, profileId }: ToMatch): Promise<void> {
  const domain = await domainOfUid(unit, uid);
  if (!domain) return;
  const settings = domain.ruleBasedMatching;
  const profile = await findProfile(unit, domain, profileId, platform.clock.now());
  const wanted = profile && settings?.Enabled ? matchKeys(profile.fields, settings) : [];
  const made = await replaceKeys(unit, domain, profileId, wanted);
  if (profile && settings) await mergeMatching(unit, platform, domain, settings, profile, made);
}

/** Makes a profile's keys those that are wanted; answers with them, the surest first. */
async function replaceKeys(
  unit: Unit,
  { uid, matchingGeneration: generation }: Domain,
  profileId: string,
  wanted: readonly MatchKey[],
): Promise<readonly StoredMatchKey[]> {
  const keys = wanted.map(({ level, hash }): StoredMatchKey => ({ uid, generation, level, hash, profileId }));
  const ids = new Set(keys.map(matchKeyId));
  const prefix = compositeKey(uid, profileId, "");
  const { documents } = await unit.list(storedMatchKeys, { index: "profile", prefix, limit: 1000 });
  const old = new Set(documents.map(matchKeyId));
  for (const key of documents) {
    if (ids.has(matchKeyId(key))) continue;
    unit.delete(storedMatchKeys, matchKeyId(key));
    await countMatch(unit, key);
  }
  for (const key of keys) {
    if (old.has(matchKeyId(key))) continue;
    unit.put(storedMatchKeys, matchKeyId(key), key);
    await countMatch(unit, key);
  }
  return keys.sort((one, other) => one.level - other.level);
}

/** A match is there as long as two profiles have its key. */
async function countMatch(unit: Unit, key: StoredMatchKey): Promise<void> {
  const { uid, generation, level, hash } = key;
  const match: Match = { uid, generation, level, hash, id: matchIdOf(key) };
  if ((await withKey(unit, key, 2)).length > 1) unit.put(matches, matchId(match), match);
  else unit.delete(matches, matchId(match));
}

function matchIdOf({ generation, level, hash }: StoredMatchKey): string {
  return createHash("sha256")
    .update(JSON.stringify([generation, level, hash]))
    .digest("hex")
    .slice(0, 32);
}

async function withKey(
  unit: Pick<Unit, "list">,
  { uid, generation, level, hash }: Omit<StoredMatchKey, "profileId">,
  limit: number,
): Promise<readonly string[]> {
  const prefix = inDomain({ uid }, generation, level, hash, "");
  return (await unit.list(storedMatchKeys, { prefix, limit })).documents.map(({ profileId }) => profileId);
}

/** The ids of the profiles of a match. */
export function profilesOfMatch(reader: Pick<Unit, "list">, match: Match): Promise<readonly string[]> {
  return withKey(reader, match, PROFILES_MAX);
}

/** The surest match of a profile. */
export async function matchOfProfile(
  reader: Pick<Unit, "list" | "get">,
  { uid, id }: Pick<StoredProfile, "uid" | "id">,
): Promise<Match | undefined> {
  const prefix = compositeKey(uid, id, "");
  const { documents } = await reader.list(storedMatchKeys, { index: "profile", prefix, limit: 1000 });
  for (const key of documents) {
    const match = await reader.get(matches, matchId({ uid, id: matchIdOf(key) }));
    if (match) return match;
  }
  return undefined;
}

/** Merges a profile with those that match it at a level that is sure enough, into the oldest of them. What it is then is matched again. */
async function mergeMatching(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  settings: RuleBasedMatchingRequest,
  profile: StoredProfile,
  keys: readonly StoredMatchKey[],
): Promise<void> {
  const { MaxAllowedRuleLevelForMerging: most = 0 } = settings;
  for (const key of keys) {
    if (key.level > most) continue;
    const ids = await withKey(unit, key, PROFILES_MAX + 1);
    if (ids.length > PROFILES_MAX) {
      await tellQueue(unit, platform, domain, {
        ErrorMessage: `All attributes at rule level ${key.level} are associated with more than ${PROFILES_MAX} records.`,
        ProfileId: profile.id,
      });
      continue;
    }
    const matching: StoredProfile[] = [];
    for (const id of ids) {
      const other = await findProfile(unit, domain, id, platform.clock.now());
      if (other) matching.push(other);
    }
    const [main, ...merged] = matching.sort(
      (one, other) => one.createdMs - other.createdMs || (one.id < other.id ? -1 : 1),
    );
    if (!main || merged.length === 0) continue;
    await merge(unit, platform, domain, {
      main,
      merged,
      choose: (field, given) => resolved(settings, field, given),
      performedBy: PERFORMED_BY,
    });
    for (const { id } of merged) await replaceKeys(unit, domain, id, []);
    askToMatch(unit, domain, main.id);
    return;
  }
}

/** The value that was written last; with SOURCE that of an object type before all others. */
function resolved(
  { ConflictResolution }: RuleBasedMatchingRequest,
  field: MergedField,
  given: readonly [StoredProfile, ...StoredProfile[]],
): StoredProfile {
  const source = ConflictResolution?.ConflictResolvingModel === "SOURCE" ? ConflictResolution.SourceName : undefined;
  const rank = (profile: StoredProfile): readonly [number, number] => {
    const writers = [...leavesIn(profile.fields, field).keys()].flatMap((leaf) => {
      const writer = profile.writers[leaf];
      return writer ? [writer] : [];
    });
    const isOfSource = source !== undefined && writers.some(([type]) => type === source);
    return [isOfSource ? 1 : 0, Math.max(profile.createdMs, ...writers.map(([, timeMs]) => timeMs))];
  };
  return given.reduce((best, other) => {
    const [bestSource, bestMs] = rank(best);
    const [otherSource, otherMs] = rank(other);
    return otherSource > bestSource || (otherSource === bestSource && otherMs > bestMs) ? other : best;
  });
}
