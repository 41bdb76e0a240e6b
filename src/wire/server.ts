import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Caller } from "../models/caller.ts";
import { ModeledError } from "../models/modeled-error.ts";
import type { WallClock } from "../time/clock.ts";
import type { Ids } from "../time/ids.ts";
import { ClientGone, drainBody, readBody, streamBody } from "./body.ts";
import { signedCaller } from "./caller.ts";
import { type ConnectionOptions, type Connections, listen, type ServerCertificate } from "./connections.ts";
import type { Credential } from "./credentials.ts";
import { preflightAnswer, readableByPages } from "./cross-origin.ts";
import { Dispatcher, type FinishedRequest, type OperationHandler, type Trace } from "./dispatch.ts";
import { type Exchange, type Head, headOf } from "./exchange.ts";
import type { PlainHandler, PlainRequest, PlainResponse } from "./plain.ts";
import type { RawResponse } from "./raw-message.ts";
import { distrust, Refusal } from "./refusal.ts";
import { isSigned, type Verified, Verifier } from "./sigv4.ts";
import { type WebSocketHandler, WebSockets } from "./web-socket.ts";

export interface WireOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Takes HTTPS instead of HTTP. */
  readonly tls?: ServerCertificate | undefined;
  readonly wall: WallClock;
  readonly ids: Ids;
  findCredential(accessKeyId: string): Credential | undefined | Promise<Credential | undefined>;
  /** The handler of an operation, asked for once its input has validated; `undefined` where it is not built, which is answered with 501. */
  findHandler(model: string, operation: string): Promise<OperationHandler | undefined>;
  /** Asked before the handler; `undefined` where there is nothing to decide. Throws `ModeledError` for what the caller may not do. */
  authorize?(caller: Caller, model: string, operation: string, input: unknown): Promise<void> | undefined;
  /** Asked first, by path and host: who answers requests that are for no operation of an API model. */
  plainRoute?(request: PlainRequest): PlainHandler | undefined;
  /** Asked for requests to open a WebSocket, by path: who decides on them. Any other one is answered as a plain request. */
  webSocketRoute?(request: Head): WebSocketHandler | undefined;
  /** Called once for each request, when it is answered. */
  onFinished?(request: FinishedRequest): void;
  /** Larger bodies are refused with 413. */
  readonly bodyBytesMax?: number;
  /** Names of this server under which the next label to the left names an S3 bucket: `bucket.localhost`. */
  readonly baseHosts?: readonly string[];
  /** How long a client may take for the headers of a request. */
  readonly headersTimeoutMs?: number;
  /** How long a client may take for its body. */
  readonly bodyTimeoutMs?: number;
  /** How long what a client still sends is taken in after it has been answered. */
  readonly lingerMs?: number;
}

export interface WireServer {
  /** `http://127.0.0.1:4510`, with the port that was really taken. */
  readonly url: string;
  readonly port: number;
  /** Where this process itself reaches it: the same, or, under TLS, without it, on the loopback interface and a port of its own. */
  readonly ownUrl: string;
  /** Shows connections from now on another certificate. */
  renew(certificate: ServerCertificate): void;
  /** Takes no more requests, ends pushes and long polls, lets the others finish for `graceMs`, then breaks off what is left. */
  close(graceMs: number): Promise<void>;
}

/**
 * The largest of our services' requests: an attachment of a chat has 20 MiB, PutRecords 10 MiB as base64, with 500 partition keys and
 * JSON around them.
 */
const BODY_BYTES_MAX = 20 * 1024 * 1024;
const HEADERS_TIMEOUT_MS = 20_000;
const BODY_TIMEOUT_MS = 120_000;
const LINGER_MS = 1000;
const CONSOLE_PATH = "/_trunkline/console/";
/** Nginx's number for a client that closed the connection before the answer. */
const STATUS_CLIENT_GONE = 499;

