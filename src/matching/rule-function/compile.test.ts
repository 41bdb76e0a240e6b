import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ModeledError } from "../../models/modeled-error.ts";
import { type JsonObject, Machine } from "../machine.ts";
import { compileRuleFunction, type RuleFunction } from "./compile.ts";
import { type Answer, type DerivedFact, derivedMember } from "./derived-fact.ts";
import type { EventSourceName } from "./event-sources.ts";

/** A condition on one path, with values that meet it and values that do not. No condition is met by null, unless it says so. */
interface Row {
  readonly path: string;
  readonly asked: Readonly<Record<string, readonly unknown[] | null>>;
  readonly filters?: readonly unknown[];
  /** What must be found out, but for its key; the values are answers to it. */
  readonly fact?: JsonObject;
  /** Where the value stands, if not at the path. */
  readonly at?: string;
  /** Otherwise a negated condition is met by exactly the other values. */
  readonly negate?: "refused" | "judged";
  readonly met: readonly Answer[];
  readonly unmet: readonly Answer[];
}

interface Written {
  readonly title: string;
  readonly eventSource: EventSourceName;
  /** The function as text, its outermost group, or the conditions of one, of which the first may be repeated. */
  readonly text?: string;
  readonly function?: JsonObject;
  readonly conditions?: readonly unknown[];
  readonly times?: number;
}

const cases = JSON.parse(readFileSync(new URL("./rule-function.cases.json", import.meta.url), "utf8")) as {
  readonly rows: readonly {
    readonly eventSource: EventSourceName;
    readonly prefix: string;
    readonly rows: readonly Row[];
  }[];
  readonly metrics: readonly (Omit<Row, "asked"> & {
    readonly grouping: string;
    readonly operator: string;
    readonly operands: readonly unknown[];
  })[];
  readonly matches: readonly (Written & {
    readonly document: JsonObject;
    /** Answers to facts by their keys, their metrics or their kinds. */
    readonly answers?: Readonly<Record<string, Answer>>;
    readonly expected: boolean;
  })[];
  readonly refused: readonly (Written & { readonly message: string })[];
};

for (const { eventSource, prefix, rows } of cases.rows) {
  for (const { path, asked, filters = [], fact, at = prefix.slice(2) + path, negate, met, unmet } of rows) {
    const [[operator = "", operands] = []] = Object.entries(asked);
    const compiled = (negated: boolean): RuleFunction =>
      compile(eventSource, "AND", [
        {
          Operator: operator,
          ...(operands && { Operands: operands }),
          ComparisonValue: prefix + path,
          FilterClause: { LogicOperator: "AND", Filters: filters },
          Negate: negated,
        },
      ]);
    test(`${eventSource}: ${path} ${JSON.stringify(asked)}`, () => {
      const plain = compiled(false);
      assert.deepEqual(plain.derivedFacts.map(withoutKey), fact === undefined ? [] : [fact]);
      for (const value of met) assert.equal(isMet(plain, at, value), true, JSON.stringify(value));
      for (const value of unmet) assert.equal(isMet(plain, at, value), false, JSON.stringify(value));

      if (negate === "refused") return assert.throws(() => compiled(true), { code: "InvalidRequestException" });
      const negated = compiled(true);
      for (const value of met) assert.equal(isMet(negated, at, value), false, `negated: ${JSON.stringify(value)}`);
      for (const value of unmet) assert.equal(isMet(negated, at, value), true, `negated: ${JSON.stringify(value)}`);
    });
  }
}

