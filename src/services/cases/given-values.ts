/** What a request gives to the fields of a case or of a custom related item, held against these fields. */
import type { FieldValue, FieldValueUnion } from "@aws-sdk/client-connectcases";
import { parseIsoInstant } from "../../matching/instant.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { firstCharacters } from "../characters.ts";
import { findProfileByArn, parseProfileArn } from "../customer-profiles/index.ts";
import type { Platform } from "../service.ts";
import type { Domain } from "./domain.ts";
import { invalid } from "./errors.ts";
import { type Field, type FieldType, fieldOptionKey, fieldOptions, findField, SYSTEM_FIELDS } from "./field.ts";
import { type CaseValues, type StoredValue, timeText } from "./field-value.ts";

/** What is asked of a field where a case is changed. */
export type UsedField = Pick<Field, "id" | "type" | "place" | "isMultiline" | "isDeleted" | "namespace">;

export interface GivenValue {
  readonly field: UsedField;
  /** `undefined`: the field is cleared. */
  readonly value: StoredValue | undefined;
}

interface Given {
  readonly domain: Domain;
  readonly fields: readonly Validated<FieldValue>[];
  /** What the case has. Absent: it is being created. */
  readonly before?: CaseValues | undefined;
}

/** Values of a case. Throws `ValidationException` for what the fields do not take. */
export async function checkedValues(
  reader: Reader,
  platform: Pick<Platform, "clock">,
  { domain, fields, before }: Given,
): Promise<readonly GivenValue[]> {
  const used = await usedFields(reader, domain, fields);
  const deleted = used.flatMap(({ field }) => (field.isDeleted && !hasValue(before, field.id) ? [field.id] : []));
  if (deleted.length > 0) throw invalid(`fields: ${deleted.join(", ")} ${deleted.length > 1 ? "are" : "is"} deleted`);
  const given: GivenValue[] = [];
  for (const { field, union } of used) {
    requireWritable(field, before);
    const value = storedValue(field, union);
    if (value !== undefined && value !== before?.[field.id]) await requireTaken(reader, platform, domain, field, value);
    given.push({ field, value });
  }
  return given;
}

/** Values of a custom related item: of custom fields alone, and of those at least one has a value. */
export async function checkedCustomValues(
  reader: Reader,
  platform: Pick<Platform, "clock">,
  { domain, fields }: Pick<Given, "domain" | "fields">,
): Promise<CaseValues> {
  const given = await checkedValues(reader, platform, { domain, fields });
  for (const { field } of given) {
    if (field.namespace === "System") throw invalid(`custom.fields: ${field.id} is a field of cases themselves`);
  }
  const values = given.flatMap(({ field: { id }, value }) => (value === undefined ? [] : [[id, value] as const]));
  if (values.length === 0) throw invalid("custom.fields: at least one field must have a value");
  return Object.fromEntries(values);
}

type SystemField = UsedField & Pick<(typeof SYSTEM_FIELDS)[number], "isWritable">;

/** The same in all domains, in the order in which domains list them. */
export const SYSTEM_USED_FIELDS: readonly SystemField[] = SYSTEM_FIELDS.map((field, place) => ({
  ...field,
  place,
  namespace: "System",
}));

const SYSTEM: ReadonlyMap<string, SystemField> = new Map(SYSTEM_USED_FIELDS.map((field) => [field.id, field]));

/** Also a deleted one. Those of the system are not read. */
export async function findUsedField(reader: Reader, domain: Domain, id: string): Promise<UsedField | undefined> {
  return SYSTEM.get(id) ?? (await findField(reader, domain, id));
}

async function usedFields(
  reader: Reader,
  domain: Domain,
  given: readonly Validated<FieldValue>[],
): Promise<readonly { readonly field: UsedField; readonly union: Validated<FieldValueUnion> }[]> {
  const seen = new Set<string>();
  const used: { field: UsedField; union: Validated<FieldValueUnion> }[] = [];
  for (const { id, value: union } of given) {
    if (seen.has(id)) throw invalid(`fields: ${id} is given more than once`);
    seen.add(id);
    const field = await findUsedField(reader, domain, id);
    if (!field) throw invalid(`fields: ${id} does not exist in domain ${domain.domainId}`);
    used.push({ field, union });
  }
  return used;
}

function requireWritable({ id }: UsedField, before: CaseValues | undefined): void {
  const { isWritable = "always" } = SYSTEM.get(id) ?? {};
  if (!isWritable) throw invalid(`fields: ${id} is filled by the service`);
  if (isWritable === "on create" && before) throw invalid(`fields: ${id} cannot be changed`);
}

export function hasValue(values: CaseValues | undefined, id: string): boolean {
  return values !== undefined && Object.hasOwn(values, id);
}

