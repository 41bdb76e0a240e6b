/** What `GET /_trunkline/map` tells, and what the page makes of it. */
import { type Rates, type Traffic, trafficBetween } from "../../rates.ts";

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
  readonly countedTo?: string;
}

export interface MapDocument {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly isCut: boolean;
}

export function trafficOf(
  rates: Rates | undefined,
  { from, to, countedFrom = from, countedTo = to }: MapEdge,
): Traffic {
  return trafficBetween(rates, countedFrom, countedTo);
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
