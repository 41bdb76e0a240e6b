import assert from "node:assert/strict";
import { test } from "node:test";
import { addDuration, parseDuration } from "./iso-duration.ts";

const from = (iso: string, duration: string): string => {
  const parsed = parseDuration(duration);
  assert.ok(parsed, duration);
  return new Date(addDuration(Date.parse(iso), parsed)).toISOString();
};

test("a duration leads forwards or backwards from an instant", () => {
  assert.equal(from("2026-03-10T09:30:00Z", "-P7D"), "2026-03-03T09:30:00.000Z");
  assert.equal(from("2026-03-10T09:30:00Z", "P2D"), "2026-03-12T09:30:00.000Z");
  assert.equal(from("2026-03-10T09:30:00Z", "+P1W"), "2026-03-17T09:30:00.000Z");
  assert.equal(from("2026-03-10T09:30:00Z", "-PT36H30M5S"), "2026-03-08T20:59:55.000Z");
  assert.equal(from("2026-03-10T09:30:00Z", "P1Y2M3DT4H"), "2027-05-13T13:30:00.000Z");
});

test("a month that has no such day ends on its last", () => {
  assert.equal(from("2026-03-31T00:00:00Z", "-P1M"), "2026-02-28T00:00:00.000Z");
  assert.equal(from("2024-02-29T00:00:00Z", "P1Y"), "2025-02-28T00:00:00.000Z");
  assert.equal(from("2026-01-31T00:00:00Z", "-P13M"), "2024-12-31T00:00:00.000Z");
});

test("what is no duration is told from one", () => {
  for (const text of [
    "",
    "P",
    "PT",
    "P1",
    "7D",
    "P-7D",
    "P1.5D",
    "P1DT",
    "P1H",
    "PT1D",
    " P1D",
    "P1D ",
    "--P1D",
    "P12345Y",
  ]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});
