import type { FilterRule } from "./filters.ts";
import { type OperandRule, PHRASE_CHARACTERS_MAX } from "./operands.ts";

/**
 * What the conditions of a rule may look at, by the event source that triggers it: a row for each path, as in the tables of the "Rules
 * Function language" (one page for each source), with the decisions of this project where those are silent.
 *
 * Two sources have no rows here: `OnMetricDataUpdate`, whose conditions have a language of their own (`metric-function.ts`), and
 * those without any condition page, whose functions are kept and never evaluated.
 */
export type EventSourceName = ConditionSource | "OnMetricDataUpdate" | SourceWithoutConditions;

/** The sources whose functions are conditions on the paths below. */
export type ConditionSource =
  | "OnPostCallAnalysisAvailable"
  | "OnRealTimeCallAnalysisAvailable"
  | "OnRealTimeChatAnalysisAvailable"
  | "OnPostChatAnalysisAvailable"
  | "OnAfterCallWorkAvailable"
  | "OnAfterChatWorkAvailable"
  | "OnEmailAnalysisAvailable"
  | "OnContactEvaluationSubmit"
  | "OnZendeskTicketCreate"
  | "OnZendeskTicketStatusUpdate"
  | "OnSalesforceCaseCreate"
  | "OnCaseCreate"
  | "OnCaseUpdate"
  | "OnSlaBreach";

/** A path: what may be asked of it, and what its value is compared with. */
export interface PathRow {
  /** Without the source's prefix. `<KEY>` at the end stands for any text, dots included. */
  readonly path: string;
  /** `CONTAINS_ANY`. */
  readonly any?: OperandRule;
  /** `CONTAINS`. */
  readonly contains?: OperandRule;
  /** `EQUALS`. */
  readonly equals?: OperandRule;
  /** `NumberGreaterOrEqualTo` and `NumberLessOrEqualTo`. */
  readonly number?: OperandRule;
  readonly filters?: FilterRule;
  /** Everywhere else `Negate` is accepted, also where the documentation does not offer it (our choice). */
  readonly negate?: "refused";
  /** Where the value does not simply stand at the path. */
  readonly looksAt?: LooksAt;
  readonly compares?: Comparison;
  /** The value stands at the path of another row, which this one is only another spelling of. */
  readonly spells?: string;
  /** The value is one of an evaluation form, which the same group must name. */
  readonly ofForm?: true;
  /** The value belongs to one of several sections or questions, of which one must meet a whole group. */
  readonly each?: "Section" | "Question";
  readonly counted?: Counted;
}

/**
 * - `exact`, `pattern`, `semantic`: the words of a conversation;
 * - `statement`: a judgement about the whole of it;
 * - `role`: a value that each participant role has of its own;
 * - `ai-agents`: those AI agents that the filters let through.
 */
export type LooksAt = "exact" | "pattern" | "semantic" | "statement" | "role" | "ai-agents";

/**
 * How a text operand is compared, where not as a whole:
 * - `id-at-end`: also with what follows the last part of an ARN;
 * - `text-form`: numbers and booleans by their text;
 * - `element`: `CONTAINS` asks for an element of a list, not for a part of a text;
 * - `close-is-closed`: both spellings of a ticket's status are one.
 */
export type Comparison = "id-at-end" | "text-form" | "element" | "close-is-closed";

/** What a rule may have only so many conditions of. */
export type Counted =
  | "contact attributes"
  | "sentiment"
  | "interruptions"
  | "available results"
  | "form scores"
  | "section scores"
  | "question scores";

export interface EventSource {
  /** Alternative spellings, the first of which is the one that fact documents use. */
  readonly prefixes: readonly string[];
  readonly rows: readonly PathRow[];
}

const ENTRIES_MAX = 100;
const SEMANTIC_ENTRIES_MAX = 4;

