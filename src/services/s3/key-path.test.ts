import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { keyOf, pathOf } from "./key-path.ts";

const CASES: readonly [key: string, path: string][] = [
  ["hello.txt", "hello.txt"],
  ["connect/calls/2026/11/30/a_20261130T05:34_UTC.wav", "connect/calls/2026/11/30/a_20261130T05:34_UTC.wav"],
  ["Über uns/größe.txt", "Über uns/größe.txt"],
  ["a", "a."],
  ["a/b", "a/b."],
  ["a/", "a/%."],
  ["/", "%/%."],
  ["a//b", "a/%/b."],
  ["v1.2/notes", "v1%2E2/notes."],
  ["..", ".%2E"],
  [".", "%2E."],
  ["../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd."],
  ["./x.y", "%2E/x.y"],
  ["a.", "a%2E."],
  ["a.b.", "a.b%2E"],
  ["100%", "100%25."],
  ["a\0b\n.c", "a%00b%0A.c"],
  ["x".repeat(300), `${"x".repeat(240)}%+/${"x".repeat(60)}.`],
];

test("a key's path is what a person would look for, where there can be such a path", () => {
  for (const [key, path] of CASES) {
    assert.equal(pathOf(key, false), path);
    assert.equal(keyOf(path), key);
  }
  assert.equal(pathOf("Calls/é.wav", true), "%43alls/%C3%A9.wav");
});

const part = fc.oneof(
  fc.string({ unit: "binary", maxLength: 10 }),
  fc.string({ unit: fc.constantFrom("a", "A", ".", "%", "+", "2", "E", "é", "\u0301", "☎", "\0"), maxLength: 400 }),
);
const anyKey = fc
  .array(part, { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/"))
  .filter((key) => key !== "");

test("every key has a path of names that a file system takes, and comes back from it", () => {
  fc.assert(
    fc.property(anyKey, fc.boolean(), (key, foldsCase) => {
      const path = pathOf(key, foldsCase);
      assert.equal(keyOf(path), key);
      for (const name of path.split("/")) {
        assert.ok(name !== "" && name !== "." && name !== ".." && !name.includes("\0"), JSON.stringify(path));
        assert.ok(Buffer.byteLength(name) <= 255, name);
        if (foldsCase) assert.match(name.replaceAll(/%[0-9A-F]{2}/g, ""), /^[^A-Z\u0080-\u{10ffff}]*$/u);
      }
    }),
  );
});

test("no key's file stands where another key has a folder", () => {
  fc.assert(
    fc.property(anyKey, anyKey, fc.boolean(), (key, other, foldsCase) => {
      const [path, otherPath] = [pathOf(key, foldsCase), pathOf(`${key}/${other}`, foldsCase)];
      assert.ok(!otherPath.startsWith(`${path}/`), `${path} ${otherPath}`);
      assert.ok(!pathOf(other, foldsCase).startsWith(`${path}/`), path);
    }),
  );
});
