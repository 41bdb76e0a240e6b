import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { RawResponse } from "./raw-message.ts";

/** Header names in lower case. What came twice is joined by commas, so that there is one value to sign and to read. */
export type Headers = Readonly<Record<string, string>>;

/** What comes before a request's body. */
export interface Head {
  readonly method: string;
  /** As sent: neither decoded nor normalized. */
  readonly path: string;
  /** As sent, without the `?`. */
  readonly query: string;
  readonly headers: Headers;
}

/** One request and its answer, the same for HTTP/1.1 and HTTP/2. */
export interface Exchange extends Head {
  /** Names and values in turn, each as it was sent. */
  readonly rawHeaders: readonly string[];
  /** `HTTP/1.1` */
  readonly protocol: string;
  /** The client's address. */
  readonly remoteAddress: string;
  readonly body: Readable;
  /** Whether the client waits for a `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
  sendContinue(): void;
  /** Whether all of the request has arrived. */
  readonly complete: boolean;
  /** The client went away before it had its answer. */
  readonly gone: boolean;
  /** Aborted when the client goes away, and by `abort`. */
  readonly signal: AbortSignal;
  abort(): void;
  /**
   * Answers. Returns once a body in memory is handed over, or a stream has ended; a stream that fails breaks the connection, as
   * nothing else can be said any more, and throws.
   *
   * `lastOnConnection` ends the connection after the answer; so does an answer to a request that has not wholly arrived.
   */
  respond(response: RawResponse, options: RespondOptions): Promise<void>;
}

export interface RespondOptions {
  readonly date: string;
  readonly lastOnConnection: boolean;
  /**
   * Takes in, for a while, what the client still sends. A connection that is closed with something unread is reset, and the reset can
   * overtake the answer.
   */
  drain(): Promise<void>;
}

export class Http1Exchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly rawHeaders: readonly string[];
  readonly protocol: string;
  readonly remoteAddress: string;
  readonly body: IncomingMessage;
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;
  readonly #abort = new AbortController();
  readonly expectsContinue: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    ({ method: this.method, path: this.path, query: this.query, headers: this.headers } = headOf(request));
    this.rawHeaders = request.rawHeaders;
    this.protocol = `HTTP/${request.httpVersion}`;
    this.remoteAddress = addressOf(request.socket);
    this.body = request;
    this.signal = this.#abort.signal;
    this.#response = response;
    this.expectsContinue = expectsContinue;
    // A client that goes away while it is answered says so by closing; without a listener the error would end the process.
    response.on("error", () => {});
    response.once("close", () => {
      if (!response.writableFinished) this.#abort.abort();
    });
  }

  get complete(): boolean {
    return this.body.complete;
  }

  get gone(): boolean {
    return this.#response.destroyed;
  }

  sendContinue(): void {
    this.#response.writeContinue();
  }

  abort(): void {
    this.#abort.abort();
  }

  async respond({ status, headers, body }: RawResponse, options: RespondOptions): Promise<void> {
    const response = this.#response;
    const lastOnConnection = options.lastOnConnection || !this.complete;
    const sent: Record<string, string | string[] | number> = { ...headers, date: options.date };
    if (lastOnConnection) sent.connection = "close";
    if (body instanceof Uint8Array) {
      if (hasLength(status, headers)) sent["content-length"] = body.length;
      response.writeHead(status, sent);
      if (!this.complete) {
        response.write(body);
        await options.drain();
        response.end();
      } else response.end(body);
      return;
    }
    response.writeHead(status, sent);
    response.flushHeaders();
    await pipe(body, response, this.signal);
  }
}

/** What came before the body of an HTTP/1 request. */
export function headOf({ method = "", url = "", rawHeaders }: IncomingMessage): Head {
  const [path, query] = splitTarget(url);
  return { method, path, query, headers: joinHeaders(rawHeaders) };
}

