/**
 * Backups of servers that are at work, and what comes back from them.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, test } from "node:test";
import { CreateConnectionCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { DeleteFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { keyOf } from "../src/services/s3/key-path.ts";
import { SeededIds } from "../src/time/ids.ts";
import { Ledger, loadUntilCrash, prepare, verify } from "./crash-load.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { createUser } from "./principals.ts";
import { spawnTrunkline, startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

interface Told {
  readonly kind: string;
  readonly error?: string;
  readonly files?: number;
}

function clientOf(url: string): S3ClientConfig {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { endpoint: url, region: "us-east-1", credentials, maxAttempts: 1, forcePathStyle: true };
}

async function backUp(url: string, to: unknown, keys: object = {}): Promise<{ status: number; told: Told[] }> {
  const body = JSON.stringify({ to });
  const answer = await sendSigned(url, { service: "trunkline", path: "/_trunkline/backup", body, ...keys });
  const lines = answer.body.toString().trim().split("\n");
  return { status: answer.status, told: lines.map((line) => JSON.parse(line)) };
}

async function trunkline(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const child: ChildProcess = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, ...environment } });
  after(() => child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => (stdout += chunk));
  child.stderr?.on("data", (chunk) => (stderr += chunk));
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command is refused: one line, exit code 1. */
function assertRefused({ code, stdout, stderr }: Ended, message: RegExp): void {
  assert.match(stderr, /^trunkline: [^\n]*\n$/);
  assert.match(stderr.trimEnd(), message);
  assert.deepEqual([code, stdout], [1, ""]);
}

/** A ledger as it is at this moment: what may be in a backup that begins now must be what is in it. */
function copyOf(ledger: Ledger): Ledger {
  const copy = new Ledger();
  for (const [mark, sequence] of ledger.records) copy.records.set(mark, sequence);
  for (const name of ["events", "messages", "deleted", "contacts"] as const) {
    for (const mark of ledger[name]) copy[name].add(mark);
  }
  return copy;
}

test("a backup under load holds all that was acknowledged before it began, and goes on as a server", async (t) => {
  const folder = temporaryFolder();
  const place = temporaryFolder();
  const random = (
    (ids) => () =>
      ids.random()
  )(new SeededIds("backup"));
  const { url, child } = await spawnTrunkline(folder);
  const centre = await prepare(url);
  const s3 = new S3Client(clientOf(url));
  await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
  const role = await createRole(clientOf(url) as never, "runs");
  const source = "export const handler = async () => 'still here';";
  await createFunction(clientOf(url) as never, source, { FunctionName: "kept", Role: role });
  await createFunction(clientOf(url) as never, `${source}//`, { FunctionName: "goes", Role: role });

  const churn = churnOf(s3, random);
  const ledger = new Ledger();
  let expected: Ledger | undefined;
  let numbers: ReadonlyMap<string, number> = new Map();
  const to = join(place, "backup");
  const churning = churn.run();
  await loadUntilCrash(url, { centre, ledger, mark: "load", random }, async () => {
    expected = copyOf(ledger);
    numbers = new Map(churn.acknowledged);
    const making = backUp(url, to);
    // What a backup must keep is taken away while it is made.
    const going = new LambdaClient(clientOf(url) as never).send(new DeleteFunctionCommand({ FunctionName: "goes" }));
    const { status, told } = await making;
    await going;
    assert.equal(status, 200);
    assert.equal(told.at(-1)?.kind, "done", JSON.stringify(told.at(-1)));
  });
  churn.stop();
  await churning;
  // The one that was copied loses nothing by it, and its files follow once they may.
  assert.deepEqual(await filesOf(s3), await contentsOf(s3, folder));
  for (const mark of ledger.deleting) expected?.deleting.add(mark);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);

  assert.deepEqual(readdirSync(place), ["backup"]);
  assert.equal(statSync(to).mode & 0o777, 0o700);
  const manifest = JSON.parse(readFileSync(join(to, "manifest.json"), "utf8"));
  assert.ok(manifest.files.some(({ path }: { path: string }) => path.startsWith("functions/")));
  const again = join(place, "again", "data");
  const restored = await trunkline(["restore", "--from", to, "--data", again]);
  assert.deepEqual([restored.code, restored.stderr], [0, ""]);
  const second = await spawnTrunkline(again);
  await verify(second.url, centre, expected as Ledger);
  // And what comes now is taken as ever: heads of logs, cursors and timers go on.
  const more = new Ledger();
  await loadUntilCrash(second.url, { centre, ledger: more, mark: "more", random }, async () => {});
  for (const [mark, sequence] of expected?.records ?? []) more.records.set(mark, sequence);
  for (const mark of expected?.takenMessages ?? []) more.takenMessages.add(mark);
  for (const mark of expected?.takenEvents ?? []) more.takenEvents.add(mark);
  for (const name of ["events", "contacts"] as const) for (const mark of expected?.[name] ?? []) more[name].add(mark);
  await verify(second.url, centre, more);

  const there = new S3Client(clientOf(second.url));
  assert.deepEqual(await filesOf(there), await contentsOf(there, again));
  const objects = await filesOf(there);
  for (const [Key, number] of numbers) {
    const found = Number(objects.get(Key)?.split(" ")[1] ?? Number.NaN);
    assert.ok(found >= number, `${Key}: ${number} was acknowledged, ${found} is there`);
  }
  const { Payload } = await new LambdaClient(clientOf(second.url) as never).send(
    new InvokeCommand({ FunctionName: "kept" }),
  );
  assert.equal(Buffer.from(Payload ?? []).toString(), '"still here"');
  t.diagnostic(`${expected}, ${numbers.size} objects; ${more}`);
  second.child.kill("SIGTERM");
  assert.deepEqual(await once(second.child, "exit"), [0, null]);
});

