import type { Predicate } from "./predicate.ts";

/**
 * What every condition language compiles to: a tree over the fields of a JSON document.
 *
 *     fields    every field is met, all by the same elements of the document's arrays (EventBridge's array consistency)
 *     all       every part is met, each by itself
 *     any       at least one part is met
 *     not       the part is not met
 *
 * `fields` with one field is the plain leaf. A field that is absent meets no predicate but `absent`, so `not` over it is met.
 * A language's front end makes such a tree; `Machine` matches many of them at once and explains each.
 */
export type Condition =
  | { readonly kind: "fields"; readonly fields: readonly FieldCondition[] }
  | { readonly kind: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition };

/**
 * Asks something of the values at one path. Arrays on the way are looked into: each element counts as standing at the array's path.
 * The field is met when one of its values meets one of the predicates, or when it has no value and one of them is `absent`.
 */
export interface FieldCondition {
  readonly path: Path;
  /** At least one. */
  readonly predicates: readonly Predicate[];
  /**
   * Counts only values that stand in no array; an element chosen by an index stands where its array stands. Not for use with `absent`, which
   * asks whether there is any value.
   */
  readonly outsideArrays?: true;
}

/**
 * Steps from the document's root: a member's name, or the index of an array's element (from 0). A document's key with dots in it is a
 * sequence of steps, as EventBridge reads it: `{"a.b": 1}` and `{"a": {"b": 1}}` both have a value at `["a", "b"]`. A name with dots in a
 * path is therefore never found: split it first.
 */
export type Path = readonly (string | number)[];

/** A path as people write it: `detail.items[0].sku`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
