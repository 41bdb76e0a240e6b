import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Platform } from "../../service.ts";
import { zipPath } from "../code-files.ts";
import { unpackZip } from "../zip.ts";

interface CodeFolder {
  readonly path: string;
  readonly unpacked: Promise<void>;
  users: number;
}

/** Folders that nobody uses are kept for the next cold start, so many of them. */
const UNUSED_MAX = 32;

/**
 * Code as sandboxes see it: a zip, or the zips of a function's layers one over the other, unpacked when first needed. The names of the folders
 * are not to be guessed, so that the code of other functions is not to be read.
 */
export class CodeFolders {
  readonly #platform: Platform;
  readonly #base: string;
  /** The least recently used first. */
  readonly #folders = new Map<string, CodeFolder>();

  constructor(platform: Platform, base: string) {
    this.#platform = platform;
    this.#base = base;
  }

  /** Throws what `unpackZip` throws. `release` it by the same zips. */
  async use(zips: readonly string[]): Promise<string> {
    const key = keyOf(zips);
    let folder = this.#folders.get(key);
    if (folder === undefined) {
      const path = join(this.#base, Buffer.from(this.#platform.ids.bytes(16)).toString("hex"));
      folder = { path, unpacked: this.#unpack(zips, path), users: 0 };
    }
    this.#folders.delete(key);
    this.#folders.set(key, folder);
    folder.users++;
    try {
      await folder.unpacked;
    } catch (error) {
      this.#folders.delete(key);
      await rm(folder.path, { recursive: true, force: true });
      throw error;
    }
    return folder.path;
  }

  release(zips: readonly string[]): void {
    const folder = this.#folders.get(keyOf(zips));
    if (folder) folder.users--;
    const unused = [...this.#folders].filter(([, { users }]) => users <= 0);
    for (const [key, { path }] of unused.slice(0, Math.max(0, unused.length - UNUSED_MAX))) {
      this.#folders.delete(key);
      void rm(path, { recursive: true, force: true }).catch(() => {
        // It goes with all the others at the stop.
      });
    }
  }

  /** When nothing is being unpacked any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#folders.values()].map(({ unpacked }) => unpacked));
  }

  async #unpack(zips: readonly string[], path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o755 });
    const [first, ...others] = zips;
    if (first !== undefined) await unpackZip(zipPath(this.#platform, first), path);
    for (const [place, zip] of others.entries()) {
      const apart = `${path}.${place}`;
      await mkdir(apart, { mode: 0o755 });
      try {
        await unpackZip(zipPath(this.#platform, zip), apart);
        await moveOver(apart, path);
      } finally {
        await rm(apart, { recursive: true, force: true });
      }
    }
  }
}

/** Moves all of one folder over another: what has the same name gives way. No link is followed. */
async function moveOver(from: string, into: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(into, entry.name)];
    const there = await lstat(target).catch(() => undefined);
    if (entry.isDirectory() && there?.isDirectory()) await moveOver(source, target);
    else {
      if (there) await rm(target, { recursive: true });
      await rename(source, target);
    }
  }
}

function keyOf(zips: readonly string[]): string {
  return createHash("sha256").update(zips.join(" ")).digest("hex");
}
