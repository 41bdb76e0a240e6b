/** A server whose disk fills up: what it refuses, what it keeps, and that it goes on once there is room. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { readStream } from "./crash-load.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { createStream } from "./streams.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

interface SmallDisk {
  readonly folder: string;
  /** Leaves so many bytes free. */
  fill(freeBytes: number): void;
  empty(): void;
}

/** A file system of 32 MB in memory, where one may be mounted. */
function smallDisk(t: TestContext): SmallDisk | undefined {
  const place = temporaryFolder();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=32m", "tmpfs", place]).status !== 0) return undefined;
  t.after(() => spawnSync("umount", ["--lazy", place]));
  const ballast = join(place, "ballast");
  return {
    folder: join(place, "data"),
    fill: (freeBytes) => {
      const { bavail, bsize } = statfsSync(place);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - freeBytes));
    },
    empty: () => rmSync(ballast),
  };
}

interface Refused {
  readonly name: string;
  readonly message: string;
  readonly $metadata: { readonly httpStatusCode?: number };
}

test("a full disk refuses what is new, by name, and loses nothing that was acknowledged", async (t) => {
  const disk = smallDisk(t);
  if (!disk) return t.skip("no small file system can be mounted here");
  const { url, child } = await spawnTrunkline(disk.folder, "--log-level", "silent");
  const client = clientOf(url);
  const kinesis = new KinesisClient(client);
  const sqs = new SQSClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const StreamARN = await createStream(kinesis, "kept");
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "kept" }));
  await s3.send(new CreateBucketCommand({ Bucket: "kept" }));

  // The first iterator of all makes the key that iterators are sealed with.
  assert.deepEqual(await readStream(url, "kept"), []);

  disk.fill(1_000_000);
  const records: string[] = [];
  const objects: string[] = [];
  const refused = new Map<string, Refused>();
  const attempt = async (what: string, sent: Promise<unknown>): Promise<boolean> =>
    sent.then(
      () => true,
      (error) => {
        refused.set(what, error);
        return false;
      },
    );
  const putRecord = async (number: number): Promise<boolean> => {
    const text = `record ${number}|${"x".repeat(20_000)}`;
    const put = new PutRecordCommand({ StreamARN, PartitionKey: "k", Data: Buffer.from(text) });
    const isKept = await attempt("record", kinesis.send(put));
    if (isKept) records.push(text);
    return isKept;
  };
  const putObject = async (Key: string): Promise<boolean> => {
    const isKept = await attempt(
      "object",
      s3.send(new PutObjectCommand({ Bucket: "kept", Key, Body: Buffer.alloc(100_000, Key) })),
    );
    if (isKept) objects.push(Key);
    return isKept;
  };
  for (let number = 0; refused.size < 4; number++) {
    await putRecord(number);
    await putObject(`object-${number}`);
    await attempt("message", sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x".repeat(20_000) })));
    const event = { Source: "full", DetailType: "disk", Detail: JSON.stringify({ filler: "x".repeat(20_000) }) };
    await attempt("event", new EventBridgeClient(client).send(new PutEventsCommand({ Entries: [event] })));
  }
  const MODELLED = {
    record: "InternalFailure",
    object: "InternalError",
    message: "InternalFailure",
    event: "InternalException",
  };
  for (const [what, { name, message, $metadata }] of refused) {
    assert.equal(name, MODELLED[what as keyof typeof MODELLED]);
    assert.equal($metadata.httpStatusCode, 500);
    assert.match(message, /^The server's disk is full: nothing of this request was kept[.]/);
  }
  // It lives, and what there is can be read.
  assert.equal((await fetch(`${url}/_trunkline/health`)).status, 200);
  assert.deepEqual(
    (await readStream(url, "kept")).map(({ text }) => text),
    records,
  );

  disk.empty();
  assert.ok(await putRecord(1_000_000), String(refused.get("record")?.message));
  assert.ok(await putObject("again"), String(refused.get("object")?.message));

  // Dead in the middle of it, it finds everything again.
  disk.fill(0);
  await putRecord(1_000_001);
  child.kill("SIGKILL");
  await once(child, "exit");
  const ended = await startsNot(disk.folder);
  assert.match(ended, /^trunkline: Data folder .* cannot be read or written: .*disk is full\n$/);
  disk.empty();
  const again = await spawnTrunkline(disk.folder);
  assert.deepEqual(
    (await readStream(again.url, "kept")).map(({ text }) => text),
    records,
  );
  const there = new S3Client({ ...clientOf(again.url), forcePathStyle: true });
  const { Contents = [] } = await there.send(new ListObjectsV2Command({ Bucket: "kept" }));
  assert.deepEqual(
    Contents.map(({ Key }) => Key),
    objects.toSorted(),
  );
  for (const Key of objects) {
    const { Body } = await there.send(new GetObjectCommand({ Bucket: "kept", Key }));
    assert.ok(Buffer.alloc(100_000, Key).equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)), Key);
  }
  again.child.kill("SIGTERM");
  assert.deepEqual(await once(again.child, "exit"), [0, null]);
  // Nothing of what was refused is left over.
  assert.deepEqual(readdirSync(join(disk.folder, "uploads")), []);
  assert.ok(!existsSync(join(disk.folder, "trunkline.db-wal")));
});

function clientOf(endpoint: string) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
}

/** Starts on a folder; answers what is said where that does not work. */
async function startsNot(folder: string): Promise<string> {
  const child = spawn(process.execPath, [BIN, "start", "--port", "0", "--data", folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  after(() => child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const [code] = await once(child, "close");
  assert.equal(code, 1);
  return said;
}
