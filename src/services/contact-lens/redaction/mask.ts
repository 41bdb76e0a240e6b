import type { Entity } from "./detect-entities.ts";
import type { TextEntityType } from "./entity-types.ts";
import type { Span } from "./names.ts";

export type MaskMode = "PII" | "EntityType";

/** What is asked to be hidden, and how. */
export interface Redaction {
  readonly mode: MaskMode;
  /** Those that were asked for; absent: all. */
  readonly types?: ReadonlySet<TextEntityType> | undefined;
}

export interface Masked {
  readonly text: string;
  /** Where the markers stand in the masked text. */
  readonly markers: readonly Span[];
  /** Where a stretch of the original text has gone. One that begins or ends inside an entity takes its whole marker along. */
  moved(original: Span): Span;
}

/** Puts `[PII]`, or the entity's type, in place of personal data of the chosen types (all of them, where none are chosen). */
export function mask(
  text: string,
  entities: readonly Entity[],
  mode: MaskMode,
  types?: ReadonlySet<TextEntityType>,
): Masked {
  let masked = "";
  let at = 0;
  const moves: { readonly from: number; readonly to: number; readonly begin: number; readonly end: number }[] = [];
  for (const { type, begin, end } of entities) {
    if (types && !types.has(type)) continue;
    masked += text.slice(at, begin);
    const marker = `[${mode === "PII" ? "PII" : type}]`;
    moves.push({ from: begin, to: end, begin: masked.length, end: masked.length + marker.length });
    masked += marker;
    at = end;
  }
  masked += text.slice(at);

  function offset(original: number, edge: "begin" | "end"): number {
    const move = moves.findLast(({ from }) => (edge === "begin" ? from <= original : from < original));
    if (!move) return original;
    return original >= move.to ? move.end + original - move.to : move[edge];
  }
  return {
    text: masked,
    markers: moves.map(({ begin, end }) => ({ begin, end })),
    moved: ({ begin, end }) => ({ begin: offset(begin, "begin"), end: offset(end, "end") }),
  };
}
