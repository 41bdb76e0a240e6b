import { type Collection, collection, compositeKey, type Page, type Reader, type Unit } from "../../store/store.ts";
import { type Domain, inDomain } from "./domain.ts";
import { countProfile, type ProfileSize } from "./domain-stats.ts";
import { dayOf, dueMs } from "./lazy-order.ts";
import type { Leaf, ProfileFields } from "./profile-fields.ts";

/** A person, as the domain knows them. */
export interface StoredProfile {
  /** Of its domain. */
  readonly uid: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly fields: ProfileFields;
  /** Who wrote each leaf. */
  readonly writers: Readonly<Record<Leaf, Writer>>;
  /** Objects that it has, raw and standard, by their types. */
  readonly objects: Readonly<Record<string, number>>;
  /** Of its objects' contents. */
  readonly objectBytes: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Nobody sees it from then on. */
  readonly expiresMs: number;
  readonly dueMs?: number;
}

/**
 * `type`: the object type, or `MANUAL`; `sourceMs`: when the source says that it changed.
 *
 * A tuple, since profiles have one for each of their leaves.
 */
export type Writer = readonly [type: string, timeMs: number, sourceMs?: number];

/** Written by CreateProfile, UpdateProfile or MergeProfiles. No object type can be called so. */
export const MANUAL = "";

export const profiles: Collection<StoredProfile> = collection("profiles_profiles", {
  day: { type: "text", value: ({ uid, updatedMs, id }) => compositeKey(uid, dayOf(updatedMs), id) },
  due: { type: "integer", value: ({ dueMs, expiresMs }) => dueMs ?? expiresMs },
});

export function profileKey({ uid, id }: Pick<StoredProfile, "uid" | "id">): string {
  return inDomain({ uid }, id);
}

/** `undefined`: there is none, or it has expired. */
export async function findProfile(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  id: string,
  nowMs: number,
): Promise<StoredProfile | undefined> {
  const profile = await reader.get(profiles, profileKey({ uid, id }));
  return profile && profile.expiresMs > nowMs ? profile : undefined;
}

/** The profiles of a domain, those that changed on the newest days first. Those that have expired and are not swept yet are among them. */
export async function newestProfiles(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<StoredProfile>> {
  return reader.list(profiles, { index: "day", prefix: compositeKey(uid, ""), descending: true, ...page });
}

/** How many objects of a type a profile has. A type can be called `constructor`. */
export function objectCount(counts: StoredProfile["objects"], type: string): number {
  return Object.hasOwn(counts, type) ? (counts[type] ?? 0) : 0;
}

/** Puts a profile, and counts what has become of its size. */
export async function putProfile(
  unit: Unit,
  domain: Domain,
  before: StoredProfile | undefined,
  after: StoredProfile,
): Promise<void> {
  unit.put(profiles, profileKey(after), { ...after, dueMs: dueMs(before, after) });
  await countProfile(unit, domain, after.id, before && sizeOf(before), sizeOf(after));
}

/** Deletes a profile alone: its keys and objects are the caller's business. */
export async function removeProfile(unit: Unit, domain: Domain, profile: StoredProfile): Promise<void> {
  unit.delete(profiles, profileKey(profile));
  await countProfile(unit, domain, profile.id, sizeOf(profile), undefined);
}

function sizeOf({ fields, objects, objectBytes }: StoredProfile): ProfileSize {
  return {
    objects: Object.values(objects).reduce((total, count) => total + count, 0),
    types: objects,
    bytes: JSON.stringify(fields).length + objectBytes,
  };
}

/** When something expires that is kept for so many days. */
export function expiryMs(nowMs: number, days: number): number {
  return nowMs + days * 24 * 60 * 60 * 1000;
}
