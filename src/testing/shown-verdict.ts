/** Why a condition was met or not, as `POST /_trunkline/explain` answers. */
export interface Explanation {
  readonly matched: boolean;
  readonly reason?: string;
  readonly note?: string;
  readonly condition: Verdict;
}

type Verdict =
  | { readonly kind: "together" | "all" | "any" | "not"; readonly met: boolean; readonly of: readonly Verdict[] }
  | {
      readonly kind: "field";
      readonly met: boolean;
      readonly path: string;
      readonly asked: string;
      readonly found: "absent" | readonly (string | number | boolean | null)[];
      readonly foundMore?: number;
    };

const TITLES = { together: "all of these:", all: "all of these:", any: "one of these:", not: "not:" };

/** A line for each condition: whether it is met, of what, what was asked and what was found. */
export function shownVerdict(verdict: Verdict, indent: string = "  "): string[] {
  const mark = `${indent}${verdict.met ? "✓" : "✗"}`;
  if (verdict.kind !== "field") {
    return [`${mark} ${TITLES[verdict.kind]}`, ...verdict.of.flatMap((part) => shownVerdict(part, `${indent}  `))];
  }
  const { path, asked, found, foundMore = 0 } = verdict;
  const values = found === "absent" ? "absent" : found.map((value) => JSON.stringify(value)).join(", ");
  return [`${mark} ${path}  ${asked}  found: ${values}${foundMore > 0 ? ` and ${foundMore} more` : ""}`];
}

/** How many of a condition's fields are met, to find what came nearest. */
export function metFields(verdict: Verdict): number {
  if (verdict.kind === "field") return verdict.met ? 1 : 0;
  return verdict.of.reduce((sum, part) => sum + metFields(part), 0);
}

/** The same with other paths. */
export function renamed(verdict: Verdict, rename: (path: string) => string): Verdict {
  if (verdict.kind === "field") return { ...verdict, path: rename(verdict.path) };
  return { ...verdict, of: verdict.of.map((part) => renamed(part, rename)) };
}
