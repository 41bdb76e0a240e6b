/**
 * Bundles the console's front end from `web/src` into `web/dist`, where `src/console` serves it from. Does nothing where nothing has
 * changed since the last time, so `npm start` and `npm test` run it first. `--sizes` prints what a browser loads.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = join(root, "web/src");
const dist = join(root, "web/dist");
const showsSizes = process.argv.includes("--sizes");

const signature = sourceSignature();
if (readManifest()?.signature !== signature) await build();
if (showsSizes) printSizes();

async function build() {
  const { build: bundle } = await import("esbuild");
  const draft = `${dist}.${process.pid}`;
  const { metafile } = await bundle({
    absWorkingDir: root,
    // The names of files follow from their paths: those are the same wherever the packages lie.
    preserveSymlinks: true,
    entryPoints: { main: "web/src/main.tsx" },
    outdir: draft,
    bundle: true,
    format: "esm",
    splitting: true,
    minify: true,
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    metafile: true,
    logLevel: "error",
  });
  const outputs = Object.entries(metafile.outputs);
  const [script, { imports, cssBundle }] = outputs.find(([, output]) => output.entryPoint === "web/src/main.tsx");
  const manifest = {
    signature,
    script: basename(script),
    style: basename(cssBundle),
    preloads: imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => basename(path)),
    files: outputs.map(([path]) => basename(path)),
  };
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, "manifest.json"), JSON.stringify(manifest));
  rmSync(dist, { recursive: true, force: true });
  renameSync(draft, dist);
}

/** Of all that the result depends on: sources, this script, versions. */
function sourceSignature() {
  const hash = createHash("sha256");
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files.sort(), fileURLToPath(import.meta.url), join(root, "package.json")]) {
    hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function readManifest() {
  const file = join(dist, "manifest.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

function printSizes() {
  const { script, style, preloads, files } = readManifest();
  const size = (file) => gzipSync(readFileSync(join(dist, file))).length;
  const first = [script, style, ...preloads];
  const rows = files.map((file) => [file, size(file), first.includes(file) ? "first view" : "later"]);
  for (const [file, bytes, when] of rows)
    console.log(`${(bytes / 1024).toFixed(1).padStart(8)} KB  ${when.padEnd(10)}  ${file}`);
  const total = first.reduce((sum, file) => sum + size(file), 0);
  console.log(`${(total / 1024).toFixed(1).padStart(8)} KB compressed for the first view`);
}
