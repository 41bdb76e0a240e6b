import type {
  DescribeStackEventsInput,
  DescribeStackEventsOutput,
  DescribeStackResourceInput,
  DescribeStackResourceOutput,
  DescribeStackResourcesInput,
  DescribeStackResourcesOutput,
  ListStackResourcesInput,
  ListStackResourcesOutput,
  ResourceStatus,
} from "@aws-sdk/client-cloudformation";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { noStack, validationError } from "./errors.ts";
import {
  EVENTS,
  findStack,
  getStack,
  listResources,
  STACK_RESOURCES,
  type Stack,
  type StackResource,
} from "./stack.ts";
import { invalidNextToken } from "./stacks.ts";

const PAGE_SIZE = 100;

export async function describeStackResource(
  input: Validated<DescribeStackResourceInput>,
  context: Context,
): Promise<DescribeStackResourceOutput> {
  const stack = await getStack(context.store, context, input.StackName);
  const resource = (await listResources(context.store, stack.id)).find(
    ({ logicalId }) => logicalId === input.LogicalResourceId,
  );
  if (resource === undefined) {
    throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
  }
  return {
    StackResourceDetail: {
      StackName: stack.name,
      StackId: stack.id,
      ...shown(resource),
      LastUpdatedTimestamp: new Date(resource.changedMs),
    },
  };
}

export async function describeStackResources(
  input: Validated<DescribeStackResourcesInput>,
  context: Context,
): Promise<DescribeStackResourcesOutput> {
  const { StackName, PhysicalResourceId, LogicalResourceId } = input;
  const stack = await stackOf(context, StackName, PhysicalResourceId);
  const resources = await listResources(context.store, stack.id);
  return {
    StackResources: resources
      .filter(({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId)
      .filter(({ made }) => StackName !== undefined || PhysicalResourceId === undefined || made !== undefined)
      .map((resource) => ({
        StackName: stack.name,
        StackId: stack.id,
        ...shown(resource),
        Timestamp: new Date(resource.changedMs),
      })),
  };
}

async function stackOf(context: Context, name: string | undefined, physicalId: string | undefined): Promise<Stack> {
  if (name !== undefined) return getStack(context.store, context, name);
  if (physicalId === undefined) {
    throw validationError("Either StackName or PhysicalResourceId must be specified.");
  }
  const range = { index: "physical", prefix: compositeKey(physicalId, ""), limit: 100 };
  for (const { stackId } of (await context.store.list(STACK_RESOURCES, range)).documents) {
    const stack = await findStack(context.store, context, stackId);
    if (stack !== undefined) return stack;
  }
  throw noStack(physicalId);
}

export async function listStackResources(
  input: Validated<ListStackResourcesInput>,
  context: Context,
): Promise<ListStackResourcesOutput> {
  const stack = await getStack(context.store, context, input.StackName);
  const page = slicePage(await listResources(context.store, stack.id), ({ logicalId }) => logicalId, {
    of: [stack.id, "ListStackResources"],
    token: input.NextToken,
    limit: PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    StackResourceSummaries: page.items.map((resource) => ({
      ...shown(resource),
      LastUpdatedTimestamp: new Date(resource.changedMs),
    })),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

function shown({ logicalId, made, type, status, reason }: StackResource): {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly ResourceStatus: ResourceStatus;
  readonly ResourceStatusReason?: string;
  readonly DriftInformation: { readonly StackResourceDriftStatus: "NOT_CHECKED" };
} {
  return {
    LogicalResourceId: logicalId,
    ...(made && { PhysicalResourceId: made.physicalId }),
    ResourceType: type,
    ResourceStatus: status as ResourceStatus,
    ...(reason !== undefined && { ResourceStatusReason: reason }),
    DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" },
  };
}

/** The newest first. */
export async function describeStackEvents(
  input: Validated<DescribeStackEventsInput>,
  context: Context,
): Promise<DescribeStackEventsOutput> {
  if (input.StackName === undefined) throw validationError("StackName must be specified.");
  const stack = await getStack(context.store, context, input.StackName);
  const of = [stack.id, "DescribeStackEvents"];
  const before = input.NextToken === undefined ? undefined : decodePageToken(of, input.NextToken);
  if (input.NextToken !== undefined && before === undefined) throw invalidNextToken();
  const { documents } = await context.store.list(EVENTS, {
    prefix: compositeKey(stack.id, ""),
    ...(before !== undefined && { before: compositeKey(stack.id, Number(before)) }),
    descending: true,
    limit: PAGE_SIZE,
  });
  const last = documents.at(-1);
  return {
    StackEvents: documents.map((event) => ({
      StackId: stack.id,
      StackName: stack.name,
      EventId: event.id,
      LogicalResourceId: event.logicalId,
      PhysicalResourceId: event.physicalId,
      ResourceType: event.type,
      Timestamp: new Date(event.timeMs),
      ResourceStatus: event.status as ResourceStatus,
      ...(event.reason !== undefined && { ResourceStatusReason: event.reason }),
    })),
    ...(last && last.number > 1 && { NextToken: encodePageToken(of, String(last.number)) }),
  };
}
