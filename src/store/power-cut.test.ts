/**
 * Cuts the power under load: what the disk holds then is what was synced, and any part of what was written since.
 *
 * Each round works on what the round before left. The files are read at a random moment, of the WAL everything is kept that a sync covered
 * which had returned by then, of the database file what it held when the WAL began anew, and of the 512-byte sectors written since,
 * a random choice. From that the next store is opened, and has to hold all that was acknowledged before the cut.
 *
 * That works since a page is copied into the database file only when our own syncs cover its frame in the WAL. For the last step we
 * rely on SQLite: it syncs the database file before it empties the WAL (checked with strace; `checkpoints.ts` has the order).
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { RealClock, SystemWallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import { type Acknowledged, verify, work } from "./crash-workload.ts";
import { openStore } from "./index.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 100 : 5;
/** Small, so that most rounds see the WAL begin anew several times. */
const CHECKPOINT_BYTES = 256 * 1024;
const SECTOR_BYTES = 512;
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
      const disk = new Disk(folder);
      await workUntilCut(disk, acknowledged, random);
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
  const disk = new Disk(newFolder("liar"));
  disk.isLiar = true;
  await workUntilCut(disk, acknowledged, () => ids.random());
  const folder = newFolder("liar, cut");
  disk.copyTo(folder, () => 0);
  await assert.rejects(reopenAndVerify(folder, acknowledged), /was acknowledged/);
});

function newFolder(name: string | number): string {
  const folder = join(root, String(name));
  mkdirSync(folder);
  return folder;
}

/** The files of a store, and what of them is surely on the disk. */
class Disk {
  readonly folder: string;
  /** Whether its syncs do nothing. */
  isLiar = false;
  restarts = 0;
  /** From then on what the store does is of no effect. */
  isCut = false;
  /** What the last sync that has returned covered. */
  #syncedWal: Buffer = Buffer.alloc(0);
  /** The database file when the WAL last began anew. */
  #syncedDatabase: Buffer = Buffer.alloc(0);
  #generation = "";
  #wal: Buffer = Buffer.alloc(0);
  #database: Buffer = Buffer.alloc(0);
  #atNextSync: (() => void) | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A sync: covers what is written by now, and is done only some turns later. */
  async sync(random: () => number): Promise<void> {
    if (this.isCut) return;
    const wal = this.#read("trunkline.db-wal");
    this.#observe(wal);
    await turns(random() * 6);
    this.#atNextSync?.();
    if (!this.isCut && !this.isLiar && generationOf(wal) === this.#generation && wal.length > this.#syncedWal.length)
      this.#syncedWal = wal;
  }

  /** Cuts the power while a sync is on its way; just so, the cut would mostly meet a pause in which the WAL begins anew. */
  cutInNextSync(): Promise<void> {
    return new Promise((resolve) => {
      this.#atNextSync = () => {
        this.#atNextSync = undefined;
        this.cut();
        resolve();
      };
    });
  }

  cut(): void {
    // The WAL first: it may be emptied meanwhile, once all of it is in the database file.
    this.#wal = this.#read("trunkline.db-wal");
    this.#observe(this.#wal);
    this.#database = this.#read("trunkline.db");
    this.isCut = true;
  }

  copyTo(folder: string, random: () => number): void {
    // An empty WAL: all of the one before is in the database file, and synced.
    const isEmpty = this.#wal.length === 0;
    const keep = anyKind(random);
    writeFileSync(join(folder, "trunkline.db-wal"), isEmpty ? this.#wal : afterCut(this.#syncedWal, this.#wal, keep));
    writeFileSync(
      join(folder, "trunkline.db"),
      isEmpty ? this.#database : afterCut(this.#syncedDatabase, this.#database, anyKind(random)),
    );
  }

  /** Notices when the WAL has begun anew: everything before that is in the database file, and synced. */
  #observe(wal: Buffer): void {
    const generation = generationOf(wal);
    if (generation === "" || generation === this.#generation) return;
    if (this.#generation !== "") this.restarts++;
    this.#generation = generation;
    this.#syncedWal = Buffer.alloc(0);
    this.#syncedDatabase = this.#read("trunkline.db");
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }
}

/** The salts in a WAL's header, other ones each time it begins anew, https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
function generationOf(wal: Buffer): string {
  return wal.toString("hex", 16, 24);
}

/** Decides which of the unsynced sectors have reached the disk: none, all, those up to somewhere, or any. */
function anyKind(random: () => number): (place: number) => boolean {
  const share = random();
  const kinds = [() => false, () => true, (place: number) => place < share, () => random() < share];
  return kinds[Math.floor(random() * kinds.length)] ?? (() => false);
}

/** What a file holds after the cut, if `keep` says which of the sectors that were written since the sync arrived. */
function afterCut(synced: Buffer, written: Buffer, keep: (place: number) => boolean): Buffer {
  const image = Buffer.alloc(Math.max(synced.length, written.length));
  synced.copy(image);
  let length = synced.length;
  for (let start = 0; start < written.length; start += SECTOR_BYTES) {
    const end = Math.min(start + SECTOR_BYTES, written.length);
    if (written.subarray(start, end).equals(image.subarray(start, end)) && end <= length) continue;
    if (!keep(start / written.length)) continue;
    written.copy(image, start, start, end);
    length = Math.max(length, end);
  }
  return image.subarray(0, length);
}

async function workUntilCut(disk: Disk, acknowledged: Acknowledged, random: () => number): Promise<void> {
  const store = await openStore({
    directory: disk.folder,
    clock: new RealClock(wall),
    wall,
    checkpointBytes: CHECKPOINT_BYTES,
    sync: () => disk.sync(random),
  });
  let left = random() * UNITS_MAX;
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

/** Some turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
