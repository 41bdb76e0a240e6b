import type {
  DeleteSubscriptionFilterRequest,
  DescribeSubscriptionFiltersRequest,
  DescribeSubscriptionFiltersResponse,
  PutSubscriptionFilterRequest,
  SubscriptionFilter as ShownFilter,
} from "@aws-sdk/client-cloudwatch-logs";
import type { SinkRequest } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { compileFilterPattern } from "./filter-pattern/filter-pattern.ts";
import { DESCRIBE_LIMIT, SUBSCRIPTIONS_PER_GROUP_MAX } from "./limits.ts";
import {
  getGroup,
  groupArn,
  groupKey,
  type LogGroup,
  logGroups,
  refuseFilters,
  type SubscriptionFilter,
} from "./log-group.ts";
import { invalidToken } from "./position.ts";
import { packed } from "./subscription-filter.ts";

/**
 * Begins to send events of a group on, or changes what an existing filter says. A stream is sent a message that tries it first, as the real
 * service does, and a filter that nothing can be sent by is refused.
 */
export async function putSubscriptionFilter(
  input: Validated<PutSubscriptionFilterRequest>,
  context: Context,
): Promise<void> {
  compileFilterPattern(input.filterPattern);
  checkDestination(input);
  const { logGroupName, filterName: name, filterPattern, destinationArn, roleArn, distribution, ...further } = input;
  const nowMs = context.clock.now();
  const deliveryId = context.ids.uuid();
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, logGroupName, context);
    refuseFilters(group);
    const others = (group.subscriptions ?? []).filter((other) => other.name !== name);
    if (others.length >= SUBSCRIPTIONS_PER_GROUP_MAX) {
      throw new ModeledError("LimitExceededException", "Resource limit exceeded.");
    }
    const filter: SubscriptionFilter = {
      name,
      pattern: filterPattern,
      destinationArn,
      ...(roleArn !== undefined && { roleArn }),
      distribution: distribution ?? "ByLogStream",
      createdMs: group.subscriptions?.find((known) => known.name === name)?.createdMs ?? nowMs,
      further,
    };
    await tryDestination(unit, context, group, filter, deliveryId);
    const subscriptions = [...others, filter].sort((a, b) => (a.name < b.name ? -1 : 1));
    unit.put(logGroups, groupKey(group), { ...group, subscriptions });
  });
}

export async function describeSubscriptionFilters(
  input: Validated<DescribeSubscriptionFiltersRequest>,
  context: Context,
): Promise<DescribeSubscriptionFiltersResponse> {
  const group = await getGroup(context.store, input.logGroupName, context);
  const prefix = input.filterNamePrefix ?? "";
  const filters = (group.subscriptions ?? []).filter(({ name }) => name.startsWith(prefix));
  const page = slicePage(filters, ({ name }) => name, {
    of: ["DescribeSubscriptionFilters", group.id, prefix],
    token: input.nextToken,
    limit: input.limit ?? DESCRIBE_LIMIT,
    refuse: invalidToken,
  });
  return {
    subscriptionFilters: page.items.map((filter) => shown(filter, group)),
    ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
  };
}

export async function deleteSubscriptionFilter(
  input: Validated<DeleteSubscriptionFilterRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getGroup(unit, input.logGroupName, context);
    const before = group.subscriptions ?? [];
    const subscriptions = before.filter(({ name }) => name !== input.filterName);
    if (subscriptions.length === before.length) {
      throw new ModeledError("ResourceNotFoundException", "The specified subscription filter does not exist.");
    }
    unit.put(logGroups, groupKey(group), { ...group, subscriptions });
  });
}

const DESTINATION = /^arn:aws[\w-]*:(kinesis|firehose|lambda):[^:]+:\d{12}:(?:stream\/|deliverystream\/|function:)./;

function checkDestination({ destinationArn, roleArn }: Validated<PutSubscriptionFilterRequest>): void {
  const [, vendor] = DESTINATION.exec(destinationArn) ?? [];
  if (vendor === undefined) {
    throw invalid(
      "destinationArn must be that of a stream of Kinesis or Firehose or of a function; destinations of other accounts are not built.",
    );
  }
  if (vendor === "lambda" && roleArn !== undefined) {
    throw invalid("destinationArn for vendor lambda cannot be used with roleArn");
  }
  if (vendor !== "lambda" && roleArn === undefined) {
    throw invalid(`destinationArn for vendor ${vendor} cannot be used without roleArn`);
  }
}

/** A function is outside: it would be called before the filter is stored. */
async function tryDestination(
  unit: Unit,
  context: Context,
  group: LogGroup,
  { destinationArn }: SubscriptionFilter,
  deliveryId: string,
): Promise<void> {
  const sink = context.flow.findSink(destinationArn);
  if (sink?.attempt) return;
  const message = "CWL CONTROL MESSAGE: Checking health of destination.";
  const text = JSON.stringify({
    messageType: "CONTROL_MESSAGE",
    owner: "CloudwatchLogs",
    logGroup: "",
    logStream: "",
    subscriptionFilters: [],
    logEvents: [{ id: "", timestamp: context.clock.now(), message }],
  });
  const request: SinkRequest = {
    deliveryId,
    ...packed(destinationArn, text),
    account: group.account,
    principal: "logs.amazonaws.com",
    sourceArn: `${groupArn(group)}:*`,
  };
  const [failure] = (await sink?.append?.(unit, destinationArn, [request])) ?? [{ message: "It is not hosted here." }];
  if (failure === undefined) return;
  throw invalid(`Could not deliver test message to specified destination. ${failure.message}`);
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}

function shown(filter: SubscriptionFilter, group: LogGroup): ShownFilter {
  return {
    filterName: filter.name,
    logGroupName: group.name,
    filterPattern: filter.pattern,
    destinationArn: filter.destinationArn,
    ...(filter.roleArn !== undefined && { roleArn: filter.roleArn }),
    distribution: filter.distribution,
    creationTime: filter.createdMs,
    ...filter.further,
  };
}
