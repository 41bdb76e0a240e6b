import type {
  ContactFlowType,
  CreateQuickConnectRequest,
  CreateQuickConnectResponse,
  DescribeQuickConnectRequest,
  DescribeQuickConnectResponse,
  ListQuickConnectsRequest,
  ListQuickConnectsResponse,
  QuickConnectConfig,
  QuickConnect as QuickConnectDescription,
  QuickConnectSearchCriteria,
  QuickConnectSummary,
  SearchQuickConnectsRequest,
  SearchQuickConnectsResponse,
  UpdateQuickConnectConfigRequest,
  UpdateQuickConnectNameRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, type Reader, UniqueIndexError, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { getContactFlow } from "./contact-flows.ts";
import { invalidParameter } from "./errors.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { useQueue } from "./queues.ts";
import { quotaReached } from "./quotas.ts";
import { criteriaMatch, searchResources, stringLeaf, tagMatch } from "./search.ts";
import { getUser } from "./users.ts";

/** A destination that agents transfer contacts to with one click. Agents see those of the queues that they serve. */
export interface QuickConnect extends InstanceResource {
  readonly destination: Destination;
}

export type Destination =
  | { readonly type: "USER"; readonly userId: string; readonly flowId: string }
  | { readonly type: "QUEUE"; readonly queueId: string; readonly flowId: string }
  | { readonly type: "PHONE_NUMBER"; readonly phoneNumber: string }
  | { readonly type: "FLOW"; readonly flowId: string };

export const quickConnects: Collection<QuickConnect> = instanceResources("connect_quick_connects", {
  queue: {
    type: "text",
    value: (connect) =>
      connect.destination.type === "QUEUE" ? instanceKey(connect, connect.destination.queueId) : undefined,
  },
});

export async function createQuickConnect(
  input: Validated<CreateQuickConnectRequest>,
  context: Context,
): Promise<CreateQuickConnectResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const counted = { collection: quickConnects, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.quick-connects-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of quick connects per instance is used up");
    }
    const connect: QuickConnect = {
      ...refOf(instance),
      id,
      name: input.Name,
      description: input.Description,
      destination: await destinationOf(unit, instance, input.QuickConnectConfig),
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    unit.put(quickConnects, resourceKey(connect), connect);
    return { QuickConnectARN: resourceArn("quickConnect", instance, id), QuickConnectId: id };
  });
  return refusingDuplicateName(input.Name, commit);
}

export async function describeQuickConnect(
  input: Validated<DescribeQuickConnectRequest>,
  context: Context,
): Promise<DescribeQuickConnectResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  return { QuickConnect: describe(await getQuickConnect(context.store, instance, input.QuickConnectId)) };
}

export async function listQuickConnects(
  input: Validated<ListQuickConnectsRequest>,
  context: Context,
): Promise<ListQuickConnectsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, quickConnects, instance, {
    operation: "ListQuickConnects",
    input,
    types: { wanted: input.QuickConnectTypes, typeOf: ({ destination }) => destination.type },
  });
  return { QuickConnectSummaryList: page.items.map(summarize), NextToken: page.nextToken };
}

export async function searchQuickConnects(
  input: Validated<SearchQuickConnectsRequest>,
  context: Context,
): Promise<SearchQuickConnectsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, quickConnects, instance, {
    operation: "SearchQuickConnects",
    input,
    match: [
      criteriaMatch<QuickConnect, QuickConnectSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          name: (connect) => connect.name,
          description: (connect) => connect.description,
          resourceID: (connect) => connect.id,
        }),
      }),
      tagMatch(input.SearchFilter?.TagFilter),
    ],
  });
  return { QuickConnects: page.items.map(describe), NextToken: page.nextToken, ApproximateTotalCount: page.total };
}

/** Changes a name, a description or both. The operation models no DuplicateResourceException, so a name in use is an invalid one (our choice). */
export async function updateQuickConnectName(
  input: Validated<UpdateQuickConnectNameRequest>,
  context: Context,
): Promise<Record<string, never>> {
  try {
    return await changeQuickConnect(input, context, async (_unit, connect) => {
      const { Name: name = connect.name, Description: description = connect.description } = input;
      if ((input.Name ?? input.Description) === undefined) throw invalidParameter("Name or Description is needed");
      return { name, description };
    });
  } catch (error) {
    if (!(error instanceof UniqueIndexError)) throw error;
    throw invalidParameter(`A resource named ${input.Name} already exists in this instance`);
  }
}

export async function updateQuickConnectConfig(
  input: Validated<UpdateQuickConnectConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQuickConnect(input, context, async (unit, connect) => ({
    destination: await destinationOf(unit, connect, input.QuickConnectConfig),
  }));
}

