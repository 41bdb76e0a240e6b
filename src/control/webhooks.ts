import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  type NewWebhook,
  receiveWebhook,
  WEBHOOK_KINDS,
  type Webhook,
  WebhookError,
} from "../services/app-integrations/index.ts";
import type { Context, Platform } from "../services/service.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json, parseBody } from "./answer.ts";

/**
 * `POST /_trunkline/webhooks/ID`: what Shopify, Segment, Zendesk or Salesforce send. Their signature says who they are, so it needs no other
 * one. The answer tells them, or whoever looks at their logs, what became of it.
 */
export async function webhookRequest(platform: Platform, id: string, request: PlainRequest): Promise<PlainResponse> {
  const receive = () => receiveWebhook(platform, id, request.headers, () => request.body());
  return answered(async () => json(await platform.store.durably(receive, { atOnce: true })));
}

/** `POST` and `GET /_trunkline/webhooks`, `DELETE /_trunkline/webhooks/ID`: those of the caller's account and Region. */
export async function webhookEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
  body: Buffer,
): Promise<PlainResponse | undefined> {
  const [id, ...others] = path;
  if (others.length > 0) return undefined;
  return answered(async () => {
    if (method === "GET" && id === undefined) {
      return json({
        webhooks: (await context.store.durably(() => listWebhooks(context))).map((one) => shown(context, one)),
      });
    }
    if (method === "POST" && id === undefined) {
      return json(shown(context, await context.store.durably(() => createWebhook(context, readWebhook(body)))));
    }
    if (method !== "DELETE" || !id) return failure(404, `There is no ${method} of webhooks`);
    await context.store.durably(() => deleteWebhook(context, id));
    return json({});
  });
}

async function answered(answer: () => Promise<PlainResponse>): Promise<PlainResponse> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return failure(error.status, error.message);
  }
}

const MEMBERS = ["kind", "source", "secret", "eventIntegration"];

function readWebhook(body: Buffer): NewWebhook {
  const parsed = parseBody(body);
  if ("error" in parsed) throw new WebhookError(400, parsed.error);
  const { value } = parsed;
  if (typeof value !== "object" || value === null) throw new WebhookError(400, "The body is no JSON object");
  const unknown = Object.keys(value).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) throw new WebhookError(400, `There is no ${unknown}; there are ${MEMBERS.join(", ")}`);
  const { kind, source, secret, eventIntegration } = value as Record<string, unknown>;
  const known = WEBHOOK_KINDS.find((one) => one === kind);
  if (known === undefined) throw new WebhookError(400, `kind must be one of ${WEBHOOK_KINDS.join(", ")}`);
  if (typeof source !== "string" || typeof secret !== "string") {
    throw new WebhookError(400, "source and secret must be texts");
  }
  if (eventIntegration !== undefined && typeof eventIntegration !== "string") {
    throw new WebhookError(400, "eventIntegration must be a text: the name of an event integration");
  }
  return { kind: known, source, secret, eventIntegration };
}

/** Without its secret. */
function shown({ endpoint }: Context, { id, kind, source }: Webhook): object {
  return { id, kind, source, url: `${endpoint}/_trunkline/webhooks/${id}` };
}
