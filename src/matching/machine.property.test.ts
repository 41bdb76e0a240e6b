import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressBlock, parseAddress } from "./address.ts";
import type { Condition, FieldCondition, Path } from "./condition.ts";
import { parseDecimal } from "./decimal.ts";
import type { Verdict } from "./explanation.ts";
import { Machine } from "./machine.ts";
import { holds, type Predicate, type Scalar } from "./predicate.ts";

/**
 * The machine against the definition of a condition, over every kind of condition and predicate. What a predicate means is `holds`, here on
 * both sides: each language's own property test compares that with a definition of its own.
 */
const RUNS = process.env.TRUNKLINE_FULL === "1" ? 5_000 : 100;

const names = ["a", "b", "c"];
const texts = ["", "x", "y", "xy", "yx", "XY", "xyxy", "1", "1.50", "2026-11-21", "10.0.0.1", "::1", "x, y", '["y",1]'];
const anyText = fc.constantFrom(...texts);
const anyNumber = fc.constantFrom(-1, 0, 1, 1.5, 2, 1_795_219_200);
const anyScalar: fc.Arbitrary<Scalar> = fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null));

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyScalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, "a.b"), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const anyDocument = fc.dictionary(fc.constantFrom(...names, "a.b", "d"), anyValue, {
  maxKeys: 3,
  noNullPrototype: true,
});

function boundsOf<T>(value: fc.Arbitrary<T>) {
  const bound = fc.record({ value, inclusive: fc.boolean() });
  return fc.record({ bottom: bound, top: bound }, { requiredKeys: [] });
}
const blocks = ["10.0.0.0", "::"].map((text) => parseAddress(text)).filter((address) => address !== undefined);
const anySimple: fc.Arbitrary<Predicate> = fc.oneof(
  { arbitrary: anyScalar.map((value): Predicate => ({ kind: "equals", value })), weight: 6 },
  fc.record({ kind: fc.constantFrom("prefix", "suffix"), text: anyText }),
  fc.record({ kind: fc.constantFrom("prefix", "suffix"), text: anyText, ignoreCase: fc.constant(true) }),
  fc.record({ kind: fc.constant("equals-ignore-case"), text: anyText }),
  fc.record({ kind: fc.constant("wildcard"), pieces: fc.array(anyText, { minLength: 2, maxLength: 4 }) }),
  fc
    .tuple(fc.constantFrom(...blocks), fc.nat(32))
    .map(([base, maskBits]): Predicate => ({ kind: "cidr", block: addressBlock(base, maskBits) })),
  boundsOf(anyNumber).map((bounds): Predicate => ({ kind: "range", ...bounds })),
  boundsOf(fc.constantFrom("-1", "0", "1.5", "2").map((text) => parseDecimal(text) ?? assert.fail())).map(
    (bounds): Predicate => ({ kind: "decimal-range", ...bounds }),
  ),
  fc
    .tuple(boundsOf(fc.constantFrom(0, Date.parse("2026-11-21"), 1_795_219_200_000)), fc.boolean())
    .map(([bounds, epoch]): Predicate => ({ kind: "instant-range", ...bounds, epoch })),
  anyText.map((name): Predicate => ({ kind: "named", name, meaning: name })),
  fc.array(anyText, { minLength: 1, maxLength: 2 }).map((items): Predicate => ({ kind: "list-with", items })),
  fc.constant<Predicate>({ kind: "exists" }),
  fc.constant<Predicate>({ kind: "absent" }),
);
const anyPredicate: fc.Arbitrary<Predicate> = fc.oneof(
  { arbitrary: anySimple, weight: 8 },
  anySimple.map((predicate): Predicate => ({ kind: "as-text", predicate })),
  fc.record({
    kind: fc.constant("anything-but"),
    values: fc.array(anyScalar, { maxLength: 2 }).map((values) => new Set(values)),
    predicates: fc.array(anySimple, { maxLength: 1 }),
  }),
);

const anyPath: fc.Arbitrary<Path> = fc.array(fc.oneof({ arbitrary: fc.constantFrom(...names), weight: 8 }, fc.nat(1)), {
  minLength: 1,
  maxLength: 3,
});
const anyField: fc.Arbitrary<FieldCondition> = fc.record(
  {
    path: anyPath,
    predicates: fc.array(anyPredicate, { minLength: 1, maxLength: 3 }),
    outsideArrays: fc.constant(true),
  },
  { requiredKeys: ["path", "predicates"] },
);
const { condition: anyCondition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("fields"), fields: fc.array(anyField, { minLength: 1, maxLength: 3 }) }),
    fc.record({
      kind: fc.constantFrom("all", "any"),
      of: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("not"), of: tie("condition") }),
  ) as fc.Arbitrary<Condition>,
}));

