import type {
  GetSubscriptionAttributesInput,
  GetSubscriptionAttributesResponse,
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  ListSubscriptionsInput,
  ListSubscriptionsResponse,
  SetSubscriptionAttributesInput,
  Subscription as ShownSubscription,
  SubscribeInput,
  SubscribeResponse,
  UnsubscribeInput,
} from "@aws-sdk/client-sns";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { countUpTo } from "../count-up-to.ts";
import { parseJsonObject } from "../json-text.ts";
import { listPage } from "../list-page.ts";
import type { Context, Platform } from "../service.ts";
import { askForConfirmation, expectConfirmation, newToken, tellUnsubscribed } from "./confirmation.ts";
import { checkDeliveryPolicy, shownSubscriptionPolicy } from "./delivery-policy.ts";
import { invalidParameter, notAuthorized } from "./errors.ts";
import { FAN_OUT_AT_ONCE } from "./fan-out.ts";
import { compileFilterPolicy } from "./filter-policy.ts";
import { deleteSubscription, writeSubscription } from "./subscribers.ts";
import {
  endpointOf,
  findSubscription,
  getSubscription,
  PROTOCOLS,
  type Protocol,
  SUBSCRIPTIONS,
  type Subscription,
  subscriptionArn,
} from "./subscription.ts";
import { getTopic, TOPICS, type Topic, topicArn, topicKey } from "./topic.ts";
import { invalidNextToken, PAGE_SIZE } from "./topics.ts";

/** Subscriptions of a standard topic, and topics' filter policies, from the service quotas. */
export const SUBSCRIPTIONS_MAX = 12_500_000;
export const FILTER_POLICIES_MAX = 200;

/** Subscribes an endpoint, or answers with the subscription that it has where no given attribute differs. */
export async function subscribe(input: Validated<SubscribeInput>, context: Context): Promise<SubscribeResponse> {
  const protocol = checkedProtocol(input.Protocol);
  const endpoint = input.Endpoint ?? "";
  const given = input.Attributes ?? {};
  const id = context.ids.uuid();
  const token = newToken(context);
  const messageId = context.ids.uuid();
  const subscription = await context.store.commit(async (unit) => {
    const topic = await getTopic(unit, input.TopicArn, context, "Subscribe");
    checkEndpoint(protocol, endpoint, topic);
    const attributes = checkedAttributes(given, topic, "Attributes Reason: ");
    const { account: owner, region, principalArn } = context;
    const isPending = needsConfirmation(protocol);
    const made: Subscription = {
      topicId: topic.id,
      topicArn: topicArn(topic),
      id,
      owner,
      region,
      principalArn,
      protocol,
      endpoint,
      attributes,
      ...(isPending && { token }),
      isPending,
      wasAuthenticated: !isPending,
      authenticateOnUnsubscribe: false,
    };
    const prefix = compositeKey(endpointOf(made), "");
    const { documents } = await unit.list(SUBSCRIPTIONS, { index: "endpoint", prefix, limit: 1 });
    const [existing] = documents;
    if (existing) return again(unit, context, topic, { existing, given, token, messageId });
    await checkCount(unit, context, topic, made);
    writeSubscription(unit, context.store, made);
    // What decides on a range writes the document that guards it.
    unit.put(TOPICS, topicKey(topic), topic);
    if (isPending) {
      expectConfirmation(unit, context, made);
      await askForConfirmation(unit, context, topic, made, messageId);
    }
    return made;
  });
  const isShown = !subscription.isPending || input.ReturnSubscriptionArn === true;
  return { SubscriptionArn: isShown ? subscriptionArn(subscription) : "pending confirmation" };
}

interface Again {
  readonly existing: Subscription;
  readonly given: Readonly<Record<string, string>>;
  readonly token: string;
  readonly messageId: string;
}

/** One that is pending is asked anew. */
async function again(
  unit: Unit,
  context: Context,
  topic: Topic,
  { existing, given, token, messageId }: Again,
): Promise<Subscription> {
  const isSame = Object.entries(given).every(
    ([name, value]) => value === (existing.attributes[name] ?? DEFAULTS[name]),
  );
  if (!isSame) throw invalidParameter("Attributes Reason: Subscription already exists with different attributes");
  if (!existing.isPending) return existing;
  const asked: Subscription = { ...existing, token };
  writeSubscription(unit, context.store, asked);
  expectConfirmation(unit, context, asked);
  await askForConfirmation(unit, context, topic, asked, messageId);
  return asked;
}

