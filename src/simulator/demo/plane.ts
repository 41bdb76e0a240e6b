import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import type { Centre } from "../set-up.ts";
import { createRole, createStream, type DemoStage, policy } from "./stage.ts";

/** Nothing listens there: what is sent to it fails, and ends in a dead-letter queue. */
const NOBODY = "http://127.0.0.1:9/contacts";

const TALLY = `/** Counts contact records by channel, as they come from the stream. */
export const handler = async ({ Records }) => {
  const channels = Records.map(({ kinesis }) => JSON.parse(Buffer.from(kinesis.data, "base64").toString()).Channel);
  const counts = {};
  for (const channel of channels) counts[channel] = (counts[channel] ?? 0) + 1;
  console.log(JSON.stringify(counts));
  return counts;
};
`;

const ALERT = `/** Hears of what rules have found, and of supervisors who are wanted. */
export const handler = async (event) => {
  console.log(event["detail-type"], event.detail?.actionName ?? event.detail?.name ?? "");
  return { heard: event.id };
};
`;

const ANSWER = `/** Answers the API: how many minutes a caller would wait, more or less. */
export const handler = async (event) => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ topic: event.pathParameters?.topic ?? "Support", minutes: 3 }),
});
`;

/** Where files of recordings and analyses go. */
export async function buildFiles({ name, account, region, call }: DemoStage, InstanceId: string): Promise<string> {
  const Bucket = `${name}-${account}-${region}`;
  const elsewhere = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
  await call("s3", "CreateBucket", { Bucket, ...elsewhere });
  await call("connect", "UpdateInstanceAttribute", { InstanceId, AttributeType: "CONTACT_LENS", Value: "true" });
  for (const ResourceType of ["CALL_RECORDINGS", "CHAT_TRANSCRIPTS"]) {
    const StorageConfig = { StorageType: "S3", S3Config: { BucketName: Bucket, BucketPrefix: "conversations" } };
    await call("connect", "AssociateInstanceStorageConfig", { InstanceId, ResourceType, StorageConfig });
  }
  return Bucket;
}

/** What sentences of calls come on while they are said. */
export async function buildSegmentStream(stage: DemoStage, InstanceId: string): Promise<void> {
  const StreamArn = await createStream(stage, `${stage.name}-segments`);
  for (const ResourceType of [
    "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS",
    "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS",
  ]) {
    const StorageConfig = { StorageType: "KINESIS_STREAM", KinesisStreamConfig: { StreamArn } };
    await stage.call("connect", "AssociateInstanceStorageConfig", { InstanceId, ResourceType, StorageConfig });
  }
}

/**
 * Rules of the default bus with their targets: a queue, a function, a delivery stream to S3, and an HTTP endpoint that is not there. A
 * function reads the stream of contact records, and an API has one behind it.
 */
export async function buildPlane(stage: DemoStage, { instanceId }: Centre, Bucket: string): Promise<void> {
  const { name, call, arn } = stage;
  const instanceArn = arn("connect", `instance/${instanceId}`);
  const queueArn = async (QueueName: string, attributes: object = {}): Promise<string> => {
    const Policy = policy({
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arn("sqs", QueueName),
    });
    await call("sqs", "CreateQueue", { QueueName, Attributes: { Policy, ...attributes } });
    return arn("sqs", QueueName);
  };
  const deadLetters = await queueArn(`${name}-dead-letters`);
  const DeadLetterConfig = { Arn: deadLetters };
  const waiting = await queueArn(`${name}-queued-calls`, {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters, maxReceiveCount: 5 }),
  });
  const functionRole = await createRole(stage, `${name}-functions`, "lambda.amazonaws.com", ["kinesis:*", "logs:*"]);
  const alert = await createFunction(stage, `${name}-alert`, ALERT, functionRole);
  await mayInvoke(stage, `${name}-alert`, "events.amazonaws.com");
  const deliveryStream = await createDeliveryStream(stage, Bucket);
  const toFirehose = await createRole(stage, `${name}-bus`, "events.amazonaws.com", ["firehose:*"]);
  const partner = await createPartner(stage);
  const toPartner = await createRole(stage, `${name}-partner`, "events.amazonaws.com", ["events:InvokeApiDestination"]);

  const rule = async (suffix: string, Description: string, pattern: object, target: object): Promise<void> => {
    const Rule = `${name}-${suffix}`;
    await call("events", "PutRule", { Name: Rule, Description, EventPattern: JSON.stringify(pattern) });
    await call("events", "PutTargets", { Rule, Targets: [{ Id: suffix, ...target }] });
  };
  const contacts = {
    source: ["aws.connect"],
    resources: [instanceArn],
    "detail-type": ["Amazon Connect Contact Event"],
  };
  await rule(
    "queued-calls",
    "Calls that begin to wait",
    { ...contacts, detail: { eventType: ["QUEUED"], channel: ["VOICE"] } },
    { Arn: waiting, DeadLetterConfig },
  );
  await rule(
    "rules-matched",
    "What Contact Lens rules have found",
    { source: ["aws.connect"], "detail-type": [{ wildcard: "*Rules Matched" }] },
    { Arn: alert, DeadLetterConfig },
  );
  await rule(
    "cases",
    "Changes of cases, kept as files",
    { source: ["aws.cases"] },
    { Arn: deliveryStream, RoleArn: toFirehose, DeadLetterConfig },
  );
  await rule(
    "ended-chats-to-partner",
    "Chats that have ended, for a partner whose endpoint is not there",
    { ...contacts, detail: { eventType: ["DISCONNECTED"], channel: ["CHAT", "EMAIL"] } },
    { Arn: partner, RoleArn: toPartner, DeadLetterConfig, RetryPolicy: { MaximumRetryAttempts: 2 } },
  );
  await rule(
    "export-to-partner",
    "The nightly export, which fails at once",
    { source: ["northwind.export"] },
    { Arn: partner, RoleArn: toPartner, DeadLetterConfig, RetryPolicy: { MaximumRetryAttempts: 0 } },
  );

  await createFunction(stage, `${name}-tally`, TALLY, functionRole);
  await call("lambda", "CreateEventSourceMapping", {
    FunctionName: `${name}-tally`,
    EventSourceArn: arn("kinesis", `stream/${name}-contact-records`),
    StartingPosition: "TRIM_HORIZON",
    BatchSize: 25,
  });
  await createApi(stage, functionRole);
}

