import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  type ReceiveMessageCommandOutput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const sqs = new SQSClient(server.client);
const others = new SQSClient(server.clientOf("other"));

let count = 0;

/** A new queue's URL. */
async function queue(Attributes: Record<string, string> = {}): Promise<string> {
  const QueueName = `queue-${++count}${Attributes.FifoQueue ? ".fifo" : ""}`;
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

const nameOf = (url: string): string => url.slice(url.lastIndexOf("/") + 1);
const arnOf = (url: string): string => `arn:aws:sqs:us-east-1:000000000000:${nameOf(url)}`;

async function receive(
  QueueUrl: string,
  options: Omit<ReceiveMessageCommandInput, "QueueUrl"> = {},
): Promise<NonNullable<ReceiveMessageCommandOutput["Messages"]>> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...options }));
  return Messages;
}

test("older clients send forms to the queue's own URL", async () => {
  const QueueUrl = await queue();
  const path = new URL(QueueUrl).pathname;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const form = "Action=SendMessage&MessageBody=posted&Version=2012-11-05";
  const posted = await sendSigned(server.url, { service: "sqs", path, headers, body: form });
  assert.equal(posted.status, 200, posted.body.toString());
  const query = "Action=SendMessage&MessageBody=got&Version=2012-11-05";
  const got = await sendSigned(server.url, { service: "sqs", method: "GET", path, query });
  assert.equal(got.status, 200, got.body.toString());
  const messages = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
  assert.deepEqual(messages.map(({ Body }) => Body).sort(), ["got", "posted"]);

  const nameless = await sendSigned(server.url, { service: "sqs", headers, body: form });
  assert.equal(nameless.code, "MissingParameter");
  const elsewhere = await sendSigned(server.url, { service: "sqs", path: "/a/b", headers, body: form });
  assert.equal(elsewhere.code, "InvalidAddress");
});

suite("queues", () => {
  test("a queue is created, found, described, changed, tagged and deleted", async () => {
    const QueueUrl = await queue({ DelaySeconds: "1" });
    const QueueName = nameOf(QueueUrl);
    assert.equal(QueueUrl, `${server.url}/000000000000/${QueueName}`);
    assert.equal((await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl, QueueUrl);

    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "7" } }));
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    assert.deepEqual(
      [Attributes.QueueArn, Attributes.DelaySeconds, Attributes.VisibilityTimeout],
      [arnOf(QueueUrl), "1", "7"],
    );

    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: "a", stage: "test" } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["stage"] }));
    assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { team: "a" });

    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName })), {
      name: "QueueDoesNotExist",
      message: "The specified queue does not exist.",
    });
  });

  test("queues are listed by prefix, in pages", async () => {
    for (const QueueName of ["listed-1", "listed-2", "listed-3"]) await sqs.send(new CreateQueueCommand({ QueueName }));
    const all = { QueueNamePrefix: "listed-", MaxResults: 2 };
    const first = await sqs.send(new ListQueuesCommand(all));
    const second = await sqs.send(new ListQueuesCommand({ ...all, NextToken: first.NextToken }));
    const urls = [...(first.QueueUrls ?? []), ...(second.QueueUrls ?? [])];
    assert.deepEqual(urls.map(nameOf), ["listed-1", "listed-2", "listed-3"]);
    assert.equal(second.NextToken, undefined);
    assert.equal((await others.send(new ListQueuesCommand({}))).QueueUrls, undefined);
  });

  test("another account finds nothing behind a queue's URL", async () => {
    const QueueUrl = await queue();
    for (const refused of [
      others.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" })),
      others.send(new ReceiveMessageCommand({ QueueUrl })),
      others.send(new DeleteQueueCommand({ QueueUrl })),
      others.send(new GetQueueUrlCommand({ QueueName: nameOf(QueueUrl), QueueOwnerAWSAccountId: "000000000000" })),
    ]) {
      await assert.rejects(refused, { name: "QueueDoesNotExist" });
    }
  });
});

