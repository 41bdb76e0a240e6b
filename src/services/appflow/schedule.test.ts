import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkSchedule, nextDueMs } from "./schedule.ts";

const AT = (text: string): number => Date.parse(text);

interface Times {
  readonly timezone?: string;
  readonly start?: string;
  readonly end?: string;
  readonly since?: string;
}

/** The next times of an expression, after a moment. */
function times(
  expression: string,
  after: string,
  count: number,
  { timezone, start, end, since }: Times = {},
): string[] {
  const schedule = {
    type: "Scheduled",
    expression,
    mode: "Complete",
    offsetMs: 0,
    timezone,
    startMs: start === undefined ? undefined : AT(start),
    endMs: end === undefined ? undefined : AT(end),
  } as const;
  const found: string[] = [];
  let afterMs = AT(after);
  while (found.length < count) {
    const dueMs = nextDueMs(schedule, { sinceMs: AT(since ?? after), afterMs });
    if (dueMs === undefined) break;
    found.push(new Date(dueMs).toISOString().replace(":00.000Z", "Z"));
    afterMs = dueMs;
  }
  return found;
}

test("a rate begins at its start and goes on from there", () => {
  assert.deepEqual(times("rate(90minutes)", "2024-06-10T00:00:00Z", 3, { start: "2024-06-10T12:05:00Z" }), [
    "2024-06-10T12:05Z",
    "2024-06-10T13:35Z",
    "2024-06-10T15:05Z",
  ]);
});

test("a rate without a start begins at once, when its flow is made", () => {
  const since = "2024-06-10T12:05:30Z";
  assert.deepEqual(times("rate(1hours)", "2024-06-10T12:05:29.999Z", 2, { since }), [
    "2024-06-10T12:05:30.000Z",
    "2024-06-10T13:05:30.000Z",
  ]);
});

test("a start that has passed decides when a rate comes, and nothing comes late", () => {
  assert.deepEqual(times("rate(7days)", "2024-06-10T00:00:00Z", 2, { start: "2024-06-05T09:00:00Z" }), [
    "2024-06-12T09:00Z",
    "2024-06-19T09:00Z",
  ]);
});

test("nothing comes after the end, and something at it", () => {
  const bounds = { start: "2024-06-10T10:00:00Z", end: "2024-06-10T12:00:00Z" };
  assert.equal(times("rate(1hours)", "2024-06-10T00:00:00Z", 9, bounds).length, 3);
  assert.deepEqual(times("cron(30 * * * ? *)", "2024-06-10T00:00:00Z", 9, bounds), [
    "2024-06-10T10:30Z",
    "2024-06-10T11:30Z",
  ]);
});

test("a cron expression comes first at or after its start", () => {
  const start = "2024-06-10T10:00:00Z";
  assert.deepEqual(times("cron(0 10 * * ? *)", "2024-06-01T00:00:00Z", 1, { start }), ["2024-06-10T10:00Z"]);
});

for (const [expression, ...expected] of [
  ["cron(15 3 * * ? *)", "2024-01-01T03:15Z", "2024-01-02T03:15Z"],
  ["cron(0/20 8-9 ? * MON *)", "2024-01-01T08:00Z", "2024-01-01T08:20Z", "2024-01-01T08:40Z", "2024-01-01T09:00Z"],
  ["cron(0 0 ? * 2-6 *)", "2024-01-01T00:00Z", "2024-01-02T00:00Z"],
  ["cron(0 0 ? * 1 *)", "2024-01-07T00:00Z", "2024-01-14T00:00Z"],
  ["cron(0 0 ? * sat,SUN *)", "2024-01-06T00:00Z", "2024-01-07T00:00Z"],
  ["cron(0 0 ? * L *)", "2024-01-06T00:00Z", "2024-01-13T00:00Z"],
  ["cron(0 10 ? * 6L *)", "2024-01-26T10:00Z", "2024-02-23T10:00Z"],
  ["cron(0 10 ? * FRIL *)", "2024-01-26T10:00Z", "2024-02-23T10:00Z"],
  ["cron(0 10 ? * 3#2 *)", "2024-01-09T10:00Z", "2024-02-13T10:00Z"],
  ["cron(0 10 L * ? *)", "2024-01-31T10:00Z", "2024-02-29T10:00Z"],
  ["cron(0 10 3W * ? *)", "2024-01-03T10:00Z", "2024-02-02T10:00Z", "2024-03-04T10:00Z"],
  ["cron(0 10 LW * ? *)", "2024-01-31T10:00Z", "2024-02-29T10:00Z", "2024-03-29T10:00Z"],
  ["cron(0 0 1 JAN,JUL ? *)", "2024-01-01T00:00Z", "2024-07-01T00:00Z"],
  ["cron(0 0 1 1/6 ? 2025-2026)", "2025-01-01T00:00Z", "2025-07-01T00:00Z", "2026-01-01T00:00Z", "2026-07-01T00:00Z"],
  ["cron(0 0 29 2 ? 2024/4)", "2024-02-29T00:00Z", "2028-02-29T00:00Z"],
  ["cron (*/30 0 1 1 ? 2024)", "2024-01-01T00:00Z", "2024-01-01T00:30Z"],
] as const) {
  test(`${expression} comes when AWS says`, () => {
    assert.deepEqual(times(expression, "2023-12-31T23:59:59Z", expected.length), expected);
  });
}

