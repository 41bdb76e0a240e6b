import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { WallClock } from "../time/clock.ts";
import { Refusal } from "./refusal.ts";

/** The client went away while it sent its request: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name: string = "ClientGone";
}

export interface BodyLimits {
  readonly bytesMax: number;
  /** For the whole body. */
  readonly timeoutMs: number;
  readonly wall: WallClock;
}

/**
 * Reads a body into memory.
 *
 * Throws `Refusal` (413) as soon as it is known to be too big, with the rest unread; `Refusal` (408) for one that takes too long;
 * `ClientGone`.
 */
export async function readBody(
  source: Readable,
  contentLength: string | undefined,
  limits: BodyLimits,
): Promise<Buffer> {
  if (Number(contentLength ?? 0) > limits.bytesMax) throw tooLarge(limits.bytesMax);
  const chunks: Buffer[] = [];
  let length = 0;
  await consume(source, limits, (chunk) => {
    length += chunk.length;
    if (length > limits.bytesMax) throw tooLarge(limits.bytesMax);
    chunks.push(chunk);
  });
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/**
 * A body while it comes in. Whoever reads slowly slows its sender down; nothing is held but what the connection holds anyway.
 *
 * Throws `Refusal` (408) where nothing has come for a while, and `ClientGone`.
 */
export async function* streamBody(
  source: Readable,
  limits: Pick<BodyLimits, "timeoutMs" | "wall">,
): AsyncGenerator<Buffer, void, undefined> {
  // It stays: a source that breaks later must not end the process.
  source.on("error", () => {});
  for (;;) {
    const chunk: Buffer | null = source.read();
    if (chunk !== null) yield chunk;
    else if (source.readableEnded) return;
    else if (source.destroyed) throw new ClientGone();
    else await change(source, limits);
  }
}

/** Returns when there is more to read, or the end. */
function change(source: Readable, { timeoutMs, wall }: Pick<BodyLimits, "timeoutMs" | "wall">): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = wall.after(timeoutMs, () => reject(tooSlow()));
  const events = ["readable", "end", "close"];
  for (const event of events) source.on(event, resolve);
  return promise.finally(() => {
    timer[Symbol.dispose]();
    for (const event of events) source.off(event, resolve);
  });
}

/** Takes in what still comes, and returns at the end or when the time is over. */
export async function drainBody(source: Readable, limits: Pick<BodyLimits, "timeoutMs" | "wall">): Promise<void> {
  try {
    await consume(source, limits, () => {});
  } catch {
    // The rest was not wanted, so it does not matter that it did not come.
  }
}

/** Calls back with each chunk until the end. What the callback throws ends it; the source is left paused. */
function consume(
  source: Readable,
  { timeoutMs, wall }: Pick<BodyLimits, "timeoutMs" | "wall">,
  take: (chunk: Buffer) => void,
): Promise<void> {
  if (source.readableEnded) return Promise.resolve();
  if (source.destroyed) return Promise.reject(new ClientGone());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onData = (chunk: Buffer): void => {
    try {
      take(chunk);
    } catch (error) {
      source.pause();
      reject(error);
    }
  };
  const onClose = (): void => reject(new ClientGone());
  // The close that follows each end comes before our `finally` does: it must not cost an error with its stack.
  const onEnd = (): void => {
    source.off("close", onClose);
    resolve();
  };
  const timer = wall.after(timeoutMs, () => {
    source.pause();
    reject(tooSlow());
  });
  source.on("data", onData).once("end", onEnd).once("error", onClose).once("close", onClose).resume();
  return promise.finally(() => {
    timer[Symbol.dispose]();
    // The error's listener stays: a source that breaks later must not end the process.
    source.off("data", onData).off("end", onEnd).off("close", onClose);
  });
}

function tooSlow(): Refusal {
  return new Refusal(
    408,
    "RequestTimeout",
    "Your socket connection to the server was not read from or written to within the timeout period.",
  );
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal(
    413,
    "RequestEntityTooLargeException",
    `The request's body is larger than the ${bytesMax} bytes that are taken here.`,
  );
}

const inflateGzip = promisify(gunzip);

/**
 * Undoes a body's `Content-Encoding`. Only gzip, as SDKs use no other for requests.
 *
 * Throws `Refusal`: 413 for what would inflate beyond `bytesMax`, 415 for another encoding, 400 for what is not gzip.
 */
export async function decodeContent(body: Buffer, encoding: string, bytesMax: number): Promise<Buffer> {
  if (encoding !== "gzip") {
    throw new Refusal(415, "UnsupportedMediaTypeException", `The content encoding ${encoding} is not supported.`);
  }
  try {
    return await inflateGzip(body, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(bytesMax);
    throw new Refusal(400, "SerializationException", "The request's body is not valid gzip.");
  }
}
