import assert from "node:assert/strict";
import { test } from "node:test";
import { publishedManifest } from "./manifest.ts";

const own = {
  name: "trunkline",
  version: "1.2.3",
  description: "It",
  license: "Apache-2.0",
  dependencies: { ws: "8.0.0", esbuild: "1.0.0" },
  devDependencies: { "@aws-sdk/client-connect": "3.1136.0" },
};

test("what is imported is a dependency, what is for development here is an optional peer, and nothing else is named", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = publishedManifest(own, {
    packages: ["ws", "@aws-sdk/client-connect"],
    typePackages: ["@aws-sdk/client-connect"],
    publicEntries: {},
  });
  assert.deepEqual(dependencies, { ws: "8.0.0" });
  assert.deepEqual(peerDependencies, { "@aws-sdk/client-connect": "^3" });
  assert.deepEqual(peerDependenciesMeta, { "@aws-sdk/client-connect": { optional: true } });
});

test("each public entry is exported with its types", () => {
  const { exports } = publishedManifest(own, {
    packages: [],
    typePackages: [],
    publicEntries: { ".": "src/index.ts", "./testing": "src/testing/index.ts" },
  });
  assert.deepEqual(exports, {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./testing": { types: "./dist/testing/index.d.ts", default: "./dist/testing/index.js" },
    "./package.json": "./package.json",
  });
});

test("a package that is not declared stops the build", () => {
  const needs = { packages: ["stranger"], typePackages: [], publicEntries: {} };
  assert.throws(() => publishedManifest(own, needs), /imports stranger, which package\.json does not declare/);
});
