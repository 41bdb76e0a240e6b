/** Where the map places things: to the right of what sends to them, and never on top of each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Line, layoutOf, NODE_HEIGHT, NODE_WIDTH } from "../web/src/pages/map/layout.ts";

const idsOf = (count: number): string[] => Array.from({ length: count }, (_, number) => `n${number}`);

const anyGraph = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.record({
    ids: fc.constant(idsOf(count)),
    lines: fc.array(
      fc.tuple(fc.nat(count - 1), fc.nat(count - 1)).map(([from, to]): Line => ({ from: `n${from}`, to: `n${to}` })),
      { maxLength: 120 },
    ),
  }),
);

test("everything has a place inside the picture, and none lies on another one, also where lines lead in circles", () => {
  fc.assert(
    fc.property(anyGraph, ({ ids, lines }) => {
      const { places, width, height } = layoutOf(ids, lines);
      assert.deepEqual([...places.keys()].sort(), [...ids].sort());
      const all = [...places.values()];
      for (const [place, one] of all.entries()) {
        assert.ok(one.x >= 0 && one.x + NODE_WIDTH <= width && one.y >= -0.01 && one.y + NODE_HEIGHT <= height + 0.01);
        for (const other of all.slice(place + 1)) {
          assert.ok(one.x !== other.x || Math.abs(one.y - other.y) >= NODE_HEIGHT);
        }
      }
    }),
  );
});

test("without circles every line leads to the right", () => {
  fc.assert(
    fc.property(anyGraph, ({ ids, lines }) => {
      const numberOf = (id: string): number => Number(id.slice(1));
      const forward = lines.filter(({ from, to }) => numberOf(from) < numberOf(to));
      const { places } = layoutOf(ids, forward);
      for (const { from, to } of forward) assert.ok((places.get(from)?.x ?? 0) < (places.get(to)?.x ?? 0));
    }),
  );
});

test("two chains that do not meet do not cross", () => {
  const { places } = layoutOf(
    ["a", "b", "b2", "a2", "a3", "b3"],
    [
      { from: "a", to: "a2" },
      { from: "b", to: "b2" },
      { from: "a2", to: "a3" },
      { from: "b2", to: "b3" },
    ],
  );
  const isAbove = (one: string, other: string): boolean => (places.get(one)?.y ?? 0) < (places.get(other)?.y ?? 0);
  assert.equal(isAbove("a", "b"), isAbove("a2", "b2"));
  assert.equal(isAbove("a", "b"), isAbove("a3", "b3"));
});
