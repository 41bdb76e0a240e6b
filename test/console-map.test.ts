/** The map: every kind of connection that was made, with what goes over it, and what is broken. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutSubscriptionFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateDomainCommand,
  CreateEventStreamCommand,
  CustomerProfilesClient,
} from "@aws-sdk/client-customer-profiles";
import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage } from "./console-page.ts";
import { pushedUntil, signIn } from "./console-pushed.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";
import { createStream } from "./streams.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
const cookie = await signIn(server.url);

interface MapDocument {
  readonly nodes: readonly {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    readonly isMissing?: true;
    readonly isOff?: boolean;
  }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label: string }[];
  readonly isCut: boolean;
}

interface Rates {
  readonly edges: readonly (readonly [string, string, number, number])[];
  readonly nodes: readonly (readonly [string, number, number])[];
}

async function readMap(url = server.url, who = cookie): Promise<MapDocument> {
  const answer = await fetch(`${url}/_trunkline/map`, { headers: { cookie: who } });
  assert.equal(answer.status, 200);
  return (await answer.json()) as MapDocument;
}

/** `kind name -label-> kind name`, so that a test reads as the picture does. */
function linesOf({ nodes, edges }: MapDocument): Set<string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const named = (id: string): string => `${byId.get(id)?.kind} ${byId.get(id)?.name}`;
  return new Set(edges.map(({ from, to, label }) => `${named(from)} -${label}-> ${named(to)}`));
}

const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;

const Name = `<img src=x onerror="document.title='run'">`;

const events = new EventBridgeClient(server.client);
const kinesis = new KinesisClient(server.client);
const sqs = new SQSClient(server.client);
const sns = new SNSClient(server.client);
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
await createStream(kinesis, "records");
for (const QueueName of ["orders", "lost"]) await sqs.send(new CreateQueueCommand({ QueueName }));
const QueueUrl = `${server.url}/000000000000/orders`;
const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn("sqs", "lost"), maxReceiveCount: 3 });
await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
await events.send(new PutRuleCommand({ Name: "orders", EventPattern: '{"source":["shop"]}' }));
await events.send(
  new PutTargetsCommand({
    Rule: "orders",
    Targets: [
      { Id: "queue", Arn: arn("sqs", "orders"), DeadLetterConfig: { Arn: arn("sqs", "lost") } },
      { Id: "gone", Arn: arn("sqs", "gone") },
    ],
  }),
);
await events.send(new PutRuleCommand({ Name: "nightly", ScheduleExpression: "rate(1 day)", State: "DISABLED" }));
await events.send(
  new PutTargetsCommand({ Rule: "nightly", Targets: [{ Id: "s", Arn: arn("kinesis", "stream/records") }] }),
);
await events.send(new CreateEventBusCommand({ Name: "own" }));
await events.send(new CreateArchiveCommand({ ArchiveName: "kept", EventSourceArn: arn("events", "event-bus/own") }));
await sns.send(new CreateTopicCommand({ Name: "news" }));
await sns.send(
  new SubscribeCommand({
    TopicArn: arn("sns", "news"),
    Protocol: "sqs",
    Endpoint: arn("sqs", "orders"),
    ReturnSubscriptionArn: true,
  }),
);
await s3.send(new CreateBucketCommand({ Bucket: "files" }));
const EventBridgeConfiguration = {};
await s3.send(
  new PutBucketNotificationConfigurationCommand({
    Bucket: "files",
    NotificationConfiguration: { EventBridgeConfiguration },
  }),
);

const put = (count = 1) =>
  events.send(
    new PutEventsCommand({
      Entries: Array.from({ length: count }, () => ({ Source: "shop", DetailType: "t", Detail: "{}" })),
    }),
  );

