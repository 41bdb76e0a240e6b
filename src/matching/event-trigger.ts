import type {
  ComparisonOperator,
  EventTriggerCondition,
  EventTriggerDimension,
  ObjectAttribute,
} from "@aws-sdk/client-customer-profiles";
import {
  combined,
  combinedBy,
  compileEach,
  DATE_COMPARISONS,
  type DateOperator,
  field,
  NUMBER_COMPARISONS,
  type NumberOperator,
  outside,
  type RangePredicate,
  rangesBetween,
  refused,
  TEXT_COMPARISONS,
  type TextOperator,
} from "./comparison.ts";
import type { Condition, Path } from "./condition.ts";
import { parseDecimal } from "./decimal.ts";
import { parseInstant } from "./instant.ts";
import type { Scalar } from "./predicate.ts";

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
  const { LogicalOperator: operator } = condition;
  if (operator !== "ALL" && operator !== "ANY" && operator !== "NONE") {
    throw refused(`${at}.LogicalOperator`, "ALL, ANY or NONE is needed.");
  }
  return combinedBy(operator, dimensions);
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
    if (values.length === 1) return anyText("INCLUSIVE")(path, { values });
    const each = values.map((value) => anyText("INCLUSIVE")(path, { values: [value] }));
    return { kind: "any", of: [scalarTextAmong(path, values), { kind: "all", of: each }] };
  },
  EXCLUSIVE: (path, values) => ({ kind: "not", of: anyText("EXCLUSIVE")(path, values) }),
  CONTAINS: anyText("CONTAINS"),
  BEGINS_WITH: anyText("BEGINS_WITH"),
  ENDS_WITH: anyText("ENDS_WITH"),

  GREATER_THAN: oneNumber("GREATER_THAN"),
  LESS_THAN: oneNumber("LESS_THAN"),
  GREATER_THAN_OR_EQUAL: oneNumber("GREATER_THAN_OR_EQUAL"),
  LESS_THAN_OR_EQUAL: oneNumber("LESS_THAN_OR_EQUAL"),
  EQUAL: oneNumber("EQUAL"),

  BEFORE: oneDate("BEFORE"),
  AFTER: oneDate("AFTER"),
  ON: oneDate("ON"),

  BETWEEN: (path, values) => field(path, bothBounds(values)),
  NOT_BETWEEN: (path, values) => outside(path, bothBounds(values)),
};

function anyText(operator: TextOperator): (path: Path, values: Pick<Values, "values">) => Condition {
  return (path, { values }) =>
    field(
      path,
      values.map(({ text }) => TEXT_COMPARISONS[operator](text)),
    );
}

function scalarTextAmong(path: Path, values: readonly Value[]): Condition {
  const predicates = values.map(({ text }) => TEXT_COMPARISONS.INCLUSIVE(text));
  return { kind: "fields", fields: [{ path, predicates, outsideArrays: true }] };
}

function oneNumber(operator: NumberOperator): (path: Path, values: Values) => Condition {
  return (path, values) => {
    const [{ text, at }] = exactly(1, values);
    const decimal = parseDecimal(text);
    if (decimal === undefined) throw refused(at, `${operator} needs a number, and ${JSON.stringify(text)} is none.`);
    return field(path, [NUMBER_COMPARISONS[operator](decimal)]);
  };
}

function oneDate(operator: DateOperator): (path: Path, values: Values) => Condition {
  return (path, values) => {
    const [{ text, at }] = exactly(1, values);
    const instant = parseInstant(text);
    if (instant === undefined) throw refused(at, `${operator} needs a date, and ${JSON.stringify(text)} is none.`);
    return field(path, [DATE_COMPARISONS[operator](instant)]);
  };
}

function bothBounds(values: Values): readonly RangePredicate[] {
  const [low, high] = exactly(2, values);
  const ranges = rangesBetween(low.text, high.text);
  if (ranges !== undefined) return ranges;
  throw refused(
    values.at,
    `${values.operator} needs two numbers or two dates, and here are ${JSON.stringify(low.text)} and ${JSON.stringify(high.text)}.`,
  );
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
