import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openStore } from "../../store/index.ts";
import { ManualClock, SystemWallClock } from "../../time/clock.ts";
import { addSums, DAY_MS, readSums, sumDays } from "./metrics.ts";

const INSTANCE = { account: "000000000000", region: "us-east-1", instanceId: "i" };
const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      add: fc.constantFrom("q1", "q2"),
      agent: fc.nat(4).map((number) => `agent-${number}`),
      // Late, too: what has begun long ago is told at its end.
      backHours: fc.constantFrom(0, 0, 0, 1, 5, 30),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ passHours: fc.constantFrom(0.2, 1, 3, 20) }) },
  { weight: 2, arbitrary: fc.constant("contact" as const) },
  { weight: 1, arbitrary: fc.constant("look" as const) },
);

test("days say what all additions come to, however much of them has been summed up", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { size: "large", maxLength: 150 }), async (steps) => {
      const clock = new ManualClock(START_MS);
      const store = await openStore({ directory: ":memory:", clock, wall: new SystemWallClock() });
      let nowMs = START_MS + 40 * HOUR_MS;
      const expected = new Map<string, number>();
      const check = async (): Promise<void> => {
        for (const QUEUE of ["q1", "q2"]) {
          for (let dayMs = START_MS; dayMs <= nowMs; dayMs += DAY_MS) {
            const range = { span: "DAY", fromMs: dayMs, beforeMs: dayMs + DAY_MS } as const;
            const parts = await readSums(store, INSTANCE, { dimension: "QUEUE", id: QUEUE }, range);
            const sum = parts.reduce((sum, { figures }) => sum + (figures.handled ?? 0), 0);
            assert.equal(sum, expected.get(`${QUEUE} ${dayMs}`) ?? 0);
          }
        }
      };
      for (const act of steps) {
        if (act === "look") await check();
        else if (act === "contact") await store.commit((unit) => sumDays(unit, INSTANCE, nowMs));
        else if ("passHours" in act) nowMs += act.passHours * HOUR_MS;
        else {
          const timeMs = nowMs - act.backHours * HOUR_MS;
          const dimensions = { QUEUE: act.add, AGENT: act.agent };
          const figures = { handled: act.count };
          await store.commit((unit) => addSums(unit, INSTANCE, dimensions, [{ timeMs, figures }]));
          const key = `${act.add} ${timeMs - (timeMs % DAY_MS)}`;
          expected.set(key, (expected.get(key) ?? 0) + act.count);
        }
      }
      await check();
      await store.close();
    }),
    { numRuns: 40 },
  );
});

test("what has been summed up is read in days alone", async () => {
  const store = await openStore({
    directory: ":memory:",
    clock: new ManualClock(START_MS),
    wall: new SystemWallClock(),
  });
  for (let hour = 0; hour < 30; hour++) {
    const addition = { timeMs: START_MS + hour * HOUR_MS, figures: { handled: 1 } };
    for (const AGENT of ["a", "b", "c"]) await store.commit((unit) => addSums(unit, INSTANCE, { AGENT }, [addition]));
  }
  for (let contact = 0; contact < 10; contact++) {
    await store.commit((unit) => sumDays(unit, INSTANCE, START_MS + 30 * HOUR_MS));
  }
  const range = { span: "DAY", fromMs: START_MS, beforeMs: START_MS + 2 * DAY_MS } as const;
  const parts = await readSums(store, INSTANCE, { dimension: "AGENT", id: "b" }, range);
  assert.deepEqual(
    parts.map(({ startMs, figures }) => [startMs, figures.handled]),
    [
      [START_MS, 24],
      [START_MS + DAY_MS, 6],
    ],
  );
  await store.close();
});
