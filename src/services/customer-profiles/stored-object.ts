import { type Collection, collection, compositeKey, type Page, type Reader, type Unit } from "../../store/store.ts";
import { type Domain, inDomain } from "./domain.ts";
import { dayOf, dueMs } from "./lazy-order.ts";

/** Something that belongs to a profile: an object as it was ingested, or a standard object (`_order`) that was made of such. */
export interface StoredObject {
  /** Of its domain. */
  readonly uid: string;
  /** Object type, or standard object. */
  readonly type: string;
  /** Of an ingested object its `ProfileObjectUniqueKey`, of a standard object 32 hexadecimal digits. */
  readonly id: string;
  readonly profileId: string;
  /** JSON: of an ingested object as the client wrote it. */
  readonly content: string;
  /** The keys that it has given its profile, or itself as a standard object. */
  readonly keys: readonly ObjectKey[];
  /** 1, and one more for each time that it was replaced. */
  readonly version: number;
  /** When its source says that it changed. */
  readonly sourceMs?: number | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Nobody sees it from then on. */
  readonly expiresMs: number;
  readonly dueMs?: number;
}

/** A key's name and its normalised parts. */
export type ObjectKey = readonly [name: string, ...parts: string[]];

export const objects: Collection<StoredObject> = collection("profiles_objects", {
  /** Of one profile and type, in the order of their last ingestion. */
  profile: {
    type: "text",
    value: ({ uid, profileId, type, updatedMs, id }) => compositeKey(uid, profileId, type, updatedMs, id),
  },
  /** Of one type. */
  day: { type: "text", value: ({ uid, type, updatedMs, id }) => compositeKey(uid, type, dayOf(updatedMs), id) },
  due: { type: "integer", value: ({ dueMs, expiresMs }) => dueMs ?? expiresMs },
});

export function objectKey({ uid, type, id }: Pick<StoredObject, "uid" | "type" | "id">): string {
  return inDomain({ uid }, type, id);
}

/** Puts an object. `before`: what lies there under its key. */
export function putObject(unit: Unit, before: StoredObject | undefined, after: StoredObject): void {
  unit.put(objects, objectKey(after), { ...after, dueMs: dueMs(before, after) });
}

/** `undefined`: there is none, or it has expired. */
export async function findObject(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  type: string,
  id: string,
  nowMs: number,
): Promise<StoredObject | undefined> {
  const object = await reader.get(objects, objectKey({ uid, type, id }));
  return object && object.expiresMs > nowMs ? object : undefined;
}

/** Objects of a profile, of one type or of all, the newest first. Those that have expired and are not swept yet are among them. */
export async function listObjects(
  reader: Reader,
  { uid, id, type }: { readonly uid: string; readonly id: string; readonly type?: string | undefined },
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<StoredObject>> {
  const columns = type === undefined ? [uid, id] : [uid, id, type];
  return reader.list(objects, { index: "profile", prefix: compositeKey(...columns, ""), descending: true, ...page });
}

/** Objects of a type, on whichever profile, those of the newest days first. Those that have expired and are not swept yet are among them. */
export async function newestObjects(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  type: string,
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<StoredObject>> {
  return reader.list(objects, { index: "day", prefix: compositeKey(uid, type, ""), descending: true, ...page });
}

/** All objects of a profile. */
export async function allObjects(
  reader: Reader,
  profile: { readonly uid: string; readonly id: string; readonly type?: string | undefined },
): Promise<readonly StoredObject[]> {
  const found: StoredObject[] = [];
  let after: string | undefined;
  do {
    const page = await listObjects(reader, profile, { limit: 1000, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}
