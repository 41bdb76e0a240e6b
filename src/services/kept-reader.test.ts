import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { openStore } from "../store/index.ts";
import { collection, type Store } from "../store/store.ts";
import { ManualClock, SystemWallClock } from "../time/clock.ts";
import { keptReader } from "./kept-reader.ts";

interface Note {
  readonly id: string;
  readonly version: number;
}

const notes = collection<Note>("notes");

const IDS = ["a", "b", "c"];

async function open(directory: string): Promise<Store> {
  const store = await openStore({ directory, clock: new ManualClock(1_000), wall: new SystemWallClock() });
  after(() => store.close());
  return store;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-kept-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const anyId = fc.constantFrom(...IDS);
const anyStep = fc.record({
  act: fc.oneof(
    fc.record({ kind: fc.constant("get" as const), id: anyId }),
    fc.record({ kind: fc.constant("list" as const), limit: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant("put" as const), id: anyId }),
    fc.record({ kind: fc.constant("delete" as const), id: anyId }),
  ),
  /** Else the next step begins at once, beside this one. */
  isAwaited: fc.boolean(),
});

for (const [name, folder] of [
  ["in memory", () => ":memory:"],
  ["in a folder", temporaryFolder],
] as const) {
  test(`what is kept is never older than what was committed before it was asked for, ${name}`, async () => {
    const store = await open(folder());
    const reader = keptReader(store);
    let version = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), async (steps) => {
        const running: Promise<void>[] = [];
        for (const { act, isAwaited } of steps) {
          const step = async (): Promise<void> => {
            if (act.kind === "get") await reader.get(notes, act.id);
            else if (act.kind === "list") await reader.list(notes, { limit: act.limit });
            else {
              const written = { id: act.id, version: ++version };
              await store.commitUnsynced(async (unit) => {
                if (act.kind === "put") unit.put(notes, act.id, written);
                else unit.delete(notes, act.id);
              });
              const found = await reader.get(notes, act.id);
              const isSuperseded = found === undefined || found.version > written.version;
              if (act.kind === "put" && !isSuperseded) assert.deepEqual(found, written);
            }
          };
          const done = step();
          running.push(done);
          if (isAwaited) await done;
        }
        await Promise.all(running);
        for (const id of IDS) assert.deepEqual(await reader.get(notes, id), await store.get(notes, id));
        for (const limit of [1, 2, 3, 4]) {
          assert.deepEqual(await reader.list(notes, { limit }), await store.list(notes, { limit }));
        }
      }),
      { numRuns: 200 },
    );
  });
}

test("what has not changed is read once", async () => {
  const store = await open(":memory:");
  await store.commit(async (unit) => unit.put(notes, "a", { id: "a", version: 1 }));
  const reader = keptReader(store);
  await reader.get(notes, "b");
  await reader.list(notes, { limit: 9 });
  const reads = countReads(store);
  await reader.get(notes, "b");
  await reader.list(notes, { limit: 9 });
  assert.equal(reads(), 0, "an absent document too");

  await store.commit(async (unit) => unit.put(notes, "a", { id: "a", version: 2 }));
  await reader.get(notes, "b");
  assert.equal(reads(), 0, "another one has changed");
  assert.deepEqual((await reader.list(notes, { limit: 9 })).documents, [{ id: "a", version: 2 }]);
  assert.equal((await reader.get(notes, "a"))?.version, 2);
  assert.equal(reads(), 2);
});

test("what changes while it is read is not kept", async () => {
  const store = await open(":memory:");
  const put = (version: number) => store.commit(async (unit) => unit.put(notes, "a", { id: "a", version }));
  await put(1);
  const reader = keptReader(store);
  const { get, list } = store;
  store.get = (async (...args: Parameters<Store["get"]>) => {
    const found = await get.apply(store, args);
    await put(2);
    return found;
  }) as Store["get"];
  store.list = (async (...args: Parameters<Store["list"]>) => {
    const found = await list.apply(store, args);
    await put(3);
    return found;
  }) as Store["list"];
  await reader.get(notes, "a");
  await reader.list(notes, { limit: 9 });
  Object.assign(store, { get, list });
  assert.equal((await reader.get(notes, "a"))?.version, 3);
  assert.deepEqual((await reader.list(notes, { limit: 9 })).documents, [{ id: "a", version: 3 }]);
});

function countReads(store: Store): () => number {
  let count = 0;
  for (const method of ["get", "list"] as const) {
    const read = store[method] as (...args: unknown[]) => unknown;
    store[method] = ((...args: unknown[]) => {
      count += 1;
      return read.apply(store, args);
    }) as never;
  }
  return () => count;
}
