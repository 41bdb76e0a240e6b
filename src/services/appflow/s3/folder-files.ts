import type { Dirent, Stats } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BucketFile, BucketFiles } from "../../s3/index.ts";

/**
 * A folder of this machine as a bucket: keys are the paths of its files within it, with `/` between their parts. Symbolic links are not followed, so
 * that no key leads out of the folder. What it is asked throws what the file system throws.
 */
export function folderFiles(folder: string): BucketFiles {
  return {
    async list({ prefix, after = "", limit }) {
      const files: BucketFile[] = [];
      for await (const key of keysUnder(folder, "", { prefix, after })) {
        const file = await fileAt(folder, key);
        if (file) files.push(file);
        if (files.length === limit) return { files, next: key };
      }
      return { files };
    },
    find: (key) => fileAt(folder, key),
    async read({ key, version }, { from, length }) {
      await using file = await openIfThere(join(folder, key));
      if (!file || versionOf(await file.stat()) !== version) return undefined;
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    },
  };
}

/** In the order of their UTF-8 bytes. What lies wholly before `after`, or has another beginning than `prefix`, is not read. */
async function* keysUnder(
  folder: string,
  path: string,
  range: { readonly prefix: string; readonly after: string },
): AsyncGenerator<string> {
  const { prefix, after } = range;
  const names = (await readdir(join(folder, path), { withFileTypes: true })).map(nameOf);
  for (const name of names.toSorted(byBytes)) {
    const key = path + name;
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
    if (!name.endsWith("/")) {
      if (byBytes(key, after) > 0 && key.startsWith(prefix)) yield key;
    } else if (byBytes(key, after) > 0 || after.startsWith(key)) yield* keysUnder(folder, key, range);
  }
}

/** What is a folder stands where its files stand: `a.csv` before `a/b.csv`. Other things than files and folders have no key. */
function nameOf(entry: Dirent): string {
  return entry.isDirectory() ? `${entry.name}/` : entry.isFile() ? entry.name : "";
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** `undefined`: it has gone since it was listed. */
async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

async function fileAt(folder: string, key: string): Promise<BucketFile | undefined> {
  try {
    const file = await stat(join(folder, key));
    return { key, size: file.size, modifiedMs: file.mtimeMs, version: versionOf(file) };
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

function isNotThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

/** A file that is written over or replaced has another one. */
function versionOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino}-${size}-${mtimeMs}`;
}