test("what is connected in the configuration is on the map, each service telling of its own", async () => {
  const centre = await openCentre(server);
  const logs = new CloudWatchLogsClient(server.client);
  const logGroupName = "shop";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const roleArn = "arn:aws:iam::000000000000:role/any";
  const destinationArn = arn("kinesis", "stream/records");
  await logs.send(
    new PutSubscriptionFilterCommand({ logGroupName, filterName: "all", filterPattern: "", destinationArn, roleArn }),
  );
  const profiles = new CustomerProfilesClient(server.client);
  await profiles.send(new CreateDomainCommand({ DomainName: "people", DefaultExpirationDays: 30 }));
  await profiles.send(
    new CreateEventStreamCommand({ DomainName: "people", EventStreamName: "told", Uri: destinationArn }),
  );
  const firehose = new FirehoseClient(server.client);
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: "archive",
      DeliveryStreamType: "KinesisStreamAsSource",
      KinesisStreamSourceConfiguration: { KinesisStreamARN: destinationArn, RoleARN: roleArn },
      S3DestinationConfiguration: { RoleARN: roleArn, BucketARN: "arn:aws:s3:::files" },
    }),
  );
  const map = await readMap();
  const lines = linesOf(map);
  const alias = map.nodes.find(({ id }) => id.endsWith(centre.InstanceId))?.name;
  for (const line of [
    `instance ${alias} -contact events-> event source aws.connect`,
    "event source aws.connect -events-> bus default",
    `bus default -matched-> rule ${alias}`,
    `instance ${alias} -contact trace records-> stream ${alias}-records`,
    `instance ${alias} -agent events-> stream ${alias}-agents`,
    "bus default -matched-> rule orders",
    "rule orders -target-> queue orders",
    "rule orders -target-> queue gone",
    "rule orders -dead letters-> queue lost",
    "schedule rate(1 day) -fires-> rule nightly",
    "rule nightly -target-> stream records",
    "bus own -archived-> archive kept",
    "queue orders -dead letters-> queue lost",
    "topic news -sqs-> queue orders",
    "bucket files -objects-> event source aws.s3",
    "log group shop -subscription-> stream records",
    "profiles domain people -profile events-> stream records",
    "stream records -read by Firehose-> delivery stream archive",
    "delivery stream archive -files-> bucket files",
  ]) {
    assert.ok(lines.has(line), `${line} is missing in:\n${[...lines].sort().join("\n")}`);
  }
  assert.deepEqual(
    map.nodes.filter(({ isMissing }) => isMissing).map(({ kind, name }) => `${kind} ${name}`),
    ["queue gone"],
  );
  assert.equal(map.nodes.find(({ name }) => name === "nightly")?.isOff, true);
  assert.equal(map.isCut, false);
});

test("what goes over each connection is counted, and what fails", async () => {
  const before = await pushedUntil<Rates>({ url: `${server.url}/_trunkline/map/rates`, cookie }, () => true);
  const countOf = ({ edges }: Rates, from: string, to: string): readonly [number, number] => {
    const [, , went = 0, failed = 0] = edges.find((edge) => edge[0] === from && edge[1] === to) ?? [];
    return [went, failed];
  };
  const rule = arn("events", "rule/orders");
  const [went] = countOf(before, rule, arn("sqs", "orders"));
  await put(3);
  await sns.send(new PublishCommand({ TopicArn: arn("sns", "news"), Message: "hello" }));
  await kinesis.send(new PutRecordCommand({ StreamName: "records", PartitionKey: "k", Data: Buffer.from("x") }));
  const after = await pushedUntil<Rates>(
    { url: `${server.url}/_trunkline/map/rates`, cookie },
    (rates) => countOf(rates, rule, arn("sqs", "orders"))[0] === went + 3,
  );
  const [, failed] = countOf(after, rule, arn("sqs", "gone"));
  assert.ok(failed >= 3, "what goes to no queue fails");
  const bus = arn("events", "event-bus/default");
  assert.ok(countOf(after, bus, rule)[0] >= 3);
  assert.ok(countOf(after, `source ${bus} shop`, bus)[0] >= 3);
  assert.ok(after.nodes.some(([id, count]) => id === arn("kinesis", "stream/records") && count >= 1));
  const map = await readMap();
  assert.ok(linesOf(map).has("event source shop -events-> bus default"), "who has put events is on the map");
  const counted = (map.edges as readonly { to: string; countedFrom?: string }[]).find((edge) =>
    edge.countedFrom?.includes("news"),
  );
  assert.ok(counted?.countedFrom);
  await pushedUntil<Rates>(
    { url: `${server.url}/_trunkline/map/rates`, cookie },
    (rates) => countOf(rates, String(counted.countedFrom), arn("sqs", "orders"))[0] === 1,
  );
});

