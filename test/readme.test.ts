import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import test from "node:test";
import { promisify } from "node:util";
import { withOperations } from "../scripts/readme-operations.ts";
import { startTrunkline } from "./server.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the README lists exactly the operations that are built", () => {
  assert.equal(withOperations(readme), readme, "run node scripts/readme-operations.ts");
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
