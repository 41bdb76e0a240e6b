import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { type Collection, collection, compositeKey } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { perStore } from "../per-store.ts";
import type { Context } from "../service.ts";

/** How long shard iterators and NextTokens are valid, on the centre's clock. */
export const TOKEN_MS = 300_000;

export type TokenField = string | number | null;

export interface OpenedToken {
  readonly issuedMs: number;
  readonly fields: readonly TokenField[];
}

/**
 * A token that only we can make and only the same account can use again: its kind, the time, and what it stands for, with a
 * message authentication code before them: who opens it may trust what is in it. Opaque to callers by contract, though not secret.
 */
export async function sealToken(context: Context, kind: string, fields: readonly TokenField[]): Promise<string> {
  const body = Buffer.from(JSON.stringify([kind, context.clock.now(), ...fields]));
  return Buffer.concat([codeOf(await tokenKey(context), body), body]).toString("base64");
}

/** `undefined` for what we did not make, or not as this kind, or not for this account and Region. */
export async function openToken(context: Context, kind: string, token: string): Promise<OpenedToken | undefined> {
  const bytes = Buffer.from(token, "base64");
  const body = bytes.subarray(CODE_BYTES);
  const code = bytes.subarray(0, CODE_BYTES);
  if (code.length < CODE_BYTES || !timingSafeEqual(code, codeOf(await tokenKey(context), body))) return undefined;
  const [kindOfToken, issuedMs, ...fields] = JSON.parse(body.toString()) as [string, number, ...TokenField[]];
  return kindOfToken === kind ? { issuedMs, fields } : undefined;
}

/** Half of the SHA-256 code: a forgery still takes 2^128 tries, and iterators stay below 512 characters. */
const CODE_BYTES = 16;

function codeOf(key: KeyObject, body: Uint8Array): Buffer {
  return createHmac("sha256", key).update(body).digest().subarray(0, CODE_BYTES);
}

/** One key for each account and Region, made at its first use. It outlives restarts, as iterators do. */
const tokenKeys: Collection<{ readonly secret: string }> = collection("kinesis_token_key");

const CACHED_KEYS_MAX = 1000;

/** A KeyObject, since signing with a plain buffer costs four times as much. */
const cachedKeys = perStore(() => new BoundedMap<string, KeyObject>(CACHED_KEYS_MAX));

async function tokenKey(context: Context): Promise<KeyObject> {
  const cache = cachedKeys(context.store);
  const id = compositeKey(context.account, context.region);
  const cached = cache.get(id);
  if (cached !== undefined) return cached;
  const found = (await context.store.get(tokenKeys, id)) ?? (await createKey(context, id));
  const key = createSecretKey(found.secret, "hex");
  cache.set(id, key);
  return key;
}

async function createKey(context: Context, id: string): Promise<{ readonly secret: string }> {
  const created = { secret: Buffer.from(context.ids.bytes(32)).toString("hex") };
  return context.store.commit(async (unit) => {
    const first = await unit.get(tokenKeys, id);
    if (first === undefined) unit.put(tokenKeys, id, created);
    return first ?? created;
  });
}
