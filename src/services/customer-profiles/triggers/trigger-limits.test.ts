import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { capOf, countedTimes, expirationMs, type Period, periodsOf } from "./trigger-limits.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

test("without periods it is ten a day, and a period without a number allows ten", () => {
  assert.deepEqual(periodsOf(undefined), [{ unit: "DAYS", value: 1, max: 10, windowMs: DAY_MS }]);
  assert.deepEqual(periodsOf({ EventExpiration: 1 }), periodsOf(undefined));
  assert.deepEqual(periodsOf({ Periods: [{ Unit: "WEEKS", Value: 2 }] }), [
    { unit: "WEEKS", value: 2, max: 10, windowMs: 14 * DAY_MS },
  ]);
});

test("an unlimited period asks nothing, whatever number stands beside it", () => {
  assert.deepEqual(
    periodsOf({ Periods: [{ Unit: "DAYS", Value: 1, Unlimited: true, MaxInvocationsPerProfile: 1 }] }),
    [],
  );
  assert.equal(capOf([], [1, 2, 3], 3), undefined);
});

test("a cap says which period is used up, and from when on it is no more", () => {
  const periods = periodsOf({
    Periods: [
      { Unit: "HOURS", Value: 6, MaxInvocationsPerProfile: 2 },
      { Unit: "DAYS", Value: 1, MaxInvocationsPerProfile: 3 },
    ],
  });
  assert.equal(capOf(periods, [HOUR_MS], 2 * HOUR_MS), undefined);
  const cap = { unit: "HOURS", value: 6, max: 2, untilMs: 7 * HOUR_MS };
  assert.deepEqual(capOf(periods, [2 * HOUR_MS, HOUR_MS], 3 * HOUR_MS), cap);
  assert.equal(capOf(periods, [2 * HOUR_MS, HOUR_MS], 7 * HOUR_MS), undefined);
  assert.equal(capOf(periods, [HOUR_MS, 2 * HOUR_MS, 8 * HOUR_MS], 9 * HOUR_MS)?.unit, "DAYS");
});

test("with a campaign an event is of use for 15 minutes at most", () => {
  assert.equal(expirationMs(undefined, true), 900_000);
  assert.equal(expirationMs({ EventExpiration: 60_000 }, true), 60_000);
  assert.equal(expirationMs({ EventExpiration: 3_600_000 }, true), 900_000);
  assert.equal(expirationMs({ EventExpiration: 3_600_000 }, false), 3_600_000);
  assert.equal(expirationMs(undefined, false), undefined);
});

const anyPeriod: fc.Arbitrary<Period> = fc
  .record({ value: fc.integer({ min: 1, max: 60 }), max: fc.integer({ min: 1, max: 4 }) })
  .map(({ value, max }) => ({ unit: "MINUTES", value, max, windowMs: value * 60_000 }));

test("no window ever holds more than it may, and nothing is suppressed that had room", () => {
  fc.assert(
    fc.property(
      fc.array(anyPeriod, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 1_200_000 }), { maxLength: 60 }),
      (periods, waits) => {
        let [nowMs, counted] = [0, [] as readonly number[]];
        const fired: number[] = [];
        for (const wait of waits) {
          nowMs += wait;
          // The slow definition: all that has ever fired, of which so many lie in the window that ends now.
          const isFull = periods.some(
            ({ windowMs, max }) => fired.filter((timeMs) => timeMs > nowMs - windowMs).length >= max,
          );
          const cap = capOf(periods, counted, nowMs);
          assert.equal(cap !== undefined, isFull);
          if (cap) continue;
          counted = countedTimes(periods, counted, nowMs);
          fired.push(nowMs);
        }
      },
    ),
  );
});
