/**
 * How we speak with the bootstraps of our own: frames over a socket pair, whose other end is file descriptor 3 of the sandbox's process. An
 * invocation is one write there and one back, where the Runtime API needs three HTTP requests.
 *
 *     frame: bytes of the head (4, big endian), bytes of the body (4), head (JSON), body
 *     to the process:    {"requestId", "deadlineMs", …}, the event
 *     from the process:  {"kind": "ready" | "initError" | "response" | "error" | "crash" | "stream" | "piece" | "streamed", …}
 *
 * After a response, an error or the end of a stream the process is ready again; after a crash it ends. What a frame says of itself is not trusted: handlers could write one.
 */
import type { Socket } from "node:net";
import { ANSWER_BYTES_MAX } from "../limits.ts";
import type { GiveEvent, SandboxClient } from "./client.ts";

const LENGTHS_BYTES = 8;
const HEAD_BYTES_MAX = 4096;

interface Head {
  readonly kind?: unknown;
  readonly requestId?: unknown;
  readonly errorType?: unknown;
  readonly contentType?: unknown;
}

/** Ends with the socket. */
export class Channel {
  readonly #socket: Socket;
  readonly #client: SandboxClient;
  /** What has come and is no whole head yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** Of the frame whose body is coming. `pieces`: `undefined` where it is too big. */
  #coming: { readonly head: Head; pieces: Buffer[] | undefined; missing: number } | undefined;

  constructor(socket: Socket, client: SandboxClient) {
    this.#socket = socket;
    this.#client = client;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    // Its process has ended, and the sandbox hears of that otherwise.
    socket.on("error", () => {});
  }

  readonly #give: GiveEvent = ({ payload, ...head }) => {
    const text = Buffer.from(JSON.stringify(head));
    const lengths = Buffer.allocUnsafe(LENGTHS_BYTES);
    lengths.writeUInt32BE(text.length, 0);
    lengths.writeUInt32BE(payload.length, 4);
    this.#socket.write(Buffer.concat([lengths, text, payload]));
  };

  #take(chunk: Buffer): void {
    let at = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = Buffer.alloc(0);
    while (at.length > 0) {
      if (this.#coming === undefined) {
        if (at.length < LENGTHS_BYTES) break;
        const headBytes = at.readUInt32BE(0);
        if (headBytes > HEAD_BYTES_MAX) return void this.#socket.destroy();
        if (at.length < LENGTHS_BYTES + headBytes) break;
        const missing = at.readUInt32BE(4);
        const head = headOf(at.subarray(LENGTHS_BYTES, LENGTHS_BYTES + headBytes));
        this.#coming = { head, pieces: missing > ANSWER_BYTES_MAX ? undefined : [], missing };
        at = at.subarray(LENGTHS_BYTES + headBytes);
      }
      const coming = this.#coming;
      const part = at.subarray(0, coming.missing);
      coming.pieces?.push(part);
      coming.missing -= part.length;
      at = at.subarray(part.length);
      if (coming.missing > 0) return;
      this.#coming = undefined;
      const body = coming.pieces?.length === 1 ? coming.pieces[0] : coming.pieces && Buffer.concat(coming.pieces);
      const wait = this.#dispatch(coming.head, body);
      if (wait) {
        this.#rest = at;
        this.#socket.pause();
        void wait.then(() => this.#goOn());
        return;
      }
    }
    this.#rest = at;
  }

  /** What has come behind a piece is taken before anything else comes. */
  #goOn(): void {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    this.#socket.resume();
    this.#take(rest);
  }

  #dispatch({ kind, requestId, errorType, contentType }: Head, body: Buffer | undefined): Promise<void> | undefined {
    const client = this.#client;
    const whole = body ?? Buffer.alloc(0);
    if (kind === "ready") client.onReady(this.#give);
    else if (kind === "initError") client.onInitError(whole, String(errorType));
    // Nothing else is said of an invocation that is over, or of none.
    else if (typeof requestId !== "string" || !client.isCurrent(requestId)) return undefined;
    else if (kind === "stream") client.onStream(String(contentType));
    else if (kind === "piece") return client.onPiece(whole);
    else if (kind === "crash") client.onError(whole, String(errorType));
    else {
      if (kind === "response") client.onResponse(body);
      else if (kind === "error") client.onError(whole, String(errorType));
      else if (kind === "streamed") {
        client.onStreamed(errorType === undefined ? undefined : { body: whole, errorType: String(errorType) });
      } else return undefined;
      client.onReady(this.#give);
    }
    return undefined;
  }
}

function headOf(bytes: Buffer): Head {
  try {
    const head: unknown = JSON.parse(bytes.toString());
    return typeof head === "object" && head !== null ? head : {};
  } catch {
    return {};
  }
}