for (const { grouping, path, operator, operands, filters = [], fact, met, unmet } of cases.metrics) {
  test(`OnMetricDataUpdate: ${path} by ${grouping}`, () => {
    const condition = {
      Operator: operator,
      Operands: operands,
      ComparisonValue: path,
      FilterClause: { LogicOperator: "AND", Filters: filters },
    };
    const compiled = compileText("OnMetricDataUpdate", {
      Operator: "AND",
      Operands: [{ Operator: "AND", Operands: [condition] }],
      FilterClause: { LogicOperator: "AND", Filters: [{ Type: "MetricDataGrouping", Data: [grouping] }] },
    });
    assert.equal(compiled.metricGrouping, grouping);
    assert.deepEqual(compiled.derivedFacts.map(withoutKey), [fact]);
    for (const value of met) assert.equal(isMet(compiled, "", value), true, JSON.stringify(value));
    for (const value of unmet) assert.equal(isMet(compiled, "", value), false, JSON.stringify(value));
  });
}

for (const { document, answers = {}, expected, ...written } of cases.matches) {
  test(`${written.eventSource}: ${written.title}`, () => {
    const { condition, derivedFacts } = compileWritten(written);
    const answerTo = (fact: DerivedFact): Answer =>
      answers[fact.key] ?? answers[fact.kind === "metric" ? fact.metric : fact.kind];
    const derived = derivedMember(derivedFacts.map((fact) => [fact, answerTo(fact)]));
    const machine = new Machine<string>();
    machine.add("rule", condition);
    assert.deepEqual(machine.match({ ...document, Derived: derived }), expected ? ["rule"] : []);
  });
}

for (const { message, ...written } of cases.refused) {
  test(`refused: ${written.title}`, () => {
    assert.throws(() => compileWritten(written), { code: "InvalidRequestException", message });
  });
}

/** Published rules, laid beside the checkout; they are not part of it. */
const PUBLISHED = new URL("../../../../shared/data/contact-lens-rules", import.meta.url).pathname;

test("published rules are accepted", { skip: existsSync(PUBLISHED) ? false : `${PUBLISHED} is not there` }, () => {
  for (const file of readdirSync(PUBLISHED)) {
    const rule = JSON.parse(readFileSync(`${PUBLISHED}/${file}`, "utf8"));
    const { derivedFacts } = compileRuleFunction(rule.Function, rule.TriggerEventSource.EventSourceName);
    assert.ok(derivedFacts.length > 0, file);
  }
});

test("conditions that ask for the same share one derived fact, however they are written", () => {
  const role = (data: string): unknown => ({ Type: "ParticipantRole", Data: data });
  const period = { Type: "PostCallContactPeriodSeconds", Data: { Last: 30 } };
  const said = (operands: readonly unknown[], ...filters: readonly unknown[]): unknown =>
    condition("CONTAINS_ANY", operands, "ExactMatch.Transcript", filters);
  const felt = (state: string, ...filters: readonly unknown[]): unknown =>
    condition("EQUALS", [state], "Sentiment.State", filters);
  const keysOf = (one: unknown): readonly string[] =>
    compile("OnPostCallAnalysisAvailable", "OR", [one]).derivedFacts.map(({ key }) => key);

  assert.deepEqual(
    keysOf(said(["a", "b"], role("AGENT"), period)),
    keysOf(said(["b", "a", "b"], period, role("AGENT"))),
  );
  assert.deepEqual(keysOf(said(["a"])), keysOf(said(["a"], role("ANY"))));
  // Published rules name both roles in one clause.
  assert.deepEqual(keysOf(said(["a"])), keysOf(said(["a"], role("AGENT"), role("CUSTOMER"))));
  assert.deepEqual(keysOf(felt("POSITIVE", role("AGENT"))), keysOf(felt("NEGATIVE", role("AGENT"))));
  assert.notDeepEqual(keysOf(said(["a"])), keysOf(said(["a"], period)));
  assert.notDeepEqual(keysOf(said(["a"])), keysOf(said(["A"])));
  assert.notDeepEqual(keysOf(felt("POSITIVE", role("AGENT"))), keysOf(felt("POSITIVE", role("AGENT"), period)));
});

