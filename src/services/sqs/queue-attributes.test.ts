import assert from "node:assert/strict";
import { test } from "node:test";
import { OTHER_ACCOUNT, openServiceWorld, START_MS } from "../world.test.ts";
import { sqs } from "./index.ts";
import { getQueueAttributes, setQueueAttributes } from "./queue-attributes.ts";
import { createQueue } from "./queues.ts";

const START_S = String(START_MS / 1000);
const DEAD_ARN = "arn:aws:sqs:us-east-1:000000000000:dead";

test("a new queue has the documented defaults", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const { Attributes } = await getQueueAttributes({ QueueUrl, AttributeNames: ["All"] }, context);
  assert.deepEqual(Attributes, {
    QueueArn: "arn:aws:sqs:us-east-1:000000000000:calls",
    ApproximateNumberOfMessages: "0",
    ApproximateNumberOfMessagesNotVisible: "0",
    ApproximateNumberOfMessagesDelayed: "0",
    CreatedTimestamp: START_S,
    LastModifiedTimestamp: START_S,
    VisibilityTimeout: "30",
    MaximumMessageSize: "1048576",
    MessageRetentionPeriod: "345600",
    DelaySeconds: "0",
    ReceiveMessageWaitTimeSeconds: "0",
    SqsManagedSseEnabled: "true",
  });

  const fifo = await createQueue({ QueueName: "calls.fifo", Attributes: { FifoQueue: "true" } }, context);
  const AttributeNames = [
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
  ] as const;
  const answer = await getQueueAttributes(
    { QueueUrl: fifo.QueueUrl ?? "", AttributeNames: [...AttributeNames] },
    context,
  );
  assert.deepEqual(answer.Attributes, {
    FifoQueue: "true",
    ContentBasedDeduplication: "false",
    DeduplicationScope: "queue",
    FifoThroughputLimit: "perQueue",
  });
});

test("only what is asked for is answered, and nothing for nothing", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  assert.deepEqual(await getQueueAttributes({ QueueUrl }, context), {});
  assert.deepEqual(await getQueueAttributes({ QueueUrl, AttributeNames: ["Policy"] }, context), {});
  assert.deepEqual(await getQueueAttributes({ QueueUrl, AttributeNames: ["DelaySeconds"] }, context), {
    Attributes: { DelaySeconds: "0" },
  });
  const unknown = { QueueUrl, AttributeNames: ["constructor" as "All"] };
  await assert.rejects(getQueueAttributes(unknown, context), {
    code: "InvalidAttributeName",
    message: "Unknown Attribute constructor.",
  });
});

test("attributes change together or not at all", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await world.advance(5_000);
  await setQueueAttributes(
    { QueueUrl, Attributes: { VisibilityTimeout: "7", Policy: '{"Version":"2012-10-17","Statement":[]}' } },
    context,
  );
  const changed = {
    VisibilityTimeout: "7",
    Policy: '{"Version":"2012-10-17","Statement":[]}',
    LastModifiedTimestamp: `${START_MS / 1000 + 5}`,
  };
  const AttributeNames = ["VisibilityTimeout", "Policy", "LastModifiedTimestamp"] as const;
  const read = { QueueUrl, AttributeNames: [...AttributeNames] };
  assert.deepEqual((await getQueueAttributes(read, context)).Attributes, changed);

  await assert.rejects(
    setQueueAttributes({ QueueUrl, Attributes: { VisibilityTimeout: "8", DelaySeconds: "901" } }, context),
    { code: "InvalidAttributeValue", message: "Invalid value for the parameter DelaySeconds." },
  );
  assert.deepEqual((await getQueueAttributes(read, context)).Attributes, changed);
  await setQueueAttributes({ QueueUrl, Attributes: { Policy: "" } }, context);
  assert.equal((await getQueueAttributes(read, context)).Attributes?.Policy, undefined);
});