/** One that is not there is ended already. */
export async function unsubscribe(input: Validated<UnsubscribeInput>, context: Context): Promise<void> {
  await endSubscription(context, input.SubscriptionArn, context);
}

/** `caller`: absent where it came by the link of a message, without a signature. */
export async function endSubscription(
  platform: Platform,
  arn: string,
  caller: Pick<Context, "account" | "region" | "principalArn"> | undefined,
): Promise<void> {
  const messageId = platform.ids.uuid();
  const token = newToken(platform);
  await platform.store.commit(async (unit) => {
    const found = await findSubscription(unit, arn, caller?.region);
    if (found === undefined) return;
    const isOwners = caller?.account === found.owner || caller?.account === found.topicArn.split(":")[4];
    if (caller ? !isOwners : found.authenticateOnUnsubscribe) {
      throw notAuthorized(caller?.principalArn ?? "anonymous", "Unsubscribe", arn);
    }
    if (found.isPending) throw invalidParameter("SubscriptionArn Reason: the subscription is pending confirmation");
    deleteSubscription(unit, platform.store, found);
    const [, , , region = "", account = "", name = ""] = found.topicArn.split(":");
    const topic = await unit.get(TOPICS, topicKey({ account, region, name }));
    if (topic?.id !== found.topicId) return;
    unit.put(TOPICS, topicKey(topic), { ...topic, subscriptionsDeleted: topic.subscriptionsDeleted + 1 });
    await tellUnsubscribed(unit, platform, topic, { ...found, token }, messageId);
  });
}

