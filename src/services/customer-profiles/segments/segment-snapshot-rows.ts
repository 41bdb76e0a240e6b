import type { Profile } from "@aws-sdk/client-customer-profiles";
import { apiProfile } from "../profile-fields.ts";
import type { StoredProfile } from "../stored-profile.ts";

const ADDRESS_FIELDS = [
  ...["Address1", "Address2", "Address3", "Address4", "City", "County", "State", "Province", "Country", "PostalCode"],
] as const;

const TEXT_COLUMNS = [
  ...["ProfileId", "AccountNumber", "AdditionalInformation", "PartyTypeString", "BusinessName", "FirstName"],
  ...["MiddleName", "LastName", "BirthDate", "GenderString", "PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber"],
  ...["BusinessPhoneNumber", "EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress", "ProfileType"],
] as const satisfies readonly (keyof Profile)[];

const ADDRESSES = [
  ...["Address", "ShippingAddress", "MailingAddress", "BillingAddress"],
] as const satisfies readonly (keyof Profile)[];

/** Members whose own members have any names: their JSON (our choice), so that all files have the same columns. */
const JSON_COLUMNS = ["Attributes", "EngagementPreferences"] as const satisfies readonly (keyof Profile)[];

/** The first line of a CSV file: `ProfileId,AccountNumber,…,Address.City,…,Attributes`. */
export function csvHeader(): string {
  const addresses = ADDRESSES.flatMap((address) => ADDRESS_FIELDS.map((field) => `${address}.${field}`));
  return [...TEXT_COLUMNS, ...addresses, ...JSON_COLUMNS].join(",");
}

export function csvRow({ id, fields }: StoredProfile): string {
  const profile = apiProfile(id, fields);
  const values = [
    ...TEXT_COLUMNS.map((column) => profile[column]),
    ...ADDRESSES.flatMap((address) => ADDRESS_FIELDS.map((field) => profile[address]?.[field])),
    ...JSON_COLUMNS.map((column) => profile[column] && JSON.stringify(profile[column])),
  ];
  return values.map(quoted).join(",");
}

/** As RFC 4180 quotes. */
function quoted(value: string | undefined): string {
  if (value === undefined) return "";
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A profile as the API answers with it. */
export function jsonRow({ id, fields }: StoredProfile): string {
  return JSON.stringify(apiProfile(id, fields));
}
