import type { ShardIteratorType } from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Platform } from "../service.ts";
import { type Shard, type Stream, shardId, shardLog } from "./documents.ts";
import { decodeSequenceNumber } from "./sequence-number.ts";

export interface StartingPosition {
  readonly type: ShardIteratorType;
  readonly sequenceNumber?: string | undefined;
  readonly timestamp?: Date | undefined;
}

/** The log sequence that a starting position means in a shard. Throws `InvalidArgumentException` with the real service's words. */
export async function sequenceOf(
  position: StartingPosition,
  stream: Stream,
  shard: Shard,
  context: Pick<Platform, "store" | "clock">,
): Promise<number> {
  const { type, sequenceNumber, timestamp } = position;
  const bySequenceNumber = type === "AT_SEQUENCE_NUMBER" || type === "AFTER_SEQUENCE_NUMBER";
  if (bySequenceNumber !== (sequenceNumber !== undefined)) {
    const which = sequenceNumber === undefined ? "no" : "also a";
    throw invalid(
      `Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${type} and ${which} StartingSequenceNumber.`,
    );
  }
  const log = shardLog(stream, shard.index);
  switch (type) {
    case "TRIM_HORIZON":
      return (await context.store.bounds(log, 0)).first;
    case "LATEST":
      return (await context.store.bounds(log, 0)).next;
    case "AT_TIMESTAMP":
      return context.store.sequenceAt(log, 0, timestampMs(timestamp, context));
    case "AT_SEQUENCE_NUMBER":
    case "AFTER_SEQUENCE_NUMBER": {
      const index = indexOf(sequenceNumber as string, stream, shard);
      // The end of a closed shard's range is far behind its last record.
      const { next } = await context.store.bounds(log, 0);
      return Math.max(1, Math.min(next, type === "AT_SEQUENCE_NUMBER" ? index : index + 1));
    }
  }
}

function timestampMs(timestamp: Date | undefined, context: Pick<Platform, "store" | "clock">): number {
  if (timestamp === undefined) {
    throw invalid(
      "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.",
    );
  }
  const nowMs = context.clock.now();
  if (timestamp.getTime() > nowMs) {
    throw invalid(
      `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${timestamp.getTime()}, currentTimestampInMillis: ${nowMs}`,
    );
  }
  return timestamp.getTime();
}

function indexOf(sequenceNumber: string, stream: Stream, shard: Shard): number {
  const decoded = decodeSequenceNumber(sequenceNumber);
  const used = `StartingSequenceNumber ${sequenceNumber} used in GetShardIterator on shard ${shardId(shard.index)} in stream ${stream.name} under account ${stream.account} is invalid`;
  if (decoded === undefined) throw invalid(`${used}.`);
  if (decoded.shardIndex !== shard.index) {
    throw invalid(
      `Invalid StartingSequenceNumber. It encodes ${shardId(decoded.shardIndex)}, while it was used in a call to a shard with ${shardId(shard.index)}`,
    );
  }
  if (decoded.createdSeconds !== shard.createdSeconds) {
    throw invalid(`${used} because it did not come from this stream.`);
  }
  return decoded.index;
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgumentException", message);
}
