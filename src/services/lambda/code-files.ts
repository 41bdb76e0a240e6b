/**
 * The zips of functions and layers: files in the data folder, named by the SHA-256 of what is in them, so that the same code is there once.
 *
 * One is written under another name, made durable and then renamed; only then a commit names it. What no document names any more is removed,
 * at once or at the next start. Writing with its commit and removing exclude each other: else a zip could go that is about to be named again.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import { versions } from "./function.ts";
import { layerVersions } from "./layer.ts";
import { checkZip } from "./zip.ts";

export interface Zip {
  /** SHA-256, hexadecimal. */
  readonly code: string;
  readonly codeBytes: number;
}

const lines = perStore<{ last: Promise<unknown> }>(() => ({ last: Promise.resolve() }));

/** Runs what writes, names or removes zips one after the other. */
function inTurn<R>({ store }: Platform, act: () => Promise<R>): Promise<R> {
  const line = lines(store);
  const turn = line.last.then(act, act);
  line.last = turn.catch(() => {});
  return turn;
}

/**
 * Stores a zip and runs what commits a document that names it. Throws `InvalidParameterValueException` for a bad zip, and what `name`
 * throws; then nothing is left of it.
 */
export async function withZip<R>(
  platform: Platform,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: (zip: Zip) => Promise<R>,
): Promise<R> {
  const folder = await codeFolder(platform);
  const incoming = join(folder, `${platform.ids.uuid()}.incoming`);
  const hash = createHash("sha256");
  let codeBytes = 0;
  try {
    await using file = await open(incoming, "wx", 0o600);
    for await (const piece of pieces) {
      hash.update(piece);
      codeBytes += piece.length;
      await file.writeFile(piece);
    }
    if (platform.folder.isKept) await file.datasync();
    const zip = { code: hash.digest("hex"), codeBytes };
    await checkZip(incoming);
    try {
      return await inTurn(platform, async () => {
        await rename(incoming, zipPath(platform, zip.code));
        if (platform.folder.isKept) await syncFolder(folder);
        return await name(zip);
      });
    } catch (error) {
      await releaseZip(platform, zip.code);
      throw error;
    }
  } finally {
    await rm(incoming, { force: true });
  }
}

/** Removes a zip that no document names any more. */
export function releaseZip(platform: Platform, code: string): Promise<void> {
  return platform.folder.steps.run(() => inTurn(platform, () => removeIfUnnamed(platform, code)));
}

export function zipPath({ folder }: Platform, code: string): string {
  return join(folder.path(), "functions", `${code}.zip`);
}

/** What a crash has left behind. Before the first request. */
export async function removeUnnamedZips(platform: Platform): Promise<void> {
  if (!platform.folder.isKept) return;
  const folder = join(platform.folder.path(), "functions");
  if (!existsSync(folder)) return;
  for (const file of await readdir(folder)) {
    if (file.endsWith(".zip")) await removeIfUnnamed(platform, file.slice(0, -".zip".length));
    else await rm(join(folder, file), { force: true });
  }
}

async function removeIfUnnamed(platform: Platform, code: string): Promise<void> {
  const byCode = { index: "code", equals: code, limit: 1 };
  const named = await platform.store.list(versions, byCode);
  if (named.documents.length > 0) return;
  if ((await platform.store.list(layerVersions, byCode)).documents.length > 0) return;
  await rm(zipPath(platform, code), { force: true });
}

async function codeFolder({ folder }: Platform): Promise<string> {
  const path = join(folder.path(), "functions");
  if (!existsSync(path)) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (folder.isKept) await syncFolder(folder.path());
  }
  return path;
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}
