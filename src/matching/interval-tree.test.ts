import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IntervalTree } from "./interval-tree.ts";

const anyNumber = fc.constantFrom(Number.NEGATIVE_INFINITY, -2, -1, 0, 1, 2, 3, Number.POSITIVE_INFINITY);
const anyChange = fc.record({ low: anyNumber, high: anyNumber, isThere: fc.boolean() });

test("every interval that a number lies in is found, whatever came and went before", () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 40 }), fc.array(anyNumber), (changes, numbers) => {
      const tree = new IntervalTree<string>();
      const left = new Map<string, { low: number; high: number }>();
      for (const { low, high, isThere } of changes) {
        const name = `${low}..${high}`;
        tree.set({ low, high }, isThere ? name : undefined);
        if (isThere) left.set(name, { low, high });
        else left.delete(name);
        assert.equal(tree.get({ low, high }), isThere ? name : undefined);
      }
      for (const number of numbers) {
        const found: string[] = [];
        tree.collect(number, found);
        const expected = [...left].filter(([, { low, high }]) => low <= number && number <= high);
        assert.deepEqual(found.sort(), expected.map(([name]) => name).sort());
      }
    }),
    { numRuns: 500 },
  );
});

/** A tree that were a list would overflow the stack long before. */
test("intervals added in order make no deep tree", () => {
  const tree = new IntervalTree<number>();
  for (let low = 0; low < 100_000; low++) tree.set({ low, high: low + 10 }, low);
  const found: number[] = [];
  tree.collect(50_000, found);
  assert.equal(found.length, 11);
});
