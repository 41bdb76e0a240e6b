/**
 * `npm test`: every test of the project with Node's own runner, on a bundle of the server. `npm run test:full` runs the long campaigns
 * (rounds of kills and power cuts, generated inputs) wholly, and then the suite once more with every unit of work run twice.
 *
 * Arguments that are files run those alone, and on the sources as they are, so that what fails names their lines:
 * `npm test -- src/store/contract.test.ts`.
 */
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pathToFileURL } from "node:url";
import { provideBrowser } from "../test/browser.ts";
import { bundleForTests } from "./test-bundle.ts";

/** Each file runs in a process of its own; to strip and compile the tests anew for each took a third of all processor time. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../node_modules/.cache/compiled");

/** Those that take longest begin first: one of them alone at the end would keep all waiting. */
const LONG = [/^test\/(bad-input|boto3|accounts|eventbridge)\.test/, /^test\/(console|kit)/, /-kill\.test/, /^test\//];

/** A test that hangs is ended, so that those of the other files are heard of. */
const TIMEOUT_MS = 600_000;

const full = process.argv.includes("--full");
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const files = named.length > 0 ? named : globSync(["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts"]);

if (named.length === 0) {
  provideBrowser();
  const preload = pathToFileURL(join(import.meta.dirname, "test-preload.mjs")).href;
  const bundled = pathToFileURL(await bundleForTests()).href;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import=${preload}?${bundled}/`;
}
if (full) process.env.TRUNKLINE_FULL = "1";
await runAll();
if (full && process.exitCode === undefined) {
  process.env.TRUNKLINE_UNITS_TWICE = "1";
  await runAll();
}

async function runAll(): Promise<void> {
  const place = (file: string): number => LONG.findIndex((pattern) => pattern.test(file)) >>> 0;
  const events = run({
    files: files.sort().toSorted((one, other) => place(one) - place(other)),
    // Each waits for something now and then: a disk, a child, a browser.
    concurrency: availableParallelism() + 1,
    ...(!full && { timeout: TIMEOUT_MS }),
  });
  events.on("test:fail", ({ todo }) => {
    if (todo === undefined) process.exitCode = 1;
  });
  for await (const text of events.compose(spec)) process.stdout.write(text);
}
