import type {
  DeleteMetricFilterRequest,
  DescribeMetricFiltersRequest,
  DescribeMetricFiltersResponse,
  PutMetricFilterRequest,
  MetricFilter as ShownFilter,
  TestMetricFilterRequest,
  TestMetricFilterResponse,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import { LEAST_CHARACTER } from "../list-page.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { compileFilterPattern } from "./filter-pattern/filter-pattern.ts";
import { DESCRIBE_LIMIT, METRIC_FILTERS_PER_GROUP_MAX } from "./limits.ts";
import { getGroup, groupKey, logGroups, refuseFilters } from "./log-group.ts";
import { type MetricFilter, metricFilterKey, metricFilters } from "./metric-filter.ts";
import { invalidToken } from "./position.ts";

/** Begins to count events of a group that match, or changes what an existing filter says. */
export async function putMetricFilter(input: Validated<PutMetricFilterRequest>, context: Context): Promise<void> {
  compileFilterPattern(input.filterPattern);
  const { logGroupName, filterName, filterPattern, metricTransformations, ...further } = input;
  const [transformation] = metricTransformations;
  if (transformation === undefined) throw invalid("metricTransformations must have one member.");
  checkTransformation(transformation);
  const nowMs = context.clock.now();
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, logGroupName, context);
    refuseFilters(group);
    const { account, region } = group;
    const address = { account, region, groupName: group.name, name: filterName };
    const found = await unit.get(metricFilters, metricFilterKey(address));
    const count = group.metricFilters ?? 0;
    if (found === undefined && count >= METRIC_FILTERS_PER_GROUP_MAX) {
      throw new ModeledError("LimitExceededException", "Resource limit exceeded.");
    }
    const createdMs = found?.createdMs ?? nowMs;
    const filter: MetricFilter = { ...address, pattern: filterPattern, transformation, createdMs, further };
    unit.put(metricFilters, metricFilterKey(filter), filter);
    if (!found) unit.put(logGroups, groupKey(group), { ...group, metricFilters: count + 1 });
  });
}

/** The filters of a group, or all of the caller's, by group and name. */
export async function describeMetricFilters(
  input: Validated<DescribeMetricFiltersRequest>,
  context: Context,
): Promise<DescribeMetricFiltersResponse> {
  const { logGroupName, filterNamePrefix = "", metricName, metricNamespace, limit = DESCRIBE_LIMIT } = input;
  if ((metricName === undefined) !== (metricNamespace === undefined)) {
    throw invalid("metricName and metricNamespace must be given together.");
  }
  const { account, region, store } = context;
  if (logGroupName !== undefined) await getGroup(store, logGroupName, context);
  const base = compositeKey(account, region, ...(logGroupName === undefined ? [] : [logGroupName]), "");
  const request = ["DescribeMetricFilters", base, filterNamePrefix, metricName ?? "", metricNamespace ?? ""];
  const from = input.nextToken === undefined ? base : base + decoded(request, input.nextToken) + LEAST_CHARACTER;
  const isWanted = ({ name, transformation }: MetricFilter): boolean =>
    name.startsWith(filterNamePrefix) &&
    (metricName === undefined || transformation.metricName === metricName) &&
    (metricNamespace === undefined || transformation.metricNamespace === metricNamespace);

  const found: MetricFilter[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(metricFilters, { prefix: base, from, limit: limit + 1, after });
    found.push(...page.documents.filter(isWanted));
    after = page.next;
  } while (after !== undefined && found.length <= limit);
  const last = found.length > limit ? found[limit - 1] : undefined;
  return {
    metricFilters: found.slice(0, limit).map(shown),
    ...(last && { nextToken: encodePageToken(request, metricFilterKey(last).slice(base.length)) }),
  };
}

export async function deleteMetricFilter(input: Validated<DeleteMetricFilterRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, input.logGroupName, context);
    const { account, region, name: groupName } = group;
    const key = metricFilterKey({ account, region, groupName, name: input.filterName });
    if ((await unit.get(metricFilters, key)) === undefined) {
      throw new ModeledError("ResourceNotFoundException", "The specified metric filter does not exist.");
    }
    unit.delete(metricFilters, key);
    unit.put(logGroups, groupKey(group), { ...group, metricFilters: (group.metricFilters ?? 1) - 1 });
  });
}

/** Which of some messages a pattern matches, by their numbers from 1, and what it takes out of them. */
export async function testMetricFilter(input: Validated<TestMetricFilterRequest>): Promise<TestMetricFilterResponse> {
  const pattern = compileFilterPattern(input.filterPattern);
  return {
    matches: input.logEventMessages.flatMap((eventMessage, index) =>
      pattern.matches(eventMessage)
        ? [
            {
              eventNumber: index + 1,
              eventMessage,
              extractedValues: Object.fromEntries(pattern.valuesOf(eventMessage)),
            },
          ]
        : [],
    ),
  };
}

function checkTransformation({ metricValue, defaultValue, dimensions }: MetricFilter["transformation"]): void {
  if (!metricValue.startsWith("$") && !Number.isFinite(Number(metricValue || "none"))) {
    throw invalid(`Invalid metric value: ${metricValue} is neither a number nor a field.`);
  }
  if (dimensions === undefined) return;
  if (defaultValue !== undefined) throw invalid("A metric filter with dimensions has no default value.");
  if (Object.keys(dimensions).length > DIMENSIONS_MAX)
    throw invalid(`A metric has at most ${DIMENSIONS_MAX} dimensions.`);
}

/** Dimensions of a metric filter, from the reference of the API. */
const DIMENSIONS_MAX = 3;

function decoded(request: readonly unknown[], token: string): string {
  const position = decodePageToken(request, token);
  if (position === undefined) throw invalidToken();
  return position;
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}

function shown(filter: MetricFilter): ShownFilter {
  return {
    filterName: filter.name,
    logGroupName: filter.groupName,
    filterPattern: filter.pattern,
    metricTransformations: [filter.transformation],
    creationTime: filter.createdMs,
    ...filter.further,
  };
}
