import { createHash, createHmac, type Hmac } from "node:crypto";
import { connect, type Socket } from "node:net";

const EMPTY = Buffer.alloc(0);
const END_OF_HEAD = Buffer.from("\r\n\r\n");

/**
 * One connection that sends signed requests to `/_trunkline/`, or of Connect's own API, one after the other.
 *
 * Load on contacts has another path and body each time, so that it cannot be signed once: this takes about 30 µs of our own processor
 * time a request, where an SDK or `fetch` takes several hundred, and we share the processors with what we measure.
 */
export class SignedConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer = EMPTY;
  #waiting: PromiseWithResolvers<string> | undefined;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () => this.#waiting?.reject(new Error("The server closed the connection")));
  }

  static async open(url: string): Promise<SignedConnection> {
    const { host, hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("connect", () => resolve());
    socket.once("error", reject);
    await promise;
    return new SignedConnection(socket, host);
  }

  /** Sends JSON and answers with the parsed answer; throws on any status but 200. The path is of unreserved characters. */
  async post<T = unknown>(path: string, input: unknown = {}): Promise<T> {
    return JSON.parse(await this.#send({ method: "POST", path, body: JSON.stringify(input) })) as T;
  }

  /** The same without a body; the answer as text. */
  get(path: string): Promise<string> {
    return this.#send({ method: "GET", path, body: "" });
  }

  #send(request: Omit<Request, "host">): Promise<string> {
    this.#waiting = Promise.withResolvers();
    this.#socket.write(requestText({ host: this.#host, ...request }));
    return this.#waiting.promise;
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = this.#received.toString("latin1", 0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
    const bodyAt = end + END_OF_HEAD.length;
    if (this.#received.length < bodyAt + length) return;
    const body = this.#received.toString("utf8", bodyAt, bodyAt + length);
    this.#received = EMPTY;
    if (head.startsWith("HTTP/1.1 200")) this.#waiting?.resolve(body);
    else this.#waiting?.reject(new Error(`${head.split("\r\n", 1)[0]} ${body}`));
  }
}

const SCOPE = "us-east-1/connect/aws4_request";

/** Day → the key that its requests are signed with. */
const signingKeys = new Map<string, Buffer>();

interface Request {
  readonly host: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body: string;
}

function requestText({ host, method, path, body }: Request): string {
  const date = `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const day = date.slice(0, 8);
  const canonical = `${method}\n${path}\n\nhost:${host}\nx-amz-date:${date}\n\nhost;x-amz-date\n${sha256(body)}`;
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${day}/${SCOPE}\n${sha256(canonical)}`;
  const signature = hmac(signingKey(day), toSign).digest("hex");
  return (
    `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nx-amz-date: ${date}\r\n` +
    `authorization: AWS4-HMAC-SHA256 Credential=test/${day}/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=${signature}\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

function signingKey(day: string): Buffer {
  let key = signingKeys.get(day);
  if (!key) {
    key = [day, ...SCOPE.split("/")].reduce((key, part) => hmac(key, part).digest(), Buffer.from("AWS4test"));
    signingKeys.set(day, key);
  }
  return key;
}

function hmac(key: Buffer, text: string): Hmac {
  return createHmac("sha256", key).update(text);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
