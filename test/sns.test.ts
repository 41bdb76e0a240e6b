/** SNS through the SDK: topics, subscriptions, what is published and where it arrives. */
import assert from "node:assert/strict";
import { createHash, createVerify, X509Certificate } from "node:crypto";
import { after, suite, test } from "node:test";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { AddPermissionCommand as AddLambdaPermissionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  AddPermissionCommand,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  PutDataProtectionPolicyCommand,
  RemovePermissionCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { openFirehose, RoleARN, soon } from "./firehose-world.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";
import { type HttpEndpoint, startEndpoint } from "./stand-ins/http-endpoint.ts";

const server = await startTrunkline("--limit", "sns.http-timeout-ms=300");
const world = worldOf(server.client);
const others = worldOf(server.clientOf("other"));

function worldOf(options: typeof server.client) {
  const sns = new SNSClient(options);
  const sqs = new SQSClient(options);
  after(() => {
    for (const client of [sns, sqs]) client.destroy();
  });
  return { sns, sqs };
}

type World = typeof world;

let count = 0;
const newName = (): string => `one-${count++}`;

async function topic(Attributes: Record<string, string> = {}, { sns }: World = world): Promise<string> {
  const Name = newName() + (Attributes.FifoTopic === "true" ? ".fifo" : "");
  return String((await sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn);
}

interface Queue {
  readonly url: string;
  readonly arn: string;
  received(): Promise<readonly Message[]>;
}

async function queue({ sqs }: World = world, attributes: Record<string, string> = {}): Promise<Queue> {
  const QueueName = newName() + (attributes.FifoQueue === "true" ? ".fifo" : "");
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: attributes }));
  const [account, name] = String(QueueUrl).split("/").slice(-2);
  const ask = {
    QueueUrl,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["All" as const],
  };
  return {
    url: String(QueueUrl),
    arn: `arn:aws:sqs:us-east-1:${account}:${name}`,
    received: async () => (await sqs.send(new ReceiveMessageCommand(ask))).Messages ?? [],
  };
}

async function subscribed(
  TopicArn: string,
  Endpoint: string,
  Attributes: Record<string, string> = {},
  Protocol: string = "sqs",
): Promise<string> {
  const input = { TopicArn, Endpoint, Attributes, Protocol, ReturnSubscriptionArn: true };
  return String((await world.sns.send(new SubscribeCommand(input))).SubscriptionArn);
}

const publish = (TopicArn: string, Message: string, more: Partial<PublishCommandInput> = {}) =>
  world.sns.send(new PublishCommand({ TopicArn, Message, ...more }));

const refused = (name: string, message?: string) => (message === undefined ? { name } : { name, message });