suite("messages", () => {
  test("a message goes through with its attributes, and the SDK finds its digests right", async () => {
    const QueueUrl = await queue();
    const MessageAttributes = {
      text: { DataType: "String", StringValue: "grüezi" },
      number: { DataType: "Number.int", StringValue: "-7" },
      bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(0, 255, 7) },
    };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988" } };
    const sent = await sqs.send(
      new SendMessageCommand({ QueueUrl, MessageBody: "hällo\n", MessageAttributes, MessageSystemAttributes }),
    );
    const [message] = await receive(QueueUrl, { MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] });
    assert.equal(message?.MessageId, sent.MessageId);
    assert.equal(message?.Body, "hällo\n");
    assert.equal(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    assert.deepEqual(message?.MessageAttributes, MessageAttributes);
    assert.equal(message?.Attributes?.AWSTraceHeader, "Root=1-5759e988");
    assert.equal(message?.Attributes?.SenderId, "000000000000");
  });

  test("the older member for system attributes takes their names too", async () => {
    const QueueUrl = await queue();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    // The model types it as names of queue attributes; the service takes names of message attributes.
    const AttributeNames = ["ApproximateReceiveCount" as "All"];
    const [message] = await receive(QueueUrl, { AttributeNames });
    assert.deepEqual(message?.Attributes, { ApproximateReceiveCount: "1" });
  });

  test("a received message is hidden, comes back after its time-out, and is gone once deleted", async () => {
    const QueueUrl = await queue();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    assert.equal((await receive(QueueUrl)).length, 1);
    assert.equal((await receive(QueueUrl)).length, 0);
    await server.advance("PT30S");
    const [message] = await receive(QueueUrl);
    const ReceiptHandle = message?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 60 }));
    await server.advance("PT59S");
    assert.equal((await receive(QueueUrl)).length, 0);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await server.advance("PT60S");
    assert.equal((await receive(QueueUrl)).length, 0);
  });

  test("batches succeed and fail entry by entry", async () => {
    const QueueUrl = await queue({ MaximumMessageSize: "1024" });
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "a", MessageBody: "a" },
          { Id: "long", MessageBody: "x".repeat(1025) },
          { Id: "b", MessageBody: "b", DelaySeconds: 900 },
        ],
      }),
    );
    assert.deepEqual(
      sent.Successful?.map(({ Id }) => Id),
      ["a", "b"],
    );
    assert.deepEqual(
      sent.Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
      [["long", "InvalidParameterValue", true]],
    );
    const [message] = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
    const entries = [
      { Id: "good", ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 5 },
      { Id: "bad", ReceiptHandle: "x", VisibilityTimeout: 5 },
    ];
    const changed = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: entries }));
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: entries.map(({ Id, ReceiptHandle }) => ({ Id, ReceiptHandle })),
      }),
    );
    for (const { Successful, Failed } of [changed, deleted]) {
      assert.deepEqual(Successful, [{ Id: "good" }]);
      assert.deepEqual(
        Failed?.map(({ Id, Code }) => [Id, Code]),
        [["bad", "ReceiptHandleIsInvalid"]],
      );
    }
  });

  test("a long poll answers as soon as a message arrives", async () => {
    const QueueUrl = await queue({ ReceiveMessageWaitTimeSeconds: "20" });
    const waiting = receive(QueueUrl);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "at last" }));
    assert.deepEqual(
      (await waiting).map((message) => message.Body),
      ["at last"],
    );
  });

  test("a client that leaves its long poll takes no message with it", async () => {
    const QueueUrl = await queue();
    const client = new AbortController();
    const left = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: client.signal });
    client.abort();
    await assert.rejects(left, { name: "AbortError" });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "for the next" }));
    assert.equal((await receive(QueueUrl, { WaitTimeSeconds: 5 })).length, 1);
  });

  test("what is received too often ends in the dead-letter queue, which knows its sources", async () => {
    const deadUrl = await queue();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(deadUrl), maxReceiveCount: 1 });
    const QueueUrl = await queue({ RedrivePolicy, VisibilityTimeout: "0" });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    assert.equal((await receive(QueueUrl)).length, 1);
    assert.equal((await receive(QueueUrl)).length, 0);
    const [dead] = await receive(deadUrl, { MessageSystemAttributeNames: ["DeadLetterQueueSourceArn"] });
    assert.deepEqual([dead?.Body, dead?.Attributes], ["poison", { DeadLetterQueueSourceArn: arnOf(QueueUrl) }]);
    const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadUrl }));
    assert.deepEqual(sources.queueUrls, [QueueUrl]);
  });

  test("a FIFO queue keeps each group in order and takes no message twice", async () => {
    const QueueUrl = await queue({ FifoQueue: "true", ContentBasedDeduplication: "true" });
    for (const MessageBody of ["1", "2", "1", "3"]) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: "g" }));
    }
    const messages = await receive(QueueUrl, { MaxNumberOfMessages: 2, MessageSystemAttributeNames: ["All"] });
    assert.deepEqual(
      messages.map((message) => message.Body),
      ["1", "2"],
    );
    assert.match(messages[0]?.Attributes?.SequenceNumber ?? "", /^\d{20}$/);
    assert.equal((await receive(QueueUrl)).length, 0);
    for (const { ReceiptHandle } of messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    assert.deepEqual(
      (await receive(QueueUrl)).map((message) => message.Body),
      ["3"],
    );
  });

  test("a purge empties a queue", async () => {
    const QueueUrl = await queue();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    assert.equal((await receive(QueueUrl)).length, 0);
    await assert.rejects(sqs.send(new PurgeQueueCommand({ QueueUrl })), { name: "PurgeQueueInProgress" });
  });
});

