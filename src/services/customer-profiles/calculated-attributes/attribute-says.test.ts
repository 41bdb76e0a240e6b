import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openStore } from "../../../store/index.ts";
import { ManualClock, SystemWallClock } from "../../../time/clock.ts";
import { ChangingSays, newestSays, readSays, type Say } from "./attribute-says.ts";

const place = { uid: "u", profileId: "p", type: "Visit" };

/** What becomes of the says: an object comes for the first time or again, goes, or comes with a time of long ago; time passes. */
const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("put"), id: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove"), id: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("late"), id: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fill"), id: fc.integer({ min: 1_000, max: 2_500 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("outdate"), id: fc.nat(100) }) },
);

test("what objects have said is there, page by page, as if all of it were one list", async () => {
  const clock = new ManualClock(1_000);
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 60 }), async (steps) => {
      const store = await openStore({ directory: ":memory:", clock, wall: new SystemWallClock() });
      const expected = new Map<string, Say>();
      let nowMs = 1_000_000;
      let usefulFromMs = 0;
      let added = 0;
      const useful = (say: Say): Say => (say[1] >= usefulFromMs ? say : [say[0], say[1], say[2], {}]);
      const change = async (id: string, say: Say | undefined): Promise<void> => {
        const before = expected.get(id);
        await store.commit(async (unit) => {
          const says = await ChangingSays.open(unit, place);
          await says.remove(id, before?.[1] ?? say?.[1] ?? nowMs);
          if (say) await says.add([say]);
          await says.write(useful);
        });
        expected.delete(id);
        if (say) expected.set(id, say);
      };
      for (const { kind, id } of steps) {
        nowMs += id % 3;
        if (kind === "put") await change(`o${id}`, [`o${id}`, nowMs, 9e15, { 0: String(nowMs) }]);
        else if (kind === "late") await change(`o${id}`, [`o${id}`, nowMs - 500 - id, 9e15, { 0: "late" }]);
        else if (kind === "remove") await change(`o${id}`, undefined);
        else if (kind === "outdate") usefulFromMs = Math.max(usefulFromMs, nowMs - id);
        else {
          // So that there are never more than are kept.
          for (let count = 0; count < id / 10 && added < 550; count += 1) {
            nowMs += 1;
            added += 1;
            await change(`n${added}`, [`n${added}`, nowMs, 9e15, { 0: "new" }]);
          }
        }
      }
      const { says } = await readSays(store, place);
      const ofUse = (all: Iterable<Say>): Say[] => [...all].filter(([, ingestedMs]) => ingestedMs >= usefulFromMs);
      const inOrder = ofUse(expected.values()).sort(([a, one], [b, other]) => one - other || (a < b ? -1 : 1));
      const found = ofUse(says).sort(([a, one], [b, other]) => one - other || (a < b ? -1 : 1));
      assert.deepEqual(newestSays(found), newestSays(inOrder));
      await store.close();
    }),
    { numRuns: 25 },
  );
});

test("of more than a thousand objects the newest count, and it is told that there were more", async () => {
  const store = await openStore({ directory: ":memory:", clock: new ManualClock(1_000), wall: new SystemWallClock() });
  for (let count = 0; count < 1_300; count += 1) {
    await store.commitUnsynced(async (unit) => {
      const says = await ChangingSays.open(unit, place);
      await says.add([[`o${count}`, count, 9e15, { 0: "x" }]]);
      await says.write((say) => say);
    });
  }
  const { says, isCut } = await readSays(store, place);
  assert.equal(isCut, true);
  assert.ok(says.length >= 1_000 && says.length < 1_200, String(says.length));
  assert.deepEqual([newestSays(says)[0]?.[0], says.at(-1)?.[0]], ["o300", "o1299"]);
  await store.close();
});
