import type { MetricGrouping } from "./derived-fact.ts";
import type { OperandRule } from "./operands.ts";

/** What metric rules may look at (`$.MetricData.<METRIC>`): the table of the "Rules Function language", page OnMetricDataUpdate. */
export interface MetricRow {
  /** For each kind of resource that has the metric: which filters may say what resources are meant. */
  readonly resources: { readonly [grouping in MetricGrouping]?: readonly string[] };
  readonly operand: OperandRule;
  /** The duration filter it needs: its trailing window, or how long an activity must have lasted. Real-time metrics have none. */
  readonly duration?: "window" | "activity";
  /** Needs a threshold. */
  readonly threshold?: true;
  /** May be about some flow outcomes only. */
  readonly flowOutcomes?: true;
  /** May be about some channels only. */
  readonly channels?: true;
}

const COUNT: OperandRule = { kind: "integer", min: 0 };
const SECONDS: OperandRule = { kind: "number", min: 0 };
const PERCENT: OperandRule = { kind: "number", min: 0, max: 100 };
/** A status id, or an activity that the service knows: any text, since ids are. */
const ACTIVITY: OperandRule = { kind: "text" };

const QUEUE_FILTERS = ["MetricDataFilterByQueue", "MetricDataFilterByRoutingProfile"];
const FLOW_FILTERS = ["MetricDataFilterByFlow", "MetricDataFilterByFlowModule"];
const AGENT_FILTERS = [
  "MetricDataFilterByAgent",
  "MetricDataFilterByRoutingProfile",
  "MetricDataFilterByAgentHierarchyLevelOne",
  "MetricDataFilterByAgentHierarchyLevelTwo",
  "MetricDataFilterByAgentHierarchyLevelThree",
  "MetricDataFilterByAgentHierarchyLevelFour",
  "MetricDataFilterByAgentHierarchyLevelFive",
];
const AGENT_OR_QUEUE_FILTERS = [...AGENT_FILTERS, "MetricDataFilterByQueue"];

const BY_QUEUE = { resources: { QUEUE: QUEUE_FILTERS }, channels: true } as const;
const BY_FLOW = { resources: { FLOW: FLOW_FILTERS }, channels: true, duration: "window" } as const;
const BY_AGENT = { resources: { AGENT: AGENT_FILTERS } } as const;

/** The last two are in the console only, and their names here are our choice. */
export const METRICS: ReadonlyMap<string, MetricRow> = new Map<string, MetricRow>([
  ["CONTACTS_IN_QUEUE", { ...BY_QUEUE, operand: COUNT }],
  ["OLDEST_CONTACT_AGE", { ...BY_QUEUE, operand: SECONDS }],
  [
    "AGENTS_AVAILABLE",
    { resources: { QUEUE: QUEUE_FILTERS, ROUTING_PROFILE: QUEUE_FILTERS }, channels: true, operand: COUNT },
  ],
  ["AGENT_ACTIVITY", { resources: { AGENT: AGENT_OR_QUEUE_FILTERS }, duration: "activity", operand: ACTIVITY }],
  [
    "AVG_HANDLE_TIME",
    {
      resources: { QUEUE: QUEUE_FILTERS, AGENT: AGENT_OR_QUEUE_FILTERS },
      channels: true,
      duration: "window",
      operand: SECONDS,
    },
  ],
  ["AVG_QUEUE_ANSWER_TIME", { ...BY_QUEUE, duration: "window", operand: SECONDS }],
  ["AVG_INTERACTION_TIME", { ...BY_QUEUE, duration: "window", operand: SECONDS }],
  ["AVG_HOLD_TIME", { ...BY_QUEUE, duration: "window", operand: SECONDS }],
  ["SERVICE_LEVEL", { ...BY_QUEUE, duration: "window", threshold: true, operand: PERCENT }],
  ["AGENT_OCCUPANCY", { ...BY_AGENT, duration: "window", operand: PERCENT }],
  ["FLOWS_STARTED", { ...BY_FLOW, operand: COUNT }],
  ["FLOWS_OUTCOME", { ...BY_FLOW, flowOutcomes: true, operand: COUNT }],
  ["PERCENT_FLOWS_OUTCOME", { ...BY_FLOW, flowOutcomes: true, operand: PERCENT }],
  ["AVG_FLOW_TIME", { ...BY_FLOW, flowOutcomes: true, operand: SECONDS }],
  ["MAX_FLOW_TIME", { ...BY_FLOW, flowOutcomes: true, operand: SECONDS }],
  ["MIN_FLOW_TIME", { ...BY_FLOW, flowOutcomes: true, operand: SECONDS }],
  ["AGENT_SCHEDULE_ADHERENCE", { ...BY_AGENT, duration: "window", operand: PERCENT }],
  ["AGENT_NON_ADHERENT_TIME", { ...BY_AGENT, duration: "window", operand: SECONDS }],
]);
