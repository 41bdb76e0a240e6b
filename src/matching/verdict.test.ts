import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Condition, type FieldCondition, pathText } from "./condition.ts";
import { parseEventPattern } from "./event-pattern.ts";
import type { Explanation, Verdict } from "./explanation.ts";
import { type JsonObject, Machine } from "./machine.ts";
import { holds, type Predicate, type Scalar } from "./predicate.ts";
import { describe } from "./predicate-words.ts";

const PAIRS = process.env.TRUNKLINE_FULL === "1" ? 100_000 : 3_000;

// Few names and values, so that conditions and events meet, and each but in different elements of arrays.
const anyName = fc.constantFrom("a", "b");
const anyScalar = fc.constantFrom<Scalar>("x", "xy", 1, 5, null);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyScalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(anyName, tie("value"), { maxKeys: 2, noNullPrototype: true }),
  ),
}));
const anyElementOfArray = fc.dictionary(anyName, anyScalar, { minKeys: 1, noNullPrototype: true });
const anyEvent = fc.dictionary(
  anyName,
  fc.oneof(anyValue, fc.array(anyElementOfArray, { minLength: 2, maxLength: 3 })),
  { minKeys: 1, maxKeys: 2, noNullPrototype: true },
);

const anyElement = fc.oneof(
  { arbitrary: anyScalar, weight: 4 },
  fc.constantFrom<unknown>(
    { prefix: "x" },
    { suffix: "y" },
    { exists: true },
    { exists: false },
    { "anything-but": "x" },
    { "anything-but": { prefix: "x" } },
    { numeric: [">", 0, "<=", 5] },
  ),
);
const depthIdentifier = fc.createDepthIdentifier();
const { pattern: anyPattern } = fc.letrec<{ pattern: JsonObject; fields: JsonObject; field: unknown }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 2, depthIdentifier },
    { weight: 3, arbitrary: fc.array(anyElement, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: tie("pattern") },
  ),
  fields: fc.dictionary(anyName, tie("field"), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  pattern: fc.oneof(
    { maxDepth: 2, depthIdentifier },
    { weight: 6, arbitrary: tie("fields") },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("fields"), fc.array(tie("pattern"), { minLength: 2, maxLength: 3 }))
        .map(([fields, $or]) => ({ ...fields, $or })),
    },
  ),
}));
const anyCompiledPattern = anyPattern
  .filter((pattern) => JSON.stringify(pattern).split("$or").length <= 5)
  .map((pattern) => parseEventPattern(JSON.stringify(pattern)));

const anyPredicate = fc.oneof(
  anyScalar.map((value): Predicate => ({ kind: "equals", value })),
  fc.constantFrom<Predicate>(
    { kind: "absent" },
    { kind: "exists" },
    { kind: "prefix", text: "x" },
    { kind: "range", bottom: { value: 1, inclusive: true } },
    { kind: "anything-but", values: new Set(["x"]), predicates: [] },
  ),
);
const anyField: fc.Arbitrary<FieldCondition> = fc
  .record({
    path: fc.array(anyName, { minLength: 1, maxLength: 2 }),
    predicates: fc.array(anyPredicate, { minLength: 1, maxLength: 2 }),
    outsideArrays: fc.constantFrom(true, undefined),
  })
  .map(({ outsideArrays, ...field }) => {
    // No language asks for absence outside of arrays.
    const mayBeAbsent = field.predicates.some(({ kind }) => kind === "absent");
    return outsideArrays && !mayBeAbsent ? { ...field, outsideArrays } : field;
  });
const { condition: anyCondition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.array(anyField, { minLength: 1, maxLength: 3 }).map((fields): Condition => ({ kind: "fields", fields })),
    fc
      .tuple(fc.constantFrom("all" as const, "any" as const), fc.array(tie("condition"), { maxLength: 3 }))
      .map(([kind, of]): Condition => ({ kind, of })),
    tie("condition").map((of): Condition => ({ kind: "not", of })),
  ),
}));

for (const [language, conditions] of [
  ["event patterns", anyCompiledPattern],
  ["conditions of any kind", anyCondition],
] as const) {
  test(`an explanation agrees with the match, with itself and with its reason: ${language}`, () => {
    fc.assert(
      fc.property(fc.array(conditions, { minLength: 1, maxLength: 3 }), anyEvent, (several, event) => {
        const machine = new Machine<number>();
        for (const [id, condition] of several.entries()) machine.add(id, condition);
        const matched = new Set(machine.match(event));
        for (const [id, condition] of several.entries()) {
          const explanation = machine.explain(id, event);
          assert.ok(explanation);
          assert.equal(explanation.matched, matched.has(id));
          assert.equal(explanation.condition.met, explanation.matched);
          assertReason(explanation);
          assertSound(explanation.condition, condition);
        }
      }),
      { numRuns: PAIRS / 2 },
    );
  });
}

