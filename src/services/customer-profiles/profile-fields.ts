import type { EngagementPreferences, Gender, PartyType, Profile } from "@aws-sdk/client-customer-profiles";

/**
 * What is known of a person, in the API's members. `Gender` and `PartyType` are not kept: they tell the same as `GenderString` and
 * `PartyTypeString`, where the text is one of their enum's.
 */
export type ProfileFields = Readonly<
  Partial<Record<TextMember, string> & Record<MapMember, Readonly<Record<string, string>>>> & {
    EngagementPreferences?: EngagementPreferences;
  }
>;

/** In the order of the API's shape. */
const TEXT_MEMBERS = [
  "AccountNumber",
  "AdditionalInformation",
  "BusinessName",
  "FirstName",
  "MiddleName",
  "LastName",
  "BirthDate",
  "PhoneNumber",
  "MobilePhoneNumber",
  "HomePhoneNumber",
  "BusinessPhoneNumber",
  "EmailAddress",
  "PersonalEmailAddress",
  "BusinessEmailAddress",
  "PartyTypeString",
  "GenderString",
  "ProfileType",
] as const;

/** Members whose values are maps of texts. */
const MAP_MEMBERS = ["Address", "ShippingAddress", "MailingAddress", "BillingAddress", "Attributes"] as const;

type TextMember = (typeof TEXT_MEMBERS)[number];
type MapMember = (typeof MAP_MEMBERS)[number];

/** One text of a profile: `FirstName`, `Address.City`, `Attributes.x.y` (whose attribute is `x.y`). */
export type Leaf = string;

const GENDERS: ReadonlySet<string> = new Set(["MALE", "FEMALE", "UNSPECIFIED"] satisfies Gender[]);
const PARTY_TYPES: ReadonlySet<string> = new Set(["INDIVIDUAL", "BUSINESS", "OTHER"] satisfies PartyType[]);

/** The members that hold the same text under their older names. */
const OLDER_NAMES: Readonly<Record<string, TextMember>> = { Gender: "GenderString", PartyType: "PartyTypeString" };

/** Under which name a leaf is kept: `Gender` is `GenderString`. */
export function keptLeaf(leaf: Leaf): Leaf {
  return (Object.hasOwn(OLDER_NAMES, leaf) ? OLDER_NAMES[leaf] : undefined) ?? leaf;
}

/** Most characters that a leaf can have. */
export function leafLengthMax(leaf: Leaf): number {
  return leaf === "AdditionalInformation" ? 1000 : 255;
}

/** Whether a profile can have a leaf of this name. */
export function isLeaf(leaf: Leaf): boolean {
  const [member, name] = splitLeaf(keptLeaf(leaf));
  const members: readonly string[] = name === undefined ? TEXT_MEMBERS : MAP_MEMBERS;
  return members.includes(member) && name !== "";
}

export function leafValue(fields: ProfileFields, leaf: Leaf): string | undefined {
  const [member, name] = splitLeaf(leaf);
  if (name === undefined) return fields[member as TextMember];
  const map = fields[member as MapMember];
  return map && Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Fields with other values of some leaves; `undefined` removes one, and a map that is empty then. */
export function withLeaves(fields: ProfileFields, changes: ReadonlyMap<Leaf, string | undefined>): ProfileFields {
  const changed: Record<string, unknown> = { ...fields };
  for (const [leaf, value] of changes) {
    const [member, name] = splitLeaf(leaf);
    if (name === undefined) {
      changed[member] = value;
      if (value === undefined) delete changed[member];
      continue;
    }
    const map: Record<string, string> = { ...(changed[member] as Record<string, string> | undefined) };
    // `__proto__` is a name like any other.
    if (value === undefined) delete map[name];
    else Object.defineProperty(map, name, { value, enumerable: true, writable: true, configurable: true });
    changed[member] = map;
    if (Object.keys(map).length === 0) delete changed[member];
  }
  return changed;
}

/** The leaves that a request gives, with their values; an empty text is one that clears. */
export function givenLeaves(input: Partial<Profile>): ReadonlyMap<Leaf, string> {
  const given = new Map<Leaf, string>();
  for (const member of [...TEXT_MEMBERS, ...Object.keys(OLDER_NAMES)] as const) {
    const value = input[member as TextMember];
    if (value !== undefined) given.set(keptLeaf(member), value);
  }
  for (const member of MAP_MEMBERS) {
    for (const [name, value] of Object.entries(input[member] ?? {})) {
      if (value !== undefined) given.set(`${member}.${name}`, value);
    }
  }
  return given;
}

/** A profile as the API answers with it. */
export function apiProfile(id: string, fields: ProfileFields): Profile {
  const { GenderString: gender, PartyTypeString: partyType } = fields;
  return {
    ...orderedProfile(id, fields),
    Gender: gender !== undefined && GENDERS.has(gender) ? (gender as Gender) : undefined,
    PartyType: partyType !== undefined && PARTY_TYPES.has(partyType) ? (partyType as PartyType) : undefined,
  };
}

/** A profile as records of event streams tell it: both names of a gender carry its text, whatever it is. */
export function recordedProfile(id: string, fields: ProfileFields): Readonly<Record<string, unknown>> {
  return orderedProfile(id, fields);
}

const ORDER = [
  "AccountNumber",
  "AdditionalInformation",
  "PartyType",
  "BusinessName",
  "FirstName",
  "MiddleName",
  "LastName",
  "BirthDate",
  "Gender",
  "PhoneNumber",
  "MobilePhoneNumber",
  "HomePhoneNumber",
  "BusinessPhoneNumber",
  "EmailAddress",
  "PersonalEmailAddress",
  "BusinessEmailAddress",
  "Address",
  "ShippingAddress",
  "MailingAddress",
  "BillingAddress",
  "Attributes",
  "PartyTypeString",
  "GenderString",
  "ProfileType",
  "EngagementPreferences",
] as const;

function orderedProfile(id: string, fields: ProfileFields): Record<string, unknown> {
  const ordered: Record<string, unknown> = { ProfileId: id };
  for (const member of ORDER) {
    const value = fields[(OLDER_NAMES[member] ?? member) as TextMember];
    if (value !== undefined) ordered[member] = value;
  }
  return ordered;
}

/** A leaf's member, and its name in it. Only the first dot parts a member from a name in it. */
export function splitLeaf(leaf: Leaf): readonly [member: string, name: string | undefined] {
  const dot = leaf.indexOf(".");
  return dot < 0 ? [leaf, undefined] : [leaf.slice(0, dot), leaf.slice(dot + 1)];
}
