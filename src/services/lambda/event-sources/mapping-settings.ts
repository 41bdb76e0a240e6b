import type { CreateEventSourceMappingRequest, UpdateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import type { MappingSettings, SourceKind } from "./mapping.ts";
import { compileFilter } from "./record-filter.ts";

/** What users can set, at creation or later. */
export type GivenSettings = Validated<
  Omit<CreateEventSourceMappingRequest, "FunctionName" | "EventSourceArn" | "Enabled" | "Tags"> &
    Omit<UpdateEventSourceMappingRequest, "UUID" | "FunctionName" | "Enabled">
>;

const STREAM_DEFAULTS: MappingSettings = {
  BatchSize: 100,
  MaximumBatchingWindowInSeconds: 0,
  ParallelizationFactor: 1,
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  BisectBatchOnFunctionError: false,
  TumblingWindowInSeconds: 0,
  FunctionResponseTypes: [],
  DestinationConfig: { OnFailure: {} },
};

const QUEUE_DEFAULTS: MappingSettings = {
  BatchSize: 10,
  MaximumBatchingWindowInSeconds: 0,
  FunctionResponseTypes: [],
};

/** Members of other sources, and what is not built. */
const FOR_OTHER_SOURCES = [
  "Topics",
  "Queues",
  "SourceAccessConfigurations",
  "SelfManagedEventSource",
  "AmazonManagedKafkaEventSourceConfig",
  "SelfManagedKafkaEventSourceConfig",
  "DocumentDBEventSourceConfig",
] as const;

const FOR_STREAMS = [
  "StartingPosition",
  "StartingPositionTimestamp",
  "ParallelizationFactor",
  "MaximumRecordAgeInSeconds",
  "MaximumRetryAttempts",
  "BisectBatchOnFunctionError",
  "TumblingWindowInSeconds",
] as const;

const RECORD_AGE_SECONDS_MIN = 60;
/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html#lambda-CreateEventSourceMapping-request-BatchSize */
const QUEUE_BATCH_WITHOUT_WINDOW_MAX = 10;

/** A mapping's settings after changes; `before` is absent at creation. Throws `InvalidParameterValueException` with the real service's words, as far as they are known. */
export function changedSettings(
  source: SourceKind,
  given: GivenSettings,
  { before, isFifo, nowMs }: { readonly before?: MappingSettings; readonly isFifo: boolean; readonly nowMs: number },
): MappingSettings {
  refuseForeign(source, given);
  const { StartingPositionTimestamp: startingTimestamp, FilterCriteria: criteria, ...others } = given;
  const defaults = source === "kinesis" ? STREAM_DEFAULTS : QUEUE_DEFAULTS;
  const { FilterCriteria: criteriaBefore, ...settingsBefore } = before ?? defaults;
  const filter = criteria ?? criteriaBefore;
  const settings: MappingSettings = {
    ...settingsBefore,
    ...(others as MappingSettings),
    ...(startingTimestamp !== undefined && { startingTimestampMs: startingTimestamp.getTime() }),
    ...(filter?.Filters?.length && { FilterCriteria: filter }),
    ...(source === "kinesis" && { DestinationConfig: destinationOf(given, settingsBefore) }),
  };
  compileFilter(filter);
  if (source === "kinesis") checkStream(settings, before === undefined ? nowMs : undefined);
  else checkQueue(settings, isFifo);
  return settings;
}

function refuseForeign(source: SourceKind, given: GivenSettings): void {
  for (const name of FOR_OTHER_SOURCES) {
    if (given[name] !== undefined) throw invalid(`${name} is not valid for ${nameOf(source)} event sources.`);
  }
  if (given.ProvisionedPollerConfig !== undefined) throw invalid("ProvisionedPollerConfig is not built in Trunkline.");
  if (given.TumblingWindowInSeconds) throw invalid("TumblingWindowInSeconds is not built in Trunkline.");
  if (given.MetricsConfig?.Metrics?.includes("KafkaMetrics")) {
    throw invalid(`KafkaMetrics is not valid for ${nameOf(source)} event sources.`);
  }
  if (source === "kinesis") {
    if (given.ScalingConfig !== undefined) throw invalid("ScalingConfig is not valid for Kinesis event sources.");
    return;
  }
  for (const name of FOR_STREAMS) {
    if (given[name] !== undefined) throw invalid(`${name} is not valid for SQS event sources.`);
  }
  if (given.DestinationConfig?.OnFailure?.Destination || given.DestinationConfig?.OnSuccess?.Destination) {
    throw invalid("DestinationConfig is not valid for SQS event sources.");
  }
}

function nameOf(source: SourceKind): string {
  return source === "kinesis" ? "Kinesis" : "SQS";
}

/** An empty destination takes it away. */
function destinationOf(
  given: GivenSettings,
  before: MappingSettings,
): NonNullable<MappingSettings["DestinationConfig"]> {
  if (given.DestinationConfig === undefined) return before.DestinationConfig ?? { OnFailure: {} };
  if (given.DestinationConfig.OnSuccess?.Destination) {
    throw invalid("OnSuccess destinations are not supported for event source mappings.");
  }
  const destination = given.DestinationConfig.OnFailure?.Destination;
  if (!destination) return { OnFailure: {} };
  if (!/^arn:aws:(sqs|sns|s3):/.test(destination)) {
    throw invalid(
      "Invalid destination config: the on-failure destination must be an SQS queue, an SNS topic or an S3 bucket.",
    );
  }
  if (destination.endsWith(".fifo"))
    throw invalid("Invalid destination config: FIFO queues and topics are not supported.");
  return { OnFailure: { Destination: destination } };
}

function checkStream(settings: MappingSettings, createdMs: number | undefined): void {
  const { StartingPosition: position, startingTimestampMs: timestampMs } = settings;
  if (position === undefined) throw constraint("null", "startingPosition", "Member must not be null.");
  if ((position === "AT_TIMESTAMP") !== (timestampMs !== undefined)) {
    throw invalid(
      position === "AT_TIMESTAMP"
        ? "StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP."
        : "StartingPositionTimestamp is only valid when StartingPosition is AT_TIMESTAMP.",
    );
  }
  if (createdMs !== undefined && timestampMs !== undefined && timestampMs > createdMs) {
    throw invalid("StartingPositionTimestamp must not be in the future.");
  }
  const age = settings.MaximumRecordAgeInSeconds ?? -1;
  if (age !== -1 && age < RECORD_AGE_SECONDS_MIN) {
    throw constraint(
      `'${age}'`,
      "maximumRecordAgeInSeconds",
      `Member must have value greater than or equal to ${RECORD_AGE_SECONDS_MIN}`,
    );
  }
}

function checkQueue(settings: MappingSettings, isFifo: boolean): void {
  const { BatchSize = 10, MaximumBatchingWindowInSeconds: window = 0 } = settings;
  if (isFifo && window > 0) throw invalid("Batching window is not supported for FIFO queues.");
  if (BatchSize <= QUEUE_BATCH_WITHOUT_WINDOW_MAX) return;
  if (isFifo) throw constraint(`'${BatchSize}'`, "batchSize", "Member must have value less than or equal to 10");
  if (window === 0) {
    throw invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  }
}

function constraint(value: string, path: string, rule: string): ModeledError {
  return invalid(`1 validation error detected: Value ${value} at '${path}' failed to satisfy constraint: ${rule}`);
}

export function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterValueException", message);
}
