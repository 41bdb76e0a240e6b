import type { ObjectTypeKey, StandardIdentifier } from "@aws-sdk/client-customer-profiles";
import { badRequest } from "../errors.ts";
import { type CompiledMapping, compiledMapping } from "./compiled-mapping.ts";
import { isPredefinedKey } from "./key-names.ts";
import type { ObjectMapping } from "./object-mapping.ts";

const FIELDS_MAX = 250;
const KEYS_MAX = 10;

/** Ids that are ours to give: an object can only be looked up by them. */
const RESERVED_KEYS: ReadonlySet<string> = new Set(["_profileId", "_orderId", "_caseId", "_assetId"]);

/** Fields of a profile that say the same, so that only one of them can be written. */
const SIBLINGS = [
  ["Gender", "GenderString"],
  ["PartyType", "PartyTypeString"],
] as const;

/** Of these no key needs to carry the identifier: profiles have a rule of their own, and campaigns' records are found by their templates. */
const UNIDENTIFIED: ReadonlySet<string> = new Set(["_profile", "_communicationRecord"]);

interface KeyEntry {
  readonly name: string;
  readonly identifiers: ReadonlySet<StandardIdentifier>;
  readonly entry: ObjectTypeKey;
}

/**
 * Throws `BadRequestException`, which names the field or the key, for a mapping that cannot be one.
 *
 * The rules are those of the Administrator Guide, "Object type mapping definition details" and "Key definition details in Customer Profiles".
 */
export function checkMapping(
  mapping: ObjectMapping,
  { allowProfileCreation }: { allowProfileCreation: boolean },
): void {
  const keys = Object.entries(mapping.keys).flatMap(([name, entries]) =>
    entries.map((entry): KeyEntry => ({ name, identifiers: new Set(entry.StandardIdentifiers), entry })),
  );
  checkFieldNames(mapping, keys);
  const compiled = compiledMapping(mapping);
  for (const key of keys) checkKey(key, mapping);
  checkUniqueKey(keys);
  checkProfileKeys(keys, allowProfileCreation);
  checkContentTypes(compiled);
  checkTargets(compiled, keys);
  checkTimestamp(compiled, mapping);
}

function checkFieldNames({ fields, keys: byName }: ObjectMapping, keys: readonly KeyEntry[]): void {
  const names = Object.keys(fields);
  for (const name of names) {
    if (!/^[a-zA-Z]/.test(name)) throw badRequest(`Fields.${name}: the name of a field begins with a letter.`);
    if (isTags(name)) throw badRequest(`Fields.${name}: the name is not allowed for a field.`);
  }
  if (names.length > FIELDS_MAX) {
    throw badRequest(
      `Fields: at most ${FIELDS_MAX} are allowed, and ${names.length} are given, the last of them ${names.at(-1)}.`,
    );
  }
  for (const [name, entries] of Object.entries(byName)) {
    if (isTags(name)) throw badRequest(`Keys.${name}: the name is not allowed for a key.`);
    if (name.startsWith("_") && !isPredefinedKey(name)) {
      throw badRequest(`Keys.${name}: the name of a key begins with _ only where it is predefined.`);
    }
    if (entries.length === 0) throw badRequest(`Keys.${name}: at least one entry is needed.`);
  }
  if (keys.length > KEYS_MAX) {
    throw badRequest(
      `Keys: at most ${KEYS_MAX} entries are allowed, and ${keys.length} are given, the last of them of ${keys.at(-1)?.name}.`,
    );
  }
}

function isTags(name: string): boolean {
  return name === "Tags" || name === "tags";
}