type Member = Exclude<keyof FieldValueUnion, "$unknown" | "emptyValue">;

/** The member that has the values of a type. */
export const MEMBERS: Readonly<Record<FieldType, Member>> = {
  Text: "stringValue",
  Number: "doubleValue",
  Boolean: "booleanValue",
  DateTime: "stringValue",
  SingleSelect: "stringValue",
  Url: "stringValue",
  User: "userArnValue",
};

/** A value as it is stored. An empty text is no value (our choice), as `emptyValue` is. Throws `ValidationException`. */
export function storedValue(
  { id, type }: Pick<UsedField, "id" | "type">,
  union: Validated<FieldValueUnion>,
): StoredValue | undefined {
  if (union.emptyValue) return undefined;
  const value = union[MEMBERS[type] as keyof FieldValueUnion] as StoredValue | undefined;
  if (value === undefined) throw invalid(`Field ${id} is of type ${type}: its value must be a ${MEMBERS[type]}`);
  if (value === "") return undefined;
  return type === "DateTime" ? instantOf(id, String(value)) : value;
}

function instantOf(id: string, text: string): string {
  const timeMs = RFC_3339.test(text) ? parseIsoInstant(text.toUpperCase()) : undefined;
  const stored = timeMs === undefined ? undefined : timeText(timeMs);
  // An offset can carry a time out of the years of four digits.
  if (stored?.length !== TIME_CHARACTERS) throw invalid(`Field ${id}: ${text} is not a time as RFC 3339 has it`);
  return stored;
}

const TIME_CHARACTERS = "2026-01-31T09:30:00.125Z".length;

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Characters of a text: of one line, of several, and of the summary. */
const LINE_MAX = 500;
const LINES_MAX = 4_100;
const SUMMARY_MAX = 3_000;

/** Throws `ValidationException` for a value that the field does not take. */
async function requireTaken(
  reader: Reader,
  platform: Pick<Platform, "clock">,
  domain: Domain,
  field: UsedField,
  value: StoredValue,
): Promise<void> {
  const { id, type } = field;
  switch (type) {
    case "Text":
      requireLength(field, String(value));
      if (id === "customer_id") await requireCustomer(reader, platform, domain, String(value));
      break;
    case "Number":
      if (!Number.isFinite(value)) throw invalid(`Field ${id}: ${value} is not a number`);
      break;
    case "SingleSelect":
      await requireOption(reader, domain, id, String(value));
      break;
    case "Url":
      if (!isWebAddress(String(value))) throw invalid(`Field ${id}: ${value} is not an http or https URL`);
      break;
    case "User":
      if (!USER_ARN.test(String(value))) throw invalid(`Field ${id}: ${value} is not the ARN of a user`);
      break;
    case "Boolean":
    case "DateTime":
      break;
  }
}

const USER_ARN = /^arn:aws[a-z-]*:connect:[a-z0-9-]+:\d{12}:instance\/[^/]+\/(?:agent|user)\/[^/]+$/;

function requireLength({ id, isMultiline }: UsedField, text: string): void {
  const most = id === "summary" ? SUMMARY_MAX : isMultiline === false ? LINE_MAX : LINES_MAX;
  if (firstCharacters(text, most) !== text) throw invalid(`Field ${id}: a value may have at most ${most} characters`);
}

/** Parsers of URLs drop control characters, and spaces at the end: they would be stored. */
const WEB_ADDRESS = /^https?:\/\/\P{Cc}*[^\s\p{Cc}]$/iu;

function isWebAddress(text: string): boolean {
  const { protocol } = URL.parse(text) ?? {};
  return (protocol === "http:" || protocol === "https:") && WEB_ADDRESS.test(text);
}

/** Throws `ValidationException` where the value is not one of the field's options that can be chosen. */
export async function requireOption(reader: Reader, domain: Domain, fieldId: string, value: string): Promise<void> {
  const option = await reader.get(fieldOptions, fieldOptionKey({ domainId: domain.domainId, fieldId, value }));
  if (!option) throw invalid(`Field ${fieldId} has no option ${value}`);
  if (!option.active) throw invalid(`Field ${fieldId}: the option ${value} is inactive`);
}

/** A profile of a domain that is hosted here must be there; of others nothing is known. */
async function requireCustomer(
  reader: Reader,
  { clock }: Pick<Platform, "clock">,
  { account, region }: Domain,
  arn: string,
): Promise<void> {
  if (!parseProfileArn(arn)) throw invalid(`Field customer_id: ${arn} is not the ARN of a profile`);
  const found = await findProfileByArn(reader, { account, region }, arn, clock.now());
  if (found === "missing") throw invalid(`Field customer_id: profile ${arn} does not exist`);
}
