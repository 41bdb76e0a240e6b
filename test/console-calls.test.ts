/** The log of calls: what is kept of them and what is not, who sees them, and the page that shows them and copies them for other tools. */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { ConnectClient, CreateInstanceCommand, CreateUserCommand } from "@aws-sdk/client-connect";
import { CreateStreamCommand, KinesisClient, PutRecordCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { CreateQueueCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { cliOf, commandOf, sdkOf } from "../web/src/copied-call.ts";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage } from "./console-page.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

interface Call {
  readonly number: number;
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly principalArn: string;
  readonly requestId: string;
  readonly via: string;
  readonly isCut: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: inputs are of any operation.
  readonly input?: any;
}

const run = promisify(execFile);
const server = await startTrunkline("--clock", "real");
const kinesis = new KinesisClient(server.client);
const sqs = new SQSClient(server.client);
const connect = new ConnectClient(server.client);
after(() => {
  for (const client of [kinesis, sqs, connect]) client.destroy();
});

async function get(
  query: string,
  accessKeyId = "test",
): Promise<{ status: number; body: { calls: Call[]; next?: number; error?: string } }> {
  const { status, body } = await sendSigned(server.url, {
    service: "trunkline",
    method: "GET",
    path: "/_trunkline/calls",
    query,
    accessKeyId,
  });
  return { status, body: JSON.parse(body.toString()) };
}

const callsOf = async (query: string): Promise<readonly Call[]> => (await get(query)).body.calls;

test("each call is kept with who made it, its input and its answer, refused ones too, for its own account alone", async () => {
  await kinesis.send(new CreateStreamCommand({ StreamName: "kept", ShardCount: 1 }));
  const put = new PutRecordCommand({ StreamName: "kept", PartitionKey: "k", Data: Buffer.from("short") });
  const { $metadata } = await kinesis.send(put);
  await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: "nowhere" })));
  const [refused, answered, created] = await callsOf("");
  assert.equal(answered?.operation, "PutRecord");
  assert.equal(answered?.requestId, $metadata.requestId);
  assert.equal(answered?.principalArn, "arn:aws:iam::000000000000:root");
  assert.deepEqual(answered?.input, {
    StreamName: "kept",
    PartitionKey: "k",
    Data: Buffer.from("short").toString("base64"),
  });
  assert.equal(answered?.isCut, false);
  assert.deepEqual([created?.service, created?.operation, created?.status], ["kinesis", "CreateStream", 200]);
  assert.deepEqual([refused?.service, refused?.status], ["sqs", 400]);
  assert.match(refused?.message ?? "", /does not exist/);
  // What was wrong with an input is seen in it.
  await assert.rejects(
    kinesis.send(new PutRecordCommand({ StreamName: "no/name", PartitionKey: "k", Data: Buffer.of(1) })),
  );
  const [invalid] = await callsOf("operation=PutRecord&status=4xx");
  assert.deepEqual([invalid?.input.StreamName, invalid?.input.PartitionKey], ["no/name", "k"]);
  assert.deepEqual((await get("", "other")).body.calls, [], "another account sees nothing of it");
});

test("calls are found by service, operation, status, principal and text, a page at a time", async () => {
  for (const QueueName of ["one", "two", "three"]) await sqs.send(new CreateQueueCommand({ QueueName }));
  const names = async (query: string) => (await callsOf(query)).map(({ input }) => input?.QueueName);
  assert.deepEqual(await names("service=sqs&operation=createqueue"), ["three", "two", "one"]);
  assert.deepEqual(await names("text=%22two%22"), ["two"]);
  assert.deepEqual(await names("service=sqs&status=4xx"), ["nowhere"]);
  assert.deepEqual(await names("service=sqs&status=ok&principal=user%2Fnobody"), []);
  const { body: first } = await get("service=sqs&status=ok&limit=2");
  assert.deepEqual(
    first.calls.map(({ input }) => input.QueueName),
    ["three", "two"],
  );
  const { body: second } = await get(`service=sqs&status=ok&limit=2&before=${first.next}`);
  assert.deepEqual([second.calls.map(({ input }) => input.QueueName), second.next], [["one"], undefined]);
  for (const query of ["limit=0", "limit=9999", "status=many", "after=x", "console=maybe", "other=1"]) {
    const { status, body } = await get(query);
    assert.deepEqual([status, typeof body.error], [400, "string"], query);
  }
});

