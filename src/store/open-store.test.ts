/** What happens when a promise cannot be kept. This file is also the process that ends then. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { ManualClock, SystemWallClock } from "../time/clock.ts";
import { openStore } from "./index.ts";
import { collection } from "./store.ts";

const texts = collection<string>("open_text");
const [, , command, folder = ""] = process.argv;

if (command === "fail to sync") {
  const store = await openStore({
    directory: folder,
    clock: new ManualClock(0),
    wall: new SystemWallClock(),
    sync: () => Promise.reject(new Error("EIO")),
  });
  await store.commit(async (unit) => unit.put(texts, "1", "a"));
  console.log("acknowledged");
} else {
  const root = mkdtempSync(join(tmpdir(), "trunkline-open-"));
  after(() => rmSync(root, { recursive: true }));

  test("a failed sync ends the process with one line, and acknowledges nothing", async () => {
    const child = spawn(process.execPath, [import.meta.filename, "fail to sync", join(root, "data")]);
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    assert.equal(output, "");
    assert.equal(errors, "The write-ahead log could not be made durable: Error: EIO\n");
    assert.equal(code, 1);
  });

  test("a store in memory never syncs", async () => {
    const store = await openStore({
      directory: ":memory:",
      clock: new ManualClock(0),
      wall: new SystemWallClock(),
      sync: () => assert.fail("synced"),
    });
    await store.commit(async (unit) => unit.put(texts, "1", "a"));
    await store.durable();
    await store.close();
  });
}
