/** What stands around a server: the unit of systemd, and who may read metrics. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { START_FLAGS } from "../src/config.ts";
import { allow, createUser } from "./principals.ts";
import { startTrunkline } from "./server.ts";

const ROOT = join(import.meta.dirname, "..");
const UNIT = join(ROOT, "packaging", "trunkline.service");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

test("systemd understands the unit", { skip: !hasSystemd && "there is no systemd-analyze" }, () => {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", UNIT], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [0, ""], stderr);
  assert.doesNotMatch(stderr, /trunkline[.]service/);
});

test("the unit and its guide name only variables that there are", () => {
  const known = new Set(Object.values(START_FLAGS).flatMap(({ environment = [] }) => environment));
  for (const file of [UNIT, join(ROOT, "docs", "operate.md")]) {
    const named = readFileSync(file, "utf8").match(/\bTRUNKLINE_\w+/g) ?? [];
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
      file,
    );
  }
});

test("metrics are read with a key and its secret as user and password, by who may", async () => {
  const server = await startTrunkline();
  const read = (user: string, password: string, path = "metrics", method = "GET"): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    return fetch(`${server.url}/_trunkline/${path}`, { method, headers: { authorization } });
  };
  const answer = await read("test", "test");
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /^process_resident_memory_bytes \d+$/m);
  for (const [user, password] of [
    ["test", "wrong"],
    ["nobody", "test"],
    ["test", ""],
  ] as const) {
    assert.ok((await read(user, password)).status >= 400, `${user}:${password}`);
  }
  // It opens nothing else.
  assert.ok((await read("test", "test", "server")).status >= 400);
  assert.ok((await read("test", "test", "reset", "POST")).status >= 400);

  const scraper = await createUser(server.client, "scraper", allow("trunkline:GET", "arn:aws:trunkline:*:*:/metrics"));
  const other = await createUser(server.client, "other");
  assert.equal((await read(scraper.accessKeyId, scraper.secretAccessKey)).status, 200);
  assert.equal((await read(other.accessKeyId, other.secretAccessKey)).status, 403);
});
