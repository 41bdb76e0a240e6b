/**
 * The Runtime API, by which a sandbox gets its events and gives its answers: one listener on the loopback interface, where each sandbox has a
 * secret path, since nobody can sign there. Official clients of custom runtimes take a host and a port and no path: these get a port of
 * their own, and only processes of their own user may connect to it, where they have one.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ANSWER_BYTES_MAX } from "../limits.ts";

/** A sandbox as the API sees it. */
export interface ApiClient {
  /** It waits for an event: whoever has one writes it into `response`. */
  onNext(response: ServerResponse): void;
  /** Whether this is the invocation in progress. */
  isCurrent(requestId: string): boolean;
  /** The answer, whole; `undefined` where it is too big. */
  onResponse(body: Buffer | undefined): void;
  /** An answer that comes piece by piece. */
  onStream(request: IncomingMessage): Promise<void>;
  onError(body: Buffer, errorType: string): void;
  onInitError(body: Buffer, errorType: string): void;
}

const HOST = "127.0.0.1";

export class RuntimeApi {
  readonly #server: Server;
  readonly #clients = new Map<string, ApiClient>();
  readonly #ports = new Map<ApiClient, Server>();
  #listening: Promise<number> | undefined;

  constructor() {
    this.#server = createApiServer((request) => {
      const [, secret = "", ...rest] = (request.url ?? "").split("/");
      return { client: this.#clients.get(secret), path: rest };
    });
  }

  /** The value of `AWS_LAMBDA_RUNTIME_API`: an address and a path with `secret` in it. */
  async addressOf(client: ApiClient, secret: string): Promise<string> {
    this.#listening ??= listen(this.#server);
    this.#clients.set(secret, client);
    return `${HOST}:${await this.#listening}/${secret}`;
  }

  /** The same without a path. `user`: whose processes may connect. */
  async ownAddressOf(client: ApiClient, user: number | undefined): Promise<string> {
    const server = createApiServer((request) => ({ client, path: (request.url ?? "").split("/").slice(1) }));
    this.#ports.set(client, server);
    server.on("connection", (socket) => {
      if (user !== undefined && !belongsTo(socket, user)) socket.destroy();
    });
    return `${HOST}:${await listen(server)}`;
  }

  forget(client: ApiClient, secret: string): void {
    this.#clients.delete(secret);
    const server = this.#ports.get(client);
    this.#ports.delete(client);
    server?.close();
    server?.closeAllConnections();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(0, HOST, resolve);
  await promise;
  server.unref();
  return (server.address() as AddressInfo).port;
}

type Route = (request: IncomingMessage) => { readonly client: ApiClient | undefined; readonly path: readonly string[] };

function createApiServer(route: Route): Server {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    const { client, path } = route(request);
    if (client === undefined) refuse(response, 403, "Forbidden", "There is no such sandbox");
    else {
      // Who breaks off has ended, and the sandbox hears of that otherwise.
      serve(client, path, request, response).catch(() => response.destroy());
    }
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

async function serve(
  client: ApiClient,
  [version, part, ...path]: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (version !== "2018-06-01" || part !== "runtime") return refuse(response, 404, "NotFound", "No such path");
  const [kind = "", id = "", verb = ""] = path;
  const errorType = String(request.headers["lambda-runtime-function-error-type"] ?? "");
  const route = `${request.method} ${kind}/${kind === "invocation" && id !== "next" ? verb : id}`;
  if (kind === "invocation" && id !== "next" && !client.isCurrent(id)) {
    request.resume();
    return refuse(response, 400, "InvalidRequestID", "Invalid request ID");
  }
  switch (route) {
    case "GET invocation/next":
      request.resume();
      return client.onNext(response);
    case "POST invocation/response": {
      if (request.headers["lambda-runtime-function-response-mode"] === "streaming") {
        await client.onStream(request);
        return accept(response);
      }
      const body = await readBody(request);
      client.onResponse(body);
      if (body) return accept(response);
      const message = `Exceeded maximum allowed payload size (${ANSWER_BYTES_MAX} bytes).`;
      return refuse(response, 413, "RequestEntityTooLarge", message);
    }
    case "POST invocation/error":
      client.onError((await readBody(request)) ?? Buffer.alloc(0), errorType);
      return accept(response);
    case "POST init/error":
      client.onInitError((await readBody(request)) ?? Buffer.alloc(0), errorType);
      return accept(response);
    default:
      request.resume();
      return refuse(response, 404, "NotFound", "No such path");
  }
}

/** `undefined`: it is longer than an answer may be. What comes then is read and thrown away. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > ANSWER_BYTES_MAX ? undefined : Buffer.concat(chunks);
}

function accept(response: ServerResponse): void {
  answer(response, 202, { status: "OK" });
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  answer(response, status, { errorMessage, errorType });
}

function answer(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Whether the other end of a connection on this machine is a process of a user. Linux tells the user of each socket. */
function belongsTo({ remotePort = 0 }: Socket, user: number): boolean {
  const port = remotePort.toString(16).toUpperCase().padStart(4, "0");
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readFileSync(table, "latin1").split("\n")) {
      const [, local = "", , , , , , uid] = line.trim().split(/\s+/);
      // 127.0.0.1, its bytes turned round; in the second table as the end of an IPv6 address.
      if (local.endsWith(`0100007F:${port}`) && Number(uid) === user) return true;
    }
  }
  return false;
}
