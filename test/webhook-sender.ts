/** Shopify and Segment, as they send to webhooks: what their documentation says of requests, and examples that have all of its members that count. */
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import type { As } from "./model-call.ts";
import { sendSigned } from "./signed-request.ts";

export interface TestWebhook {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

export interface WebhookReply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
  readonly body: any;
}

/** Makes a webhook by Trunkline's own endpoint. */
export async function makeWebhook(
  server: string,
  webhook: { kind: string; source: string; eventIntegration?: string },
  as: As = {},
): Promise<TestWebhook> {
  const secret = `secret of ${webhook.source}`;
  const made = await webhooksOf(server, "POST", { ...webhook, secret }, as);
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return { id: made.body.id, url: made.body.url, secret };
}

/** Asks Trunkline's own endpoint of webhooks. */
export async function webhooksOf(
  server: string,
  method: string,
  body?: object,
  as: As = {},
  path = "",
): Promise<WebhookReply> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const sketch = { service: "trunkline", method, path: `/_trunkline/webhooks${path}`, body: text, ...as };
  const answer = await sendSigned(server, sketch);
  return { status: answer.status, body: JSON.parse(answer.body.toString()) };
}

/** What a delivery is sent with; `headers` win over what they would be. */
export interface ShopifyDelivery {
  readonly webhookId?: string;
  readonly eventId?: string;
  readonly shop?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** https://shopify.dev/docs/apps/build/webhooks/delivery-structure */
export function shopifyHeaders(
  { secret }: Pick<TestWebhook, "secret">,
  topic: string,
  body: string,
  delivery: ShopifyDelivery = {},
): Record<string, string> {
  return {
    "Content-Type": "application/json",
    "User-Agent": "Shopify-Captain-Hook",
    "X-Shopify-Topic": topic,
    "X-Shopify-Hmac-SHA256": createHmac("sha256", secret).update(body).digest("base64"),
    "X-Shopify-Shop-Domain": delivery.shop ?? "kaje.myshopify.com",
    "X-Shopify-API-Version": "2026-01",
    "X-Shopify-Webhook-Id": delivery.webhookId ?? randomUUID(),
    "X-Shopify-Event-Id": delivery.eventId ?? randomUUID(),
    "X-Shopify-Triggered-At": "2026-03-03T09:59:58.123456789Z",
    ...delivery.headers,
  };
}

export async function sendShopify(
  webhook: TestWebhook,
  topic: string,
  payload: object | string,
  delivery: ShopifyDelivery = {},
): Promise<WebhookReply> {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  return post(webhook.url, body, shopifyHeaders(webhook, topic, body, delivery));
}

/** https://www.twilio.com/docs/segment/connections/destinations/catalog/actions-webhook */
export async function sendSegment(
  { url, secret }: TestWebhook,
  call: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WebhookReply> {
  const body = typeof call === "string" ? call : JSON.stringify(call);
  const signature = createHmac("sha1", secret).update(body).digest("hex");
  return post(url, body, { "Content-Type": "application/json", "X-Signature": signature, ...headers });
}

/** As webhooks of its data actions are signed. */
export async function sendSalesforce({ url, secret }: TestWebhook, content: object): Promise<WebhookReply> {
  const body = JSON.stringify(content);
  return post(url, body, { "x-signature": createHmac("sha256", secret).update(body).digest("base64") });
}

async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<WebhookReply> {
  const answer = await fetch(url, { method: "POST", body, headers });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}
