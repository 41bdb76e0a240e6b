/** Topics, log groups and buckets call functions, as their guides say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { AddPermissionCommand, LambdaClient, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateTopicCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const lambda = new LambdaClient(client);
const logs = new CloudWatchLogsClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const sns = new SNSClient(client);
const sqs = new SQSClient(client);

const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:told";
const urls = new Map<string, string>();
for (const name of ["heard", "dead"]) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  urls.set(name, QueueUrl ?? "");
}
const role = await createRole(client, "told", ["sqs:SendMessage"]);
await createFunction(client, "export const handler = async (event) => event;", { FunctionName: "told", Role: role });
await lambda.send(
  new PutFunctionEventInvokeConfigCommand({
    FunctionName: "told",
    DestinationConfig: { OnSuccess: { Destination: "arn:aws:sqs:us-east-1:000000000000:heard" } },
  }),
);

async function bodiesOf(name: string): Promise<readonly string[]> {
  const QueueUrl = urls.get(name);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ Body }) => Body ?? "");
}

// biome-ignore lint/suspicious/noExplicitAny: events of three services
async function heard(): Promise<readonly any[]> {
  await server.advance("PT0S");
  return (await bodiesOf("heard")).map((body) => JSON.parse(body).requestPayload);
}

const allow = (Principal: string, SourceArn: string) =>
  lambda.send(
    new AddPermissionCommand({
      FunctionName: "told",
      StatementId: Principal.split(".")[0] ?? "",
      Action: "lambda:InvokeFunction",
      Principal,
      SourceArn,
    }),
  );

test("a topic calls a function with one record, once its policy lets it", async () => {
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "alerts" }));
  const { SubscriptionArn = "" } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint: FUNCTION, ReturnSubscriptionArn: true }),
  );
  await sns.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn,
      AttributeName: "RedrivePolicy",
      AttributeValue: JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead" }),
    }),
  );
  const publish = () =>
    sns.send(
      new PublishCommand({
        TopicArn,
        Subject: "hello",
        Message: "A queue is full",
        MessageAttributes: {
          store: { DataType: "String", StringValue: "example_corp" },
          bytes: { DataType: "Binary", BinaryValue: Buffer.from([1, 2, 255]) },
        },
      }),
    );
  await publish();
  assert.deepEqual(await heard(), []);
  assert.equal((await bodiesOf("dead")).length, 1);
  await allow("sns.amazonaws.com", TopicArn);
  const { MessageId } = await publish();
  const [event, ...none] = await heard();
  assert.deepEqual(none, []);
  const [record, ...others] = event.Records;
  assert.deepEqual(others, []);
  assert.equal(record.EventSource, "aws:sns");
  assert.equal(record.EventVersion, "1.0");
  assert.equal(record.EventSubscriptionArn, SubscriptionArn);
  const { Timestamp, Signature, SigningCertUrl, UnsubscribeUrl, SignatureVersion, ...told } = record.Sns;
  assert.match(Timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(SignatureVersion, "1");
  for (const text of [Signature, SigningCertUrl, UnsubscribeUrl]) assert.equal(typeof text, "string");
  assert.deepEqual(told, {
    Type: "Notification",
    MessageId,
    TopicArn,
    Subject: "hello",
    Message: "A queue is full",
    MessageAttributes: { store: { Type: "String", Value: "example_corp" }, bytes: { Type: "Binary", Value: "AQL/" } },
  });
});

test("a log group calls a function with what matches, compressed", async () => {
  await logs.send(new CreateLogGroupCommand({ logGroupName: "/shop" }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: "/shop", logStreamName: "web" }));
  const filter = new PutSubscriptionFilterCommand({
    logGroupName: "/shop",
    filterName: "errors",
    filterPattern: "ERROR",
    destinationArn: FUNCTION,
  });
  await assert.rejects(logs.send(filter), { name: "InvalidParameterException" });
  await allow("logs.amazonaws.com", "arn:aws:logs:us-east-1:000000000000:log-group:/shop:*");
  await logs.send(filter);
  const timestamp = server.app.platform().clock.now();
  await logs.send(
    new PutLogEventsCommand({
      logGroupName: "/shop",
      logStreamName: "web",
      logEvents: ["ERROR one", "fine", "ERROR two"].map((message) => ({ timestamp, message })),
    }),
  );
  const told = await heard();
  const data = told.map(({ awslogs }) => JSON.parse(gunzipSync(Buffer.from(awslogs.data, "base64")).toString()));
  const [batch, ...none] = data.filter(({ messageType }) => messageType === "DATA_MESSAGE");
  assert.deepEqual(none, []);
  assert.deepEqual(Object.keys(told[0]), ["awslogs"]);
  assert.equal(batch.owner, "000000000000");
  assert.equal(batch.logGroup, "/shop");
  assert.deepEqual(
    batch.logEvents.map(({ message }: { message: string }) => message),
    ["ERROR one", "ERROR two"],
  );
});

test("a bucket calls a function with one record, where its filter lets it", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "images" }));
  const notify = new PutBucketNotificationConfigurationCommand({
    Bucket: "images",
    NotificationConfiguration: {
      LambdaFunctionConfigurations: [
        {
          Id: "thumbnails",
          LambdaFunctionArn: FUNCTION,
          Events: ["s3:ObjectCreated:*"],
          Filter: { Key: { FilterRules: [{ Name: "suffix", Value: ".jpg" }] } },
        },
      ],
    },
  });
  await assert.rejects(s3.send(notify), { name: "InvalidArgument" });
  await allow("s3.amazonaws.com", "arn:aws:s3:::images");
  await s3.send(notify);
  await s3.send(new PutObjectCommand({ Bucket: "images", Key: "a b/ü.jpg", Body: "jpeg" }));
  await s3.send(new PutObjectCommand({ Bucket: "images", Key: "a.txt", Body: "text" }));
  const told = await heard();
  const records = told.flatMap((event) => event.Records ?? []);
  assert.equal(records.length, 1);
  assert.equal(records[0].eventSource, "aws:s3");
  assert.equal(records[0].s3.object.key, "a+b/%C3%BC.jpg");
  assert.equal(records[0].s3.configurationId, "thumbnails");
});
