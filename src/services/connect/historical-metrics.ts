import type { Activity } from "./agent-times.ts";
import { invalidParameter } from "./errors.ts";
import { type Figures, HIERARCHY_DIMENSIONS, type MetricDimension, type MetricDimensions, SUBTYPE } from "./metrics.ts";

/**
 * The historical metrics, and how each is made of sums ("Metrics definitions", administrator guide; what each may be grouped and
 * filtered by: GetMetricDataV2).
 */

/** What metrics are grouped and filtered by. No contact has AI agents here. */
export type MetricKey = MetricDimension | "Q_CONNECT_ENABLED" | "FLOWS_RESOURCE_TYPE";

export interface HistoricalMetric {
  /** Groupings and filters that it knows. */
  readonly keys: readonly MetricKey[];
  /** Those of them that are filters only. */
  readonly onlyFilters?: readonly MetricKey[];
  /** Filters of its own that it knows. */
  readonly filters: readonly MetricKey[];
  /** It is made of runs of flows, which need no filter by a resource (our choice). */
  readonly isOfFlows?: true;
  /** It is made of what agents do, of which a part is not in the sums yet. */
  readonly isOfAgentTimes?: true;
  /** It is counted up to a threshold. */
  readonly hasThreshold: boolean;
  /** Nothing where there is no basis. Percentages are of 100, times in seconds. `all`: the sums without the metric's own filters. */
  readonly value: (sums: Sums, all: Sums) => number | undefined;
}

/** Sums of what a metric looks at. */
export interface Sums {
  of(figure: string): number;
  /** How many took how long, for figures `NAME:SECONDS`, up to the metric's threshold where there is one. */
  took(name: string): readonly { readonly seconds: number; readonly count: number }[];
}

/** Counts up to a number of seconds: without, or with, what took just that long. */
export interface Threshold {
  readonly comparison: "LT" | "LTE";
  readonly seconds: number;
}

export function sumsOf(figures: Figures, threshold?: Threshold): Sums {
  return {
    of: (figure) => figures[figure] ?? 0,
    took: (name) =>
      Object.entries(figures)
        .filter(([figure]) => figure.startsWith(`${name}:`))
        .map(([figure, count]) => ({ seconds: Number(figure.slice(name.length + 1)), count }))
        .filter(({ seconds }) => isWithin(seconds, threshold)),
  };
}

function isWithin(seconds: number, threshold: Threshold | undefined): boolean {
  if (!threshold) return true;
  return threshold.comparison === "LT" ? seconds < threshold.seconds : seconds <= threshold.seconds;
}

/** What sums have of a key. Modules are told from flows as `MODULE` and `FLOW` (our choice). */
export function keyValue(dimensions: MetricDimensions, key: MetricKey): string | undefined {
  if (key === "Q_CONNECT_ENABLED") return "FALSE";
  if (key === "FLOWS_RESOURCE_TYPE") return dimensions.FLOW_TYPE === "MODULE" ? "MODULE" : "FLOW";
  return dimensions[key];
}

/** The key letters of the tables below. */
const KEYS: Readonly<Record<string, readonly MetricKey[]>> = {
  Q: ["QUEUE"],
  C: ["CHANNEL"],
  R: ["ROUTING_PROFILE"],
  A: ["AGENT"],
  H: HIERARCHY_DIMENSIONS,
  S: [SUBTYPE],
  W: ["Q_CONNECT_ENABLED"],
};

/** Whatever is made of contact records can be told apart by these too (our choice: documented for some). */
const OF_RECORDS: readonly MetricKey[] = ["INITIATION_METHOD", "DISCONNECT_REASON"];

const FLOW_KEYS: readonly MetricKey[] = [
  "CHANNEL",
  SUBTYPE,
  "FLOW_TYPE",
  "FLOWS_RESOURCE_ID",
  "FLOWS_MODULE_RESOURCE_ID",
  "INITIATION_METHOD",
  "RESOURCE_PUBLISHED_TIMESTAMP",
];

