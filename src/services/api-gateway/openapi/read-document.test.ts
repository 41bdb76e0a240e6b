import assert from "node:assert/strict";
import { test } from "node:test";
import { readDocument } from "./read-document.ts";

const read = (text: string): unknown => readDocument(Buffer.from(text));

test("YAML says what JSON says", () => {
  const yaml = "a: &a {b: 1, c: [x, 'y']}\nd: {<<: *a, b: 2}\ne: |\n  #set($x = {[})\n200: ok\n";
  assert.deepEqual(read(yaml), {
    a: { b: 1, c: ["x", "y"] },
    d: { b: 2, c: ["x", "y"] },
    e: "#set($x = {[})\n",
    200: "ok",
  });
});

test("what is no document, has a key twice or was made to take long is refused", () => {
  const levels = (count: number): string => `a: ${"[".repeat(count)}${"]".repeat(count)}`;
  assert.ok(read(levels(90)));
  const refused = [
    "- a",
    "a: 1\na: 2",
    "a: {b: 1, 'b': 2}",
    "a: 1\n---\nb: 2",
    "a: [",
    levels(200),
    `a: ${"[".repeat(1_000_000)}`,
    `a: {${Array.from({ length: 60_000 }, (_, at) => `k${at}: 1`).join(",")}}`,
    `a: ${'"b" '.repeat(250_000)}`,
    `a: &a [1,1,1]\n${["b", "c", "d", "e", "f", "g"].map((name, at) => `${name}: &${name} [${`*${"abcdef"[at]},`.repeat(20)}]`).join("\n")}`,
  ];
  for (const text of refused) assert.throws(() => read(text), { code: "BadRequestException" }, text.slice(0, 40));
});
