import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublishedManifest } from "./manifest.ts";
import { shrinkwrap } from "./shrinkwrap.ts";

const manifest = (dependencies: Record<string, string>): PublishedManifest => ({
  name: "it",
  version: "1.0.0",
  description: "It",
  license: "MIT",
  keywords: [],
  type: "module",
  types: undefined,
  files: [],
  engines: { node: ">=24" },
  bin: {},
  exports: {},
  dependencies,
});

const lock = {
  name: "repository",
  version: "1.0.0",
  lockfileVersion: 3,
  packages: {
    "node_modules/a": { version: "1.0.0", dependencies: { b: "^2" } },
    "node_modules/a/node_modules/b": { version: "2.0.0", dependencies: { c: "*" } },
    "node_modules/b": { version: "1.0.0" },
    "node_modules/@s/c": { version: "1.0.0" },
    "node_modules/c": {
      version: "3.0.0",
      dev: true as const,
      peerDependencies: { "@s/c": "*", absent: "*" },
      peerDependenciesMeta: { absent: { optional: true } },
    },
    "node_modules/tool": { version: "1.0.0", dev: true as const },
    "node_modules/gone": { version: "1.0.0", dependencies: { missing: "*" } },
  },
};

test("it has what the package needs, at the places where it is found, and nothing beside", () => {
  const { packages, name } = shrinkwrap(lock, manifest({ a: "1.0.0" }));
  assert.equal(name, "it");
  assert.deepEqual(Object.keys(packages), [
    "",
    "node_modules/@s/c",
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "node_modules/c",
  ]);
  assert.ok(!("dev" in (packages["node_modules/c"] ?? {})), "what is for development here is not so for users");
});

test("what is not locked stops the build", () => {
  assert.throws(
    () => shrinkwrap(lock, manifest({ gone: "1" })),
    /missing, which node_modules\/gone needs, is not in package-lock\.json/,
  );
});
