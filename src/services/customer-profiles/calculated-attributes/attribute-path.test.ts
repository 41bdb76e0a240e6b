import assert from "node:assert/strict";
import { test } from "node:test";
import { attributesOf } from "./attribute-path.ts";

test("attributes are named by points, through arrays, in document order", () => {
  const object = { a: 1, b: { c: "x", d: null, e: [] }, f: [{ g: true }, { g: false, h: [["y"]] }], "": 1 };
  assert.deepEqual(
    attributesOf(object).map(({ path, text }) => `${path}=${text}`),
    ["a=1", "b.c=x", "f.g=true", "f.g=false", "f.h=y"],
  );
});

test("an object may be as wide and as deep as it can be", () => {
  assert.equal(attributesOf({ a: Array.from({ length: 120_000 }, () => 1) }).length, 10_000);
  const depth = 120_000;
  assert.deepEqual(attributesOf(JSON.parse(`{"a":${"[".repeat(depth)}7${"]".repeat(depth)}}`)), [
    { path: "a", text: "7" },
  ]);
  assert.deepEqual(attributesOf(JSON.parse(`${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}`)), []);
});
