/**
 * The kit in Vitest and Jest, from the package. Neither is a dependency of ours: CI and `npm run test:full` install them once, beside the
 * repository's packages, and from then on they run with `npm test` too. (`servers.test.ts` always has the hooks that they call.)
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { linkPackage } from "../../scripts/package/linked.ts";
import { packedTarball } from "../packed.ts";
import { temporaryFolder } from "../server.ts";

const RUNNERS = { vitest: "4.1.12", jest: "30.5.2" };
const FULL = process.env.TRUNKLINE_FULL === "1";
const IS_ASKED = FULL || Boolean(process.env.CI);
const MISSING = "skipped: Vitest and Jest (CI and npm run test:full install them, where npm can)";
const root = join(import.meta.dirname, "../..");
const home = join(temporaryFolder(), "home");
const environment = { ...process.env, NODE_TEST_CONTEXT: undefined, CI: "1", NODE_OPTIONS: "" };

const installed = installRunners();

before(async () => {
  if (installed === undefined) return;
  linkPackage(await packedTarball(), home);
  for (const name of readdirSync(installed)) {
    const link = join(home, "node_modules", name);
    if (!name.startsWith(".") && !existsSync(link)) symlinkSync(join(installed, name), link);
  }
  writeFileSync(join(home, "package.json"), '{ "type": "module" }');
});

for (const pool of ["forks", ...(FULL ? ["threads"] : [])]) {
  test(`Vitest in ${pool}`, async (t) => {
    if (installed === undefined) return t.skip(MISSING);
    cpSync(join(import.meta.dirname, "vitest"), join(home, "vitest"), { recursive: true });
    const args = ["run", "--root", home, "--dir", "vitest", "--pool", pool, "--no-color", "--testTimeout=60000"];
    const { stdout, stderr } = await run([join(installed, "vitest/vitest.mjs"), ...args], environment);
    assert.match(stdout, /Tests {2}4 passed \(4\)/, stdout + stderr);
  });
}

test("Jest, with tests in ES modules and in CommonJS", async (t) => {
  if (installed === undefined) return t.skip(MISSING);
  cpSync(join(import.meta.dirname, "jest"), join(home, "jest"), { recursive: true });
  if (FULL) {
    const text = readFileSync(join(home, "jest/parcels.test.js"), "utf8");
    mkdirSync(join(home, "jest/common"));
    writeFileSync(join(home, "jest/common/package.json"), "{}");
    const common = text.replace(/^import (.*) from (.*);$/m, "const $1 = require($2);");
    assert.notEqual(common, text);
    writeFileSync(join(home, "jest/common/parcels.test.js"), common);
  }
  const args = [
    ...["--experimental-vm-modules", "--no-warnings", join(installed, "jest/bin/jest.js")],
    ...["--rootDir", home, "--roots", join(home, "jest"), "--transform", "{}", "--maxWorkers=2", "--testTimeout=60000"],
  ];
  const { stdout, stderr } = await run(args, environment);
  assert.match(stderr, FULL ? /Tests: +8 passed, 8 total/ : /Tests: +4 passed, 4 total/, stdout + stderr);
});

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, args, { cwd: home, env }).catch((error) => error);
}

/** Where they lie. `undefined` where they are not there, or cannot be had. */
function installRunners(): string | undefined {
  const name = Object.entries(RUNNERS).flat().join("-");
  const place = join(root, "node_modules/.cache/test-runners", name);
  if (existsSync(place)) return join(place, "node_modules");
  if (!IS_ASKED) return undefined;
  const folder = `${place}-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: RUNNERS }));
  const args = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync("npm", args, { cwd: folder, timeout: 60_000, stdio: "ignore" });
  if (status !== 0) return undefined;
  renameSync(folder, place);
  return join(place, "node_modules");
}
