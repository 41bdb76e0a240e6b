import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyTokens, tokenize } from "./tokens.ts";

const RUNS = process.env.TRUNKLINE_FULL === "1" ? 20_000 : 1_000;

const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.string({ unit: "grapheme", maxLength: 3 }),
      fc.constantFrom(
        ..."a e\u0301 \u0323 ﬁ ㎏ ½ İ Σ ς ’ ‘ ‐ ー が ｶ ﾞ 한 ᄒ ᅡ ᆫ ㅎ ㅏ ﾡ ￂ ि \u00ad \u200d 1,000 ,000 1.5 ' - . , * \ud800".split(
          " ",
        ),
        " ",
      ),
    ),
    { maxLength: 20 },
  )
  .map((pieces) => pieces.join(""));

/** Normalised as a whole here, and piece by piece there. */
test("tokens are those of the text in its normal form", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const normal = text.normalize("NFKC");
      assert.deepEqual(
        tokenize(text).map((token) => token.text),
        tokenize(normal).map((token) => token.text),
      );
    }),
    { numRuns: RUNS },
  );
});

test("a token's place in the text holds it, and places follow one another", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      let last = 0;
      for (const { text: word, begin, end } of tokenize(text)) {
        assert.ok(begin >= 0 && begin < end && end <= text.length && end >= last, `${begin} to ${end}`);
        last = end;
        assert.ok(
          tokenize(text.slice(begin, end)).some((token) => token.text.includes(word)),
          `${word} in ${JSON.stringify(text.slice(begin, end))}`,
        );
      }
    }),
    { numRuns: RUNS },
  );
});

test("a plain text has the tokens that the definition gives it", () => {
  const plain = fc
    .array(fc.constantFrom(..."aZ9 '-.,*_\n\0".split(""), "1,234", "can't", "1.5", "--", "..", "don't*"), {
      maxLength: 30,
    })
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(plain, (text) => {
      assert.deepEqual(tokenize(text), anyTokens(text));
    }),
    { numRuns: RUNS },
  );
});
