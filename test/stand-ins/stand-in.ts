/**
 * A local stand-in of a vendor's HTTP API: an HTTP server whose answers a subclass makes as the vendor's documentation has them. It can be told to fail
 * in the ways that such servers do, and remembers what it was asked.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, if it is neither text nor bytes. */
  readonly body?: unknown;
}

export type Fault =
  | Answer
  /** The answer breaks off in the middle. */
  | "half body"
  /** It ends in the middle, as if that were all. */
  | "cut off"
  /** The connection is closed without an answer. */
  | "hang up"
  /** Nothing comes, and the connection stays. */
  | "silence";

interface Trouble {
  readonly on: RegExp;
  readonly fault: Fault;
  times: number;
}

export abstract class StandIn implements AsyncDisposable {
  /** All that was asked, but for tokens. */
  readonly asked: Asked[] = [];
  /** How often a token was asked for. */
  tokensGiven = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #troubles: Trouble[] = [];
  readonly #tokens = new Map<string, { uses: number }>();
  /** How many calls a token is good for. */
  tokenUses: number = Number.POSITIVE_INFINITY;
  /** Tokens are given, and refused. */
  refusesTokens = false;

  /** Listens on a port of this machine, any free one by default. */
  async start(port = 0): Promise<this> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, "close");
  }

  /** The next requests whose method and path match meet a fault. */
  fail(on: RegExp, fault: Fault, times = 1): void {
    this.#troubles.push({ on, fault, times });
  }

  /** No token that was given is good any more. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  protected newToken(): string {
    const token = `token-${randomUUID()}`;
    this.#tokens.set(token, { uses: 0 });
    this.tokensGiven += 1;
    return token;
  }

  /** Whether a request has a token that is good, which it uses once. */
  protected isLetIn({ headers }: Asked): boolean {
    const token = this.#tokens.get(/^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "");
    if (!token || this.refusesTokens || token.uses >= this.tokenUses) return false;
    token.uses += 1;
    return true;
  }

  /** Whether a request is for a token. */
  protected abstract isForToken(asked: Asked): boolean;
  protected abstract answer(asked: Asked): Answer;

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    const { method = "GET", headers } = request;
    const asked: Asked = { method, url: new URL(request.url ?? "/", this.url), headers, body };
    if (!this.isForToken(asked)) this.asked.push(asked);
    const trouble = this.#troubles.find(({ on, times }) => times > 0 && on.test(`${method} ${asked.url.pathname}`));
    if (trouble) trouble.times -= 1;
    const fault = trouble?.fault;
    if (fault === "hang up") {
      request.socket.destroy();
      return;
    }
    if (fault === "silence") return;
    const answer = typeof fault === "object" ? fault : this.answer(asked);
    send(response, answer, fault);
  }
}

function send(response: ServerResponse, { status = 200, headers, body }: Answer, fault: Fault | undefined): void {
  const text = bytesOf(body);
  const half = text.subarray(0, text.length / 2);
  const length = fault === "cut off" ? half.length : text.length;
  const type = typeof body === "string" ? "text/csv" : "application/json;charset=UTF-8";
  response.writeHead(status, { "content-type": type, "content-length": length, ...headers });
  if (fault === "half body") response.write(half, () => response.destroy());
  else response.end(fault === "cut off" ? half : text);
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
}

/** A form as it is posted. */
export function formOf({ body }: Asked): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(body));
}

/** CSV as vendors write it: every value that is not empty in quotes. */
export function csvOf(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cell = (value: unknown): string =>
    value === null || value === undefined || value === "" ? "" : `"${String(value).replaceAll('"', '""')}"`;
  return [names, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}