test("a year that is over never comes again", () => {
  assert.deepEqual(times("cron(0 0 1 1 ? 2020)", "2024-01-01T00:00:00Z", 1), []);
});

for (const { zone, forward, back, daily, at } of [
  // 02:30 is skipped on 31 March and comes twice on 27 October.
  {
    zone: "Europe/Berlin",
    at: "30 2",
    daily: "2024-06-10T00:30Z",
    forward: ["2024-03-30T01:30Z", "2024-03-31T01:00Z", "2024-04-01T00:30Z"],
    back: ["2024-10-26T00:30Z", "2024-10-27T00:30Z", "2024-10-28T01:30Z"],
  },
  {
    zone: "America/New_York",
    at: "30 2",
    daily: "2024-06-10T06:30Z",
    forward: ["2024-03-09T07:30Z", "2024-03-10T07:00Z", "2024-03-11T06:30Z"],
    back: ["2024-11-02T06:30Z", "2024-11-03T07:30Z", "2024-11-04T07:30Z"],
  },
  // Half an hour, at 02:00.
  {
    zone: "Australia/Lord_Howe",
    at: "15 2",
    daily: "2024-06-10T15:45Z",
    forward: ["2024-10-04T15:45Z", "2024-10-05T15:30Z", "2024-10-06T15:15Z"],
    back: ["2024-04-05T15:15Z", "2024-04-06T15:45Z", "2024-04-07T15:45Z"],
  },
  // Midnight is skipped.
  {
    zone: "America/Sao_Paulo",
    at: "0 0",
    daily: "2018-06-10T03:00Z",
    forward: ["2018-11-03T03:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z"],
    back: ["2018-02-17T02:00Z", "2018-02-18T03:00Z", "2018-02-19T03:00Z"],
  },
]) {
  test(`a nightly schedule comes once each night in ${zone}, also when clocks are set`, () => {
    const nightly = (first: string | undefined, count: number): string[] =>
      times(`cron(${at} * * ? *)`, new Date(AT(first ?? "") - 1).toISOString(), count, { timezone: zone });
    assert.deepEqual(nightly(daily, 1), [daily]);
    assert.deepEqual(nightly(forward[0], 3), forward);
    assert.deepEqual(nightly(back[0], 3), back);
  });
}

test("what comes each half hour goes on by the time that passes, also when clocks are set", () => {
  const zone = { timezone: "Europe/Berlin" };
  for (const night of ["2024-03-31", "2024-10-27"]) {
    const [first, ...others] = times("cron(0/30 * * * ? *)", `${night}T00:00:00Z`, 8, zone).map(AT);
    assert.deepEqual(
      others,
      others.map((_, place) => (first ?? 0) + (place + 1) * 1_800_000),
    );
  }
});

test("a list of times within the hour that is skipped comes once, as it ends", () => {
  const zone = { timezone: "Europe/Berlin" };
  assert.deepEqual(times("cron(0,30 2 * * ? *)", "2024-03-30T12:00:00Z", 3, zone), [
    "2024-03-31T01:00Z",
    "2024-04-01T00:00Z",
    "2024-04-01T00:30Z",
  ]);
});

for (const expression of ["rate(1hour)", "rate (5 minutes)", "rate(5 minutes)", "rate(7days)", "cron(0 0 ? * 2#5 *)"]) {
  test(`${expression} is a schedule`, () => assert.doesNotThrow(() => checkSchedule({ expression })));
}

