/** What the documents show of `trunkline/testing`, as it stands there. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";

for (const document of ["README.md", "docs/testing.md"]) {
  test(`the test that ${document} shows passes`, async () => {
    const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
    const [snippet, ...others] = [...text.matchAll(/```js\n([\s\S]*?)```/g)]
      .map(([, code = ""]) => code)
      .filter((code) => code.includes("trunkline/testing"));
    assert.ok(snippet && others.length === 0);
    const file = new URL(`snippet-${document.replaceAll(/\W/g, "-")}-${process.pid}.mjs`, import.meta.url);
    writeFileSync(file, snippet.replace("trunkline/testing", "../../src/testing/index.ts"));
    try {
      const args = ["--test", "--test-reporter=tap", file.pathname];
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
      const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch((error) => error);
      assert.match(stdout, /^# pass 1\n# fail 0$/m, stdout);
    } finally {
      rmSync(file);
    }
  });
}
