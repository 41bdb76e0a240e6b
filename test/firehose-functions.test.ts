/** Records that go through real functions on their way: what comes of those that they change, drop, fail on or do not answer for. */
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { suite, test } from "node:test";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type ProcessingConfiguration, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand as PutKinesisRecordCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { LambdaClient, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { openFirehose, RoleARN, soon } from "./firehose-world.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { firehose, bucket, create, toBucket, put, keysOf, textsOf } = openFirehose(server);

const Role = await createRole(server.client, "transforms");

/** One function for all: what it does is the name of the stream that asks. */
const SOURCE = `
const calls = {};
const text = ({ data }) => Buffer.from(data, "base64").toString();
const ok = (record, made = text(record).toUpperCase()) =>
  ({ recordId: record.recordId, result: "Ok", data: Buffer.from(made).toString("base64") });
const answers = {
  upper: (records) => records.map((record) => ok(record)),
  sorts: (records) => records.map((record) => {
    const { recordId } = record;
    const said = text(record);
    if (said === "drop") return { recordId, result: "Dropped", data: record.data };
    if (said === "fail") return { recordId, result: "ProcessingFailed", data: record.data };
    return ok(record);
  }),
  throws: () => { throw new Error("no"); },
  flaky: (records, call) => { if (call < 3) throw new Error("not yet"); return records.map((record) => ok(record)); },
  silent: (records) => records.slice(1).map((record) => ok(record)),
  twice: (records) => [...records, records[0]].map((record) => ok(record)),
  stranger: (records) => [...records.map((record) => ok(record)), { ...ok(records[0]), recordId: "nobody" }],
  "no-list": () => "nonsense",
  "no-result": (records) => records.map((record) => ({ ...ok(record), result: "Perhaps" })),
  "no-base64": (records) => records.map((record) => ({ ...ok(record), data: "%" })),
  count: ([first, ...rest]) => [
    ok(first, rest.length + 1 + " "),
    ...rest.map(({ recordId }) => ({ recordId, result: "Dropped" })),
  ],
  echo: (records, _, event) => records.map((record) => ok(record, JSON.stringify({ ...event, records: undefined, record }) + "\\n")),
};
export const handler = async (event) => {
  const name = event.deliveryStreamArn.split("/")[1];
  calls[name] = (calls[name] ?? 0) + 1;
  return { records: answers[name](event.records, calls[name], event) };
};`;
const { FunctionArn: LambdaArn = "" } = await createFunction(server.client, SOURCE, {
  FunctionName: "transform",
  Role,
});

function through(arn: string, more: Readonly<Record<string, string>> = {}): ProcessingConfiguration {
  const parameters = { LambdaArn: arn, BufferIntervalInSeconds: "0", ...more };
  const Parameters = Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
    ParameterName: ParameterName as "LambdaArn",
    ParameterValue,
  }));
  return { Enabled: true, Processors: [{ Type: "Lambda", Parameters }] };
}

/** A stream through a function to a bucket of its own. */
function transformed(name: string, arn: string = LambdaArn, more: Readonly<Record<string, string>> = {}) {
  return toBucket(name, { ProcessingConfiguration: through(arn, more) });
}

interface FailedLine {
  readonly attemptsMade: number;
  readonly arrivalTimestamp: number;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly attemptEndingTimestamp: number;
  readonly rawData: string;
  readonly lambdaArn: string;
}

/** What a bucket has: texts of records, and lines of those that failed. */
async function delivered(Bucket: string): Promise<{ texts: string; failed: FailedLine[] }> {
  const keys = await keysOf(Bucket);
  const contents = await textsOf(Bucket);
  const isFailed = (at: number): boolean => /^processing-failed\/\d{4}\/\d\d\/\d\d\/\d\d\//.test(keys[at] ?? "");
  const lines = contents.flatMap((text, at) => (isFailed(at) ? text.trim().split("\n") : []));
  return {
    texts: contents.filter((_, at) => !isFailed(at)).join(""),
    failed: lines.map((line) => JSON.parse(line) as FailedLine),
  };
}

const batch = (DeliveryStreamName: string, texts: readonly string[]) =>
  firehose.send(
    new PutRecordBatchCommand({ DeliveryStreamName, Records: texts.map((text) => ({ Data: Buffer.from(text) })) }),
  );

