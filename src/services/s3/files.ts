/**
 * The bytes of objects: a folder of files that a person can read, beside a store that alone says what there is.
 *
 *     buckets/NAME/path/of/the/key.ext     what each object holds now (`key-path.ts`)
 *     uploads/CONTENT                      what comes in, parts of uploads, and what has just been committed
 *
 * A body is written to `uploads/` under a name of its own and made durable. Then a commit names it as an object's content: from here on it
 * counts, and what was there before does not. After the commit it is moved to its place, over the one before, which goes on for whoever has
 * it open. The move is nothing that anything rests on: as long as a content is in `uploads/` it is read there, and a start moves what a
 * crash has left. What no commit has named goes at the next start.
 *
 * Files of a bucket are moved and removed one after another, and each step looks at what the store says at that moment. So the
 * folder follows the store, whatever order the steps come in.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Checksum, type ChecksumAlgorithm, createDigest } from "../../models/checksum.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import { buckets } from "./bucket.ts";
import { pathOf } from "./key-path.ts";
import { objectId, objects, type Removal, removals, type StoredObject } from "./object.ts";

/** A body that has come in, in `uploads/`. */
export interface Received {
  readonly content: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly checksum: Checksum;
}

/** What this process knows of the files. */
interface Moves {
  /** Contents that lie in `uploads/`. */
  readonly uploaded: Set<string>;
  /** By bucket, the end of the line of its moves. */
  readonly lines: Map<string, Promise<void>>;
  /** The sync of `uploads/` that has not begun yet, for all whose files are in it by then. */
  sync?: Promise<void> | undefined;
  lastSync: Promise<void>;
  foldsCase?: boolean;
}

const movesOf = perStore<Moves>(() => ({ uploaded: new Set(), lines: new Map(), lastSync: Promise.resolve() }));

/** Files are read and copied in pieces of this size. */
const PIECE_BYTES = 262_144;

const NOT_THERE = ["ENOENT", "ENOTDIR"];

/** Writes a body to `uploads/`, durably, and sums it. Throws what the body throws, with nothing left. */
export async function receive(
  platform: Platform,
  body: AsyncIterable<Uint8Array>,
  algorithm: ChecksumAlgorithm,
): Promise<Received> {
  const content = platform.ids.uuid();
  const md5 = createHash("md5");
  const digest = createDigest(algorithm);
  let size = 0;
  const summed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      size += piece.length;
      md5.update(piece);
      digest.update(piece);
      yield piece;
    }
  };
  const { uploaded } = movesOf(platform.store);
  const path = await uploadPath(platform, content);
  uploaded.add(content);
  try {
    await using file = await open(path, "wx");
    await file.writeFile(summed());
    if (platform.folder.isKept) {
      await file.datasync();
      await syncUploads(platform);
    }
  } catch (error) {
    await discard(platform, content);
    throw error;
  }
  const value = digest.digest().toString("base64");
  return { content, size, md5: md5.digest("hex"), checksum: { algorithm, value } };
}

/** Removes what lies in `uploads/` and is not wanted any more. */
export function discard(platform: Platform, content: string): Promise<void> {
  return platform.folder.steps.run(() => removeUploaded(platform, content));
}

async function removeUploaded(platform: Platform, content: string): Promise<void> {
  await removeFile(join(platform.folder.path(), "uploads", content));
  movesOf(platform.store).uploaded.delete(content);
}

/** A content in `uploads/`, such as an upload's part. */
export async function openUploaded(platform: Platform, content: string): Promise<FileHandle> {
  return open(await uploadPath(platform, content), "r");
}

/** The bytes of an object, from `first` to `last`, both included. */
export async function* readPieces(file: FileHandle, first: number, last: number): AsyncGenerator<Uint8Array> {
  for (let at = first; at <= last; ) {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, last - at + 1));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new Error("An object's file has become shorter");
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Opens an object's file; `undefined` where the object is another one by now. Throws where the file is not as it was stored. */
export async function openObject(platform: Platform, object: StoredObject): Promise<FileHandle | undefined> {
  const file = (await openInUploads(platform, object)) ?? (await openInPlace(platform, object));
  if (file === "replaced") return undefined;
  const size = file && (await file.stat()).size;
  if (size === object.size) return file;
  await file?.close();
  throw new Error(`${objectPath(platform, object)} has ${size ?? "no"} bytes where ${object.size} were stored`);
}

/** `undefined`: it is not there, or is moved to its place at this moment. */
async function openInUploads(platform: Platform, { content }: StoredObject): Promise<FileHandle | undefined> {
  if (!movesOf(platform.store).uploaded.has(content)) return undefined;
  return openIfThere(await uploadPath(platform, content));
}

async function openInPlace(platform: Platform, object: StoredObject): Promise<FileHandle | "replaced" | undefined> {
  const file = await openIfThere(objectPath(platform, object));
  // The file in an object's place is the object's, unless a later one has been committed; that is seen here.
  const now = await platform.store.get(objects, objectId(object));
  if (now?.content === object.content) return file;
  await file?.close();
  return "replaced";
}

