/**
 * What `npm test` runs the server from: a bundle of a few files, as the package has it. More than a thousand sources took each of some
 * four hundred processes half a second to load, a quarter of all processor time. `scripts/test-preload.mjs` puts it in their place.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundle, placeInPackage } from "./package/bundle.ts";
import { COMMAND_ENTRY, READ_FILES } from "./package/entries.ts";

const ROOT = join(import.meta.dirname, "..");

/** Made anew for each run. It lies below node_modules, and so finds the packages that the sources find. */
const FOLDER = join(ROOT, "node_modules/.cache/tested");

/** Bundles the sources as they are. Sources that tests import are files of their own, so that there is one of each module. */
export async function bundleForTests(): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true });
  const entries = [...new Set([COMMAND_ENTRY, ...importedSources()])];
  const made = await bundle(ROOT, entries, join(FOLDER, "dist"), { readable: true });
  const read = made.folderReaders.flatMap((source) => globSync([...(READ_FILES[source] ?? [])], { cwd: ROOT }));
  for (const file of [...made.readFiles, ...read]) {
    const place = join(FOLDER, placeInPackage(file));
    mkdirSync(dirname(place), { recursive: true });
    cpSync(join(ROOT, file), place, { recursive: true });
  }
  cpSync(join(ROOT, "scripts/package/bin.mjs"), join(FOLDER, "bin/trunkline.mjs"));
  writeFileSync(join(FOLDER, "entries.json"), JSON.stringify(entries));
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
