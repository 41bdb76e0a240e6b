import assert from "node:assert/strict";
import { test } from "node:test";
import { equalsIgnoringCase, foldCase, hasPrefixIgnoringCase, hasSuffixIgnoringCase } from "./ignore-case.ts";

/** All characters that have a case. */
const cased = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter(
  (character) => character.toLowerCase() !== character.toUpperCase(),
);

test("a character is met by its lower-case or its upper-case form", () => {
  assert.equal(equalsIgnoringCase("aLICe", "Alice"), true);
  assert.equal(equalsIgnoringCase("alices", "Alice"), false);
  assert.equal(equalsIgnoringCase("É", "é"), true);
  assert.equal(equalsIgnoringCase("STRASSE", "straße"), true);
  assert.equal(equalsIgnoringCase("strasse", "straße"), false);
  assert.equal(equalsIgnoringCase("straße", "STRASSE"), false);
  assert.equal(equalsIgnoringCase("𐐀", "𐐨"), true);
});

test("beginnings and ends are compared alike", () => {
  assert.equal(hasPrefixIgnoringCase("SSA", "ßa"), true);
  assert.equal(hasPrefixIgnoringCase("S", "ß"), false);
  assert.equal(hasSuffixIgnoringCase("ASS", "aß"), true);
  assert.equal(hasSuffixIgnoringCase("S", "ß"), false);
  assert.equal(hasSuffixIgnoringCase("x.PNG", ".png"), true);
});

test("whatever meets a character has the same folded form", () => {
  const exceptions = cased.filter((character) => {
    const forms = [character.toLowerCase(), character.toUpperCase()];
    return forms.some((form) => !equalsIgnoringCase(form, character) || foldCase(form) !== foldCase(character));
  });
  assert.deepEqual(exceptions, []);
});

test("a text folds to what its characters fold to", () => {
  assert.equal(foldCase("ΟΔΟΣ Σ"), Array.from("ΟΔΟΣ Σ", foldCase).join(""));
});

test("no form of a character begins or ends with another, so that the first that fits is the only one", () => {
  const exceptions = cased.filter((character) => {
    const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
    return [lower.startsWith(upper), upper.startsWith(lower), lower.endsWith(upper), upper.endsWith(lower)].includes(
      true,
    );
  });
  assert.deepEqual(exceptions, []);
});