/** Starts the front door. Rejects with Node's own error where the address cannot be listened on. */
export async function startServer(options: WireOptions): Promise<WireServer> {
  const { wall, ids, bodyBytesMax = BODY_BYTES_MAX, bodyTimeoutMs = BODY_TIMEOUT_MS, lingerMs = LINGER_MS } = options;
  const verifier = new Verifier(options);
  const dispatcher = new Dispatcher({
    ...options,
    verifier,
    bodyBytesMax,
    baseHosts: options.baseHosts ?? ["localhost"],
  });
  const date = dateHeader(wall);
  const active = new Set<Exchange>();
  let closing = false;

  const answer = async (exchange: Exchange, { body, stream }: Bodies, trace: Trace): Promise<RawResponse> => {
    if (!isSendable(exchange)) {
      trace.errorCode = "BadRequest";
      return { status: 400, headers: {}, body: Buffer.alloc(0) };
    }
    const plain = plainRequest(exchange, body, trace, verifier);
    const handler = options.plainRoute?.(plain);
    if (handler) return answerPlain(handler, plain, trace);
    const preflight = preflightAnswer(exchange);
    if (preflight) return preflight;
    if (asksForConsole(exchange)) return { status: 302, headers: { location: CONSOLE_PATH }, body: Buffer.alloc(0) };
    return readableByPages(
      exchange,
      await dispatcher.answer(
        { head: exchange, signal: exchange.signal, sourceIp: exchange.remoteAddress, body, stream },
        trace,
      ),
    );
  };

  const serve = async (exchange: Exchange): Promise<void> => {
    active.add(exchange);
    if (closing) exchange.abort();
    const startedMs = wall.monotonicMs();
    const trace: Trace = { requestId: ids.uuid() };
    const limits = { bytesMax: bodyBytesMax, timeoutMs: bodyTimeoutMs, wall };
    let reading: Promise<Buffer> | undefined;
    let streaming = false;
    const bodies: Bodies = {
      body: (bytesMax = bodyBytesMax) => {
        reading ??= receive(exchange, { ...limits, bytesMax });
        return reading;
      },
      async *stream() {
        streaming = true;
        if (exchange.expectsContinue) exchange.sendContinue();
        yield* streamBody(exchange.body, limits);
      },
    };
    let status = STATUS_CLIENT_GONE;
    try {
      const response = await answer(exchange, bodies, trace);
      // A refusal that did not need the body: it is on its way all the same, and the connection is of use again once it is here.
      const isUnread = !exchange.complete && !reading && !streaming;
      if (isUnread && !exchange.expectsContinue) await bodies.body().catch(() => {});
      if (exchange.gone) discard(response);
      else {
        status = response.status;
        await exchange.respond(response, {
          date: date(),
          lastOnConnection: closing,
          drain: () => drainBody(exchange.body, { timeoutMs: lingerMs, wall }),
        });
      }
    } catch (error) {
      if (!(error instanceof ClientGone)) trace.error = error;
    } finally {
      active.delete(exchange);
      // What was begun before the close did not tell its client that it would be the last.
      if (closing) for (const each of all) each.endIdle();
      options.onFinished?.({ ...trace, status, durationMs: wall.monotonicMs() - startedMs });
    }
  };

  const sockets = new WebSockets();
  const handlerOf = (head: Head): WebSocketHandler | undefined =>
    head.headers.upgrade?.toLowerCase() === "websocket" ? options.webSocketRoute?.(head) : undefined;
  const upgrade = async (request: IncomingMessage, socket: Socket, early: Buffer): Promise<void> => {
    const startedMs = wall.monotonicMs();
    const trace: Trace = { requestId: ids.uuid() };
    const head = headOf(request);
    Object.assign(trace, { method: head.method, path: head.path });
    // A client that goes away says so by closing; without a listener the error would end the process.
    socket.on("error", () => {});
    let status = 403;
    try {
      const speak = closing ? undefined : await handlerOf(head)?.(head);
      if (closing || !speak) refuseUpgrade(socket);
      else status = (await sockets.accept(request, socket, early, speak)) ? 101 : 400;
    } catch (error) {
      status = 500;
      trace.error = error;
      socket.destroy();
    } finally {
      options.onFinished?.({ ...trace, status, durationMs: wall.monotonicMs() - startedMs });
    }
  };

  const listenOn = (where: Pick<ConnectionOptions, "host" | "port" | "tls">): Promise<Connections> =>
    listen({
      ...where,
      headersTimeoutMs: options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
      onExchange: (exchange) => void serve(exchange),
      isUpgrade: (request) => handlerOf(headOf(request)) !== undefined,
      onUpgrade: (request, socket, early) => void upgrade(request, socket, early),
      onMalformed: (status, error) =>
        options.onFinished?.({
          status,
          errorCode: (error as NodeJS.ErrnoException).code ?? "BadRequest",
          durationMs: 0,
          requestId: ids.uuid(),
        }),
    });
  const connections = await listenOn(options);
  const all = [connections];
  if (options.tls) {
    // Whose name a certificate has, and who trusts it, is no matter between us and ourselves.
    const own = await listenOn({ host: LOOPBACK, port: 0 }).catch((error) => {
      connections.destroy();
      connections.stopAccepting();
      throw error;
    });
    all.push(own);
  }
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const url = `${options.tls ? "https" : "http"}://${host}:${connections.port}`;
  return {
    url,
    port: connections.port,
    ownUrl: all[1] ? `http://${LOOPBACK}:${all[1].port}` : reachable(url),
    renew: (certificate) => connections.renew(certificate),
    close: async (graceMs) => {
      closing = true;
      for (const each of all) each.stopAccepting();
      for (const exchange of active) exchange.abort();
      sockets.close();
      using _grace = wall.after(graceMs, () => {
        sockets.destroy();
        for (const each of all) each.destroy();
      });
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

const LOOPBACK = "127.0.0.1";

/** What listens on all addresses as a process on this machine reaches it. */
function reachable(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

/** The body of one request, in one of two ways. */
interface Bodies {
  body(bytesMax?: number): Promise<Buffer>;
  stream(): AsyncIterable<Buffer>;
}

/** Lets go of the file behind an answer that nobody is there to take. */
function discard({ body }: RawResponse): void {
  if (body instanceof Readable) body.destroy();
}

async function receive(exchange: Exchange, limits: Parameters<typeof readBody>[2]): Promise<Buffer> {
  const length = exchange.headers["content-length"];
  if (exchange.expectsContinue && Number(length ?? 0) <= limits.bytesMax) exchange.sendContinue();
  return readBody(exchange.body, length, limits);
}

function refuseUpgrade(socket: Socket): void {
  socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", () => socket.destroy());
}

/** Targets are ASCII and begin with a slash; anything else could be read in two ways. */
function isSendable({ path, query }: Exchange): boolean {
  return path.startsWith("/") && /^[\x21-\x7e]*$/.test(path) && /^[\x21-\x7e]*$/.test(query);
}

function asksForConsole(exchange: Exchange): boolean {
  const { method, path, headers } = exchange;
  return method === "GET" && path === "/" && (headers.accept ?? "").includes("text/html") && !isSigned(exchange);
}

function plainRequest(exchange: Exchange, body: () => Promise<Buffer>, trace: Trace, verifier: Verifier): PlainRequest {
  const { method, path, query, headers, rawHeaders, protocol, remoteAddress, signal } = exchange;
  const verified = async (service: string | undefined): Promise<Verified> => {
    const found = await verifier.verify(exchange, { protocol: "rest-json", resource: path }, body);
    if (service !== undefined && found.service !== service) {
      throw distrust("wrong-scope", "rest-json", `Credential should be scoped to correct service: '${service}'.`);
    }
    trace.account = found.credential.account;
    return found;
  };
  return {
    method,
    path,
    query,
    headers,
    rawHeaders,
    protocol,
    remoteAddress,
    signal,
    requestId: trace.requestId,
    body,
    isSigned: isSigned(exchange),
    verify: async (service) =>
      signedCaller(await verified(service), { requestId: trace.requestId, signal, sourceIp: remoteAddress }),
    signingKeys: async (service) => {
      const { accessKeyId, secretAccessKey, sessionToken } = (await verified(service)).credential;
      return { accessKeyId, secretAccessKey, sessionToken };
    },
  };
}

async function answerPlain(handler: PlainHandler, request: PlainRequest, trace: Trace): Promise<RawResponse> {
  trace.method = request.method;
  trace.path = request.path;
  try {
    const response = await handler(request);
    if (response.refusal !== undefined) trace.refusal = response.refusal;
    return rawResponse(response, trace.requestId);
  } catch (error) {
    if (error instanceof ClientGone) throw error;
    const isModeled = error instanceof ModeledError;
    if (!isModeled) trace.error = error;
    const code = isModeled ? error.code : "InternalFailure";
    trace.errorCode = code;
    const message = isModeled ? error.message : "An internal failure has occurred.";
    return rawResponse(
      {
        status: error instanceof Refusal ? error.status : isModeled ? 400 : 500,
        headers: { "content-type": "application/json", "x-amzn-errortype": code },
        body: JSON.stringify({ code, message }),
      },
      trace.requestId,
    );
  }
}

function rawResponse({ status, headers = {}, body = "" }: PlainResponse, requestId: string): RawResponse {
  return {
    status,
    headers: { "x-amzn-requestid": requestId, ...headers },
    body:
      typeof body === "string"
        ? Buffer.from(body)
        : body instanceof Uint8Array
          ? Buffer.from(body.buffer, body.byteOffset, body.byteLength)
          : bytes(body),
  };
}

async function* bytes(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

/** The `Date` header by our own clock, since SDKs correct theirs by it; formatted once a second. */
function dateHeader(wall: WallClock): () => string {
  let second = Number.NaN;
  let text = "";
  return () => {
    const now = Math.floor(wall.now() / 1000);
    if (now !== second) {
      second = now;
      text = new Date(now * 1000).toUTCString();
    }
    return text;
  };
}