test("an explanation says which words were asked for", () => {
  const { condition: compiled } = compile("OnPostCallAnalysisAvailable", "AND", [
    condition("CONTAINS_ANY", ["late", "delayed", "lost", "gone"], "ExactMatch.Transcript", []),
  ]);
  const machine = new Machine<string>();
  machine.add("rule", compiled);
  assert.match(
    machine.explain("rule", { Derived: { FoundWords: [] } })?.reason ?? "",
    /anyone said "late", "delayed", "lost" or one of 1 more \(exact match\)/,
  );
});

test("counts that a rule may have are limits of the whole rule", () => {
  const metric = {
    Operator: "NumberGreaterOrEqualTo",
    Operands: [1],
    ComparisonValue: "$.MetricData.CONTACTS_IN_QUEUE",
  };
  const by = (ids: number): JsonObject => ({
    ...metric,
    FilterClause: {
      LogicOperator: "AND",
      Filters: [{ Type: "MetricDataFilterByQueue", Data: Array.from({ length: ids }, (_, id) => `queue-${id}`) }],
    },
  });
  const metrics = (conditions: readonly unknown[]): JsonObject => ({
    Operator: "AND",
    Operands: [{ Operator: "AND", Operands: conditions }],
    FilterClause: { LogicOperator: "AND", Filters: [{ Type: "MetricDataGrouping", Data: ["QUEUE"] }] },
  });
  const phrases = (count: number): unknown =>
    condition(
      "CONTAINS_ANY",
      Array.from({ length: count }, (_, at) => `phrase ${at}`),
      "ExactMatch.Transcript",
      [],
    );
  const formScores = (count: number): readonly unknown[] =>
    Array.from({ length: count }, () => ({
      Operator: "AND",
      Operands: [
        { Operator: "EQUALS", Operands: ["f"], ComparisonValue: "$.ContactLens.ContactEvaluation.Form.FormId" },
        {
          Operator: "NumberLessOrEqualTo",
          Operands: [9],
          ComparisonValue: "$.ContactLens.ContactEvaluation.Form.Score",
        },
      ],
    }));
  const refusal = (message: RegExp): object => ({ code: "InvalidRequestException", message });

  compileText("OnMetricDataUpdate", metrics(Array.from({ length: 10 }, () => by(25))));
  assert.throws(
    () => compileText("OnMetricDataUpdate", metrics(Array.from({ length: 11 }, () => by(25)))),
    refusal(/^RuleFunction\.Operands\[0\]\.Operands: a group of a metric rule has 10 conditions at most$/),
  );
  assert.throws(
    () => compileText("OnMetricDataUpdate", metrics([by(26)])),
    refusal(
      /^RuleFunction\.Operands\[0\]\.Operands\[0\]\.FilterClause: MetricDataFilterByQueue: at most 25 are allowed/,
    ),
  );
  compile("OnPostCallAnalysisAvailable", "OR", [phrases(100)]);
  assert.throws(
    () => compile("OnPostCallAnalysisAvailable", "OR", [phrases(101)]),
    refusal(/^RuleFunction\.Operands\[0\]\.Operands: at most 100 are allowed, but there are 101$/),
  );
  compile("OnContactEvaluationSubmit", "OR", formScores(20));
  assert.throws(
    () => compile("OnContactEvaluationSubmit", "OR", [...formScores(19), { Operator: "OR", Operands: formScores(2) }]),
    refusal(
      /^RuleFunction\.Operands\[19\]\.Operands\[1\]\.Operands\[1\]: a rule may have 20 conditions on form scores at most$/,
    ),
  );
});

test("five groups within each other are allowed, six are not", () => {
  const nested = (depth: number): JsonObject => ({
    Operator: "OR",
    Operands: [depth === 1 ? condition("EQUALS", [], "Queue.QueueId", []) : nested(depth - 1)],
  });
  compileText("OnPostCallAnalysisAvailable", nested(5));
  assert.throws(() => compileText("OnPostCallAnalysisAvailable", nested(6)), {
    message: `RuleFunction${".Operands[0]".repeat(5)}: groups may be nested 5 deep at most`,
  });
});

