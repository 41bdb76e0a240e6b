import type {
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  SetQueueAttributesRequest,
} from "@aws-sdk/client-sqs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { parseJsonObject } from "../json-text.ts";
import { parsePolicy } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { invalidValue } from "./errors.ts";
import {
  DELAY_SECONDS_MAX,
  MAX_RECEIVE_COUNT_MAX,
  MESSAGE_BYTES_MAX,
  RETENTION_SECONDS_MAX,
  RETENTION_SECONDS_MIN,
  VISIBILITY_SECONDS_MAX,
  WAIT_SECONDS_MAX,
} from "./limits.ts";
import { countMessages, scheduleExpiry } from "./messages.ts";
import { findQueueByArn, getQueue, parseQueueArn, type Queue, queueArn, queueKey, queues } from "./queue.ts";

type Attributes = Readonly<Record<string, string>>;

const STANDARD_DEFAULTS: Attributes = {
  VisibilityTimeout: "30",
  MaximumMessageSize: String(MESSAGE_BYTES_MAX),
  MessageRetentionPeriod: "345600",
  DelaySeconds: "0",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
};

const FIFO_DEFAULTS: Attributes = {
  ...STANDARD_DEFAULTS,
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "queue",
  FifoThroughputLimit: "perQueue",
};

/** Attributes that the service computes; nobody sets them. */
const COMPUTED = [
  "QueueArn",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
];

/** Attributes that can be set, and which texts each takes. */
const SETTABLE: ReadonlyMap<string, (value: string) => boolean> = new Map(
  Object.entries({
    VisibilityTimeout: isIntegerBetween(0, VISIBILITY_SECONDS_MAX),
    MaximumMessageSize: isIntegerBetween(1024, MESSAGE_BYTES_MAX),
    MessageRetentionPeriod: isIntegerBetween(RETENTION_SECONDS_MIN, RETENTION_SECONDS_MAX),
    DelaySeconds: isIntegerBetween(0, DELAY_SECONDS_MAX),
    ReceiveMessageWaitTimeSeconds: isIntegerBetween(0, WAIT_SECONDS_MAX),
    Policy: (value) => parsePolicy(value) !== undefined,
    RedrivePolicy: (value) => parseJsonObject(value) !== undefined,
    RedriveAllowPolicy: isRedriveAllowPolicy,
    KmsMasterKeyId: () => true,
    KmsDataKeyReusePeriodSeconds: isIntegerBetween(60, 86_400),
    SqsManagedSseEnabled: isOneOf("true", "false"),
    FifoQueue: isOneOf("true"),
    ContentBasedDeduplication: isOneOf("true", "false"),
    DeduplicationScope: isOneOf("messageGroup", "queue"),
    FifoThroughputLimit: isOneOf("perQueue", "perMessageGroupId"),
  }),
);

/** An empty text takes these away. */
const CLEARABLE = ["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"];

export async function getQueueAttributes(
  input: Validated<GetQueueAttributesRequest>,
  context: Context,
): Promise<GetQueueAttributesResult> {
  const queue = await getQueue(context.store, input.QueueUrl, context, "GetQueueAttributes");
  const names = input.AttributeNames ?? [];
  const unknown = names.find((name) => !isQueueAttribute(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  if (names.length === 0) return {};

  const wanted = (name: string): boolean => names.some((asked) => asked === "All" || asked === name);
  const counts = names.some((name) => name === "All" || name.startsWith("Approximate"))
    ? await countMessages(context.store, queue, context.clock.now())
    : { visible: 0, notVisible: 0, delayed: 0 };
  const all: Attributes = {
    QueueArn: queueArn(queue),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.notVisible),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1000)),
    ...queue.attributes,
  };
  const attributes = Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name)));
  return Object.keys(attributes).length === 0 ? {} : { Attributes: attributes };
}

export async function setQueueAttributes(input: Validated<SetQueueAttributesRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context);
    const attributes = await changedAttributes(unit, queue, input.Attributes);
    const changed = { ...queue, attributes, modifiedMs: context.clock.now() };
    unit.put(queues, queueKey(queue), changed);
    // A new retention period holds for messages that are there already.
    if ("MessageRetentionPeriod" in input.Attributes) scheduleExpiry(unit, context, changed, changed.modifiedMs);
  });
}

/** The attributes of a queue to be created. */
export function initialAttributes(reader: Reader, queue: Queue, wanted: Attributes): Promise<Attributes> {
  return changedAttributes(reader, { ...queue, attributes: queue.fifo ? FIFO_DEFAULTS : STANDARD_DEFAULTS }, wanted);
}

/** A queue's attributes after `changes`; throws where one of them does not fit. */
async function changedAttributes(reader: Reader, queue: Queue, changes: Attributes): Promise<Attributes> {
  const attributes: Record<string, string> = { ...queue.attributes };
  for (const [name, value] of Object.entries(changes)) {
    checkName(queue, name);
    if (value === "" && CLEARABLE.includes(name)) {
      delete attributes[name];
    } else if (SETTABLE.get(name)?.(value)) {
      attributes[name] = value;
    } else {
      throw invalidAttribute(name, value);
    }
  }
  if (attributes.RedrivePolicy !== undefined && "RedrivePolicy" in changes) {
    await checkRedrivePolicy(reader, queue, attributes.RedrivePolicy);
  }
  checkThroughput(attributes, changes);
  return withOneEncryption(attributes, changes);
}

