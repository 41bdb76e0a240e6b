/**
 * The Runtime API, by which a custom runtime gets its events and gives its answers. Each sandbox has a listener of its own on the loopback
 * interface, since nobody can sign there and official clients take a host and a port and no path. Only processes of its own user may connect,
 * where it has one.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ANSWER_BYTES_MAX } from "../limits.ts";
import type { HandlerEvent, SandboxClient } from "./client.ts";

const HOST = "127.0.0.1";

/** Where a sandbox finds the API: the value of `AWS_LAMBDA_RUNTIME_API`. */
export interface RuntimeApi {
  readonly address: string;
  close(): void;
}

/** `user`: whose processes may connect. */
export async function openRuntimeApi(client: SandboxClient, user: number | undefined): Promise<RuntimeApi> {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    // Who breaks off has ended, and the sandbox hears of that otherwise.
    serve(client, request, response).catch(() => response.destroy());
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  server.on("connection", (socket) => {
    if (user !== undefined && !belongsTo(socket, user)) socket.destroy();
  });
  return {
    address: `${HOST}:${await listen(server)}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(0, HOST, resolve);
  await promise;
  server.unref();
  return (server.address() as AddressInfo).port;
}

async function serve(client: SandboxClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, version, part, kind = "", id = "", verb = ""] = (request.url ?? "").split("/");
  if (version !== "2018-06-01" || part !== "runtime") return refuse(response, 404, "NotFound", "No such path");
  const errorType = String(request.headers["lambda-runtime-function-error-type"] ?? "");
  const route = `${request.method} ${kind}/${kind === "invocation" && id !== "next" ? verb : id}`;
  if (kind === "invocation" && id !== "next" && !client.isCurrent(id)) {
    request.resume();
    return refuse(response, 400, "InvalidRequestID", "Invalid request ID");
  }
  switch (route) {
    case "GET invocation/next": {
      request.resume();
      const give = (event: HandlerEvent): void => giveEvent(response, event);
      response.on("close", () => client.onUnready(give));
      return client.onReady(give);
    }
    case "POST invocation/response": {
      if (request.headers["lambda-runtime-function-response-mode"] === "streaming") {
        await takePieces(client, id, request);
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

function giveEvent(response: ServerResponse, event: HandlerEvent): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": event.payload.length,
    "lambda-runtime-aws-request-id": event.requestId,
    "lambda-runtime-deadline-ms": String(event.deadlineMs),
    "lambda-runtime-invoked-function-arn": event.invokedArn,
    "lambda-runtime-trace-id": event.traceId,
    ...(event.clientContext !== undefined && { "lambda-runtime-client-context": event.clientContext }),
  });
  response.end(event.payload);
}

/** An answer that comes piece by piece. What went wrong with it is told behind it. */
async function takePieces(client: SandboxClient, requestId: string, request: IncomingMessage): Promise<void> {
  client.onStream(request.headers["content-type"] ?? "application/octet-stream");
  for await (const piece of request as AsyncIterable<Buffer>)
    if (client.isCurrent(requestId)) await client.onPiece(piece);
  if (!client.isCurrent(requestId)) return;
  const body = request.trailers["lambda-runtime-function-error-body"];
  const errorType = String(request.trailers["lambda-runtime-function-error-type"] ?? "");
  client.onStreamed(body === undefined ? undefined : { body: Buffer.from(body, "base64"), errorType });
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
