/** The SDKs' own clients as the other end: what they send is what we read, and what we answer is what they read. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import * as apiGateway from "@aws-sdk/client-api-gateway";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as connect from "@aws-sdk/client-connect";
import * as campaigns from "@aws-sdk/client-connectcampaignsv2";
import * as cases from "@aws-sdk/client-connectcases";
import * as profiles from "@aws-sdk/client-customer-profiles";
import * as events from "@aws-sdk/client-eventbridge";
import * as firehose from "@aws-sdk/client-firehose";
import * as iam from "@aws-sdk/client-iam";
import * as kinesis from "@aws-sdk/client-kinesis";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import { type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import fc from "fast-check";
import { type Input, validInput } from "../../test/model-inputs.ts";
import { loadModel } from "../models/catalog.ts";
import type { ServiceModel } from "../models/model.ts";
import { ModeledError } from "../models/modeled-error.ts";
import { structureNamed } from "../models/shapes.ts";
import { SeededIds } from "../time/ids.ts";
import { decodeInput, encodeError, encodeOutput } from "./codec.ts";
import { eventStreamMember } from "./event-stream.ts";
import type { RawRequest, RawResponse } from "./raw-message.ts";

// biome-ignore lint/suspicious/noExplicitAny: clients and commands are found by name, for every operation there is.
type Sdk = Record<string, any>;

const sdks: readonly (readonly [modelName: string, client: string, sdk: Sdk])[] = [
  ["kinesis", "Kinesis", kinesis],
  ["events", "EventBridge", events],
  ["connect", "Connect", connect],
  ["sqs", "SQS", sqs],
  ["logs", "CloudWatchLogs", logs],
  ["sts", "STS", sts],
  ["iam", "IAM", iam],
  ["lambda", "Lambda", lambda],
  ["firehose", "Firehose", firehose],
  ["connectcases", "ConnectCases", cases],
  ["customer-profiles", "CustomerProfiles", profiles],
  ["connectcampaignsv2", "ConnectCampaignsV2", campaigns],
  ["apigateway", "APIGateway", apiGateway],
];
/** Not among those that are held to every operation: it wants buckets whose names make hosts. */
const s3Sdk: readonly [modelName: string, client: string, sdk: Sdk] = ["s3", "S3", s3];

const ids = new SeededIds("sdk");
type Answer = (request: RawRequest, labels: Record<string, string>) => RawResponse;

/** Sends a command through an unmodified client whose requests go to `answer`. */
async function send(model: ServiceModel, operation: string, input: Input, answer: Answer): Promise<Input> {
  const [, clientName, sdk] = [...sdks, s3Sdk].find(([name]) => name === model.name) ?? assert.fail(model.name);
  const client = new sdk[`${clientName}Client`]({
    region: "us-east-1",
    endpoint: "http://127.0.0.1:4510",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    md5: false,
    forcePathStyle: true,
    useQueueUrlAsEndpoint: false,
    requestHandler: {
      handle: async (sent: HttpRequest) => {
        const request = await rawRequest(sent);
        const { status, headers, body } = answer(request, labelsOf(model, operation, request.path));
        const stream =
          body instanceof Uint8Array ? Readable.from(body.length === 0 ? [] : [body]) : Readable.from(body);
        return {
          response: new HttpResponse({ statusCode: status, headers: headers as Record<string, string>, body: stream }),
        };
      },
    },
  });
  const { $metadata, ...output } = await client.send(new sdk[`${operation}Command`](input));
  return output;
}

async function rawRequest({ method, path, query, headers, body }: HttpRequest): Promise<RawRequest> {
  const parameters = Object.entries(query ?? {}).flatMap(([name, values]) =>
    [values ?? ""].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, path, query: parameters.join("&"), headers: lowerCase, body: Buffer.from(body ?? "") };
}

function labelsOf(model: ServiceModel, operation: string, path: string): Record<string, string> {
  const template = String(model.operations[operation]?.uri.split("?")[0]);
  const source = template.replace(/\{(\w+)\+\}/g, "(?<$1>.+)").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return { ...new RegExp(`^${source}$`).exec(path)?.groups };
}

/** The operations that both our model and the installed client know. */
function sharedOperations(modelName: string, sdk: Sdk): [ServiceModel, string][] {
  const model = loadModel(modelName);
  return Object.keys(model.operations)
    .filter((operation) => sdk[`${operation}Command`] !== undefined)
    .map((operation) => [model, operation]);
}

