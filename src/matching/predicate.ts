/** A JSON value that is neither an object nor an array: what conditions look at. */
export type Scalar = string | number | boolean | null;

/**
 * One compiled condition on a field. All but `absent` ask something of a single leaf, and a field matches when any of its leaves does;
 * `absent` says that the field has no leaf at all.
 */
export type Predicate =
  | { readonly kind: "equals"; readonly value: Scalar }
  | { readonly kind: "prefix" | "suffix"; readonly text: string }
  /** Any leaf but these. A leaf of another type differs from all of them. */
  | { readonly kind: "anything-but"; readonly values: ReadonlySet<Scalar> }
  | { readonly kind: "anything-but-prefix" | "anything-but-suffix"; readonly texts: readonly string[] }
  | { readonly kind: "range"; readonly bottom?: Bound; readonly top?: Bound }
  | { readonly kind: "exists" }
  | { readonly kind: "absent" };

export interface Bound {
  readonly value: number;
  /** Whether the value itself lies inside. */
  readonly inclusive: boolean;
}

/** Whether a leaf satisfies a predicate. `absent` is satisfied by no leaf. */
export function holds(predicate: Predicate, leaf: Scalar): boolean {
  switch (predicate.kind) {
    case "equals":
      return leaf === predicate.value;
    case "prefix":
      return typeof leaf === "string" && leaf.startsWith(predicate.text);
    case "suffix":
      return typeof leaf === "string" && leaf.endsWith(predicate.text);
    case "anything-but":
      return !predicate.values.has(leaf);
    case "anything-but-prefix":
      return typeof leaf !== "string" || !predicate.texts.some((text) => leaf.startsWith(text));
    case "anything-but-suffix":
      return typeof leaf !== "string" || !predicate.texts.some((text) => leaf.endsWith(text));
    case "range":
      return typeof leaf === "number" && isAbove(leaf, predicate.bottom) && isBelow(leaf, predicate.top);
    case "exists":
      return true;
    case "absent":
      return false;
  }
}

function isAbove(value: number, bottom: Bound | undefined): boolean {
  return bottom === undefined || value > bottom.value || (bottom.inclusive && value === bottom.value);
}

function isBelow(value: number, top: Bound | undefined): boolean {
  return top === undefined || value < top.value || (top.inclusive && value === top.value);
}
