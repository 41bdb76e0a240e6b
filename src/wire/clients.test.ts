import assert from "node:assert/strict";
import { Readable } from "node:stream";
import test, { type TestContext } from "node:test";
import { ConnectClient, DescribeInstanceCommand, TagResourceCommand } from "@aws-sdk/client-connect";
import { ConnectCasesClient, ListTagsForResourceCommand as ListTagsOfCase } from "@aws-sdk/client-connectcases";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient, PutRecordCommand, PutRecordsCommand, SubscribeToShardCommand } from "@aws-sdk/client-kinesis";
import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { StreamingPayload } from "../models/streaming-payload.ts";
import { SystemWallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import { DEFAULT_CREDENTIAL } from "./credentials.ts";
import { startServer } from "./index.ts";

interface Called {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** A front door whose operations all answer the same, and what a client needs to find it. */
async function openDoor(
  t: TestContext,
  output: object | ((operation: string) => object),
): Promise<{ calls: Called[]; client: ClientConfig }> {
  const calls: Called[] = [];
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    wall: new SystemWallClock(),
    ids: new SeededIds("clients"),
    findCredential: (id) => (id === "test" ? DEFAULT_CREDENTIAL : undefined),
    findHandler: async (model, operation) => async (input) => {
      const { Body, ...members } = input as Called["input"] & { Body?: StreamingPayload };
      if (Body) for await (const _ of Body);
      calls.push({
        operation: `${model} ${operation}`,
        input: Body ? { ...members, checksum: Body.checksum } : members,
      });
      return typeof output === "function" ? output(operation) : output;
    },
  });
  t.after(() => server.close(0));
  return { calls, client: { endpoint: server.url, region: "eu-west-1", credentials: DEFAULT_CREDENTIAL } };
}

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: typeof DEFAULT_CREDENTIAL;
}

const RECORD = { StreamName: "a", PartitionKey: "p", Data: Buffer.from("data") };

test("the Kinesis client is served over HTTP/2, as it speaks by itself", async (t) => {
  const { calls, client } = await openDoor(t, { ShardId: "shardId-000000000000", SequenceNumber: "1" });
  const kinesis = new KinesisClient(client);
  t.after(() => kinesis.destroy());
  const answers = await Promise.all(Array.from({ length: 20 }, () => kinesis.send(new PutRecordCommand(RECORD))));
  assert.ok(answers.every((answer) => answer.SequenceNumber === "1"));
  assert.equal(calls.length, 20);
  assert.deepEqual(Buffer.from(calls[0]?.input.Data as Uint8Array), RECORD.Data);
});

test("ten MiB of records fit through both versions of HTTP", async (t) => {
  const { calls, client } = await openDoor(t, { FailedRecordCount: 0, Records: [] });
  const Records = Array.from({ length: 10 }, () => ({ PartitionKey: "p", Data: Buffer.alloc(1_048_576 - 1) }));
  for (const kinesis of [
    new KinesisClient(client),
    new KinesisClient({ ...client, requestHandler: new NodeHttpHandler() }),
  ]) {
    t.after(() => kinesis.destroy());
    await kinesis.send(new PutRecordsCommand({ StreamName: "a", Records }));
  }
  assert.equal(calls.length, 2);
});

test("events are pushed as they come, and end when the client turns away", async (t) => {
  let ended = Promise.withResolvers<void>();
  const EventStream = async function* () {
    try {
      for (let number = 1; ; number++) {
        yield {
          SubscribeToShardEvent: { Records: [], ContinuationSequenceNumber: String(number), MillisBehindLatest: 0 },
        };
      }
    } finally {
      ended.resolve();
    }
  };
  const { client } = await openDoor(t, () => ({ EventStream: EventStream() }));
  for (const kinesis of [
    new KinesisClient(client),
    new KinesisClient({ ...client, requestHandler: new NodeHttpHandler() }),
  ]) {
    t.after(() => kinesis.destroy());
    ended = Promise.withResolvers();
    const away = new AbortController();
    const { EventStream: events = [] } = await kinesis.send(
      new SubscribeToShardCommand({
        ConsumerARN: "arn:aws:kinesis:eu-west-1:000000000000:stream/a/consumer/b:1",
        ShardId: "shardId-000000000000",
        StartingPosition: { Type: "LATEST" },
      }),
      { abortSignal: away.signal },
    );
    const numbers: unknown[] = [];
    for await (const event of events) {
      numbers.push(event.SubscribeToShardEvent?.ContinuationSequenceNumber);
      if (numbers.length === 3) break;
    }
    assert.deepEqual(numbers, ["1", "2", "3"]);
    away.abort();
    await ended.promise;
  }
});

