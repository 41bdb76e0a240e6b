/** What `GET /_trunkline/overview` pushes, and what a reader keeps of it. */

export type Counts = Readonly<Record<string, number>>;

export const STAGES = ["in-flow", "waiting", "with-agent", "after-contact"] as const;
export type Stage = (typeof STAGES)[number];

export const CHANNELS = ["VOICE", "CHAT", "TASK", "EMAIL"] as const;

/** Counted since the start of the server. */
export interface Totals {
  readonly events: Counts;
  readonly matched: number;
  readonly calls: Counts;
  readonly refusedCalls: number;
  readonly failedCalls: number;
  readonly deliveries: Counts;
  readonly records: number;
  readonly invocations: number;
  readonly functionErrors: number;
}

export interface QueueRow {
  readonly id: string;
  readonly name: string;
  readonly figures: Counts;
  readonly today: Counts;
}

export interface AgentsNow {
  readonly statuses: readonly {
    readonly id: string;
    readonly name: string;
    readonly type: string;
    readonly count: number;
  }[];
  readonly users: number;
  readonly online: number;
  readonly available: number;
  readonly onContact: number;
  readonly afterContactWork: number;
  readonly error: number;
}

export interface Picture {
  readonly atMs: number;
  readonly contacts?: {
    readonly open: Readonly<Record<string, Readonly<Record<Stage, number>>>>;
    readonly endedToday: Counts;
    readonly isCounting: boolean;
  };
  readonly agents?: AgentsNow;
  readonly queues?: readonly QueueRow[];
  readonly moreQueues?: boolean;
  readonly serviceLevelSeconds?: number;
  readonly totals: Totals;
  readonly deliveries: { readonly waiting: number; readonly more: boolean };
  /** In the first line alone. */
  readonly history?: {
    readonly totals: readonly TotalsMoment[];
    readonly centre: readonly CentreMoment[];
  };
}

export interface TotalsMoment {
  readonly atMs: number;
  readonly totals: Totals;
}

export interface CentreMoment {
  readonly atMs: number;
  readonly inFlow: number;
  readonly waiting: number;
  readonly withAgent: number;
  readonly afterContact: number;
  readonly online: number;
}

/** The newest picture, and the last quarter of an hour. */
export interface Seen {
  readonly now: Picture;
  readonly totals: readonly TotalsMoment[];
  readonly centre: readonly CentreMoment[];
}

const KEPT_MS = 15 * 60_000;

/** Adds a picture; one that brings a history begins anew, since the connection is new. */
export function addPicture(before: Seen | undefined, now: Picture): Seen {
  const { totals, centre } = now.history ?? before ?? { totals: [], centre: [] };
  const isKept = ({ atMs }: { readonly atMs: number }): boolean => atMs >= now.atMs - KEPT_MS;
  const moment = centreMoment(now);
  return {
    now,
    totals: [...totals.filter(isKept), { atMs: now.atMs, totals: now.totals }],
    centre: [...centre.filter(isKept), ...(moment ? [moment] : [])],
  };
}

function centreMoment({ atMs, contacts, agents }: Picture): CentreMoment | undefined {
  if (!contacts || !agents) return undefined;
  const sum = (stage: Stage): number => sumOf(Object.values(contacts.open).map((counts) => counts[stage]));
  return {
    atMs,
    inFlow: sum("in-flow"),
    waiting: sum("waiting"),
    withAgent: sum("with-agent"),
    afterContact: sum("after-contact"),
    online: agents.online,
  };
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What deliveries came to: taken inside and delivered outside are the same to who looks. */
export function delivered({ deliveries }: Totals): number {
  return (deliveries.taken ?? 0) + (deliveries.delivered ?? 0);
}

/** How fast a count grows, a second, between each moment and the one before it. The first has none. */
export function ratesOf(moments: readonly TotalsMoment[], countOf: (totals: Totals) => number): (number | null)[] {
  return moments.map(({ atMs, totals }, place) => {
    const before = moments[place - 1];
    if (!before || atMs <= before.atMs) return null;
    // A server that was started again counts from nothing.
    return (Math.max(0, countOf(totals) - countOf(before.totals)) * 1000) / (atMs - before.atMs);
  });
}

/** The growth a second over the last five seconds, so that a figure can be read. */
export function rateNow(moments: readonly TotalsMoment[], countOf: (totals: Totals) => number): number {
  const last = moments.at(-1);
  if (!last) return 0;
  const first = moments.find(({ atMs }) => atMs >= last.atMs - 5_500);
  if (!first || first === last) return 0;
  return (Math.max(0, countOf(last.totals) - countOf(first.totals)) * 1000) / (last.atMs - first.atMs);
}

/** Names in the order of their counts, the largest first. */
export function leadingNames(counts: Counts, most: number): string[] {
  return Object.entries(counts)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([name]) => name);
}

export function shownRate(rate: number): string {
  if (rate === 0) return "0";
  return rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString();
}
