import assert from "node:assert/strict";
import test from "node:test";
import { fullyMatches, PatternError, withPattern } from "./bounded-pattern.ts";

test("a pattern matches all of a text, as in Java", () => {
  const cases: readonly [string, string, boolean][] = [
    ["4\\d{2}", "404", true],
    ["4\\d{2}", "4040", false],
    [".*Bad.*", "a Bad thing", true],
    [".*", "two\nlines", false],
    ["(?s).*", "two\nlines", true],
    ["(?i)bad", "BAD", true],
    ["(\\n|.)+", "two\nlines", true],
    ["\\Qa.b\\E", "a.b", true],
    ["\\Qa.b\\E", "axb", false],
    ["\\p{Alpha}+", "abc", true],
    ["[\\p{Digit}x]+", "1x2", true],
    ["a++", "aaa", true],
    ["a|b", "b", true],
    ["", "", true],
  ];
  for (const [pattern, text, expected] of cases) assert.equal(fullyMatches(pattern, text), expected, pattern);
});

test("a pattern that takes for ever, or is none, is an error", () => {
  assert.throws(() => fullyMatches("(a+)+", `${"a".repeat(50)}b`), PatternError);
  assert.throws(() => fullyMatches("(a*)*c", "a".repeat(50)), PatternError);
  assert.throws(() => fullyMatches("(", "a"), PatternError);
  assert.throws(() => fullyMatches("a".repeat(5000), "a"), PatternError);
  assert.throws(
    () => withPattern("(x+x+)+y", "x".repeat(60), (expression) => expression.test("x".repeat(60))),
    PatternError,
  );
});
