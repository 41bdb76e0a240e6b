/** What goes over connections: what `GET /_trunkline/map/rates` pushes, added up. */
import { type Followed, useFollowed } from "./query.ts";

/** A line of `map/rates`. */
interface RatesLine {
  readonly atMs: number;
  readonly edges: readonly (readonly [from: string, to: string, went: number, failed: number])[];
  readonly nodes: readonly (readonly [id: string, count: number, failed: number])[];
}

/** What has gone somewhere since the server started, and how much a second now. */
export interface Traffic {
  readonly went: number;
  readonly failed: number;
  readonly rate: number;
  readonly failedRate: number;
}

export interface Rates {
  readonly atMs: number;
  readonly byKey: ReadonlyMap<string, Traffic>;
}

const NONE: Traffic = { went: 0, failed: 0, rate: 0, failedRate: 0 };
/** How much the last second weighs: a rate can be read, and goes to nothing within some seconds. */
const WEIGHT = 0.5;
const LEAST_RATE = 0.05;

/** Adds a line. The first of a connection has everything that was counted, and says nothing of rates yet. */
function addRates(before: Rates | undefined, line: RatesLine): Rates {
  const counted = new Map<string, readonly [number, number]>([
    ...line.edges.map(([from, to, went, failed]): [string, [number, number]] => [keyOf(from, to), [went, failed]]),
    ...line.nodes.map(([id, count, failed]): [string, [number, number]] => [id, [count - failed, failed]]),
  ]);
  const seconds = before ? Math.max(0.2, (line.atMs - before.atMs) / 1000) : 0;
  const byKey = new Map<string, Traffic>();
  for (const key of new Set([...(before?.byKey.keys() ?? []), ...counted.keys()])) {
    const old = before?.byKey.get(key);
    const [went, failed] = counted.get(key) ?? [old?.went ?? 0, old?.failed ?? 0];
    const rate = (count: number, earlier: number, rateBefore: number): number => {
      if (!before || count < earlier) return 0;
      const now = rateBefore * (1 - WEIGHT) + ((count - earlier) / seconds) * WEIGHT;
      return now < LEAST_RATE ? 0 : now;
    };
    byKey.set(key, {
      went,
      failed,
      rate: rate(went + failed, (old?.went ?? 0) + (old?.failed ?? 0), old?.rate ?? 0),
      failedRate: rate(failed, old?.failed ?? 0, old?.failedRate ?? 0),
    });
  }
  return { atMs: line.atMs, byKey };
}

export function keyOf(from: string, to: string): string {
  return `${from} ${to}`;
}

/** Between two ends as they are counted, which need not be on the map. */
export function trafficBetween(rates: Rates | undefined, from: string, to: string): Traffic {
  return rates?.byKey.get(keyOf(from, to)) ?? NONE;
}

export function nodeTraffic(rates: Rates | undefined, id: string): Traffic {
  return rates?.byKey.get(id) ?? NONE;
}

/** What has failed of all that was sent from somewhere. */
export function failedFrom(rates: Rates, from: string): number {
  let failed = 0;
  for (const [key, traffic] of rates.byKey) if (key.startsWith(`${from} `)) failed += traffic.failed;
  return failed;
}

/** Follows what has been counted since the server started, and how much a second it is now. */
export function useRates(): Followed<Rates> {
  return useFollowed<RatesLine, Rates>("map/rates", addRates);
}
