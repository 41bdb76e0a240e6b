import type { DecreaseStreamRetentionPeriodInput, IncreaseStreamRetentionPeriodInput } from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import {
  horizonMs,
  retentionMs,
  type Stream,
  shardLog,
  shardMapDocumentId,
  shardMaps,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { findStream } from "./find-stream.ts";

/** https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html */
const RETENTION_HOURS_MIN = 24;
const RETENTION_HOURS_MAX = 8760;

/** Keeps records longer. What was out of retention before stays so. */
export async function increaseStreamRetentionPeriod(
  input: Validated<IncreaseStreamRetentionPeriodInput>,
  context: Context,
): Promise<Record<string, never>> {
  const hours = input.RetentionPeriodHours;
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "IncreaseStreamRetentionPeriod");
    assertInRange(hours);
    if (hours < stream.retentionHours) {
      throw invalid(
        `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than existing retention period (${stream.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
      );
    }
    await putRetention(unit, {
      ...stream,
      retentionHours: hours,
      visibleFromMs: horizonMs(stream, context.clock.now()),
    });
  });
  return {};
}

/** Keeps records for a shorter time. Those that are older are invisible at once. */
export async function decreaseStreamRetentionPeriod(
  input: Validated<DecreaseStreamRetentionPeriodInput>,
  context: Context,
): Promise<Record<string, never>> {
  const hours = input.RetentionPeriodHours;
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "DecreaseStreamRetentionPeriod");
    assertInRange(hours);
    if (hours > stream.retentionHours) {
      throw invalid(
        `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than existing retention period (${stream.retentionHours} hours). Use IncreaseRetentionPeriod API.`,
      );
    }
    await putRetention(unit, { ...stream, retentionHours: hours });
  });
  return {};
}

function assertInRange(hours: number): void {
  if (hours < RETENTION_HOURS_MIN) {
    throw invalid(
      `Minimum allowed retention period is ${RETENTION_HOURS_MIN} hours. Requested retention period (${hours} hours) is too short.`,
    );
  }
  if (hours > RETENTION_HOURS_MAX) {
    throw invalid(
      `Maximum allowed retention period is ${RETENTION_HOURS_MAX} hours. Requested retention period (${hours} hours) is too long.`,
    );
  }
}

async function putRetention(unit: Unit, stream: Stream): Promise<void> {
  const map = await unit.get(shardMaps, shardMapDocumentId(stream));
  for (const shard of map?.shards ?? []) {
    unit.declareLog({ name: shardLog(stream, shard.index), partitions: 1, keepMs: retentionMs(stream) });
  }
  unit.put(streams, streamDocumentId(stream), stream);
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgumentException", message);
}
