import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { WallClock } from "../../time/clock.ts";
import type { BucketFile, BucketFiles, FilePage } from "./bucket-files.ts";
import {
  ANSWER_BYTES_MAX,
  noAnswer,
  type OutsideRequest,
  type OutsideS3,
  OutsideS3Error,
  refusal,
  signOutside,
  TIMEOUT_MS,
} from "./outside-s3.ts";

/** Of a listing of 1,000 keys of 1,024 characters each, escaped. */
const LISTING_BYTES_MAX = 16 * 1024 ** 2;

/** A bucket at an endpoint outside. What it is asked throws `OutsideS3Error`. */
export function outsideBucket(outside: OutsideS3, wall: WallClock, bucket: string): BucketFiles {
  const ask = (request: Omit<OutsideRequest, "bucket">, bytesMax: number, signal: AbortSignal) =>
    askOutside(outside, wall, { ...request, bucket }, { bytesMax, signal });
  return {
    async list({ prefix, after, limit }, signal) {
      const query = {
        "list-type": "2",
        "encoding-type": "url",
        "max-keys": String(Math.min(limit, 1000)),
        prefix,
        ...(after !== undefined && { "start-after": after }),
      };
      const answer = await ask({ method: "GET", key: "", query }, LISTING_BYTES_MAX, signal);
      return parseListing(answer.body.toString("utf8"));
    },
    async find(key, signal) {
      try {
        const { headers } = await ask({ method: "HEAD", key }, 0, signal);
        return fileOf(key, { size: headers["content-length"], modified: headers["last-modified"], etag: headers.etag });
      } catch (error) {
        if (error instanceof OutsideS3Error && error.status === 404) return undefined;
        throw error;
      }
    },
    async read({ key, version }, { from, length }, signal) {
      if (length === 0) return Buffer.alloc(0);
      const headers = { range: `bytes=${from}-${from + length - 1}`, "if-match": version };
      try {
        const { body, status } = await ask({ method: "GET", key, headers }, length, signal);
        // An endpoint that knows no ranges would give the beginning for any of them.
        if (status !== 206 && from > 0) throw protocolError(`${outside.endpoint.origin} does not answer with a range`);
        return body;
      } catch (error) {
        if (error instanceof OutsideS3Error && (error.status === 404 || error.status === 412)) return undefined;
        throw error;
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/**
 * Asks an endpoint, and reads its answer whole. With Node's own client rather than `fetch`, which unpacks what an object's `Content-Encoding` says is
 * packed, and so would take a range of it for damaged.
 */
async function askOutside(
  outside: OutsideS3,
  wall: WallClock,
  asked: OutsideRequest,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<Answer> {
  const { url, headers } = await signOutside(outside, wall, asked);
  const ending = new AbortController();
  using _timer = wall.after(TIMEOUT_MS, () => ending.abort());
  try {
    const answer = await open(url, { method: asked.method, headers, signal: AbortSignal.any([signal, ending.signal]) });
    const status = answer.statusCode ?? 0;
    const isTaken = status === 200 || status === 206;
    const body = await bodyOf(answer, isTaken ? bytesMax : ANSWER_BYTES_MAX);
    if (!isTaken) throw refusal(outside, status, body.toString("utf8"));
    return { status, headers: answer.headers, body };
  } catch (error) {
    throw error instanceof OutsideS3Error ? error : noAnswer(outside, error, ending.signal.aborted);
  }
}

function open(url: URL, options: { method: string; headers: object; signal: AbortSignal }): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  request(url, { ...options, headers: { ...options.headers } }, resolve)
    .on("error", reject)
    .end();
  return promise;
}

/** What lies beyond `bytesMax` is not read. */
async function bodyOf(answer: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size > bytesMax) break;
  }
  return Buffer.concat(pieces).subarray(0, bytesMax);
}

async function parseListing(text: string): Promise<FilePage> {
  // Loaded with the first listing: most servers never ask for one.
  const { XMLParser } = await import("fast-xml-parser");
  // Texts stay texts: a key may be `007`.
  const parser = new XMLParser({ parseTagValue: false, trimValues: false, isArray: (name) => name === "Contents" });
  const { ListBucketResult: listing } = parser.parse(text) as { ListBucketResult?: Listing };
  if (!listing) throw protocolError("The endpoint does not answer with a listing");
  const files = (listing.Contents ?? []).map(({ Key, Size, LastModified, ETag }) =>
    fileOf(unescaped(Key), { size: Size, modified: LastModified, etag: ETag }),
  );
  return { files, next: listing.IsTruncated === "true" ? files.at(-1)?.key : undefined };
}

interface Listing {
  readonly IsTruncated?: string;
  readonly Contents?: readonly {
    readonly Key: string;
    readonly Size: string;
    readonly LastModified: string;
    readonly ETag: string;
  }[];
}

function unescaped(key: string): string {
  return decodeURIComponent(key.replaceAll("+", " "));
}

function fileOf(
  key: string,
  { size, modified, etag }: { size: string | undefined; modified: string | undefined; etag: string | undefined },
): BucketFile {
  const file = { key, size: Number(size), modifiedMs: Date.parse(modified ?? ""), version: etag ?? "" };
  if (Number.isSafeInteger(file.size) && !Number.isNaN(file.modifiedMs) && file.version !== "") return file;
  throw protocolError(`The endpoint does not say size, time and ETag of ${key}`);
}

function protocolError(message: string): OutsideS3Error {
  return new OutsideS3Error({ code: "INTERNAL_ERROR", message, retryable: true });
}