suite("topics", () => {
  test("a topic is created once, with the attributes that the service shows", async () => {
    const Name = newName();
    const create = (more: object = {}) => world.sns.send(new CreateTopicCommand({ Name, ...more }));
    const { TopicArn } = await create({ Attributes: { DisplayName: "Notes" }, Tags: [{ Key: "a", Value: "1" }] });
    assert.equal(TopicArn, `arn:aws:sns:us-east-1:000000000000:${Name}`);
    assert.equal((await create()).TopicArn, TopicArn);
    await assert.rejects(
      create({ Attributes: { DisplayName: "Other" } }),
      refused(
        "InvalidParameterException",
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
      ),
    );
    await assert.rejects(
      create({ Tags: [{ Key: "b", Value: "1" }] }),
      refused("InvalidParameterException", "Invalid parameter: Tags Reason: Topic already exists with different tags"),
    );
    const { Attributes = {} } = await world.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    const { Policy, EffectiveDeliveryPolicy, ...rest } = Attributes;
    assert.deepEqual(rest, {
      TopicArn,
      Owner: "000000000000",
      DisplayName: "Notes",
      SubscriptionsConfirmed: "0",
      SubscriptionsPending: "0",
      SubscriptionsDeleted: "0",
    });
    assert.equal(JSON.parse(String(Policy)).Statement[0].Sid, "__default_statement_ID");
    assert.deepEqual(JSON.parse(String(EffectiveDeliveryPolicy)), {
      http: {
        defaultHealthyRetryPolicy: {
          minDelayTarget: 20,
          maxDelayTarget: 20,
          numRetries: 3,
          numMaxDelayRetries: 0,
          numNoDelayRetries: 0,
          numMinDelayRetries: 0,
          backoffFunction: "linear",
        },
        disableSubscriptionOverrides: false,
        defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
      },
    });
  });

  test("names that the service does not take are refused", async () => {
    const create = (Name: string, Attributes: Record<string, string> = {}) =>
      world.sns.send(new CreateTopicCommand({ Name, Attributes }));
    const message = "Invalid parameter: Topic Name";
    for (const name of ["", "a".repeat(257), "a b", "a/b", "a.fifo"]) {
      await assert.rejects(create(name), refused("InvalidParameterException", message));
    }
    await assert.rejects(create("a", { FifoTopic: "true" }), refused("InvalidParameterException", message));
  });

  test("topics are listed and deleted; what is not there is deleted already", async () => {
    const TopicArn = await topic();
    const { Topics = [] } = await world.sns.send(new ListTopicsCommand({}));
    assert.ok(Topics.some((one) => one.TopicArn === TopicArn));
    await world.sns.send(new DeleteTopicCommand({ TopicArn }));
    await world.sns.send(new DeleteTopicCommand({ TopicArn }));
    const get = new GetTopicAttributesCommand({ TopicArn });
    await assert.rejects(world.sns.send(get), refused("NotFoundException", "Topic does not exist"));
  });

  test("attributes are set one by one", async () => {
    const TopicArn = await topic();
    const set = (AttributeName: string, AttributeValue: string) =>
      world.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
    const http = { defaultHealthyRetryPolicy: { minDelayTarget: 5, maxDelayTarget: 6, numRetries: 1 } };
    await set("DeliveryPolicy", JSON.stringify({ http }));
    await set("SignatureVersion", "2");
    const { Attributes = {} } = await world.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    assert.equal(Attributes.SignatureVersion, "2");
    const effective = JSON.parse(String(Attributes.EffectiveDeliveryPolicy)).http.defaultHealthyRetryPolicy;
    assert.deepEqual([effective.minDelayTarget, effective.numRetries, effective.backoffFunction], [5, 1, "linear"]);
    for (const name of ["FifoTopic", "Nonsense", "ContentBasedDeduplication"]) {
      await assert.rejects(
        set(name, "false"),
        refused("InvalidParameterException", "Invalid parameter: AttributeName"),
      );
    }
    await assert.rejects(
      set("DeliveryPolicy", '{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}'),
      /numRetries/,
    );
    await assert.rejects(set("Policy", "none"), refused("InvalidParameterException"));
  });

  test("permissions are statements of the topic's policy, and let other accounts publish", async () => {
    const TopicArn = await topic();
    const foreign = () => others.sns.send(new PublishCommand({ TopicArn, Message: "hello" }));
    await assert.rejects(foreign(), refused("AuthorizationErrorException"));
    const permission = { TopicArn, Label: "let", AWSAccountId: ["111122223333"], ActionName: ["Publish"] };
    await world.sns.send(new AddPermissionCommand(permission));
    assert.ok((await foreign()).MessageId);
    await assert.rejects(
      world.sns.send(new AddPermissionCommand(permission)),
      refused("InvalidParameterException", "Invalid parameter: Statement already exists"),
    );
    await assert.rejects(
      world.sns.send(new AddPermissionCommand({ ...permission, Label: "x", ActionName: ["Fly"] })),
      refused("InvalidParameterException", "Invalid parameter: Policy statement action out of service scope!"),
    );
    await world.sns.send(new RemovePermissionCommand({ TopicArn, Label: "let" }));
    await assert.rejects(foreign(), refused("AuthorizationErrorException"));
    await assert.rejects(
      others.sns.send(new GetTopicAttributesCommand({ TopicArn })),
      refused("AuthorizationErrorException"),
    );
  });

  test("tags are set, replaced and removed", async () => {
    const ResourceArn = await topic();
    const tag = (Key: string, Value: string) =>
      world.sns.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key, Value }] }));
    await tag("k1", "v1");
    await tag("k2", "v2");
    await tag("k2", "v2b");
    await world.sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["k1"] }));
    const { Tags } = await world.sns.send(new ListTagsForResourceCommand({ ResourceArn }));
    assert.deepEqual(Tags, [{ Key: "k2", Value: "v2b" }]);
    await assert.rejects(
      world.sns.send(new ListTagsForResourceCommand({ ResourceArn: `${ResourceArn}x` })),
      refused("ResourceNotFoundException"),
    );
  });

  test("what is not built says so", async () => {
    const ResourceArn = await topic();
    const put = new PutDataProtectionPolicyCommand({ ResourceArn, DataProtectionPolicy: "{}" });
    await assert.rejects(world.sns.send(put), /PutDataProtectionPolicy is not built in this version/);
    await assert.rejects(publish("", "a", { PhoneNumber: "+12065550100" }), /SMS is not built in Trunkline/);
    await assert.rejects(subscribed(ResourceArn, "+12065550100", {}, "sms"), /sms is not built in Trunkline/);
  });
});

