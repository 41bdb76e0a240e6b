import assert from "node:assert/strict";
import { test } from "node:test";
import { Scalar } from "yaml";
import { placeNamed } from "./place-named.ts";

const places = new Map(
  ["items", "items 1", "items 1 title", "items 2", "items 2 title", "title", "retentionindays"].map((path) => [
    path,
    new Scalar(path),
  ]),
);

function pathNamed(message: string): unknown {
  return (placeNamed(places, message) as Scalar | undefined)?.value;
}

test("a path leads to its member, or as far as the file goes", () => {
  const at = (path: string): string =>
    `CreateX: ValidationException: 1 validation error detected: Value '' at '${path}' failed`;
  assert.equal(pathNamed(at("items.2.member.title")), "items 2 title");
  assert.equal(pathNamed(at("items.1.member.refId")), "items 1");
});

test("a word is the longest name of a member; the operation and the code are no words", () => {
  assert.equal(pathNamed("PutX: InvalidParameterException: the title or retentionInDays is wrong"), "retentionindays");
  assert.equal(pathNamed("Title: Items: nothing of it"), undefined);
});
