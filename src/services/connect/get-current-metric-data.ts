import type {
  Channel,
  CurrentMetric,
  CurrentMetricName,
  CurrentMetricResult,
  GetCurrentMetricDataRequest,
  GetCurrentMetricDataResponse,
  Grouping,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { keptReader } from "../kept-reader.ts";
import type { Context } from "../service.ts";
import { getAgentStatus } from "./agent-statuses.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { type Contact, contacts, subtypeOf } from "./contacts.ts";
import {
  agentTallies,
  figureOf,
  type HandleTimes,
  handleTimes,
  hasKind,
  type Kinds,
  queueTallies,
  subtypesIn,
  type Tally,
  tallyKey,
} from "./current-metrics.ts";
import { invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { dimensionsOf, type GroupedBy } from "./metric-dimensions.ts";
import { metricPage } from "./metric-pages.ts";
import { getQueue } from "./queues.ts";
import { getRoutingProfile, routingProfileQueues } from "./routing-profiles.ts";

type Input = Validated<GetCurrentMetricDataRequest>;

const CHANNELS: readonly Channel[] = ["VOICE", "CHAT", "TASK", "EMAIL"];

/** Queues and channels that one routing profile serves, or routing profiles that serve one queue: more are not read. */
const SERVED_MAX = 1_000;

/** Waiting contacts read at once, where the oldest of a subtype is looked for. */
const READ_SIZE = 100;

/** "A list of up to 50 agent status IDs or ARNs." */
const STATUSES_MAX = 50;

const UNITS: Readonly<Record<CurrentMetricName, "COUNT" | "SECONDS">> = {
  AGENTS_ONLINE: "COUNT",
  AGENTS_AVAILABLE: "COUNT",
  AGENTS_ON_CALL: "COUNT",
  AGENTS_ON_CONTACT: "COUNT",
  AGENTS_NON_PRODUCTIVE: "COUNT",
  AGENTS_AFTER_CONTACT_WORK: "COUNT",
  AGENTS_ERROR: "COUNT",
  AGENTS_STAFFED: "COUNT",
  CONTACTS_IN_QUEUE: "COUNT",
  CONTACTS_SCHEDULED: "COUNT",
  OLDEST_CONTACT_AGE: "SECONDS",
  SLOTS_ACTIVE: "COUNT",
  SLOTS_AVAILABLE: "COUNT",
  ESTIMATED_WAIT_TIME: "SECONDS",
};

/** The figure of a routing profile's tally that a metric shows, where the channel of contacts makes no difference to it. */
const OF_AGENTS: Readonly<Partial<Record<CurrentMetricName, string>>> = {
  AGENTS_ONLINE: "online",
  AGENTS_STAFFED: "staffed",
  AGENTS_NON_PRODUCTIVE: "nonProductive",
};

/** The same, where it does. */
const OF_CHANNELS: Readonly<Partial<Record<CurrentMetricName, string>>> = {
  AGENTS_AVAILABLE: "available",
  AGENTS_ON_CALL: "onContact",
  AGENTS_ON_CONTACT: "onContact",
  AGENTS_AFTER_CONTACT_WORK: "afterContactWork",
  AGENTS_ERROR: "error",
  SLOTS_ACTIVE: "slotsActive",
  SLOTS_AVAILABLE: "slotsAvailable",
};

/**
 * Answers with counts as they are at this moment: of the contacts in queues, and of the agents whose routing profiles serve them.
 * Groups in which nobody is online and nothing waits are left out.
 */
export async function getCurrentMetricData(input: Input, context: Context): Promise<GetCurrentMetricDataResponse> {
  const reader = keptReader(context.store);
  const instance = await getInstance(reader, context, input.InstanceId);
  refuseUnknown(input);
  const nowMs = context.clock.now();
  const groups = groupsOf(await elementsOf(reader, instance, input.Filters), input);
  const question: Question = { reader, store: context.store, instance, input, nowMs };
  const rows: Row[] = [];
  for (const group of groups) rows.push(...(await rowsOf(question, group)));
  rows.sort(rowOrder(input));
  await context.store.durable();

  const { NextToken, MaxResults, InstanceId, ...request } = input;
  const page = metricPage(rows, {
    of: ["GetCurrentMetricData", instanceKey(instance), request],
    token: NextToken,
    limit: MaxResults,
    nowMs,
  });
  return {
    MetricResults: page.items.map(({ result }) => result),
    NextToken: page.nextToken,
    DataSnapshotTime: new Date(nowMs),
    ApproximateTotalCount: rows.length,
  };
}

/** The real-time metrics that Connect rules look at. */
const WATCHED = ["CONTACTS_IN_QUEUE", "OLDEST_CONTACT_AGE", "AGENTS_AVAILABLE"] as const;

/** What these are of one queue or routing profile that is there, among contacts of some channels, or of all. Ages in seconds. */
export async function watchedMetrics(
  reader: Reader,
  instance: InstanceRef,
  of: {
    readonly kind: "QUEUE" | "ROUTING_PROFILE";
    readonly id: string;
    readonly channels?: readonly string[] | undefined;
  },
  nowMs: number,
): Promise<Readonly<Record<(typeof WATCHED)[number], number>>> {
  const resource = of.kind === "QUEUE" ? { Queues: [of.id] } : { RoutingProfiles: [of.id] };
  const input: Input = {
    InstanceId: instance.instanceId,
    Filters: { ...resource, Channels: of.channels as Channel[] | undefined },
    Groupings: [of.kind],
    CurrentMetrics: WATCHED.map((Name) => ({ Name })),
  };
  const question: Question = { reader, store: reader, instance, input, nowMs };
  const [group] = groupsOf(await elementsOf(reader, instance, input.Filters), input);
  const [row] = group ? await rowsOf(question, group) : [];
  const values = new Map(row?.result.Collections?.map(({ Metric, Value }) => [Metric?.Name, Value]));
  return Object.fromEntries(WATCHED.map((name) => [name, values.get(name) ?? 0])) as Record<
    (typeof WATCHED)[number],
    number
  >;
}

function refuseUnknown({ Filters, Groupings = [], CurrentMetrics, SortCriteria = [] }: Input): void {
  const queues = Filters.Queues ?? [];
  const profiles = Filters.RoutingProfiles ?? [];
  if (queues.length === 0 && profiles.length === 0)
    throw invalidParameter("Filters must name queues or routing profiles");
  if (queues.length > 0 && profiles.length > 0) {
    throw invalidParameter("Filters may name queues or routing profiles, not both");
  }
  for (const name of ["RoutingStepExpressions", "ValidationTestTypes"] as const) {
    if (Filters[name]?.length) throw invalidParameter(`Metrics cannot be filtered by ${name}`);
  }
  for (const name of ["Channels", "AgentStatuses", "Subtypes"] as const) {
    if (Filters[name]?.length && queues.length === 0) throw invalidParameter(`A filter by ${name} needs one by Queues`);
  }
  if ((Filters.AgentStatuses ?? []).length > STATUSES_MAX) {
    throw invalidParameter(`Filters may name at most ${STATUSES_MAX} agent statuses`);
  }
  for (const grouping of Groupings) {
    if (!["QUEUE", "CHANNEL", "ROUTING_PROFILE", "AGENT_STATUS", "SUBTYPE"].includes(grouping)) {
      throw invalidParameter(`Metrics cannot be grouped by ${grouping}`);
    }
  }
  if (new Set(Groupings).size < Groupings.length) throw invalidParameter("Groupings may name each grouping once");
  if (Groupings.includes("AGENT_STATUS") && (Groupings[0] !== "QUEUE" || Groupings[1] !== "AGENT_STATUS")) {
    throw invalidParameter("AGENT_STATUS can be grouped by only after QUEUE");
  }
  if (CurrentMetrics.length === 0) throw invalidParameter("CurrentMetrics must name a metric");
  const sorted = SortCriteria.flatMap(({ SortByMetric }) => SortByMetric ?? []);
  const isOfStatuses = Groupings.includes("AGENT_STATUS") || (Filters.AgentStatuses ?? []).length > 0;
  for (const { Name, Unit } of [...CurrentMetrics, ...sorted.map((Name) => ({ Name, Unit: undefined }))]) {
    if (Name === undefined || !Object.hasOwn(UNITS, Name)) throw invalidParameter(`Metric ${Name} is not supported`);
    if (Unit !== undefined && Unit !== UNITS[Name]) throw invalidParameter(`The unit of ${Name} is ${UNITS[Name]}`);
    if (isOfStatuses && Name !== "AGENTS_ONLINE") {
      throw invalidParameter(`Agent statuses tell apart AGENTS_ONLINE only, not ${Name}`);
    }
  }
  const slots = sorted.find((name) => name.startsWith("SLOTS_"));
  if (slots !== undefined) throw invalidParameter(`Results cannot be sorted by ${slots}`);
}

/** A queue and channel, the agents of a routing profile, or the one served by the other. */
interface Element {
  readonly queueId?: string;
  readonly channel: Channel;
  readonly profileId?: string;
}

/** Everything that the filters name, each with what serves it or what it serves. */
async function elementsOf(reader: Reader, instance: InstanceRef, filters: Input["Filters"]): Promise<Element[]> {
  const channels = filters.Channels?.length ? filters.Channels : CHANNELS;
  const elements: Element[] = [];
  for (const idOrArn of filters.Queues ?? []) {
    const { id: queueId } = await getQueue(reader, instance, idOrArn);
    const range = { index: "queue", equals: instanceKey(instance, queueId), limit: SERVED_MAX };
    elements.push(...channels.map((channel) => ({ queueId, channel })));
    elements.push(...(await reader.list(routingProfileQueues, range)).documents);
  }
  for (const idOrArn of filters.RoutingProfiles ?? []) {
    const { id: profileId } = await getRoutingProfile(reader, instance, idOrArn);
    const range = { prefix: instanceKey(instance, profileId, ""), limit: SERVED_MAX };
    elements.push(...channels.map((channel) => ({ profileId, channel })));
    elements.push(...(await reader.list(routingProfileQueues, range)).documents);
  }
  return elements.filter(({ channel }) => channels.includes(channel));
}

interface Group {
  readonly by: Partial<Record<Grouping, string>>;
  readonly profileIds: Set<string>;
  readonly channelsByQueue: Map<string, Set<Channel>>;
  /** Only contacts of these channels count. */
  readonly channels: Set<string>;
}

function groupsOf(elements: readonly Element[], { Groupings = [], Filters }: Input): Iterable<Group> {
  const groups = new Map<string, Group>();
  const isByChannel = Groupings.includes("CHANNEL") || (Filters.Channels ?? []).length > 0;
  for (const { queueId, channel, profileId } of elements) {
    const values = { QUEUE: queueId, CHANNEL: channel, ROUTING_PROFILE: profileId } as Partial<
      Record<Grouping, string>
    >;
    const groupings = Groupings.filter((grouping) => grouping !== "AGENT_STATUS" && grouping !== "SUBTYPE");
    if (groupings.some((grouping) => values[grouping] === undefined)) continue;

    const by = Object.fromEntries(groupings.map((grouping) => [grouping, values[grouping]]));
    const key = JSON.stringify(by);
    const group = groups.get(key) ?? {
      by,
      profileIds: new Set(),
      channelsByQueue: new Map(),
      channels: new Set(isByChannel ? [] : CHANNELS),
    };
    groups.set(key, group);
    group.channels.add(channel);
    if (profileId !== undefined) group.profileIds.add(profileId);
    if (queueId !== undefined) {
      group.channelsByQueue.set(queueId, (group.channelsByQueue.get(queueId) ?? new Set()).add(channel));
    }
  }
  return groups.values();
}

interface Row {
  readonly result: CurrentMetricResult;
  /** What the answer is sorted by; absent where there is no value. */
  readonly sortValue: number | undefined;
  readonly name: string;
}

/** A queue, or the part of it that a group has. */
interface QueueFigures {
  readonly queueId: string;
  readonly channels: ReadonlySet<Channel>;
  readonly tally: Tally;
  readonly handleTimes: HandleTimes;
}

interface Figures {
  readonly agents: readonly Tally[];
  readonly queues: readonly QueueFigures[];
}

/** What of a group a row shows. */
interface Shown {
  /** Absent: agents of all statuses. */
  readonly statuses?: readonly string[] | undefined;
  readonly kinds: Kinds;
  /** What the row is told apart by beside its group. */
  readonly by?: GroupedBy;
}

interface Question {
  /** For what is asked for by its id, again and again. */
  readonly reader: Reader;
  readonly store: Reader;
  readonly instance: InstanceRef;
  readonly input: Input;
  readonly nowMs: number;
}

async function rowsOf(question: Question, group: Group): Promise<readonly Row[]> {
  const { reader, instance, input } = question;
  const figures = await figuresOf(question, group);
  const isEmpty = [...figures.agents, ...figures.queues.map(({ tally }) => tally)].every(
    (tally) => Object.keys(tally).length === 0,
  );
  if (isEmpty) return [];
  const rows: Row[] = [];
  for (const shown of shownOf(input, group, figures, await wantedStatuses(reader, instance, input))) {
    rows.push(await rowOf(question, group, figures, shown));
  }
  return input.Groupings?.includes("AGENT_STATUS") ? rows.filter(({ sortValue }) => sortValue !== 0) : rows;
}

/** What the rows of a group show: each a status, or a subtype of which there is a contact, where those are grouped by; else the one row all. */
function shownOf(
  { Filters, Groupings = [] }: Input,
  { channels }: Group,
  figures: Figures,
  statuses: readonly string[] | undefined,
): readonly Shown[] {
  const subtypes = Filters.Subtypes?.length ? new Set(Filters.Subtypes) : undefined;
  const kinds: Kinds = { channels, subtypes };
  if (Groupings.includes("AGENT_STATUS")) {
    const online = statuses ?? [...new Set(figures.agents.flatMap(onlineStatuses))];
    return online.map((status) => ({ statuses: [status], kinds, by: { AGENT_STATUS: status } }));
  }
  if (!Groupings.includes("SUBTYPE")) return [{ statuses, kinds }];
  const found = new Set([...figures.agents, ...figures.queues.map(({ tally }) => tally)].flatMap(subtypesIn));
  return [...found]
    .filter((subtype) => subtypes?.has(subtype) ?? true)
    .map((subtype) => ({ statuses, kinds: { channels, subtypes: new Set([subtype]) }, by: { SUBTYPE: subtype } }))
    .filter((shown) => hasContacts(figures, shown.kinds));
}

function hasContacts({ agents, queues }: Figures, kinds: Kinds): boolean {
  const has = (tally: Tally, figure: string, own: Kinds) =>
    figureOf(tally, figure, (detail) => hasKind(detail, own)) > 0;
  return (
    agents.some((tally) => has(tally, "slotsActive", kinds)) ||
    queues.some(({ tally, channels }) =>
      ["inQueue", "scheduled"].some((figure) => has(tally, figure, { ...kinds, channels })),
    )
  );
}

async function rowOf(question: Question, group: Group, figures: Figures, shown: Shown): Promise<Row> {
  const { instance, input } = question;
  const { SortByMetric = "AGENTS_ONLINE" } = input.SortCriteria?.[0] ?? {};
  const names = new Set([...input.CurrentMetrics.map(({ Name }) => Name), SortByMetric]);
  const oldestAge = names.has("OLDEST_CONTACT_AGE") ? await oldestContactAge(question, figures.queues, shown.kinds) : 0;
  const value = (name: CurrentMetricName) =>
    name === "OLDEST_CONTACT_AGE" ? oldestAge : figureValue(name, figures, shown);
  const dimensions = dimensionsOf(instance, { ...group.by, ...shown.by });
  return {
    result: {
      Dimensions: dimensions,
      Collections: input.CurrentMetrics.map((metric) => ({
        Metric: metric as CurrentMetric,
        Value: value(metric.Name as CurrentMetricName),
      })),
    },
    sortValue: value(SortByMetric),
    name: JSON.stringify(dimensions),
  };
}

async function figuresOf({ reader, instance, input }: Question, group: Group): Promise<Figures> {
  const agents: Tally[] = [];
  for (const id of group.profileIds) agents.push((await reader.get(agentTallies, tallyKey(instance, id)))?.kept ?? {});
  const wanted = new Set([...input.CurrentMetrics.map(({ Name }) => Name), input.SortCriteria?.[0]?.SortByMetric]);
  const queues: QueueFigures[] = [];
  for (const [queueId, channels] of group.channelsByQueue) {
    const key = tallyKey(instance, queueId);
    const tally = (await reader.get(queueTallies, key))?.kept ?? {};
    const times = wanted.has("ESTIMATED_WAIT_TIME") ? (await reader.get(handleTimes, key))?.kept : undefined;
    queues.push({ queueId, channels, tally, handleTimes: times ?? {} });
  }
  return { agents, queues };
}

/** The statuses that the filter names, by id. `undefined`: all. */
async function wantedStatuses(
  reader: Reader,
  instance: InstanceRef,
  { Filters }: Input,
): Promise<readonly string[] | undefined> {
  if (!Filters.AgentStatuses?.length) return undefined;
  const ids = Filters.AgentStatuses.map(async (idOrArn) => (await getAgentStatus(reader, instance, idOrArn)).id);
  return [...new Set(await Promise.all(ids))];
}

function onlineStatuses(tally: Tally): string[] {
  const found: string[] = [];
  figureOf(tally, "online", (status) => found.push(status) > 0);
  return found;
}

function figureValue(name: CurrentMetricName, figures: Figures, { statuses, kinds }: Shown): number | undefined {
  const sum = (figure: string, isWanted?: (detail: string) => boolean) =>
    figures.agents.reduce((total, tally) => total + figureOf(tally, figure, isWanted), 0);
  const ofAgents = OF_AGENTS[name];
  if (ofAgents !== undefined) return sum(ofAgents, (status) => statuses?.includes(status) ?? true);
  const ofChannels = OF_CHANNELS[name];
  if (ofChannels !== undefined) return sum(ofChannels, (detail) => hasKind(detail, kinds));
  if (name === "ESTIMATED_WAIT_TIME") return estimatedWaitSeconds(figures.queues, kinds, sum("staffed"));
  const figure = name === "CONTACTS_IN_QUEUE" ? "inQueue" : "scheduled";
  return figures.queues.reduce(
    (total, { tally, channels }) =>
      total + figureOf(tally, figure, (detail) => hasKind(detail, { ...kinds, channels })),
    0,
  );
}

/** How many contacts of a channel wait in a queue. */
function waitingIn({ tally }: QueueFigures, channel: Channel, { subtypes }: Kinds): number {
  const kinds = { channels: new Set([channel]), subtypes };
  return figureOf(tally, "inQueue", (detail) => hasKind(detail, kinds));
}

/** The work that waits, by how long such contacts took lately, shared among those who are there for it (our choice). */
function estimatedWaitSeconds(queues: readonly QueueFigures[], kinds: Kinds, staffed: number): number | undefined {
  let workSeconds = 0;
  for (const queue of queues) {
    for (const channel of queue.channels) {
      const waiting = waitingIn(queue, channel, kinds);
      const seconds = queue.handleTimes[channel];
      if (waiting > 0 && seconds === undefined) return undefined;
      workSeconds += waiting * (seconds ?? 0);
    }
  }
  if (workSeconds === 0) return 0;
  return staffed === 0 ? undefined : workSeconds / staffed;
}

/** How long the contact that waits longest has waited: in milliseconds, or in seconds where results are grouped. 0: none waits. */
async function oldestContactAge(
  { store, instance, input, nowMs }: Question,
  queues: readonly QueueFigures[],
  kinds: Kinds,
): Promise<number> {
  let ageMs = 0;
  for (const queue of queues) {
    for (const channel of queue.channels) {
      if (waitingIn(queue, channel, kinds) === 0) continue;
      const oldest = await oldestWaiting(store, instanceKey(instance, queue.queueId, channel, ""), kinds.subtypes);
      if (oldest?.queue) ageMs = Math.max(ageMs, nowMs - oldest.queue.enqueueMs);
    }
  }
  return (input.Groupings ?? []).length > 0 ? Math.floor(ageMs / 1_000) : ageMs;
}

async function oldestWaiting(
  reader: Reader,
  prefix: string,
  subtypes: ReadonlySet<string> | undefined,
): Promise<Contact | undefined> {
  const range = { index: "waitingSince", prefix, limit: subtypes ? READ_SIZE : 1 };
  let after: string | undefined;
  do {
    const page = await reader.list(contacts, { ...range, after });
    const oldest = page.documents.find((contact) => !subtypes || subtypes.has(subtypeOf(contact) ?? ""));
    if (oldest || !subtypes) return oldest;
    after = page.next;
  } while (after !== undefined);
  return undefined;
}

/** By value, those without one last; equal ones by their dimensions. */
function rowOrder({ SortCriteria }: Input): (one: Row, other: Row) => number {
  const sign = SortCriteria?.[0]?.SortOrder === "ASCENDING" ? 1 : -1;
  const rank = ({ sortValue }: Row) => (sortValue === undefined ? Number.POSITIVE_INFINITY : sign * sortValue);
  return (one, other) => {
    const [a, b] = [rank(one), rank(other)];
    if (a !== b) return a < b ? -1 : 1;
    return one.name < other.name ? -1 : 1;
  };
}