suite("subscriptions", () => {
  test("an endpoint is subscribed once, with the attributes that the service shows", async () => {
    const TopicArn = await topic();
    const { arn } = await queue();
    const SubscriptionArn = await subscribed(TopicArn, arn, { RawMessageDelivery: "true" });
    assert.match(SubscriptionArn, new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
    assert.equal(await subscribed(TopicArn, arn), SubscriptionArn);
    await assert.rejects(
      subscribed(TopicArn, arn, { RawMessageDelivery: "false" }),
      refused(
        "InvalidParameterException",
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
      ),
    );
    const { Attributes } = await world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    assert.deepEqual(Attributes, {
      SubscriptionArn,
      TopicArn,
      Protocol: "sqs",
      Endpoint: arn,
      Owner: "000000000000",
      PendingConfirmation: "false",
      ConfirmationWasAuthenticated: "true",
      RawMessageDelivery: "true",
      SubscriptionPrincipal: "arn:aws:iam::000000000000:root",
    });
    const shown = { SubscriptionArn, Owner: "000000000000", Protocol: "sqs", Endpoint: arn, TopicArn };
    const ofTopic = await world.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    assert.deepEqual(ofTopic.Subscriptions, [shown]);
    const own = await world.sns.send(new ListSubscriptionsCommand({}));
    assert.ok(own.Subscriptions?.some((one) => one.SubscriptionArn === SubscriptionArn));
    await assert.rejects(
      others.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })),
      refused("NotFoundException", "Subscription does not exist"),
    );
    await assert.rejects(
      others.sns.send(new UnsubscribeCommand({ SubscriptionArn })),
      refused("AuthorizationErrorException"),
    );
    await world.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await world.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const counted = await world.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    assert.equal(counted.Attributes?.SubscriptionsDeleted, "1");
  });

  test("what cannot be subscribed is refused in the service's words", async () => {
    const TopicArn = await topic();
    const fifo = await topic({ FifoTopic: "true" });
    const bad = "InvalidParameterException";
    const cases: readonly (readonly [string, string, string, string])[] = [
      [TopicArn, "test-protocol", "x", "Amazon SNS does not support this protocol string: test-protocol"],
      [TopicArn, "sqs", "http://queue", "SQS endpoint ARN"],
      [TopicArn, "http", "https://example.com", "Endpoint must match the specified protocol"],
      [
        TopicArn,
        "sqs",
        "arn:aws:sqs:us-east-1:000000000000:q.fifo",
        "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
      ],
      [
        fifo,
        "http",
        "http://example.com",
        "Invalid parameter: Endpoint Reason: Only SQS queues can be subscribed to FIFO topics",
      ],
      ["nothing", "sqs", "x", "TopicArn Reason: An ARN must have at least 6 elements, not 1"],
    ];
    for (const [arn, protocol, endpoint, reason] of cases) {
      await assert.rejects(subscribed(arn, endpoint, {}, protocol), refused(bad, `Invalid parameter: ${reason}`));
    }
    await assert.rejects(subscribed(`${TopicArn}x`, "x"), refused("NotFoundException", "Topic does not exist"));
    const unsubscribe = (SubscriptionArn: string) => world.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await assert.rejects(unsubscribe("a"), /SubscriptionArn Reason: An ARN must have at least 6 elements, not 1/);
    await assert.rejects(unsubscribe(TopicArn), refused(bad, "Invalid parameter: SubscriptionId"));
  });

  test("attributes are checked when they are set", async () => {
    const TopicArn = await topic();
    const SubscriptionArn = await subscribed(TopicArn, (await queue()).arn);
    const set = (AttributeName: string, AttributeValue: string) =>
      world.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
    for (const [name, value, reason] of [
      ["Nonsense", "x", "AttributeName"],
      ["RawMessageDelivery", "maybe", "RawMessageDelivery: Invalid value [maybe]. Must be true or false."],
      ["RedrivePolicy", '{"deadLetterTargetArn":"x"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"],
      ["FilterPolicy", "none", "FilterPolicy: failed to parse JSON."],
      [
        "FilterPolicyScope",
        "X",
        "FilterPolicyScope: Invalid value [X]. Please use either MessageBody or MessageAttributes",
      ],
      [
        "FilterPolicy",
        '{"a":{"b":["c"]}}',
        "Filter policy scope MessageAttributes does not support nested filter policy",
      ],
      [
        "FilterPolicy",
        '{"key_a":"value_one"}',
        'FilterPolicy: "key_a" must be an object or an array\n at [Source: (String)"{"key_a":"value_one"}"; line: 1, column: 11]',
      ],
      [
        "FilterPolicy",
        JSON.stringify({ a: ["1"], b: ["1"], c: ["1"], d: ["1"], e: ["1"], f: ["1"] }),
        "FilterPolicy: Filter policy can not have more than 5 keys",
      ],
      [
        "FilterPolicy",
        JSON.stringify({ a: Array.from({ length: 151 }, String) }),
        "FilterPolicy: Filter policy is too complex",
      ],
    ] as const) {
      const message = `Invalid parameter: ${reason}`;
      await assert.rejects(set(name, value), refused("InvalidParameterException", message), `${name} ${value}`);
    }
    await set("FilterPolicy", '{"a":["b"]}');
    const shown = () => world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    assert.equal((await shown()).Attributes?.FilterPolicyScope, "MessageAttributes");
    await set("FilterPolicy", "");
    assert.equal((await shown()).Attributes?.FilterPolicy, undefined);
  });

  test("the password of an endpoint is not shown", async () => {
    const TopicArn = await topic();
    const SubscriptionArn = await subscribed(TopicArn, "https://ann:secret@127.0.0.1:9/a:b@c", {}, "https");
    const { Attributes } = await world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    const { Subscriptions } = await world.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const shown = [Attributes?.Endpoint, Subscriptions?.[0]?.Endpoint];
    assert.deepEqual(shown, Array(2).fill("https://ann:****@127.0.0.1:9/a:b@c"));
  });

  test("subscriptions go with their topic", async () => {
    const TopicArn = await topic();
    const SubscriptionArn = await subscribed(TopicArn, (await queue()).arn);
    await world.sns.send(new DeleteTopicCommand({ TopicArn }));
    await server.advance("PT1S");
    await assert.rejects(
      world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })),
      refused("NotFoundException"),
    );
    assert.equal((await world.sns.send(new CreateTopicCommand({ Name: TopicArn.split(":")[5] }))).TopicArn, TopicArn);
    const { Subscriptions } = await world.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    assert.deepEqual(Subscriptions ?? [], []);
  });
});

