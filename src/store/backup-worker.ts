/** The thread that makes a backup: see `backup.ts`. */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import {
  backupError,
  type CopiedFile,
  checkDatabase,
  checkRoom,
  copyFile,
  finish,
  sumFile,
  UNDER_WAY,
} from "./backup-folder.ts";
import type { BackupNews } from "./store.ts";

export interface BackupWorkerData {
  readonly directory: string;
  readonly databasePath: string;
  readonly to: string;
  readonly partial: string;
  readonly version: string;
  readonly taken: string;
}

export type BackupMessage =
  | BackupNews
  | { readonly kind: "failed"; readonly message: string; readonly isForUser: boolean };

/** Pages between two looks at what else there is to do: 4 MiB. */
const PAGES = 1024;
const NAME = "trunkline.db";
/** What the store has beside what it holds: its log is in the copy of the database. */
const STORES_OWN = new RegExp(`^(${NAME}(-wal|-shm|-journal|[.]new)?|trunkline[.]lock(-journal)?|${UNDER_WAY})$`);

const order = workerData as BackupWorkerData;
const tell = (news: BackupMessage): void => parentPort?.postMessage(news);

try {
  await run();
} catch (error) {
  const told = backupError(`Backup into ${order.to}`, error);
  tell({ kind: "failed", message: told.message, isForUser: told.name === "BackupError" });
}

/**
 * What is read from here on is what was committed when the first statement ran, whatever is committed meanwhile: SQLite's backup keeps to the
 * transaction that is open on its source, and so needs not begin anew with each commit.
 */
async function run(): Promise<void> {
  const source = new DatabaseSync(order.databasePath, { readOnly: true });
  source.exec("BEGIN");
  source.prepare("SELECT count(*) FROM store_collections").get();
  const databaseBytes = statSync(order.databasePath).size + walBytes();
  const paths = filesIn(order.directory);
  const bytes = paths.reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    databaseBytes,
  );
  tell({ kind: "began", bytes });

  mkdirSync(order.partial, { mode: 0o700 });
  checkRoom("Backup", order.partial, bytes);
  const data = join(order.partial, "data");
  mkdirSync(data, { mode: 0o700 });
  const files = [...copyFiles(paths, data)];
  tell({ kind: "files", files: files.length, bytes: sum(files) });

  const copy = join(data, NAME);
  closeSync(openSync(copy, "wx", 0o600));
  await backup(source, copy, {
    rate: PAGES,
    progress: ({ totalPages, remainingPages }) => tell({ kind: "copied", share: 1 - remainingPages / totalPages }),
  });
  source.close();
  const dataVersion = checkDatabase(copy);
  sync(copy);
  files.push({ path: NAME, ...sumFile(copy) });

  finish(order.partial, order.to, {
    format: 1,
    trunkline: order.version,
    dataVersion,
    taken: order.taken,
    bytes: sum(files),
    files,
  });
  tell({ kind: "done", taken: order.taken, files: files.length, bytes: sum(files) });
}

/** One that is gone by now was nobody's: whoever removes what a document names waits. */
function* copyFiles(paths: readonly string[], data: string): Generator<CopiedFile> {
  for (const from of paths) {
    const path = relative(order.directory, from);
    const copied = copyFile(from, join(data, path));
    if (copied) yield { path: path.split(sep).join("/"), ...copied };
  }
}

/** Plain files alone: what a link names is somebody else's. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    const isStores = folder === order.directory && STORES_OWN.test(entry.name);
    return entry.isFile() && !isStores ? [path] : [];
  });
}

function walBytes(): number {
  return statSync(`${order.databasePath}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

function sum(files: readonly CopiedFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
