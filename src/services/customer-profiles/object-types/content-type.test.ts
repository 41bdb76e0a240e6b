import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normalised } from "./content-type.ts";

const NUMBERS = [
  ["7", "7"],
  ["007", "7"],
  ["7.0", "7"],
  ["0.7e1", "7"],
  [" 7 ", "7"],
  ["-0", "0"],
  ["-12.50", "-12.5"],
  ["0.050", "0.05"],
  ["1200", "1200"],
  ["1.2e3", "1200"],
  ["98765432109876543210", "98765432109876543210"],
  ["1e999999", "0.1e1000000"],
  ["seven", "seven"],
  ["", ""],
] as const;

test("equal numbers have one form, and what is no number stays as it is", () => {
  for (const [text, form] of NUMBERS) assert.equal(normalised("NUMBER", text), form, text);
});

test("two numbers have one form just where they are equal", () => {
  const anyNumber = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(anyNumber, anyNumber, (one, other) => {
      const [first, second] = [normalised("NUMBER", String(one)), normalised("NUMBER", String(other))];
      assert.equal(first === second, one === other);
      assert.equal(Number(first), one === 0 ? 0 : one);
    }),
  );
});

const PHONES = [
  ["+1 (415) 555-0199", "14155550199"],
  ["4155550199", "14155550199"],
  ["1-415-555-0199", "14155550199"],
  ["+49 421 555 01", "4942155501"],
  ["+4155550199", "4155550199"],
  ["555-0199", "5550199"],
  ["unknown", "unknown"],
  ["", ""],
] as const;

test("the formatting of phone numbers does not matter, and ten digits are a number of North America", () => {
  for (const [text, form] of PHONES) assert.equal(normalised("PHONE_NUMBER", text), form, text);
});

test("addresses and names are compared without case and extra space, texts exactly", () => {
  assert.equal(normalised("EMAIL_ADDRESS", "  Ina@Example.COM "), "ina@example.com");
  assert.equal(normalised("NAME", "  Ina \t van  Dyk\n"), "ina van dyk");
  assert.equal(normalised("STRING", " Ina "), " Ina ");
  assert.equal(normalised(undefined, "007"), "007");
});

test("a form is its own form", () => {
  const contentType = fc.constantFrom("STRING", "NUMBER", "EMAIL_ADDRESS", "NAME" as const);
  fc.assert(
    fc.property(contentType, fc.string(), (type, text) => {
      const once = normalised(type as "STRING", text);
      assert.equal(normalised(type as "STRING", once), once);
    }),
  );
});