test("secrets are not kept, and what is long is cut", async () => {
  const { Id: InstanceId } = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "secrets",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  await sqs.send(new CreateQueueCommand({ QueueName: "one" }));
  const Password = "Very-Secret-1";
  const user = { InstanceId, Username: "ada", Password, PhoneConfig: { PhoneType: "SOFT_PHONE" as const } };
  await assert.rejects(
    connect.send(new CreateUserCommand({ ...user, RoutingProfileId: "none", SecurityProfileIds: ["x"] })),
  );
  await kinesis.send(
    new PutRecordCommand({ StreamName: "kept", PartitionKey: "long", Data: Buffer.alloc(100_000, "z") }),
  );
  const Records = Array.from({ length: 500 }, (_, index) => ({
    PartitionKey: `p-${index}`,
    Data: Buffer.alloc(1_000),
  }));
  await kinesis.send(new PutRecordsCommand({ StreamName: "kept", Records }));
  await sqs.send(
    new SendMessageCommand({ QueueUrl: `${server.url}/000000000000/one`, MessageBody: "m".repeat(200_000) }),
  );
  const [message, records, record, created] = await callsOf("limit=4");
  assert.equal(created?.input.Username, "ada");
  assert.equal(created?.input.Password, "(not kept)");
  for (const call of [message, records, record]) {
    assert.equal(call?.isCut, true, call?.operation);
    assert.ok(JSON.stringify(call).length < 12_000, `${call?.operation} is short`);
  }
  const everything = JSON.stringify(await callsOf("limit=500"));
  assert.ok(!everything.includes(Password));
  assert.ok(!everything.includes("Signature="));
});

