/**
 * Webhooks of Shopify and Segment as far as the event bus: what is taken, in which shape, what is refused, and what has come before.
 */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { after, test } from "node:test";
import {
  CreateEventBusCommand,
  DescribeEventSourceCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import fc from "fast-check";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";
import { createStream, readStream } from "./streams.ts";
import {
  makeWebhook,
  sendSalesforce,
  sendSegment,
  sendShopify,
  shopifyHeaders,
  type TestWebhook,
  type WebhookReply,
  webhooksOf,
} from "./webhook-sender.ts";

const server = await startTrunkline();
const events = new EventBridgeClient(server.client);
const kinesis = new KinesisClient(server.client);
after(() => {
  events.destroy();
  kinesis.destroy();
});

interface Event {
  readonly id: string;
  readonly source: string;
  readonly "detail-type": string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an event, it checks.
  readonly detail: any;
}

/** A webhook whose source is accepted, and the events of its bus. */
interface Heard {
  readonly webhook: TestWebhook;
  heard(): Promise<Event[]>;
}

let streams = 0;

async function listen(kind: string, source: string): Promise<Heard> {
  const webhook = await makeWebhook(server.url, { kind, source });
  await events.send(new CreateEventBusCommand({ Name: source, EventSourceName: source }));
  const arn = await createStream(kinesis, `bus-${++streams}`);
  const EventPattern = JSON.stringify({ source: [source] });
  await events.send(new PutRuleCommand({ Name: "all", EventBusName: source, EventPattern }));
  const Targets = [{ Id: "stream", Arn: arn }];
  await events.send(new PutTargetsCommand({ Rule: "all", EventBusName: source, Targets }));
  return {
    webhook,
    async heard() {
      await server.advance("PT0S");
      return readStream<Event>(kinesis, arn);
    },
  };
}

/** From "List of topics", https://shopify.dev/docs/api/webhooks, shortened. */
const ORDER =
  '{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","email":"jon@example.com",' +
  '"currency":"USD","name":"#9999","total_price":"388.00","line_items":[{"id":487817672276298554,"title":"Aviator sunglasses","quantity":1}]}';

test("a request of Shopify is on the bus as Shopify itself puts it there", async () => {
  const { webhook, heard } = await listen("shopify", "aws.partner/shopify.com/427319918593/kaje");
  const delivery = {
    webhookId: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    eventId: "98880550-7158-44d4-b7cd-2c97c8a091b5",
  };
  const { status, body } = await sendShopify(webhook, "orders/create", ORDER, delivery);
  assert.equal(status, 200);
  const note =
    "It is an event on the bus; no domain has an integration with events of aws.partner/shopify.com/427319918593/kaje";
  assert.deepEqual(body, { events: body.events, eventType: "ShopifyCreateOrders", note });
  const [event, ...others] = await heard();
  assert.ok(event);
  assert.equal(others.length, 0);
  assert.deepEqual([event.id], body.events);
  assert.equal(event.source, "aws.partner/shopify.com/427319918593/kaje");
  assert.equal(event["detail-type"], "shopifyWebhook");
  assert.deepEqual([event.account, event.region, event.resources], ["000000000000", "us-east-1", []]);
  assert.equal(event.time, "2026-03-03T09:59:58Z");
  assert.deepEqual(event.detail.payload, JSON.parse(ORDER));
  assert.partialDeepStrictEqual(event.detail.metadata, {
    "Content-Type": "application/json",
    "X-Shopify-Topic": "orders/create",
    "X-Shopify-Shop-Domain": "kaje.myshopify.com",
    "X-Shopify-API-Version": "2026-01",
    "X-Shopify-Webhook-Id": delivery.webhookId,
    "X-Shopify-Event-Id": delivery.eventId,
  });
});

/** The examples of https://www.twilio.com/docs/segment/connections/destinations/catalog/webhooks */
const CALLS = [
  { version: 1, type: "page", userId: "019mr8mf4r", properties: { path: "/pricing", title: "Segment Pricing" } },
  { version: 1, type: "screen", userId: "019mr8mf4r", name: "Main Screen", context: { os: { name: "iPhone OS" } } },
  { version: 1, type: "identify", userId: "019mr8mf4r", traits: { email: "achilles@segment.com", friendCount: 29 } },
  { version: 1, type: "track", userId: "019mr8mf4r", event: "Purchased an Item", properties: { revenue: "39.95" } },
  { version: 1, type: "alias", "Previous ID": "previousId", "User ID": "userId" },
  { version: 1, type: "group", groupId: "0e8c78ea9d97a7b8185e8632", anonymousId: "a-1", traits: { name: "Initech" } },
  { type: "delete", userId: "019mr8mf4r" },
].map((call) => ({ ...call, timestamp: "2012-12-02T00:30:08.276Z" }));

test("a call of Segment is on the bus as it is, and only identify is an event type of Customer Profiles", async () => {
  const { webhook, heard } = await listen("segment", "aws.partner/segment.com/nmBPqyPa5w");
  const told: unknown[] = [];
  for (const call of CALLS) {
    const { status, body } = await sendSegment(webhook, call);
    assert.equal(status, 200);
    told.push([body.eventType, /no event type/.test(body.note)]);
  }
  assert.deepEqual(
    told,
    CALLS.map(({ type }) => (type === "identify" ? ["SegmentIdentify", false] : [null, true])),
  );
  const onBus = await heard();
  assert.deepEqual(
    onBus.map(({ detail }) => detail),
    CALLS,
  );
  assert.deepEqual(
    onBus.map((event) => event["detail-type"]),
    CALLS.map(({ type }) => type),
  );
  assert.deepEqual(onBus.map(({ resources }) => resources[0]).slice(3), ["019mr8mf4r", undefined, "a-1", "019mr8mf4r"]);
  assert.equal(onBus[0]?.time, "2012-12-02T00:30:08Z");
});

test("a topic that Customer Profiles does not know is an event, and the answer says that it is no more", async () => {
  const { webhook, heard } = await listen("shopify", "aws.partner/shopify.com/1/topics");
  for (const topic of ["products/create", "orders/edited", "app/uninstalled", "x".repeat(300), "__proto__"]) {
    const { status, body } = await sendShopify(webhook, topic, { id: 1 });
    assert.equal(status, 200);
    assert.equal(body.eventType, null);
    assert.ok(body.note.startsWith(`${topic} is an event on the bus`), body.note);
  }
  assert.equal((await heard()).length, 5);
});

test("what comes again within a day is answered and changes nothing", async () => {
  const { webhook, heard } = await listen("shopify", "aws.partner/shopify.com/1/again");
  const delivery = { webhookId: "delivery-1", eventId: "event-1" };
  const first = await sendShopify(webhook, "orders/create", { id: 1 }, delivery);
  const again = await sendShopify(webhook, "orders/create", { id: 1 }, delivery);
  assert.deepEqual(again, { status: 200, body: { events: first.body.events, duplicate: true } });
  // A second subscription to the topic has the same event under an id of its own.
  const second = await sendShopify(webhook, "orders/create", { id: 1 }, { ...delivery, webhookId: "delivery-2" });
  assert.deepEqual(second.body, again.body);
  // What the merchant did once has more than one consequence.
  await sendShopify(webhook, "orders/paid", { id: 1 }, { ...delivery, webhookId: "delivery-3" });
  await sendShopify(webhook, "orders/create", { id: 2 }, { ...delivery, webhookId: "delivery-4" });
  assert.equal((await heard()).length, 3);

  await server.advance("PT23H59M");
  assert.equal((await sendShopify(webhook, "orders/create", { id: 1 }, delivery)).body.duplicate, true);
  await server.advance("PT1M");
  const later = await sendShopify(webhook, "orders/create", { id: 1 }, delivery);
  assert.deepEqual(later.body, first.body);
});

test("senders and sources do not take each other's ids", async () => {
  const one = await listen("segment", "aws.partner/segment.com/one");
  const other = await listen("segment", "aws.partner/segment.com/other");
  const call = { type: "identify", messageId: "m-1", userId: "u-1" };
  for (const { webhook } of [one, other, one, other]) assert.equal((await sendSegment(webhook, call)).status, 200);
  const [first] = await one.heard();
  const [second, ...more] = await other.heard();
  assert.equal(more.length, 0);
  assert.notEqual(first?.id, second?.id);
});

test("of many that come at once with the same id one counts", async () => {
  const { webhook, heard } = await listen("segment", "aws.partner/segment.com/at-once");
  const call = { type: "track", messageId: "m-1", event: "Bought" };
  const answers = await Promise.all(Array.from({ length: 20 }, () => sendSegment(webhook, call)));
  assert.equal(answers.filter(({ body }) => body.duplicate !== true).length, 1);
  assert.equal(new Set(answers.map(({ body }) => body.events[0])).size, 1);
  assert.equal((await heard()).length, 1);
});

test("a wrong signature is 401, and nothing is kept of the request", async () => {
  const { webhook, heard } = await listen("shopify", "aws.partner/shopify.com/1/signed");
  const segment = await listen("segment", "aws.partner/segment.com/signed");
  const delivery = { webhookId: "delivery-1", eventId: "event-1" };
  const bad = { ...webhook, secret: "wrong" };
  assert.deepEqual(await sendShopify(bad, "orders/create", { id: 1 }, delivery), {
    status: 401,
    body: { error: "The signature is not right" },
  });
  for (const signature of ["", "bm8=", "a".repeat(44)]) {
    const headers = { "X-Shopify-Hmac-SHA256": signature };
    assert.equal((await sendShopify(webhook, "orders/create", { id: 1 }, { ...delivery, headers })).status, 401);
  }
  const unsigned = { method: "POST", body: '{"id":1}', headers: { "X-Shopify-Topic": "orders/create" } };
  assert.equal((await fetch(webhook.url, unsigned)).status, 401);
  const call = { type: "identify", messageId: "m-1" };
  assert.equal((await sendSegment({ ...segment.webhook, secret: webhook.secret }, call)).status, 401);
  assert.equal((await sendSegment(segment.webhook, call, { "X-Signature": "0".repeat(40) })).status, 401);
  assert.deepEqual(await heard(), []);
  assert.deepEqual(await segment.heard(), []);
  // Its id is not remembered either.
  assert.equal((await sendShopify(webhook, "orders/create", { id: 1 }, delivery)).body.duplicate, undefined);
  assert.equal((await sendSegment(segment.webhook, call)).body.duplicate, undefined);
  assert.equal((await fetch(`${server.url}/_trunkline/webhooks/nothing`, { method: "POST" })).status, 404);
});

test("what is no event is refused: 400, 413 or 415", async () => {
  const { webhook, heard } = await listen("shopify", "aws.partner/shopify.com/1/bad");
  const segment = await listen("segment", "aws.partner/segment.com/bad");
  const halves = [
    "",
    "{",
    '{"id":',
    "[]",
    "7",
    "null",
    '"text"',
    "\u00ef\u00bb\u00bf{}",
    "{}{}",
    "<order/>",
    "[".repeat(5000),
  ];
  for (const body of [...halves, `{"id":${"[".repeat(1200)}${"]".repeat(1200)}}`]) {
    assert.equal((await sendShopify(webhook, "orders/create", body)).status, 400, body.slice(0, 20));
    assert.equal((await sendSegment(segment.webhook, body)).status, 400, body.slice(0, 20));
  }
  for (const bad of [{}, { type: 1 }, { type: "" }, { type: null }]) {
    assert.equal((await sendSegment(segment.webhook, bad)).status, 400);
  }
  assert.equal((await sendShopify(webhook, "", { id: 1 })).status, 400);
  // Of another encoding: what it says would be stored as something else.
  const latin1 = Buffer.from('{"type":"identify","traits":{"name":"Jörg"}}', "latin1");
  const signature = createHmac("sha1", segment.webhook.secret).update(latin1).digest("hex");
  const signed = { "Content-Type": "application/json", "X-Signature": signature };
  assert.equal((await fetch(segment.webhook.url, { method: "POST", body: latin1, headers: signed })).status, 400);
  for (const type of [
    "application/xml",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
  ]) {
    const headers = { "Content-Type": type };
    assert.equal((await sendShopify(webhook, "orders/create", { id: 1 }, { headers })).status, 415, type);
    assert.equal((await sendSegment(segment.webhook, { type: "track" }, headers)).status, 415, type);
  }
  const gzip = { "Content-Encoding": "gzip" };
  assert.equal((await sendSegment(segment.webhook, { type: "track" }, gzip)).status, 415);
  const large = { id: 1, note: "x".repeat(1024 * 1024) };
  assert.equal((await sendShopify(webhook, "orders/create", large)).status, 413);
  assert.deepEqual([...(await heard()), ...(await segment.heard())], []);
  for (const type of [
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    "application/cloudevents+json",
  ]) {
    assert.equal(
      (await sendShopify(webhook, "orders/create", { type }, { headers: { "Content-Type": type } })).status,
      200,
    );
  }
});

test("half a body is nothing", async () => {
  const { webhook, heard } = await listen("shopify", "aws.partner/shopify.com/1/half");
  const headers = shopifyHeaders(webhook, "orders/create", ORDER);
  const { hostname, port, pathname } = new URL(webhook.url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(ORDER);
  socket.write(`POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${length}\r\n${lines.join("")}\r\n`);
  await new Promise<void>((resolve) => socket.end(ORDER.slice(0, length / 2), resolve));
  await new Promise((resolve) => socket.once("close", resolve).resume());
  assert.deepEqual(await heard(), []);
  // It is tried again, whole.
  assert.equal((await sendShopify(webhook, "orders/create", ORDER)).body.duplicate, undefined);
  assert.equal((await heard()).length, 1);
});

test("many changes of Salesforce that come in one request are told in their order, and those that came before are not", async () => {
  const { webhook, heard } = await listen("salesforce", "aws.partner/salesforce.com/1/many");
  const change = (sequenceNumber: number): object => ({
    ChangeEventHeader: { entityName: "Contact", transactionKey: "t-1", sequenceNumber },
  });
  const send = async (from: number, to: number): Promise<WebhookReply> => {
    const events = Array.from({ length: to - from }, (_, place) => change(from + place));
    return sendSalesforce(webhook, { events });
  };
  assert.equal((await send(0, 7)).body.events.length, 7);
  const more = await send(3, 30);
  assert.deepEqual([more.body.events.length, more.body.duplicate], [27, undefined]);
  assert.equal((await send(0, 30)).body.duplicate, true);
  assert.deepEqual(
    (await heard()).map(({ detail }) => detail.ChangeEventHeader.sequenceNumber),
    Array.from({ length: 30 }, (_, place) => place),
  );
});

test("an event is lost as long as its account has not accepted the source, and is not remembered", async () => {
  const source = "aws.partner/shopify.com/1/pending";
  const webhook = await makeWebhook(server.url, { kind: "shopify", source });
  const delivery = { webhookId: "delivery-1" };
  const { status, body } = await sendShopify(webhook, "orders/create", { id: 1 }, delivery);
  assert.equal(status, 200);
  assert.deepEqual(body.events, []);
  assert.match(body.note, /lost/);
  await events.send(new CreateEventBusCommand({ Name: source, EventSourceName: source }));
  const again = await sendShopify(webhook, "orders/create", { id: 1 }, delivery);
  assert.equal(again.body.events.length, 1);
  assert.equal(again.body.duplicate, undefined);
});

test("one call makes a webhook with its bus and its event integration", async () => {
  const source = "aws.partner/shopify.com/1/set-up";
  const webhook = await makeWebhook(server.url, { kind: "shopify", source, eventIntegration: "my-shop" });
  const { State } = await events.send(new DescribeEventSourceCommand({ Name: source }));
  assert.equal(State, "ACTIVE");
  assert.partialDeepStrictEqual(await call(server.url, "appintegrations", "GetEventIntegration", { Name: "my-shop" }), {
    EventBridgeBus: source,
    EventFilter: { Source: source },
  });
  assert.equal((await sendShopify(webhook, "orders/create", { id: 1 })).body.events.length, 1);
  // A second one has what is there.
  await makeWebhook(server.url, { kind: "shopify", source, eventIntegration: "my-shop" });
  const other = { kind: "segment", source: "aws.partner/segment.com/set-up", secret: "s", eventIntegration: "my-shop" };
  const refused = await webhooksOf(server.url, "POST", other);
  assert.deepEqual([refused.status, refused.body.code], [400, "InvalidRequestException"]);
  await assert.rejects(events.send(new DescribeEventSourceCommand({ Name: other.source })), {
    name: "ResourceNotFoundException",
  });
});

test("an account has its webhooks for itself", async () => {
  const source = "aws.partner/shopify.com/1/mine";
  const own = await makeWebhook(server.url, { kind: "shopify", source });
  const other = await makeWebhook(server.url, { kind: "shopify", source }, { accessKeyId: "other" });
  const listed = async (accessKeyId: string): Promise<string[]> => {
    const { body } = await webhooksOf(server.url, "GET", undefined, { accessKeyId });
    return body.webhooks.map(({ id }: { id: string }) => id);
  };
  assert.ok((await listed("test")).includes(own.id));
  assert.deepEqual(await listed("other"), [other.id]);
  assert.doesNotMatch(JSON.stringify((await webhooksOf(server.url, "GET")).body), /secret/);
  const removed = (accessKeyId: string) => webhooksOf(server.url, "DELETE", undefined, { accessKeyId }, `/${own.id}`);
  assert.equal((await removed("other")).status, 404);
  assert.equal((await removed("test")).status, 200);
  assert.equal((await sendShopify(own, "orders/create", { id: 1 })).status, 404);
  const bad = [
    { kind: "shopify", source: "aws.partner/segment.com/1", secret: "s" },
    { kind: "segment", source: "aws.partner/segment.com", secret: "s" },
    { kind: "segment", source: `aws.partner/segment.com/${"x".repeat(300)}`, secret: "s" },
    { kind: "segment", source: "aws.partner/segment.com/1", secret: "" },
    { kind: "constructor", source: "aws.partner/segment.com/1", secret: "s" },
    { kind: "segment", source: "aws.partner/segment.com/1" },
    { kind: "segment", source: "aws.partner/segment.com/1", secret: "s", extra: 1 },
    { kind: "segment", source: "aws.partner/segment.com/1", secret: "s", eventIntegration: 1 },
    { kind: "segment", source: "aws.partner/segment.com/1", secret: "s", eventIntegration: "a b" },
  ];
  for (const body of bad) assert.equal((await webhooksOf(server.url, "POST", body)).status, 400, JSON.stringify(body));
});

test("whatever is sent to a webhook, its answer is no failure of ours", async () => {
  const { webhook } = await listen("shopify", "aws.partner/shopify.com/1/odd");
  const segment = await listen("segment", "aws.partner/segment.com/odd");
  const header = fc.string({ unit: fc.constantFrom("a", "/", "é", " ", "0", "-", ","), maxLength: 30 });
  const known = fc.record({
    type: fc.oneof(fc.constant("identify"), fc.jsonValue()),
    messageId: fc.oneof(fc.string(), fc.jsonValue()),
    userId: fc.jsonValue(),
    timestamp: fc.oneof(fc.constant("+275760-09-13T00:00:00.001Z"), fc.jsonValue()),
  });
  const body = fc.oneof(
    known.map((call) => JSON.stringify(call)),
    fc.json(),
    fc.string({ unit: "binary" }),
    fc.nat(64).map((length) => randomBytes(length).toString("latin1")),
  );
  await fc.assert(
    fc.asyncProperty(body, header, header, async (text, one, two) => {
      const headers = { "X-Shopify-Webhook-Id": one, "X-Shopify-Event-Id": two, "X-Shopify-Triggered-At": one };
      const answers = [
        await sendShopify(webhook, two, text, { headers }),
        await sendSegment(segment.webhook, text),
        await sendSegment(segment.webhook, text, { "X-Signature": one, "Content-Type": two }),
      ];
      for (const { status } of answers) assert.ok([200, 400, 401, 415].includes(status), `${status}: ${text}`);
    }),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 2_000 : 60 },
  );
  await server.advance("PT0S");
});
