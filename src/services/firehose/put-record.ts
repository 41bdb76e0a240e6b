import type {
  PutRecordBatchInput,
  PutRecordBatchOutput,
  PutRecordInput,
  PutRecordOutput,
} from "@aws-sdk/client-firehose";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Appended, Unit } from "../../store/store.ts";
import { type Rate, ratesOf } from "../rates.ts";
import type { Context, Platform } from "../service.ts";
import { type DeliveryStream, getStream, type StreamName } from "./delivery-stream.ts";
import { invalidArgument } from "./errors.ts";
import { BATCH_BYTES_MAX } from "./limits.ts";
import { processingOf } from "./processing.ts";
import { PUT_BYTES, PUT_RECORDS, PUT_REQUESTS } from "./quotas.ts";
import { appendSource, recordId } from "./records.ts";

/** Takes a record. Answers once it is durable. */
export async function putRecord(input: Validated<PutRecordInput>, context: Context): Promise<PutRecordOutput> {
  const { Data: data } = input.Record;
  await takeRates(context, input.DeliveryStreamName, { count: 1, bytes: data.length });
  const { stream, appended } = await context.store.commit(async (unit) => {
    const stream = await openStream(unit, input.DeliveryStreamName, context);
    return { stream, appended: appendSource(unit, stream, data) };
  });
  return { RecordId: recordId(appended), Encrypted: stream.encryption !== undefined };
}

/** Takes up to 500 records in one unit: all of them or none. */
export async function putRecordBatch(
  input: Validated<PutRecordBatchInput>,
  context: Context,
): Promise<PutRecordBatchOutput> {
  const records = input.Records.map(({ Data }) => Data);
  const bytes = records.reduce((sum, data) => sum + data.length, 0);
  if (bytes > BATCH_BYTES_MAX) {
    throw invalidArgument(`Records size exceeds ${BATCH_BYTES_MAX / 1024 ** 2} MB limit`);
  }
  await takeRates(context, input.DeliveryStreamName, { count: records.length, bytes });
  const { stream, appended } = await context.store.commit(async (unit) => {
    const stream = await openStream(unit, input.DeliveryStreamName, context);
    return { stream, appended: records.map((data): Appended => appendSource(unit, stream, data)) };
  });
  return {
    FailedPutCount: 0,
    Encrypted: stream.encryption !== undefined,
    RequestResponses: appended.map((each) => ({ RecordId: recordId(each) })),
  };
}

/** The stream that a caller puts to, in the unit that appends to it. Throws `InvalidArgumentException` for one that has another source. */
async function openStream(unit: Unit, name: string, { account, region }: Context): Promise<DeliveryStream> {
  const stream = await getStream(unit, { account, region, name });
  if (stream.type !== "DirectPut") throw notDirect(stream);
  if (processingOf(stream.destination.processing).decompresses) {
    throw new ModeledError("InvalidSourceException", ONLY_LOGS);
  }
  return stream;
}

export const ONLY_LOGS =
  "Only requests from CloudWatch Logs are supported when CloudWatch Logs decompression is enabled.";

export function notDirect({ name }: DeliveryStream): ModeledError {
  return invalidArgument(
    `This operation is not permitted on KinesisStreamAsSource delivery stream type: the source of ${name} is a Kinesis data stream.`,
  );
}

interface Taken {
  readonly count: number;
  readonly bytes: number;
}

/** Throws `ServiceUnavailableException` beyond a stream's rates. */
async function takeRates(context: Context, name: string, records: Taken): Promise<void> {
  if (!context.limits.enforced) return;
  const { account, region, store, clock } = context;
  const key = rateKey({ account, region, name });
  const requests = { perSecond: context.limits.value(PUT_REQUESTS.name, PUT_REQUESTS.default) };
  const nowMs = clock.now();
  const isTaken =
    ratesOf(store).take(`${key} requests`, requests, { count: 1, bytes: 0 }, nowMs) &&
    ratesOf(store).take(key, recordRate(context), records, nowMs);
  if (!isTaken) throw new ModeledError("ServiceUnavailableException", "Slow down.");
}

export function rateKey({ account, region, name }: StreamName): string {
  return `firehose put ${account} ${region} ${name}`;
}

/** Records and bytes a second of one stream. */
export function recordRate({ limits }: Pick<Platform, "limits">): Rate {
  return {
    perSecond: limits.value(PUT_RECORDS.name, PUT_RECORDS.default),
    bytesPerSecond: limits.value(PUT_BYTES.name, PUT_BYTES.default),
  };
}
