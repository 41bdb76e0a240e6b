import assert from "node:assert/strict";
import { test } from "node:test";
import { packageOf, placeInPackage, withPlaces } from "./bundle.ts";

function placed(source: string, text: string) {
  const found = {
    threads: new Set<string>(),
    readFiles: new Set<string>(),
    folderReaders: new Set<string>(),
    packages: new Set<string>(),
  };
  const [first = "", ...rest] = withPlaces(source, text, found).split("\n");
  const sets = Object.entries(found).map(([name, set]) => [name, [...set]]);
  return { text: first.startsWith("import { dist") ? rest.join("\n") : first, found: Object.fromEntries(sets) };
}

test("a module that is started by its address is looked for as JavaScript under dist, and becomes an entry", () => {
  const { text, found } = placed("src/store/threads.ts", 'new Worker(new URL("./worker.ts", import.meta.url))');
  assert.equal(text, 'new Worker(new URL("store/worker.js", __dist))');
  assert.deepEqual(found.threads, ["src/store/worker.ts"]);
});

test("a file that is read is looked for beside where the source would be", () => {
  const { text, found } = placed(
    "src/a/b.ts",
    'read(new URL("names.txt", import.meta.url)); new URL("../../package.json", import.meta.url)',
  );
  assert.equal(text, 'read(new URL("a/names.txt", __dist)); new URL("../package.json", __dist)');
  assert.deepEqual(found.readFiles, ["src/a/names.txt", "package.json"]);
  assert.deepEqual(found.readFiles.map(placeInPackage), ["dist/a/names.txt", "package.json"]);
});

test("a source's own folder is the one under dist", () => {
  const { text, found } = placed("src/console/index.ts", 'join(import.meta.dirname, "../../web/dist")');
  assert.equal(text, 'join(__pathOf("console"), "../../web/dist")');
  assert.deepEqual(found.folderReaders, ["src/console/index.ts"]);
});

test("packages that are found at run time are noted", () => {
  const text = 'const require = createRequire(import.meta.url); require("@a/b/c"); import.meta.resolve("d/e.txt");';
  assert.deepEqual(placed("src/a.ts", text), {
    text,
    found: { threads: [], readFiles: [], folderReaders: [], packages: ["@a/b", "d"] },
  });
  assert.equal(packageOf("ws"), "ws");
});

test("any other use of import.meta stops the build, by name", () => {
  for (const text of ["import.meta.filename", "new URL(name, import.meta.url)"]) {
    assert.throws(() => placed("src/a.ts", text), /^Error: src\/a\.ts uses import\.meta in a way/);
  }
});
