/**
 * A store as one would write it in a quarter of an hour, nothing but maps and sorted arrays, and random units to compare a real one with it.
 *
 * Units of a round are committed at the same time, and are taken by the model one after another. After each round everything that can be
 * asked from outside is compared.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Person, people } from "./contract-people.ts";
import {
  type Collection,
  collection,
  type Page,
  type Range,
  type Store,
  UniqueIndexError,
  type Unit,
} from "./store.ts";

/** The same, without an index that could refuse one. */
const guests: Collection<Person> = collection<Person>("contract_guests", {
  team: { type: "text", value: ({ team }) => team },
  age: { type: "integer", value: ({ age }) => age },
  name: { type: "text", value: ({ name }) => name },
});

const COLLECTIONS: Readonly<Record<"people" | "guests", Collection<Person>>> = { people: people, guests: guests };

type Name = keyof typeof COLLECTIONS;

const LOGS = ["calls", "chats"];

interface ModelLog {
  isDeclared: boolean;
  first: number;
  /** All that were ever appended: the one with sequence 1 first. */
  values: string[];
}

interface Model extends Record<Name, Map<string, Person>> {
  logs: Map<string, ModelLog>;
}

type Step =
  | { readonly do: "put"; readonly of: Name; readonly id: string; readonly person: Person }
  | { readonly do: "get" | "delete"; readonly of: Name; readonly id: string }
  | { readonly do: "append"; readonly log: string; readonly value: string }
  | { readonly do: "declare"; readonly log: string }
  | { readonly do: "drop"; readonly log: string }
  | { readonly do: "list"; readonly of: Name; readonly range: Range }
  | { readonly do: "throw" };

interface Round {
  readonly units: readonly (readonly Step[])[];
  /** Asked from outside, after the units. */
  readonly ranges: readonly { readonly of: Name; readonly range: Range }[];
  readonly trim: { readonly log: string; readonly before: number; readonly limit: number };
}

/** Few values, so that they meet. In UTF-16 the last two would change places. */
const text = fc.constantFrom("", "a", "a\0", "ab", "b", "\ud7ff", "\ue000", "\uffff", "😀");
const value = fc.constantFrom("", "a", "é😀");
const wholeNumber = fc.constantFrom(-1, 0, 1, 9, 10, Number.MAX_SAFE_INTEGER);
const log = fc.constantFrom(...LOGS);
const of = fc.constantFrom<Name>("people", "guests");
const person: fc.Arbitrary<Person> = fc.record(
  { name: text, team: text, age: wholeNumber },
  { requiredKeys: ["name"], noNullPrototype: true },
);
const page = { descending: fc.boolean(), limit: fc.integer({ min: 1, max: 4 }) };
const range: fc.Arbitrary<Range> = fc.oneof(
  fc.record(
    { ...page, index: fc.constantFrom("team", "name"), equals: text, prefix: text, from: text, before: text },
    { requiredKeys: ["limit"], noNullPrototype: true },
  ),
  fc.record(
    { ...page, index: fc.constant("age"), equals: wholeNumber, from: wholeNumber, before: wholeNumber },
    { requiredKeys: ["limit", "index"], noNullPrototype: true },
  ),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("put"), of, id: text, person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("get", "delete"), of, id: text }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("append"), log, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("declare"), log }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop"), log }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("list"), of, range }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("throw") }) },
);

export const rounds: fc.Arbitrary<Round[]> = fc.array(
  fc.record({
    units: fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
    ranges: fc.array(fc.record({ of, range }), { maxLength: 6 }),
    trim: fc.record({ log, before: fc.integer({ min: 0, max: 8 }), limit: fc.integer({ min: 1, max: 3 }) }),
  }),
  { maxLength: 6 },
);

/** Throws an assertion error where the store answers anything else than the model. */
export async function compareWithModel(
  store: Store,
  { rounds, isHeld }: { readonly rounds: readonly Round[]; readonly isHeld: boolean },
): Promise<void> {
  using _held = isHeld ? store.hold() : undefined;
  let model: Model = { people: new Map(), guests: new Map(), logs: new Map() };
  for (const { units, ranges, trim } of rounds) {
    const runs = units.map((steps) => (unit: Unit) => runUnit(unit, steps));
    const outcomes = await Promise.allSettled(
      runs.map((run) => (isHeld ? store.commitUnsynced(run) : store.commit(run))),
    );
    for (const [place, steps] of units.entries()) {
      const next = structuredClone(model);
      const expected = outcomeOf(() => steps.flatMap((step) => runModelStep(next, step)));
      assert.deepEqual(comparable(outcomes[place]), expected);
      if (expected.status === "fulfilled") model = next;
    }
    for (const { of, range } of ranges) {
      const found = await allPages((page) => store.list(COLLECTIONS[of], page), range);
      assert.deepEqual(found, listModel(model[of], range));
    }
    for (const [id, guest] of model.guests) assert.deepEqual(await store.get(guests, id), guest);
    await compareLogs(store, model);
    assert.equal(await store.trim(trim.log, 0, trim.before, trim.limit), trimModel(model, trim));
    await compareLogs(store, model);
  }
}

async function runUnit(unit: Unit, steps: readonly Step[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const step of steps) answers.push(...(await runStep(unit, step)));
  return answers;
}

