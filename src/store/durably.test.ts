import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { ManualClock, SystemWallClock } from "../time/clock.ts";
import { openStore } from "./index.ts";
import { collection, type Store } from "./store.ts";

const notes = collection<{ text: string }>("note");

/** A store whose syncs return when they are let go. */
async function openHeld(): Promise<{ store: Store; letGo: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), "trunkline-durably-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  let held = Promise.withResolvers<void>();
  held.resolve();
  const store = await openStore({
    directory,
    clock: new ManualClock(1_000),
    wall: new SystemWallClock(),
    sync: () => held.promise,
  });
  await store.commit(async (unit) => unit.put(notes, "first", { text: "durable" }));
  held = Promise.withResolvers();
  const letGo = (): void => held.resolve();
  after(async () => {
    letGo();
    await store.close();
  });
  return { store, letGo };
}

/** Whether a promise is settled once everything that needs no sync has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test("an answer waits for what it read to be durable", async () => {
  const { store, letGo } = await openHeld();
  await store.commitUnsynced(async (unit) => unit.put(notes, "second", { text: "not yet" }));
  const reads: Record<string, () => Promise<unknown>> = {
    get: () => store.get(notes, "second"),
    list: () => store.list(notes, { limit: 10 }),
    unit: () => store.commitUnsynced(async (unit) => unit.get(notes, "second")),
    failure: async () => {
      await store.get(notes, "second");
      throw new Error("found out too early");
    },
  };
  const answers = Object.values(reads).map((read) => store.durably(read));
  for (const [index, name] of Object.keys(reads).entries()) {
    assert.equal(await isSettled(answers[index] as Promise<unknown>), false, name);
  }
  letGo();
  const [got, , , failed] = await Promise.allSettled(answers);
  assert.deepEqual(got, { status: "fulfilled", value: { text: "not yet" } });
  assert.equal(failed?.status, "rejected");
});

test("an answer does not wait for changes of what it did not read", async () => {
  const { store } = await openHeld();
  await store.commitUnsynced(async (unit) => unit.put(collection("other"), "id", {}));
  const read = store.durably(async () => [await store.get(notes, "first"), await store.bounds("quiet", 0)]);
  assert.equal(await isSettled(read), true);
});

test("an answer does not wait for what others write", async () => {
  const { store } = await openHeld();
  const answer = store.durably(async () => "nothing read");
  await store.commitUnsynced(async (unit) => unit.put(notes, "second", { text: "not yet" }));
  assert.equal(await isSettled(answer), true);
});
