import type { JSX } from "preact";
import { Empty } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { Verdict, type VerdictTree } from "../../parts/verdict.tsx";
import { profileHref } from "./domain-data.ts";

/** As `POST /_trunkline/explain` tells of a condition. */
export interface Explanation {
  readonly matched: boolean;
  /** The first reason why it did not match, in one sentence. */
  readonly reason?: string;
  readonly condition: VerdictTree;
}

/** What a trigger made of an object, or would make of it. */
export interface ExplainedObject extends Partial<Explanation> {
  readonly outcome?: Outcome | "silent";
  readonly why?: string;
  readonly time?: string;
  readonly profile?: string;
  readonly object?: string;
  readonly version?: number;
  readonly note?: string;
}

export interface ExplainedTrigger {
  readonly objects: readonly ExplainedObject[];
  readonly note?: string;
}

export type Outcome = "fired" | "capped" | "expired" | "failed";

const TONES: Readonly<Record<Outcome | "silent", string>> = {
  fired: "good",
  capped: "warn",
  expired: "warn",
  failed: "bad",
  silent: "faint",
};

export function OutcomeMark({ outcome }: { readonly outcome: Outcome | "silent" }): JSX.Element {
  return <span class={`state ${TONES[outcome]}`}>{outcome}</span>;
}

/** What a trigger made of objects, the youngest first; each line opens to its conditions. */
export function ExplainedObjects({
  domain,
  explained: { objects, note },
  withProfile = false,
}: {
  readonly domain: string;
  readonly explained: ExplainedTrigger;
  readonly withProfile?: boolean;
}): JSX.Element {
  return (
    <>
      {note && <Empty>{note}</Empty>}
      <ul class="explained">
        {objects.map((one, place) => (
          <li key={`${one.object} ${one.version} ${one.time}`}>
            <details class="unfolding" open={place === 0}>
              <summary>
                {one.outcome && <OutcomeMark outcome={one.outcome} />} <Time at={one.time} />{" "}
                <code title={one.object}>{one.object?.slice(0, 12)}…</code>{" "}
                <span class="faint">version {one.version}</span> {one.why ?? one.reason}
              </summary>
              {withProfile && one.profile && (
                <p>
                  Of <a href={profileHref(domain, one.profile, { tab: "triggers" })}>profile {one.profile}</a>
                </p>
              )}
              <p>
                Object <code>{one.object}</code>
              </p>
              <Explained explained={one} />
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The conditions with what was found, and in words what else decided. */
export function Explained({
  explained: { matched, reason, condition, why, note },
}: {
  readonly explained: Pick<ExplainedObject, "matched" | "reason" | "condition" | "why" | "note">;
}): JSX.Element {
  return (
    <>
      {matched !== undefined && (
        <p>
          <strong class={matched ? "good" : "bad"}>{matched ? "✓ conditions met" : "✗ conditions not met"}</strong>{" "}
          {reason}
        </p>
      )}
      {why && <p>{why}</p>}
      {note && <p class="faint">{note}</p>}
      {condition && <Verdict verdict={condition} />}
    </>
  );
}
