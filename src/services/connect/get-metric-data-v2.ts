import type {
  GetMetricDataV2Request,
  GetMetricDataV2Response,
  IntervalPeriod,
  MetricResultV2,
  MetricV2,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseArn } from "./arns.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import type { FlowKind } from "./flow-language/flow.ts";
import {
  getHistoricalMetric,
  type HistoricalMetric,
  keyValue,
  type MetricKey,
  sumsOf,
  type Threshold,
} from "./historical-metrics.ts";
import { getResource, PAGE_SIZE } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { requireTimeZone } from "./local-time.ts";
import { type Interval, intervalAt, intervalsOf } from "./metric-intervals.ts";
import { type Found, summedParts, unsummedParts } from "./metric-parts.ts";
import { DAY_MS, HIERARCHY_DIMENSIONS, type MetricPart, SUBTYPE, totalOf } from "./metrics.ts";
import { getQueue } from "./queues.ts";
import { getRoutingProfile } from "./routing-profiles.ts";
import { type HierarchyGroup, hierarchyGroups } from "./user-hierarchy.ts";
import { getUser } from "./users.ts";

type Input = Validated<GetMetricDataV2Request>;
type MetricInput = Input["Metrics"][number];

/** How long a time each interval may divide, in days. */
const RANGE_DAYS: Readonly<Record<IntervalPeriod, number>> = {
  FIFTEEN_MIN: 3,
  THIRTY_MIN: 3,
  HOUR: 3,
  DAY: 35,
  WEEK: 35,
  TOTAL: 35,
};

/** The three months that metrics go back, counted as 93 days (our choice). */
const LOOK_BACK_DAYS = 93;

const FILTER_VALUES_MAX = 100;
const SERVICE_LEVELS_MAX = 20;
const THRESHOLD_SECONDS_MAX = 604_800;

/** Filters of which a request needs one, those that find least first. */
const RESOURCES: readonly MetricKey[] = ["AGENT", "QUEUE", "ROUTING_PROFILE", ...HIERARCHY_DIMENSIONS];

/** Those that tell flows and modules apart. */
const FLOW_RESOURCES: readonly MetricKey[] = ["FLOW_TYPE", "FLOWS_RESOURCE_ID", "FLOWS_MODULE_RESOURCE_ID"];

/** Every value of FLOW_TYPE. */
const FLOW_KINDS: readonly FlowKind[] = [
  "CONTACT_FLOW",
  "CUSTOMER_QUEUE",
  "CUSTOMER_HOLD",
  "CUSTOMER_WHISPER",
  "AGENT_HOLD",
  "AGENT_WHISPER",
  "OUTBOUND_WHISPER",
  "AGENT_TRANSFER",
  "QUEUE_TRANSFER",
  "CAMPAIGN",
  "MODULE",
];

const LEVELS: readonly MetricKey[] = HIERARCHY_DIMENSIONS;

const KEYS: readonly MetricKey[] = [
  ...RESOURCES,
  "CHANNEL",
  SUBTYPE,
  "INITIATION_METHOD",
  "DISCONNECT_REASON",
  "Q_CONNECT_ENABLED",
  ...FLOW_RESOURCES,
  "RESOURCE_PUBLISHED_TIMESTAMP",
  "FLOWS_OUTCOME_TYPE",
  "FLOWS_NEXT_RESOURCE_ID",
  "FLOWS_NEXT_RESOURCE_QUEUE_ID",
];

/**
 * Answers with sums and averages over the contacts that ended in a time, by interval and group. A time is taken in whole five minutes:
 * those that begin in it (our choice).
 */
