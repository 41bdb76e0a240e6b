import type {
  GetMetricDataRequest,
  GetMetricDataResponse,
  HistoricalMetric,
  HistoricalMetricData,
  HistoricalMetricName,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import { metricValue, sumsOf, type Value } from "./historical-metrics.ts";
import { getInstance } from "./instances.ts";
import { dimensionsOf, type GroupedBy } from "./metric-dimensions.ts";
import type { Interval } from "./metric-intervals.ts";
import { metricPage } from "./metric-pages.ts";
import { type Found, summedParts, unsummedParts } from "./metric-parts.ts";
import { type MetricPart, totalOf } from "./metrics.ts";
import { getQueue } from "./queues.ts";
import { routingProfileQueues } from "./routing-profiles.ts";

type Input = Validated<GetMetricDataRequest>;
type AskedMetric = Input["HistoricalMetrics"][number];

const MARK_MS = 5 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

const SERVICE_LEVELS_MAX = 20;
const THRESHOLD_SECONDS_MAX = 604_800;

/** Routing profiles that serve one queue: more are not read. */
const SERVED_MAX = 1_000;

const GROUPINGS = ["QUEUE", "CHANNEL", "ROUTING_PROFILE"] as const;

/** A metric's one unit and statistic, and how it is made of sums: those of contacts with one of these initiation methods. */
interface OlderMetric {
  readonly unit: "COUNT" | "SECONDS" | "PERCENT";
  readonly statistic: "SUM" | "AVG" | "MAX";
  readonly value: Value;
  readonly methods?: readonly string[];
}

const COUNT = { unit: "COUNT", statistic: "SUM" } as const;
const MEAN = { unit: "SECONDS", statistic: "AVG" } as const;
const SHARE = { unit: "PERCENT", statistic: "AVG" } as const;

const METRICS: Readonly<Record<HistoricalMetricName, OlderMetric>> = {
  CONTACTS_QUEUED: { ...COUNT, value: metricValue("CONTACTS_QUEUED") },
  CONTACTS_HANDLED: { ...COUNT, value: metricValue("CONTACTS_HANDLED") },
  CONTACTS_ABANDONED: { ...COUNT, value: metricValue("CONTACTS_ABANDONED") },
  CONTACTS_CONSULTED: { ...COUNT, value: (sums) => sums.of("consulted") },
  CONTACTS_AGENT_HUNG_UP_FIRST: { ...COUNT, value: (sums) => sums.of("agentHungUp") },
  CONTACTS_HANDLED_INCOMING: {
    ...COUNT,
    value: metricValue("CONTACTS_HANDLED"),
    methods: ["INBOUND", "TRANSFER", "QUEUE_TRANSFER"],
  },
  CONTACTS_HANDLED_OUTBOUND: { ...COUNT, value: metricValue("CONTACTS_HANDLED"), methods: ["OUTBOUND"] },
  CALLBACK_CONTACTS_HANDLED: {
    ...COUNT,
    value: metricValue("CONTACTS_HANDLED"),
    methods: ["CALLBACK", "CALLBACK_CUSTOMER_FIRST_QUEUED", "CALLBACK_CUSTOMER_FIRST_DIALED"],
  },
  API_CONTACTS_HANDLED: { ...COUNT, value: metricValue("CONTACTS_HANDLED"), methods: ["API"] },
  CONTACTS_HOLD_ABANDONS: { ...COUNT, value: metricValue("CONTACTS_HOLD_ABANDONS") },
  CONTACTS_TRANSFERRED_IN: { ...COUNT, value: (sums) => sums.of("ended"), methods: ["TRANSFER", "QUEUE_TRANSFER"] },
  CONTACTS_TRANSFERRED_IN_FROM_QUEUE: { ...COUNT, value: (sums) => sums.of("ended"), methods: ["QUEUE_TRANSFER"] },
  CONTACTS_TRANSFERRED_OUT: { ...COUNT, value: metricValue("CONTACTS_TRANSFERRED_OUT") },
  CONTACTS_TRANSFERRED_OUT_FROM_QUEUE: { ...COUNT, value: metricValue("CONTACTS_TRANSFERRED_OUT_FROM_QUEUE") },
  CONTACTS_MISSED: { ...COUNT, value: metricValue("AGENT_NON_RESPONSE") },
  OCCUPANCY: { ...SHARE, value: metricValue("AGENT_OCCUPANCY") },
  HANDLE_TIME: { ...MEAN, value: metricValue("AVG_HANDLE_TIME") },
  AFTER_CONTACT_WORK_TIME: { ...MEAN, value: metricValue("AVG_AFTER_CONTACT_WORK_TIME") },
  QUEUED_TIME: { unit: "SECONDS", statistic: "MAX", value: metricValue("MAX_QUEUED_TIME") },
  ABANDON_TIME: { ...MEAN, value: metricValue("AVG_ABANDON_TIME") },
  QUEUE_ANSWER_TIME: { ...MEAN, value: metricValue("AVG_QUEUE_ANSWER_TIME") },
  HOLD_TIME: { ...MEAN, value: metricValue("AVG_HOLD_TIME") },
  INTERACTION_TIME: { ...MEAN, value: metricValue("AVG_INTERACTION_TIME") },
  INTERACTION_AND_HOLD_TIME: { ...MEAN, value: metricValue("AVG_INTERACTION_AND_HOLD_TIME") },
  SERVICE_LEVEL: { ...SHARE, value: metricValue("SERVICE_LEVEL") },
};

/** The older operation: of queues, and of the last 24 hours. Its metrics are those of GetMetricDataV2 under other names. */
export async function getMetricData(input: Input, context: Context): Promise<GetMetricDataResponse> {
  const { store } = context;
  const instance = await getInstance(store, context, input.InstanceId);
  const nowMs = context.clock.now();
  const interval = intervalOf(input, nowMs);
  refuseFilters(input);
  input.HistoricalMetrics.forEach(refuseMetric);
  if (input.HistoricalMetrics.filter(({ Name }) => Name === "SERVICE_LEVEL").length > SERVICE_LEVELS_MAX) {
    throw invalidParameter(`HistoricalMetrics may have SERVICE_LEVEL at most ${SERVICE_LEVELS_MAX} times`);
  }
  const queueIds = new Set<string>();
  for (const idOrArn of input.Filters.Queues ?? []) queueIds.add((await getQueue(store, instance, idOrArn)).id);

  const groups = new Groups(input);
  const queues = [...queueIds].map((id): Found => ({ dimension: "QUEUE", id }));
  for (const part of await summedParts(store, instance, queues, [interval])) groups.addContacts(part);
  if (input.HistoricalMetrics.some(({ Name }) => Name === "OCCUPANCY")) {
    await addAgents(store, instance, groups, { queueIds, interval, nowMs });
  }
  const { NextToken, MaxResults, InstanceId, ...request } = input;
  const page = metricPage(groups.ordered(), {
    of: ["GetMetricData", instanceKey(instance), request],
    token: NextToken,
    limit: MaxResults,
    nowMs,
  });
  const MetricResults = page.items.map((group) => ({
    Dimensions: dimensionsOf(instance, group.by),
    Collections: input.HistoricalMetrics.map((asked) => dataOf(asked, group)),
  }));
  return { MetricResults, NextToken: page.nextToken };
}

function intervalOf({ StartTime, EndTime }: Input, nowMs: number): Interval {
  const [startMs, endMs] = [StartTime.getTime(), EndTime.getTime()];
  if (startMs % MARK_MS !== 0 || endMs % MARK_MS !== 0) {
    throw invalidParameter("StartTime and EndTime must be multiples of 5 minutes");
  }
  if (startMs >= endMs) throw invalidParameter("StartTime must be before EndTime");
  if (startMs < nowMs - DAY_MS) throw invalidParameter("StartTime must be within the last 24 hours");
  if (endMs - startMs >= DAY_MS) throw invalidParameter("StartTime and EndTime must be less than 24 hours apart");
  return { startMs, endMs };
}

function refuseFilters({ Filters, Groupings = [] }: Input): void {
  if (!Filters.Queues?.length) throw invalidParameter("Filters must name queues");
  for (const name of [
    "RoutingProfiles",
    "RoutingStepExpressions",
    "AgentStatuses",
    "Subtypes",
    "ValidationTestTypes",
  ] as const) {
    if (Filters[name]?.length) throw invalidParameter(`Metrics cannot be filtered by ${name}`);
  }
  for (const grouping of Groupings) {
    if (!GROUPINGS.some((known) => known === grouping)) {
      throw invalidParameter(`Metrics cannot be grouped by ${grouping}`);
    }
  }
  if (new Set(Groupings).size < Groupings.length) throw invalidParameter("Groupings may name each grouping once");
}

function refuseMetric({ Name, Unit, Statistic, Threshold }: AskedMetric): void {
  const metric = Name && METRICS[Name];
  if (!metric) throw invalidParameter("HistoricalMetrics must name a metric each");
  if (Unit !== metric.unit) throw invalidParameter(`The unit of ${Name} is ${metric.unit}`);
  if (Statistic !== metric.statistic) throw invalidParameter(`The statistic of ${Name} is ${metric.statistic}`);
  if (Name !== "SERVICE_LEVEL") {
    if (Threshold) throw invalidParameter(`Metric ${Name} has no threshold`);
    return;
  }
  const { Comparison, ThresholdValue = 0 } = Threshold ?? {};
  const isWhole = Number.isInteger(ThresholdValue) && ThresholdValue >= 1 && ThresholdValue <= THRESHOLD_SECONDS_MAX;
  if (Comparison !== "LT" || !isWhole) {
    throw invalidParameter(`SERVICE_LEVEL needs a threshold, LT, of 1 to ${THRESHOLD_SECONDS_MAX} whole seconds`);
  }
}

interface Group {
  readonly by: GroupedBy;
  readonly contacts: MetricPart[];
  /** What agents did whose routing profiles serve the queues of the group. */
  readonly agents: MetricPart[];
}

class Groups {
  readonly #groups = new Map<string, Group>();
  readonly #groupings: readonly (typeof GROUPINGS)[number][];
  readonly #channels: readonly string[];

  constructor({ Groupings = [], Filters }: Input) {
    this.#groupings = GROUPINGS.filter((grouping) => Groupings.includes(grouping));
    this.#channels = Filters.Channels ?? [];
    if (this.#groupings.length === 0) this.of({});
  }

  /** The group of what has these values; `undefined` where it lacks one, or has a channel that is not wanted. */
  of(values: GroupedBy): Group | undefined {
    if (this.#channels.length > 0 && values.CHANNEL !== undefined && !this.#channels.includes(values.CHANNEL)) {
      return undefined;
    }
    const by = Object.fromEntries(this.#groupings.map((grouping) => [grouping, values[grouping]]));
    if (Object.values(by).some((value) => value === undefined)) return undefined;
    const name = JSON.stringify(by);
    const group: Group = this.#groups.get(name) ?? { by: by as GroupedBy, contacts: [], agents: [] };
    this.#groups.set(name, group);
    return group;
  }

  addContacts(part: MetricPart): void {
    this.of(part.dimensions as GroupedBy)?.contacts.push(part);
  }

  ordered(): readonly Group[] {
    return [...this.#groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
  }
}

/** Adds what agents did to each group that has a queue which their routing profile serves, once. */
async function addAgents(
  reader: Reader,
  instance: InstanceRef,
  groups: Groups,
  { queueIds, interval, nowMs }: { queueIds: ReadonlySet<string>; interval: Interval; nowMs: number },
): Promise<void> {
  const profilesByGroup = new Map<Group, Set<string>>();
  for (const queueId of queueIds) {
    const range = { index: "queue", equals: instanceKey(instance, queueId), limit: SERVED_MAX };
    for (const { profileId, channel } of (await reader.list(routingProfileQueues, range)).documents) {
      const group = groups.of({ QUEUE: queueId, CHANNEL: channel, ROUTING_PROFILE: profileId });
      if (group) profilesByGroup.set(group, (profilesByGroup.get(group) ?? new Set()).add(profileId));
    }
  }
  const done = new Map<string, readonly MetricPart[]>();
  for (const [group, profileIds] of profilesByGroup) {
    for (const id of profileIds) {
      const found: Found[] = [{ dimension: "ROUTING_PROFILE", id }];
      const parts = done.get(id) ?? [
        ...(await summedParts(reader, instance, found, [interval])),
        ...(await unsummedParts(reader, instance, found, { intervals: [interval], nowMs })),
      ];
      done.set(id, parts);
      group.agents.push(...parts);
    }
  }
}

/** Nothing where no contact of the group has ended. */
function dataOf(asked: AskedMetric, { contacts, agents }: Group): HistoricalMetricData {
  const { value, methods } = METRICS[asked.Name as HistoricalMetricName];
  const looksAt = asked.Name === "OCCUPANCY" ? agents : contacts;
  const counted = methods
    ? looksAt.filter(({ dimensions }) => methods.includes(dimensions.INITIATION_METHOD ?? ""))
    : looksAt;
  const threshold = { comparison: "LT" as const, seconds: asked.Threshold?.ThresholdValue ?? 0 };
  const sums = sumsOf(totalOf(counted.map(({ figures }) => figures)), asked.Threshold && threshold);
  return { Metric: asked as HistoricalMetric, Value: looksAt.length === 0 ? undefined : value(sums, sums) };
}
