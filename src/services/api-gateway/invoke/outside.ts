import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { WallClock } from "../../../time/clock.ts";
import { BODY_BYTES_MAX, type Pairs } from "./call.ts";

/** A request to what lies behind an API. */
export interface OutsideRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Pairs;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface OutsideAnswer {
  readonly status: number;
  /** As sent. */
  readonly headers: Pairs;
  readonly body: Buffer;
}

/** There is no answer, and why. */
export class OutsideError extends Error {
  override readonly name: string = "OutsideError";
  readonly why: "timeout" | "unreachable" | "too-large";

  constructor(why: "timeout" | "unreachable" | "too-large", message: string) {
    super(message);
    this.why = why;
  }
}

/** A slow endpoint holds connections of its own; others have theirs. */
const SOCKETS_PER_HOST_MAX = 256;
const http = new HttpAgent({ keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX, scheduling: "lifo" });
const https = new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS_PER_HOST_MAX, scheduling: "lifo" });

/** These speak of one connection, and are not handed on. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "http2-settings",
];

export function withoutHopByHop(headers: Pairs): Pairs {
  return headers.filter(([name]) => !name.startsWith(":") && !HOP_BY_HOP.includes(name.toLowerCase()));
}

/**
 * Sends a request and reads the whole answer, as it is: it follows no redirects and unpacks nothing. The time is the wall's.
 *
 * Throws `OutsideError`.
 */
export async function sendOutside(wall: WallClock, outside: OutsideRequest): Promise<OutsideAnswer> {
  const ending = new AbortController();
  let isLate = false;
  using _timer = wall.after(outside.timeoutMs, () => {
    isLate = true;
    ending.abort();
  });
  try {
    return await exchange(outside, AbortSignal.any([ending.signal, outside.signal]));
  } catch (error) {
    if (error instanceof OutsideError) throw error;
    if (isLate) throw new OutsideError("timeout", "Endpoint request timed out");
    throw new OutsideError("unreachable", (error as Error).message);
  }
}

function exchange({ method, url, headers, body }: OutsideRequest, signal: AbortSignal): Promise<OutsideAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<OutsideAnswer>();
  const isTls = url.protocol === "https:";
  const options: RequestOptions = {
    method,
    agent: isTls ? https : http,
    headers: [...sentHeaders(url, headers, method, body)].flat(),
    signal,
  };
  const request = isTls ? httpsRequest(url, options) : httpRequest(url, options);
  request.on("error", reject);
  request.on("response", (response: IncomingMessage) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= BODY_BYTES_MAX) chunks.push(chunk);
      else {
        reject(new OutsideError("too-large", "The answer is too large"));
        request.destroy();
      }
    });
    response.on("error", reject);
    response.on("end", () =>
      resolve({
        status: response.statusCode ?? 502,
        headers: pairsOf(response.rawHeaders),
        body: Buffer.concat(chunks),
      }),
    );
  });
  request.end(body);
  return promise;
}

/** With host and length of ours: what came in may have been chunked, or be another body by now. */
function sentHeaders(url: URL, headers: Pairs, method: string, body: Buffer): (readonly [string, string])[] {
  const sent = withoutHopByHop(headers)
    .filter(([name]) => !["content-length", "expect"].includes(name.toLowerCase()))
    .map(([name, value]) => [name, /[^\0-\xff]/.test(value) ? Buffer.from(value).toString("latin1") : value] as const)
    // What cannot be a header, as a parameter with a line break in it, would be no request at all.
    .filter(([name, value]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/[^\t\x20-\x7e\x80-\xff]/.test(value));
  const hasHost = sent.some(([name]) => name.toLowerCase() === "host");
  const hasBody = body.length > 0 || !["GET", "HEAD", "DELETE", "OPTIONS"].includes(method);
  return [
    ...(hasHost ? [] : [["host", url.host] as const]),
    ...sent,
    ...(hasBody ? [["content-length", String(body.length)] as const] : []),
  ];
}

function pairsOf(raw: readonly string[]): Pairs {
  return Array.from({ length: raw.length / 2 }, (_pair, at) => [raw[2 * at] ?? "", raw[2 * at + 1] ?? ""] as const);
}