suite("refusals", () => {
  test("each error has its modelled name, and the query protocol's beside it", async () => {
    const QueueUrl = await queue();
    const QueueName = nameOf(QueueUrl);
    const entry = { Id: "a", MessageBody: "x" };
    const refused: [name: string, code: string, () => Promise<unknown>][] = [
      [
        "QueueNameExists",
        "QueueAlreadyExists",
        () => sqs.send(new CreateQueueCommand({ QueueName, Attributes: { DelaySeconds: "1" } })),
      ],
      [
        "InvalidAttributeName",
        "InvalidAttributeName",
        () => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { FifoQueue: "true" } })),
      ],
      [
        "InvalidAttributeValue",
        "InvalidAttributeValue",
        () => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: "901" } })),
      ],
      [
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        () => sqs.send(new ReceiveMessageCommand({ QueueUrl: `${QueueUrl}-absent` })),
      ],
      ["InvalidAddress", "InvalidAddress", () => sqs.send(new ReceiveMessageCommand({ QueueUrl: "http://x/y" }))],
      [
        "InvalidMessageContents",
        "InvalidMessageContents",
        () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "\u0007" })),
      ],
      [
        "UnsupportedOperation",
        "AWS.SimpleQueueService.UnsupportedOperation",
        () => {
          const list = { DataType: "String", StringValue: "x", StringListValues: ["x"] };
          return sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x", MessageAttributes: { list } }));
        },
      ],
      [
        "ReceiptHandleIsInvalid",
        "ReceiptHandleIsInvalid",
        () => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "x" })),
      ],
      [
        "EmptyBatchRequest",
        "AWS.SimpleQueueService.EmptyBatchRequest",
        () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })),
      ],
      [
        "TooManyEntriesInBatchRequest",
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        () =>
          sqs.send(
            new SendMessageBatchCommand({
              QueueUrl,
              Entries: Array.from({ length: 11 }, (_, index) => ({ ...entry, Id: `${index}` })),
            }),
          ),
      ],
      [
        "BatchEntryIdsNotDistinct",
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry, entry] })),
      ],
      [
        "InvalidBatchEntryId",
        "AWS.SimpleQueueService.InvalidBatchEntryId",
        () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ ...entry, Id: "a b" }] })),
      ],
      [
        "BatchRequestTooLong",
        "AWS.SimpleQueueService.BatchRequestTooLong",
        () =>
          sqs.send(
            new SendMessageBatchCommand({
              QueueUrl,
              Entries: [entry, { Id: "b", MessageBody: "x".repeat(1_048_576) }],
            }),
          ),
      ],
    ];
    for (const [name, code, call] of refused) {
      await assert.rejects(
        call(),
        (error: { name: string; Code?: string; $metadata?: { httpStatusCode?: number } }) => {
          assert.equal(error.name, name);
          assert.equal(error.Code, code);
          const status = error.$metadata?.httpStatusCode ?? 0;
          assert.ok(status >= 400 && status < 500, `${name}: ${status}`);
          return true;
        },
      );
    }
    assert.equal((await receive(QueueUrl)).length, 0);
  });

  test("values out of range are refused in the service's words", async () => {
    const QueueUrl = await queue();
    await assert.rejects(receive(QueueUrl, { MaxNumberOfMessages: 11 }), {
      Code: "InvalidParameterValue",
      message: "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
    });
    await assert.rejects(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "" })), {
      Code: "MissingParameter",
      message: "The request must contain the parameter MessageBody.",
    });
  });

  test("with enforced limits the name of a deleted queue rests for a minute", async () => {
    const enforcing = await startTrunkline("--enforce-limits");
    const client = new SQSClient(enforcing.client);
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: "resting" }));
    await client.send(new DeleteQueueCommand({ QueueUrl }));
    await assert.rejects(client.send(new CreateQueueCommand({ QueueName: "resting" })), {
      name: "QueueDeletedRecently",
    });
    await enforcing.advance("PT60S");
    await client.send(new CreateQueueCommand({ QueueName: "resting" }));
  });
});
