import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartitionBounds, Store } from "../store/store.ts";
import { openWorld, START_MS, type World } from "./world.test.ts";

const DAY_MS = 86_400_000;

async function append({ store }: World, log: string, count: number, bytes = 10): Promise<void> {
  await store.commit(async (unit) => {
    for (let index = 0; index < count; index++) unit.append(log, "key", "x".repeat(bytes));
  });
}

/** Waits until a log's bounds are as expected: trimming runs by itself, in wall time. */
async function reach(store: Store, log: string, first: number): Promise<PartitionBounds> {
  const deadline = AbortSignal.timeout(60_000);
  for (;;) {
    const bounds = await store.bounds(log, 0);
    if (bounds.first >= first) return bounds;
    assert(!deadline.aborted, `${log} begins at ${bounds.first}, not at ${first}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a log that is kept for a time loses what is older, in the domain's time", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => unit.declareLog({ name: "history", keepMs: 7 * DAY_MS }));
  await append(world, "history", 250);
  world.clock.moveTo(START_MS + 1);
  await append(world, "history", 5);
  world.clock.moveTo(START_MS + 1 + 7 * DAY_MS);
  await world.flow.start();
  assert.deepEqual(await reach(world.store, "history", 251), { first: 251, next: 256 });
});

test("what is older stays as long as a reader needs it", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => unit.declareLog({ name: "history", keepMs: DAY_MS }));
  await append(world, "history", 250);
  world.clock.moveTo(START_MS + 2 * DAY_MS);
  let failing = true;
  world.flow.consume({
    name: "slow",
    log: "history",
    batchEntries: 100,
    async handle(_unit, entries) {
      if (failing && entries[0]?.sequence === 101) throw new Error("not yet");
    },
  });
  await world.flow.start();
  assert.deepEqual(await reach(world.store, "history", 101), { first: 101, next: 251 });
  failing = false;
  assert.deepEqual(await reach(world.store, "history", 251), { first: 251, next: 251 });
});

test("a log that is kept up to a size loses its oldest entries", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => unit.declareLog({ name: "big", keepMs: DAY_MS, keepBytes: 100_000 }));
  await append(world, "big", 1_000, 1_000);
  await world.flow.start();
  await reach(world.store, "big", 901);
  assert((await world.store.logBytes("big")) <= 100_000);
  assert.deepEqual(await world.store.bounds("big", 0), { first: 901, next: 1_001 });
});

test("a bus is trimmed as soon as its readers have passed, and never before the last one", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => unit.declareLog({ name: "bus", keepMs: 0 }));
  const slow = Promise.withResolvers<void>();
  world.flow.consume({ name: "fast", log: "bus", async handle() {} });
  let failing = true;
  world.flow.consume({
    name: "slow",
    log: "bus",
    async handle(_unit, entries) {
      if (failing && (entries.at(-1)?.sequence ?? 0) > 256) {
        slow.resolve();
        throw new Error("not yet");
      }
    },
  });
  await world.flow.start();
  await append(world, "bus", 1_000);
  await slow.promise;
  assert.deepEqual(await reach(world.store, "bus", 257), { first: 257, next: 1_001 });
  failing = false;
  assert.deepEqual(await reach(world.store, "bus", 1_001), { first: 1_001, next: 1_001 });
});

test("a bus without a reader keeps everything: the reader may be yet to come", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => {
    unit.declareLog({ name: "bus", keepMs: 0 });
    unit.declareLog({ name: "zebra", keepMs: 1 });
  });
  await append(world, "bus", 300);
  await append(world, "zebra", 300);
  world.clock.moveTo(START_MS + 2);
  await world.flow.start();
  await reach(world.store, "zebra", 301);
  assert.equal((await world.store.bounds("bus", 0)).first, 1);
});
