import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import type { JsonObject } from "../../matching/machine.ts";
import { type BroughtEvent, type Headers, type WebhookContent, WebhookError } from "./brought-event.ts";
import { salesforceEvents } from "./salesforce-webhook.ts";
import { segmentEvents } from "./segment-webhook.ts";
import { shopifyEvents } from "./shopify-webhook.ts";
import { zendeskEvents } from "./zendesk-webhook.ts";

const NOW_MS = Date.parse("2026-03-03T10:00:00Z");
const anything = fc.jsonValue({ maxDepth: 2 });
const zendesk = fc.record(
  {
    type: fc.constantFrom("zen:event-type:ticket.created", "zen:event-type:ticket.status_changed", "constructor", 1),
    id: fc.oneof(fc.string(), anything),
    time: fc.oneof(fc.string(), fc.constant("2026-01-20T10:11:12Z"), anything),
    detail: fc.oneof(anything, fc.record({ priority: anything, status: fc.string() })),
    event: anything,
  },
  { requiredKeys: ["type"] },
);
const change = fc.record({
  ChangeEventHeader: fc.oneof(
    anything,
    fc.record({
      entityName: fc.string(),
      transactionKey: anything,
      sequenceNumber: anything,
      commitTimestamp: anything,
    }),
  ),
});
const salesforce = fc.oneof(change, fc.record({ payload: change }), fc.record({ events: fc.array(change) }));

const segment = fc.record(
  {
    type: fc.oneof(fc.constantFrom("identify", "track", "delete", "constructor", ""), anything),
    messageId: fc.oneof(fc.string(), anything),
    userId: anything,
    anonymousId: fc.oneof(fc.string(), anything),
    timestamp: fc.oneof(fc.constant("2026-01-20T10:11:12.345+01:00"), anything),
    traits: anything,
  },
  { requiredKeys: [] },
);
const shopifyHeaders = fc.record(
  {
    "x-shopify-topic": fc.oneof(fc.constantFrom("orders/create", "products/create", "__proto__"), fc.string()),
    "x-shopify-shop-domain": fc.string(),
    "x-shopify-webhook-id": fc.string(),
    "x-shopify-event-id": fc.string(),
    "x-shopify-triggered-at": fc.oneof(fc.string(), fc.constant("2026-01-20T10:11:12.345678901Z")),
    "x-shopify---": fc.string(),
    "content-type": fc.string(),
  },
  { requiredKeys: ["x-shopify-topic"] },
);

type Events = (content: WebhookContent) => readonly BroughtEvent[];

function contentOf(content: object, headers: Headers = {}): WebhookContent {
  return { headers, content: content as JsonObject, text: JSON.stringify(content), nowMs: NOW_MS };
}

/** Bad bodies are refused; all else is an event with a time that it can have. */
function held(events: Events, content: object, headers: Headers = {}): void {
  try {
    for (const { timeMs, detail, detailType, id } of events(contentOf(content, headers))) {
      assert.match(new Date(timeMs).toISOString(), /^\d{4}-/);
      assert.equal(typeof JSON.parse(detail), "object");
      assert.notEqual(detailType, "");
      assert.notEqual(id, "");
    }
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    assert.equal(error.status, 400);
  }
}

test("whatever a webhook is sent, it is an event or is refused", () => {
  fc.assert(fc.property(zendesk, (content) => held(zendeskEvents, content)));
  fc.assert(fc.property(salesforce, (content) => held(salesforceEvents, content)));
  fc.assert(fc.property(segment, (content) => held(segmentEvents, content)));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), anything), shopifyHeaders, (content, headers) =>
      held(shopifyEvents, content, headers),
    ),
  );
});

test("the same request has the same ids, another one others", () => {
  const of = (content: object): string[] => salesforceEvents(contentOf(content)).map(({ id }) => id);
  const one = { ChangeEventHeader: { entityName: "Case" }, Subject: "a" };
  assert.deepEqual(of(one), of(one));
  assert.notDeepEqual(of(one), of({ ...one, Subject: "b" }));
  assert.equal(new Set(of({ events: [one, one] })).size, 2);
});

test("a change of many records is divided, so that each part is of a few, and tells of each once", () => {
  const recordIds = Array.from({ length: 20 }, (_, place) => String(place));
  const [event] = salesforceEvents(contentOf({ ChangeEventHeader: { entityName: "Contact", recordIds }, Email: "a" }));
  const parts = (event?.change?.parts ?? []) as { ChangeEventHeader: { recordIds: string[] }; Email: string }[];
  assert.deepEqual(
    parts.map(({ ChangeEventHeader, Email }) => [ChangeEventHeader.recordIds.length, Email]),
    [
      [8, "a"],
      [8, "a"],
      [4, "a"],
    ],
  );
  assert.deepEqual(
    parts.flatMap(({ ChangeEventHeader }) => ChangeEventHeader.recordIds),
    recordIds,
  );
});

test("a request with very many events is read in no time that anybody would notice", { timeout: 10_000 }, async () => {
  const one = { ChangeEventHeader: { entityName: "Case" }, Subject: "x".repeat(40) };
  const events = salesforceEvents(contentOf({ events: Array.from({ length: 10_000 }, () => one) }));
  assert.equal(new Set(events.map(({ id }) => id)).size, 10_000);
  await setImmediate();
});

