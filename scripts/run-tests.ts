/**
 * `npm test`: every test of the project with Node's own runner. `npm run test:full` runs the long campaigns (rounds of kills and
 * power cuts, generated inputs) wholly, and then the suite once more with every unit of work run twice.
 *
 * Arguments that are files run those alone: `npm test -- src/store/contract.test.ts`.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** Each file runs in a process of its own; to strip and compile the product anew for each took a third of all processor time. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, "../node_modules/.cache/compiled");

const full = process.argv.includes("--full");
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const files = named.length > 0 ? named : globSync(["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts"]);

run({ ...(full && { TRUNKLINE_FULL: "1" }) });
if (full) run({ TRUNKLINE_UNITS_TWICE: "1" });

function run(environment: Record<string, string>): void {
  const { status } = spawnSync(
    process.execPath,
    ["--test", `--test-concurrency=${availableParallelism()}`, "--test-reporter=spec", ...files.sort()],
    { stdio: "inherit", env: { NODE_COMPILE_CACHE, ...process.env, ...environment } },
  );
  if (status !== 0) process.exit(status ?? 1);
}
