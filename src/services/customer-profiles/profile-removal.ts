import type { Unit } from "../../store/store.ts";
import type { Domain } from "./domain.ts";
import { forgetObjectKeys } from "./object-keys.ts";
import { keysOfProfile, profileKeyId, profileKeys } from "./profile-keys.ts";
import { allObjects, objectKey, objects } from "./stored-object.ts";
import { removeProfile, type StoredProfile } from "./stored-profile.ts";

/** Deletes all that there is of a profile. */
export async function dropProfile(unit: Unit, domain: Domain, profile: StoredProfile): Promise<void> {
  for (const key of await keysOfProfile(unit, profile)) unit.delete(profileKeys, profileKeyId(key));
  for (const object of await allObjects(unit, profile)) {
    forgetObjectKeys(unit, object);
    unit.delete(objects, objectKey(object));
  }
  await removeProfile(unit, domain, profile);
}