const METHOD: readonly MetricDimension[] = ["INITIATION_METHOD"];
const METHOD_AND_REASON: readonly MetricDimension[] = ["INITIATION_METHOD", "DISCONNECT_REASON"];

/** How a metric is made of sums. */
export type Value = HistoricalMetric["value"];

/** A metric over contact records. */
function records(letters: string, value: Value, filters: readonly MetricDimension[] = []): HistoricalMetric {
  return { keys: [...keysOf(letters), ...OF_RECORDS], filters, hasThreshold: false, value };
}

function recordsInTime(letters: string, value: Value): HistoricalMetric {
  return { keys: [...keysOf(letters), ...OF_RECORDS], filters: [], hasThreshold: true, value };
}

/** A metric over offers to agents. */
function offers(value: Value, filters: readonly MetricDimension[] = []): HistoricalMetric {
  return { keys: keysOf("QCRAH"), filters, hasThreshold: false, value };
}

/** A metric over what agents did. */
function times(value: Value): HistoricalMetric {
  return { keys: keysOf("RAH"), filters: [], isOfAgentTimes: true, hasThreshold: false, value };
}

/** A metric over runs of flows and modules that started then. `starts`: it counts those that have not ended, too. */
function flowRuns(value: Value, { starts = false, groupsByOutcome = true } = {}): HistoricalMetric {
  const ends: readonly MetricKey[] = ["FLOWS_OUTCOME_TYPE", "FLOWS_NEXT_RESOURCE_ID", "FLOWS_NEXT_RESOURCE_QUEUE_ID"];
  return {
    keys: starts ? FLOW_KEYS : [...FLOW_KEYS, ...ends],
    onlyFilters: groupsByOutcome ? ends.slice(1) : ends,
    filters: starts ? ["FLOWS_RESOURCE_TYPE"] : ["FLOWS_OUTCOME_TYPE", "FLOWS_RESOURCE_TYPE"],
    isOfFlows: true,
    hasThreshold: false,
    value,
  };
}

function keysOf(letters: string): readonly MetricKey[] {
  return [...letters].flatMap((letter) => KEYS[letter] ?? []);
}

