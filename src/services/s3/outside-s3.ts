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

  constructor(failure: SinkFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Wall time that an endpoint has for its whole answer: less than a delivery has for an attempt. */
const TIMEOUT_MS = 20_000;
/** Of what it says is wrong. */
const ANSWER_BYTES_MAX = 8_192;

interface OutsideObject {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Puts an object to an outside endpoint in one request that is signed with SigV4, in place of what the key has. The same object put again
 * changes nothing, so an attempt without an answer may be repeated. Not for units: it waits for somebody else.
 *
 * Throws `OutsideS3Error`: the endpoint cannot be reached, is too slow or refuses. It follows no redirects.
 */
export async function putOutside(outside: OutsideS3, wall: WallClock, object: OutsideObject): Promise<void> {
  const url = urlOf(outside, object);
  const { headers } = await new SignatureV4({
    service: "s3",
    region: outside.region,
    credentials: outside.credentials,
    sha256: Sha256,
    // S3 alone signs the path as it is sent.
    uriEscapePath: false,
  }).sign(
    {
      method: "PUT",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      headers: { host: url.host, "content-type": object.contentType },
      body: object.body,
    },
    { signingDate: new Date(wall.now()) },
  );
  // `fetch` writes `host` itself and refuses to be told.
  const { host: _, ...sent } = headers;
  const ending = new AbortController();
  using _timer = wall.after(TIMEOUT_MS, () => ending.abort());
  try {
    const answer = await fetch(url, {
      method: "PUT",
      headers: sent,
      body: Buffer.from(object.body),
      redirect: "manual",
      signal: ending.signal,
    });
    if (!answer.ok) throw new OutsideS3Error(refusal(outside, answer.status, await beginningOf(answer)));
    await answer.body?.cancel();
  } catch (error) {
    throw error instanceof OutsideS3Error ? error : new OutsideS3Error(noAnswer(outside, error, ending.signal.aborted));
  }
}

function urlOf({ endpoint, addressing }: OutsideS3, { bucket, key }: OutsideObject): URL {
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

function refusal({ endpoint }: OutsideS3, status: number, body: string): SinkFailure {
  const [code, said] = ["Code", "Message"].map((name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]);
  const reason = code === undefined ? "" : `: ${code}${said ? `, ${said}` : ""}`;
  const message = `${endpoint.origin} answered ${status}${reason}`;
  return { code: codeOf(status), message, retryable: true };
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

function noAnswer({ endpoint }: OutsideS3, error: unknown, isLate: boolean): SinkFailure {
  if (isLate) {
    const message = `${endpoint.origin} did not answer within ${TIMEOUT_MS / 1000} s.`;
    return { code: "TIMEOUT", message, retryable: true };
  }
  const { message, cause } = error as Error;
  const reason = (cause as Error | undefined)?.message || message;
  return { code: "NO_RESOURCE", message: `${endpoint.origin} cannot be reached: ${reason}`, retryable: true };
}
