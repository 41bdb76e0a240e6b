/** What Trunkline tells of streams: their shards, records and readers, without moving anybody's place. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
} from "@aws-sdk/client-kinesis";
import { CreateEventSourceMappingCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createFunction, createRole } from "./lambda-world.ts";
import { askOwn } from "./own-endpoint.ts";
import { startTrunkline } from "./server.ts";
import { createStream } from "./streams.ts";

const server = await startTrunkline();
const kinesis = new KinesisClient(server.client);
const SHARD = "shardId-000000000000";

const ask = <T>(path: string, document?: object, key?: string) => askOwn<T>(server.url, path, document, key);

async function put(StreamName: string, data: string | Uint8Array, PartitionKey: string = "k"): Promise<string> {
  const { SequenceNumber = "" } = await kinesis.send(
    new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(data as Uint8Array) }),
  );
  return SequenceNumber;
}

interface Shown {
  readonly shards: readonly { id: string; isOpen: boolean; parents: string[]; records: number }[];
  readonly consumers: readonly {
    kind: string;
    name: string;
    state?: string;
    shards: readonly { shardId: string; behind: number; behindMs: number; sequenceNumber?: string }[];
  }[];
}

interface Records {
  readonly records: readonly {
    sequenceNumber: string;
    encoding: string;
    text: string;
    isCut: boolean;
    bytes: number;
    compression?: string;
    aggregatedCount?: number;
    aggregated?: readonly { partitionKey: string; text: string }[];
  }[];
  readonly last?: string;
}

/** What the producer library makes of some records: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md */
function aggregate(...texts: readonly string[]): Buffer {
  const field = (number: number, bytes: Uint8Array) =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const records = texts.map((text) => field(3, Buffer.concat([Buffer.from([8, 0]), field(3, Buffer.from(text))])));
  const message = Buffer.concat([field(1, Buffer.from("inner")), ...records]);
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, createHash("md5").update(message).digest()]);
}

test("records are told decoded, from wherever one likes, and a long one is cut and can be had whole", async () => {
  await createStream(kinesis, "decoded");
  const numbers = [
    await put("decoded", "plain <b>text</b>"),
    await put("decoded", '{"a":1}'),
    await put("decoded", Buffer.from([0, 1, 2, 255])),
    await put("decoded", gzipSync('{"packed":true}')),
    await put("decoded", aggregate("first", "second")),
    await put("decoded", "é".repeat(500_000)),
  ];
  const { body } = await ask<Records>(`streams/decoded/records?shard=${SHARD}`);
  assert.deepEqual(
    body.records.map(({ encoding, compression }) => [encoding, compression]),
    [
      ["text", undefined],
      ["json", undefined],
      ["base64", undefined],
      ["json", "gzip"],
      ["base64", undefined],
      ["text", undefined],
    ],
  );
  assert.equal(body.records[2]?.text, "AAEC/w==");
  assert.equal(body.records[3]?.text, '{"packed":true}');
  assert.equal(body.records[4]?.aggregatedCount, 2);
  assert.deepEqual(
    body.records[4]?.aggregated?.map(({ text, partitionKey }) => [partitionKey, text]),
    [
      ["inner", "first"],
      ["inner", "second"],
    ],
  );
  assert.deepEqual(
    [body.records[5]?.isCut, body.records[5]?.text.length, body.records[5]?.bytes],
    [true, 2048, 1_000_000],
  );
  const { body: whole } = await ask<{ data: string; text: string }>(
    `streams/decoded/record?shard=${SHARD}&at=${numbers[5]}`,
  );
  assert.equal(Buffer.from(whole.data, "base64").length, 1_000_000);
  assert.equal(whole.text.length, 500_000);

  const from = async (query: string) =>
    (await ask<Records>(`streams/decoded/records?shard=${SHARD}&${query}`)).body.records.map(
      ({ sequenceNumber }) => sequenceNumber,
    );
  assert.deepEqual(await from("from=last&limit=2"), numbers.slice(4));
  assert.deepEqual(await from(`behind=${numbers[3]}`), numbers.slice(4));
  assert.deepEqual(await from(`at=${numbers[3]}&limit=1`), numbers.slice(3, 4));
  assert.deepEqual(await from("from=2000-01-01T00:00:00Z"), numbers);
});