const TEXT: OperandRule = { kind: "text" };
const TEXTS: OperandRule = { kind: "texts" };
const NO_VALUE: OperandRule = { kind: "no-value" };
const INSTANT: OperandRule = { kind: "instant" };
const INTEGER: OperandRule = { kind: "integer" };
const NUMBER: OperandRule = { kind: "number" };
const NUMBER_OR_INSTANT: OperandRule = { kind: "number-or-instant" };
const AI_AGENTS: OperandRule = { kind: "ai-agents" };
const PATTERNS: OperandRule = { kind: "patterns", countMax: ENTRIES_MAX };
const WORDS: OperandRule = { kind: "texts", countMax: ENTRIES_MAX, charactersMax: PHRASE_CHARACTERS_MAX };
const INTENTS: OperandRule = { kind: "texts", countMax: SEMANTIC_ENTRIES_MAX, charactersMax: PHRASE_CHARACTERS_MAX };
const AGENTS: OperandRule = { kind: "texts", countMax: ENTRIES_MAX };
const QUEUES: OperandRule = { kind: "texts", countMax: ENTRIES_MAX };
const SCORE: OperandRule = { kind: "integer", min: -5, max: 5 };
const PERCENT: OperandRule = { kind: "integer", min: 0, max: 100 };
const SCORE_PERCENT: OperandRule = { kind: "number", min: 0, max: 100 };
const FROM_0: OperandRule = { kind: "integer", min: 0 };
const FROM_1: OperandRule = { kind: "integer", min: 1 };
const UP_TO_5_HOURS: OperandRule = { kind: "integer", min: 1, max: 18_000 };
const UP_TO_4_HOURS: OperandRule = { kind: "integer", min: 1, max: 14_400 };

const SENTIMENT = ["POSITIVE", "NEGATIVE", "NEUTRAL"];

const INITIATION_METHODS = ["INBOUND", "OUTBOUND", "TRANSFER", "QUEUE_TRANSFER", "CALLBACK", "API", "DISCONNECT"];

const EMAIL_INITIATION_METHODS = ["INBOUND", "OUTBOUND", "AGENT_REPLY", "FLOW"];

const DISCONNECT_REASONS =
  `TELECOM_BUSY TELECOM_NUMBER_INVALID TELECOM_POTENTIAL_BLOCKING TELECOM_UNANSWERED TELECOM_TIMEOUT
  TELECOM_ORIGINATOR_CANCEL TELECOM_PROBLEM CUSTOMER_NEVER_ARRIVED THIRD_PARTY_DISCONNECT CUSTOMER_DISCONNECT AGENT_DISCONNECT BARGED
  CONTACT_FLOW_DISCONNECT OTHER OUTBOUND_DESTINATION_ENDPOINT_ERROR OUTBOUND_RESOURCE_ERROR OUTBOUND_ATTEMPT_FAILED EXPIRED
  AGENT_NETWORK_DISCONNECT CUSTOMER_CONNECTION_NOT_ESTABLISHED API IDLE_DISCONNECT SYSTEM_ERROR AGENT_COMPLETED TRANSFERRED
  DISCARDED`.split(/\s+/);

const EMAIL_DISCONNECT_REASONS = [
  "AGENT_DISCONNECT",
  "CONTACT_FLOW_DISCONNECT",
  "EXPIRED",
  "DISCARDED",
  "OTHER",
  "API",
  "TRANSFERRED",
];

const DISCONNECT_ISSUES = [
  "AGENT_CONNECTIVITY_ISSUE",
  "AGENT_DEVICE_ISSUE",
  "CUSTOMER_CONNECTIVITY_ISSUE",
  "CUSTOMER_DEVICE_ISSUE",
];

const TICKET_STATUSES = ["open", "pending", "solved", "close", "closed", "hold"];

const ROLE: FilterRule = { ParticipantRole: "optional" };
const ONE_ROLE: FilterRule = { ParticipantRole: "required" };
const LANGUAGE: FilterRule = { PatternMatchLanguageFilter: "optional" };
const AI_AGENT: FilterRule = { AiAgentUseCase: "required", AiAgentEscalatedToHuman: "optional" };

const AGENT_ROWS: readonly PathRow[] = [
  { path: "Agent.AgentId", any: AGENTS },
  { path: "Agent.RoutingProfile", any: TEXTS },
  { path: "Agent.RoutingProfile.ARN", any: TEXTS, spells: "Agent.RoutingProfile" },
  { path: "Agent.HierarchyGroup.ARN", any: TEXTS },
];

const ATTRIBUTE_ROWS: readonly PathRow[] = [
  { path: "ContactAttribute.<KEY>", equals: TEXT, counted: "contact attributes" },
  { path: "SegmentAttributes.UserDefined.<KEY>", any: TEXTS },
];

