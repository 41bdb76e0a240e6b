import type { Explanation, Verdict } from "../matching/explanation.ts";
import { valuesText } from "../matching/predicate-words.ts";

/** What a server answers: of a rule with its name or ARN, and with a note where it would not run. */
export interface ShownExplanation extends Explanation {
  readonly rule?: string;
  readonly note?: string;
}

/** An explanation as lines: whether it matches and the first reason, then a line for each condition. */
export function shownExplanation({
  matched,
  reason,
  rule = "the pattern",
  note,
  condition,
}: ShownExplanation): readonly string[] {
  const rows = [...rowsOf(condition, "")];
  const fields = rows.filter((row) => row.length > 1);
  const headWidth = widthOf(fields.map(([head]) => head));
  const askedWidth = widthOf(fields.map(([, asked = ""]) => asked));
  return [
    matched ? `match: ${rule}` : `no match: ${reason}`,
    ...(note === undefined ? [] : [note]),
    ...rows.map(([head, asked, found]) =>
      asked === undefined ? head : `${head.padEnd(headWidth)}  ${asked.padEnd(askedWidth)}  ${found}`,
    ),
  ];
}

/** What a line says: whether it is met and of what path, what was asked, and what was found; of a condition with parts only the first. */
type Row = readonly [head: string, asked?: string, found?: string];

/** A row for each condition, followed by those of its parts, further in. */
function* rowsOf(verdict: Verdict, indent: string): Generator<Row> {
  const mark = `${indent}${verdict.met ? "✓" : "✗"}`;
  if (verdict.kind === "field") {
    const { path, asked, found, foundMore = 0 } = verdict;
    yield [`${mark} ${path}`, asked, found === "absent" ? found : valuesText(found, foundMore)];
    return;
  }
  yield [`${mark} ${titleOf(verdict)}`];
  for (const part of verdict.of) yield* rowsOf(part, `${indent}  `);
  if (verdict.more !== undefined) yield [`${indent}  and ${verdict.more} more`];
}

function titleOf({ kind, of }: Exclude<Verdict, { kind: "field" }>): string {
  if (kind === "any") return "one of these:";
  if (kind === "not") return "not:";
  const isInArrays = kind === "together" && of.some((part) => part.kind === "field" && part.inArrays);
  return isInArrays ? "all of these, by the same elements of arrays:" : "all of these:";
}

/** What is longer pushes its own line's next column away, and no other's. */
const WIDTH_MAX = 50;

function widthOf(texts: readonly string[]): number {
  return texts.reduce((width, { length }) => (length <= WIDTH_MAX ? Math.max(width, length) : width), 0);
}
