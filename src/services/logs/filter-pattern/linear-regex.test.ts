import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileLinearRegex } from "./linear-regex.ts";

const atom = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "c",
    "1",
    " ",
    ".",
    "\\d",
    "\\D",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\.",
    "\\x61",
    "[ab]",
    "[^a]",
    "[a-c1]",
    "[^\\d ]",
  ),
  fc.constantFrom("-", "\\|", "[.]"),
);
const quantifier = fc.constantFrom("", "", "", "?", "*", "+", "{2}", "{1,}", "{0,2}", "{2,3}", "{0}");
const chain = fc
  .tuple(
    fc.constantFrom("", "", "^"),
    fc.array(
      fc.tuple(atom, quantifier).map((pair) => pair.join("")),
      { maxLength: 6 },
    ),
    fc.constantFrom("", "", "$"),
  )
  .map(([start, atoms, end]) => start + atoms.join("") + end);
const regex = fc.array(chain, { minLength: 1, maxLength: 3 }).map((chains) => chains.join("|"));
const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", " ", ".", "-", "|", "\n", "ä"), maxLength: 12 });

test("an expression finds what JavaScript's own engine finds", () => {
  fc.assert(
    fc.property(regex, fc.array(text, { minLength: 1, maxLength: 5 }), (source, texts) => {
      const compiled = compileLinearRegex(source);
      for (const each of texts) assert.equal(compiled(each), new RegExp(source).test(each), `${source} in ${each}`);
    }),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 20_000 : 1_000 },
  );
});

test("no expression takes long, whatever it is held against", () => {
  const text = "a".repeat(200_000);
  const startMs = process.cpuUsage().user;
  const sources = ["a*a*a*a*a*a*a*a*b", "^a+a+a+a+b", ".*.*.*.*=.*", "a{500}b", `${"a?".repeat(400)}b`];
  for (const source of sources) {
    assert.equal(compileLinearRegex(source)(text), false, source);
  }
  assert.ok(process.cpuUsage().user - startMs < 20_000_000);
});

test("what is not of the language is refused", () => {
  for (const source of [
    "(a)",
    "a**",
    "*a",
    "a{2,1}",
    "[b-a]",
    "[",
    "[]",
    "\\",
    "\\q",
    "\\1",
    "a$b",
    "a{2000}",
    "{2}",
    "a{1000}b{1000}",
  ]) {
    assert.throws(() => compileLinearRegex(source), SyntaxError, source);
  }
});