function checkTargets({ fields }: CompiledMapping, keys: readonly KeyEntry[]): void {
  const profileFields = new Map<string, string>();
  for (const { name, target } of fields) {
    if (!target) continue;
    const { object, field } = target;
    if (field === object.idField) {
      throw badRequest(`Fields.${name}.Target: ${object.name}.${field} is managed by the system.`);
    }
    if (object.name === "_profile" && field === "EngagementPreferences") {
      throw badRequest(`Fields.${name}.Target: _profile.${field} as a target is not built.`);
    }
    if (object.name === "_profile") profileFields.set(field, name);
    const isIdentified = keys.some(({ identifiers }) => identifiers.has(object.identifier));
    if (!isIdentified && !UNIDENTIFIED.has(object.name)) {
      throw badRequest(
        `Fields.${name}.Target: ${object.name} is a target, so that a key with the standard identifier ${object.identifier} is needed.`,
      );
    }
  }
  for (const [one, other] of SIBLINGS) {
    const [first, second] = [profileFields.get(one), profileFields.get(other)];
    if (first === undefined || second === undefined) continue;
    throw badRequest(
      `Fields.${first} and Fields.${second}: _profile.${one} and _profile.${other} cannot both be targets.`,
    );
  }
}

function checkTimestamp(
  { fields }: CompiledMapping,
  { sourceLastUpdatedTimestampFormat: format }: ObjectMapping,
): void {
  const timestamp = fields.find(({ target }) => target?.isSourceTimestamp);
  if (timestamp && format === undefined) {
    throw badRequest(`Fields.${timestamp.name}.Target: a SourceLastUpdatedTimestampFormat is needed for it.`);
  }
}

function checkKey({ name, identifiers, entry }: KeyEntry, { fields }: ObjectMapping): void {
  const { FieldNames = [] } = entry;
  if (FieldNames.length === 0) throw badRequest(`Keys.${name}: at least one of FieldNames is needed.`);
  const unknown = FieldNames.find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined) throw badRequest(`Keys.${name}: ${unknown} of its FieldNames is not one of Fields.`);
  const isRestricted = identifiers.has("LOOKUP_ONLY") || identifiers.has("NEW_ONLY");
  if (identifiers.has("UNIQUE") && isRestricted) {
    throw badRequest(`Keys.${name}: UNIQUE cannot be together with LOOKUP_ONLY or NEW_ONLY.`);
  }
  if (identifiers.has("SECONDARY") && !identifiers.has("PROFILE")) {
    throw badRequest(`Keys.${name}: SECONDARY needs PROFILE beside it.`);
  }
  if (RESERVED_KEYS.has(name) && !identifiers.has("LOOKUP_ONLY")) {
    throw badRequest(`Keys.${name}: the key is reserved, and LOOKUP_ONLY is needed.`);
  }
}

/** What is stored under one name is compared in one form. */
function checkContentTypes({ keys }: CompiledMapping): void {
  const seen = new Map<string, string>();
  for (const { name, fields } of keys) {
    const types = fields.map(({ contentType }) => contentType).join(", ");
    const before = seen.get(name) ?? types;
    if (before !== types) {
      throw badRequest(
        `Keys.${name}: the content types of the fields of its entries are not the same (${before}; ${types}).`,
      );
    }
    seen.set(name, types);
  }
}

function checkUniqueKey(keys: readonly KeyEntry[]): void {
  const unique = keys.filter(({ identifiers }) => identifiers.has("UNIQUE")).map(({ name }) => name);
  if (unique.length === 1) return;
  const found =
    unique.length === 0 ? `none of ${keys.map(({ name }) => name).join(", ")} does` : `${unique.join(", ")} do`;
  throw badRequest(`Keys: exactly one key carries UNIQUE, and ${found}.`);
}

function checkProfileKeys(keys: readonly KeyEntry[], allowProfileCreation: boolean): void {
  const ofProfiles = keys.filter(({ identifiers }) => identifiers.has("PROFILE"));
  if (ofProfiles.length === 0) {
    throw badRequest(
      `Keys: at least one key carries PROFILE, and none of ${keys.map(({ name }) => name).join(", ")} does.`,
    );
  }
  // By the id of a profile nothing can be found but what is there: a mapping that has it needs no key that stays.
  const stays = ({ name, identifiers }: KeyEntry): boolean =>
    name === "_profileId" || !(identifiers.has("LOOKUP_ONLY") || identifiers.has("NEW_ONLY"));
  if (!allowProfileCreation || ofProfiles.some(stays)) return;
  throw badRequest(
    `Keys: at least one key with PROFILE carries neither LOOKUP_ONLY nor NEW_ONLY, and all of ${ofProfiles.map(({ name }) => name).join(", ")} do.`,
  );
}
