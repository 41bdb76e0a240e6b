/** What the console knows of a Cases domain: its fields with their options, its templates, and values as people read and type them. */

import { signal } from "@preact/signals";
import { listAll } from "../../listing.ts";
import { shownMoment } from "../../parts/time.tsx";
import { call } from "../../server.ts";

export interface DomainSummary {
  readonly domainId: string;
  readonly domainArn: string;
  readonly name: string;
}

export interface Field {
  readonly fieldId: string;
  readonly name: string;
  readonly type: "Text" | "Number" | "Boolean" | "DateTime" | "SingleSelect" | "Url" | "User";
  readonly namespace: "System" | "Custom";
  readonly attributes?: { readonly text?: { readonly isMultiline: boolean } };
}

export interface Option {
  readonly name: string;
  readonly value: string;
  readonly active: boolean;
}

export interface TemplateSummary {
  readonly templateId: string;
  readonly name: string;
  readonly status: "Active" | "Inactive";
}

/** A value, as the API's unions have it. */
export interface Value {
  readonly stringValue?: string;
  readonly doubleValue?: number;
  readonly booleanValue?: boolean;
  readonly userArnValue?: string;
  readonly emptyValue?: object;
}

export interface FieldValue {
  readonly id: string;
  readonly value: Value;
}

export interface Domain extends DomainSummary {
  readonly domainStatus: string;
  readonly createdTime: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** Of the fields to choose from, by field. */
  readonly options: ReadonlyMap<string, readonly Option[]>;
  readonly templates: readonly TemplateSummary[];
}

const KEY = "trunkline.casesDomain";

/** The domain that the reader has looked at last; remembered from visit to visit. */
export const lastDomainId = signal<string | undefined>(localStorage.getItem(KEY) ?? undefined);

export function rememberDomain(id: string): void {
  if (lastDomainId.value === id) return;
  lastDomainId.value = id;
  localStorage.setItem(KEY, id);
}

export async function loadDomain(domainId: string, signal: AbortSignal): Promise<Domain> {
  const list = <T>(operation: string, member: string, input: object = {}): Promise<readonly T[]> =>
    listAll<T>(
      { model: "connectcases", operation, input: { domainId, maxResults: 100, ...input }, member, token: "nextToken" },
      signal,
    );
  const [domain, fields, templates] = await Promise.all([
    call<DomainSummary & Pick<Domain, "domainStatus" | "createdTime">>(
      "connectcases",
      "GetDomain",
      { domainId },
      signal,
    ),
    list<Field>("ListFields", "fields"),
    list<TemplateSummary>("ListTemplates", "templates"),
  ]);
  const chosenFrom = fields.filter(({ type }) => type === "SingleSelect");
  const options = await Promise.all(
    chosenFrom.map(async ({ fieldId }) => {
      const found = await list<Option>("ListFieldOptions", "options", { fieldId });
      return [fieldId, found] as const;
    }),
  );
  return {
    ...domain,
    fields: new Map(fields.map((field) => [field.fieldId, field])),
    options: new Map(options),
    templates,
  };
}

/** Filled by the service: nobody can set them. */
const FILLED = new Set([
  "case_id",
  "created_by",
  "created_datetime",
  "last_updated_user",
  "last_updated_datetime",
  "last_closed_datetime",
  "last_reopened_datetime",
  "next_sla_breach_datetime",
]);

export function canSet({ fieldId }: Field, { isNew }: { readonly isNew: boolean }): boolean {
  return !FILLED.has(fieldId) && (isNew || fieldId !== "reference_number");
}

/** Some fields of the system hold users though their type is Text. */
export function holdsUser({ fieldId, type }: Field): boolean {
  return type === "User" || fieldId === "assigned_user";
}

/** What stands in a field's input for a value that it has. */
export function typedText({ type }: Field, value: Value | undefined): string {
  if (value === undefined || value.emptyValue) return "";
  const plain = value.stringValue ?? value.userArnValue ?? value.doubleValue ?? value.booleanValue ?? "";
  return type === "DateTime" ? localTime(String(plain)) : String(plain);
}