export async function getMetricDataV2(input: Input, context: Context): Promise<GetMetricDataV2Response> {
  const named = parseArn(input.ResourceArn, context);
  if (!named || named.resource) throw invalidParameter("ResourceArn must be the ARN of an instance");
  const instance = await getInstance(context.store, context, named.instance.instanceId);
  const { IntervalPeriod: period = "TOTAL", TimeZone: timeZone = "UTC" } = input.Interval ?? {};
  const nowMs = context.clock.now();
  refuseTimes(input, period, nowMs);
  requireTimeZone(timeZone);
  const filters = await filtersOf(context.store, instance, input);
  const groupings = groupingsOf(input);
  const metrics = metricsOf(input, [...filters.keys()], groupings);
  const isOfFlows = metrics.every(({ metric }) => metric.isOfFlows);
  if (!isOfFlows && !RESOURCES.some((key) => filters.get(key)?.size)) {
    throw invalidParameter(`Filters must have one of ${RESOURCES.join(", ")}`);
  }

  const asked = { startMs: input.StartTime.getTime(), endMs: input.EndTime.getTime() };
  const intervals = intervalsOf(asked, period, timeZone);
  const found = isOfFlows ? flowsOf(filters) : await foundBy(context.store, instance, filters);
  const parts = await summedParts(context.store, instance, found, intervals);
  if (metrics.some(({ metric }) => metric.isOfAgentTimes)) {
    parts.push(...(await unsummedParts(context.store, instance, found, { intervals, nowMs })));
  }
  const groups = groupsOf(filtered(parts, filters), intervals, groupings);
  const { NextToken, MaxResults, ...request } = input;
  const page = slicePage(groups, ({ name }) => name, {
    of: ["GetMetricDataV2", instanceKey(instance), request],
    token: NextToken,
    limit: MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  const MetricResults = page.items.map(
    ({ interval, by, parts: own }): MetricResultV2 => ({
      Dimensions: by,
      MetricInterval: { Interval: period, StartTime: new Date(interval.startMs), EndTime: new Date(interval.endMs) },
      Collections: metrics.map((metric) => ({ Metric: metric.input as MetricV2, Value: metricValue(metric, own) })),
    }),
  );
  return { MetricResults, NextToken: page.nextToken };
}

function refuseTimes({ StartTime, EndTime }: Input, period: IntervalPeriod, nowMs: number): void {
  const [startMs, endMs] = [StartTime.getTime(), EndTime.getTime()];
  if (endMs > nowMs) throw invalidParameter("EndTime must not be in the future");
  if (startMs >= endMs) throw invalidParameter("StartTime must be before EndTime");
  if (startMs < nowMs - LOOK_BACK_DAYS * DAY_MS) throw invalidParameter("StartTime must be within the last 3 months");
  const days = RANGE_DAYS[period];
  if (endMs - startMs >= days * DAY_MS) {
    throw invalidParameter(`StartTime and EndTime must be less than ${days} days apart for the interval ${period}`);
  }
}

type WantedValues = ReadonlyMap<MetricKey, ReadonlySet<string>>;

async function filtersOf(reader: Reader, instance: InstanceRef, { Filters }: Input): Promise<WantedValues> {
  const filters = new Map<MetricKey, ReadonlySet<string>>();
  let count = 0;
  for (const { FilterKey, FilterValues = [], StringCondition } of Filters) {
    const key = KEYS.find((known) => known === FilterKey);
    if (!key || StringCondition) throw invalidParameter(`Metrics cannot be filtered by ${FilterKey}`);
    if (filters.has(key)) throw invalidParameter(`Filters may have ${key} once`);
    if (key !== "CHANNEL") count += FilterValues.length;
    const values = new Set<string>();
    for (const value of FilterValues) values.add(await filterValue(reader, instance, key, value));
    filters.set(key, values);
  }
  if (count > FILTER_VALUES_MAX) throw invalidParameter(`Filters may have at most ${FILTER_VALUES_MAX} values`);
  return filters;
}

/** Queues, routing profiles, agents and groups must exist, and may be named by ARN. */
async function filterValue(reader: Reader, instance: InstanceRef, key: MetricKey, value: string): Promise<string> {
  if (key === "QUEUE") return (await getQueue(reader, instance, value)).id;
  if (key === "ROUTING_PROFILE") return (await getRoutingProfile(reader, instance, value)).id;
  if (key === "AGENT") return (await getUser(reader, instance, value)).id;
  if (key === "Q_CONNECT_ENABLED" && value !== "TRUE" && value !== "FALSE") {
    throw invalidParameter("Q_CONNECT_ENABLED must be TRUE or FALSE");
  }
  // A flow that has run may be gone.
  if (key.startsWith("FLOWS_") && key !== "FLOWS_OUTCOME_TYPE") return value.slice(value.lastIndexOf("/") + 1);
  const depth = LEVELS.indexOf(key) + 1;
  if (depth === 0) return value;
  const group = await getGroup(reader, instance, value);
  if (group.depth !== depth) throw invalidParameter(`Hierarchy group ${value} is not of the level of ${key}`);
  return group.id;
}

function getGroup(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<HierarchyGroup> {
  return getResource(reader, hierarchyGroups, "hierarchyGroup", instance, idOrArn);
}

function groupingsOf({ Groupings = [] }: Input): MetricKey[] {
  if (new Set(Groupings).size < Groupings.length) throw invalidParameter("Groupings may name each grouping once");
  return Groupings.map((grouping) => {
    const key = KEYS.find((known) => known === grouping);
    if (!key) throw invalidParameter(`Metrics cannot be grouped by ${grouping}`);
    return key;
  });
}

interface AskedMetric {
  readonly input: MetricInput;
  readonly metric: HistoricalMetric;
  readonly threshold: Threshold | undefined;
}

function metricsOf(input: Input, filters: readonly MetricKey[], groupings: readonly MetricKey[]): AskedMetric[] {
  if (input.Metrics.filter(({ Name }) => Name === "SERVICE_LEVEL").length > SERVICE_LEVELS_MAX) {
    throw invalidParameter(`Metrics may have SERVICE_LEVEL at most ${SERVICE_LEVELS_MAX} times`);
  }
  return input.Metrics.map((asked) => {
    const { Name = "", MetricId, MetricFilters = [] } = asked;
    if (MetricId !== undefined) throw invalidParameter(`Metric ${MetricId} is not supported`);
    const metric = getHistoricalMetric(Name);
    const unknown = [...filters, ...groupings].find((key) => !metric.keys.includes(key));
    if (unknown) throw invalidParameter(`Metric ${Name} cannot be grouped or filtered by ${unknown}`);
    const filter = groupings.find((key) => metric.onlyFilters?.includes(key));
    if (filter) throw invalidParameter(`Metric ${Name} cannot be grouped by ${filter}`);
    for (const { MetricFilterKey = "" } of MetricFilters) {
      if (!metric.filters.some((key) => key === MetricFilterKey)) {
        throw invalidParameter(`Metric ${Name} cannot be filtered by ${MetricFilterKey}`);
      }
    }
    return { input: asked, metric, threshold: thresholdOf(asked, metric) };
  });
}

function thresholdOf({ Name, Threshold = [] }: MetricInput, metric: HistoricalMetric): Threshold | undefined {
  if (!metric.hasThreshold) {
    if (Threshold.length > 0) throw invalidParameter(`Metric ${Name} has no threshold`);
    return undefined;
  }
  const [{ Comparison, ThresholdValue: seconds = 0 } = {}] = Threshold;
  const isWhole = Number.isInteger(seconds) && seconds >= 1 && seconds <= THRESHOLD_SECONDS_MAX;
  if (!isWhole || (Comparison !== "LT" && Comparison !== "LTE")) {
    throw invalidParameter(`${Name} needs a threshold, LT or LTE, of 1 to ${THRESHOLD_SECONDS_MAX} whole seconds`);
  }
  return { comparison: Comparison, seconds };
}

/** Sums of flows are found by their types. */
function flowsOf(filters: WantedValues): readonly Found[] {
  const kinds = filters.get("FLOW_TYPE") ?? FLOW_KINDS;
  return [...kinds].map((id) => ({ dimension: "FLOW_TYPE", id }));
}

interface Group {
  /** Tells the groups of an answer apart, and orders them. */
  readonly name: string;
  readonly interval: Interval;
  readonly by: Record<string, string>;
  readonly parts: MetricPart[];
}

/** The parts of each interval and group. What has no value for a grouping is in no group. */
function groupsOf(
  parts: readonly MetricPart[],
  intervals: readonly Interval[],
  groupings: readonly MetricKey[],
): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const part of parts) {
    const interval = intervalAt(intervals, part.startMs);
    const values = groupings.map((key) => [key, keyValue(part.dimensions, key)] as const);
    if (!interval || values.some(([, value]) => value === undefined)) continue;
    const by = Object.fromEntries(values) as Record<string, string>;
    const name = JSON.stringify([interval.startMs, by]);
    const group = groups.get(name) ?? { name, interval, by, parts: [] };
    group.parts.push(part);
    groups.set(name, group);
  }
  return [...groups.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What passes the filters. */
function filtered(parts: readonly MetricPart[], filters: WantedValues): MetricPart[] {
  const wanted = [...filters];
  return parts.filter(({ dimensions }) =>
    wanted.every(([key, values]) => {
      const value = keyValue(dimensions, key);
      return value !== undefined && values.has(value);
    }),
  );
}

/** By which dimension the sums are found, and which of its values. A hierarchy group's are among those of the topmost one above it. */
async function foundBy(reader: Reader, instance: InstanceRef, filters: WantedValues): Promise<readonly Found[]> {
  const key = RESOURCES.find((resource) => filters.get(resource)?.size) ?? "QUEUE";
  const ids = [...(filters.get(key) ?? [])];
  if (key === "AGENT" || key === "QUEUE" || key === "ROUTING_PROFILE") return ids.map((id) => ({ dimension: key, id }));
  const tops = new Set<string>();
  for (const id of ids) {
    let group = await getGroup(reader, instance, id);
    while (group.parentId !== undefined) group = await getGroup(reader, instance, group.parentId);
    tops.add(group.id);
  }
  return [...tops].map((id) => ({ dimension: "AGENT_HIERARCHY_LEVEL_ONE", id }));
}

function metricValue({ input, metric, threshold }: AskedMetric, parts: readonly MetricPart[]): number | undefined {
  const { MetricFilters = [] } = input;
  const counted = parts.filter(({ dimensions }) =>
    MetricFilters.every(({ MetricFilterKey, MetricFilterValues = [], Negate = false }) => {
      const value = keyValue(dimensions, MetricFilterKey as MetricKey) ?? "";
      return MetricFilterValues.includes(value) !== Negate;
    }),
  );
  const sums = sumsOf(totalOf(counted.map(({ figures }) => figures)), threshold);
  return metric.value(sums, sumsOf(totalOf(parts.map(({ figures }) => figures)), threshold));
}
