/**
 * Hands a published message on to the subscriptions of its topic, in the unit that publishes it: queues and streams have it with that unit,
 * and calls of functions and endpoints are owed from then on. Where there are very many subscriptions, the rest follows in units of a
 * durable timer, some at a time, so that no unit grows without bound.
 */
import type { Message } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { effectivePolicy, retryDelaysMs } from "./delivery-policy.ts";
import { archivedLine, type Envelopes, envelope, lambdaEvent } from "./envelope.ts";
import { type HttpDelivery, httpTargetArn } from "./http-sink.ts";
import { type PublishedMessage, textFor } from "./message.ts";
import { signingKey } from "./signing.ts";
import { isRaw, subscribersOf } from "./subscribers.ts";
import { type Subscription, subscriptionArn } from "./subscription.ts";
import { TOPICS, type Topic, topicArn, topicKey } from "./topic.ts";

/** Subscriptions that get a message in one unit. A FIFO topic has no more than these, so that order is that of the units. */
export const FAN_OUT_AT_ONCE = 100;

/** Messages to what is hosted here are tried again for 23 days: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
export const RETRY_ATTEMPTS_MAX: number = 100_015;
export const MESSAGE_AGE_MS_MAX: number = 23 * 86_400_000;

const REST = "sns.fan-out";

interface Rest {
  readonly topicKey: string;
  readonly topicId: string;
  readonly message: PublishedMessage;
  /** The last subscription that has got it. */
  readonly behind: string;
}

/** Sends a message to the subscriptions behind one, or to all. */
export async function fanOut(
  unit: Unit,
  platform: Platform,
  topic: Topic,
  message: PublishedMessage,
  behind: string = "",
): Promise<void> {
  const subscribers = await subscribersOf(unit, platform.store, topic);
  const owed = subscribers.matching(message).filter(({ id }) => id > behind);
  const now = topic.isFifo ? owed : owed.slice(0, FAN_OUT_AT_ONCE);
  const last = now.at(-1);
  if (last === undefined) return;
  const { path } = await signingKey(unit, platform);
  const { endpoint } = platform;
  const envelopes: Envelopes = { topic, message, certificateUrl: `${endpoint}${path}`, endpoint };
  await platform.flow.send(
    unit,
    now.map((subscription) => messageFor(subscription, envelopes)),
  );
  if (now.length === owed.length) return;
  const rest: Rest = { topicKey: topicKey(topic), topicId: topic.id, message, behind: last.id };
  const id = `${REST}/${message.messageId}`;
  platform.flow.schedule(unit, { id, kind: REST, dueMs: platform.clock.now(), payload: rest });
}

/** A topic that was deleted meanwhile has no subscriptions left. */
export function startFanOut(platform: Platform): void {
  platform.flow.onTimer(REST, async (unit, { payload }) => {
    const { topicKey: key, topicId, message, behind } = payload as Rest;
    const topic = await unit.get(TOPICS, key);
    if (topic?.id === topicId) await fanOut(unit, platform, topic, message, behind);
  });
}

function messageFor(subscription: Subscription, envelopes: Envelopes): Message {
  const { topic, message } = envelopes;
  const { protocol, endpoint, attributes, owner } = subscription;
  const arn = subscriptionArn(subscription);
  const raw = isRaw(subscription);
  const text = textFor(message, protocol);
  const shown = raw ? text : (protocol === "firehose" ? archivedLine : envelope)(envelopes, text, arn);
  const isHttp = protocol === "http" || protocol === "https";
  const policy = isHttp ? effectivePolicy(topic.attributes.DeliveryPolicy, attributes.DeliveryPolicy) : undefined;
  const deadLetterArn = deadLetterQueue(attributes.RedrivePolicy);
  const typedAttributes = raw && Object.keys(message.attributes).length > 0 && { typedAttributes: message.attributes };
  const http: HttpDelivery | undefined = policy && {
    type: "Notification",
    endpoint,
    messageId: message.messageId,
    topicArn: topicArn(topic),
    subscriptionArn: arn,
    isRaw: raw,
    contentType: policy.contentType,
    ...(policy.maxReceivesPerSecond !== undefined && { maxReceivesPerSecond: policy.maxReceivesPerSecond }),
  };
  return {
    targetArn: isHttp ? httpTargetArn(subscription) : endpoint,
    ruleArn: arn,
    event: shown,
    timeMs: message.timeMs,
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    plainDeadLetter: { ...typedAttributes, ...ordered(message, deadLetterArn ?? "") },
    ...(policy ? { retryDelaysMs: retryDelaysMs(policy.retries) } : { retryAttemptsMax: RETRY_ATTEMPTS_MAX }),
    eventAgeMsMax: MESSAGE_AGE_MS_MAX,
    request: {
      deliveryId: `${message.messageId}>${arn}`,
      body: protocol === "lambda" ? lambdaEvent(envelopes, text, arn) : shown,
      ...typedAttributes,
      ...ordered(message, endpoint),
      account: owner,
      principal: "sns.amazonaws.com",
      sourceArn: topicArn(topic),
      ...(http && { parameters: { http } }),
    },
  };
}

/** A FIFO queue gets its group and what it deduplicates on; a standard one may have the group. */
function ordered({ groupId, deduplicationId }: PublishedMessage, queueArn: string) {
  return {
    ...(groupId !== undefined && { key: groupId }),
    ...(deduplicationId !== undefined && queueArn.endsWith(".fifo") && { deduplicationId }),
  };
}

export function deadLetterQueue(redrivePolicy: string | undefined): string | undefined {
  return redrivePolicy === undefined ? undefined : JSON.parse(redrivePolicy).deadLetterTargetArn;
}
