/** Firehose as its SDK sees it: delivery streams, records put and read from Kinesis, objects in S3, and an HTTP endpoint that misbehaves. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import {
  type CreateDeliveryStreamCommandInput,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type ExtendedS3DestinationConfiguration,
  FirehoseClient,
  type HttpEndpointDestinationConfiguration,
  ListDeliveryStreamsCommand,
  ListTagsForDeliveryStreamCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
  StartDeliveryStreamEncryptionCommand,
  StopDeliveryStreamEncryptionCommand,
  TagDeliveryStreamCommand,
  UntagDeliveryStreamCommand,
  UpdateDestinationCommand,
} from "@aws-sdk/client-firehose";
import {
  CreateStreamCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand as PutKinesisRecordCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { openFirehose, RoleARN, soon } from "./firehose-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

/** An endpoint may take so long here, of wall time. */
const server = await startTrunkline("--limit", "firehose.http-endpoint-timeout-ms=200");
const { firehose, s3, bucket, create, toBucket, put, describe, keysOf, bytesOf, textsOf } = openFirehose(server);
const other = new FirehoseClient(server.clientOf("other"));
const kinesis = new KinesisClient(server.client);

async function refusal(call: Promise<unknown>): Promise<[name: string, message: string]> {
  const error = await call.then(
    (answer) => assert.fail(`It succeeds: ${JSON.stringify(answer)}`),
    (error: Error) => error,
  );
  return [error.name, error.message];
}

