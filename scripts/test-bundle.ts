/**
 * What `npm test` runs the server from: a bundle of a few files, as the package has it. More than a thousand sources took each of some
 * four hundred processes half a second to load, a quarter of all processor time. `scripts/test-preload.mjs` puts it in their place.
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { bundle, placeInPackage } from "./package/bundle.ts";
import { COMMAND_ENTRY, READ_FILES } from "./package/entries.ts";

const ROOT = join(import.meta.dirname, "..");

/** Below node_modules, where it finds the packages that the sources find. */
const FOLDER = join(ROOT, "node_modules/.cache/tested");
const KEPT_MS = 6 * 3_600_000;

/**
 * Bundles the sources as they are, and answers with the folder: another one for other sources, so that tests that run meanwhile keep
 * theirs. Sources that tests import are files of their own, so that there is one of each module.
 */
export async function bundleForTests(): Promise<string> {
  removeOld();
  const made = join(FOLDER, `made-by-${process.pid}`);
  const entries = [...new Set([COMMAND_ENTRY, ...importedSources()])];
  const { readFiles, folderReaders } = await bundle(ROOT, entries, join(made, "dist"), { readable: true });
  const read = folderReaders.flatMap((source) => globSync([...(READ_FILES[source] ?? [])], { cwd: ROOT }));
  for (const file of [...readFiles, ...read]) {
    const place = join(made, placeInPackage(file));
    mkdirSync(dirname(place), { recursive: true });
    cpSync(join(ROOT, file), place, { recursive: true });
  }
  cpSync(join(ROOT, "scripts/package/bin.mjs"), join(made, "bin/trunkline.mjs"));
  writeFileSync(join(made, "entries.json"), JSON.stringify(entries));
  const folder = join(FOLDER, hashOf(made));
  if (existsSync(folder)) rmSync(made, { recursive: true });
  else renameSync(made, folder);
  utimesSync(folder, new Date(), new Date());
  return folder;
}

function hashOf(folder: string): string {
  const hash = createHash("sha256");
  for (const file of globSync("**/*", { cwd: folder }).sort()) {
    if (statSync(join(folder, file)).isFile()) hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOld(): void {
  for (const folder of globSync(join(FOLDER, "*"))) {
    if (statSync(folder).mtimeMs < Date.now() - KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}

/** By whatever path and in whatever way tests, and scripts that tests import, name them. */
function importedSources(): string[] {
  const files = globSync(["test/**/*.ts", "scripts/**/*.{ts,mjs}"], { cwd: ROOT, exclude: ["**/node_modules/**"] });
  const named = files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8").replaceAll(/^import type [^;]+;/gm, "");
    return [...text.matchAll(/"(?:\.\.\/)+(src\/[\w./-]+\.ts)"/g)].map(([, source]) => source as string);
  });
  return [...new Set(named)].sort();
}
