/**
 * Services that Trunkline does not host, at endpoints of their own (`--upstream dynamodb=http://127.0.0.1:8000`): a program with one endpoint for
 * all of AWS reaches them through it. A request is held against its signature here, then goes on as it came; the answer comes back as it is.
 */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { WallClock } from "../time/clock.ts";
import {
  type Caller,
  type PlainHandler,
  type PlainRequest,
  type PlainResponse,
  Refusal,
  scopeService,
} from "../wire/index.ts";

export interface Upstream {
  /** As signatures name it, or what stands before the dot in `X-Amz-Target`. */
  readonly service: string;
  /** `http://127.0.0.1:8000`, without a path. */
  readonly endpoint: string;
}

export interface UpstreamOptions {
  readonly upstreams: readonly Upstream[];
  readonly wall: WallClock;
  /** Why the caller's policies do not let it call this; `undefined` where they do. */
  findDenial(caller: Caller, action: string): Promise<string | undefined>;
}

/** How long an endpoint may take until its answer begins, and between two parts of it. */
const SILENCE_MS = 60_000;

/** Headers that are about a connection, and not about what goes over it. */
const OF_THE_CONNECTION = new Set([
  "connection",
  "content-length",
  "date",
  "expect",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Finds who answers a request for one of these services; `undefined` for every other request. */
export function createUpstreams({
  upstreams,
  wall,
  findDenial,
}: UpstreamOptions): (request: PlainRequest) => PlainHandler | undefined {
  const known = new Map(upstreams.map((upstream) => [upstream.service, upstream]));
  return (head) => {
    if (known.size === 0) return undefined;
    const [prefix = "", operation] = (head.headers["x-amz-target"] ?? "").split(".");
    const upstream = known.get(scopeService(head) ?? "") ?? known.get(prefix);
    if (upstream === undefined) return undefined;
    return async (request) => {
      // Its signature counts for the service that it names, which is the one that it goes to.
      const caller = await request.verify();
      const denial = await findDenial(caller, `${upstream.service}:${operation ?? request.method}`);
      if (denial !== undefined) throw new Refusal(403, "AccessDeniedException", denial);
      return forward(upstream, request, wall);
    };
  };
}

async function forward(
  { service, endpoint }: Upstream,
  request: PlainRequest,
  wall: WallClock,
): Promise<PlainResponse> {
  // What a signature says of a body cannot be checked on half of it.
  const body = await request.body();
  const silence = new AbortController();
  const signal = AbortSignal.any([request.signal, silence.signal]);
  let timer = wall.after(SILENCE_MS, () => silence.abort());
  const heard = (): void => {
    timer[Symbol.dispose]();
    timer = wall.after(SILENCE_MS, () => silence.abort());
  };
  try {
    const answer = await ask(new URL(endpoint), request, body, signal);
    heard();
    return {
      status: answer.statusCode ?? 502,
      headers: passedHeaders(answer.rawHeaders),
      body: parts(answer, heard, () => timer[Symbol.dispose]()),
    };
  } catch (error) {
    timer[Symbol.dispose]();
    const why = silence.signal.aborted
      ? "it did not answer in time"
      : ((error as NodeJS.ErrnoException).code ?? "it broke off");
    throw new Refusal(502, "UpstreamFailure", `The upstream of ${service}, ${endpoint}, cannot be reached: ${why}.`);
  }
}

function ask(endpoint: URL, request: PlainRequest, body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = endpoint.protocol === "https:" ? requestHttps : requestHttp;
  const outgoing = send(
    {
      hostname: endpoint.hostname.replace(/^\[|\]$/g, ""),
      port: endpoint.port,
      method: request.method,
      path: request.query === "" ? request.path : `${request.path}?${request.query}`,
      headers: {
        ...passedHeaders(request.rawHeaders),
        host: request.headers.host ?? endpoint.host,
        "content-length": body.length,
      },
      signal,
    },
    resolve,
  );
  // Stays after the answer has begun: what breaks then is told by the answer itself.
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

function passedHeaders(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    const value = raw[at + 1] as string;
    if (name.startsWith(":") || OF_THE_CONNECTION.has(name)) continue;
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : [...[earlier].flat(), value];
  }
  return headers;
}

/** The answer's body as it comes. One that breaks off breaks the client's answer too. */
async function* parts(answer: IncomingMessage, heard: () => void, ended: () => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of answer) {
      heard();
      yield part;
    }
  } finally {
    ended();
    answer.destroy();
  }
}
