import type { Condition } from "../condition.ts";
import { answerPath, type DerivedFact, type MetricFact, type MetricGrouping, metricFact } from "./derived-fact.ts";
import { readOneOf } from "./filters.ts";
import type { ConditionShape, GroupShape } from "./function-shape.ts";
import { readList, readMetricFilters } from "./metric-filters.ts";
import { METRICS, type MetricRow } from "./metrics.ts";
import { boundOf, type Operands, readOperands } from "./operands.ts";
import { refuse, refusePath } from "./refusal.ts";

/**
 * The functions of metric rules (`OnMetricDataUpdate`): one or two groups of conditions on metrics, asked of one resource at a time.
 *
 * The outermost group names with its `MetricDataGrouping` what kind of resource that is; each condition names with a filter which of
 * them it is about. A fact document is made for each resource, and holds the metrics as derived facts.
 */
export interface MetricFunction {
  readonly condition: Condition;
  readonly derivedFacts: readonly DerivedFact[];
  readonly metricGrouping: MetricGrouping;
}

const GROUPS_MAX = 2;
const GROUP_CONDITIONS_MAX = 10;

/** Throws `InvalidRequestException`. */
export function compileMetricFunction(outermost: GroupShape): MetricFunction {
  const metricGrouping = readGrouping(outermost);
  const { at, nodes } = outermost;
  if (nodes.length > GROUPS_MAX) refuse(`${at}.Operands`, `a metric rule has ${GROUPS_MAX} groups at most`);
  refuseNegated(outermost);
  const groups = nodes.map((node) => readGroup(node, metricGrouping));
  const facts = new Map(groups.flatMap(({ metrics }) => metrics.map(({ fact }) => [fact.key, fact])));
  const conditions = groups.map(({ shape, metrics }) => combined(shape, metrics.map(conditionOf)));
  return { condition: combined(outermost, conditions), derivedFacts: [...facts.values()], metricGrouping };
}

function combined({ operator }: GroupShape, of: readonly Condition[]): Condition {
  return { kind: operator === "AND" ? "all" : "any", of };
}

/** The documented shape has no negated groups, and a resource without data would meet each of them (our choice). */
function refuseNegated({ at, negate }: GroupShape): void {
  if (negate) refuse(`${at}.Negate`, "a group of a metric rule cannot be negated");
}

function conditionOf({ fact, operands, activitySeconds, shape }: Metric): Condition {
  const path = answerPath(fact);
  if (operands.kind === "number") {
    return {
      kind: "fields",
      fields: [{ path, predicates: [{ kind: "range", ...boundOf(shape.operator, operands.number) }] }],
    };
  }
  const [activity = ""] = operands.kind === "texts" ? operands.texts : [];
  const activityPath = [...path, "Activity"];
  const isActive: Condition = {
    kind: "fields",
    fields: [
      { path: activityPath, predicates: [{ kind: "equals", value: activity }] },
      {
        path: [...path, "Seconds"],
        predicates: [{ kind: "range", bottom: { value: activitySeconds, inclusive: true } }],
      },
    ],
  };
  if (!shape.negate) return isActive;
  // An agent whom the filters leave out has no activity, and is not "in another one".
  const hasActivity: Condition = { kind: "fields", fields: [{ path: activityPath, predicates: [{ kind: "exists" }] }] };
  return { kind: "all", of: [hasActivity, { kind: "not", of: isActive }] };
}

const GROUPINGS = ["AGENT", "QUEUE", "ROUTING_PROFILE", "FLOW"] as const;

function readGrouping({ at, filters }: GroupShape): MetricGrouping {
  const [filter, ...others] = filters;
  const place = `${at}.FilterClause`;
  if (filter?.type !== "MetricDataGrouping" || others.length > 0) {
    refuse(place, "a metric rule needs exactly one filter, MetricDataGrouping");
  }
  const data = readList(filter.data, `${place}: MetricDataGrouping`);
  if (data.length !== 1) refuse(`${place}: MetricDataGrouping`, "must name exactly one grouping");
  return readOneOf(data[0], GROUPINGS, `${place}: MetricDataGrouping[0]`);
}