/**
 * An input with its idempotency tokens, which clients would fill in; without what would send the request elsewhere; and for forms,
 * without what is empty and so leaves no trace.
 */
function inputOf(model: ServiceModel, operation: string): Input {
  const shapeName = model.operations[operation]?.input;
  if (shapeName === undefined) return {};
  const tokens = Object.entries(structureNamed(model, shapeName).members).filter(
    ([, member]) => member.idempotencyToken,
  );
  const inputs = fc.sample(validInput(model, shapeName), { numRuns: model.protocol === "query" ? 50 : 1, seed: 7 });
  const input = inputs.find((candidate) => model.protocol !== "query" || !holdsNothing(candidate)) ?? {};
  for (const [name] of tokens) input[name] ??= "0b7f2e2c-6f0a-4c59-9d7e-2f1c7d1f5a10";
  delete input.EndpointId;
  return input;
}

function holdsNothing(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.values(value).some((held) => (isRecord(held) && Object.keys(held).length === 0) || holdsNothing(held))
  );
}

/** Clients as new as our models, which must agree on everything. Older ones drop members that they do not know. */
const upToDate: ReadonlySet<string> = new Set(["kinesis", "events", "sqs", "logs", "sts", "iam", "firehose"]);

for (const [modelName, , sdk] of sdks) {
  const assertAgree = upToDate.has(modelName) ? assertSame : assertSameInCommon;

  test(`${modelName}: what the SDK sends is what its caller meant`, async () => {
    for (const [model, operation] of sharedOperations(modelName, sdk)) {
      const input = inputOf(model, operation);
      let decoded: unknown;
      const answer = (request: RawRequest, labels: Record<string, string>): never => {
        decoded = decodeInput(model, operation, labels, request, ids);
        throw new Error("seen enough");
      };
      await assert.rejects(send(model, operation, structuredClone(input), answer), /seen enough/, operation);
      assertAgree(decoded, input, operation);
    }
  });

  test(`${modelName}: what we answer is what the SDK reads`, async () => {
    for (const [model, operation] of sharedOperations(modelName, sdk)) {
      const shapeName = model.operations[operation]?.output;
      if (shapeName === undefined || eventStreamMember(model, shapeName) || bareBodies.has(operation)) continue;
      const [output] = fc.sample(validInput(model, shapeName), { numRuns: 1, seed: 8 });
      const answer = (request: RawRequest): RawResponse => encodeOutput(model, operation, output, request, "id");
      assertAgree(await send(model, operation, inputOf(model, operation), answer), output, operation);
    }
  });
}

/** Their outputs are the body itself, which is bytes or a stream for the client whether there is one or not. */
const bareBodies: ReadonlySet<string> = new Set(["Invoke", "GetExport", "GetSdk", "CreateSegmentEstimate"]);

function assertSame(actual: unknown, expected: unknown, operation: string): void {
  assert.deepEqual(plain(actual), plain(expected), operation);
}

/** Equal in the members that both have: an older client knows fewer, and adds what it sees of the answer itself. */
function assertSameInCommon(actual: unknown, expected: unknown, operation: string): void {
  if (isRecord(actual) && isRecord(expected)) {
    for (const key of Object.keys(expected)) {
      if (key in actual) assertSameInCommon(actual[key], expected[key], `${operation}.${key}`);
    }
  } else assertSame(actual, expected, operation);
}

function isRecord(value: unknown): value is Input {
  return typeof value === "object" && value !== null && !(value instanceof Date) && !(value instanceof Uint8Array);
}

