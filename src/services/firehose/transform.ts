/** Records that go through a function: https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
import type { Entry, Unit } from "../../store/store.ts";
import { type InvocationResult, invokeFunction } from "../lambda/index.ts";
import type { Platform } from "../service.ts";
import type { Batch } from "./batch.ts";
import { tellError } from "./delivery-errors.ts";
import { deliveryStreamArn, findByRef } from "./delivery-stream.ts";
import { LAMBDA_PATIENCE_MS, RECORD_BYTES_MAX } from "./limits.ts";
import type { Outcome } from "./outcome.ts";
import type { LambdaProcessor } from "./processing.ts";
import { appendFailed, appendReady, bytesOf, kinesisMetadataOf, readRange, recordId } from "./records.ts";

/** What went wrong with a batch, or with one of its records, in Firehose's words. */
interface TransformError {
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html */
const ERRORS = {
  "Lambda.ResourceNotFound": "The specified Lambda function does not exist. Use a different function that does exist.",
  "Lambda.InvokeAccessDenied": "Access was denied. Ensure that the access policy allows access to the Lambda function.",
  "Lambda.InvokeLimitExceeded":
    "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
  "Lambda.FunctionTimedOut":
    "The Lambda function timed out before it finished. Increase the Timeout setting in the Lambda function.",
  "Lambda.FunctionError": "The Lambda function was successfully invoked but it returned an error result.",
  "Lambda.JsonProcessingException":
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the status model that is required by Amazon Data Firehose.",
  "Lambda.DuplicatedRecordId":
    "Multiple records were returned with the same record ID. Ensure that the Lambda function returns unique record IDs for each record.",
  "Lambda.MissingRecordId":
    "One or more record IDs were not returned. Ensure that the Lambda function returns all received record IDs.",
  "Lambda.ProcessingFailedStatus": "ProcessingFailed status set for record",
  "Lambda.InvokeFailed": "The Lambda function could not be invoked.",
} as const;

function errorOf(errorCode: keyof typeof ERRORS): TransformError {
  return { errorCode, errorMessage: ERRORS[errorCode] };
}

/** Our choice: 1 s, doubled with each attempt up to a minute. */
const RETRY_DELAY_MS = { first: 1_000, max: 60_000 };

export async function transformBatch(
  platform: Platform,
  batch: Batch,
  { lambda }: { readonly lambda: LambdaProcessor },
  signal: AbortSignal,
): Promise<Outcome> {
  const entries: Entry[] = [];
  for await (const entry of readRange(platform, batch.stream, batch, signal)) entries.push(entry);
  const { account: sourceAccount } = batch.stream;
  const result = await invokeFunction(platform, {
    functionArn: lambda.functionArn,
    payload: await payloadOf(platform, batch, entries),
    by: { sourceAccount },
    patienceMs: LAMBDA_PATIENCE_MS,
    signal,
  });
  signal.throwIfAborted();
  const answer = answerOf(result, entries);
  if ("errorCode" in answer && batch.attempts < lambda.retriesMax) {
    const retryAfterMs = Math.min(RETRY_DELAY_MS.max, RETRY_DELAY_MS.first * 2 ** batch.attempts);
    return { retryAfterMs, failure: failureOf(answer) };
  }
  const attempt = { attemptsMade: batch.attempts + 1, endedMs: platform.clock.now(), lambdaArn: lambda.functionArn };
  return {
    done: async (unit) => {
      const failures = new Set<string>();
      for (const entry of entries) {
        const found = "errorCode" in answer ? answer : answer.byId.get(recordId(entry));
        const transformed = found ?? errorOf("Lambda.MissingRecordId");
        appendTransformed(unit, batch, entry, transformed, attempt);
        if (transformed !== "dropped" && "errorCode" in transformed) failures.add(failureOf(transformed));
      }
      for (const failure of failures) await tellError(unit, platform, batch, failure);
    },
  };
}

function failureOf({ errorCode, errorMessage }: TransformError): string {
  return `${errorCode}: ${errorMessage}`;
}

async function payloadOf(platform: Platform, { stream }: Batch, entries: readonly Entry[]): Promise<string> {
  const source = (await findByRef(platform.store, stream))?.source;
  return JSON.stringify({
    invocationId: platform.ids.uuid(),
    deliveryStreamArn: deliveryStreamArn(stream),
    ...(source && { sourceKinesisStreamArn: source.streamArn }),
    region: stream.region,
    records: entries.map((entry) => {
      const kinesisRecordMetadata = kinesisMetadataOf(entry);
      return {
        recordId: recordId(entry),
        approximateArrivalTimestamp: entry.timeMs,
        data: bytesOf(entry).toString("base64"),
        ...(kinesisRecordMetadata && { kinesisRecordMetadata }),
      };
    }),
  });
}

/** What became of a record. */
type Transformed = Buffer | "dropped" | TransformError;

function answerOf(
  result: InvocationResult,
  entries: readonly Entry[],
): TransformError | { readonly byId: ReadonlyMap<string, Transformed> } {
  if ("timedOut" in result) return errorOf("Lambda.FunctionTimedOut");
  if ("refused" in result) return refusalOf(result.refused.code);
  if (result.functionError !== undefined) {
    return errorOf(/timed out/i.test(result.answer) ? "Lambda.FunctionTimedOut" : "Lambda.FunctionError");
  }
  const records = parseRecords(result.answer);
  if (records === undefined) return errorOf("Lambda.JsonProcessingException");
  const sent = new Set(entries.map(recordId));
  const byId = new Map<string, Transformed>();
  for (const { recordId: id, transformed } of records) {
    if (!sent.has(id)) continue;
    byId.set(id, byId.has(id) ? errorOf("Lambda.DuplicatedRecordId") : transformed);
  }
  return { byId };
}

function refusalOf(code: string): TransformError {
  switch (code) {
    case "ResourceNotFoundException":
      return errorOf("Lambda.ResourceNotFound");
    case "AccessDeniedException":
      return errorOf("Lambda.InvokeAccessDenied");
    case "TooManyRequestsException":
      return errorOf("Lambda.InvokeLimitExceeded");
    default:
      return errorOf("Lambda.InvokeFailed");
  }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** `undefined`: not as a function is to answer. */
function parseRecords(answer: string): { recordId: string; transformed: Transformed }[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(answer);
  } catch {
    return undefined;
  }
  const records = (parsed as { records?: unknown } | null)?.records;
  if (!Array.isArray(records)) return undefined;
  const read: { recordId: string; transformed: Transformed }[] = [];
  for (const record of records) {
    const { recordId: id, result, data } = (record ?? {}) as Readonly<Record<string, unknown>>;
    const transformed = transformedOf(result, data);
    if (typeof id !== "string" || transformed === undefined) return undefined;
    read.push({ recordId: id, transformed });
  }
  return read;
}

function transformedOf(result: unknown, data: unknown): Transformed | undefined {
  switch (result) {
    case "Dropped":
      return "dropped";
    case "ProcessingFailed":
      return errorOf("Lambda.ProcessingFailedStatus");
    case "Ok": {
      if (typeof data !== "string" || !BASE64.test(data)) return undefined;
      const bytes = Buffer.from(data, "base64");
      return bytes.length > RECORD_BYTES_MAX * 6 ? undefined : bytes;
    }
    default:
      return undefined;
  }
}

function appendTransformed(
  unit: Unit,
  { stream }: Batch,
  entry: Entry,
  transformed: Transformed,
  attempt: { readonly attemptsMade: number; readonly endedMs: number; readonly lambdaArn: string },
): void {
  if (transformed === "dropped") return;
  if (transformed instanceof Buffer) {
    appendReady(unit, stream, transformed, entry.timeMs);
    return;
  }
  const line = {
    attemptsMade: attempt.attemptsMade,
    arrivalTimestamp: entry.timeMs,
    ...transformed,
    attemptEndingTimestamp: attempt.endedMs,
    rawData: bytesOf(entry).toString("base64"),
    lambdaArn: attempt.lambdaArn,
  };
  appendFailed(unit, stream, JSON.stringify(line));
}
