import assert from "node:assert/strict";
import { test } from "node:test";
import { describeLimits } from "./account.ts";
import { registerStreamConsumer } from "./consumers.ts";
import { getShardIterator } from "./get-records.ts";
import { createStream, deleteStream, describeStream, describeStreamSummary, listStreams } from "./streams.ts";
import { addTagsToStream, listTagsForStream } from "./tags.ts";
import {
  ACCOUNT,
  createStreamNamed,
  openWorld,
  otherAccount,
  put,
  readAll,
  rejectsWith,
  START_MS,
} from "./world.test.ts";

const ARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;

test("a created stream is active at once and says what it is", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 2);
  const { StreamDescription } = await describeStream({ StreamName: "calls" }, world);
  assert.deepEqual(
    StreamDescription?.Shards?.map((shard) => shard.ShardId),
    ["shardId-000000000000", "shardId-000000000001"],
  );
  const { Shards: _, ...rest } = StreamDescription ?? {};
  assert.deepEqual(rest, {
    StreamName: "calls",
    StreamARN: ARN,
    StreamStatus: "ACTIVE",
    StreamModeDetails: { StreamMode: "PROVISIONED" },
    StreamCreationTimestamp: new Date(START_MS),
    RetentionPeriodHours: 24,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: "NONE",
    HasMoreShards: false,
  });
  const { StreamDescriptionSummary: summary } = await describeStreamSummary({ StreamARN: ARN }, world);
  assert.match(String(summary?.StreamId), /^[a-z0-9]{20}-[a-z0-9]{3}$/);
  assert.equal(summary?.OpenShardCount, 2);
  assert.equal(summary?.ConsumerCount, 0);
  assert.equal(summary?.MaxRecordSizeInKiB, 1024);
});

test("a stream is found by its name, its ARN and its id, which must agree", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await createStreamNamed(world, "texts");
  const { StreamDescriptionSummary: summary } = await describeStreamSummary({ StreamName: "calls" }, world);
  const StreamId = String(summary?.StreamId);
  for (const reference of [{ StreamARN: ARN }, { StreamId }, { StreamName: "calls", StreamARN: ARN, StreamId }]) {
    const found = await describeStreamSummary(reference, world);
    assert.equal(found.StreamDescriptionSummary?.StreamName, "calls");
  }
  const disagreeing = [
    { StreamName: "texts", StreamARN: ARN },
    { StreamName: "texts", StreamId },
  ];
  for (const reference of disagreeing) {
    await rejectsWith(
      describeStreamSummary(reference, world),
      "InvalidArgumentException",
      "StreamName, StreamARN and StreamId should refer to the same stream.",
    );
  }
  await rejectsWith(
    describeStream({}, world),
    "InvalidArgumentException",
    "Either StreamName or StreamARN should be specified.",
  );
  await rejectsWith(
    describeStream({ StreamId: "abcdefghij0123456789-abc" }, world),
    "ResourceNotFoundException",
    `Stream with id abcdefghij0123456789-abc under account ${ACCOUNT} not found.`,
  );
  await rejectsWith(
    describeStream({ StreamARN: `${ARN}/consumer/c:1` }, world),
    "ResourceNotFoundException",
    `Stream ${ARN}/consumer/c:1 not found.`,
  );
});

test("a name is taken once in an account and Region", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await rejectsWith(
    createStreamNamed(world, "calls"),
    "ResourceInUseException",
    `Stream calls under account ${ACCOUNT} already exists.`,
  );
  await createStreamNamed(otherAccount(world), "calls");
  await createStreamNamed(world.as({ region: "eu-central-1" }), "calls");
});

test("what does not go together is refused, and nothing is created", async () => {
  await using world = await openWorld();
  const StreamName = "calls";
  const onDemand = { StreamModeDetails: { StreamMode: "ON_DEMAND" as const } };
  const provisioned = { StreamModeDetails: { StreamMode: "PROVISIONED" as const } };
  const refused = [
    [{ StreamName, ...provisioned }, "InvalidArgumentException", /ShardCount must be specified/],
    [{ StreamName, ...onDemand, ShardCount: 1 }, "InvalidArgumentException", /ShardCount must not be specified/],
    [
      { StreamName, ShardCount: 1, RecordDistributionStrategy: "AUTO" as const },
      "InvalidArgumentException",
      /on-demand capacity mode/,
    ],
    [{ StreamName, ShardCount: 10_001 }, "LimitExceededException", /cannot be greater than 10000/],
    [{ StreamName, ShardCount: 1, Tags: { "aws:x": "1" } }, "InvalidArgumentException", /must not start with aws:/],
    [{ StreamName, ShardCount: 1, WarmThroughputMiBps: 1 }, "ValidationException", /on-demand capacity mode/],
    [{ StreamName, ...onDemand, WarmThroughputMiBps: 1 }, "ValidationException", /BillingCommitment is enabled/],
  ] as const;
  for (const [input, code, message] of refused) await rejectsWith(createStream(input, world), code, message);
  assert.deepEqual((await listStreams({}, world)).StreamNames, []);
});

test("a stream without mode and shard count is on demand, with four shards", async () => {
  await using world = await openWorld();
  await createStream({ StreamName: "calls" }, world);
  const { StreamDescriptionSummary: summary } = await describeStreamSummary({ StreamName: "calls" }, world);
  assert.deepEqual(summary?.StreamModeDetails, { StreamMode: "ON_DEMAND" });
  assert.equal(summary?.OpenShardCount, 4);
  assert.equal(summary?.RecordDistributionStrategy, "USER_PARTITION_KEY");
});

