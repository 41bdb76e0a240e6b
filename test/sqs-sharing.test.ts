import assert from "node:assert/strict";
import { test } from "node:test";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const sqs = new SQSClient(server.client);
const others = new SQSClient(server.clientOf("other"));
const OTHER_ACCOUNT = "111122223333";

let count = 0;

async function queue(Attributes: Record<string, string> = {}): Promise<{ url: string; arn: string }> {
  const QueueName = `shared-${++count}${Attributes.FifoQueue ? ".fifo" : ""}`;
  const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return { url, arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}` };
}

async function receive(QueueUrl: string, by: SQSClient = sqs): Promise<string[]> {
  const { Messages = [] } = await by.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body }) => String(Body));
}

async function policyOf(QueueUrl: string): Promise<unknown> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] }));
  return Attributes?.Policy && JSON.parse(Attributes.Policy);
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail("It was not refused"),
    (thrown: Error) => thrown,
  );
  return `${error.name}: ${error.message}`;
}

test("permissions are statements of a queue's policy", async () => {
  const { url: QueueUrl, arn } = await queue();
  const AWSAccountIds = [OTHER_ACCOUNT];
  const add = (Label: string, Actions: string[]): Promise<unknown> =>
    sqs.send(new AddPermissionCommand({ QueueUrl, Label, AWSAccountIds, Actions }));
  await add("sending", ["SendMessage"]);
  await add("reading", ["ReceiveMessage", "DeleteMessage"]);
  assert.deepEqual(await policyOf(QueueUrl), {
    Version: "2008-10-17",
    Id: `${arn}/SQSDefaultPolicy`,
    Statement: [
      {
        Sid: "sending",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` },
        Action: "SQS:SendMessage",
        Resource: arn,
      },
      {
        Sid: "reading",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` },
        Action: ["SQS:ReceiveMessage", "SQS:DeleteMessage"],
        Resource: arn,
      },
    ],
  });
  assert.equal(
    await refusal(add("sending", ["SendMessage"])),
    "InvalidParameterValue: Value sending for parameter Label is invalid. Reason: Already exists.",
  );
  assert.equal(
    await refusal(add("owner", ["DeleteQueue"])),
    "InvalidParameterValue: Value SQS:DeleteQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.",
  );
  const remove = (Label: string): Promise<unknown> => sqs.send(new RemovePermissionCommand({ QueueUrl, Label }));
  assert.equal(
    await refusal(remove("none")),
    "InvalidParameterValue: Value none for parameter Label is invalid. Reason: can't find label on existing policy.",
  );
  await remove("sending");
  await remove("reading");
  assert.equal(await policyOf(QueueUrl), undefined);
});

test("another account does with a queue what its policy says, and no more", async () => {
  const { url: QueueUrl } = await queue();
  const send = new SendMessageCommand({ QueueUrl, MessageBody: "from elsewhere" });
  const missing = "QueueDoesNotExist: The specified queue does not exist.";
  assert.equal(await refusal(others.send(send)), missing);
  const AWSAccountIds = [OTHER_ACCOUNT];
  const Actions = ["SendMessage", "GetQueueUrl"];
  await sqs.send(new AddPermissionCommand({ QueueUrl, Label: "sending", AWSAccountIds, Actions }));
  const QueueName = QueueUrl.split("/").at(-1);
  const found = await others.send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId: "000000000000" }));
  assert.equal(found.QueueUrl, QueueUrl);
  await others.send(send);
  await others.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: "a", MessageBody: "in a batch" }] }));
  assert.equal(await refusal(receive(QueueUrl, others)), missing);
  assert.equal(await refusal(others.send(new PurgeQueueCommand({ QueueUrl }))), missing);
  const deletion = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "x" });
  assert.equal(await refusal(others.send(deletion)), missing);
  const renaming = new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: "1" } });
  assert.equal(await refusal(others.send(renaming)), missing);
  assert.deepEqual(await receive(QueueUrl), ["from elsewhere", "in a batch"]);
});

test("a rule of another account sends where the queue's policy lets it", async () => {
  const { url: QueueUrl, arn: Resource } = await queue();
  const bus = new EventBridgeClient(server.clientOf("other"));
  const { RuleArn } = await bus.send(new PutRuleCommand({ Name: "cross", EventPattern: '{"source":["shop"]}' }));
  await bus.send(new PutTargetsCommand({ Rule: "cross", Targets: [{ Id: "q", Arn: Resource, Input: '"sold"' }] }));
  const put = async (): Promise<void> => {
    await bus.send(new PutEventsCommand({ Entries: [{ Source: "shop", DetailType: "sold", Detail: "{}" }] }));
    await server.advance("PT0S");
  };
  const allow = (SourceArn: string): Promise<unknown> => {
    const Principal = { Service: "events.amazonaws.com" };
    const Condition = { ArnEquals: { "aws:SourceArn": SourceArn } };
    const statement = { Effect: "Allow", Principal, Action: "sqs:SendMessage", Resource, Condition };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    return sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  };
  await put();
  await allow(`${RuleArn}-other`);
  await put();
  assert.deepEqual(await receive(QueueUrl), []);
  await allow(String(RuleArn));
  await put();
  assert.deepEqual(await receive(QueueUrl), ['"sold"']);
});

/** A dead-letter queue and the queue that it belongs to. */
async function deadLetters(fifo = false): Promise<{ source: { url: string; arn: string }; dead: typeof source }> {
  const attributes: Record<string, string> = fifo ? { FifoQueue: "true", ContentBasedDeduplication: "true" } : {};
  const dead = await queue(attributes);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 1 });
  const source = await queue({ ...attributes, RedrivePolicy, VisibilityTimeout: "0" });
  return { source, dead };
}

async function bury(source: string, bodies: readonly string[], MessageGroupId?: string): Promise<void> {
  for (const MessageBody of bodies) {
    await sqs.send(new SendMessageCommand({ QueueUrl: source, MessageBody, MessageGroupId }));
  }
  await receive(source);
  assert.deepEqual(await receive(source), []);
}

async function latestTask(SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
  return Results?.[0];
}

for (const fifo of [false, true]) {
  test(`dead letters are moved back to where they came from${fifo ? ", in order" : ""}`, async () => {
    const { source, dead } = await deadLetters(fifo);
    await bury(source.url, ["one", "two", "three"], fifo ? "g" : undefined);
    const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn }));
    assert(TaskHandle !== undefined);
    await server.advance("PT0S");
    const { StartedTimestamp, ...task } = (await latestTask(dead.arn)) ?? {};
    assert.deepEqual(task, {
      Status: "COMPLETED",
      SourceArn: dead.arn,
      ApproximateNumberOfMessagesMoved: 3,
      ApproximateNumberOfMessagesToMove: 3,
    });
    assert.deepEqual(await receive(source.url), ["one", "two", "three"]);
  });
}

test("messages are moved at the pace that is asked for, until the task is cancelled", async () => {
  const { source, dead } = await deadLetters();
  const elsewhere = await queue();
  await bury(source.url, ["1", "2", "3", "4", "5"]);
  const asked = { SourceArn: dead.arn, DestinationArn: elsewhere.arn, MaxNumberOfMessagesPerSecond: 1 };
  const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand(asked));
  await server.advance("PT1S");
  const running = await latestTask(dead.arn);
  assert.equal(running?.Status, "RUNNING");
  assert.equal(running.TaskHandle, TaskHandle);
  assert.equal(
    await refusal(sqs.send(new StartMessageMoveTaskCommand(asked))),
    "InvalidParameterValue: There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
  );
  const { ApproximateNumberOfMessagesMoved } = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  assert.equal(ApproximateNumberOfMessagesMoved, 2);
  await server.advance("PT10S");
  assert.deepEqual(await receive(elsewhere.url), ["1", "2"]);
  assert.equal((await latestTask(dead.arn))?.Status, "CANCELLED");
  assert.equal(
    await refusal(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }))),
    "InvalidParameterValue: Only active tasks can be cancelled.",
  );
});

test("a message that came from nowhere ends the task that would move it back", async () => {
  const { dead } = await deadLetters();
  await sqs.send(new SendMessageCommand({ QueueUrl: dead.url, MessageBody: "sent here" }));
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn }));
  await server.advance("PT0S");
  const task = await latestTask(dead.arn);
  assert.equal(task?.Status, "FAILED");
  assert.equal(task.FailureReason, "CouldNotDetermineMessageSource");
});

test("what cannot be moved is refused", async () => {
  const plain = await queue();
  const { dead } = await deadLetters();
  const start = (input: { SourceArn: string; DestinationArn?: string; MaxNumberOfMessagesPerSecond?: number }) =>
    refusal(sqs.send(new StartMessageMoveTaskCommand(input)));
  assert.equal(
    await start({ SourceArn: plain.arn }),
    "InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.",
  );
  assert.equal(
    await start({ SourceArn: `${plain.arn}-not` }),
    "ResourceNotFoundException: The resource that you specified for the SourceArn parameter doesn't exist.",
  );
  assert.equal(
    await start({ SourceArn: dead.arn, DestinationArn: dead.arn }),
    "InvalidParameterValue: Source queue arn and destination queue arn cannot be the same.",
  );
  assert.equal(
    await start({ SourceArn: dead.arn, MaxNumberOfMessagesPerSecond: 501 }),
    "InvalidParameterValue: Value 501 for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must provide a value between 1 and 500.",
  );
});

test("high throughput needs deduplication for each group", async () => {
  const { url: QueueUrl } = await queue({ FifoQueue: "true" });
  const set = (Attributes: Record<string, string>) => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  assert.match(await refusal(set({ FifoThroughputLimit: "perMessageGroupId" })), /^InvalidAttributeValue: /);
  await set({ FifoThroughputLimit: "perMessageGroupId", DeduplicationScope: "messageGroup" });
  assert.match(await refusal(set({ DeduplicationScope: "queue" })), /^InvalidAttributeValue: /);
});
