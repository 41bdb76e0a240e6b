/** The filter grammar of SearchCases and of custom related items: reference `cases`, 9.5. */
import type {
  CaseFilter,
  CustomFieldsFilter,
  FieldFilter,
  FieldValueUnion,
  TagFilter,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Domain } from "../domain.ts";
import { invalid } from "../errors.ts";
import type { FieldType } from "../field.ts";
import type { StoredValue } from "../field-value.ts";
import { findUsedField, storedValue, type UsedField } from "../given-values.ts";
import type { Comparison, Condition } from "./condition.ts";
import { searchedValue } from "./searched-value.ts";

/** `not`, `andAll` and `orAll` within one another. */
const DEPTH_MAX = 10;

type Filter = Validated<CaseFilter | CustomFieldsFilter>;

/** Throws `ValidationException` for what a filter cannot ask of its fields. Those that are deleted can be asked for. */
export async function filterCondition(
  reader: Reader,
  domain: Domain,
  filter: Filter,
  depth: number = 0,
): Promise<Condition> {
  if (depth > DEPTH_MAX) throw invalid(`filter: it is nested more than ${DEPTH_MAX} deep`);
  if (filter.field) return fieldCondition(reader, domain, filter.field);
  if ("tag" in filter && filter.tag) return tagCondition(filter.tag);
  if (filter.not) return { kind: "not", of: await filterCondition(reader, domain, filter.not, depth + 1) };
  const of: Condition[] = [];
  for (const each of filter.andAll ?? filter.orAll ?? [])
    of.push(await filterCondition(reader, domain, each, depth + 1));
  return { kind: filter.andAll ? "all" : "any", of };
}

/** Each word must be in some value. */
export function termCondition(term: string): Condition {
  const words = term.split(/\s+/u).filter((word) => word !== "");
  return { kind: "all", of: [...new Set(words)].map((word) => ({ kind: "word", word })) };
}

function tagCondition({ equalTo }: Validated<TagFilter>): Condition {
  if (equalTo?.key === undefined) throw invalid("filter: a tag is asked for by its key");
  return { kind: "tag", key: equalTo.key, value: equalTo.value };
}

const OPERATORS = [
  "equalTo",
  "contains",
  "greaterThan",
  "greaterThanOrEqualTo",
  "lessThan",
  "lessThanOrEqualTo",
] as const;

type Operator = (typeof OPERATORS)[number];

/** What can be asked of the fields of a type. */
const TAKEN: Readonly<Record<FieldType, readonly Operator[]>> = {
  Text: ["equalTo", "contains"],
  Url: ["equalTo", "contains"],
  SingleSelect: ["equalTo", "contains"],
  Number: OPERATORS.filter((operator) => operator !== "contains"),
  DateTime: OPERATORS.filter((operator) => operator !== "contains"),
  Boolean: ["equalTo"],
  User: ["equalTo"],
};

const COMPARISONS: Readonly<Record<Exclude<Operator, "contains">, Comparison>> = {
  equalTo: "=",
  greaterThan: ">",
  greaterThanOrEqualTo: ">=",
  lessThan: "<",
  lessThanOrEqualTo: "<=",
};

async function fieldCondition(reader: Reader, domain: Domain, filter: Validated<FieldFilter>): Promise<Condition> {
  const operator = OPERATORS.find((operator) => filter[operator] !== undefined);
  const asked = operator && filter[operator];
  if (!asked) throw invalid("filter: a field is asked for by an operator");
  const field = await findUsedField(reader, domain, asked.id);
  if (!field) throw invalid(`filter: field ${asked.id} does not exist in domain ${domain.domainId}`);
  if (!TAKEN[field.type].includes(operator)) {
    throw invalid(`filter: ${operator} does not go with field ${field.id}, which is of type ${field.type}`);
  }
  return valueCondition(field, operator, asked.value as FieldValueUnion);
}

function valueCondition(field: UsedField, operator: Operator, union: FieldValueUnion): Condition {
  const { id, type } = field;
  // An empty text is no value, but part of every one.
  if (operator === "contains" && union.stringValue === "") return { kind: "not", of: { kind: "empty", field: id } };
  const value = storedValue(field, union);
  if (value === undefined) {
    if (operator !== "equalTo") throw invalid(`filter: ${operator} needs a value`);
    return { kind: "empty", field: id };
  }
  if (operator === "contains" && type !== "SingleSelect") return { kind: "contains", field: id, text: String(value) };
  if (type !== "Number" && type !== "DateTime") {
    return { kind: "equals", field: id, text: String(searchedValue(id, value)) };
  }
  const by = COMPARISONS[operator as keyof typeof COMPARISONS];
  return { kind: "compares", field: id, by, number: numberOf(id, type, value) };
}

function numberOf(id: string, type: FieldType, value: StoredValue): number {
  if (type === "DateTime") return Date.parse(String(value));
  if (!Number.isFinite(value)) throw invalid(`filter: ${value} is not a number for field ${id}`);
  return Number(value);
}