test("who reads a stream is told with what it has yet to read, and a look moves nobody", async () => {
  const arn = await createStream(kinesis, "read");
  const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN: arn, ConsumerName: "fan" }));
  await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN: arn, ConsumerName: "idle" }));
  const Role = await createRole(server.client, "reads", ["kinesis:*", "firehose:*", "s3:*", "logs:*"]);
  await createFunction(server.client, "export const handler = async () => { throw new Error('no') }", {
    FunctionName: "stuck",
    Role,
  });
  await new LambdaClient(server.client).send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: arn,
      FunctionName: "stuck",
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 1,
    }),
  );
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
  await new FirehoseClient(server.client).send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: "to-bucket",
      DeliveryStreamType: "KinesisStreamAsSource",
      KinesisStreamSourceConfiguration: { KinesisStreamARN: arn, RoleARN: Role },
      ExtendedS3DestinationConfiguration: { BucketARN: "arn:aws:s3:::kept", RoleARN: Role },
    }),
  );
  const numbers: string[] = [];
  for (let n = 0; n < 3; n++) numbers.push(await put("read", `record ${n}`));
  await server.advance("PT0S");
  const begin = { StreamARN: arn, ShardId: SHARD, ShardIteratorType: "TRIM_HORIZON" } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(begin));
  const { NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
  const { EventStream } = await kinesis.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: SHARD,
      StartingPosition: { Type: "TRIM_HORIZON" },
    }),
  );
  const pushed = EventStream?.[Symbol.asyncIterator]();
  await pushed?.next();
  await server.advance("PT5S");

  const look = async () => {
    const { body } = await ask<Shown>("streams/read");
    return Object.fromEntries(body.consumers.map((one) => [`${one.kind} ${one.name}`, one]));
  };
  const before = await look();
  assert.deepEqual(before["registered fan"]?.shards[0], {
    shardId: SHARD,
    sequenceNumber: numbers[2],
    behind: 0,
    behindMs: 0,
  });
  assert.equal(before["registered fan"]?.state, "subscribed");
  assert.deepEqual([before["registered idle"]?.state, before["registered idle"]?.shards], ["not subscribed", []]);
  assert.deepEqual(before["GetRecords root"]?.shards[0], {
    shardId: SHARD,
    sequenceNumber: numbers[0],
    behind: 2,
    behindMs: 5_000,
  });
  assert.deepEqual(before["delivery stream to-bucket"]?.shards[0]?.behind, 0);
  assert.deepEqual(before["function stuck"]?.shards[0]?.behind, 3);
  assert.match(before["function stuck"]?.state ?? "", /enabled, .*1 held up/);

  for (const from of ["oldest", "last"]) await ask(`streams/read/records?shard=${SHARD}&from=${from}`);
  assert.deepEqual(await look(), before);
  const { Records: next } = await kinesis.send(new GetRecordsCommand({ ShardIterator: NextShardIterator, Limit: 1 }));
  assert.equal(next?.[0]?.SequenceNumber, numbers[1]);
  await pushed?.return?.();

  // What is gathered is delivered at once where somebody asks for it.
  const listed = async () => (await s3.send(new ListObjectsV2Command({ Bucket: "kept" }))).KeyCount;
  assert.equal(await listed(), 0);
  assert.equal((await ask("delivery-streams/to-bucket/flush", {}, "other")).status, 404);
  assert.deepEqual((await ask("delivery-streams/to-bucket/flush", {})).body, { flushed: "to-bucket" });
  await server.advance("PT0S");
  assert.equal(await listed(), 1);
});

test("shards are told with where they come from; what is not there or not one's own is refused", async () => {
  await kinesis.send(new CreateStreamCommand({ StreamName: "split", ShardCount: 1 }));
  await put("split", "before");
  const half = String(2n ** 127n);
  await kinesis.send(new SplitShardCommand({ StreamName: "split", ShardToSplit: SHARD, NewStartingHashKey: half }));
  await server.advance("PT1M");
  const { body } = await ask<Shown>("streams/split");
  assert.deepEqual(
    body.shards.map(({ isOpen, parents, records }) => [isOpen, parents, records]),
    [
      [false, [], 1],
      [true, [SHARD], 0],
      [true, [SHARD], 0],
    ],
  );
  const { body: listed } = await ask<{ streams: { name: string; openShards: number; written: number }[] }>(
    "streams?limit=500",
  );
  assert.deepEqual(
    listed.streams.filter(({ name }) => name === "split").map(({ openShards, written }) => [openShards, written]),
    [[2, 1]],
  );
  assert.deepEqual((await ask<{ streams: object[] }>("streams", undefined, "other")).body.streams, []);
  for (const path of ["streams/split", `streams/split/records?shard=${SHARD}`]) {
    assert.equal((await ask(path, undefined, "other")).status, 404);
  }
  const wrong: readonly (readonly [string, number])[] = [
    ["streams/none", 404],
    ["streams/split/records", 400],
    [`streams/split/records?shard=${SHARD}&from=yesterday`, 400],
    [`streams/split/records?shard=${SHARD}&from=last&at=1`, 400],
    [`streams/split/records?shard=${SHARD}&limit=0`, 400],
    [`streams/split/records?shard=${SHARD}&at=12`, 404],
    [`streams/split/records?shard=${SHARD}&at=nonsense`, 404],
    ["streams/split/records?shard=shardId-000000000009", 404],
    [`streams/split/record?shard=${SHARD}`, 400],
    ["streams/split/else", 404],
  ];
  for (const [path, status] of wrong) assert.equal((await ask(path)).status, status, path);
});
