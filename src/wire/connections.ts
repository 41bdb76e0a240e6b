import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { type Exchange, Http1Exchange, Http2Exchange } from "./exchange.ts";

/**
 * One port for HTTP/1.1 and for HTTP/2 without TLS. A client that speaks HTTP/2 "with prior knowledge" opens with a fixed
 * preface, so the first bytes tell the two apart: the HTTP/1 server listens, and connections that begin with the preface are
 * handed to the HTTP/2 server before HTTP/1 has seen them. (The JavaScript Kinesis client speaks HTTP/2 also to `http://`.) Under TLS both
 * are offered (ALPN), and what a client has chosen shows in the same way.
 */
export interface Connections {
  readonly port: number;
  /** Shows connections from now on another certificate. */
  renew(certificate: ServerCertificate): void;
  /** Takes no more connections, and ends those that wait for a request. */
  stopAccepting(): void;
  /** Ends the connections that wait for another request. */
  endIdle(): void;
  /** Returns when all connections have ended. */
  ended: Promise<void>;
  destroy(): void;
}

/** PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface ConnectionOptions {
  /** Takes connections under TLS alone. */
  readonly tls?: ServerCertificate | undefined;
  readonly host: string;
  readonly port: number;
  /** How long a client may take from connecting, or from its first byte, to the end of the request's headers. */
  readonly headersTimeoutMs: number;
  readonly onExchange: (exchange: Exchange) => void;
  /** Whether a request to speak another protocol is taken up; any other one is answered as if it had not asked. */
  readonly isUpgrade: (request: IncomingMessage) => boolean;
  /** What was received behind the request's head comes along. */
  readonly onUpgrade: (request: IncomingMessage, socket: Socket, early: Buffer) => void;
  /** What came was not HTTP and was answered with this status. */
  readonly onMalformed: (status: number, error: Error) => void;
}

/** SDKs keep idle connections for 5 to 60 s. Who closes first must not be us, or their next request meets a closed socket. */
const IDLE_TIMEOUT_MS = 75_000;
/** Request line and headers: room for a presigned URL with a session token and 2 KB of S3 metadata. */
const HEADER_BYTES_MAX = 32_768;
/** What a client may send ahead of being read, per HTTP/2 stream. The default of 64 KB makes a 10 MiB PutRecords wait 160 times. */
const H2_STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const H2_CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
const H2_STREAMS_MAX = 1000;

const H2_PREFACE = "PRI";

export async function listen(options: ConnectionOptions): Promise<Connections> {
  const settings = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: options.headersTimeoutMs,
    // Reading a body has its own bound, and an answer may come before all of it.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(options.headersTimeoutMs, 5000),
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    shouldUpgradeCallback: options.isUpgrade,
  };
  const { tls } = options;
  const tlsServer: TlsServer | undefined =
    tls &&
    createTlsServer({
      ...settings,
      ...tls,
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: options.headersTimeoutMs,
    });
  const http1 = tlsServer ?? createServer(settings);
  const connected = tlsServer ? "secureConnection" : "connection";
  // A handshake that fails is the client's to see; it is no request.
  tlsServer?.on("tlsClientError", (_error, socket) => socket.destroy());
  http1.on("upgrade", (request: IncomingMessage, socket, early: Buffer) =>
    options.onUpgrade(request, socket as Socket, early),
  );
  const take =
    (expectsContinue: boolean) =>
    (request: IncomingMessage, response: ServerResponse): void =>
      options.onExchange(new Http1Exchange(request, response, expectsContinue));
  http1.on("request", take(false));
  http1.on("checkContinue", take(true));
  http1.on("clientError", (error: NodeJS.ErrnoException, socket) => refuseMalformed(error, socket as Socket, options));

  const undecided = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  let http2: Promise<Http2Server> | undefined;
  const serveHttp1 = http1.listeners(connected) as ((socket: Socket) => void)[];
  http1.removeAllListeners(connected);
  http1.on(connected, (socket: Socket) => {
    undecided.add(socket);
    socket.once("close", () => undecided.delete(socket));
    peek(socket, options.headersTimeoutMs, (isHttp2) => {
      if (!isHttp2) {
        undecided.delete(socket);
        for (const serve of serveHttp1) serve.call(http1, socket);
        return;
      }
      http2 ??= createHttp2(options, sessions);
      void http2.then((server) => {
        undecided.delete(socket);
        // Sockets of an HTTP/1 server outlive the other side's end; HTTP/2 would not notice that its client has gone.
        socket.allowHalfOpen = false;
        server.emit("connection", socket);
      });
    });
  });

  await new Promise<void>((resolve, reject) => {
    http1.once("error", reject);
    http1.listen({ host: options.host, port: options.port, backlog: 1024 }, () => {
      http1.off("error", reject);
      resolve();
    });
  });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const endUndecided = (): void => {
    for (const socket of undecided) socket.destroy();
  };
  return {
    port: (http1.address() as AddressInfo).port,
    ended,
    renew: (certificate) => tlsServer?.setSecureContext({ cert: certificate.cert, key: certificate.key }),
    stopAccepting: () => {
      http1.close(() => resolve());
      for (const session of sessions) session.close();
      endUndecided();
    },
    endIdle: () => http1.closeIdleConnections(),
    destroy: () => {
      http1.closeAllConnections();
      for (const session of sessions) session.destroy();
      endUndecided();
    },
  };
}

/** Reads just enough of a new connection to tell HTTP/2 from HTTP/1, puts it back, and says which. */
function peek(socket: Socket, timeoutMs: number, decide: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const giveUp = (): void => void socket.destroy();
  const read = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const start = seen.toString("latin1", 0, H2_PREFACE.length);
    if (start.length < H2_PREFACE.length && H2_PREFACE.startsWith(start)) return;
    socket.off("readable", read);
    socket.off("end", giveUp);
    socket.setTimeout(0, giveUp);
    socket.off("timeout", giveUp);
    socket.unshift(seen);
    decide(start === H2_PREFACE);
  };
  socket.setTimeout(timeoutMs, giveUp);
  socket.on("error", giveUp);
  socket.on("end", giveUp);
  socket.on("readable", read);
}

/** Loaded at the first such client: it costs memory and start time that most never need. */
async function createHttp2(options: ConnectionOptions, sessions: Set<ServerHttp2Session>): Promise<Http2Server> {
  const { createServer: createHttp2Server } = await import("node:http2");
  const server = createHttp2Server({
    settings: {
      initialWindowSize: H2_STREAM_WINDOW_BYTES,
      maxConcurrentStreams: H2_STREAMS_MAX,
      maxHeaderListSize: HEADER_BYTES_MAX,
    },
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.setLocalWindowSize(H2_CONNECTION_WINDOW_BYTES);
    // The first request may take as long as over HTTP/1; after it, this bounds how long a connection may be idle.
    session.setTimeout(options.headersTimeoutMs, () => session.close());
    session.once("stream", () => session.setTimeout(IDLE_TIMEOUT_MS));
  });
  server.on("sessionError", (error: Error) => options.onMalformed(400, error));
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) =>
    options.onExchange(new Http2Exchange(stream, headers, rawHeaders)),
  );
  return server;
}

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What cannot be parsed is answered where an answer still makes sense, and its connection ends: nothing after it can be trusted. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket, options: ConnectionOptions): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF[error.code ?? ""] ?? 400;
  // A request that is under way tells of its own end, and its answer would be garbled by another one in its midst.
  const current = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage;
  if (!current) options.onMalformed(status, error);
  if (current?.headersSent) socket.destroy();
  else
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
      socket.destroy(),
    );
}
