import type {
  ComparisonOperator,
  EventTriggerCondition,
  EventTriggerDimension,
  ObjectAttribute,
} from "@aws-sdk/client-customer-profiles";
import { ModeledError } from "../models/modeled-error.ts";
import type { Condition, Path } from "./condition.ts";
import { type Decimal, parseDecimal } from "./decimal.ts";
import { parseInstant } from "./instant.ts";
import type { Bound, Predicate, Scalar } from "./predicate.ts";

/**
 * The conditions of Customer Profiles' event triggers: validated, and compiled to predicates over one document per ingested object.
 *
 *     trigger    any of its conditions
 *     condition  ANY, ALL or NONE of its dimensions
 *     dimension  all of its attributes
 *     attribute  an operator over one target: a path into the raw object (`Source`) or a mapped field (`FieldName`)
 *
 * Algebra and meaning of the operators: API Reference, `EventTriggerCondition` and `ObjectAttribute`; Administrator Guide, "Create an outbound
 * campaign using event triggers". They give a sentence per operator; what goes beyond, down to formats and arrays, is our choice.
 *
 * Arrays in the object are looked into, and a target in them has several values. `CONTAINS`, `BEGINS_WITH`, `ENDS_WITH` and all operators over
 * numbers and dates ask for one value that fits; `INCLUSIVE` for every given value among them; `EXCLUSIVE` and `NOT_BETWEEN` for none that
 * `INCLUSIVE` of one value, or `BETWEEN`, would take. The attributes of a dimension may be met by different elements of an array.
 */

const CONDITIONS_MAX = 5;
const DIMENSIONS_MAX = 10;
const ATTRIBUTES_MAX = 10;
const VALUES_MAX = 10;

/** Lengths in characters, not in UTF-16 units, as the service's model has them. */
const SOURCE_LENGTH = /^.{1,1000}$/su;
const VALUE_LENGTH = /^.{1,255}$/su;
const FIELD_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;

/** A step of a source path: `items`, `items[0]`, `items[0][1]`, each with `[]` behind it or not. */
const SOURCE_STEP = /^([^.[\]{}]+)((?:\[\d{1,9}\])*)(?:\[\])?$/;

/** The document's members: the object as it was ingested, and its mapped fields. */
const OBJECT = "_source";
const FIELDS = "_fields";

/**
 * The document that compiled event triggers are matched against.
 *
 * `fields` are the object type's fields by name, before normalisation; a field whose source walks an array has a list of values.
 */
export function eventTriggerDocument(
  object: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Scalar | readonly Scalar[]>>,
): Readonly<Record<string, unknown>> {
  return { [OBJECT]: object, [FIELDS]: fields };
}

/**
 * Compiles a trigger's conditions, to be matched against an `eventTriggerDocument`. Whether the object type has the fields that the
 * conditions name is for the caller to check.
 *
 * Throws `BadRequestException` with the place of the first mistake and the reason.
 */
export function compileEventTrigger(conditions: readonly EventTriggerCondition[]): Condition {
  return combined("any", compileEach(conditions, "EventTriggerConditions", CONDITIONS_MAX, compileCondition));
}

function compileCondition(condition: EventTriggerCondition, at: string): Condition {
  const place = `${at}.EventTriggerDimensions`;
  const dimensions = compileEach(condition.EventTriggerDimensions, place, DIMENSIONS_MAX, compileDimension);
  switch (condition.LogicalOperator) {
    case "ALL":
      return combined("all", dimensions);
    case "ANY":
      return combined("any", dimensions);
    case "NONE":
      return { kind: "not", of: combined("any", dimensions) };
    default:
      throw refused(`${at}.LogicalOperator`, "ALL, ANY or NONE is needed.");
  }
}

function compileDimension({ ObjectAttributes }: EventTriggerDimension, at: string): Condition {
  return combined("all", compileEach(ObjectAttributes, `${at}.ObjectAttributes`, ATTRIBUTES_MAX, compileAttribute));
}

function compileAttribute(attribute: ObjectAttribute, at: string): Condition {
  const path = targetPath(attribute, at);
  const { ComparisonOperator: operator } = attribute;
  if (operator === undefined || !Object.hasOwn(OPERATORS, operator)) {
    throw refused(`${at}.ComparisonOperator`, `one of ${Object.keys(OPERATORS).join(", ")} is needed.`);
  }
  const values = compileEach(attribute.Values, `${at}.Values`, VALUES_MAX, (text, place) => {
    if (!VALUE_LENGTH.test(text)) throw refused(place, "1 to 255 characters are needed.");
    return { text, at: place };
  });
  return OPERATORS[operator](path, { operator, values, at: `${at}.Values` });
}

