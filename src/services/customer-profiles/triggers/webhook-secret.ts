/**
 * Secrets of webhooks. What is sent is signed as https://www.standardwebhooks.com has it, so that whoever receives it can check it with a library
 * of that name; a secret that is replaced goes on to sign beside the new one for a day.
 */
import { createHmac } from "node:crypto";
import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import type { Ids } from "../../../time/ids.ts";
import { inDomain } from "../domain.ts";
import type { Integration } from "../integrations/integration.ts";

export interface WebhookSecret {
  /** Of its domain. */
  readonly uid: string;
  readonly uri: string;
  /** `whsec_` and 32 bytes in base64. */
  readonly secret: string;
  readonly previous?: { readonly secret: string; readonly untilMs: number } | undefined;
}

export const webhookSecrets: Collection<WebhookSecret> = collection("profiles_webhook_secrets");

export function webhookSecretKey({ uid, uri }: Pick<WebhookSecret, "uid" | "uri">): string {
  return inDomain({ uid }, uri);
}

const PREFIX = "whsec_";
const SECRET_BYTES = 32;
const PREVIOUS_MS = 24 * 60 * 60_000;

/** Taken before the unit that keeps it, which may run more than once. */
export function newSecret(ids: Ids): string {
  return PREFIX + Buffer.from(ids.bytes(SECRET_BYTES)).toString("base64");
}

/** Gives a webhook its secret, where it has none yet. */
export async function giveSecret(
  unit: Unit,
  { uid, uri }: Pick<Integration, "uid" | "uri">,
  secret: string,
): Promise<void> {
  const key = webhookSecretKey({ uid, uri });
  if (!(await unit.get(webhookSecrets, key))) unit.put(webhookSecrets, key, { uid, uri, secret });
}

/** Replaces a secret. */
export async function rotateSecret(
  unit: Unit,
  { uid, uri }: Pick<Integration, "uid" | "uri">,
  secret: string,
  nowMs: number,
): Promise<WebhookSecret> {
  const old = await unit.get(webhookSecrets, webhookSecretKey({ uid, uri }));
  const previous = old && { secret: old.secret, untilMs: nowMs + PREVIOUS_MS };
  const rotated: WebhookSecret = { uid, uri, secret, previous };
  unit.put(webhookSecrets, webhookSecretKey({ uid, uri }), rotated);
  return rotated;
}

export function forgetSecret(unit: Unit, integration: Pick<Integration, "uid" | "uri">): void {
  unit.delete(webhookSecrets, webhookSecretKey(integration));
}

export async function findSecret(
  reader: Reader,
  integration: Pick<Integration, "uid" | "uri">,
): Promise<WebhookSecret | undefined> {
  return reader.get(webhookSecrets, webhookSecretKey(integration));
}

/** The headers that say who sends a body and when. `timeMs`: the wall clock's, which receivers compare with theirs. */
export function signatureHeaders(
  { secret, previous }: WebhookSecret,
  {
    id,
    body,
    timeMs,
    nowMs,
  }: { readonly id: string; readonly body: string; readonly timeMs: number; readonly nowMs: number },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(timeMs / 1000));
  const secrets = previous && previous.untilMs > nowMs ? [secret, previous.secret] : [secret];
  const signatures = secrets.map((one) => {
    const key = Buffer.from(one.slice(PREFIX.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
