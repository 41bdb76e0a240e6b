import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OPERATORS } from "../flow-language/flow.ts";
import { holds } from "./conditions.ts";

test("numbers compare as numbers, and exactly one of less, equal and greater holds", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (result, operand) => {
      const [a, b] = [String(result), String(operand)];
      assert.equal(holds("NumberLessThan", a, b), result < operand);
      assert.equal(holds("NumberGreaterThan", a, b), result > operand);
      assert.equal(holds("NumberLessOrEqualTo", a, b), result <= operand);
      assert.equal(holds("NumberGreaterOrEqualTo", a, b), result >= operand);
      assert.equal(holds("Equals", a, b), result === operand);
    }),
  );
});

test("what is no number is neither less nor greater", () => {
  for (const operator of OPERATORS.filter((name) => name.startsWith("Number"))) {
    for (const text of ["", " ", "ten", "0x10", "1e3", "1,5", "Infinity", "NaN"]) {
      assert.equal(holds(operator, text, "1"), false, `${text} ${operator}`);
      assert.equal(holds(operator, "1", text), false, `${operator} ${text}`);
    }
  }
});

test("texts compare with case", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (before, text, after) => {
      assert.ok(holds("TextStartsWith", text + after, text));
      assert.ok(holds("TextEndsWith", before + text, text));
      assert.ok(holds("TextContains", before + text + after, text));
      assert.ok(holds("Equals", text, text));
    }),
  );
  assert.equal(holds("Equals", "Gold", "gold"), false);
  assert.equal(holds("TextContains", "Gold", "g"), false);
});