test("clients of the other JSON, query and REST services get through", async (t) => {
  const { calls, client } = await openDoor(t, {});
  const instance = "11111111-1111-4111-8111-111111111111";
  const arn = `arn:aws:connect:eu-west-1:000000000000:instance/${instance}/agent/ä b`;
  await new EventBridgeClient(client).send(
    new PutEventsCommand({ Entries: [{ Source: "s", DetailType: "d", Detail: "{}" }] }),
  );
  await new SQSClient(client).send(new ListQueuesCommand({ QueueNamePrefix: "a" }));
  await new STSClient(client).send(new GetCallerIdentityCommand({}));
  await new ConnectClient(client).send(new DescribeInstanceCommand({ InstanceId: instance }));
  await new ConnectClient(client).send(new TagResourceCommand({ resourceArn: arn, tags: { a: "b" } }));
  await new ConnectCasesClient(client).send(
    new ListTagsOfCase({ arn: "arn:aws:cases:eu-west-1:000000000000:domain/d" }),
  );
  assert.deepEqual(
    calls.map(({ operation }) => operation),
    [
      "events PutEvents",
      "sqs ListQueues",
      "sts GetCallerIdentity",
      "connect DescribeInstance",
      "connect TagResource",
      "connectcases ListTagsForResource",
    ],
  );
  assert.deepEqual(calls[4]?.input, { resourceArn: arn, tags: { a: "b" } });
});

test("the S3 client's paths, checksums and chunked uploads are understood", async (t) => {
  const { calls, client } = await openDoor(t, (operation) =>
    operation === "CopyObject" ? { CopyObjectResult: { ETag: '"a"' } } : {},
  );
  const s3 = new S3Client(client);
  t.after(() => s3.destroy());
  const Key = "a folder//ü+'(x)&%2F/k";
  await s3.send(
    new PutObjectCommand({ Bucket: "bucket", Key, Body: "text", ContentEncoding: "gzip", Metadata: { a: "  b   c " } }),
  );
  await s3.send(
    new PutObjectCommand({
      Bucket: "bucket",
      Key,
      Body: Readable.from([Buffer.alloc(100_000, "a"), Buffer.from("b")]),
      ContentEncoding: "br",
      ContentLength: 100_001,
    }),
  );
  await s3.send(new GetObjectCommand({ Bucket: "bucket", Key, VersionId: "v" }));
  await s3.send(new CopyObjectCommand({ Bucket: "bucket", Key, CopySource: "other/key" }));
  await s3.send(new HeadObjectCommand({ Bucket: "bucket", Key }));
  assert.deepEqual(
    calls.map(({ operation, input }) => [operation, input.Bucket, input.Key]),
    ["PutObject", "PutObject", "GetObject", "CopyObject", "HeadObject"].map((operation) => [
      `s3 ${operation}`,
      "bucket",
      Key,
    ]),
  );
  const [whole, chunked] = calls as [Called, Called];
  assert.deepEqual([whole.input.ContentEncoding, chunked.input.ContentEncoding], ["gzip", "br"]);
  assert.deepEqual(whole.input.checksum, { algorithm: "CRC32", value: whole.input.ChecksumCRC32 });
  assert.deepEqual(chunked.input.checksum, { algorithm: "CRC32", value: "AnkbgA==" });
});

test("a body that does not match its checksum is refused", async (t) => {
  const { client } = await openDoor(t, {});
  const s3 = new S3Client(client);
  t.after(() => s3.destroy());
  const put = (more: object): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "text", ...more }));
  await assert.rejects(put({ ChecksumCRC32: "AAAAAA==" }), { name: "BadDigest" });
  await assert.rejects(put({ ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" }), { name: "BadDigest" });
  await put({ ChecksumAlgorithm: "SHA256" });
  await put({ ChecksumAlgorithm: "CRC32C" });
});

test("refusals reach the clients as their own errors", async (t) => {
  const { client } = await openDoor(t, {});
  const wrong = { ...client, credentials: { accessKeyId: "test", secretAccessKey: "wrong" } };
  const unknown = { ...client, credentials: { accessKeyId: "nobody", secretAccessKey: "x" } };
  const kinesis = (config: typeof wrong): Promise<unknown> => {
    const made = new KinesisClient(config);
    t.after(() => made.destroy());
    return made.send(new PutRecordCommand(RECORD));
  };
  await assert.rejects(kinesis(wrong), { name: "InvalidSignatureException" });
  await assert.rejects(kinesis(unknown), { name: "UnrecognizedClientException" });
  await assert.rejects(new STSClient(wrong).send(new GetCallerIdentityCommand({})), { name: "SignatureDoesNotMatch" });
  await assert.rejects(new STSClient(unknown).send(new GetCallerIdentityCommand({})), { name: "InvalidClientTokenId" });
  const get = new GetObjectCommand({ Bucket: "b", Key: "k" });
  await assert.rejects(new S3Client(wrong).send(get), { name: "SignatureDoesNotMatch" });
  await assert.rejects(new S3Client(unknown).send(get), { name: "InvalidAccessKeyId" });
  const describe = new DescribeInstanceCommand({ InstanceId: "11111111-1111-4111-8111-111111111111" });
  await assert.rejects(new ConnectClient(wrong).send(describe), { name: "InvalidSignatureException" });
});
