import type {
  DisableEnhancedMonitoringInput,
  EnableEnhancedMonitoringInput,
  EnhancedMonitoringOutput,
  MetricsName,
} from "@aws-sdk/client-kinesis";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { streamArn, streamDocumentId, streams } from "./documents.ts";
import { findStream, type StreamReference } from "./find-stream.ts";

/** Keeps which shard-level metrics are wanted. They are not collected: there is no CloudWatch here. */
export async function enableEnhancedMonitoring(
  input: Validated<EnableEnhancedMonitoringInput>,
  context: Context,
): Promise<EnhancedMonitoringOutput> {
  const added = expand(input.ShardLevelMetrics);
  return changeMetrics(input, context, "EnableEnhancedMonitoring", (metrics) =>
    ALL_METRICS.filter((name) => metrics.includes(name) || added.includes(name)),
  );
}

export async function disableEnhancedMonitoring(
  input: Validated<DisableEnhancedMonitoringInput>,
  context: Context,
): Promise<EnhancedMonitoringOutput> {
  const removed = expand(input.ShardLevelMetrics);
  return changeMetrics(input, context, "DisableEnhancedMonitoring", (metrics) =>
    metrics.filter((name) => !removed.includes(name)),
  );
}

const ALL_METRICS: readonly MetricsName[] = [
  "IncomingBytes",
  "IncomingRecords",
  "OutgoingBytes",
  "OutgoingRecords",
  "WriteProvisionedThroughputExceeded",
  "ReadProvisionedThroughputExceeded",
  "IteratorAgeMilliseconds",
];

function expand(names: readonly MetricsName[]): readonly MetricsName[] {
  return names.includes("ALL") ? ALL_METRICS : names;
}

async function changeMetrics(
  reference: StreamReference,
  context: Context,
  action: string,
  change: (metrics: readonly MetricsName[]) => readonly MetricsName[],
): Promise<EnhancedMonitoringOutput> {
  return context.store.commit(async (unit) => {
    const stream = await findStream(unit, reference, context, action);
    const shardLevelMetrics = change(stream.shardLevelMetrics);
    unit.put(streams, streamDocumentId(stream), { ...stream, shardLevelMetrics });
    return {
      StreamName: stream.name,
      StreamARN: streamArn(stream),
      CurrentShardLevelMetrics: [...stream.shardLevelMetrics],
      DesiredShardLevelMetrics: [...shardLevelMetrics],
    };
  });
}
