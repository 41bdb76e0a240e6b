import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeTypes } from "./types.ts";

const root = mkdtempSync(join(tmpdir(), "trunkline-test-"));
after(() => rmSync(root, { recursive: true }));

function source(file: string, text: string): void {
  mkdirSync(join(root, file, ".."), { recursive: true });
  writeFileSync(join(root, file), text);
}

test("types of an entry come with all that they rest on, and nothing that only code rests on", () => {
  source(
    "src/testing/index.ts",
    `import type { ConnectClient } from "@aws-sdk/client-connect/dist-types";
     import { inner } from "../inner.ts";
     import { other } from "../other.ts";
     export type { Clock } from "../time/clock.ts";
     export function start(port: number): ConnectClient & ReturnType<typeof inner> { return inner(other(port)) as never; }`,
  );
  source(
    "src/inner.ts",
    'import type { Place } from "./place.ts"; export function inner(n: number): Place { return { n }; }',
  );
  source("src/place.ts", "export interface Place { readonly n: number }");
  source("src/other.ts", "export function other(n: number): number { return n; }");
  source("src/time/clock.ts", "export interface Clock { now(): number }");
  const stage = join(root, "stage");
  assert.deepEqual(writeTypes(root, ["src/testing/index.ts"], stage), ["@aws-sdk/client-connect"]);
  const declared = readFileSync(join(stage, "dist/testing/index.d.ts"), "utf8");
  assert.match(declared, /from "\.\.\/inner\.js"/);
  assert.ok(!declared.includes('.ts"'), declared);
  for (const file of ["inner", "place", "time/clock"]) assert.ok(existsSync(join(stage, `dist/${file}.d.ts`)), file);
  assert.ok(!existsSync(join(stage, "dist/other.d.ts")));
});

test("an export whose type is not written down stops the build, by its file", () => {
  source("src/vague.ts", "export const made = compute();\nfunction compute() { return 1; }");
  assert.throws(() => writeTypes(root, ["src/vague.ts"], join(root, "stage")), /^Error: src\/vague\.ts: /);
});
