/** Connect rules as the API has them, and a rule while it is edited. */
import type { JSX } from "preact";
import { formatJson, parseJson, type Shapes } from "../../parts/json-editor.tsx";
import type { VerdictTree } from "../../parts/verdict.tsx";
import { failedFrom, type Rates, trafficBetween } from "../../rates.ts";
import { href } from "../../route.ts";

export interface RuleSummary {
  readonly Name: string;
  readonly RuleId: string;
  readonly RuleArn: string;
  readonly PublishStatus: PublishStatus;
  readonly TriggerEventSource: TriggerEventSource;
  readonly ActionSummaries: readonly { readonly ActionType: string }[];
  readonly LastUpdatedTime: string;
}

export interface Rule {
  readonly Name: string;
  readonly RuleId: string;
  readonly RuleArn: string;
  readonly PublishStatus: PublishStatus;
  readonly TriggerEventSource: TriggerEventSource;
  readonly Function: string;
  readonly Actions: readonly object[];
  readonly PreEvaluationFilters?: object;
  readonly CreatedTime: string;
  readonly LastUpdatedTime: string;
  readonly LastUpdatedBy: string;
}

export type PublishStatus = "DRAFT" | "PUBLISHED";

interface TriggerEventSource {
  readonly EventSourceName: string;
  readonly IntegrationAssociationId?: string;
}

/** As `GET /_trunkline/rule-languages` tells it. */
export interface EventSource {
  readonly name: string;
  readonly isBuilt: boolean;
  readonly actions: readonly { readonly type: string; readonly member: string; readonly isRequired: boolean }[];
}

/** Why a rule is true or not: as `POST /_trunkline/explain` answers it. */
export interface Explained {
  readonly matched: boolean;
  readonly reason?: string;
  readonly note?: string;
  readonly condition: VerdictTree;
  readonly turn?: { readonly speaker: string; readonly beginMs: number };
}

/** A rule as it is written on the page: texts stay as they were typed. */
export interface Draft {
  readonly name: string;
  readonly source: string;
  readonly associationId: string;
  /** The function, `{"Version": …, "RuleFunction": …}`. */
  readonly functionText: string;
  /** `{"Actions": […], "PreEvaluationFilters": {…}}`. */
  readonly actionsText: string;
}

export function draftOf(rule: Rule): Draft {
  const parsed = parseJson(rule.Function);
  const { Actions, PreEvaluationFilters } = rule;
  return {
    name: rule.Name,
    source: rule.TriggerEventSource.EventSourceName,
    associationId: rule.TriggerEventSource.IntegrationAssociationId ?? "",
    functionText: "error" in parsed ? rule.Function : formatJson(parsed.value),
    actionsText: formatJson({ Actions, ...(PreEvaluationFilters && { PreEvaluationFilters }) }),
  };
}

/** Another one where it would be saved as something else. */
export function versionOf(rule: Rule): string {
  return JSON.stringify([draftOf(rule), rule.PublishStatus]);
}

const THIRD_PARTY = /^On(?:Zendesk|Salesforce)/;

/** Sources whose events come through an integration. */
export function isThirdParty(source: string): boolean {
  return THIRD_PARTY.test(source);
}

/** A rule that can be saved from the start: what it asks for is the first thing to change. */
export function newDraft({ name: source, actions }: EventSource, condition: object | undefined): Draft {
  const required = actions.filter(({ isRequired }) => isRequired);
  const chosen = required.length > 0 ? required : actions.filter(({ type }) => type === "GENERATE_EVENTBRIDGE_EVENT");
  return {
    name: "",
    source,
    associationId: "",
    functionText: formatJson({
      Version: "2022-11-25",
      RuleFunction: { Operator: "AND", Operands: condition ? [condition] : [] },
    }),
    actionsText: formatJson({
      Actions: chosen.map(({ type, member }) => ({
        ActionType: type,
        [member]: type === "GENERATE_EVENTBRIDGE_EVENT" ? { Name: "MATCHED" } : {},
      })),
    }),
  };
}

