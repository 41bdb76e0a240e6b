/** The names that `--limit` takes: those that the services declare, and no others. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { limitsDocument } from "../scripts/limits-document.ts";
import { services } from "../src/services/index.ts";
import { startTrunkline } from "./server.ts";

const declared = services.flatMap(({ limits = [] }) => limits);

test("every declared limit can be set, and no other", async () => {
  await startTrunkline(...declared.flatMap(({ name }) => ["--limit", `${name}=1`]));
  for (const name of ["events.rules-per-buss", "connect.stop-contact-per-second", "constructor"]) {
    await assert.rejects(startTrunkline("--limit", `${name}=1`), {
      name: "ConfigError",
      message: `--limit: there is no limit ${name}; docs/limits.md lists them`,
    });
  }
});

test("every limit that the code asks for is declared, once", () => {
  const names = declared.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  const folder = join(import.meta.dirname, "../src/services");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const asked = files.flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/limits\.value\("([^"]+)"/g)].map(([, name]) => name),
  );
  assert.ok(asked.length > 10);
  assert.deepEqual(
    asked.filter((name) => !names.includes(String(name))),
    [],
  );
});

test("docs/limits.md says what the code says", () => {
  const written = readFileSync(new URL("../docs/limits.md", import.meta.url), "utf8");
  assert.equal(written, limitsDocument(), "run node scripts/limits-document.ts");
});