function compileEach<Item, Compiled>(
  items: readonly Item[] | undefined,
  at: string,
  max: number,
  compile: (item: Item, at: string) => Compiled,
): readonly Compiled[] {
  const count = items?.length ?? 0;
  if (items === undefined || count === 0 || count > max) {
    throw refused(at, `1 to ${max} members are needed, and ${count} are given.`);
  }
  return items.map((item, index) => compile(item, `${at}[${index}]`));
}

/** One part needs no tree around it. */
function combined(kind: "all" | "any", parts: readonly Condition[]): Condition {
  const [only, ...others] = parts;
  return only !== undefined && others.length === 0 ? only : { kind, of: parts };
}

function refused(at: string, reason: string): ModeledError {
  return new ModeledError("BadRequestException", `${at}: ${reason}`);
}

function targetPath({ Source, FieldName }: ObjectAttribute, at: string): Path {
  if (Source !== undefined && FieldName === undefined) return [OBJECT, ...sourceSteps(Source, `${at}.Source`)];
  if (FieldName === undefined || Source !== undefined) {
    throw refused(at, "exactly one of Source and FieldName is needed.");
  }
  if (!FIELD_NAME.test(FieldName)) {
    throw refused(`${at}.FieldName`, "1 to 64 letters, digits, underscores, points or hyphens are needed.");
  }
  return [FIELDS, ...FieldName.split(".")];
}

/**
 * `order.total`, `items[].sku` and `items[0].sku`, with or without `_source.` before it. Arrays are looked into anyway, so that `[]` says nothing
 * that its absence does not; it may stand once, as in the sources of an object type's fields.
 */