const anyChange = fc.record({ id: fc.nat(60), condition: fc.option(anyCondition, { nil: undefined }) });

test("whatever conditions came and went, the machine finds those that are met, and explains each so", () => {
  fc.assert(
    fc.property(
      fc.array(anyChange, { maxLength: 80, size: "max" }),
      fc.array(anyDocument, { maxLength: 6, size: "max" }),
      (changes, documents) => {
        const machine = new Machine<number>();
        const left = new Map<number, Condition>();
        for (const { id, condition } of changes) {
          if (condition === undefined) {
            machine.remove(id);
            left.delete(id);
          } else {
            machine.add(id, condition);
            left.set(id, condition);
          }
        }
        assert.equal(machine.size, left.size);
        for (const document of documents) {
          const leaves = leavesOf(document, [], undefined, "$");
          const expected = [...left].filter(([, condition]) => isMetByDefinition(condition, leaves)).map(([id]) => id);
          assert.deepEqual([...machine.match(document)].sort(byNumber), expected.sort(byNumber));
          for (const id of left.keys()) {
            const { matched, reason, condition } = machine.explain(id, document) ?? assert.fail();
            assert.equal(matched, expected.includes(id));
            assert.equal(reason === undefined, matched);
            assertConsistent(condition, matched);
          }
        }
      },
    ),
    { numRuns: RUNS },
  );
});

test("a machine that was emptied holds nothing more", () => {
  fc.assert(
    fc.property(fc.array(anyCondition, { maxLength: 20 }), fc.array(anyDocument), (conditions, documents) => {
      const machine = new Machine<number>();
      for (const [id, condition] of conditions.entries()) machine.add(id, condition);
      for (const id of conditions.keys()) machine.remove(id);
      for (const document of documents) assert.deepEqual(machine.match(document), []);
      const always: Condition = { kind: "not", of: { kind: "any", of: [] } };
      machine.add(0, always);
      for (const document of documents) assert.deepEqual(machine.match(document), [0]);
    }),
    { numRuns: RUNS / 10 },
  );
});

test("what is absent from one element of an array counts, though it is there in another", () => {
  const isThere: FieldCondition = { path: ["a", "a"], predicates: [{ kind: "exists" }] };
  const isAbsent: FieldCondition = { path: ["a", "b"], predicates: [{ kind: "absent" }] };
  const machine = new Machine<string>();
  machine.add("one", { kind: "fields", fields: [isThere] });
  machine.add("both", { kind: "fields", fields: [isThere, isAbsent] });
  assert.deepEqual([...machine.match({ a: [{ a: 1 }, { b: 2 }] })].sort(), ["both", "one"]);
  assert.deepEqual(machine.match({ a: [{ a: 1, b: 2 }] }), ["one"]);
});

