import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
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

/**
 * The queue that a URL names by its last two path segments, whatever host stands before them: clients reach us by many names.
 * The URL of another account's queue gets the same answer as that of no queue.
 */
export async function getQueue(reader: Reader, queueUrl: string, caller: QueueOwner): Promise<Queue> {
  const [, account, name] = /(?:^|\/)(\d{12})\/([^/?#]+)\/?$/.exec(queueUrl) ?? [];
  if (account === undefined || name === undefined) {
    throw new ModeledError("InvalidAddress", `The address ${queueUrl} is not valid for this endpoint.`);
  }
  const queue = account === caller.account ? await reader.get(queues, queueKey({ ...caller, name })) : undefined;
  if (queue === undefined) throw queueDoesNotExist();
  return queue;
}

type QueueOwner = Pick<Caller, "account" | "region">;

export async function findQueueByArn(reader: Reader, arn: string): Promise<Queue | undefined> {
  const parsed = parseQueueArn(arn);
  return parsed && (await reader.get(queues, queueKey(parsed)));
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
