import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const PACKAGES = join(import.meta.dirname, "../../node_modules");

/**
 * Lays a packed package into a folder's node_modules as npm would, with what it depends on taken from the repository: so nobody needs a
 * registry. What it does not declare it does not find. Answers with where it lies.
 */
export function linkPackage(tarball: string, folder: string): string {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  const { status, stderr } = spawnSync("tar", ["-xzf", tarball, "-C", modules], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${tarball} cannot be unpacked: ${stderr}`);
  const place = join(modules, "trunkline");
  renameSync(join(modules, "package"), place);
  symlinkSync("../trunkline/bin/trunkline.mjs", join(modules, ".bin", "trunkline"));
  linkDependencies(folder, place);
  return place;
}

/** The same for a package that is there: what it declares is found in a folder's node_modules, by default its own. */
export function linkDependencies(folder: string, place: string = folder): void {
  const { dependencies } = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(PACKAGES, name), link);
  }
}
