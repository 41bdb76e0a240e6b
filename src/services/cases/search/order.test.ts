import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Order, type Position } from "./order.ts";

/** By their hundreds, of equals by themselves. */
function compare(a: number, b: number): number {
  return Math.floor(a / 100) - Math.floor(b / 100) || a - b;
}

function allOf(order: Order): readonly number[] {
  const all: number[] = [];
  order.each(order.start, order.end, (number) => all.push(number));
  return all;
}

test("numbers come and go, and lie in their order", () => {
  const anyChanges = fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 20_000 }),
      count: fc.integer({ min: 1, max: 1_500 }),
      step: fc.constantFrom(1, -1, 7, 13),
      isIn: fc.boolean(),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(anyChanges, fc.integer({ min: -100, max: 21_000 }), (changes, bound) => {
      const order = new Order(compare);
      const all = new Set<number>();
      for (const { from, count, step, isIn } of changes) {
        for (let at = 0; at < count; at++) {
          const number = Math.abs(from + at * step);
          if (isIn === all.has(number)) continue;
          if (isIn) {
            order.add(number);
            all.add(number);
          } else {
            order.delete(number);
            all.delete(number);
          }
        }
      }
      const sorted = [...all].sort(compare);
      assert.deepEqual(allOf(order), sorted);
      assert.equal(order.size, sorted.length);

      const position = order.find((number) => number < bound);
      const before = sorted.filter((number) => number < bound).length;
      assert.equal(order.count(order.start, position), before);
      assert.equal(order.count(position, order.end), sorted.length - before);
      assert.equal(order.at(position), sorted[before]);
      const forwards: (number | undefined)[] = [];
      for (let at = position; order.at(at) !== undefined && forwards.length < 600; at = order.next(at)) {
        forwards.push(order.at(at));
      }
      assert.deepEqual(forwards, sorted.slice(before, before + 600));
      const backwards: (number | undefined)[] = [];
      let at: Position | undefined = order.previous(position);
      for (; at && backwards.length < 600; at = order.previous(at)) backwards.push(order.at(at));
      assert.deepEqual(backwards, sorted.slice(Math.max(before - 600, 0), before).reverse());
    }),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 1_000 : 40 },
  );
});