const METRICS: Readonly<Record<string, HistoricalMetric>> = {
  CONTACTS_CREATED: records("QCRSW", sum("created"), METHOD),
  CONTACTS_QUEUED: records("QCRAHSW", sum("queued")),
  CONTACTS_QUEUED_BY_ENQUEUE: records("QCAHS", sum("enqueued")),
  CONTACTS_HANDLED: records("QCRAHSW", sum("handled"), METHOD_AND_REASON),
  CONTACTS_HANDLED_BY_CONNECTED_TO_AGENT: records("QCAHSW", sum("connected"), METHOD),
  CONTACTS_ABANDONED: records("QCRAHSW", sum("abandoned"), METHOD),
  CONTACTS_TRANSFERRED_OUT: records("QCRAHSW", sum("transferredOut")),
  CONTACTS_TRANSFERRED_OUT_BY_AGENT: records("QCRAHSW", sum("transferredOutByAgent")),
  CONTACTS_TRANSFERRED_OUT_FROM_QUEUE: records("QCRAHSW", sum("transferredOutFromQueue")),
  CONTACTS_TRANSFERRED_OUT_INTERNAL: records("QCRAHW", sum("transferredOutInternal")),
  CONTACTS_TRANSFERRED_OUT_EXTERNAL: records("QCRAHW", sum("transferredOutExternal")),
  CONTACTS_PUT_ON_HOLD: records("QCRAHW", sum("held")),
  CONTACTS_HOLD_ABANDONS: records("QCRAHSW", sum("endedOnHold")),
  CONTACTS_ON_HOLD_AGENT_DISCONNECT: records("QCRAHW", sum("endedOnHoldByAgent")),
  CONTACTS_ON_HOLD_CUSTOMER_DISCONNECT: records("QCRAHW", sum("endedOnHoldByCustomer")),
  SUM_CONTACTS_DISCONNECTED: records("QCRAHSW", sum("ended"), ["DISCONNECT_REASON"]),
  SUM_RETRY_CALLBACK_ATTEMPTS: records("QCRSW", sum("retries")),

  ABANDONMENT_RATE: records("QCRAHSW", percent("abandoned", "queued")),
  SERVICE_LEVEL: recordsInTime("QCRW", (sums) => ratio(100 * count(sums, ...REMOVED), sums.of("queued"))),
  CONTACTS_REMOVED_FROM_QUEUE_IN_X: recordsInTime("QCRW", (sums) => count(sums, ...REMOVED)),
  SUM_CONTACTS_ANSWERED_IN_X: recordsInTime("QCRSW", (sums) => count(sums, "answeredIn")),
  SUM_CONTACTS_ABANDONED_IN_X: recordsInTime("QCRSW", (sums) => count(sums, "abandonedIn")),
  CONTACTS_RESOLVED_IN_X: recordsInTime("QCRSW", (sums) => count(sums, "resolvedIn")),

  AVG_ABANDON_TIME: records("QCRAHSW", mean("abandonSeconds", "abandoned"), METHOD),
  AVG_QUEUE_ANSWER_TIME: records("QCRSW", mean("answerSeconds", "answered"), METHOD_AND_REASON),
  AVG_HANDLE_TIME: records(
    "QCRAHS",
    mean(["interactionSeconds", "holdSeconds", "workSeconds", "pauseSeconds"], "handled"),
  ),
  AVG_ACTIVE_TIME: records("QCRAHW", mean(["interactionSeconds", "holdSeconds", "workSeconds"], "handled")),
  AVG_AGENT_PAUSE_TIME: records("QCRAHW", mean("pauseSeconds", "paused")),
  AVG_INTERACTION_TIME: records("QCRSW", mean("interactionSeconds", "handled"), METHOD),
  AVG_INTERACTION_AND_HOLD_TIME: records("QCRAHSW", mean(["interactionSeconds", "holdSeconds"], "handled")),
  AVG_HOLD_TIME: records("QCRAHSW", mean("holdSeconds", "held")),
  AVG_HOLD_TIME_ALL_CONTACTS: records("QCRAHSW", mean("holdSeconds", "handled")),
  AVG_HOLDS: records("QCRAHSW", mean("holds", "handled")),
  AVG_AFTER_CONTACT_WORK_TIME: records("QCRAHSW", mean("workSeconds", "handled"), METHOD),
  AVG_CONTACT_DURATION: records("QCRAHSW", mean("durationSeconds", "ended")),
  AVG_RESOLUTION_TIME: records("QCRSW", mean("resolutionSeconds", "ended")),
  MAX_QUEUED_TIME: records("QCRAHSW", longestWait),
  SUM_HANDLE_TIME: records("QCRAHW", sum("interactionSeconds", "holdSeconds", "workSeconds", "pauseSeconds")),
  SUM_INTERACTION_TIME: records("QCRAH", sum("interactionSeconds")),
  SUM_INTERACTION_AND_HOLD_TIME: records("QCRAHW", sum("interactionSeconds", "holdSeconds")),
  SUM_HOLD_TIME: records("QCRAHW", sum("holdSeconds")),
  SUM_AFTER_CONTACT_WORK_TIME: records("QCRAHW", sum("workSeconds")),
  SUM_CONTACT_FLOW_TIME: records("QCRAHW", sum("flowSeconds")),

  AVG_MESSAGES: records("QCRAHSW", mean("messages", "chats")),
  AVG_MESSAGES_AGENT: records("QCRAHSW", mean("agentMessages", "agentChats")),
  AVG_MESSAGES_CUSTOMER: records("QCRAHSW", mean("customerMessages", "customerChats")),
  AVG_MESSAGE_LENGTH_AGENT: records("QCRAHSW", mean("agentChars", "agentMessages")),
  AVG_MESSAGE_LENGTH_CUSTOMER: records("QCRAHSW", mean("customerChars", "customerMessages")),
  AVG_RESPONSE_TIME_AGENT: records("QCRAHSW", meanSeconds("agentResponseMs", "agentResponses")),
  AVG_RESPONSE_TIME_CUSTOMER: records("QCRAHSW", meanSeconds("customerResponseMs", "customerResponses")),
  AVG_FIRST_RESPONSE_TIME_AGENT: records("QCRAHSW", meanSeconds("agentFirstResponseMs", "agentFirstResponses")),
  AVG_CONTACT_FIRST_RESPONSE_TIME_AGENT: records("QCRAHSW", mean("firstResponseSeconds", "firstResponses")),
  AVG_CONVERSATION_CLOSE_TIME: records("QCRAHSW", meanSeconds("closeMs", "closed")),

  AVG_QUEUE_ANSWER_TIME_CUSTOMER_FIRST_CALLBACK: records(
    "QCRAHSW",
    mean("customerFirstAnswerSeconds", "customerFirstAnswered"),
  ),
  AVG_WAIT_TIME_AFTER_CUSTOMER_FIRST_CALLBACK_CONNECTION: records(
    "QCRAHSW",
    mean("customerFirstWaitSeconds", "customerFirstAnswered"),
  ),

  AVG_CONVERSATION_DURATION: records("QCRAHSW", meanSeconds("conversationMs", "heardCalls")),
  AVG_TALK_TIME: records("QCRAHSW", meanSeconds("talkMs", "heardCalls")),
  AVG_TALK_TIME_AGENT: records("QCRAHSW", meanSeconds("agentTalkMs", "heardCalls")),
  AVG_TALK_TIME_CUSTOMER: records("QCRAHSW", meanSeconds("customerTalkMs", "heardCalls")),
  AVG_NON_TALK_TIME: records("QCRAHSW", meanSeconds("nonTalkMs", "heardCalls")),
  AVG_INTERRUPTIONS_AGENT: records("QCRAHSW", mean("agentInterruptions", "heardCalls")),
  AVG_INTERRUPTION_TIME_AGENT: records("QCRAHSW", meanSeconds("agentInterruptionMs", "heardCalls")),
  PERCENT_TALK_TIME: records("QCRAHSW", percent("talkMs", "conversationMs")),
  PERCENT_TALK_TIME_AGENT: records("QCRAHSW", percent("agentTalkMs", "conversationMs")),
  PERCENT_TALK_TIME_CUSTOMER: records("QCRAHSW", percent("customerTalkMs", "conversationMs")),
  PERCENT_NON_TALK_TIME: records("QCRAHSW", percent("nonTalkMs", "conversationMs")),

  AGENT_NON_RESPONSE: offers(sum("nonResponse")),
  AGENT_NON_RESPONSE_WITHOUT_CUSTOMER_ABANDONS: offers((sums) => sums.of("nonResponse") - sums.of("customerLeft")),
  AGENT_ANSWER_RATE: offers((sums) =>
    ratio(100 * sums.of("offersAnswered"), sums.of("offersAnswered") + sums.of("nonResponse")),
  ),
  AVG_AGENT_CONNECTING_TIME: offers((sums) => ratio(sums.of("connectingMs") / 1_000, sums.of("connecting")), METHOD),
  SUM_CONNECTING_TIME_AGENT: offers((sums) => sums.of("connectingMs") / 1_000, METHOD),

  FLOWS_STARTED: flowRuns(sum("flowsStarted"), { starts: true }),
  FLOWS_OUTCOME: flowRuns(sum("flowsEnded")),
  PERCENT_FLOWS_OUTCOME: flowRuns((sums, all) => ratio(100 * sums.of("flowsEnded"), all.of("flowsEnded")), {
    groupsByOutcome: false,
  }),
  AVG_FLOW_TIME: flowRuns((sums) => ratio(sums.of("flowMs") / 1_000, sums.of("flowsEnded"))),
  MIN_FLOW_TIME: flowRuns((sums) => ratio(sums.of("flowMsMin") / 1_000, sums.of("flowsEnded") && 1)),
  MAX_FLOW_TIME: flowRuns((sums) => ratio(sums.of("flowMsMax") / 1_000, sums.of("flowsEnded") && 1)),

  AGENT_OCCUPANCY: times((sums) => ratio(100 * sums.of("onContactMs"), sums.of("onContactMs") + sums.of("idleMs"))),
  AVG_AGENT_CONCURRENCY: times((sums) => ratio(sums.of("contactsMs"), sums.of("busyMs"))),
  SUM_CONTACT_TIME_AGENT: times(seconds("onContactMs")),
  SUM_IDLE_TIME_AGENT: times(seconds("idleMs")),
  SUM_ERROR_STATUS_TIME_AGENT: times(seconds("errorMs")),
  SUM_NON_PRODUCTIVE_TIME_AGENT: times(seconds("nonProductiveMs")),
  SUM_ONLINE_TIME_AGENT: times(seconds("nonProductiveMs", "errorMs", "onContactMs", "ringingMs", "idleMs")),
};