suite("a function", () => {
  test("changes records, drops them, or says that it failed on them", async () => {
    const Bucket = await transformed("sorts");
    await batch("sorts", ["one ", "drop", "fail", "two "]);
    await server.advance("PT1M");
    const { texts, failed } = await delivered(Bucket);
    assert.equal(texts, "ONE TWO ");
    const [line, ...others] = failed;
    assert.deepEqual(others, []);
    assert.equal(line?.errorCode, "Lambda.ProcessingFailedStatus");
    assert.equal(line.rawData, Buffer.from("fail").toString("base64"));
    assert.equal(line.attemptsMade, 1);
    assert.equal(line.lambdaArn, LambdaArn);
    assert.ok(line.arrivalTimestamp <= line.attemptEndingTimestamp);
  });

  test("that fails is asked again, as often as it is said", async () => {
    const flaky = await transformed("flaky");
    const throws = await transformed("throws", LambdaArn, { NumberOfRetries: "1" });
    await put("flaky", "third time");
    await put("throws", "never");
    await server.advance("PT10M");
    assert.deepEqual(await delivered(flaky), { texts: "THIRD TIME", failed: [] });
    const { texts, failed } = await delivered(throws);
    assert.equal(texts, "");
    assert.deepEqual(
      failed.map(({ errorCode, attemptsMade, rawData }) => [errorCode, attemptsMade, rawData]),
      [["Lambda.FunctionError", 2, Buffer.from("never").toString("base64")]],
    );
  });

  test("that answers wrongly fails by the code of what is wrong", async () => {
    const wrong = { silent: "MissingRecordId", twice: "DuplicatedRecordId" };
    const nonsense = ["no-list", "no-result", "no-base64"];
    const buckets = new Map<string, string>();
    for (const name of [...Object.keys(wrong), ...nonsense, "stranger"]) {
      buckets.set(name, await transformed(name, LambdaArn, { NumberOfRetries: "0" }));
      await batch(name, ["a", "b"]);
    }
    await server.advance("PT1M");
    for (const [name, code] of Object.entries(wrong)) {
      const { texts, failed } = await delivered(buckets.get(name) ?? "");
      assert.deepEqual([name, texts, failed.map(({ errorCode }) => errorCode)], [name, "B", [`Lambda.${code}`]]);
      assert.equal(failed[0]?.rawData, Buffer.from("a").toString("base64"));
    }
    for (const name of nonsense) {
      const { texts, failed } = await delivered(buckets.get(name) ?? "");
      const codes = failed.map(({ errorCode }) => errorCode);
      assert.deepEqual([name, texts, codes], [name, "", Array(2).fill("Lambda.JsonProcessingException")]);
    }
    assert.deepEqual(await delivered(buckets.get("stranger") ?? ""), { texts: "AB", failed: [] });
  });

  test("that is missing, throttled, another account's or too slow fails by name", async () => {
    const elsewhere = await createFunction(server.clientOf("other"), SOURCE, {
      FunctionName: "theirs",
      Role: await createRole(server.clientOf("other"), "theirs"),
    });
    const SLOW = "export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));";
    const { FunctionArn: slow = "" } = await createFunction(server.client, SLOW, {
      FunctionName: "slow",
      Role,
      Timeout: 1,
    });
    const { FunctionArn: full = "" } = await createFunction(server.client, SLOW, { FunctionName: "full", Role });
    const none = { FunctionName: "full", ReservedConcurrentExecutions: 0 };
    await new LambdaClient(server.client).send(new PutFunctionConcurrencyCommand(none));
    const cases = {
      missing: ["arn:aws:lambda:us-east-1:000000000000:function:nobody", "ResourceNotFound"],
      throttled: [full, "InvokeLimitExceeded"],
      theirs: [elsewhere.FunctionArn ?? "", "InvokeAccessDenied"],
      late: [slow, "FunctionTimedOut"],
    } as const;
    const buckets = new Map<string, string>();
    for (const [name, [arn]] of Object.entries(cases)) {
      buckets.set(name, await transformed(name, arn, { NumberOfRetries: "0" }));
      await put(name, name);
    }
    await server.advance("PT2M");
    for (const [name, [arn, code]] of Object.entries(cases)) {
      const { texts, failed } = await delivered(buckets.get(name) ?? "");
      const found = failed.map(({ errorCode, rawData, lambdaArn }) => [errorCode, rawData, lambdaArn]);
      assert.deepEqual([texts, found], ["", [[`Lambda.${code}`, Buffer.from(name).toString("base64"), arn]]]);
    }
  });

  test("of a stream with a backup leaves the source records in its bucket", async () => {
    const backup = await bucket();
    const Bucket = await toBucket("upper", {
      ProcessingConfiguration: through(LambdaArn),
      S3BackupMode: "Enabled",
      S3BackupConfiguration: { RoleARN, BucketARN: backup.BucketARN, Prefix: "source/", BufferingHints: soon },
    });
    await batch("upper", ["a", "b"]);
    await server.advance("PT1M");
    assert.deepEqual(await textsOf(Bucket), ["AB"]);
    assert.deepEqual(await textsOf(backup.Bucket), ["ab"]);
    assert.match((await keysOf(backup.Bucket))[0] ?? "", /^source\/\d{4}\//);
  });

  test("is told where records of a Kinesis stream come from, each of those that a producer packed into one", async () => {
    const kinesis = new KinesisClient(server.client);
    const StreamName = "packed";
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    const KinesisStreamARN = "arn:aws:kinesis:us-east-1:000000000000:stream/packed";
    const { Bucket, BucketARN } = await bucket();
    await create("echo", {
      DeliveryStreamType: "KinesisStreamAsSource",
      KinesisStreamSourceConfiguration: { KinesisStreamARN, RoleARN },
      ExtendedS3DestinationConfiguration: {
        RoleARN,
        BucketARN,
        BufferingHints: soon,
        ProcessingConfiguration: through(LambdaArn),
      },
    });
    const Data = aggregate([
      { key: "first", data: "one" },
      { key: "second", data: "two" },
      { key: "first", data: "three" },
    ]);
    const { SequenceNumber } = await kinesis.send(
      new PutKinesisRecordCommand({ StreamName, PartitionKey: "any", Data }),
    );
    await server.advance("PT2M");
    const events = (await textsOf(Bucket))
      .join("")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const [{ record, ...event }] = events;
    assert.equal(event.deliveryStreamArn, "arn:aws:firehose:us-east-1:000000000000:deliverystream/echo");
    assert.equal(event.sourceKinesisStreamArn, KinesisStreamARN);
    assert.equal(event.region, "us-east-1");
    assert.match(event.invocationId, /^[0-9a-f-]{36}$/);
    const { approximateArrivalTimestamp, ...metadata } = record.kinesisRecordMetadata;
    assert.equal(typeof approximateArrivalTimestamp, "number");
    assert.deepEqual(metadata, {
      shardId: "shardId-000000000000",
      partitionKey: "first",
      sequenceNumber: SequenceNumber,
      subsequenceNumber: 0,
    });
    const told = events.map(({ record: { data, kinesisRecordMetadata: meta } }) => [
      Buffer.from(data, "base64").toString(),
      meta.partitionKey,
      meta.subsequenceNumber,
    ]);
    assert.deepEqual(told, [
      ["one", "first", 0],
      ["two", "second", 1],
      ["three", "first", 2],
    ]);
  });
});

/** As the Kinesis Producer Library packs records: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md */
function aggregate(records: readonly { readonly key: string; readonly data: string }[]): Buffer {
  const keys = [...new Set(records.map(({ key }) => key))];
  const field = (number: number, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const message = Buffer.concat([
    ...keys.map((key) => field(1, Buffer.from(key))),
    ...records.map(({ key, data }) =>
      field(3, Buffer.concat([Buffer.from([8, keys.indexOf(key)]), field(3, Buffer.from(data))])),
    ),
  ]);
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, hash("md5", message, "buffer")]);
}

