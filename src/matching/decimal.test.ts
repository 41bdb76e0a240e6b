import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareDecimals, parseDecimal } from "./decimal.ts";

const numbers: readonly (readonly [string | number, bigint])[] = [
  [0, 0n],
  [-0, 0n],
  [12.5, 12_500n],
  [1e21, 10n ** 24n],
  [5e-3, 5n],
  ["007.0", 7_000n],
  ["+7", 7_000n],
  ["-.5", -500n],
  ["5.", 5_000n],
  ["-0.00", 0n],
  ["1.2E+3", 1_200_000n],
  ["1200e-3", 1_200n],
];

for (const [value, thousandths] of numbers) {
  test(`${typeof value} ${String(value)} is ${thousandths} thousandths`, () => {
    assert.deepEqual(parseDecimal(value), parseDecimal(`${thousandths}e-3`));
  });
}

for (const value of [
  "",
  ".",
  "-",
  "e5",
  "1e",
  "1e1234567",
  "0x10",
  "1,000",
  " 1",
  "1 ",
  "1_0",
  "Infinity",
  "NaN",
  "٣",
]) {
  test(`${JSON.stringify(value)} is no number`, () => assert.equal(parseDecimal(value), undefined));
}

test("booleans, null and infinity are no numbers", () => {
  for (const value of [true, false, null, Number.POSITIVE_INFINITY]) assert.equal(parseDecimal(value), undefined);
});

/** A decimal as an integer and how many of its digits stand behind the point. */
const anyNumber = fc.record({
  scaled: fc.oneof(fc.bigInt({ min: -1000n, max: 1000n }), fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })),
  places: fc.integer({ min: 0, max: 30 }),
  zeros: fc.integer({ min: 0, max: 3 }),
});

test("numbers compare as integers of a common scale do", () => {
  fc.assert(
    fc.property(anyNumber, anyNumber, (one, other) => {
      const [a, b] = [parseDecimal(written(one)), parseDecimal(written(other))];
      assert.ok(a && b, `${written(one)} ${written(other)}`);
      const difference = one.scaled * 10n ** BigInt(other.places) - other.scaled * 10n ** BigInt(one.places);
      assert.equal(Math.sign(compareDecimals(a, b)), Number(difference > 0n) - Number(difference < 0n));
    }),
    { numRuns: 2_000 },
  );
});

function written({ scaled, places, zeros }: { scaled: bigint; places: number; zeros: number }): string {
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, "0");
  const point = digits.length - places;
  const sign = scaled < 0n ? "-" : "";
  return `${sign}${"0".repeat(zeros)}${digits.slice(0, point)}.${digits.slice(point)}${"0".repeat(zeros)}`;
}

test("a double compares as its text", () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (one, other) => {
        const [a, b] = [parseDecimal(one), parseDecimal(other)];
        assert.ok(a && b);
        assert.equal(Math.sign(compareDecimals(a, b)), one < other ? -1 : Number(one > other));
      },
    ),
  );
});

test("300,000 digits, zeros or spaces take no longer than their length", { timeout: 5_000 }, () => {
  const many = 300_000;
  const zeros = "0".repeat(many);
  for (const text of [
    `1${zeros}1`,
    `${zeros}1`,
    `1.${zeros}1x`,
    `${" ".repeat(many)}x`,
    "1".repeat(many),
    `1e${zeros}`,
  ]) {
    parseDecimal(text);
  }
});