test("calls are pushed as they are answered", async () => {
  const { newest } = (await get("limit=1")).body as unknown as { newest: number };
  const signedIn = await fetch(`${server.url}/_trunkline/session`, { method: "POST", body: "{}" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const abort = new AbortController();
  const followed = await fetch(`${server.url}/_trunkline/calls?follow=true&after=${newest}&service=kinesis`, {
    headers: { cookie },
    signal: abort.signal,
  });
  const reader = (followed.body as ReadableStream<Uint8Array>).getReader();
  await kinesis.send(new PutRecordCommand({ StreamName: "kept", PartitionKey: "pushed", Data: Buffer.from("x") }));
  const { value } = await reader.read();
  const [line = ""] = Buffer.from(value ?? [])
    .toString()
    .split("\n");
  assert.equal((JSON.parse(line) as Call).input.PartitionKey, "pushed");
  abort.abort();
});

test("a copied line means the same to a shell, whatever is in the input", () => {
  const texts = [
    "it's",
    '"quoted"',
    "two\nlines",
    "$HOME `id` $(id)",
    "back\\slash",
    "!bang",
    "ünï ☂",
    "-- -x",
    "%s",
    "'",
    "",
  ];
  const input = { Name: "n", Texts: texts, "odd key '": { a: texts.join("'") } };
  const to = { url: "http://127.0.0.1:4510", region: "us-east-1" };
  const line = cliOf({ service: "customer-profiles", operation: "PutProfileObject", input }, to);
  assert.ok(line.startsWith("aws customer-profiles put-profile-object --cli-input-json '"), line);
  // A shell splits the line; a program in place of the CLI tells what it got.
  const print = `${JSON.stringify(process.execPath)} -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- `;
  const words = JSON.parse(execFileSync("sh", ["-c", line.replace(/^aws /, print)], { encoding: "utf8" }));
  assert.deepEqual([words[0], words[1], words[2]], ["customer-profiles", "put-profile-object", "--cli-input-json"]);
  assert.deepEqual(JSON.parse(words[3]), input);
  assert.deepEqual(words.slice(4), ["--endpoint-url", to.url, "--region", to.region]);
});

test("commands are called as the CLI calls them", () => {
  for (const [operation, command] of [
    ["PutRecord", "put-record"],
    ["ListObjectsV2", "list-objects-v2"],
    ["GetMetricDataV2", "get-metric-data-v2"],
    ["StartWebRTCContact", "start-web-rtc-contact"],
    ["CreateHTTPApi", "create-http-api"],
    ["ListTagsForARNs", "list-tags-for-arns"],
    ["DescribeStreamSummary", "describe-stream-summary"],
  ] as const) {
    assert.equal(commandOf(operation), command);
  }
});

test("a copied line does it again with the AWS CLI, where there is one", async (t) => {
  if (spawnSync("aws", ["--version"]).status !== 0) return t.skip("there is no AWS CLI (aws) on this machine");
  const input = { QueueName: "by-the-cli", tags: { note: 'it\'s "quoted"\nand broken' } };
  const line = cliOf({ service: "sqs", operation: "CreateQueue", input }, { url: server.url, region: "us-east-1" });
  const env = { ...process.env, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const { stdout } = await run("sh", ["-c", line], { env });
  assert.match(JSON.parse(stdout).QueueUrl, /by-the-cli$/);
});

test("a copied program makes the call", async () => {
  const input = { StreamName: "kept", PartitionKey: "it's", Data: Buffer.from("by program").toString("base64") };
  const program =
    sdkOf({ service: "kinesis", operation: "PutRecord", input }, { url: server.url, region: "us-east-1" }) ?? "";
  const file = new URL(`./copied-${process.pid}.mjs`, import.meta.url);
  await writeFile(file, program);
  const env = { ...process.env, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  try {
    const { stdout } = await run(process.execPath, [file.pathname], { env });
    assert.match(stdout, /SequenceNumber/);
  } finally {
    await rm(file);
  }
  const [call] = await callsOf("operation=PutRecord&limit=1");
  assert.equal(Buffer.from(call?.input.Data, "base64").toString(), "by program");
});

const browser = await openBrowser();

test("the page shows calls as they come, with filters in its address; each opens to its input, its error and its copies", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  // Other tests have asked for queues too: the text leaves but the one that is to come.
  await using page = await openPage(browser, server.url, "calls?service=sqs&text=onerror");
  await page.getByRole("heading", { name: "API calls" }).waitFor();
  const hostile = `<img src=x onerror="document.title='run'">`;
  await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: hostile })));
  const line = page.getByRole("listitem").filter({ hasText: "GetQueueUrl" }).first();
  await line.getByText("GetQueueUrl").click();
  await line.getByText(hostile).first().waitFor();
  await line.locator(".failure").waitFor();
  assert.match((await line.locator("pre").first().textContent()) ?? "", /^aws sqs get-queue-url --cli-input-json '/);
  assert.match((await line.locator("pre").nth(1).textContent()) ?? "", /new SQSClient/);
  assert.equal(await page.title(), "API calls · Trunkline");
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByLabel("Text").fill("seen");
  await page.getByLabel("Text").press("Enter");
  await page.getByLabel("Status").selectOption("ok");
  await page.waitForURL(/\?service=sqs&text=seen&status=ok$/);
  await line.waitFor({ state: "detached" });
  await sqs.send(new CreateQueueCommand({ QueueName: "seen" }));
  const made = page.getByRole("listitem").filter({ hasText: "CreateQueue" });
  await made.getByText("CreateQueue").click();
  await made.locator(".json-string", { hasText: "seen" }).waitFor();
  await made.getByRole("link", { name: "Call again" }).click();
  await page.waitForURL(/\/api\?model=sqs&operation=CreateQueue&input=/);
});

test("what the console itself asks is shown only where one wants it", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "calls?service=connect&operation=ListInstances");
  await page.getByText("No call yet that is looked for here").waitFor();
  await page.getByLabel("with what this console asks").check();
  await page.getByText("ListInstances").first().waitFor();
  assert.match(page.url(), /console=include/);
});
