/** Streams and buses in the console: what people see and do there. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { EventBridgeClient, ListReplaysCommand, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
} from "@aws-sdk/client-kinesis";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage } from "./console-page.ts";
import { startTrunkline } from "./server.ts";
import { createStream } from "./streams.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
const kinesis = new KinesisClient(server.client);
const events = new EventBridgeClient(server.client);
const HOSTILE = `<img src=x onerror="document.title='broken'">`;

async function put(StreamName: string, data: string | Uint8Array, PartitionKey = "k"): Promise<string> {
  const Data = typeof data === "string" ? Buffer.from(data) : data;
  return (await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey, Data }))).SequenceNumber ?? "";
}

test("a stream is made, split, merged and deleted by hand, and its records are seen as they arrive", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "streams");
  await page.getByText("There is no stream").waitFor();
  await page.getByText("Create a stream", { exact: true }).click();
  await page.getByLabel("Name").fill("by/hand");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").getByText("ValidationException").waitFor();
  await page.getByLabel("Name").fill("by-hand");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("row", { name: /by-hand/ }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("link", { name: "by-hand" }).click();
  await page.getByText("Nothing yet").waitFor();
  await put("by-hand", "arrives now", HOSTILE);
  await page.getByText(`${HOSTILE}  arrives now`).waitFor();
  await assertAccessible(page);

  await page.getByRole("tab", { name: /^Shards/ }).click();
  await page.getByRole("button", { name: "Split …" }).click();
  await page.getByRole("button", { name: "Split", exact: true }).click();
  await page.getByRole("row", { name: /shard 2 ● open/ }).waitFor();
  await page.getByRole("row", { name: /shard 0 ● closed/ }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("button", { name: /^Merge with shard/ }).click();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByRole("row", { name: /shard 3 ● open/ }).waitFor();
  await page.getByText("Change the number of shards").click();
  await page.getByRole("textbox", { name: "Shards" }).fill("2");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByText("On its way to 2 shards").waitFor();
  await page.getByRole("button", { name: "Delete …" }).click();
  await page.getByRole("button", { name: "Delete stream" }).click();
  await page.waitForURL("**/console/streams");
  const gone = kinesis.send(new DescribeStreamSummaryCommand({ StreamName: "by-hand" }));
  await assert.rejects(gone, { name: "ResourceNotFoundException" });
});

test("a shard is looked into: what its bytes say, a long record whole, and nobody's place moves", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const StreamARN = await createStream(kinesis, "looked-into");
  await put("looked-into", `{"note":${JSON.stringify(HOSTILE)}}`, "json");
  await put("looked-into", Buffer.from([0, 1, 0x41, 255]), "binary");
  await put("looked-into", gzipSync('{"packed":"yes"}'), "packed");
  const begin = { StreamARN, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(begin));
  const { NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
  const long = await put("looked-into", "a".repeat(1_000_000), "long");
  await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "fan" }));

  await using page = await openPage(browser, server.url, "streams/looked-into?tab=consumers");
  const reader = page.getByRole("region", { name: "Places of root" });
  await reader.getByText("3 records").waitFor();
  await page.getByText("registered consumer", { exact: true }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);

  await page.getByRole("tab", { name: "Look into a shard" }).click();
  await page.locator("summary", { hasText: "json" }).first().click();
  await page.getByText(HOSTILE).last().waitFor();
  await page.locator("summary", { hasText: "binary" }).click();
  await page.getByText("000000 00 01 41 ff").waitFor();
  await page.locator("summary", { hasText: "packed" }).click();
  await page.getByText("yes", { exact: true }).waitFor();
  await page.locator("summary", { hasText: "long" }).click();
  await assertAccessible(page);
  await assertFitsPhone(page);
  const record = page.getByRole("listitem").filter({ has: page.locator("summary", { hasText: "long" }) });
  await record.getByRole("button", { name: "Load it whole" }).click();
  const downloading = page.waitForEvent("download");
  await record.getByRole("button", { name: "Download" }).click();
  const download = await downloading;
  assert.equal((await readFile(await download.path())).length, 1_000_000);
  await page.getByLabel("Sequence number").fill(long);
  await page.locator("summary", { hasText: "binary" }).waitFor({ state: "detached" });
  await page.getByLabel("Sequence number").fill("12");
  await page.getByText("There is no stream looked-into with a shard").waitFor();
  assert.notEqual(await page.title(), "broken");

  await page.getByRole("tab", { name: /^Consumers/ }).click();
  await reader.getByText("3 records").waitFor();
  const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator: NextShardIterator, Limit: 1 }));
  assert.equal(Records?.[0]?.PartitionKey, "binary");
  await reader.getByText("2 records").waitFor();
});

test("a record is put by hand, as text or bytes, and the page says where it went", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await createStream(kinesis, "put-to");
  await using page = await openPage(browser, server.url, "streams/put-to?tab=put");
  await page.getByLabel("Partition key").fill("mine");
  await page.getByLabel("Data is").selectOption("hex");
  await page.getByLabel("Data", { exact: true }).fill("00 4");
  await page.getByText("These are no pairs of hexadecimal digits").waitFor();
  assert.ok(await page.getByRole("button", { name: "Put", exact: true }).isDisabled());
  await page.getByLabel("Data", { exact: true }).fill("00 41 ff");
  await page.getByRole("button", { name: "Put", exact: true }).click();
  await page.getByText("Put into shard 0 as").waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("link", { name: "Look at it" }).click();
  await page.locator("summary", { hasText: "mine" }).click();
  await page.getByText("000000 00 41 ff").waitFor();
});

test("an event is put on a bus by hand, archived, and replayed", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "buses");
  await page.getByText("Create a bus", { exact: true }).click();
  await page.getByLabel("Bus name").fill("orders");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("link", { name: "orders" }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("link", { name: "orders" }).click();
  await page.getByRole("tab", { name: "Archives and replays" }).click();
  await page.getByText("Nothing of this bus is archived").waitFor();
  await page.getByText("Create an archive", { exact: true }).click();
  await page.getByLabel("Archive name").fill("all-orders");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("Nothing was replayed yet").waitFor();

  await page.getByRole("tab", { name: "Put an event" }).click();
  await page.getByLabel("Detail type").fill(`Told ${HOSTILE}`);
  await page.getByRole("button", { name: "Put", exact: true }).click();
  await page.getByText(/^On the bus as [0-9a-f-]{36}$/).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByLabel("Source").fill("aws.mine");
  await page.getByRole("button", { name: "Put", exact: true }).click();
  await page.getByRole("alert").getByText("NotAuthorizedForSourceException").waitFor();

  const Entries = [{ EventBusName: "orders", Source: "shop", DetailType: "More", Detail: "{}" }];
  await events.send(new PutEventsCommand({ Entries }));
  await page.getByRole("tab", { name: "Archives and replays" }).click();
  await page.getByRole("row", { name: /all-orders enabled 2/ }).waitFor();
  await page.getByText("Start a replay", { exact: true }).click();
  await page.getByLabel("Replay name").fill("again");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByText("From: give a date and a time").waitFor();
  const minutes = (count: number) => new Date(Date.now() + count * 60_000 - new Date().getTimezoneOffset() * 60_000);
  await page.getByLabel("From", { exact: true }).fill(minutes(-10).toISOString().slice(0, 19));
  await page.getByLabel("Until", { exact: true }).fill(minutes(0).toISOString().slice(0, 19));
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("row", { name: /again completed/ }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  assert.equal((await events.send(new ListReplaysCommand({}))).Replays?.length, 1);
  assert.notEqual(await page.title(), "broken");
});
