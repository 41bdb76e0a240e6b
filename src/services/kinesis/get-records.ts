import type {
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { ONE_CALL, type Rate, ratesOf } from "../rates.ts";
import { openToken, sealToken } from "../sealed-token.ts";
import type { Context } from "../service.ts";
import {
  type Shard,
  type Stream,
  type StreamKey,
  shardId,
  shardLog,
  streamArn,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { dryRunSucceeded } from "./dry-run.ts";
import { findShard, findStream, shardDoesNotExist } from "./find-stream.ts";
import { loadShards } from "./load-shards.ts";
import { TOKEN_MS } from "./next-token.ts";
import { SHARD_READ_BYTES_PER_SECOND, SHARD_READS_PER_SECOND } from "./quotas.ts";
import { childShards, readShard } from "./read-shard.ts";
import { noteRead } from "./seen-reads.ts";
import { sequenceOf } from "./starting-position.ts";

/** An opaque, authenticated position in a shard, valid for five minutes. */
export async function getShardIterator(
  input: Validated<GetShardIteratorInput>,
  context: Context,
): Promise<GetShardIteratorOutput> {
  const stream = await findStream(context.store, input, context, "GetShardIterator");
  const { map } = await loadShards(context.store, stream);
  const shard = findShard(stream, map, input.ShardId, context.clock.now());
  if (shard === undefined) throw shardDoesNotExist(stream, input.ShardId);
  takeCall("GetShardIterator", stream, shard, context);
  const position = {
    type: input.ShardIteratorType,
    sequenceNumber: input.StartingSequenceNumber,
    timestamp: input.Timestamp,
  };
  const sequence = await sequenceOf(position, stream, shard, context);
  if (input.DryRun) throw dryRunSucceeded();
  return { ShardIterator: await sealIterator(context, { stream, shardIndex: shard.index, sequence }) };
}

/** Bounds of one answer: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
const RECORDS_MAX = 10_000;
const ANSWER_BYTES_MAX = 10 * 1024 * 1024;

/**
 * Records from an iterator on, and the iterator to go on with. At the end of a closed shard there is none, but its child shards:
 * whoever reads them only then sees the records of each key in order.
 */
export async function getRecords(input: Validated<GetRecordsInput>, context: Context): Promise<GetRecordsOutput> {
  const iterator = await openIterator(context, input.ShardIterator);
  const id = shardId(iterator.shardIndex);
  const stream = await findIteratedStream(iterator, input, context);
  const { map } = await loadShards(context.store, stream);
  const shard = findShard(stream, map, id, context.clock.now());
  if (shard === undefined) throw shardDoesNotExist(stream, id);
  takeCall("GetRecords", stream, shard, context);
  if (input.DryRun) throw dryRunSucceeded();

  const limits = { entries: input.Limit ?? RECORDS_MAX, bytes: ANSWER_BYTES_MAX };
  const read = await readShard(context, stream, shard, iterator.sequence, limits);
  chargeBytes(stream, shard, read.bytes, context);
  const { principalArn: reader } = context;
  noteRead(context, shardLog(stream, shard.index), {
    kind: "GetRecords",
    reader,
    next: read.nextSequence,
    isOpen: false,
  });
  const position = { stream, shardIndex: shard.index, sequence: read.nextSequence };
  return {
    Records: [...read.records],
    MillisBehindLatest: read.millisBehindLatest,
    ...(read.drained
      ? { ChildShards: childShards(stream, map, shard, context.clock.now()) }
      : { NextShardIterator: await sealIterator(context, position) }),
  };
}

interface Iterator {
  readonly stream: StreamKey & { readonly id: string };
  readonly shardIndex: number;
  readonly sequence: number;
}

const ITERATOR = "iterator";

async function sealIterator(context: Context, { stream, shardIndex, sequence }: Iterator): Promise<string> {
  const { account, region, name, id } = stream;
  return sealToken(context, ITERATOR, [account, region, name, id, shardIndex, sequence]);
}

async function openIterator(context: Context, token: string): Promise<Iterator> {
  const opened = await openToken(context, ITERATOR, token);
  if (opened === undefined) throw new ModeledError("InvalidArgumentException", "Invalid ShardIterator.");
  const nowMs = context.clock.now();
  if (nowMs - opened.issuedMs > TOKEN_MS) {
    throw new ModeledError(
      "ExpiredIteratorException",
      `Iterator expired. The iterator was created at time ${clockText(opened.issuedMs)} while right now it is ${clockText(nowMs)} which is further in the future than the tolerated delay of ${TOKEN_MS} milliseconds.`,
    );
  }
  const [account, region, name, id, shardIndex, sequence] = opened.fields as [
    string,
    string,
    string,
    string,
    number,
    number,
  ];
  return { stream: { account, region, name, id }, shardIndex, sequence };
}

/** `Sat Nov 21 04:16:10 UTC 2026`. */
function clockText(timeMs: number): string {
  const [weekday, day, month, year, time] = new Date(timeMs).toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}

/** The iterator's stream, which may have been deleted since, and recreated: that one is another. */
async function findIteratedStream(
  iterator: Iterator,
  input: Validated<GetRecordsInput>,
  context: Context,
): Promise<Stream> {
  const arn = streamArn(iterator.stream);
  if (input.StreamARN !== undefined && input.StreamARN !== arn) {
    throw new ModeledError(
      "InvalidArgumentException",
      `StreamARN ${input.StreamARN} is not that of the stream of the ShardIterator.`,
    );
  }
  const current = await context.store.get(streams, streamDocumentId(iterator.stream));
  if (current?.id !== iterator.stream.id) throw shardDoesNotExist(iterator.stream, shardId(iterator.shardIndex));
  return findStream(context.store, { StreamARN: arn, StreamId: input.StreamId }, context, "GetRecords");
}

/** Five calls a second for each shard, and for GetRecords 2 MiB a second, of what earlier answers took. */
function takeCall(operation: "GetRecords" | "GetShardIterator", stream: Stream, shard: Shard, context: Context): void {
  if (!context.limits.enforced) return;
  const key = `kinesis ${operation} ${shardLog(stream, shard.index)}`;
  if (ratesOf(context.store).take(key, readRate(context), ONE_CALL, context.clock.now())) return;
  throw new ModeledError(
    "ProvisionedThroughputExceededException",
    `Rate exceeded for shard ${shardId(shard.index)} in stream ${stream.name} under account ${stream.account}.`,
  );
}

function chargeBytes(stream: Stream, shard: Shard, bytes: number, context: Context): void {
  if (!context.limits.enforced) return;
  const key = `kinesis GetRecords ${shardLog(stream, shard.index)}`;
  ratesOf(context.store).charge(key, readRate(context), { count: 0, bytes }, context.clock.now());
}

function readRate({ limits }: Context): Rate {
  return {
    perSecond: limits.value("kinesis.shard-reads-per-second", SHARD_READS_PER_SECOND),
    bytesPerSecond: limits.value("kinesis.shard-read-bytes-per-second", SHARD_READ_BYTES_PER_SECOND),
  };
}
