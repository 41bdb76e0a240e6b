import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { ManualClock, SystemWallClock } from "../time/clock.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Connection } from "./connection.ts";
import { openDataFolder } from "./data-folder.ts";
import { openStore } from "./index.ts";
import type { Store } from "./store.ts";

const root = mkdtempSync(join(tmpdir(), "trunkline-checkpoints-"));
after(() => rmSync(root, { recursive: true }));

const CHECKPOINT_BYTES = 100_000;

async function openLog(directory: string): Promise<Store> {
  const options = { directory, clock: new ManualClock(0), wall: new SystemWallClock() };
  const store = await openStore({ ...options, checkpointBytes: CHECKPOINT_BYTES });
  await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
  return store;
}

/** Appends until something is so. */
async function appendUntil(store: Store, isSo: () => boolean): Promise<void> {
  for (let number = 0; !isSo(); number++) {
    assert(number < 10_000, "waited too long");
    await store.commit(async (unit) => unit.append("calls", "a", "x".repeat(2000)));
  }
}

test("the WAL begins anew, and all that it held is in the database file", async () => {
  const directory = join(root, "anew");
  const store = await openLog(directory);
  const wal = join(directory, "trunkline.db-wal");
  let restarts = 0;
  let salts = readFileSync(wal).toString("hex", 16, 24);
  let bytesMax = 0;
  await appendUntil(store, () => {
    const now = readFileSync(wal);
    bytesMax = Math.max(bytesMax, now.length);
    if (now.length > 0 && now.toString("hex", 16, 24) !== salts) {
      salts = now.toString("hex", 16, 24);
      restarts++;
    }
    return restarts === 3;
  });
  assert(bytesMax >= CHECKPOINT_BYTES);
  const { next } = await store.bounds("calls", 0);
  await store.close();
  const reopened = await openLog(directory);
  assert.deepEqual(await reopened.bounds("calls", 0), { first: 1, next });
  await reopened.close();
});

test("a reader outside that keeps the WAL from beginning anew holds up nobody", async () => {
  const directory = join(root, "reader");
  const store = await openLog(directory);
  const wal = join(directory, "trunkline.db-wal");
  const reader = new DatabaseSync(join(directory, "trunkline.db"), { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM store_entries").get();
  await appendUntil(store, () => statSync(wal).size > 3 * CHECKPOINT_BYTES);
  reader.close();
  await appendUntil(store, () => statSync(wal).size < CHECKPOINT_BYTES);
  await store.close();
});

test("until commits pause, no commit writes over a WAL that is wholly copied", async () => {
  const folder = openDataFolder(join(root, "copied"));
  const guard = new Connection(new DatabaseSync(folder.databasePath, { readOnly: true }));
  const databaseDescriptor = openSync(folder.databasePath, "r");
  const checkpoints = new Checkpoints({
    ...folder,
    guard,
    databaseDescriptor,
    durable: async () => {},
    checkpointBytes: 0,
    log: undefined,
    fail: (error) => assert.fail(error),
  });
  const salts = (): string => readFileSync(folder.walPath).toString("hex", 16, 24);
  const commit = (): void => folder.database.exec("INSERT INTO store_collections VALUES (hex(randomblob(16)), '{}')");

  commit();
  const before = salts();
  let during = "";
  await new Promise<void>((resolve) => {
    checkpoints.committed(async (restart) => {
      commit();
      during = salts();
      const answer = await restart();
      resolve();
      return answer;
    });
  });
  assert.equal(during, before);
  commit();
  assert.notEqual(salts(), before);

  await checkpoints.close();
  guard.close();
  folder.database.close();
  closeSync(databaseDescriptor);
  folder.unlock();
});
