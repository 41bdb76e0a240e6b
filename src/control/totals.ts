import { type Metrics, OTHER, SENT } from "../flow/index.ts";

/** What has been counted for an account in a Region since the start. Calls are counted for the account in all Regions. */
export interface Totals {
  /** Events that came to buses, by source. */
  readonly events: Readonly<Record<string, number>>;
  readonly matched: number;
  /** Requests for operations, by service. */
  readonly calls: Readonly<Record<string, number>>;
  readonly refusedCalls: number;
  readonly failedCalls: number;
  /** Messages by what became of them: taken, delivered, failed (and tried again), dead-lettered, dropped. */
  readonly deliveries: Readonly<Record<string, number>>;
  /** Records that were put into streams. */
  readonly records: number;
  readonly invocations: number;
  readonly functionErrors: number;
}

type Open<T> = T extends Readonly<Record<string, number>> ? Record<string, number> : T;
type Counting = { -readonly [K in keyof Totals]: Open<Totals[K]> };

/** Who is counted for: an account, or an account and a Region. */
export function scopeOf(account: string, region: string): string {
  return `${account} ${region}`;
}

/** Sources that are told apart in an account's sum; buses tell 50 apart each. */
const SOURCES_MAX = 50;

/** All counters, summed up by scope. Some thousands of additions at most: labels are bounded. */
export function readTotals(metrics: Metrics): ReadonlyMap<string, Totals> {
  const scopes = new Map<string, Counting>();
  const of = (account: string, region: string): Counting => {
    const scope = scopeOf(account, region);
    const totals = scopes.get(scope) ?? none();
    scopes.set(scope, totals);
    return totals;
  };
  for (const { labels, value } of metrics.values("trunkline_bus_events_total")) {
    const { account = "", region = "", source = "" } = labels;
    add(of(account, region).events, source, value);
  }
  for (const { labels, value } of metrics.values("trunkline_matched_events_total")) {
    of(labels.account ?? "", labels.region ?? "").matched += value;
  }
  for (const { labels, value } of metrics.values("trunkline_stream_records_total")) {
    of(labels.account ?? "", labels.region ?? "").records += value;
  }
  for (const { labels, value } of metrics.values("trunkline_function_invocations_total")) {
    const totals = of(labels.account ?? "", labels.region ?? "");
    totals.invocations += value;
    if (labels.status !== "success") totals.functionErrors += value;
  }
  for (const { labels, value } of metrics.values(SENT)) {
    const { account = "", region = "", outcome = "" } = labels;
    add(of(account, region).deliveries, outcome, value);
  }
  const byAccount = callsOf(metrics);
  for (const [account, calls] of byAccount) {
    // A Region in which nothing else was counted is found by its account.
    Object.assign(of(account, ""), calls);
  }
  for (const [scope, totals] of scopes) {
    totals.events = leading(totals.events);
    const calls = byAccount.get(scope.split(" ")[0] ?? "");
    if (calls) Object.assign(totals, calls);
  }
  return scopes;
}

/** The totals of an account in a Region, out of those of all. */
export function totalsOf(all: ReadonlyMap<string, Totals>, account: string, region: string): Totals {
  return all.get(scopeOf(account, region)) ?? all.get(scopeOf(account, "")) ?? none();
}

function callsOf(metrics: Metrics): Map<string, Pick<Counting, "calls" | "refusedCalls" | "failedCalls">> {
  const byAccount = new Map<string, Pick<Counting, "calls" | "refusedCalls" | "failedCalls">>();
  for (const { labels, value } of metrics.values("trunkline_account_requests_total")) {
    const { account = "", service = "", outcome } = labels;
    const counted = byAccount.get(account) ?? { calls: {}, refusedCalls: 0, failedCalls: 0 };
    byAccount.set(account, counted);
    add(counted.calls, service, value);
    if (outcome === "refused") counted.refusedCalls += value;
    if (outcome === "failed") counted.failedCalls += value;
  }
  return byAccount;
}

function none(): Counting {
  return {
    events: {},
    matched: 0,
    calls: {},
    refusedCalls: 0,
    failedCalls: 0,
    deliveries: {},
    records: 0,
    invocations: 0,
    functionErrors: 0,
  };
}

function add(counts: Record<string, number>, name: string, by: number): void {
  counts[name] = (counts[name] ?? 0) + by;
}

function leading({ [OTHER]: others = 0, ...counts }: Record<string, number>): Record<string, number> {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(SOURCES_MAX).reduce((sum, [, count]) => sum + count, others);
  return { ...Object.fromEntries(sorted.slice(0, SOURCES_MAX)), ...(rest > 0 && { [OTHER]: rest }) };
}
