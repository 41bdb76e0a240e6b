/** SQS and SNS. */
import { type Properties, type ResourceType, words } from "../resource-type.ts";
import { found, idIn, listAt, pick, retag, tagList, tagMap } from "./parts.ts";

const QUEUE_ATTRIBUTES =
  words(`ContentBasedDeduplication DeduplicationScope DelaySeconds FifoThroughputLimit KmsDataKeyReusePeriodSeconds
  KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled
  VisibilityTimeout`);

const queue: ResourceType = {
  updatable: [...QUEUE_ATTRIBUTES, "Tags"],
  replacing: ["QueueName", "FifoQueue"],
  required: [],
  name: {
    property: "QueueName",
    charactersMax: 80,
    suffix: ({ FifoQueue }) => (String(FifoQueue) === "true" ? ".fifo" : ""),
  },
  async create(work) {
    const { properties, call, name } = work;
    const isFifo = String(properties.FifoQueue) === "true";
    const { QueueUrl } = await call("sqs", "CreateQueue", {
      QueueName: name,
      Attributes: { ...pick(properties, QUEUE_ATTRIBUTES), ...(isFifo && { FifoQueue: "true" }) },
      ...tagMap(work, "tags"),
    });
    return described(work.call, String(QueueUrl));
  },
  async update(changing) {
    const { call, physicalId: QueueUrl, properties, before } = changing;
    const cleared = QUEUE_ATTRIBUTES.filter((name) => properties[name] === undefined && before[name] !== undefined);
    const Attributes = {
      ...pick(properties, QUEUE_ATTRIBUTES),
      ...Object.fromEntries(cleared.map((name) => [name, QUEUE_DEFAULTS[name] ?? ""])),
    };
    if (Object.keys(Attributes).length > 0) await call("sqs", "SetQueueAttributes", { QueueUrl, Attributes });
    await retag(changing, {
      model: "sqs",
      resource: { QueueUrl },
      tag: "TagQueue",
      untag: "UntagQueue",
      keys: "TagKeys",
      map: "Tags",
    });
    return undefined;
  },
  remove: ({ call, physicalId: QueueUrl }) => call("sqs", "DeleteQueue", { QueueUrl }),
  async find({ call, name }) {
    const answer = await found(call("sqs", "GetQueueUrl", { QueueName: name }));
    return answer && described(call, String(answer.QueueUrl));
  },
};

const QUEUE_DEFAULTS: Readonly<Record<string, string>> = {
  DelaySeconds: "0",
  MaximumMessageSize: "262144",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  VisibilityTimeout: "30",
};

type Call = Parameters<ResourceType["create"]>[0]["call"];

async function described(call: Call, url: string): Promise<{ physicalId: string; attributes: Properties }> {
  const { Attributes } = await call("sqs", "GetQueueAttributes", { QueueUrl: url, AttributeNames: ["QueueArn"] });
  return { physicalId: url, attributes: { Arn: Attributes.QueueArn, QueueName: idIn(url), QueueUrl: url } };
}

/** A policy that several queues, topics or buckets get. */
export function policyOf(
  list: string,
  put: (call: Call, one: unknown, policy: unknown) => Promise<unknown>,
): ResourceType {
  return {
    updatable: ["PolicyDocument", list],
    replacing: [],
    required: ["PolicyDocument", list],
    async create({ call, properties, name }) {
      for (const one of listAt(properties, list)) await put(call, one, properties.PolicyDocument);
      return { physicalId: name, attributes: { Id: name } };
    },
    async update({ call, properties, before }) {
      const now = listAt(properties, list);
      for (const one of listAt(before, list)) if (!now.includes(one)) await found(put(call, one, undefined));
      for (const one of now) await put(call, one, properties.PolicyDocument);
      return undefined;
    },
    async remove({ call, properties }) {
      for (const one of listAt(properties, list)) await found(put(call, one, undefined));
    },
  };
}

const queuePolicy = policyOf("Queues", (call, QueueUrl, Policy) =>
  call("sqs", "SetQueueAttributes", { QueueUrl, Attributes: { Policy: Policy ?? "" } }),
);

const topicPolicy = policyOf("Topics", (call, TopicArn, AttributeValue) => {
  // A topic always has a policy: without one of its own it has that of a new topic.
  const [, , , , account] = String(TopicArn).split(":");
  const ownersOnly = {
    Version: "2008-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: account }, Action: "SNS:*", Resource: TopicArn }],
  };
  return call("sns", "SetTopicAttributes", {
    TopicArn,
    AttributeName: "Policy",
    AttributeValue: AttributeValue ?? ownersOnly,
  });
});

const TOPIC_ATTRIBUTES = words(
  "ContentBasedDeduplication DisplayName FifoThroughputScope KmsMasterKeyId SignatureVersion TracingConfig",
);

