import { createHash } from "node:crypto";
import type {
  AttributeTypesSelector,
  FieldContentType,
  RuleBasedMatchingRequest,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import { badRequest } from "../errors.ts";
import { normalised } from "../object-types/content-type.ts";
import { leafValue, type ProfileFields } from "../profile-fields.ts";

/** "You can choose from the following attributes": API Reference, MatchingRule. */
const PLAIN_ATTRIBUTES: ReadonlySet<string> = new Set([
  "AccountNumber",
  "BirthDate",
  "BusinessName",
  "FirstName",
  "Gender",
  "LastName",
  "MiddleName",
]);
const ADDRESS_PARTS: Readonly<Record<string, readonly string[]>> = {
  "Address.Address": ["Address1", "Address2", "Address3", "Address4"],
  "Address.City": ["City"],
  "Address.Country": ["Country"],
  "Address.County": ["County"],
  "Address.PostalCode": ["PostalCode"],
  "Address.State": ["State"],
  "Address.Province": ["Province"],
};

/** The members that stand for a type, by the names that the API Reference has for them (AttributeTypesSelector), slips and all. */
const EMAIL_MEMBERS: Readonly<Record<string, string>> = {
  EmailAddress: "EmailAddress",
  BusinessEmailAddress: "BusinessEmailAddress",
  PersonalEmailAddress: "PersonalEmailAddress",
};
const PHONE_MEMBERS: Readonly<Record<string, string>> = {
  PhoneNumber: "PhoneNumber",
  HomePhoneNumber: "HomePhoneNumber",
  MobilePhoneNumber: "MobilePhoneNumber",
  BusinessPhoneNumber: "BusinessPhoneNumber",
};
const ADDRESS_MEMBERS: Readonly<Record<string, string>> = {
  Address: "Address",
  BusinessAddress: "BillingAddress",
  BillingAddress: "BillingAddress",
  MaillingAddress: "MailingAddress",
  MailingAddress: "MailingAddress",
  ShippingAddress: "ShippingAddress",
};

type Settings = Validated<RuleBasedMatchingRequest>;

/** Throws `BadRequestException` with the place of what matching could not do. */
export function checkMatchingRules(settings: Settings): void {
  const { MatchingRules: rules = [], MaxAllowedRuleLevelForMatching, MaxAllowedRuleLevelForMerging } = settings;
  if (!settings.Enabled) return;
  if (settings.ExportingConfig) throw badRequest("RuleBasedMatching.ExportingConfig: files of results are not built");
  if (rules.length === 0) throw badRequest("RuleBasedMatching.MatchingRules: at least one rule is needed");
  for (const [place, { Rule }] of rules.entries()) {
    // A profile's four phone numbers, asked for ten times over, would be a million combinations.
    const repeated = Rule.find((attribute, at) => Rule.indexOf(attribute) < at);
    if (repeated !== undefined) {
      throw badRequest(`RuleBasedMatching.MatchingRules[${place}].Rule: ${repeated} stands in it twice`);
    }
    for (const attribute of Rule) {
      if (isKnown(attribute)) continue;
      throw badRequest(`RuleBasedMatching.MatchingRules[${place}].Rule: profiles are not matched by ${attribute}`);
    }
  }
  const levels = { MaxAllowedRuleLevelForMatching, MaxAllowedRuleLevelForMerging };
  for (const [name, level] of Object.entries(levels)) {
    if (level !== undefined && level > rules.length) {
      throw badRequest(`RuleBasedMatching.${name}: there are ${rules.length} rules, and no level ${level}`);
    }
  }
  const matched = MaxAllowedRuleLevelForMatching ?? rules.length;
  if ((MaxAllowedRuleLevelForMerging ?? 0) > matched) {
    throw badRequest("RuleBasedMatching.MaxAllowedRuleLevelForMerging: it is above MaxAllowedRuleLevelForMatching");
  }
  checkSelector(settings.AttributeTypesSelector);
  const { ConflictResolution: resolution } = settings;
  if (resolution?.ConflictResolvingModel === "SOURCE" && resolution.SourceName === undefined) {
    throw badRequest("RuleBasedMatching.ConflictResolution.SourceName: SOURCE needs the name of an object type");
  }
}

function isKnown(attribute: string): boolean {
  return (
    PLAIN_ATTRIBUTES.has(attribute) ||
    attribute === "EmailAddress" ||
    attribute === "PhoneNumber" ||
    Object.hasOwn(ADDRESS_PARTS, attribute) ||
    /^Attributes\../.test(attribute)
  );
}

function checkSelector(selector: Validated<AttributeTypesSelector> | undefined): void {
  const known = { EmailAddress: EMAIL_MEMBERS, PhoneNumber: PHONE_MEMBERS, Address: ADDRESS_MEMBERS };
  for (const [type, members] of Object.entries(known)) {
    for (const name of selector?.[type as keyof typeof known] ?? []) {
      if (Object.hasOwn(members, name)) continue;
      const names = Object.keys(members).join(", ");
      throw badRequest(`RuleBasedMatching.AttributeTypesSelector.${type}: ${name} is none of ${names}`);
    }
  }
}

/** Profiles that have the same one match, at its level. */
export interface MatchKey {
  /** From 1; the lower, the surer. */
  readonly level: number;
  /** 32 hexadecimal digits of what the level's attributes are. */
  readonly hash: string;
}

/** The keys by which a profile matches others. At a level for whose attributes it has no value it has none. */
export function matchKeys(fields: ProfileFields, settings: Settings): readonly MatchKey[] {
  const { MatchingRules: rules = [], MaxAllowedRuleLevelForMatching: most = rules.length } = settings;
  const keys = new Map<string, MatchKey>();
  for (const [place, { Rule }] of rules.slice(0, most).entries()) {
    for (const values of combinations(fields, Rule, settings.AttributeTypesSelector)) {
      const hash = createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 32);
      keys.set(`${place} ${hash}`, { level: place + 1, hash });
    }
  }
  return [...keys.values()];
}

