import assert from "node:assert/strict";
import { test } from "node:test";
import { includedFields } from "./included-fields.ts";

const VALUES = { title: "A parcel", status: "open", "custom-1": 5, "custom-2": false };

const included = (more: object) => includedFields({ enabled: true, ...more }, VALUES);

test("without a list of fields values are not told", () => {
  assert.equal(included({}), undefined);
  assert.equal(included({ includesContent: true }), undefined);
});

test("of the fields that are listed, those with a value are told", () => {
  assert.deepEqual(included({ fields: [] }), []);
  assert.deepEqual(included({ fields: ["custom-1", "summary", "title", "custom-2"] }), [
    "custom-1",
    "title",
    "custom-2",
  ]);
});

test("all fields of a kind are told with them, each once", () => {
  const listed = { fields: ["custom-1", "status"] };
  assert.deepEqual(included({ ...listed, autoIncludes: "All" }), ["custom-1", "status", "title", "custom-2"]);
  assert.deepEqual(included({ ...listed, autoIncludes: "System" }), ["custom-1", "status", "title"]);
  assert.deepEqual(included({ ...listed, autoIncludes: "Custom" }), ["custom-1", "status", "custom-2"]);
});
