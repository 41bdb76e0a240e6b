/**
 * What each process of `npm test` loads first: a file of tests, and the servers and programs that it starts.
 *
 * - Whoever imports a source gets it from the bundle of `scripts/test-bundle.ts`. Unit tests, beside the sources, take these as they are.
 * - The test runner learns from `async_hooks` which test an uncaught error, or a hook set after an `await`, belongs to. That hook is called
 *   for each promise there is, and costs a server in the same process an eighth of its time. AsyncLocalStorage knows it for nothing.
 */
import hooks from "node:async_hooks";
import { readFileSync } from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

const ROOT = new URL("../", import.meta.url);
/** Where it lies is said in the address of this module. */
const BUNDLE = new URL(import.meta.url).search.slice(1);
const SOURCES = new URL("src/", ROOT).href;

const main = process.argv[1] ?? "";
const isTest = main.endsWith(".test.ts");
const isUnitTest = isTest && main.startsWith(fileURLToPath(SOURCES));

const entries = new Set(JSON.parse(readFileSync(new URL("entries.json", BUNDLE), "utf8")));

if (isMainThread && !isUnitTest) registerHooks({ resolve: resolveToBundle });
if (isMainThread && isTest) knowTestsByStorage();

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

/** Gives node:test, which is loaded after this, other functions of `async_hooks` to use. */
function knowTestsByStorage() {
  const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = hooks;
  const { runInAsyncScope } = AsyncResource.prototype;
  const running = new AsyncLocalStorage();
  hooks.executionAsyncId = () => running.getStore() ?? executionAsyncId();
  hooks.createHook = ({ init }) => {
    hooks.createHook = createHook;
    AsyncResource.prototype.runInAsyncScope = function (act, receiver, ...given) {
      if (!/^(Test|Suite|TestHook)$/.test(this.constructor.name))
        return runInAsyncScope.call(this, act, receiver, ...given);
      const id = this.asyncId();
      init(id, "Test", 0, this);
      return runInAsyncScope.call(this, () => running.run(id, () => Reflect.apply(act, receiver, given)));
    };
    return { enable() {}, disable() {} };
  };
  syncBuiltinESMExports();
}