/** The one event of a request of Shopify with this text. */
function shopifyEvent(text: string, headers: Headers): BroughtEvent {
  const [event] = shopifyEvents({ headers, text, content: JSON.parse(text), nowMs: NOW_MS });
  assert.ok(event);
  return event;
}

const SHOPIFY_HEADERS: Headers = {
  host: "shop.example",
  "content-type": "application/json",
  "user-agent": "Shopify-Captain-Hook",
  "x-shopify-topic": "orders/create",
  "x-shopify-shop-domain": "kaje.myshopify.com",
  "x-shopify-hmac-sha256": "XWmrwMey6OsLMeiZKwP4FppHH3cmAiiJJAweH5Jo4bM=",
  "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
  "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
  "x-shopify-api-version": "2026-01",
  "x-shopify-triggered-at": "2026-03-03T09:59:58.123456789Z",
};

test("a request of Shopify is the event that Shopify puts on EventBridge, its numbers as they were written", () => {
  const event = shopifyEvent(
    '{ "id": 820982911946154508,\n  "total_price": "403.00", "note": "a  b" }',
    SHOPIFY_HEADERS,
  );
  assert.equal(event.detailType, "shopifyWebhook");
  assert.equal(event.timeMs, Date.parse("2026-03-03T09:59:58.123Z"));
  assert.ok(
    event.detail.startsWith('{"payload":{"id":820982911946154508,"total_price":"403.00","note":"a  b"},"metadata":{'),
  );
  assert.deepEqual(JSON.parse(event.detail).metadata, {
    "Content-Type": "application/json",
    "X-Shopify-Topic": "orders/create",
    "X-Shopify-Shop-Domain": "kaje.myshopify.com",
    "X-Shopify-Hmac-SHA256": "XWmrwMey6OsLMeiZKwP4FppHH3cmAiiJJAweH5Jo4bM=",
    "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
    "X-Shopify-API-Version": "2026-01",
    "X-Shopify-Triggered-At": "2026-03-03T09:59:58.123456789Z",
  });
});

test("a delivery of Shopify that is tried again, or comes of a second subscription, gives itself away", () => {
  const first = shopifyEvent('{"id":1}', SHOPIFY_HEADERS);
  const again = shopifyEvent('{"id":1,"updated_at":"later"}', SHOPIFY_HEADERS);
  assert.equal(again.id, first.id);
  const second = shopifyEvent('{"id":1}', { ...SHOPIFY_HEADERS, "x-shopify-webhook-id": "other" });
  assert.notEqual(second.id, first.id);
  assert.equal(second.alias, first.alias);
  // One act of the merchant has its id in all topics, and for all that it changes.
  for (const [text, topic] of [
    ['{"id":1}', "orders/paid"],
    ['{"id":2}', "orders/create"],
  ] as const) {
    const other = shopifyEvent(text, { ...SHOPIFY_HEADERS, "x-shopify-topic": topic, "x-shopify-webhook-id": "third" });
    assert.notEqual(other.id, first.id);
    assert.notEqual(other.alias, first.alias);
  }
});

test("each topic of Shopify and each call of Segment that Customer Profiles knows has its event type", () => {
  const types = [
    ["customers/create", "ShopifyCreateCustomers"],
    ["customers/enable", "ShopifyUpdateCustomers"],
    ["customers/update", "ShopifyUpdateCustomers"],
    ["draft_orders/create", "ShopifyCreateDraftOrders"],
    ["draft_orders/update", "ShopifyUpdateDraftOrders"],
    ["orders/create", "ShopifyCreateOrders"],
    ["orders/updated", "ShopifyUpdatedOrders"],
    ["orders/paid", "ShopifyUpdatedOrders"],
    ["orders/fulfilled", "ShopifyUpdatedOrders"],
    ["orders/partially_fulfilled", "ShopifyUpdatedOrders"],
    ["orders/cancelled", "ShopifyUpdatedOrders"],
    ["orders/delete", undefined],
    ["__proto__", undefined],
  ] as const;
  for (const [topic, eventType] of types) {
    const event = shopifyEvent("{}", { ...SHOPIFY_HEADERS, "x-shopify-topic": topic });
    assert.deepEqual(event.objectEvent, { name: topic, eventType });
  }
  for (const type of ["identify", "track", "page", "screen", "group", "alias", "delete"]) {
    const [event] = segmentEvents(contentOf({ type, messageId: "m-1", userId: "u-1", anonymousId: "a-1" }));
    assert.ok(event);
    const eventType = type === "identify" ? "SegmentIdentify" : undefined;
    assert.deepEqual([event.objectEvent, event.detailType], [{ name: type, eventType }, type]);
    assert.deepEqual([event.id, event.resources], ["m-1", ["u-1"]]);
  }
});

test("a call of Segment without an id is what it says", () => {
  const of = (content: object): string | undefined => segmentEvents(contentOf(content))[0]?.id;
  const call = { type: "track", event: "Purchased an Item" };
  assert.equal(of(call), of(call));
  assert.notEqual(of(call), of({ ...call, event: "Browsed" }));
});