/** There exactly where there is no match, and about something that the tree shows. */
function assertReason({ matched, reason, condition }: Explanation): void {
  assert.equal(reason === undefined, matched);
  if (reason === undefined) return;
  const paths = pathsOf(condition);
  assert.ok(
    paths.length === 0 || paths.some((path) => reason.includes(path)) || /no alternatives|every event/.test(reason),
  );
  assert.doesNotMatch(reason, /undefined| {2}|\n/);
}

function pathsOf(verdict: Verdict): readonly string[] {
  return verdict.kind === "field" ? [verdict.path] : verdict.of.flatMap(pathsOf);
}

/** Each verdict follows from those below it, and a field's from what was asked and what was found. */
function assertSound(verdict: Verdict, condition: Condition): void {
  if (condition.kind === "fields") {
    const verdicts = verdict.kind === "together" ? verdict.of : [verdict];
    assert.equal(verdicts.length, condition.fields.length);
    for (const [place, field] of condition.fields.entries()) assertFieldSound(verdicts[place], field, verdict.met);
    if (verdicts.every(({ met }) => met) === verdict.met) return;
    const inArrays = verdicts.filter((each) => each.kind === "field" && each.inArrays);
    assert.ok(!verdict.met && inArrays.length >= 2, "only fields in arrays may be met each and not together");
    return;
  }
  assert.ok(verdict.kind === condition.kind);
  const parts = condition.kind === "not" ? [condition.of] : condition.of;
  assert.equal(verdict.of.length, parts.length);
  for (const [place, part] of verdict.of.entries()) assertSound(part, parts[place] as Condition);
  const met = verdict.of.map((part) => part.met);
  const expected = { all: !met.includes(false), any: met.includes(true), not: met[0] === false };
  assert.equal(verdict.met, expected[condition.kind]);
}

function assertFieldSound(verdict: Verdict | undefined, field: FieldCondition, together: boolean): void {
  assert.ok(verdict?.kind === "field");
  const { path, asked, found, met } = verdict;
  assert.equal(path, pathText(field.path));
  assert.equal(asked, describe(field.predicates));
  const asksAbsence = field.predicates.some(({ kind }) => kind === "absent");
  if (found === "absent") {
    assert.equal(met, asksAbsence);
    return;
  }
  const isMetByValue = found.some((value) => field.predicates.some((predicate) => holds(predicate, value)));
  // Of an array's elements, those that all fields are met by may lack the field, while others have it.
  assert.ok(met === isMetByValue || (met && together && asksAbsence && verdict.inArrays === true));
}

test("of very many alternatives and of a very long value only a part is shown", () => {
  const machine = new Machine<string>();
  const field = (value: string): Condition => ({
    kind: "fields",
    fields: [{ path: ["a"], predicates: [{ kind: "prefix", text: value }] }],
  });
  machine.add("rule", { kind: "any", of: Array.from({ length: 1_000 }, (_, i) => field(`${i}:`)) });
  const condition = machine.explain("rule", { a: `999:${"x".repeat(1_000_000)}` })?.condition;
  assert.ok(condition?.kind === "any");
  assert.deepEqual([condition.of.length, condition.more, condition.of[0]?.met], [50, 950, true]);
  assert.ok(JSON.stringify(condition).length < 100_000);
  const reason = machine.explain("rule", { a: "b" })?.reason;
  assert.match(reason ?? "", /the 999 other alternatives fail too/);
});

test("of a field with many values a few are shown, first one that meets what was asked, and the others are counted", () => {
  const machine = new Machine<string>();
  machine.add("rule", parseEventPattern('{"a":["x"]}'));
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  const found = machine.explain("rule", { a: [...numbers, "x"] })?.condition;
  assert.ok(found?.kind === "field");
  assert.deepEqual([found.found.slice(0, 3), found.found.length, found.foundMore], [["x", 0, 1], 20, 21]);
  assert.match(machine.explain("rule", { a: numbers })?.reason ?? "", /has the values 0, 1, 2, 3, 4 and 35 more, but/);
});