export async function listSubscriptions(
  input: Validated<ListSubscriptionsInput>,
  context: Context,
): Promise<ListSubscriptionsResponse> {
  const { account, region } = context;
  const page = await listPage(
    context.store,
    {
      collection: SUBSCRIPTIONS,
      index: "owner",
      under: [account, region],
      nameOf: ({ topicArn: arn, id }) => compositeKey(arn, id),
    },
    { of: [account, region, "ListSubscriptions"], token: input.NextToken, limit: PAGE_SIZE, refuse: invalidNextToken },
  );
  return {
    Subscriptions: page.items.map(shown),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

export async function listSubscriptionsByTopic(
  input: Validated<ListSubscriptionsByTopicInput>,
  context: Context,
): Promise<ListSubscriptionsByTopicResponse> {
  const topic = await getTopic(context.store, input.TopicArn, context, "ListSubscriptionsByTopic");
  const page = await listPage(
    context.store,
    { collection: SUBSCRIPTIONS, index: "topic", under: [topic.id], nameOf: ({ id }) => id },
    {
      of: [context.account, topic.id, "ListSubscriptionsByTopic"],
      token: input.NextToken,
      limit: PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    Subscriptions: page.items.map(shown),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

export async function getSubscriptionAttributes(
  input: Validated<GetSubscriptionAttributesInput>,
  context: Context,
): Promise<GetSubscriptionAttributesResponse> {
  const subscription = await getSubscription(context.store, input.SubscriptionArn, context);
  const { attributes, protocol, endpoint, owner, isPending, wasAuthenticated, principalArn } = subscription;
  const [, , , region = "", account = "", name = ""] = subscription.topicArn.split(":");
  const topic = await context.store.get(TOPICS, topicKey({ account, region, name }));
  const isHttp = protocol === "http" || protocol === "https";
  const effective = shownSubscriptionPolicy(topic?.attributes.DeliveryPolicy, attributes.DeliveryPolicy);
  return {
    Attributes: {
      ...DEFAULTS,
      ...attributes,
      ...(attributes.FilterPolicy !== undefined && {
        FilterPolicyScope: attributes.FilterPolicyScope ?? "MessageAttributes",
      }),
      SubscriptionArn: subscriptionArn(subscription),
      TopicArn: subscription.topicArn,
      Protocol: protocol,
      Endpoint: shownEndpoint(endpoint),
      Owner: owner,
      PendingConfirmation: String(isPending),
      ConfirmationWasAuthenticated: String(wasAuthenticated),
      SubscriptionPrincipal: principalArn,
      ...(isHttp && { EffectiveDeliveryPolicy: JSON.stringify(effective) }),
    },
  };
}

/** An empty value takes an attribute away. */
export async function setSubscriptionAttributes(
  input: Validated<SetSubscriptionAttributesInput>,
  context: Context,
): Promise<void> {
  const { AttributeName: name, AttributeValue: value = "" } = input;
  await context.store.commit(async (unit) => {
    const subscription = await getSubscription(unit, input.SubscriptionArn, context);
    if (!SETTABLE.includes(name)) throw invalidParameter("AttributeName");
    const [, , , region = "", account = "", topicName = ""] = subscription.topicArn.split(":");
    const topic = await unit.get(TOPICS, topicKey({ account, region, name: topicName }));
    if (topic === undefined) throw invalidParameter("SubscriptionArn Reason: its topic was deleted");
    const isCleared = (value === "" || (name === "FilterPolicy" && value === "{}")) && CLEARABLE.includes(name);
    const { [name]: _, ...others } = subscription.attributes;
    const changed = isCleared ? others : { ...others, [name]: value };
    const attributes = checkedAttributes(changed, topic, "", name);
    if (name === "FilterPolicy" && !isCleared) await checkFilterPolicies(unit, context, topic, subscription);
    writeSubscription(unit, context.store, { ...subscription, attributes });
  });
}

const DEFAULTS: Readonly<Record<string, string>> = { RawMessageDelivery: "false" };
const SETTABLE = [
  "DeliveryPolicy",
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "RedrivePolicy",
  "SubscriptionRoleArn",
];
const CLEARABLE = ["DeliveryPolicy", "FilterPolicy", "RedrivePolicy"];

/** Attributes as they are stored. `prefix`: what stands before the reason of a refusal; `changed`: the one that was given, else all. */
function checkedAttributes(
  given: Readonly<Record<string, string>>,
  topic: Topic,
  prefix: string,
  changed?: string,
): Readonly<Record<string, string>> {
  const { FilterPolicyScope: scope = "MessageAttributes" } = given;
  if (scope !== "MessageAttributes" && scope !== "MessageBody") {
    const rule = `Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`;
    throw invalidParameter(`${prefix}FilterPolicyScope: ${rule}`);
  }
  for (const [name, value] of Object.entries(given)) {
    if (!SETTABLE.includes(name)) {
      throw invalidParameter(
        `${prefix}${name === "ReplayPolicy" ? "ReplayPolicy is not built in Trunkline" : "AttributeName"}`,
      );
    }
    const isLookedAt = changed === undefined || changed === name;
    if (name === "RawMessageDelivery" && value !== "true" && value !== "false") {
      throw invalidParameter(`${prefix}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
    }
    if (name === "RedrivePolicy" && isLookedAt) checkRedrivePolicy(value, topic, prefix);
    if (name === "DeliveryPolicy" && isLookedAt) checkDeliveryPolicy(value, "subscription", prefix);
    // Another scope may not fit the policy that is there.
    if (name === "FilterPolicy" && value !== "{}") compileFilterPolicy(value, scope, prefix);
  }
  const { FilterPolicy: policy, ...rest } = given;
  return policy === undefined || policy === "{}" ? rest : { ...rest, FilterPolicy: policy };
}

function checkRedrivePolicy(text: string, topic: Topic, prefix: string): void {
  const refuse = (reason: string): Error => invalidParameter(`${prefix}RedrivePolicy: ${reason}`);
  const policy = parseJsonObject(text);
  if (policy === undefined) throw refuse("failed to parse JSON.");
  const { deadLetterTargetArn: arn } = policy;
  if (typeof arn !== "string" || !QUEUE_ARN.test(arn)) throw refuse("deadLetterTargetArn is an invalid arn");
  if (topic.isFifo && !arn.endsWith(".fifo")) {
    throw refuse("must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.");
  }
  if (!topic.isFifo && arn.endsWith(".fifo")) throw refuse("must use a standard queue as DLQ for a standard topic.");
}

const QUEUE_ARN = /^arn:aws[\w-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}(\.fifo)?$/;

function checkedProtocol(protocol: string): Protocol {
  const known = PROTOCOLS.find((one) => one === protocol);
  if (known !== undefined) return known;
  if (protocol === "sms" || protocol === "application") {
    throw invalidParameter(`Protocol Reason: ${protocol} is not built in Trunkline`);
  }
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
}

/** Endpoints of HTTP prove that they want it; to mail addresses nothing is sent, and nobody confirms them. */
function needsConfirmation(protocol: Protocol): boolean {
  return protocol === "http" || protocol === "https" || protocol === "email" || protocol === "email-json";
}

/** "Endpoint" of the model has no bound of its own. */
const ENDPOINT_CHARACTERS_MAX = 2_048;

function checkEndpoint(protocol: Protocol, endpoint: string, topic: Topic): void {
  if (endpoint.length > ENDPOINT_CHARACTERS_MAX) throw invalidParameter("Endpoint Reason: it is too long");
  if (topic.isFifo && protocol !== "sqs") {
    throw invalidParameter("Invalid parameter: Endpoint Reason: Only SQS queues can be subscribed to FIFO topics");
  }
  switch (protocol) {
    case "sqs":
      if (!QUEUE_ARN.test(endpoint)) throw invalidParameter("SQS endpoint ARN");
      if (!topic.isFifo && endpoint.endsWith(".fifo")) {
        throw invalidParameter(
          "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        );
      }
      return;
    case "lambda":
      if (!/^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(endpoint)) {
        throw invalidParameter("Lambda endpoint ARN");
      }
      return;
    case "firehose":
      if (!/^arn:aws[\w-]*:firehose:[a-z0-9-]+:\d{12}:deliverystream\/[\w.-]+$/.test(endpoint)) {
        throw invalidParameter("Firehose endpoint ARN");
      }
      return;
    case "http":
    case "https":
      if (!isCallable(endpoint, protocol)) throw invalidParameter("Endpoint must match the specified protocol");
      return;
    case "email":
    case "email-json":
      if (!/^[^\s@]+@[^\s@]+$/.test(endpoint)) throw invalidParameter("Email address");
  }
}

/** With the password of its basic authentication masked. https://docs.aws.amazon.com/sns/latest/dg/sns-subscribe-https-s-endpoints-to-topic.html */
function shownEndpoint(endpoint: string): string {
  return endpoint.replace(/^(https?:\/\/[^:@/?#]*):[^@/?#]*@/i, "$1:****@");
}

function isCallable(endpoint: string, protocol: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const url = new URL(endpoint);
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    // Such a login could not be sent.
    return false;
  }
  return url.protocol === `${protocol}:`;
}

async function checkCount(unit: Unit, context: Context, topic: Topic, made: Subscription): Promise<void> {
  const { limits } = context;
  const prefix = compositeKey(topic.id, "");
  // Order rests on it that all subscriptions of a FIFO topic get a message in one unit.
  const most = topic.isFifo ? FAN_OUT_AT_ONCE : limits.value("sns.subscriptions-per-topic", SUBSCRIPTIONS_MAX);
  if (topic.isFifo || limits.enforced) {
    const count = await countUpTo(unit, { collection: SUBSCRIPTIONS, index: "topic", prefix }, most);
    if (count >= most) {
      throw new ModeledError(
        "SubscriptionLimitExceededException",
        "The topic has as many subscriptions as it may have.",
      );
    }
  }
  if (made.attributes.FilterPolicy !== undefined) await checkFilterPolicies(unit, context, topic, made);
}

async function checkFilterPolicies(unit: Unit, { limits }: Context, topic: Topic, own: Subscription): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value("sns.filter-policies-per-topic", FILTER_POLICIES_MAX);
  let count = 0;
  let after: string | undefined;
  do {
    const range = { index: "topic", prefix: compositeKey(topic.id, ""), limit: 1_000, after };
    const page = await unit.list(SUBSCRIPTIONS, range);
    count += page.documents.filter(
      ({ id, attributes }) => id !== own.id && attributes.FilterPolicy !== undefined,
    ).length;
    after = page.next;
  } while (after !== undefined && count < most);
  if (count < most) return;
  throw new ModeledError("FilterPolicyLimitExceededException", "The topic has as many filter policies as it may have.");
}

function shown(subscription: Subscription): ShownSubscription {
  const { topicArn: arn, owner, protocol, endpoint, isPending } = subscription;
  return {
    SubscriptionArn: isPending ? "PendingConfirmation" : subscriptionArn(subscription),
    Owner: owner,
    Protocol: protocol,
    Endpoint: shownEndpoint(endpoint),
    TopicArn: arn,
  };
}
