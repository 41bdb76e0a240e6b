/**
 * Installs what is missing in node_modules, so that `npm start` and `npm test` work alone in a fresh clone.
 *
 * Runs before them, on whatever Node the machine has (20 or later), and must therefore need nothing itself. `npm start`
 * needs the runtime's packages only; everything else gets all of them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const runtimeOnly = process.env.npm_lifecycle_event === "prestart";

if (!installed()) {
  console.error("Trunkline: installing packages (once) …");
  // Not `npm ci`: it refuses where a registry lacks the optional binaries of other platforms. The locked versions are checked below.
  run(
    "npm",
    ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", ...(runtimeOnly ? ["--omit=dev"] : [])],
    root,
  );
  if (!installed()) fail("the packages that are installed are not those of package-lock.json");
}
// npm can be told (and later versions default) not to run packages' install scripts: this one fetches the Node binary.
if (!existsSync(`${root}/node_modules/node/bin/node`)) {
  run(process.execPath, ["installArchSpecificPackage.js"], `${root}/node_modules/node`);
}

/** Whether every package of the lock file that we need is there in the locked version. */
function installed() {
  const wanted = packagesOf(`${root}/package-lock.json`);
  const present = packagesOf(`${root}/node_modules/.package-lock.json`);
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" ||
      entry.optional ||
      entry.devOptional ||
      (runtimeOnly && entry.dev) ||
      present[path]?.version === entry.version,
  );
}

function packagesOf(lockFile) {
  return existsSync(lockFile) ? JSON.parse(readFileSync(lockFile, "utf8")).packages : {};
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) fail(`${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
}

function fail(message) {
  console.error(`Trunkline: ${message}`);
  process.exit(1);
}
