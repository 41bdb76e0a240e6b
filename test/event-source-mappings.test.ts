/** Functions that read streams and queues, as users of the SDKs see them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
} from "@aws-sdk/client-kinesis";
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const lambda = new LambdaClient(client);
const kinesis = new KinesisClient(client);
const sqs = new SQSClient(client);
const iam = new IAMClient(client);

const Role = await createRole(client, "reader", ["kinesis:*", "sqs:*"]);

/** Sends what it was sent to a queue, as the real clients would; throws for what says "bad". */
const SOURCE = `
  import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
  const sqs = new SQSClient();
  export const handler = async ({ Records }) => {
    const texts = Records.map((record) => record.body ?? Buffer.from(record.kinesis.data, "base64").toString());
    if (texts.includes("bad")) throw new Error("bad");
    const MessageBody = JSON.stringify(texts);
    await sqs.send(new SendMessageCommand({ QueueUrl: process.env.SEEN, MessageBody }));
    return { batchItemFailures: [] };
  };`;

const { QueueUrl: SEEN = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "seen" }));
await createFunction(client, SOURCE, {
  FunctionName: "reader",
  Role,
  Timeout: 20,
  Environment: { Variables: { SEEN } },
});

async function seen(): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: SEEN, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
    );
    if (Messages.length === 0) return texts;
    texts.push(...Messages.flatMap(({ Body = "" }) => JSON.parse(Body) as string[]));
  }
}

async function stream(StreamName: string): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return String(StreamDescriptionSummary?.StreamARN);
}

async function put(StreamName: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey: "k", Data: Buffer.from(text) }));
  }
}

async function map(input: Partial<CreateEventSourceMappingCommandInput>): Promise<string> {
  const { UUID } = await lambda.send(new CreateEventSourceMappingCommand({ FunctionName: "reader", ...input }));
  return String(UUID);
}

async function resultOf(UUID: string): Promise<string | undefined> {
  return (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult;
}

test("a function gets what is put on a stream, and what it cannot take is told", async () => {
  const EventSourceArn = await stream("orders");
  const { QueueUrl: failed } = await sqs.send(new CreateQueueCommand({ QueueName: "failed" }));
  const UUID = await map({
    EventSourceArn,
    StartingPosition: "TRIM_HORIZON",
    MaximumRetryAttempts: 1,
    BisectBatchOnFunctionError: true,
    DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failed" } },
  });
  await put("orders", "one", "two");
  await server.advance("PT0S");
  assert.deepEqual(await seen(), ["one", "two"]);
  assert.equal(await resultOf(UUID), "OK");

  await put("orders", "bad", "three");
  await server.advance("PT10S");
  assert.deepEqual(await seen(), ["three"]);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: failed }));
  const told = JSON.parse(String(Messages[0]?.Body));
  assert.equal(told.requestContext.condition, "RetryAttemptsExhausted");
  assert.equal(told.KinesisBatchInfo.streamArn, EventSourceArn);

  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ EventSourceArn }));
  assert.deepEqual(
    EventSourceMappings.map((mapping) => mapping.UUID),
    [UUID],
  );
  const deleted = await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  assert.equal(deleted.State, "Deleting");
  await assert.rejects(lambda.send(new GetEventSourceMappingCommand({ UUID })), {
    name: "ResourceNotFoundException",
    message: "The resource you requested does not exist.",
  });
});

test("a registered consumer is a source too", async () => {
  const StreamARN = await stream("fanned");
  const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
  await map({ EventSourceArn: Consumer?.ConsumerARN, StartingPosition: "LATEST" });
  await put("fanned", "pushed");
  await server.advance("PT0S");
  assert.deepEqual(await seen(), ["pushed"]);
});

test("a function gets a queue's messages, and they come back when it fails", async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "work" }));
  const UUID = await map({ EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:work" });
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await send("bad");
  await server.advance("PT0S");
  await send("good");
  await server.advance("PT0S");
  assert.deepEqual(await seen(), ["good"]);
  const changed = await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  assert.equal(changed.State, "Disabling");
  await send("later");
  await server.advance("PT1M");
  assert.deepEqual(await seen(), []);
});

test("a queue must hide messages as long as the function may take", async () => {
  const Attributes = { VisibilityTimeout: "10" };
  await sqs.send(new CreateQueueCommand({ QueueName: "short", Attributes }));
  await assert.rejects(map({ EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:short" }), {
    name: "InvalidParameterValueException",
    message: "Queue visibility timeout: 10 seconds is less than Function timeout: 20 seconds",
  });
});

test("a role that may not read is told, and one that may again goes on where it was", async () => {
  const EventSourceArn = await stream("guarded");
  const poor = await createRole(client, "poor", ["logs:*"]);
  await createFunction(client, "export const handler = async () => {};", { FunctionName: "poor", Role: poor });
  const wanted = { FunctionName: "poor", EventSourceArn, StartingPosition: "TRIM_HORIZON" } as const;
  await assert.rejects(map(wanted), {
    name: "InvalidParameterValueException",
    message: `Cannot access stream ${EventSourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.`,
  });
  const Statement = [{ Effect: "Allow", Action: "kinesis:*", Resource: "*" }];
  const policy = { RoleName: "poor", PolicyName: "reads" };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
  const UUID = await map(wanted);
  await iam.send(new DeleteRolePolicyCommand(policy));
  await put("guarded", "one");
  await server.advance("PT0S");
  assert.match(
    String(await resultOf(UUID)),
    /^PROBLEM: User: arn:aws:sts::000000000000:assumed-role\/poor\/\S+ is not authorized to perform: kinesis:GetRecords/,
  );
  await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
  await server.advance("PT2M");
  assert.equal(await resultOf(UUID), "OK");
});
