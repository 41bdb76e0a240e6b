/**
 * Webhooks of Zendesk and Salesforce: what their ways to EventBridge bring as partner events comes here as an HTTP request of their own, without
 * any cloud between, and goes on as the same partner event.
 *
 *     Zendesk ── POST, signed ─► check ─► partner event ─► bus of the partner event source ─► association ─► Connect rules
 *
 * An address is no secret: what counts is the signature, made with a secret that both sides know.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Collection, collection, compositeKey } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { isNestedTooDeep, offerPartnerSource, tellPartnerEvent } from "../eventbridge/index.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Context, Platform } from "../service.ts";
import { WebhookError } from "./brought-event.ts";
import type { Owner } from "./event-integration.ts";
import { salesforceEvents } from "./salesforce-webhook.ts";
import { zendeskEvents } from "./zendesk-webhook.ts";

export interface Webhook extends Owner {
  readonly id: string;
  readonly kind: "zendesk" | "salesforce";
  /** The partner event source whose events it brings. */
  readonly source: string;
  readonly secret: string;
}

const webhooks: Collection<Webhook> = collection("app_integrations_webhooks", {
  owner: { type: "text", value: ({ account, region, id }) => compositeKey(account, region, id) },
});

const SOURCES: Readonly<Record<Webhook["kind"], RegExp>> = {
  zendesk: /^aws\.partner\/zendesk\.com(?:\/[.\-_A-Za-z0-9]+)+$/,
  salesforce: /^aws\.partner\/(?:appflow\/salesforce|salesforce)\.com(?:\/[.\-_A-Za-z0-9]+)+$/,
};

const LISTED_MAX = 1_000;

/** Makes a webhook, and offers its account the partner event source, which it accepts by an event bus of that name. */
export async function createWebhook(
  context: Context,
  { kind, source, secret }: Pick<Webhook, "kind" | "source" | "secret">,
): Promise<Webhook> {
  if (!SOURCES[kind].test(source)) throw new WebhookError(400, `source ${source} is not one of ${kind}`);
  if (secret === "") throw new WebhookError(400, "secret must not be empty");
  const { account, region } = context;
  const webhook: Webhook = { account, region, id: context.ids.uuid(), kind, source, secret };
  await context.store.commit(async (unit) => {
    unit.put(webhooks, webhook.id, webhook);
    await offerPartnerSource(unit, { account, region, name: source }, context.clock.now());
  });
  return webhook;
}

export async function listWebhooks({ store, account, region }: Context): Promise<readonly Webhook[]> {
  const range = { index: "owner", prefix: compositeKey(account, region, ""), limit: LISTED_MAX };
  return (await store.list(webhooks, range)).documents;
}

/** Throws `WebhookError` where the caller has no such webhook. The partner event source stays. */
export async function deleteWebhook(context: Context, id: string): Promise<void> {
  await context.store.commit(async (unit) => {
    const found = await unit.get(webhooks, id);
    if (found?.account !== context.account || found.region !== context.region) throw new WebhookError(404, NO_WEBHOOK);
    unit.delete(webhooks, id);
  });
}

const NO_WEBHOOK = "There is no such webhook";

/**
 * Takes a request to a webhook's address, and answers with the ids of the events that it has brought: none where it tells of something that no
 * rule looks at, or where its account has not accepted the partner event source. Throws `WebhookError`: 404 for no webhook, 401 for a signature that is not right, 400 for a body that is no event.
 */
export async function receiveWebhook(
  platform: Platform,
  id: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Buffer,
): Promise<readonly string[]> {
  const webhook = await platform.store.get(webhooks, id);
  if (!webhook) throw new WebhookError(404, NO_WEBHOOK);
  const header = (name: string): string => String(headers[name] ?? "");
  if (webhook.kind === "zendesk") checkZendesk(platform, webhook, header, body);
  else checkSignature(webhook.secret, body, header("x-signature"));

  const text = body.toString("utf8");
  const content = isNestedTooDeep(text) ? undefined : parseJsonObject(text);
  if (content === undefined) throw new WebhookError(400, "The body is no JSON object");
  const nowMs = platform.clock.now();
  const events = (webhook.kind === "zendesk" ? zendeskEvents : salesforceEvents)(content, nowMs, text);
  const { account, region, source } = webhook;
  const told = events.map(({ detail, id, ...event }) => ({
    ...event,
    // It is of this account and source, whatever the sender calls their events.
    id: derivedUuid(account, region, source, id),
    source,
    account,
    region,
    detail: JSON.stringify(detail),
  }));
  return platform.store.commit(async (unit) => {
    const ids: string[] = [];
    for (const event of told) if (await tellPartnerEvent(unit, event, nowMs)) ids.push(event.id);
    return ids;
  });
}

/** Older requests could be repeated by whoever has seen them: events are told apart for a day. */
const TIMESTAMP_MS = 24 * 3_600_000;

/** "base64(HMACSHA256(TIMESTAMP + BODY))": https://developer.zendesk.com/documentation/webhooks/verifying/ */
function checkZendesk({ wall }: Platform, { secret }: Webhook, header: (name: string) => string, body: Buffer): void {
  const timestamp = header("x-zendesk-webhook-signature-timestamp");
  checkSignature(secret, Buffer.concat([Buffer.from(timestamp), body]), header("x-zendesk-webhook-signature"));
  if (!(Math.abs(wall.now() - Date.parse(timestamp)) <= TIMESTAMP_MS)) {
    throw new WebhookError(401, "The timestamp of the signature is not of the last day");
  }
}

/** HMAC-SHA-256 in base64, which Salesforce's webhooks have of the body in `x-signature`. */
function checkSignature(secret: string, signed: Buffer, signature: string): void {
  const expected = createHmac("sha256", secret).update(signed).digest();
  const given = Buffer.from(signature, "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new WebhookError(401, "The signature is not right");
  }
}
