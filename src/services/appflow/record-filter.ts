import { compareDecimals, type Decimal, parseDecimal } from "../../matching/decimal.ts";
import { parseInstant } from "../../matching/instant.ts";
import type { JsonObject } from "../../matching/machine.ts";
import { keptNumber } from "../json-text.ts";
import { FlowDefinitionError, type FlowTask } from "./flow-plan.ts";
import { compileField, isEmpty, textOf } from "./record-field.ts";

/** Criteria of one filter. https://docs.aws.amazon.com/appflow/latest/userguide/flow-tutorial-set-up-source.html */
const CRITERIA_MAX = 10;

/** Below 0, 0 or above 0, as the first is less than, equal to or greater than the second. */
type Compare<Value> = (one: Value, other: Value) => number;

/** How values of a data type are compared. */
interface Order<Value> {
  /** `undefined`: it is no value of the type. */
  parse(value: unknown): Value | undefined;
  readonly compare: Compare<Value>;
}

const TEXTS: Order<string> = {
  parse: textOf,
  compare: (one, other) => (one === other ? 0 : one < other ? -1 : 1),
};

const NUMBERS: Order<Decimal> = {
  parse(value) {
    const number = keptNumber(value) ?? value;
    return parseDecimal(typeof number === "string" ? number.trim() : number);
  },
  compare: compareDecimals,
};

const INSTANTS: Order<number> = { parse: instantOf, compare: (one, other) => one - other };

const BOOLEANS: Order<boolean> = { parse: booleanOf, compare: (one, other) => Number(one) - Number(other) };

/** Numbers as numbers, and everything else as text. */
const UNTYPED: Order<{ readonly text: string; readonly number: Decimal | undefined }> = {
  parse(value) {
    const text = TEXTS.parse(value);
    return text === undefined ? undefined : { text, number: NUMBERS.parse(value) };
  },
  compare: (one, other) =>
    one.number && other.number ? NUMBERS.compare(one.number, other.number) : TEXTS.compare(one.text, other.text),
};

/** As connectors call their types, in lower case. Every other type is compared as text. */
const ORDERS = new Map<string, Order<unknown>>([
  ...["number", "int", "integer", "short", "long", "bigint", "float", "double", "decimal", "currency", "percent"].map(
    (name): [string, Order<unknown>] => [name, NUMBERS as Order<unknown>],
  ),
  ...["date", "datetime", "timestamp", "glide_date_time", "glide_date"].map((name): [string, Order<unknown>] => [
    name,
    INSTANTS as Order<unknown>,
  ]),
  ...["boolean", "bool"].map((name): [string, Order<unknown>] => [name, BOOLEANS as Order<unknown>]),
]);

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  EQUAL_TO: (order) => order === 0,
  LESS_THAN: (order) => order < 0,
  GREATER_THAN: (order) => order > 0,
  LESS_THAN_OR_EQUAL_TO: (order) => order <= 0,
  GREATER_THAN_OR_EQUAL_TO: (order) => order >= 0,
};

/**
 * Compiles a filter that compares one field: whether a record is kept. What a record does not have, or what is no value of the filter's data type, meets
 * `NOT_EQUAL_TO` and nothing else. Throws `FlowDefinitionError`, which begins with the member.
 */
export function compileFilter({ operator, fields, properties }: FlowTask): (record: JsonObject) => boolean {
  const read = compileField(fields[0] ?? "");
  const order = orderOf(properties.DATA_TYPE);
  if (operator === "BETWEEN") return compileBetween(read, order, properties);
  const criteria = criteriaOf(properties);
  if (operator === "CONTAINS") {
    return (record) => {
      const text = textOf(read(record));
      return text !== undefined && criteria.some(({ value }) => text.includes(value));
    };
  }
  const bounds = criteria.map(({ property, value }) => boundOf(order, property, value));
  const holds = operator === "NOT_EQUAL_TO" ? COMPARISONS.EQUAL_TO : COMPARISONS[operator];
  if (!holds) throw new FlowDefinitionError(`ConnectorOperator: ${operator} is no comparison`);
  const meetsAny = (record: JsonObject): boolean => {
    const value = parseField(order, read(record));
    return value !== undefined && bounds.some((bound) => holds(order.compare(value, bound)));
  };
  return operator === "NOT_EQUAL_TO" ? (record) => !meetsAny(record) : meetsAny;
}

function compileBetween(
  read: (record: JsonObject) => unknown,
  order: Order<unknown>,
  { LOWER_BOUND, UPPER_BOUND }: FlowTask["properties"],
): (record: JsonObject) => boolean {
  const lower = boundOf(order, "LOWER_BOUND", required("LOWER_BOUND", LOWER_BOUND));
  const upper = boundOf(order, "UPPER_BOUND", required("UPPER_BOUND", UPPER_BOUND));
  if (order.compare(lower, upper) > 0)
    throw new FlowDefinitionError("TaskProperties.UPPER_BOUND: it is less than LOWER_BOUND");
  return (record) => {
    const value = parseField(order, read(record));
    return value !== undefined && order.compare(value, lower) >= 0 && order.compare(value, upper) <= 0;
  };
}

interface Criterion {
  readonly property: string;
  readonly value: string;
}

/** `VALUE` as it stands, and each of `VALUES`. */
function criteriaOf({ VALUE, VALUES }: FlowTask["properties"]): readonly Criterion[] {
  const listed =
    VALUES === undefined ? [] : VALUES.split(",").map((value) => ({ property: "VALUES", value: value.trim() }));
  const criteria = VALUE === undefined ? listed : [{ property: "VALUE", value: VALUE }, ...listed];
  if (criteria.length === 0) throw new FlowDefinitionError("TaskProperties.VALUE: a filter needs it, or VALUES");
  if (criteria.length > CRITERIA_MAX)
    throw new FlowDefinitionError(`TaskProperties.VALUES: a filter has at most ${CRITERIA_MAX}`);
  return criteria;
}

function orderOf(dataType: string | undefined): Order<unknown> {
  if (dataType === undefined) return UNTYPED as Order<unknown>;
  return ORDERS.get(dataType.toLowerCase()) ?? (TEXTS as Order<unknown>);
}

function parseField(order: Order<unknown>, value: unknown): unknown {
  return isEmpty(value) ? undefined : order.parse(value);
}

function boundOf(order: Order<unknown>, property: string, text: string): unknown {
  const value = order.parse(text);
  if (value === undefined)
    throw new FlowDefinitionError(`TaskProperties.${property}: ${text} is no value of the DATA_TYPE`);
  return value;
}

/** Throws `FlowDefinitionError` where a task lacks a property. */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new FlowDefinitionError(`TaskProperties.${name}: it is needed`);
  return value;
}

/** ISO 8601, or a number: milliseconds since 1970, or seconds where it has ten digits. */
function instantOf(value: unknown): number | undefined {
  const instant = parseInstant(typeof value === "string" ? value.trim() : value);
  if (instant !== undefined) return instant;
  const digits = textOf(value) ?? "";
  return /^-?\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

function booleanOf(value: unknown): boolean | undefined {
  const text = textOf(value)?.trim().toLowerCase();
  return text === "true" ? true : text === "false" ? false : undefined;
}
