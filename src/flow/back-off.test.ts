import assert from "node:assert/strict";
import { test } from "node:test";
import { failureDelayMs, retryDelayMs } from "./back-off.ts";

const delays = (random: () => number): number[] =>
  Array.from({ length: 185 }, (_, index) => retryDelayMs(index + 1, random));

test("retries of a delivery double their distance up to 480 s", () => {
  assert.deepEqual(
    delays(() => 0.5).slice(0, 10),
    [2, 4, 8, 16, 32, 64, 128, 256, 480, 480].map((seconds) => seconds * 1000),
  );
});

test("jitter takes or adds up to half", () => {
  assert.equal(
    retryDelayMs(20, () => 0),
    240_000,
  );
  assert.equal(
    retryDelayMs(20, () => 1),
    720_000,
  );
});

test("185 retries fill about 24 hours", () => {
  const hours = delays(() => 0.5).reduce((sum, delayMs) => sum + delayMs, 0) / 3_600_000;
  assert(hours > 23 && hours < 25, `${hours} hours`);
});

test("our own failures are tried again soon, and at least every 45 s", () => {
  assert.equal(
    failureDelayMs(1, () => 0.5),
    100,
  );
  assert.equal(
    failureDelayMs(1_000, () => 1),
    45_000,
  );
});
