import type {
  CreateTopicInput,
  CreateTopicResponse,
  DeleteTopicInput,
  GetTopicAttributesInput,
  GetTopicAttributesResponse,
  ListTopicsInput,
  ListTopicsResponse,
  SetTopicAttributesInput,
} from "@aws-sdk/client-sns";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { countUpTo } from "../count-up-to.ts";
import { listPage } from "../list-page.ts";
import { type PolicyDocument, parsePolicy } from "../policy/index.ts";
import { guardRange } from "../range-guard.ts";
import type { Context, Platform } from "../service.ts";
import { checkDeliveryPolicy, effectiveTopicPolicy } from "./delivery-policy.ts";
import { invalidParameter, notAuthorized } from "./errors.ts";
import { ensureSigningKey } from "./signing.ts";
import { deleteSubscription } from "./subscribers.ts";
import { SUBSCRIPTIONS } from "./subscription.ts";
import { checkedTags, sameTags } from "./tags.ts";
import { getTopic, parseTopicArn, TOPICS, type Topic, type TopicAddress, topicArn, topicKey } from "./topic.ts";

/** Standard topics of an account, from the service quotas. */
export const TOPICS_MAX = 100_000;
/** Topics, and subscriptions, on a page: API reference. */
export const PAGE_SIZE = 100;

/** Creates a topic, or answers with the one of this name where no given attribute or tag differs. */
export async function createTopic(input: Validated<CreateTopicInput>, context: Context): Promise<CreateTopicResponse> {
  const { account, region } = context;
  if (input.DataProtectionPolicy !== undefined)
    throw invalidParameter("DataProtectionPolicy is not built in Trunkline");
  const given = input.Attributes ?? {};
  const isFifo = given.FifoTopic === "true";
  checkName(input.Name, isFifo);
  const address: TopicAddress = { account, region, name: input.Name };
  const { attributes, policy = defaultPolicy(address) } = checkedAttributes(given, isFifo, "Attributes Reason: ");
  const tags = checkedTags([], input.Tags ?? []);
  const topic: Topic = {
    ...address,
    id: context.ids.uuid(),
    isFifo,
    attributes,
    policy,
    tags,
    subscriptionsDeleted: 0,
  };
  // What is published is signed.
  await ensureSigningKey(context);
  await context.store.commit(async (unit) => {
    const existing = await unit.get(TOPICS, topicKey(address));
    if (existing === undefined) {
      await checkCount(unit, context);
      unit.put(TOPICS, topicKey(address), topic);
      return;
    }
    if (input.Tags && !sameTags(existing.tags, input.Tags)) {
      throw invalidParameter("Tags Reason: Topic already exists with different tags");
    }
    const isSame = Object.entries(given).every(([name, value]) =>
      name === "Policy"
        ? JSON.stringify(policy) === JSON.stringify(existing.policy)
        : value === (existing.attributes[name] ?? DEFAULTS[name]),
    );
    if (!isSame) throw invalidParameter("Attributes Reason: Topic already exists with different attributes");
  });
  return { TopicArn: topicArn(topic) };
}

/** One that is not there is deleted already. Its subscriptions go with it, in the background. */
export async function deleteTopic(input: Validated<DeleteTopicInput>, context: Context): Promise<void> {
  const address = parseTopicArn(input.TopicArn);
  if (address.region !== context.region) throw invalidParameter("TopicArn");
  if (address.account !== context.account) {
    throw notAuthorized(context.principalArn, "DeleteTopic", input.TopicArn);
  }
  await context.store.commit(async (unit) => {
    const topic = await unit.get(TOPICS, topicKey(address));
    if (topic === undefined) return;
    unit.delete(TOPICS, topicKey(address));
    forgetSubscriptions(unit, context, topic.id);
  });
}

const FORGET = "sns.forget-subscriptions";
const FORGOTTEN_AT_ONCE = 100;

function forgetSubscriptions(unit: Unit, { flow, clock }: Platform, topicId: string): void {
  flow.schedule(unit, { id: `${FORGET}/${topicId}`, kind: FORGET, dueMs: clock.now(), payload: topicId });
}

/** Deletes the subscriptions of deleted topics, some at a time. */
export function startForgetting(platform: Platform): void {
  platform.flow.onTimer(FORGET, async (unit, { payload: topicId }) => {
    const range = { index: "topic", prefix: compositeKey(String(topicId), ""), limit: FORGOTTEN_AT_ONCE };
    const page = await unit.list(SUBSCRIPTIONS, range);
    for (const subscription of page.documents) deleteSubscription(unit, platform.store, subscription);
    if (page.next !== undefined) forgetSubscriptions(unit, platform, String(topicId));
  });
}