/** Objects that are replaced all the time, and others that come and go. */
function churnOf(s3: S3Client, random: () => number) {
  /** Key → the highest number that was acknowledged. */
  const acknowledged = new Map<string, number>();
  let goesOn = true;
  const put = (Key: string, number: number): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: "kept", Key, Body: `${Key} ${number} ${"x".repeat(random() * 20_000)}` }));
  return {
    acknowledged,
    stop: () => {
      goesOn = false;
    },
    run: async () => {
      for (let number = 1; goesOn; number++) {
        const Key = `replaced/${number % 5}`;
        await put(Key, number);
        acknowledged.set(Key, number);
        await put(`gone/${number}`, number);
        if (number > 3) await s3.send(new DeleteObjectCommand({ Bucket: "kept", Key: `gone/${number - 3}` }));
      }
    },
  };
}

/** All objects of the bucket, each read to its end. */
async function filesOf(s3: S3Client): Promise<Map<string, string>> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "kept" }));
  const found = new Map<string, string>();
  for (const { Key = "" } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "kept", Key }));
    found.set(Key, shortened((await Body?.transformToString()) ?? ""));
  }
  return found;
}

/** The same as it lies in the folder: nothing else is there, and nothing waits for its place. */
async function contentsOf(s3: S3Client, folder: string): Promise<Map<string, string>> {
  // An answer comes after the move of its object; of those before it, too.
  await s3.send(new PutObjectCommand({ Bucket: "kept", Key: "z", Body: "z" }));
  await s3.send(new DeleteObjectCommand({ Bucket: "kept", Key: "z" }));
  const base = join(folder, "buckets", "kept");
  const files = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(readdirSync(join(folder, "uploads")), []);
  const named = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return new Map(named.map((path) => [keyOf(path.slice(base.length + 1)), shortened(readFileSync(path, "utf8"))]));
}

/** What a difference is told by. */
function shortened(content: string): string {
  return `${content.slice(0, 40)}… ${content.length}`;
}

