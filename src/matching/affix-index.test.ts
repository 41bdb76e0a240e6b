import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AffixIndex } from "./affix-index.ts";

const anyText = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 6 });
const anyChange = fc.record({ text: anyText, isThere: fc.boolean() });

for (const kind of ["prefix", "suffix"] as const) {
  test(`every ${kind} of a text is found, whatever came and went before`, () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 60, size: "max" }), fc.array(anyText), (changes, texts) => {
        const index = new AffixIndex<string>(kind);
        const left = new Set<string>();
        for (const { text, isThere } of changes) {
          index.set(text, isThere ? `entry ${text}` : undefined);
          if (isThere) left.add(text);
          else left.delete(text);
        }
        for (const text of texts) {
          const found: string[] = [];
          index.collect(text, found);
          const there = [...left].filter((each) => (kind === "prefix" ? text.startsWith(each) : text.endsWith(each)));
          assert.deepEqual(found.sort(), there.map((each) => `entry ${each}`).sort());
          assert.equal(index.get(text), left.has(text) ? `entry ${text}` : undefined);
        }
      }),
      { numRuns: 300 },
    );
  });
}

test("texts made to look alike are told apart", () => {
  const index = new AffixIndex<string>("prefix");
  // They differ in places only that no fingerprint looks at.
  const texts = Array.from(
    { length: 3_000 },
    (_, i) => `${"x".repeat(40)}${String(i).padStart(6, "0")}${"x".repeat(60)}`,
  );
  for (const text of texts) index.set(text, text);
  for (const text of texts) assert.equal(index.get(text), text);
  for (const text of texts.slice(1)) index.set(text, undefined);
  const found: string[] = [];
  for (const text of texts) index.collect(text, found);
  assert.deepEqual(found, texts.slice(0, 1));
});
