import assert from "node:assert/strict";
import test from "node:test";
import { addDuration } from "./duration.ts";

test("weeks, days, hours, minutes and seconds have a fixed length", () => {
  assert.equal(addDuration(0, "PT2M"), 120_000);
  assert.equal(addDuration(0, "P1DT12H"), 129_600_000);
  assert.equal(addDuration(0, "P2W"), 1_209_600_000);
  assert.equal(addDuration(0, "PT0.25S"), 250);
  assert.equal(addDuration(1000, "P0D"), 1000);
});

test("years and months go by the calendar", () => {
  const after = (from: string, duration: string) =>
    new Date(addDuration(Date.parse(from), duration) ?? 0).toISOString();
  assert.equal(after("2026-11-21T07:30:00.123Z", "P25M"), "2028-12-21T07:30:00.123Z");
  assert.equal(after("2026-01-31T00:00:00Z", "P1M"), "2026-02-28T00:00:00.000Z");
  assert.equal(after("2024-02-29T00:00:00Z", "P1Y"), "2025-02-28T00:00:00.000Z");
  assert.equal(after("2026-12-31T23:00:00Z", "P1Y2M3DT2H"), "2028-03-04T01:00:00.000Z");
});

test("what leads beyond the end of time is no time that a date holds", () => {
  for (const text of [`P${"9".repeat(400)}D`, `P${"9".repeat(400)}M`, "P300000Y"]) {
    const time = addDuration(0, text);
    assert.ok(time !== undefined && !(time <= 8_640_000_000_000_000), text);
  }
});

test("what is not such a duration is refused", () => {
  for (const text of ["", "P", "PT", "2M", "P1.5Y", "P1D1M", "PT-1M", "pt2m", "PT2M ", "PT1.5M", "P1DT"]) {
    assert.equal(addDuration(0, text), undefined, text);
  }
});
