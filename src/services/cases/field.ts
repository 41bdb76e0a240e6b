import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { type Domain, type DomainRef, domainArn, inDomain } from "./domain.ts";
import { invalid, notFound } from "./errors.ts";

export type FieldType = "Text" | "Number" | "Boolean" | "DateTime" | "SingleSelect" | "Url" | "User";

/** A field that cases of a domain may have a value for. Those of the system are created with the domain. */
export interface Field {
  readonly domainId: string;
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly type: FieldType;
  readonly namespace: "System" | "Custom";
  /** Of a text. Absent: nothing was said. */
  readonly isMultiline?: boolean | undefined;
  /** Its place in the domain's list: system fields first, then by their creation. */
  readonly place: number;
  /** Nobody can use it any more; cases keep their values. */
  readonly isDeleted?: true | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const fields: Collection<Field> = collection("cases_fields", {
  /** Names of deleted fields are free again. */
  name: {
    type: "text",
    unique: true,
    value: ({ domainId, name, isDeleted }) => (isDeleted ? undefined : compositeKey(domainId, name)),
  },
  place: {
    type: "text",
    value: (field) => (field.isDeleted ? undefined : compositeKey(field.domainId, fieldListName(field))),
  },
  deleted: { type: "text", value: ({ domainId, id, isDeleted }) => isDeleted && compositeKey(domainId, id) },
});

const PLACE_DIGITS = 10;

/** Where a field comes in its domain's list. */
export function fieldListName({ place, id }: Pick<Field, "place" | "id">): string {
  return `${String(place).padStart(PLACE_DIGITS, "0")} ${id}`;
}

export function fieldKey({ domainId, id }: Pick<Field, "domainId" | "id">): string {
  return inDomain({ domainId }, id);
}

export function fieldArn(domain: DomainRef, id: string): string {
  return `${domainArn(domain)}/field/${id}`;
}

/** Also a deleted one. */
export async function findField(
  reader: Reader,
  { domainId }: Pick<Domain, "domainId">,
  id: string,
): Promise<Field | undefined> {
  return reader.get(fields, fieldKey({ domainId, id }));
}

/** Also a deleted one; or `ResourceNotFoundException`. */
export async function getField(reader: Reader, domain: Pick<Domain, "domainId">, id: string): Promise<Field> {
  const field = await findField(reader, domain, id);
  if (!field) throw notFound("Field", id);
  return field;
}

/** One that can be used. `ResourceNotFoundException` for one that is not there, `ValidationException` for a deleted one. */
export async function getLiveField(reader: Reader, domain: Pick<Domain, "domainId">, id: string): Promise<Field> {
  const field = await getField(reader, domain, id);
  if (field.isDeleted) throw invalid(`Field ${id} is deleted`);
  return field;
}

/** Fields that a request refers to at `place`. `ValidationException` for those that are not there or deleted. */
export async function requireFields(
  reader: Reader,
  domain: Pick<Domain, "domainId">,
  ids: Iterable<string>,
  place: string,
): Promise<ReadonlyMap<string, Field>> {
  const found = new Map<string, Field>();
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const field = await findField(reader, domain, id);
    if (field && !field.isDeleted) found.set(id, field);
    else missing.push(id);
  }
  if (missing.length > 0) throw invalid(`${place}: there is no field ${missing.join(", ")}`);
  return found;
}

/** Those ids whose fields are not deleted. */
export async function liveFieldIds(
  reader: Reader,
  domain: Pick<Domain, "domainId">,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const live = new Set<string>();
  for (const id of ids) {
    const field = await findField(reader, domain, id);
    if (field && !field.isDeleted) live.add(id);
  }
  return live;
}

/** What a SingleSelect field can be set to. */
export interface FieldOption {
  readonly domainId: string;
  readonly fieldId: string;
  /** Shown. */
  readonly name: string;
  /** Stored on cases. */
  readonly value: string;
  /** Whether it can be chosen; cases that have it keep it. */
  readonly active: boolean;
}

export const fieldOptions: Collection<FieldOption> = collection("cases_field_options", {
  listed: {
    type: "text",
    value: (option) => compositeKey(option.domainId, option.fieldId, fieldOptionListName(option)),
  },
});

/** Where an option comes in its field's list: by its name, case-insensitively. No value has the character between. */
export function fieldOptionListName({ name, value }: Pick<FieldOption, "name" | "value">): string {
  return `${name.toLowerCase()}\u0001${value}`;
}

export function fieldOptionKey({
  domainId,
  fieldId,
  value,
}: Pick<FieldOption, "domainId" | "fieldId" | "value">): string {
  return inDomain({ domainId }, fieldId, value);
}

interface SystemField {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: FieldType;
  readonly isMultiline?: boolean;
  /** Who may set it: nobody, callers always, or callers as they create a case. */
  readonly isWritable: false | "always" | "on create";
}

/** In the order in which domains list them. `last_updated_datetime` is the last one of those that events name. */
export const SYSTEM_FIELDS: readonly SystemField[] = [
  { id: "case_id", name: "Case ID", description: "Identifies the case", type: "Text", isWritable: false },
  { id: "title", name: "Title", description: "What the case is called", type: "Text", isWritable: "always" },
  {
    id: "summary",
    name: "Summary",
    description: "What the case is about",
    type: "Text",
    isMultiline: true,
    isWritable: "always",
  },
  { id: "status", name: "Status", description: "Where the case stands", type: "SingleSelect", isWritable: "always" },
  {
    id: "case_reason",
    name: "Case Reason",
    description: "Why the case was opened",
    type: "SingleSelect",
    isWritable: "always",
  },
  {
    id: "customer_id",
    name: "Customer",
    description: "ARN of the customer's profile",
    type: "Text",
    isWritable: "always",
  },
  {
    id: "reference_number",
    name: "Reference number",
    description: "What customers are told",
    type: "Text",
    isWritable: "on create",
  },
  {
    id: "assigned_queue",
    name: "Assigned queue",
    description: "ARN of the queue whose work the case is",
    type: "Text",
    isWritable: "always",
  },
  {
    id: "assigned_user",
    name: "Assigned user",
    description: "ARN of the user whose work the case is",
    type: "Text",
    isWritable: "always",
  },
  { id: "created_by", name: "Created By", description: "Who created the case", type: "User", isWritable: false },
  {
    id: "created_datetime",
    name: "Date/Time Opened",
    description: "When the case was created",
    type: "DateTime",
    isWritable: false,
  },
  {
    id: "last_updated_user",
    name: "Last Updated User",
    description: "Who changed the case last",
    type: "User",
    isWritable: false,
  },
  {
    id: "last_closed_datetime",
    name: "Date/Time Closed",
    description: "When the case was closed last",
    type: "DateTime",
    isWritable: false,
  },
  {
    id: "last_reopened_datetime",
    name: "Date/Time Reopened",
    description: "When the case was reopened last",
    type: "DateTime",
    isWritable: false,
  },
  {
    id: "next_sla_breach_datetime",
    name: "Next SLA breach",
    description: "When the next SLA will be breached",
    type: "DateTime",
    isWritable: false,
  },
  {
    id: "last_updated_datetime",
    name: "Date/Time Updated",
    description: "When the case was changed last",
    type: "DateTime",
    isWritable: false,
  },
];