/** An IPv4 address that came through an IPv6 socket is shown as what it is. */
function addressOf(socket: { readonly remoteAddress?: string | undefined } | undefined): string {
  return (socket?.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "");
}

/** Headers that HTTP/2 forbids; clients take one of them for a broken stream. */
const CONNECTION_HEADERS = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

export class Http2Exchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly rawHeaders: readonly string[];
  readonly protocol: string = "HTTP/2.0";
  readonly remoteAddress: string;
  readonly body: ServerHttp2Stream;
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly expectsContinue: boolean;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]) {
    this.method = headers[":method"] ?? "";
    [this.path, this.query] = splitTarget(headers[":path"] ?? "");
    this.headers = joinHeaders(rawHeaders);
    this.rawHeaders = rawHeaders;
    this.remoteAddress = addressOf(stream.session?.socket);
    this.body = stream;
    this.signal = this.#abort.signal;
    this.expectsContinue = headers.expect?.toLowerCase() === "100-continue";
    // As over HTTP/1.
    stream.on("error", () => {});
    stream.once("close", () => {
      if (!stream.writableFinished) this.#abort.abort();
    });
  }

  get complete(): boolean {
    return this.body.readableEnded || this.body.endAfterHeaders;
  }

  get gone(): boolean {
    return this.body.destroyed;
  }

  sendContinue(): void {
    this.body.additionalHeaders({ ":status": 100 });
  }

  abort(): void {
    this.#abort.abort();
  }

  async respond({ status, headers, body }: RawResponse, { date, lastOnConnection }: RespondOptions): Promise<void> {
    const stream = this.body;
    if (stream.destroyed) return;
    const sent: Record<string, string | string[] | number> = { ...headers, date, ":status": status };
    for (const name of CONNECTION_HEADERS) delete sent[name];
    if (body instanceof Uint8Array) {
      if (hasLength(status, headers)) sent["content-length"] = body.length;
      stream.respond(sent);
      stream.end(this.method === "HEAD" ? undefined : body);
    } else {
      stream.respond(sent);
      await pipe(body, stream, this.signal);
    }
    // The rest of the body is of no interest: without this its sender would wait for ever for room to send it.
    if (!this.complete) stream.close();
    if (lastOnConnection) stream.session?.close();
  }
}

/** `204` and `304` have no body and so no length; a `HEAD` may give the length of what it does not send. */
function hasLength(status: number, headers: RawResponse["headers"]): boolean {
  return status !== 204 && status !== 304 && headers["content-length"] === undefined;
}

/** A client that goes away ends the stream and is no failure. */
async function pipe(body: AsyncIterable<Uint8Array>, writable: Writable, signal: AbortSignal): Promise<void> {
  try {
    await pipeline(body, writable);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Path and query of a request target. Proxies send it with scheme and host in front. */
function splitTarget(target: string): [path: string, query: string] {
  const local = target.startsWith("/")
    ? target
    : target.replace(/^https?:\/\/[^/?]*(?=[/?]|$)/i, "").replace(/^(?=\?|$)/, "/");
  const mark = local.indexOf("?");
  return mark === -1 ? [local, ""] : [local.slice(0, mark), local.slice(mark + 1)];
}

/**
 * Node's own joined headers drop the second of some names and keep it for others, so what was signed could differ from what is
 * read. Without a prototype, so that a header named `constructor` is not there unless it was sent.
 */
function joinHeaders(raw: readonly string[]): Headers {
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const sent = (raw[at] as string).toLowerCase();
    if (sent.startsWith(":") && sent !== ":authority") continue;
    const name = sent === ":authority" ? "host" : sent;
    const value = raw[at + 1] as string;
    const earlier = headers[name];
    if (earlier === undefined) headers[name] = value;
    else if (name === "cookie") headers[name] = `${earlier}; ${value}`;
    // Some HTTP/2 clients say it twice, as :authority and as host.
    else if (name !== "host" || value !== earlier) headers[name] = `${earlier},${value}`;
  }
  return headers;
}
