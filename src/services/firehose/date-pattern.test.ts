import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { compileDatePattern, isTimeZone } from "./date-pattern.ts";

/** After zones had offsets of whole minutes. */
const moments = fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2100, 0) });
const zones = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "Etc/GMT+12",
);

const pad = (value: number, width: number): string => String(value).padStart(width, "0");

/** What runs of letters print of a time in UTC, by other means. */
const SHOWN: Readonly<Record<string, (date: Date) => string>> = {
  yyyy: (date) => pad(date.getUTCFullYear(), 4),
  yy: (date) => pad(date.getUTCFullYear() % 100, 2),
  u: (date) => String(date.getUTCFullYear()),
  MM: (date) => pad(date.getUTCMonth() + 1, 2),
  M: (date) => String(date.getUTCMonth() + 1),
  MMM: (date) => new Intl.DateTimeFormat("en-US", { month: "short", timeZone: "UTC" }).format(date),
  MMMM: (date) => new Intl.DateTimeFormat("en-US", { month: "long", timeZone: "UTC" }).format(date),
  Q: (date) => String(1 + Math.floor(date.getUTCMonth() / 3)),
  dd: (date) => pad(date.getUTCDate(), 2),
  d: (date) => String(date.getUTCDate()),
  DDD: (date) => pad(1 + Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / 86_400_000), 3),
  E: (date) => new Intl.DateTimeFormat("en-US", { weekday: "short", timeZone: "UTC" }).format(date),
  EEEE: (date) => new Intl.DateTimeFormat("en-US", { weekday: "long", timeZone: "UTC" }).format(date),
  HH: (date) => pad(date.getUTCHours(), 2),
  kk: (date) => pad(date.getUTCHours() || 24, 2),
  KK: (date) => pad(date.getUTCHours() % 12, 2),
  hh: (date) => pad(date.getUTCHours() % 12 || 12, 2),
  a: (date) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  mm: (date) => pad(date.getUTCMinutes(), 2),
  ss: (date) => pad(date.getUTCSeconds(), 2),
  SSS: (date) => pad(date.getUTCMilliseconds(), 3),
  S: (date) => pad(date.getUTCMilliseconds(), 3).slice(0, 1),
  X: () => "Z",
  xxx: () => "+00:00",
  VV: () => "UTC",
  "'at'": () => "at",
  "''": () => "'",
  "'o''clock'": () => "o'clock",
};

suite("a pattern", () => {
  test("prints each run of letters as it is defined", () => {
    const runs = fc.array(fc.constantFrom(...Object.keys(SHOWN)), { minLength: 1, maxLength: 8 });
    const between = fc.constantFrom("-", "/", " ", "=", "_.");
    fc.assert(
      fc.property(runs, between, moments, (pattern, separator, timeMs) => {
        const expected = pattern.map((run) => SHOWN[run]?.(new Date(timeMs))).join(separator);
        assert.equal(compileDatePattern(pattern.join(separator))(timeMs, "UTC"), expected);
      }),
    );
  });

  test("tells a time of any zone so that it is found again", () => {
    fc.assert(
      fc.property(moments, zones, (timeMs, zone) => {
        const text = compileDatePattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx")(timeMs, zone);
        assert.equal(Date.parse(text), timeMs);
      }),
    );
  });

  test("prints or is refused, whatever it is", () => {
    const anyPattern = fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z'/\- {}#[\]]{0,20}$/));
    fc.assert(
      fc.property(anyPattern, moments, zones, (pattern, timeMs, zone) => {
        try {
          assert.equal(typeof compileDatePattern(pattern)(timeMs, zone), "string");
        } catch (error) {
          assert(error instanceof RangeError, `${pattern}: ${error}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  for (const [pattern, reason] of [
    ["yyyy 'open", /incomplete string literal/],
    ["b", /Unknown pattern letter: b/],
    ["ddd", /Too many pattern letters: d/],
    ["yyyy{", /reserved character/],
  ] as const) {
    test(`refused: ${pattern}`, () => {
      assert.throws(() => compileDatePattern(pattern), reason);
    });
  }
});

test("zones are those of the time zone database", () => {
  assert.ok(isTimeZone("Asia/Tokyo"));
  assert.ok(!isTimeZone("Mars/Olympus"));
});
