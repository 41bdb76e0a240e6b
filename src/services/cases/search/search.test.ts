import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { openStore } from "../../../store/index.ts";
import type { Store } from "../../../store/store.ts";
import { ManualClock, SystemWallClock, type WallClock } from "../../../time/clock.ts";
import { SeededIds } from "../../../time/ids.ts";
import { type Case, caseKey, cases } from "../case.ts";
import { type Field, type FieldType, fieldKey, fields } from "../field.ts";
import type { CaseValues, StoredValue } from "../field-value.ts";
import type { Comparison, Condition, Place, Sort } from "./condition.ts";
import { type Found, search } from "./search.ts";
import { searchedValue } from "./searched-value.ts";

const domain = { account: "000000000000", region: "us-east-1", domainId: "d1" };

/** Custom fields of every type, beside those of the system. */
const CUSTOM: Readonly<Record<string, FieldType>> = {
  note: "Text",
  link: "Url",
  price: "Number",
  urgent: "Boolean",
  due: "DateTime",
  colour: "SingleSelect",
  owner: "User",
};

/** A wall whose time flies, so that everything that is done in pieces rests after each. */
class FlyingWallClock extends SystemWallClock implements WallClock {
  #nowMs = 0;

  override monotonicMs(): number {
    this.#nowMs += 100;
    return this.#nowMs;
  }
}

/** A store that others write to while a read is under way, as a store elsewhere may be. */
function slowlyRead(store: Store): Store {
  const slow =
    <A extends unknown[], R>(read: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await setImmediate();
      return read(...args);
    };
  return new Proxy(store, {
    get(target, property) {
      const member = target[property as keyof Store] as (...args: unknown[]) => Promise<unknown>;
      const bound = member.bind(target);
      return property === "get" || property === "list" ? slow(bound) : bound;
    },
  });
}

interface World {
  readonly store: Store;
  readonly wall: WallClock;
  /** What the store should have. */
  readonly all: Map<string, Case>;
}

async function openWorld(wall: WallClock): Promise<World> {
  const store = await openStore({ directory: ":memory:", clock: new ManualClock(1_000), wall: new SystemWallClock() });
  after(() => store.close());
  await store.commit(async (unit) => {
    for (const [place, [id, type]] of Object.entries(CUSTOM).entries()) {
      const field = {
        domainId: domain.domainId,
        id,
        name: id,
        type,
        namespace: "Custom",
        place,
        createdMs: 0,
      } as Field;
      unit.put(fields, fieldKey(field), field);
    }
  });
  return { store, wall, all: new Map() };
}

function write({ store, all }: World, changes: readonly { readonly id: string; readonly now: Case | undefined }[]) {
  for (const { id, now } of changes) {
    if (now) all.set(id, now);
    else all.delete(id);
  }
  return store.commit(async (unit) => {
    for (const { id, now } of changes) {
      if (now) unit.put(cases, caseKey(now), now);
      else unit.delete(cases, caseKey({ ...domain, id }));
    }
  });
}

/** The plain definition of a search. */
function holdsPlainly({ values, tags }: Case, condition: Condition): boolean {
  const searched = (field: string): StoredValue | undefined => searchedValue(field, values[field]);
  switch (condition.kind) {
    case "all":
      return condition.of.every((each) => holdsPlainly({ values, tags } as Case, each));
    case "any":
      return condition.of.some((each) => holdsPlainly({ values, tags } as Case, each));
    case "not":
      return !holdsPlainly({ values, tags } as Case, condition.of);
    case "empty":
      return searched(condition.field) === undefined;
    case "equals":
      return values[condition.field] !== undefined && String(searched(condition.field)) === condition.text;
    case "compares": {
      const number = numberIn(condition.field, values);
      return number !== undefined && COMPARES[condition.by](number, condition.number);
    }
    case "contains":
      return (
        String(searched(condition.field) ?? "\0")
          .toLowerCase()
          .includes(condition.text.toLowerCase()) && searched(condition.field) !== undefined
      );
    case "tag":
      return condition.value === undefined ? condition.key in tags : tags[condition.key] === condition.value;
    case "word":
      return Object.values(values).some((value) => String(value).toLowerCase().includes(condition.word.toLowerCase()));
  }
}

const COMPARES: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
};

function numberIn(field: string, values: CaseValues): number | undefined {
  const value = values[field];
  if (value === undefined) return undefined;
  return typeof value === "number" ? value : Date.parse(String(value));
}