/**
 * Makes an object's place as the store has it: moves its content there, or removes what is there. `content` is what was committed, and goes
 * where it has been replaced meanwhile. Never throws: the next start does what fails here.
 */
export function settle(platform: Platform, removal: Removal, content?: string): Promise<void> {
  return platform.folder.steps.run(() => settleNow(platform, removal, content));
}

function settleNow(platform: Platform, { bucket, key }: Removal, content?: string): Promise<void> {
  const { lines } = movesOf(platform.store);
  const before = lines.get(bucket) ?? Promise.resolve();
  const step = before
    .then(() => (key === "" ? settleBucket(platform, bucket) : settleObject(platform, bucket, key, content)))
    .catch((error) => platform.log.error({ err: error, bucket, key }, "a file of S3 could not be moved"))
    .finally(() => {
      if (lines.get(bucket) === step) lines.delete(bucket);
    });
  lines.set(bucket, step);
  return step;
}

/** Does what `deleteStoredObject` has noted down. */
export async function settleRemovals(platform: Platform, removed: readonly Removal[]): Promise<void> {
  if (removed.length > 0) await platform.folder.steps.run(() => removeNow(platform, removed));
}

async function removeNow(platform: Platform, removed: readonly Removal[]): Promise<void> {
  await Promise.all(removed.map((removal) => settleNow(platform, removal)));
  await platform.store.commitUnsynced(async (unit) => {
    for (const removal of removed) unit.delete(removals, objectId(removal));
  });
}

/** What a crash has left to do. Before the first request. */
export async function recover(platform: Platform, isPart: (content: string) => Promise<boolean>): Promise<void> {
  const { store, folder } = platform;
  if (!folder.isKept) return;
  const { uploaded } = movesOf(store);
  for (const content of await namesIn(join(folder.path(), "uploads"))) {
    uploaded.add(content);
    const { documents } = await store.list(objects, { index: "content", equals: content, limit: 1 });
    if (documents[0]) await settle(platform, documents[0]);
    else if (!(await isPart(content))) await discard(platform, content);
  }
  for (;;) {
    const { documents } = await store.list(removals, { limit: 100 });
    if (documents.length === 0) return;
    await settleRemovals(platform, documents);
  }
}

async function settleObject(platform: Platform, bucket: string, key: string, content?: string): Promise<void> {
  const { uploaded } = movesOf(platform.store);
  const object = await platform.store.get(objects, objectId({ bucket, key }));
  const path = objectPath(platform, { bucket, key });
  if (object === undefined) {
    await removeFile(path);
    await removeEmptyFolders(dirname(path), bucketFolder(platform, bucket));
  } else if (uploaded.has(object.content)) {
    await moveFile(await uploadPath(platform, object.content), path);
    // Only now: a reader that did not find it in `uploads/` would take what was in its place before.
    uploaded.delete(object.content);
  }
  if (content !== undefined && content !== object?.content && uploaded.has(content))
    await removeUploaded(platform, content);
}

/** Into a folder that mostly is there. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isNotThere(error)) throw error;
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  }
}

async function settleBucket(platform: Platform, name: string): Promise<void> {
  const bucket = await platform.store.get(buckets, name);
  if (bucket === undefined) await rm(bucketFolder(platform, name), { recursive: true, force: true });
}

function bucketFolder({ folder }: Platform, bucket: string): string {
  return join(folder.path(), "buckets", bucket);
}

function objectPath(platform: Platform, { bucket, key }: Pick<StoredObject, "bucket" | "key">): string {
  // Not `join`, which would take dots for steps; there are none in a path of ours.
  return `${bucketFolder(platform, bucket)}/${pathOf(key, foldsCase(platform))}`;
}

/** Whether the file system takes `UPLOADS` for `uploads`. Asked once that is there. */
function foldsCase({ store, folder }: Platform): boolean {
  const moves = movesOf(store);
  moves.foldsCase ??= existsSync(join(folder.path(), "UPLOADS"));
  return moves.foldsCase;
}

async function uploadPath({ folder }: Platform, content: string): Promise<string> {
  const uploads = join(folder.path(), "uploads");
  if (!existsSync(uploads)) {
    await mkdir(uploads, { recursive: true });
    if (folder.isKept) await syncFolder(folder.path());
  }
  return join(uploads, content);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isNotThere(error)) throw error;
  }
}

/** Up to a folder that stays. */
async function removeEmptyFolders(path: string, last: string): Promise<void> {
  for (let folder = path; folder !== last; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOTEMPTY") return;
      if (!isNotThere(error)) throw error;
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

function isNotThere(error: unknown): boolean {
  return NOT_THERE.includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Makes the names in `uploads/` durable. Those who come while one sync runs share the next. */
function syncUploads({ store, folder }: Platform): Promise<void> {
  const moves = movesOf(store);
  moves.sync ??= moves.lastSync.then(async () => {
    moves.sync = undefined;
    await syncFolder(join(folder.path(), "uploads"));
  });
  // Whether it fails is for those to see who wait for it.
  moves.lastSync = moves.sync.catch(() => {});
  return moves.sync;
}

/** Makes the names of a folder's files durable. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
