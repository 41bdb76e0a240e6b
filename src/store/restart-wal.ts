import type { DatabaseSync } from "node:sqlite";
import { folderVersion } from "./migrations.ts";

/**
 * Copies the whole WAL into the database file, empties it and writes its new header, all of it durable when this returns. On a connection
 * with `synchronous = FULL`, while nobody else writes.
 *
 * Answers whether it could. Where a reader of an older state prevents it, the WAL goes on, and what is in it is durable.
 */
export function restartWal(database: DatabaseSync): boolean {
  const outcome = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  // A transaction that changes nothing, but is written and synced like any other, header included.
  database.exec(`PRAGMA user_version = ${folderVersion(database)}`);
  return outcome?.busy === 0;
}
