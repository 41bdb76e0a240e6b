/** Dead letters of subscriptions: which queues get them, and how one is sent to its endpoint again. */
import type { SinkRequest } from "../../flow/index.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Caller, Platform } from "../service.ts";
import { effectivePolicy, retryDelaysMs } from "./delivery-policy.ts";
import { deadLetterQueue, MESSAGE_AGE_MS_MAX, RETRY_ATTEMPTS_MAX } from "./fan-out.ts";
import { type HttpDelivery, httpTargetArn } from "./http-sink.ts";
import { isRaw } from "./subscribers.ts";
import { SUBSCRIPTIONS, subscriptionArn } from "./subscription.ts";
import { parseTopicArn, TOPICS, topicKey } from "./topic.ts";

const SUBSCRIPTIONS_PER_READ = 500;

/** A subscription that has a dead-letter queue. */
export interface DeadLetterSubscription {
  readonly subscriptionArn: string;
  readonly endpoint: string;
  readonly isRaw: boolean;
  readonly queueArn: string;
}

export async function listDeadLetterSubscriptions(
  reader: Reader,
  { account, region }: Pick<Caller, "account" | "region">,
): Promise<readonly DeadLetterSubscription[]> {
  const found: DeadLetterSubscription[] = [];
  const range = { index: "owner", prefix: compositeKey(account, region, ""), limit: SUBSCRIPTIONS_PER_READ };
  let after: string | undefined;
  do {
    const page = await reader.list(SUBSCRIPTIONS, { ...range, after });
    for (const one of page.documents) {
      const queueArn = deadLetterQueue(one.attributes.RedrivePolicy);
      if (queueArn === undefined) continue;
      found.push({
        subscriptionArn: subscriptionArn(one),
        endpoint: withoutPassword(one.endpoint),
        isRaw: isRaw(one),
        queueArn,
      });
    }
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** A message that its endpoint did not take, as it was sent. */
export interface SubscriptionDeadLetter {
  /** Tells it from every other one. */
  readonly id: string;
  readonly subscriptionArn: string;
  readonly body: string;
  readonly typedAttributes?: SinkRequest["typedAttributes"];
  readonly groupId?: string | undefined;
}

/** Owes a message anew to its subscription's endpoint. Answers why that cannot be, or `undefined`. */
export async function redriveToSubscription(
  unit: Unit,
  { flow, clock }: Pick<Platform, "flow" | "clock">,
  { account, region }: Pick<Caller, "account" | "region">,
  { id, subscriptionArn: arn, body, typedAttributes, groupId }: SubscriptionDeadLetter,
): Promise<string | undefined> {
  const subscription = await unit.get(SUBSCRIPTIONS, arn);
  if (subscription?.owner !== account || subscription.region !== region || subscription.isPending) {
    return `There is no subscription ${arn} any more`;
  }
  const { protocol, endpoint, attributes, topicArn, owner } = subscription;
  const isHttp = protocol === "http" || protocol === "https";
  const topic = await unit.get(TOPICS, topicKey(parseTopicArn(topicArn)));
  const policy = isHttp ? effectivePolicy(topic?.attributes.DeliveryPolicy, attributes.DeliveryPolicy) : undefined;
  const http: HttpDelivery | undefined = policy && {
    type: "Notification",
    endpoint,
    messageId: String(parseJsonObject(body)?.MessageId ?? id),
    topicArn,
    subscriptionArn: arn,
    isRaw: isRaw(subscription),
    contentType: policy.contentType,
    ...(policy.maxReceivesPerSecond !== undefined && { maxReceivesPerSecond: policy.maxReceivesPerSecond }),
  };
  const sent = protocol === "lambda" ? eventOf(body, arn) : body;
  if (sent === undefined) return "The message is no notification, which a function is sent";
  const deadLetterArn = deadLetterQueue(attributes.RedrivePolicy);
  const ordered = { ...(groupId !== undefined && { key: groupId }) };
  const typed = typedAttributes && { typedAttributes };
  await flow.send(unit, [
    {
      targetArn: isHttp ? httpTargetArn(subscription) : endpoint,
      ruleArn: arn,
      event: body,
      timeMs: clock.now(),
      ...(deadLetterArn !== undefined && { deadLetterArn }),
      plainDeadLetter: { ...typed, ...ordered },
      ...(policy ? { retryDelaysMs: retryDelaysMs(policy.retries) } : { retryAttemptsMax: RETRY_ATTEMPTS_MAX }),
      eventAgeMsMax: MESSAGE_AGE_MS_MAX,
      request: {
        deliveryId: `redrive/${id}>${arn}`,
        body: sent,
        ...typed,
        ...ordered,
        ...(endpoint.endsWith(".fifo") && { deduplicationId: id }),
        account: owner,
        principal: "sns.amazonaws.com",
        sourceArn: topicArn,
        ...(http && { parameters: { http } }),
      },
    },
  ]);
  return undefined;
}

/** The event that a function gets of the notification that its dead letter is. */
function eventOf(body: string, subscription: string): string | undefined {
  const notification = parseJsonObject(body);
  if (notification?.Type !== "Notification") return undefined;
  const { SigningCertURL, UnsubscribeURL, Subject = null, MessageAttributes = {}, ...rest } = notification;
  const Sns = { ...rest, Subject, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL, MessageAttributes };
  const record = { EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: subscription, Sns };
  return JSON.stringify({ Records: [record] });
}

/** An address may hold a login. */
function withoutPassword(endpoint: string): string {
  return endpoint.replace(/^(https?:\/\/[^:/@]*):[^/]*@/, "$1:…@");
}