test("a function is never sent more than it takes", async () => {
  const kinesis = new KinesisClient(server.client);
  const StreamName = "long-keys";
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const { Bucket, BucketARN } = await bucket();
  await create("count", {
    DeliveryStreamType: "KinesisStreamAsSource",
    KinesisStreamSourceConfiguration: {
      KinesisStreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`,
      RoleARN,
    },
    ExtendedS3DestinationConfiguration: {
      RoleARN,
      BucketARN,
      BufferingHints: soon,
      ProcessingConfiguration: through(LambdaArn, { BufferIntervalInSeconds: "60", BufferSizeInMBs: "3" }),
    },
  });
  const Records = Array(500).fill({ Data: Buffer.from("x"), PartitionKey: "電".repeat(256) });
  for (let at = 0; at < 12; at += 1) await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  await server.advance("PT3M");
  const { texts, failed } = await delivered(Bucket);
  assert.equal(failed.length, 0);
  const counts = texts.trim().split(" ").map(Number);
  assert.ok(counts.length > 1);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    6000,
  );
});

test("what fails is told in the log stream that the destination names", async () => {
  const logs = new CloudWatchLogsClient(server.client);
  const logGroupName = "/aws/firehose/told";
  const logStreamName = "DestinationDelivery";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const CloudWatchLoggingOptions = { Enabled: true, LogGroupName: logGroupName, LogStreamName: logStreamName };
  const nobody = "arn:aws:lambda:us-east-1:000000000000:function:nobody";
  const Bucket = await toBucket("told", {
    CloudWatchLoggingOptions,
    ProcessingConfiguration: through(nobody, { NumberOfRetries: "1" }),
  });
  await create("told-of-bucket", {
    S3DestinationConfiguration: {
      RoleARN,
      BucketARN: "arn:aws:s3:::none",
      BufferingHints: soon,
      CloudWatchLoggingOptions,
    },
  });
  await put("told", "x");
  await put("told-of-bucket", "x");
  await server.advance("PT62S");
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName, logStreamNames: [logStreamName] }),
  );
  const told = events.map(({ message = "" }) => JSON.parse(message));
  const of = (name: string) => told.filter(({ deliveryStreamARN }) => deliveryStreamARN.endsWith(`/${name}`));
  assert.equal(of("told").length, 2);
  assert.deepEqual(of("told")[0], {
    deliveryStreamARN: "arn:aws:firehose:us-east-1:000000000000:deliverystream/told",
    destination: `arn:aws:s3:::${Bucket}`,
    deliveryStreamVersionId: 1,
    message: "The specified Lambda function does not exist. Use a different function that does exist.",
    errorCode: "Lambda.ResourceNotFound",
    processor: nobody,
  });
  assert.equal(of("told-of-bucket")[0]?.errorCode, "S3.NoSuchBucket");
  assert.equal(of("told-of-bucket")[0]?.destination, "arn:aws:s3:::none");
});
