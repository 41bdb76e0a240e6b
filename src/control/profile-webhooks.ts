import {
  listWebhooks,
  revealWebhookSecret,
  rotateWebhookSecret,
  type ShownWebhook,
} from "../services/customer-profiles/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import { answering, bodyOf, refusing, requireMembers, textOf } from "./connect-answer.ts";

/**
 * `GET /_trunkline/profile-webhooks/DOMAIN`: the webhooks of a domain's integrations. `POST …/DOMAIN/reveal` with `{"uri": …}` answers with the secret
 * that signs what is sent to one of them, `POST …/DOMAIN/rotate` gives it another one, and answers with that. So who may read everything,
 * `trunkline:GET`, still knows no secret.
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
  if (method !== "POST" || (act !== "rotate" && act !== "reveal")) return undefined;
  const read = bodyOf(body);
  if ("error" in read) return failure(400, read.error);
  return refusing(async () => {
    requireMembers(read.value, act, ["uri"]);
    const uri = textOf(read.value, "uri");
    if (uri === undefined) return failure(400, "uri is missing: that of an integration");
    const tell = act === "rotate" ? rotateWebhookSecret : revealWebhookSecret;
    return answering((): Promise<ShownWebhook> => context.store.durably(() => tell(context, domain, uri)));
  });
}
