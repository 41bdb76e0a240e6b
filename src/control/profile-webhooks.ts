import { listWebhooks, rotateWebhookSecret, type ShownWebhook } from "../services/customer-profiles/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import { answering, bodyOf, refusing, requireMembers, textOf } from "./connect-answer.ts";

/**
 * `GET /_trunkline/profile-webhooks/DOMAIN`: the webhooks of a domain's integrations, with the secrets that sign what is sent to them.
 * `POST /_trunkline/profile-webhooks/DOMAIN/rotate` with `{"uri": …}` gives one of them another secret, and answers with it.
 */
export async function profileWebhookEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
  body: Buffer,
): Promise<PlainResponse | undefined> {
  const [domain = "", act, ...others] = path;
  if (domain === "" || others.length > 0) return undefined;
  if (method === "GET" && act === undefined) {
    return answering(() => context.store.durably(async () => ({ webhooks: await listWebhooks(context, domain) })));
  }
  if (method !== "POST" || act !== "rotate") return undefined;
  const read = bodyOf(body);
  if ("error" in read) return failure(400, read.error);
  return refusing(async () => {
    requireMembers(read.value, "rotate", ["uri"]);
    const uri = textOf(read.value, "uri");
    if (uri === undefined) return failure(400, "uri is missing: that of an integration");
    return answering(
      (): Promise<ShownWebhook> => context.store.durably(() => rotateWebhookSecret(context, domain, uri)),
    );
  });
}
