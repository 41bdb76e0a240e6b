/**
 * What every engine does, as one suite: `storeContract(open)` in the engine's own test file.
 *
 * The last test is the widest: random units against a model that keeps everything in arrays and sorts it on each question.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Clock, ManualClock } from "../time/clock.ts";
import { type ContractLine, job as readAll } from "./contract-job.ts";
import { compareWithModel, rounds } from "./contract-model.ts";
import { people } from "./contract-people.ts";
import {
  type Collection,
  collection,
  compositeKey,
  type Page,
  PlaceError,
  type Store,
  UniqueIndexError,
  type Unit,
} from "./store.ts";

export interface ContractOptions {
  /** A store with nothing in it. */
  open(clock: Clock): Promise<Store>;
  /** Cases of the test with random units; a campaign has more. */
  readonly randomCases: number;
}

const anything: Collection<unknown> = collection<unknown>("contract_anything");

const START_MS = Date.UTC(2026, 0, 1);

/** Sorted by UTF-8 bytes. By UTF-16 the last two would change places. */
const TEXTS = ["", "\0", "\0a", "a", "a\0", "a\0b", "ab", "b", "é", "\ud7ff", "\ue000", "\ufffe", "😀"];

/** Registers the suite with the test runner. */
export function storeContract(engine: string, { open, randomCases }: ContractOptions): void {
  const storeTest = (title: string, run: (store: Store, clock: ManualClock) => Promise<void>): void => {
    test(title, async () => {
      const clock = new ManualClock(START_MS);
      const store = await open(clock);
      try {
        await run(store, clock);
      } finally {
        await store.close();
      }
    });
  };

  describe(`${engine}: documents`, () => {
    storeTest("what was put is read, inside the unit and outside, until it is deleted", async (store) => {
      assert.equal(await store.get(people, "1"), undefined);
      const inside = await store.commit(async (unit) => {
        unit.put(people, "1", { name: "Ada", age: 36 });
        return unit.get(people, "1");
      });
      assert.deepEqual(inside, { name: "Ada", age: 36 });
      assert.deepEqual(await store.get(people, "1"), { name: "Ada", age: 36 });

      await store.commit(async (unit) => {
        unit.put(people, "1", { name: "Ada Lovelace" });
        unit.delete(people, "2");
      });
      assert.deepEqual(await store.get(people, "1"), { name: "Ada Lovelace" });

      const gone = await store.commit(async (unit) => {
        unit.delete(people, "1");
        return unit.get(people, "1");
      });
      assert.equal(gone, undefined);
      assert.equal(await store.get(people, "1"), undefined);
    });

    storeTest("any JSON value comes back as it went in, under any id", async (store) => {
      const values = [
        null,
        0,
        -0.5,
        Number.MAX_SAFE_INTEGER,
        "",
        "\0",
        "\ud800",
        "\udc00\ud800",
        "\uffff",
        "😀",
        [],
        {},
        JSON.parse('{"__proto__":{"a":1},"constructor":null,"":""}'),
        { text: "x".repeat(1024 * 1024) },
      ];
      const ids = [
        ...TEXTS,
        "\ud800",
        "\udbff",
        "\udc00",
        "\uffff",
        "\uffffd800",
        "\ufffd",
        "__proto__",
        "constructor",
        "x".repeat(2048),
      ];
      for (const [place, value] of values.entries()) {
        await store.commit(async (unit) => unit.put(anything, `value ${place}`, value));
        assert.deepEqual(await store.get(anything, `value ${place}`), value);
      }
      await store.commit(async (unit) => {
        for (const id of ids) unit.put(anything, id, [id]);
      });
      for (const id of ids) assert.deepEqual(await store.get(anything, id), [id]);
    });

    storeTest("a document is what it was when it was put", async (store) => {
      await store.commit(async (unit) => {
        const document = { name: "before" };
        unit.put(people, "1", document);
        document.name = "after";
      });
      assert.deepEqual(await store.get(people, "1"), { name: "before" });
    });

    storeTest("text is in the order of its UTF-8 bytes, as ids and in indexes", async (store) => {
      await store.commit(async (unit) => {
        for (const text of [...TEXTS].reverse()) unit.put(people, text, { name: text, team: text });
      });
      for (const range of [{}, { index: "team" }, { index: "name" }]) {
        const up = await store.list(people, { ...range, limit: 100 });
        assert.deepEqual(
          up.documents.map(({ name }) => name),
          TEXTS,
        );
        const down = await store.list(people, { ...range, descending: true, limit: 100 });
        assert.deepEqual(
          down.documents.map(({ name }) => name),
          [...TEXTS].reverse(),
        );
      }
    });

    storeTest("whole numbers are in their own order, up to the largest safe ones", async (store) => {
      const ages = [
        Number.MIN_SAFE_INTEGER,
        -10,
        -9,
        0,
        9,
        10,
        2 ** 31,
        2 ** 32,
        Number.MAX_SAFE_INTEGER - 1,
        Number.MAX_SAFE_INTEGER,
      ];
      await store.commit(async (unit) => {
        for (const [place, age] of ages.entries())
          unit.put(people, String(place % 3) + place, { name: `${place}`, age });
      });
      const found = await store.list(people, { index: "age", limit: 100 });
      assert.deepEqual(
        found.documents.map(({ age }) => age),
        ages,
      );
      const above = await store.list(people, { index: "age", from: Number.MAX_SAFE_INTEGER, limit: 100 });
      assert.deepEqual(
        above.documents.map(({ age }) => age),
        [Number.MAX_SAFE_INTEGER],
      );
    });

    storeTest("an index value of another type is refused", async (store) => {
      const fraction = store.commit(async (unit) => unit.put(people, "1", { name: "Ada", age: 0.5 }));
      await assert.rejects(fraction, /Index age takes whole numbers/);
      await assert.rejects(store.list(people, { index: "team", from: 1, limit: 1 }), /Index team takes text/);
      await assert.rejects(store.list(people, { index: "colour", limit: 1 }), /no index colour/);
    });

    storeTest("a prefix finds what starts with it", async (store) => {
      const ids = [
        "a",
        "a\udbff\udfff",
        "a\u{10ffff}\u{10ffff}b",
        "b",
        "\ud7ff1",
        "\ue000",
        "\u{10ffff}",
        "\u{10ffff}1",
      ];
      await store.commit(async (unit) => {
        for (const id of ids) unit.put(anything, id, id);
      });
      for (const prefix of ["a", "a\u{10ffff}", "\ud7ff", "\u{10ffff}", "c"]) {
        const found = await store.list(anything, { prefix, limit: 100 });
        assert.deepEqual(
          new Set(found.documents),
          new Set(ids.filter((id) => id.startsWith(prefix))),
          JSON.stringify(prefix),
        );
      }
    });

    storeTest("the columns of a composite key sort one by one, and a part of them is a prefix", async (store) => {
      const keys = [
        compositeKey("a", 2),
        compositeKey("a", 10),
        compositeKey("a", "b"),
        compositeKey("aa", 1),
        compositeKey("b", ""),
      ];
      await store.commit(async (unit) => {
        for (const key of [...keys].reverse()) unit.put(anything, key, key);
      });
      assert.deepEqual((await store.list(anything, { limit: 100 })).documents, keys);
      const ofA = await store.list(anything, { prefix: compositeKey("a", ""), limit: 100 });
      assert.deepEqual(ofA.documents, keys.slice(0, 3));
    });

    storeTest("a page ends at 1 MiB of documents, and holds at least one", async (store) => {
      const text = "x".repeat(400 * 1024);
      await store.commit(async (unit) => {
        for (const id of ["1", "2", "3"]) unit.put(anything, id, text);
        unit.put(anything, "4", text.repeat(4));
      });
      const sizes: number[] = [];
      let page: Page<unknown> | undefined;
      do {
        page = await store.list(anything, { limit: 10, after: page?.next });
        sizes.push(page.documents.length);
      } while (page.next !== undefined);
      assert.deepEqual(sizes, [2, 1, 1]);
    });

    storeTest("a place before a range is its beginning, and what is no place is refused", async (store) => {
      await store.commit(async (unit) => {
        for (const id of ["a1", "a2", "b1", "b2", "c1"]) unit.put(people, id, { name: id, team: "red" });
      });
      const namesOf = async (range: object, after: readonly string[]) => {
        const page = await store.list(people, { prefix: "b", limit: 9, ...range, after: JSON.stringify(after) });
        return page.documents.map(({ name }) => name);
      };
      assert.deepEqual(await namesOf({}, [""]), ["b1", "b2"]);
      assert.deepEqual(await namesOf({}, ["b1"]), ["b2"]);
      assert.deepEqual(await namesOf({}, ["c1"]), []);
      assert.deepEqual(await namesOf({ descending: true }, ["c1"]), ["b2", "b1"]);
      assert.deepEqual(await namesOf({ descending: true }, ["a2"]), []);
      assert.deepEqual(await namesOf({ index: "name" }, ["", ""]), ["b1", "b2"]);
      assert.deepEqual(await namesOf({ index: "name", descending: true }, ["z", "z"]), ["b2", "b1"]);
      for (const after of ["", "x", "1", "null", "{}", "[]", "[1]", '["a","b"]']) {
        await assert.rejects(store.list(people, { prefix: "b", limit: 9, after }), PlaceError, after);
      }
    });

    storeTest("the collections are named that hold a document", async (store) => {
      const before = await store.collections();
      await store.commit(async (unit) => unit.put(people, "1", { name: "Ada" }));
      assert.deepEqual(await store.collections(), [...before, people.name].sort());
      await store.commit(async (unit) => unit.delete(people, "1"));
      assert.deepEqual(await store.collections(), before);
    });

    storeTest("paging goes on behind the last document, whatever changed meanwhile", async (store) => {
      await store.commit(async (unit) => {
        for (const id of ["b", "d", "f", "h"]) unit.put(people, id, { name: id, team: "red" });
      });
      for (const range of [{}, { index: "team" }, { index: "name" }, { index: "team", equals: "red" }]) {
        const first = await store.list(people, { ...range, limit: 2 });
        assert.deepEqual(
          first.documents.map(({ name }) => name),
          ["b", "d"],
        );
        await store.commit(async (unit) => {
          unit.delete(people, "d");
          unit.put(people, "a", { name: "a", team: "red" });
          unit.put(people, "e", { name: "e", team: "red" });
        });
        const second = await store.list(people, { ...range, limit: 2, after: first.next });
        assert.deepEqual(
          second.documents.map(({ name }) => name),
          ["e", "f"],
        );
        const third = await store.list(people, { ...range, limit: 2, after: second.next });
        assert.deepEqual(third, { documents: [{ name: "h", team: "red" }] });
        await store.commit(async (unit) => {
          unit.put(people, "d", { name: "d", team: "red" });
          unit.delete(people, "a");
          unit.delete(people, "e");
        });
      }
    });

    storeTest("a second document with a unique value fails its unit, even if that catches the error", async (store) => {
      await store.commit(async (unit) => unit.put(people, "1", { name: "Ada" }));
      const second = store.commit(async (unit) => {
        unit.put(people, "2", { name: "Grace" });
        try {
          unit.put(people, "3", { name: "Ada" });
        } catch {
          return "caught";
        }
        return "not thrown";
      });
      await assert.rejects(second, (error) => {
        assert(error instanceof UniqueIndexError);
        assert.equal(error.collection, "contract_people");
        assert.equal(error.index, "name");
        return true;
      });
      assert.deepEqual(await store.list(people, { limit: 10 }), { documents: [{ name: "Ada" }] });

      await store.commit(async (unit) => {
        unit.delete(people, "1");
        unit.put(people, "2", { name: "Ada" });
      });
      assert.deepEqual(await store.get(people, "2"), { name: "Ada" });
    });
  });

  describe(`${engine}: logs`, () => {
    storeTest("entries are numbered from 1 without gaps and read in order", async (store, clock) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      const first = await store.commit(async (unit) => unit.append("calls", "a", "one"));
      clock.moveTo(START_MS + 5);
      const rest = await store.commit(async (unit) => [
        unit.append("calls", "b", new Uint8Array([0, 255])),
        unit.append("calls", "\ud800", "\0\udc00\uffff😀"),
        unit.append("calls", "", ""),
      ]);
      assert.deepEqual(
        [first, ...rest].map(({ partition, sequence, timeMs }) => [partition, sequence, timeMs - START_MS]),
        [
          [0, 1, 0],
          [0, 2, 5],
          [0, 3, 5],
          [0, 4, 5],
        ],
      );
      assert.deepEqual(await store.read("calls", 0, 1, { entries: 10 }), [
        { sequence: 1, timeMs: START_MS, key: "a", value: "one" },
        { sequence: 2, timeMs: START_MS + 5, key: "b", value: new Uint8Array([0, 255]) },
        { sequence: 3, timeMs: START_MS + 5, key: "\ud800", value: "\0\udc00\uffff😀" },
        { sequence: 4, timeMs: START_MS + 5, key: "", value: "" },
      ]);
      assert.deepEqual(await sequences(store, "calls", 3, 10), [3, 4]);
      assert.deepEqual(await sequences(store, "calls", 2, 2), [2, 3]);
      assert.deepEqual(await sequences(store, "calls", 5, 10), []);
      assert.deepEqual(await store.bounds("calls", 0), { first: 1, next: 5 });
    });

    storeTest("what an append got is known only once its unit is committed", async (store) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      let early: unknown;
      const handle = await store.commit(async (unit) => {
        const appended = unit.append("calls", "a", "1");
        try {
          early = appended.sequence;
        } catch (error) {
          early = error;
        }
        return appended;
      });
      assert.match(String(early), /once commit has returned/);
      assert.equal(handle.sequence, 1);
    });

    storeTest("a log that was never declared takes nothing and holds nothing", async (store) => {
      await assert.rejects(
        store.commit(async (unit) => unit.append("calls", "a", "1")),
        /Log calls is not declared/,
      );
      assert.equal(await store.findLog("calls"), undefined);
      assert.deepEqual(await store.read("calls", 0, 1, { entries: 10 }), []);
      assert.deepEqual(await store.bounds("calls", 0), { first: 1, next: 1 });
      assert.equal(await store.sequenceAt("calls", 0, 0), 1);
      assert.equal(await store.logBytes("calls"), 0);
      assert.equal(await store.trim("calls", 0, 10, 10), 0);
    });

    storeTest("a unit that fails takes its sequence numbers, its logs and its documents with it", async (store) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      const before = store.commit(async (unit) => unit.append("calls", "a", "before"));
      const failed = store.commit(async (unit) => {
        unit.append("calls", "a", "lost");
        unit.declareLog({ name: "more", keepMs: 0 });
        unit.append("more", "a", "lost");
        unit.dropLog("calls");
        unit.put(people, "1", { name: "Ada" });
        throw new Error("no");
      });
      const after = store.commit(async (unit) => unit.append("calls", "a", "after"));
      await assert.rejects(failed, /^Error: no$/);
      assert.deepEqual([(await before).sequence, (await after).sequence], [1, 2]);
      assert.equal(await store.get(people, "1"), undefined);
      assert.equal(await store.findLog("more"), undefined);
      assert.equal(await store.logBytes("calls"), "beforeafter".length);
    });

    test("times never go backwards in a partition, wherever the clock goes", async () => {
      let nowMs = 0;
      const clock: Clock = { now: () => nowMs, wakeAt: () => assert.fail("the store sets no timers") };
      const store = await open(clock);
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      for (nowMs of [10, -5, 3, 10.5, 100]) await store.commit(async (unit) => unit.append("calls", "a", ""));
      const entries = await store.read("calls", 0, 1, { entries: 10 });
      assert.deepEqual(
        entries.map(({ timeMs }) => timeMs),
        [10, 10, 10, 10, 100],
      );

      // A log that is declared anew counts on, and has a time of its own.
      nowMs = 20;
      await store.commit(async (unit) => {
        unit.dropLog("calls");
        unit.declareLog({ name: "calls", keepMs: 0 });
        unit.append("calls", "a", "");
      });
      const [anew] = await store.read("calls", 0, 1, { entries: 10 });
      assert.deepEqual([anew?.sequence, anew?.timeMs], [6, 20]);
      await store.close();
    });

    storeTest("the first sequence at or after a time is found", async (store, clock) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      for (const atMs of [10, 20, 20, 20, 30]) {
        clock.moveTo(START_MS + atMs);
        await store.commit(async (unit) => unit.append("calls", "a", ""));
      }
      const found = await Promise.all(
        [0, 10, 11, 20, 21, 30, 31].map((ms) => store.sequenceAt("calls", 0, START_MS + ms)),
      );
      assert.deepEqual(found, [1, 1, 2, 2, 5, 5, 6]);
      await store.trim("calls", 0, 3, 10);
      assert.equal(await store.sequenceAt("calls", 0, 0), 3);
    });

    storeTest("a read ends before 1 MiB, or the bytes asked for, and holds at least one entry", async (store) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      await store.commit(async (unit) => {
        for (const size of [600, 400, 100, 2000, 1]) unit.append("calls", "a", "x".repeat(size * 1024));
      });
      assert.deepEqual(await sequences(store, "calls", 1, 10), [1, 2]);
      assert.deepEqual(await sequences(store, "calls", 2, 10), [2, 3]);
      assert.deepEqual(await sequences(store, "calls", 4, 10), [4]);
      const few = await store.read("calls", 0, 2, { entries: 10, bytes: 400 * 1024 });
      assert.deepEqual(
        few.map(({ sequence }) => sequence),
        [2],
      );
    });

    storeTest("a key always goes to the same partition, and each partition counts by itself", async (store) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", partitions: 4, keepMs: 0 }));
      const keys = Array.from({ length: 64 }, (_, number) => `contact ${number % 16}`);
      const appended = await store.commit(async (unit) => keys.map((key) => unit.append("calls", key, key)));
      const partitions = new Map<string, number>();
      for (const [place, { partition }] of appended.entries()) {
        const key = keys[place] ?? "";
        assert.equal(partitions.get(key) ?? partition, partition);
        partitions.set(key, partition);
      }
      assert.deepEqual([...new Set(partitions.values())].sort(), [0, 1, 2, 3]);
      for (let partition = 0; partition < 4; partition++) {
        const entries = await store.read("calls", partition, 1, { entries: 100 });
        assert.deepEqual(
          entries.map(({ sequence }) => sequence),
          entries.map((_, place) => place + 1),
        );
        assert.deepEqual(
          entries.map(({ key }) => key),
          keys.filter((key) => partitions.get(key) === partition),
        );
      }
    });

    storeTest("what is declared is found, and changed by declaring it again", async (store) => {
      await store.commit(async (unit) => {
        unit.declareLog({ name: "bus/b", keepMs: 1000, keepBytes: 5 });
        unit.declareLog({ name: "bus/a", partitions: 3, keepMs: 0 });
        unit.declareLog({ name: "stream", keepMs: 7 });
        assert.equal((await unit.findLog("bus/b"))?.keepBytes, 5);
      });
      await store.commit(async (unit) => unit.declareLog({ name: "bus/b", keepMs: 2000 }));
      assert.deepEqual(await store.findLog("bus/a"), { name: "bus/a", partitions: 3, keepMs: 0 });
      const found = await store.logs("bus/");
      assert.deepEqual(
        found.map(({ name, keepMs, keepBytes }) => [name, keepMs, keepBytes]),
        [
          ["bus/a", 0, undefined],
          ["bus/b", 2000, undefined],
        ],
      );
      assert.equal((await store.logs()).length, 3);
      await assert.rejects(
        store.commit(async (unit) => unit.declareLog({ name: "bus/a", partitions: 4, keepMs: 0 })),
        /never changes/,
      );
    });

    storeTest("trimming deletes from the front, in steps, and a log that is empty goes on counting", async (store) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      await store.commit(async (unit) => {
        for (let number = 1; number <= 10; number++) unit.append("calls", "a", "xyz");
      });
      assert.equal(await store.logBytes("calls"), 30);
      assert.equal(await store.trim("calls", 0, 8, 5), 5);
      assert.equal(await store.trim("calls", 0, 8, 5), 2);
      assert.equal(await store.trim("calls", 0, 8, 5), 0);
      assert.deepEqual(await store.bounds("calls", 0), { first: 8, next: 11 });
      assert.deepEqual(await sequences(store, "calls", 1, 10), [8, 9, 10]);
      assert.equal(await store.logBytes("calls"), 9);

      assert.equal(await store.trim("calls", 0, 1000, 1000), 3);
      assert.deepEqual(await store.bounds("calls", 0), { first: 11, next: 11 });
      const next = await store.commit(async (unit) => unit.append("calls", "a", "q"));
      assert.equal(next.sequence, 11);
    });

    storeTest("a dropped log is gone at once, is deleted in steps, and counts on when declared anew", async (store) => {
      await store.commit(async (unit) => {
        unit.declareLog({ name: "calls", keepMs: 0, keepBytes: 5 });
        unit.declareLog({ name: "other", keepMs: 0 });
        for (let number = 1; number <= 10; number++) unit.append("calls", "a", "xyz");
        unit.append("other", "a", "kept");
      });
      await store.commit(async (unit) => {
        unit.dropLog("calls");
        unit.dropLog("never declared");
        assert.equal(await unit.findLog("calls"), undefined);
      });
      assert.equal(await store.findLog("calls"), undefined);
      assert.deepEqual(
        (await store.logs()).map(({ name }) => name),
        ["other"],
      );
      assert.deepEqual(await sequences(store, "calls", 1, 10), []);
      assert.equal(await store.logBytes("calls"), 0);
      await assert.rejects(
        store.commit(async (unit) => unit.append("calls", "a", "")),
        /not declared/,
      );

      assert.equal(await store.sweepDropped(4), 4);
      await store.commit(async (unit) => {
        unit.declareLog({ name: "calls", keepMs: 9 });
        unit.append("calls", "a", "new");
      });
      assert.deepEqual(await sequences(store, "calls", 1, 10), [11]);
      assert.equal(await store.sweepDropped(100), 6);
      assert.equal(await store.sweepDropped(100), 0);
      assert.deepEqual(await sequences(store, "calls", 1, 10), [11]);
      assert.deepEqual(await store.findLog("calls"), { name: "calls", partitions: 1, keepMs: 9 });
      assert.equal(await store.logBytes("calls"), 3);
      assert.equal(await store.logBytes("other"), 4);
    });
  });

  describe(`${engine}: units`, () => {
    storeTest("units that run at the same time see one another's changes whole", async (store) => {
      const callers = 64;
      await Promise.all(
        Array.from({ length: callers }, () =>
          store.commit(async (unit) => {
            const count = ((await unit.get(anything, "count")) as number | undefined) ?? 0;
            await unit.list(anything, { limit: 1 });
            unit.put(anything, "count", count + 1);
          }),
        ),
      );
      assert.equal(await store.get(anything, "count"), callers);
    });

    storeTest("reads outside a unit see nothing of it before it is committed", async (store) => {
      await store.commit(async (unit) => unit.put(anything, "1", "before"));
      let outside: Promise<unknown> | undefined;
      const committed = store.commit(async (unit) => {
        unit.put(anything, "1", "half");
        outside ??= store.get(anything, "1");
        await unit.get(anything, "1");
        unit.put(anything, "1", "whole");
      });
      await committed;
      assert.notEqual(await outside, "half");
      assert.equal(await store.get(anything, "1"), "whole");
    });

    storeTest("a unit that fails takes no other with it", async (store) => {
      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, (_, number) =>
          store.commit(async (unit) => {
            unit.put(anything, `${number}`, number);
            if (number % 3 === 0) throw new RangeError(`no ${number}`);
            return number;
          }),
        ),
      );
      for (const [number, answer] of answers.entries()) {
        const failed = number % 3 === 0;
        assert.equal(answer.status, failed ? "rejected" : "fulfilled");
        assert.equal(await store.get(anything, `${number}`), failed ? undefined : number);
      }
    });

    storeTest("a unit that awaits something else fails, and the others go on", async (store) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      let late: unknown;
      const foreign = store.commit(async (unit) => {
        unit.put(anything, "1", "lost");
        await promise;
        late = await unit.get(anything, "1").catch((error) => error);
      });
      const other = store.commit(async (unit) => unit.put(anything, "2", "kept"));
      await assert.rejects(foreign, /awaited something other than its unit/);
      await other;
      resolve();
      await new Promise((next) => setImmediate(next));
      assert.match(String(late), /has ended/);
      assert.equal(await store.get(anything, "1"), undefined);
      assert.equal(await store.get(anything, "2"), "kept");
    });

    storeTest("a unit that has ended can do nothing more", async (store) => {
      let kept: Unit | undefined;
      await store.commit(async (unit) => {
        kept = unit;
      });
      assert.throws(() => kept?.put(anything, "1", 1), /has ended/);
      assert.throws(() => kept?.append("calls", "a", ""), /has ended/);
      await assert.rejects(async () => kept?.get(anything, "1"), /has ended/);
    });

    storeTest("what a unit's function throws at once is thrown by commit", async (store) => {
      const thrown = store.commit(() => {
        throw new RangeError("at once");
      });
      await assert.rejects(thrown, /at once/);
    });

    storeTest(
      "callbacks after a commit come in commit order, before the answer, and not for what failed",
      async (store) => {
        const seen: string[] = [];
        const run = async (name: string, fails: boolean): Promise<void> => {
          await store
            .commit(async (unit) => {
              unit.put(anything, name, 1);
              unit.afterCommit(() => seen.push(name));
              if (fails) throw new Error(name);
            })
            .catch(() => {});
          seen.push(`answer ${name}`);
        };
        await Promise.all([run("a", false), run("b", true), run("c", false)]);
        assert.deepEqual(
          seen.filter((name) => !name.startsWith("answer")),
          ["a", "c"],
        );
        assert.ok(seen.indexOf("a") < seen.indexOf("answer a"));
        assert.ok(seen.indexOf("c") < seen.indexOf("answer c"));
      },
    );

    storeTest("who watches a log or a collection is called after commits that changed it", async (store) => {
      await store.commit(async (unit) => {
        unit.declareLog({ name: "calls", keepMs: 0 });
        unit.declareLog({ name: "other", keepMs: 0 });
      });
      let calls = 0;
      const changed: string[][] = [];
      const log = store.watchLog("calls", () => calls++);
      const collected = store.watchCollection("contract_people", (ids) => changed.push([...ids].sort()));

      await store.commitUnsynced(async (unit) => unit.append("calls", "a", ""));
      assert.equal(calls, 1);
      await store.commitUnsynced(async (unit) => unit.append("other", "a", ""));
      await store
        .commitUnsynced(async (unit) => {
          unit.append("calls", "a", "");
          throw new Error("no");
        })
        .catch(() => {});
      assert.equal(calls, 1);

      await store.commitUnsynced(async (unit) => {
        unit.put(people, "1", { name: "Ada" });
        unit.put(people, "2", { name: "Grace" });
        unit.put(anything, "3", 3);
      });
      await store.commitUnsynced(async (unit) => {
        unit.delete(people, "2");
        unit.delete(people, "never there");
      });
      assert.deepEqual(changed, [["1", "2"], ["2"]]);

      log[Symbol.dispose]();
      collected[Symbol.dispose]();
      await store.commit(async (unit) => {
        unit.append("calls", "a", "");
        unit.put(people, "1", { name: "Ada" });
      });
      assert.equal(calls, 1);
      assert.equal(changed.length, 2);
    });

    storeTest("many appends in one turn of the event loop call a watcher once", async (store) => {
      await store.commit(async (unit) => unit.declareLog({ name: "calls", keepMs: 0 }));
      let calls = 0;
      store.watchLog("calls", () => calls++);
      await Promise.all(Array.from({ length: 50 }, () => store.commit(async (unit) => unit.append("calls", "a", ""))));
      assert.ok(calls >= 1 && calls < 10, `${calls} calls`);
    });

    storeTest("durable returns once what was committed is durable", async (store) => {
      await store.commitUnsynced(async (unit) => unit.put(anything, "1", 1));
      await store.durable();
      await store.durable();
    });

    storeTest("a job that reads apart sees what is committed, everything that a store can be asked", async (store) => {
      await fill(store);
      const expected = await collected(readAll(store, { times: 1 }));
      assert.partialDeepStrictEqual(expected[0], { people: ["Ada", "Ada", "Grace"], at: 4, bytes: 4 });
      assert.deepEqual(await collected(store.readApart(JOB, { times: 1 })), expected);
      assert.equal((await collected(store.readApart(JOB, { times: 100 }))).length, 100);
      assert.deepEqual(await collected(store.readApart(JOB, { times: 0 })), []);
    });

    storeTest("a collection and a log that are not there yet are empty to a job, too", async (store) => {
      const [line] = await collected(store.readApart<ContractLine>(JOB, { times: 1 }));
      assert.partialDeepStrictEqual(line, { people: ["nobody"], bounds: { first: 1, next: 1 }, at: 1, bytes: 0 });
      assert.equal(line?.log, undefined);
    });

    storeTest("many jobs end, what one throws is thrown, and one that nobody listens to is over", async (store) => {
      await fill(store);
      const all = await Promise.all(Array.from({ length: 5 }, () => collected(store.readApart(JOB, { times: 20 }))));
      assert.deepEqual(
        all.map(({ length }) => length),
        [20, 20, 20, 20, 20],
      );
      await assert.rejects(collected(store.readApart(JOB, { times: 20, failure: "No more" })), /No more/);
      for (let job = 0; job < 3; job++) {
        for await (const _ of store.readApart(JOB, { times: 1_000_000 })) break;
      }
      assert.equal((await collected(store.readApart(JOB, { times: 1 }))).length, 1);
    });

    storeTest("closing the store ends the jobs that read", async (store) => {
      await fill(store);
      const lines = store.readApart(JOB, { times: 1_000_000 });
      await lines.next();
      await store.close();
      await assert.rejects(collected(lines), /closed/);
    });

    storeTest("a store that is closed refuses", async (store) => {
      const last = store.commit(async (unit) => unit.put(anything, "1", 1));
      await store.close();
      await last;
      await assert.rejects(
        store.commit(async (unit) => unit.put(anything, "2", 1)),
        /closed/,
      );
      await assert.rejects(store.get(anything, "1"), /closed/);
      await store.close();
    });
  });

  test(`${engine}: random units do what a model does that sorts arrays`, async () => {
    await fc.assert(
      fc.asyncProperty(rounds, fc.boolean(), async (rounds, isHeld) => {
        const store = await open(new ManualClock(START_MS));
        try {
          await compareWithModel(store, { rounds, isHeld });
        } finally {
          await store.close();
        }
      }),
      { numRuns: randomCases },
    );
  });
}

async function collected<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

const JOB = new URL("./contract-job.ts", import.meta.url);

async function fill(store: Store): Promise<void> {
  await store.commit(async (unit) => {
    unit.put(people, "1", { name: "Ada" });
    unit.put(people, "2", { name: "Grace" });
    unit.declareLog({ name: "calls", keepMs: 0 });
    for (const value of ["one", "2", "\0"]) unit.append("calls", "\ud800", value === "one" ? Buffer.from("ab") : value);
  });
}

async function sequences(store: Store, log: string, from: number, entries: number): Promise<number[]> {
  return (await store.read(log, 0, from, { entries })).map(({ sequence }) => sequence);
}