/** A quick connect of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getQuickConnect(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<QuickConnect> {
  return getResource(reader, quickConnects, "quickConnect", instance, idOrArn);
}

/** The id of a quick connect that leads to a queue, if there is one. */
export async function findQuickConnectToQueue(
  reader: Reader,
  queue: InstanceRef & { readonly id: string },
): Promise<string | undefined> {
  const page = await reader.list(quickConnects, { index: "queue", equals: instanceKey(queue, queue.id), limit: 1 });
  return page.documents[0]?.id;
}

export function summarize(connect: QuickConnect): QuickConnectSummary {
  return {
    Id: connect.id,
    Arn: resourceArn("quickConnect", connect, connect.id),
    Name: connect.name,
    QuickConnectType: connect.destination.type,
    LastModifiedTime: new Date(connect.lastModifiedMs),
    LastModifiedRegion: connect.region,
  };
}

function describe(connect: QuickConnect): QuickConnectDescription {
  return {
    QuickConnectARN: resourceArn("quickConnect", connect, connect.id),
    QuickConnectId: connect.id,
    Name: connect.name,
    Description: connect.description,
    QuickConnectConfig: configOf(connect.destination),
    Tags: { ...connect.tags },
    LastModifiedTime: new Date(connect.lastModifiedMs),
    LastModifiedRegion: connect.region,
  };
}

function configOf(destination: Destination): QuickConnectConfig {
  const { type: QuickConnectType } = destination;
  switch (destination.type) {
    case "USER":
      return { QuickConnectType, UserConfig: { UserId: destination.userId, ContactFlowId: destination.flowId } };
    case "QUEUE":
      return { QuickConnectType, QueueConfig: { QueueId: destination.queueId, ContactFlowId: destination.flowId } };
    case "PHONE_NUMBER":
      return { QuickConnectType, PhoneConfig: { PhoneNumber: destination.phoneNumber } };
    case "FLOW":
      return { QuickConnectType, FlowConfig: { ContactFlowId: destination.flowId } };
  }
}

async function changeQuickConnect(
  input: { InstanceId: string; QuickConnectId: string },
  context: Context,
  change: (unit: Unit, connect: QuickConnect) => Promise<Partial<QuickConnect>>,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const connect = await getQuickConnect(unit, instance, input.QuickConnectId);
    const changes = await change(unit, connect);
    unit.put(quickConnects, resourceKey(connect), { ...connect, ...changes, lastModifiedMs: context.clock.now() });
  });
  return {};
}

/** Where a quick connect leads. A request has the one member that its type names; what that refers to exists. */
async function destinationOf(
  unit: Unit,
  instance: InstanceRef,
  config: Validated<QuickConnectConfig>,
): Promise<Destination> {
  const { QuickConnectType: type, UserConfig, QueueConfig, PhoneConfig, FlowConfig } = config;
  const configs = { USER: UserConfig, QUEUE: QueueConfig, PHONE_NUMBER: PhoneConfig, FLOW: FlowConfig };
  const given = Object.entries(configs).filter(([, member]) => member !== undefined);
  if (given.length !== 1) throw invalidParameter("A QuickConnectConfig has exactly one configuration");

  if (type === "USER" && UserConfig) {
    const { id: userId } = await getUser(unit, instance, UserConfig.UserId);
    return { type, userId, flowId: await flowOf(unit, instance, UserConfig.ContactFlowId, "AGENT_TRANSFER") };
  }
  if (type === "QUEUE" && QueueConfig) {
    const { id: queueId } = await useQueue(unit, instance, QueueConfig.QueueId);
    return { type, queueId, flowId: await flowOf(unit, instance, QueueConfig.ContactFlowId, "QUEUE_TRANSFER") };
  }
  if (type === "PHONE_NUMBER" && PhoneConfig) {
    return { type, phoneNumber: PhoneConfig.PhoneNumber };
  }
  if (type === "FLOW" && FlowConfig) {
    return { type, flowId: await flowOf(unit, instance, FlowConfig.ContactFlowId, "CONTACT_FLOW") };
  }
  throw invalidParameter(`The configuration is not that of a quick connect of type ${type}`);
}

/** The id of the flow that runs for the transfer. For a FLOW connect its type is our choice. */
async function flowOf(reader: Reader, instance: InstanceRef, idOrArn: string, type: ContactFlowType): Promise<string> {
  const flow = await getContactFlow(reader, instance, idOrArn);
  if (flow.type !== type) throw invalidParameter(`Flow ${flow.id} is not of type ${type}`);
  return flow.id;
}

/** The flow of a quick connect, and the queue, a user's own too, that it begins with. */
export function flowToRun(destination: Exclude<Destination, { readonly type: "PHONE_NUMBER" }>): {
  readonly flowId: string;
  readonly targetQueueId?: string;
} {
  switch (destination.type) {
    case "USER":
      return { flowId: destination.flowId, targetQueueId: destination.userId };
    case "QUEUE":
      return { flowId: destination.flowId, targetQueueId: destination.queueId };
    case "FLOW":
      return { flowId: destination.flowId };
  }
}
