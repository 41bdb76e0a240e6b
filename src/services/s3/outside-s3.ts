import { SignatureV4 } from "@smithy/signature-v4";
import type { SinkFailure } from "../../flow/index.ts";
import { Sha256 } from "../../models/sha256.ts";
import type { WallClock } from "../../time/clock.ts";

/** An S3 endpoint outside that takes the files of our services instead of our own buckets (`--s3-endpoint`). */
export interface OutsideS3 {
  /** May have a path, which comes before the bucket. */
  readonly endpoint: URL;
  /** What requests are signed for. */
  readonly region: string;
  /** Where the bucket is named: in the path, or before the endpoint's host. */
  readonly addressing: "path" | "host";
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** The endpoint did not take a file, and why. Every failure may pass but one: a key that no URL can say. */
export class OutsideS3Error extends Error {
  override readonly name: string = "OutsideS3Error";
  readonly failure: SinkFailure;
  /** Of its answer, where there was one. */
  readonly status: number | undefined;

  constructor(failure: SinkFailure, status?: number) {
    super(failure.message);
    this.failure = failure;
    this.status = status;
  }
}

/** Wall time that an endpoint has for its whole answer: less than a delivery has for an attempt. */
export const TIMEOUT_MS = 20_000;
/** A big body has more time: a megabyte a second. */
const BYTES_PER_MS_MIN = 1_000;
/** Of what it says is wrong. */
export const ANSWER_BYTES_MAX = 8_192;

interface OutsideObject {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
  readonly body: Uint8Array | SummedBody;
}

/** A body that is too big for memory. */
interface SummedBody {
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  pieces(): AsyncIterable<Uint8Array>;
}

/**
 * Puts an object to an outside endpoint in one request that is signed with SigV4, in place of what the key has. The same object put again
 * changes nothing, so an attempt without an answer may be repeated. Not for units: it waits for somebody else.
 *
 * Throws `OutsideS3Error`: the endpoint cannot be reached, is too slow or refuses. It follows no redirects.
 */
export async function putOutside(outside: OutsideS3, wall: WallClock, object: OutsideObject): Promise<void> {
  const { bucket, key, contentType, contentEncoding, body } = object;
  const bytes = "pieces" in body ? undefined : Buffer.from(body);
  const { url, headers } = await signOutside(outside, wall, {
    method: "PUT",
    bucket,
    key,
    headers: {
      "content-type": contentType,
      ...(contentEncoding !== undefined && { "content-encoding": contentEncoding }),
      ...("pieces" in body && { "content-length": String(body.size), "x-amz-content-sha256": body.sha256 }),
    },
    ...(bytes && { body: bytes }),
  });
  // `fetch` writes `host` itself and refuses to be told.
  const { host: _, ...sent } = headers;
  const ending = new AbortController();
  const timeoutMs = TIMEOUT_MS + ("size" in body ? body.size / BYTES_PER_MS_MIN : 0);
  using _timer = wall.after(timeoutMs, () => ending.abort());
  try {
    const answer = await fetch(url, {
      method: "PUT",
      headers: sent,
      body: bytes ?? ReadableStream.from((body as SummedBody).pieces()),
      duplex: "half",
      redirect: "manual",
      signal: ending.signal,
    });
    if (!answer.ok) throw refusal(outside, answer.status, await beginningOf(answer));
    await answer.body?.cancel();
  } catch (error) {
    throw error instanceof OutsideS3Error ? error : noAnswer(outside, error, ending.signal.aborted);
  }
}

/** What an endpoint is asked. */
export interface OutsideRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly bucket: string;
  /** Empty: the bucket itself is asked. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** The address of a request, and all its headers, `host` among them. */
export async function signOutside(
  outside: OutsideS3,
  wall: WallClock,
  { method, query = {}, headers = {}, body, ...object }: OutsideRequest,
): Promise<{ readonly url: URL; readonly headers: Readonly<Record<string, string>> }> {
  const url = urlOf(outside, object);
  const signed = await new SignatureV4({
    service: "s3",
    region: outside.region,
    credentials: outside.credentials,
    sha256: Sha256,
    // S3 alone signs the path as it is sent.
    uriEscapePath: false,
  }).sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: { ...query },
      headers: { host: url.host, ...headers },
      body,
    },
    { signingDate: new Date(wall.now()) },
  );
  url.search = Object.entries(query)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join("&");
  return { url, headers: signed.headers };
}

function urlOf({ endpoint, addressing }: OutsideS3, { bucket, key }: Pick<OutsideRequest, "bucket" | "key">): URL {
  const base = endpoint.pathname.replace(/\/$/, "");
  const path = `${base}${addressing === "path" ? `/${bucket}` : ""}/${key.split("/").map(escaped).join("/")}`;
  const url = new URL(endpoint);
  if (addressing === "host") url.host = `${bucket}.${endpoint.host}`;
  url.pathname = path;
  // URLs resolve the parts "." and "..": the object would come to lie elsewhere.
  if (url.pathname !== path) {
    const message = `The key ${key} cannot be said in a URL.`;
    throw new OutsideS3Error({ code: "INVALID_PARAMETER", message, retryable: false });
  }
  return url;
}

/** As SigV4 escapes, which leaves less than `encodeURIComponent`. */
function escaped(part: string): string {
  return encodeURIComponent(part.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function beginningOf(answer: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length >= ANSWER_BYTES_MAX) break;
  }
  return text;
}

/** An answer that is none of those that mean success. */
export function refusal({ endpoint }: OutsideS3, status: number, body: string): OutsideS3Error {
  const [code, said] = ["Code", "Message"].map((name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]);
  const reason = code === undefined ? "" : `: ${code}${said ? `, ${said}` : ""}`;
  const message = `${endpoint.origin} answered ${status}${reason}`;
  return new OutsideS3Error({ code: codeOf(status), message, retryable: true }, status);
}

/** In the terms of deliveries. */
function codeOf(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return "NO_PERMISSIONS";
    case 404:
      return "NO_RESOURCE";
    case 429:
    case 503:
      return "THROTTLING";
    default:
      return status >= 500 ? "INTERNAL_ERROR" : "INVALID_PARAMETER";
  }
}

export function noAnswer({ endpoint }: OutsideS3, error: unknown, isLate: boolean): OutsideS3Error {
  if (isLate) {
    const message = `${endpoint.origin} did not answer within ${TIMEOUT_MS / 1000} s.`;
    return new OutsideS3Error({ code: "TIMEOUT", message, retryable: true });
  }
  const { message, cause } = error as Error;
  const reason = (cause as Error | undefined)?.message || message;
  const told = `${endpoint.origin} cannot be reached: ${reason}`;
  return new OutsideS3Error({ code: "NO_RESOURCE", message: told, retryable: true });
}
