import { type Address, type AddressBlock, isWithin, parseAddress } from "./address.ts";
import { compareDecimals, type Decimal, parseDecimal } from "./decimal.ts";
import { equalsIgnoringCase, hasPrefixIgnoringCase, hasSuffixIgnoringCase } from "./ignore-case.ts";
import { parseInstant, parseIsoInstant } from "./instant.ts";
import { matchesWildcard } from "./wildcard.ts";

/** A JSON value that is neither an object nor an array: what conditions look at. */
export type Scalar = string | number | boolean | null;

/** One compiled condition on a value of a field. All but `absent` ask something of a value that is there. */
export type Predicate =
  | { readonly kind: "equals"; readonly value: Scalar }
  | { readonly kind: "equals-ignore-case"; readonly text: string }
  | { readonly kind: "prefix" | "suffix"; readonly text: string; readonly ignoreCase?: true }
  /** A text that consists of these pieces, in order, with anything between one and the next. At least two; `["", "a", ""]` is "contains a". */
  | { readonly kind: "wildcard"; readonly pieces: readonly string[] }
  /** A text that is an IP address within a block. */
  | { readonly kind: "cidr"; readonly block: AddressBlock }
  /** A JSON number within bounds. */
  | { readonly kind: "range"; readonly bottom?: Bound<number>; readonly top?: Bound<number> }
  /** A number, or a text that is one, within bounds; compared digit by digit. */
  | { readonly kind: "decimal-range"; readonly bottom?: Bound<Decimal>; readonly top?: Bound<Decimal> }
  /** A text that is an ISO 8601 date or time within bounds, in milliseconds since 1970; with `epoch` also a number that is a time. */
  | {
      readonly kind: "instant-range";
      readonly bottom?: Bound<number>;
      readonly top?: Bound<number>;
      readonly epoch: boolean;
    }
  /** Any value but these, and none that meets one of the predicates. */
  | { readonly kind: "anything-but"; readonly values: ReadonlySet<Scalar>; readonly predicates: readonly Predicate[] }
  /** A value other than null whose text meets the predicate: 5 as "5", true as "true". */
  | { readonly kind: "as-text"; readonly predicate: Predicate }
  /** A text that is a list (`listItems`) with all of these items. At least one. */
  | { readonly kind: "list-with"; readonly items: readonly string[] }
  /** The value is the name of something that was found to hold elsewhere; `meaning` says what, for people. */
  | { readonly kind: "named"; readonly name: string; readonly meaning: string }
  | { readonly kind: "exists" }
  | { readonly kind: "absent" };

export interface Bound<T> {
  readonly value: T;
  /** Whether the value itself lies inside. */
  readonly inclusive: boolean;
}

/** Whether a value meets a predicate. `absent` is met by no value. */
export function holds(predicate: Predicate, value: Scalar): boolean {
  switch (predicate.kind) {
    case "equals":
      return value === predicate.value;
    case "equals-ignore-case":
      return typeof value === "string" && equalsIgnoringCase(value, predicate.text);
    case "prefix":
      if (typeof value !== "string") return false;
      return predicate.ignoreCase ? hasPrefixIgnoringCase(value, predicate.text) : value.startsWith(predicate.text);
    case "suffix":
      if (typeof value !== "string") return false;
      return predicate.ignoreCase ? hasSuffixIgnoringCase(value, predicate.text) : value.endsWith(predicate.text);
    case "wildcard":
      return typeof value === "string" && matchesWildcard(value, predicate.pieces);
    case "cidr":
      return isAddressWithin(value, predicate.block);
    case "range":
      return typeof value === "number" && isInside(value, predicate, compareNumbers);
    case "decimal-range": {
      const decimal = parseDecimal(value);
      return decimal !== undefined && isInside(decimal, predicate, compareDecimals);
    }
    case "instant-range": {
      const instant = predicate.epoch ? parseInstant(value) : parseIsoInstant(value);
      return instant !== undefined && isInside(instant, predicate, compareNumbers);
    }
    case "anything-but":
      return !predicate.values.has(value) && !predicate.predicates.some((each) => holds(each, value));
    case "as-text":
      return value !== null && holds(predicate.predicate, String(value));
    case "list-with": {
      const items = typeof value === "string" ? listItems(value) : undefined;
      return items !== undefined && predicate.items.every((item) => items.includes(item));
    }
    case "named":
      return value === predicate.name;
    case "exists":
      return true;
    case "absent":
      return false;
  }
}

/**
 * The items of a list that is written in a text: the texts, numbers and Booleans of a JSON array, or what commas separate, without the
 * spaces around it (our choice). A text without commas is a list of one.
 */
export function listItems(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) {
    try {
      const array: unknown = JSON.parse(trimmed);
      if (Array.isArray(array)) return array.filter((item) => item !== null && typeof item !== "object").map(String);
    } catch {
      // A text that only begins like an array.
    }
  }
  return trimmed.split(",").map((item) => item.trim());
}

function isAddressWithin(value: Scalar, block: AddressBlock): boolean {
  const address: Address | undefined = typeof value === "string" ? parseAddress(value) : undefined;
  return address !== undefined && isWithin(address, block);
}

function isInside<T>(
  value: T,
  { bottom, top }: { readonly bottom?: Bound<T>; readonly top?: Bound<T> },
  compare: (one: T, other: T) => number,
): boolean {
  if (bottom !== undefined && compare(value, bottom.value) < (bottom.inclusive ? 0 : Number.MIN_VALUE)) return false;
  return top === undefined || compare(value, top.value) <= (top.inclusive ? 0 : -Number.MIN_VALUE);
}

function compareNumbers(one: number, other: number): number {
  return one < other ? -1 : Number(one > other);
}