suite("publishing", () => {
  test("queues get an envelope, or the text with its attributes", async () => {
    const TopicArn = await topic();
    const [wrapped, raw] = [await queue(), await queue()];
    const SubscriptionArn = await subscribed(TopicArn, wrapped.arn);
    await subscribed(TopicArn, raw.arn, { RawMessageDelivery: "true" });
    const MessageAttributes = {
      number: { DataType: "Number", StringValue: "99.12" },
      bytes: { DataType: "Binary", BinaryValue: Buffer.from([2, 3, 4]) },
    };
    const { MessageId } = await publish(TopicArn, 'Grüße & "so"', { Subject: "Hello", MessageAttributes });
    const [envelope] = await wrapped.received();
    assert.match(String(envelope?.Body), /^\{\n {2}"Type" : "Notification",\n {2}"MessageId" : "/);
    const { Timestamp, Signature, SigningCertURL, ...body } = JSON.parse(String(envelope?.Body));
    assert.match(Timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Signature && SigningCertURL);
    assert.deepEqual(body, {
      Type: "Notification",
      MessageId,
      TopicArn,
      Subject: "Hello",
      Message: 'Grüße & "so"',
      SignatureVersion: "1",
      UnsubscribeURL: `${server.url}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`,
      MessageAttributes: {
        number: { Type: "Number", Value: "99.12" },
        bytes: { Type: "Binary", Value: "AgME" },
      },
    });
    assert.equal(envelope?.MessageAttributes, undefined);
    const [message] = await raw.received();
    assert.equal(message?.Body, 'Grüße & "so"');
    assert.deepEqual(message?.MessageAttributes?.number, MessageAttributes.number);
    assert.deepEqual(Buffer.from(message?.MessageAttributes?.bytes?.BinaryValue ?? []), Buffer.from([2, 3, 4]));
    assert.equal(message?.MD5OfBody, createHash("md5").update('Grüße & "so"').digest("hex"));
  });

  test("signatures of both versions hold against the certificate that is served", async () => {
    for (const [version, digest] of [
      ["1", "sha1"],
      ["2", "sha256"],
    ] as const) {
      const TopicArn = await topic({ SignatureVersion: version });
      const one = await queue();
      await subscribed(TopicArn, one.arn);
      await publish(TopicArn, "signed", { Subject: "really" });
      const [message] = await one.received();
      const body = JSON.parse(String(message?.Body));
      assert.equal(body.SignatureVersion, version);
      const certificate = new X509Certificate(await (await fetch(body.SigningCertURL)).text());
      const names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
      const text = names.map((name) => `${name}\n${body[name]}\n`).join("");
      const verify = (signed: string) =>
        createVerify(digest).update(signed).verify(certificate.publicKey, body.Signature, "base64");
      assert.ok(verify(text));
      assert.ok(!verify(text.replace("signed", "forged")));
    }
  });

  test("each protocol gets its own text of a structured message", async () => {
    const TopicArn = await topic();
    const one = await queue();
    await subscribed(TopicArn, one.arn, { RawMessageDelivery: "true" });
    const structured = (message: unknown) => publish(TopicArn, JSON.stringify(message), { MessageStructure: "json" });
    await structured({ default: "default field", sqs: '{"field":"value"}' });
    await structured({ default: "default field", http: "elsewhere" });
    const bodies = (await one.received()).map(({ Body }) => Body);
    assert.deepEqual(bodies, ['{"field":"value"}', "default field"]);
    const name = "InvalidParameterException";
    await assert.rejects(
      structured({ sqs: "a" }),
      refused(name, "Invalid parameter: Message Structure - No default entry in JSON message body"),
    );
    await assert.rejects(
      publish(TopicArn, "no json", { MessageStructure: "json" }),
      refused(name, "Invalid parameter: Message Structure - JSON message body failed to parse"),
    );
  });

  test("messages that do not fit are refused", async () => {
    const TopicArn = await topic();
    const bad = "InvalidParameterException";
    await assert.rejects(publish(TopicArn, ""), refused(bad, "Invalid parameter: Empty message"));
    await assert.rejects(publish(TopicArn, "a".repeat(262_145)), refused(bad, "Invalid parameter: Message too long"));
    assert.ok((await publish(TopicArn, "a".repeat(262_144))).MessageId);
    await assert.rejects(publish(TopicArn, "a", { Subject: "" }), refused(bad, "Invalid parameter: Subject"));
    await assert.rejects(publish(TopicArn, "a", { Subject: "a\nb" }), refused(bad, "Invalid parameter: Subject"));
    await assert.rejects(
      publish(TopicArn, "a", { MessageDeduplicationId: "x" }),
      /MessageDeduplicationId parameter that is not valid for this topic type/,
    );
    await assert.rejects(publish(`${TopicArn}x`, "a"), refused("NotFoundException", "Topic does not exist"));
    await assert.rejects(
      publish(TopicArn.replace("us-east-1", "eu-west-1"), "a"),
      refused(bad, "Invalid parameter: TopicArn"),
    );
    const attribute = (value: object, name = "attr1") =>
      publish(TopicArn, "a", { MessageAttributes: { [name]: value as never } });
    const value = "InvalidParameterValueException";
    await assert.rejects(
      attribute({ DataType: "Stringy", StringValue: "a" }),
      refused(
        value,
        "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
      ),
    );
    await assert.rejects(
      attribute({ DataType: "String", StringValue: "" }),
      refused(
        value,
        "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
      ),
    );
    await assert.rejects(
      attribute({ DataType: "String", StringValue: "a" }, "a..b"),
      refused(value, "Message attribute name can not have successive '.' character."),
    );
  });

  test("a batch is published in order, or refused as a whole", async () => {
    const TopicArn = await topic();
    const one = await queue();
    await subscribed(TopicArn, one.arn, { RawMessageDelivery: "true" });
    const batch = (PublishBatchRequestEntries: { Id: string; Message: string }[]) =>
      world.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    const entries = Array.from({ length: 10 }, (_, at) => ({ Id: `id-${at}`, Message: `message ${at}` }));
    const { Successful = [], Failed = [] } = await batch(entries);
    assert.deepEqual(
      Successful.map(({ Id }) => Id),
      entries.map(({ Id }) => Id),
    );
    assert.deepEqual(Failed, []);
    const bodies = (await one.received()).map(({ Body }) => Body);
    assert.deepEqual(
      bodies.sort(),
      entries.map(({ Message }) => Message),
    );
    const [entry] = entries as [{ Id: string; Message: string }];
    await assert.rejects(batch([]), refused("EmptyBatchRequestException"));
    await assert.rejects(
      batch([...entries, { ...entry, Id: "more" }]),
      refused("TooManyEntriesInBatchRequestException"),
    );
    await assert.rejects(batch([entry, entry]), refused("BatchEntryIdsNotDistinctException"));
    await assert.rejects(batch([{ ...entry, Id: "a.b" }]), refused("InvalidBatchEntryIdException"));
    const long = { Id: "a", Message: "a".repeat(200_000) };
    await assert.rejects(batch([long, { ...long, Id: "b" }]), refused("BatchRequestTooLongException"));
  });

  test("filter policies look at attributes, or into the body", async () => {
    const TopicArn = await topic();
    const raw = { RawMessageDelivery: "true" };
    const [all, vip, cheap, arrays, bodies] = [
      await queue(),
      await queue(),
      await queue(),
      await queue(),
      await queue(),
    ];
    await subscribed(TopicArn, all.arn, raw);
    await subscribed(TopicArn, vip.arn, { ...raw, FilterPolicy: '{"kind":[{"prefix":"vip"}]}' });
    await subscribed(TopicArn, cheap.arn, { ...raw, FilterPolicy: '{"price":[{"numeric":[">",0,"<=",100]}]}' });
    await subscribed(TopicArn, arrays.arn, { ...raw, FilterPolicy: '{"sports":["rugby"],"none":[{"exists":false}]}' });
    const inBody = { FilterPolicyScope: "MessageBody", FilterPolicy: '{"order":{"state":["paid"]}}' };
    await subscribed(TopicArn, bodies.arn, { ...raw, ...inBody });
    const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
    await publish(TopicArn, "1", { MessageAttributes: { kind: text("vip-gold"), price: text("101", "Number") } });
    await publish(TopicArn, "2", { MessageAttributes: { kind: text("plain"), price: text("99.5", "Number") } });
    await publish(TopicArn, "3", { MessageAttributes: { sports: text('["tennis","rugby"]', "String.Array") } });
    await publish(TopicArn, '{"order":{"state":"paid"}}');
    const seen = async (one: Queue) => (await one.received()).map(({ Body }) => Body).sort();
    assert.deepEqual(await seen(all), ["1", "2", "3", '{"order":{"state":"paid"}}']);
    assert.deepEqual(await seen(vip), ["1"]);
    assert.deepEqual(await seen(cheap), ["2"]);
    assert.deepEqual(await seen(arrays), ["3"]);
    assert.deepEqual(await seen(bodies), ['{"order":{"state":"paid"}}']);
  });

  test("what a queue does not take goes to the subscription's dead-letter queue as it was", async () => {
    const TopicArn = await topic();
    const [gone, dead] = [await queue(), await queue()];
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
    await subscribed(TopicArn, gone.arn, { RedrivePolicy, RawMessageDelivery: "true" });
    await world.sqs.send(new DeleteQueueCommand({ QueueUrl: gone.url }));
    const MessageAttributes = { attr1: { DataType: "Number", StringValue: "111" } };
    await publish(TopicArn, "lost", { MessageAttributes });
    const [message] = await dead.received();
    assert.equal(message?.Body, "lost");
    assert.deepEqual(message?.MessageAttributes, MessageAttributes);
  });

  test("a queue of another account takes what its policy lets in", async () => {
    const TopicArn = await topic();
    const theirs = await queue(others);
    await subscribed(TopicArn, theirs.arn, { RawMessageDelivery: "true" });
    await publish(TopicArn, "refused");
    assert.deepEqual(await theirs.received(), []);
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: theirs.arn,
          Condition: { ArnEquals: { "aws:SourceArn": TopicArn } },
        },
      ],
    });
    await others.sqs.send(new SetQueueAttributesCommand({ QueueUrl: theirs.url, Attributes: { Policy } }));
    await publish(TopicArn, "let in");
    assert.equal((await theirs.received())[0]?.Body, "let in");
  });

  test("more subscriptions than one unit serves get it all the same, each once", async () => {
    const TopicArn = await topic();
    const one = await queue();
    const total = 230;
    for (let at = 0; at < total; at += 1) {
      const input = { TopicArn, Protocol: "sqs", Endpoint: one.arn.replace(/[^:]+$/, `none-${at}`) };
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: one.arn });
      await world.sns.send(
        new SubscribeCommand({ ...input, Attributes: { RedrivePolicy, RawMessageDelivery: "true" } }),
      );
    }
    await publish(TopicArn, "to all");
    await server.advance("PT1S");
    let received = 0;
    for (let messages = await one.received(); messages.length > 0; messages = await one.received()) {
      received += messages.length;
    }
    assert.equal(received, total);
  });
});

