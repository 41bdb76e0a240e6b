import type { MetricTransformation } from "@aws-sdk/client-cloudwatch-logs";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { METRIC_FILTERS_PER_GROUP_MAX } from "./limits.ts";
import type { LogEvent } from "./log-event.ts";
import type { LogGroup } from "./log-group.ts";
import { compiled } from "./subscription-filter.ts";

export interface MetricFilter {
  readonly account: string;
  readonly region: string;
  readonly groupName: string;
  readonly name: string;
  readonly pattern: string;
  readonly transformation: Validated<MetricTransformation>;
  readonly createdMs: number;
  /** What is stored and told, and has no effect here. */
  readonly further: Readonly<Record<string, unknown>>;
}

/** In the order of group and name. */
export const metricFilters: Collection<MetricFilter> = collection<MetricFilter>("logs_metric_filters");

export function metricFilterKey(filter: Pick<MetricFilter, "account" | "region" | "groupName" | "name">): string {
  return compositeKey(filter.account, filter.region, filter.groupName, filter.name);
}

/** All of a group: they are few enough for one page. */
export async function listMetricFilters(
  unit: Pick<Unit, "list">,
  { account, region, name }: Pick<LogGroup, "account" | "region" | "name">,
): Promise<readonly MetricFilter[]> {
  const prefix = compositeKey(account, region, name, "");
  return (await unit.list(metricFilters, { prefix, limit: METRIC_FILTERS_PER_GROUP_MAX })).documents;
}

/** What a metric filter adds up is seen at `/_trunkline/metrics`: there is no CloudWatch here. */
const METRIC = "trunkline_log_metric_total";

export function describeLogMetrics({ flow }: Platform): void {
  flow.metrics.describe(METRIC, "What metric filters of log groups add up, by namespace and name of the metric.");
}

/** Counts the events that a group's metric filters match, once the unit has committed. */
export async function countMetrics(
  unit: Unit,
  { flow }: Pick<Platform, "flow">,
  group: LogGroup,
  events: readonly LogEvent[],
): Promise<void> {
  if (!group.metricFilters) return;
  for (const filter of await listMetricFilters(unit, group)) {
    const { metricNamespace: namespace, metricName: metric } = filter.transformation;
    const sum = events.reduce((total, { message }) => total + metricValueOf(filter, message), 0);
    const { account, region } = group;
    if (sum > 0) unit.afterCommit(() => flow.metrics.count(METRIC, { account, region, namespace, metric }, sum));
  }
}

/** A number, or that of a field of the event: `1`, `$.bytes`, `$bytes`. */
function metricValueOf({ pattern, transformation }: MetricFilter, message: string): number {
  const filter = compiled(pattern);
  if (!filter.matches(message)) return 0;
  const { metricValue } = transformation;
  const text = metricValue.startsWith("$") ? filter.valuesOf(message).get(metricValue) : metricValue;
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : 0;
}
