import assert from "node:assert/strict";
import { test } from "node:test";
import { describeAccountSettings, describeLimits, updateAccountSettings } from "./account.ts";
import {
  updateMaxRecordSize,
  updateStreamMode,
  updateStreamRecordDistributionStrategy,
  updateStreamWarmThroughput,
} from "./capacity.ts";
import { createStream, describeStreamSummary } from "./streams.ts";
import { ACCOUNT, createStreamNamed, HOUR_MS, openWorld, rejectsWith, START_MS, type World } from "./world.test.ts";

const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;
const ON_DEMAND = { StreamModeDetails: { StreamMode: "ON_DEMAND" } } as const;
const PROVISIONED = { StreamModeDetails: { StreamMode: "PROVISIONED" } } as const;

async function summary(world: World) {
  return (await describeStreamSummary({ StreamName: "calls" }, world)).StreamDescriptionSummary;
}

async function commit(world: World, Status: "ENABLED" | "DISABLED") {
  const answer = await updateAccountSettings({ MinimumThroughputBillingCommitment: { Status } }, world);
  return answer.MinimumThroughputBillingCommitment;
}

test("a stream changes between provisioned and on demand, and keeps its shards", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls", 3);
  await updateStreamMode({ StreamARN, ...ON_DEMAND }, world);
  assert.deepEqual((await summary(world))?.StreamModeDetails, { StreamMode: "ON_DEMAND" });
  assert.equal((await summary(world))?.OpenShardCount, 3);
  assert.equal((await describeLimits({}, world)).OnDemandStreamCount, 1);
  await updateStreamMode({ StreamARN, ...PROVISIONED }, world);
  assert.equal((await describeLimits({}, world)).OnDemandStreamCount, 0);
  await rejectsWith(
    updateStreamMode({ StreamARN: `${StreamARN}2`, ...ON_DEMAND }, world),
    "ResourceNotFoundException",
    `Stream calls2 under account ${ACCOUNT} not found.`,
  );
});

test("with enforced limits a stream changes its mode twice a day", async () => {
  await using world = await openWorld({});
  await createStreamNamed(world, "calls");
  await updateStreamMode({ StreamARN, ...ON_DEMAND }, world);
  await updateStreamMode({ StreamARN, ...PROVISIONED }, world);
  const third = updateStreamMode({ StreamARN, ...ON_DEMAND }, world);
  await rejectsWith(third, "LimitExceededException", /2 times in the last 24 hours/);
  world.clock.moveTo(START_MS + 24 * HOUR_MS);
  await updateStreamMode({ StreamARN, ...ON_DEMAND }, world);
});

test("warm throughput scales a stream up, in an account with a commitment", async () => {
  await using world = await openWorld();
  await createStream({ StreamName: "calls" }, world);
  const warm = (WarmThroughputMiBps: number) => updateStreamWarmThroughput({ StreamARN, WarmThroughputMiBps }, world);
  await rejectsWith(warm(6), "ValidationException", /requires that MinimumThroughputBillingCommitment is enabled/);
  await commit(world, "ENABLED");
  assert.deepEqual(await warm(6), {
    StreamName: "calls",
    StreamARN,
    WarmThroughput: { TargetMiBps: 6, CurrentMiBps: 6 },
  });
  assert.equal((await summary(world))?.OpenShardCount, 6);
  assert.deepEqual((await summary(world))?.WarmThroughput, { TargetMiBps: 6, CurrentMiBps: 6 });
  await warm(2);
  assert.equal((await summary(world))?.OpenShardCount, 6);
  await rejectsWith(warm(10_241), "LimitExceededException", "WarmThroughputMiBps cannot be greater than 10240.");
  await updateStreamMode({ StreamARN, ...PROVISIONED }, world);
  assert.equal((await summary(world))?.WarmThroughput, undefined);
  await rejectsWith(warm(6), "ValidationException", /on-demand capacity mode/);
  await updateStreamMode({ StreamARN, ...ON_DEMAND, WarmThroughputMiBps: 8 }, world);
  assert.equal((await summary(world))?.OpenShardCount, 8);
});

test("a stream is created warm", async () => {
  await using world = await openWorld();
  await commit(world, "ENABLED");
  await createStream({ StreamName: "calls", WarmThroughputMiBps: 7, ...ON_DEMAND }, world);
  assert.equal((await summary(world))?.OpenShardCount, 7);
});

test("a billing commitment lasts at least a day", async () => {
  await using world = await openWorld();
  const StartedAt = new Date(START_MS);
  const EarliestAllowedEndAt = new Date(START_MS + 24 * HOUR_MS);
  const settings = async () => (await describeAccountSettings({}, world)).MinimumThroughputBillingCommitment;
  assert.deepEqual(await settings(), { Status: "DISABLED" });
  assert.deepEqual(await commit(world, "DISABLED"), { Status: "DISABLED" });
  assert.deepEqual(await commit(world, "ENABLED"), { Status: "ENABLED", StartedAt, EarliestAllowedEndAt });
  world.clock.moveTo(START_MS + HOUR_MS);
  const ending = { Status: "ENABLED_UNTIL_EARLIEST_ALLOWED_END", StartedAt, EarliestAllowedEndAt };
  assert.deepEqual(await commit(world, "DISABLED"), ending);
  assert.deepEqual(await commit(world, "ENABLED"), { Status: "ENABLED", StartedAt, EarliestAllowedEndAt });
  await commit(world, "DISABLED");
  world.clock.moveTo(START_MS + 24 * HOUR_MS);
  assert.deepEqual(await settings(), { Status: "DISABLED", StartedAt, EndedAt: EarliestAllowedEndAt });
});

test("how records are distributed is a setting of on-demand streams", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const distribute = () =>
    updateStreamRecordDistributionStrategy({ StreamARN, RecordDistributionStrategy: "AUTO" }, world);
  await rejectsWith(distribute(), "InvalidArgumentException", /on-demand capacity mode/);
  await updateStreamMode({ StreamARN, ...ON_DEMAND }, world);
  await distribute();
  assert.equal((await summary(world))?.RecordDistributionStrategy, "AUTO");
  await updateStreamMode({ StreamARN, ...PROVISIONED }, world);
  await updateStreamMode({ StreamARN, ...ON_DEMAND }, world);
  assert.equal((await summary(world))?.RecordDistributionStrategy, "USER_PARTITION_KEY");
});

test("the largest record size is the stream's", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await updateMaxRecordSize({ StreamARN, MaxRecordSizeInKiB: 10_240 }, world);
  assert.equal((await summary(world))?.MaxRecordSizeInKiB, 10_240);
  await rejectsWith(
    updateMaxRecordSize({ MaxRecordSizeInKiB: 1024 }, world),
    "InvalidArgumentException",
    "Either StreamName or StreamARN should be specified.",
  );
});
