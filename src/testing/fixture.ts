import { type StartOptions, startTrunkline, type TestServer } from "./start.ts";

type Hook = (run: () => Promise<void>) => unknown;

/** Where a test runner lets itself be told what is to happen before and after tests: Vitest's and Jest's names, or node:test's. */
export interface Hooks {
  readonly beforeAll?: Hook;
  readonly before?: Hook;
  readonly afterAll?: Hook;
  readonly after?: Hook;
  readonly afterEach: Hook;
}

export interface FixtureOptions extends StartOptions {
  /** Whether what a test made is thrown away after it. Default: yes. */
  readonly resets?: boolean;
}

/**
 * A server for the tests of a file: started before the first, emptied after each, ended after the last. `hooks` are those of the test
 * runner: `{ beforeAll, afterAll, afterEach }` of Vitest or Jest, or what node:test gives a test with subtests, `t`. Without them those are taken
 * that are global, and else node:test's: `useTrunkline({ init: "centre.yaml" })`.
 *
 * What it answers with is the server, once a test or hook runs; before, its members throw.
 */
export function useTrunkline(options?: FixtureOptions): TestServer;
export function useTrunkline(hooks: Hooks | undefined, options?: FixtureOptions): TestServer;
export function useTrunkline(first: Hooks | FixtureOptions = {}, second?: FixtureOptions): TestServer {
  const isHooks = HOOKS.some((name) => name in first);
  const hooks = isHooks ? (first as Hooks) : foundHooks();
  const { resets = true, ...options } = second ?? (isHooks ? {} : (first as FixtureOptions));
  let server: TestServer | undefined;
  const [before, after] = [hooks.beforeAll ?? hooks.before, hooks.afterAll ?? hooks.after];
  if (!before || !after || !hooks.afterEach) {
    throw new TypeError("useTrunkline takes { beforeAll, afterAll, afterEach }, or { before, after, afterEach }");
  }
  // As methods: those of node:test's `t` ask who they belong to.
  before.call(hooks, async () => {
    server = await startTrunkline(options);
  });
  hooks.afterEach(async () => {
    if (resets) await server?.reset();
  });
  after.call(hooks, async () => {
    await server?.close();
  });
  return new Proxy({} as TestServer, {
    get: (_, member) => {
      // What looks whether it is a promise may do so at any time.
      if (server === undefined && member === "then") return undefined;
      if (server === undefined) throw new Error("Trunkline has not started yet: use it in a test or a hook");
      return Reflect.get(server, member);
    },
  });
}

const HOOKS = ["beforeAll", "before", "afterAll", "after", "afterEach"];

function foundHooks(): Hooks {
  const { beforeAll, afterAll, afterEach } = globalThis as Partial<Hooks>;
  if (beforeAll && afterAll && afterEach) return { beforeAll, afterAll, afterEach };
  return process.getBuiltinModule("node:test") as unknown as Hooks;
}
