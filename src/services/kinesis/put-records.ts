import type {
  PutRecordInput,
  PutRecordOutput,
  PutRecordsInput,
  PutRecordsOutput,
  PutRecordsResultEntry,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { appendRecords, type NewRecord, recordBytes, sequenceNumberOf } from "./append-records.ts";
import { encryptionKeyAt, type Stream, shardLog } from "./documents.ts";
import { dryRunSucceeded } from "./dry-run.ts";
import { findStream, type StreamReference } from "./find-stream.ts";
import { loadShards } from "./load-shards.ts";
import { decodeSequenceNumber } from "./sequence-number.ts";
import { reserveWrites } from "./write-rates.ts";

/** Appends a record to the shard that holds its hash key. Answers once it is durable. */
export async function putRecord(input: Validated<PutRecordInput>, context: Context): Promise<PutRecordOutput> {
  const record: NewRecord = {
    data: input.Data,
    partitionKey: input.PartitionKey,
    explicitHashKey: input.ExplicitHashKey,
    spread: context.requestId,
  };
  if (input.SequenceNumberForOrdering !== undefined) {
    await assertOrdering(input, input.SequenceNumberForOrdering, context);
  }
  const [refused] = await refusals(input, context, [record], "PutRecord");
  if (refused !== undefined) throw new ModeledError("ProvisionedThroughputExceededException", refused);

  const { stream, written } = await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "PutRecord");
    const [written] = await appendRecords(unit, context, stream, [record]);
    if (input.DryRun) throw dryRunSucceeded();
    return { stream, written };
  });
  if (written === undefined) throw new Error("A record was written and has no answer");
  return { ShardId: written.shard.id, SequenceNumber: sequenceNumberOf(written), ...encryption(stream, context) };
}

/** At most this much data and partition keys in a PutRecords request: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const REQUEST_MIB_MAX = 10;

/**
 * Appends up to 500 records in one unit. Records that their shard has no room for fail alone: callers resend those that carry an
 * ErrorCode.
 */
export async function putRecords(input: Validated<PutRecordsInput>, context: Context): Promise<PutRecordsOutput> {
  const records = input.Records.map((entry, i): NewRecord => {
    const { Data: data, PartitionKey: partitionKey, ExplicitHashKey: explicitHashKey } = entry;
    return { data, partitionKey, explicitHashKey, spread: `${context.requestId}/${i}` };
  });
  const requestBytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
  if (requestBytes > REQUEST_MIB_MAX * 1024 * 1024) {
    throw new ModeledError("InvalidArgumentException", `Records size exceeds ${REQUEST_MIB_MAX} MB limit`);
  }
  const refused = await refusals(input, context, records, "PutRecords");
  const accepted = refused.length === 0 ? records : records.filter((_, i) => refused[i] === undefined);

  const { stream, written } = await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "PutRecords");
    const written = await appendRecords(unit, context, stream, accepted);
    if (input.DryRun) throw dryRunSucceeded();
    return { stream, written };
  });

  const results = written.values();
  return {
    FailedRecordCount: records.length - accepted.length,
    Records: records.map((_, i): PutRecordsResultEntry => {
      const message = refused[i];
      if (message !== undefined) {
        return { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: message };
      }
      const { value } = results.next();
      return value === undefined ? {} : { SequenceNumber: sequenceNumberOf(value), ShardId: value.shard.id };
    }),
    ...encryption(stream, context),
  };
}

/** Nothing where limits do not hold, so that a write then costs one read of its stream. */
async function refusals(
  input: StreamReference,
  context: Context,
  records: readonly NewRecord[],
  action: string,
): Promise<readonly (string | undefined)[]> {
  if (!context.limits.enforced) return [];
  return reserveWrites(context, await findStream(context.store, input, context, action), records);
}

/**
 * A number handed out earlier for this stream is all that is asked: what is written now comes after it, since indexes count up
 * within a shard and creation times rise from parents to children.
 */
async function assertOrdering(input: StreamReference, number: string, context: Context): Promise<void> {
  const stream = await findStream(context.store, input, context, "PutRecord");
  const decoded = decodeSequenceNumber(number);
  const invalid = `ExclusiveMinimumSequenceNumber ${number} used in PutRecord on stream ${stream.name} under account ${stream.account} is invalid`;
  if (decoded === undefined || decoded.timeMs > context.clock.now()) {
    throw new ModeledError("InvalidArgumentException", `${invalid}.`);
  }
  const { map } = await loadShards(context.store, stream);
  const shard = map.shards.find((candidate) => candidate.index === decoded.shardIndex);
  const next = shard && (await context.store.bounds(shardLog(stream, shard.index), 0)).next;
  if (shard?.createdSeconds !== decoded.createdSeconds || next === undefined || decoded.index >= next) {
    throw new ModeledError("InvalidArgumentException", `${invalid} because it did not come from this stream.`);
  }
}

function encryption(stream: Stream, context: Context): { EncryptionType?: "KMS" } {
  return encryptionKeyAt(stream, context.clock.now()) === undefined ? {} : { EncryptionType: "KMS" };
}