/** A condition to begin with: on words where the source has some, else on the first path that it has. */
export function firstCondition({ shapes }: Shapes): object | undefined {
  const { Path: paths, Condition: conditions } = shapes;
  const hints = paths?.type === "string" ? (paths.hints ?? []) : [];
  const path =
    hints.find((hint) => hint.endsWith("ExactMatch.Transcript")) ?? hints.find((hint) => !hint.endsWith("."));
  if (path === undefined || conditions?.type !== "choice") return undefined;
  const asked = shapes[conditions.of[path] ?? ""];
  const [Operator = "EQUALS"] = asked?.type === "choice" ? Object.keys(asked.of) : [];
  return { Operator, Operands: [""], ComparisonValue: path, Negate: false };
}

/** What CreateRule would be given, or why that cannot be told yet. */
export function definitionOf(draft: Draft): { readonly value: object } | { readonly error: string } {
  const told = parseJson(draft.functionText);
  if ("error" in told) return { error: `The function is no JSON: ${told.error}` };
  const rest = parseJson(draft.actionsText);
  if ("error" in rest) return { error: `The actions are no JSON: ${rest.error}` };
  if (typeof rest.value !== "object" || rest.value === null) return { error: "The actions are no object" };
  return {
    value: {
      Name: draft.name,
      TriggerEventSource: {
        EventSourceName: draft.source,
        ...(draft.associationId && { IntegrationAssociationId: draft.associationId }),
      },
      Function: JSON.stringify(told.value),
      ...rest.value,
    },
  };
}

/** `OnPostCallAnalysisAvailable` as people say it. */
export function sourceTitle(source: string): string {
  return TITLES[source] ?? source.replace(/^On/, "").replace(/([a-z])([A-Z])/g, "$1 $2");
}

const TITLES: Readonly<Record<string, string>> = {
  OnPostCallAnalysisAvailable: "Calls, afterwards",
  OnRealTimeCallAnalysisAvailable: "Calls, in real time",
  OnPostChatAnalysisAvailable: "Chats, afterwards",
  OnRealTimeChatAnalysisAvailable: "Chats, in real time",
  OnAfterCallWorkAvailable: "Calls, after the agent's work",
  OnAfterChatWorkAvailable: "Chats, after the agent's work",
  OnEmailAnalysisAvailable: "Mails",
  OnContactEvaluationSubmit: "Evaluations",
  OnMetricDataUpdate: "Metrics",
  OnCaseCreate: "Cases that are created",
  OnCaseUpdate: "Cases that change",
  OnSlaBreach: "Service levels that are missed",
  OnZendeskTicketCreate: "Zendesk tickets",
  OnZendeskTicketStatusUpdate: "Zendesk tickets, their status",
  OnSalesforceCaseCreate: "Salesforce cases",
};

/** How a rule has done since the server started. */
export interface RuleCounts {
  /** What all rules of its event source have looked at. */
  readonly looked: number;
  readonly matched: number;
  /** Attempts of its actions that have failed. */
  readonly failed: number;
}

export function ruleCounts(
  rates: Rates | undefined,
  { RuleArn, TriggerEventSource, PublishStatus }: Pick<RuleSummary, "RuleArn" | "TriggerEventSource" | "PublishStatus">,
): RuleCounts | undefined {
  // A draft looks at nothing.
  if (!rates || PublishStatus === "DRAFT") return undefined;
  const instanceArn = RuleArn.replace(/\/rule\/[^/]*$/, "");
  return {
    looked: trafficBetween(rates, `${instanceArn} rules`, TriggerEventSource.EventSourceName).went,
    matched: trafficBetween(rates, RuleArn, "matched").went,
    failed: failedFrom(rates, RuleArn),
  };
}

/** Leads to why. */
export function FailedActions({ arn, count }: { readonly arn: string; readonly count: number }): JSX.Element | null {
  if (count === 0) return null;
  return (
    <a
      class="bad"
      title="Attempts of its actions that failed"
      href={href(["deliveries"], { tab: "attempts", rule: arn, outcome: "not-delivered" })}
    >
      ✗ {count.toLocaleString()} failed
    </a>
  );
}

export function Status({ status }: { readonly status: PublishStatus }): JSX.Element {
  return status === "PUBLISHED" ? <span class="state good">published</span> : <span class="state faint">draft</span>;
}
