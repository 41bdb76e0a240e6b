import type { Handler, Service } from "../service.ts";
import * as account from "./account.ts";
import { STREAM_RECORDS } from "./append-records.ts";
import { rateLimited } from "./call-rates.ts";
import * as capacity from "./capacity.ts";
import { EXPIRY_TIMER, expireShards } from "./change-shards.ts";
import * as consumers from "./consumers.ts";
import * as encryption from "./encryption.ts";
import { policyOf, tagsOf } from "./find-resource.ts";
import { getRecords, getShardIterator } from "./get-records.ts";
import { listShards } from "./list-shards.ts";
import { mapOfStreams } from "./map.ts";
import * as monitoring from "./monitoring.ts";
import { putRecord, putRecords } from "./put-records.ts";
import { kinesisLimits } from "./quotas.ts";
import * as resharding from "./resharding.ts";
import * as policies from "./resource-policies.ts";
import * as retention from "./retention.ts";
import { createKinesisSink } from "./sink.ts";
import * as streams from "./streams.ts";
import { subscribeToShard } from "./subscribe-to-shard.ts";
import * as tags from "./tags.ts";

export { hasStream } from "./find-stream.ts";
export {
  type FollowedRecord,
  followStream,
  placesAtLatest,
  removePlaces,
  type StreamReader,
} from "./follow-stream.ts";
export {
  type LookedStream,
  type LookFrom,
  listStreamLooks,
  lookIntoStream,
  peekShard,
  type ReaderPlace,
  type ShardLook,
  type StreamLook,
} from "./look-into-stream.ts";
export { newestRecordMs } from "./newest-record.ts";
export { newestRecordsOfKey, type RecordPlace } from "./records-of-key.ts";
export { appendServiceRecord } from "./service-record.ts";
export { findStreamSource, type SourceShard, STREAM_SOURCE_COLLECTIONS, type StreamSource } from "./stream-source.ts";
export { type StreamTail, type TailedRecord, tailStream } from "./tail.ts";

const operations: Readonly<Record<string, Handler>> = {
  AddTagsToStream: tags.addTagsToStream,
  CreateStream: streams.createStream,
  DecreaseStreamRetentionPeriod: retention.decreaseStreamRetentionPeriod,
  DeleteResourcePolicy: policies.deleteResourcePolicy,
  DeleteStream: streams.deleteStream,
  DeregisterStreamConsumer: consumers.deregisterStreamConsumer,
  DescribeAccountSettings: account.describeAccountSettings,
  DescribeLimits: account.describeLimits,
  DescribeStream: streams.describeStream,
  DescribeStreamConsumer: consumers.describeStreamConsumer,
  DescribeStreamSummary: streams.describeStreamSummary,
  DisableEnhancedMonitoring: monitoring.disableEnhancedMonitoring,
  EnableEnhancedMonitoring: monitoring.enableEnhancedMonitoring,
  GetRecords: getRecords,
  GetResourcePolicy: policies.getResourcePolicy,
  GetShardIterator: getShardIterator,
  IncreaseStreamRetentionPeriod: retention.increaseStreamRetentionPeriod,
  ListShards: listShards,
  ListStreamConsumers: consumers.listStreamConsumers,
  ListStreams: streams.listStreams,
  ListTagsForResource: tags.listTagsForResource,
  ListTagsForStream: tags.listTagsForStream,
  MergeShards: resharding.mergeShards,
  PutRecord: putRecord,
  PutRecords: putRecords,
  PutResourcePolicy: policies.putResourcePolicy,
  RegisterStreamConsumer: consumers.registerStreamConsumer,
  RemoveTagsFromStream: tags.removeTagsFromStream,
  SplitShard: resharding.splitShard,
  StartStreamEncryption: encryption.startStreamEncryption,
  StopStreamEncryption: encryption.stopStreamEncryption,
  SubscribeToShard: subscribeToShard,
  TagResource: tags.tagResource,
  UntagResource: tags.untagResource,
  UpdateAccountSettings: account.updateAccountSettings,
  UpdateMaxRecordSize: capacity.updateMaxRecordSize,
  UpdateShardCount: resharding.updateShardCount,
  UpdateStreamMode: capacity.updateStreamMode,
  UpdateStreamRecordDistributionStrategy: capacity.updateStreamRecordDistributionStrategy,
  UpdateStreamWarmThroughput: capacity.updateStreamWarmThroughput,
};

/** Kinesis Data Streams. */
export const kinesis: Service = {
  map: mapOfStreams,
  operations: {
    kinesis: Object.fromEntries(
      Object.entries(operations).map(([operation, handler]) => [operation, rateLimited(operation, handler)]),
    ),
  },
  policies: { kinesis: policyOf },
  tags: { kinesis: tagsOf },
  limits: kinesisLimits,
  async start(platform) {
    platform.flow.metrics.describe(STREAM_RECORDS, "Records that were put into streams.");
    platform.flow.onTimer(EXPIRY_TIMER, (unit, timer) => expireShards(unit, platform, timer));
    platform.flow.sink("kinesis", "stream/", createKinesisSink(platform));
  },
};
