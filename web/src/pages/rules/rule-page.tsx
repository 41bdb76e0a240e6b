import type { JSX } from "preact";
import { Backtest, type BacktestMatch } from "../../parts/backtest.tsx";
import { Outdated, useEdit } from "../../parts/edit.tsx";
import { ConfirmButton } from "../../parts/form.tsx";
import type { Shapes } from "../../parts/json-editor.tsx";
import { Failure, NotSaved } from "../../parts/notes.tsx";
import { Id, PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { useRates } from "../../rates.ts";
import { go, href, route } from "../../route.ts";
import { call, read } from "../../server.ts";
import { SubjectLink } from "./explained-inputs.tsx";
import {
  type Draft,
  definitionOf,
  draftOf,
  type EventSource,
  FailedActions,
  firstCondition,
  newDraft,
  type Rule,
  ruleCounts,
  Status,
  sourceTitle,
  versionOf,
} from "./rule-data.tsx";
import { RuleForm } from "./rule-form.tsx";
import { TryRule } from "./try-rule.tsx";
import "./rules.css";

const NEW = "new";
const FIRST_SOURCE = "OnPostCallAnalysisAvailable";

/** One Connect rule, saved or not: what it says, what it makes of a contact or a sample, and what it would have matched. */
export function RulePage(): JSX.Element {
  const [, instance = "", id = ""] = route.value.path;
  const saved = useLoaded(
    id === NEW ? undefined : `${instance} ${id}`,
    (signal) => describeRule(instance, id, signal),
    // Others may change it while one writes.
    { everyMs: 5000 },
  );
  const sources = useLoaded("sources", (signal) => read<{ sources: readonly EventSource[] }>("rule-languages", signal));
  const language = useLoaded(id === NEW ? FIRST_SOURCE : undefined, (signal) =>
    read<Shapes>(`rule-languages/${FIRST_SOURCE}`, signal),
  );
  const rule = id === NEW ? undefined : saved.value;
  const source = sources.value?.sources.find(({ name }) => name === FIRST_SOURCE);
  const stored = rule
    ? draftOf(rule)
    : id === NEW && source && language.value
      ? newDraft(source, firstCondition(language.value))
      : undefined;
  const { value: rates } = useRates();
  const counts = rule && ruleCounts(rates, rule);
  const edit = useEdit(`rule ${instance} ${id}`, stored, rule && versionOf(rule));
  const { draft, isChanged } = edit;
  return (
    <>
      <PageHead
        title={id === NEW ? "New rule" : (rule?.Name ?? "Rule")}
        crumbs={[{ title: "Connect rules", to: href(["rules"]) }]}
      >
        {rule && (
          <ConfirmButton
            question={`${rule.Name} is deleted. Categories that it has assigned stay; nothing else of it does.`}
            confirm="Delete"
            act={async () => {
              await call("connect", "DeleteRule", { InstanceId: instance, RuleId: id });
              edit.discard();
              go(href(["rules"]));
            }}
          >
            Delete …
          </ConfirmButton>
        )}
      </PageHead>
      <Failure error={saved.error ?? sources.error} />
      {rule && (
        <p class="faint rule-facts">
          <Status status={rule.PublishStatus} /> {sourceTitle(rule.TriggerEventSource.EventSourceName)} · changed{" "}
          <Time at={rule.LastUpdatedTime} /> by {rule.LastUpdatedBy} · <Id id={rule.RuleId} />
          {counts && (
            <>
              {" "}
              · true of {counts.matched.toLocaleString()} of {counts.looked.toLocaleString()} since the server started{" "}
              <FailedActions arn={rule.RuleArn} count={counts.failed} />
            </>
          )}
        </p>
      )}
      {isChanged && !edit.isOutdated && <NotSaved discard={edit.discard} />}
      <Outdated edit={edit} stored={rule}>
        {rule && (
          <>
            It was changed <Time at={rule.LastUpdatedTime} /> by {rule.LastUpdatedBy}.
          </>
        )}
      </Outdated>
      {draft && sources.value && (
        <Tabs
          label="Parts of the rule"
          tabs={[
            {
              name: "definition",
              title: "Definition",
              view: () => (
                <RuleForm
                  instance={instance}
                  rule={rule}
                  draft={draft}
                  isChanged={isChanged}
                  sources={sources.value?.sources ?? []}
                  onDraft={edit.write}
                  check={async () => {
                    const now = versionOf(await describeRule(instance, id));
                    if (rule && now !== versionOf(rule)) saved.reload();
                    edit.check(now);
                  }}
                  onSaved={(created) => {
                    edit.discard();
                    if (created === undefined) saved.reload();
                    else go(href(["rules", instance, created]));
                  }}
                />
              ),
            },
            {
              name: "try",
              title: "Try it",
              view: () => <TryRule instance={instance} draft={draft} rule={asked(rule, draft, isChanged)} />,
            },
            {
              name: "backtest",
              title: "Backtest",
              view: () => (
                <>
                  <p class="faint">
                    What would the rule have matched, of what rules have looked at in the last days? It does nothing.
                    Asked is the rule {isChanged || !rule ? "as it is written here." : "as it is saved."}
                  </p>
                  <Backtest<RuleMatch, never>
                    asked={() => ({ instance, rule: required(asked(rule, draft, isChanged)) })}
                    bars={[{ name: "matched", title: "matched", color: "--chart-2" }]}
                    summaryOf={({ subject, turn }) => (
                      <>
                        <code>{subject}</code>
                        {turn && ` ${turn.speaker} at ${(turn.beginMs / 1000).toFixed(1)} s`}
                      </>
                    )}
                    linkOf={({ subject }) => (
                      <SubjectLink instance={instance} subject={subject} source={draft.source} />
                    )}
                  />
                </>
              ),
            },
          ]}
        />
      )}
    </>
  );
}

async function describeRule(InstanceId: string, RuleId: string, signal?: AbortSignal): Promise<Rule> {
  return (await call<{ Rule: Rule }>("connect", "DescribeRule", { InstanceId, RuleId }, signal)).Rule;
}

interface RuleMatch extends BacktestMatch {
  readonly subject: string;
  readonly turn?: { readonly speaker: string; readonly beginMs: number };
}

/** What the server is asked about: the saved rule by its id, or what is written here. */
function asked(rule: Rule | undefined, draft: Draft, isChanged: boolean): Asked {
  return rule && !isChanged ? { value: rule.RuleId } : definitionOf(draft);
}

export type Asked = { readonly value: string | object } | { readonly error: string };

/** Throws what is wrong with it. */
export function required(asked: Asked): string | object {
  if ("error" in asked) throw new Error(asked.error);
  return asked.value;
}
