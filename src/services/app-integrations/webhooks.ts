/**
 * Webhooks: what the ways of other applications to EventBridge bring as partner events comes here as an HTTP request of their own, without
 * any cloud between, and goes on as the same partner event.
 *
 *     Shopify ── POST, signed ─► check ─► partner event ─► bus of the partner event source ─► association ─► Customer Profiles
 *     Zendesk                                                                                             └► Connect rules
 *
 * An address is no secret: what counts is the signature, made with a secret that both sides know.
 */
import { compositeKey } from "../../store/store.ts";
import { acceptPartnerSource, offerPartnerSource } from "../eventbridge/index.ts";
import type { Context } from "../service.ts";
import { WebhookError } from "./brought-event.ts";
import { openEventIntegration } from "./event-integrations.ts";
import { NO_WEBHOOK, type Webhook, webhooks } from "./webhook.ts";
import { WEBHOOK_SENDERS } from "./webhook-senders.ts";

const LISTED_MAX = 1_000;

/** Of a partner event source's name. */
const SOURCE_LENGTH_MAX = 256;

export interface NewWebhook extends Pick<Webhook, "kind" | "source" | "secret"> {
  /** Name of the event integration that is to be there too, with all that it needs. */
  readonly eventIntegration?: string | undefined;
}

/**
 * Makes a webhook, and offers its account the partner event source, which it accepts by an event bus of that name: here and now where an event
 * integration is asked for.
 */
export async function createWebhook(
  context: Context,
  { kind, source, secret, eventIntegration }: NewWebhook,
): Promise<Webhook> {
  if (source.length > SOURCE_LENGTH_MAX || !WEBHOOK_SENDERS[kind].source.test(source)) {
    throw new WebhookError(400, `source ${source} is not one of ${kind}`);
  }
  if (secret === "") throw new WebhookError(400, "secret must not be empty");
  const { account, region } = context;
  const webhook: Webhook = { account, region, id: context.ids.uuid(), kind, source, secret };
  await context.store.commit(async (unit) => {
    unit.put(webhooks, webhook.id, webhook);
    const bus = { account, region, name: source };
    await offerPartnerSource(unit, bus, context.clock.now());
    if (eventIntegration === undefined) return;
    await acceptPartnerSource(unit, context, bus);
    await openEventIntegration(unit, context, { name: eventIntegration, source });
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
