/**
 * Cuts the power under load: what the disk holds then is what was synced, and any part of what was written since (`simulated-disk.ts`).
 *
 * Each round works on what the round before left, and the store that is opened from it has to hold all that was acknowledged before the cut.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { RealClock, SystemWallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import { type Acknowledged, verify, work } from "./crash-workload.ts";
import { openStore } from "./index.ts";
import { SimulatedDisk, turns } from "./simulated-disk.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 100 : 3;
/** Small, so that most rounds see the WAL begin anew several times. */
const CHECKPOINT_BYTES = 256 * 1024;
/** A cut comes after so many units at most. */
const UNITS_MAX = 2000;

const root = mkdtempSync(join(tmpdir(), "trunkline-power-cut-"));
after(() => rmSync(root, { recursive: true }));
const wall = new SystemWallClock();

test("after a power cut everything acknowledged is there, and nothing is half there", async (context) => {
  const seed = process.env.TRUNKLINE_SEED ?? String(wall.now());
  const ids = new SeededIds(seed);
  const random = (): number => ids.random();
  const acknowledged: Acknowledged = new Map();
  let folder = newFolder(0);
  let restarts = 0;
  let unacknowledged = 0;
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const disk = new SimulatedDisk(folder);
      await workUntilCut(disk, { acknowledged, random, units: random() * UNITS_MAX });
      restarts += disk.restarts;
      folder = newFolder(round);
      disk.copyTo(folder, random);
      unacknowledged += await reopenAndVerify(folder, acknowledged);
    }
  } catch (error) {
    throw new Error(`With TRUNKLINE_SEED=${seed}`, { cause: error });
  }
  const units = [...acknowledged.values()].reduce((sum, number) => sum + number, 0);
  context.diagnostic(
    `${ROUNDS} power cuts, the WAL had begun anew ${restarts} times: of ${units} acknowledged units 0 lost, of the others ${unacknowledged} kept, 0 halves`,
  );
});

test("a store that acknowledges without syncing is found out", async () => {
  const ids = new SeededIds("a liar");
  const acknowledged: Acknowledged = new Map();
  const disk = new SimulatedDisk(newFolder("liar"));
  disk.isLiar = true;
  await workUntilCut(disk, { acknowledged, random: () => ids.random(), units: 20 });
  const folder = newFolder("liar, cut");
  disk.copyTo(folder, () => 0);
  await assert.rejects(reopenAndVerify(folder, acknowledged), /was acknowledged/);
});

function newFolder(name: string | number): string {
  const folder = join(root, String(name));
  mkdirSync(folder);
  return folder;
}

async function workUntilCut(
  disk: SimulatedDisk,
  options: { acknowledged: Acknowledged; random: () => number; units: number },
): Promise<void> {
  const { acknowledged, random } = options;
  const store = await openStore({
    directory: disk.folder,
    clock: new RealClock(wall),
    wall,
    checkpointBytes: CHECKPOINT_BYTES,
    sync: () => disk.sync(random),
  });
  let left = options.units;
  const stop = new AbortController();
  const working = work(store, {
    random,
    signal: stop.signal,
    acknowledge: (writer, number) => {
      if (!disk.isCut) acknowledged.set(writer, number);
      left--;
    },
  });
  while (left > 0) await turns(1);
  if (random() < 0.5) await disk.cutInNextSync();
  else await turns(random() * 50).then(() => disk.cut());
  stop.abort();
  await working;
  await store.close();
}

/** Answers how many units are there that were not acknowledged; they count as acknowledged from then on. */
async function reopenAndVerify(folder: string, acknowledged: Acknowledged): Promise<number> {
  const store = await openStore({ directory: folder, clock: new RealClock(wall), wall });
  const unacknowledged = await verify(store, acknowledged).finally(() => store.close());
  const database = new DatabaseSync(join(folder, "trunkline.db"), { readOnly: true });
  assert.deepEqual(database.prepare("PRAGMA integrity_check").all(), [{ __proto__: null, integrity_check: "ok" }]);
  database.close();
  return unacknowledged;
}