/** High throughput, counted for each group, needs deduplication for each group. */
function checkThroughput({ DeduplicationScope, FifoThroughputLimit }: Attributes, changes: Attributes): void {
  if (FifoThroughputLimit !== "perMessageGroupId" || DeduplicationScope === "messageGroup") return;
  const name = changes.FifoThroughputLimit === undefined ? "DeduplicationScope" : "FifoThroughputLimit";
  throw new ModeledError(
    "InvalidAttributeValue",
    `Invalid value for the parameter ${name}. Reason: The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.`,
  );
}

function checkName(queue: Queue, name: string): void {
  if (!SETTABLE.has(name)) throw unknownAttribute(name);
  if (queue.fifo || !(name in FIFO_DEFAULTS) || name in STANDARD_DEFAULTS) return;
  if (name === "FifoQueue" || name === "ContentBasedDeduplication") throw unknownAttribute(name);
  throw new ModeledError("InvalidAttributeName", `You can specify the ${name} only when FifoQueue is set to true.`);
}

/** Whether a list of names of queue attributes may hold this one. */
export function isQueueAttribute(name: string): boolean {
  return name === "All" || SETTABLE.has(name) || COMPUTED.includes(name);
}

export function unknownAttribute(name: string): ModeledError {
  return new ModeledError("InvalidAttributeName", `Unknown Attribute ${name}.`);
}

function invalidAttribute(name: string, value: string): ModeledError {
  if (name === "RedrivePolicy") return invalidValue(value, name, "Redrive policy is not a valid JSON map.");
  const reason = name === "FifoQueue" ? " Reason: Modifying queue type is not supported." : "";
  return new ModeledError("InvalidAttributeValue", `Invalid value for the parameter ${name}.${reason}`);
}

async function checkRedrivePolicy(reader: Reader, queue: Queue, value: string): Promise<void> {
  const refuse = (reason: string): ModeledError => invalidValue(value, "RedrivePolicy", reason);
  const { deadLetterTargetArn: targetArn, maxReceiveCount } = parseJsonObject(value) ?? {};
  if (targetArn === undefined)
    throw refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  if (maxReceiveCount === undefined)
    throw refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  if (!isIntegerBetween(1, MAX_RECEIVE_COUNT_MAX)(String(maxReceiveCount))) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  const target = typeof targetArn === "string" ? parseQueueArn(targetArn) : undefined;
  if (target === undefined) throw refuse("Invalid value for deadLetterTargetArn.");
  if (target.account !== queue.account) throw refuse("Dead-letter target owner should be same as the source.");
  if (target.region !== queue.region) throw refuse("Dead-letter target must be in same region as the source.");
  const deadLetterQueue = await findQueueByArn(reader, String(targetArn));
  if (deadLetterQueue === undefined) throw refuse("Dead letter target does not exist.");
  if (deadLetterQueue.fifo !== queue.fifo) throw refuse("Dead-letter queue must be same type of queue as the source.");
  if (!allowsSource(deadLetterQueue, queueArn(queue))) throw refuse("Dead letter target does not allow this source.");
}

function allowsSource(deadLetterQueue: Queue, sourceArn: string): boolean {
  const policy = deadLetterQueue.attributes.RedriveAllowPolicy;
  if (policy === undefined) return true;
  const { redrivePermission, sourceQueueArns } = JSON.parse(policy);
  return redrivePermission === "allowAll" || (redrivePermission === "byQueue" && sourceQueueArns.includes(sourceArn));
}

function isRedriveAllowPolicy(value: string): boolean {
  const { redrivePermission, sourceQueueArns } = parseJsonObject(value) ?? {};
  if (redrivePermission !== "byQueue") {
    return (redrivePermission === "allowAll" || redrivePermission === "denyAll") && sourceQueueArns === undefined;
  }
  return (
    Array.isArray(sourceQueueArns) &&
    sourceQueueArns.length >= 1 &&
    sourceQueueArns.length <= 10 &&
    sourceQueueArns.every((arn) => typeof arn === "string" && parseQueueArn(arn) !== undefined)
  );
}

/** A queue is encrypted with a key of KMS or by SQS, not both; naming a key switches the other off. */
function withOneEncryption(attributes: Attributes, changes: Attributes): Attributes {
  if (!attributes.KmsMasterKeyId || attributes.SqsManagedSseEnabled !== "true") return attributes;
  if (changes.SqsManagedSseEnabled !== undefined) {
    throw new ModeledError(
      "InvalidAttributeName",
      "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    );
  }
  return { ...attributes, SqsManagedSseEnabled: "false" };
}

function isIntegerBetween(min: number, max: number): (value: string) => boolean {
  return (value) => /^\d{1,10}$/.test(value) && Number(value) >= min && Number(value) <= max;
}

function isOneOf(...allowed: string[]): (value: string) => boolean {
  return (value) => allowed.includes(value);
}
