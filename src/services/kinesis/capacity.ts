import type {
  UpdateMaxRecordSizeInput,
  UpdateStreamModeInput,
  UpdateStreamRecordDistributionStrategyInput,
  UpdateStreamWarmThroughputInput,
  UpdateStreamWarmThroughputOutput,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { changeUsage } from "./account.ts";
import { putShards } from "./change-shards.ts";
import { type Stream, streamArn, streamDocumentId, streams } from "./documents.ts";
import { findStream } from "./find-stream.ts";
import { withinLastDay } from "./last-day.ts";
import { loadShardsIn } from "./load-shards.ts";
import { STREAM_MODE_UPDATES_PER_DAY_MAX } from "./quotas.ts";
import { Resharding } from "./shards.ts";
import { assertWarmThroughputAllowed } from "./streams.ts";

/** Switches between provisioned and on-demand capacity. The shards stay as they are. */
export async function updateStreamMode(
  input: Validated<UpdateStreamModeInput>,
  context: Context,
): Promise<Record<string, never>> {
  const mode = input.StreamModeDetails.StreamMode;
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "UpdateStreamMode");
    const updatesMs = withinLastDay(stream.modeUpdatesMs, context);
    assertUpdates(stream, updatesMs, context);
    if (mode !== stream.mode) {
      const change = { openShards: 0, onDemandStreams: mode === "ON_DEMAND" ? 1 : -1 };
      await changeUsage(unit, stream, change, context.limits);
    }
    const { warmThroughputMiBps: _, ...rest } = stream;
    const updated: Stream = {
      ...rest,
      mode,
      // Both are settings of on-demand streams only.
      distribution: mode === "ON_DEMAND" ? stream.distribution : "USER_PARTITION_KEY",
      modeUpdatesMs: [...updatesMs, context.clock.now()],
    };
    const warm = input.WarmThroughputMiBps;
    if (warm === undefined) unit.put(streams, streamDocumentId(updated), updated);
    else await warmUp(unit, context, { ...updated, warmThroughputMiBps: warm });
  });
  return {};
}

/** Twice in 24 hours: https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html */
function assertUpdates(stream: Stream, updatesMs: readonly number[], { limits }: Context): void {
  const updatesMax = limits.value("kinesis.stream-mode-updates-per-day", STREAM_MODE_UPDATES_PER_DAY_MAX);
  if (!limits.enforced || updatesMs.length < updatesMax) return;
  throw new ModeledError(
    "LimitExceededException",
    `The capacity mode of stream ${stream.name} under account ${stream.account} has been updated ${updatesMs.length} times in the last 24 hours. Limit: ${updatesMax}.`,
  );
}

/** Scales an on-demand stream up to a throughput before it is needed. A lower value only releases: shards are not merged. */
export async function updateStreamWarmThroughput(
  input: Validated<UpdateStreamWarmThroughputInput>,
  context: Context,
): Promise<UpdateStreamWarmThroughputOutput> {
  const warm = input.WarmThroughputMiBps;
  const stream = await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "UpdateStreamWarmThroughput");
    await warmUp(unit, context, { ...stream, warmThroughputMiBps: warm });
    return stream;
  });
  return {
    StreamName: stream.name,
    StreamARN: streamArn(stream),
    WarmThroughput: { TargetMiBps: warm, CurrentMiBps: warm },
  };
}

/** A shard takes 1 MiB a second, so as many shards as MiB. */
async function warmUp(unit: Unit, context: Context, stream: Stream): Promise<void> {
  await assertWarmThroughputAllowed(unit, stream, context);
  const shards = stream.warmThroughputMiBps ?? 0;
  if (shards <= stream.openShardCount) {
    unit.put(streams, streamDocumentId(stream), stream);
    return;
  }
  const { map } = await loadShardsIn(unit, context.store, stream);
  const change = new Resharding(map, context.clock.now());
  change.scaleTo(shards);
  await putShards(unit, context, stream, { before: map, after: change.result() });
}

export async function updateMaxRecordSize(
  input: Validated<UpdateMaxRecordSizeInput>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "UpdateMaxRecordSize");
    unit.put(streams, streamDocumentId(stream), { ...stream, maxRecordKiB: input.MaxRecordSizeInKiB });
  });
  return {};
}

/** Whether partition keys or the stream itself decide which shard a record goes to. Holds for records written from now on. */
export async function updateStreamRecordDistributionStrategy(
  input: Validated<UpdateStreamRecordDistributionStrategyInput>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "UpdateStreamRecordDistributionStrategy");
    const distribution = input.RecordDistributionStrategy;
    if (stream.mode !== "ON_DEMAND") {
      throw new ModeledError(
        "InvalidArgumentException",
        "RecordDistributionStrategy is only supported for data streams in on-demand capacity mode.",
      );
    }
    unit.put(streams, streamDocumentId(stream), { ...stream, distribution });
  });
  return {};
}