/**
 * What the attributes of one level are: several times where there are several e-mail addresses, phone numbers or addresses to choose from. All
 * parts of an address are those of one address.
 */
function combinations(
  fields: ProfileFields,
  attributes: readonly string[],
  selector: Validated<AttributeTypesSelector> | undefined,
): readonly (readonly string[])[] {
  const isOneToOne = selector?.AttributeMatchingModel !== "MANY_TO_MANY";
  const choices = (given: readonly string[] | undefined, type: string, members: Readonly<Record<string, string>>) => [
    ...new Set((given ?? [type]).flatMap((name) => members[name] ?? [])),
  ];
  let found: string[][] = [];
  for (const address of choices(selector?.Address, "Address", ADDRESS_MEMBERS)) {
    let partial: string[][] = [[]];
    for (const attribute of attributes) {
      const values = valuesOf(attribute);
      partial = partial.flatMap((before) => values.map((value) => [...before, value]));
    }
    found = [...found, ...partial];

    function valuesOf(attribute: string): readonly string[] {
      const parts = ADDRESS_PARTS[attribute];
      if (parts) {
        const text = parts.map((part) => leafValue(fields, `${address}.${part}`) ?? "").join(" ");
        return tagged(address, normalised("NAME", text));
      }
      if (attribute === "EmailAddress")
        return ofMembers(choices(selector?.EmailAddress, attribute, EMAIL_MEMBERS), "EMAIL_ADDRESS");
      if (attribute === "PhoneNumber")
        return ofMembers(choices(selector?.PhoneNumber, attribute, PHONE_MEMBERS), "PHONE_NUMBER");
      const text = leafValue(fields, attribute === "Gender" ? "GenderString" : attribute);
      const value = normalised("NAME", text ?? "");
      return value === "" ? [] : [value];
    }
  }
  return found;

  function ofMembers(members: readonly string[], contentType: FieldContentType): readonly string[] {
    return members.flatMap((member) => tagged(member, normalised(contentType, leafValue(fields, member) ?? "")));
  }

  /** One to one: a value matches only the same value of the same member. */
  function tagged(member: string, value: string): readonly string[] {
    if (value === "") return [];
    return [isOneToOne ? `${member}=${value}` : value];
  }
}