function isNumeric(field: string): boolean {
  return field.endsWith("_datetime") || CUSTOM[field] === "Number" || CUSTOM[field] === "DateTime";
}

function comparePlainly(sorts: readonly Sort[], a: Case, b: Case): number {
  for (const { field, isDescending } of sorts) {
    const [one, other] = [a, b].map(({ values }) =>
      isNumeric(field)
        ? numberIn(field, values)
        : values[field] === undefined
          ? undefined
          : orderedBytes(values[field]),
    );
    if (one === undefined || other === undefined) {
      if (one === other) continue;
      return one === undefined ? 1 : -1;
    }
    const difference = typeof one === "number" ? one - (other as number) : Buffer.compare(one, other as Buffer);
    if (difference !== 0) return isDescending ? -difference : difference;
  }
  return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
}

function orderedBytes(value: StoredValue): Buffer {
  return Buffer.from(String(value).toLowerCase()).subarray(0, 512);
}

/** Ids of all that match, in order. */
function searchPlainly({ all }: World, condition: Condition, sorts: readonly Sort[]): readonly string[] {
  const found = [...all.values()].filter((each) => holdsPlainly(each, condition));
  return found.sort((a, b) => comparePlainly(sorts, a, b)).map(({ id }) => id);
}

/** Through all pages. */
async function pages(world: World, condition: Condition, sorts: readonly Sort[], limit: number): Promise<Found[]> {
  const found: Found[] = [];
  let behind: Place | undefined;
  do {
    const page = await search(world, domain, { condition, sorts, behind, limit });
    found.push(page);
    behind = page.last;
  } while (behind);
  return found;
}

const anyText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("open", "Open", "closed", "Straße", "KETTLE arrived cracked", "kettle", "ﬁ İstanbul"),
  },
  {
    weight: 2,
    arbitrary: fc.string({ unit: fc.constantFrom("a", "A", "b", "Z", " ", "é", "É", "ß", "😀", "0", "2") }),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom("x".repeat(600), `${"X".repeat(600)}y`, "\ud83d lone") },
);
const anyNumber = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const anyTimeMs = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 4e12 }));
const anyTime = anyTimeMs.map((timeMs) => new Date(timeMs).toISOString());

const anyValues: fc.Arbitrary<CaseValues> = fc
  .record(
    {
      title: anyText,
      status: fc.constantFrom("open", "closed", "waiting"),
      reference_number: fc.constant("Ref"),
      last_updated_datetime: anyTime,
      created_by: fc.constantFrom("arn:aws:connect:1", "arn:aws:connect:2"),
      note: anyText,
      link: fc.constantFrom("https://a.example/", "https://A.example/x"),
      price: anyNumber,
      urgent: fc.boolean(),
      due: anyTime,
      colour: fc.constantFrom("red", "blue"),
      owner: fc.constantFrom("arn:1", "arn:2"),
    },
    { requiredKeys: [] },
  )
  .map((values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as CaseValues);

const anyTags = fc.dictionary(fc.constantFrom("priority", "line", "Priority"), fc.constantFrom("p1", "p2", "", "P1"));

const TEXT_FIELDS = ["title", "status", "reference_number", "created_by", "note", "link", "urgent", "colour", "owner"];
const NUMBER_FIELDS = ["last_updated_datetime", "price", "due", "created_datetime"];

const anyLeaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ kind: fc.constant("empty" as const), field: fc.constantFrom(...TEXT_FIELDS, ...NUMBER_FIELDS, "never") }),
  fc
    .tuple(
      fc.constantFrom(...TEXT_FIELDS, "never"),
      fc.oneof(anyText, fc.constantFrom("waiting", "true", "false", "red", "arn:1", "abc", "abd")),
    )
    .map(([field, text]) => ({ kind: "equals" as const, field, text: searchedValue(field, text) })),
  fc.record({
    kind: fc.constant("compares" as const),
    field: fc.constantFrom(...NUMBER_FIELDS),
    by: fc.constantFrom<Comparison[]>("=", ">", ">=", "<", "<="),
    number: fc.oneof(anyNumber, anyTimeMs),
  }),
  fc.record({
    kind: fc.constant("contains" as const),
    field: fc.constantFrom(...TEXT_FIELDS, "never"),
    text: fc.oneof(
      fc.constantFrom("e", "KETTLE", "ß", "i̇s", "xy", " "),
      anyText.filter((text) => text.isWellFormed() && text !== ""),
    ),
  }),
  fc.record({
    kind: fc.constant("tag" as const),
    key: fc.constantFrom("priority", "line", "other"),
    value: fc.constantFrom("p1", "p2", "", undefined),
  }),
  fc.record({
    kind: fc.constant("word" as const),
    word: fc.constantFrom("kettle", "OPEN", "2", "1970-01-01T00", "-1", "e", "true", "0.", "00z", "É"),
  }),
);

