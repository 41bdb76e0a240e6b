/**
 * The map: what is connected to what in an account's configuration in a Region, with what goes over it.
 *
 * Services tell of their own things (`Service.map`). What several of them say of one thing is put together here, and an end that no service
 * knows, though it is one of ours, is told as missing.
 */
import { setImmediate } from "node:timers/promises";
import { PASSED, SENT } from "../flow/index.ts";
import { services } from "../services/index.ts";
import { keptReader } from "../services/kept-reader.ts";
import { defaultBusArn, eventSourceId, type MapEdge, type MapNode, type MapScope } from "../services/map-part.ts";
import { perStore } from "../services/per-store.ts";
import type { Platform } from "../services/service.ts";
import type { Caller, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";
import { pause } from "./pause.ts";
import { pushed } from "./pushed.ts";

/** Edges, and things, that a map has; then it is cut and says so. */
const EDGES_MAX = 2_000;
const NODES_MAX = 2_000;
/** Parts of it that are taken without a break. */
const TOLD_AT_ONCE = 100;
/** How often what goes over it is pushed, in wall time. */
const EVERY_MS = 1_000;
/** How long an answer is good for others. */
const SHARED_MS = 500;

interface ToldNode extends Omit<MapNode, "part"> {
  /** Nobody knows it: what is sent there fails. */
  readonly isMissing?: true;
}

type ToldEdge = Omit<MapEdge, "part">;

interface ToldMap {
  readonly nodes: readonly ToldNode[];
  readonly edges: readonly ToldEdge[];
  readonly isCut: boolean;
}

/** `GET /_trunkline/map`. */
export async function map(platform: Platform, caller: Caller, request: PlainRequest): Promise<PlainResponse> {
  if (request.query !== "") return failure(400, "The map takes no parameters");
  const { account, region } = caller;
  const scope = { account, region };
  const told = await shared(platform, ["map", scope], () => readMap(platform, scope));
  await platform.store.durable();
  return json(told);
}

/**
 * `GET /_trunkline/map/rates`: pushes once a second, a JSON document a line, what has been counted since the start: `edges` as `[from, to, went,
 * failed]` and `nodes` as `[id, count, failed]`. The first line has all, each further one what has changed.
 */
export function mapRates(
  current: () => Platform,
  { account, region }: Pick<Caller, "account" | "region">,
  request: Pick<PlainRequest, "signal">,
): PlainResponse {
  return pushed(rates(current, { account, region }, request.signal), current().wall);
}

/** What several readers ask within half a second is worked out once for all of them. */
function shared<T>({ store, wall }: Platform, of: readonly unknown[], make: () => T): T {
  const known = answers(store);
  const key = JSON.stringify(of);
  const nowMs = wall.monotonicMs();
  for (const [old, { untilMs }] of known) if (untilMs <= nowMs) known.delete(old);
  const answer = known.get(key) ?? { value: make(), untilMs: nowMs + SHARED_MS };
  known.set(key, answer);
  return answer.value as T;
}

const answers = perStore(() => new Map<string, { readonly value: unknown; readonly untilMs: number }>());

export async function readMap({ store, flow }: Pick<Platform, "store" | "flow">, scope: MapScope): Promise<ToldMap> {
  const nodes = new Map<string, ToldNode>();
  const edges = new Map<string, ToldEdge>();
  let isCut = false;
  let told = 0;
  // Configuration is asked more often than it changes.
  const reader = keptReader(store);
  reading: for (const { map } of services) {
    if (map === undefined) continue;
    for await (const { part, ...one } of map(reader, scope)) {
      if (part === "node") nodes.set((one as ToldNode).id, one as ToldNode);
      else addEdge(edges, one as ToldEdge);
      // Thousands are read from memory: others have room between.
      if (++told % TOLD_AT_ONCE === 0) await setImmediate();
      isCut = nodes.size >= NODES_MAX || edges.size >= EDGES_MAX;
      if (isCut) break reading;
    }
  }
  for (const { bus, source } of seenSources(flow.metrics, scope)) {
    const id = eventSourceId(bus, source);
    if (nodes.has(id) || !nodes.has(bus)) continue;
    nodes.set(id, { id, kind: "event source", name: source });
    addEdge(edges, { from: id, to: bus, label: "events" });
  }
  const arns = new Set(nodes.keys());
  for (const { from, to } of edges.values()) {
    for (const end of [from, to]) if (!nodes.has(end)) nodes.set(end, unknownNode(end, arns, isCut));
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], isCut };
}

/** Several of one kind between the same two are one line with the number of them. */
function addEdge(edges: Map<string, ToldEdge>, edge: ToldEdge): void {
  const key = JSON.stringify([edge.from, edge.to, edge.label]);
  if (!edges.has(key)) edges.set(key, edge);
}

/** What nobody has told of: a version of a function is its function; what is not ours, or lies beyond the cut, is not missing. */
function unknownNode(id: string, known: ReadonlySet<string>, isCut: boolean): ToldNode {
  const [, , service = "", , , ...resource] = id.split(":");
  const name = resource.join(":") || id;
  const unqualified = id.replace(/(:function:[^:]+):[^:]+$/, "$1");
  const kind = KINDS[service];
  if (kind === undefined) return { id, kind: "outside", name };
  if (isCut || known.has(unqualified)) return { id, kind, name: shortName(name) };
  return { id, kind, name: shortName(name), isMissing: true };
}

