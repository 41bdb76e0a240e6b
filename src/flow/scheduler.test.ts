import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceClock, createFlow } from "./index.ts";
import { declare, openWorld, PATIENCE_MS, readAll, START_MS, type World } from "./world.test.ts";

/** Timers of kind `note` write when they fired to the log `fired`. */
async function worldWithNotes(): Promise<World> {
  const world = await openWorld();
  await world.store.commit(async (unit) => declare(unit, "fired"));
  noteTimers(world);
  return world;
}

function noteTimers({ flow, clock }: Pick<World, "flow" | "clock">): void {
  flow.onTimer("note", async (unit, { id, payload }) => {
    unit.append("fired", id, JSON.stringify({ id, payload, atMs: clock.now() - START_MS }));
  });
}

async function schedule(
  { store, flow }: World,
  ...timers: [id: string, dueMs: number, kind?: string][]
): Promise<void> {
  await store.commit(async (unit) => {
    for (const [id, dueMs, kind = "note"] of timers) {
      flow.schedule(unit, { id, kind, dueMs: START_MS + dueMs, payload: { for: id } });
    }
  });
}

async function firedIn({ store }: World): Promise<string[]> {
  const fired = await readAll<{ id: string; atMs: number }>(store, "fired");
  return fired.map(({ id, atMs }) => `${id} at ${atMs}`);
}

test("timers fire in order of due time, each at its own", async () => {
  await using world = await worldWithNotes();
  await world.flow.start();
  await schedule(world, ["third", 3_000], ["first", 1_000], ["second", 2_000], ["later", 90_000]);

  await advanceClock(world.flow, world.clock, START_MS + 60_000, PATIENCE_MS);
  assert.deepEqual(await firedIn(world), ["first at 1000", "second at 2000", "third at 3000"]);
  assert.equal(await world.flow.nextDueMs(), START_MS + 90_000);
  assert.deepEqual(await readAll(world.store, "fired").then(([first]) => first), {
    id: "first",
    payload: { for: "first" },
    atMs: 1000,
  });
});

test("a timer that is due already fires at once", async () => {
  await using world = await worldWithNotes();
  await world.flow.start();
  await schedule(world, ["overdue", -5_000]);
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await firedIn(world), ["overdue at 0"]);
});

test("a timer may set the next one, and both fire in their time", async () => {
  await using world = await openWorld();
  await world.store.commit(async (unit) => declare(unit, "fired"));
  world.flow.onTimer("beat", async (unit, { id, kind, dueMs, payload }) => {
    unit.append("fired", id, JSON.stringify({ id, atMs: world.clock.now() - START_MS }));
    world.flow.schedule(unit, { id, kind, dueMs: dueMs + 120_000, payload });
  });
  await world.flow.start();
  await schedule(world, ["heart", 120_000, "beat"]);
  await advanceClock(world.flow, world.clock, START_MS + 500_000, PATIENCE_MS);
  assert.deepEqual(
    await firedIn(world),
    [120, 240, 360, 480].map((seconds) => `heart at ${seconds}000`),
  );
});

test("a timer that is moved fires at its new time only; one that is cancelled never does", async () => {
  await using world = await worldWithNotes();
  await world.flow.start();
  await schedule(world, ["moved", 1_000], ["cancelled", 1_000]);
  await schedule(world, ["moved", 2_000]);
  await world.store.commit(async (unit) => world.flow.cancel(unit, "cancelled"));
  await advanceClock(world.flow, world.clock, START_MS + 10_000, PATIENCE_MS);
  assert.deepEqual(await firedIn(world), ["moved at 2000"]);
});

test("a timer that another one moves or cancels at the same moment does not fire", async () => {
  await using world = await worldWithNotes();
  world.flow.onTimer("tidy", async (unit) => {
    world.flow.schedule(unit, { id: "moved", kind: "note", dueMs: START_MS + 5_000, payload: {} });
    world.flow.cancel(unit, "cancelled");
  });
  await world.flow.start();
  await schedule(world, ["moved", 1_000], ["cancelled", 1_000], ["and first of all", 999, "tidy"]);
  world.clock.moveTo(START_MS + 1_000);
  await advanceClock(world.flow, world.clock, START_MS + 10_000, PATIENCE_MS);
  assert.deepEqual(await firedIn(world), ["moved at 5000"]);
});

test("a timer that throws leaves nothing behind, holds up no other, and is tried again", async () => {
  await using world = await worldWithNotes();
  let broken = true;
  world.flow.onTimer("fragile", async (unit, { id }) => {
    unit.append("fired", id, JSON.stringify({ id, atMs: world.clock.now() - START_MS }));
    if (broken) throw new Error("broken");
  });
  await world.flow.start();
  await schedule(world, ["fragile", 1_000, "fragile"], ["sound", 1_000], ["after", 1_001]);
  await advanceClock(world.flow, world.clock, START_MS + 10_000, PATIENCE_MS);
  assert.deepEqual(await firedIn(world), ["sound at 1000", "after at 1001"]);
  assert.deepEqual(world.errors, ["A timer failed and will be tried again"]);

  broken = false;
  await advanceClock(world.flow, world.clock, START_MS + 100_000, PATIENCE_MS);
  assert.match((await firedIn(world)).at(-1) ?? "", /^fragile at /);
  assert.equal((await firedIn(world)).length, 3);
  assert.match(world.flow.metrics.text(), /trunkline_timers_total\{kind="fragile",outcome="fired"\} 1/);
});

test("a timer of a kind that nobody knows is kept until somebody does", async () => {
  await using world = await worldWithNotes();
  await world.flow.start();
  await schedule(world, ["strange", 1_000, "strange"], ["sound", 2_000]);
  await advanceClock(world.flow, world.clock, START_MS + 10_000, PATIENCE_MS);
  assert.deepEqual(await firedIn(world), ["sound at 2000"]);
  await world.flow.stop();

  const flow = createFlow(world.options);
  flow.onTimer("strange", async (unit, { id }) => void unit.append("fired", id, JSON.stringify({ id, atMs: 0 })));
  await flow.start();
  await advanceClock(flow, world.clock, START_MS + 100_000, PATIENCE_MS);
  await flow.stop();
  assert.deepEqual(await firedIn(world), ["sound at 2000", "strange at 0"]);
});

test("timers that fell due while nothing ran fire at the next start", async () => {
  await using world = await worldWithNotes();
  await schedule(world, ["second", 2_000], ["first", 1_000]);
  world.clock.moveTo(START_MS + 5_000);
  assert(!(await world.flow.drained(20_000)));
  await world.flow.start();
  assert(await world.flow.drained(PATIENCE_MS));
  assert.deepEqual(await firedIn(world), ["first at 5000", "second at 5000"]);
});