function sourceSteps(source: string, at: string): Path {
  if (!SOURCE_LENGTH.test(source)) throw refused(at, "1 to 1000 characters are needed.");
  if (/^_source(?![^[])/.test(source)) throw refused(at, "_source is the whole object; an attribute of it is needed.");
  const path = source.replace(/^_source\./, "");
  if (path.split("[]").length > 2) throw refused(at, "[] may stand only once.");
  return path.split(".").flatMap((step) => {
    const [, name, indexes = ""] = SOURCE_STEP.exec(step) ?? [];
    if (name === undefined) {
      throw refused(at, `${JSON.stringify(step)} is no step of a path: a name, then indexes such as [0] or [].`);
    }
    return [name, ...Array.from(indexes.matchAll(/\d+/g), ([index]) => Number(index))];
  });
}

/** An attribute's values, each with its place in the request. */
interface Values {
  readonly operator: ComparisonOperator;
  readonly values: readonly Value[];
  readonly at: string;
}

interface Value {
  readonly text: string;
  readonly at: string;
}

/** What each operator asks of the values at a path. Each refuses values that it has no use for. */
const OPERATORS: Readonly<Record<ComparisonOperator, (path: Path, values: Values) => Condition>> = {
  INCLUSIVE: (path, { values }) => {
    if (values.length === 1) return textAmong(path, values);
    const each = values.map((value) => textAmong(path, [value]));
    return { kind: "any", of: [scalarTextAmong(path, values), { kind: "all", of: each }] };
  },
  EXCLUSIVE: (path, { values }) => ({ kind: "not", of: textAmong(path, values) }),
  CONTAINS: (path, { values }) => anyText(path, values, (text) => ({ kind: "wildcard", pieces: ["", text, ""] })),
  BEGINS_WITH: (path, { values }) => anyText(path, values, (text) => ({ kind: "prefix", text })),
  ENDS_WITH: (path, { values }) => anyText(path, values, (text) => ({ kind: "suffix", text })),

  GREATER_THAN: (path, values) => field(path, { kind: "decimal-range", bottom: beyond(onlyDecimal(values)) }),
  LESS_THAN: (path, values) => field(path, { kind: "decimal-range", top: beyond(onlyDecimal(values)) }),
  GREATER_THAN_OR_EQUAL: (path, values) => field(path, { kind: "decimal-range", bottom: upTo(onlyDecimal(values)) }),
  LESS_THAN_OR_EQUAL: (path, values) => field(path, { kind: "decimal-range", top: upTo(onlyDecimal(values)) }),
  EQUAL: (path, values) => {
    const bound = upTo(onlyDecimal(values));
    return field(path, { kind: "decimal-range", bottom: bound, top: bound });
  },

  BEFORE: (path, values) => field(path, { kind: "instant-range", top: beyond(onlyInstant(values)), epoch: true }),
  AFTER: (path, values) => field(path, { kind: "instant-range", bottom: beyond(onlyInstant(values)), epoch: true }),
  ON: (path, values) => {
    const midnight = Math.floor(onlyInstant(values) / DAY_MS) * DAY_MS;
    return field(path, {
      kind: "instant-range",
      bottom: upTo(midnight),
      top: beyond(midnight + DAY_MS),
      epoch: true,
    });
  },

  BETWEEN: (path, values) => field(path, ...rangesBetween(values)),
  NOT_BETWEEN: (path, values) => {
    const ranges = rangesBetween(values);
    const unbounded = ranges.map((range): RangePredicate => {
      return range.kind === "decimal-range" ? { kind: range.kind } : { kind: range.kind, epoch: range.epoch };
    });
    return { kind: "all", of: [field(path, ...unbounded), { kind: "not", of: field(path, ...ranges) }] };
  },
};

const DAY_MS = 24 * 60 * 60 * 1000;

function field(path: Path, ...predicates: readonly Predicate[]): Condition {
  return { kind: "fields", fields: [{ path, predicates }] };
}

function anyText(path: Path, values: readonly Value[], predicate: (text: string) => Predicate): Condition {
  return field(path, ...asTexts(values, predicate));
}

function textAmong(path: Path, values: readonly Value[]): Condition {
  return field(path, ...asTexts(values, equalTo));
}

function scalarTextAmong(path: Path, values: readonly Value[]): Condition {
  return { kind: "fields", fields: [{ path, predicates: asTexts(values, equalTo), outsideArrays: true }] };
}

function equalTo(value: string): Predicate {
  return { kind: "equals", value };
}

function asTexts(values: readonly Value[], predicate: (text: string) => Predicate): readonly Predicate[] {
  return values.map(({ text }) => ({ kind: "as-text", predicate: predicate(text) }));
}

function upTo<T>(value: T): Bound<T> {
  return { value, inclusive: true };
}

function beyond<T>(value: T): Bound<T> {
  return { value, inclusive: false };
}

function onlyDecimal(values: Values): Decimal {
  const [{ text, at }] = exactly(1, values);
  const decimal = parseDecimal(text);
  if (decimal === undefined)
    throw refused(at, `${values.operator} needs a number, and ${JSON.stringify(text)} is none.`);
  return decimal;
}

function onlyInstant(values: Values): number {
  const [{ text, at }] = exactly(1, values);
  const instant = parseInstant(text);
  if (instant === undefined) throw refused(at, `${values.operator} needs a date, and ${JSON.stringify(text)} is none.`);
  return instant;
}

type RangePredicate = Extract<Predicate, { readonly kind: "decimal-range" | "instant-range" }>;

/**
 * Two numbers are bounds of numbers and, where they are times since 1970 too, of ISO dates; any other two dates are bounds of dates. Bounds the
 * wrong way round have nothing between them.
 */
function rangesBetween(values: Values): readonly RangePredicate[] {
  const [low, high] = exactly(2, values);
  const instants = boundsOf(parseInstant, low.text, high.text);
  const decimals = boundsOf(parseDecimal, low.text, high.text);
  if (decimals !== undefined) {
    const numbers: RangePredicate = { kind: "decimal-range", ...decimals };
    return instants === undefined ? [numbers] : [numbers, { kind: "instant-range", ...instants, epoch: false }];
  }
  if (instants !== undefined) return [{ kind: "instant-range", ...instants, epoch: true }];
  throw refused(
    values.at,
    `${values.operator} needs two numbers or two dates, and here are ${JSON.stringify(low.text)} and ${JSON.stringify(high.text)}.`,
  );
}

function boundsOf<T>(
  parse: (text: string) => T | undefined,
  low: string,
  high: string,
): { readonly bottom: Bound<T>; readonly top: Bound<T> } | undefined {
  const bottom = parse(low);
  const top = parse(high);
  return bottom === undefined || top === undefined ? undefined : { bottom: upTo(bottom), top: upTo(top) };
}

function exactly(count: 1, values: Values): readonly [Value];
function exactly(count: 2, values: Values): readonly [Value, Value];
function exactly(count: number, { operator, values, at }: Values): readonly Value[] {
  if (values.length === count) return values;
  throw refused(
    at,
    `${operator} needs exactly ${count} ${count === 1 ? "value" : "values"}, and ${values.length} are given.`,
  );
}