/** However a contact left its queue. */
const REMOVED = ["answeredIn", "abandonedIn", "leftIn"] as const;

/** Names of metrics that are made of what is not there yet, and of what. */
const NOT_BUILT: readonly (readonly [RegExp, string])[] = [
  [/GREETING_TIME/, "greetings, which no source defines"],
  [/CASE/, "cases"],
  [/EVALUATION|AUTOMATIC_FAILS/, "evaluations"],
  [/BOT_/, "bots"],
  [/CAMPAIGN|RECIPIENTS|DELIVERY_ATTEMPT|DIALS|HUMAN_ANSWERED|AFTER_CUSTOMER_CONNECTION/, "campaigns"],
  [/ADHEREN|SCHEDULED_TIME/, "schedules"],
  [/STEP_/, "routing steps"],
  [/(^|_)AI_|PROACTIVE_INTENT|GOAL_SUCCESS|KNOWLEDGE|COMPLETENESS|FAITHFULNESS/, "AI agents"],
];

/** The metric of this name, or `InvalidParameterException`. */
export function getHistoricalMetric(name: string): HistoricalMetric {
  const metric = Object.hasOwn(METRICS, name) ? METRICS[name] : undefined;
  if (metric) return metric;
  const missing = NOT_BUILT.find(([names]) => names.test(name));
  if (missing) throw invalidParameter(`Metric ${name} is not supported: it needs ${missing[1]}`);
  throw invalidParameter(`Metric ${name} is not supported`);
}

