import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { plainCopy } from "./plain-copy.ts";

const RUNS = process.env.TRUNKLINE_FULL === "1" ? 20_000 : 500;

function copyOf(value: unknown): unknown {
  return plainCopy(value, { characters: 0 });
}

function throughJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}

test("a copy is what JSON makes of a value", () => {
  const anything = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true, withMap: true });
  fc.assert(
    fc.property(anything, (value) => {
      assert.deepEqual(JSON.stringify(copyOf(value)), JSON.stringify(throughJson(value)));
      assert.deepEqual(copyOf(value), throughJson(value));
    }),
    { numRuns: RUNS },
  );
});

const SPECIAL: readonly (readonly [string, unknown])[] = [
  ["members without a value", { a: undefined, b: [undefined, () => 1, Symbol("s")], c: () => 1 }],
  ["numbers that JSON has not", [Number.NaN, Number.POSITIVE_INFINITY, -0]],
  ["a time", { at: new Date(0) }],
  ["an object that says what it is", { toJSON: () => "x" }],
  ["a member that is called like the prototype", JSON.parse('{"a":{"__proto__":{"b":1}}}')],
  ["lone surrogates", "\ud800"],
];

for (const [name, value] of SPECIAL) {
  test(`a copy is what JSON makes of ${name}`, () => {
    assert.deepEqual(copyOf(value), throughJson(value));
    assert.equal(JSON.stringify(copyOf(value)), JSON.stringify(throughJson(value)));
  });
}

test("a copy does not change with what it was made of", () => {
  const value = { list: [{ a: 1 }] };
  const copy = copyOf(value);
  value.list[0] = { a: 2 };
  assert.deepEqual(copy, { list: [{ a: 1 }] });
});

test("a size is about that of the JSON", () => {
  const value = { a: "text".repeat(100), list: Array(100).fill({ number: 1_234_567, isTrue: true }) };
  const size = { characters: 0 };
  plainCopy(value, size);
  const ratio = size.characters / JSON.stringify(value).length;
  assert.ok(ratio > 0.8 && ratio < 1.25, `${ratio}`);
});

test("what JSON refuses is refused", () => {
  assert.throws(() => copyOf({ big: 1n }), TypeError);
});