suite("FIFO topics", () => {
  test("messages arrive once and in order, unsigned and with their numbers", async () => {
    const TopicArn = await topic({ FifoTopic: "true", ContentBasedDeduplication: "true" });
    const [wrapped, raw] = [await queue(world, { FifoQueue: "true" }), await queue(world, { FifoQueue: "true" })];
    await subscribed(TopicArn, wrapped.arn);
    await subscribed(TopicArn, raw.arn, { RawMessageDelivery: "true" });
    const sent = (Message: string) => publish(TopicArn, Message, { MessageGroupId: "group" });
    const first = await sent("Test");
    assert.match(String(first.SequenceNumber), /^1\d{19}$/);
    const again = await sent("Test");
    assert.deepEqual([again.MessageId, again.SequenceNumber], [first.MessageId, first.SequenceNumber]);
    for (const text of ["b", "c", "d"]) await sent(text);
    const messages = await raw.received();
    assert.deepEqual(
      messages.map(({ Body }) => Body),
      ["Test", "b", "c", "d"],
    );
    assert.equal(messages[0]?.Attributes?.MessageGroupId, "group");
    assert.equal(messages[0]?.Attributes?.MessageDeduplicationId, createHash("sha256").update("Test").digest("hex"));
    const [envelope] = await wrapped.received();
    const body = JSON.parse(String(envelope?.Body));
    assert.equal(body.SequenceNumber, first.SequenceNumber);
    assert.equal(body.Signature, undefined);
    // After five minutes it is news again.
    await server.advance("PT5M1S");
    assert.notEqual((await sent("Test")).MessageId, first.MessageId);
  });

  test("what a FIFO topic needs is asked for", async () => {
    const TopicArn = await topic({ FifoTopic: "true" });
    const bad = "InvalidParameterException";
    await assert.rejects(
      publish(TopicArn, "a"),
      refused(bad, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"),
    );
    await assert.rejects(
      publish(TopicArn, "a", { MessageGroupId: "g" }),
      refused(
        bad,
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
      ),
    );
    const { arn } = await queue(world, { FifoQueue: "true" });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: (await queue()).arn });
    await assert.rejects(
      subscribed(TopicArn, arn, { RedrivePolicy }),
      /must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic/,
    );
  });
});

