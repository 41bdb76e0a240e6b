import { closeSync, fdatasync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { Logger } from "pino";
import type { Clock, WallClock } from "../time/clock.ts";
import { backUp } from "./backup.ts";
import { CHECKPOINT_BYTES, Checkpoints } from "./checkpoints.ts";
import { Connection } from "./connection.ts";
import { dataFolderError, openDataFolder } from "./data-folder.ts";
import { Durability } from "./durability.ts";
import { LogHeads } from "./log-heads.ts";
import { migrate } from "./migrations.ts";
import { PendingEntries } from "./pending-entries.ts";
import { ReadingThreads } from "./reading-threads.ts";
import { SqliteStore } from "./sqlite.ts";
import type { Writing } from "./sqlite-unit.ts";
import type { Store } from "./store.ts";
import { Undo } from "./undo.ts";
import { WritingTables } from "./writing-tables.ts";

export interface StoreOptions {
  /** The data folder, made where it is not there yet, or ":memory:", which keeps nothing. */
  readonly directory: string;
  /** What the times of entries are taken from. */
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly log?: Logger;
  /** Makes a file durable, given its descriptor. Default: `fdatasync` in the thread pool. */
  readonly sync?: (descriptor: number) => Promise<void>;
  /** Called when what was promised may not hold, such as after a failed sync. Default: logs one line and ends the process. */
  readonly fail?: (error: Error) => void;
  /** Length of the write-ahead log at which it is copied into the database. Default: `CHECKPOINT_BYTES`. */
  readonly checkpointBytes?: number;
  /** Runs the function of every unit twice, the first run rolled back: shows functions that have effects outside. */
  readonly runUnitsTwice?: boolean;
}

/** Syncs in flight at once: one for those who wait, one for those who came since. */
const SYNCS_MAX = 2;

/** Opens the embedded store. Throws `DataFolderError`, whose message is for the user, where the folder cannot be used. */
export async function openStore(options: StoreOptions): Promise<Store> {
  return options.directory === ":memory:" ? openMemory(options) : openFolder(options);
}

/** One connection for all, and nothing to sync. */
function openMemory(options: StoreOptions): Store {
  const connection = new Connection(new DatabaseSync(":memory:"));
  migrate(connection.database);
  const fail = failure(options);
  return new SqliteStore({
    writing: writing(connection, options),
    durability: new Durability({ descriptors: [-1], sync: async () => {}, fail }),
    wall: options.wall,
    runUnitsTwice: options.runUnitsTwice ?? false,
    fail,
    close: () => connection.close(),
  });
}

function openFolder(options: StoreOptions): Store {
  const { directory, wall, log, sync = promisify(fdatasync), checkpointBytes = CHECKPOINT_BYTES } = options;
  const fail = failure(options);
  const opened = new DisposableStack();
  try {
    const { database, databasePath, walPath, unlock } = openDataFolder(directory);
    opened.defer(unlock);
    const descriptor = (path: string): number => {
      const number = openSync(path, "r+");
      opened.defer(() => closeSync(number));
      return number;
    };
    const databaseDescriptor = descriptor(databasePath);
    const walDescriptors = Array.from({ length: SYNCS_MAX }, () => descriptor(walPath));
    // The last one to be closed: it copies what is in the WAL, with syncs, and removes it.
    const writer = opened.adopt(new Connection(database), (connection) => connection.close());
    const guard = opened.adopt(new Connection(new DatabaseSync(databasePath, { readOnly: true })), (connection) =>
      connection.close(),
    );

    const durability = new Durability({ descriptors: walDescriptors, sync, fail });
    return new SqliteStore({
      writing: writing(writer, options),
      durability,
      checkpoints: new Checkpoints({
        databasePath,
        databaseDescriptor,
        walPath,
        durable: () => durability.settled(),
        guard,
        checkpointBytes,
        log,
        fail,
      }),
      threads: new ReadingThreads(databasePath),
      backup: (order) => backUp(directory, databasePath, order),
      wall,
      runUnitsTwice: options.runUnitsTwice ?? false,
      fail,
      close: () => opened.dispose(),
    });
  } catch (error) {
    opened.dispose();
    throw dataFolderError(directory, error);
  }
}

function writing(connection: Connection, { clock, runUnitsTwice = false }: StoreOptions): Writing {
  const undo = new Undo();
  return {
    connection,
    heads: new LogHeads(connection, undo),
    tables: new WritingTables(connection, undo, { freezes: runUnitsTwice }),
    entries: new PendingEntries(connection, undo),
    undo,
    clock,
  };
}

function failure(options: StoreOptions): (error: Error) => void {
  return (
    options.fail ??
    ((error) => {
      if (options.log) options.log.fatal(error, error.message);
      else console.error(`${error.message}: ${error.cause}`);
      process.exit(1);
    })
  );
}
