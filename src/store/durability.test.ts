import assert from "node:assert/strict";
import { test } from "node:test";
import { Durability } from "./durability.ts";

/** Syncs that return when the test says so. */
function steered(): {
  durability: Durability;
  syncs: { descriptor: number; done: () => void; failed: (error: Error) => void }[];
  failures: Error[];
} {
  const syncs: { descriptor: number; done: () => void; failed: (error: Error) => void }[] = [];
  const failures: Error[] = [];
  const durability = new Durability({
    descriptors: [7, 8],
    sync: (descriptor) => new Promise((done, failed) => syncs.push({ descriptor, done, failed })),
    fail: (error) => failures.push(error),
  });
  return { durability, syncs, failures };
}

async function microtasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("what is committed is durable once a sync that began later has returned", async () => {
  const { durability, syncs } = steered();
  const durable: string[] = [];
  durability.whenDurable(() => durable.push("nothing yet"));
  assert.deepEqual(durable, ["nothing yet"]);

  durability.committed();
  durability.whenDurable(() => durable.push("first"));
  durability.committed();
  durability.whenDurable(() => durable.push("second"));
  assert.equal(syncs.length, 2);
  syncs[0]?.done();
  await microtasks();
  assert.deepEqual(durable, ["nothing yet", "first"]);
  syncs[1]?.done();
  await microtasks();
  assert.deepEqual(durable, ["nothing yet", "first", "second"]);
});

test("at most two syncs are in flight, on two descriptors, and the next one covers all that came since", async () => {
  const { durability, syncs } = steered();
  const durable: number[] = [];
  for (let number = 0; number < 10; number++) {
    durability.committed();
    durability.whenDurable(() => durable.push(number));
  }
  assert.deepEqual(syncs.map(({ descriptor }) => descriptor).sort(), [7, 8]);
  syncs[0]?.done();
  await microtasks();
  assert.equal(syncs.length, 3);
  syncs[2]?.done();
  await microtasks();
  assert.deepEqual(durable, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(syncs.length, 3);
});

test("a commit that nobody waits for is synced by the way, never beside another sync", async () => {
  const { durability, syncs } = steered();
  durability.committed();
  durability.committed();
  durability.committed();
  assert.equal(syncs.length, 1);
  syncs[0]?.done();
  await microtasks();
  assert.equal(syncs.length, 2);
  syncs[1]?.done();
  await durability.settled();
  assert.equal(syncs.length, 2);
});

test("what rests on a transaction that is not committed yet waits for its commit, and for a sync after that", async () => {
  const { durability, syncs } = steered();
  const durable: string[] = [];
  durability.committed();
  durability.ahead();
  durability.whenDurable(() => durable.push("ahead"));
  assert.equal(durability.position, 2);
  syncs[0]?.done();
  await microtasks();
  assert.deepEqual([durable, syncs.length], [[], 1]);
  durability.committed(true);
  assert.deepEqual([durability.position, syncs.length], [2, 2]);
  syncs[1]?.done();
  await microtasks();
  assert.deepEqual(durable, ["ahead"]);
});

test("a commit that is in no hurry is synced once somebody waits", async () => {
  const { durability, syncs } = steered();
  durability.committed(true);
  assert.equal(syncs.length, 0);
  const settled = durability.settled();
  assert.equal(syncs.length, 1);
  syncs[0]?.done();
  await settled;
});

test("after a failed sync nothing counts as durable any more", async () => {
  const { durability, syncs, failures } = steered();
  const durable: number[] = [];
  for (const number of [1, 2]) {
    durability.committed();
    durability.whenDurable(() => durable.push(number));
  }
  syncs[0]?.failed(new Error("EIO"));
  await microtasks();
  syncs[1]?.done();
  await microtasks();
  assert.deepEqual(durable, []);
  assert.equal(failures.length, 1);
  assert.match(String(failures[0]), /could not be made durable/);
});