suite("HTTP subscriptions", () => {
  const messagesOf = (endpoint: HttpEndpoint) => endpoint.received.map(({ body }) => JSON.parse(body));

  async function confirmed(TopicArn: string, endpoint: HttpEndpoint, attributes: Record<string, string> = {}) {
    const arn = await subscribed(TopicArn, `${endpoint.url}/hook?a=1`, attributes, "http");
    await server.advance("PT0S");
    const asked = endpoint.received.findLast(({ headers }) => headers["x-amz-sns-message-type"] !== "Notification");
    const answer = await fetch(JSON.parse(String(asked?.body)).SubscribeURL);
    assert.equal(answer.status, 200);
    endpoint.received.length = 0;
    return arn;
  }

  test("an endpoint is asked first, and gets nothing until it has confirmed", async () => {
    const TopicArn = await topic();
    const endpoint = await startEndpoint();
    const Endpoint = `${endpoint.url}/hook`;
    const input = { TopicArn, Protocol: "http", Endpoint };
    assert.equal((await world.sns.send(new SubscribeCommand(input))).SubscriptionArn, "pending confirmation");
    await publish(TopicArn, "too early");
    await server.advance("PT0S");
    const [asked] = endpoint.received;
    assert.equal(endpoint.received.length, 1);
    assert.equal(asked?.headers["x-amz-sns-message-type"], "SubscriptionConfirmation");
    assert.equal(asked?.headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(asked?.headers["user-agent"], "Amazon Simple Notification Service Agent");
    const { Token, SubscribeURL, Signature, SigningCertURL, ...body } = JSON.parse(String(asked?.body));
    assert.equal(body.Type, "SubscriptionConfirmation");
    assert.equal(
      body.Message,
      `You have chosen to subscribe to the topic ${TopicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    );
    const certificate = new X509Certificate(await (await fetch(SigningCertURL)).text());
    const signed = { ...body, Token, SubscribeURL };
    const names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
    const text = names.map((name) => `${name}\n${signed[name]}\n`).join("");
    assert.ok(createVerify("sha1").update(text).verify(certificate.publicKey, Signature, "base64"));

    const confirm = (token: string) => world.sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: token }));
    await assert.rejects(confirm("nonsense"), refused("InvalidParameterException", "Invalid parameter: Token"));
    const { SubscriptionArn } = await confirm(Token);
    assert.equal((await confirm(Token)).SubscriptionArn, SubscriptionArn);
    const { MessageId } = await publish(TopicArn, "hello");
    await server.advance("PT0S");
    const received = endpoint.received[1];
    assert.equal(received?.headers["x-amz-sns-message-type"], "Notification");
    assert.equal(received?.headers["x-amz-sns-message-id"], MessageId);
    assert.equal(received?.headers["x-amz-sns-subscription-arn"], SubscriptionArn);
    assert.equal(messagesOf(endpoint)[1].Message, "hello");
  });

  test("it is confirmed and ended by the links of its messages, without a signature", async () => {
    const TopicArn = await topic();
    const endpoint = await startEndpoint();
    const SubscriptionArn = await confirmed(TopicArn, endpoint);
    await publish(TopicArn, "hello");
    await server.advance("PT0S");
    const [message] = messagesOf(endpoint);
    assert.equal(message.Message, "hello");
    const answer = await fetch(message.UnsubscribeURL);
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /<UnsubscribeResponse/);
    await publish(TopicArn, "unheard");
    await server.advance("PT0S");
    const [, told, ...more] = messagesOf(endpoint);
    assert.equal(told.Type, "UnsubscribeConfirmation");
    assert.deepEqual(more, []);
    await assert.rejects(
      world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })),
      refused("NotFoundException"),
    );
    const wrong = await fetch(`${server.url}/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=ab`);
    assert.equal(wrong.status, 400);
    assert.match(await wrong.text(), /<Code>InvalidParameter<\/Code><Message>Invalid parameter: Token<\/Message>/);
  });

  test("a subscription that only its owner may end is not ended by a link", async () => {
    const TopicArn = await topic();
    const endpoint = await startEndpoint();
    await subscribed(TopicArn, endpoint.url, {}, "http");
    await server.advance("PT0S");
    const [{ Token }] = messagesOf(endpoint);
    const { SubscriptionArn } = await world.sns.send(
      new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: "true" }),
    );
    const answer = await fetch(`${server.url}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`);
    assert.equal(answer.status, 403);
    await world.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  });

  test("one that nobody confirms goes after two days", async () => {
    const TopicArn = await topic();
    const SubscriptionArn = await subscribed(TopicArn, "someone@example.com", {}, "email");
    const { Attributes } = await world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    assert.equal(Attributes?.PendingConfirmation, "true");
    await server.advance("P2D");
    await assert.rejects(
      world.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })),
      refused("NotFoundException"),
    );
  });

  test("raw texts have headers of their own, and the content type that the policy says", async () => {
    const TopicArn = await topic();
    const endpoint = await startEndpoint();
    const DeliveryPolicy = JSON.stringify({ requestPolicy: { headerContentType: "application/json" } });
    await confirmed(TopicArn, endpoint, { RawMessageDelivery: "true", DeliveryPolicy });
    await publish(TopicArn, '{"a":1}');
    await server.advance("PT0S");
    const [received] = endpoint.received;
    assert.equal(received?.path, "/hook?a=1");
    assert.equal(received?.body, '{"a":1}');
    assert.equal(received?.headers["x-amz-sns-rawdelivery"], "true");
    assert.equal(received?.headers["content-type"], "application/json");
  });

  test("retries follow the delivery policy; in the end the message goes to the dead-letter queue", async () => {
    const TopicArn = await topic();
    const dead = await queue();
    let isDown = false;
    const endpoint = await startEndpoint((_received, response) => {
      response.writeHead(isDown ? 503 : 200);
      response.end();
    });
    await confirmed(TopicArn, endpoint, {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
      DeliveryPolicy: JSON.stringify({
        healthyRetryPolicy: {
          numRetries: 5,
          numNoDelayRetries: 1,
          numMinDelayRetries: 1,
          numMaxDelayRetries: 1,
          minDelayTarget: 10,
          maxDelayTarget: 30,
        },
      }),
    });
    isDown = true;
    await publish(TopicArn, "hello");
    const attempts = [];
    for (const step of ["PT0S", "PT9S", "PT1S", "PT10S", "PT30S", "PT30S", "PT1H"]) {
      await server.advance(step);
      attempts.push(endpoint.received.length);
    }
    // At once and once more, after 10 s, growing from 10 s to 30 s, after 30 s.
    assert.deepEqual(attempts, [2, 2, 3, 4, 5, 6, 6]);
    assert.equal(JSON.parse(String((await dead.received())[0]?.Body)).Message, "hello");
  });

  test("what an endpoint refuses is final, and a dead one delays nobody", async () => {
    const TopicArn = await topic();
    const dead = await queue();
    let isOpen = true;
    const refusing = await startEndpoint((_received, response) => {
      response.writeHead(isOpen ? 200 : 404);
      response.end();
    });
    const hanging = await startEndpoint((_received, response) => {
      if (isOpen) response.end();
    });
    const good = await startEndpoint();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
    for (const endpoint of [refusing, hanging, good]) await confirmed(TopicArn, endpoint, { RedrivePolicy });
    isOpen = false;
    for (let at = 0; at < 5; at += 1) await publish(TopicArn, `${at}`);
    await server.advance("PT0S");
    assert.equal(good.received.length, 5);
    assert.equal(refusing.received.length, 5);
    assert.equal((await dead.received()).length, 5);
  });
});

test("rules publish to topics", async () => {
  const events = new EventBridgeClient(server.client);
  after(() => events.destroy());
  const TopicArn = await topic();
  const one = await queue();
  await subscribed(TopicArn, one.arn);
  await events.send(new PutRuleCommand({ Name: "to-topic", EventPattern: '{"source":["to.topic"]}' }));
  const Targets = [{ Id: "1", Arn: TopicArn, InputPath: "$.detail" }];
  await events.send(new PutTargetsCommand({ Rule: "to-topic", Targets }));
  const Entries = [{ Source: "to.topic", DetailType: "Made", Detail: '{"a":1}' }];
  await events.send(new PutEventsCommand({ Entries }));
  await server.advance("PT0S");
  const [message] = await one.received();
  const { Message, Signature } = JSON.parse(String(message?.Body));
  assert.equal(Message, '{"a":1}');
  assert.ok(Signature);
});

test("a delivery stream gets a line with the message, or the text alone, where the filter lets it", async () => {
  const TopicArn = await topic();
  const { create, bucket, textsOf } = openFirehose(server);
  const buckets = new Map<string, string>();
  for (const name of ["sns-whole", "sns-raw"]) {
    const { Bucket, BucketARN } = await bucket();
    buckets.set(name, Bucket);
    const S3DestinationConfiguration = { RoleARN, BucketARN, BufferingHints: soon };
    const { DeliveryStreamARN = "" } = await create(name, { S3DestinationConfiguration });
    const raw = { RawMessageDelivery: "true", FilterPolicy: '{"kind":["good"]}' };
    const attributes = { SubscriptionRoleArn: RoleARN, ...(name === "sns-raw" && raw) };
    await subscribed(TopicArn, DeliveryStreamARN, attributes, "firehose");
  }
  const kind = (StringValue: string) => ({ MessageAttributes: { kind: { DataType: "String", StringValue } } });
  await publish(TopicArn, "one", kind("good"));
  await publish(TopicArn, "two", kind("bad"));
  await server.advance("PT1M");
  const [whole = ""] = await textsOf(buckets.get("sns-whole") ?? "");
  const lines = whole.split("\n");
  assert.equal(lines.pop(), "");
  const [first, second] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(Object.keys(first), [
    "Type",
    "MessageId",
    "TopicArn",
    "Message",
    "Timestamp",
    "UnsubscribeURL",
    "MessageAttributes",
  ]);
  assert.deepEqual([first.Type, first.TopicArn, first.Message], ["Notification", TopicArn, "one"]);
  assert.deepEqual([second.Message, second.MessageAttributes], ["two", { kind: { Type: "String", Value: "bad" } }]);
  assert.deepEqual(await textsOf(buckets.get("sns-raw") ?? ""), ["one"]);
});

test("a function is called with the message, once its policy lets the topic", async () => {
  const TopicArn = await topic();
  const told = await queue();
  const dead = await queue();
  const Role = await createRole(server.client, "hears-topics", ["sqs:SendMessage"]);
  const source = `
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
const sqs = new SQSClient({});
export const handler = async (event) => {
  await sqs.send(new SendMessageCommand({ QueueUrl: ${JSON.stringify(told.url)}, MessageBody: JSON.stringify(event) }));
};`;
  const FunctionName = "hears-topics";
  const { FunctionArn = "" } = await createFunction(server.client, source, { FunctionName, Role });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
  const subscriptionArn = await subscribed(TopicArn, FunctionArn, { RedrivePolicy }, "lambda");
  await publish(TopicArn, "too early");
  await server.advance("PT0S");
  assert.equal((await dead.received()).length, 1);
  await new LambdaClient(server.client).send(
    new AddLambdaPermissionCommand({
      FunctionName,
      StatementId: "sns",
      Action: "lambda:InvokeFunction",
      Principal: "sns.amazonaws.com",
      SourceArn: TopicArn,
    }),
  );
  const { MessageId } = await publish(TopicArn, "hello", { Subject: "greeting" });
  await server.advance("PT0S");
  const [message, ...others] = await told.received();
  assert.deepEqual(others, []);
  const [record] = JSON.parse(String(message?.Body)).Records;
  assert.equal(record.EventSource, "aws:sns");
  assert.equal(record.EventSubscriptionArn, subscriptionArn);
  assert.deepEqual(
    [record.Sns.MessageId, record.Sns.Subject, record.Sns.Message, record.Sns.TopicArn],
    [MessageId, "greeting", "hello", TopicArn],
  );
});
