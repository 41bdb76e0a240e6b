/** `clients/python` by its own tests, which are written as a user would write theirs. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { temporaryFolder } from "./server.ts";

const root = join(import.meta.dirname, "..");
const python = findPython() ?? installPython();

test("the test kit for Python starts servers, plays callers and agents, and waits for what comes of it", async (t) => {
  if (python === undefined) {
    return t.skip(
      "skipped: the test kit for Python (needs Python with pytest and boto3; as root on Debian they are installed)",
    );
  }
  // The test that the guide shows runs with them.
  const guide = readFileSync(join(root, "docs/testing.md"), "utf8");
  const [, snippet = ""] = /```python\n([\s\S]*?)```/.exec(guide) ?? [];
  const shown = join(temporaryFolder(), "test_shown.py");
  writeFileSync(shown, snippet);
  const args = [
    "-m",
    "pytest",
    "-q",
    "-p",
    "trunkline.pytest_plugin",
    "-p",
    "no:cacheprovider",
    "--color=no",
    "tests",
    shown,
  ];
  const { stdout, stderr } = await promisify(execFile)(python, args, {
    cwd: join(root, "clients/python"),
    env: {
      ...process.env,
      PYTHONPATH: ".",
      PYTHONDONTWRITEBYTECODE: "1",
      TRUNKLINE_COMMAND: `${process.execPath} ${join(root, "bin/trunkline.mjs")}`,
      TRUNKLINE_URL: "",
    },
  }).catch((error) => error);
  assert.match(stdout, /^\d+ passed/m, `${stdout}${stderr}`);
  assert.doesNotMatch(stdout, /failed|error|skipped/);
});

test("the test kit for Python has the version of the package", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.match(
    readFileSync(join(root, "clients/python/pyproject.toml"), "utf8"),
    RegExp(`^version = "${version}"$`, "m"),
  );
});

function findPython(): string | undefined {
  return ["python3", "/usr/bin/python3"].find(
    (python) => spawnSync(python, ["-c", "import boto3, pytest"]).status === 0,
  );
}

/** From Debian, where we may. */
function installPython(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  spawnSync("apt-get", ["update", "-qq"]);
  spawnSync("apt-get", ["install", "-y", "-qq", "python3-boto3", "python3-pytest"], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return findPython();
}
