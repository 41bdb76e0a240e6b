import assert from "node:assert/strict";
import { test } from "node:test";
import type { PhoneNumberCountryCode } from "@aws-sdk/client-connect";
import { loadModel } from "../../models/catalog.ts";
import { numbersOf, planOf } from "./phone-number-plan.ts";

const shape = loadModel("connect").shapes.PhoneNumberCountryCode;
assert.ok(shape?.type === "string" && shape.enum);
const countries = shape.enum as readonly PhoneNumberCountryCode[];

test("every country of the model has numbers of both types, which are told as its own", () => {
  for (const country of countries) {
    for (const type of ["DID", "TOLL_FREE"] as const) {
      const range = numbersOf({ country, type });
      assert.ok(range, country);
      const number = range.at(0);
      assert.match(number, /^\+[1-9]\d{9,14}$/, country);
      assert.deepEqual(planOf(number), { country, type }, number);
    }
  }
});

test("numbers of a range are all different and begin as asked for", () => {
  const range = numbersOf({ country: "US", type: "DID" }, "+12065550");
  assert.ok(range);
  const numbers = Array.from({ length: range.count }, (_, place) => range.at(place));
  assert.equal(new Set(numbers).size, 1_000);
  assert.ok(numbers.every((number) => /^\+12065550\d{3}$/.test(number)));
});

test("a prefix may be short, without a plus, or a whole number", () => {
  assert.match(numbersOf({ country: "DE", type: "DID" }, "4")?.at(0) ?? "", /^\+4920\d{7}$/);
  assert.match(numbersOf({ country: "DE", type: "DID" }, "4930")?.at(0) ?? "", /^\+4930\d{7}$/);
  assert.deepEqual(numbersOf({ country: "US", type: "DID" }, "+12065550100")?.at(0), "+12065550100".slice(0, 12));
});

test("no numbers are made up that would be another country's, or of a type that comes with a carrier", () => {
  assert.equal(numbersOf({ country: "DE", type: "DID" }, "+33"), undefined);
  assert.equal(numbersOf({ country: "US", type: "SHORT_CODE" }), undefined);
  assert.equal(numbersOf({ country: "US", type: "UIFN" }), undefined);
});

test("a number is its country's and either toll-free or not", () => {
  for (const [number, country, type] of [
    ["+12065550100", "US", "DID"],
    ["+18885550100", "US", "TOLL_FREE"],
    ["+14165550100", "CA", "DID"],
    ["+16045550100", "CA", "DID"],
    ["+441481200000", "GG", "DID"],
    ["+442079460000", "GB", "DID"],
    ["+448001234567", "GB", "TOLL_FREE"],
    ["+77012345678", "KZ", "DID"],
    ["+74951234567", "RU", "DID"],
  ] as const) {
    assert.deepEqual(planOf(number), { country, type }, number);
  }
  assert.equal(planOf("+80012345678"), undefined);
});
