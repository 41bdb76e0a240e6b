import assert from "node:assert/strict";
import { test } from "node:test";
import { disableEnhancedMonitoring, enableEnhancedMonitoring } from "./monitoring.ts";
import { describeStream } from "./streams.ts";
import { createStreamNamed, openWorld, rejectsWith } from "./world.test.ts";

test("shard-level metrics are switched on and off", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const StreamName = "calls";
  const ShardLevelMetrics = ["OutgoingBytes" as const, "IncomingBytes" as const];
  const enabled = await enableEnhancedMonitoring({ StreamName, ShardLevelMetrics }, world);
  assert.deepEqual(enabled.CurrentShardLevelMetrics, []);
  assert.deepEqual(enabled.DesiredShardLevelMetrics, ["IncomingBytes", "OutgoingBytes"]);
  const less = await disableEnhancedMonitoring({ StreamName, ShardLevelMetrics: ["IncomingBytes"] }, world);
  assert.deepEqual(less.DesiredShardLevelMetrics, ["OutgoingBytes"]);
  const all = await enableEnhancedMonitoring({ StreamName, ShardLevelMetrics: ["ALL"] }, world);
  assert.equal(all.DesiredShardLevelMetrics?.length, 7);
  await disableEnhancedMonitoring({ StreamName, ShardLevelMetrics: ["ALL"] }, world);
  const { StreamDescription } = await describeStream({ StreamName }, world);
  assert.deepEqual(StreamDescription?.EnhancedMonitoring, [{ ShardLevelMetrics: [] }]);
  const missing = enableEnhancedMonitoring({ StreamName: "none", ShardLevelMetrics }, world);
  await rejectsWith(missing, "ResourceNotFoundException", /Stream none/);
});
