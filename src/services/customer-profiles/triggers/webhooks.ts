import type { Context } from "../../service.ts";
import { getDomain, inDomain } from "../domain.ts";
import { notFound } from "../errors.ts";
import { getIntegration } from "../integrations/integration.ts";
import { findSecret, newSecret, rotateSecret, webhookSecrets } from "./webhook-secret.ts";

/** A webhook that event triggers send to, as its owner sees it. */
export interface ShownWebhook {
  readonly uri: string;
  readonly secret: string;
}

const LISTED_MAX = 1_000;

/** Throws `ResourceNotFoundException` for a domain that is not there. */
export async function listWebhooks(context: Context, domainName: string): Promise<readonly ShownWebhook[]> {
  const domain = await getDomain(context.store, context, domainName);
  const { documents } = await context.store.list(webhookSecrets, { prefix: inDomain(domain, ""), limit: LISTED_MAX });
  return documents.map(({ uri, secret }) => ({ uri, secret }));
}

/** Gives a webhook another secret; the one that it had signs beside it for a day. Throws `ResourceNotFoundException` for what is no webhook. */
export async function rotateWebhookSecret(context: Context, domainName: string, uri: string): Promise<ShownWebhook> {
  const secret = newSecret(context.ids);
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, domainName);
    const integration = await getIntegration(unit, domain, uri);
    if (!(await findSecret(unit, integration))) throw notFound(`Integration ${uri} is no webhook`);
    await rotateSecret(unit, integration, secret, context.clock.now());
  });
  return { uri, secret };
}
