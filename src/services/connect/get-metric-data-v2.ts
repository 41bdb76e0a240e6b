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
import { PAGE_SIZE } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { type MetricDimensions, type MetricSums, type PrimaryDimension, readSums, SPANS_MS } from "./metrics.ts";
import { getQueue } from "./queues.ts";
import { getRoutingProfile } from "./routing-profiles.ts";
import { getUser } from "./users.ts";

type Input = Validated<GetMetricDataV2Request>;
type Metric = Input["Metrics"][number];

const MINUTE_MS = 60_000;
const DAY_MS = SPANS_MS.DAY;

/** How long each interval is, from which time on they are counted, and how long a time they may divide. Weeks begin on Sundays. */
const INTERVALS: Readonly<Record<Exclude<IntervalPeriod, "TOTAL">, { ms: number; originMs: number; maxDays: number }>> =
  {
    FIFTEEN_MIN: { ms: 15 * MINUTE_MS, originMs: 0, maxDays: 3 },
    THIRTY_MIN: { ms: 30 * MINUTE_MS, originMs: 0, maxDays: 3 },
    HOUR: { ms: 60 * MINUTE_MS, originMs: 0, maxDays: 3 },
    DAY: { ms: DAY_MS, originMs: 0, maxDays: 35 },
    WEEK: { ms: 7 * DAY_MS, originMs: 3 * DAY_MS, maxDays: 35 },
  };

const TOTAL_DAYS_MAX = 35;

/** The three months that metrics go back, counted as 93 days (our choice). */
const LOOK_BACK_DAYS = 93;

const FILTER_VALUES_MAX = 100;
const SERVICE_LEVELS_MAX = 20;
const THRESHOLD_SECONDS_MAX = 604_800;

const PRIMARY: readonly PrimaryDimension[] = ["AGENT", "QUEUE", "ROUTING_PROFILE"];
const DIMENSIONS: readonly (keyof MetricDimensions)[] = [
  ...PRIMARY,
  "CHANNEL",
  "INITIATION_METHOD",
  "DISCONNECT_REASON",
];
const METRIC_FILTERS: readonly string[] = ["INITIATION_METHOD", "DISCONNECT_REASON"];

type Sum = (figure: string) => number;

const METRICS: Readonly<Record<string, (sum: Sum, sums: Sums) => number | undefined>> = {
  CONTACTS_CREATED: (sum) => sum("created"),
  CONTACTS_QUEUED: (sum) => sum("queued"),
  CONTACTS_HANDLED: (sum) => sum("handled"),
  CONTACTS_ABANDONED: (sum) => sum("abandoned"),
  CONTACTS_TRANSFERRED_OUT: (sum) => sum("transferredOut"),
  ABANDONMENT_RATE: (sum) => ratio(100 * sum("abandoned"), sum("queued")),
  AVG_HANDLE_TIME: (sum) => ratio(sum("handleSeconds"), sum("handled")),
  AVG_INTERACTION_TIME: (sum) => ratio(sum("interactionSeconds"), sum("handled")),
  AVG_HOLD_TIME: (sum) => ratio(sum("holdSeconds"), sum("held")),
  AVG_AFTER_CONTACT_WORK_TIME: (sum) => ratio(sum("workSeconds"), sum("handled")),
  AVG_QUEUE_ANSWER_TIME: (sum) => ratio(sum("answerSeconds"), sum("answered")),
  AVG_ABANDON_TIME: (sum) => ratio(sum("abandonSeconds"), sum("abandoned")),
  MAX_QUEUED_TIME: (_sum, sums) => waits(sums).reduce((max, { seconds }) => Math.max(max, seconds), 0),
  SUM_HANDLE_TIME: (sum) => sum("handleSeconds"),
};

/**
 * Answers with sums and averages over the contacts that ended in a time, by interval and group. A time is taken in whole five minutes:
 * those that begin in it (our choice).
 */
