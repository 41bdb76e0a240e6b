import assert from "node:assert/strict";
import { test } from "node:test";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const lambda = new LambdaClient(client);
const sqs = new SQSClient(client);
const events = new EventBridgeClient(client);
const everything = ["sqs:SendMessage", "events:PutEvents", "lambda:InvokeFunction", "sns:Publish", "s3:PutObject"];
const role = await createRole(client, "functions", everything);
const weakRole = await createRole(client, "weak");

const ACCOUNT = "000000000000";
const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:worker`;
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
const urls = new Map<string, string>();
for (const name of ["done", "failed", "dead", "undelivered", "seen"]) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  urls.set(name, QueueUrl as string);
}

await createFunction(
  client,
  `
  let calls = 0;
  export const handler = async (event, context) => {
    if (event.fail) throw new Error("no");
    return { n: event.n, calls: ++calls };
  };`,
  { FunctionName: "worker", Role: role, Timeout: 20 },
);

async function receive(name: string): Promise<readonly Message[]> {
  const QueueUrl = urls.get(name);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
  );
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages;
}

interface Outcome {
  readonly "detail-type"?: string;
  readonly detail?: Outcome;
  readonly timestamp: string;
  readonly requestContext: { readonly condition: string; readonly approximateInvokeCount: number };
  readonly requestPayload: unknown;
  readonly responseContext: unknown;
  readonly responsePayload: unknown;
}

async function records(name: string): Promise<readonly Outcome[]> {
  return (await receive(name)).map(({ Body }) => JSON.parse(Body ?? ""));
}

async function send(event: object): Promise<string | undefined> {
  const { StatusCode, $metadata } = await lambda.send(
    new InvokeCommand({ FunctionName: "worker", InvocationType: "Event", Payload: Buffer.from(JSON.stringify(event)) }),
  );
  assert.equal(StatusCode, 202);
  return $metadata.requestId;
}

test("an event is handled behind the answer, and its outcome told to the destination for successes", async () => {
  const config = await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "worker",
      DestinationConfig: {
        OnSuccess: { Destination: queueArn("done") },
        OnFailure: { Destination: queueArn("failed") },
      },
    }),
  );
  assert.equal(config.FunctionArn, `${FUNCTION}:$LATEST`);
  const requestId = await send({ n: 1 });
  await server.advance("PT0S");
  const [record] = await records("done");
  assert.deepEqual(record, {
    version: "1.0",
    timestamp: record?.timestamp,
    requestContext: { requestId, functionArn: `${FUNCTION}:$LATEST`, condition: "Success", approximateInvokeCount: 1 },
    requestPayload: { n: 1 },
    responseContext: { statusCode: 200, executedVersion: "$LATEST" },
    responsePayload: { n: 1, calls: 1 },
  });
});

test("an event that fails is tried again after one and after two minutes, and then told of and dead-lettered", async () => {
  await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: "worker",
      DeadLetterConfig: { TargetArn: queueArn("dead") },
    }),
  );
  const requestId = await send({ n: 2, fail: true });
  await server.advance("PT2M59S");
  assert.deepEqual(await records("failed"), []);
  await server.advance("PT1S");
  const [record] = await records("failed");
  const { trace, ...error } = (record?.responsePayload ?? {}) as { readonly trace?: unknown };
  assert.ok(trace);
  assert.deepEqual(
    [record?.requestContext, record?.responseContext, error],
    [
      { requestId, functionArn: `${FUNCTION}:$LATEST`, condition: "RetriesExhausted", approximateInvokeCount: 3 },
      { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      { errorType: "Error", errorMessage: "no" },
    ],
  );
  const [letter] = await receive("dead");
  assert.deepEqual(JSON.parse(letter?.Body ?? ""), { n: 2, fail: true });
  const attributes = Object.entries(letter?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
    name,
    StringValue,
  ]);
  assert.deepEqual(Object.fromEntries(attributes), { RequestID: requestId, ErrorCode: "200", ErrorMessage: "no" });
});

test("an event that finds no place waits, and does not count as tried; what is too old is given up", async () => {
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "worker", ReservedConcurrentExecutions: 0 }));
  await send({ n: 3 });
  await server.advance("PT1H");
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "worker" }));
  await server.advance("PT5M");
  assert.deepEqual((await records("done"))[0]?.requestPayload, { n: 3 });

  await lambda.send(
    new UpdateFunctionEventInvokeConfigCommand({
      FunctionName: "worker",
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    }),
  );
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "worker", ReservedConcurrentExecutions: 0 }));
  await send({ n: 4 });
  await server.advance("PT1M");
  const [record] = await records("failed");
  assert.equal(record?.requestContext.condition, "EventAgeExceeded");
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "worker" }));
  await send({ n: 5, fail: true });
  await server.advance("PT0S");
  assert.equal((await records("failed"))[0]?.requestContext.approximateInvokeCount, 1);
  assert.equal((await receive("dead")).length, 2);
});

test("outcomes go to buses and to other functions too", async () => {
  const bus = `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/default`;
  await createFunction(client, "export const handler = async (event) => event.requestPayload.n * 2", {
    FunctionName: "next",
    Role: role,
  });
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "next",
      DestinationConfig: { OnSuccess: { Destination: bus } },
    }),
  );
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "worker",
      DestinationConfig: { OnSuccess: { Destination: FUNCTION.replace("worker", "next") } },
    }),
  );
  await events.send(new PutRuleCommand({ Name: "outcomes", EventPattern: JSON.stringify({ source: ["lambda"] }) }));
  await events.send(new PutTargetsCommand({ Rule: "outcomes", Targets: [{ Id: "1", Arn: queueArn("seen") }] }));
  await send({ n: 21 });
  await server.advance("PT0S");
  const [event] = await records("seen");
  assert.equal(event?.["detail-type"], "Lambda Function Invocation Result - Success");
  assert.equal(event?.detail?.responsePayload, 42);
});

test("outcomes go to buckets as objects", async () => {
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "outcomes" }));
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "worker",
      DestinationConfig: { OnSuccess: { Destination: "arn:aws:s3:::outcomes" } },
    }),
  );
  await send({ n: 6 });
  await server.advance("PT0S");
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "outcomes" }));
  assert.match(
    Contents?.[0]?.Key ?? "",
    /^aws\/lambda\/async\/worker\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT[\d.]+-[0-9a-f-]{36}$/,
  );
});

test("a destination that the function's role may not send to gets nothing", async () => {
  await createFunction(client, "export const handler = async () => 1", { FunctionName: "weak", Role: weakRole });
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "weak",
      DestinationConfig: { OnSuccess: { Destination: queueArn("done") } },
    }),
  );
  await lambda.send(new InvokeCommand({ FunctionName: "weak", InvocationType: "Event" }));
  await server.advance("PT0S");
  assert.deepEqual(await records("done"), []);
});

test("a rule reaches a function that lets it, and no other", async () => {
  const { RuleArn } = await events.send(
    new PutRuleCommand({ Name: "orders", EventPattern: JSON.stringify({ source: ["shop"] }) }),
  );
  const undelivered = { DeadLetterConfig: { Arn: queueArn("undelivered") } };
  await events.send(
    new PutTargetsCommand({
      Rule: "orders",
      Targets: [
        { Id: "worker", Arn: FUNCTION, Input: '{"n":100}', ...undelivered },
        { Id: "nobody", Arn: FUNCTION.replace("worker", "nobody"), ...undelivered },
      ],
    }),
  );
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: "worker",
      DestinationConfig: { OnSuccess: { Destination: queueArn("done") } },
    }),
  );
  const put = async () => {
    await events.send(new PutEventsCommand({ Entries: [{ Source: "shop", DetailType: "order", Detail: "{}" }] }));
    await server.advance("PT0S");
    const codes = (await receive("undelivered")).map(
      ({ MessageAttributes }) => MessageAttributes?.ERROR_CODE?.StringValue,
    );
    return { codes: codes.sort(), handled: (await records("done")).map(({ requestPayload }) => requestPayload) };
  };
  assert.deepEqual(await put(), { codes: ["NO_PERMISSIONS", "NO_RESOURCE"], handled: [] });
  const permission = {
    FunctionName: "worker",
    Action: "lambda:InvokeFunction",
    Principal: "events.amazonaws.com",
  };
  await lambda.send(
    new AddPermissionCommand({ ...permission, StatementId: "other", SourceArn: `${RuleArn}-of-others` }),
  );
  assert.deepEqual((await put()).codes, ["NO_PERMISSIONS", "NO_RESOURCE"]);
  await lambda.send(new AddPermissionCommand({ ...permission, StatementId: "bus", SourceArn: RuleArn }));
  assert.deepEqual(await put(), { codes: ["NO_RESOURCE"], handled: [{ n: 100 }] });
  await lambda.send(new RemovePermissionCommand({ FunctionName: "worker", StatementId: "bus" }));
  assert.deepEqual((await put()).codes, ["NO_PERMISSIONS", "NO_RESOURCE"]);
});

test("settings of events are put, changed, listed and deleted", async () => {
  const FunctionName = "worker";
  await assert.rejects(lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName })), {
    name: "InvalidParameterValueException",
  });
  await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }));
  const got = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
  assert.deepEqual([got.MaximumRetryAttempts, got.MaximumEventAgeInSeconds], [1, undefined]);
  const { FunctionEventInvokeConfigs } = await lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName }));
  assert.equal(FunctionEventInvokeConfigs?.length, 1);
  await lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
  await assert.rejects(lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })), {
    name: "ResourceNotFoundException",
    message: `The function ${FUNCTION}:$LATEST doesn't have an EventInvokeConfig`,
  });
  const update = new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 });
  await assert.rejects(lambda.send(update), { name: "ResourceNotFoundException" });
});

test("a server ends while events wait, and begins nothing with them any more", async () => {
  const other = await startTrunkline();
  await createFunction(
    other.client,
    "export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));",
    {
      FunctionName: "slow",
      Role: await createRole(other.client, "functions"),
      Timeout: 60,
    },
  );
  const slow = new LambdaClient(other.client);
  const event = new InvokeCommand({ FunctionName: "slow", InvocationType: "Event" });
  for (const { StatusCode } of await Promise.all(Array.from({ length: 15 }, () => slow.send(event)))) {
    assert.equal(StatusCode, 202);
  }
  await other.close();
});
