import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Due, Earliest } from "./earliest.ts";

/** A collection, and what is first of it in memory, told of each change. */
class Collection {
  readonly all = new Map<string, number>();
  readonly earliest: Earliest;
  reads = 0;

  /** A read answers `lag` turns after it was made, and at most `atOnce` entries however many are wanted. */
  constructor({ atOnce = Number.POSITIVE_INFINITY, lag = 0 } = {}) {
    this.earliest = new Earliest(async (limit) => {
      this.reads++;
      const found = this.sorted.slice(0, Math.min(limit, Math.max(atOnce, limit / 1_000)));
      const isAll = found.length === this.all.size;
      for (let turn = 0; turn < lag; turn++) await new Promise((resolve) => setImmediate(resolve));
      return { first: found, isAll };
    });
  }

  put(id: string, atMs: number): void {
    this.all.set(id, atMs);
    this.earliest.put(id, atMs);
  }

  delete(id: string): void {
    this.all.delete(id);
    this.earliest.delete(id);
  }

  get sorted(): Due[] {
    return Array.from(this.all, ([id, atMs]) => ({ id, atMs })).sort(
      (a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1),
    );
  }
}

const step = fc.record({
  act: fc.constantFrom("put", "put", "delete", "look", "look later"),
  id: fc.nat(12).map(String),
  atMs: fc.nat(8),
  limit: fc.integer({ min: 1, max: 5 }),
});

test("what is first is what a sort of the whole collection says, whatever changes while it is read", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.nat(20),
      fc.integer({ min: 1, max: 6 }),
      async (steps, kept, atOnce) => {
        const collection = new Collection({ atOnce, lag: 1 });
        // From an earlier run.
        for (let id = 0; id < kept; id++) collection.all.set(String(id), id % 7);
        const looks: Promise<unknown>[] = [];
        for (const { act, id, atMs, limit } of steps) {
          if (act === "put") collection.put(id, atMs);
          else if (act === "delete") collection.delete(id);
          else if (act === "look later") looks.push(collection.earliest.nextMs());
          else {
            const found = await collection.earliest.until(atMs, limit);
            const due = collection.sorted.filter((due) => due.atMs <= atMs);
            assert.deepEqual(found, due.slice(0, found.length));
            assert(found.length <= limit && found.length >= Math.min(due.length, 1));
            assert.equal(await collection.earliest.nextMs(), collection.sorted[0]?.atMs);
          }
        }
        await Promise.all(looks);
      },
    ),
  );
});

test("as long as it knows what is first it reads nothing", async () => {
  const collection = new Collection();
  for (let id = 0; id < 2_500; id++) collection.all.set(String(id), id);
  for (let id = 0; id < 900; id++) {
    const [due] = await collection.earliest.until(id, 10);
    assert.equal(due?.atMs, id);
    collection.delete(String(id));
    collection.put(`again ${id}`, id + 10_000);
  }
  assert.equal(collection.reads, 1);
});