test("arrays within arrays are looked into, however deep, at a cost in proportion to them", () => {
  const nested = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}1${"]".repeat(levels)}`);
  const machine = new Machine<string>();
  const predicates = [{ kind: "equals", value: 1 } as const];
  machine.add("anywhere", { kind: "fields", fields: [{ path: ["a"], predicates }] });
  machine.add("chosen", { kind: "fields", fields: [{ path: ["a", ...new Array<number>(60).fill(0)], predicates }] });
  assert.deepEqual([...machine.match({ a: nested(59) })], ["anywhere"]);
  assert.deepEqual([...machine.match({ a: nested(1_000) })].sort(), ["anywhere", "chosen"]);
  assert.deepEqual(machine.match({ a: nested(100_000) }), []);
});

test("the search for elements in a document that spells one path in several ways is given up before it takes long", () => {
  const elements = (name: string, count: number): readonly object[] => [
    ...new Array<object>(count).fill({ [name]: 1 }),
    { x: 0, y: 0, z: 0 },
  ];
  const spelled = (count: number, others: object): Readonly<Record<string, unknown>> => ({
    "a.b.c": elements("x", count),
    "a.b": { c: [others] },
    a: { "b.c": elements("y", count) },
  });
  const predicates = [{ kind: "equals", value: 1 } as const];
  const fields = ["x", "y", "z"].map((name) => ({ path: ["a", "b", "c", name], predicates }));
  const machine = new Machine<number>();
  machine.add(0, { kind: "fields", fields });
  assert.deepEqual(machine.match(spelled(10, { z: 1 })), [0]);
  // There are a hundred million pairs of elements.
  assert.deepEqual(machine.match(spelled(10_000, { z: 1 })), []);
});

test("names that were asked for, forgotten and are asked for again are found", () => {
  const asking = (name: string): Condition => {
    return { kind: "fields", fields: [{ path: ["detail", name], predicates: [{ kind: "exists" }] }] };
  };
  const document = { detail: { stays: 1, comes: 1, goes: 1 } };
  const machine = new Machine<string>();
  machine.add("stays", asking("stays"));
  machine.add("goes", asking("goes"));
  assert.deepEqual([...machine.match(document)].sort(), ["goes", "stays"]);
  machine.remove("goes");
  for (let number = 0; number < 5000; number++) machine.add("other", asking(`other${number}`));
  assert.deepEqual(machine.match(document), ["stays"]);
  machine.add("goes", asking("goes"));
  machine.add("comes", asking("comes"));
  assert.deepEqual([...machine.match(document)].sort(), ["comes", "goes", "stays"]);
});

test("a long list of values that all lie in many ranges takes no memory for each pair", () => {
  const machine = new Machine<number>();
  for (let id = 0; id < 2000; id++) {
    const predicates = [{ kind: "range", bottom: { value: id, inclusive: true } } as const];
    machine.add(id, { kind: "fields", fields: [{ path: ["a"], predicates }] });
  }
  // In the whole run, more pairs than an array can have.
  const values = process.env.TRUNKLINE_FULL === "1" ? 100_000 : 1000;
  assert.equal(machine.match({ a: new Array<number>(values).fill(5000) }).length, 2000);
});

function byNumber(one: number, other: number): number {
  return one - other;
}

function assertConsistent(verdict: Verdict, met: boolean): void {
  assert.equal(verdict.met, met);
  if (verdict.kind === "field") return;
  const parts = verdict.of.map((part) => part.met);
  if (verdict.kind === "all") assert.equal(met, !parts.includes(false));
  if (verdict.kind === "any") assert.equal(met, parts.includes(true));
  if (verdict.kind === "not") assert.equal(met, !parts[0]);
  for (const part of verdict.of) assertConsistent(part, part.met);
}

/* The definition: try every choice of one value, or absence, for each field, in the order of the fields. */

interface Leaf {
  /** Steps that led to it; an array's element may be reached by its index or without. */
  readonly path: Path;
  readonly value: Scalar;
  readonly isInArray: boolean;
  /** Which element the value lies in, by the array's place in the document. */
  readonly elements: ReadonlyMap<string, number>;
}

function isMetByDefinition(condition: Condition, leaves: readonly Leaf[]): boolean {
  switch (condition.kind) {
    case "fields":
      return canBeMet(condition.fields, leaves, new Map());
    case "all":
      return condition.of.every((part) => isMetByDefinition(part, leaves));
    case "any":
      return condition.of.some((part) => isMetByDefinition(part, leaves));
    case "not":
      return !isMetByDefinition(condition.of, leaves);
  }
}

function canBeMet(fields: readonly FieldCondition[], leaves: readonly Leaf[], chosen: Leaf["elements"]): boolean {
  const [field, ...rest] = fields;
  if (field === undefined) return true;
  const there = leaves.filter(({ path, elements }) => samePath(path, field.path) && agree(elements, chosen));
  const counted = field.outsideArrays ? there.filter(({ isInArray }) => !isInArray) : there;
  return field.predicates.some((predicate) =>
    predicate.kind === "absent"
      ? there.length === 0 && canBeMet(rest, leaves, chosen)
      : counted.some(
          ({ value, elements }) => holds(predicate, value) && canBeMet(rest, leaves, new Map([...chosen, ...elements])),
        ),
  );
}

function samePath(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((step, place) => step === other[place]);
}

function agree(some: Leaf["elements"], others: Leaf["elements"]): boolean {
  return [...some].every(([array, index]) => (others.get(array) ?? index) === index);
}

function leavesOf(
  value: unknown,
  path: Path,
  elements: Leaf["elements"] | undefined,
  place: string,
  isElement = false,
): readonly Leaf[] {
  if (typeof value !== "object" || value === null) {
    return [{ path, value: value as Scalar, isInArray: elements !== undefined, elements: elements ?? new Map() }];
  }
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      leavesOf(member, [...path, ...key.split(".")], elements, `${place}/${key}`),
    );
  }
  return value.flatMap((element: unknown, index) => {
    const isScalar = typeof element !== "object" || element === null;
    const within = isScalar ? (elements ?? new Map()) : new Map([...(elements ?? []), [place, index] as const]);
    return [
      ...leavesOf(element, path, within, `${place}[${index}]`, true),
      // An index chooses from the array at its path, and not from arrays within that one.
      ...(isElement ? [] : leavesOf(element, [...path, index], elements, `${place}[${index}]`)),
    ];
  });
}