suite("delivery streams", () => {
  test("a stream is created, described, listed, tagged and deleted", async () => {
    const { BucketARN } = await bucket();
    const { DeliveryStreamARN } = await create("orders", {
      S3DestinationConfiguration: { RoleARN, BucketARN },
      Tags: [{ Key: "team", Value: "a" }],
    });
    assert.equal(DeliveryStreamARN, "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders");
    const described = await describe("orders");
    assert.equal(described?.DeliveryStreamStatus, "ACTIVE");
    assert.equal(described.DeliveryStreamType, "DirectPut");
    assert.equal(described.VersionId, "1");
    assert.deepEqual(described.DeliveryStreamEncryptionConfiguration, { Status: "DISABLED" });
    const [destination] = described.Destinations ?? [];
    assert.equal(destination?.DestinationId, "destinationId-000000000001");
    for (const form of [destination.S3DestinationDescription, destination.ExtendedS3DestinationDescription]) {
      assert.deepEqual(form?.BufferingHints, { SizeInMBs: 5, IntervalInSeconds: 300 });
      assert.equal(form.CompressionFormat, "UNCOMPRESSED");
      assert.deepEqual(form.EncryptionConfiguration, { NoEncryptionConfig: "NoEncryption" });
    }
    assert.equal(destination.ExtendedS3DestinationDescription?.S3BackupMode, "Disabled");

    const again = create("orders", { S3DestinationConfiguration: { RoleARN, BucketARN } });
    assert.equal((await refusal(again))[0], "ResourceInUseException");

    const DeliveryStreamName = "orders";
    await firehose.send(new TagDeliveryStreamCommand({ DeliveryStreamName, Tags: [{ Key: "x", Value: "1" }] }));
    const tags = () => firehose.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName, Limit: 1 }));
    assert.deepEqual((await tags()).Tags, [{ Key: "team", Value: "a" }]);
    assert.equal((await tags()).HasMoreTags, true);
    await firehose.send(new UntagDeliveryStreamCommand({ DeliveryStreamName, TagKeys: ["team"] }));
    assert.deepEqual((await tags()).Tags, [{ Key: "x", Value: "1" }]);

    await toBucket("orders-b");
    const first = await firehose.send(new ListDeliveryStreamsCommand({ Limit: 1 }));
    assert.deepEqual([first.DeliveryStreamNames, first.HasMoreDeliveryStreams], [["orders"], true]);
    const ExclusiveStartDeliveryStreamName = "orders";
    const rest = await firehose.send(new ListDeliveryStreamsCommand({ ExclusiveStartDeliveryStreamName }));
    assert.deepEqual([rest.DeliveryStreamNames, rest.HasMoreDeliveryStreams], [["orders-b"], false]);

    await firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }));
    assert.deepEqual(await refusal(describe("orders")), [
      "ResourceNotFoundException",
      "Firehose orders under account 000000000000 not found.",
    ]);
  });

  test("encryption is told of", async () => {
    const DeliveryStreamName = "encrypted";
    await toBucket(DeliveryStreamName);
    await firehose.send(new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName }));
    const on = (await describe(DeliveryStreamName))?.DeliveryStreamEncryptionConfiguration;
    assert.deepEqual(on, { Status: "ENABLED", KeyType: "AWS_OWNED_CMK" });
    assert.equal((await put(DeliveryStreamName, "x")).Encrypted, true);
    await firehose.send(new StopDeliveryStreamEncryptionCommand({ DeliveryStreamName }));
    assert.equal((await put(DeliveryStreamName, "x")).Encrypted, false);
    const DeliveryStreamEncryptionConfigurationInput = { KeyType: "CUSTOMER_MANAGED_CMK" } as const;
    const keyless = new StartDeliveryStreamEncryptionCommand({
      DeliveryStreamName,
      DeliveryStreamEncryptionConfigurationInput,
    });
    assert.equal((await refusal(firehose.send(keyless)))[0], "InvalidArgumentException");
  });

  test("what cannot be is refused", async () => {
    const { BucketARN } = await bucket();
    const s3Config = { RoleARN, BucketARN };
    const S3DestinationConfiguration = s3Config;
    const extended = (more: Partial<ExtendedS3DestinationConfiguration>) => ({
      ExtendedS3DestinationConfiguration: { ...s3Config, ...more },
    });
    const lambda = (more: { ParameterName: "NumberOfRetries"; ParameterValue: string }[]) => ({
      Enabled: true,
      Processors: [{ Type: "Lambda" as const, Parameters: more }],
    });
    const wrong: readonly [Omit<CreateDeliveryStreamCommandInput, "DeliveryStreamName">, RegExp][] = [
      [{}, /Exactly one destination/],
      [{ S3DestinationConfiguration, ...extended({}) }, /Exactly one destination/],
      [{ S3DestinationConfiguration, DeliveryStreamType: "MSKAsSource" }, /MSKAsSource is not built/],
      [{ S3DestinationConfiguration, DeliveryStreamType: "KinesisStreamAsSource" }, /is required/],
      [
        {
          SplunkDestinationConfiguration: {
            HECEndpoint: "https://x",
            HECEndpointType: "Raw",
            HECToken: "x",
            S3Configuration: s3Config,
          },
        },
        /SplunkDestinationConfiguration is not built/,
      ],
      [extended({ BufferingHints: { SizeInMBs: 5 } }), /Both SizeInMBs and IntervalInSeconds/],
      [extended({ Prefix: "a/!{timestamp:yyyy}/" }), /ErrorOutputPrefix must be specified/],
      [extended({ Prefix: "a/!{timestamp:yyyy}/", ErrorOutputPrefix: "b/" }), /error-output-type/],
      [extended({ Prefix: "!{firehose:error-output-type}", ErrorOutputPrefix: "b/" }), /Prefix cannot contain/],
      [extended({ Prefix: "!{timestamp:yyyy-bb}" }), /Unknown pattern letter: b/],
      [extended({ Prefix: "!{moon:full}" }), /invalid expression/],
      [extended({ Prefix: "!{partitionKeyFromQuery:a}" }), /dynamic partitioning is not built/],
      [extended({ CompressionFormat: "HADOOP_SNAPPY" }), /HADOOP_SNAPPY is not built/],
      [extended({ S3BackupMode: "Enabled" }), /S3BackupConfiguration must be specified/],
      [extended({ CustomTimeZone: "Mars/Olympus" }), /not a valid time zone/],
      [extended({ DynamicPartitioningConfiguration: { Enabled: true } }), /not built/],
      [extended({ ProcessingConfiguration: { Enabled: true } }), /At least one processor/],
      [extended({ ProcessingConfiguration: lambda([]) }), /LambdaArn must be specified/],
      [
        extended({ ProcessingConfiguration: { Enabled: true, Processors: [{ Type: "CloudWatchLogProcessing" }] } }),
        /needs processor Decompression/,
      ],
      [
        extended({
          ProcessingConfiguration: {
            Enabled: true,
            Processors: [
              {
                Type: "Decompression",
                Parameters: [{ ParameterName: "CompressionFormat", ParameterValue: "ZIP" }],
              },
            ],
          },
        }),
        /must be GZIP/,
      ],
      [
        extended({ ProcessingConfiguration: { Enabled: true, Processors: [{ Type: "MetadataExtraction" }] } }),
        /MetadataExtraction is not built/,
      ],
      [extended({ CloudWatchLoggingOptions: { Enabled: true } }), /LogGroupName and LogStreamName/],
      [
        {
          HttpEndpointDestinationConfiguration: {
            EndpointConfiguration: { Url: "http://example.com/" },
            S3Configuration: s3Config,
          },
        },
        /valid HTTPS URL/,
      ],
    ];
    for (const [input, message] of wrong) {
      const [name, text] = await refusal(create("wrong", input));
      assert.equal(name, "InvalidArgumentException");
      assert.match(text, message);
    }
    assert.equal((await refusal(describe("wrong")))[0], "ResourceNotFoundException");
  });

  test("another account gets at nothing", async () => {
    const DeliveryStreamName = "private";
    await toBucket(DeliveryStreamName);
    const Record = { Data: Buffer.from("x") };
    for (const call of [
      other.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName })),
      other.send(new PutRecordCommand({ DeliveryStreamName, Record })),
      other.send(new PutRecordBatchCommand({ DeliveryStreamName, Records: [Record] })),
      other.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName })),
    ]) {
      assert.equal((await refusal(call))[0], "ResourceNotFoundException");
    }
    assert.deepEqual((await other.send(new ListDeliveryStreamsCommand({}))).DeliveryStreamNames, []);
  });
});

