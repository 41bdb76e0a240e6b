import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packPackage, stagePackage } from "../scripts/build-package.ts";
import { contextFiles } from "./dockerfile.ts";

const root = join(import.meta.dirname, "..");
const CACHE = join(root, "node_modules/.cache/packed");

/**
 * The package as `npm run package` packs it. Made once for all test files, and anew when something has changed of what it is made of: the
 * files of the container's context. Answers with the tarball's path.
 */
export async function packedTarball(): Promise<string> {
  const place = join(CACHE, hashOf(contextFiles(root)));
  if (!existsSync(place)) {
    const folder = `${place}-${process.pid}`;
    mkdirSync(folder, { recursive: true });
    await stagePackage({ stage: join(folder, "stage") });
    packPackage(join(folder, "stage"), folder);
    rmSync(join(folder, "stage"), { recursive: true });
    // Whoever was faster has made the same.
    if (existsSync(place)) rmSync(folder, { recursive: true });
    else renameSync(folder, place);
  }
  const [name = ""] = readdirSync(place);
  return join(place, name);
}

function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}
