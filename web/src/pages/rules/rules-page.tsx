import type { JSX } from "preact";
import { instanceId } from "../../instance.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ChoiceField, TextField } from "../../parts/form.tsx";
import { NoInstance } from "../../parts/no-instance.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { type PageOf, useLoaded, usePaged } from "../../query.ts";
import { useRates } from "../../rates.ts";
import { href, route, setQuery } from "../../route.ts";
import { call, read } from "../../server.ts";
import { type EventSource, FailedActions, type RuleSummary, ruleCounts, Status, sourceTitle } from "./rule-data.tsx";
import "./rules.css";

const PAGE = 100;

/** The Connect rules of an instance. */
export function RulesPage(): JSX.Element {
  const { query } = route.value;
  const InstanceId = instanceId.value;
  const [source, status, words] = [query.get("source") ?? "", query.get("status") ?? "", query.get("name") ?? ""];
  const sources = useLoaded("sources", (signal) => read<{ sources: readonly EventSource[] }>("rule-languages", signal));
  const { rows, total, error, loading, more } = usePaged<RuleSummary>(
    InstanceId && [InstanceId, source, status, words].join("|"),
    (next, signal) => searchRules({ InstanceId, source, status, words, next }, signal),
    { keyOf: ({ RuleId }) => RuleId, everyMs: 5000 },
  );
  const { value: rates } = useRates();
  return (
    <>
      <PageHead title="Connect rules">
        {InstanceId && (
          <a class="button primary" href={href(["rules", InstanceId, "new"])}>
            New rule
          </a>
        )}
      </PageHead>
      <div class="filters">
        <TextField label="Name holds" value={words} onText={(name) => setQuery({ name })} />
        <ChoiceField
          label="Event source"
          value={source}
          choices={[
            ["", "all"],
            ...(sources.value?.sources ?? []).map(({ name }) => [name, sourceTitle(name)] as const),
          ]}
          onChoice={(name) => setQuery({ source: name })}
        />
        <ChoiceField
          label="Status"
          value={status}
          choices={[
            ["", "all"],
            ["PUBLISHED", "published"],
            ["DRAFT", "draft"],
          ]}
          onChoice={(name) => setQuery({ status: name })}
        />
        {total !== undefined && (
          <span class="faint" role="status">
            {total} found
          </span>
        )}
      </div>
      <Failure error={error} />
      <NoInstance>there are no rules</NoInstance>
      {InstanceId && rows.length === 0 && !loading && !error && (
        <Empty>
          {source || status || words
            ? "No rule is like that."
            : "There are no rules. A rule watches calls, chats, cases, metrics and more, and acts: New rule."}
        </Empty>
      )}
      {InstanceId && rows.length > 0 && (
        <DataTable
          label="Connect rules"
          rows={rows}
          total={total}
          more={more}
          keyOf={({ RuleId }) => RuleId}
          columns={[
            {
              name: "Rule",
              cell: ({ Name, RuleId }) => <a href={href(["rules", InstanceId, RuleId])}>{Name}</a>,
            },
            { name: "Status", cell: ({ PublishStatus }) => <Status status={PublishStatus} /> },
            { name: "Watches", cell: ({ TriggerEventSource }) => sourceTitle(TriggerEventSource.EventSourceName) },
            { name: "Looked at", isNumber: true, cell: (rule) => ruleCounts(rates, rule)?.looked.toLocaleString() },
            { name: "Matched", isNumber: true, cell: (rule) => ruleCounts(rates, rule)?.matched.toLocaleString() },
            {
              name: "Actions",
              cell: (rule) => (
                <>
                  <FailedActions arn={rule.RuleArn} count={ruleCounts(rates, rule)?.failed ?? 0} />{" "}
                  {rule.ActionSummaries.map(({ ActionType }) => actionTitle(ActionType)).join(", ")}
                </>
              ),
            },
            { name: "Changed", cell: ({ LastUpdatedTime }) => <Time at={LastUpdatedTime} /> },
          ]}
        />
      )}
      {InstanceId && rows.length > 0 && (
        <p class="faint">
          Counted since the server started: what rules of that source have looked at, and how often each was true. What
          a rule would have matched in the last days, its backtest tells.
        </p>
      )}
    </>
  );
}

function actionTitle(type: string): string {
  return type.toLowerCase().replaceAll("_", " ");
}

async function searchRules(
  {
    InstanceId,
    source,
    status,
    words,
    next,
  }: {
    readonly InstanceId: string | undefined;
    readonly source: string;
    readonly status: string;
    readonly words: string;
    readonly next: string | undefined;
  },
  signal: AbortSignal,
): Promise<PageOf<RuleSummary>> {
  const exactly = (FieldName: string, Value: string, ComparisonType = "EXACT"): object[] =>
    Value === "" ? [] : [{ StringCondition: { FieldName, Value, ComparisonType } }];
  const AndConditions = [
    ...exactly("EventSourceName", source),
    ...exactly("PublishStatus", status),
    ...exactly("Name", words, "CONTAINS"),
  ];
  const answer = await call<{ Rules?: RuleSummary[]; NextToken?: string; ApproximateTotalCount?: number }>(
    "connect",
    "SearchRules",
    {
      InstanceId,
      MaxResults: PAGE,
      ...(AndConditions.length > 0 && { SearchCriteria: { AndConditions } }),
      ...(next !== undefined && { NextToken: next }),
    },
    signal,
  );
  return { rows: answer.Rules ?? [], next: answer.NextToken, total: answer.ApproximateTotalCount };
}
