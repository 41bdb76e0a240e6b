import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";
import { BoundedMap } from "../../bounded-map.ts";
import { isJsonObject, parseJsonObject } from "../../json-text.ts";
import { perStore } from "../../per-store.ts";
import type { Call } from "./call.ts";
import { OutsideError, sendOutside } from "./outside.ts";

/** What a token has said, or why it is refused. */
export type JwtOutcome =
  | { readonly claims: JWTPayload; readonly scopes: readonly string[] | null }
  | { readonly refused: string };

export interface JwtRules {
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** Keys of issuers are fetched anew after so long, and when a token names one that is not among them. */
const KEPT_MS = 2 * 60 * 60_000;
const REFETCH_MS_MIN = 60_000;
const ISSUERS_MAX = 1000;
const FETCH_MS_MAX = 5000;
const KEYS_BYTES_MAX = 256 * 1024;

interface Kept {
  readonly keys: JSONWebKeySet;
  readonly atMs: number;
}

const issuers = perStore(() => new BoundedMap<string, Promise<Kept>>(ISSUERS_MAX));

/**
 * Whether a token is one of an issuer's, is for this audience, and is good now. Tokens are dated by their issuers, so what counts is the wall's time.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export async function verifyJwt(call: Call, token: string, { issuer, audience }: JwtRules): Promise<JwtOutcome> {
  try {
    const claims = await verified(call, token, issuer);
    if (claims.iat !== undefined && claims.iat * 1000 > call.platform.wall.now())
      return { refused: "the token is used before it was issued" };
    const named = [claims.aud, claims.aud === undefined ? claims.client_id : undefined].flat();
    if (!named.some((one) => typeof one === "string" && audience.includes(one)))
      return { refused: "the token has an invalid audience" };
    return { claims, scopes: scopesOf(claims) };
  } catch (error) {
    if (error instanceof OutsideError || error instanceof IssuerError)
      return { refused: `OIDC discovery endpoint communication error: ${error.message}` };
    if (error instanceof errors.JOSEError || error instanceof TypeError) return { refused: "the token is invalid" };
    throw error;
  }
}

async function verified(call: Call, token: string, issuer: string): Promise<JWTPayload> {
  const options = { issuer, requiredClaims: ["exp"], currentDate: new Date(call.platform.wall.now()) };
  const kept = await keysOf(call, issuer, KEPT_MS);
  try {
    return (await jwtVerify(token, createLocalJWKSet(kept.keys), options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    const fresh = await keysOf(call, issuer, REFETCH_MS_MIN);
    return (await jwtVerify(token, createLocalJWKSet(fresh.keys), options)).payload;
  }
}

function scopesOf({ scope, scp }: JWTPayload): readonly string[] | null {
  if (typeof scope === "string") return scope.split(" ");
  if (typeof scp === "string") return scp.split(" ");
  return Array.isArray(scp) ? scp.map(String) : null;
}

/** An issuer that does not say its keys. */
class IssuerError extends Error {
  override readonly name: string = "IssuerError";
}

async function keysOf(call: Call, issuer: string, ageMsMax: number): Promise<Kept> {
  const known = issuers(call.platform.store);
  const nowMs = call.platform.wall.monotonicMs();
  const kept = await known.get(issuer)?.catch(() => undefined);
  if (kept && nowMs - kept.atMs < ageMsMax) return kept;
  const fetching = fetchKeys(call, issuer).then((keys) => ({ keys, atMs: nowMs }));
  known.set(issuer, fetching);
  return fetching.catch((error: unknown) => {
    known.delete(issuer);
    throw error;
  });
}

async function fetchKeys(call: Call, issuer: string): Promise<JSONWebKeySet> {
  const configuration = await fetchJson(call, `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (typeof configuration.jwks_uri !== "string") throw new IssuerError("the issuer names no keys");
  const keys = await fetchJson(call, configuration.jwks_uri);
  if (!Array.isArray(keys.keys) || !keys.keys.every(isJsonObject)) throw new IssuerError("the issuer's keys are none");
  return keys as unknown as JSONWebKeySet;
}

async function fetchJson({ platform, request }: Call, address: string): Promise<Readonly<Record<string, unknown>>> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") throw new IssuerError("the issuer's address is none");
  const { status, body } = await sendOutside(platform.wall, {
    method: "GET",
    url,
    headers: [["accept", "application/json"]],
    body: Buffer.alloc(0),
    timeoutMs: FETCH_MS_MAX,
    signal: request.signal,
  });
  const found = status === 200 && body.length <= KEYS_BYTES_MAX ? parseJsonObject(body.toString()) : undefined;
  if (!found) throw new IssuerError(`the issuer answered ${status}`);
  return found;
}
