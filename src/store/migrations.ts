import type { DatabaseSync } from "node:sqlite";

/**
 * The steps that bring a data folder to the version of this program, in order; only ever appended to. A folder's version is the
 * number of steps it has behind it, kept in `PRAGMA user_version`.
 *
 * Tables of collections are no business of theirs: those are made, and follow a changed declaration, at first use.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE store_logs (
     id INTEGER PRIMARY KEY,
     name TEXT NOT NULL UNIQUE,
     partitions INTEGER NOT NULL,
     keep_ms INTEGER NOT NULL,
     keep_bytes INTEGER,
     -- 0 or 1: whether the log exists. A dropped one keeps its row and its heads, since a new one of its name counts on.
     declared INTEGER NOT NULL,
     -- 0 or 1: whether entries before the heads' first sequence are still to be deleted.
     unswept INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE store_heads (
     log_id INTEGER NOT NULL,
     partition INTEGER NOT NULL,
     first_sequence INTEGER NOT NULL,
     next_sequence INTEGER NOT NULL,
     last_time_ms INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     PRIMARY KEY (log_id, partition)
   ) STRICT, WITHOUT ROWID;
   -- In arrival order, so that appends of all logs go to the end of the table.
   CREATE TABLE store_entries (
     log_id INTEGER NOT NULL,
     partition INTEGER NOT NULL,
     sequence INTEGER NOT NULL,
     time_ms INTEGER NOT NULL,
     key TEXT NOT NULL,
     value ANY NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX store_entries_by_sequence ON store_entries (log_id, partition, sequence);
   -- The indexes that the table of a collection was made for.
   CREATE TABLE store_collections (
     name TEXT PRIMARY KEY,
     indexes TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
];

export function folderVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

/** Runs the steps that a database has not behind it, each in a transaction with its number. Throws where one fails; those before it stay. */
export function migrate(database: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  for (let version = folderVersion(database); version < migrations.length; version++) {
    try {
      database.exec(`BEGIN IMMEDIATE; ${migrations[version]}; PRAGMA user_version = ${version + 1}; COMMIT`);
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
}
