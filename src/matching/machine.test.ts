import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { Condition, FieldCondition } from "./condition.ts";
import { parseEventPattern } from "./event-pattern.ts";
import { type JsonObject, Machine } from "./machine.ts";
import { holds, type Scalar } from "./predicate.ts";

interface Case {
  readonly title: string;
  readonly pattern?: JsonObject;
  readonly patternText?: string;
  readonly event?: JsonObject;
  readonly eventText?: string;
  readonly expected: boolean;
}

const cases = JSON.parse(readFileSync(new URL("./event-pattern.cases.json", import.meta.url), "utf8")) as {
  readonly matches: readonly Case[];
};

for (const { title, pattern, patternText, event, eventText, expected } of cases.matches) {
  test(`case: ${title}`, () => {
    const machine = new Machine<string>();
    machine.add("rule", parseEventPattern(patternText ?? JSON.stringify(pattern)));
    const parsed = JSON.parse(eventText ?? JSON.stringify(event)) as JsonObject;
    assert.deepEqual(machine.match(parsed), expected ? ["rule"] : []);
  });
}

const names = ["a", "b", "c", "a.b"];
const anyScalar = fc.constantFrom<Scalar>("x", "y", "xy", "", 0, 1, 5, true, null);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyScalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const anyEvent = fc.dictionary(fc.constantFrom(...names), anyValue, { maxKeys: 3, noNullPrototype: true });

const anyElement = fc.oneof(
  { arbitrary: anyScalar, weight: 4 },
  fc.constantFrom<unknown>(
    { prefix: "x" },
    { suffix: "y" },
    { exists: true },
    { exists: false },
    { "anything-but": "x" },
    { "anything-but": [0, 1] },
    { "anything-but": { prefix: ["x", "z"] } },
    { numeric: [">", 0, "<=", 5] },
    { numeric: ["=", 1] },
  ),
);
const { pattern: anyPatternOfAnySize } = fc.letrec<{ pattern: JsonObject; field: unknown }>((tie) => ({
  field: fc.oneof({ depthSize: "small" }, fc.array(anyElement, { minLength: 1, maxLength: 3 }), tie("pattern")),
  pattern: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...names), tie("field"), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      fc.option(fc.array(tie("pattern"), { minLength: 2, maxLength: 2 }), { freq: 4, nil: undefined }),
    )
    .map(([fields, or]) => (or === undefined ? fields : { ...fields, $or: or })),
}));

const anyPattern = anyPatternOfAnySize.filter((pattern) => JSON.stringify(pattern).split("$or").length <= 5);

test("the machine finds exactly what the definition of a match says", () => {
  fc.assert(
    fc.property(fc.array(anyPattern, { maxLength: 8 }), fc.array(anyEvent, { maxLength: 4 }), (texts, events) => {
      const patterns = texts.map((text) => parseEventPattern(JSON.stringify(text)));
      const machine = new Machine<number>();
      for (const [id, pattern] of patterns.entries()) machine.add(id, pattern);
      for (const event of events) {
        const expected = patterns.flatMap((pattern, id) => (matchesByDefinition(pattern, event) ? [id] : []));
        assert.deepEqual([...machine.match(event)].sort(), expected);
      }
    }),
    { numRuns: 150 },
  );
});

test("a machine that rules came to and went from is as one that only ever had the rest", () => {
  const anyChange = fc.record({ id: fc.nat(5), pattern: fc.option(anyPattern, { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 30 }), fc.array(anyEvent, { maxLength: 4 }), (changes, events) => {
      const changed = new Machine<number>();
      const left = new Map<number, Condition>();
      for (const { id, pattern } of changes) {
        changed.remove(id);
        left.delete(id);
        if (pattern === undefined) continue;
        left.set(id, parseEventPattern(JSON.stringify(pattern)));
        changed.add(id, parseEventPattern(JSON.stringify(pattern)));
      }
      assert.equal(changed.size, left.size);
      for (const event of events) {
        const expected = [...left].flatMap(([id, pattern]) => (matchesByDefinition(pattern, event) ? [id] : []));
        assert.deepEqual([...changed.match(event)].sort(), expected.sort());
      }
    }),
    { numRuns: 60 },
  );
});

/** An upper bound on work that no clock is needed for: a machine that compared leaves in pairs would not end in a test's time. */
test("a field in each of many elements costs no square", { timeout: 20_000 }, () => {
  const machine = new Machine<string>();
  machine.add("rule", parseEventPattern('{"a":{"b":{"c":[1],"d":[2]},"e":[3]}}'));
  const elements = Array.from({ length: 30_000 }, (_, i) => ({
    b: [
      { c: 1, d: 1 },
      { c: 2, d: 2 },
    ],
    e: i % 2 ? 3 : 4,
  }));
  assert.deepEqual(machine.match({ a: elements }), []);
  assert.deepEqual(machine.match({ a: [...elements, { b: [{ c: 1, d: 2 }], e: 3 }] }), ["rule"]);
});

/* The definition, slow and obvious: try every choice of one leaf (or absence) for each condition, in the order of the paths. */

interface Leaf {
  readonly path: string;
  readonly value: Scalar;
  /** Which element the leaf lies in, by the array's place in the event. */
  readonly elements: ReadonlyMap<string, number>;
}

function matchesByDefinition(condition: Condition, event: JsonObject): boolean {
  switch (condition.kind) {
    case "fields":
      return canBeMet(condition.fields, leavesOf(event, "", "$", new Map()), new Map());
    case "all":
      return condition.of.every((part) => matchesByDefinition(part, event));
    case "any":
      return condition.of.some((part) => matchesByDefinition(part, event));
    case "not":
      return !matchesByDefinition(condition.of, event);
  }
}

function canBeMet(conditions: readonly FieldCondition[], leaves: readonly Leaf[], chosen: Leaf["elements"]): boolean {
  const [condition, ...rest] = conditions;
  if (condition === undefined) return true;
  const reachable = leaves.filter(({ path, elements }) => path === condition.path.join(".") && agree(elements, chosen));
  return condition.predicates.some((predicate) =>
    predicate.kind === "absent"
      ? reachable.length === 0 && canBeMet(rest, leaves, chosen)
      : reachable.some(
          ({ value, elements }) => holds(predicate, value) && canBeMet(rest, leaves, new Map([...chosen, ...elements])),
        ),
  );
}

function agree(some: Leaf["elements"], others: Leaf["elements"]): boolean {
  return [...some].every(([array, index]) => (others.get(array) ?? index) === index);
}

function leavesOf(value: unknown, path: string, place: string, elements: Leaf["elements"]): readonly Leaf[] {
  if (typeof value !== "object" || value === null) return [{ path, value: value as Scalar, elements }];
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      leavesOf(member, path === "" ? key : `${path}.${key}`, `${place}/${key}`, elements),
    );
  }
  return value.flatMap((element: unknown, index) => {
    const isScalar = typeof element !== "object" || element === null;
    const within = isScalar ? elements : new Map([...elements, [place, index]]);
    return leavesOf(element, path, `${place}[${index}]`, within);
  });
}
