import {
  type AgentsNow,
  agentsNow,
  type ContactStages,
  connect,
  type InstanceRef,
  instanceArn,
  type StagePicture,
  watchContactStages,
} from "../services/connect/index.ts";
import type { Context, Platform } from "../services/service.ts";

/** Of an instance: as many as GetCurrentMetricData takes. */
const QUEUES_MAX = 100;
/** How often the names of queues are read again. */
const QUEUES_EVERY_MS = 5_000;
/** What contacts of today add up to is read again after so many times as long as it took. */
const TODAY_PAUSES = 50;
const DAY_MS = 86_400_000;

/** What service levels are told for: the share of contacts that waited less than these seconds. */
const SERVICE_LEVEL_SECONDS = 20;

const CURRENT = [
  "CONTACTS_IN_QUEUE",
  "OLDEST_CONTACT_AGE",
  "CONTACTS_SCHEDULED",
  "AGENTS_ONLINE",
  "AGENTS_AVAILABLE",
  "AGENTS_ON_CONTACT",
  "AGENTS_AFTER_CONTACT_WORK",
  "AGENTS_NON_PRODUCTIVE",
  "AGENTS_ERROR",
  "SLOTS_ACTIVE",
  "SLOTS_AVAILABLE",
].map((Name) => ({ Name, Unit: Name === "OLDEST_CONTACT_AGE" ? "SECONDS" : "COUNT" }));

const TODAY = [
  { Name: "SERVICE_LEVEL", Threshold: [{ Comparison: "LT", ThresholdValue: SERVICE_LEVEL_SECONDS }] },
  { Name: "CONTACTS_QUEUED" },
  { Name: "CONTACTS_ABANDONED" },
  { Name: "CONTACTS_HANDLED" },
];

type Figures = Readonly<Record<string, number>>;

/** A queue as it is now, by GetCurrentMetricData, and today, by GetMetricDataV2. */
interface QueueRow {
  readonly id: string;
  readonly name: string;
  readonly figures: Figures;
  readonly today: Figures;
}

/** An instance as its overview shows it. */
interface CentrePicture {
  readonly contacts: StagePicture;
  readonly agents: AgentsNow;
  readonly queues: readonly QueueRow[];
  /** The instance has more queues than are told. */
  readonly moreQueues: boolean;
  readonly serviceLevelSeconds: number;
}

/** A few figures of it, for charts. */
export interface CentreMoment {
  /** Wall time. */
  readonly atMs: number;
  readonly inFlow: number;
  readonly waiting: number;
  readonly withAgent: number;
  readonly afterContact: number;
  readonly online: number;
}

interface Row {
  readonly Dimensions?: Readonly<Record<string, unknown>>;
  readonly Collections?: readonly { readonly Metric?: { readonly Name?: string }; readonly Value?: number }[];
}

interface Known<T> {
  readonly atMs: number;
  readonly value: T;
}

/** Makes pictures of an instance. What changes slowly is read less often than the rest. */
export class CentrePictures implements Disposable {
  readonly #context: Context;
  readonly #instance: InstanceRef;
  readonly #stages: ContactStages;
  #queues: Known<{ readonly rows: readonly { Id: string; Name?: string }[]; readonly more: boolean }> | undefined;
  #today: { readonly untilMs: number; readonly value: ReadonlyMap<string, Figures> } | undefined;
  #latest: { readonly contacts: StagePicture; readonly online: number } | undefined;

  constructor(platform: Platform, instance: InstanceRef) {
    this.#instance = instance;
    this.#context = contextOf(platform, instance);
    this.#stages = watchContactStages(platform, instance);
  }