test("a phrase to search a transcript for has at most a thousand characters, wherever it is written", () => {
  const source = "OnPostCallAnalysisAvailable";
  const phrase = (length: number): string => "a ".repeat(length / 2);
  const plain = (text: string): object => ({ Type: "PLAIN", Value: text });
  const asked = (text: string): readonly object[] => [
    condition("CONTAINS_ANY", [text], "ExactMatch.Transcript", []),
    condition("CONTAINS_ANY", [text], "SemanticMatch.Transcript", []),
    condition("CONTAINS_ANY", [[plain(text)]], "PatternMatch.Transcript", []),
    condition("CONTAINS_ANY", [[{ Type: "LIST", Value: [plain(text)] }]], "PatternMatch.Transcript", []),
  ];
  for (const each of asked(phrase(1_000))) compile(source, "AND", [each]);
  for (const each of asked(phrase(1_002))) {
    assert.throws(() => compile(source, "AND", [each]), /Operands\[0\].*: must have at most 1000 characters/);
  }
});

/** Bounds on work that no clock is needed for: what overflows the stack or costs a square does not end well in a test's time. */
test("giant functions are refused, and cost no more than reading them", { timeout: 30_000 }, () => {
  const group = '{"Operator":"AND","Operands":[';
  const start = '{"Version":"2022-11-25","RuleFunction":';
  const giants: readonly string[] = [
    `${start}${group.repeat(100_000)}${"]}".repeat(100_000)}}`,
    `${start}${group.repeat(100_000)}`,
    "[".repeat(2_000_000),
    `${start}${group}${"{},".repeat(500_000)}{}]}}`,
    `"${"a".repeat(10_000_000)}`,
    `"${"\\n".repeat(1_000_000)}"`,
    `{${"\n".repeat(5_000_000)}x`,
    `${start}${group}{"Operator":"EQUALS","ComparisonValue":"$.${"x.".repeat(2_000_000)}"}]}}`,
    `${start}${group}{"Operator":"EQUALS","ComparisonValue":"$.x","FilterClause":${"[".repeat(100_000)}${"]".repeat(100_000)}}]}}`,
  ];
  for (const text of giants) {
    assert.throws(
      () => compileRuleFunction(text, "OnCaseCreate"),
      (error) => error instanceof ModeledError && error.message.length < 1000,
      text.slice(0, 80),
    );
  }
});

test("a giant function that is right costs no more than its size", { timeout: 30_000 }, () => {
  const values = Array.from({ length: 100_000 }, (_, at) => `arn:routing-profile/${at}`);
  const pattern = values.flatMap((text) => [{ Type: "PLAIN", Value: text }, PROXIMITY]).slice(0, -1);
  const compiled = compile("OnPostCallAnalysisAvailable", "AND", [
    condition("CONTAINS_ANY", values, "Agent.RoutingProfile", []),
    condition("CONTAINS_ANY", [pattern], "PatternMatch.Transcript", []),
    condition("EQUALS", ["x"], `ContactAttribute.${"a.".repeat(100_000)}b`, []),
  ]);
  assert.equal(compiled.derivedFacts.length, 1);
});

const PROXIMITY = { Type: "PROXIMITY", Value: { Distance: 3, IsWithin: true } };

