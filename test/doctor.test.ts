/** What `trunkline doctor` finds, with a server and without, and what a start says where something is in its way. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { CreateStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import type { Finding } from "../src/cli/doctor/finding.ts";
import { examine } from "../src/cli/doctor.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function trunkline(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, TRUNKLINE_CREDENTIALS: "" } });
  after(() => child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}

/** The findings by their check, and whether none of them is a failure. */
async function found(...args: readonly string[]): Promise<{ isOk: boolean; of: Map<string, Finding> }> {
  const findings: Finding[] = [];
  for await (const finding of examine(
    args.filter((arg) => arg !== "--deep"),
    args.includes("--deep"),
  ))
    findings.push(finding);
  for (const { state, advice } of findings) assert.equal(state === "ok", advice === undefined);
  const isOk = findings.every(({ state }) => state !== "fail");
  return { isOk, of: new Map(findings.map((finding) => [finding.check, finding])) };
}

function assertFound(finding: Finding | undefined, state: string, found: RegExp): void {
  assert.match(String(finding?.found), found);
  assert.equal(finding?.state, state, finding?.found);
}

test("before the first start: what is there, what will be made, and nothing is changed", async () => {
  const place = temporaryFolder();
  const data = join(place, "data");
  const { isOk, of } = await found("--data", data, "--port", "0");
  assert.ok(isOk, JSON.stringify([...of.values()].filter(({ state }) => state === "fail")));
  assertFound(of.get("node"), "ok", new RegExp(`^${process.version} `));
  assertFound(of.get("data"), "ok", /data will be made$/);
  assertFound(of.get("access keys"), "ok", /^test, on this machine alone$/);
  assert.match(String(of.get("sync")?.found), /^[\d.]+ ms \(median of 15, longest [\d.]+ ms\)$/);
  for (const check of ["disk", "memory", "processors", "names", "python", "aws cli"]) assert.ok(of.get(check), check);
  assert.deepEqual(readdirSync(place), []);

  const { stdout } = await trunkline("doctor", "--data", data, "--port", "0");
  assert.match(stdout, /^ok {4}node {11}v\d/);
  assert.match(stdout, /^ok {4}data {11}.*will be made$/m);
});

test("beside a running server: who answers, who holds the folder, and every page of it", async () => {
  const folder = temporaryFolder();
  const server = await startTrunkline("--data", folder, "--clock", "real");
  await new KinesisClient(server.client).send(new CreateStreamCommand({ StreamName: "calls", ShardCount: 1 }));
  writeFileSync(join(folder, "credentials"), "test, test, 000000000000\n");
  chmodSync(join(folder, "credentials"), 0o644);
  const { port } = new URL(server.url);
  const { isOk, of } = await found("--data", folder, "--port", port, "--deep");
  assert.ok(isOk);
  assertFound(of.get("port"), "ok", /: Trunkline \d+[.]\d+[.]\d+ answers/);
  assertFound(of.get("clock"), "ok", /agree/);
  assertFound(of.get("version"), "ok", /^data of version \d+; this program knows up to \d+$/);
  assertFound(of.get("integrity"), "ok", /as it should be/);
  assertFound(
    of.get("lock"),
    "ok",
    process.platform === "linux" ? new RegExp(`^held by .* \\(pid ${process.pid}\\)$`) : /^held by/,
  );
  if (process.platform === "linux") assertFound(of.get("port"), "ok", new RegExp(`\\(pid ${process.pid}\\)`));
  assertFound(of.get("permissions"), "warn", /credentials has mode 0644$/);
  // It has looked, and no more.
  await new KinesisClient(server.client).send(new CreateStreamCommand({ StreamName: "more", ShardCount: 1 }));
});

