/** Why a condition was met or not, as `POST /_trunkline/explain` answers. */
export interface Explanation {
  readonly matched: boolean;
  readonly reason?: string;
  readonly note?: string;
  readonly condition: Verdict;
}

type Verdict =
  | {
      readonly kind: "together" | "all" | "any" | "not";
      readonly met: boolean;
      readonly of: readonly Verdict[];
      readonly more?: number;
    }
  | {
      readonly kind: "field";
      readonly met: boolean;
      readonly path: string;
      readonly asked: string;
      readonly found: "absent" | readonly (string | number | boolean | null)[];
      readonly foundMore?: number;
    };

const TITLES = { together: "all of these:", all: "all of these:", any: "one of these:", not: "not:" };

/** Lines of a verdict, and characters of one. */
const LINES_MAX = 40;
const CHARACTERS_MAX = 300;

/** A line for each condition: whether it is met, of what, what was asked and what was found. Of very many, those that are not met first. */
export function shownVerdict(verdict: Verdict): string[] {
  const all = linesOf(verdict, "  ");
  if (all.length <= LINES_MAX) return all.map(({ text }) => text);
  const red = all.filter(({ met }) => !met).slice(0, LINES_MAX);
  return [...red.map(({ text }) => text), `  … and ${all.length - red.length} more`];
}

function linesOf(verdict: Verdict, indent: string): { readonly text: string; readonly met: boolean }[] {
  const mark = `${indent}${verdict.met ? "✓" : "✗"}`;
  if (verdict.kind !== "field") {
    const { kind, met, of, more = 0 } = verdict;
    if (of.length === 0) return [];
    const rest = more > 0 ? [{ text: `${indent}  … and ${more} more`, met }] : [];
    return [{ text: `${mark} ${TITLES[kind]}`, met }, ...of.flatMap((part) => linesOf(part, `${indent}  `)), ...rest];
  }
  const { path, asked, found, foundMore = 0, met } = verdict;
  const values = found === "absent" ? "absent" : found.map((value) => JSON.stringify(value)).join(", ");
  const text = `${mark} ${path}  ${asked}  found: ${values}${foundMore > 0 ? ` and ${foundMore} more` : ""}`;
  return [{ text: text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}…` : text, met }];
}