test("values out of range, unknown names and those of the other kind of queue are refused", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const refused: [string, string, string, string][] = [
    ["VisibilityTimeout", "43201", "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."],
    ["MaximumMessageSize", "1023", "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."],
    [
      "MessageRetentionPeriod",
      "59",
      "InvalidAttributeValue",
      "Invalid value for the parameter MessageRetentionPeriod.",
    ],
    ["DelaySeconds", "-1", "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."],
    ["Policy", "[]", "InvalidAttributeValue", "Invalid value for the parameter Policy."],
    ["Policy", '{"a":1}', "InvalidAttributeValue", "Invalid value for the parameter Policy."],
    ["Policy", '{"Statement":[[]]}', "InvalidAttributeValue", "Invalid value for the parameter Policy."],
    ["FifoQueue", "true", "InvalidAttributeName", "Unknown Attribute FifoQueue."],
    ["ContentBasedDeduplication", "true", "InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication."],
    [
      "DeduplicationScope",
      "queue",
      "InvalidAttributeName",
      "You can specify the DeduplicationScope only when FifoQueue is set to true.",
    ],
    ["QueueArn", "x", "InvalidAttributeName", "Unknown Attribute QueueArn."],
    ["toString", "x", "InvalidAttributeName", "Unknown Attribute toString."],
  ];
  for (const [name, value, code, message] of refused) {
    await assert.rejects(setQueueAttributes({ QueueUrl, Attributes: { [name]: value } }, context), { code, message });
  }
  const fifo = await createQueue({ QueueName: "calls.fifo", Attributes: { FifoQueue: "true" } }, context);
  await assert.rejects(
    setQueueAttributes({ QueueUrl: fifo.QueueUrl ?? "", Attributes: { FifoQueue: "false" } }, context),
    {
      code: "InvalidAttributeValue",
      message: "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
    },
  );
});

test("a redrive policy names an existing queue of the same owner and kind", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const refused: [policy: object, reason: string][] = [
    [{ deadLetterTargetArn: "dummy", maxReceiveCount: 42 }, "Invalid value for deadLetterTargetArn."],
    [{ deadLetterTargetArn: DEAD_ARN, maxReceiveCount: 42 }, "Dead letter target does not exist."],
    [
      { deadLetterTargetArn: DEAD_ARN, maxReceiveCount: 0 },
      "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.",
    ],
    [{ maxReceiveCount: 1 }, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."],
    [{ deadLetterTargetArn: DEAD_ARN }, "Redrive policy does not contain mandatory attribute: maxReceiveCount."],
    [
      { deadLetterTargetArn: DEAD_ARN.replace("000000000000", OTHER_ACCOUNT), maxReceiveCount: 1 },
      "Dead-letter target owner should be same as the source.",
    ],
  ];
  const set = (RedrivePolicy: string): Promise<void> =>
    setQueueAttributes({ QueueUrl, Attributes: { RedrivePolicy } }, context);
  for (const [policy, reason] of refused) {
    const RedrivePolicy = JSON.stringify(policy);
    await assert.rejects(set(RedrivePolicy), {
      code: "InvalidParameterValue",
      message: `Value ${RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    });
  }
  await assert.rejects(set("x"), { code: "InvalidParameterValue" });

  const good = JSON.stringify({ deadLetterTargetArn: DEAD_ARN, maxReceiveCount: "42" });
  const dead = await createQueue(
    { QueueName: "dead", Attributes: { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' } },
    context,
  );
  await assert.rejects(set(good), /does not allow this source/);
  const RedriveAllowPolicy = JSON.stringify({
    redrivePermission: "byQueue",
    sourceQueueArns: ["arn:aws:sqs:us-east-1:000000000000:calls"],
  });
  await setQueueAttributes({ QueueUrl: dead.QueueUrl ?? "", Attributes: { RedriveAllowPolicy } }, context);
  await set(good);
  const { Attributes } = await getQueueAttributes({ QueueUrl, AttributeNames: ["RedrivePolicy"] }, context);
  assert.deepEqual(Attributes, { RedrivePolicy: good });
});

test("a key of KMS takes the place of the encryption by SQS", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await assert.rejects(
    setQueueAttributes({ QueueUrl, Attributes: { KmsMasterKeyId: "key", SqsManagedSseEnabled: "true" } }, context),
    {
      code: "InvalidAttributeName",
      message:
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    },
  );
  await setQueueAttributes({ QueueUrl, Attributes: { KmsMasterKeyId: "key" } }, context);
  const { Attributes } = await getQueueAttributes(
    { QueueUrl, AttributeNames: ["KmsMasterKeyId", "SqsManagedSseEnabled"] },
    context,
  );
  assert.deepEqual(Attributes, { KmsMasterKeyId: "key", SqsManagedSseEnabled: "false" });
});
