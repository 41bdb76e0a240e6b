import { compositeKey, type Unit } from "../../store/store.ts";
import type { Domain } from "./domain.ts";
import { forgetObjectKeys } from "./object-keys.ts";
import { takeKey } from "./profile-keys.ts";
import { allObjects, type ObjectKey, objectKey, objects, type StoredObject } from "./stored-object.ts";
import { findProfile, objectCount, putProfile } from "./stored-profile.ts";

/** Takes from a profile the keys that an object gave it and gives no more, unless another of its objects gives them. */
export async function takeKeysOf(unit: Unit, object: StoredObject, kept: readonly ObjectKey[] = []): Promise<void> {
  const still = new Set(kept.map(textOf));
  const gone = object.keys.filter((key) => !still.has(textOf(key)));
  if (gone.length === 0) return;
  const profile = { uid: object.uid, id: object.profileId };
  const given = new Set<string>();
  for (const other of await allObjects(unit, profile)) {
    if (other.type === object.type && other.id === object.id) continue;
    for (const key of other.keys) given.add(textOf(key));
  }
  for (const key of gone) if (!given.has(textOf(key))) await takeKey(unit, profile, key, "objects");
}

/** Deletes an object from its profile, with the keys that nobody else gives. The profile's fields stay as they are. */
export async function removeObject(unit: Unit, domain: Domain, object: StoredObject, nowMs: number): Promise<void> {
  unit.delete(objects, objectKey(object));
  forgetObjectKeys(unit, object);
  await takeKeysOf(unit, object);
  const profile = await findProfile(unit, domain, object.profileId, nowMs);
  if (!profile) return;
  const left = objectCount(profile.objects, object.type) - 1;
  const { [object.type]: _, ...others } = profile.objects;
  await putProfile(unit, domain, profile, {
    ...profile,
    objects: left > 0 ? { ...others, [object.type]: left } : others,
    objectBytes: profile.objectBytes - object.content.length,
  });
}

function textOf([name, ...parts]: ObjectKey): string {
  return compositeKey(name, ...parts);
}
