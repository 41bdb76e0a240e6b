import { createHash } from "node:crypto";
import type { JsonObject } from "../../matching/machine.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { isNestedTooDeep, NESTING_MAX } from "../eventbridge/index.ts";
import { isJsonObject, parseKeepingNumbers } from "../json-text.ts";
import type { Limit, Platform } from "../service.ts";
import type { Domain } from "./domain.ts";
import { badRequest } from "./errors.ts";
import { growOthers, planStandardObjects, writeStandardObjects } from "./ingest-standard-objects.ts";
import { newId } from "./new-id.ts";
import { removeObject, takeKeysOf } from "./object-removal.ts";
import { type MappedKey, type MappedObject, mapObject } from "./object-types/mapped-object.ts";
import { findObjectType, type ObjectType, rememberImplicitType } from "./object-types/object-type.ts";
import { keptLeaf, type Leaf, leafLengthMax, type ProfileFields, withLeaves } from "./profile-fields.ts";
import { followFields, giveKey, keysOfValue } from "./profile-keys.ts";
import { type ObjectKey, objectKey, objects, putObject, type StoredObject } from "./stored-object.ts";
import {
  expiryMs,
  findProfile,
  MANUAL,
  objectCount,
  putProfile,
  type StoredProfile,
  type Writer,
} from "./stored-profile.ts";
import { expireObject } from "./sweep-expired.ts";
import { tellChange } from "./tell-change.ts";

/** An object that was accepted: it is right by itself. Where it belongs is found out when it is ingested. */
export interface AcceptedObject {
  readonly type: ObjectType;
  /** JSON, as the client wrote it. */
  readonly content: string;
  readonly mapped: MappedObject;
  /** `ProfileObjectUniqueKey`: 44 characters, the same for the same value of the type's UNIQUE key. */
  readonly uniqueKey: string;
  /** When it arrived here, by the domain's clock. */
  readonly acceptedMs: number;
  /** ARN of the caller, or name of the service that brought it. */
  readonly performedBy: string;
}

/** What is documented as "250 KB" of one object. */
const OBJECT_BYTES_MAX = 250 * 1024;