test("a stream that was deleted and created again starts empty, under another id", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await addTagsToStream({ StreamName: "calls", Tags: { team: "a" } }, world);
  await put(world, "calls", "contact");
  await deleteStream({ StreamName: "calls" }, world);
  await rejectsWith(
    describeStream({ StreamName: "calls" }, world),
    "ResourceNotFoundException",
    `Stream calls under account ${ACCOUNT} not found.`,
  );
  await createStreamNamed(world, "calls");
  assert.deepEqual((await readAll(world, "calls")).texts, []);
  assert.deepEqual((await listTagsForStream({ StreamName: "calls" }, world)).Tags, []);
  assert.equal((await describeLimits({}, world)).OpenShardCount, 1);
});

test("a stream with registered consumers is deleted only on request, and they go with it", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await registerStreamConsumer({ StreamARN: ARN, ConsumerName: "reader" }, world);
  await rejectsWith(
    deleteStream({ StreamName: "calls" }, world),
    "ResourceInUseException",
    `DeleteStream can't delete ${ARN} because there are consumers associated with this data stream. To delete calls anyway, set the EnforceConsumerDeletion parameter to true to force the deletion of all the consumers that are associated with it.`,
  );
  await deleteStream({ StreamName: "calls", EnforceConsumerDeletion: true }, world);
  await createStreamNamed(world, "calls");
  await registerStreamConsumer({ StreamARN: ARN, ConsumerName: "reader" }, world);
});

test("DescribeStream pages the shards", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 5);
  const first = await describeStream({ StreamName: "calls", Limit: 3 }, world);
  assert.equal(first.StreamDescription?.Shards?.length, 3);
  assert.equal(first.StreamDescription?.HasMoreShards, true);
  const ExclusiveStartShardId = "shardId-000000000002";
  const second = await describeStream({ StreamName: "calls", ExclusiveStartShardId }, world);
  assert.equal(second.StreamDescription?.Shards?.length, 2);
  assert.equal(second.StreamDescription?.HasMoreShards, false);
  await rejectsWith(
    describeStream({ StreamName: "calls", ExclusiveStartShardId: "x" }, world),
    "InvalidArgumentException",
    "Shard id x is invalid.",
  );
});

test("ListStreams pages by name, and sees no other account's streams", async () => {
  await using world = await openWorld();
  for (const name of ["b", "a", "a.b", "c", "a-b"]) await createStreamNamed(world, name);
  await createStreamNamed(otherAccount(world), "foreign");
  const first = await listStreams({ Limit: 2 }, world);
  assert.deepEqual(first.StreamNames, ["a", "a-b"]);
  assert.equal(first.HasMoreStreams, true);
  const second = await listStreams({ NextToken: String(first.NextToken) }, world);
  assert.deepEqual(second.StreamNames, ["a.b", "b", "c"]);
  assert.equal(second.HasMoreStreams, false);
  assert.equal(second.StreamSummaries?.[1]?.StreamStatus, "ACTIVE");
  const byName = await listStreams({ ExclusiveStartStreamName: "a" }, world);
  assert.deepEqual(byName.StreamNames, ["a-b", "a.b", "b", "c"]);
});

test("a NextToken is refused when it is forged, expired, of another account, or with a start", async () => {
  await using world = await openWorld();
  for (const name of ["a", "b"]) await createStreamNamed(world, name);
  const NextToken = String((await listStreams({ Limit: 1 }, world)).NextToken);
  const invalid = "NextToken is invalid.";
  await rejectsWith(listStreams({ NextToken: "forged" }, world), "InvalidArgumentException", invalid);
  await rejectsWith(listStreams({ NextToken }, otherAccount(world)), "InvalidArgumentException", invalid);
  const iterator = await getShardIterator(
    { StreamName: "a", ShardId: "shardId-000000000000", ShardIteratorType: "LATEST" },
    world,
  );
  const NotAToken = String(iterator.ShardIterator);
  await rejectsWith(listStreams({ NextToken: NotAToken }, world), "InvalidArgumentException", invalid);
  await rejectsWith(
    listStreams({ NextToken, ExclusiveStartStreamName: "a" }, world),
    "InvalidArgumentException",
    "NextToken and ExclusiveStartStreamName cannot be provided together.",
  );
  world.clock.moveTo(START_MS + 300_001);
  await rejectsWith(listStreams({ NextToken }, world), "ExpiredNextTokenException", /300000 milliseconds/);
});

test("with enforced limits an account has so many shards and on-demand streams", async () => {
  await using world = await openWorld({ "kinesis.shards": 6, "kinesis.on-demand-streams": 1 });
  await createStream({ StreamName: "a" }, world);
  await rejectsWith(
    createStream({ StreamName: "b" }, world),
    "LimitExceededException",
    `This request would exceed the shard limit for the account ${ACCOUNT} in us-east-1. Current shard count for the account: 4. Limit: 6. Number of additional shards that would have resulted from this request: 4. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.`,
  );
  await createStreamNamed(world, "b", 2);
  assert.deepEqual(await describeLimits({}, world), {
    ShardLimit: 6,
    OpenShardCount: 6,
    OnDemandStreamCount: 1,
    OnDemandStreamCountLimit: 1,
  });
  await deleteStream({ StreamName: "b" }, world);
  await createStreamNamed(world, "b", 2);
});
