import type {
  DescribeQueueRequest,
  DescribeQueueResponse,
  ListQueuesRequest,
  ListQueuesResponse,
  OutboundCallerConfig,
  Queue as QueueDescription,
  QueueSearchCriteria,
  QueueStatus,
  QueueType,
  SearchQueuesRequest,
  SearchQueuesResponse,
  UpdateQueueHoursOfOperationRequest,
  UpdateQueueMaxContactsRequest,
  UpdateQueueNameRequest,
  UpdateQueueOutboundCallerConfigRequest,
  UpdateQueueStatusRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { getContactFlow } from "./contact-flows.ts";
import { invalidParameter } from "./errors.ts";
import { getHoursOfOperation, hoursOfOperations } from "./hours-of-operation.ts";
import {
  findResource,
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getPhoneNumberIn, phoneNumberKey, phoneNumbers, putPhoneNumber } from "./phone-numbers.ts";
import { criteriaMatch, searchResources, stringLeaf, tagMatch, valueLeaf } from "./search.ts";

/** A Connect queue: where contacts wait for agents. */
export interface Queue extends InstanceResource {
  /** `AGENT`: the personal queue of one agent. */
  readonly type: QueueType;
  readonly status: QueueStatus;
  /** Absent: an agent's own queue, which has no hours. */
  readonly hoursOfOperationId?: string | undefined;
  /** How many contacts may wait at once. Absent: no limit. */
  readonly maxContacts?: number | undefined;
  readonly outboundCaller?: OutboundCaller | undefined;
  /** The e-mail address that agents send from by default, and others that they can choose. */
  readonly outboundEmailAddressId?: string | undefined;
  readonly emailAddressIds?: readonly string[] | undefined;
}

interface OutboundCaller {
  readonly name?: string | undefined;
  readonly numberId?: string | undefined;
  readonly flowId?: string | undefined;
}

export const queues: Collection<Queue> = instanceResources("connect_queues", {
  outboundNumber: {
    type: "text",
    value: (queue) =>
      queue.outboundCaller?.numberId === undefined ? undefined : instanceKey(queue, queue.outboundCaller.numberId),
  },
  hours: {
    type: "text",
    value: (queue) => queue.hoursOfOperationId && instanceKey(queue, queue.hoursOfOperationId),
  },
  standard: {
    type: "text",
    value: (queue) => (queue.type === "STANDARD" ? instanceKey(queue, queue.id) : undefined),
  },
});

export async function describeQueue(
  input: Validated<DescribeQueueRequest>,
  context: Context,
): Promise<DescribeQueueResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const queue = await getQueue(context.store, instance, input.QueueId);
  return { Queue: describe(queue) };
}

export async function listQueues(input: Validated<ListQueuesRequest>, context: Context): Promise<ListQueuesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, queues, instance, {
    operation: "ListQueues",
    input,
    types: { wanted: input.QueueTypes, typeOf: ({ type }) => type },
  });
  return {
    QueueSummaryList: page.items.map((queue) => ({
      Id: queue.id,
      Arn: queueArn(queue),
      Name: visibleName(queue),
      QueueType: queue.type,
      LastModifiedTime: new Date(queue.lastModifiedMs),
      LastModifiedRegion: queue.region,
    })),
    NextToken: page.nextToken,
  };
}

export async function updateQueueName(
  input: Validated<UpdateQueueNameRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const update = changeQueue(input, context, async (_unit, queue) => ({
    name: input.Name ?? queue.name,
    description: input.Description ?? queue.description,
  }));
  return refusingDuplicateName(input.Name, update);
}

export async function updateQueueStatus(
  input: Validated<UpdateQueueStatusRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQueue(input, context, async () => ({ status: input.Status }));
}

/** Sets how many contacts may wait, or, without `MaxContacts`, takes the limit away (our choice). */
export async function updateQueueMaxContacts(
  input: Validated<UpdateQueueMaxContactsRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQueue(input, context, async () => ({ maxContacts: input.MaxContacts }));
}

export async function updateQueueHoursOfOperation(
  input: Validated<UpdateQueueHoursOfOperationRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQueue(input, context, async (unit, queue) => ({
    hoursOfOperationId: await useHours(unit, queue, input.HoursOfOperationId),
  }));
}

export async function updateQueueOutboundCallerConfig(
  input: Validated<UpdateQueueOutboundCallerConfigRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeQueue(input, context, async (unit, queue) => ({
    outboundCaller: await outboundCaller(unit, queue, input.OutboundCallerConfig),
  }));
}

export async function searchQueues(
  input: Validated<SearchQueuesRequest>,
  context: Context,
): Promise<SearchQueuesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await searchResources(context.store, queues, instance, {
    operation: "SearchQueues",
    input,
    match: [
      criteriaMatch<Queue, QueueSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          name: visibleName,
          description: (queue) => queue.description,
          resourceID: (queue) => queue.id,
        }),
        QueueTypeCondition: valueLeaf((queue) => queue.type),
      }),
      tagMatch(input.SearchFilter?.TagFilter),
    ],
  });
  return { Queues: page.items.map(describe), NextToken: page.nextToken, ApproximateTotalCount: page.total };
}