const anyCondition = fc.letrec<{ readonly condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    anyLeaf,
    fc.record({
      kind: fc.constantFrom("all" as const, "any" as const),
      of: fc.array(tie("condition"), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("not" as const), of: tie("condition") }),
  ) as fc.Arbitrary<Condition>,
})).condition;

const anySorts = fc.array(
  fc.record({ field: fc.constantFrom(...TEXT_FIELDS, ...NUMBER_FIELDS, "never"), isDescending: fc.boolean() }),
  { maxLength: 2 },
);

interface Query {
  readonly condition: Condition;
  readonly sorts: readonly Sort[];
  readonly limit: number;
}

const anyQuery = fc.record({
  kind: fc.constant("search" as const),
  condition: anyCondition,
  sorts: anySorts,
  limit: fc.integer({ min: 1, max: 6 }),
});

const IDS = Array.from({ length: 24 }, (_, number) => `case-${number}`);

/** No two cases have the same reference number. */
function caseOf(id: string, given: CaseValues, tags: Readonly<Record<string, string>>): Case {
  const values = given.reference_number ? { ...given, reference_number: id.replace("case", "Ref") } : given;
  return { ...domain, id, templateId: "t", values, createdMs: 0, changedMs: 0, tags };
}

const anyWrite = fc.record({
  kind: fc.constant("write" as const),
  changes: fc.array(
    fc
      .tuple(fc.constantFrom(...IDS), fc.option(fc.tuple(anyValues, anyTags), { freq: 3, nil: undefined }))
      .map(([id, given]) => ({ id, now: given && caseOf(id, ...given) })),
    { maxLength: 8 },
  ),
});

async function agrees(world: World, { condition, sorts, limit }: Query): Promise<void> {
  const expected = searchPlainly(world, condition, sorts);
  const found = await pages(world, condition, sorts, limit);
  assert.deepEqual(
    found.flatMap(({ cases }) => cases.map(({ id }) => id)),
    expected,
  );
  for (const { total } of found) assert.equal(total, expected.length);
  for (const page of found.slice(0, -1)) assert.equal(page.cases.length, limit);
}

test("a search finds what its plain definition says, in its order, whatever has been written before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(anyWrite, anyQuery), { maxLength: 20 }), fc.boolean(), async (steps, flies) => {
      const world = await openWorld(flies ? new FlyingWallClock() : new SystemWallClock());
      for (const step of steps) {
        if (step.kind === "write") await write(world, step.changes);
        else await agrees(world, step);
      }
      await world.store.close();
    }),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 5_000 : 60 },
  );
});

const anyTurns = fc.integer({ min: 0, max: 15 });

/** Turns of the event loop. */
async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
}

test("what changes while a search goes on is found as it is at one moment of it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyWrite, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(anyWrite, anyTurns), { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(anyQuery, anyTurns), { minLength: 1, maxLength: 8 }),
      async (before, during, queries) => {
        const opened = await openWorld(new FlyingWallClock());
        const world = { ...opened, store: slowlyRead(opened.store) };
        for (const { changes } of before) await write(world, changes);
        const states = [new Map(world.all)];
        const writing = async (): Promise<void> => {
          const written: Promise<void>[] = [];
          for (const [{ changes }, turns] of during) {
            await pass(turns);
            written.push(write(world, changes));
            states.push(new Map(world.all));
          }
          await Promise.all(written);
        };
        const searching = queries.map(async ([{ condition, sorts, limit }, turns]) => {
          await pass(turns);
          const { cases, total } = await search(world, domain, { condition, sorts, limit });
          const found = JSON.stringify([cases, total]);
          const possible = states.map((all) => {
            const ids = searchPlainly({ ...world, all }, condition, sorts);
            return JSON.stringify([ids.slice(0, limit).map((id) => all.get(id)), ids.length]);
          });
          assert.ok(possible.includes(found), found);
        });
        await Promise.all([writing(), ...searching]);
        await world.store.close();
      },
    ),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 3_000 : 40 },
  );
});

