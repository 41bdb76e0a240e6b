import assert from "node:assert/strict";
import { test } from "node:test";
import { parseWildcard } from "./wildcard.ts";
import { type WildcardGroup, wildcardComplexity } from "./wildcard-complexity.ts";

/* Each value is the answer of the real engine (aws/event-ruler 2.1.0). */
const alone: readonly (readonly [wildcards: string, complexity: number])[] = [
  ["queue", 1],
  ["queue-*", 2],
  ["*:*", 3],
  ["*:*:*", 5],
  ["*:*:*:*", 7],
  ["*abc*abc*abc*", 7],
  ["*aaaa*", 6],
  ["*a* *b*", 6],
  ["*/x/* */y/*", 7],
  ["*foo* *bar* *baz* *qux*", 12],
];
for (const [wildcards, complexity] of alone) {
  test(`complexity ${complexity}: ${wildcards}`, () => {
    assert.equal(wildcardComplexity([wildcards.split(" ").map((text) => group(text))], 100), complexity);
  });
}

const lists: readonly (readonly [wildcards: string, complexity: number])[] = [
  ["xb xba", 1],
  ["b* ba", 2],
  ["*b *bb", 4],
  ["*ba *bc", 3],
  ["*b*a *b*c", 5],
  ["x*b* x*ba", 4],
  ["* ac", 2],
];
for (const [wildcards, complexity] of lists) {
  test(`complexity ${complexity}, as one list of anything-but: ${wildcards}`, () => {
    assert.equal(wildcardComplexity([[group(...wildcards.split(" "))]], 100), complexity);
  });
}

test("the same wildcard twice counts as one that begins twice", () => {
  assert.equal(wildcardComplexity([[group("c*aa", "c*aa")]], 100), 5);
});

test("the most complex field counts", () => {
  assert.equal(wildcardComplexity([[group("*:*")], [group("*:*:*")], [group("x*")]], 100), 5);
  assert.equal(wildcardComplexity([], 100), 0);
});

test("nothing is looked at beyond the cap", () => {
  assert.equal(wildcardComplexity([[group("*foo*"), group("*bar*"), group("*baz*"), group("*qux*")]], 11), 11);
  const hundred = Array.from({ length: 100 }, (_, i) => group(`${i}*`));
  assert.equal(wildcardComplexity([hundred], 11), 11);
  assert.equal(wildcardComplexity([[group("*a".repeat(1000))]], 11), 11);
});

test("an automaton that takes too long to look through counts as too complex", () => {
  const texts = Array.from({ length: 400 }, (_, i) => `${"x".repeat(i)}*${"ab".repeat(100)}`);
  assert.equal(wildcardComplexity([[group(...texts)]], 1000), 1000);
});

function group(...wildcards: readonly string[]): WildcardGroup {
  return wildcards.map((text) => parseWildcard(text, assert.fail));
}
