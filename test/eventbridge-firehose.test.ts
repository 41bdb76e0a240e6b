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
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const firehose = new FirehoseClient(server.client);
const s3 = new S3Client(server.client);
const RoleARN = "arn:aws:iam::000000000000:role/any";

/** A delivery stream to a bucket of its own. */
async function toBucket(name: string): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const { DeliveryStreamARN = "" } = await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        RoleARN,
        BucketARN: `arn:aws:s3:::${name}`,
        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
      },
    }),
  );
  return DeliveryStreamARN;
}

async function delivered(Bucket: string): Promise<Buffer> {
  await server.advance("PT2M");
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  assert.equal(Contents.length, 1);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

test("events of a rule reach S3 through a delivery stream, without a line's end", async () => {
  const events = new EventBridgeClient(server.client);
  const Arn = await toBucket("from-rule");
  await events.send(new PutRuleCommand({ Name: "all", EventPattern: '{"source":["shop"]}' }));
  const Targets = [{ Id: "1", Arn, RoleArn: RoleARN, InputPath: "$.detail" }];
  await events.send(new PutTargetsCommand({ Rule: "all", Targets }));
  const entry = (n: number) => ({ Source: "shop", DetailType: "placed", Detail: `{"n":${n}}` });
  await events.send(new PutEventsCommand({ Entries: [entry(1), entry(2)] }));
  assert.equal(String(await delivered("from-rule")), '{"n":1}{"n":2}');
});

test("events of a log group reach S3 through a delivery stream, compressed", async () => {
  const logs = new CloudWatchLogsClient(server.client);
  const destinationArn = await toBucket("from-logs");
  const stream = { logGroupName: "/shop", logStreamName: "web" };
  await logs.send(new CreateLogGroupCommand(stream));
  await logs.send(new CreateLogStreamCommand(stream));
  const filter = { logGroupName: "/shop", filterName: "all", filterPattern: "", destinationArn, roleArn: RoleARN };
  await logs.send(new PutSubscriptionFilterCommand(filter));
  const timestamp = server.app.platform().clock.now();
  await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp, message: "hello" }] }));
  const text = String(gunzipSync(await delivered("from-logs")));
  assert.match(text, /"messageType":"CONTROL_MESSAGE".*"messageType":"DATA_MESSAGE".*"message":"hello"/s);
});
