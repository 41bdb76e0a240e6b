/** Deliveries, dead letters, SQS queues and delivery streams in the console: what people see and do there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage, pressByKeys } from "./console-page.ts";
import { createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";
import { startEndpoint } from "./stand-ins/http-endpoint.ts";

const browser = await openBrowser();
const server = await startTrunkline();
const events = new EventBridgeClient(server.client);
const sqs = new SQSClient(server.client);
const HOSTILE = `<img src=x onerror="document.title='broken'">`;

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return { QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}` };
}

/** A rule for events of its name, with one target at an endpoint, and a dead-letter queue. */
async function route(Name: string, endpoint: string, MaximumRetryAttempts: number) {
  const { arn } = await createQueue(`${Name}-letters`);
  const auth = { ApiKeyAuthParameters: { ApiKeyName: "x-api-key", ApiKeyValue: "secret" } };
  const { ConnectionArn } = await events.send(
    new CreateConnectionCommand({ Name, AuthorizationType: "API_KEY", AuthParameters: auth }),
  );
  const { ApiDestinationArn } = await events.send(
    new CreateApiDestinationCommand({ Name, ConnectionArn, InvocationEndpoint: endpoint, HttpMethod: "POST" }),
  );
  await events.send(new PutRuleCommand({ Name, EventPattern: `{"source":["${Name}"]}` }));
  const target = { Id: "there", Arn: ApiDestinationArn, RoleArn: "arn:aws:iam::000000000000:role/any" };
  const RetryPolicy = { MaximumRetryAttempts };
  await events.send(
    new PutTargetsCommand({ Rule: Name, Targets: [{ ...target, RetryPolicy, DeadLetterConfig: { Arn: arn } }] }),
  );
  return async (detail: object) => {
    const entry = { Source: Name, DetailType: "Told", Detail: JSON.stringify(detail) };
    await events.send(new PutEventsCommand({ Entries: [entry] }));
    await server.advance("PT0S");
  };
}

test("what is owed is shown by target with its failures, and is tried at once; the delivery shows each attempt", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  let status = 503;
  const endpoint = await startEndpoint((_received, response) => {
    response.statusCode = status;
    response.end();
  });
  await using page = await openPage(browser, server.url, "deliveries");
  await page.getByText("Nothing is owed to anybody").waitFor();
  const put = await route("retried", endpoint.url, 5);
  await put({ note: HOSTILE });
  await put({ note: HOSTILE, n: 2 });
  const row = page.getByRole("row", { name: /retried/ });
  await row.getByText("ERROR_FROM_TARGET").waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await row.getByRole("link", { name: "2", exact: true }).click();
  const owed = page.getByRole("region", { name: "Deliveries that are owed" });
  await owed.getByRole("rowheader").first().getByRole("link").click();
  await page.getByRole("heading", { name: /^Delivery / }).waitFor();
  await page.getByRole("img", { name: /1 attempts within/ }).waitFor();
  await page.getByText("ERROR_FROM_TARGET").first().waitFor();
  await page.getByText(HOSTILE).first().waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);

  status = 200;
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByText("1 attempted now").waitFor();
  await server.advance("PT0S");
  await page.getByText("delivered").first().waitFor();
  assert.notEqual(await page.title(), "broken");
  await page.getByRole("link", { name: "Deliveries" }).first().click();
  await page.getByRole("button", { name: "Try all now" }).click();
  await page.getByText("1 attempted now").waitFor();
  await page.getByText("Nothing is owed to anybody").waitFor();
  assert.equal(endpoint.received.length, 4);

  await page.getByRole("tab", { name: "Attempts" }).click();
  const attempts = page.getByRole("region", { name: /Attempts/ });
  await attempts.getByRole("cell", { name: /^503/ }).first().waitFor();
  await page.getByLabel("Outcome").selectOption("delivered");
  await attempts.getByRole("cell", { name: /^503/ }).first().waitFor({ state: "detached" });
  await attempts.getByRole("cell", { name: /^200/ }).nth(1).waitFor();
  await page.getByRole("button", { name: "Only this rule" }).first().click();
  await page.waitForURL(/rule=[^&]*retried/);
  await assertAccessible(page);
  await page.getByLabel("Since").fill("nonsense");
  await page.getByText("from is no time").waitFor();
  await page.getByLabel("Since").fill("");
  await attempts.getByRole("rowheader").first().getByRole("link").click();
  await page.getByRole("img", { name: /2 attempts within/ }).waitFor();
});

