/**
 * The server as a few files of JavaScript in place of more than a thousand of TypeScript: it starts in half the time, and takes two
 * thirds of the memory.
 *
 * Sources find other files by `import.meta`, and a bundle's chunks lie elsewhere than the sources did. So those places are replaced
 * while they are read: `dist/` mirrors `src/`, and each becomes an address from `dist/` on.
 */
import { readFile } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

export interface Bundle {
  /** Files that it reads at run time, from the root on: `src/matching/transcript/english.json`. */
  readonly readFiles: readonly string[];
  /** Sources that find files by their own folder. */
  readonly folderReaders: readonly string[];
  /** Packages that it imports. */
  readonly packages: readonly string[];
}

interface Found {
  readonly threads: Set<string>;
  readonly readFiles: Set<string>;
  readonly folderReaders: Set<string>;
  readonly packages: Set<string>;
}

/**
 * Writes `entries` (from the root on) and every module that they start by its address into `dist`. What is `readable` keeps its lines.
 */
export async function bundle(
  root: string,
  entries: readonly string[],
  dist: string,
  { readable = false }: { readonly readable?: boolean } = {},
): Promise<Bundle> {
  for (let all = [...new Set(entries)]; ; ) {
    const found: Found = {
      threads: new Set(),
      readFiles: new Set(),
      folderReaders: new Set(),
      packages: new Set(),
    };
    const { metafile, outputFiles } = await build({
      ...options(root, all, dist),
      minifyWhitespace: !readable,
      plugins: [placed(root, found)],
    });
    const missing = [...found.threads].filter((thread) => !all.includes(thread));
    if (missing.length > 0) {
      // In one order, whichever was read first: the chunks' names follow from it.
      all = [...all, ...missing.sort()];
      continue;
    }
    await write(outputFiles);
    const packages = [...found.packages, ...importedPackages(metafile)];
    return {
      readFiles: [...found.readFiles].sort(),
      folderReaders: [...found.folderReaders].sort(),
      packages: [...new Set(packages)].sort(),
    };
  }
}

function options(root: string, entries: readonly string[], dist: string) {
  return {
    absWorkingDir: root,
    entryPoints: [...entries],
    outbase: "src",
    outdir: dist,
    chunkNames: "chunks/[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    packages: "external",
    metafile: true,
    write: false,
    // Names stay as they are: a stack that a user reports can be read.
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
  } as const satisfies BuildOptions;
}

async function write(files: readonly { readonly path: string; readonly contents: Uint8Array }[]): Promise<void> {
  const { mkdir, writeFile } = await import("node:fs/promises");
  for (const { path, contents } of files) {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, contents);
  }
}

const DIST = "trunkline:dist";

function placed(root: string, found: Found): Plugin {
  return {
    name: "places",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^trunkline:dist$/ }, () => ({ path: DIST, namespace: DIST }));
      onLoad({ filter: /.*/, namespace: DIST }, () => ({ contents: DIST_MODULE }));
      onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
        const source = relative(root, path).replaceAll("\\", "/");
        return { contents: withPlaces(source, await readFile(path, "utf8"), found), loader: "ts" };
      });
    },
  };
}

/** No folder inside of `dist/` has that name. */
const DIST_MODULE = `import { fileURLToPath } from "node:url";
export const dist = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/") + "/dist/".length);
export const pathOf = (place) => fileURLToPath(new URL(place, dist));`;

/** A source with addresses from `dist/` on in place of `import.meta`. Throws for a use of it that a bundle would break. */
export function withPlaces(source: string, text: string, found: Found): string {
  const folder = posix.dirname(source);
  const placedText = text
    .replaceAll(/new URL\("([^"]+)", import\.meta\.url\)/g, (_, target: string) => {
      const file = posix.join(folder, target);
      (file.endsWith(".ts") ? found.threads : found.readFiles).add(file);
      return `new URL(${JSON.stringify(fromDist(file).replace(/\.ts$/, ".js"))}, __dist)`;
    })
    .replaceAll("import.meta.dirname", () => {
      found.folderReaders.add(source);
      return `__pathOf(${JSON.stringify(fromDist(folder))})`;
    });
  for (const [, name = ""] of text.matchAll(/(?:import\.meta\.resolve|\brequire)\("([^"]+)"/g)) {
    // Node's own modules are no packages, also where a text that is handed to a function asks for them.
    if (!name.startsWith("node:")) found.packages.add(packageOf(name));
  }
  const rest = placedText.replaceAll("createRequire(import.meta.url)", "").replaceAll("import.meta.resolve(", "");
  if (rest.includes("import.meta")) {
    throw new Error(`${source} uses import.meta in a way that the package's bundle does not know`);
  }
  if (placedText === text) return text;
  return `import { dist as __dist, pathOf as __pathOf } from "${DIST}";\n${placedText}`;
}

/** `src/` becomes `dist/`; what lies beside it stays there. */
function fromDist(file: string): string {
  return posix.relative("src", file);
}

/** Where a file that is read at run time lies in the package. */
export function placeInPackage(file: string): string {
  return posix.join("dist", fromDist(file));
}

function importedPackages({ outputs }: Metafile): string[] {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  return imports.filter((it) => it.external && !it.path.startsWith("node:")).map(({ path }) => packageOf(path));
}

/** `@a/b` of `@a/b/c`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
