import type { EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import { type Collection, collection, compositeKey } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { InvocationResult } from "../invoke-function.ts";

/**
 * An event source mapping: what reads a stream or a queue and invokes a function with what it reads.
 *
 * `settings` are the members of the API that it was created with, defaults filled in; they are shown as they are.
 */
export interface EventSourceMapping {
  readonly account: string;
  readonly region: string;
  readonly uuid: string;
  readonly sourceArn: string;
  readonly source: SourceKind;
  /** With its qualifier, where it was named with one. */
  readonly functionArn: string;
  readonly isEnabled: boolean;
  readonly settings: MappingSettings;
  readonly modifiedMs: number;
  /** Rises with each change by a user: a reader that has another one begins anew. */
  readonly revision: number;
  /** `OK`, `No records processed`, `PROBLEM: …`. Absent: a queue's mapping has none. */
  readonly lastResult?: string;
}

export type SourceKind = "kinesis" | "sqs";

export type MappingSettings = Pick<
  EventSourceMappingConfiguration,
  | "BatchSize"
  | "MaximumBatchingWindowInSeconds"
  | "ParallelizationFactor"
  | "StartingPosition"
  | "FilterCriteria"
  | "KMSKeyArn"
  | "MetricsConfig"
  | "LoggingConfig"
  | "ScalingConfig"
  | "DestinationConfig"
  | "MaximumRecordAgeInSeconds"
  | "BisectBatchOnFunctionError"
  | "MaximumRetryAttempts"
  | "TumblingWindowInSeconds"
  | "FunctionResponseTypes"
> & {
  /** Milliseconds: documents are plain JSON. */
  readonly startingTimestampMs?: number;
};

export const mappings: Collection<EventSourceMapping> = collection<EventSourceMapping>("lambda_event_source_mapping", {
  /** One mapping for a source and a function. */
  pair: {
    type: "text",
    unique: true,
    value: ({ account, region, sourceArn, functionArn }) => compositeKey(account, region, sourceArn, functionArn),
  },
  function: {
    type: "text",
    value: ({ account, region, functionArn, uuid }) => compositeKey(account, region, functionArn, uuid),
  },
});

export function mappingKey({ account, region, uuid }: Pick<EventSourceMapping, "account" | "region" | "uuid">): string {
  return compositeKey(account, region, uuid);
}

/** Counts the records or messages of a batch by what its function made of it, for the mapping's line on the map. */
export function countBatch(
  { flow }: Platform,
  { account, region, sourceArn, functionArn }: EventSourceMapping,
  records: number,
  result: Exclude<InvocationResult, { timedOut: true }>,
): void {
  const hasFailed = "refused" in result || result.functionError !== undefined;
  flow.countPassed({ account, region, from: sourceArn, to: functionArn }, records, hasFailed ? "failed" : "passed");
}

export function mappingArn({ account, region, uuid }: Pick<EventSourceMapping, "account" | "region" | "uuid">): string {
  return `arn:aws:lambda:${region}:${account}:event-source-mapping:${uuid}`;
}

/** A mapping as the API shows it; `state` where it is just on its way to another one. */
export function configurationOf(mapping: EventSourceMapping, state?: string): EventSourceMappingConfiguration {
  const { startingTimestampMs, ...settings } = mapping.settings;
  return {
    UUID: mapping.uuid,
    ...settings,
    ...(startingTimestampMs !== undefined && { StartingPositionTimestamp: new Date(startingTimestampMs) }),
    EventSourceArn: mapping.sourceArn,
    FunctionArn: mapping.functionArn,
    LastModified: new Date(mapping.modifiedMs),
    ...(mapping.lastResult !== undefined && { LastProcessingResult: mapping.lastResult }),
    State: state ?? (mapping.isEnabled ? "Enabled" : "Disabled"),
    StateTransitionReason: mapping.source === "sqs" ? "USER_INITIATED" : "User action",
    EventSourceMappingArn: mappingArn(mapping),
  };
}
