/** A thread in which a job reads: see `reading-threads.ts`. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { Connection } from "./connection.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import type { ReadingJob } from "./store.ts";

export interface ReadingWorkerData {
  readonly databasePath: string;
  /** Its address. */
  readonly module: string;
  readonly order: unknown;
}

/** Lines come by a few at once: to wake the other thread for each would take its time. */
export interface ReadLines {
  readonly lines: readonly unknown[];
  readonly isLast: boolean;
}

const LINES = 8;

const { databasePath, module, order } = workerData as ReadingWorkerData;
const { job } = (await import(module)) as { readonly job: ReadingJob<unknown, unknown> };
const connection = new Connection(new DatabaseSync(databasePath, { readOnly: true }));
const lines = job(new SqliteReader(connection), order)[Symbol.asyncIterator]();

parentPort?.on("message", () => void answer());

/** Whoever asks waits for the answer before they ask again. */
async function answer(): Promise<void> {
  const read: unknown[] = [];
  let isLast = false;
  while (read.length < LINES && !isLast) {
    const { value, done = false } = await lines.next();
    if (done) isLast = true;
    else read.push(value);
  }
  parentPort?.postMessage({ lines: read, isLast } satisfies ReadLines);
}