function shortName(resource: string): string {
  return resource.replace(/^(stream|event-bus|deliverystream|log-group|function|flow|campaign|domains?)[/:]/, "");
}

/** What an ARN of a service of ours names. */
const KINDS: Readonly<Record<string, MapNode["kind"] | undefined>> = {
  kinesis: "stream",
  firehose: "delivery stream",
  sqs: "queue",
  sns: "topic",
  lambda: "function",
  logs: "log group",
  s3: "bucket",
  events: "bus",
  appflow: "flow",
  profile: "profiles domain",
  cases: "cases domain",
  "connect-campaigns": "campaign",
};

interface SeenSource {
  readonly bus: string;
  readonly source: string;
  readonly count: number;
}

/** Who has put events, whatever the configuration says. */
function seenSources(metrics: Platform["flow"]["metrics"], scope: MapScope): SeenSource[] {
  return metrics.values("trunkline_bus_events_total").flatMap(({ labels, value }) => {
    const { account, region, bus = "", source = "" } = labels;
    if (account !== scope.account || region !== scope.region) return [];
    return [{ bus: defaultBusArn(scope).replace(/default$/, () => bus), source, count: value }];
  });
}

type Counts = Map<string, readonly [string, string, number, number]>;
type NodeCounts = Map<string, readonly [string, number, number]>;

async function* rates(current: () => Platform, scope: MapScope, signal: AbortSignal): AsyncGenerator<string> {
  const platform = current();
  const { wall, flow } = platform;
  let edges: Counts = new Map();
  let nodes: NodeCounts = new Map();
  // After a reset all is counted anew: whoever reads asks again.
  while (!signal.aborted && current() === platform) {
    const { atMs, ...counted } = shared(platform, ["rates", scope], () => ({
      atMs: wall.now(),
      ...countsOf(flow.metrics, scope),
    }));
    const changed = {
      atMs,
      edges: [...counted.edges].flatMap(([key, value]) => (isSame(edges.get(key), value) ? [] : [value])),
      nodes: [...counted.nodes].flatMap(([key, value]) => (isSame(nodes.get(key), value) ? [] : [value])),
    };
    ({ edges, nodes } = counted);
    yield `${JSON.stringify(changed)}\n`;
    await pause(wall, EVERY_MS, signal);
  }
}

function isSame(before: readonly unknown[] | undefined, after: readonly unknown[]): boolean {
  return before?.every((value, place) => value === after[place]) ?? false;
}

const FAILED = new Set(["failed", "dead-lettered", "dropped"]);

function countsOf(
  metrics: Platform["flow"]["metrics"],
  scope: MapScope,
): { readonly edges: Counts; readonly nodes: NodeCounts } {
  const edges: Counts = new Map();
  const nodes: NodeCounts = new Map();
  const isOwn = ({ account, region }: Readonly<Record<string, string>>): boolean =>
    account === scope.account && region === scope.region;
  const addEdgeCount = (from: string, to: string, went: number, failed: number): void => {
    const key = `${from} ${to}`;
    const [, , before = 0, failedBefore = 0] = edges.get(key) ?? [];
    edges.set(key, [from, to, before + went, failedBefore + failed]);
  };
  const addNodeCount = (id: string, count: number, failed: number): void => {
    const [, before = 0, failedBefore = 0] = nodes.get(id) ?? [];
    nodes.set(id, [id, before + count, failedBefore + failed]);
  };
  for (const { labels, value } of metrics.values(SENT)) {
    const { from = "", to = "", outcome = "" } = labels;
    if (!isOwn(labels)) continue;
    const failed = FAILED.has(outcome) ? value : 0;
    addEdgeCount(from, to, value - failed, failed);
    // What an API destination is sent goes on to its address.
    if (to.includes(":api-destination/")) addEdgeCount(to, "address", value - failed, failed);
  }
  for (const { labels, value } of metrics.values(PASSED)) {
    const { from = "", to = "", outcome } = labels;
    if (!isOwn(labels)) continue;
    addEdgeCount(from, to, outcome === "failed" ? 0 : value, outcome === "failed" ? value : 0);
  }
  for (const { bus, source, count } of seenSources(metrics, scope)) {
    addEdgeCount(eventSourceId(bus, source), bus, count, 0);
    addNodeCount(bus, count, 0);
  }
  for (const { labels, value } of metrics.values("trunkline_matched_events_total")) {
    const { account = "", region = "", bus = "", rule = "" } = labels;
    if (!isOwn(labels)) continue;
    const path = bus === "default" ? rule : `${bus}/${rule}`;
    const busArn = defaultBusArn(scope).replace(/default$/, () => bus);
    addEdgeCount(busArn, `arn:aws:events:${region}:${account}:rule/${path}`, value, 0);
  }
  for (const { labels, value } of metrics.values("trunkline_stream_records_total")) {
    const { account = "", region = "", stream = "" } = labels;
    if (isOwn(labels)) addNodeCount(`arn:aws:kinesis:${region}:${account}:stream/${stream}`, value, 0);
  }
  for (const { labels, value } of metrics.values("trunkline_function_invocations_total")) {
    const { account = "", region = "", status = "" } = labels;
    if (!isOwn(labels)) continue;
    const id = `arn:aws:lambda:${region}:${account}:function:${labels.function}`;
    addNodeCount(id, value, status === "success" ? 0 : value);
  }
  return { edges, nodes };
}
