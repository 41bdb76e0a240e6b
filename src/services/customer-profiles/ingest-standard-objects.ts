import { compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Domain } from "./domain.ts";
import { newId } from "./new-id.ts";
import { giveObjectKey, objectsOfKey } from "./object-keys.ts";
import type { MappedObject } from "./object-types/mapped-object.ts";
import type { ObjectType } from "./object-types/object-type.ts";
import { standardIndexKeys, standardObjectIdField } from "./object-types/standard-objects.ts";
import type { ChangedObject } from "./profile-change.ts";
import { findObject, type ObjectKey, putObject, type StoredObject } from "./stored-object.ts";
import { findProfile, putProfile } from "./stored-profile.ts";

/** What an object does to one standard object: creates it, or writes some of its fields. */
interface Plan {
  readonly uid: string;
  /** `_order`, … */
  readonly type: string;
  readonly before: StoredObject | undefined;
  readonly targets: MappedObject["targets"];
  /** By which it is found. */
  readonly keys: readonly ObjectKey[];
}

/**
 * The standard objects that an object writes to, each found by the keys that carry its identifier. `ambiguous`: one whose keys find more than
 * one.
 */
export async function planStandardObjects(
  unit: Unit,
  domain: Domain,
  { mapped, uniqueKey, type }: { readonly mapped: MappedObject; readonly uniqueKey: string; readonly type: ObjectType },
  nowMs: number,
): Promise<{ readonly plans: readonly Plan[]; readonly ambiguous?: string }> {
  const plans: Plan[] = [];
  const names = new Set(mapped.targets.map(({ object }) => object).filter((object) => object !== "_profile"));
  for (const name of names) {
    const identifying = mapped.keys.filter(({ object, isEmpty }) => object === name && !isEmpty);
    const isIdentified = mapped.keys.some(({ object }) => object === name);
    // Of what no key identifies, each ingested object is one of its own.
    const keys: readonly ObjectKey[] = isIdentified
      ? identifying.map((key) => [key.name, ...key.parts])
      : [[`_unique ${type.name}`, uniqueKey]];
    if (keys.length === 0) continue;

    const found = new Map<string, StoredObject>();
    for (const key of keys) {
      for (const object of await objectsThatHave(unit, domain, name, key, nowMs)) found.set(object.id, object);
    }
    if (found.size > 1) return { plans: [], ambiguous: name };
    const [before] = found.values();
    const targets = mapped.targets.filter(({ object }) => object === name);
    plans.push({ uid: domain.uid, type: name, before, targets, keys });
  }
  return { plans };
}

/** At most two: more make a key no more ambiguous. What has expired, or lies on a profile that has, is not there. */
async function objectsThatHave(
  unit: Unit,
  domain: Domain,
  type: string,
  key: ObjectKey,
  nowMs: number,
): Promise<readonly StoredObject[]> {
  const found: StoredObject[] = [];
  let behind: string | undefined;
  do {
    const ids = await objectsOfKey(unit, domain, type, key, { limit: 2, behind });
    for (const id of ids) {
      const object = await findObject(unit, domain, type, id, nowMs);
      if (object && (await findProfile(unit, domain, object.profileId, nowMs))) found.push(object);
    }
    behind = ids.length === 2 ? ids.at(-1) : undefined;
  } while (found.length < 2 && behind !== undefined);
  return found;
}

/** Does as planned. A new standard object is the profile's; one that is there stays where it is. */
export function writeStandardObjects(
  unit: Unit,
  platform: Platform,
  plans: readonly Plan[],
  on: { readonly profileId: string; readonly expiresMs: number; readonly nowMs: number },
): readonly ChangedObject[] {
  return plans.map(({ uid, type, before, targets, keys }) => {
    const id = before?.id ?? newId(platform);
    const fields = before
      ? (JSON.parse(before.content) as Record<string, unknown>)
      : { [standardObjectIdField(type)]: id };
    for (const { path, value } of targets) setAt(fields, path, value);
    const all = distinct([...(before?.keys ?? []), ...keys, ...standardIndexKeys(type, fields)]);
    const after: StoredObject = {
      uid,
      type,
      id,
      profileId: before?.profileId ?? on.profileId,
      content: JSON.stringify(fields),
      keys: all,
      version: (before?.version ?? 0) + 1,
      createdMs: before?.createdMs ?? on.nowMs,
      updatedMs: on.nowMs,
      expiresMs: Math.max(before?.expiresMs ?? 0, on.expiresMs),
    };
    putObject(unit, before, after);
    const found = new Set(before?.keys.map((key) => compositeKey(...key)));
    for (const key of keys) if (!found.has(compositeKey(...key))) giveObjectKey(unit, after, key);
    return { before, after };
  });
}

/** Standard objects that lie on other profiles than the object's: those have more to keep now, and have to keep it as long. */
export async function growOthers(
  unit: Unit,
  domain: Domain,
  made: readonly ChangedObject[],
  { profileId, nowMs }: { readonly profileId: string; readonly nowMs: number },
): Promise<void> {
  for (const { before, after } of made) {
    if (after.profileId === profileId) continue;
    const profile = await findProfile(unit, domain, after.profileId, nowMs);
    if (!profile) continue;
    await putProfile(unit, domain, profile, {
      ...profile,
      objectBytes: profile.objectBytes + after.content.length - (before?.content.length ?? 0),
      expiresMs: Math.max(profile.expiresMs, after.expiresMs),
    });
  }
}

function distinct(keys: readonly ObjectKey[]): readonly ObjectKey[] {
  return [...new Map(keys.map((key) => [compositeKey(...key), key])).values()];
}

/** Sets a value in an object; what is on the way is made where it is not there. Steps come from a type's checked targets. */
function setAt(root: Record<string, unknown>, path: readonly (string | number)[], value: string | number): void {
  let at: Record<string | number, unknown> = root;
  for (const [place, step] of path.entries()) {
    const next = path[place + 1];
    if (next === undefined) define(at, step, value);
    else {
      const inner = Object.hasOwn(at, step) ? at[step] : undefined;
      const isContainer = typeof inner === "object" && inner !== null;
      if (!isContainer) define(at, step, typeof next === "number" ? [] : {});
      at = at[step] as Record<string | number, unknown>;
    }
  }
}

/** `__proto__` is a name like any other. */
function define(at: object, step: string | number, value: unknown): void {
  Object.defineProperty(at, step, { value, enumerable: true, writable: true, configurable: true });
}
