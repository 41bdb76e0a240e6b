/**
 * `npm run package`: makes what is published. `dist/package` is the package as it will lie in node_modules, `dist/trunkline-VERSION.tgz`
 * the same, packed. `--stage-only` leaves the latter out.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { bundle, placeInPackage } from "./package/bundle.ts";
import { COMMAND_ENTRY, PUBLIC_ENTRIES, READ_FILES, SHIPPED_FILES } from "./package/entries.ts";
import { withoutDeadLinks } from "./package/links.ts";
import { type Manifest, publishedManifest } from "./package/manifest.ts";
import { type LockFile, shrinkwrap } from "./package/shrinkwrap.ts";
import { writeTypes } from "./package/types.ts";

const ROOT = join(import.meta.dirname, "..");

export interface PackageOptions {
  /** Where it is laid out; what was there goes. */
  readonly stage: string;
  /** What users import, where it is not the usual. */
  readonly publicEntries?: Readonly<Record<string, string>>;
}

/** Lays the package out. */
export async function stagePackage({ stage, publicEntries = PUBLIC_ENTRIES }: PackageOptions): Promise<void> {
  run(process.execPath, ["scripts/build-console.mjs"], ROOT);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(join(stage, "bin"), { recursive: true });
  const sources = Object.values(publicEntries);
  const made = await bundle(ROOT, [COMMAND_ENTRY, ...sources], join(stage, "dist"));
  for (const file of [...made.readFiles, ...made.folderReaders.flatMap(filesReadBy)]) {
    // It is written below.
    if (file !== "package.json") copy(file, placeInPackage(file), stage);
  }
  for (const file of globSync([...SHIPPED_FILES], { cwd: ROOT })) copy(file, file, stage);
  // The repository's own leads to much that is not here.
  cpSync(join(ROOT, "scripts/package/README.md"), join(stage, "README.md"));
  unlinkDocuments(stage);
  cpSync(join(ROOT, "scripts/package/bin.mjs"), join(stage, "bin/trunkline.mjs"));
  chmodSync(join(stage, "bin/trunkline.mjs"), 0o755);
  const typePackages = writeTypes(ROOT, sources, stage);
  const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
  const packages = [...new Set([...made.packages, ...made.packages.flatMap((name) => peersOf(name, own))])].sort();
  const manifest = publishedManifest(own, { packages, typePackages, publicEntries });
  write(join(stage, "package.json"), manifest);
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as LockFile;
  write(join(stage, "npm-shrinkwrap.json"), shrinkwrap(lock, manifest));
}

/** Packs what is laid out into a folder, and answers with the tarball's path. */
export function packPackage(stage: string, folder: string): string {
  const packed = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], stage);
  const [{ filename }] = JSON.parse(packed) as [{ readonly filename: string }];
  return join(folder, filename);
}

/** What a package wants beside it, where it is ours. (Those that it calls optional may be what it cannot be loaded without.) */
function peersOf(name: string, own: Manifest): string[] {
  const file = join(ROOT, "node_modules", name, "package.json");
  const { peerDependencies = {} } = JSON.parse(readFileSync(file, "utf8"));
  return Object.keys(peerDependencies).filter((peer) => peer in own.dependencies);
}

function unlinkDocuments(stage: string): void {
  for (const page of globSync("**/*.md", { cwd: stage })) {
    const text = readFileSync(join(stage, page), "utf8");
    const isShipped = (path: string): boolean => existsSync(join(stage, path));
    writeFileSync(join(stage, page), withoutDeadLinks(text, page.replaceAll("\\", "/"), isShipped));
  }
}

function filesReadBy(source: string): string[] {
  const patterns = READ_FILES[source];
  if (patterns === undefined) {
    throw new Error(`${source} finds files by import.meta.dirname: say which in scripts/package/entries.ts`);
  }
  return globSync([...patterns], { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
}

function write(file: string, document: object): void {
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
}

function copy(file: string, place: string, stage: string): void {
  const target = join(stage, place);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(ROOT, file), target, { recursive: true });
}

/** Answers with what it printed. Throws where it fails. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`, { cause: error });
  return stdout;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { "stage-only": { type: "boolean", default: false } } });
  const out = join(ROOT, "dist");
  const stage = join(out, "package");
  await stagePackage({ stage });
  console.log(`${relative(ROOT, stage)}: the package, laid out`);
  if (!values["stage-only"]) {
    const tarball = packPackage(stage, out);
    console.log(`${relative(ROOT, tarball)}: the same, packed, ${(statSync(tarball).size / 1e6).toFixed(1)} MB`);
  }
}
