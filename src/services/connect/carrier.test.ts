import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { dial } from "./carrier.ts";

const MINUTE_MS = 60_000;

/** Rows of the tables in docs/carrier.md: the cells of each line that begins with two digits. */
const rows = readFileSync(new URL("../../../docs/carrier.md", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => /^\| \d\d/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("the carrier does what its documentation says for each number", () => {
  const numbers = rows.filter((row) => row[2]?.startsWith("`+1"));
  assert.equal(numbers.length, 20);
  for (const [, , number = "", , rings = "", then = ""] of numbers) {
    const course = dial(number.replaceAll("`", ""), MINUTE_MS);
    const failure = /`(TELECOM_\w+)`/.exec(then)?.[1];
    assert.equal(course.outcome === "failed" ? course.failure : undefined, failure, number);
    const ringMs = course.outcome === "failed" ? course.failMs : course.answerMs;
    if (rings === "never") assert.equal(course.ringStartMs, undefined, number);
    else assert.equal(ringMs - 1_000, rings.startsWith("until") ? MINUTE_MS : durationMs(rings), number);
    if (course.outcome === "answered") assert.equal(course.hangUpMs - course.answerMs, durationMs(then), number);
  }
});

test("detection says what the documentation says for each number", () => {
  const statuses = rows.filter((row) => !row[2]?.startsWith("`+1"));
  for (const [, digits = "", status = ""] of statuses) {
    for (const number of digits.match(/\d\d/g) ?? []) {
      assert.equal(dial(`+120655501${number}`, MINUTE_MS).detection, /`(\w+)`/.exec(status)?.[1], number);
    }
  }
});

test("who would answer after the ring timeout has not answered", () => {
  const course = dial("+12065550107", 15_000);
  assert.deepEqual(course, {
    outcome: "failed",
    ringStartMs: 1_000,
    failMs: 16_000,
    failure: "TELECOM_TIMEOUT",
    detection: "AMD_UNANSWERED",
  });
});

test("any other number is answered by a person", () => {
  for (const number of ["+441632960000", "+12065550199", "+12065551234"]) {
    assert.deepEqual(dial(number, MINUTE_MS), dial("+12065550100", MINUTE_MS));
  }
});

test("every call ends, and its times are in order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 15, max: 60 }), (digits, timeoutSeconds) => {
      const course = dial(`+120655501${String(digits).padStart(2, "0")}`, timeoutSeconds * 1_000);
      const times =
        course.outcome === "answered"
          ? [course.ringStartMs, course.answerMs, course.hangUpMs]
          : [course.ringStartMs ?? 0, course.failMs];
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      assert.ok(times.every(Number.isFinite));
    }),
  );
});

function durationMs(text: string): number {
  if (text.includes("at once")) return 0;
  const [, amount = "", unit = ""] = /(\d+) (s|min|h)/.exec(text) ?? [];
  return Number(amount) * { s: 1_000, min: MINUTE_MS, h: 60 * MINUTE_MS }[unit as "s"];
}
