import { BoundedMap } from "../../bounded-map.ts";
import { callHttp, type HttpAnswer } from "../../http-call.ts";
import { parseJsonObject } from "../../json-text.ts";
import { perStore } from "../../per-store.ts";
import type { Platform } from "../../service.ts";
import type { AuthParameters, Connection } from "./connection.ts";
import { type HttpParameter, headersOf, withQuery } from "./http-parameters.ts";

/** A token endpoint has as long as the target itself: an attempt may need both, twice. */
const TIMEOUT_MS = 5_000;
/** Of an answer: tokens of some kilobytes are common, and more than that is none. */
const ANSWER_BYTES_MAX = 64 * 1024;
/** A token that is good for no longer than this is asked for anew. */
const RESERVE_MS = 10_000;

export interface OAuthToken {
  /** The header `Authorization`. */
  readonly authorization: string;
  /** In wall time. Absent: until it is refused. */
  readonly untilMs?: number;
}

/** `isFinal`: the endpoint has said no, and will say so again. No message has a secret. */
export interface TokenFailure {
  readonly failed: string;
  readonly isFinal: boolean;
}

/** Tokens of connections, by what authorizes them. In memory alone: another one costs a call. */
const tokensOf = perStore(() => new BoundedMap<string, Promise<OAuthToken | TokenFailure>>(10_000));

/**
 * The token of a connection: the one that is known, or one that is asked for now, once for all who wait for it. `refused`: a token that a target
 * did not take, so that another one is asked for unless somebody else has done so already.
 */
export async function oauthToken(
  platform: Platform,
  connection: Connection,
  oauth: OAuthParameters,
  refused?: OAuthToken,
): Promise<OAuthToken | TokenFailure> {
  const tokens = tokensOf(platform.store);
  const { authorizationId } = connection;
  const known = tokens.get(authorizationId);
  const token = await known;
  if (token && "authorization" in token && token.authorization !== refused?.authorization) {
    if (token.untilMs === undefined || platform.wall.now() < token.untilMs) return token;
  }
  // Whoever comes while one is asked for waits for that one.
  const current = tokens.get(authorizationId);
  if (current && current !== known) return current;
  const fresh = askForToken(platform, oauth);
  tokens.set(authorizationId, fresh);
  return fresh;
}

type OAuthParameters = NonNullable<AuthParameters["OAuthParameters"]>;

/** RFC 6749, section 4.4: by a form, or by JSON where the connection's own header asks for that; with GET in the query. */
async function askForToken(platform: Platform, oauth: OAuthParameters): Promise<OAuthToken | TokenFailure> {
  const { AuthorizationEndpoint, HttpMethod, ClientParameters, OAuthHttpParameters = {} } = oauth;
  const { HeaderParameters, QueryStringParameters, BodyParameters } = OAuthHttpParameters;
  const client = [
    { Key: "client_id", Value: ClientParameters.ClientID },
    { Key: "client_secret", Value: ClientParameters.ClientSecret },
  ];
  const members: readonly HttpParameter[] = [...client, ...(BodyParameters ?? [])];
  const isInQuery = HttpMethod === "GET";
  const headers = {
    accept: "application/json",
    "user-agent": "Amazon/EventBridge/ApiDestinations",
    ...(!isInQuery && { "content-type": "application/x-www-form-urlencoded" }),
    ...headersOf(HeaderParameters ?? []),
    connection: "close",
  };
  const answer = await callHttp(
    platform,
    {
      url: withQuery(new URL(AuthorizationEndpoint), [...(QueryStringParameters ?? []), ...(isInQuery ? members : [])]),
      method: HttpMethod,
      headers,
      ...(!isInQuery && { body: bodyText(members, headers["content-type"] ?? "") }),
      timeoutMs: TIMEOUT_MS,
      keptBytes: ANSWER_BYTES_MAX,
    },
    new AbortController().signal,
  );
  if ("failed" in answer) {
    return {
      failed: `The authorization endpoint cannot be reached: ${answer.message}.`,
      isFinal: answer.failed === "refused",
    };
  }
  return tokenIn(answer, platform.wall.now());
}

function bodyText(members: readonly HttpParameter[], contentType: string): string {
  const pairs = members.map(({ Key = "", Value = "" }): [string, string] => [Key, Value]);
  return /json/i.test(contentType) ? JSON.stringify(Object.fromEntries(pairs)) : new URLSearchParams(pairs).toString();
}

function tokenIn({ status, body }: HttpAnswer, nowMs: number): OAuthToken | TokenFailure {
  if (status < 200 || status >= 300) {
    const isFinal = status < 500 && status !== 429 && status !== 408;
    return { failed: `The authorization endpoint answered ${status}.`, isFinal };
  }
  const { access_token: token, token_type: type, expires_in: seconds } = parseJsonObject(body) ?? {};
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    return { failed: "The authorization endpoint answered without an access_token.", isFinal: true };
  }
  const scheme = typeof type === "string" && /^[\w-]+$/.test(type) ? type : "Bearer";
  const isTimed = Number(seconds) > 0 && Number.isFinite(Number(seconds));
  return {
    authorization: `${scheme} ${token}`,
    ...(isTimed && { untilMs: nowMs + Number(seconds) * 1000 - RESERVE_MS }),
  };
}
