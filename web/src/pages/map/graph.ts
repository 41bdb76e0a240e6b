/** What `GET /_trunkline/map` and `map/rates` tell, and what the page makes of it. */

export interface MapNode {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly isOff?: boolean;
  readonly isMissing?: true;
  readonly of?: string;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly isOff?: boolean;
  readonly countedFrom?: string;
}

export interface MapDocument {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly isCut: boolean;
}

/** A line of `map/rates`. */
export interface RatesLine {
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
export function addRates(before: Rates | undefined, line: RatesLine): Rates {
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

export function trafficOf(rates: Rates | undefined, { from, to, countedFrom = from }: MapEdge): Traffic {
  return rates?.byKey.get(keyOf(countedFrom, to)) ?? NONE;
}

export function nodeTraffic(rates: Rates | undefined, id: string): Traffic {
  return rates?.byKey.get(id) ?? NONE;
}

export interface Wanted {
  readonly kind: string;
  readonly text: string;
  readonly withLoners: boolean;
}

/** Things that a filter finds, with all that leads to them and from them; without one, all that is connected. */
export function filtered({ nodes, edges }: MapDocument, { kind, text, withLoners }: Wanted): MapDocument {
  const lower = text.toLowerCase();
  const isNamed = ({ id, name }: MapNode): boolean =>
    text === "" || name.toLowerCase().includes(lower) || id.toLowerCase().includes(lower);
  const found = nodes.filter((node) => (kind === "" || node.kind === kind) && isNamed(node));
  const isAll = kind === "" && text === "";
  const ids = isAll
    ? new Set(nodes.map(({ id }) => id))
    : around(
        found.map(({ id }) => id),
        edges,
      );
  const connected = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const shown = nodes.filter(
    ({ id, isMissing }) => ids.has(id) && (withLoners || connected.has(id) || isMissing || !isAll),
  );
  return { nodes: shown, edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)), isCut: false };
}

/** Ids with all from which one comes to them, and all to which one comes from them. */
export function around(ids: readonly string[], edges: readonly MapEdge[]): Set<string> {
  const walk = (endOf: (edge: MapEdge) => string, otherOf: (edge: MapEdge) => string): Set<string> => {
    const byEnd = Map.groupBy(edges, endOf);
    const seen = new Set(ids);
    const open = [...ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const edge of byEnd.get(id) ?? []) {
        const other = otherOf(edge);
        if (seen.has(other)) continue;
        seen.add(other);
        open.push(other);
      }
    }
    return seen;
  };
  const ahead = walk(
    ({ from }) => from,
    ({ to }) => to,
  );
  const back = walk(
    ({ to }) => to,
    ({ from }) => from,
  );
  return new Set([...ahead, ...back]);
}
