import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNode } from "./node-version.ts";

test("an older Node is refused by its version", () => {
  assertNode();
  assertNode("v25.0.0");
  assert.throws(
    () => assertNode("v22.23.5"),
    /^Error: trunkline needs Node\.js 24 or later; this is v22\.23\.5 \(.*\)\. A project can bring it: npm install --save-dev node@24$/,
  );
});
