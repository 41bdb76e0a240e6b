import assert from "node:assert/strict";
import { test } from "node:test";
import { type Calculation, calculate, DAY_MS, type StatisticName } from "./calculated-statistic.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");

/** Values with their ages in days, the oldest first; what is negative lies ahead. */
const of = (...values: readonly (readonly [value: string, days: number])[]) =>
  values.map(([value, days]) => ({ value, timeMs: NOW - days * DAY_MS }));
const objects = of(["5", 40], ["7.5", 20], ["x", 10], ["7.50", 5], ["5", 1]);

const valueIn = (statistic: StatisticName, more: Omit<Calculation, "statistic"> = {}): string | undefined =>
  calculate(objects, { statistic, ...more }, NOW).value;

test("each statistic has its value", () => {
  assert.equal(valueIn("COUNT"), "5");
  assert.equal(valueIn("SUM"), "25");
  assert.equal(valueIn("AVERAGE"), "6.25");
  assert.equal(valueIn("MINIMUM"), "5");
  assert.equal(valueIn("MAXIMUM"), "7.5");
  assert.equal(valueIn("FIRST_OCCURRENCE"), "5");
  assert.equal(valueIn("LAST_OCCURRENCE"), "5");
  assert.equal(valueIn("MAX_OCCURRENCE"), "5");
  assert.equal(valueIn("RECENT_OCCURRENCES"), '["5","7.50","x","7.5","5"]');
});

test("of values that are equally frequent, the one that occurred last counts", () => {
  const values = of(["a", 4], ["b", 3], ["b", 2], ["a", 1]);
  assert.equal(calculate(values, { statistic: "MAX_OCCURRENCE" }, NOW).value, "a");
  assert.equal(calculate(values.slice(0, 3), { statistic: "MAX_OCCURRENCE" }, NOW).value, "b");
});

test("only what lies in the range counts, and of that the newest", () => {
  assert.equal(valueIn("COUNT", { range: { start: 30, end: 0 } }), "4");
  assert.equal(valueIn("COUNT", { range: { start: 20, end: 5 } }), "3");
  assert.equal(valueIn("FIRST_OCCURRENCE", { range: { start: 30, end: 0 }, objectCount: 2 }), "7.50");
  const ahead = of(["past", 1], ["soon", -3], ["late", -8]);
  const week = { start: 0, end: -7 };
  assert.deepEqual(calculate(ahead, { statistic: "LAST_OCCURRENCE", range: week }, NOW), {
    value: "soon",
    lastMs: NOW + 3 * DAY_MS,
  });
});

test("where nothing counts there is no value, but a count of nothing", () => {
  const range = { start: 0, end: 0 };
  assert.deepEqual(calculate(objects, { statistic: "SUM", range }, NOW), {});
  assert.deepEqual(calculate(objects, { statistic: "COUNT", range }, NOW), { value: "0" });
  assert.equal(calculate(of(["x", 1]), { statistic: "AVERAGE" }, NOW).value, undefined);
});

test("a threshold answers whether the value is beyond it", () => {
  const is = (
    statistic: StatisticName,
    Operator: "EQUAL_TO" | "NOT_EQUAL_TO" | "GREATER_THAN" | "LESS_THAN",
    Value: string,
  ) => valueIn(statistic, { threshold: { Operator, Value } });
  assert.equal(is("COUNT", "GREATER_THAN", "4"), "true");
  assert.equal(is("COUNT", "GREATER_THAN", "5"), "false");
  assert.equal(is("AVERAGE", "EQUAL_TO", "6.250"), "true");
  assert.equal(is("AVERAGE", "LESS_THAN", "6.3"), "true");
  assert.equal(is("LAST_OCCURRENCE", "NOT_EQUAL_TO", "five"), "true");
  assert.equal(is("LAST_OCCURRENCE", "GREATER_THAN", "a"), "false");
});

test("a value has at most 255 characters", () => {
  const long = of(["y".repeat(300), 2], ["z".repeat(240), 1]);
  assert.equal(calculate(long, { statistic: "FIRST_OCCURRENCE" }, NOW).value, "y".repeat(255));
  assert.equal(calculate(long, { statistic: "RECENT_OCCURRENCES" }, NOW).value, JSON.stringify(["z".repeat(240)]));
});
