/**
 * The folder that a store lives in.
 *
 * `trunkline.db` (and, beside it, `-wal` and `-shm`) is the database. `trunkline.lock` is locked as long as a process has the
 * folder open: an empty SQLite file in an exclusive transaction that never ends, since SQLite's locks are the kernel's, which
 * frees them however the process ends.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { getSystemErrorMessage } from "node:util";
import { folderVersion, MIGRATIONS, migrate } from "./migrations.ts";
import { restartWal } from "./restart-wal.ts";

/** "Trun": tells our database from others, https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x5472756e;

/** Result codes of SQLite, https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
/** What a database answers that is not as we wrote it: ERROR (a table is missing), CORRUPT, NOTADB. */
const SQLITE_DAMAGE: readonly number[] = [1, 11, 26];
/** An extended code holds its primary one in the lowest byte. */
const PRIMARY_CODE = 0xff;

/** A data folder cannot be used as it is. The message is one line for the user; what is in the folder stays as it was. */
export class DataFolderError extends Error {
  override readonly name: string = "DataFolderError";
}

export interface DataFolder {
  readonly databasePath: string;
  readonly walPath: string;
  /** The connection that writes. What it finds is durable, and so is the WAL's header. */
  readonly database: DatabaseSync;
  /** Lets another process have the folder, after all connections are closed. */
  unlock(): void;
}

/** Locks a folder, and makes its database or brings it to this version. Throws `DataFolderError`. */
export function openDataFolder(directory: string): DataFolder {
  makeFolder(directory, resolve(directory));
  const lock = lockFolder(directory);
  try {
    const databasePath = join(resolve(directory), "trunkline.db");
    const walPath = `${databasePath}-wal`;
    if (existsSync(databasePath)) {
      checkDatabase(directory, databasePath);
    } else if (existsSync(walPath)) {
      throw new DataFolderError(`Data folder ${directory} is damaged: trunkline.db is gone, trunkline.db-wal is there`);
    } else {
      createDatabase(databasePath);
    }
    const database = openDatabase(databasePath);
    syncFile(directory);
    return { databasePath, walPath, database, unlock: () => lock.close() };
  } catch (error) {
    lock.close();
    throw dataFolderError(directory, error);
  }
}

/** What a failure while opening means to the user. Not ours to tell, and returned as it is: anything else. */
export function dataFolderError(directory: string, error: unknown): unknown {
  const { errcode, errno, message } = error as { errcode?: number; errno?: number; message: string };
  if (errcode === undefined && errno === undefined) return error;
  const isDamaged = errcode !== undefined && SQLITE_DAMAGE.includes(errcode & PRIMARY_CODE);
  const what = isDamaged ? "is damaged" : "cannot be read or written";
  return new DataFolderError(`Data folder ${directory} ${what}: ${message}`, { cause: error });
}

/**
 * Makes a folder and those above it, one by one: Node's own `recursive` never ends where the one above is there and takes no
 * folders, as /proc does.
 */
function makeFolder(directory: string, path: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    makeFolder(directory, dirname(path));
    mkdirSync(path);
  } catch (error) {
    if (error instanceof DataFolderError) throw error;
    throw new DataFolderError(`Data folder ${directory} cannot be made: ${reason(path, error)}`, { cause: error });
  }
}

function reason(path: string, error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return `${path} is a file`;
  if (code === "ENOENT") return `${dirname(path)} takes no folders`;
  return errno === undefined ? message : `${path}: ${getSystemErrorMessage(errno)}`;
}

function lockFolder(directory: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(directory, "trunkline.lock"), { timeout: 0 });
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    const isHeld = (error as { errcode?: number }).errcode === SQLITE_BUSY;
    if (!isHeld) throw dataFolderError(directory, error);
    throw new DataFolderError(`Data folder ${directory} is in use by another process`, { cause: error });
  }
}

/** Reads what every start reads, and the newest entry. A check of everything would take too long. */
const GLANCE =
  "SELECT count(*), (SELECT count(*) FROM store_heads), (SELECT max(rowid) FROM store_entries) FROM store_logs";

/** Looks at a database without changing it: it may be somebody else's, or newer. */
function checkDatabase(directory: string, databasePath: string): void {
  const database = new DatabaseSync(databasePath, { readOnly: true });
  try {
    if (database.prepare("PRAGMA application_id").get()?.application_id !== APPLICATION_ID) {
      throw new DataFolderError(`Data folder ${directory} is not Trunkline's: trunkline.db is another program's`);
    }
    const version = folderVersion(database);
    if (version > MIGRATIONS.length) {
      throw new DataFolderError(
        `Data folder ${directory} has version ${version}, written by a newer Trunkline; this one knows up to ${MIGRATIONS.length}`,
      );
    }
    if (version > 0) database.prepare(GLANCE).get();
  } finally {
    database.close();
  }
}

/** What there is to know of a data folder from outside, with a server on it or not. */
export interface Inspection {
  readonly version: number;
  /** The newest version that this program knows. */
  readonly known: number;
  /** Whether a process has the folder. */
  readonly holds: boolean;
  /** Why it cannot be used. */
  readonly trouble?: string;
  /** What is wrong with what is in it, or "ok"; where that was asked for, which takes its time. */
  readonly integrity?: string;
}

/** Only looks. */
export function inspectDatabase(directory: string, isDeep: boolean): Inspection {
  const databasePath = join(directory, "trunkline.db");
  const known = MIGRATIONS.length;
  const holds = isHeld(join(directory, "trunkline.lock"));
  try {
    checkDatabase(directory, databasePath);
  } catch (error) {
    const told = dataFolderError(directory, error);
    if (!(told instanceof DataFolderError)) throw error;
    return { version: 0, known, holds, trouble: told.message };
  }
  const database = new DatabaseSync(databasePath, { readOnly: true });
  try {
    const found = isDeep ? database.prepare("PRAGMA integrity_check(1)").get()?.integrity_check : undefined;
    return { version: folderVersion(database), known, holds, ...(found !== undefined && { integrity: String(found) }) };
  } catch (error) {
    return { version: 0, known, holds, trouble: (dataFolderError(directory, error) as Error).message };
  } finally {
    database.close();
  }
}

/** Nobody can read what another process has locked for itself alone. */
function isHeld(lockPath: string): boolean {
  if (!existsSync(lockPath)) return false;
  const lock = new DatabaseSync(lockPath, { readOnly: true, timeout: 0 });
  try {
    lock.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch (error) {
    return (error as { errcode?: number }).errcode === SQLITE_BUSY;
  } finally {
    lock.close();
  }
}

/** Makes a database under another name, so that there never is a half-made one, and no step of it needs a sync of its own. */
function createDatabase(databasePath: string): void {
  const newPath = `${databasePath}.new`;
  rmSync(newPath, { force: true });
  const database = new DatabaseSync(newPath);
  database.exec(`PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA application_id = ${APPLICATION_ID}`);
  migrate(database);
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
  syncFile(newPath);
  renameSync(newPath, databasePath);
}

function openDatabase(databasePath: string): DatabaseSync {
  const database = new DatabaseSync(databasePath);
  try {
    database.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    migrate(database);
    // What a killed process has left may be committed and not durable. From here on it is both.
    restartWal(database);
    database.exec("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32768");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes a file durable; for a directory, the names of the files in it. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