async function runStep(unit: Unit, step: Step): Promise<unknown[]> {
  switch (step.do) {
    case "put":
      unit.put(COLLECTIONS[step.of], step.id, step.person);
      return [await unit.get(COLLECTIONS[step.of], step.id)];
    case "get":
      return [await unit.get(COLLECTIONS[step.of], step.id)];
    case "delete":
      unit.delete(COLLECTIONS[step.of], step.id);
      return [await unit.get(COLLECTIONS[step.of], step.id)];
    case "append":
      return [unit.append(step.log, "key", step.value)];
    case "declare":
      unit.declareLog({ name: step.log, keepMs: 0 });
      return [await unit.findLog(step.log)];
    case "drop":
      unit.dropLog(step.log);
      return [await unit.findLog(step.log)];
    case "list":
      return [await allPages((page) => unit.list(COLLECTIONS[step.of], page), step.range)];
    case "throw":
      throw new RangeError("thrown");
  }
}

function runModelStep(model: Model, step: Step): unknown[] {
  switch (step.do) {
    case "put":
      for (const [id, { name }] of step.of === "people" ? model.people : []) {
        if (id !== step.id && name === step.person.name) throw new UniqueIndexError(people.name, "name");
      }
      model[step.of].set(step.id, step.person);
      return [step.person];
    case "get":
      return [model[step.of].get(step.id)];
    case "delete":
      model[step.of].delete(step.id);
      return [undefined];
    case "append": {
      const found = model.logs.get(step.log);
      assert(found?.isDeclared, `Log ${step.log} is not declared`);
      found.values.push(step.value);
      return [found.values.length];
    }
    case "declare": {
      const found = model.logs.get(step.log);
      if (found) found.isDeclared = true;
      else model.logs.set(step.log, { isDeclared: true, first: 1, values: [] });
      return [{ name: step.log, partitions: 1, keepMs: 0 }];
    }
    case "drop": {
      const found = model.logs.get(step.log);
      if (found?.isDeclared) Object.assign(found, { isDeclared: false, first: found.values.length + 1 });
      return [undefined];
    }
    case "list":
      return [listModel(model[step.of], step.range)];
    case "throw":
      throw new RangeError("thrown");
  }
}

/** By definition: everything, filtered, sorted. */
function listModel(
  documents: Map<string, Person>,
  { index, equals, prefix, from, before, descending = false }: Range,
): Person[] {
  const found = [...documents].flatMap(([id, person]) => {
    const value = index === undefined ? id : person[index as keyof Person];
    const isIn =
      value !== undefined &&
      (equals === undefined || value === equals) &&
      (prefix === undefined || String(value).startsWith(prefix)) &&
      (from === undefined || compare(value, from) >= 0) &&
      (before === undefined || compare(value, before) < 0);
    return isIn ? [{ id, value, person }] : [];
  });
  found.sort((a, b) => compare(a.value, b.value) || compare(a.id, b.id));
  if (descending) found.reverse();
  return found.map(({ person }) => person);
}

/** Numbers by value, text by its UTF-8 bytes. */
function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" || typeof b === "number") return Number(a) - Number(b);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function trimModel(model: Model, { log, before, limit }: Round["trim"]): number {
  const found = model.logs.get(log);
  if (!found?.isDeclared) return 0;
  const first = Math.max(found.first, Math.min(before, found.first + limit, found.values.length + 1));
  const deleted = first - found.first;
  found.first = first;
  return deleted;
}

async function compareLogs(store: Store, model: Model): Promise<void> {
  assert.deepEqual(
    (await store.logs()).map(({ name }) => name),
    LOGS.filter((name) => model.logs.get(name)?.isDeclared),
  );
  for (const name of LOGS) {
    const { first = 1, values = [] } = model.logs.get(name) ?? {};
    const kept = values.slice(first - 1);
    assert.deepEqual(await store.bounds(name, 0), { first, next: values.length + 1 });
    const entries = await store.read(name, 0, 1, { entries: 1000 });
    assert.deepEqual(
      entries.map(({ sequence, value }) => [sequence, value]),
      kept.map((value, place) => [first + place, value]),
    );
    assert.equal(
      await store.logBytes(name),
      kept.reduce((sum, value) => sum + Buffer.byteLength(value), 0),
    );
  }
}

async function allPages(list: (range: Range) => Promise<Page<Person>>, range: Range): Promise<Person[]> {
  const found: Person[] = [];
  let after: string | undefined;
  do {
    const page = await list({ ...range, after });
    assert(page.documents.length <= range.limit);
    assert(page.next === undefined || page.documents.length === range.limit);
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

interface Outcome {
  readonly status: "fulfilled" | "rejected";
  readonly value?: unknown;
  readonly reason?: string;
}

function outcomeOf(run: () => unknown): Outcome {
  try {
    return { status: "fulfilled", value: run() };
  } catch (error) {
    return { status: "rejected", reason: String(error) };
  }
}

/** Handles of appends become their sequence numbers, errors their text. */
function comparable(outcome: PromiseSettledResult<unknown[]> | undefined): Outcome | undefined {
  if (outcome?.status !== "fulfilled") return outcome && { status: "rejected", reason: String(outcome.reason) };
  const value = outcome.value.map((answer) => (isAppended(answer) ? answer.sequence : answer));
  return { status: "fulfilled", value };
}

function isAppended(answer: unknown): answer is { readonly sequence: number } {
  return typeof answer === "object" && answer !== null && "sequence" in answer;
}
