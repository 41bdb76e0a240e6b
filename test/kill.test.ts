/**
 * Kills the server (SIGKILL) under load, at random moments, and starts it again on what it left: what was acknowledged is there, events
 * come to their targets once, and contacts go on. `TRUNKLINE_FULL=1` does so a hundred times.
 */
import { once } from "node:events";
import { test } from "node:test";
import { SeededIds } from "../src/time/ids.ts";
import { Ledger, loadUntilCrash, prepare, verify } from "./crash-load.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 100 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";

test("what was acknowledged outlives a kill, and nothing is there twice", async (t) => {
  const ids = new SeededIds(`kill ${SEED}`);
  const random = (): number => ids.random();
  const folder = temporaryFolder();
  const ledger = new Ledger();
  let server = await spawnTrunkline(folder);
  const centre = await prepare(server.url);
  let unacknowledged = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const ended = once(server.child, "exit");
    await loadUntilCrash(server.url, { centre, ledger, mark: `round-${round}`, random }, async () => {
      server.child.kill("SIGKILL");
    });
    await ended;
    server = await spawnTrunkline(folder);
    ({ unacknowledged } = await verify(server.url, centre, ledger));
  }
  t.diagnostic(
    `seed ${SEED}: ${ROUNDS} kills; ${ledger}; 0 lost, 0 doubled, ${unacknowledged} unacknowledged ones kept`,
  );
});
