/** What sends records to delivery streams by itself: rules of a bus, log groups, and a contact centre. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  AssociateInstanceStorageConfigCommand,
  DisassociateInstanceStorageConfigCommand,
  ListInstanceStorageConfigsCommand,
} from "@aws-sdk/client-connect";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { DeleteDeliveryStreamCommand, type ProcessingConfiguration, type Processor } from "@aws-sdk/client-firehose";
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { openCentre } from "./contact-centre.ts";
import { openFirehose, RoleARN, soon } from "./firehose-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { firehose, bucket, create, put, toBucket, keysOf, bytesOf, textsOf } = openFirehose(server);

const arnOf = (name: string): string => `arn:aws:firehose:us-east-1:000000000000:deliverystream/${name}`;

test("rules of a bus send events, and what no stream takes is a dead letter", async () => {
  const events = new EventBridgeClient(server.client);
  const sqs = new SQSClient(server.client);
  const Bucket = await toBucket("events");
  await toBucket("deleted");
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
  const DeadLetterConfig = { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" };
  const Targets = ["events", "deleted"].map((name) => ({
    Id: name,
    Arn: arnOf(name),
    RoleArn: RoleARN,
    InputPath: "$.detail",
    DeadLetterConfig,
  }));
  await events.send(new PutRuleCommand({ Name: "to-streams", EventPattern: '{"source":["shop"]}' }));
  await events.send(new PutTargetsCommand({ Rule: "to-streams", Targets }));
  await firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: "deleted" }));
  const Entries = [1, 2].map((n) => ({ Source: "shop", DetailType: "Sold", Detail: JSON.stringify({ n }) }));
  await events.send(new PutEventsCommand({ Entries }));
  await server.advance("PT1M");
  assert.deepEqual(await textsOf(Bucket), ['{"n":1}{"n":2}']);
  const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(asked));
  assert.deepEqual(
    Messages.map(({ MessageAttributes }) => MessageAttributes?.ERROR_CODE?.StringValue),
    ["NO_RESOURCE", "NO_RESOURCE"],
  );
});

test("a log group sends what its subscription filter lets through, packed", async () => {
  const logs = new CloudWatchLogsClient(server.client);
  const Bucket = await toBucket("logs");
  const logGroupName = "/app";
  const logStreamName = "one";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  await logs.send(
    new PutSubscriptionFilterCommand({
      logGroupName,
      filterName: "errors",
      filterPattern: "ERROR",
      destinationArn: arnOf("logs"),
      roleArn: RoleARN,
    }),
  );
  const timestamp = server.app.platform().clock.now();
  const logEvents = ["ERROR a", "fine", "ERROR b"].map((message) => ({ timestamp, message }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  await server.advance("PT1M");
  const object = await bytesOf(Bucket, (await keysOf(Bucket))[0] ?? "");
  // Members of gzip that lie one behind the other are one text.
  const [control, data] = gunzipSync(object)
    .toString()
    .replace("}{", "}\n{")
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(control.messageType, "CONTROL_MESSAGE");
  assert.equal(data.messageType, "DATA_MESSAGE");
  assert.equal(data.logGroup, logGroupName);
  assert.deepEqual(
    data.logEvents.map(({ message }: { message: string }) => message),
    ["ERROR a", "ERROR b"],
  );
});

test("what a log group sends is decompressed, and its messages are taken out, where the stream says so", async () => {
  const kinesis = new KinesisClient(server.client);
  const logs = new CloudWatchLogsClient(server.client);
  const processors = (isMessagesOnly: boolean): ProcessingConfiguration => ({
    Enabled: true,
    Processors: [
      { Type: "Decompression", Parameters: [{ ParameterName: "CompressionFormat", ParameterValue: "GZIP" }] },
      ...(isMessagesOnly ? [EXTRACTION] : []),
    ],
  });
  const whole = await toBucket("whole", { ProcessingConfiguration: processors(false) });
  const lines = await toBucket("lines", { ProcessingConfiguration: processors(true) });
  const logGroupName = "/unpacked";
  const logStreamName = "one";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  for (const name of ["whole", "lines"]) {
    const to = { destinationArn: arnOf(name), roleArn: RoleARN, filterName: name, filterPattern: "" };
    await logs.send(new PutSubscriptionFilterCommand({ logGroupName, ...to }));
  }
  const timestamp = server.app.platform().clock.now();
  const logEvents = ["one", "two"].map((message) => ({ timestamp, message }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));

  // A stream that unpacks takes nothing from others; from a Kinesis stream may come what is not packed at all.
  const refused = { name: "InvalidSourceException" };
  await assert.rejects(put("lines", "plain"), refused);
  const StreamName = "packed-or-not";
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const { Bucket, BucketARN } = await bucket();
  const KinesisStreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
  await create("from-kinesis", {
    DeliveryStreamType: "KinesisStreamAsSource",
    KinesisStreamSourceConfiguration: { KinesisStreamARN, RoleARN },
    ExtendedS3DestinationConfiguration: {
      RoleARN,
      BucketARN,
      BufferingHints: soon,
      ProcessingConfiguration: processors(true),
    },
  });
  const bomb = gzipSync(Buffer.alloc(7 * 1024 * 1024));
  const message = { messageType: "DATA_MESSAGE", logEvents: [{ message: "three" }] };
  for (const Data of [Buffer.from("plain"), gzipSync("{}"), bomb, gzipSync(JSON.stringify(message))]) {
    await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey: "x", Data }));
  }
  await server.advance("PT2M");
  const [control, data] = (await textsOf(whole))
    .join("")
    .replace("}{", "}\n{")
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(control.messageType, "CONTROL_MESSAGE");
  assert.deepEqual([data.logGroup, data.logEvents.length], [logGroupName, 2]);
  assert.deepEqual(await textsOf(lines), ["one\ntwo\n"]);
  const keys = await keysOf(Bucket);
  const [good, failed] = await textsOf(Bucket);
  assert.match(String(keys[1]), /^decompression-failed\/\d{4}\//);
  assert.equal(good, "three\n");
  const told = String(failed)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map(({ errorCode, rawData }) => [errorCode, rawData]),
    [Buffer.from("plain"), gzipSync("{}"), bomb].map((raw) => ["Decompression.Failed", raw.toString("base64")]),
  );
});

const EXTRACTION: Processor = {
  Type: "CloudWatchLogProcessing",
  Parameters: [{ ParameterName: "DataMessageExtraction", ParameterValue: "true" }],
};

test("a contact centre sends contact records", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const ResourceType = "CONTACT_TRACE_RECORDS";
  const Bucket = await toBucket("records");
  const { StorageConfigs } = await connect.send(new ListInstanceStorageConfigsCommand({ InstanceId, ResourceType }));
  const before = { InstanceId, ResourceType, AssociationId: StorageConfigs?.[0]?.AssociationId } as const;
  await connect.send(new DisassociateInstanceStorageConfigCommand(before));
  const KinesisFirehoseConfig = { FirehoseArn: arnOf("records") };
  const associate = (type: "CONTACT_TRACE_RECORDS" | "AGENT_EVENTS") =>
    connect.send(
      new AssociateInstanceStorageConfigCommand({
        InstanceId,
        ResourceType: type,
        StorageConfig: { StorageType: "KINESIS_FIREHOSE", KinesisFirehoseConfig },
      }),
    );
  await associate(ResourceType);
  // Of a contact centre's feeds only records can go to a delivery stream.
  await assert.rejects(associate("AGENT_EVENTS"), /AGENT_EVENTS cannot be stored in KINESIS_FIREHOSE/);
  const calls: string[] = [];
  for (const from of ["+12065550101", "+12065550102"]) {
    const contactId = await centre.arrive({ channel: "VOICE", from, contactFlowId: centre.flowId });
    calls.push(contactId);
    await centre.customer(contactId, "hang-up");
  }
  await server.advance("PT2M");
  const texts = (await textsOf(Bucket)).join("").replaceAll("}{", "}\n{").split("\n");
  const records = texts.map((text) => JSON.parse(text));
  assert.deepEqual(
    records.map(({ ContactId, Channel }) => [ContactId, Channel]).sort(),
    calls.map((id) => [id, "VOICE"]).sort(),
  );
});