/** Buffers and other byte arrays alike, and without prototypes. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, plain(element)]));
}

test("SDKs see each protocol's errors as what they are", async () => {
  const cases: readonly (readonly [model: string, operation: string, input: Input, code: string, status: number])[] = [
    ["kinesis", "DescribeStream", { StreamName: "a" }, "ResourceNotFoundException", 400],
    ["sqs", "GetQueueUrl", { QueueName: "a" }, "QueueDoesNotExist", 400],
    ["connect", "DescribeContact", { InstanceId: "a", ContactId: "b" }, "ResourceNotFoundException", 404],
    ["lambda", "GetFunction", { FunctionName: "a" }, "ResourceNotFoundException", 404],
    ["iam", "GetRole", { RoleName: "a" }, "NoSuchEntityException", 404],
    ["apigateway", "GetRestApi", { restApiId: "a" }, "NotFoundException", 404],
    ["s3", "GetObject", { Bucket: "bucket", Key: "a/b c" }, "NoSuchKey", 404],
  ];
  for (const [modelName, operation, input, code, status] of cases) {
    const model = loadModel(modelName);
    const failure = new ModeledError(code, `No such thing as ${operation} wants.`);
    await assert.rejects(
      send(model, operation, input, (request) => encodeError(model, operation, failure, request, "request-1")),
      (error: Error & { $metadata?: { httpStatusCode?: number; requestId?: string } }) => {
        assert.equal(error.name, code);
        assert.equal(error.message, `No such thing as ${operation} wants.`);
        assert.equal(error.$metadata?.httpStatusCode, status);
        assert.equal(error.$metadata?.requestId, "request-1");
        return true;
      },
    );
  }
});

test("SubscribeToShard begins with its initial response, and ends with the exception that ended it", async () => {
  const model = loadModel("kinesis");
  const input = { ConsumerARN: "arn", ShardId: "shardId-0", StartingPosition: { Type: "LATEST" } };
  const arrival = new Date("2026-11-21T10:00:00.123Z");
  const record = {
    SequenceNumber: "1",
    Data: Buffer.from("hello"),
    PartitionKey: "p",
    ApproximateArrivalTimestamp: arrival,
  };
  async function* stream(): AsyncGenerator<unknown> {
    yield { SubscribeToShardEvent: { Records: [record], ContinuationSequenceNumber: "1", MillisBehindLatest: 0 } };
    throw new ModeledError("ResourceInUseException", "Another consumer took over.");
  }
  const output = await send(model, "SubscribeToShard", input, (request) =>
    encodeOutput(model, "SubscribeToShard", { EventStream: stream() }, request, "id"),
  );

  const seen: Input[] = [];
  const readAll = async (): Promise<void> => {
    for await (const event of output.EventStream as AsyncIterable<Input>) seen.push(event);
  };
  await assert.rejects(readAll(), { name: "ResourceInUseException", message: "Another consumer took over." });
  assert.deepEqual(
    plain(seen),
    plain([{ SubscribeToShardEvent: { Records: [record], ContinuationSequenceNumber: "1", MillisBehindLatest: 0 } }]),
  );
});

test("S3 clients get objects, their metadata and listings", async () => {
  const model = loadModel("s3");
  const put = {
    Bucket: "bucket",
    Key: "a/b c.json",
    Body: Buffer.from("{}"),
    Metadata: { owner: "me" },
    ContentType: "application/json",
  };
  let stored: Input = {};
  await send(model, "PutObject", put, (request, labels) => {
    stored = decodeInput(model, "PutObject", labels, request, ids) as Input;
    return encodeOutput(model, "PutObject", { ETag: '"e"' }, request, "id");
  });
  assert.equal(stored.Key, "a/b c.json");
  assert.deepEqual(stored.Metadata, { owner: "me" });
  assert.deepEqual(stored.Body, Buffer.from("{}"));

  const lastModified = new Date("2026-11-21T10:00:00Z");
  const object = {
    Body: Readable.from([Buffer.from("{}")]),
    Metadata: { owner: "me" },
    LastModified: lastModified,
    ContentLength: 2,
  };
  const got = await send(model, "GetObject", { Bucket: "bucket", Key: "k" }, (request) =>
    encodeOutput(model, "GetObject", object, request, "id"),
  );
  assert.deepEqual(got.Metadata, { owner: "me" });
  assert.deepEqual(got.LastModified, lastModified);
  assert.equal(await (got.Body as { transformToString(): Promise<string> }).transformToString(), "{}");

  const listing = {
    Name: "bucket",
    KeyCount: 2,
    IsTruncated: false,
    Contents: [
      { Key: "a & <b>", Size: 1, LastModified: lastModified },
      { Key: "c", Size: 2, LastModified: lastModified },
    ],
    CommonPrefixes: [{ Prefix: "d/" }],
  };
  const listed = await send(model, "ListObjectsV2", { Bucket: "bucket" }, (request) =>
    encodeOutput(model, "ListObjectsV2", listing, request, "id"),
  );
  assert.deepEqual(plain(listed), listing);
});
