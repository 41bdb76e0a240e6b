import { hash, timingSafeEqual } from "node:crypto";
import { sha256Hex } from "./hash.ts";
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
export interface Chunked {
  readonly content: Buffer;
  /** Names in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
}

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

/** Throws `Refusal` for framing that is broken, signatures that do not match, and a length other than announced. */
export async function decodeChunked(body: Buffer, options: ChunkOptions): Promise<Chunked> {
  if (!/^\d{1,15}$/.test(options.contentLength ?? "")) {
    throw new Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  const { signer } = options;
  const chunks: Buffer[] = [];
  let previous = signer?.seed ?? "";
  let at = 0;
  for (;;) {
    const lineEnd = body.subarray(at, at + CHUNK_HEADER_BYTES_MAX).indexOf("\r\n");
    const header = lineEnd === -1 ? null : CHUNK_HEADER.exec(body.toString("latin1", at, at + lineEnd));
    if (!header) throw incomplete();
    const [, hexLength = "", signature] = header;
    const start = at + lineEnd + 2;
    const end = start + Number.parseInt(hexLength, 16);
    if (end > body.length) throw incomplete();
    const chunk = body.subarray(start, end);
    if (signer) {
      const expected = signer.sign(
        `AWS4-HMAC-SHA256-PAYLOAD\n${signer.dateAndScope}\n${previous}\n${EMPTY_HASH}\n${await sha256Hex(chunk)}`,
      );
      previous = checkSignature(signature, expected);
    }
    at = end;
    if (chunk.length === 0) break;
    if (body.toString("latin1", end, end + 2) !== "\r\n") throw incomplete();
    at = end + 2;
    chunks.push(chunk);
  }
  const content = Buffer.concat(chunks);
  if (content.length !== Number(options.contentLength)) throw incomplete();
  return { content, trailers: decodeTrailers(body.toString("latin1", at), previous, options) };
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
