import { ModeledError } from "../models/modeled-error.ts";
import type { Condition, Path } from "./condition.ts";
import { type Decimal, parseDecimal } from "./decimal.ts";
import { parseInstant } from "./instant.ts";
import type { Bound, Predicate } from "./predicate.ts";

/**
 * What the comparison operators of Customer Profiles mean, in predicates: one set of operators for event triggers, segments and the filters of
 * calculated attributes, which differ only in how many values they take and in what several of them mean.
 */

export type RangePredicate = Extract<Predicate, { readonly kind: "decimal-range" | "instant-range" }>;

export type TextOperator = "INCLUSIVE" | "EXCLUSIVE" | "CONTAINS" | "BEGINS_WITH" | "ENDS_WITH";
export type NumberOperator = "GREATER_THAN" | "LESS_THAN" | "GREATER_THAN_OR_EQUAL" | "LESS_THAN_OR_EQUAL" | "EQUAL";
export type DateOperator = "BEFORE" | "AFTER" | "ON";

/** Operators over texts, but for what several values mean. */
export const TEXT_COMPARISONS: Readonly<Record<TextOperator, (text: string) => Predicate>> = {
  INCLUSIVE: (text) => asText({ kind: "equals", value: text }),
  EXCLUSIVE: (text) => asText({ kind: "equals", value: text }),
  CONTAINS: (text) => asText({ kind: "wildcard", pieces: ["", text, ""] }),
  BEGINS_WITH: (text) => asText({ kind: "prefix", text }),
  ENDS_WITH: (text) => asText({ kind: "suffix", text }),
};

/** Operators over one number, compared digit by digit. */
export const NUMBER_COMPARISONS: Readonly<Record<NumberOperator, (value: Decimal) => RangePredicate>> = {
  GREATER_THAN: (value) => ({ kind: "decimal-range", bottom: beyond(value) }),
  LESS_THAN: (value) => ({ kind: "decimal-range", top: beyond(value) }),
  GREATER_THAN_OR_EQUAL: (value) => ({ kind: "decimal-range", bottom: upTo(value) }),
  LESS_THAN_OR_EQUAL: (value) => ({ kind: "decimal-range", top: upTo(value) }),
  EQUAL: (value) => ({ kind: "decimal-range", bottom: upTo(value), top: upTo(value) }),
};

export const TEXT_OPERATORS: readonly string[] = Object.keys(TEXT_COMPARISONS);
export const NUMBER_OPERATORS: readonly string[] = Object.keys(NUMBER_COMPARISONS);

const DAY_MS = 24 * 60 * 60 * 1000;

/** Operators over one instant, in milliseconds since 1970. Days are those of UTC. */
export const DATE_COMPARISONS: Readonly<Record<DateOperator, (instant: number) => RangePredicate>> = {
  BEFORE: (instant) => ({ kind: "instant-range", top: beyond(instant), epoch: true }),
  AFTER: (instant) => ({ kind: "instant-range", bottom: beyond(instant), epoch: true }),
  ON: (instant) => {
    const midnight = Math.floor(instant / DAY_MS) * DAY_MS;
    return { kind: "instant-range", bottom: upTo(midnight), top: beyond(midnight + DAY_MS), epoch: true };
  },
};

export const DATE_OPERATORS: readonly string[] = [...Object.keys(DATE_COMPARISONS), "BETWEEN", "NOT_BETWEEN"];

/** A value that is compared with: a text, or an instant in milliseconds since 1970. */
export type Known = string | number;

/**
 * What an operator of a segment, or of a calculated attribute's filter, asks of the values at a path; of several values any will do, of
 * EXCLUSIVE none may. Throws what `mistake` makes of the place of a value that the operator has no use for; `undefined`: of all.
 */
export function compareWithAny(
  { path, operator, isDate }: { readonly path: Path; readonly operator: string; readonly isDate?: boolean },
  values: readonly Known[],
  mistake: (wrong: number | undefined) => Error,
): Condition {
  const predicates = (predicate: (value: Known) => Predicate | undefined): readonly Predicate[] =>
    values.map((value, index) => {
      const made = predicate(value);
      if (made === undefined) throw mistake(index);
      return made;
    });
  switch (operator) {
    case "EXCLUSIVE":
      return { kind: "not", of: field(path, predicates(textComparison("EXCLUSIVE"))) };
    case "EQUAL":
      // As numbers where both sides are; equal texts are equal numbers too.
      return field(path, [
        ...predicates(textComparison("INCLUSIVE")),
        ...values.flatMap((value) => numberComparison("EQUAL")(value) ?? []),
      ]);
    case "BETWEEN":
    case "NOT_BETWEEN": {
      const ranges = rangesOf(values, isDate);
      if (ranges === undefined) throw mistake(undefined);
      return operator === "BETWEEN" ? field(path, ranges) : outside(path, ranges);
    }
    case "LIST_CONTAINS":
      return field(
        path,
        predicates((value) => ({ kind: "list-with", items: [String(value)] })),
      );
    case "LIST_CONTAINS_ALL":
      return field(path, [{ kind: "list-with", items: values.map(String) }]);
    case "BEFORE":
    case "AFTER":
    case "ON":
      return field(path, predicates(dateComparison(operator)));
    case "GREATER_THAN":
    case "LESS_THAN":
    case "GREATER_THAN_OR_EQUAL":
    case "LESS_THAN_OR_EQUAL":
      return field(path, predicates(numberComparison(operator)));
    default:
      return field(path, predicates(textComparison(operator as TextOperator)));
  }
}

