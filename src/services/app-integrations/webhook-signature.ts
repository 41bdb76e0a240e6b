import { createHmac, timingSafeEqual } from "node:crypto";
import { WebhookError } from "./brought-event.ts";

export interface Signing {
  readonly hash: "sha1" | "sha256";
  readonly encoding: "base64" | "hex";
}

/**
 * Throws `WebhookError` (401) where a signature is not the HMAC of what is signed: bytes as they came, before anything is made of them.
 * How long it takes tells nothing of how much of it is right.
 */
export function checkSignature(
  signature: string | undefined,
  secret: string,
  signed: readonly Buffer[],
  { hash, encoding }: Signing,
): void {
  const hmac = createHmac(hash, secret);
  for (const part of signed) hmac.update(part);
  const expected = Buffer.from(hmac.digest(encoding));
  const given = Buffer.from((encoding === "hex" ? signature?.toLowerCase() : signature) ?? "");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new WebhookError(401, "The signature is not right");
  }
}