export async function listTopics(input: Validated<ListTopicsInput>, context: Context): Promise<ListTopicsResponse> {
  const { account, region } = context;
  const page = await listPage(
    context.store,
    { collection: TOPICS, under: [account, region], nameOf: ({ name }) => name },
    { of: [account, region, "ListTopics"], token: input.NextToken, limit: PAGE_SIZE, refuse: invalidNextToken },
  );
  return {
    Topics: page.items.map((topic) => ({ TopicArn: topicArn(topic) })),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

export function invalidNextToken(): Error {
  return invalidParameter("NextToken");
}

export async function getTopicAttributes(
  input: Validated<GetTopicAttributesInput>,
  context: Context,
): Promise<GetTopicAttributesResponse> {
  const topic = await getTopic(context.store, input.TopicArn, context, "GetTopicAttributes");
  const { confirmed, pending } = await countSubscriptions(context, topic);
  return {
    Attributes: {
      ...(topic.isFifo && { FifoTopic: "true", ContentBasedDeduplication: "false" }),
      DisplayName: "",
      ...topic.attributes,
      TopicArn: topicArn(topic),
      Owner: topic.account,
      Policy: JSON.stringify(topic.policy),
      EffectiveDeliveryPolicy: JSON.stringify(effectiveTopicPolicy(topic.attributes.DeliveryPolicy)),
      SubscriptionsConfirmed: String(confirmed),
      SubscriptionsPending: String(pending),
      SubscriptionsDeleted: String(topic.subscriptionsDeleted),
    },
  };
}

async function countSubscriptions({ store }: Context, { id }: Topic): Promise<{ confirmed: number; pending: number }> {
  let confirmed = 0;
  let pending = 0;
  let after: string | undefined;
  do {
    const page = await store.list(SUBSCRIPTIONS, { index: "topic", prefix: compositeKey(id, ""), limit: 1_000, after });
    for (const { isPending } of page.documents) {
      if (isPending) pending += 1;
      else confirmed += 1;
    }
    after = page.next;
  } while (after !== undefined);
  return { confirmed, pending };
}

export async function setTopicAttributes(input: Validated<SetTopicAttributesInput>, context: Context): Promise<void> {
  const { AttributeName: name, AttributeValue: value = "" } = input;
  await context.store.commit(async (unit) => {
    const topic = await getTopic(unit, input.TopicArn, context, "SetTopicAttributes");
    if (name === "FifoTopic" || !isSettable(name, topic.isFifo)) throw invalidParameter("AttributeName");
    if (value === "" && CLEARABLE.includes(name)) {
      const { [name]: _, ...attributes } = topic.attributes;
      unit.put(TOPICS, topicKey(topic), { ...topic, attributes });
      return;
    }
    const { attributes, policy = topic.policy } = checkedAttributes({ [name]: value }, topic.isFifo, "");
    unit.put(TOPICS, topicKey(topic), { ...topic, attributes: { ...topic.attributes, ...attributes }, policy });
  });
}

const DEFAULTS: Readonly<Record<string, string>> = {
  DisplayName: "",
  ContentBasedDeduplication: "false",
  FifoTopic: "false",
};
const CLEARABLE = ["DeliveryPolicy", "KmsMasterKeyId", "TracingConfig", "SignatureVersion"];
const FEEDBACK =
  /^(HTTP|Firehose|Lambda|Application|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)$/;

function isSettable(name: string, isFifo: boolean): boolean {
  const ofFifo = ["ContentBasedDeduplication", "FifoThroughputScope"];
  const ofAll = [
    "DeliveryPolicy",
    "DisplayName",
    "FifoTopic",
    "KmsMasterKeyId",
    "Policy",
    "SignatureVersion",
    "TracingConfig",
  ];
  return ofAll.includes(name) || FEEDBACK.test(name) || (isFifo && ofFifo.includes(name));
}

/** Attributes that were given, the policy apart. `prefix`: what stands before the reason of a refusal. */
function checkedAttributes(
  given: Readonly<Record<string, string>>,
  isFifo: boolean,
  prefix: string,
): { readonly attributes: Readonly<Record<string, string>>; readonly policy?: PolicyDocument } {
  const { Policy, ...attributes } = given;
  for (const [name, value] of Object.entries(given)) {
    if (name === "ArchivePolicy" || name === "BeginningArchiveTime") {
      throw invalidParameter(`${prefix}${name} is not built in Trunkline`);
    }
    if (!isSettable(name, isFifo))
      throw invalidParameter(prefix === "" ? "AttributeName" : `${prefix}Unknown attribute ${name}`);
    if (name === "DeliveryPolicy") checkDeliveryPolicy(value, "topic", prefix);
    else if (!isValid(name, value)) throw invalidParameter(`${prefix}${name}: Invalid value [${value}].`);
  }
  const { FifoTopic, ...rest } = attributes;
  const kept = isFifo && FifoTopic !== undefined ? { FifoTopic, ...rest } : rest;
  if (Policy === undefined) return { attributes: kept };
  const policy = parsePolicy(Policy);
  if (policy === undefined) throw invalidParameter(`${prefix}Policy Error: null`);
  return { attributes: kept, policy };
}

function isValid(name: string, value: string): boolean {
  switch (name) {
    case "FifoTopic":
    case "ContentBasedDeduplication":
      return value === "true" || value === "false";
    case "SignatureVersion":
      return value === "1" || value === "2";
    case "TracingConfig":
      return value === "PassThrough" || value === "Active";
    case "FifoThroughputScope":
      return value === "Topic" || value === "MessageGroup";
    case "DisplayName":
      return value.length <= 100;
    default:
      return true;
  }
}

function checkName(name: string, isFifo: boolean): void {
  const base = isFifo ? /^[\w-]{1,251}\.fifo$/ : /^[\w-]{1,256}$/;
  if (!base.test(name)) throw invalidParameter("Topic Name");
}

/** Everybody of the account may do everything: what a topic has until somebody gives it a policy. */
function defaultPolicy(address: TopicAddress): PolicyDocument {
  const actions = `GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe
    ListSubscriptionsByTopic Publish`;
  return {
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.split(/\s+/).map((action) => `SNS:${action}`),
        Resource: topicArn(address),
        Condition: { StringEquals: { "AWS:SourceOwner": address.account } },
      },
    ],
  };
}

async function checkCount(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  await guardRange(unit, compositeKey(account, region, "sns topics"));
  const most = limits.value("sns.topics", TOPICS_MAX);
  const count = await countUpTo(unit, { collection: TOPICS, prefix: compositeKey(account, region, "") }, most);
  if (count < most) return;
  throw new ModeledError("TopicLimitExceededException", "The account has as many topics as it may have.");
}
