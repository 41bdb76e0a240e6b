/** What stands around a server: the unit of systemd, and who may read metrics. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readConfig, START_FLAGS } from "../src/config.ts";
import { openCredentials } from "../src/credentials.ts";
import { SystemWallClock } from "../src/time/clock.ts";
import { addCredential, removeCredential } from "../src/wire/credentials.ts";
import { assertBroken, readStream } from "./crash-load.ts";
import { call } from "./model-call.ts";
import { allow, createUser } from "./principals.ts";
import { spawnTrunkline, startTrunkline, temporaryFolder } from "./server.ts";

const ROOT = join(import.meta.dirname, "..");
const UNIT = join(ROOT, "packaging", "trunkline.service");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

test("systemd understands the units", { skip: !hasSystemd && "there is no systemd-analyze" }, () => {
  const units = ["trunkline.service", "trunkline-backup.service", "trunkline-backup.timer"];
  const paths = units.map((unit) => join(dirname(UNIT), unit));
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", ...paths], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [0, ""], stderr);
  assert.doesNotMatch(stderr, /trunkline(-backup)?[.](service|timer)/);
  const security = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", UNIT]);
  assert.equal(security.status, 0, "its exposure is 2.0 of 10 at most");
});

test("the unit and its guide name only variables that there are", () => {
  const known = new Set(Object.values(START_FLAGS).flatMap(({ environment = [] }) => environment));
  for (const file of [UNIT, join(ROOT, "docs", "operate.md")]) {
    const named = readFileSync(file, "utf8").match(/\bTRUNKLINE_\w+/g) ?? [];
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
      file,
    );
  }
});

test("metrics are read with a key and its secret as user and password, by who may", async () => {
  const server = await startTrunkline();
  const read = (user: string, password: string, path = "metrics", method = "GET"): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    return fetch(`${server.url}/_trunkline/${path}`, { method, headers: { authorization } });
  };
  const answer = await read("test", "test");
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /^process_resident_memory_bytes \d+$/m);
  for (const [user, password] of [
    ["test", "wrong"],
    ["nobody", "test"],
    ["test", ""],
  ] as const) {
    assert.ok((await read(user, password)).status >= 400, `${user}:${password}`);
  }
  // It opens nothing else.
  assert.ok((await read("test", "test", "server")).status >= 400);
  assert.ok((await read("test", "test", "reset", "POST")).status >= 400);

  const scraper = await createUser(server.client, "scraper", allow("trunkline:GET", "arn:aws:trunkline:*:*:/metrics"));
  const other = await createUser(server.client, "other");
  assert.equal((await read(scraper.accessKeyId, scraper.secretAccessKey)).status, 200);
  assert.equal((await read(other.accessKeyId, other.secretAccessKey)).status, 403);
});

test("SIGHUP ends no service that has no certificate to read again", async () => {
  const { url, child } = await spawnTrunkline(temporaryFolder());
  child.kill("SIGHUP");
  await call(url, "sqs", "CreateQueue", { QueueName: "after" });
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("credentials that are edited wrongly are told of, and those from before go on", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "keys");
  writeFileSync(file, "test, test, 000000000000\n");
  let nowMs = 0;
  const wall = new (class extends SystemWallClock {
    override monotonicMs = (): number => nowMs;
  })();
  const warned: string[] = [];
  const config = readConfig(["--port", "0", "--credentials", file, "--data", ":memory:"], {});
  const credentials = openCredentials(config, wall, (message) => warned.push(message));
  const edit = (text: string, second: number): void => {
    writeFileSync(file, text);
    utimesSync(file, second, second);
    nowMs += 1000;
  };
  edit("other, other, 111122223333\ntest, test\n", 1);
  assert.equal(credentials.find("test")?.account, "000000000000");
  assert.equal(credentials.find("other"), undefined);
  assert.deepEqual(warned, [
    `${file}, row 2: expected key, secret and account, found 2 of them: the keys from before go on`,
  ]);
  edit("other, other, 111122223333\n", 2);
  assert.equal(credentials.find("test"), undefined);
  assert.equal(credentials.operatorAccount, "111122223333");
});

test("root writes keys for a server that runs as somebody else", {
  skip: process.getuid?.() !== 0 && "this is not root",
}, () => {
  const folder = temporaryFolder();
  chownSync(folder, 65534, 65534);
  const file = join(folder, "credentials");
  const owner = (): readonly [number, number, number] => {
    const { uid, gid, mode } = statSync(file);
    return [uid, gid, mode & 0o777];
  };
  addCredential(file, { accessKeyId: "one", secretAccessKey: "secret", account: "111122223333" });
  assert.deepEqual(owner(), [65534, 65534, 0o600]);
  chownSync(file, 65533, 65533);
  addCredential(file, { accessKeyId: "two", secretAccessKey: "secret", account: "111122223333" });
  removeCredential(file, "one");
  assert.deepEqual(owner(), [65533, 65533, 0o600]);
});

test("a stop under load ends within its time, and keeps all that was acknowledged", async () => {
  const folder = temporaryFolder();
  const { url, child } = await spawnTrunkline(folder);
  await call(url, "kinesis", "CreateStream", { StreamName: "load", ShardCount: 1 });
  await call(url, "sqs", "CreateQueue", { QueueName: "empty" });
  const acknowledged: string[] = [];
  const write = async (worker: number): Promise<void> => {
    for (let number = 0; ; number++) {
      const text = `${worker}.${number}`;
      const Data = Buffer.from(text);
      await call(url, "kinesis", "PutRecord", { StreamName: "load", PartitionKey: "k", Data });
      acknowledged.push(text);
      if (acknowledged.length === 200) child.kill("SIGTERM");
    }
  };
  // Who waits for something is told at once that there is nothing.
  const waiting = call(url, "sqs", "ReceiveMessage", { QueueUrl: `${url}/000000000000/empty`, WaitTimeSeconds: 20 });
  const exit = once(child, "exit");
  await Promise.all([...Array(8).keys()].map((worker) => write(worker).catch(assertBroken)));
  await waiting.catch(assertBroken);
  assert.deepEqual(await exit, [0, null]);
  const again = await spawnTrunkline(folder);
  const kept = new Set((await readStream(again.url, "load")).map(({ text }) => text));
  assert.deepEqual(
    acknowledged.filter((text) => !kept.has(text)),
    [],
  );
  again.child.kill("SIGTERM");
  assert.deepEqual(await once(again.child, "exit"), [0, null]);
});
