import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import nodeModule from "node:module";
import { fileURLToPath } from "node:url";
import { assertNode } from "../node-version.ts";
import { Connection } from "./connection.ts";
import { seenBy, type Trunkline } from "./trunkline.ts";

export interface StartOptions {
  /** In a process of its own. Default: in this one. */
  readonly process?: boolean;
  /** `manual`, the default, stands still until it is moved; `real` is the machine's. */
  readonly clock?: "manual" | "real";
  readonly region?: string;
  /**
   * Accounts by access key; each key's secret is the same text. Default: `test` of account 000000000000, and `other` of 111122223333. The
   * first is that of the server's clients.
   */
  readonly accounts?: Readonly<Record<string, string>>;
  /** A file of resources (`docs/init.md`) that are there from the start, and again after each reset: in the first account and the Region. */
  readonly init?: string;
  /** More flags of `trunkline start`. They win. */
  readonly flags?: readonly string[];
  /** Variables that `trunkline start` reads. Those of this process do not count. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server that a test has started. */
export interface TestServer extends Trunkline, AsyncDisposable {
  /** Throws all data away and begins anew, with the clock at the present. What was made before is gone. */
  reset(): Promise<void>;
  /** Ends it. */
  close(): Promise<void>;
}

const ACCOUNTS = { test: "000000000000", other: "111122223333" };

/**
 * Starts a server on a free port, in memory, with a manual clock: as many at once as one likes.
 *
 * Throws what `trunkline start` would say.
 */
export async function startTrunkline(options: StartOptions = {}): Promise<TestServer> {
  assertNode();
  const { clock = "manual", region = "us-east-1", accounts = ACCOUNTS, flags = [], environment = {} } = options;
  const [accessKeyId] = Object.keys(accounts);
  if (accessKeyId === undefined) throw new TypeError("accounts: there is to be one at least");
  const rows = Object.entries(accounts).map(([key, account]) => `${key}, ${key}, ${account}\n`);
  const init = options.init === undefined ? [] : ["--init", options.init];
  const own = ["--port", "0", "--data", ":memory:", "--clock", clock, "--log-level", "error", ...init, ...flags];
  const variables = { TRUNKLINE_CREDENTIALS: rows.join(""), AWS_REGION: region, ...environment };
  const running = options.process ? await startChild(own, variables) : await startHere(own, variables);
  const connection = new Connection(running.url, { accessKeyId, secretAccessKey: accessKeyId, region });
  const closers: (() => void)[] = [];
  const isManual = flags.length === 0 ? clock === "manual" : (await connection.ask("GET", "clock")).mode === "manual";
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    for (const closeClients of closers.splice(0)) closeClients();
    closed ??= running.close();
    return closed;
  };
  return Object.assign(
    seenBy(connection, { accessKeyId, region }, isManual, (closer) => closers.push(closer)),
    {
      reset: async () => void (await connection.ask("POST", "reset")),
      close,
      [Symbol.asyncDispose]: close,
    },
  );
}

interface Running {
  readonly url: string;
  close(): Promise<void>;
}

/** Loaded here: whoever starts children needs none of it. Compiled once for all processes that start one, as the command is. */
async function startHere(flags: readonly string[], environment: Readonly<Record<string, string>>): Promise<Running> {
  // Not imported by its name: an old Node that lacks it would end before it could say what is wrong.
  nodeModule.enableCompileCache();
  const { startServer } = await import("../index.ts");
  return await startServer(flags, environment);
}

const BIN = fileURLToPath(new URL("../../bin/trunkline.mjs", import.meta.url));
/** What a child has of this process's variables: where programs and folders are, and nothing that the server would read. */
const INHERITED = /^(?!TRUNKLINE_|AWS_|NODE_OPTIONS$|NODE_TEST_CONTEXT$)/;

/** It ends with this process at the latest, and does not keep it alive. */
async function startChild(flags: readonly string[], environment: Readonly<Record<string, string>>): Promise<Running> {
  const inherited = Object.entries(process.env).filter(([name]) => INHERITED.test(name));
  // The pipe to its standard input is what tells it that this process is gone, also where that is killed.
  const child = spawn(process.execPath, [BIN, "start", "--until-stdin-ends", ...flags], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: "pipe",
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "exit").finally(() => process.off("exit", kill));
  ended.catch(() => {});
  const url = await urlOf(child);
  child.unref();
  child.stderr?.on("data", (chunk: Buffer) => process.stderr.write(chunk));
  return {
    url,
    close: async () => {
      child.ref();
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Once it is ready. Throws with what it said where it ends before. */
function urlOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk;
    const [, url] = /ready at (http:\S+)/.exec(said) ?? [];
    if (url !== undefined) resolve(url);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk;
  });
  child.once("error", reject);
  child.once("exit", () => reject(new Error(`The server has ended before it was ready: ${said.trim()}`)));
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as import("node:net").Socket | null)?.unref();
  return promise;
}
