import type { JSX } from "preact";

/** A condition with its verdict and the value found: as `POST /_trunkline/explain` answers it. */
export type VerdictTree =
  | {
      readonly kind: "field";
      readonly met: boolean;
      readonly path: string;
      readonly asked: string;
      readonly found: readonly unknown[] | "absent";
      readonly foundMore?: number;
    }
  | {
      readonly kind: "all" | "any" | "not" | "together";
      readonly met: boolean;
      readonly of: readonly VerdictTree[];
      readonly more?: number;
    };

const WORDS = { all: "all of these", any: "any of these", not: "none of this", together: "together, in one place" };

/** Every condition green or red, with what it asks for and what is there. */
export function Verdict({ verdict }: { readonly verdict: VerdictTree }): JSX.Element {
  const mark = <span class={verdict.met ? "mark good" : "mark bad"}>{verdict.met ? "✓ met" : "✗ not met"}</span>;
  if (verdict.kind === "field") {
    const { path, asked, found, foundMore = 0 } = verdict;
    const values = found === "absent" ? "absent" : found.map((value) => JSON.stringify(value)).join(", ");
    return (
      <div class="verdict">
        {mark} <code>{path}</code> {asked} <span class="faint">found:</span>{" "}
        <code>
          {values}
          {foundMore > 0 && ` and ${foundMore} more`}
        </code>
      </div>
    );
  }
  return (
    <div class="verdict">
      {mark} {WORDS[verdict.kind]}
      <ul>
        {verdict.of.map((part, place) => (
          <li key={place}>
            <Verdict verdict={part} />
          </li>
        ))}
      </ul>
      {verdict.more !== undefined && <p class="faint">… and {verdict.more} more</p>}
    </div>
  );
}
