/** Where flows find the files of S3: own buckets, folders, endpoints of connector profiles, the endpoint of the server; and the command that shows them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { FlowWorld, flowNamed } from "./flow-world.ts";
import { startTrunkline, startTrunklineIn, temporaryFolder } from "./server.ts";

const BIN = fileURLToPath(new URL("../bin/trunkline.mjs", import.meta.url));

const far = await startTrunkline();
const farS3 = new S3Client({ ...far.clientOf("other"), forcePathStyle: true });
for (const Bucket of ["far-guests", "other-guests"]) await farS3.send(new CreateBucketCommand({ Bucket }));
const folder = temporaryFolder();
const farKeys = { accessKeyId: "other", secretAccessKey: { env: "FAR_SECRET" } };
const buckets = {
  "near-guests": { folder },
  "far-guests": { endpoint: far.url, region: "us-east-1", ...farKeys },
  "wrong-guests": { endpoint: far.url, region: "us-east-1", accessKeyId: "other", secretAccessKey: "wrong" },
};
const environment = {
  TRUNKLINE_CONNECTORS: JSON.stringify({ depot: { connectorType: "S3", buckets } }),
  FAR_SECRET: "other",
};
const server = await startTrunklineIn(environment);
const world = new FlowWorld(server);

function from(BucketName: string, ConnectorProfileName?: string) {
  const properties = { S3: { BucketName, BucketPrefix: "in/" } };
  return {
    SourceFlowConfig: { ConnectorType: "S3", ConnectorProfileName, SourceConnectorProperties: properties },
  } as const;
}

/** With `padding`, characters that each row has more. */
function csvOf(name: string, count: number, padding: number = 0): string {
  const rows = Array.from(
    { length: count },
    (_, row) => `${name}-${row},"${name}\n${row}@example.com",${"x".repeat(padding)}`,
  );
  return `id,mail,more\r\n${rows.join("\r\n")}`;
}

test("a bucket at another endpoint is read page by page, whatever its keys are", async () => {
  await world.openDomain("far");
  const put = (Key: string, Body: string | Uint8Array, more: object = {}) =>
    farS3.send(new PutObjectCommand({ Bucket: "far-guests", Key, Body, ...more }));
  await put("in/with space+&=%/ä 1.csv", csvOf("a", 500, 1000));
  // Which an HTTP client would unpack by itself.
  await put("in/packed.csv", gzipSync(csvOf("b", 500, 1000)), { ContentEncoding: "gzip" });
  await put("in/<&amp;>.jsonl", '{"id":"c-0","mail":"c@example.com"}\n');
  await put("in/folder/", "");
  await put("out/x.csv", csvOf("x", 1));
  for (let file = 0; file < 30; file++) await put(`in/small/${file}.csv`, `id,mail\ns-${file},${file}@example.com\n`);
  await world.putFlow("far", flowNamed("far", from("far-guests")));
  await server.advance("PT1S");
  assert.deepEqual(await world.recordsRead("far"), [1031]);
  assert.equal(await world.profileCount("far"), 1031);
  assert.equal((await world.guest("far", "a-499"))?.mail, "a\n499@example.com");
});

test("a folder is a bucket, and its files are its objects", async () => {
  await world.openDomain("near");
  mkdirSync(join(folder, "in", "deep"), { recursive: true });
  writeFileSync(join(folder, "in", "deep", "a.csv"), csvOf("n", 100));
  writeFileSync(join(folder, "b.csv"), csvOf("x", 5));
  await world.putFlow("near", flowNamed("near", from("near-guests", "depot")));
  await server.advance("PT1S");
  assert.deepEqual(await world.recordsRead("near"), [100]);
});

test("what a bucket refuses is told by the run, without its keys", async () => {
  await world.openDomain("refused");
  const told = async (name: string, ...source: Parameters<typeof from>): Promise<string | undefined> => {
    await world.putFlow("refused", flowNamed(name, from(...source)));
    await server.advance("PT1S");
    const [run] = await world.runs(name);
    assert.equal(run?.executionStatus, "Error");
    return run?.executionResult?.errorInfo?.executionMessage;
  };
  assert.match((await told("wrong", "wrong-guests")) ?? "", /answered 403: SignatureDoesNotMatch/);
  assert.match((await told("nowhere", "no-such-bucket")) ?? "", /The specified bucket does not exist/);
  assert.match(
    (await told("unmapped", "elsewhere", "depot")) ?? "",
    /^The connector profile depot has no bucket elsewhere$/,
  );
  assert.match((await told("unknown", "near-guests", "nobody")) ?? "", /no connector profile nobody/);
});

test("another account's buckets are not read, here or by a profile", async () => {
  const owner = new FlowWorld({ url: server.url, client: server.clientOf("other") });
  await owner.openBucket("private-guests");
  await owner.putFile("in/a.csv", csvOf("p", 3), "private-guests");
  await world.openDomain("spy");
  await world.putFlow("spy", flowNamed("spy", from("private-guests")));
  await server.advance("PT1S");
  const [run] = await world.runs("spy");
  assert.deepEqual([run?.executionStatus, run?.executionResult?.recordsProcessed], ["Error", 0]);
  assert.match(run?.executionResult?.errorInfo?.executionMessage ?? "", /Access Denied/);
});

test("with an S3 endpoint outside flows read there", async () => {
  await farS3.send(new PutObjectCommand({ Bucket: "other-guests", Key: "in/a.csv", Body: csvOf("o", 10) }));
  const keys = { TRUNKLINE_S3_ACCESS_KEY_ID: "other", TRUNKLINE_S3_SECRET_ACCESS_KEY: "other" };
  const inside = await startTrunklineIn(keys, "--s3-endpoint", far.url);
  const there = new FlowWorld(inside);
  await there.openDomain("outside");
  await there.putFlow("outside", flowNamed("outside", from("other-guests")));
  await inside.advance("PT1S");
  assert.deepEqual(await there.recordsRead("outside"), [10]);
});

async function trunkline(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [BIN, ...args, "--url", server.url], { stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, output: output + errors };
}

test("the command lists flows, shows one with its runs, and follows a run to its end", async () => {
  const listed = await trunkline("flows");
  assert.equal(listed.code, 0);
  assert.match(listed.output, /^far {2}S3 far-guests\/in\/ → far {2}OnDemand {2}Active$/m);
  assert.match(listed.output, /^wrong .* UNHEALTHY: Bucket wrong-guests: .* answered 403/m);

  const followed = await trunkline("flows", "run", "near", "--follow");
  assert.equal(followed.code, 0);
  assert.match(
    followed.output,
    /Successful {2}on demand {2}100 read, 0 filtered, 0 dropped, 0 failed, 100 ingested {2}\d+ bytes/,
  );
  const failed = await trunkline("flows", "run", "wrong", "--follow");
  assert.equal(failed.code, 1);
  assert.match(failed.output, /Error .*answered 403/);

  const shown = await trunkline("flows", "show", "near");
  assert.equal(shown.output.trim().split("\n").length, 3);
  const { runs } = JSON.parse((await trunkline("flows", "show", "near", "--json")).output) as { runs: unknown[] };
  assert.equal(runs.length, 2);
  assert.match((await trunkline("flows", "run", "near")).output, /^Run [0-9a-f-]{36} has started/);

  const unknown = await trunkline("flows", "show", "nobody");
  assert.deepEqual([unknown.code, /404: There is no flow nobody/.test(unknown.output)], [1, true]);
  assert.equal((await trunkline("flows", "stop", "near")).code, 1);
});
