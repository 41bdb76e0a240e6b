/**
 * A call that can be read along while it goes on, with who says what, how they feel, and what it is about:
 *
 *   call → Contact Lens → Kinesis → Lambda → S3 ← API Gateway ← web page
 *
 * Start the server (`npm start`), then `node examples/live-transcript/setup.mjs`, and open the address that it prints. `talk.mjs`
 * beside it plays a call.
 */
import { readFile } from "node:fs/promises";
import { APIGatewayClient, CreateDeploymentCommand, ImportRestApiCommand } from "@aws-sdk/client-api-gateway";
import {
  AssociateInstanceStorageConfigCommand,
  CreateRuleCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";
import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  account,
  action,
  allow,
  connect,
  createFlow,
  createFunction,
  createRole,
  lambda,
  openCentre,
  options,
} from "../contact-centre.mjs";

const name = process.env.NAME ?? `live-transcript-${Date.now()}`;
const here = (file) => new URL(file, import.meta.url);

// --- a contact centre that listens ------------------------------------------------------------------------------------

const { InstanceId, queue, setStatus } = await openCentre(name, ["ada"]);
await setStatus("ada", "Available");
await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
const flowId = await createFlow(InstanceId, "listen, then queue", [
  action(
    "listen",
    "UpdateContactRecordingAndAnalyticsBehavior",
    {
      VoiceBehavior: {
        VoiceRecordingBehavior: { RecordedParticipants: ["Agent", "Customer"] },
        VoiceAnalyticsBehavior: {
          Enabled: "True",
          AnalyticsLanguage: "en-US",
          AnalyticsModes: ["RealTime"],
          SentimentConfiguration: { Enabled: "True" },
        },
      },
    },
    "queue",
    ["NoMatchingError", "ChannelMismatch"],
  ),
  action("queue", "UpdateContactTargetQueue", { QueueId: queue.Id }, "wait", ["NoMatchingError"], "bye"),
  action("wait", "TransferContactToQueue", {}, "bye", ["QueueAtCapacity", "NoMatchingError"]),
  action("bye", "DisconnectParticipant", {}),
]);

// What a call is about: a rule gives it its name as a category as soon as the customer says one of these.
await createCategory("CANCELLATION", ["cancel", "cancel my contract", "close my account"]);
await createCategory("DELIVERY", ["late", "delivery", "parcel", "still waiting"]);

async function createCategory(Name, Operands) {
  const says = {
    Operator: "CONTAINS_ANY",
    Operands,
    ComparisonValue: "$.ContactLens.RealTimeCall.ExactMatch.Transcript",
    FilterClause: { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "CUSTOMER" }] },
    Negate: false,
  };
  const rule = {
    InstanceId,
    Name,
    TriggerEventSource: { EventSourceName: "OnRealTimeCallAnalysisAvailable" },
    Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [says] } }),
    Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
    PublishStatus: "PUBLISHED",
  };
  await connect.send(new CreateRuleCommand(rule));
}

// --- what it hears, onto a stream and into a function -----------------------------------------------------------------

const kinesis = new KinesisClient(options);
await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30 }, { StreamName: name });
const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }));
const { StreamARN } = StreamDescriptionSummary;
await connect.send(
  new AssociateInstanceStorageConfigCommand({
    InstanceId,
    ResourceType: "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS",
    StorageConfig: { StorageType: "KINESIS_STREAM", KinesisStreamConfig: { StreamArn: StreamARN } },
  }),
);

const bucket = `${name}-${account}`;
const s3 = new S3Client({ ...options, forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
const keepTranscript = await createFunction(`${name}-keep`, {
  file: here("keep-transcript.mjs"),
  variables: { BUCKET: bucket },
  may: [
    allow(["s3:GetObject", "s3:PutObject"], `arn:aws:s3:::${bucket}/transcripts/*`),
    // Else what is not there yet is told to be forbidden.
    allow("s3:ListBucket", `arn:aws:s3:::${bucket}`),
    allow(
      ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListShards"],
      StreamARN,
    ),
  ],
});
await lambda.send(
  new CreateEventSourceMappingCommand({
    FunctionName: keepTranscript,
    EventSourceArn: StreamARN,
    StartingPosition: "TRIM_HORIZON",
    BatchSize: 100,
  }),
);

// --- the page, and what it asks: API Gateway reads all of it from S3 --------------------------------------------------

const page = { Bucket: bucket, Key: "page/index.html", ContentType: "text/html; charset=utf-8" };
await s3.send(new PutObjectCommand({ ...page, Body: await readFile(here("index.html")) }));
const apiRole = await createRole(`${name}-api`, "apigateway.amazonaws.com", [
  allow("s3:GetObject", `arn:aws:s3:::${bucket}/*`),
  allow("s3:ListBucket", `arn:aws:s3:::${bucket}`),
]);

/** A GET that answers with what S3 does, whose `parameters` come from the call or are constants. */
function fromS3(path, parameters = {}) {
  const taken = Object.values(parameters).filter((from) => from.startsWith("method.request.path."));
  const contentType = "method.response.header.Content-Type";
  return {
    get: {
      parameters: taken.map((from) => ({ name: from.split(".").at(-1), in: "path", required: true })),
      responses: { 200: { description: "there", headers: { "Content-Type": {} } }, 404: { description: "not there" } },
      "x-amazon-apigateway-integration": {
        type: "aws",
        httpMethod: "GET",
        uri: `arn:aws:apigateway:${options.region}:s3:path/${bucket}${path}`,
        credentials: apiRole,
        requestParameters: parameters,
        responses: {
          default: {
            statusCode: "200",
            responseParameters: { [contentType]: "integration.response.header.Content-Type" },
          },
          "4\\d{2}": { statusCode: "404" },
        },
      },
    },
  };
}

const definition = {
  openapi: "3.0.1",
  info: { title: name, version: "1" },
  paths: {
    "/": fromS3("/page/index.html"),
    // The calls that there are, as S3 lists its objects.
    "/calls": fromS3("", { "integration.request.querystring.prefix": "'transcripts/'" }),
    "/calls/{id}": fromS3("/transcripts/{id}.json", { "integration.request.path.id": "method.request.path.id" }),
  },
};
const gateway = new APIGatewayClient(options);
const body = new TextEncoder().encode(JSON.stringify(definition));
const { id: restApiId } = await gateway.send(new ImportRestApiCommand({ body }));
await gateway.send(new CreateDeploymentCommand({ restApiId, stageName: "live" }));

// A page has an origin of its own under the host of its API; what cannot look such names up calls by path.
const { port } = new URL(options.endpoint);
console.log(`page      http://${restApiId}.execute-api.localhost:${port}/live/`);
console.log(`API       ${options.endpoint}/_aws/execute-api/${restApiId}/live/`);
console.log(`instance  ${InstanceId}`);
console.log(`flow      ${flowId}`);
console.log(`bucket    ${bucket}`);
console.log(`a call    node examples/live-transcript/talk.mjs ${InstanceId} ${flowId}`);