const CONTACT_ROWS: readonly PathRow[] = [
  ...AGENT_ROWS,
  ...ATTRIBUTE_ROWS,
  { path: "Queue.QueueId", any: QUEUES, equals: NO_VALUE },
  { path: "InitiationMethod", any: { kind: "texts", oneOf: INITIATION_METHODS } },
  { path: "DisconnectReason", any: { kind: "texts", oneOf: DISCONNECT_REASONS } },
];

/** What post-call and post-chat analysis have in common. `PERIOD` is the filter for the first or last seconds. */
function postContactRows(PERIOD: FilterRule): readonly PathRow[] {
  return [
    ...CONTACT_ROWS,
    { path: "ExactMatch.Transcript", any: WORDS, filters: { ...ROLE, ...PERIOD }, looksAt: "exact" },
    { path: "SemanticMatch.Transcript", any: INTENTS, filters: { ...ROLE, ...PERIOD }, looksAt: "semantic" },
    { path: "SemanticMatch.Phrase", equals: TEXT, looksAt: "statement" },
    {
      path: "PatternMatch.Transcript",
      any: PATTERNS,
      filters: { ...ROLE, ...PERIOD, ...LANGUAGE },
      looksAt: "pattern",
    },
    {
      path: "Sentiment.State",
      equals: { kind: "text", oneOf: SENTIMENT },
      filters: { ...ROLE, ...PERIOD },
      looksAt: "role",
      counted: "sentiment",
    },
    { path: "Sentiment.OverallScore", number: SCORE, filters: ROLE, looksAt: "role", counted: "sentiment" },
    { path: "Sentiment.Score.Beginning", number: SCORE, filters: ROLE, looksAt: "role" },
    { path: "Sentiment.Score.End", number: SCORE, filters: ROLE, looksAt: "role" },
    { path: "Agent.AgentInteractionDurationSecs", number: FROM_1 },
    { path: "Agent.AfterContactWorkDurationSecs", number: FROM_0 },
    { path: "AiAgent.IdWithVersion", any: AI_AGENTS, filters: AI_AGENT, looksAt: "ai-agents" },
  ];
}

const POST_CALL: EventSource = {
  prefixes: ["ContactLens.PostCall."],
  rows: [
    ...postContactRows({ PostCallContactPeriodSeconds: "optional" }),
    { path: "NonTalkTime.TotalTimeSecs", number: UP_TO_5_HOURS },
    { path: "NonTalkTime.LongestTimeSecs", number: UP_TO_5_HOURS },
    { path: "TalkTime.TotalTimeSecs", number: INTEGER, filters: ONE_ROLE, looksAt: "role" },
    { path: "Interruptions.Instances", number: FROM_1, counted: "interruptions" },
    { path: "Loudness.HighestLoudnessScore", number: INTEGER, filters: ONE_ROLE, looksAt: "role" },
    { path: "Agent.NonTalkTimePct", number: PERCENT },
    { path: "Agent.CustomerHoldDurationPct", number: PERCENT },
    { path: "Agent.CustomerHoldDurationSecs", number: FROM_1 },
    { path: "Agent.LongestHoldDurationSecs", number: FROM_1 },
    { path: "Agent.NumberOfHolds", number: FROM_1 },
    {
      path: "PotentialDisconnectIssue",
      any: { kind: "texts", oneOf: DISCONNECT_ISSUES },
      equals: { kind: "text", oneOf: DISCONNECT_ISSUES, orNoValue: true },
    },
  ],
};

const POST_CHAT: EventSource = {
  prefixes: ["ContactLens.PostChat."],
  rows: [
    ...postContactRows({ PostChatContactPeriodSeconds: "optional" }),
    { path: "ResponseTime.Agent.FirstResponseTimeSecs", number: UP_TO_4_HOURS },
    { path: "ResponseTime.Agent.AverageTimeSecs", number: UP_TO_4_HOURS },
    { path: "ResponseTime.Agent.LongestTimeSecs", number: UP_TO_4_HOURS },
    { path: "PotentialDisconnectIssue", any: { kind: "texts", oneOf: DISCONNECT_ISSUES }, equals: NO_VALUE },
  ],
};