/** What is sent for what was typed. Throws an error that says what is wrong with it, where the API could not even be asked. */
export function typedValue({ type }: Field, text: string): Value {
  if (text === "") return { emptyValue: {} };
  if (type === "Boolean") return { booleanValue: text === "true" };
  if (type === "User") return { userArnValue: text };
  if (type === "Number") {
    const number = Number(text);
    if (!Number.isFinite(number)) throw new Error(`${text} is not a number`);
    return { doubleValue: number };
  }
  if (type !== "DateTime") return { stringValue: text };
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`${text} is not a time`);
  return { stringValue: time.toISOString() };
}

/** As inputs of times have it: the reader's own time, `2026-03-03T09:01:12`. */
function localTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return "";
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** A value as text, where there is no room for links and times. */
export function shownText(domain: Domain, field: Field | undefined, value: Value | undefined): string {
  if (value === undefined || value.emptyValue) return "";
  if (value.booleanValue !== undefined) return value.booleanValue ? "yes" : "no";
  const text = String(value.stringValue ?? value.userArnValue ?? value.doubleValue ?? "");
  if (field?.type === "DateTime") return shownMoment(text);
  if (field?.type !== "SingleSelect") return text;
  return domain.options.get(field.fieldId)?.find((option) => option.value === text)?.name ?? text;
}

export interface Section {
  readonly name: string;
  readonly fieldIds: readonly string[];
}

interface ApiSection {
  readonly fieldGroup?: { readonly name?: string; readonly fields: readonly { readonly id: string }[] };
}

export interface Layout {
  readonly layoutId: string;
  readonly name: string;
  readonly content?: {
    readonly basic?: {
      readonly topPanel?: { readonly sections?: readonly ApiSection[] };
      readonly moreInfo?: { readonly sections?: readonly ApiSection[] };
    };
  };
}

/** The sections of a layout as agents see them, and what it leaves out, so that every field is somewhere. */
export function sectionsOf(domain: Domain, layout: Layout | undefined): readonly Section[] {
  const { topPanel, moreInfo } = layout?.content?.basic ?? {};
  const laidOut = [
    ...namedSections(topPanel?.sections, "Top panel"),
    ...namedSections(moreInfo?.sections, "More information"),
  ].map(({ name, fieldIds }) => ({ name, fieldIds: fieldIds.filter((id) => domain.fields.has(id)) }));
  const seen = new Set(laidOut.flatMap(({ fieldIds }) => fieldIds));
  const others = [...domain.fields.values()].filter(({ fieldId }) => !seen.has(fieldId));
  const rest = (name: string, namespace: Field["namespace"]): Section => ({
    name,
    fieldIds: others.filter((field) => field.namespace === namespace).map(({ fieldId }) => fieldId),
  });
  if (!layout) return filled([rest("Fields of the system", "System"), rest("Fields of the domain", "Custom")]);
  const left = "not in the layout";
  return filled([
    ...laidOut,
    rest(`Fields of the domain (${left})`, "Custom"),
    rest(`Fields of the system (${left})`, "System"),
  ]);
}

function filled(sections: readonly Section[]): readonly Section[] {
  return sections.filter(({ fieldIds }) => fieldIds.length > 0);
}

function namedSections(sections: readonly ApiSection[] = [], fallback: string): readonly Section[] {
  return sections.map(({ fieldGroup }) => ({
    name: fieldGroup?.name || fallback,
    fieldIds: (fieldGroup?.fields ?? []).map(({ id }) => id),
  }));
}

/** Which fields a refusal of the API is about, told by its own words: `fields: a, b must have a value`, `Field a: …`. */
export function fieldsNamedIn(
  message: string,
  { known, sent }: { readonly known: (id: string) => boolean; readonly sent: readonly string[] },
): readonly string[] {
  const [, place] = /\bfields\.(\d+)\./.exec(message) ?? [];
  if (place !== undefined) return sent.slice(Number(place) - 1, Number(place));
  const [, single] = /^Field ([^\s:,]+)/.exec(message) ?? [];
  if (single !== undefined) return known(single) ? [single] : [];
  const [, several = ""] = /^fields: (.*)$/.exec(message) ?? [];
  return several.split(/[\s,:]+/).filter(known);
}