/** A queue of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getQueue(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<Queue> {
  return getResource(reader, queues, "queue", instance, idOrArn.replace("/queue/agent/", "/queue/"));
}

/** A queue for a contact that is to wait there: a disabled one takes no new contacts. */
export async function findEnabledQueue(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<Queue | undefined> {
  const queue = await findResource(reader, queues, "queue", instance, idOrArn);
  return queue?.status === "ENABLED" ? queue : undefined;
}

/** The same, or the error that says which of both is not so. */
export async function getEnabledQueue(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<Queue> {
  const queue = await getQueue(reader, instance, idOrArn);
  if (queue.status === "DISABLED") throw invalidParameter(`Queue ${queue.id} is disabled`);
  return queue;
}

function describe(queue: Queue): QueueDescription {
  return {
    Name: visibleName(queue),
    QueueArn: queueArn(queue),
    QueueId: queue.id,
    Description: queue.description,
    OutboundCallerConfig: queue.outboundCaller && {
      OutboundCallerIdName: queue.outboundCaller.name,
      OutboundCallerIdNumberId: queue.outboundCaller.numberId,
      OutboundFlowId: queue.outboundCaller.flowId,
    },
    OutboundEmailConfig: queue.outboundEmailAddressId
      ? { OutboundEmailAddressId: queue.outboundEmailAddressId }
      : undefined,
    HoursOfOperationId: queue.hoursOfOperationId,
    MaxContacts: queue.maxContacts,
    Status: queue.status,
    Tags: { ...queue.tags },
    LastModifiedTime: new Date(queue.lastModifiedMs),
    LastModifiedRegion: queue.region,
  };
}

/** The ids of all e-mail addresses of a queue, each once. */
export function emailAddressesOf({ outboundEmailAddressId: outbound, emailAddressIds = [] }: Queue): string[] {
  return [...new Set([...(outbound === undefined ? [] : [outbound]), ...emailAddressIds])];
}

/** The ARN of a queue; that of an agent's own queue names the agent. */
export function queueArn(queue: Queue): string {
  return resourceArn("queue", queue, queue.type === "AGENT" ? `agent/${queue.id}` : queue.id);
}

/** The own queue of an agent: it has the agent's id, lives as long as the agent, and its name is not shown. */
export function agentQueueOf(agent: InstanceRef & { readonly id: string }, nowMs: number): Queue {
  const { id } = agent;
  return { ...refOf(agent), id, name: id, type: "AGENT", status: "ENABLED", tags: {}, lastModifiedMs: nowMs };
}

/** A queue that can be changed and deleted by itself: no agent's own (our choice). */
export async function getStandardQueue(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<Queue> {
  const queue = await getQueue(reader, instance, idOrArn);
  if (queue.type === "AGENT") throw invalidParameter(`Queue ${queue.id} is an agent's own queue`);
  return queue;
}

/** The same, for what refers to it. Writes it as well, since whether a queue may be deleted rests on what refers to it. */
export async function useQueue(unit: Unit, instance: InstanceRef, idOrArn: string): Promise<Queue> {
  const queue = await getStandardQueue(unit, instance, idOrArn);
  unit.put(queues, resourceKey(queue), queue);
  return queue;
}

function visibleName(queue: Queue): string | undefined {
  return queue.type === "AGENT" ? undefined : queue.name;
}

export async function changeQueue(
  input: { InstanceId: string; QueueId: string },
  context: Context,
  change: (unit: Unit, queue: Queue) => Promise<Partial<Queue>>,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const queue = await getStandardQueue(unit, instance, input.QueueId);
    const changes = await change(unit, queue);
    unit.put(queues, resourceKey(queue), { ...queue, ...changes, lastModifiedMs: context.clock.now() });
  });
  return {};
}

/** The id of the hours that a queue is to have. Writes them as well, since whether hours may be deleted rests on which queues have them. */
export async function useHours(unit: Unit, instance: InstanceRef, idOrArn: string): Promise<string> {
  const hours = await getHoursOfOperation(unit, instance, idOrArn);
  unit.put(hoursOfOperations, resourceKey(hours), hours);
  return hours.id;
}

/** The number that calls from a queue show. `undefined`: none was set. */
export async function outboundNumberOf(reader: Reader, queue: Queue): Promise<string | undefined> {
  const id = queue.outboundCaller?.numberId;
  const number = id === undefined ? undefined : await reader.get(phoneNumbers, phoneNumberKey({ ...queue, id }));
  return number?.number;
}

/**
 * What calls from a queue show, and the flow that they run. Writes the number as well, since whether it may be released rests on
 * which queues show it.
 */
export async function outboundCaller(
  unit: Unit,
  instance: InstanceRef,
  config: Validated<OutboundCallerConfig> | undefined,
): Promise<OutboundCaller | undefined> {
  if (config === undefined) return undefined;

  const { OutboundCallerIdName: name, OutboundCallerIdNumberId: numberId, OutboundFlowId: flowId } = config;
  const number = numberId === undefined ? undefined : await getPhoneNumberIn(unit, instance, numberId);
  if (number) putPhoneNumber(unit, number);
  const flow = flowId === undefined ? undefined : await getContactFlow(unit, instance, flowId);
  return { name, numberId: number?.id, flowId: flow?.id };
}