/** In real time a rule can say that words were mentioned, never that they were not. `PERIOD` is the filter for the trailing seconds. */
function realTimeRows(PERIOD: FilterRule): readonly PathRow[] {
  return [
    { path: "ExactMatch.Transcript", any: WORDS, filters: ROLE, negate: "refused", looksAt: "exact" },
    {
      path: "PatternMatch.Transcript",
      any: PATTERNS,
      filters: { ...ROLE, ...LANGUAGE },
      negate: "refused",
      looksAt: "pattern",
    },
    { path: "Agent.AgentId", any: AGENTS },
    { path: "Queue.QueueId", any: QUEUES },
    { path: "ContactAttribute.<KEY>", equals: TEXT, counted: "contact attributes" },
    {
      path: "Sentiment.State",
      equals: { kind: "text", oneOf: SENTIMENT },
      filters: { ...ROLE, ...PERIOD },
      looksAt: "role",
      counted: "sentiment",
    },
  ];
}

const REAL_TIME_CALL: EventSource = {
  prefixes: ["ContactLens.RealTimeCall."],
  rows: realTimeRows({ RealTimeCallContactPeriodSeconds: "optional" }),
};

/** Undocumented: as for real-time calls (our choice). */
const REAL_TIME_CHAT: EventSource = {
  prefixes: ["ContactLens.RealTimeChat."],
  rows: realTimeRows({ RealTimeChatContactPeriodSeconds: "optional" }),
};

/** The last three are not documented, but have a quota or an obvious meaning over subject and body (our choice). */
const EMAIL: EventSource = {
  prefixes: ["ContactLens.Email."],
  rows: [
    ...AGENT_ROWS,
    ...ATTRIBUTE_ROWS,
    { path: "Queue.QueueId", any: QUEUES, equals: NO_VALUE },
    { path: "InitiationMethod", any: { kind: "texts", oneOf: EMAIL_INITIATION_METHODS } },
    { path: "DisconnectReason", any: { kind: "texts", oneOf: EMAIL_DISCONNECT_REASONS } },
    { path: "Agent.AgentInteractionDurationSecs", number: FROM_1 },
    { path: "Agent.AfterContactWorkDurationSecs", number: FROM_0 },
    { path: "SemanticMatch.Phrase", equals: TEXT, looksAt: "statement" },
    { path: "ExactMatch.Transcript", any: WORDS, looksAt: "exact" },
    { path: "PatternMatch.Transcript", any: PATTERNS, filters: LANGUAGE, looksAt: "pattern" },
  ],
};

/** Names the form that conditions of the same group are about. */
export const FORM_ID = "Form.FormId";

const EVALUATION: EventSource = {
  prefixes: ["ContactLens.ContactEvaluation."],
  rows: [
    ...CONTACT_ROWS,
    {
      path: "PotentialDisconnectIssue",
      any: { kind: "texts", oneOf: DISCONNECT_ISSUES },
      equals: { kind: "text", oneOf: DISCONNECT_ISSUES, orNoValue: true },
    },
    { path: FORM_ID, equals: TEXT, counted: "available results" },
    { path: "Form.Score", number: SCORE_PERCENT, ofForm: true, counted: "form scores" },
    { path: "Section.SectionRefId", equals: TEXT, ofForm: true, each: "Section" },
    { path: "Section.Score", number: SCORE_PERCENT, ofForm: true, each: "Section", counted: "section scores" },
    { path: "Question.QuestionRefId", equals: TEXT, ofForm: true, each: "Question" },
    { path: "Question.Answer.Value", number: NUMBER, ofForm: true, each: "Question", counted: "question scores" },
    { path: "Question.Answer.ValueRefId", equals: TEXT, ofForm: true, each: "Question", counted: "question scores" },
  ],
};

const TICKET_ROWS: readonly PathRow[] = [
  { path: "Type", equals: { kind: "text", oneOf: ["question", "incident", "problem", "task"] } },
  { path: "Priority", equals: { kind: "text", oneOf: ["low", "normal", "high", "urgent"] } },
  { path: "Status", equals: { kind: "text", oneOf: TICKET_STATUSES }, compares: "close-is-closed" },
  { path: "RequesterId", equals: TEXT },
  { path: "SubmitterId", equals: TEXT },
  { path: "AssigneeId", equals: TEXT },
  { path: "OrganizationId", equals: TEXT },
  { path: "BrandId", equals: TEXT },
  { path: "FormId", equals: TEXT },
  { path: "ExternalId", equals: TEXT },
  { path: "Channel", equals: TEXT },
  { path: "Tags", contains: TEXT, compares: "element" },
];

