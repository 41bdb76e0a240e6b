/**
 * A backup of a data folder that is in use.
 *
 * ```
 *  main thread   files are held ─────────────┤ files move again
 *  worker        a read begins │ files copied │ database copied, looked at, summed │ manifest, syncs, its own name
 *                              └ what was committed by now is in the backup, and nothing else
 * ```
 *
 * Nobody waits for it. While it reads, the write-ahead log is copied into the database only as far as the read needs nothing of it, and
 * grows by what is written meanwhile. Files are held by whoever asks (`services/file-steps.ts`): this room knows of none.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { Worker } from "node:worker_threads";
import { backupError, checkEmpty, UNDER_WAY } from "./backup-folder.ts";
import type { BackupMessage, BackupWorkerData } from "./backup-worker.ts";
import { BackupError, type BackupNews, type BackupOrder } from "./store.ts";

/** Throws `BackupError`, and what is a fault of ours; nothing is left then. Whoever ends the iteration, or the signal, ends the backup. */
export async function* backUp(
  directory: string,
  databasePath: string,
  { to, unique, taken, version, signal }: BackupOrder,
): AsyncGenerator<BackupNews, void, undefined> {
  const from = resolve(directory);
  const target = resolve(to);
  refuseInside(from, target);
  const partial = `${target}.partial-${unique}`;
  const workerData: BackupWorkerData = { directory: from, databasePath, to: target, partial, version, taken };
  let isDone = false;
  let worker: Worker | undefined;
  removeLeftover(from);
  try {
    noteUnderWay(from, target, partial);
    worker = new Worker(new URL("./backup-worker.ts", import.meta.url), { workerData });
    for await (const news of messagesOf(worker, signal)) {
      isDone = news.kind === "done";
      yield news;
    }
  } finally {
    await worker?.terminate();
    if (!isDone) rmSync(partial, { recursive: true, force: true });
    rmSync(join(from, UNDER_WAY), { force: true });
  }
}

/** Removes what a server of this data folder that was killed has begun. Its note says where: other folders of such a name are others' business. */
function removeLeftover(from: string): void {
  const note = join(from, UNDER_WAY);
  let path: string;
  try {
    path = readFileSync(note, "utf8");
  } catch {
    return;
  }
  if (/[.]partial-[0-9a-f-]{36}$/.test(path)) rmSync(path, { recursive: true, force: true });
  rmSync(note, { force: true });
}

function noteUnderWay(from: string, target: string, partial: string): void {
  try {
    writeFileSync(join(from, UNDER_WAY), partial, { mode: 0o600, flush: true });
  } catch (error) {
    throw backupError(`Backup into ${target}`, error);
  }
}

/** What would copy itself, and what is no place for a copy. */
function refuseInside(from: string, target: string): void {
  if (target === from || target.startsWith(from + sep)) {
    throw new BackupError(`Backup into ${target}: that is in the data folder itself`);
  }
  try {
    checkEmpty("Backup", target);
  } catch (error) {
    throw backupError(`Backup into ${target}`, error);
  }
}

/** Ends with `done`; throws what the worker says or dies of, and where the signal ends it. */
async function* messagesOf(worker: Worker, signal: AbortSignal): AsyncGenerator<BackupNews, void, undefined> {
  const waiting: BackupMessage[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    wake?.();
  };
  const end = (): void => fail(new BackupError("The backup was ended"));
  worker.on("message", (message: BackupMessage) => {
    waiting.push(message);
    wake?.();
  });
  worker.on("error", fail);
  worker.on("exit", end);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    for (;;) {
      const message = waiting.shift();
      if (message === undefined) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      } else if (message.kind === "failed") {
        throw message.isForUser ? new BackupError(message.message) : new Error(message.message);
      } else {
        yield message;
        if (message.kind === "done") return;
      }
    }
  } finally {
    signal.removeEventListener("abort", end);
  }
}