/** How a metric of this file is made of sums, for those who show it under another name. */
export function metricValue(name: string): Value {
  return getHistoricalMetric(name).value;
}

function sum(...figures: readonly string[]): Value {
  return (sums) => total(sums, figures);
}

function seconds(...activities: readonly Activity[]): Value {
  return (sums) => total(sums, activities) / 1_000;
}

function mean(figures: string | readonly string[], over: string): Value {
  return (sums) => ratio(total(sums, [figures].flat()), sums.of(over));
}

function meanSeconds(figure: string, over: string): Value {
  return (sums) => ratio(sums.of(figure) / 1_000, sums.of(over));
}

function percent(part: string, whole: string): Value {
  return (sums) => ratio(100 * sums.of(part), sums.of(whole));
}

function total(sums: Sums, figures: readonly string[]): number {
  return figures.reduce((result, figure) => result + sums.of(figure), 0);
}

function count(sums: Sums, ...names: readonly string[]): number {
  return names.flatMap((name) => sums.took(name)).reduce((result, one) => result + one.count, 0);
}

function longestWait(sums: Sums): number | undefined {
  const waits = REMOVED.flatMap((name) => sums.took(name));
  return waits.length === 0 ? undefined : waits.reduce((longest, { seconds }) => Math.max(longest, seconds), 0);
}

/** Nothing where there is no basis. */
function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
