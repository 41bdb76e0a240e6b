/** Examples of the integration plane around a contact centre: each runs as a newcomer runs it, on a clock that is moved, and holds what it promises. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { startTrunkline } from "./server.ts";

/** Runs an example on a server of its own. Answers what it prints. */
async function run(example: string): Promise<string> {
  const { url } = await startTrunkline();
  const path = new URL(`../examples/${example}/run.mjs`, import.meta.url).pathname;
  const environment = { ...process.env, AWS_ENDPOINT_URL: url, TRUNKLINE_CREDENTIALS: "", NAME: example };
  const { stdout } = await promisify(execFile)(process.execPath, [path], { env: environment });
  return stdout;
}

test("examples/abandoned-calls calls back who gave up, once an hour, and nobody who was helped since", async () => {
  const stdout = await run("abandoned-calls");
  const rows = [...stdout.matchAll(/^(gives up.*?) {2,}(\d+) +(\d+) +(\d+) +(\d+)/gm)].map(([, ...row]) => row);
  assert.deepEqual(rows, [
    // calls, of them helped, callbacks that wait, callbacks that were stopped
    ["gives up", "1", "0", "1", "0"],
    ["gives up three times", "3", "0", "1", "0"],
    ["gives up, is helped at once", "2", "1", "0", "0"],
    ["gives up, is helped later", "2", "1", "0", "1"],
    ["gives up, and after an hour", "2", "0", "2", "0"],
  ]);
});