const SALESFORCE_CASE: EventSource = {
  prefixes: ["ThirdParty.Salesforce.CaseCreate."],
  rows: [
    { path: "AccountId", equals: TEXT },
    { path: "Type", equals: TEXT },
    { path: "Reason", equals: TEXT },
    { path: "Origin", equals: TEXT },
    { path: "Priority", equals: TEXT },
    { path: "CustomAttribute.<KEY>", equals: TEXT },
    { path: "Name", equals: TEXT, contains: TEXT },
    { path: "Email", equals: TEXT, contains: TEXT },
    { path: "Phone", equals: TEXT, contains: TEXT },
    { path: "Company", equals: TEXT, contains: TEXT },
    { path: "Subject", equals: TEXT, contains: TEXT },
    { path: "Description", equals: TEXT, contains: TEXT },
  ],
};

/** Users and queues are ARNs on a case, of which a condition names the id at the end (our choice). */
const CASE: EventSource = {
  prefixes: ["Case."],
  rows: [
    { path: "Fields.assigned_queue", any: QUEUES, compares: "id-at-end" },
    { path: "Fields.assigned_user", any: AGENTS, compares: "id-at-end" },
    { path: "Fields.case_reason", equals: TEXT },
    { path: "Fields.status", equals: TEXT },
    { path: "Fields.summary", equals: TEXT, contains: TEXT },
    { path: "Fields.reference_number", equals: TEXT, contains: TEXT },
    { path: "Fields.created_datetime", number: INSTANT },
    { path: "Fields.last_updated_datetime", number: INSTANT },
    { path: "Fields.last_closed_datetime", number: INSTANT },
    { path: "Fields.<KEY>", equals: TEXT, contains: TEXT, number: NUMBER_OR_INSTANT, compares: "text-form" },
    { path: "TemplateId", any: TEXTS },
  ],
};

const SLA: EventSource = {
  prefixes: ["RelatedItem.SlaConfiguration."],
  rows: [{ path: "Name", any: TEXTS }],
};

/** The sources of after-contact work are not documented, and take the paths of the analysis (our choice). */
export const EVENT_SOURCES: Readonly<Record<ConditionSource, EventSource>> = {
  OnPostCallAnalysisAvailable: POST_CALL,
  OnRealTimeCallAnalysisAvailable: REAL_TIME_CALL,
  OnRealTimeChatAnalysisAvailable: REAL_TIME_CHAT,
  OnPostChatAnalysisAvailable: POST_CHAT,
  OnAfterCallWorkAvailable: POST_CALL,
  OnAfterChatWorkAvailable: POST_CHAT,
  OnEmailAnalysisAvailable: EMAIL,
  OnContactEvaluationSubmit: EVALUATION,
  OnZendeskTicketCreate: { prefixes: ["ThirdParty.Zendesk.TicketCreate."], rows: TICKET_ROWS },
  // The page on conditions has the first spelling, that on variables the second.
  OnZendeskTicketStatusUpdate: {
    prefixes: ["ThirdParty.Zendesk.StatusUpdate.", "ThirdParty.Zendesk.TicketStatusUpdate."],
    rows: TICKET_ROWS,
  },
  OnSalesforceCaseCreate: SALESFORCE_CASE,
  OnCaseCreate: CASE,
  OnCaseUpdate: CASE,
  OnSlaBreach: SLA,
};

/** Of these, no page tells what conditions may look at. */
export type SourceWithoutConditions =
  | "OnAlertUpdate"
  | "OnSchedulePublish"
  | "OnScheduleUpdate"
  | "OnScheduleTimeOffRequestActivity";

/** A path of a source: its row, and where its value stands in a fact document. */
export interface FoundPath {
  readonly row: PathRow;
  readonly factPath: string;
}

/** Finds what a `ComparisonValue` (`$.…`) names; `undefined` where the source has no such path. */
export function findPath({ prefixes, rows }: EventSource, comparisonValue: string): FoundPath | undefined {
  const path = comparisonValue.slice("$.".length);
  const prefix = prefixes.find((each) => path.startsWith(each));
  if (prefix === undefined) return undefined;
  const rest = path.slice(prefix.length);
  const row = rows.find((each) => each.path === rest) ?? rows.find((each) => isKeyOf(each, rest));
  return row && { row, factPath: `${prefixes[0]}${row.spells ?? rest}` };
}

function isKeyOf({ path }: PathRow, rest: string): boolean {
  const family = path.slice(0, -"<KEY>".length);
  return path.endsWith("<KEY>") && rest.length > family.length && rest.startsWith(family);
}
