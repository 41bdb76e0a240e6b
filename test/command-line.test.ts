import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { startTrunkline, temporaryFolder } from "./server.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function trunkline(args: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, TRUNKLINE_CREDENTIALS: "", ...environment },
  });
  after(() => child.kill("SIGKILL"));
  return child;
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => (stdout += chunk));
  child.stderr?.on("data", (chunk) => (stderr += chunk));
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/** Waits until what a command prints matches, and answers with the match. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let output = "";
  for await (const chunk of child.stdout as NodeJS.ReadableStream) {
    output += chunk;
    const found = pattern.exec(output);
    if (found) return found;
  }
  throw new Error(`It ended without ${pattern}: ${output}`);
}

test("start prints where it is, answers health, and ends cleanly on SIGTERM", async () => {
  const child = trunkline(["start", "--port", "0", "--data", temporaryFolder()]);
  const [, url] = await printed(child, /ready at (http:\/\/127\.0\.0\.1:\d+)[\s\S]*AWS_ACCESS_KEY_ID=test/);
  const health = await fetch(`${url}/_trunkline/health`);
  assert.equal(health.status, 200);
  assert.equal(((await health.json()) as { status: string }).status, "ok");
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("a data folder that another process holds is left alone: one line, exit code 1", async () => {
  const folder = temporaryFolder();
  const first = trunkline(["start", "--port", "0", "--data", folder]);
  await printed(first, /ready at/);
  const second = await ended(trunkline(["start", "--port", "0", "--data", folder]));
  assert.equal(second.code, 1);
  assert.equal(second.stdout, "");
  assert.match(second.stderr, /^trunkline: [^\n]*\n$/);
  assert.ok(second.stderr.includes(folder));
  first.kill("SIGTERM");
  await once(first, "exit");
});

test("a data folder that is corrupt is left as it is: one line, exit code 1", async () => {
  const folder = temporaryFolder();
  const first = trunkline(["start", "--port", "0", "--data", folder]);
  await printed(first, /ready at/);
  first.kill("SIGTERM");
  await once(first, "exit");
  const database = join(folder, "trunkline.db");
  writeFileSync(
    database,
    "This is no database, but somebody's letters, and more than a hundred bytes of them, so that it is looked at. ".repeat(
      90,
    ),
  );
  const before = readFileSync(database);
  const second = await ended(trunkline(["start", "--port", "0", "--data", folder]));
  assert.equal(second.code, 1);
  assert.match(second.stderr, /^trunkline: [^\n]*\n$/);
  assert.deepEqual(readFileSync(database), before);
});

test("a data folder that cannot be one is refused: one line, exit code 1", async () => {
  const file = join(temporaryFolder(), "a-file");
  writeFileSync(file, "");
  const { code, stderr } = await ended(trunkline(["start", "--port", "0", "--data", file]));
  assert.equal(code, 1);
  assert.match(stderr, /^trunkline: [^\n]*a-file[^\n]*\n$/);
});

test("an address that others can reach needs credentials first", async () => {
  const folder = temporaryFolder();
  const refused = await ended(trunkline(["start", "--host", "0.0.0.0", "--port", "0", "--data", folder]));
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /credentials add/);

  const added = await ended(trunkline(["credentials", "add", "--account", "111122223333", "--data", folder]));
  assert.match(added.stdout, /^AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16} AWS_SECRET_ACCESS_KEY=\S{40}\n$/);
  const listed = await ended(trunkline(["credentials", "list", "--data", folder]));
  assert.match(listed.stdout, /^AKIA[A-Z2-7]{16} 111122223333\n$/);
  const child = trunkline(["start", "--host", "0.0.0.0", "--port", "0", "--data", folder]);
  await printed(child, /ready at/);
  child.kill("SIGTERM");
  await once(child, "exit");

  const [accessKeyId = ""] = listed.stdout.split(" ");
  await ended(trunkline(["credentials", "remove", accessKeyId, "--data", folder]));
  assert.equal((await ended(trunkline(["credentials", "list", "--data", folder]))).stdout, "");
});

test("flags that are not understood say so in one line", async () => {
  for (const [args, words] of [
    [["start", "--port", "x"], /--port/],
    [["start", "--nonsense"], /--nonsense/],
    [["start", "--clock", "fast"], /real, manual/],
    [["start", "--database", "postgres://x"], /not built/],
    [["start", "--limit", "x"], /NAME=VALUE/],
    [["start", "--limit", "events.rules-per-buss=1"], /no limit events.rules-per-buss; docs\/limits.md/],
    [["start", "--data", ""], /--data/],
    [["start", "--prot", "0"], /did you mean --port\?/],
    [["start", "--credentials", tmpdir()], /cannot be read: EISDIR/],
    [["credentials", "list", "--credentials", tmpdir()], /cannot be read: EISDIR/],
    [["credentials", "add", "a", "b", "c"], /takes the access key and its secret, or neither/],
    [["credentials", "add", "--credentials", join(tmpdir(), "k".repeat(250))], /cannot be written: ENAMETOOLONG/],
    [["fly"], /no command fly/],
    [["credential", "list"], /did you mean credentials\?/],
  ] as const) {
    const { code, stderr } = await ended(trunkline(args));
    assert.ok(code === 1 || code === 2, `${args}`);
    assert.match(stderr, /^trunkline: [^\n]*\n$/);
    assert.match(stderr, words);
  }
});

test("variables that are not understood are told of by their own name, or warned of", async () => {
  const { code, stderr } = await ended(trunkline(["start"], { TRUNKLINE_PORT: "tcp://10.0.0.1:4510" }));
  assert.deepEqual([code, stderr], [1, "trunkline: TRUNKLINE_PORT: tcp://10.0.0.1:4510 is not a port (0 to 65535)\n"]);

  const slips = { TRUNKLINE_LOGLEVEL: "debug", TRUNKLINE_SERVICE_HOST: "10.0.0.1", TRUNKLINE_SMTP_USR: "me" };
  const child = trunkline(["start", "--port", "0", "--data", ":memory:"], slips);
  let said = "";
  child.stderr?.on("data", (chunk) => (said += chunk));
  await printed(child, /ready at/);
  child.kill("SIGTERM");
  await once(child, "close");
  assert.deepEqual(
    said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).msg),
    [
      "The variable TRUNKLINE_LOGLEVEL says nothing here; did you mean TRUNKLINE_LOG_LEVEL?",
      "The variable TRUNKLINE_SMTP_USR says nothing here; did you mean TRUNKLINE_SMTP_USER?",
    ],
  );
});

test("each command has its own help, and help tells of all", async () => {
  const printedBy = async (...args: string[]): Promise<string> => {
    const { code, stdout } = await ended(trunkline(args));
    assert.equal(code, 0);
    return stdout;
  };
  for (const command of ["start", "tail", "send", "explain", "operations", "credentials"]) {
    const text = await printedBy(command, "--help");
    assert.match(text, new RegExp(`^Usage: trunkline ${command} `));
    assert.equal(await printedBy("help", command), text);
  }
  assert.match(
    await printedBy("send", "--help"),
    /one event, an array of events, or one event a line[\s\S]*"detail-type"/,
  );
  const whole = await printedBy("help");
  for (const command of ["start", "tail", "explain", "credentials", "completion"]) {
    assert.match(whole, new RegExp(`^  ${command} `, "m"));
  }
  assert.equal(await printedBy("--help"), whole);
  assert.equal((await ended(trunkline(["fly", "--help"]))).code, 2);
});

test("tail prints the records of a stream as they arrive, and send puts events of aws sources on the bus", async () => {
  const { url, client } = await startTrunkline("--clock", "real");
  const kinesis = new KinesisClient(client);
  await kinesis.send(new CreateStreamCommand({ StreamName: "calls", ShardCount: 2 }));
  const stream = trunkline(["tail", "calls", "--url", url, "--from", "oldest"]);
  await kinesis.send(
    new PutRecordCommand({ StreamName: "calls", PartitionKey: "contact-42", Data: Buffer.from('{"n":1}') }),
  );
  const [line] = await printed(stream, /.*\n/);
  const record = JSON.parse(line);
  assert.equal(record.PartitionKey, "contact-42");
  assert.equal(record.Data, '{"n":1}');
  kinesis.destroy();

  const bus = trunkline(["tail", "default", "--url", url, "--from", "oldest"]);
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "event.json");
  writeFileSync(
    file,
    '{"source":"aws.connect","detail-type":"Amazon Connect Contact Event","detail":{"eventType":"QUEUED","n":12345678901234567890.10}}',
  );
  const sent = await ended(trunkline(["send", file, "--url", url]));
  assert.equal(sent.code, 0, sent.stderr);
  const [eventLine] = await printed(bus, /.*\n/);
  assert.match(eventLine, /"n":12345678901234567890\.10\b/, "a number arrives as it was written");
  const event = JSON.parse(eventLine);
  assert.equal(event.source, "aws.connect");
  assert.equal(event.id, sent.stdout.trim());
  stream.kill();
  bus.kill();

  const nowhere = await ended(trunkline(["tail", "nothing-of-this-name", "--url", url]));
  assert.equal(nowhere.code, 1);
  assert.equal(
    nowhere.stderr,
    `trunkline: ${url} answered 404: There is no stream and no event bus nothing-of-this-name in us-east-1\n`,
  );
  writeFileSync(file, '[{"source":"shop"}]');
  const wrong = await ended(trunkline(["send", file, "--url", url]));
  assert.equal(
    wrong.stderr,
    `trunkline: ${url} answered 400: Event 0 is not an object with a source, a detail type and a detail, or has a time that is none\n`,
  );
  const stranger = await ended(trunkline(["tail", "calls", "--url", url], { AWS_ACCESS_KEY_ID: "nobody" }));
  assert.match(stranger.stderr, /^trunkline: http:\S+ answered 403: The security token [^\n{]*\n$/);
});

test("a command whose output nobody reads any more ends, without a word", async () => {
  const { url, client } = await startTrunkline();
  const kinesis = new KinesisClient(client);
  await kinesis.send(new CreateStreamCommand({ StreamName: "long", ShardCount: 1 }));
  const put = () =>
    kinesis.send(new PutRecordCommand({ StreamName: "long", PartitionKey: "k", Data: Buffer.alloc(500_000, "x") }));
  for (let number = 0; number < 4; number++) await put();
  const child = trunkline(["tail", "long", "--from", "oldest", "--url", url]);
  let stderr = "";
  child.stderr?.on("data", (chunk) => (stderr += chunk));
  const closed = once(child, "close");
  await once(child.stdout as NodeJS.ReadableStream, "data");
  child.stdout?.destroy();
  assert.deepEqual([await closed, stderr], [[0, null], ""]);
});
