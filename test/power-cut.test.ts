/**
 * Cuts the power under load, at random moments: of what the server has written, only what was synced and a random part of the rest is on
 * the disk that the next one starts from. What was acknowledged is there, events come to their targets once, and contacts go on.
 * `TRUNKLINE_FULL=1` does so a hundred times.
 */
import { test } from "node:test";
import { pino } from "pino";
import { type App, startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { SimulatedDisk, turns } from "../src/store/simulated-disk.ts";
import { SeededIds } from "../src/time/ids.ts";
import { Ledger, loadUntilCrash, prepare, verify } from "./crash-load.ts";
import { temporaryFolder } from "./server.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 100 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";

test("what was acknowledged outlives a power cut, and nothing is there twice", async (t) => {
  const ids = new SeededIds(`power cut ${SEED}`);
  const random = (): number => ids.random();
  const ledger = new Ledger();
  let disk = new SimulatedDisk(temporaryFolder());
  let app = await start(disk, random);
  const centre = await prepare(app.url);
  let unacknowledged = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    await loadUntilCrash(app.url, { centre, ledger, mark: `round-${round}`, random }, async () => {
      await turns(random() * 50);
      disk.cut();
    });
    await app.close();
    const folder = temporaryFolder();
    disk.copyTo(folder, random);
    disk = new SimulatedDisk(folder);
    app = await start(disk, random);
    ({ unacknowledged } = await verify(app.url, centre, ledger));
  }
  await app.close();
  t.diagnostic(
    `seed ${SEED}: ${ROUNDS} power cuts; ${ledger}; 0 lost, 0 doubled, ${unacknowledged} unacknowledged ones kept`,
  );
});

function start(disk: SimulatedDisk, random: () => number): Promise<App> {
  const config = readConfig(["--port", "0", "--data", disk.folder, "--clock", "manual"], {
    TRUNKLINE_UNITS_TWICE: process.env.TRUNKLINE_UNITS_TWICE,
  });
  return startApp(config, { log: pino({ level: "silent" }), sync: () => disk.sync(random) });
}