/** Events of the shop's own, one of which goes where nobody answers. */
export async function putEvents({ call }: DemoStage): Promise<void> {
  const entry = (Source: string, DetailType: string, detail: object) => ({
    Source,
    DetailType,
    Detail: JSON.stringify(detail),
  });
  await call("events", "PutEvents", {
    Entries: [
      entry("northwind.export", "Nightly Export Ready", { file: "contacts.csv", contacts: 214 }),
      entry("northwind.export", "Nightly Export Ready", { file: "cases.csv", cases: 12 }),
      entry("northwind.shop", "Price List Changed", { articles: 18 }),
    ],
  });
}

async function createFunction(
  { call }: DemoStage,
  FunctionName: string,
  source: string,
  Role: string,
): Promise<string> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(source), "index.mjs");
  zip.end();
  const { FunctionArn } = await call("lambda", "CreateFunction", {
    FunctionName,
    Role,
    Runtime: "nodejs24.x",
    Handler: "index.handler",
    Timeout: 10,
    Code: { ZipFile: (await buffer(zip.outputStream as NodeJS.ReadableStream)).toString("base64") },
  });
  return FunctionArn;
}

async function mayInvoke({ call }: DemoStage, FunctionName: string, Principal: string): Promise<void> {
  const permission = { StatementId: "demo", Action: "lambda:InvokeFunction", Principal };
  await call("lambda", "AddPermission", { FunctionName, ...permission });
}

async function createDeliveryStream(stage: DemoStage, Bucket: string): Promise<string> {
  const { name, call } = stage;
  const RoleARN = await createRole(stage, `${name}-firehose`, "firehose.amazonaws.com", ["s3:*"]);
  const { DeliveryStreamARN } = await call("firehose", "CreateDeliveryStream", {
    DeliveryStreamName: `${name}-cases`,
    ExtendedS3DestinationConfiguration: {
      RoleARN,
      BucketARN: `arn:aws:s3:::${Bucket}`,
      Prefix: "case-events/!{timestamp:yyyy/MM/dd}/",
      ErrorOutputPrefix: "failed/!{firehose:error-output-type}/",
      BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 5 },
    },
  });
  return DeliveryStreamARN;
}

/** An HTTP endpoint of somebody else. */
async function createPartner({ name, call }: DemoStage): Promise<string> {
  const { ConnectionArn } = await call("events", "CreateConnection", {
    Name: `${name}-partner`,
    AuthorizationType: "API_KEY",
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-partner-key", ApiKeyValue: "made-up" } },
  });
  const { ApiDestinationArn } = await call("events", "CreateApiDestination", {
    Name: `${name}-partner`,
    ConnectionArn,
    InvocationEndpoint: NOBODY,
    HttpMethod: "POST",
  });
  return ApiDestinationArn;
}

async function createApi(stage: DemoStage, role: string): Promise<void> {
  const { name, call } = stage;
  const Target = await createFunction(stage, `${name}-waiting-time`, ANSWER, role);
  await mayInvoke(stage, `${name}-waiting-time`, "apigateway.amazonaws.com");
  const { ApiId } = await call("apigatewayv2", "CreateApi", { Name: `${name}-api`, ProtocolType: "HTTP" });
  const { IntegrationId } = await call("apigatewayv2", "CreateIntegration", {
    ApiId,
    IntegrationType: "AWS_PROXY",
    IntegrationUri: Target,
    PayloadFormatVersion: "2.0",
  });
  const route = { ApiId, RouteKey: "GET /waiting-time/{topic}", Target: `integrations/${IntegrationId}` };
  await call("apigatewayv2", "CreateRoute", route);
  await call("apigatewayv2", "CreateStage", { ApiId, StageName: "$default", AutoDeploy: true });
}
