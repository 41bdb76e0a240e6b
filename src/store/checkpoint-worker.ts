/** The worker thread that copies the write-ahead log: see `checkpoints.ts`. */
import { fsyncSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { restartWal } from "./restart-wal.ts";

export interface CheckpointWorkerData {
  readonly databasePath: string;
  /** Of the main thread, since closing one would free the locks of all connections of this process. */
  readonly databaseDescriptor: number;
}

/** `copy` copies what was committed by now; `restart` copies the rest and empties the WAL, while nobody writes. */
export type CheckpointRequest = "copy" | "restart";

export interface CheckpointAnswer {
  readonly isDone: boolean;
  /** What stood in the way, where it may pass: a reader outside this process, a full disk. */
  readonly reason?: string;
}

/** How long a restart waits for readers outside this process; commits wait as long. */
const RESTART_WAIT_MS = 100;

/** SQLITE_FULL, https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

const { databasePath, databaseDescriptor } = workerData as CheckpointWorkerData;
const database = new DatabaseSync(databasePath, { timeout: RESTART_WAIT_MS });
// The WAL is synced before frames are copied, and the database file before the WAL may begin anew.
database.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");

parentPort?.on("message", (request: CheckpointRequest) => parentPort?.postMessage(answer(request)));

function answer(request: CheckpointRequest): CheckpointAnswer {
  try {
    if (request === "restart") return restartWal(database) ? { isDone: true } : { isDone: false, reason: "a reader" };
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    // SQLite leaves this to the last step; done here, it does not hold up the commits.
    fsyncSync(databaseDescriptor);
    return { isDone: true };
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_FULL) throw error;
    return { isDone: false, reason: (error as Error).message };
  }
}