/** JSON that is nearly a function: its pieces in any place. */
const { node: anyNode } = fc.letrec<{ node: unknown; odd: unknown }>((tie) => ({
  odd: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      "",
      "x",
      "CUSTOMER",
      "2026-01-01",
      "$.Case.Fields.x",
      {},
      [],
    ),
    fc.constantFrom<unknown>(PROXIMITY, [PROXIMITY], [{ Type: "PLAIN", Value: "x" }], { First: 1 }, { Past: 2 }),
    tie("node"),
    fc.array(tie("odd"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("Type", "Data", "Filters", "LogicOperator", "__proto__"), tie("odd"), { maxKeys: 3 }),
  ),
  node: fc.record(
    {
      Operator: fc.oneof(
        fc.constantFrom("AND", "OR", "CONTAINS_ANY", "CONTAINS", "EQUALS", "NumberLessOrEqualTo"),
        tie("odd"),
      ),
      Operands: fc.oneof(fc.array(fc.oneof(tie("node"), tie("odd")), { maxLength: 3 }), tie("odd")),
      ComparisonValue: fc.oneof(
        fc
          .constantFrom(...cases.rows.flatMap(({ prefix, rows }) => rows.map(({ path }) => prefix + path)))
          .chain((path) => fc.constantFrom(path, `${path}.x`, path.slice(2))),
        tie("odd"),
      ),
      FilterClause: fc.oneof(
        fc.record({ LogicOperator: fc.constant("AND"), Filters: fc.array(anyFilter(tie("odd")), { maxLength: 2 }) }),
        tie("odd"),
      ),
      Negate: fc.oneof(fc.boolean(), tie("odd")),
    },
    { requiredKeys: [] },
  ),
}));

function anyFilter(data: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const types = ["ParticipantRole", "PostCallContactPeriodSeconds", "MetricDataGrouping", "AiAgentUseCase", "toString"];
  return fc.record({ Type: fc.constantFrom(...types), Data: data });
}

const SOURCES = [...new Set([...cases.rows, ...cases.matches].map(({ eventSource }) => eventSource))];

test("whatever the text, it is a function or is refused in the service's way", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    anyNode.map((node) => JSON.stringify({ Version: "2022-11-25", RuleFunction: node })),
  );
  fc.assert(
    fc.property(anyText, fc.constantFrom(...SOURCES), (text, source) => {
      try {
        compileRuleFunction(text, source);
      } catch (error) {
        assert.ok(error instanceof ModeledError, String(error));
        assert.equal(error.code, "InvalidRequestException");
        assert.match(error.message, /^(?:(?:Function|Version|RuleFunction[^ ]*): |Unsupported ComparisonValue: )./s);
      }
    }),
    { numRuns: process.env.TRUNKLINE_FULL === "1" ? 20_000 : 500 },
  );
});

function condition(
  operator: string,
  operands: readonly unknown[],
  path: string,
  filters: readonly unknown[],
): JsonObject {
  return {
    Operator: operator,
    Operands: operands,
    ComparisonValue: `$.ContactLens.PostCall.${path}`,
    FilterClause: { LogicOperator: "AND", Filters: filters },
  };
}

function compile(source: EventSourceName, operator: string, operands: readonly unknown[]): RuleFunction {
  return compileText(source, { Operator: operator, Operands: operands });
}

function compileText(source: EventSourceName, outermost: JsonObject): RuleFunction {
  return compileRuleFunction(JSON.stringify({ Version: "2022-11-25", RuleFunction: outermost }), source);
}

function compileWritten({ eventSource, text, function: outermost, conditions = [], times = 1 }: Written): RuleFunction {
  if (text !== undefined) return compileRuleFunction(text, eventSource);
  const repeated = times === 1 ? conditions : Array.from({ length: times }, () => conditions[0]);
  return compileText(eventSource, outermost ?? { Operator: "AND", Operands: repeated });
}

function withoutKey({ key: _, ...fact }: DerivedFact): object {
  return fact;
}

/** Whether a condition is met by a document with one value: the answer to its derived fact, or what stands at a path. */
function isMet({ condition: compiled, derivedFacts }: RuleFunction, path: string, value: Answer): boolean {
  const answer = value === null ? undefined : value;
  const document =
    derivedFacts.length === 0
      ? { [path]: value }
      : { Derived: derivedMember(derivedFacts.map((fact) => [fact, answer])) };
  const machine = new Machine<string>();
  machine.add("rule", compiled);
  return machine.match(document).length > 0;
}