test("a server that is killed while it makes a backup leaves none that looks whole, and starts again", async () => {
  const folder = temporaryFolder();
  const place = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const s3 = new S3Client(clientOf(server.url));
  await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
  for (const Key of ["one", "two", "three"]) {
    await s3.send(new PutObjectCommand({ Bucket: "kept", Key, Body: Buffer.alloc(8 * 1024 * 1024, Key) }));
  }
  const to = join(place, "backup");
  const killWhileItBacksUp = async (): Promise<void> => {
    const making = backUp(server.url, to).catch(() => undefined);
    for (;;) {
      const [partial] = readdirSync(place);
      const isUnderWay = partial !== undefined && existsSync(join(place, partial, "data"));
      if (isUnderWay || existsSync(to)) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.child.kill("SIGKILL");
    await making;
  };
  await killWhileItBacksUp();
  // Where this process stood still meanwhile, the backup was whole before the server was killed: then once more.
  while (existsSync(to)) {
    rmSync(to, { recursive: true });
    server = await spawnTrunkline(folder);
    await killWhileItBacksUp();
  }
  const [partial = "", ...others] = readdirSync(place);
  assert.deepEqual(others, []);
  assert.match(partial, /^backup[.]partial-/, "it was killed in the middle");
  const data = join(temporaryFolder(), "data");
  const refused = await trunkline(["restore", "--from", join(place, partial), "--data", data]);
  assertRefused(refused, /is no whole backup: there is no manifest[.]json in it/);
  assert.ok(!existsSync(data));

  const again = await spawnTrunkline(folder);
  await new EventBridgeClient(clientOf(again.url) as never).send(
    new CreateConnectionCommand({
      Name: "secret",
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-api-key", ApiKeyValue: "sealed" } },
    }),
  );
  const ended = await trunkline(["backup", "--to", to, "--url", again.url]);
  assert.deepEqual([ended.code, ended.stderr], [0, ""]);
  assert.deepEqual(readdirSync(place), ["backup"], "what the dead one had begun is gone");
  assert.match(ended.stdout, new RegExp(`^${to}: \\d+ files, [\\d.]+ MB, as of \\d{4}-`));
  const restored = await trunkline(["restore", "--from", to, "--data", data]);
  assert.equal(restored.code, 0, restored.stderr);
  // What opens its secrets comes along.
  assert.deepEqual(readFileSync(join(data, "secrets.key")), readFileSync(join(folder, "secrets.key")));
  for (const each of [folder, data]) assert.ok(!existsSync(join(each, "backup.partial")));
  again.child.kill("SIGTERM");
  assert.deepEqual(await once(again.child, "exit"), [0, null]);
});

test("a backup that cannot be made says why in one line, and leaves what is there as it is", async () => {
  const folder = temporaryFolder();
  const server = await startTrunkline("--data", folder);
  const place = temporaryFolder();
  const refused = async (to: unknown, status: number, message: RegExp, keys: object = {}): Promise<void> => {
    const before = readdirSync(place, { recursive: true });
    const { status: answered, told } = await backUp(server.url, to, keys);
    assert.equal(answered, status, JSON.stringify(told));
    assert.match(told.at(-1)?.error ?? JSON.stringify(told.at(-1)), message);
    assert.deepEqual(readdirSync(place, { recursive: true }), before);
  };
  mkdirSync(join(place, "used"));
  writeFileSync(join(place, "used", "letter"), "");
  await refused(join(place, "used"), 200, /the folder is not empty; name a new one/);
  await refused(join(place, "used", "letter"), 200, /there is a file of that name/);
  await refused(join(place, "used", "letter", "deeper"), 200, /^Backup into .* failed: /);
  await refused(join(place, "not", "there"), 200, /^Backup into .* failed: /);
  await refused(join(folder, "backup"), 200, /that is in the data folder itself/);
  await refused(folder, 200, /that is in the data folder itself/);
  await refused("backup", 400, /absolute path/);
  await refused(undefined, 400, /absolute path/);
  const keys = await createUser(server.client, "somebody", {
    Effect: "Allow",
    Action: "trunkline:*",
    Resource: "*",
  } as never);
  const operators = /for the keys of the operator's account, the first of the credentials file, alone/;
  await refused(join(place, "backup"), 403, operators, keys);
  await refused(join(place, "backup"), 403, operators, { accessKeyId: "other" });

  const two = await Promise.all([backUp(server.url, join(place, "a")), backUp(server.url, join(place, "b"))]);
  assert.deepEqual(two.map(({ status }) => status).sort(), [200, 409]);

  const cli = await trunkline(["backup", "--to", join(place, "used"), "--url", server.url]);
  assertRefused(cli, /the folder is not empty/);
  assertRefused(await trunkline(["backup", "--url", server.url]), /takes --to DIR/);
  const memory = await startTrunkline();
  const inMemory = await trunkline(["backup", "--to", join(place, "c"), "--url", memory.url]);
  assertRefused(inMemory, /answered 409: What lies in memory cannot be backed up/);
});

test("a full disk ends a backup and a restore in one line, and nothing is left there", async (t) => {
  const small = temporaryFolder();
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", small]);
  if (status !== 0) return t.skip("no small file system can be mounted here");
  t.after(() => spawnSync("umount", [small]));
  const folder = temporaryFolder();
  const server = await startTrunkline("--data", folder);
  const s3 = new S3Client(clientOf(server.url));
  await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
  await s3.send(new PutObjectCommand({ Bucket: "kept", Key: "large", Body: Buffer.alloc(8 * 1024 * 1024) }));
  const { told } = await backUp(server.url, join(small, "backup"));
  assert.match(String(told.at(-1)?.error), /it takes [\d.]+ MB, and the disk has [\d.]+ MB free$/);
  assert.deepEqual(readdirSync(small), []);

  const to = join(temporaryFolder(), "backup");
  assert.equal((await backUp(server.url, to)).told.at(-1)?.kind, "done");
  assertRefused(await trunkline(["restore", "--from", to, "--data", join(small, "data")]), /the disk has/);
  // Where the room is gone only while it is written.
  const path = join(to, "manifest.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), bytes: 1 }));
  const full = await trunkline(["restore", "--from", to, "--data", join(small, "data")]);
  assertRefused(full, /^trunkline: Restore of .* failed: the disk is full/);
  assert.deepEqual(readdirSync(small), []);
});

test("a restore takes a whole backup of a version that it knows, into an empty folder", async () => {
  const folder = temporaryFolder();
  const server = await startTrunkline("--data", folder);
  const made = async (): Promise<string> => {
    const to = join(temporaryFolder(), "backup");
    assert.equal((await backUp(server.url, to)).told.at(-1)?.kind, "done");
    return to;
  };
  const refused = async (from: string, message: RegExp, data = join(temporaryFolder(), "data")): Promise<void> => {
    const before = existsSync(data) && readdirSync(data);
    assertRefused(await trunkline(["restore", "--from", from, "--data", data]), message);
    assert.deepEqual(existsSync(data) && readdirSync(data), before);
    assert.deepEqual(
      readdirSync(dirname(data)).filter((name) => name !== basename(data)),
      [],
    );
  };
  const whole = await made();
  const used = join(temporaryFolder(), "data");
  mkdirSync(used);
  writeFileSync(join(used, "letter"), "");
  await refused(whole, /the folder is not empty; name a new one/, used);
  await refused(join(whole, "data"), /is no whole backup/);
  await refused(folder, /is no whole backup/);

  const changed = await made();
  appendFileSync(join(changed, "data", "trunkline.db"), "x");
  await refused(changed, /is damaged: data\/trunkline[.]db is not as it was written/);

  const manifest = JSON.parse(readFileSync(join(whole, "manifest.json"), "utf8"));
  const told = async (content: object | string, message: RegExp): Promise<void> => {
    writeFileSync(join(whole, "manifest.json"), typeof content === "string" ? content : JSON.stringify(content));
    await refused(whole, message);
  };
  await told('{"format": 1', /manifest[.]json is damaged/);
  await told({ ...manifest, format: 2, trunkline: "9.0.0" }, /a backup of format 2, written by Trunkline 9[.]0[.]0/);
  await told({ ...manifest, dataVersion: 99 }, /a data folder of version 99, written by Trunkline .*knows up to \d+$/);
  const outside = { ...manifest.files[0], path: "../../outside" };
  await told({ ...manifest, files: [...manifest.files, outside] }, /is damaged: it is no manifest/);
  await told({ ...manifest, files: [...manifest.files, { ...outside, path: "gone" }] }, /data\/gone is gone/);
  writeFileSync(join(whole, "manifest.json"), JSON.stringify(manifest));

  const data = join(temporaryFolder(), "data");
  mkdirSync(data);
  assert.equal((await trunkline(["restore", "--from", whole], { TRUNKLINE_DATA: data })).code, 0);
  assertRefused(await trunkline(["restore", "--from", whole, "--data", data]), /the folder is not empty/);
});
