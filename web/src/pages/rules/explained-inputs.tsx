import type { ComponentChildren, JSX } from "preact";
import { Time } from "../../parts/time.tsx";
import { Verdict } from "../../parts/verdict.tsx";
import { href } from "../../route.ts";
import { type Explained, sourceTitle } from "./rule-data.tsx";

/** One moment at which a rule looked at something: as `POST /_trunkline/explain` answers with a subject. */
export interface ExplainedInput {
  readonly source: string;
  readonly time: string;
  readonly about?: string;
  readonly isNow?: true;
  readonly rules: readonly (Explained & { readonly rule: string; readonly name: string })[];
}

export function ExplainedInputs({ inputs }: { readonly inputs: readonly ExplainedInput[] }): JSX.Element {
  return (
    <>
      {inputs.flatMap(({ source, time, about, rules }, place) =>
        rules.map((one) => (
          <ExplainedRule key={`${place} ${one.rule}`} explained={one}>
            {sourceTitle(source)}, <Time at={time} /> {about && <code>{about}</code>}
          </ExplainedRule>
        )),
      )}
    </>
  );
}

/** A verdict on its whole, and every condition green or red with the value found. */
export function ExplainedRule({
  explained: { matched, reason, note, condition, turn },
  children,
}: {
  readonly explained: Explained;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card answer" aria-label="Verdict">
      <p>
        <strong class={matched ? "state good" : "state bad"}>{matched ? "matches" : "does not match"}</strong>{" "}
        <span class="faint">{children}</span>
        {turn && ` by what the ${turn.speaker} said at ${(turn.beginMs / 1000).toFixed(1)} s`}
      </p>
      {note && <p class="faint">{note}</p>}
      {reason && <p>{reason}</p>}
      <Verdict verdict={condition} />
    </section>
  );
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Leads to the page of what a rule looked at, where there is one. */
export function SubjectLink({
  instance,
  subject,
  source,
}: {
  readonly instance: string;
  readonly subject: string;
  readonly source: string;
}): JSX.Element | null {
  const isContact = UUID.test(subject) && /Call|Chat|Email|Evaluation/.test(source);
  return isContact ? (
    <a href={href(["contacts", instance, subject])} aria-label={`Contact ${subject}`}>
      Contact
    </a>
  ) : null;
}
