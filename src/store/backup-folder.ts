/**
 * A backup: a folder that holds all of a data folder as it was at one moment.
 *
 *     manifest.json     when, by which version, and each file with its length and SHA-256
 *     data/             trunkline.db, and the files beside it by the names that they had
 *
 * One is written under another name (`DIR.partial-…`), its manifest last, and made durable before it gets its own. So a folder that has
 * the name of a backup is whole, however the program ended that made it. `restore` goes the same way back.
 */

import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { syncFile } from "./data-folder.ts";
import { folderVersion, MIGRATIONS } from "./migrations.ts";
import { BackupError } from "./store.ts";

export interface Manifest {
  /** Of this file. */
  readonly format: 1;
  /** The version of the program that made it. */
  readonly trunkline: string;
  /** Of the data folder's layout. */
  readonly dataVersion: number;
  /** The moment that it is of, by the wall's clock: all that was acknowledged before is in it. */
  readonly taken: string;
  readonly bytes: number;
  readonly files: readonly CopiedFile[];
}

export interface CopiedFile {
  /** Below `data/`, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Permissions, as `0600`. */
  readonly mode: string;
}

/** In the data folder while a backup of it is made: the path of what is not whole yet. */
export const UNDER_WAY = "backup.partial";

const FORMAT = 1;
const MANIFEST = "manifest.json";
const PIECE_BYTES = 1024 * 1024;
/** Room that is left on the disk beside what a copy takes. */
const SPARE_BYTES = 1024 * 1024;

/** Refuses a place where something is, before anything is written. `what` begins its message: "Backup". */
export function checkEmpty(what: string, path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new BackupError(`${what} into ${path}: there is a file of that name`);
  if (readdirSync(path).length > 0)
    throw new BackupError(`${what} into ${path}: the folder is not empty; name a new one`);
}

