import assert from "node:assert/strict";
import { test } from "node:test";
import { openServiceWorld } from "../world.test.ts";
import { sqs } from "./index.ts";
import { createQueue } from "./queues.ts";
import { receiveMessage } from "./receive-message.ts";
import { sendMessage, sendMessageBatch } from "./send-message.ts";

const FIFO = { FifoQueue: "true" };

test("a sent message gets an id and the digests that clients compare", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const MessageAttributes = { Foo: { DataType: "String", StringValue: "Bar" } };
  const { MessageId, ...digests } = await sendMessage({ QueueUrl, MessageBody: "msg", MessageAttributes }, context);
  assert.match(MessageId ?? "", /^[0-9a-f-]{36}$/);
  assert.deepEqual(digests, {
    MD5OfMessageBody: "6e2baaf3b97dbeef01c0043275f9a0e7",
    MD5OfMessageAttributes: "ae7155c6026991b6d54b11589678bf9c",
  });
});

test("messages that the service does not take are refused in its words", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue(
    { QueueName: "calls", Attributes: { MaximumMessageSize: "1024" } },
    context,
  );
  const refused: [object, string, string | RegExp][] = [
    [{ MessageBody: "" }, "MissingParameter", "The request must contain the parameter MessageBody."],
    [{ MessageBody: "\u0007" }, "InvalidMessageContents", /^Invalid characters found/],
    [{ MessageBody: "\ud800" }, "InvalidMessageContents", /^Invalid characters found/],
    [
      { MessageBody: "é".repeat(513) },
      "InvalidParameterValue",
      "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
    ],
    [
      { MessageBody: "x", DelaySeconds: 901 },
      "InvalidParameterValue",
      "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
    ],
    [
      { MessageBody: "x", MessageGroupId: "group 123" },
      "InvalidParameterValue",
      "Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
    ],
    [
      { MessageBody: "x", MessageDeduplicationId: "one" },
      "InvalidParameterValue",
      "Value one for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.",
    ],
  ];
  for (const [message, code, text] of refused) {
    await assert.rejects(sendMessage({ QueueUrl, MessageBody: "", ...message }, context), { code, message: text });
  }
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});
});

test("a FIFO queue needs a group and a deduplication id, and takes no delay", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls.fifo", Attributes: FIFO }, context);
  const send = (more: object): Promise<unknown> => sendMessage({ QueueUrl, MessageBody: "x", ...more }, context);
  await assert.rejects(send({ MessageDeduplicationId: "1" }), {
    code: "MissingParameter",
    message: "The request must contain the parameter MessageGroupId.",
  });
  await assert.rejects(send({ MessageGroupId: "g" }), {
    code: "InvalidParameterValue",
    message:
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
  });
  await assert.rejects(send({ MessageGroupId: "g", MessageDeduplicationId: "1", DelaySeconds: 2 }), {
    message:
      "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
  });
  const Entries = [{ Id: "1", MessageBody: "x", MessageDeduplicationId: "1" }];
  await assert.rejects(sendMessageBatch({ QueueUrl, Entries }, context), {
    code: "InvalidParameterValue",
    message: "The request must contain the parameter MessageGroupId.",
  });
});

test("within five minutes a FIFO queue takes a deduplication id once, and answers as it did then", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const attributes = { ...FIFO, ContentBasedDeduplication: "true" };
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls.fifo", Attributes: attributes }, context);
  const send = (MessageBody: string): ReturnType<typeof sendMessage> =>
    sendMessage({ QueueUrl, MessageBody, MessageGroupId: "g" }, context);
  const first = await send("x");
  assert.match(first.SequenceNumber ?? "", /^\d{20}$/);
  await world.advance(299_999);
  assert.deepEqual(await send("x"), first);
  const other = await send("y");
  assert.ok((other.SequenceNumber ?? "") > (first.SequenceNumber ?? ""));
  await world.advance(1);
  assert.notEqual((await send("x")).MessageId, first.MessageId);
  const { Messages = [] } = await receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }, context);
  assert.deepEqual(
    Messages.map((message) => message.Body),
    ["x", "y", "x"],
  );
});

test("in a batch a bad entry fails alone", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue(
    { QueueName: "calls", Attributes: { MaximumMessageSize: "1024" } },
    context,
  );
  const { Successful, Failed } = await sendMessageBatch(
    {
      QueueUrl,
      Entries: [
        { Id: "long", MessageBody: "a".repeat(1025) },
        { Id: "good", MessageBody: "a".repeat(1024) },
        { Id: "empty", MessageBody: "" },
      ],
    },
    context,
  );
  assert.deepEqual(
    Successful?.map(({ Id, MD5OfMessageBody }) => [Id, MD5OfMessageBody]),
    [["good", "c9a34cfc85d982698c6ac89f76071abd"]],
  );
  assert.deepEqual(Failed, [
    {
      Id: "long",
      SenderFault: true,
      Code: "InvalidParameterValue",
      Message: "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
    },
    {
      Id: "empty",
      SenderFault: true,
      Code: "MissingParameter",
      Message: "The request must contain the parameter MessageBody.",
    },
  ]);
});

test("a batch that is no batch fails as a whole and sends nothing", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  const entry = (Id: string, MessageBody = "x"): { Id: string; MessageBody: string } => ({ Id, MessageBody });
  const refused: [ReturnType<typeof entry>[], string, string][] = [
    [[], "EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request."],
    [
      Array.from({ length: 20 }, (_, index) => entry(`${index}`)),
      "TooManyEntriesInBatchRequest",
      "Maximum number of entries per request are 10. You have sent 20.",
    ],
    [[entry("a"), entry("a")], "BatchEntryIdsNotDistinct", "Id a repeated."],
    [
      [entry("a"), entry("b:c")],
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    ],
    [
      [entry("a"), entry("b", "x".repeat(1_048_576))],
      "BatchRequestTooLong",
      "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
    ],
  ];
  for (const [Entries, code, message] of refused) {
    await assert.rejects(sendMessageBatch({ QueueUrl, Entries }, context), { code, message });
  }
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});
});
