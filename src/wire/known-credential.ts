import { timingSafeEqual } from "node:crypto";
import type { ServiceModel } from "../models/model.ts";
import type { WallClock } from "../time/clock.ts";
import type { Credential } from "./credentials.ts";
import { distrust } from "./refusal.ts";

/** Who may sign, and the time by which temporary keys end. */
export interface KeyRing {
  readonly wall: WallClock;
  /** A promise only for a key that is not at hand: those of most requests are. */
  findCredential(accessKeyId: string): Credential | undefined | Promise<Credential | undefined>;
}

/** The credential that a request names. Throws `Refusal` for a key that is unknown or expired, or comes with another token than its own. */
export async function knownCredential(
  { accessKeyId, token }: { readonly accessKeyId: string; readonly token: string | undefined },
  keyRing: KeyRing,
  protocol: ServiceModel["protocol"],
): Promise<Credential> {
  const found = keyRing.findCredential(accessKeyId);
  const credential = found instanceof Promise ? await found : found;
  const invalid = "The security token included in the request is invalid.";
  if (!credential) throw distrust("unknown-key", protocol, invalid);
  if (!sameText(credential.sessionToken ?? "", token ?? "")) throw distrust("invalid-token", protocol, invalid);
  if (credential.expiresAtMs !== undefined && credential.expiresAtMs <= keyRing.wall.now()) {
    throw distrust("expired-token", protocol, "The security token included in the request is expired");
  }
  return credential;
}

/** In a time that does not tell how much of it was right. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