const topic: ResourceType = {
  updatable: [...TOPIC_ATTRIBUTES, "Tags", "Subscription"],
  replacing: ["TopicName", "FifoTopic"],
  required: [],
  name: {
    property: "TopicName",
    charactersMax: 256,
    suffix: ({ FifoTopic }) => (String(FifoTopic) === "true" ? ".fifo" : ""),
  },
  async create(work) {
    const { call, properties, name } = work;
    const { TopicArn } = await call("sns", "CreateTopic", {
      Name: name,
      Attributes: {
        ...pick(properties, TOPIC_ATTRIBUTES),
        ...(String(properties.FifoTopic) === "true" && { FifoTopic: "true" }),
      },
      ...tagList(work),
    });
    work.began(String(TopicArn));
    for (const { Endpoint, Protocol } of listAt(properties, "Subscription")) {
      await call("sns", "Subscribe", { TopicArn, Endpoint, Protocol });
    }
    return { physicalId: String(TopicArn), attributes: { TopicArn, TopicName: name } };
  },
  async update(changing) {
    const { call, properties, before, physicalId: TopicArn } = changing;
    for (const name of TOPIC_ATTRIBUTES.filter((one) => changing.changed(one))) {
      if (properties[name] === undefined && before[name] === undefined) continue;
      await call("sns", "SetTopicAttributes", {
        TopicArn,
        AttributeName: name,
        AttributeValue: properties[name] ?? "",
      });
    }
    if (changing.changed("Subscription"))
      await resubscribe(call, TopicArn, listAt(before, "Subscription"), listAt(properties, "Subscription"));
    await retag(changing, { model: "sns", resource: { ResourceArn: TopicArn }, keys: "TagKeys" });
    return undefined;
  },
  remove: ({ call, physicalId: TopicArn }) => call("sns", "DeleteTopic", { TopicArn }),
};

type Subscribed = { readonly Endpoint?: unknown; readonly Protocol?: unknown };

async function resubscribe(
  call: Call,
  TopicArn: string,
  before: readonly Subscribed[],
  after: readonly Subscribed[],
): Promise<void> {
  const same = (one: Subscribed, other: Subscribed): boolean =>
    one.Endpoint === other.Endpoint && one.Protocol === other.Protocol;
  const { Subscriptions = [] } = await call("sns", "ListSubscriptionsByTopic", { TopicArn });
  for (const gone of before.filter((one) => !after.some((other) => same(one, other)))) {
    const there = (Subscriptions as (Subscribed & { SubscriptionArn: string })[]).find((one) => same(one, gone));
    if (there) await call("sns", "Unsubscribe", { SubscriptionArn: there.SubscriptionArn });
  }
  for (const { Endpoint, Protocol } of after) await call("sns", "Subscribe", { TopicArn, Endpoint, Protocol });
}

const SUBSCRIPTION_ATTRIBUTES = words(
  "DeliveryPolicy FilterPolicy FilterPolicyScope RawMessageDelivery RedrivePolicy SubscriptionRoleArn",
);

const subscription: ResourceType = {
  updatable: SUBSCRIPTION_ATTRIBUTES,
  replacing: ["Endpoint", "Protocol", "TopicArn", "Region"],
  required: ["Protocol", "TopicArn"],
  async create({ call, properties }) {
    const { SubscriptionArn } = await call("sns", "Subscribe", {
      ...pick(properties, ["Endpoint", "Protocol", "TopicArn"]),
      Attributes: pick(properties, SUBSCRIPTION_ATTRIBUTES),
      ReturnSubscriptionArn: true,
    });
    return { physicalId: String(SubscriptionArn), attributes: { Arn: SubscriptionArn } };
  },
  async update(changing) {
    const { call, properties, before, physicalId: SubscriptionArn } = changing;
    for (const AttributeName of SUBSCRIPTION_ATTRIBUTES.filter((name) => changing.changed(name))) {
      if (properties[AttributeName] === undefined && before[AttributeName] === undefined) continue;
      const AttributeValue = properties[AttributeName] ?? (AttributeName === "RawMessageDelivery" ? "false" : "");
      await call("sns", "SetSubscriptionAttributes", { SubscriptionArn, AttributeName, AttributeValue });
    }
    return undefined;
  },
  remove: ({ call, physicalId: SubscriptionArn }) => call("sns", "Unsubscribe", { SubscriptionArn }),
};

export const messagingTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::SNS::Subscription": subscription,
  "AWS::SNS::Topic": topic,
  "AWS::SNS::TopicPolicy": topicPolicy,
  "AWS::SQS::Queue": queue,
  "AWS::SQS::QueuePolicy": queuePolicy,
};
