/**
 * Web pages of any origin may call operations whose callers prove themselves by a token: the token is nothing that a browser adds by
 * itself. They may call nothing else: what is signed is no page's business.
 */
import type { Head } from "./exchange.ts";
import type { RawResponse } from "./raw-message.ts";

const BEARER_HEADER = "x-amz-bearer";

/** What SDKs send in browsers. */
const HEADERS_ALLOWED =
  "content-type, x-amz-bearer, x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request, authorization, x-amz-date, x-amz-content-sha256, x-amz-security-token";
const METHODS_ALLOWED = "GET, POST";
const PREFLIGHT_SECONDS = "600";

/** The answer to a browser that asks whether a page may call with a token; `undefined` for every other request. */
export function preflightAnswer({ method, headers }: Head): RawResponse | undefined {
  const asked = headers["access-control-request-headers"]?.toLowerCase().split(/[,\s]+/) ?? [];
  if (method !== "OPTIONS" || !asked.includes(BEARER_HEADER)) return undefined;
  return {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": METHODS_ALLOWED,
      "access-control-allow-headers": HEADERS_ALLOWED,
      "access-control-max-age": PREFLIGHT_SECONDS,
    },
    body: Buffer.alloc(0),
  };
}

/** An answer that the page that called may read, where it called with a token. */
export function readableByPages({ headers }: Head, response: RawResponse): RawResponse {
  if (headers.origin === undefined || headers[BEARER_HEADER] === undefined) return response;
  const readable = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-amzn-errortype, x-amzn-requestid, date",
  };
  return { ...response, headers: { ...response.headers, ...readable } };
}
