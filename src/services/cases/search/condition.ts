/** What cases are searched by: a filter and a term, checked. */

/** Numbers and times are compared as numbers. */
export type Comparison = "=" | ">" | ">=" | "<" | "<=";

/** What a number is compared with. */
interface Compared {
  readonly by: Comparison;
  readonly number: number;
}

export function compares(number: number, { by, number: other }: Compared): boolean {
  switch (by) {
    case "=":
      return number === other;
    case ">":
      return number > other;
    case ">=":
      return number >= other;
    case "<":
      return number < other;
    case "<=":
      return number <= other;
  }
}

export type Condition =
  | { readonly kind: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  /** The field has no value. */
  | { readonly kind: "empty"; readonly field: string }
  /** The field has this text. */
  | { readonly kind: "equals"; readonly field: string; readonly text: string }
  | ({ readonly kind: "compares"; readonly field: string } & Compared)
  /** The field's text contains this one, which is not empty, in whatever case. */
  | { readonly kind: "contains"; readonly field: string; readonly text: string }
  /** The case has the tag, or one with this key. */
  | { readonly kind: "tag"; readonly key: string; readonly value: string | undefined }
  /** The text of some value contains the word, in whatever case. */
  | { readonly kind: "word"; readonly word: string };

export interface Sort {
  readonly field: string;
  readonly isDescending: boolean;
}

/** What values are ordered by: a number, or the bytes of a text. */
export type SortKey = number | Uint8Array;

/** The place of a case in an order, which stays the same when the case has changed or is gone. */
export interface Place {
  /** One for each sort; `undefined` where the case has no value. */
  readonly keys: readonly (SortKey | undefined)[];
  readonly id: string;
}