for (const [expression, message] of [
  ["", /neither rate/],
  ["rate(0minutes)", /neither rate/],
  ["rate(-5minutes)", /neither rate/],
  ["rate(5)", /neither rate/],
  ["rate(5seconds)", /neither rate/],
  ["rate(5  minutes)", /neither rate/],
  ["rate(1.5hours)", /neither rate/],
  ["rate(5minutes) ", /neither rate/],
  ["every hour", /neither rate/],
  ["cron(15 3 * * ?)", /6 fields, not 5/],
  ["cron(0 15 3 * * ? *)", /6 fields, not 7/],
  ["cron()", /6 fields/],
  ["cron(@daily)", /6 fields/],
  ["cron(15 3 * * * *)", /one of day of month and day of week is \?/],
  ["cron(15 3 ? * ? *)", /one of day of month and day of week is \?/],
  ["cron(15 3 1 * 2 *)", /one of day of month and day of week is \?/],
  ["cron(60 3 * * ? *)", /minute: 60 is not from 0 to 59/],
  ["cron(0 24 * * ? *)", /hour: 24 is not from 0 to 23/],
  ["cron(0 0 0 * ? *)", /day of month: 0 is not from 1 to 31/],
  ["cron(0 0 32W * ? *)", /day of month: 32/],
  ["cron(0 0 1 13 ? *)", /month: 13/],
  ["cron(0 0 ? * 0 *)", /day of week: 0 is not from 1 to 7/],
  ["cron(0 0 ? * 8 *)", /day of week: 8/],
  ["cron(0 0 ? * 2#6 *)", /day of week: 2#6 is not valid/],
  ["cron(0 0 ? * 2#1,3#1 *)", /day of week/],
  ["cron(0 0 ? * MOON *)", /day of week: MOON/],
  ["cron(0 0 1 1 ? 1969)", /year: 1969/],
  ["cron(0 0 1 1 ? 2200)", /year: 2200/],
  ["cron(0 ? 1 1 ? *)", /hour: \? is not valid/],
  ["cron(30-10 0 * * ? *)", /minute: the range 30-10 ends before it begins/],
  ["cron(0/0 0 * * ? *)", /minute: 0\/0 has no such step/],
  ["cron(0/61 0 * * ? *)", /minute: 0\/61 has no such step/],
  ["cron(1,,2 0 * * ? *)", /minute: nothing is not valid/],
  ["cron(1,* 0 * * ? *)", /minute: \* stands alone/],
  ["cron(L 0 * * ? *)", /minute: L/],
  ["cron(0 0 30 2 ? *)", /never comes/],
] as const) {
  test(`${expression || "nothing"} is refused`, () => {
    assert.throws(() => checkSchedule({ expression }), { name: "SyntaxError", message });
  });
}

test("a time zone that nobody knows is refused", () => {
  for (const timezone of ["Europe/Atlantis", "+02:00", ""]) {
    assert.throws(() => checkSchedule({ expression: "rate(1hours)", timezone }), {
      message: /^Timezone: .* is not known$/,
    });
  }
});

test("whatever an expression is, it is refused as one or has times that go forward", () => {
  const part = fc.oneof(
    fc.constantFrom("*", "?", "L", "LW", "15W", "2#1", "6L", "MON-FRI", "JAN", "*/7", "0/5", "1-3"),
    fc.integer({ min: 0, max: 70 }).map(String),
    fc.string({ unit: fc.constantFrom(..."0123456789*?,-/LW#SUN".split("")), maxLength: 6 }),
  );
  const cron = fc.array(part, { minLength: 5, maxLength: 7 }).map((parts) => `cron(${parts.join(" ")})`);
  fc.assert(
    fc.property(fc.oneof(cron, fc.string()), fc.integer({ min: 0, max: 4e12 }), (expression, afterMs) => {
      try {
        checkSchedule({ expression });
      } catch (error) {
        assert(error instanceof SyntaxError, String(error));
        return;
      }
      const schedule = { type: "Scheduled", expression, mode: "Complete", offsetMs: 0 } as const;
      const dueMs = nextDueMs(schedule, { sinceMs: 0, afterMs });
      assert(dueMs === undefined || dueMs > afterMs);
    }),
    { numRuns: 500 },
  );
});
