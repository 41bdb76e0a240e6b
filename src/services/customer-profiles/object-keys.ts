import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type Domain, inDomain } from "./domain.ts";
import type { ObjectKey, StoredObject } from "./stored-object.ts";

/** A standard object can be found by a key, so that what is ingested later goes on with it. */
export interface StandardObjectKey {
  /** Of its domain. */
  readonly uid: string;
  readonly type: string;
  readonly key: ObjectKey;
  readonly objectId: string;
}

export const objectKeys: Collection<StandardObjectKey> = collection("profiles_object_keys");

export function objectKeyId({ uid, type, key: [name, ...parts], objectId }: StandardObjectKey): string {
  return inDomain({ uid }, type, name, parts.length, ...parts, objectId);
}

/** Ids of the standard objects of a domain that have a key, from behind one of these on. */
export async function objectsOfKey(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  type: string,
  [name, ...parts]: ObjectKey,
  { limit, behind = "" }: { readonly limit: number; readonly behind?: string | undefined },
): Promise<readonly string[]> {
  const columns = [type, name, parts.length, ...parts] as const;
  const range = behind === "" ? {} : { from: `${inDomain({ uid }, ...columns, behind)}\u0001` };
  const { documents } = await reader.list(objectKeys, { prefix: inDomain({ uid }, ...columns, ""), ...range, limit });
  return documents.map(({ objectId }) => objectId);
}

export function giveObjectKey(unit: Unit, { uid, type, id }: StoredObject, key: ObjectKey): void {
  const given: StandardObjectKey = { uid, type, key, objectId: id };
  unit.put(objectKeys, objectKeyId(given), given);
}

/** An object is gone; an ingested one has no such keys. */
export function forgetObjectKeys(unit: Unit, { uid, type, id, keys }: StoredObject): void {
  for (const key of keys) unit.delete(objectKeys, objectKeyId({ uid, type, key, objectId: id }));
}
