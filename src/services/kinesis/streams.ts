import type {
  CreateStreamInput,
  DeleteStreamInput,
  DescribeStreamInput,
  DescribeStreamOutput,
  DescribeStreamSummaryInput,
  DescribeStreamSummaryOutput,
  ListStreamsInput,
  ListStreamsOutput,
  StreamMode,
  StreamSummary,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import { listBehind } from "../list-page.ts";
import type { Context } from "../service.ts";
import { accountUsage, changeUsage, isCommitted } from "./account.ts";
import { assertShardCount, expiryTimerId } from "./change-shards.ts";
import {
  encryptionKeyAt,
  isExpired,
  retentionMs,
  type Stream,
  shardLog,
  shardMapDocumentId,
  shardMaps,
  streamArn,
  streamConsumers,
  streamDocumentId,
  streams,
} from "./documents.ts";
import { findStream } from "./find-stream.ts";
import { describeShard, startIndex } from "./list-shards.ts";
import { loadShards } from "./load-shards.ts";
import { nextToken, readNextToken } from "./next-token.ts";
import { initialShards } from "./shards.ts";
import { assertTagCount, assertTags } from "./tag-rules.ts";

/** A stream of on-demand mode begins with this many shards. */
const ON_DEMAND_SHARDS = 4;
const RETENTION_HOURS_DEFAULT = 24;
const RECORD_KIB_DEFAULT = 1024;

/** Creates a stream, active at once. Without a mode and a shard count it is on demand. */
export async function createStream(
  input: Validated<CreateStreamInput>,
  context: Context,
): Promise<Record<string, never>> {
  const stream = newStream(input, context);
  assertShardCount(stream, stream.openShardCount);
  assertTags(stream.tags);
  assertTagCount(stream.tags, `stream ${stream.name}`, stream.account);
  await context.store.commit(async (unit) => {
    if ((await unit.get(streams, streamDocumentId(stream))) !== undefined) {
      throw new ModeledError(
        "ResourceInUseException",
        `Stream ${stream.name} under account ${stream.account} already exists.`,
      );
    }
    if (stream.warmThroughputMiBps !== undefined) await assertWarmThroughputAllowed(unit, stream, context);
    const change = { openShards: stream.openShardCount, onDemandStreams: stream.mode === "ON_DEMAND" ? 1 : 0 };
    await changeUsage(unit, stream, change, context.limits);
    const map = initialShards(stream.openShardCount, stream.createdMs);
    for (const shard of map.shards) {
      unit.declareLog({ name: shardLog(stream, shard.index), partitions: 1, keepMs: retentionMs(stream) });
    }
    unit.put(shardMaps, shardMapDocumentId(stream), map);
    unit.put(streams, streamDocumentId(stream), stream);
  });
  return {};
}

function newStream(input: Validated<CreateStreamInput>, context: Context): Stream {
  const mode = modeOf(input);
  const distribution = input.RecordDistributionStrategy ?? "USER_PARTITION_KEY";
  if (distribution === "AUTO" && mode !== "ON_DEMAND") {
    throw invalid("RecordDistributionStrategy AUTO is only supported for data streams in on-demand capacity mode.");
  }
  const warm = input.WarmThroughputMiBps;
  return {
    account: context.account,
    region: context.region,
    name: input.StreamName,
    id: newStreamId(context),
    createdMs: context.clock.now(),
    mode,
    distribution,
    retentionHours: RETENTION_HOURS_DEFAULT,
    visibleFromMs: 0,
    maxRecordKiB: input.MaxRecordSizeInKiB ?? RECORD_KIB_DEFAULT,
    ...(warm === undefined ? {} : { warmThroughputMiBps: warm }),
    encrypted: [],
    shardLevelMetrics: [],
    tags: input.Tags ?? {},
    consumerCount: 0,
    openShardCount: input.ShardCount ?? Math.max(ON_DEMAND_SHARDS, warm ?? 0),
    shardMapRevision: 1,
    modeUpdatesMs: [],
    shardCountUpdatesMs: [],
  };
}

function modeOf({ StreamModeDetails, ShardCount }: Validated<CreateStreamInput>): StreamMode {
  const mode = StreamModeDetails?.StreamMode ?? (ShardCount === undefined ? "ON_DEMAND" : "PROVISIONED");
  if (mode === "PROVISIONED" && ShardCount === undefined) {
    throw invalid("ShardCount must be specified for data streams in provisioned capacity mode.");
  }
  if (mode === "ON_DEMAND" && ShardCount !== undefined) {
    throw invalid("ShardCount must not be specified for data streams in on-demand capacity mode.");
  }
  return mode;
}

/** `[a-z0-9]{20}-[a-z0-9]{3}`. */
function newStreamId({ ids }: Context): string {
  const characters = Array.from(ids.bytes(23), (byte) => (byte % 36).toString(36)).join("");
  return `${characters.slice(0, 20)}-${characters.slice(20)}`;
}

/** Most that an on-demand stream can be warmed up for: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamWarmThroughput.html */
const WARM_THROUGHPUT_MIBPS_MAX = 10 * 1024;

/** Warm throughput is for on-demand streams in accounts with a minimum throughput billing commitment. */
export async function assertWarmThroughputAllowed(unit: Unit, stream: Stream, context: Context): Promise<void> {
  if (stream.mode !== "ON_DEMAND") {
    throw new ModeledError(
      "ValidationException",
      "WarmThroughputMiBps is only supported for data streams in on-demand capacity mode.",
    );
  }
  if ((stream.warmThroughputMiBps ?? 0) > WARM_THROUGHPUT_MIBPS_MAX) {
    throw new ModeledError(
      "LimitExceededException",
      `WarmThroughputMiBps cannot be greater than ${WARM_THROUGHPUT_MIBPS_MAX}.`,
    );
  }
  const { commitment } = await accountUsage(unit, stream);
  if (!isCommitted(commitment, context.clock.now())) {
    throw new ModeledError(
      "ValidationException",
      `WarmThroughputMiBps requires that MinimumThroughputBillingCommitment is enabled for account ${stream.account}.`,
    );
  }
}

/** Deletes a stream with its records, tags and policy, at once. */
export async function deleteStream(
  input: Validated<DeleteStreamInput>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "DeleteStream");
    if (stream.consumerCount > 0 && !input.EnforceConsumerDeletion) {
      throw new ModeledError(
        "ResourceInUseException",
        `DeleteStream can't delete ${streamArn(stream)} because there are consumers associated with this data stream. To delete ${stream.name} anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers that are associated with it.`,
      );
    }
    await deleteConsumers(unit, stream);
    const map = await unit.get(shardMaps, shardMapDocumentId(stream));
    for (const shard of map?.shards ?? []) unit.dropLog(shardLog(stream, shard.index));
    const change = { openShards: -stream.openShardCount, onDemandStreams: stream.mode === "ON_DEMAND" ? -1 : 0 };
    await changeUsage(unit, stream, change, context.limits);
    context.flow.cancel(unit, expiryTimerId(stream));
    unit.delete(shardMaps, shardMapDocumentId(stream));
    unit.delete(streams, streamDocumentId(stream));
  });
  return {};
}

