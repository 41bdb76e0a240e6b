/** What the documents show of `trunkline/testing`, as it stands there: each snippet whose first line names a file is that file. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FILE = /^(?:\/\/|#) ([\w.-]+\.(?:mjs|yaml))\b/;
const kit = fileURLToPath(new URL("../../src/testing/index.ts", import.meta.url));

for (const [document, tests] of [
  ["README.md", ["parcels.test.mjs"]],
  ["docs/testing.md", ["parcels.test.mjs", "recorder.test.mjs"]],
] as const) {
  test(`the tests that ${document} shows pass`, async () => {
    const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
    // Here, where the SDK's clients are found.
    const folder = join(import.meta.dirname, `snippets-${document.replaceAll(/\W/g, "-")}-${process.pid}`);
    mkdirSync(folder);
    try {
      for (const [, code = ""] of text.matchAll(/```(?:js|yaml)\n([\s\S]*?)```/g)) {
        const [, name] = FILE.exec(code) ?? [];
        if (name) writeFileSync(join(folder, name), code.replace("trunkline/testing", kit));
      }
      const args = ["--test", "--test-reporter=tap", ...tests];
      const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
      const run = promisify(execFile)(process.execPath, args, { cwd: folder, env });
      const { stdout } = await run.catch((error) => error);
      assert.match(stdout, RegExp(`^# pass ${tests.length}\n# fail 0$`, "m"), stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
