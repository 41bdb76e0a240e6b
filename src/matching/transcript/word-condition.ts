/**
 * What a rule asks of the words of a transcript: that at least one of its operands is found in at least one turn in scope.
 * Found means within one turn; what each kind of operand means stands in `transcript-matcher.ts`.
 */
export type WordCondition = Scope &
  (
    | { readonly kind: "exact"; readonly operands: readonly string[] }
    | {
        readonly kind: "pattern";
        readonly operands: readonly Pattern[];
        /** `EN`, `DE`, …: never met in a transcript that is known to be in another language. Any language, if absent. */
        readonly language?: string;
      }
    | { readonly kind: "semantic"; readonly operands: readonly string[] }
  );

interface Scope {
  /** Whose turns count. */
  readonly role: "CUSTOMER" | "AGENT" | "ANY";
  /** Which part of the contact counts; the whole, if absent. */
  readonly period?: { readonly part: "first" | "last"; readonly seconds: number };
}

/** One expression, read from left to right. It neither begins nor ends with PROXIMITY, nor has two of them in a row. */
export type Pattern = readonly PatternElement[];

export type PatternElement =
  | { readonly type: "PLAIN"; readonly text: string }
  | { readonly type: "LIST"; readonly texts: readonly string[] }
  | { readonly type: "NUMERICAL"; readonly decimal: boolean }
  /** `distance` counts the tokens between what stands left and right of it. */
  | { readonly type: "PROXIMITY"; readonly distance: number; readonly isWithin: boolean };
