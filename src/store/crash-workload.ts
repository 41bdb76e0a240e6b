/**
 * Work that shows afterwards whether a crash has lost, halved or doubled any of it.
 *
 * Each writer counts. One unit of it moves the counter, appends to the ledger, and puts a receipt while it deletes an old one: after a
 * crash all of these must name the same number, and it must be at least the last that was acknowledged. A follower copies
 * the ledger with a cursor, ahead of durability. Some units fail on purpose and must leave nothing.
 */
import assert from "node:assert/strict";
import { type Collection, collection, compositeKey, type Store, type Unit } from "./store.ts";

const counters: Collection<number> = collection<number>("crash_counter");
const receipts: Collection<{ number: string; filler: string }> = collection<{ number: string; filler: string }>(
  "crash_receipt",
  { number: { type: "text", unique: true, value: ({ number }) => number } },
);
const cursors: Collection<number> = collection<number>("crash_cursor");

/** Receipts of a writer that are kept. */
const RECEIPTS_KEPT = 10;
const WRITERS = 8;
/** One unit in so many fails. */
const FAILS_EVERY = 7;

/** Writer → the last number that was acknowledged. */
export type Acknowledged = Map<string, number>;

/** Works until it is aborted. `random` decides how large things are, and how writers wait. */
export async function work(
  store: Store,
  options: { random: () => number; acknowledge: (writer: string, number: number) => void; signal: AbortSignal },
): Promise<void> {
  await store.commit(async (unit) => {
    unit.declareLog({ name: "ledger", keepMs: 0 });
    unit.declareLog({ name: "copy", keepMs: 0 });
  });
  const writers = Array.from({ length: WRITERS }, (_, number) => write(store, `writer ${number}`, options));
  await Promise.all([...writers, follow(store, options)]);
}

async function write(
  store: Store,
  writer: string,
  { random, acknowledge, signal }: Parameters<typeof work>[1],
): Promise<void> {
  for (let turn = 1; !signal.aborted; turn++) {
    const filler = "x".repeat(random() < 0.05 ? 50_000 : random() * 500);
    const fails = turn % FAILS_EVERY === 0;
    const run = (unit: Unit): Promise<number> => count(unit, { writer, filler, fails });
    try {
      const number = await (turn % 3 === 0 ? store.commitUnsynced(run) : store.commit(run));
      if (turn % 3 === 0) await store.durable();
      acknowledge(writer, number);
    } catch (error) {
      if ((error as Error).message !== "on purpose") throw error;
    }
  }
}

async function count(
  unit: Unit,
  { writer, filler, fails }: { writer: string; filler: string; fails: boolean },
): Promise<number> {
  const number = ((await unit.get(counters, writer)) ?? 0) + 1;
  unit.put(counters, writer, number);
  unit.put(receipts, compositeKey(writer, number), { number: `${writer} ${number}`, filler });
  if (number > RECEIPTS_KEPT) unit.delete(receipts, compositeKey(writer, number - RECEIPTS_KEPT));
  unit.append("ledger", writer, JSON.stringify({ writer, number }));
  if (fails) throw new Error("on purpose");
  return number;
}

/** Now and then it holds the store, so that its units and those of the writers are told before they are committed. */
async function follow(store: Store, { random, signal }: Parameters<typeof work>[1]): Promise<void> {
  while (!signal.aborted) {
    using _held = random() < 0.5 ? store.hold() : undefined;
    const next = (await store.get(cursors, "follower")) ?? 1;
    const entries = await store.read("ledger", 0, next, { entries: 20 });
    await store.commitUnsynced(async (unit) => {
      for (const { key, value } of entries) unit.append("copy", key, value);
      unit.put(cursors, "follower", next + entries.length);
    });
  }
}

/**
 * Throws an assertion error where something is lost, half there or there twice. Answers how many units are there without
 * having been acknowledged, and takes them for acknowledged from then on.
 */
export async function verify(store: Store, acknowledged: Acknowledged): Promise<number> {
  const ledger = (await readAll(store, "ledger")).map(({ value }) => value);
  const numbers = new Map<string, number[]>();
  for (const value of ledger) {
    const { writer, number } = JSON.parse(String(value));
    const counted = numbers.get(writer) ?? [];
    counted.push(number);
    numbers.set(writer, counted);
  }
  let unacknowledged = 0;
  for (let index = 0; index < WRITERS; index++) {
    const writer = `writer ${index}`;
    const counter = (await store.get(counters, writer)) ?? 0;
    const promised = acknowledged.get(writer) ?? 0;
    unacknowledged += counter - promised;
    acknowledged.set(writer, counter);
    assert(counter >= promised, `${writer}: ${promised} was acknowledged, ${counter} is there`);
    assert.deepEqual(
      numbers.get(writer) ?? [],
      Array.from({ length: counter }, (_, place) => place + 1),
      `${writer}: the ledger`,
    );
    const kept = await store.list(receipts, { prefix: compositeKey(writer, ""), limit: 100 });
    const first = Math.max(1, counter - RECEIPTS_KEPT + 1);
    assert.deepEqual(
      kept.documents.map(({ number }) => number),
      Array.from({ length: counter - first + 1 }, (_, place) => `${writer} ${first + place}`),
      `${writer}: the receipts`,
    );
  }

  const copied = ((await store.get(cursors, "follower")) ?? 1) - 1;
  const copy = (await readAll(store, "copy")).map(({ value }) => value);
  assert.equal(copy.length, copied, "the follower's cursor and its output");
  assert.deepEqual(copy, ledger.slice(0, copied), "the follower's output");
  return unacknowledged;
}

async function readAll(store: Store, log: string): Promise<{ sequence: number; value: string | Uint8Array }[]> {
  const { first, next } = await store.bounds(log, 0);
  const all: { sequence: number; value: string | Uint8Array }[] = [];
  for (let from = first; from < next; ) {
    const entries = await store.read(log, 0, from, { entries: 1000 });
    all.push(...entries);
    from += entries.length;
    assert(entries.length > 0, `${log} ends before its head says`);
  }
  assert.deepEqual(
    all.map(({ sequence }) => sequence),
    Array.from({ length: next - first }, (_, place) => first + place),
  );
  return all;
}
