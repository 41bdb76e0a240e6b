/** HTTP endpoints: https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { openSecret } from "../secret-box.ts";
import type { Platform } from "../service.ts";
import type { Batch } from "./batch.ts";
import { accessKeyPurpose, deliveryStreamArn, findByRef } from "./delivery-stream.ts";
import type { HttpDestination } from "./destination.ts";
import { HTTP_ANSWER_BYTES_MAX } from "./limits.ts";
import { placeOfErrors } from "./object-place.ts";
import { jittered, type Outcome } from "./outcome.ts";
import { processingOf } from "./processing.ts";
import { HTTP_TIMEOUT } from "./quotas.ts";
import { bytesOf, readRange } from "./records.ts";

/** 1 s, doubled with each attempt up to 2 minutes, give or take 15 %. */
const DELAY_MS = { first: 1_000, max: 120_000 };

const FAILED = "HttpEndpoint.DestinationException";

interface HttpWork {
  readonly requestId: string;
}

/** Why an endpoint did not take a request. */
interface Refusal {
  readonly message: string;
  readonly isFinal: boolean;
}

/** Sends a batch in one request. Once the time for that is over, its records are to go to the bucket of what failed. */
export async function deliverToHttp(
  platform: Platform,
  batch: Batch,
  work: HttpWork,
  signal: AbortSignal,
): Promise<Outcome> {
  const { clock, ids } = platform;
  const stream = await findByRef(platform.store, batch.stream);
  const startMs = batch.attemptedMs ?? clock.now();
  // Settings are those of now: an endpoint that was put right gets what waits.
  if (stream?.destination.kind !== "http") throw new Error("A stream's destination changes its kind");
  const { destination } = stream;
  const refusal = await send(platform, batch, { work, destination }, signal);
  if (!refusal) return { done: async () => {} };

  const failure = `${FAILED}: ${refusal.message}`;
  const retryAfterMs = jittered(Math.min(DELAY_MS.max, DELAY_MS.first * 2 ** batch.attempts), ids.random());
  const nowMs = clock.now();
  if (!refusal.isFinal && nowMs + retryAfterMs <= startMs + destination.retrySeconds * 1000) {
    return { retryAfterMs, failure };
  }
  const told = {
    attemptsMade: batch.attempts + 1,
    errorCode: FAILED,
    errorMessage: refusal.message,
    attemptEndingTimestamp: nowMs,
  };
  const place = placeOfErrors(stream, "http-endpoint-failed", batch, batch.id);
  return { instead: { to: "s3", ...place, failure: told }, failure };
}

interface Sent {
  readonly work: HttpWork;
  readonly destination: HttpDestination;
}

/** `undefined`: the endpoint has taken it. */
async function send(platform: Platform, batch: Batch, sent: Sent, signal: AbortSignal): Promise<Refusal | undefined> {
  const { wall, limits } = platform;
  const timeoutMs = limits.value(HTTP_TIMEOUT.name, HTTP_TIMEOUT.default);
  const late = new AbortController();
  using _timer = wall.after(timeoutMs, () => late.abort());
  const ending = AbortSignal.any([signal, late.signal]);
  try {
    const answer = await exchange(platform, batch, sent, ending);
    return await refusalOf(answer, sent.work);
  } catch (error) {
    signal.throwIfAborted();
    if (late.signal.aborted) {
      return { message: `The endpoint did not answer within ${timeoutMs / 1000} seconds.`, isFinal: false };
    }
    return { message: `The endpoint cannot be reached: ${(error as Error).message}`, isFinal: false };
  }
}

