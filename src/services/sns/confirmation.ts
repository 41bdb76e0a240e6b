/**
 * Confirmations: an HTTP endpoint is sent a token, and gets nothing else until somebody has brought that back, by `ConfirmSubscription` or
 * by the `SubscribeURL`, which needs no signature. https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
 */
import type { ConfirmSubscriptionInput, ConfirmSubscriptionResponse } from "@aws-sdk/client-sns";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { effectivePolicy, retryDelaysMs } from "./delivery-policy.ts";
import { signatureVersion, spaced, timestamp } from "./envelope.ts";
import { invalidParameter, notFound } from "./errors.ts";
import { type HttpDelivery, httpTargetArn } from "./http-sink.ts";
import { signingKey, signNow, stringToSign } from "./signing.ts";
import { writeSubscription } from "./subscribers.ts";
import { SUBSCRIPTIONS, type Subscription, subscriptionArn } from "./subscription.ts";
import { checkedArn, parseTopicArn, TOPICS, type Topic, topicKey } from "./topic.ts";

const TOKEN_BYTES = 128;
/** A subscription's id, in hexadecimal digits without dashes, begins its token: it is found by that. */
const ID_DIGITS = 32;
/** "Confirmation tokens are valid for two days": API reference of ConfirmSubscription. */
const TOKEN_MS = 2 * 86_400_000;

/** Of hexadecimal digits, as the service's are. Its subscription's id is put before it. */
export function newToken({ ids }: Pick<Platform, "ids">): string {
  return Buffer.from(ids.bytes(TOKEN_BYTES)).toString("hex");
}

function shownToken({ id, token = "" }: Subscription): string {
  return id.replaceAll("-", "") + token;
}

const EXPIRY = "sns.pending-subscription";

/** A subscription that nobody confirms goes. */
export function expectConfirmation(unit: Unit, { flow, clock }: Platform, subscription: Subscription): void {
  const arn = subscriptionArn(subscription);
  flow.schedule(unit, { id: `${EXPIRY}/${arn}`, kind: EXPIRY, dueMs: clock.now() + TOKEN_MS, payload: arn });
}

export function startExpiry(platform: Platform): void {
  platform.flow.onTimer(EXPIRY, async (unit, { payload }) => {
    const found = await unit.get(SUBSCRIPTIONS, String(payload));
    if (found?.isPending) unit.delete(SUBSCRIPTIONS, String(payload));
  });
}

export async function confirmSubscription(
  input: Validated<ConfirmSubscriptionInput>,
  context: Context,
): Promise<ConfirmSubscriptionResponse> {
  const { AuthenticateOnUnsubscribe: isSigned } = input;
  return confirm(context, { arn: input.TopicArn, token: input.Token, caller: context, isSigned: isSigned === "true" });
}

interface Confirmation {
  readonly arn: string;
  readonly token: string;
  /** Absent where it came by the link of a message. */
  readonly caller?: Pick<Context, "account" | "region">;
  /** Whether ending it takes a signature. */
  readonly isSigned?: boolean;
}

/** Confirms a subscription; one that is confirmed is so again. */
export async function confirm(
  platform: Platform,
  { arn, token, caller, isSigned = false }: Confirmation,
): Promise<{ readonly SubscriptionArn: string }> {
  checkedArn(arn, "TopicArn");
  const address = parseTopicArn(arn, "Topic");
  if (caller && caller.region !== address.region) throw invalidParameter("Topic");
  const [, digits = "", secret = ""] = new RegExp(`^([0-9a-f]{${ID_DIGITS}})([0-9a-f]+)$`).exec(token) ?? [];
  if (digits === "") throw invalidParameter("Token");
  const id = digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const key = `${arn}:${id}`;
  await platform.store.commit(async (unit) => {
    const topic = await unit.get(TOPICS, topicKey(address));
    const found = await unit.get(SUBSCRIPTIONS, key);
    if (topic === undefined && caller?.account === address.account) throw notFound("Topic");
    if (found === undefined || found.token !== secret) throw invalidParameter("Token");
    if (!found.isPending) return;
    platform.flow.cancel(unit, `${EXPIRY}/${key}`);
    const wasAuthenticated = caller?.account === found.owner;
    const authenticateOnUnsubscribe = isSigned && wasAuthenticated;
    writeSubscription(unit, platform.store, {
      ...found,
      isPending: false,
      wasAuthenticated,
      authenticateOnUnsubscribe,
    });
  });
  return { SubscriptionArn: key };
}

/** Owes an HTTP endpoint the message that asks it. To mail addresses none is sent. */
export function askForConfirmation(
  unit: Unit,
  platform: Platform,
  topic: Topic,
  subscription: Subscription,
  messageId: string,
): Promise<void> {
  const text = `You have chosen to subscribe to the topic ${subscription.topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`;
  return owe(unit, platform, topic, subscription, { type: "SubscriptionConfirmation", text, messageId });
}

/** Tells an HTTP endpoint that it gets nothing any more. */
export function tellUnsubscribed(
  unit: Unit,
  platform: Platform,
  topic: Topic,
  subscription: Subscription,
  messageId: string,
): Promise<void> {
  const arn = subscriptionArn(subscription);
  const text = `You have chosen to deactivate subscription ${arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
  return owe(unit, platform, topic, subscription, { type: "UnsubscribeConfirmation", text, messageId });
}

interface Told {
  readonly type: HttpDelivery["type"];
  readonly text: string;
  readonly messageId: string;
}

async function owe(
  unit: Unit,
  platform: Platform,
  topic: Topic,
  subscription: Subscription,
  { type, text, messageId }: Told,
): Promise<void> {
  const { protocol, topicArn, endpoint, owner, attributes } = subscription;
  if (protocol !== "http" && protocol !== "https") return;
  const timeMs = platform.clock.now();
  const token = shownToken(subscription);
  const url = `${platform.endpoint}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
  const signed = {
    Type: type,
    MessageId: messageId,
    Token: token,
    TopicArn: topicArn,
    Message: text,
    SubscribeURL: url,
    Timestamp: timestamp(timeMs),
  };
  const version = signatureVersion(topic);
  const key = await signingKey(unit, platform);
  const body = spaced({
    ...signed,
    SignatureVersion: version,
    Signature: signNow(key, version, stringToSign(signed)),
    SigningCertURL: `${platform.endpoint}${key.path}`,
  });
  const policy = effectivePolicy(topic.attributes.DeliveryPolicy, attributes.DeliveryPolicy);
  const arn = subscriptionArn(subscription);
  const http: HttpDelivery = {
    type,
    endpoint,
    messageId,
    topicArn,
    ...(type === "UnsubscribeConfirmation" && { subscriptionArn: arn }),
    isRaw: false,
    contentType: policy.contentType,
  };
  await platform.flow.send(unit, [
    {
      targetArn: httpTargetArn(subscription),
      ruleArn: arn,
      event: body,
      timeMs,
      retryDelaysMs: retryDelaysMs(policy.retries),
      request: {
        deliveryId: `${messageId}>${arn}`,
        body,
        account: owner,
        principal: "sns.amazonaws.com",
        sourceArn: topicArn,
        parameters: { http },
      },
    },
  ]);
}