export const OBJECTS_PER_PROFILE: Limit = {
  name: "customer-profiles.objects-per-profile",
  default: 1000,
  meaning: "Objects of a profile",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

/**
 * The first phase: reads an object and maps it through its type.
 *
 * Throws `BadRequestException` for what is no JSON object, is too large, or has no value for its UNIQUE key or for any PROFILE key.
 */
export function acceptObject(
  domain: Domain,
  type: ObjectType,
  content: string,
  arrival: { readonly acceptedMs: number; readonly performedBy: string },
): AcceptedObject {
  const mapped = mapObject(type, parsedObject(content));
  const unique = mapped.keys.find(({ identifiers }) => identifiers.includes("UNIQUE"));
  if (!unique || unique.isEmpty) {
    throw badRequest(`Object: the unique key ${unique?.name ?? ""} of object type ${type.name} has no value in it`);
  }
  const profileKeys = mapped.keys.filter(({ identifiers }) => identifiers.includes("PROFILE"));
  if (profileKeys.every(({ isEmpty }) => isEmpty)) {
    const names = profileKeys.map(({ name }) => name).join(", ");
    throw badRequest(`Object: no profile key (${names}) of object type ${type.name} has a value in it`);
  }
  return { ...arrival, type, content, mapped, uniqueKey: uniqueKeyOf(domain, type, unique) };
}

/** Numbers stay as they are written where they go into texts. */
function parsedObject(content: string): JsonObject {
  if (Buffer.byteLength(content) > OBJECT_BYTES_MAX) throw badRequest("Object: it is larger than 250 KB");
  if (isNestedTooDeep(content)) throw badRequest(`Object: it is nested deeper than ${NESTING_MAX} levels`);
  let parsed: unknown;
  try {
    parsed = parseKeepingNumbers(content);
  } catch {
    throw badRequest("Object: could not parse object string into JSON");
  }
  if (isJsonObject(parsed)) return parsed;
  throw badRequest("Object: a JSON object is needed");
}

function uniqueKeyOf({ name }: Domain, type: ObjectType, { parts }: MappedKey): string {
  return createHash("sha256")
    .update(JSON.stringify([name, type.name, ...parts]))
    .digest("base64");
}

/** What became of an object: the profile it is on, or why it is on none. */
export type Ingestion =
  | { readonly outcome: "ingested"; readonly profileId: string }
  /** Its source says that it is older than what is stored under its unique key. */
  | { readonly outcome: "outdated" }
  /** For the domain's dead-letter queue. */
  | { readonly outcome: "rejected"; readonly reason: string };

/**
 * The second phase, in the unit of the change: finds the object's profile or creates it, stores the object, its keys and what its type
 * maps to the profile and to standard objects, and tells all who follow. Writes nothing where it rejects.
 */
export async function ingestObject(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  accepted: AcceptedObject,
): Promise<Ingestion> {
  const { type, mapped, uniqueKey } = accepted;
  const nowMs = platform.clock.now();
  if (!(await findObjectType(unit, domain, type.name))) {
    return { outcome: "rejected", reason: `Object type ${type.name} was deleted` };
  }
  const stored = await storedBefore(unit, platform, domain, accepted, nowMs);
  if (stored?.sourceMs !== undefined && mapped.sourceMs !== undefined && mapped.sourceMs < stored.sourceMs) {
    return { outcome: "outdated" };
  }
  const { found, discarded } = await resolveProfile(unit, domain, mapped.keys, nowMs);
  if (!found && !type.allowProfileCreation) {
    return { outcome: "rejected", reason: "No profile matched and AllowProfileCreation is false" };
  }
  const tooLong = mapped.targets.find(isTooLong);
  if (tooLong) {
    return { outcome: "rejected", reason: `The value of _profile.${tooLong.path.join(".")} is too long` };
  }
  const before = found;
  const profileId = before?.id ?? newId(platform);
  const isElsewhere = stored !== undefined && stored.profileId !== profileId;
  const isNewHere = stored === undefined || isElsewhere;
  const full = isNewHere ? whyFull(platform, type, before) : undefined;
  if (full !== undefined) return { outcome: "rejected", reason: full };
  const standard = await planStandardObjects(unit, domain, accepted, nowMs);
  if (standard.ambiguous !== undefined) {
    return { outcome: "rejected", reason: `${standard.ambiguous} has more than one standard object` };
  }

  await rememberImplicitType(unit, type, nowMs);
  if (isElsewhere) await removeObject(unit, domain, stored, nowMs);
  const given = isElsewhere ? undefined : stored?.keys;
  const keys = storedKeys(mapped.keys, { isNewProfile: !before, discarded, given });
  const expiresMs = expiryMs(nowMs, type.expirationDays ?? domain.expirationDays);
  const object: StoredObject = {
    uid: domain.uid,
    type: type.name,
    id: uniqueKey,
    profileId,
    content: accepted.content,
    keys,
    version: (stored?.version ?? 0) + 1,
    sourceMs: mapped.sourceMs,
    createdMs: stored?.createdMs ?? nowMs,
    updatedMs: nowMs,
    expiresMs,
  };
  putObject(unit, stored, object);

  const blank: StoredProfile = {
    uid: domain.uid,
    id: profileId,
    fields: {},
    writers: {},
    objects: {},
    objectBytes: 0,
    createdMs: nowMs,
    updatedMs: nowMs,
    expiresMs,
  };
  const start = before ?? blank;
  const written = await writeFields(unit, domain, accepted, start, { isNew: !before, nowMs });
  const madeObjects = writeStandardObjects(unit, platform, standard.plans, { profileId, expiresMs, nowMs });
  const madeHere = madeObjects.filter(({ before: old, after }) => !old && after.profileId === profileId);
  const after: StoredProfile = {
    ...start,
    ...written,
    objects: counted(start.objects, [
      ...(isNewHere ? [type.name] : []),
      ...madeHere.map(({ after: made }) => made.type),
    ]),
    objectBytes:
      start.objectBytes +
      accepted.content.length -
      (isNewHere ? 0 : stored.content.length) +
      madeObjects
        .filter(({ after: made }) => made.profileId === profileId)
        .reduce((total, { before: old, after: made }) => total + made.content.length - (old?.content.length ?? 0), 0),
    updatedMs: nowMs,
    expiresMs: Math.max(start.expiresMs, expiresMs),
  };
  await putProfile(unit, domain, before, after);
  await growOthers(unit, domain, madeObjects, { profileId, nowMs });
  await followFields(unit, after, before?.fields, after.fields);
  for (const key of keys) await giveKey(unit, after, key, "objects");
  for (const { before: old, after: made } of madeObjects) {
    for (const key of made.keys) await giveKey(unit, { uid: made.uid, id: made.profileId }, key, "objects");
    if (old) await takeKeysOf(unit, old, made.keys);
  }
  if (stored && !isElsewhere) await takeKeysOf(unit, stored, keys);

  await tellChange(unit, platform, {
    domain,
    cause: "INGESTED",
    before,
    after,
    objects: [
      {
        before: isElsewhere ? undefined : stored,
        after: object,
        ingested: { mapped, acceptedMs: accepted.acceptedMs },
      },
      ...madeObjects,
    ],
    ...(isElsewhere && { removed: [stored] }),
    performedBy: accepted.performedBy,
  });
  return { outcome: "ingested", profileId };
}

/** What is stored under an object's unique key. What has expired there goes now: nothing may be left of it where the object comes to lie. */
async function storedBefore(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  { type, uniqueKey }: AcceptedObject,
  nowMs: number,
): Promise<StoredObject | undefined> {
  const stored = await unit.get(objects, objectKey({ uid: domain.uid, type: type.name, id: uniqueKey }));
  if (!stored || stored.expiresMs > nowMs) return stored;
  await expireObject(unit, platform, domain, stored);
  return undefined;
}

/**
 * The profile that an object's keys name: the first key, those with SECONDARY after all others, that has exactly one. A key that has
 * several is ambiguous, and is neither used nor stored.
 */
async function resolveProfile(
  unit: Unit,
  domain: Domain,
  keys: readonly MappedKey[],
  nowMs: number,
): Promise<{ readonly found: StoredProfile | undefined; readonly discarded: ReadonlySet<MappedKey> }> {
  const discarded = new Set<MappedKey>();
  const lookedUp = keys.filter(({ identifiers, isEmpty }) => identifiers.includes("PROFILE") && !isEmpty);
  for (const isSecond of [false, true]) {
    for (const key of lookedUp) {
      if (key.identifiers.includes("SECONDARY") !== isSecond) continue;
      const candidates = await candidatesOf(unit, domain, key, nowMs);
      if (candidates.length === 1) return { found: candidates[0], discarded };
      if (candidates.length > 1) discarded.add(key);
    }
  }
  return { found: undefined, discarded };
}

/** At most two: more make a key no more ambiguous. */
async function candidatesOf(
  unit: Unit,
  domain: Domain,
  { name, parts }: MappedKey,
  nowMs: number,
): Promise<readonly StoredProfile[]> {
  if (name === "_profileId") {
    const [id = ""] = parts;
    const profile = await findProfile(unit, domain, id, nowMs);
    return profile ? [profile] : [];
  }
  const found: StoredProfile[] = [];
  let behind: string | undefined;
  do {
    const keys = await keysOfValue(unit, domain, [name, ...parts], { limit: 2, behind });
    for (const { profileId } of keys) {
      const profile = await findProfile(unit, domain, profileId, nowMs);
      if (profile) found.push(profile);
    }
    behind = keys.length === 2 ? keys.at(-1)?.profileId : undefined;
  } while (found.length < 2 && behind !== undefined);
  return found.slice(0, 2);
}

/**
 * Which keys stay on the profile: "Key definition details in Customer Profiles", Administrator Guide. What the object has given the profile
 * already stays, so that an object that comes again changes nothing.
 */
function storedKeys(
  keys: readonly MappedKey[],
  {
    isNewProfile,
    discarded,
    given = [],
  }: {
    readonly isNewProfile: boolean;
    readonly discarded: ReadonlySet<MappedKey>;
    readonly given: readonly ObjectKey[] | undefined;
  },
): readonly ObjectKey[] {
  const already = new Set(given.map((key) => compositeKey(...key)));
  return keys
    .filter((key) => {
      if (key.isEmpty || key.object !== undefined) return false;
      if (key.name === "_profileId" || key.identifiers.includes("LOOKUP_ONLY")) return false;
      if (already.has(compositeKey(key.name, ...key.parts))) return true;
      return !discarded.has(key) && (isNewProfile || !key.identifiers.includes("NEW_ONLY"));
    })
    .map(({ name, parts }) => [name, ...parts]);
}

function isTooLong({ object, path, value }: MappedObject["targets"][number]): boolean {
  return object === "_profile" && String(value).length > leafLengthMax(path.join("."));
}

function whyFull({ limits }: Platform, type: ObjectType, profile: StoredProfile | undefined): string | undefined {
  if (!profile) return undefined;
  const ofType = objectCount(profile.objects, type.name);
  if (type.maxProfileObjectCount !== undefined && ofType >= type.maxProfileObjectCount) {
    return `The profile has ${ofType} objects of type ${type.name} already, which is MaxProfileObjectCount`;
  }
  const most = limits.value(OBJECTS_PER_PROFILE.name, OBJECTS_PER_PROFILE.default);
  const all = Object.values(profile.objects).reduce((total, count) => total + count, 0);
  return limits.enforced && all >= most ? `The profile has ${all} objects already` : undefined;
}

/** What the targets of an object make of a profile's fields, and who wrote them. */
async function writeFields(
  unit: Unit,
  domain: Domain,
  { type, mapped }: AcceptedObject,
  profile: StoredProfile,
  { isNew, nowMs }: { readonly isNew: boolean; readonly nowMs: number },
): Promise<Pick<StoredProfile, "fields" | "writers">> {
  const incoming = new Map<Leaf, string>();
  for (const { object, path, value } of mapped.targets) {
    if (object === "_profile") incoming.set(keptLeaf(path.join(".")), String(value));
  }
  if (isNew) {
    for (const [leaf, value] of Object.entries(mapped.inferred)) {
      if (!incoming.has(leaf) && value.length <= leafLengthMax(leaf)) incoming.set(leaf, value);
    }
  }
  const changes = new Map<Leaf, string>();
  const writers: Record<Leaf, Writer> = { ...profile.writers };
  const writer: Writer = mapped.sourceMs === undefined ? [type.name, nowMs] : [type.name, nowMs, mapped.sourceMs];
  for (const [leaf, value] of incoming) {
    if (!(await wins(unit, domain, type, mapped.sourceMs, writers[leaf]))) continue;
    writers[leaf] = writer;
    changes.set(leaf, value);
  }
  return { fields: changedFields(profile.fields, changes), writers };
}

/** The same fields where nothing has another value. */
function changedFields(fields: ProfileFields, changes: ReadonlyMap<Leaf, string>): ProfileFields {
  const changed = withLeaves(fields, changes);
  return JSON.stringify(changed) === JSON.stringify(fields) ? fields : changed;
}

/** Whether what a type says of a field counts for more than what somebody else has said: 1 is the best priority, none is the worst. */
async function wins(
  unit: Unit,
  domain: Domain,
  type: ObjectType,
  sourceMs: number | undefined,
  writer: Writer | undefined,
): Promise<boolean> {
  if (!writer) return true;
  const [writtenBy, , writtenSourceMs] = writer;
  if (writtenBy === type.name) {
    return sourceMs === undefined || writtenSourceMs === undefined || sourceMs >= writtenSourceMs;
  }
  if (writtenBy === MANUAL) return type.sourcePriority !== undefined;
  const other = await findObjectType(unit, domain, writtenBy);
  return (type.sourcePriority ?? Number.POSITIVE_INFINITY) <= (other?.sourcePriority ?? Number.POSITIVE_INFINITY);
}

function counted(counts: Readonly<Record<string, number>>, types: readonly string[]): Readonly<Record<string, number>> {
  const changed = { ...counts };
  for (const type of types) changed[type] = objectCount(changed, type) + 1;
  return changed;
}