export async function getMetricDataV2(input: Input, context: Context): Promise<GetMetricDataV2Response> {
  const named = parseArn(input.ResourceArn, context);
  if (!named || named.resource) throw invalidParameter("ResourceArn must be the ARN of an instance");
  const instance = await getInstance(context.store, context, named.instance.instanceId);
  const period = input.Interval?.IntervalPeriod ?? "TOTAL";
  refuseTimes(input, period, context.clock.now());
  const filters = await filtersOf(context.store, instance, input);
  input.Metrics.forEach(refuseUnknownMetric);
  if (input.Metrics.filter(({ Name }) => Name === "SERVICE_LEVEL").length > SERVICE_LEVELS_MAX) {
    throw invalidParameter(`Metrics may have SERVICE_LEVEL at most ${SERVICE_LEVELS_MAX} times`);
  }
  const groupings = groupingsOf(input);

  const results = new Map<
    string,
    { readonly interval: Interval; readonly by: Record<string, string>; sums: MetricSums[] }
  >();
  for (const interval of intervalsOf(input, period)) {
    for (const sums of await sumsIn(context.store, instance, filters, interval)) {
      const values = groupings.map((grouping) => [grouping, sums[grouping]] as const);
      if (values.some(([, value]) => value === undefined)) continue;
      const by = Object.fromEntries(values) as Record<string, string>;
      const name = JSON.stringify([interval.startMs, by]);
      const result = results.get(name) ?? { interval, by, sums: [] };
      result.sums.push(sums);
      results.set(name, result);
    }
  }
  const ordered = [...results].sort(([one], [other]) => (one < other ? -1 : 1));
  const { NextToken, MaxResults, ...asked } = input;
  const page = slicePage(ordered, ([name]) => name, {
    of: ["GetMetricDataV2", instanceKey(instance), asked],
    token: NextToken,
    limit: MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  const MetricResults = page.items.map(
    ([, { interval, by, sums }]): MetricResultV2 => ({
      Dimensions: by,
      MetricInterval: { Interval: period, StartTime: new Date(interval.startMs), EndTime: new Date(interval.endMs) },
      Collections: input.Metrics.map((metric) => ({ Metric: metric as MetricV2, Value: metricValue(metric, sums) })),
    }),
  );
  return { MetricResults, NextToken: page.nextToken };
}

type Sums = readonly MetricSums[];

interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

function refuseTimes({ StartTime, EndTime, Interval }: Input, period: IntervalPeriod, nowMs: number): void {
  const [startMs, endMs] = [StartTime.getTime(), EndTime.getTime()];
  if (endMs > nowMs) throw invalidParameter("EndTime must not be in the future");
  if (startMs >= endMs) throw invalidParameter("StartTime must be before EndTime");
  if (startMs < nowMs - LOOK_BACK_DAYS * DAY_MS) throw invalidParameter("StartTime must be within the last 3 months");
  const days = period === "TOTAL" ? TOTAL_DAYS_MAX : INTERVALS[period].maxDays;
  if (endMs - startMs >= days * DAY_MS) {
    throw invalidParameter(`StartTime and EndTime must be less than ${days} days apart for the interval ${period}`);
  }
  if (!["UTC", undefined].includes(Interval?.TimeZone)) {
    throw invalidParameter(`Intervals are in UTC here, not in ${Interval?.TimeZone}`);
  }
}

type WantedValues = ReadonlyMap<keyof MetricDimensions, ReadonlySet<string>>;

async function filtersOf(reader: Reader, instance: InstanceRef, { Filters }: Input): Promise<WantedValues> {
  const filters = new Map<keyof MetricDimensions, ReadonlySet<string>>();
  let count = 0;
  for (const { FilterKey, FilterValues = [], StringCondition } of Filters) {
    const dimension = DIMENSIONS.find((known) => known === FilterKey);
    if (!dimension || StringCondition) throw invalidParameter(`Metrics cannot be filtered by ${FilterKey}`);
    if (filters.has(dimension)) throw invalidParameter(`Filters may have ${dimension} once`);
    if (dimension !== "CHANNEL") count += FilterValues.length;
    const ids = new Set<string>();
    for (const value of FilterValues) ids.add(await filterValue(reader, instance, dimension, value));
    filters.set(dimension, ids);
  }
  if (count > FILTER_VALUES_MAX) throw invalidParameter(`Filters may have at most ${FILTER_VALUES_MAX} values`);
  if (!PRIMARY.some((dimension) => filters.get(dimension)?.size)) {
    throw invalidParameter(`Filters must have one of ${PRIMARY.join(", ")}`);
  }
  return filters;
}

/** Queues, routing profiles and agents must exist, and may be named by ARN. */
async function filterValue(
  reader: Reader,
  instance: InstanceRef,
  dimension: keyof MetricDimensions,
  value: string,
): Promise<string> {
  if (dimension === "QUEUE") return (await getQueue(reader, instance, value)).id;
  if (dimension === "ROUTING_PROFILE") return (await getRoutingProfile(reader, instance, value)).id;
  return dimension === "AGENT" ? (await getUser(reader, instance, value)).id : value;
}

function groupingsOf({ Groupings = [] }: Input): (keyof MetricDimensions)[] {
  if (new Set(Groupings).size < Groupings.length) throw invalidParameter("Groupings may name each grouping once");
  return Groupings.map((grouping) => {
    const dimension = DIMENSIONS.find((known) => known === grouping);
    if (!dimension) throw invalidParameter(`Metrics cannot be grouped by ${grouping}`);
    return dimension;
  });
}

function refuseUnknownMetric({ Name = "", MetricId, Threshold = [], MetricFilters = [] }: Metric): void {
  if (MetricId !== undefined) throw invalidParameter(`Metric ${MetricId} is not supported`);
  const isServiceLevel = Name === "SERVICE_LEVEL";
  if (!isServiceLevel && !Object.hasOwn(METRICS, Name)) throw invalidParameter(`Metric ${Name} is not supported`);
  if (!isServiceLevel && Threshold.length > 0) throw invalidParameter(`Metric ${Name} has no threshold`);
  const [{ Comparison = "", ThresholdValue: seconds = 0 } = {}] = Threshold;
  const isWhole = Number.isInteger(seconds) && seconds >= 1 && seconds <= THRESHOLD_SECONDS_MAX;
  if (isServiceLevel && !(isWhole && ["LT", "LTE"].includes(Comparison))) {
    throw invalidParameter(
      `SERVICE_LEVEL needs a threshold, LT or LTE, of 1 to ${THRESHOLD_SECONDS_MAX} whole seconds`,
    );
  }
  for (const { MetricFilterKey = "" } of MetricFilters) {
    if (!METRIC_FILTERS.includes(MetricFilterKey)) {
      throw invalidParameter(`Metric ${Name} cannot be filtered by ${MetricFilterKey}`);
    }
  }
}

function intervalsOf({ StartTime, EndTime }: Input, period: IntervalPeriod): Interval[] {
  const [startMs, endMs] = [StartTime.getTime(), EndTime.getTime()];
  if (period === "TOTAL") return [{ startMs, endMs }];
  const { ms, originMs } = INTERVALS[period];
  const intervals: Interval[] = [];
  let fromMs = startMs;
  while (fromMs < endMs) {
    const nextMs = Math.min(originMs + (Math.floor((fromMs - originMs) / ms) + 1) * ms, endMs);
    intervals.push({ startMs: fromMs, endMs: nextMs });
    fromMs = nextMs;
  }
  return intervals;
}

/** The sums of an interval that the filters let through: whole days of it in days, the rest in five minutes. */
async function sumsIn(
  reader: Reader,
  instance: InstanceRef,
  filters: WantedValues,
  { startMs, endMs }: Interval,
): Promise<MetricSums[]> {
  const dimension = PRIMARY.find((primary) => filters.has(primary)) ?? "QUEUE";
  const firstDayMs = Math.ceil(startMs / DAY_MS) * DAY_MS;
  const lastDayMs = Math.max(Math.floor(endMs / DAY_MS) * DAY_MS, firstDayMs);
  const hasDays = lastDayMs > firstDayMs && lastDayMs <= endMs;
  const ranges = hasDays
    ? ([
        { span: "FIVE_MIN", fromMs: startMs, beforeMs: firstDayMs },
        { span: "DAY", fromMs: firstDayMs, beforeMs: lastDayMs },
        { span: "FIVE_MIN", fromMs: lastDayMs, beforeMs: endMs },
      ] as const)
    : ([{ span: "FIVE_MIN", fromMs: startMs, beforeMs: endMs }] as const);
  const found: MetricSums[] = [];
  for (const id of filters.get(dimension) ?? []) {
    for (const range of ranges) found.push(...(await readSums(reader, instance, { dimension, id }, range)));
  }
  return found.filter((sums) => [...filters].every(([key, values]) => values.has(sums[key] ?? "")));
}

function metricValue({ Name = "", Threshold = [], MetricFilters = [] }: Metric, all: Sums): number | undefined {
  const sums = all.filter((one) =>
    MetricFilters.every(({ MetricFilterKey, MetricFilterValues = [], Negate = false }) => {
      const value = MetricFilterKey === "INITIATION_METHOD" ? one.INITIATION_METHOD : one.DISCONNECT_REASON;
      return MetricFilterValues.includes(value) !== Negate;
    }),
  );
  const sum: Sum = (figure) => sums.reduce((total, one) => total + (one.sums[figure] ?? 0), 0);
  if (Name !== "SERVICE_LEVEL") return METRICS[Name]?.(sum, sums);

  const [{ Comparison, ThresholdValue: limit = 0 } = {}] = Threshold;
  const inTime = waits(sums).filter(({ seconds }) => (Comparison === "LT" ? seconds < limit : seconds <= limit));
  return ratio(100 * inTime.reduce((total, { count }) => total + count, 0), sum("queued"));
}

/** How many contacts waited how long. */
function waits(sums: Sums): { readonly seconds: number; readonly count: number }[] {
  const prefix = "removed:";
  return sums
    .flatMap((one) => Object.entries(one.sums))
    .filter(([figure]) => figure.startsWith(prefix))
    .map(([figure, count]) => ({ seconds: Number(figure.slice(prefix.length)), count }));
}

/** Nothing where there is no basis. */
function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
