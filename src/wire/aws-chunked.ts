import { createHash, hash, timingSafeEqual } from "node:crypto";
import { Refusal } from "./refusal.ts";

/**
 * The `aws-chunked` framing of bodies whose hash or checksum the client learns only while it sends them:
 *
 *     {hex length}[;chunk-signature={64 hex}]\r\n {bytes} \r\n        any number of times
 *     0[;chunk-signature={64 hex}]\r\n
 *     [name:value\r\n ...] [x-amz-trailer-signature:{64 hex}\r\n] \r\n
 *
 * Each signature signs the one before it, the first of them the request's own.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
/** Headers that come behind a body, by their names in lower case. */
export type Trailers = Readonly<Record<string, string>>;

export interface ChunkSigner {
  /** The request's signature. */
  readonly seed: string;
  /** Date and scope as they stand in a string to sign, with a line feed between them. */
  readonly dateAndScope: string;
  sign(stringToSign: string): Buffer;
}

export interface ChunkOptions {
  /** From `x-amz-decoded-content-length`. */
  readonly contentLength: string | undefined;
  /** From `x-amz-trailer`: the only names that may come as trailers. */
  readonly trailerNames: readonly string[];
  /** For signed chunks. */
  readonly signer?: ChunkSigner;
}

/** Hash of nothing, which stands for headers in a chunk's string to sign. */
const EMPTY_HASH = hash("sha256", "", "hex");
const CHUNK_HEADER = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/;
/** A chunk's header has at most 8 digits and a signature of 64, so a line feed further away is none of it. */
const CHUNK_HEADER_BYTES_MAX = 100;
const TRAILER_BYTES_MAX = 16_384;

/**
 * What is in the framing, while it comes in; returns with the trailers. A chunk is given out before its signature has been seen.
 *
 * Throws `Refusal` for framing that is broken, signatures that do not match, and a length other than announced.
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  options: ChunkOptions,
): AsyncGenerator<Buffer, Trailers, undefined> {
  if (!/^\d{1,15}$/.test(options.contentLength ?? "")) {
    throw new Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  const { signer } = options;
  const reader = new Reader(source);
  let previous = signer?.seed ?? "";
  let missing = Number(options.contentLength);
  for (;;) {
    const header = CHUNK_HEADER.exec((await reader.line(CHUNK_HEADER_BYTES_MAX)) ?? "");
    if (!header) throw incomplete();
    const [, hexLength = "", signature] = header;
    const length = Number.parseInt(hexLength, 16);
    missing -= length;
    if (missing < 0) throw incomplete();
    const hash = signer && createHash("sha256");
    for (let left = length; left > 0; ) {
      const piece = await reader.take(left);
      if (piece === undefined) throw incomplete();
      left -= piece.length;
      hash?.update(piece);
      yield piece;
    }
    if (signer && hash) {
      const expected = signer.sign(
        `AWS4-HMAC-SHA256-PAYLOAD\n${signer.dateAndScope}\n${previous}\n${EMPTY_HASH}\n${hash.digest("hex")}`,
      );
      previous = checkSignature(signature, expected);
    }
    if (length === 0) break;
    if ((await reader.line(2)) !== "") throw incomplete();
  }
  if (missing > 0) throw incomplete();
  return decodeTrailers(await reader.rest(), previous, options);
}

/** Takes lines and bytes off a stream, wherever its pieces begin and end. */
class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** What stands before the next line end, which is taken too; `undefined` where none comes within so many bytes. */
  async line(bytesMax: number): Promise<string | undefined> {
    for (;;) {
      const end = this.#held.subarray(0, bytesMax).indexOf("\r\n");
      if (end !== -1) {
        const line = this.#held.toString("latin1", 0, end);
        this.#held = this.#held.subarray(end + 2);
        return line;
      }
      if (this.#held.length >= bytesMax || !(await this.#fill())) return undefined;
    }
  }

  /** At least one byte and at most so many; `undefined` at the end. */
  async take(bytesMax: number): Promise<Buffer | undefined> {
    while (this.#held.length === 0) if (!(await this.#fill())) return undefined;
    const taken = this.#held.subarray(0, bytesMax);
    this.#held = this.#held.subarray(bytesMax);
    return taken;
  }

  /** All that is left, which must be little. */
  async rest(): Promise<string> {
    while (await this.#fill()) if (this.#held.length > TRAILER_BYTES_MAX) throw malformedTrailer();
    return this.#held.toString("latin1");
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    return true;
  }
}

const TRAILER_SIGNATURE = "x-amz-trailer-signature";

function decodeTrailers(text: string, previous: string, options: ChunkOptions): Record<string, string> {
  const trailers: Record<string, string> = {};
  let signature: string | undefined;
  // AWS's own description ends a trailer with a bare line feed, its SDKs with both characters.
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === TRAILER_SIGNATURE && options.signer) signature = value;
    else if (!options.trailerNames.includes(name) || trailers[name] !== undefined) throw malformedTrailer();
    else trailers[name] = value;
  }
  if (options.trailerNames.some((name) => trailers[name] === undefined)) throw malformedTrailer();
  if (options.signer && options.trailerNames.length > 0) {
    const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\n`);
    const expected = options.signer.sign(
      `AWS4-HMAC-SHA256-TRAILER\n${options.signer.dateAndScope}\n${previous}\n${hash("sha256", lines.join(""), "hex")}`,
    );
    checkSignature(signature, expected);
  }
  return trailers;
}

function checkSignature(signature: string | undefined, expected: Buffer): string {
  const given = Buffer.from(signature ?? "", "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Refusal(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    );
  }
  return signature as string;
}

function incomplete(): Refusal {
  return new Refusal(
    400,
    "IncompleteBody",
    "The request body terminated unexpectedly, or does not have the length that it announced.",
  );
}

function malformedTrailer(): Refusal {
  return new Refusal(
    400,
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  );
}
