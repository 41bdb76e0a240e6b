import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileDatePattern } from "./date-pattern.ts";

const RUNS = process.env.TRUNKLINE_FULL === "1" ? 50_000 : 500;

const AT_MS = Date.parse("2024-06-10T15:04:05.217Z");
const SECOND_MS = Date.parse("2024-06-10T15:04:05Z");
const DAY_MS = Date.parse("2024-06-10");

const READ: readonly (readonly [pattern: string, text: string, timeMs: number | undefined])[] = [
  ["yyyy-MM-dd'T'HH:mm:ssXXX", "2024-06-10T17:04:05+02:00", SECOND_MS],
  ["yyyy-MM-dd'T'HH:mm:ssXXX", "2024-06-10T15:04:05Z", SECOND_MS],
  ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2024-06-10T15:04:05.217Z", AT_MS],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2024-06-10T10:04:05.217-0500", AT_MS],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSSSSX", "2024-06-10T15:04:05.217999Z", AT_MS],
  ["yyyy-MM-dd HH:mm:ss", "2024-06-10 15:04:05", SECOND_MS],
  ["yyyyMMddHHmmss", "20240610150405", SECOND_MS],
  ["yyyyMMdd", "20240610 and more", DAY_MS],
  ["M/d/yy h:mm a", "6/10/24 3:04 PM", SECOND_MS - 5000],
  ["M/d/yy", "6/10/70", Date.parse("1970-06-10")],
  ["yy", "2024", Date.parse("2024-01-01")],
  ["h a", "12 am", 0],
  ["K:mm a", "0:30 pm", 45_000_000],
  ["k:mm", "24:10", 600_000],
  ["EEE, d MMM yyyy HH:mm:ss z", "Mon, 10 Jun 2024 15:04:05 GMT", SECOND_MS],
  ["EEEE, MMMM d, yyyy h:mm:ss a z", "Monday, June 10, 2024 11:04:05 AM EDT", SECOND_MS],
  ["d LLL yyyy HH:mm:ss zzz", "10 Jun 2024 07:04:05 PST", SECOND_MS],
  ["yyyy-MM-dd HH:mm:ss z", "2024-06-10 17:04:05 GMT+02:00", SECOND_MS],
  ["yyyy-DDD", "2024-162", DAY_MS],
  ["hh 'o''clock' a", "04 o'clock pm", 57_600_000],
  ["yyyy''MM", "2024'06", Date.parse("2024-06-01")],
  ["yyyy-MM-dd", "2024-02-30", undefined],
  ["yyyy-MM-dd", "2024-13-01", undefined],
  ["yyyy-DDD", "2023-366", undefined],
  ["yyyy-MM-dd'T'HH:mm", "2024-06-10T24:00", undefined],
  ["yyyy-MM-dd'T'HH:mmX", "2024-06-10T10:00", undefined],
  ["yyyy-MM-dd", "10.06.2024", undefined],
  ["MMM d", "Jux 1", undefined],
  ["yyyy", "", undefined],
  ["yyyyyyyyy", "999999999", undefined],
];

test("times are read as SimpleDateFormat reads them", () => {
  for (const [pattern, text, timeMs] of READ)
    assert.equal(compileDatePattern(pattern)(text), timeMs, `${pattern}: ${text}`);
});

test("a pattern that is none is refused with the reason", () => {
  assert.throws(() => compileDatePattern("yyyy'T"), /a quotation mark is not closed/);
  assert.throws(() => compileDatePattern("YYYY-ww"), /the letter Y is not built/);
  assert.throws(() => compileDatePattern("yyyy-MM-ddThh"), /the letter T is not built/);
});

/** Writes an instant, by letters that are enough to tell it. */
const WRITERS: Readonly<Record<string, (date: Date) => string>> = {
  yyyy: (date) => String(date.getUTCFullYear()).padStart(4, "0"),
  MM: (date) => String(date.getUTCMonth() + 1).padStart(2, "0"),
  dd: (date) => String(date.getUTCDate()).padStart(2, "0"),
  HH: (date) => String(date.getUTCHours()).padStart(2, "0"),
  mm: (date) => String(date.getUTCMinutes()).padStart(2, "0"),
  ss: (date) => String(date.getUTCSeconds()).padStart(2, "0"),
  SSS: (date) => String(date.getUTCMilliseconds()).padStart(3, "0"),
};

test("what is written by a pattern is read by it, in whatever order and with or without anything between", () => {
  const anyOrder = fc.shuffledSubarray(Object.keys(WRITERS), { minLength: 7 });
  const between = fc.constantFrom("", "-", "/", "'T'", " ", "''", "' at '");
  const anyTime = fc.integer({ min: Date.parse("0001-01-01"), max: Date.parse("9999-12-31T23:59:59.999Z") });
  fc.assert(
    fc.property(anyOrder, between, anyTime, (letters, separator, timeMs) => {
      const literal = separator === "''" ? "'" : separator.replaceAll("'", "");
      const text = letters.map((letter) => WRITERS[letter]?.(new Date(timeMs)) ?? "").join(literal);
      assert.equal(compileDatePattern(letters.join(separator))(text), timeMs, text);
    }),
  );
});

test("whatever a pattern and a text are, there is a time, none, or a reason", () => {
  const letters = fc.array(fc.constantFrom(..."yMLdDHkKhmsSaEzZX-:'T .é"), { maxLength: 12 });
  const digits = fc.array(fc.constantFrom(..."0123456789-:TZ .+aApPmMJun"), { maxLength: 16 });
  let compiled = 0;
  fc.assert(
    fc.property(letters, digits, (pattern, text) => {
      let read: ReturnType<typeof compileDatePattern>;
      try {
        read = compileDatePattern(pattern.join(""));
      } catch (error) {
        assert.match((error as Error).message, /is not built|is not closed/);
        return;
      }
      compiled += 1;
      const timeMs = read(text.join(""));
      assert.ok(timeMs === undefined || Number.isSafeInteger(timeMs));
    }),
    { numRuns: RUNS },
  );
  assert.ok(compiled > 20);
});