async function exchange(
  platform: Platform,
  batch: Batch,
  { work, destination }: Sent,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(destination.url);
  const { ContentEncoding: encoding, CommonAttributes: attributes = [] } = destination.request;
  const { delimiter = "" } = processingOf(destination.processing);
  const accessKey = accessKeyOf(platform, batch, destination);
  const head = `{"requestId":"${work.requestId}","timestamp":${platform.clock.now()},"records":[`;
  const common = Object.fromEntries(
    attributes.map(({ AttributeName, AttributeValue }) => [AttributeName, AttributeValue]),
  );
  const headers = {
    "Content-Type": "application/json",
    "X-Amz-Firehose-Protocol-Version": "1.0",
    "X-Amz-Firehose-Request-Id": work.requestId,
    "X-Amz-Firehose-Source-Arn": deliveryStreamArn(batch.stream),
    "User-Agent": "Amazon Kinesis Data Firehose Agent/1.0",
    ...(accessKey && { "X-Amz-Firehose-Access-Key": asHeader(accessKey) }),
    ...(attributes.length > 0 && {
      "X-Amz-Firehose-Common-Attributes": asHeader(JSON.stringify({ commonAttributes: common })),
    }),
    ...(encoding === "GZIP" && { "Content-Encoding": "gzip" }),
    ...(encoding === "NONE" && delimiter === "" && { "Content-Length": head.length + lengthOf(batch) }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const open = url.protocol === "https:" ? requestHttps : requestHttp;
  const request = open(url, { method: "POST", headers, signal }, resolve).on("error", reject);
  const body = Readable.from(bodyOf(platform, batch, { head, delimiter }, signal));
  // An endpoint may answer before it has read everything: what then becomes of the rest does not matter.
  const writing = encoding === "GZIP" ? pipeline(body, createGzip(), request) : pipeline(body, request);
  writing.catch(reject);
  return promise;
}

/** Throws where the key cannot be read: without it the records would be somebody's who cannot prove to be us. */
function accessKeyOf(platform: Platform, { stream }: Batch, { accessKey }: HttpDestination): string | undefined {
  if (accessKey === undefined) return undefined;
  const opened = openSecret(platform, accessKeyPurpose(stream), accessKey);
  if (opened === undefined) throw new Error("its access key cannot be read here; update the destination");
  return opened;
}

/** Beyond ASCII, headers are UTF-8. */
function asHeader(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** Of all records, with what is around them. */
function lengthOf({ count, base64Bytes }: Batch): number {
  return base64Bytes + count * '{"data":""}'.length + (count - 1) + "]}".length;
}

async function* bodyOf(
  platform: Platform,
  batch: Batch,
  { head, delimiter }: { readonly head: string; readonly delimiter: string },
  signal: AbortSignal,
): AsyncGenerator<string> {
  let before = head;
  for await (const entry of readRange(platform, batch.stream, batch, signal)) {
    const data = delimiter === "" ? bytesOf(entry) : Buffer.concat([bytesOf(entry), Buffer.from(delimiter)]);
    yield `${before}{"data":"${data.toString("base64")}"}`;
    before = ",";
  }
  yield "]}";
}

/** Whatever is not as documented is a failure: a response that lies would lose records. */
async function refusalOf(answer: IncomingMessage, { requestId }: HttpWork): Promise<Refusal | undefined> {
  const { statusCode: status = 0, headers } = answer;
  const body = await bodyText(answer);
  const said = body === undefined ? undefined : parse(body);
  const reason = typeof said?.errorMessage === "string" ? `: ${said.errorMessage.slice(0, 8192)}` : ".";
  if (status === 413) return { message: `The endpoint answered 413${reason}`, isFinal: true };
  if (status !== 200) return { message: `The endpoint answered ${status}${reason}`, isFinal: false };
  const wrong = (message: string): Refusal => ({
    message: `The response was not recognized: ${message}`,
    isFinal: false,
  });
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) {
    return wrong("its content type is not application/json.");
  }
  if (headers["content-encoding"] !== undefined) return wrong("it has a content encoding.");
  if (body === undefined) return wrong("it is larger than 1 MiB.");
  if (said === undefined) return wrong("it is not valid JSON.");
  if (said.requestId !== requestId) return wrong("its requestId is not that of the request.");
  if (typeof said.timestamp !== "number") return wrong("it has no timestamp.");
  return undefined;
}

/** `undefined`: it is too long. */
async function bodyText(answer: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > HTTP_ANSWER_BYTES_MAX) {
      answer.destroy();
      return undefined;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