async function deleteConsumers(unit: Unit, stream: Stream): Promise<void> {
  const prefix = compositeKey(stream.account, stream.region, stream.id, "");
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await unit.list(streamConsumers, { prefix, limit: 1000, after });
    ids.push(...page.documents.map((consumer) => `${prefix}${compositeKey(consumer.name)}`));
    after = page.next;
  } while (after !== undefined);
  for (const id of ids) unit.delete(streamConsumers, id);
}

/** Shards in an answer at most, and where the request does not say: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html */
const DESCRIBED_SHARDS_MAX = 100;

export async function describeStream(
  input: Validated<DescribeStreamInput>,
  context: Context,
): Promise<DescribeStreamOutput> {
  const after = startIndex(input.ExclusiveStartShardId);
  const stream = await findStream(context.store, input, context, "DescribeStream");
  const { map } = await loadShards(context.store, stream);
  const nowMs = context.clock.now();
  const rest = map.shards.filter((shard) => shard.index > after && !isExpired(stream, shard, nowMs));
  const page = rest.slice(0, Math.min(input.Limit ?? DESCRIBED_SHARDS_MAX, DESCRIBED_SHARDS_MAX));
  return {
    StreamDescription: {
      ...describe(stream, nowMs),
      Shards: page.map(describeShard),
      HasMoreShards: page.length < rest.length,
    },
  };
}

export async function describeStreamSummary(
  input: Validated<DescribeStreamSummaryInput>,
  context: Context,
): Promise<DescribeStreamSummaryOutput> {
  const stream = await findStream(context.store, input, context, "DescribeStreamSummary");
  const warm = stream.warmThroughputMiBps;
  return {
    StreamDescriptionSummary: {
      ...describe(stream, context.clock.now()),
      StreamId: stream.id,
      OpenShardCount: stream.openShardCount,
      ConsumerCount: stream.consumerCount,
      MaxRecordSizeInKiB: stream.maxRecordKiB,
      ...(warm === undefined ? {} : { WarmThroughput: { TargetMiBps: warm, CurrentMiBps: warm } }),
      ...(stream.mode === "ON_DEMAND" ? { RecordDistributionStrategy: stream.distribution } : {}),
    },
  };
}

function describe(stream: Stream, nowMs: number) {
  const keyId = encryptionKeyAt(stream, nowMs);
  return {
    ...summarize(stream),
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.shardLevelMetrics] }],
    ...(keyId === undefined ? { EncryptionType: "NONE" as const } : { EncryptionType: "KMS" as const, KeyId: keyId }),
  };
}

function summarize(stream: Stream) {
  return {
    StreamName: stream.name,
    StreamARN: streamArn(stream),
    StreamStatus: "ACTIVE",
    StreamModeDetails: { StreamMode: stream.mode },
    StreamCreationTimestamp: new Date(stream.createdMs),
  } satisfies StreamSummary;
}

/** Streams in an answer at most, and where the request does not say: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html */
const LISTED_STREAMS_MAX = 100;

const PAGE = "ListStreams";

/** The caller's streams, by name. */
export async function listStreams(input: Validated<ListStreamsInput>, context: Context): Promise<ListStreamsOutput> {
  const { account, region, store } = context;
  const listing = { collection: streams, under: [account, region], nameOf: ({ name }: Stream) => name };
  const limit = Math.min(input.Limit ?? LISTED_STREAMS_MAX, LISTED_STREAMS_MAX);
  const found = await listBehind(store, listing, await lastListed(input, context), limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && page.length < found.length;
  return {
    StreamNames: page.map((stream) => stream.name),
    StreamSummaries: page.map(summarize),
    HasMoreStreams: more,
    ...(more ? { NextToken: await nextToken(context, PAGE, [last.name]) } : {}),
  };
}

async function lastListed(input: Validated<ListStreamsInput>, context: Context): Promise<string | undefined> {
  if (input.NextToken === undefined) return input.ExclusiveStartStreamName;
  if (input.ExclusiveStartStreamName !== undefined) {
    throw invalid("NextToken and ExclusiveStartStreamName cannot be provided together.");
  }
  const [name] = await readNextToken(context, PAGE, input.NextToken);
  return String(name);
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgumentException", message);
}
