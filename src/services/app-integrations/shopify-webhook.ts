import { createHash } from "node:crypto";
import { compactJson } from "../eventbridge/index.ts";
import { type BroughtEvent, type Headers, timeOr, type WebhookContent, WebhookError } from "./brought-event.ts";
import { objectEventOfTopic } from "./object-event-type.ts";

/**
 * The partner event of a webhook request of Shopify, as Shopify itself puts it on EventBridge: the body in `detail.payload`, the headers in
 * `detail.metadata`. Pure.
 *
 * `X-Shopify-Webhook-Id` names a delivery and is the same when it is tried again; a second subscription to the topic brings the same
 * body under another one, with the same `X-Shopify-Event-Id`. That alone does not tell events apart: what a merchant did once has one in all
 * topics.
 *
 * Headers: https://shopify.dev/docs/apps/build/webhooks/delivery-structure. Repetitions:
 * https://shopify.dev/docs/apps/build/webhooks/verify-deliveries and …/ignore-duplicates
 */
export function shopifyEvents({ headers, text, nowMs }: WebhookContent): readonly BroughtEvent[] {
  const {
    "x-shopify-topic": topic = "",
    "x-shopify-shop-domain": shop = "",
    "x-shopify-webhook-id": delivery = "",
    "x-shopify-event-id": event = "",
    "x-shopify-triggered-at": triggeredAt,
  } = headers;
  if (topic === "") throw new WebhookError(400, "X-Shopify-Topic is missing");
  const content = createHash("sha256").update(text).digest("hex");
  const sameContent = JSON.stringify([shop, topic, event, content]);
  return [
    {
      id: delivery === "" ? sameContent : JSON.stringify([shop, topic, delivery]),
      alias: delivery !== "" && event !== "" ? sameContent : undefined,
      detailType: "shopifyWebhook",
      resources: [],
      timeMs: timeOr(triggeredAt, nowMs),
      detail: `{"payload":${compactJson(text)},"metadata":${JSON.stringify(metadataOf(headers))}}`,
      objectEvent: { name: topic, eventType: objectEventOfTopic(topic) },
    },
  ];
}

/** The headers that are of Shopify, spelt as on EventBridge. */
function metadataOf(headers: Headers): Readonly<Record<string, string>> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith("x-shopify-"));
  return {
    "Content-Type": "application/json",
    ...Object.fromEntries(own.map(([name, value]) => [spelt(name), value])),
  };
}

/** `x-shopify-shop-domain` → `X-Shopify-Shop-Domain`. */
function spelt(name: string): string {
  return name.split("-").map(speltWord).join("-");
}

function speltWord(word: string): string {
  return word === "api" || word === "sha256" ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1);
}
