/** Quotas and rates that hold with `--enforce-limits`, and that `--limit` changes. */
import type { Limit } from "../service.ts";
import { callRateLimits } from "./call-rates.ts";

const MIB = 1024 * 1024;

/** Of an account in the largest Regions. */
export const SHARDS_MAX = 20_000;
export const ON_DEMAND_STREAMS_MAX = 50;
export const CONSUMERS_PER_STREAM_MAX = 20;
export const SHARD_COUNT_UPDATES_PER_DAY_MAX = 10;
export const STREAM_MODE_UPDATES_PER_DAY_MAX = 2;
export const SHARD_RECORDS_PER_SECOND = 1000;
export const SHARD_WRITE_BYTES_PER_SECOND: number = MIB;
/** GetRecords, for all its callers together. */
export const SHARD_READS_PER_SECOND = 5;
export const SHARD_READ_BYTES_PER_SECOND: number = 2 * MIB;
/** SubscribeToShard, for each registered consumer. */
export const CONSUMER_BYTES_PER_SECOND: number = 2 * MIB;

const QUOTA_PAGE = "https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html";

export const kinesisLimits: readonly Limit[] = [
  { name: "kinesis.shards", default: SHARDS_MAX, meaning: "Open shards of an account in a Region", source: QUOTA_PAGE },
  {
    name: "kinesis.on-demand-streams",
    default: ON_DEMAND_STREAMS_MAX,
    meaning: "On-demand streams of an account in a Region",
    source: QUOTA_PAGE,
  },
  {
    name: "kinesis.consumers-per-stream",
    default: CONSUMERS_PER_STREAM_MAX,
    meaning: "Registered consumers of a stream",
    source: "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html",
  },
  {
    name: "kinesis.shard-count-updates-per-day",
    default: SHARD_COUNT_UPDATES_PER_DAY_MAX,
    meaning: "UpdateShardCount of a stream in 24 hours",
    source: "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html",
  },
  {
    name: "kinesis.stream-mode-updates-per-day",
    default: STREAM_MODE_UPDATES_PER_DAY_MAX,
    meaning: "UpdateStreamMode of a stream in 24 hours",
    source: "https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html",
  },
  {
    name: "kinesis.shard-records-per-second",
    default: SHARD_RECORDS_PER_SECOND,
    meaning: "Records that a shard takes in a second",
    source: QUOTA_PAGE,
  },
  {
    name: "kinesis.shard-write-bytes-per-second",
    default: SHARD_WRITE_BYTES_PER_SECOND,
    meaning: "Bytes that a shard takes in a second",
    source: QUOTA_PAGE,
  },
  {
    name: "kinesis.shard-reads-per-second",
    default: SHARD_READS_PER_SECOND,
    meaning: "GetRecords of a shard in a second",
    source: QUOTA_PAGE,
  },
  {
    name: "kinesis.shard-read-bytes-per-second",
    default: SHARD_READ_BYTES_PER_SECOND,
    meaning: "Bytes that GetRecords gives of a shard in a second",
    source: QUOTA_PAGE,
  },
  {
    name: "kinesis.consumer-bytes-per-second",
    default: CONSUMER_BYTES_PER_SECOND,
    meaning: "Bytes that a registered consumer gets of a shard in a second",
    source: QUOTA_PAGE,
  },
  ...callRateLimits,
];
