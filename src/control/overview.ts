import type { Metrics } from "../flow/index.ts";
import type { Platform } from "../services/service.ts";
import type { Caller, PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import type { CallOperation } from "./api.ts";

/** How often a picture is pushed, in wall time. A reader that is slower gets fewer: each is whole. */
const EVERY_MS = 1000;
/** Of an instance: as many as GetCurrentMetricData takes. */
const QUEUES_MAX = 100;

const METRICS = [
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

/** Counters whose growth shows what goes on. */
const COUNTERS = ["trunkline_bus_events_total", "trunkline_matched_events_total", "trunkline_deliveries_total"];

interface Figures {
  readonly [metric: string]: number;
}

interface Row {
  readonly Dimensions: { readonly Queue?: { readonly Id: string }; readonly Channel?: string };
  readonly Collections: readonly { readonly Metric: { readonly Name: string }; readonly Value: number }[];
}

/** A queue as it is now. */
interface QueueRow {
  readonly id: string;
  readonly name: string;
  readonly figures: Figures;
  /** By channel. */
  readonly channels: Readonly<Record<string, Figures>>;
}

/**
 * `GET /_trunkline/overview?instance=ID`: pushes, a JSON document a line, once a second, how an instance's queues and agents are, and what
 * has been counted since the start. The figures of the centre are those of GetCurrentMetricData, for the first 100 queues.
 */
export async function overview(
  platform: Platform,
  callOperation: CallOperation,
  caller: Caller,
  request: PlainRequest,
): Promise<PlainResponse> {
  const instance = new URLSearchParams(request.query).get("instance") ?? "";
  const call = async <T>(operation: string, input: object): Promise<T> => {
    const { status, document } = await callOperation({ model: "connect", operation, input }, caller);
    if (status !== 200) throw new OverviewError(status, (document as { message: string }).message);
    return document as T;
  };
  try {
    const first = await picture(platform, call, instance);
    return {
      status: 200,
      headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
      body: pictures(platform, () => picture(platform, call, instance), first, request.signal),
    };
  } catch (error) {
    if (error instanceof OverviewError) return failure(error.status, error.message);
    throw error;
  }
}

class OverviewError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function* pictures(
  { wall }: Platform,
  next: () => Promise<object>,
  first: object,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield `${JSON.stringify(first)}\n`;
  while (!signal.aborted) {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = wall.after(EVERY_MS, resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    if (signal.aborted) return;
    try {
      yield `${JSON.stringify(await next())}\n`;
    } catch (error) {
      // The instance is gone: who reads asks again, and is told so.
      if (error instanceof OverviewError) return;
      throw error;
    }
  }
}

type Call = <T>(operation: string, input: object) => Promise<T>;

async function picture(platform: Platform, call: Call, instance: string): Promise<object> {
  const { clock, flow } = platform;
  return {
    time: new Date(clock.now()).toISOString(),
    ...(instance !== "" && { queues: await queuesOf(call, instance) }),
    counters: COUNTERS.map((name) => ({ name, values: flow.metrics.values(name) })),
    deliveries: { inFlight: gauge(flow.metrics, "trunkline_deliveries_in_flight") },
  };
}

function gauge(metrics: Metrics, name: string): number {
  return metrics.values(name)[0]?.value ?? 0;
}

async function queuesOf(call: Call, InstanceId: string): Promise<QueueRow[]> {
  const listed = await call<{ QueueSummaryList?: readonly { Id: string; Name?: string }[] }>("ListQueues", {
    InstanceId,
    QueueTypes: ["STANDARD"],
    MaxResults: QUEUES_MAX,
  });
  const queues = listed.QueueSummaryList ?? [];
  if (queues.length === 0) return [];
  const Filters = { Queues: queues.map(({ Id }) => Id) };
  const ask = (Groupings: readonly string[]): Promise<{ MetricResults?: readonly Row[] }> =>
    call("GetCurrentMetricData", { InstanceId, Filters, Groupings, CurrentMetrics: METRICS, MaxResults: QUEUES_MAX });
  const [whole, byChannel] = await Promise.all([ask(["QUEUE"]), ask(["QUEUE", "CHANNEL"])]);
  return queues.map(({ Id, Name = Id }) => {
    const ofQueue = (row: Row): boolean => row.Dimensions.Queue?.Id === Id;
    const channels = (byChannel.MetricResults ?? []).filter(ofQueue);
    return {
      id: Id,
      name: Name,
      figures: figuresOf(whole.MetricResults?.find(ofQueue)),
      channels: Object.fromEntries(channels.map((row) => [row.Dimensions.Channel ?? "", figuresOf(row)])),
    };
  });
}

function figuresOf(row: Row | undefined): Figures {
  return Object.fromEntries((row?.Collections ?? []).map(({ Metric, Value }) => [Metric.Name, Value]));
}
