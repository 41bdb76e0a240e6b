/**
 * Kills the server (SIGKILL) under load, at random moments, and starts it again on what it left: what was acknowledged is there, events
 * come to their targets once, and contacts go on. `TRUNKLINE_FULL=1` does so a hundred times.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { SeededIds } from "../src/time/ids.ts";
import { Ledger, loadUntilCrash, prepare, verify } from "./crash-load.ts";
import { temporaryFolder } from "./server.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 100 : 3;
const SEED = process.env.TRUNKLINE_SEED ?? "1";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

test("what was acknowledged outlives a kill, and nothing is there twice", async (t) => {
  const ids = new SeededIds(`kill ${SEED}`);
  const random = (): number => ids.random();
  const folder = temporaryFolder();
  const ledger = new Ledger();
  let server = await start(folder);
  const centre = await prepare(server.url);
  let unacknowledged = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const ended = once(server.child, "exit");
    await loadUntilCrash(server.url, { centre, ledger, mark: `round-${round}`, random }, async () => {
      server.child.kill("SIGKILL");
    });
    await ended;
    server = await start(folder);
    ({ unacknowledged } = await verify(server.url, centre, ledger));
  }
  t.diagnostic(
    `seed ${SEED}: ${ROUNDS} kills; ${ledger}; 0 lost, 0 doubled, ${unacknowledged} unacknowledged ones kept`,
  );
});

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(folder: string): Promise<Server> {
  const flags = ["--port", "0", "--data", folder, "--clock", "manual", "--log-level", "error"];
  const child = spawn(process.execPath, [BIN, "start", ...flags], {
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
