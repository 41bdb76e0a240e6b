import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TextTrie } from "./text-trie.ts";

const anyText = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 6 });
const anyChange = fc.record({ text: anyText, isThere: fc.boolean() });

for (const end of ["start", "end"] as const) {
  test(`every text that stands at a text's ${end} is found, whatever came and went before`, () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30 }), fc.array(anyText), (changes, texts) => {
        const trie = new TextTrie<string>(end);
        const left = new Set<string>();
        for (const { text, isThere } of changes) {
          trie.set(text, isThere ? text : undefined);
          if (isThere) left.add(text);
          else left.delete(text);
        }
        for (const text of texts) {
          const found: string[] = [];
          trie.collect(text, found);
          const expected = [...left].filter((each) => (end === "start" ? text.startsWith(each) : text.endsWith(each)));
          assert.deepEqual(found.sort(), expected.sort());
          assert.equal(trie.get(text), left.has(text) ? text : undefined);
        }
      }),
      { numRuns: 500 },
    );
  });
}
