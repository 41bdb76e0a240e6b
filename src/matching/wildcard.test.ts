import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchesWildcard, parseWildcard } from "./wildcard.ts";

test("a star stands for anything or nothing, in the whole text", () => {
  assert.deepEqual(parseWildcard("a*b", assert.fail), ["a", "b"]);
  assert.deepEqual(parseWildcard("*", assert.fail), ["", ""]);
  assert.deepEqual(parseWildcard("ab", assert.fail), ["ab"]);
  assert.deepEqual(parseWildcard("", assert.fail), [""]);
  assert.equal(matchesWildcard("aba", ["ab", "ba"]), false);
  assert.equal(matchesWildcard("ababxab", ["", "ab", "ab"]), true);
});

test("a backslash takes a star or a backslash as it is", () => {
  assert.deepEqual(parseWildcard("a\\**\\\\", assert.fail), ["a*", "\\"]);
});

const places: readonly (readonly [text: string, reason: string])[] = [
  ["a**b", "Consecutive wildcard characters at pos 2"],
  ["a*b***", "Consecutive wildcard characters at pos 4"],
  ["é**", "Consecutive wildcard characters at pos 3"],
  ["😀\\x", "Invalid escape character at pos 5"],
  ["\\", "Invalid escape character at pos 1"],
  ["a\\\\\\", "Invalid escape character at pos 4"],
];
for (const [text, reason] of places) {
  test(`refused, with the byte where it is wrong: ${text}`, () => {
    assert.throws(
      () =>
        parseWildcard(text, (said) => {
          throw new Error(said);
        }),
      { message: reason },
    );
  });
}

test("a text matches as a table of all beginnings says", () => {
  const anyText = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 2, maxLength: 5 }), anyText, (pieces, text) => {
      assert.equal(matchesWildcard(text, pieces), matchesByTable(text, pieces));
    }),
    { numRuns: 5_000 },
  );
});

/** Work that is the product of the lengths of text and piece would not end in a test's time. */
test("a long piece is looked for in a long text in linear time", { timeout: 20_000 }, () => {
  const text = "a".repeat(2_000_000);
  assert.equal(matchesWildcard(text, ["", `${"a".repeat(1_000_000)}b`, ""]), false);
  assert.equal(matchesWildcard(`${text}b${text}`, ["", `${"a".repeat(1_000_000)}b`, "a"]), true);
});

test("many short pieces are looked for in a long text in linear time", { timeout: 20_000 }, () => {
  const pieces = ["", ...new Array<string>(500_000).fill("a"), "b"];
  assert.equal(matchesWildcard("a".repeat(1_000_000), pieces), false);
  assert.equal(matchesWildcard(`${"a".repeat(500_000)}b`, pieces), true);
});

/** For each beginning of the text: can the symbols so far make it? */
function matchesByTable(text: string, pieces: readonly string[]): boolean {
  const symbols = pieces.flatMap((piece, index) => [...(index > 0 ? ["any"] : []), ...piece]);
  let reached = [true, ...new Array<boolean>(text.length).fill(false)];
  for (const symbol of symbols) {
    const next: boolean[] = [];
    for (let length = 0; length <= text.length; length++) {
      const before =
        length > 0 && (symbol === "any" ? next[length - 1] : reached[length - 1] && text[length - 1] === symbol);
      next.push(symbol === "any" ? reached[length] === true || before === true : before === true);
    }
    reached = next;
  }
  return reached.at(-1) === true;
}
