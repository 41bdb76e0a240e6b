/**
 * Places a graph in layers, from left to right: each thing stands behind everything that sends to it, and within its layer near those that it is
 * connected with, so that few lines cross (after Sugiyama: layers by the longest way, order by barycentres, then places).
 */
export interface Placed {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly places: ReadonlyMap<string, Placed>;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly from: string;
  readonly to: string;
}

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 40;
const LAYER_GAP = 110;
const NODE_GAP = 16;
const SWEEPS = 6;

export function layoutOf(ids: readonly string[], lines: readonly Line[]): Layout {
  const forward = withoutCycles(ids, lines);
  const layers = ordered(layersOf(ids, forward), forward);
  const ys = placesIn(layers, forward);
  const places = new Map<string, Placed>();
  for (const [layer, members] of layers.entries()) {
    for (const id of members) places.set(id, { x: layer * (NODE_WIDTH + LAYER_GAP), y: ys.get(id) ?? 0 });
  }
  const lowest = Math.max(0, ...ys.values());
  return {
    places,
    width: Math.max(1, layers.length) * (NODE_WIDTH + LAYER_GAP) - LAYER_GAP,
    height: lowest + NODE_HEIGHT,
  };
}

/** All lines but those that lead back to where a walk has come from. */
function withoutCycles(ids: readonly string[], lines: readonly Line[]): Line[] {
  const outgoing = Map.groupBy(lines, ({ from }) => from);
  const state = new Map<string, "open" | "done">();
  const kept: Line[] = [];
  for (const start of ids) {
    if (state.has(start)) continue;
    state.set(start, "open");
    const walk = [{ id: start, rest: [...(outgoing.get(start) ?? [])] }];
    for (let last = walk.at(-1); last !== undefined; last = walk.at(-1)) {
      const line = last.rest.pop();
      if (line === undefined) {
        state.set(last.id, "done");
        walk.pop();
        continue;
      }
      if (state.get(line.to) === "open") continue;
      kept.push(line);
      if (state.has(line.to)) continue;
      state.set(line.to, "open");
      walk.push({ id: line.to, rest: [...(outgoing.get(line.to) ?? [])] });
    }
  }
  return kept;
}

/** Everything in the layer behind the last of those that send to it. */
function layersOf(ids: readonly string[], lines: readonly Line[]): string[][] {
  const incoming = new Map<string, number>(ids.map((id) => [id, 0]));
  for (const { to } of lines) incoming.set(to, (incoming.get(to) ?? 0) + 1);
  const outgoing = Map.groupBy(lines, ({ from }) => from);
  const ranks = new Map<string, number>();
  const free = ids.filter((id) => incoming.get(id) === 0);
  for (let id = free.shift(); id !== undefined; id = free.shift()) {
    const rank = ranks.get(id) ?? 0;
    ranks.set(id, rank);
    for (const { to } of outgoing.get(id) ?? []) {
      ranks.set(to, Math.max(ranks.get(to) ?? 0, rank + 1));
      const left = (incoming.get(to) ?? 0) - 1;
      incoming.set(to, left);
      if (left === 0) free.push(to);
    }
  }
  tighten(ids, lines, ranks);
  const layers: string[][] = [];
  for (const id of ids) {
    const rank = ranks.get(id) ?? 0;
    while (layers.length <= rank) layers.push([]);
    layers[rank]?.push(id);
  }
  return layers;
}

/** What sends to more than sends to it stands right before the first of those: that makes its lines short. */
function tighten(ids: readonly string[], lines: readonly Line[], ranks: Map<string, number>): void {
  const neighbours = neighboursOf(lines);
  for (const id of ids.toSorted((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0))) {
    const { before, behind } = neighbours.get(id) ?? { before: [], behind: [] };
    if (behind.length > before.length) ranks.set(id, Math.min(...behind.map((other) => ranks.get(other) ?? 0)) - 1);
  }
}

/** Orders each layer by the mean place of what its members are connected with, forth and back some times. */
function ordered(layers: readonly string[][], lines: readonly Line[]): string[][] {
  const neighbours = neighboursOf(lines);
  const order = new Map<string, number>();
  const note = (layer: readonly string[]): void => {
    for (const [place, id] of layer.entries()) order.set(id, place / Math.max(1, layer.length));
  };
  const now = layers.map((layer) => [...layer]);
  for (const layer of now) note(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? "before" : "behind";
    for (const layer of side === "before" ? now : now.toReversed()) {
      const centre = new Map(layer.map((id) => [id, meanOf(neighbours.get(id)?.[side], order) ?? order.get(id) ?? 0]));
      layer.sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0));
      note(layer);
    }
  }
  return now;
}

/** Draws members of a layer to the height of what they are connected with, without changing their order or letting them touch. */
function placesIn(layers: readonly (readonly string[])[], lines: readonly Line[]): Map<string, number> {
  const neighbours = neighboursOf(lines);
  const step = NODE_HEIGHT + NODE_GAP;
  const tallest = Math.max(0, ...layers.map(({ length }) => length));
  const ys = new Map<string, number>();
  for (const layer of layers) {
    const top = ((tallest - layer.length) * step) / 2;
    for (const [place, id] of layer.entries()) ys.set(id, top + place * step);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? "before" : "behind";
    for (const layer of side === "before" ? layers : layers.toReversed()) spread(layer, neighbours, side, ys);
  }
  const top = Math.min(0, ...ys.values());
  for (const [id, y] of ys) ys.set(id, y - top);
  return ys;
}

function spread(
  layer: readonly string[],
  neighbours: ReturnType<typeof neighboursOf>,
  side: "before" | "behind",
  ys: Map<string, number>,
): void {
  const step = NODE_HEIGHT + NODE_GAP;
  const wanted = layer.map((id) => meanOf(neighbours.get(id)?.[side], ys) ?? ys.get(id) ?? 0);
  // Once from above and once from below; the mean of both keeps the order and the distances.
  const down: number[] = [];
  for (const [place, y] of wanted.entries()) down.push(Math.max(y, (down[place - 1] ?? -Infinity) + step));
  const up: number[] = [];
  for (const y of wanted.toReversed()) up.push(Math.min(y, (up.at(-1) ?? Infinity) - step));
  up.reverse();
  for (const [place, id] of layer.entries()) ys.set(id, ((down[place] ?? 0) + (up[place] ?? 0)) / 2);
}

interface Neighbours {
  readonly before: string[];
  readonly behind: string[];
}

function neighboursOf(lines: readonly Line[]): Map<string, Neighbours> {
  const found = new Map<string, Neighbours>();
  const of = (id: string): Neighbours => {
    const known = found.get(id) ?? { before: [], behind: [] };
    found.set(id, known);
    return known;
  };
  for (const { from, to } of lines) {
    of(from).behind.push(to);
    of(to).before.push(from);
  }
  return found;
}

function meanOf(ids: readonly string[] | undefined, values: ReadonlyMap<string, number>): number | undefined {
  if (!ids || ids.length === 0) return undefined;
  return ids.reduce((sum, id) => sum + (values.get(id) ?? 0), 0) / ids.length;
}