/** What an operator needs, in words. */
export function valuesNeeded(operator: string, isDate = false): string {
  if (operator in NUMBER_COMPARISONS) return "a number";
  if (operator in DATE_COMPARISONS) return "a date";
  return isDate ? "two dates" : "two numbers or two dates";
}

/**
 * What lies between two values, ends included: two numbers are bounds of numbers and, where they are times since 1970 too, of ISO dates; any
 * other two dates are bounds of dates. Bounds the wrong way round have nothing between them. `undefined`: they are neither.
 */
export function rangesBetween(low: string, high: string): readonly RangePredicate[] | undefined {
  const instants = boundsOf(parseInstant, low, high);
  const decimals = boundsOf(parseDecimal, low, high);
  if (decimals !== undefined) {
    const numbers: RangePredicate = { kind: "decimal-range", ...decimals };
    return instants === undefined ? [numbers] : [numbers, { kind: "instant-range", ...instants, epoch: false }];
  }
  return instants && [{ kind: "instant-range", ...instants, epoch: true }];
}

/** What lies between two instants, ends included. */
function datesBetween(low: number, high: number): RangePredicate {
  return { kind: "instant-range", bottom: upTo(low), top: upTo(high), epoch: true };
}

/** Met by a value that can be compared with the ranges and lies in none of them. */
export function outside(path: Path, ranges: readonly RangePredicate[]): Condition {
  const unbounded = ranges.map((range): RangePredicate => {
    return range.kind === "decimal-range" ? { kind: range.kind } : { kind: range.kind, epoch: range.epoch };
  });
  return { kind: "all", of: [field(path, unbounded), { kind: "not", of: field(path, ranges) }] };
}

export function field(path: Path, predicates: readonly Predicate[]): Condition {
  return { kind: "fields", fields: [{ path, predicates }] };
}

/** One part needs no tree around it. */
export function combined(kind: "all" | "any", parts: readonly Condition[]): Condition {
  const [only, ...others] = parts;
  return only !== undefined && others.length === 0 ? only : { kind, of: parts };
}

/** `ALL`, `ANY` or `NONE` of some parts. */
export function combinedBy(operator: "ALL" | "ANY" | "NONE", parts: readonly Condition[]): Condition {
  if (operator === "NONE") return { kind: "not", of: combined("any", parts) };
  return combined(operator === "ALL" ? "all" : "any", parts);
}

/** Of conditions that a caller has sent: the place of the mistake, and the reason. */
export function refused(at: string, reason: string): ModeledError {
  return new ModeledError("BadRequestException", `${at}: ${reason}`);
}

/** Compiles the members of a list that must have 1 to `max` of them. */
export function compileEach<Item, Compiled>(
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

function asText(predicate: Predicate): Predicate {
  return { kind: "as-text", predicate };
}

function upTo<T>(value: T): Bound<T> {
  return { value, inclusive: true };
}

function beyond<T>(value: T): Bound<T> {
  return { value, inclusive: false };
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

function textComparison(operator: TextOperator): (value: Known) => Predicate {
  return (value) => TEXT_COMPARISONS[operator](String(value));
}

function numberComparison(operator: NumberOperator): (value: Known) => Predicate | undefined {
  return (value) => {
    const decimal = parseDecimal(value);
    return decimal && NUMBER_COMPARISONS[operator](decimal);
  };
}

function dateComparison(operator: DateOperator): (value: Known) => Predicate | undefined {
  return (value) => {
    const instant = instantOf(value);
    return instant === undefined ? undefined : DATE_COMPARISONS[operator](instant);
  };
}

function rangesOf([low = "", high = ""]: readonly Known[], isDate = false): readonly RangePredicate[] | undefined {
  if (!isDate && typeof low === "string" && typeof high === "string") return rangesBetween(low, high);
  const [first, last] = [instantOf(low), instantOf(high)];
  return first === undefined || last === undefined ? undefined : [datesBetween(first, last)];
}

function instantOf(value: Known): number | undefined {
  return typeof value === "number" ? value : parseInstant(value);
}