suite("objects", () => {
  test("records lie one behind the other in an object, once their time has come", async () => {
    const Bucket = await toBucket("plain");
    await put("plain", "a");
    const batch = await firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: "plain",
        Records: ["b", "c"].map((text) => ({ Data: Buffer.from(text) })),
      }),
    );
    assert.equal(batch.FailedPutCount, 0);
    assert.equal(new Set(batch.RequestResponses?.map(({ RecordId }) => RecordId)).size, 2);
    await server.advance("PT59S");
    assert.deepEqual(await keysOf(Bucket), []);
    await server.advance("PT1S");
    const [key = ""] = await keysOf(Bucket);
    assert.match(key, /^\d{4}\/\d\d\/\d\d\/\d\d\/plain-1-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9a-f-]{36}$/);
    assert.deepEqual(await textsOf(Bucket), ["abc"]);
    await server.advance("PT10M");
    assert.equal((await keysOf(Bucket)).length, 1);
  });

  test("a buffer that is full does not wait", async () => {
    const Bucket = await toBucket("full");
    const text = "x".repeat(600_000);
    for (let i = 0; i < 4; i++) await put("full", text);
    await server.advance("PT0S");
    assert.deepEqual(
      (await textsOf(Bucket)).map(({ length }) => length),
      [1_200_000, 1_200_000],
    );
  });

  test("prefixes, extensions, packing and delimiters are as they are asked for", async () => {
    const delimited = await toBucket("delimited", {
      Prefix: "ctr/dt=!{timestamp:yyyy-MM-dd}/!{firehose:random-string}/",
      ErrorOutputPrefix: "wrong/!{firehose:error-output-type}/",
      CompressionFormat: "GZIP",
      CustomTimeZone: "Europe/Berlin",
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          {
            Type: "AppendDelimiterToRecord",
            Parameters: [{ ParameterName: "Delimiter", ParameterValue: "\\n" }],
          },
        ],
      },
    });
    const zip = await toBucket("zip", { Prefix: "z/", CompressionFormat: "ZIP", FileExtension: ".z.zip" });
    const snappy = await toBucket("snappy", { CompressionFormat: "Snappy" });
    for (const name of ["delimited", "zip", "snappy"]) {
      await put(name, "one");
      await put(name, "two");
    }
    await server.advance("PT1M");
    const [gz = ""] = await keysOf(delimited);
    assert.match(gz, /^ctr\/dt=\d{4}-\d\d-\d\d\/[a-z0-9]{11}\/delimited-1-.*\.gz$/);
    assert.equal(gunzipSync(await bytesOf(delimited, gz)).toString(), "one\ntwo\n");
    const [zipKey = ""] = await keysOf(zip);
    assert.match(zipKey, /^z\/\d{4}\/\d\d\/\d\d\/\d\d\/zip-1-.*\.z\.zip$/);
    assert.equal((await bytesOf(zip, zipKey)).subarray(0, 2).toString(), "PK");
    const [snappyKey = ""] = await keysOf(snappy);
    assert.match(snappyKey, /\.snappy$/);
    assert.equal((await bytesOf(snappy, snappyKey)).subarray(4, 10).toString(), "sNaPpY");
  });

  test("a bucket that is not there yet gets its object when it is", async () => {
    const BucketARN = "arn:aws:s3:::later-made";
    await create("early", { S3DestinationConfiguration: { RoleARN, BucketARN, BufferingHints: soon } });
    await put("early", "patience");
    await server.advance("PT1H");
    await s3.send(new CreateBucketCommand({ Bucket: "later-made" }));
    await server.advance("PT10M");
    assert.deepEqual(await textsOf("later-made"), ["patience"]);
  });

  test("a stream that is deleted delivers what it took", async () => {
    const Bucket = await toBucket("doomed");
    await put("doomed", "last words");
    await firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: "doomed" }));
    await server.advance("PT1S");
    assert.deepEqual(await textsOf(Bucket), ["last words"]);
    const { store } = server.app.platform();
    const left = (await store.logs("firehose/")).length;
    const streams = (await firehose.send(new ListDeliveryStreamsCommand({ Limit: 100 }))).DeliveryStreamNames;
    assert.equal(left, streams?.length);
  });

  test("a destination that is updated gets what comes after", async () => {
    const Bucket = await toBucket("updated");
    await put("updated", "before");
    const update = (CurrentDeliveryStreamVersionId: string, DestinationId = "destinationId-000000000001") =>
      firehose.send(
        new UpdateDestinationCommand({
          DeliveryStreamName: "updated",
          CurrentDeliveryStreamVersionId,
          DestinationId,
          ExtendedS3DestinationUpdate: { Prefix: "new/" },
        }),
      );
    assert.equal((await refusal(update("2")))[0], "ConcurrentModificationException");
    assert.equal((await refusal(update("1", "another")))[0], "InvalidArgumentException");
    await server.advance("PT0S");
    await update("1");
    assert.equal((await describe("updated"))?.VersionId, "2");
    await put("updated", "after");
    await server.advance("PT1M");
    assert.deepEqual(
      (await keysOf(Bucket)).map((key) => /(new\/)?.*(-\d-)\d{4}-/.exec(key)?.slice(1)),
      [
        [undefined, "-1-"],
        ["new/", "-2-"],
      ],
    );
    assert.deepEqual(await textsOf(Bucket), ["before", "after"]);
  });
});