/** Enough that orders are walked, that bitmaps are kept, and that more are equal than are put in order one by one. */
const MANY = 20_000;

test("the same holds of many cases", async () => {
  const world = await openWorld(new SystemWallClock());
  const ids = new SeededIds("many cases");
  const random = (): number => ids.random();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const word = (): string => pick(["kettle", "Parcel", "cracked", "late", "refund", "É", "42"]);
  const make = (id: string): Case =>
    caseOf(
      id,
      {
        title: `${word()} ${word()} ${Math.floor(random() * 100_000)}`,
        status: pick(["open", "open", "open", "closed", "waiting"]),
        last_updated_datetime: new Date(Math.floor(random() * 30_000)).toISOString(),
        created_by: `arn:${Math.floor(random() * 300)}`,
        ...(random() < 0.9 && { price: Math.floor(random() * 4) }),
        ...(random() < 0.2 && { note: word() }),
        ...(random() < 0.5 && { urgent: random() < 0.1 }),
      },
      random() < 0.3 ? { priority: pick(["p1", "p2"]) } : {},
    );
  const all = Array.from({ length: MANY }, (_, number) => `case-${number}`);
  const writeSome = async (changed: readonly string[]): Promise<void> => {
    for (let from = 0; from < changed.length; from += 500) {
      const some = changed.slice(from, from + 500);
      await write(
        world,
        some.map((id) => ({ id, now: random() < 0.95 ? make(id) : undefined })),
      );
    }
  };
  await writeSome(all);
  const leaves: readonly (() => Condition)[] = [
    () => ({ kind: "equals", field: "status", text: pick(["open", "closed", "waiting", "gone"]) }),
    () => ({ kind: "equals", field: "created_by", text: `arn:${Math.floor(random() * 310)}` }),
    () => ({ kind: "equals", field: "urgent", text: pick(["true", "false"]) }),
    () => ({ kind: "empty", field: pick(["price", "note", "never"]) }),
    () => ({ kind: "compares", field: "price", by: pick(["=", ">", ">=", "<", "<="]), number: random() * 5 - 1 }),
    () => ({ kind: "compares", field: "price", by: pick(["=", ">", ">=", "<", "<="]), number: pick([0, 1, 2, 3]) }),
    () => ({ kind: "compares", field: "last_updated_datetime", by: pick([">", "<="]), number: random() * 31_000 }),
    () => ({ kind: "contains", field: pick(["title", "note"]), text: pick(["KETTLE", "42", "é 1", "zzz"]) }),
    () => ({ kind: "tag", key: "priority", value: pick(["p1", undefined]) }),
    () => ({ kind: "word", word: pick(["kettle", "open", "42", "1970-01-01t00:00:2", "true"]) }),
  ];
  const any = (depth: number): Condition => {
    const kind = depth === 0 ? "leaf" : pick(["leaf", "all", "any", "not"] as const);
    if (kind === "leaf") return pick(leaves)();
    if (kind === "not") return { kind, of: any(depth - 1) };
    return { kind, of: Array.from({ length: Math.floor(random() * 4) }, () => any(depth - 1)) };
  };
  const sortable = ["status", "price", "last_updated_datetime", "title", "created_by", "note", "urgent", "never"];
  for (let round = 0; round < (process.env.TRUNKLINE_FULL === "1" ? 400 : 20); round++) {
    const changed = Array.from({ length: 40 }, () => pick(all));
    await writeSome(changed);
    const condition = any(3);
    const sorts = Array.from({ length: Math.floor(random() * 3) }, () => ({
      field: pick(sortable),
      isDescending: random() < 0.5,
    }));
    const expected = searchPlainly(world, condition, sorts);
    // Somewhere, and there for some pages.
    const limit = pick([1, 25, 100]);
    let behind: Place | undefined;
    const found: string[] = [];
    for (let page = 0; page < 4; page++) {
      const answer = await search(world, domain, { condition, sorts, behind, limit });
      assert.equal(answer.total, expected.length);
      found.push(...answer.cases.map(({ id }) => id));
      behind = answer.last;
      if (!behind) break;
    }
    assert.deepEqual(found, expected.slice(0, behind ? found.length : undefined));
  }
});
