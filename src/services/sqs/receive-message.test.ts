import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNT, openServiceWorld, START_MS } from "../world.test.ts";
import { changeMessageVisibility, changeMessageVisibilityBatch } from "./change-message-visibility.ts";
import { deleteMessage, deleteMessageBatch } from "./delete-message.ts";
import { sqs } from "./index.ts";
import { messages } from "./messages.ts";
import { setQueueAttributes } from "./queue-attributes.ts";
import { createQueue, purgeQueue } from "./queues.ts";
import { receiveMessage } from "./receive-message.ts";
import { sendMessage } from "./send-message.ts";

test("messages come in the order in which they were sent, with what was asked for", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const trace = { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" } };
  await sendMessage(
    { QueueUrl, MessageBody: "first", MessageSystemAttributes: trace, MessageGroupId: "fair" },
    context,
  );
  await sendMessage({ QueueUrl, MessageBody: "second" }, context);
  await world.advance(1_000);
  const { Messages = [] } = await receiveMessage(
    { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"] },
    context,
  );
  assert.deepEqual(
    Messages.map(({ Body, Attributes, MD5OfBody }) => ({ Body, Attributes, MD5OfBody })),
    [
      {
        Body: "first",
        MD5OfBody: "8b04d5e3775d298e78455efc5ca404d5",
        Attributes: {
          SenderId: ACCOUNT,
          SentTimestamp: String(START_MS),
          ApproximateReceiveCount: "1",
          ApproximateFirstReceiveTimestamp: String(START_MS + 1_000),
          AWSTraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793",
          MessageGroupId: "fair",
        },
      },
      {
        Body: "second",
        MD5OfBody: "a9f0e61a137d86aa9db53465e0801612",
        Attributes: {
          SenderId: ACCOUNT,
          SentTimestamp: String(START_MS),
          ApproximateReceiveCount: "1",
          ApproximateFirstReceiveTimestamp: String(START_MS + 1_000),
        },
      },
    ],
  );
});

test("names choose the message attributes, and the digest is over those that are given out", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls", Attributes: { VisibilityTimeout: "0" } }, context);
  const text = (StringValue: string): { DataType: string; StringValue: string } => ({
    DataType: "String",
    StringValue,
  });
  const all = { General: text("Kenobi"), Hello: text("There"), "Help.Me": text("Me") };
  await sendMessage({ QueueUrl, MessageBody: "msg", MessageAttributes: all }, context);

  // Digests recorded from the service.
  const expected: [names: string[], attributes: string[] | undefined, md5: string | undefined][] = [
    [[], undefined, undefined],
    [["All"], ["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"],
    [[".*"], ["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"],
    [["General", "Hello"], ["General", "Hello"], "fca026605781cb4126a1e9044df24232"],
    [["Hello", "Absent"], ["Hello"], "a311262e065454b75da111d535b8dacd"],
    [["Hel.*"], ["Hello", "Help.Me"], "83fee93c1bcd8b9a5a923ffacdc636c7"],
    [["Absent"], undefined, undefined],
  ];
  for (const [MessageAttributeNames, names, md5] of expected) {
    const { Messages } = await receiveMessage({ QueueUrl, MessageAttributeNames }, context);
    const [message] = Messages ?? [];
    assert.deepEqual(message?.MessageAttributes && Object.keys(message.MessageAttributes).sort(), names);
    assert.equal(message?.MD5OfMessageAttributes, md5);
  }
});

test("numbers out of range are refused in the service's words", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const refused: [object, string][] = [
    [
      { MaxNumberOfMessages: 11 },
      "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
    ],
    [
      { WaitTimeSeconds: 21 },
      "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
    ],
    [
      { WaitTimeSeconds: -1 },
      "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
    ],
    [
      { VisibilityTimeout: 43201 },
      "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.",
    ],
  ];
  for (const [numbers, message] of refused) {
    await assert.rejects(receiveMessage({ QueueUrl, ...numbers }, context), {
      code: "InvalidParameterValue",
      message,
    });
  }
});

test("the older list of names takes those of messages and of queues, and no others", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await sendMessage({ QueueUrl, MessageBody: "x" }, context);
  const receive = (...names: string[]): ReturnType<typeof receiveMessage> =>
    receiveMessage({ QueueUrl, AttributeNames: names as "All"[] }, context);
  await assert.rejects(receive("SenderId", "constructor"), {
    code: "InvalidAttributeName",
    message: "Unknown Attribute constructor.",
  });
  const { Messages } = await receive("ApproximateReceiveCount", "Policy");
  assert.deepEqual(Messages?.[0]?.Attributes, { ApproximateReceiveCount: "1" });
});

