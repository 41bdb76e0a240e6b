/**
 * What each process of `npm test` loads first: a file of tests, and the servers and programs that it starts. Whoever imports a source gets it
 * from the bundle of `scripts/test-bundle.ts`. Unit tests, beside the sources, take these as they are.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

const ROOT = new URL("../", import.meta.url);
/** Where it lies is said in the address of this module. */
const BUNDLE = new URL(import.meta.url).search.slice(1);
const SOURCES = new URL("src/", ROOT).href;

const main = process.argv[1] ?? "";
const isUnitTest = main.endsWith(".test.ts") && main.startsWith(fileURLToPath(SOURCES));

const entries = new Set(JSON.parse(readFileSync(new URL("entries.json", BUNDLE), "utf8")));

if (isMainThread && !isUnitTest) registerHooks({ resolve: resolveToBundle });

function resolveToBundle(specifier, context, next) {
  const resolved = next(specifier, context);
  if (!resolved.url.startsWith(SOURCES) || !resolved.url.endsWith(".ts")) return resolved;
  const source = resolved.url.slice(ROOT.href.length);
  // A second copy of a module would be another module.
  if (!entries.has(source))
    throw new Error(`scripts/test-bundle.ts does not see that ${context.parentURL} imports ${source}`);
  return {
    ...resolved,
    url: new URL(source.replace(/^src/, "dist").replace(/\.ts$/, ".js"), BUNDLE).href,
    format: "module",
  };
}
