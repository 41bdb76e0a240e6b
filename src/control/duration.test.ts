import assert from "node:assert/strict";
import test from "node:test";
import { parseDurationMs } from "./duration.ts";

test("durations of fixed length become milliseconds", () => {
  assert.equal(parseDurationMs("PT2M"), 120_000);
  assert.equal(parseDurationMs("P1DT12H"), 129_600_000);
  assert.equal(parseDurationMs("P2W"), 1_209_600_000);
  assert.equal(parseDurationMs("PT0.25S"), 250);
  assert.equal(parseDurationMs("P0D"), 0);
});

test("what is not such a duration is refused", () => {
  for (const text of [
    "",
    "P",
    "PT",
    "2M",
    "P1Y",
    "P1M",
    "PT-1M",
    "pt2m",
    "PT2M ",
    "PT1.5M",
    "P1DT",
    `P${"9".repeat(400)}D`,
  ]) {
    assert.equal(parseDurationMs(text), undefined, text);
  }
});
