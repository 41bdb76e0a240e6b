/**
 * Kills the server (SIGKILL) while records are put and objects written, and starts it again on what it left: each acknowledged record is in
 * S3, and none is there twice. `TRUNKLINE_FULL=1` does so more often.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { SeededIds } from "../src/time/ids.ts";
import { assertBroken } from "./crash-load.ts";
import { call, send } from "./model-call.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 40 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const WORKERS = 4;
const ACKNOWLEDGED_MAX = 80;

const ids = new SeededIds(`firehose kill ${SEED}`);
const below = (bound: number): number => Math.floor(ids.random() * bound);

/** How records come to a delivery stream, which has the name of its bucket. */
interface Way {
  readonly name: string;
  create(url: string, DeliveryStreamName: string, destination: object): Promise<void>;
  put(url: string, name: string, texts: readonly string[]): Promise<unknown>;
  /** Sees to it that everything is delivered. */
  finish?(url: string, DeliveryStreamName: string): Promise<unknown>;
}

const direct: Way = {
  name: "put",
  async create(url, DeliveryStreamName, ExtendedS3DestinationConfiguration) {
    await call(url, "firehose", "CreateDeliveryStream", { DeliveryStreamName, ExtendedS3DestinationConfiguration });
  },
  put(url, DeliveryStreamName, texts) {
    const Records = texts.map((text) => ({ Data: Buffer.from(`${text}\n`) }));
    return call(url, "firehose", "PutRecordBatch", { DeliveryStreamName, Records });
  },
  // Deleted, it delivers what it has.
  finish: (url, DeliveryStreamName) => call(url, "firehose", "DeleteDeliveryStream", { DeliveryStreamName }),
};

/** Each record goes four ways: from shard to log, from there to what is in it, to the object. */
const unpacked: Way = {
  name: "read-from-kinesis-and-decompressed",
  async create(url, name, destination) {
    await call(url, "kinesis", "CreateStream", { StreamName: name, ShardCount: 2 });
    const Processors = [
      { Type: "Decompression" },
      {
        Type: "CloudWatchLogProcessing",
        Parameters: [{ ParameterName: "DataMessageExtraction", ParameterValue: "true" }],
      },
    ];
    await call(url, "firehose", "CreateDeliveryStream", {
      DeliveryStreamName: name,
      DeliveryStreamType: "KinesisStreamAsSource",
      KinesisStreamSourceConfiguration: {
        KinesisStreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`,
        RoleARN: "arn:aws:iam::000000000000:role/any",
      },
      ExtendedS3DestinationConfiguration: {
        ...destination,
        ProcessingConfiguration: { Enabled: true, Processors },
      },
    });
  },
  put(url, StreamName, texts) {
    const Records = texts.map((message) => ({
      PartitionKey: message,
      Data: gzipSync(JSON.stringify({ messageType: "DATA_MESSAGE", logEvents: [{ message }] })),
    }));
    return call(url, "kinesis", "PutRecords", { StreamName, Records });
  },
};

for (const way of [direct, unpacked]) {
  test(`each acknowledged record that is ${way.name} is in S3 once, however often the server is killed`, (t) =>
    kills(t, way));
}

async function kills(t: TestContext, way: Way): Promise<void> {
  const Bucket = way.name;
  const folder = temporaryFolder();
  const acknowledged = new Set<string>();
  let server = await spawnTrunkline(folder, "--clock", "real");
  await send(server.url, "s3", "CreateBucket", { Bucket });
  await way.create(server.url, Bucket, {
    RoleARN: "arn:aws:iam::000000000000:role/any",
    BucketARN: `arn:aws:s3:::${Bucket}`,
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 },
  });
  for (let round = 0; round < ROUNDS; round++) {
    const ended = once(server.child, "exit");
    let left = 1 + below(ACKNOWLEDGED_MAX);
    let isAlive = true;
    const work = async (worker: number): Promise<void> => {
      for (let number = 0; isAlive; number++) {
        const texts = Array.from({ length: 1 + below(5) }, (_, at) => `${round}-${worker}-${number}-${at}`);
        try {
          await way.put(server.url, Bucket, texts);
        } catch (error) {
          assertBroken(error);
          return;
        }
        for (const text of texts) acknowledged.add(text);
        if (--left > 0 || !isAlive) continue;
        isAlive = false;
        server.child.kill("SIGKILL");
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
    await ended;
    server = await spawnTrunkline(folder, "--clock", "real");
  }
  await way.finish?.(server.url, Bucket);
  /** What was read: an object is never written anew. */
  const seen = new Map<string, string>();
  let found: string[] = [];
  for (let look = 0; look < 10_000; look++) {
    found = await recordsIn(server.url, Bucket, seen);
    if (found.length >= acknowledged.size && [...acknowledged].every((text) => found.includes(text))) break;
  }
  assert.equal(new Set(found).size, found.length, "A record is there twice");
  assert.deepEqual(
    [...acknowledged].filter((text) => !found.includes(text)),
    [],
  );
  server.child.kill("SIGKILL");
  t.diagnostic(`seed ${SEED}: ${ROUNDS} kills, ${acknowledged.size} records`);
}

async function recordsIn(url: string, Bucket: string, seen: Map<string, string>): Promise<string[]> {
  let StartAfter: string | undefined;
  for (;;) {
    const page = (await send(url, "s3", "ListObjectsV2", { Bucket, StartAfter })).body.toString();
    const keys = [...page.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
    for (const Key of keys) {
      if (!seen.has(Key)) seen.set(Key, (await send(url, "s3", "GetObject", { Bucket, Key })).body.toString());
    }
    StartAfter = keys.at(-1);
    if (!page.includes("<IsTruncated>true")) break;
  }
  return [...seen.values()].join("").split("\n").filter(Boolean);
}
