/** How queues are now and were in the last day, as the metrics of the API tell it. */
import { askServerNow } from "../../clock.ts";
import { shownDuration } from "../../parts/time.tsx";
import { call, region, session } from "../../server.ts";

export const NOW_METRICS = [
  "CONTACTS_IN_QUEUE",
  "OLDEST_CONTACT_AGE",
  "AGENTS_AVAILABLE",
  "AGENTS_ON_CONTACT",
  "AGENTS_AFTER_CONTACT_WORK",
  "AGENTS_ONLINE",
  "SLOTS_AVAILABLE",
] as const;

export type NowFigures = Readonly<Partial<Record<(typeof NOW_METRICS)[number], number>>>;

/** GetCurrentMetricData takes so many queues. */
const QUEUES_AT_ONCE = 100;

interface Row {
  readonly Dimensions?: { readonly Queue?: { readonly Id: string } };
  readonly Collections?: readonly { readonly Metric: { readonly Name: string }; readonly Value?: number }[];
}

/** By queue. One that nothing happens in is not there. */
export async function figuresNow(
  InstanceId: string,
  queueIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NowFigures>> {
  const found = new Map<string, NowFigures>();
  const CurrentMetrics = NOW_METRICS.map((Name) => ({
    Name,
    Unit: Name === "OLDEST_CONTACT_AGE" ? "SECONDS" : "COUNT",
  }));
  for (let from = 0; from < queueIds.length; from += QUEUES_AT_ONCE) {
    const Filters = { Queues: queueIds.slice(from, from + QUEUES_AT_ONCE) };
    const input = { InstanceId, Filters, Groupings: ["QUEUE"], CurrentMetrics, MaxResults: QUEUES_AT_ONCE };
    const { MetricResults = [] } = await call<{ MetricResults?: readonly Row[] }>(
      "connect",
      "GetCurrentMetricData",
      input,
      signal,
    );
    for (const { Dimensions, Collections = [] } of MetricResults) {
      const figures = Object.fromEntries(Collections.map(({ Metric, Value }) => [Metric.Name, Value ?? 0]));
      found.set(Dimensions?.Queue?.Id ?? "", figures);
    }
  }
  return found;
}

export interface DayFigures {
  readonly queued: number;
  readonly handled: number;
  readonly abandoned: number;
  /** Percent; absent where nothing was queued. */
  readonly serviceLevel: number | undefined;
  readonly answerSeconds: number | undefined;
}

const DAY_MS = 86_400_000;

/** The last 24 hours of a queue. `seconds`: within which an answer counts for the service level. */
export async function figuresOfDay(
  InstanceId: string,
  queueId: string,
  seconds: number,
  signal: AbortSignal,
): Promise<DayFigures> {
  const nowMs = await askServerNow(signal);
  const input = {
    ResourceArn: `arn:aws:connect:${region.value}:${session.value?.account}:instance/${InstanceId}`,
    StartTime: (nowMs - DAY_MS) / 1000,
    EndTime: nowMs / 1000,
    Filters: [{ FilterKey: "QUEUE", FilterValues: [queueId] }],
    Metrics: [
      { Name: "CONTACTS_QUEUED" },
      { Name: "CONTACTS_HANDLED" },
      { Name: "CONTACTS_ABANDONED" },
      { Name: "SERVICE_LEVEL", Threshold: [{ Comparison: "LT", ThresholdValue: seconds }] },
      { Name: "AVG_QUEUE_ANSWER_TIME" },
    ],
  };
  const { MetricResults = [] } = await call<{ MetricResults?: readonly Row[] }>(
    "connect",
    "GetMetricDataV2",
    input,
    signal,
  );
  const values = new Map(
    MetricResults.flatMap(({ Collections = [] }) =>
      Collections.map(({ Metric, Value }) => [Metric.Name, Value] as const),
    ),
  );
  return {
    queued: values.get("CONTACTS_QUEUED") ?? 0,
    handled: values.get("CONTACTS_HANDLED") ?? 0,
    abandoned: values.get("CONTACTS_ABANDONED") ?? 0,
    serviceLevel: values.get("SERVICE_LEVEL"),
    answerSeconds: values.get("AVG_QUEUE_ANSWER_TIME"),
  };
}

/** The age of the contact that waits longest. */
export function shownWait(seconds = 0): string {
  return seconds === 0 ? "–" : shownDuration(seconds * 1000);
}
