import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceClock } from "./index.ts";
import { declare, openWorld, PATIENCE_MS, readAll, START_MS } from "./world.test.ts";

test("what a timer sets off is done before the next timer fires", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => declare(unit, "in", "out"));
  world.flow.onTimer("tick", async (unit, { id }) => void unit.append("in", id, JSON.stringify(id)));
  world.flow.consume({
    name: "stamper",
    log: "in",
    async handle(unit, entries) {
      for (const { key } of entries) unit.append("out", key, JSON.stringify([key, world.clock.now() - START_MS]));
    },
  });
  await world.flow.start();
  await world.store.commit(async (unit) => {
    for (const dueMs of [10, 20, 30]) {
      world.flow.schedule(unit, { id: `t${dueMs}`, kind: "tick", dueMs: START_MS + dueMs, payload: null });
    }
  });
  const advanced = await advanceClock(world.flow, world.clock, START_MS + 1_000, PATIENCE_MS);
  assert.deepEqual(advanced, { nowMs: START_MS + 1_000, running: [] });
  assert.deepEqual(await readAll(world.store, "out"), [
    ["t10", 10],
    ["t20", 20],
    ["t30", 30],
  ]);
});

test("an advance that does not come to rest stops there and says what still runs", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => declare(unit, "in"));
  world.flow.onTimer("tick", async (unit, { id }) => void unit.append("in", id, "1"));
  world.flow.consume({
    name: "stuck",
    log: "in",
    async handle() {
      throw new Error("stuck");
    },
  });
  await world.flow.start();
  await world.store.commit(async (unit) => {
    world.flow.schedule(unit, { id: "t", kind: "tick", dueMs: START_MS + 10, payload: null });
  });
  const advanced = await advanceClock(world.flow, world.clock, START_MS + 1_000, 100_000);
  assert.deepEqual(advanced, { nowMs: START_MS + 10, running: ["Consumer stuck of in, partition 0"] });
});
