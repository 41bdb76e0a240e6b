import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { ManualClock, type WallClock } from "../time/clock.ts";
import { Connection } from "./connection.ts";
import { LogHeads } from "./log-heads.ts";
import { migrate } from "./migrations.ts";
import { PendingEntries } from "./pending-entries.ts";
import type { SqliteUnit, Writing } from "./sqlite-unit.ts";
import { type Collection, collection } from "./store.ts";
import { Undo } from "./undo.ts";
import { UnitQueue } from "./unit-queue.ts";
import { WritingTables } from "./writing-tables.ts";

const texts: Collection<string> = collection<string>("queue_text");

/** A queue on a database in memory, which says how many units each transaction had. */
function newQueue({ unitMs = 0, fail = (error: Error): void => assert.fail(error) } = {}): {
  queue: UnitQueue;
  writing: Writing;
  transactions: number[];
  commits: () => number;
} {
  const connection = new Connection(new DatabaseSync(":memory:"));
  migrate(connection.database);
  const undo = new Undo();
  const writing: Writing = {
    connection,
    heads: new LogHeads(connection, undo),
    tables: new WritingTables(connection, undo),
    entries: new PendingEntries(connection, undo),
    undo,
    clock: new ManualClock(0),
  };
  let nowMs = 0;
  const wall: WallClock = {
    now: () => nowMs,
    // Asked once at the start and once after each unit.
    monotonicMs: () => (nowMs += unitMs),
    after: () => assert.fail("the queue sets no timers"),
  };
  const transactions: number[] = [];
  let commits = 0;
  const queue = new UnitQueue({
    writing,
    wall,
    runUnitsTwice: false,
    committed: () => commits++,
    telling: (units) => transactions.push(units.length),
    fail,
  });
  return { queue, writing, transactions, commits: () => commits };
}

function run<R>(queue: UnitQueue, run: (unit: SqliteUnit) => Promise<R>): Promise<R> {
  return new Promise<R>((resolve, reject) =>
    queue.add({ run, done: (answer) => resolve(answer as R), failed: reject }),
  );
}

test("a transaction takes at most 256 units", async () => {
  const { queue, transactions } = newQueue();
  await Promise.all(Array.from({ length: 600 }, () => run(queue, async () => {})));
  assert.deepEqual(transactions, [256, 256, 88]);
});

test("a transaction ends once 1 MiB is written", async () => {
  const { queue, transactions } = newQueue();
  const text = "x".repeat(300 * 1024);
  await Promise.all(
    Array.from({ length: 6 }, (_, id) => run(queue, async (unit) => unit.put(texts, String(id), text))),
  );
  assert.deepEqual(transactions, [4, 2]);
});

test("a transaction ends after 5 ms", async () => {
  const { queue, transactions } = newQueue({ unitMs: 2 });
  await Promise.all(Array.from({ length: 7 }, () => run(queue, async () => {})));
  assert.deepEqual(transactions, [3, 3, 1]);
});

test("units wait while a pause lasts", async () => {
  const { queue } = newQueue();
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const before = run(queue, async () => seen.push("before"));
  const pause = queue.pauseFor(async () => {
    seen.push("pause");
    await promise;
    seen.push("end of pause");
  });
  const after = run(queue, async () => seen.push("after"));
  await before;
  await new Promise((next) => setImmediate(next));
  resolve();
  await Promise.all([pause, after]);
  assert.deepEqual(
    seen,
    ["before", "after", "pause", "end of pause"].toSorted((a, b) => seen.indexOf(a) - seen.indexOf(b)),
  );
  assert.equal(seen.indexOf("end of pause"), seen.indexOf("pause") + 1);
});

test("while the queue is held, what follows from a unit joins its transaction, which the end of the turn commits", async () => {
  const { queue, writing, transactions, commits } = newQueue();
  using _held = queue.hold();
  for (let number = 0; number < 5; number++) await run(queue, async (unit) => unit.put(texts, String(number), "here"));
  assert.deepEqual([transactions, commits()], [[1, 1, 1, 1, 1], 0]);
  assert(writing.connection.database.isTransaction);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(commits(), 1);
  assert(!writing.connection.database.isTransaction);
});

test("a unit that fails takes none with it that was told before", async () => {
  const { queue, writing } = newQueue();
  using _held = queue.hold();
  await run(queue, async (unit) => unit.put(texts, "1", "kept"));
  const failing = run(queue, async (unit) => {
    unit.put(texts, "1", "not kept");
    await unit.list(texts, { limit: 1 });
    throw new Error("on purpose");
  });
  await assert.rejects(failing, /on purpose/);
  assert.equal(writing.tables.get(texts).get("1"), "kept");
  await queue.drained();
  assert.equal(writing.tables.get(texts).get("1"), "kept");
});

test("while the queue is held, a transaction has its limits all the same", async () => {
  const { queue, commits } = newQueue();
  using _held = queue.hold();
  for (let number = 0; number < 5_000; number++) await run(queue, async (unit) => unit.put(texts, "1", String(number)));
  assert.equal(commits(), 2);
  await queue.drained();
  assert.equal(commits(), 3);
});

test("a transaction that cannot be committed after units of it were told ends the process", async () => {
  const failures: Error[] = [];
  const { queue, writing } = newQueue({ fail: (error) => failures.push(error) });
  await run(queue, async (unit) => unit.put(texts, "1", "there"));
  const { database } = writing.connection;
  const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
  database.exec(`PRAGMA max_page_count = ${pages + 5}`);
  using _held = queue.hold();
  await run(queue, async (unit) => unit.put(texts, "2", "x".repeat(100_000)));
  assert.equal(failures.length, 0);
  await queue.drained();
  assert.match(String(failures.map(({ cause }) => cause)), /full/);
});

test("a full disk fails the units of its transaction, and the queue goes on", async () => {
  const { queue, writing } = newQueue();
  await run(queue, async (unit) => {
    unit.declareLog({ name: "calls", keepMs: 0 });
    unit.append("calls", "a", "kept");
  });
  const { database } = writing.connection;
  const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
  database.exec(`PRAGMA max_page_count = ${pages + 5}`);

  const outcomes = await Promise.allSettled([
    run(queue, async (unit) => unit.append("calls", "a", "x".repeat(100_000))),
    run(queue, async (unit) => unit.put(texts, "1", "x".repeat(100_000))),
  ]);
  for (const outcome of outcomes) {
    assert.equal(outcome.status, "rejected");
    assert.match(String(outcome.reason?.cause ?? outcome.reason), /full/);
  }

  database.exec("PRAGMA max_page_count = 1000000");
  const next = await run(queue, async (unit) => unit.append("calls", "a", "next"));
  assert.equal(next.sequence, 2);
  await run(queue, async (unit) => unit.put(texts, "1", "there"));
});