test("a port that another program has: doctor and start say which", async () => {
  const other = createServer((_request, response) => response.end("hello"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  after(() => other.close());
  const port = String((other.address() as AddressInfo).port);
  const data = temporaryFolder();
  const holder = process.platform === "linux" ? ` by node \\(pid ${process.pid}\\)` : "";
  const { isOk, of } = await found("--data", data, "--port", port);
  assert.ok(!isOk);
  assertFound(of.get("port"), "fail", new RegExp(`^127[.]0[.]0[.]1:${port} is taken${holder}`));
  const started = await trunkline("start", "--data", data, "--port", port);
  assert.deepEqual([started.code, started.stdout], [1, ""]);
  assert.match(
    started.stderr,
    new RegExp(`^trunkline: cannot listen on 127[.]0[.]0[.]1:${port}: it is taken${holder}; choose another[^\\n]*\\n$`),
  );

  const running = await startTrunkline();
  const { port: ours } = new URL(running.url);
  const second = await trunkline("start", "--data", temporaryFolder(), "--port", ours);
  assert.match(second.stderr, /^trunkline: cannot listen on .*: it is taken by Trunkline \d[^\n]*\n$/);
});

test("a data folder that does not fit is told of as start would, and left as it is", async () => {
  const made = async (): Promise<string> => {
    const folder = temporaryFolder();
    await (await startTrunkline("--data", folder)).close();
    return folder;
  };
  const both = async (folder: string, message: RegExp): Promise<void> => {
    const { isOk, of } = await found("--data", folder, "--port", "0", "--deep");
    assert.ok(!isOk);
    assertFound(of.get("version") ?? of.get("data"), "fail", message);
    await assert.rejects(startTrunkline("--data", folder), { name: "DataFolderError", message });
  };
  const newer = await made();
  const database = new DatabaseSync(join(newer, "trunkline.db"));
  database.exec("PRAGMA user_version = 99");
  database.close();
  await both(newer, /has version 99, written by a newer Trunkline; this one knows up to \d+/);

  const asJson = await trunkline("doctor", "--data", newer, "--port", "0", "--json");
  const { ok, findings } = JSON.parse(asJson.stdout) as { ok: boolean; findings: readonly Finding[] };
  assert.deepEqual([asJson.code, asJson.stderr, ok], [1, "", false]);
  assert.deepEqual(
    findings.filter(({ state }) => state === "fail").map(({ check }) => check),
    ["version"],
  );
  const started = await trunkline("start", "--data", newer, "--port", "0");
  assert.deepEqual([started.code, started.stdout], [1, ""]);
  assert.match(started.stderr, /^trunkline: Data folder [^\n]* has version 99, [^\n]*\n$/);

  const foreign = temporaryFolder();
  const letters = new DatabaseSync(join(foreign, "trunkline.db"));
  letters.exec("CREATE TABLE letters (text)");
  letters.close();
  await both(foreign, /is not Trunkline's: trunkline[.]db is another program's/);

  const torn = await made();
  truncateSync(join(torn, "trunkline.db"), 3000);
  await both(torn, /is damaged: /);

  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  await both(file, /is a file/);
});

test("a configuration that start would refuse is a finding", async () => {
  const { isOk, of } = await found("--port", "many");
  assert.ok(!isOk);
  assertFound(of.get("configuration"), "fail", /^--port: many is not a port/);
  const data = join(temporaryFolder(), "data");
  mkdirSync(data);
  const open = await found("--data", data, "--port", "0", "--host", "0.0.0.0");
  assertFound(open.of.get("access keys"), "fail", /needs access keys first/);
  const certificate = await found("--data", data, "--port", "0", "--tls-cert", "gone.pem", "--tls-key", "gone.pem");
  assertFound(certificate.of.get("certificate"), "fail", /gone[.]pem cannot be read: ENOENT/);
  assert.ok(!existsSync(join(data, "trunkline.db")));
});

test("a small disk, a clock that is ahead, few open files and a certificate that ends soon are warned of", async (t) => {
  const small = temporaryFolder();
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", small]).status === 0;
  if (isMounted) {
    t.after(() => spawnSync("umount", ["--lazy", small]));
    const { isOk, of } = await found("--data", join(small, "data"), "--port", "0");
    assert.ok(!isOk);
    assertFound(of.get("file system"), "warn", /^tmpfs$/);
    assertFound(of.get("disk"), "fail", /^0[.]\d GiB free$/);
  }

  const server = await startTrunkline();
  await server.advance("PT1H");
  const ahead = await found("--data", ":memory:", "--port", new URL(server.url).port);
  assertFound(ahead.of.get("clock"), "warn", /\d s ahead of the machine's$/);

  if (process.platform === "linux") {
    const few = ["-c", 'ulimit -n 1024; exec "$@"', "sh", process.execPath, BIN, "doctor", "--json", "--port", "0"];
    const { stdout } = spawnSync("sh", [...few, "--data", ":memory:"], { encoding: "utf8" });
    const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
    const files = findings.find(({ check }) => check === "open files");
    assertFound(files, "warn", /^1024 at most$/);
  }

  const [cert, key] = [join(temporaryFolder(), "cert.pem"), join(temporaryFolder(), "key.pem")];
  const kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3", "-subj", "/CN=127.0.0.1"];
  const made = spawnSync("openssl", [...kind, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]);
  if (made.status === 0) {
    const soon = await found("--data", ":memory:", "--port", "0", "--tls-cert", cert, "--tls-key", key);
    assertFound(soon.of.get("certificate"), "warn", /valid for [23] days$/);
  }
});
