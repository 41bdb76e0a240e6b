import { type BroughtEvent, type Headers, type WebhookContent, WebhookError } from "./brought-event.ts";
import { salesforceEvents } from "./salesforce-webhook.ts";
import { segmentEvents } from "./segment-webhook.ts";
import { shopifyEvents } from "./shopify-webhook.ts";
import type { WebhookKind } from "./webhook.ts";
import { checkSignature } from "./webhook-signature.ts";
import { zendeskEvents } from "./zendesk-webhook.ts";

/** A request as it came, of which nothing is known yet. */
export interface ReceivedRequest {
  readonly headers: Headers;
  readonly body: Buffer;
  /** By the wall's clock, which senders go by. */
  readonly wallMs: number;
}

/** Who sends to webhooks of a kind. */
interface WebhookSender {
  /** The partner event sources that its webhooks can have. */
  readonly source: RegExp;
  /** Whether it always says that its bodies are JSON. */
  readonly isTyped: boolean;
  /** Throws `WebhookError` (401) where somebody else has sent this. */
  check(request: ReceivedRequest, secret: string): void;
  /** Throws `WebhookError` (400) for what is no event. */
  events(content: WebhookContent): readonly BroughtEvent[];
}

export const WEBHOOK_SENDERS: Readonly<Record<WebhookKind, WebhookSender>> = {
  zendesk: {
    source: /^aws\.partner\/zendesk\.com(?:\/[.\-_A-Za-z0-9]+)+$/,
    isTyped: false,
    check: checkZendesk,
    events: zendeskEvents,
  },
  salesforce: {
    source: /^aws\.partner\/(?:appflow\/salesforce|salesforce)\.com(?:\/[.\-_A-Za-z0-9]+)+$/,
    isTyped: false,
    /** As webhooks of data actions have it. */
    check: ({ headers, body }, secret) =>
      checkSignature(headers["x-signature"], secret, [body], { hash: "sha256", encoding: "base64" }),
    events: salesforceEvents,
  },
  shopify: {
    source: /^aws\.partner\/shopify\.com(?:\/[.\-_A-Za-z0-9]+)+$/,
    isTyped: true,
    /** https://shopify.dev/docs/apps/build/webhooks/verify-deliveries: with the client secret of the app. */
    check: ({ headers, body }, secret) =>
      checkSignature(headers["x-shopify-hmac-sha256"], secret, [body], { hash: "sha256", encoding: "base64" }),
    events: shopifyEvents,
  },
  segment: {
    source: /^aws\.partner\/segment\.com(?:\/[.\-_A-Za-z0-9]+)+$/,
    isTyped: true,
    check: checkSegment,
    events: segmentEvents,
  },
};

export const WEBHOOK_KINDS: readonly WebhookKind[] = Object.keys(WEBHOOK_SENDERS) as WebhookKind[];

/** Older requests could be repeated by whoever has seen them: events are told apart for a day. */
const TIMESTAMP_MS = 24 * 3_600_000;

/** "base64(HMACSHA256(TIMESTAMP + BODY))": https://developer.zendesk.com/documentation/webhooks/verifying/ */
function checkZendesk({ headers, body, wallMs }: ReceivedRequest, secret: string): void {
  const { "x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": timestamp = "" } = headers;
  checkSignature(signature, secret, [Buffer.from(timestamp), body], { hash: "sha256", encoding: "base64" });
  if (!(Math.abs(wallMs - Date.parse(timestamp)) <= TIMESTAMP_MS)) {
    throw new WebhookError(401, "The timestamp of the signature is not of the last day");
  }
}

/**
 * "A hex-encoded SHA1 hash generated using the shared secret and the request body":
 * https://www.twilio.com/docs/segment/connections/destinations/catalog/actions-webhook
 *
 * Of a batch that is the first call alone (support.twilio.com, "How Segment Computes x-signature for Batched Webhooks"): whoever has seen one
 * could add to it what they like.
 */
function checkSegment({ headers, body }: ReceivedRequest, secret: string): void {
  try {
    checkSignature(headers["x-signature"], secret, [body], { hash: "sha1", encoding: "hex" });
  } catch (error) {
    if (!(error instanceof WebhookError) || body[0] !== "[".charCodeAt(0)) throw error;
    throw new WebhookError(
      401,
      "Segment does not sign all of a batch: switch batching off in the destination's mapping",
    );
  }
}
