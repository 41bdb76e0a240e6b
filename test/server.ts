import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { pino } from "pino";
import { type App, startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { moveClock } from "../src/control/clock.ts";

/** A server in this process, and what a client needs to reach it. */
export interface TestServer {
  readonly app: App;
  readonly url: string;
  /** What every SDK client's constructor takes. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** The same, as another account or in another Region. */
  clientOf(accessKeyId: string, region?: string): TestServer["client"];
  /** Advances the manual clock and returns when everything that follows has happened. */
  advance(duration: string): Promise<void>;
  close(): Promise<void>;
}

/** Two accounts: `test` (000000000000) and `other` (111122223333), with secrets of the same text. */
const CREDENTIALS = "test, test, 000000000000\nother, other, 111122223333\n";

/**
 * Starts a server on a free port with a manual clock, in memory, and stops it after the test file. `flags` are those of
 * `trunkline start`, and win.
 */
export function startTrunkline(...flags: readonly string[]): Promise<TestServer> {
  return startTrunklineIn({}, ...flags);
}

/** The same with more in its environment. */
export async function startTrunklineIn(
  environment: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<TestServer> {
  const config = readConfig(["--port", "0", "--data", ":memory:", "--clock", "manual", ...flags], {
    TRUNKLINE_CREDENTIALS: CREDENTIALS,
    TRUNKLINE_UNITS_TWICE: process.env.TRUNKLINE_UNITS_TWICE,
    ...environment,
  });
  const app = await startApp(config, { log: pino({ level: process.env.TEST_LOG_LEVEL ?? "silent" }) });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= app.close());
  after(close);
  const clientOf = (accessKeyId: string, region = "us-east-1"): TestServer["client"] => ({
    endpoint: app.url,
    region,
    credentials: { accessKeyId, secretAccessKey: accessKeyId },
    maxAttempts: 1,
  });
  return {
    app,
    url: app.url,
    client: clientOf("test"),
    clientOf,
    advance: (duration) => advance(app, duration),
    close,
  };
}

async function advance(app: App, duration: string): Promise<void> {
  const { status, body } = await moveClock(app.platform(), Buffer.from(JSON.stringify({ advance: duration })));
  if (status !== 200) throw new Error(`The clock did not move: ${body}`);
}

const temporaryFolders: string[] = [];
process.once("exit", () => {
  for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed after the test file: at its very end, since a server that closes may still copy its log. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-test-"));
  temporaryFolders.push(folder);
  return folder;
}

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

/** A server in a process of its own, with a manual clock, on what a folder holds: one that can be killed. `flags` win. */
export async function spawnTrunkline(
  folder: string,
  ...flags: readonly string[]
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const own = ["--port", "0", "--data", folder, "--clock", "manual", "--log-level", "error"];
  const child = spawn(process.execPath, [BIN, "start", ...own, ...flags], {
    env: { ...process.env, TRUNKLINE_CREDENTIALS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  let output = "";
  for await (const chunk of child.stdout) {
    output += chunk;
    const [, url] = /ready at (http:\S+)/.exec(output) ?? [];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`The server has ended: ${output}`);
}
