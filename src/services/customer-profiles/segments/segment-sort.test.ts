import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compare, exactNumber } from "../calculated-attributes/exact-number.ts";
import { type SegmentSort, sortKey } from "./segment-sort.ts";

type Document = Parameters<typeof sortKey>[1];

const person = (FirstName?: string, orders?: string): Document => ({
  _profile: FirstName === undefined ? {} : { FirstName },
  _calculated: orders === undefined ? {} : { orders },
});

/** In the order of their keys' bytes. */
function sorted(sort: SegmentSort, documents: readonly Document[]): readonly Document[] {
  const keyed = documents.map((document) => [Buffer.from(sortKey(sort, document)), document] as const);
  return keyed.sort(([one], [other]) => Buffer.compare(one, other)).map(([, document]) => document);
}

const by = (DataType: "STRING" | "NUMBER" | "DATE", Order: "ASC" | "DESC"): SegmentSort => ({
  Attributes: [{ Name: "FirstName", DataType, Order }],
});

function orderOf(sort: SegmentSort, ...names: readonly (string | undefined)[]): readonly unknown[] {
  return sorted(
    sort,
    names.map((name) => person(name)),
  ).map(({ _profile }) => _profile.FirstName);
}

test("texts, numbers and dates are in their order either way, and what is missing or none comes last", () => {
  assert.deepEqual(orderOf(by("STRING", "ASC"), "b", undefined, "ab", "a", "é"), ["a", "ab", "b", "é", undefined]);
  assert.deepEqual(orderOf(by("STRING", "DESC"), "b", undefined, "ab", "a"), ["b", "ab", "a", undefined]);
  const numbers = ["10", "-1.5", "9", "x", "0", "-1.25", "1e3"];
  assert.deepEqual(orderOf(by("NUMBER", "ASC"), ...numbers), ["-1.5", "-1.25", "0", "9", "10", "1e3", "x"]);
  assert.deepEqual(orderOf(by("NUMBER", "DESC"), ...numbers), ["1e3", "10", "9", "0", "-1.25", "-1.5", "x"]);
  const dates = ["2026-03-10T01:00:00+02:00", "2026-03-09", "1969-01-01", "yesterday"];
  assert.deepEqual(orderOf(by("DATE", "ASC"), ...dates), [
    "1969-01-01",
    "2026-03-09",
    "2026-03-10T01:00:00+02:00",
    "yesterday",
  ]);
});

test("profiles are in the order of the first attribute that tells them apart", () => {
  const sort: SegmentSort = {
    Attributes: [
      { Name: "orders", DataType: "NUMBER", Order: "DESC", Type: "CALCULATED" },
      { Name: "FirstName", Order: "ASC" },
    ],
  };
  const documents = [person("b", "2"), person("a", "10"), person("a", "2"), person("c"), person("ab", "2.0")];
  const found = sorted(sort, documents).map(({ _profile, _calculated }) => [_profile.FirstName, _calculated.orders]);
  assert.deepEqual(found, [
    ["a", "10"],
    ["a", "2"],
    ["ab", "2.0"],
    ["b", "2"],
    ["c", undefined],
  ]);
});

test("keys are in the order of the numbers that they stand for", () => {
  const anyNumber = fc
    .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: -12, max: 12 }))
    .map(([digits, power]) => `${digits}e${power}`);
  fc.assert(
    fc.property(anyNumber, anyNumber, fc.constantFrom("ASC" as const, "DESC" as const), (one, other, order) => {
      const [left, right] = [one, other].map((text) => exactNumber(text) ?? assert.fail(text));
      const expected = Math.sign(left && right ? compare(left, right) : assert.fail());
      const [first, second] = [one, other].map((text) => sortKey(by("NUMBER", order), person(text)));
      const found = first === second ? 0 : (first ?? "") < (second ?? "") ? -1 : 1;
      assert.equal(found, order === "ASC" ? expected : -expected || 0);
    }),
  );
});
