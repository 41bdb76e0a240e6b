import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { type Collection, collection, compositeKey } from "../store/store.ts";
import { BoundedMap } from "./bounded-map.ts";
import { perStore } from "./per-store.ts";
import type { Context } from "./service.ts";

/** Whose token it is: only tokens of the same account and Region open here. */
export type TokenScope = Pick<Context, "store" | "clock" | "ids" | "account" | "region">;

export type TokenField = string | number | null;

export interface OpenedToken {
  readonly issuedMs: number;
  readonly fields: readonly TokenField[];
}

/**
 * A token that only we can make and only the same account can use again: its kind, the time, and what it stands for, with a
 * message authentication code before them: who opens it may trust what is in it. Opaque to callers by contract, though not secret.
 */
export async function sealToken(scope: TokenScope, kind: string, fields: readonly TokenField[]): Promise<string> {
  const body = Buffer.from(JSON.stringify([kind, scope.clock.now(), ...fields]));
  const key = (await findKey(scope)) ?? (await createKey(scope));
  return Buffer.concat([codeOf(key, body), body]).toString("base64");
}

/** `undefined` for what we did not make, or not as this kind, or not for this account and Region. */
export async function openToken(scope: TokenScope, kind: string, token: string): Promise<OpenedToken | undefined> {
  const bytes = Buffer.from(token, "base64");
  // Node skips what is no base64; a token is as it was sealed, or none.
  if (bytes.toString("base64") !== token) return undefined;
  const body = bytes.subarray(CODE_BYTES);
  const code = bytes.subarray(0, CODE_BYTES);
  const key = await findKey(scope);
  if (!key || code.length < CODE_BYTES || !timingSafeEqual(code, codeOf(key, body))) return undefined;
  const [kindOfToken, issuedMs, ...fields] = JSON.parse(body.toString()) as [string, number, ...TokenField[]];
  return kindOfToken === kind ? { issuedMs, fields } : undefined;
}

/** Half of the SHA-256 code: a forgery still takes 2^128 tries, and iterators stay below 512 characters. */
const CODE_BYTES = 16;

function codeOf(key: KeyObject, body: Uint8Array): Buffer {
  return createHmac("sha256", key).update(body).digest().subarray(0, CODE_BYTES);
}

/** One key for each account and Region, made at its first use. It outlives restarts, as tokens do. */
const tokenKeys: Collection<{ readonly secret: string }> = collection("token_keys");

const CACHED_KEYS_MAX = 1000;

/** A KeyObject, since signing with a plain buffer costs four times as much. */
const cachedKeys = perStore(() => new BoundedMap<string, KeyObject>(CACHED_KEYS_MAX));

async function findKey({ store, account, region }: TokenScope): Promise<KeyObject | undefined> {
  const cache = cachedKeys(store);
  const id = compositeKey(account, region);
  const cached = cache.get(id);
  if (cached !== undefined) return cached;
  const found = await store.get(tokenKeys, id);
  if (found === undefined) return undefined;
  const key = createSecretKey(found.secret, "hex");
  cache.set(id, key);
  return key;
}

async function createKey({ store, ids, account, region }: TokenScope): Promise<KeyObject> {
  const id = compositeKey(account, region);
  const created = { secret: Buffer.from(ids.bytes(32)).toString("hex") };
  const { secret } = await store.commit(async (unit) => {
    const first = await unit.get(tokenKeys, id);
    if (first === undefined) unit.put(tokenKeys, id, created);
    return first ?? created;
  });
  return createSecretKey(secret, "hex");
}
