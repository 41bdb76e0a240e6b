import type { Verdict } from "../matching/explanation.ts";

/** How near something came to matching: how many of the conditions it meets. */
export function metFields(verdict: Verdict): number {
  if (verdict.kind === "field") return verdict.met ? 1 : 0;
  return verdict.of.reduce((sum, part) => sum + metFields(part), 0);
}
