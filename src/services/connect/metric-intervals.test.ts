import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { localTime } from "./local-time.ts";
import { intervalAt, intervalsOf } from "./metric-intervals.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const ZONES = ["UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Asia/Beirut", "Australia/Lord_Howe"];

/** What an interval of a period has in common: the local date, the week, or the part of the local day. */
const NAMES = {
  FIFTEEN_MIN: ({ day, minute }: { day: number; minute: number }) => `${day} ${Math.floor(minute / 15)}`,
  HOUR: ({ day, minute }: { day: number; minute: number }) => `${day} ${Math.floor(minute / 60)}`,
  DAY: ({ day }: { day: number; minute: number }) => `${day}`,
  WEEK: ({ day }: { day: number; minute: number }) => `${Math.floor((day - 3) / 7)}`,
} as const;

test("intervals divide a time by the clock on the wall, also where it is changed", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom("FIFTEEN_MIN" as const, "HOUR" as const, "DAY" as const, "WEEK" as const),
      fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) }),
      fc.integer({ min: 1, max: 3 * DAY_MS }),
      (zone, period, startMs, lengthMs) => {
        const endMs = startMs + lengthMs * (period === "DAY" || period === "WEEK" ? 10 : 1);
        const intervals = intervalsOf({ startMs, endMs }, period, zone);
        const nameAt = (timeMs: number) => NAMES[period](localTime(zone, timeMs));
        assert.equal(intervals[0]?.startMs, startMs);
        assert.equal(intervals.at(-1)?.endMs, endMs);
        for (const [index, interval] of intervals.entries()) {
          const name = nameAt(interval.startMs);
          // A clock that goes back counts an hour, or a part of one, twice: as two intervals.
          for (let timeMs = interval.startMs; timeMs < interval.endMs; timeMs += 7 * MINUTE_MS) {
            assert.equal(nameAt(timeMs), name);
            assert.equal(intervalAt(intervals, timeMs), interval);
          }
          const next = intervals[index + 1];
          if (!next) continue;
          assert.equal(next.startMs, interval.endMs);
          if (period === "DAY" || period === "WEEK") assert.notEqual(nameAt(next.startMs), name);
        }
      },
    ),
  );
});

test("a day on which the clock is put forward has 23 hours, one on which it is put back 25", () => {
  const hours = (from: string, to: string) =>
    intervalsOf({ startMs: Date.parse(from), endMs: Date.parse(to) }, "DAY", "Europe/London").map(
      ({ startMs, endMs }) => (endMs - startMs) / HOUR_MS,
    );
  assert.deepEqual(hours("2026-03-28T00:00:00Z", "2026-03-30T23:00:00Z"), [24, 23, 24]);
  assert.deepEqual(hours("2026-10-23T23:00:00Z", "2026-10-27T00:00:00Z"), [24, 25, 24]);
});

test("no interval has a time before or behind them all", () => {
  const intervals = intervalsOf({ startMs: 10, endMs: 20 }, "TOTAL", "UTC");
  assert.equal(intervalAt(intervals, 9), undefined);
  assert.equal(intervalAt(intervals, 20), undefined);
});
