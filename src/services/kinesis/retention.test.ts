import assert from "node:assert/strict";
import { test } from "node:test";
import { decreaseStreamRetentionPeriod, increaseStreamRetentionPeriod } from "./retention.ts";
import { describeStream } from "./streams.ts";
import { createStreamNamed, HOUR_MS, openWorld, put, readAll, rejectsWith, START_MS } from "./world.test.ts";

const StreamName = "calls";

test("retention grows and shrinks between a day and a year", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const increase = (RetentionPeriodHours: number) =>
    increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours }, world);
  const decrease = (RetentionPeriodHours: number) =>
    decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours }, world);
  await increase(8760);
  await decrease(48);
  assert.equal((await describeStream({ StreamName }, world)).StreamDescription?.RetentionPeriodHours, 48);
  const code = "InvalidArgumentException";
  await rejectsWith(
    increase(47),
    code,
    "Requested retention period (47 hours) for stream calls can not be shorter than existing retention period (48 hours). Use DecreaseRetentionPeriod API.",
  );
  await rejectsWith(
    decrease(49),
    code,
    "Requested retention period (49 hours) for stream calls can not be longer than existing retention period (48 hours). Use IncreaseRetentionPeriod API.",
  );
  for (const change of [increase, decrease]) {
    await rejectsWith(
      change(23),
      code,
      "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.",
    );
    await rejectsWith(
      change(8761),
      code,
      "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.",
    );
  }
});

test("a shorter retention hides old records at once, and the log is kept as long as the stream says", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 72 }, world);
  await put(world, "calls", "old");
  world.clock.moveTo(START_MS + 48 * HOUR_MS);
  await put(world, "calls", "young");
  assert.deepEqual((await readAll(world, "calls")).texts, ["old", "young"]);
  const [log] = await world.store.logs("kinesis/");
  assert.equal(log?.keepMs, 72 * HOUR_MS);
  await decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 24 }, world);
  assert.deepEqual((await readAll(world, "calls")).texts, ["young"]);
  await increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 72 }, world);
  assert.deepEqual((await readAll(world, "calls")).texts, ["young"]);
});
