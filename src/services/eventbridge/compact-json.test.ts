import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compactJson, isNestedTooDeep, NESTING_MAX } from "./compact-json.ts";

test("whatever the blanks, the compact text is the same", () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 1, "\t", "  \n"), (text, blanks) => {
      const value: unknown = JSON.parse(text);
      const spread = JSON.stringify(value, undefined, typeof blanks === "number" ? blanks : blanks.replace("\n", " "));
      assert.equal(compactJson(` ${spread}\r\n`), JSON.stringify(value));
    }),
  );
});

test("numbers and blanks inside of strings stay as they were written", () => {
  assert.equal(
    compactJson('{ "n": 12345678901234567890.50, "s": "a , \\" : b" }'),
    '{"n":12345678901234567890.50,"s":"a , \\" : b"}',
  );
});

test("nesting is counted outside of strings", () => {
  const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
  assert.equal(isNestedTooDeep(nested(NESTING_MAX)), false);
  assert.equal(isNestedTooDeep(nested(NESTING_MAX + 1)), true);
  assert.equal(isNestedTooDeep(JSON.stringify({ a: `\\"${"[".repeat(3000)}` })), false);
});