/** Refuses a copy for which the disk has no room. */
export function checkRoom(what: string, path: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(path);
  if (bytes + SPARE_BYTES <= bavail * bsize) return;
  throw new BackupError(
    `${what} into ${path}: it takes ${megabytes(bytes)}, and the disk has ${megabytes(bavail * bsize)} free`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Copies one file, durably, and sums it. `undefined`: it is gone. */
export function copyFile(from: string, to: string): Omit<CopiedFile, "path"> | undefined {
  let source: number;
  try {
    source = openSync(from, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const mode = statSync(from, { throwIfNoEntry: false })?.mode ?? 0o600;
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    const target = openSync(to, "wx", mode & 0o777);
    try {
      const { bytes, sha256 } = pump(source, target);
      fsyncSync(target);
      return { bytes, sha256, mode: modeText(mode) };
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Reads a file to its end, sums it and, where there is a second one, writes it there. */
function pump(source: number, target?: number): { bytes: number; sha256: string } {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let bytes = 0;
  for (;;) {
    const count = readSync(source, piece);
    if (count === 0) return { bytes, sha256: hash.digest("hex") };
    const part = piece.subarray(0, count);
    hash.update(part);
    bytes += count;
    for (let at = 0; target !== undefined && at < count; ) at += writeSync(target, part, at);
  }
}

export function sumFile(path: string): Omit<CopiedFile, "path"> {
  const source = openSync(path, "r");
  try {
    return { ...pump(source), mode: modeText(statSync(path).mode) };
  } finally {
    closeSync(source);
  }
}

function modeText(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, "0");
}

/** Writes what was copied, makes all names durable, and gives the folder its own. */
export function finish(partial: string, to: string, manifest: Manifest): void {
  const path = join(partial, MANIFEST);
  writeFileSync(path, `${JSON.stringify(manifest, undefined, 1)}\n`, { mode: 0o600, flush: true });
  syncFolders(partial);
  moveInto(partial, to);
}

/** Throws where something has come to be there meanwhile. */
function moveInto(partial: string, to: string): void {
  renameSync(partial, to);
  syncFile(dirname(to));
}

function syncFolders(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) syncFolders(join(path, entry.name));
  }
  syncFile(path);
}

/** Reads what a backup holds. Throws `BackupError` for a folder that is none, or one that this version cannot use. */
function readManifest(from: string): Manifest {
  const path = join(from, MANIFEST);
  if (!existsSync(path)) throw new BackupError(`${from} is no whole backup: there is no ${MANIFEST} in it`);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new BackupError(`${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
  const { format, trunkline, dataVersion, files } = manifest ?? {};
  if (typeof format === "number" && format > FORMAT)
    throw isNewer(from, trunkline, `a backup of format ${format}`, FORMAT);
  if (format !== FORMAT || !Array.isArray(files) || !files.every(isCopiedFile)) {
    throw new BackupError(`${path} is damaged: it is no manifest of a backup`);
  }
  if (dataVersion > MIGRATIONS.length) {
    throw isNewer(from, trunkline, `a data folder of version ${dataVersion}`, MIGRATIONS.length);
  }
  return manifest;
}

function isNewer(from: string, version: string, what: string, known: number): BackupError {
  return new BackupError(`${from} holds ${what}, written by Trunkline ${version}; this one knows up to ${known}`);
}

function isCopiedFile(file: unknown): file is CopiedFile {
  const { path, bytes, sha256, mode } = (file ?? {}) as Partial<CopiedFile>;
  const isInside =
    typeof path === "string" && path !== "" && !isAbsolute(path) && !/^[.][.]?(\/|$)/.test(normalize(path));
  return (
    isInside && typeof bytes === "number" && /^[0-9a-f]{64}$/.test(String(sha256)) && /^0[0-7]{3}$/.test(String(mode))
  );
}

/**
 * Makes a data folder of a backup. Each file is held against the manifest while it is copied.
 *
 * Throws `BackupError`; then the folder is as it was.
 */
export function restore(from: string, to: string, unique: string): Manifest {
  const manifest = readManifest(from);
  checkEmpty("Restore", to);
  const partial = `${to}.partial-${unique}`;
  try {
    mkdirSync(dirname(to), { recursive: true });
    checkRoom("Restore", dirname(to), manifest.bytes);
    mkdirSync(partial, { mode: 0o700 });
    for (const file of manifest.files) restoreFile(from, partial, file);
    checkDatabase(join(partial, "trunkline.db"), manifest.dataVersion);
    syncFolders(partial);
    moveInto(partial, to);
    return manifest;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw backupError(`Restore of ${from} into ${to}`, error);
  }
}

function restoreFile(from: string, partial: string, { path, bytes, sha256, mode }: CopiedFile): void {
  const target = join(partial, path);
  const copied = copyFile(join(from, "data", path), target);
  if (copied === undefined) throw new BackupError(`${from} is damaged: data/${path} is gone`);
  if (copied.bytes !== bytes || copied.sha256 !== sha256) {
    throw new BackupError(`${from} is damaged: data/${path} is not as it was written`);
  }
  chmodSync(target, Number.parseInt(mode, 8));
}

/** Looks at a whole database: throws `BackupError` where something is wrong with it. */
export function checkDatabase(path: string, version?: number): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const found = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    if (found !== "ok") throw new BackupError(`the copy of the database is damaged: ${found}`);
    const own = folderVersion(database);
    if (version !== undefined && own !== version) {
      throw new BackupError(`the database has version ${own}, its manifest says ${version}`);
    }
    return own;
  } finally {
    database.close();
    // A look at a database in WAL mode leaves these beside it, empty.
    for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
  }
}

/** A failure of the disk as one line, `what` first. */
export function backupError(what: string, error: unknown): Error {
  if (error instanceof BackupError) return error;
  const { code, errcode, message } = error as NodeJS.ErrnoException & { errcode?: number };
  if (code === undefined && errcode === undefined) return error as Error;
  const reason = REASONS[code ?? ""] ?? (errcode === SQLITE_FULL ? REASONS.ENOSPC : message);
  return new BackupError(`${what} failed: ${reason}`, { cause: error });
}

const SQLITE_FULL = 13;

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk's quota is used up",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOTEMPTY: "something has come to be there meanwhile",
  EEXIST: "something has come to be there meanwhile",
};
