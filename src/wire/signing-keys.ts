import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Credential } from "./credentials.ts";

/** What a signature is made for: `20261121/us-east-1/kinesis/aws4_request`. */
export interface Scope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** A key serves one credential, day, region and service. Whoever knows an access key id can ask for any of them, so there is a bound. */
const KEYS_MAX = 1000;

/**
 * Derived signing keys, kept: deriving one takes four rounds of HMAC, and an HMAC with a key object costs a fifth of one with
 * the same bytes in a buffer.
 */
export class SigningKeys {
  readonly #keys = new Map<string, { readonly secret: string; readonly key: KeyObject }>();

  find({ accessKeyId, secretAccessKey }: Credential, { date, region, service }: Scope): KeyObject {
    const name = `${accessKeyId}/${date}/${region}/${service}`;
    const kept = this.#keys.get(name);
    // The secret of a key can change while we run.
    if (kept?.secret === secretAccessKey) return kept.key;
    const key = createSecretKey(
      [date, region, service, "aws4_request"].reduce<Buffer>(
        (derived, part) => createHmac("sha256", derived).update(part).digest(),
        Buffer.from(`AWS4${secretAccessKey}`),
      ),
    );
    if (this.#keys.size >= KEYS_MAX) this.#keys.delete(this.#keys.keys().next().value as string);
    this.#keys.set(name, { secret: secretAccessKey, key });
    return key;
  }
}