test("a long poll returns as soon as a message is sent", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const waiting = receiveMessage({ QueueUrl, WaitTimeSeconds: 20 }, context);
  await sendMessage({ QueueUrl, MessageBody: "hello" }, context);
  assert.equal((await waiting).Messages?.[0]?.Body, "hello");
});

test("a long poll returns when a hidden message comes back", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await sendMessage({ QueueUrl, MessageBody: "later", DelaySeconds: 900 }, context);
  const waiting = receiveMessage({ QueueUrl, WaitTimeSeconds: 20 }, context);
  await world.advance(900_000);
  assert.equal((await waiting).Messages?.[0]?.Body, "later");
});

test("a long poll of an empty queue ends with its time, or when the client leaves", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue(
    { QueueName: "calls", Attributes: { ReceiveMessageWaitTimeSeconds: "20" } },
    context,
  );
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});

  const client = new AbortController();
  const left = receiveMessage({ QueueUrl }, world.context({ signal: client.signal }));
  client.abort();
  await sendMessage({ QueueUrl, MessageBody: "for somebody else" }, context);
  assert.deepEqual(await left, {});
  assert.equal((await receiveMessage({ QueueUrl }, context)).Messages?.length, 1);
});

test("a message comes back after its visibility time-out, with a new handle; the old one deletes nothing any more", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await sendMessage({ QueueUrl, MessageBody: "hello" }, context);
  const receive = async (): Promise<string | undefined> =>
    (await receiveMessage({ QueueUrl }, context)).Messages?.[0]?.ReceiptHandle;

  const first = (await receive()) ?? "";
  assert.equal(await receive(), undefined);
  await world.advance(30_000);
  const second = (await receive()) ?? "";
  assert.notEqual(second, first);
  await deleteMessage({ QueueUrl, ReceiptHandle: first }, context);
  await world.advance(30_000);
  const third = (await receive()) ?? "";
  await deleteMessage({ QueueUrl, ReceiptHandle: third }, context);
  await deleteMessage({ QueueUrl, ReceiptHandle: third }, context);
  await world.advance(30_000);
  assert.equal(await receive(), undefined);
});

