/**
 * Kills the server (SIGKILL) while objects are stored, replaced and deleted, and starts it again on what it left: what was acknowledged is
 * there, whole, an upload goes on where it was, and the folder holds what the service says and nothing else. `TRUNKLINE_FULL=1` does so
 * more often.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { keyOf } from "../src/services/s3/key-path.ts";
import { SeededIds } from "../src/time/ids.ts";
import { assertBroken } from "./crash-load.ts";
import { send } from "./model-call.ts";
import { temporaryFolder } from "./server.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 40 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const WORKERS = 4;
const KEYS_OF_A_WORKER = 3;
/** The crash comes after so many acknowledgements at most. */
const ACKNOWLEDGED_MAX = 60;
const MIB = 1024 * 1024;
const Bucket = "crashes";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
const ids = new SeededIds(`s3 kill ${SEED}`);
const below = (bound: number): number => Math.floor(ids.random() * bound);

/** What a key may hold: what was acknowledged last, or what was sent after it; nothing is `undefined`. */
const expected = new Map<string, (Buffer | undefined)[]>();

test("what was acknowledged outlives a kill, whole, and nothing else is left in the folder", async (t) => {
  const folder = temporaryFolder();
  let server = await start(folder);
  await s3(server.url, "CreateBucket", { Bucket });
  const Key = "parts/of an upload";
  const begun = await s3(server.url, "CreateMultipartUpload", { Bucket, Key });
  const [, UploadId] = /<UploadId>(\w+)</.exec(begun.toString()) ?? [];
  const part = { Bucket, Key, UploadId, PartNumber: 1, Body: Buffer.alloc(MIB, "part") };
  await s3(server.url, "UploadPart", part);

  for (let round = 1; round <= ROUNDS; round++) {
    await loadUntilKilled(server);
    server = await start(folder);
    await verify(server.url, folder);
  }
  const { headers } = await send(server.url, "s3", "UploadPart", part);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: headers.etag }] };
  await s3(server.url, "CompleteMultipartUpload", { Bucket, Key, UploadId, MultipartUpload });
  assert.deepEqual(await s3(server.url, "GetObject", { Bucket, Key }), part.Body);
  t.diagnostic(`seed ${SEED}: ${ROUNDS} kills`);
});

async function s3(url: string, operation: string, input: object): Promise<Buffer> {
  const { status, body } = await send(url, "s3", operation, { ...input });
  if (status >= 300) throw new Error(`${operation}: ${status} ${body}`);
  return body;
}

async function loadUntilKilled({ url, child }: Server): Promise<void> {
  const ended = once(child, "exit");
  let left = 1 + below(ACKNOWLEDGED_MAX);
  let isAlive = true;
  const work = async (worker: number): Promise<void> => {
    for (let number = 0; isAlive; number++) {
      const Key = `worker ${worker}/${below(KEYS_OF_A_WORKER)}`;
      // Small ones, and ones of many pieces.
      const Body =
        below(4) === 0 ? undefined : Buffer.alloc(1 + below(below(2) === 0 ? 2000 : MIB), `${Key} ${number} `);
      const possible = expected.get(Key) ?? [undefined];
      expected.set(Key, [...possible, Body]);
      try {
        if (Body === undefined) await s3(url, "DeleteObject", { Bucket, Key });
        else await s3(url, "PutObject", { Bucket, Key, Body });
      } catch (error) {
        assertBroken(error);
        return;
      }
      if (!isAlive) return;
      expected.set(Key, [Body]);
      if (--left > 0) continue;
      isAlive = false;
      child.kill("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
  await ended;
}

async function verify(url: string, folder: string): Promise<void> {
  const stored = new Map<string, Buffer>();
  for (const [Key, possible] of expected) {
    const { status, body, headers } = await send(url, "s3", "GetObject", { Bucket, Key });
    const found = status === 200 ? body : undefined;
    assert.ok(found || status === 404, `${Key}: ${status} ${body}`);
    const isPossible = possible.some((each) => (each === undefined ? found === undefined : found?.equals(each)));
    assert.ok(isPossible, `${Key} is none of ${possible.map((each) => each?.length)}, but ${found?.length}`);
    expected.set(Key, [found]);
    if (found === undefined) continue;
    assert.equal(Number(headers["content-length"]), found.length);
    stored.set(Key, found);
  }
  const root = join(folder, "buckets", Bucket);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const lying = new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [keyOf(path.slice(root.length + 1)), readFileSync(path)] as const;
    }),
  );
  assert.deepEqual([...lying.keys()].sort(), [...stored.keys()].sort());
  for (const [Key, bytes] of stored) assert.ok(lying.get(Key)?.equals(bytes), Key);
  // The part of the upload that goes on.
  assert.equal(readdirSync(join(folder, "uploads")).length, 1);
}

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(folder: string): Promise<Server> {
  const flags = ["--port", "0", "--data", folder, "--clock", "manual", "--log-level", "error"];
  const child = spawn(process.execPath, [BIN, "start", ...flags], {
    env: { ...process.env, TRUNKLINE_CREDENTIALS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    const [, url] = /ready at (http:\S+)/.exec(output) ?? [];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`The server has ended: ${output}`);
}
