/**
 * A disk that loses what was not synced when the power is cut.
 *
 * The store's files are read at the moment of the cut. Of the WAL everything is kept that a sync covered which had returned by then, of the
 * database file what it held when the WAL began anew, and of the 512-byte sectors written since, a random choice.
 *
 * That works since a page is copied into the database file only when our own syncs cover its frame in the WAL. For the last step we
 * rely on SQLite: it syncs the database file before it empties the WAL (checked with strace; `checkpoints.ts` has the order).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SECTOR_BYTES = 512;

/** The files of a store, and what of them is surely on the disk. */
export class SimulatedDisk {
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

/** Some turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