test("handles are good for their queue only, and survive a purge", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const other = await createQueue({ QueueName: "other" }, context);
  await sendMessage({ QueueUrl, MessageBody: "hello" }, context);
  const { Messages } = await receiveMessage({ QueueUrl }, context);
  const ReceiptHandle = Messages?.[0]?.ReceiptHandle ?? "";

  const invalid = { code: "ReceiptHandleIsInvalid", message: "The input receipt handle is invalid." };
  await assert.rejects(deleteMessage({ QueueUrl: other.QueueUrl ?? "", ReceiptHandle }, context), invalid);
  await assert.rejects(deleteMessage({ QueueUrl, ReceiptHandle: "garbage" }, context), invalid);
  await purgeQueue({ QueueUrl }, context);
  await deleteMessage({ QueueUrl, ReceiptHandle }, context);
  await assert.rejects(changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 }, context), {
    message: `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
  });
});

test("a visibility time-out can be changed for twelve hours from the receive", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await sendMessage({ QueueUrl, MessageBody: "hello" }, context);
  const { Messages } = await receiveMessage({ QueueUrl }, context);
  const ReceiptHandle = Messages?.[0]?.ReceiptHandle ?? "";
  const change = (VisibilityTimeout: number): Promise<void> =>
    changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }, context);

  await assert.rejects(change(43_201), /Must be between 0 and 43200/);
  await change(43_200);
  await world.advance(1_000);
  await assert.rejects(change(43_200), {
    message:
      "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
  });
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});
  await change(0);
  assert.equal((await receiveMessage({ QueueUrl }, context)).Messages?.length, 1);
});

test("batches of deletes and changes report each entry", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await sendMessage({ QueueUrl, MessageBody: "hello" }, context);
  const { Messages } = await receiveMessage({ QueueUrl }, context);
  const good = Messages?.[0]?.ReceiptHandle ?? "";

  const Failed = [
    { Id: "bad", SenderFault: true, Code: "ReceiptHandleIsInvalid", Message: "The input receipt handle is invalid." },
  ];
  const changes = [
    { Id: "good", ReceiptHandle: good, VisibilityTimeout: 5 },
    { Id: "bad", ReceiptHandle: "x", VisibilityTimeout: 5 },
  ];
  assert.deepEqual(await changeMessageVisibilityBatch({ QueueUrl, Entries: changes }, context), {
    Successful: [{ Id: "good" }],
    Failed,
  });
  const deletes = [
    { Id: "good", ReceiptHandle: good },
    { Id: "bad", ReceiptHandle: "x" },
  ];
  assert.deepEqual(await deleteMessageBatch({ QueueUrl, Entries: deletes }, context), {
    Successful: [{ Id: "good" }],
    Failed,
  });
  await assert.rejects(deleteMessageBatch({ QueueUrl, Entries: [] }, context), { code: "EmptyBatchRequest" });
});

test("a FIFO queue gives a group's messages together and holds back what is behind a hidden one", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls.fifo", Attributes: { FifoQueue: "true" } }, context);
  for (const [group, body] of ["a1", "b1", "a2", "a3"].map((name) => [name.charAt(0), name])) {
    await sendMessage(
      { QueueUrl, MessageBody: body ?? "", MessageGroupId: group, MessageDeduplicationId: body },
      context,
    );
  }
  const receive = async (max: number): Promise<(string | undefined)[]> => {
    const { Messages = [] } = await receiveMessage({ QueueUrl, MaxNumberOfMessages: max }, context);
    for (const message of Messages) handles.set(message.Body, message.ReceiptHandle);
    return Messages.map((message) => message.Body);
  };
  const handles = new Map<string | undefined, string | undefined>();
  assert.deepEqual(await receive(2), ["a1", "a2"]);
  assert.deepEqual(await receive(10), ["b1"]);
  assert.deepEqual(await receive(10), []);
  await deleteMessage({ QueueUrl, ReceiptHandle: handles.get("a1") ?? "" }, context);
  assert.deepEqual(await receive(10), []);
  await deleteMessage({ QueueUrl, ReceiptHandle: handles.get("a2") ?? "" }, context);
  assert.deepEqual(await receive(10), ["a3"]);

  await world.advance(30_000);
  const ReceiptHandle = handles.get("a3") ?? "";
  await assert.rejects(deleteMessage({ QueueUrl, ReceiptHandle }, context), {
    code: "InvalidParameterValue",
    message: `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
  });
});

test("a message that is received too often goes to the dead-letter queue with its id, count and source", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const dead = await createQueue({ QueueName: "dead" }, context);
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
    maxReceiveCount: 1,
  });
  const Attributes = { RedrivePolicy, VisibilityTimeout: "0" };
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls", Attributes }, context);
  const { MessageId } = await sendMessage({ QueueUrl, MessageBody: "poison" }, context);
  assert.equal((await receiveMessage({ QueueUrl }, context)).Messages?.length, 1);
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});

  const names = ["ApproximateReceiveCount", "DeadLetterQueueSourceArn"] as const;
  const { Messages = [] } = await receiveMessage(
    { QueueUrl: dead.QueueUrl ?? "", MessageSystemAttributeNames: [...names] },
    context,
  );
  assert.deepEqual(
    Messages.map((message) => [message.MessageId, message.Body, message.Attributes]),
    [
      [
        MessageId,
        "poison",
        { ApproximateReceiveCount: "2", DeadLetterQueueSourceArn: "arn:aws:sqs:us-east-1:000000000000:calls" },
      ],
    ],
  );
});

test("messages past their retention cannot be received, and are deleted", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  for (let i = 0; i < 150; i++) await sendMessage({ QueueUrl, MessageBody: "old" }, context);
  await world.advance(100_000);
  await sendMessage({ QueueUrl, MessageBody: "new" }, context);
  await setQueueAttributes({ QueueUrl, Attributes: { MessageRetentionPeriod: "60" } }, context);
  const { Messages = [] } = await receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }, context);
  assert.ok(Messages.every((message) => message.Body === "new"));
  await world.advance(0);
  assert.equal((await receiveMessage({ QueueUrl, VisibilityTimeout: 0 }, context)).Messages?.[0]?.Body, "new");
  await world.advance(60_000);
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});
  assert.equal((await world.platform.store.list(messages, { limit: 1 })).documents.length, 0);
});
