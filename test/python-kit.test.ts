/** `clients/python` by its own tests, which are written as a user would write theirs. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { linkPackage } from "../scripts/package/linked.ts";
import { packedTarball } from "./packed.ts";
import { temporaryFolder } from "./server.ts";

const root = join(import.meta.dirname, "..");
const python = findPython() ?? installPython();

test("the test kit for Python starts servers, plays callers and agents, and waits for what comes of it", async (t) => {
  if (python === undefined) {
    return t.skip(
      "skipped: the test kit for Python (needs Python with pytest and boto3; as root on Debian they are installed)",
    );
  }
  const args = ["-m", "pytest", "-q", "-p", "trunkline.pytest_plugin", "-p", "no:cacheprovider", "--color=no", "tests"];
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

test("installed by pip beside the package, it runs the test that the guide shows, in a clean folder", async (t) => {
  if (python === undefined)
    return t.skip("skipped: the test kit for Python, installed (needs Python with pytest and boto3)");
  const home = temporaryFolder();
  // pip leaves its traces beside what it builds.
  cpSync(join(root, "clients/python"), join(home, "kit"), { recursive: true });
  const pip = (...flags: string[]) => {
    const usual = ["--no-deps", "--quiet", "--disable-pip-version-check", "--target", join(home, "site")];
    const args = ["-m", "pip", "install", ...usual, ...flags, join(home, "kit")];
    return spawnSync(python, args, { encoding: "utf8", timeout: 60_000 });
  };
  // With the machine's setuptools; pip fetches them where those are missing or too old.
  if (pip("--no-index", "--no-build-isolation").status !== 0 && pip().status !== 0) {
    return t.skip("skipped: the test kit for Python, installed (needs pip and setuptools)");
  }
  linkPackage(await packedTarball(), home);
  const guide = readFileSync(join(root, "docs/testing.md"), "utf8");
  const [, snippet = ""] = /```python\n([\s\S]*?)```/.exec(guide) ?? [];
  mkdirSync(join(home, "tests"));
  writeFileSync(join(home, "tests/test_parcels.py"), snippet);
  const args = ["-m", "pytest", "-q", "--color=no", "tests"];
  const { PATH, HOME } = process.env;
  const env = { PATH: `${dirname(process.execPath)}:${PATH}`, HOME, PYTHONPATH: join(home, "site") };
  const { stdout, stderr } = await promisify(execFile)(python, args, { cwd: home, env }).catch((error) => error);
  assert.match(stdout, /^1 passed/m, `${stdout}${stderr}`);
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
