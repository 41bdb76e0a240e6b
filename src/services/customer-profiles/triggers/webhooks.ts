import type { Context } from "../../service.ts";
import { getDomain, inDomain } from "../domain.ts";
import { notFound } from "../errors.ts";
import { getIntegration } from "../integrations/integration.ts";
import { findSecret, newSecret, rotateSecret, webhookSecrets } from "./webhook-secret.ts";

/** A webhook that event triggers send to, for who may know its secret. */
export interface ShownWebhook {
  readonly uri: string;
  readonly secret: string;
}

const LISTED_MAX = 1_000;

/** Throws `ResourceNotFoundException` for a domain that is not there. */
export async function listWebhooks(
  context: Context,
  domainName: string,
): Promise<readonly Pick<ShownWebhook, "uri">[]> {
  const domain = await getDomain(context.store, context, domainName);
  const { documents } = await context.store.list(webhookSecrets, { prefix: inDomain(domain, ""), limit: LISTED_MAX });
  return documents.map(({ uri }) => ({ uri }));
}

/** Throws `ResourceNotFoundException` for what is no webhook. */
export async function revealWebhookSecret(context: Context, domainName: string, uri: string): Promise<ShownWebhook> {
  const domain = await getDomain(context.store, context, domainName);
  const found = await findSecret(context.store, { ...domain, uri });
  if (!found) throw notFound(`Integration ${uri} is no webhook`);
  return { uri, secret: found.secret };
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