test("another account's map has nothing of it, and parameters that are not known are refused", async () => {
  const others = await signIn(server.url, "other");
  const { nodes, edges } = await readMap(server.url, others);
  assert.deepEqual(
    nodes.map(({ kind, name }) => `${kind} ${name}`),
    ["bus default"],
  );
  assert.deepEqual(edges, []);
  const rates = await pushedUntil<Rates>({ url: `${server.url}/_trunkline/map/rates`, cookie: others }, () => true);
  assert.deepEqual([rates.edges, rates.nodes], [[], []]);
  const refused = await fetch(`${server.url}/_trunkline/map?kind=bus`, { headers: { cookie } });
  assert.equal(refused.status, 400);
});

test("the picture shows a rule's way to its queue with its rate, and a broken target in red and in words", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "map");
  await page.getByText(/1 target is missing/).waitFor();
  await page.getByRole("link", { name: "queue gone, missing" }).waitFor();
  await page.getByText("✗ no such queue").waitFor();
  await page.getByText("✗ missing").first().waitFor();
  // What goes over a line is shown while it goes.
  const rate = page
    .locator(".edge.flows text")
    .filter({ hasText: /^[\d.,]+\/s$/ })
    .first();
  while (!(await rate.isVisible())) await put(5);
  // Looking at a thing leaves only its ways.
  await page.getByRole("link", { name: "queue lost", exact: true }).focus();
  await page.locator(".node.dim").first().waitFor();
  const lost = page.getByRole("link", { name: "rule orders", exact: true });
  assert.doesNotMatch((await lost.getAttribute("class")) ?? "", /dim/);
  const group = page.locator(".map > svg > g");
  await page.locator(".map > svg").focus();
  await page.keyboard.press("0");
  const placed = await group.getAttribute("transform");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("+");
  assert.notEqual(await group.getAttribute("transform"), placed);
  await page.keyboard.press("0");
  assert.equal(await group.getAttribute("transform"), placed);
  await page.getByRole("link", { name: "stream records", exact: true }).press("Enter");
  await page.waitForURL("**/streams/records");
});

test("the list has the same, filtered by an address that can be shared", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "map?view=list&text=orders");
  const row = page.getByRole("row", { name: /rule orders target queue gone/ });
  await row.getByText("✗ broken: there is no queue gone").waitFor();
  await page.getByRole("combobox", { name: /^What/ }).selectOption("topic");
  await page.waitForURL(/kind=topic/);
  await page.getByText("Nothing is like that").waitFor();
  await page.getByLabel("Named").fill("news");
  await page.getByRole("row", { name: /topic news sqs queue orders/ }).waitFor();
  await page.getByRole("row", { name: /queue gone/ }).waitFor({ state: "detached" });
});

test("hostile names are text, the map is accessible and fits a phone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await events.send(new PutEventsCommand({ Entries: [{ Source: Name, DetailType: "t", Detail: "{}" }] }));
  await using page = await openPage(browser, server.url, "map");
  await page.getByRole("link", { name: `event source ${Name}` }).waitFor();
  assert.equal(await page.title(), "Map · Trunkline");
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("button", { name: "List" }).click();
  await page.getByRole("region", { name: "Connections" }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
});
