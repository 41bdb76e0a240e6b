/**
 * Signs what goes to subscribers, with a key pair of the installation's own. Its certificate is served at the `SigningCertURL`; whoever checks
 * signatures fetches it there, as from the real service.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
import { createPrivateKey, generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { perStore } from "../per-store.ts";
import { openSecret, sealSecret } from "../secret-box.ts";
import type { Platform } from "../service.ts";
import { selfSignedCertificate } from "./certificate.ts";

interface StoredKey {
  /** PEM, sealed. */
  readonly sealed: string;
  /** PEM. */
  readonly certificate: string;
  /** Tells this certificate's URL from others'. */
  readonly name: string;
}

const KEYS: Collection<StoredKey> = collection("sns_signing_key");
const ID = "installation";
const PURPOSE = "sns signing key";
const KEY_BITS = 2048;

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly certificate: string;
  /** `/SimpleNotificationService-….pem` */
  readonly path: string;
}

const opened = perStore(() => ({ key: undefined as SigningKey | undefined }));

/** Makes the key pair of the installation, unless there is one that can be read. Outside of units: it takes a tenth of a second. */
export async function ensureSigningKey(platform: Platform): Promise<void> {
  const { store, ids } = platform;
  if (opened(store).key ?? openKey(platform, await store.get(KEYS, ID))) return;
  const keys = await promisify(generateKeyPair)("rsa", { modulusLength: KEY_BITS });
  const privateKey = String(keys.privateKey.export({ type: "pkcs8", format: "pem" }));
  const name = Buffer.from(ids.bytes(16)).toString("hex");
  // Its first byte makes it positive and of full length.
  const serial = Buffer.from(`01${name.slice(0, 30)}`, "hex");
  const certificate = selfSignedCertificate(keys, "Trunkline SNS", serial);
  const made: StoredKey = { sealed: sealSecret(platform, PURPOSE, privateKey), certificate, name };
  const stored = await store.commit(async (unit) => {
    const first = await unit.get(KEYS, ID);
    if (first !== undefined && openSecret(platform, PURPOSE, first.sealed) !== undefined) return first;
    unit.put(KEYS, ID, made);
    return made;
  });
  openKey(platform, stored);
}

/** The key, in a unit or outside. `ensureSigningKey` has been called before there was a topic. */
export async function signingKey(reader: Reader, platform: Platform): Promise<SigningKey> {
  const key = opened(platform.store).key ?? openKey(platform, await reader.get(KEYS, ID));
  if (key === undefined) throw new Error("The key that SNS signs with cannot be read");
  return key;
}

function openKey(platform: Platform, stored: StoredKey | undefined): SigningKey | undefined {
  const text = stored && openSecret(platform, PURPOSE, stored.sealed);
  if (stored === undefined || text === undefined) return undefined;
  const key: SigningKey = {
    privateKey: createPrivateKey(text),
    certificate: stored.certificate,
    path: `/SimpleNotificationService-${stored.name}.pem`,
  };
  opened(platform.store).key = key;
  return key;
}

/** The certificate that a path names; `undefined` for every other path. */
export async function certificateAt(platform: Platform, path: string): Promise<string | undefined> {
  const key = opened(platform.store).key ?? openKey(platform, await platform.store.get(KEYS, ID));
  return key?.path === path ? key.certificate : undefined;
}

/** `SignatureVersion` 1 is made with SHA-1, 2 with SHA-256. */
export type SignatureVersion = "1" | "2";

/** Members of a message that are signed, in the order of their names; each as name and value on lines of their own. */
export function stringToSign(members: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(members)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}\n${value}\n`)
    .join("");
}

/** In the thread pool: half a millisecond of processor time. */
export async function signApart(key: SigningKey, version: SignatureVersion, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  sign(digestOf(version), Buffer.from(text), key.privateKey, (error, made) => (error ? reject(error) : resolve(made)));
  return (await promise).toString("base64");
}

/** The same at once, for a unit that may not wait. */
export function signNow(key: SigningKey, version: SignatureVersion, text: string): string {
  return sign(digestOf(version), Buffer.from(text), key.privateKey).toString("base64");
}

function digestOf(version: SignatureVersion): string {
  return version === "2" ? "sha256" : "sha1";
}