suite("a Kinesis stream as source", () => {
  test("records that come after the creation are delivered, over a resharding too", async () => {
    const StreamName = "source";
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    const write = (text: string) =>
      kinesis.send(new PutKinesisRecordCommand({ StreamName, PartitionKey: text, Data: Buffer.from(text) }));
    await write("before ");
    const { Bucket, BucketARN } = await bucket();
    const KinesisStreamARN = "arn:aws:kinesis:us-east-1:000000000000:stream/source";
    await create("sourced", {
      DeliveryStreamType: "KinesisStreamAsSource",
      KinesisStreamSourceConfiguration: { KinesisStreamARN, RoleARN },
      S3DestinationConfiguration: { RoleARN, BucketARN, BufferingHints: soon },
    });
    const source = (await describe("sourced"))?.Source?.KinesisStreamSourceDescription;
    assert.equal(source?.KinesisStreamARN, KinesisStreamARN);
    assert.ok(source.DeliveryStartTimestamp);
    await write("one ");
    const ShardToSplit = "shardId-000000000000";
    await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey: String(2n ** 127n) }));
    assert.equal((await kinesis.send(new ListShardsCommand({ StreamName }))).Shards?.length, 3);
    for (const text of ["two ", "three ", "four "]) await write(text);
    await server.advance("PT1M");
    const words = (await textsOf(Bucket)).join("").trim().split(" ").sort();
    assert.deepEqual(words, ["four", "one", "three", "two"]);
    assert.equal((await refusal(put("sourced", "x")))[0], "InvalidArgumentException");
  });
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An endpoint that answers as told; what is not told is taken. */
async function endpoint(answers: ((response: ServerResponse, requestId: string) => void)[] = []) {
  const received: Received[] = [];
  const http = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(pieces) });
      const requestId = String(request.headers["x-amz-firehose-request-id"]);
      (answers.shift() ?? accept)(response, requestId);
    });
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  after(() => {
    http.close();
    http.closeAllConnections();
  });
  return { Url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/in`, received };
}

function accept(response: ServerResponse, requestId: string): void {
  answer(response, 200, { requestId, timestamp: 1 });
}

function answer(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function toEndpoint(
  name: string,
  Url: string,
  more: Partial<HttpEndpointDestinationConfiguration> = {},
): Promise<string> {
  const { Bucket, BucketARN } = await bucket();
  await create(name, {
    HttpEndpointDestinationConfiguration: {
      EndpointConfiguration: { Url, Name: "mine", AccessKey: "s3cret-key" },
      BufferingHints: soon,
      S3Configuration: { RoleARN, BucketARN, BufferingHints: soon },
      ...more,
    },
  });
  return Bucket;
}

suite("an HTTP endpoint", () => {
  test("gets records as documented, and nobody is shown its key", async () => {
    const { Url, received } = await endpoint();
    const Bucket = await toEndpoint("http", Url, {
      RequestConfiguration: { CommonAttributes: [{ AttributeName: "env", AttributeValue: "dev" }] },
    });
    const described = (await describe("http"))?.Destinations?.[0]?.HttpEndpointDestinationDescription;
    assert.deepEqual(described?.EndpointConfiguration, { Url, Name: "mine" });
    assert.equal(described.S3BackupMode, "FailedDataOnly");
    assert.deepEqual(described.RetryOptions, { DurationInSeconds: 300 });
    await put("http", "a");
    await put("http", "bb");
    await server.advance("PT1M");
    const [{ headers, body } = assert.fail("Nothing arrived")] = received;
    const { requestId, timestamp, records } = JSON.parse(body.toString());
    assert.deepEqual(records, [{ data: "YQ==" }, { data: "YmI=" }]);
    assert.equal(typeof timestamp, "number");
    assert.equal(headers["x-amz-firehose-request-id"], requestId);
    assert.equal(headers["x-amz-firehose-protocol-version"], "1.0");
    assert.equal(headers["x-amz-firehose-access-key"], "s3cret-key");
    assert.equal(headers["content-length"], String(body.length));
    assert.equal(headers["x-amz-firehose-common-attributes"], '{"commonAttributes":{"env":"dev"}}');
    assert.match(String(headers["x-amz-firehose-source-arn"]), /deliverystream\/http$/);
    assert.deepEqual(await keysOf(Bucket), []);
  });

  test("that fails or lies is asked again, with the same id, until it takes the records", async () => {
    const { Url, received } = await endpoint([
      (response) => answer(response, 500, { errorMessage: "no" }),
      (response) => answer(response, 302, {}, { location: Url }),
      (response) => answer(response, 200, { requestId: "another", timestamp: 1 }),
      (response, requestId) => answer(response, 200, { requestId, timestamp: 1 }, { "content-type": "text/html" }),
      (response) => response.writeHead(200, { "content-type": "application/json" }).end("{"),
      (response) => response.destroy(),
    ]);
    const Bucket = await toEndpoint("liar", Url, { RequestConfiguration: { ContentEncoding: "GZIP" } });
    await put("liar", "x");
    await server.advance("PT5M");
    assert.equal(received.length, 7);
    assert.equal(new Set(received.map(({ headers }) => headers["x-amz-firehose-request-id"])).size, 1);
    const [{ headers, body } = assert.fail("Nothing arrived")] = received;
    assert.equal(headers["content-encoding"], "gzip");
    assert.deepEqual(JSON.parse(gunzipSync(body).toString()).records, [{ data: "eA==" }]);
    assert.deepEqual(await keysOf(Bucket), []);
  });

  test("that hangs is given up after a while, and asked again", async () => {
    const { Url, received } = await endpoint([
      () => {},
      (response) => response.writeHead(200, { "content-type": "application/json" }).write("{"),
    ]);
    const Bucket = await toEndpoint("hangs", Url);
    await put("hangs", "x");
    await server.advance("PT5M");
    assert.equal(received.length, 3);
    assert.equal(new Set(received.map(({ body }) => JSON.parse(body.toString()).requestId)).size, 1);
    assert.deepEqual(await keysOf(Bucket), []);
  });

  test("that does not take them in time leaves them to the bucket", async () => {
    const { Url } = await endpoint(Array(50).fill((response: ServerResponse) => answer(response, 503, {})));
    const Bucket = await toEndpoint("down", Url, { RetryOptions: { DurationInSeconds: 60 } });
    const tooMuch = await endpoint([(response) => answer(response, 413, { errorMessage: "too much" })]);
    const all = await toEndpoint("all", tooMuch.Url, { S3BackupMode: "AllData" });
    await put("down", "a");
    await put("down", "b");
    await put("all", "c");
    await server.advance("PT3M");
    const [key = ""] = await keysOf(Bucket);
    assert.match(key, /^http-endpoint-failed\/\d{4}\//);
    const lines = (await textsOf(Bucket)).join("").trim().split("\n");
    const [line, second] = lines.map((text) => JSON.parse(text));
    assert.equal(line.errorCode, "HttpEndpoint.DestinationException");
    assert.match(line.errorMessage, /503/);
    assert.ok(line.attemptsMade > 3);
    assert.deepEqual([line.rawData, second.rawData], ["YQ==", "Yg=="]);
    const [failed = "", whole] = (await textsOf(all)).sort().reverse();
    assert.equal(whole, "c");
    assert.equal(JSON.parse(failed).attemptsMade, 1);
  });
});

test("how streams are is told to whoever looks", async () => {
  const statuses = async (as?: string) => {
    const asked = {
      service: "firehose",
      method: "GET",
      path: "/_trunkline/delivery-streams",
      ...(as && { accessKeyId: as }),
    };
    const { body } = await sendSigned(server.url, asked);
    const { deliveryStreams } = JSON.parse(body.toString()) as { deliveryStreams: Status[] };
    return (name: string) => deliveryStreams.find((stream) => stream.name === name);
  };
  const Bucket = await toBucket("looked-at");
  await put("looked-at", "abc");
  await create("nowhere", {
    S3DestinationConfiguration: { RoleARN, BucketARN: "arn:aws:s3:::nowhere", BufferingHints: soon },
  });
  await put("nowhere", "abcd");
  await server.advance("PT0S");
  const gathering = (await statuses())("looked-at");
  assert.equal(gathering?.destination, `arn:aws:s3:::${Bucket}`);
  assert.deepEqual(
    gathering.buffers.map(({ kind, records, bytes }) => [kind, records, bytes]),
    [["deliver", 1, 3]],
  );
  await server.advance("PT62S");
  const delivered = (await statuses())("looked-at");
  assert.deepEqual(delivered?.buffers, []);
  const [last] = delivered.lastDeliveries;
  assert.deepEqual([last?.to, last?.bucket, last?.key], ["s3", Bucket, (await keysOf(Bucket))[0]]);
  assert.deepEqual([last?.records, last?.bytes], [1, 3]);
  const nowhere = (await statuses())("nowhere");
  assert.deepEqual(
    nowhere?.waiting.map(({ to, records }) => [to, records]),
    [["s3", 1]],
  );
  assert.match(String(nowhere?.lastErrors[0]?.failure), /NoSuchBucket/);
  assert.equal((await statuses("other"))("looked-at"), undefined);
});

interface Status {
  readonly name: string;
  readonly destination: string;
  readonly buffers: readonly Readonly<Record<string, unknown>>[];
  readonly waiting: readonly Readonly<Record<string, unknown>>[];
  readonly lastDeliveries: readonly Readonly<Record<string, unknown>>[];
  readonly lastErrors: readonly Readonly<Record<string, unknown>>[];
}