interface MetricGroup {
  readonly shape: GroupShape;
  readonly metrics: readonly Metric[];
}

/** A condition on a metric: what it looks at and what it asks. */
interface Metric {
  readonly shape: ConditionShape;
  readonly row: MetricRow;
  readonly fact: MetricFact;
  readonly operands: Operands;
  /** How long an activity must have lasted. */
  readonly activitySeconds: number;
}

function readGroup(shape: GroupShape | ConditionShape, grouping: MetricGrouping): MetricGroup {
  if (shape.kind !== "group") refuse(shape.at, "a metric rule consists of groups of conditions");
  const { at, filters, nodes } = shape;
  refuseNegated(shape);
  if (filters.length > 0) refuse(`${at}.FilterClause`, "a group within a metric rule has no filters");
  if (nodes.length > GROUP_CONDITIONS_MAX) {
    refuse(`${at}.Operands`, `a group of a metric rule has ${GROUP_CONDITIONS_MAX} conditions at most`);
  }
  const metrics = nodes.map((node) => {
    if (node.kind !== "condition") refuse(node.at, "a group of a metric rule consists of conditions");
    return readMetric(node, grouping);
  });
  checkAlike(metrics);
  return { shape, metrics };
}

/** What all conditions of a group must have in common. */
function checkAlike(metrics: readonly Metric[]): void {
  const withChannels = metrics.filter(({ row }) => row.channels);
  checkSame(metrics, ({ row }) => row.duration === "window", "real-time and trailing metrics cannot share a group");
  checkSame(metrics, ({ fact }) => fact.pastSeconds, "all conditions of a group must have the same window");
  checkSame(
    metrics,
    ({ fact }) => setText(fact.resources),
    "all conditions of a group must be about the same resources",
  );
  checkSame(
    withChannels,
    ({ fact }) => setText({ ids: fact.channels ?? [] }),
    "all conditions of a group must be about the same channels",
  );
}

function checkSame(metrics: readonly Metric[], property: (metric: Metric) => unknown, reason: string): void {
  const properties = metrics.map(property);
  const other = metrics[properties.findIndex((each) => each !== properties[0])];
  if (other !== undefined) refuse(other.shape.at, reason);
}

function setText({ filter, ids }: { readonly filter?: string; readonly ids: readonly string[] }): string {
  return JSON.stringify([filter, [...new Set(ids)].sort()]);
}

const PATH_PREFIX = "$.MetricData.";

function readMetric(shape: ConditionShape, grouping: MetricGrouping): Metric {
  const { at, comparisonValue, operator, negate, bareFilters } = shape;
  const metric = comparisonValue.startsWith(PATH_PREFIX) ? comparisonValue.slice(PATH_PREFIX.length) : "";
  const row = METRICS.get(metric);
  if (row === undefined) refusePath(comparisonValue);
  const allowedResources = row.resources[grouping];
  if (allowedResources === undefined) refuse(`${at}.ComparisonValue`, `${metric} cannot be grouped by ${grouping}`);
  const isActivity = row.duration === "activity";
  if (isActivity !== (operator === "EQUALS") || operator.startsWith("CONTAINS")) {
    refuse(`${at}.Operator`, `${operator} is not allowed for this ComparisonValue`);
  }
  if (negate && !isActivity) refuse(`${at}.Negate`, "a condition on a number cannot be negated");
  if (bareFilters) refuse(`${at}.FilterClause`, "must be a JSON object");
  const { resources, seconds, ...filters } = readMetricFilters(
    shape.filters,
    row,
    allowedResources,
    `${at}.FilterClause`,
  );
  const pastSeconds = isActivity || seconds === undefined ? {} : { pastSeconds: seconds };
  return {
    shape,
    row,
    fact: metricFact({ metric, grouping, resources, ...pastSeconds, ...filters }),
    operands: readOperands(shape.operands, row.operand, `${at}.Operands`),
    activitySeconds: seconds ?? 0,
  };
}
