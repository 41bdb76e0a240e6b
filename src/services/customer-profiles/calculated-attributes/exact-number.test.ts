import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { add, compare, divide, type ExactNumber, exactNumber, multiply, numberText, subtract } from "./exact-number.ts";

const of = (text: unknown): ExactNumber => exactNumber(text) ?? assert.fail(String(text));

test("sums, products and quotients are those of decimal arithmetic", () => {
  assert.equal(numberText(add(of("0.1"), of(0.2))), "0.3");
  assert.equal(numberText(subtract(of("1e3"), of("0.001"))), "999.999");
  assert.equal(numberText(multiply(of("-1.50"), of("4"))), "-6");
  assert.equal(numberText(divide(of("10"), of("4")) ?? assert.fail()), "2.5");
  assert.equal(numberText(divide(of("2"), of("3")) ?? assert.fail()), "0.6666666667");
  assert.equal(numberText(divide(of("-2"), of("3")) ?? assert.fail()), "-0.6666666667");
  assert.equal(numberText(add(of("99999999999999999999"), of("1"))), "100000000000000000000");
  assert.equal(divide(of("1"), of("0.0")), undefined);
});

test("what is no number, or has very many digits, is none", () => {
  for (const value of ["", "5 EUR", "1,5", true, null, undefined, {}, "1e101", "1e-101"]) {
    assert.equal(exactNumber(value), undefined, String(value));
  }
  assert.equal(numberText(of("1e99")), `1${"0".repeat(99)}`);
});

test("numbers keep their value through text, and their order", () => {
  const anyNumber = fc
    .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(20))
    .map(([units, scale]) => ({ units, scale }));
  fc.assert(
    fc.property(anyNumber, anyNumber, (one, other) => {
      assert.equal(compare(of(numberText(one)), one), 0);
      const scaled = ({ units, scale }: ExactNumber): bigint => units * 10n ** BigInt(20 - scale);
      const [left, right] = [scaled(one), scaled(other)];
      assert.equal(compare(one, other), left < right ? -1 : Number(left > right));
      assert.equal(scaled(subtract(one, other)), left - right);
    }),
  );
});
