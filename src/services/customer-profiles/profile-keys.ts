import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { type Domain, inDomain } from "./domain.ts";
import { normalised } from "./object-types/content-type.ts";
import type { ProfileFields } from "./profile-fields.ts";
import type { ObjectKey } from "./stored-object.ts";
import type { StoredProfile } from "./stored-profile.ts";

/** A profile can be found by a key: a name and the normalised texts of its parts. */
export interface ProfileKey {
  /** Of its domain. */
  readonly uid: string;
  readonly name: string;
  readonly parts: readonly string[];
  readonly profileId: string;
  readonly givenBy: readonly KeyGiver[];
}

/** The profile's own fields, AddProfileKey, or its objects. A key is gone when none of them gives it any more. */
export type KeyGiver = "fields" | "hand" | "objects";

export const profileKeys: Collection<ProfileKey> = collection("profiles_keys", {
  profile: {
    type: "text",
    value: ({ uid, profileId, name, parts }) => compositeKey(uid, profileId, name, ...parts),
  },
  /** Keys of several parts can be searched by one text: their parts, joined by a space. */
  joined: {
    type: "text",
    value: ({ uid, name, parts, profileId }) =>
      parts.length > 1 ? compositeKey(uid, name, parts.join(" "), profileId) : undefined,
  },
});

export function profileKeyId({ uid, name, parts, profileId }: Omit<ProfileKey, "givenBy">): string {
  return inDomain({ uid }, name, parts.length, ...parts, profileId);
}

/** The keys of one value, in the order of their profiles' ids, from behind one of these on. */
export async function keysOfValue(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  [name, ...parts]: ObjectKey,
  { limit, behind = "" }: { readonly limit: number; readonly behind?: string | undefined },
): Promise<readonly ProfileKey[]> {
  const columns = [name, parts.length, ...parts] as const;
  const range = behind === "" ? {} : { from: `${inDomain({ uid }, ...columns, behind)}\u0001` };
  const page = await reader.list(profileKeys, { prefix: inDomain({ uid }, ...columns, ""), ...range, limit });
  return page.documents;
}

/** The first keys of a profile, and whether there are more. */
export async function someKeysOfProfile(
  reader: Reader,
  { uid, id }: Pick<StoredProfile, "uid" | "id">,
  limit: number,
): Promise<{ readonly keys: readonly ProfileKey[]; readonly more: boolean }> {
  const page = await reader.list(profileKeys, { index: "profile", prefix: compositeKey(uid, id, ""), limit });
  return { keys: page.documents, more: page.next !== undefined };
}

/** All keys of a profile. */
export async function keysOfProfile(
  reader: Reader,
  { uid, id }: Pick<StoredProfile, "uid" | "id">,
): Promise<readonly ProfileKey[]> {
  const found: ProfileKey[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(profileKeys, {
      index: "profile",
      prefix: compositeKey(uid, id, ""),
      limit: 1000,
      after,
    });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

type Keyed = Pick<StoredProfile, "uid" | "id">;

/** Gives a profile a key. It may have it already. */
export async function giveKey(unit: Unit, profile: Keyed, key: ObjectKey, giver: KeyGiver): Promise<void> {
  const given = keyOf(profile, key);
  const old = await unit.get(profileKeys, profileKeyId(given));
  if (old?.givenBy.includes(giver)) return;
  unit.put(profileKeys, profileKeyId(given), { ...given, givenBy: [...(old?.givenBy ?? []), giver] });
}

/** One who gave a profile a key does so no more. Answers whether they had. */
export async function takeKey(unit: Unit, profile: Keyed, key: ObjectKey, giver: KeyGiver): Promise<boolean> {
  const id = profileKeyId(keyOf(profile, key));
  const old = await unit.get(profileKeys, id);
  if (!old?.givenBy.includes(giver)) return false;
  const givenBy = old.givenBy.filter((other) => other !== giver);
  if (givenBy.length === 0) unit.delete(profileKeys, id);
  else unit.put(profileKeys, id, { ...old, givenBy });
  return true;
}

function keyOf({ uid, id }: Keyed, [name, ...parts]: ObjectKey): Omit<ProfileKey, "givenBy"> {
  return { uid, name, parts, profileId: id };
}

/** Makes the keys that a profile's fields give follow them: `_phone`, `_email`, `_account`, `_fullName`. */
export async function followFields(
  unit: Unit,
  profile: Keyed,
  before: ProfileFields | undefined,
  after: ProfileFields | undefined,
): Promise<void> {
  if (before === after) return;
  const old = before ? fieldKeys(before) : new Map<string, ObjectKey>();
  const now = after ? fieldKeys(after) : new Map<string, ObjectKey>();
  for (const [text, key] of old) if (!now.has(text)) await takeKey(unit, profile, key, "fields");
  for (const [text, key] of now) if (!old.has(text)) await giveKey(unit, profile, key, "fields");
}

/** Each once, by its text. */
function fieldKeys(fields: ProfileFields): ReadonlyMap<string, ObjectKey> {
  const { FirstName, MiddleName, LastName } = fields;
  const fullName = [FirstName, MiddleName, LastName].filter((part) => part !== undefined).join(" ");
  const texts = [
    ["_phone", "PHONE_NUMBER", fields.PhoneNumber],
    ["_phone", "PHONE_NUMBER", fields.MobilePhoneNumber],
    ["_phone", "PHONE_NUMBER", fields.HomePhoneNumber],
    ["_phone", "PHONE_NUMBER", fields.BusinessPhoneNumber],
    ["_email", "EMAIL_ADDRESS", fields.EmailAddress],
    ["_email", "EMAIL_ADDRESS", fields.PersonalEmailAddress],
    ["_email", "EMAIL_ADDRESS", fields.BusinessEmailAddress],
    ["_account", "STRING", fields.AccountNumber],
    ["_fullName", "NAME", fullName],
  ] as const;
  const keys = new Map<string, ObjectKey>();
  for (const [name, contentType, text] of texts) {
    const value = text && normalised(contentType, text);
    if (value) keys.set(compositeKey(name, value), [name, value]);
  }
  return keys;
}
