import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry, Unit } from "../store/store.ts";
import { type ConsumerOptions, createFlow } from "./index.ts";
import { declare, openWorld, PATIENCE_MS, readAll, type World } from "./world.test.ts";

/** Copies the log `in` to the log `out`. */
const copying: Pick<ConsumerOptions, "name" | "log" | "handle"> = {
  name: "copier",
  log: "in",
  async handle(unit, entries) {
    for (const { key, value } of entries) unit.append("out", key, value);
  },
};

async function worldWithLogs(): Promise<World> {
  const world = await openWorld();
  await world.store.commit(async (unit) => declare(unit, "in", "out"));
  return world;
}

async function append({ store }: World, ...values: number[]): Promise<void> {
  await store.commit(async (unit) => {
    for (const value of values) unit.append("in", "key", JSON.stringify(value));
  });
}

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

test("a consumer reads what is there and what comes, in order", async () => {
  await using world = await worldWithLogs();
  await append(world, ...numbers(1_000));
  world.flow.consume(copying);
  await world.flow.start();
  await append(world, ...numbers(10, 1_000));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await readAll(world.store, "out"), numbers(1_010));
});

test("nothing is consumed before the start", async () => {
  await using world = await worldWithLogs();
  await append(world, 1);
  world.flow.consume(copying);
  assert(!(await world.flow.drained(20_000)));
  assert.deepEqual(await readAll(world.store, "out"), []);
});

test("a consumer from the newest entry on skips what was there before", async () => {
  await using world = await worldWithLogs();
  await world.flow.start();
  await append(world, 1, 2);
  world.flow.consume({ ...copying, from: "newest" });
  assert(await world.flow.drained(PATIENCE_MS));
  await append(world, 3);
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await readAll(world.store, "out"), [3]);
});

test("a consumer goes on where it stopped, wherever it would begin anew", async () => {
  await using world = await worldWithLogs();
  await world.flow.start();
  const consumer = world.flow.consume(copying);
  await append(world, 1, 2);
  assert(await world.flow.drained(PATIENCE_MS));
  await consumer.stop();
  await append(world, 3, 4);
  world.flow.consume({ ...copying, from: "newest" });
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await readAll(world.store, "out"), [1, 2, 3, 4]);
});

test("a consumer that was forgotten begins anew", async () => {
  await using world = await worldWithLogs();
  await world.flow.start();
  const consumer = world.flow.consume(copying);
  await append(world, 1);
  assert(await world.flow.drained(PATIENCE_MS));
  await world.store.commit(async (unit) => consumer.forget(unit));
  await append(world, 2);
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await readAll(world.store, "out"), [1]);

  world.flow.consume(copying);
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await readAll(world.store, "out"), [1, 1, 2]);
});

test("two that run under one name write each output once", async () => {
  await using world = await worldWithLogs();
  const other = createFlow(world.options);
  for (const flow of [world.flow, other]) {
    flow.consume({ ...copying, batchEntries: 7 });
    await flow.start();
  }
  for (let from = 0; from < 1_000; from += 50) await append(world, ...numbers(50, from));
  assert((await world.flow.drained(PATIENCE_MS)) && (await other.drained(PATIENCE_MS)));
  await other.stop();
  assert.deepEqual(await readAll(world.store, "out"), numbers(1_000));
});

test("a handler that throws is tried again without losing order, and logged once", async () => {
  await using world = await worldWithLogs();
  let failures = 5;
  world.flow.consume({
    ...copying,
    batchEntries: 2,
    async handle(unit: Unit, entries: readonly Entry[], partition) {
      await copying.handle(unit, entries, partition);
      if (entries.some(({ value }) => value === "3") && failures-- > 0) throw new Error("broken");
    },
  });
  await world.flow.start();
  await append(world, ...numbers(10));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await readAll(world.store, "out"), numbers(10));
  assert.deepEqual(world.errors, ["Consumer copier of in, partition 0 failed and will be tried again"]);
});

test("a consumer that cannot go on is named by what still runs", async () => {
  await using world = await worldWithLogs();
  world.flow.consume({
    ...copying,
    async handle() {
      throw new Error("broken");
    },
  });
  await world.flow.start();
  await append(world, 1);
  assert(!(await world.flow.drained(100_000)));
  assert.deepEqual(world.flow.running(), ["Consumer copier of in, partition 0"]);
});

test("a consumer does not mind that its log is dropped", async () => {
  await using world = await worldWithLogs();
  world.flow.consume(copying);
  await world.flow.start();
  await append(world, 1);
  assert(await world.flow.drained(PATIENCE_MS));
  await world.store.commit(async (unit) => unit.dropLog("in"));
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(world.errors, []);
});
