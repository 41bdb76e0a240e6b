import type { MetricFact } from "./derived-fact.ts";
import { type FilterShape, readObject } from "./function-shape.ts";
import type { MetricRow } from "./metrics.ts";
import { readNumber, readTexts } from "./operands.ts";
import { cut, refuse } from "./refusal.ts";

/** What the filters of a condition on a metric say. */
type MetricFilters = Pick<MetricFact, "thresholdSeconds" | "flowOutcomes" | "channels"> & {
  readonly resources?: MetricFact["resources"];
  /** The trailing window, or how long an activity must have lasted. */
  readonly seconds?: number;
};

/** The documentation's prose and samples differ in the names of these filters: all are accepted (our choice). */
const DURATION_FILTERS = {
  window: ["MetricDataDurationSeconds", "MetricDataPeriodSeconds"],
  activity: ["AgentActivityDurationSeconds", "AgentActvityDurationSeconds", "MetricDataDurationSeconds"],
};

const CHANNELS = ["VOICE", "CHAT", "TASK", "EMAIL"] as const;

const FLOW_OUTCOMES = [
  "DROPPED",
  "DISCONNECTED_PARTICIPANT",
  "ENDED_FLOW_EXECUTION",
  "TRANSFERRED_TO_QUEUE",
  "TRANSFERRED_TO_AGENT",
  "TRANSFERRED_TO_FLOW",
  "TRANSFERRED_TO_PHONE_NUMBER",
  "RETURNED_TO_FLOW",
] as const;

/** Reads the filters of a condition on a metric. Throws `InvalidRequestException`; `at` is the place of the clause. */
export function readMetricFilters(
  filters: readonly FilterShape[],
  row: MetricRow,
  allowedResources: readonly string[],
  at: string,
): MetricFilters & { readonly resources: MetricFact["resources"] } {
  let read: MetricFilters = {};
  for (const filter of filters) {
    const next = readMetricFilter(filter, row, allowedResources, at);
    for (const name of Object.keys(next)) {
      if (name in read) refuse(at, `${filter.type}: there is another filter of its kind`);
    }
    read = { ...read, ...next };
  }
  const { resources, seconds, thresholdSeconds } = read;
  if (resources === undefined) refuse(at, `one of the filters ${allowedResources.join(", ")} is required`);
  if (row.duration && seconds === undefined) refuse(at, `a filter ${DURATION_FILTERS[row.duration][0]} is required`);
  if (row.threshold && thresholdSeconds === undefined) refuse(at, "a filter MetricDataThresholdSeconds is required");
  return { ...read, resources };
}

const RESOURCES_MAX = 25;
/** "Less than 24 hours". */
const PAST_SECONDS = { kind: "integer", min: 1, max: 86_399 } as const;
const THRESHOLD_SECONDS = { kind: "integer", min: 1 } as const;

function readMetricFilter(
  { type, data }: FilterShape,
  row: MetricRow,
  allowedResources: readonly string[],
  clause: string,
): MetricFilters {
  const at = `${clause}: ${cut(type)}`;
  if (allowedResources.includes(type)) {
    const countMax = type.includes("HierarchyLevel") ? 1 : RESOURCES_MAX;
    return { resources: { filter: type, ids: readTexts(readList(data, at), { countMax }, at) } };
  }
  if (row.duration && DURATION_FILTERS[row.duration].includes(type)) {
    return { seconds: readNumber(readObject(data, at).Past, PAST_SECONDS, `${at}.Past`) };
  }
  if (row.threshold && type === "MetricDataThresholdSeconds") {
    const { Comparison: comparison, ThresholdValue: value } = readObject(data, at);
    if (comparison !== "LT") refuse(`${at}.Comparison`, "must be LT");
    return { thresholdSeconds: readNumber(value, THRESHOLD_SECONDS, `${at}.ThresholdValue`) };
  }
  if (row.flowOutcomes && type === "MetricDataFilterByFlowOutcomeType") {
    return { flowOutcomes: readTexts(readList(data, at), { oneOf: FLOW_OUTCOMES }, at) };
  }
  if (row.channels && type === "MetricDataFilterByChannel") {
    return { channels: readTexts(readList(data, at), { oneOf: CHANNELS }, at) };
  }
  return refuse(clause, `a filter ${cut(type)} is not allowed here`);
}

export function readList(data: unknown, at: string): readonly unknown[] {
  return Array.isArray(data) ? data : refuse(at, "must be a list");
}
