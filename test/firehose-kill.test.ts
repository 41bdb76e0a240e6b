/**
 * Kills the server (SIGKILL) while records are put and objects written, and starts it again on what it left: each acknowledged record is in
 * S3, and none is there twice. `TRUNKLINE_FULL=1` does so more often.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { SeededIds } from "../src/time/ids.ts";
import { assertBroken } from "./crash-load.ts";
import { call, send } from "./model-call.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 40 : 3;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const WORKERS = 4;
const ACKNOWLEDGED_MAX = 80;
const Bucket = "crashes";
const DeliveryStreamName = "crashes";

const ids = new SeededIds(`firehose kill ${SEED}`);
const below = (bound: number): number => Math.floor(ids.random() * bound);

test("each acknowledged record is in S3 once, however often the server is killed", async (t) => {
  const folder = temporaryFolder();
  const acknowledged = new Set<string>();
  let server = await spawnTrunkline(folder, "--clock", "real");
  await send(server.url, "s3", "CreateBucket", { Bucket });
  await call(server.url, "firehose", "CreateDeliveryStream", {
    DeliveryStreamName,
    ExtendedS3DestinationConfiguration: {
      RoleARN: "arn:aws:iam::000000000000:role/any",
      BucketARN: `arn:aws:s3:::${Bucket}`,
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 },
    },
  });
  for (let round = 0; round < ROUNDS; round++) {
    const ended = once(server.child, "exit");
    let left = 1 + below(ACKNOWLEDGED_MAX);
    let isAlive = true;
    const work = async (worker: number): Promise<void> => {
      for (let number = 0; isAlive; number++) {
        const texts = Array.from({ length: 1 + below(5) }, (_, at) => `${round}-${worker}-${number}-${at}`);
        const Records = texts.map((text) => ({ Data: Buffer.from(`${text}\n`) }));
        try {
          await call(server.url, "firehose", "PutRecordBatch", { DeliveryStreamName, Records });
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
  // Deleted, it delivers what it has.
  await call(server.url, "firehose", "DeleteDeliveryStream", { DeliveryStreamName });
  let found: string[] = [];
  for (let look = 0; look < 2000; look++) {
    found = await recordsIn(server.url);
    if (found.length >= acknowledged.size && [...acknowledged].every((text) => found.includes(text))) break;
  }
  assert.equal(new Set(found).size, found.length, "A record is there twice");
  assert.deepEqual(
    [...acknowledged].filter((text) => !found.includes(text)),
    [],
  );
  server.child.kill("SIGKILL");
  t.diagnostic(`seed ${SEED}: ${ROUNDS} kills, ${acknowledged.size} records`);
});

/** What was read: an object is never written anew. */
const seen = new Map<string, string>();

async function recordsIn(url: string): Promise<string[]> {
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
