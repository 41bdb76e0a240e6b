import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import test from "node:test";
import { promisify } from "node:util";
import { withOperations } from "../scripts/readme-operations.ts";
import { parseEventPattern } from "../src/matching/event-pattern.ts";
import { startTrunkline } from "./server.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README lists exactly the operations that are built", () => {
  assert.equal(withOperations(readme), readme, "run node scripts/readme-operations.ts");
});

test("the README says which operators event patterns take", () => {
  const [, taken = "", refused = ""] =
    /^Event patterns take (.*?)\. Not built yet, and refused by name: (.*?)\./m.exec(readme) ?? [];
  const named = (words: string): string[] => [...words.matchAll(/`([^`]+)`/g)].map(([, name]) => String(name));
  const operands: Readonly<Record<string, unknown>> = {
    prefix: "a",
    suffix: "a",
    exists: true,
    numeric: [">", 1],
    "anything-but": { prefix: "a" },
    "equals-ignore-case": "a",
    wildcard: "a*",
    cidr: "10.0.0.0/8",
  };
  const compile = (name: string): unknown =>
    parseEventPattern(
      JSON.stringify(name === "$or" ? { $or: [{ a: ["1"] }, { b: ["1"] }] } : { a: [{ [name]: operands[name] }] }),
    );
  assert.equal(new Set(named(taken)).size, 6);
  for (const name of named(taken)) compile(name);
  assert.equal(named(refused).length, 3);
  for (const name of named(refused)) {
    assert.throws(() => compile(name), { message: new RegExp(`${name} is not built`) });
  }
});

test("the README's snippet works when pasted", async () => {
  const { url } = await startTrunkline("--clock", "real");
  const [, snippet = ""] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  assert.match(snippet, /127\.0\.0\.1:4510/);
  // Beside the tests, so that it finds the SDK.
  const file = new URL(`readme-snippet-${process.pid}.mjs`, import.meta.url);
  writeFileSync(file, snippet.replace("http://127.0.0.1:4510", url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file.pathname]);
    assert.match(stdout, /SequenceNumber: '\d{56}'/);
    assert.match(stdout, /ShardId: 'shardId-000000000000'/);
  } finally {
    rmSync(file);
  }
});