  async now(): Promise<CentrePicture> {
    const listed = await this.#listed();
    const contacts = await this.#stages.now();
    const agents = await agentsNow(this.#context.store, this.#instance);
    const [figures, today] = [await this.#figures(listed.rows), await this.#ofToday(listed.rows)];
    this.#latest = { contacts, online: agents.online };
    return {
      contacts,
      agents,
      queues: listed.rows.map(({ Id, Name = Id }) => ({
        id: Id,
        name: Name,
        figures: figures.get(Id) ?? {},
        today: today.get(Id) ?? {},
      })),
      moreQueues: listed.more,
      serviceLevelSeconds: SERVICE_LEVEL_SECONDS,
    };
  }

  /** Only what `moment` tells. */
  async stages(): Promise<void> {
    const contacts = await this.#stages.now();
    this.#latest = { contacts, online: (await agentsNow(this.#context.store, this.#instance)).online };
  }

  moment(atMs: number): CentreMoment | undefined {
    if (this.#latest === undefined) return undefined;
    const { contacts, online } = this.#latest;
    const sum = (stage: keyof (typeof contacts.open)[string]): number =>
      Object.values(contacts.open).reduce((total, counts) => total + counts[stage], 0);
    return {
      atMs,
      inFlow: sum("in-flow"),
      waiting: sum("waiting"),
      withAgent: sum("with-agent"),
      afterContact: sum("after-contact"),
      online,
    };
  }

  [Symbol.dispose](): void {
    this.#stages[Symbol.dispose]();
  }

  async #listed(): Promise<{ readonly rows: readonly { Id: string; Name?: string }[]; readonly more: boolean }> {
    const atMs = this.#context.wall.monotonicMs();
    if (this.#queues && atMs - this.#queues.atMs < QUEUES_EVERY_MS) return this.#queues.value;
    const { QueueSummaryList = [], NextToken } = await this.#ask<{
      QueueSummaryList?: readonly { Id: string; Name?: string }[];
      NextToken?: string;
    }>("ListQueues", { QueueTypes: ["STANDARD"], MaxResults: QUEUES_MAX });
    const value = { rows: QueueSummaryList, more: NextToken !== undefined };
    this.#queues = { atMs, value };
    return value;
  }

  async #figures(queues: readonly { Id: string }[]): Promise<ReadonlyMap<string, Figures>> {
    if (queues.length === 0) return new Map();
    const { MetricResults = [] } = await this.#ask<{ MetricResults?: readonly Row[] }>("GetCurrentMetricData", {
      Filters: { Queues: queues.map(({ Id }) => Id) },
      Groupings: ["QUEUE"],
      CurrentMetrics: CURRENT,
      MaxResults: QUEUES_MAX,
    });
    return new Map(
      MetricResults.map((row) => [(row.Dimensions?.Queue as { Id?: string } | undefined)?.Id ?? "", figuresOf(row)]),
    );
  }

  /** A day of many agents and reasons is many sums: a few queues at a time, with room for others between. */
  async #ofToday(queues: readonly { Id: string }[]): Promise<ReadonlyMap<string, Figures>> {
    const { clock, wall } = this.#context;
    const atMs = wall.monotonicMs();
    if (this.#today && atMs < this.#today.untilMs) return this.#today.value;
    const nowMs = clock.now();
    const midnightMs = nowMs - (nowMs % DAY_MS);
    const found = new Map<string, Figures>();
    for (let place = 0; midnightMs < nowMs && place < queues.length; place += 10) {
      const FilterValues = queues.slice(place, place + 10).map(({ Id }) => Id);
      const { MetricResults = [] } = await this.#ask<{ MetricResults?: readonly Row[] }>("GetMetricDataV2", {
        ResourceArn: instanceArn(this.#instance),
        StartTime: new Date(midnightMs),
        EndTime: new Date(nowMs),
        Filters: [{ FilterKey: "QUEUE", FilterValues }],
        Groupings: ["QUEUE"],
        Metrics: TODAY,
      });
      for (const row of MetricResults) found.set(String(row.Dimensions?.QUEUE ?? ""), figuresOf(row));
      const { promise, resolve } = Promise.withResolvers<void>();
      using _timer = wall.after(0, resolve);
      await promise;
    }
    const endMs = wall.monotonicMs();
    this.#today = { untilMs: endMs + (endMs - atMs) * TODAY_PAUSES, value: found };
    return found;
  }

  async #ask<T>(operation: string, input: object): Promise<T> {
    const handler = connect.operations.connect?.[operation];
    if (handler === undefined) throw new Error(`There is no ${operation}`);
    return (await handler({ InstanceId: this.#instance.instanceId, ...input }, this.#context)) as T;
  }
}

/** Whoever reads has been asked what they may do: the picture is made once, for all of them. */
function contextOf(platform: Platform, { account, region }: InstanceRef): Context {
  return {
    ...platform,
    endpoint: platform.endpoint,
    account,
    region,
    accessKeyId: "",
    principalArn: `arn:aws:iam::${account}:root`,
    requestId: "overview",
    signal: new AbortController().signal,
  };
}

function figuresOf({ Collections = [] }: Row): Figures {
  return Object.fromEntries(Collections.map(({ Metric, Value }) => [Metric?.Name ?? "", Value ?? 0]));
}
