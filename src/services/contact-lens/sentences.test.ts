import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { sentencesOf } from "./sentences.ts";

describe("sentences of a text", () => {
  test("end where a blank follows, not inside of numbers, addresses and initials", () => {
    const text =
      " Since v2.5 it fails! Write to bob@example.com. My name is J. Smith, 4111.1111. Ask Dr. Chen... please";
    assert.deepEqual(
      sentencesOf(text).map(({ text: sentence }) => sentence),
      [
        "Since v2.5 it fails!",
        "Write to bob@example.com.",
        "My name is J. Smith, 4111.1111.",
        "Ask Dr. Chen...",
        "please",
      ],
    );
  });

  test("stand where they say, in order, and leave out only blanks", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "B", ".", "!", " ", "\n", "é", "1") }), (text) => {
        let at = 0;
        for (const { text: sentence, begin } of sentencesOf(text)) {
          assert.equal(text.slice(begin, begin + sentence.length), sentence);
          assert.equal(text.slice(at, begin).trim(), "");
          at = begin + sentence.length;
        }
        assert.equal(text.slice(at).trim(), "");
      }),
    );
  });
});
