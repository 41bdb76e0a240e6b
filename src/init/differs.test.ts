import assert from "node:assert/strict";
import { test } from "node:test";
import { differs } from "./differs.ts";

const SAME: readonly (readonly [wanted: unknown, current: unknown])[] = [
  ["a", "a"],
  [1, "1"],
  ["true", true],
  ["", undefined],
  [[], undefined],
  [false, undefined],
  [{ a: 1 }, { a: 1, b: 2 }],
  [
    [1, 2],
    [2, 1],
  ],
  [[{ a: 1 }], [{ a: 1, b: 2 }]],
  ['{"a": [1, 2]}', '{"a":[1,2]}'],
  ["2027-01-01T00:00:00Z", "2027-01-01T00:00:00.000Z"],
];

const DIFFERENT: readonly (readonly [wanted: unknown, current: unknown])[] = [
  ["a", "b"],
  [1, undefined],
  ["", "a"],
  [[], [1]],
  [false, true],
  [[1], [1, 2]],
  [
    [1, 1],
    [1, 2],
  ],
  [{ a: 1 }, { b: 1 }],
  // A document is a value of its own: what it does not say is not there.
  ['{"a":1}', '{"a":1,"b":2}'],
  ["{a", "{b"],
];

for (const [wanted, current] of SAME) {
  test(`${JSON.stringify(wanted)} is as good as ${JSON.stringify(current)}`, () =>
    assert.ok(!differs(wanted, current)));
}
for (const [wanted, current] of DIFFERENT) {
  test(`${JSON.stringify(wanted)} is not ${JSON.stringify(current)}`, () => assert.ok(differs(wanted, current)));
}
