/**
 * A supervisor is told, once an occasion, when an agent is too long in a state (after-contact work, a break), or misses two calls in a row.
 *
 *   agent events → Kinesis → filter → Lambda → SNS ─┬→ HTTP endpoint, which stands in for a pager or a mailbox
 *   (changes, and heartbeats every two minutes)     └→ SQS, for a wallboard
 *
 * Unmodified AWS SDK clients. Start the server with a clock that can be moved, then run this in a second terminal:
 *
 *   npm start -- --clock manual
 *   node examples/supervisor-alert/run.mjs
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { AssociateInstanceStorageConfigCommand, CreateAgentStatusCommand } from "@aws-sdk/client-connect";
import { CreateStreamCommand, KinesisClient, waitUntilStreamExists } from "@aws-sdk/client-kinesis";
import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  account,
  advance,
  allow,
  arnOf,
  connect,
  createFunction,
  lambda,
  openCentre,
  options,
  policy,
} from "../contact-centre.mjs";

const kinesis = new KinesisClient(options);
const s3 = new S3Client({ ...options, forcePathStyle: true });
const sns = new SNSClient(options);
const sqs = new SQSClient(options);
const name = process.env.NAME ?? `supervisor-alert-${Date.now()}`;
const { InstanceId, setStatus, act, call, hangUp, close } = await openCentre(name, ["ada", "bea", "cem"]);
/** Minutes that an agent may stay. */
const limits = { Break: 15, "After-contact work": 5 };

// --- what agents do, on a stream ---------------------------------------------------------------------------------------

await connect.send(new CreateAgentStatusCommand({ InstanceId, Name: "Break", State: "ENABLED" }));
await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30 }, { StreamName: name });
const streamArn = arnOf("kinesis", `stream/${name}`);
await connect.send(
  new AssociateInstanceStorageConfigCommand({
    InstanceId,
    ResourceType: "AGENT_EVENTS",
    StorageConfig: { StorageType: "KINESIS_STREAM", KinesisStreamConfig: { StreamArn: streamArn } },
  }),
);

// --- the topic, and who listens to it ------------------------------------------------------------------------------------

const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
const { pager, confirmed } = await startPager();
await sns.send(
  new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: `http://127.0.0.1:${pager.address().port}/alerts` }),
);
await confirmed;
const queueArn = arnOf("sqs", name);
const fromTopic = {
  Principal: { Service: "sns.amazonaws.com" },
  Condition: { ArnEquals: { "aws:SourceArn": TopicArn } },
};
const { QueueUrl } = await sqs.send(
  new CreateQueueCommand({
    QueueName: name,
    Attributes: { Policy: policy(allow("sqs:SendMessage", queueArn, fromTopic)) },
  }),
);
await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queueArn }));

/** An HTTP endpoint that confirms its subscription, and prints what it is told. At AWS it would be your own, behind `https`. */
async function startPager() {
  const { promise: confirmed, resolve } = Promise.withResolvers();
  const pager = createServer(async (request, response) => {
    const { Type, SubscribeURL, Subject, Message } = JSON.parse(await text(request));
    if (Type === "SubscriptionConfirmation") await fetch(SubscribeURL).then(resolve);
    else console.log(`${JSON.parse(Message).at.slice(11, 16)}  ${Subject}`);
    response.end();
  });
  await new Promise((listening) => pager.listen(0, "127.0.0.1", listening));
  return { pager, confirmed };
}

// --- who watches ----------------------------------------------------------------------------------------------------------

const bucket = `${name}-${account}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
const watch = await createFunction(`${name}-watch`, {
  file: new URL("functions/watch.mjs", import.meta.url),
  variables: { BUCKET: bucket, TOPIC: TopicArn, LIMITS: JSON.stringify(limits) },
  may: [
    allow(
      ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"],
      streamArn,
    ),
    allow(["s3:GetObject", "s3:PutObject"], `arn:aws:s3:::${bucket}/agents/*`),
    allow("s3:ListBucket", `arn:aws:s3:::${bucket}`),
    allow("sns:Publish", TopicArn),
  ],
});
/** Most events say that all is well: they invoke nothing. Filters stand beside each other: an event needs to pass one. */
const filters = [
  { AgentStatus: { Name: Object.keys(limits) } },
  { Contacts: { State: ["ENDED", "MISSED", "CONNECTED"] } },
];
await lambda.send(
  new CreateEventSourceMappingCommand({
    FunctionName: watch,
    EventSourceArn: streamArn,
    StartingPosition: "TRIM_HORIZON",
    BatchSize: 100,
    FilterCriteria: {
      Filters: filters.map((CurrentAgentSnapshot) => ({ Pattern: JSON.stringify({ data: { CurrentAgentSnapshot } }) })),
    },
  }),
);

// --- two hours ------------------------------------------------------------------------------------------------------------

console.log("Ada has three breaks: of 40, 10 and 20 minutes");
for (const minutes of [40, 10, 20]) {
  await setStatus("ada", "Break");
  await advance(`PT${minutes}M`);
  await setStatus("ada", "Offline");
}

console.log("Bea works for 2 minutes after one call, and for 12 after another");
await setStatus("bea", "Available");
for (const minutes of [2, 12]) {
  const contactId = await takeCall("bea");
  await advance(`PT${minutes}M`);
  await act("bea", "clear", contactId);
}
await setStatus("bea", "Offline");

console.log("Cem misses three calls, takes one, and misses two");
await setStatus("cem", "Available");
for (let times = 0; times < 3; times++) await missCall("cem");
await act("cem", "clear", await takeCall("cem"));
for (let times = 0; times < 2; times++) await missCall("cem");

async function takeCall(agent) {
  const contactId = await call("+4930901820101");
  await act(agent, "accept", contactId);
  await advance("PT3M");
  await hangUp(contactId);
  return contactId;
}

/** It rings for 20 seconds. */
async function missCall(agent) {
  const contactId = await call("+4930901820102");
  await advance("PT25S");
  await hangUp(contactId);
  await act(agent, "clear", contactId);
}

const AttributeNames = ["ApproximateNumberOfMessages"];
const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
console.log(`the wallboard has ${Attributes.ApproximateNumberOfMessages} alerts`);
await close();
pager.close();
