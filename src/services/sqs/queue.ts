import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { policyAllows, principalOf } from "../policy/index.ts";
import type { Caller, Platform } from "../service.ts";
import { queueDoesNotExist } from "./errors.ts";

export interface Queue {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Minted at creation: a queue that is deleted and created anew starts without the old one's messages. */
  readonly id: string;
  /** A purge starts a new generation of contents, so it costs the same however full the queue is. */
  readonly purges: number;
  readonly purgedMs?: number;
  readonly fifo: boolean;
  /** Attributes that can be set, with their defaults, as the texts that the API speaks. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export const queues: Collection<Queue> = collection<Queue>("sqs_queues", {
  /** Finds the sources of a dead-letter queue. */
  deadLetter: {
    type: "text",
    value: (queue) => {
      const redrive = redrivePolicyOf(queue);
      return redrive && compositeKey(redrive.deadLetterTargetArn, queue.name);
    },
  },
});

export function queueKey(queue: Pick<Queue, "account" | "region" | "name">): string {
  return compositeKey(queue.account, queue.region, queue.name);
}

/** What a queue's policy can share with other accounts: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-overview-of-managing-access.html */
export type SharedAction =
  | "ChangeMessageVisibility"
  | "DeleteMessage"
  | "GetQueueAttributes"
  | "GetQueueUrl"
  | "ListDeadLetterSourceQueues"
  | "PurgeQueue"
  | "ReceiveMessage"
  | "SendMessage";

/**
 * The queue that a URL names by its last two path segments, whatever host stands before them: clients reach us by many names.
 * The URL of another account's queue gets the same answer as that of no queue, unless the queue's policy shares `action` with who asks.
 */
export async function getQueue(
  reader: Reader,
  queueUrl: string,
  caller: QueueUser,
  action?: SharedAction,
): Promise<Queue> {
  const [, account, name] = /(?:^|\/)(\d{12})\/([^/?#]+)\/?$/.exec(queueUrl) ?? [];
  if (account === undefined || name === undefined) {
    throw new ModeledError("InvalidAddress", `The address ${queueUrl} is not valid for this endpoint.`);
  }
  const queue = await findUsableQueue(reader, { account, region: caller.region, name }, caller, action);
  if (queue === undefined) throw queueDoesNotExist();
  return queue;
}

type QueueUser = Pick<Caller, "account" | "region" | "principalArn">;

/** A queue that is the caller's, or shares `action` with the caller. */
export async function findUsableQueue(
  reader: Reader,
  key: Pick<Queue, "account" | "region" | "name">,
  { account, principalArn }: QueueUser,
  action?: SharedAction,
): Promise<Queue | undefined> {
  if (key.account !== account && action === undefined) return undefined;
  const queue = await reader.get(queues, queueKey(key));
  if (queue === undefined || queue.account === account) return queue;
  const access = {
    principal: principalOf(account, principalArn),
    action: `sqs:${action}`,
    resourceArn: queueArn(queue),
  };
  return policyAllows(queue.attributes.Policy, access) ? queue : undefined;
}

export async function findQueueByArn(reader: Reader, arn: string): Promise<Queue | undefined> {
  const parsed = parseQueueArn(arn);
  return parsed && (await reader.get(queues, queueKey(parsed)));
}

/** The policy of the queue that an ARN names. */
export async function policyOf(reader: Reader, arn: string): Promise<string | undefined> {
  return (await findQueueByArn(reader, arn))?.attributes.Policy;
}

/** The tags of the queue that an ARN names. */
export async function tagsOf(reader: Reader, arn: string): Promise<Queue["tags"] | undefined> {
  return (await findQueueByArn(reader, arn))?.tags;
}

export function parseQueueArn(arn: string): Pick<Queue, "account" | "region" | "name"> | undefined {
  const [, region, account, name] = /^arn:aws:sqs:([a-z0-9-]+):(\d{12}):([^:/]+)$/.exec(arn) ?? [];
  return region === undefined || account === undefined || name === undefined ? undefined : { account, region, name };
}

export function queueArn(queue: Pick<Queue, "account" | "region" | "name">): string {
  return `arn:aws:sqs:${queue.region}:${queue.account}:${queue.name}`;
}

export function queueUrl(queue: Pick<Queue, "account" | "name">, platform: Pick<Platform, "endpoint">): string {
  return `${platform.endpoint}/${queue.account}/${queue.name}`;
}

/** What messages belong to: one generation of a queue's contents. */
export function contentsOf(queue: Pick<Queue, "id" | "purges">): string {
  return `${queue.id}.${queue.purges}`;
}

/** An attribute in seconds, as milliseconds. */
export function attributeMs(queue: Queue, name: string): number {
  return Number(queue.attributes[name]) * 1000;
}

export function redrivePolicyOf(queue: Queue): RedrivePolicy | undefined {
  const policy = queue.attributes.RedrivePolicy;
  if (policy === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy);
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
}
