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
import { folderVersion, MIGRATIONS, migrate } from "./migrations.ts";

/** "Trun": tells our database from others, https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x5472756e;

/** Codes of SQLite, https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

/** A data folder cannot be used as it is. The message is one line for the user; nothing in the folder was changed. */
export class DataFolderError extends Error {
  override readonly name: string = "DataFolderError";
}

export interface DataFolder {
  readonly databasePath: string;
  readonly walPath: string;
  /** Lets another process have it. */
  close(): void;
}

/** Locks a folder, and makes it or brings it to this version. Throws `DataFolderError`. */
export function openDataFolder(directory: string): DataFolder {
  const databasePath = join(resolve(directory), "trunkline.db");
  const walPath = `${databasePath}-wal`;
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new DataFolderError(`Data folder ${directory} cannot be made: ${(error as Error).message}`, { cause: error });
  }
  const lock = lockFolder(directory);
  try {
    if (!existsSync(databasePath)) {
      if (existsSync(walPath) && statSync(walPath).size > 0) {
        throw new DataFolderError(
          `Data folder ${directory} is damaged: it has trunkline.db-wal, but trunkline.db is gone`,
        );
      }
      createDatabase(databasePath);
    } else {
      checkDatabase(directory, databasePath);
    }
  } catch (error) {
    lock.close();
    throw error;
  }
  return { databasePath, walPath, close: () => lock.close() };
}

function lockFolder(directory: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(directory, "trunkline.lock"), { timeout: 0 });
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    const message =
      (error as { errcode?: number }).errcode === SQLITE_BUSY
        ? `Data folder ${directory} is in use by another process`
        : `Data folder ${directory} cannot be written to: ${(error as Error).message}`;
    throw new DataFolderError(message, { cause: error });
  }
}

/** Makes the database under another name, so that there never is a half-made one. */
function createDatabase(databasePath: string): void {
  const newPath = `${databasePath}.new`;
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(newPath + suffix, { force: true });
  const database = new DatabaseSync(newPath);
  database.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${APPLICATION_ID}`);
  migrate(database);
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
  renameSync(newPath, databasePath);
  syncDirectory(databasePath);
}

/** Makes the names of new files in a file's folder durable. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(dirname(path), "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function checkDatabase(directory: string, databasePath: string): void {
  let database: DatabaseSync | undefined;
  try {
    // Read-only, so that a folder which is not ours, or newer, stays as it is.
    database = new DatabaseSync(databasePath, { readOnly: true });
    const applicationId = database.prepare("PRAGMA application_id").get()?.application_id;
    if (applicationId !== APPLICATION_ID) {
      throw new DataFolderError(`Data folder ${directory} holds a database that is not Trunkline's`);
    }
    const version = folderVersion(database);
    if (version > MIGRATIONS.length) {
      throw new DataFolderError(
        `Data folder ${directory} was written by a newer version of Trunkline (its version is ${version}, this program knows ${MIGRATIONS.length})`,
      );
    }
  } catch (error) {
    if (error instanceof DataFolderError) throw error;
    throw new DataFolderError(`Data folder ${directory} is damaged: ${(error as Error).message}`, { cause: error });
  } finally {
    database?.close();
  }
}
