import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PhraseTrie } from "./phrase-trie.ts";
import { type SharedTest, type TokenTest, Vocabulary } from "./vocabulary.ts";

const anyTest: fc.Arbitrary<TokenTest> = fc.oneof(
  fc.record({ kind: fc.constantFrom("word" as const, "prefix" as const), text: fc.constantFrom("a", "ab", "b") }),
  fc.record({ kind: fc.constant("number" as const), decimal: fc.boolean() }),
);

test("phrases that were all released leave nothing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(anyTest, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      (phrases, order) => {
        const vocabulary = new Vocabulary();
        const trie = new PhraseTrie(vocabulary);
        const held = phrases.map((phrase) => trie.hold(phrase));
        for (const [i, phrase] of phrases.entries()) assert.equal(held[i]?.length, phrase.length);
        while (held.length > 0) {
          const [node] = held.splice((order.next().value ?? 0) % held.length, 1);
          if (node !== undefined) trie.release(node);
        }
        assert.equal(trie.root.children, undefined);
        const tests: SharedTest[] = [];
        vocabulary.collect("ab", tests);
        assert.deepEqual(tests, []);
      },
    ),
    { numRuns: 1_000 },
  );
});