test("dead letters are shown with their reasons, and redriven once the target is mended; others stay and say why", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "dead-letters");
  let status = 400;
  const endpoint = await startEndpoint((_received, response) => {
    response.statusCode = status;
    response.end();
  });
  const put = await route("broken", endpoint.url, 0);
  await put({ n: 1, note: HOSTILE });
  await put({ n: 2 });
  await put({ n: 3 });
  const url = `${server.url}/000000000000/broken-letters`;
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: `whose ${HOSTILE}?` }));
  await page.getByRole("row", { name: /broken-letters 4 0/ }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("link", { name: "broken-letters" }).click();
  await page.getByText("4 ready, 0 in flight").waitFor();
  await page.getByText("SDK_CLIENT_ERROR").first().waitFor();
  await page.getByText("Nothing in the message tells whose dead letter it is").waitFor();
  await page.locator("summary", { hasText: `whose ${HOSTILE}?` }).click();
  await assertAccessible(page);
  await assertFitsPhone(page);

  status = 200;
  await page
    .getByRole("checkbox", { name: /^Choose message/ })
    .first()
    .check();
  await pressByKeys(page, "Redrive 1");
  await page.getByText("1 sent where they belong").waitFor();
  await server.advance("PT0S");
  assert.equal(JSON.parse(endpoint.received.at(-1)?.body ?? "{}").detail.n, 1);
  await page.getByText("3 ready, 0 in flight").waitFor();
  await page.getByRole("button", { name: "Redrive all …" }).click();
  await page.getByRole("button", { name: "Redrive all", exact: true }).click();
  await page.getByText("2 sent where they belong, 1 stayed").waitFor();
  await page.getByRole("alert").getByText("Nothing in the message tells").waitFor();
  await server.advance("PT0S");
  assert.equal(endpoint.received.length, 6);

  await page.getByLabel("All that are shown").check();
  await page.getByRole("button", { name: "Delete 1 …" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Nothing lies here").waitFor();
  assert.notEqual(await page.title(), "broken");
});

test("an SQS queue shows its messages without receiving them, takes one by hand, and is purged", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const { QueueUrl } = await createQueue("looked-at");
  await using page = await openPage(browser, server.url, "queues-sqs");
  await page.getByRole("link", { name: "looked-at" }).click();
  await page.getByText("The queue is empty").waitFor();
  await page.getByText("Send a message", { exact: true }).click();
  await page.getByLabel("Body").fill(`{"by":"hand","note":${JSON.stringify(HOSTILE)}}`);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText(/^Sent as/).waitFor();
  await page.getByText("1 visible, 0 in flight, 0 delayed").waitFor();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `long ${"é".repeat(50_000)}` }));
  await page.locator("summary", { hasText: /^long é+$/ }).click();
  await page.getByText("The first 4000 of 50005 characters").waitFor();
  await page.getByRole("button", { name: "Load it whole" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^[0-9a-f-]{36}\.txt$/);
  await assertAccessible(page);
  await assertFitsPhone(page);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    }),
  );
  assert.deepEqual(
    Messages.map(({ Attributes }) => Attributes?.ApproximateReceiveCount),
    ["1", "1"],
  );
  await page.getByText("hidden until").first().waitFor();
  await page.getByRole("button", { name: "Purge …" }).click();
  await page.getByRole("button", { name: "Purge", exact: true }).click();
  await page.getByText("The queue is empty").waitFor();
  await page.goto(`${server.url}/_trunkline/console/queues-sqs/none`);
  await page.getByText("There is no SQS queue none").waitFor();
});

test("a delivery stream shows what it gathers, and delivers it where somebody asks", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "gathered" }));
  const RoleARN = await createRole(server.client, "delivers", ["s3:*"]);
  const firehose = new FirehoseClient(server.client);
  await using page = await openPage(browser, server.url, "delivery-streams");
  await page.getByText("There is no delivery stream").waitFor();
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: "gathers",
      ExtendedS3DestinationConfiguration: { BucketARN: "arn:aws:s3:::gathered", RoleARN },
    }),
  );
  await firehose.send(new PutRecordCommand({ DeliveryStreamName: "gathers", Record: { Data: Buffer.from("one") } }));
  await page.getByText(/1 records, 3 bytes/).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("button", { name: "Flush now" }).click();
  await page.getByText("1 records are on their way").waitFor();
  await server.advance("PT0S");
  await page.getByText(/0 records, 0 bytes/).waitFor();
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket: "gathered" }))).KeyCount, 1);
});

test("a message far down a queue is gone from the page when it was deleted there", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const { QueueUrl } = await createQueue("long");
  for (let number = 0; number < 70; number++) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `letter ${String(number).padStart(2, "0")}` }));
  }
  await using page = await openPage(browser, server.url, "queues-sqs/long");
  await page.getByRole("button", { name: "Show more" }).click();
  const messages = page.getByRole("list", { name: "Messages in long" }).locator(":scope > li");
  await messages.nth(69).getByRole("checkbox").check();
  const body = await messages.nth(69).textContent();
  await page.getByRole("button", { name: "Delete 1" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await messages.nth(69).waitFor({ state: "detached" });
  assert.equal(await messages.count(), 69);
  assert.notEqual(await messages.nth(68).textContent(), body);
});
