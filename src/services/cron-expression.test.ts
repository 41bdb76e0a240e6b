import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCron } from "./cron-expression.ts";

const DAY_MS = 86_400_000;

/** A field: its text, and whether a value meets it. */
interface Field {
  readonly text: string;
  readonly has: (value: number) => boolean;
}

const anyOf = (min: number, max: number): fc.Arbitrary<Field> => {
  const value = fc.integer({ min, max });
  return fc.oneof(
    fc.constant({ text: "*", has: () => true }),
    value.map((one) => ({ text: String(one), has: (n: number) => n === one })),
    fc.tuple(value, value).map(([a, b]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      return { text: `${from}-${to}`, has: (n: number) => n >= from && n <= to };
    }),
    fc.tuple(value, fc.integer({ min: 1, max: max - min + 1 })).map(([from, step]) => ({
      text: `${from}/${step}`,
      has: (n: number) => n >= from && (n - from) % step === 0,
    })),
    fc.array(value, { minLength: 2, maxLength: 3 }).map((list) => ({
      text: list.join(","),
      has: (n: number) => list.includes(n),
    })),
  );
};

/** A condition on days, as the two fields say it of which one is `?`. */
interface Days {
  readonly dayOfMonth: string;
  readonly dayOfWeek: string;
  readonly has: (date: Date) => boolean;
}

const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** The weekday that is nearest to a day, within its month. */
function nearestWeekday(date: Date, day: number): number {
  const last = daysInMonth(date);
  if (day > last) return Number.NaN;
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === last ? day - 2 : day + 1;
  return day;
}

const days: fc.Arbitrary<Days> = fc.oneof(
  anyOf(1, 31).map(({ text, has }) => ({
    dayOfMonth: text,
    dayOfWeek: "?",
    has: (date: Date) => has(date.getUTCDate()),
  })),
  fc.constant({
    dayOfMonth: "L",
    dayOfWeek: "?",
    has: (date: Date) => date.getUTCDate() === daysInMonth(date),
  }),
  fc.integer({ min: 1, max: 31 }).map((day) => ({
    dayOfMonth: `${day}W`,
    dayOfWeek: "?",
    has: (date: Date) => date.getUTCDate() === nearestWeekday(date, day),
  })),
  anyOf(1, 7).map(({ text, has }) => ({
    dayOfMonth: "?",
    dayOfWeek: text,
    has: (date: Date) => has(date.getUTCDay() + 1),
  })),
  fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 })).map(([day, which]) => ({
    dayOfMonth: "?",
    dayOfWeek: `${day}#${which}`,
    has: (date: Date) => date.getUTCDay() + 1 === day && Math.ceil(date.getUTCDate() / 7) === which,
  })),
  fc.integer({ min: 1, max: 7 }).map((day) => ({
    dayOfMonth: "?",
    dayOfWeek: `${day}L`,
    has: (date: Date) => date.getUTCDay() + 1 === day && date.getUTCDate() + 7 > daysInMonth(date),
  })),
);

const AFTER_MS = Date.parse("2026-11-30T12:34:56Z");
const YEARS = 3;

test("an expression comes next when a search minute by minute finds it", () => {
  fc.assert(
    fc.property(
      anyOf(0, 59),
      anyOf(0, 23),
      days,
      anyOf(1, 12),
      fc.integer({ min: 0, max: 400 }),
      (minute, hour, day, month, later) => {
        const text = [minute.text, hour.text, day.dayOfMonth, month.text, day.dayOfWeek, `2026-${2026 + YEARS}`].join(
          " ",
        );
        const afterMs = AFTER_MS + later * DAY_MS;
        assert.equal(parseCron(text, "UTC").nextAfterMs(afterMs), search(afterMs), text);

        function search(fromMs: number): number | undefined {
          for (let dayMs = fromMs - (fromMs % DAY_MS); ; dayMs += DAY_MS) {
            const date = new Date(dayMs);
            if (date.getUTCFullYear() > 2026 + YEARS) return undefined;
            if (!day.has(date) || !month.has(date.getUTCMonth() + 1)) continue;
            for (let ms = dayMs; ms < dayMs + DAY_MS; ms += 60_000) {
              const at = new Date(ms);
              if (ms > fromMs && minute.has(at.getUTCMinutes()) && hour.has(at.getUTCHours())) return ms;
            }
          }
        }
      },
    ),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 5_000 : 300 },
  );
});
