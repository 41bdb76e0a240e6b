import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import { startTrunkline } from "./server.ts";

const SCRIPT = new URL("boto3/first_event.py", import.meta.url).pathname;

test("boto3 sees a call's events arrive on a stream, a queue and a log group", async (t) => {
  const python = findPython() ?? installBoto3();
  if (python === undefined)
    return t.skip("skipped: boto3 (needs Python with boto3; as root on Debian it is installed)");
  const { url } = await startTrunkline("--clock", "real");
  const { stdout } = await promisify(execFile)(python, [SCRIPT, "+12065550101"], {
    env: { ...process.env, AWS_ENDPOINT_URL: url },
    timeout: 60_000,
  });
  const report = JSON.parse(stdout);
  assert.equal(report.account, "000000000000");
  assert.equal(report.types[0], "INITIATED");
  assert.deepEqual(report.types.slice(-2), ["DISCONNECTED", "COMPLETED"]);
  assert.deepEqual(report.queued, report.types);
  assert.deepEqual(report.logged, [...report.types].sort());
  assert.equal(report.same_bytes, true);
  assert.equal(report.error, "Stream nothing under account 000000000000 not found.");
  assert.equal(report.connect_error, "ResourceNotFoundException");
});

function findPython(): string | undefined {
  return ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", "import boto3"]).status === 0);
}

/** From Debian, where we may. */
function installBoto3(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  spawnSync("apt-get", ["update", "-qq"]);
  spawnSync("apt-get", ["install", "-y", "-qq", "python3-boto3"], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return findPython();
}
