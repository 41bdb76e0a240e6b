import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { SeededIds } from "../../../time/ids.ts";
import { newInstanceContents } from "../instance-defaults.ts";
import type { FlowKind } from "./flow.ts";
import { parseFlow } from "./parse-flow.ts";

/** One action in a flow that is otherwise in order: `next` and `end` are there to be led to. */
interface Case {
  readonly title: string;
  readonly source: string;
  readonly kind?: FlowKind;
  readonly action: Readonly<Record<string, unknown>>;
  /** Without the place of the action: `Invalid Action type. Path: Type`. Empty: the flow is in order. */
  readonly problems: readonly string[];
}

const cases: readonly Case[] = JSON.parse(readFileSync(new URL("parse-flow.cases.json", import.meta.url), "utf8"));

const END = { Identifier: "end", Type: "EndFlowExecution", Transitions: {} };

function document(actions: readonly unknown[], envelope: object = {}): string {
  return JSON.stringify({ Version: "2019-10-30", StartAction: "start", Actions: actions, ...envelope });
}

function problemsOf(content: string, kind: FlowKind = "CONTACT_FLOW"): readonly string[] {
  const parsed = parseFlow(content, kind);
  return "problems" in parsed ? parsed.problems : [];
}

for (const { title, kind, action, problems } of cases) {
  test(`an action: ${title}`, () => {
    const found = problemsOf(document([{ Identifier: "start", ...action }, END]), kind);
    assert.deepEqual(
      found.map((problem) => problem.replace("Actions[0].", "").replace(/Actions\[0\]$/, "")),
      problems,
    );
  });
}

const START = { Identifier: "start", Type: "EndFlowExecution" };

test("a flow in order is read as actions with their branches", () => {
  const compare = {
    Identifier: "start",
    Type: "Compare",
    Parameters: { ComparisonValue: "$.Attributes['my tier']" },
    Transitions: {
      NextAction: "end",
      Errors: [{ ErrorType: "NoMatchingCondition", NextAction: "end" }],
      Conditions: [{ NextAction: "start", Condition: { Operator: "Equals", Operands: ["gold"] } }],
    },
  };
  const parsed = parseFlow(document([compare, END]), "CONTACT_FLOW");
  assert.ok("flow" in parsed);
  assert.equal(parsed.flow.startAction, "start");
  assert.deepEqual(parsed.flow.actions.get("start"), {
    identifier: "start",
    type: "Compare",
    parameters: compare.Parameters,
    next: "end",
    errors: new Map([["NoMatchingCondition", "end"]]),
    conditions: [{ operator: "Equals", operand: "gold", next: "start" }],
  });
  assert.deepEqual(parsed.flow.actions.get("end")?.next, undefined);
});

test("what a flow names outright is listed, what it names by reference is not", () => {
  const queueOf = (Identifier: string, QueueId: string) => ({
    Identifier,
    Type: "UpdateContactTargetQueue",
    Parameters: { QueueId },
    Transitions: { NextAction: "end", Errors: [{ ErrorType: "NoMatchingError", NextAction: "end" }] },
  });
  const parsed = parseFlow(document([queueOf("start", "a-queue"), queueOf("b", "$.Queue.ARN"), END]), "CONTACT_FLOW");
  assert.ok("flow" in parsed);
  assert.deepEqual(parsed.flow.resources, [
    { kind: "queue", idOrArn: "a-queue", path: "Actions[0].Parameters.QueueId", flowTypes: undefined },
  ]);
});

test("the envelope is checked before the actions", () => {
  assert.deepEqual(problemsOf("hello"), ["Invalid JSON content"]);
  assert.deepEqual(problemsOf("[]"), ["Invalid JSON content"]);
  assert.deepEqual(problemsOf("{}"), [
    "JSON field is missing or null for field name: Version",
    "JSON field is missing or null for field name: StartAction",
    "JSON field is missing or null for field name: Actions",
  ]);
  const invalid = (path: string) => [`Invalid flow property value. Path: ${path}`];
  assert.deepEqual(problemsOf(document([START], { Version: "2020-01-01" })), invalid("Version"));
  assert.deepEqual(problemsOf(document([START], { StartAction: "begin" })), invalid("StartAction"));
  assert.deepEqual(problemsOf(document([START], { Actions: {} })), [...invalid("Actions"), ...invalid("StartAction")]);
  assert.deepEqual(problemsOf(document([START], { Metadata: "none" })), invalid("Metadata"));
  assert.deepEqual(problemsOf(document([START, 7])), invalid("Actions[1]"));
  const many = Array.from({ length: 250 }, (_, at) => ({ ...END, Identifier: `a${at}` }));
  assert.deepEqual(problemsOf(document(many, { StartAction: "a249" })), []);
  assert.equal(problemsOf(document([START, ...many]))[0], invalid("Actions")[0]);
});

test("identifiers are unique, short, and none of the names that objects have", () => {
  const withName = (Identifier: unknown) => problemsOf(document([START, { ...END, Identifier }]));
  const refused = ["Invalid flow property value. Path: Actions[1].Identifier"];
  for (const name of ["start", "", "a:b", "50%", "x".repeat(51), "__proto__", "constructor", 7]) {
    assert.deepEqual(withName(name), refused, String(name));
  }
  assert.deepEqual(withName(undefined), ["Action is missing required property. Path: Actions[1].Identifier"]);
  for (const name of ["grüßen & fragen", "😀".repeat(50), "f3c7a1de-0000-4000-8000-000000000001"]) {
    assert.deepEqual(withName(name), []);
  }
});

test("at most 50 problems are told, the first ones", () => {
  const wrong = Array.from({ length: 100 }, (_, at) => ({ Identifier: `a${at}`, Type: "Wrong" }));
  const problems = problemsOf(document([START, ...wrong]));
  assert.equal(problems.length, 50);
  assert.equal(problems[49], "Invalid Action type. Path: Actions[50].Type");
});

test("the flows that an instance comes with are in order", () => {
  const ref = { account: "000000000000", region: "us-east-1", instanceId: "00000000-0000-4000-8000-000000000000" };
  for (const { flow, content } of newInstanceContents(ref, new SeededIds("flows"), 0).flows) {
    assert.deepEqual(problemsOf(content, flow.type), [], flow.name);
  }
});

// What took time by the square of the size would not be through with these before the runner ends it.
test("a text of any size and depth is answered", () => {
  const deep = (open: string, close: string) => open.repeat(500_000) + close.repeat(500_000);
  const nested = deep("[", "]");
  const inFlow = (member: string) => document([START]).replace('"Type"', `${JSON.stringify(member)}:${nested},"Type"`);
  for (const text of [
    nested,
    deep('{"a":', "}"),
    inFlow("Parameters"),
    inFlow("Transitions"),
    inFlow("Identifier"),
    document([START]).replace('"EndFlowExecution"', nested),
    document([{ ...START, Type: "ShowView" }]).replace("}]", `,"Parameters":{"ViewData":{"a":${nested}}}}]`),
    document([{ ...START, Transitions: { NextAction: "x" } }]).replace('"x"', nested),
    document([{ ...START, Type: "MessageParticipant", Parameters: { Text: "$.a['".repeat(200_000) } }]),
    document([{ ...START, Type: "MessageParticipant", Parameters: { Text: "$.a[0].b".repeat(120_000) } }]),
    document(Array.from({ length: 250 }, () => ({ Type: "Wrong", Identifier: "x".repeat(4_000) }))),
  ]) {
    assert.ok(problemsOf(text).length > 0 || "flow" in parseFlow(text, "CONTACT_FLOW"));
  }
});

/** Values that flows are made of, right and wrong. */
const anyName = fc.constantFrom(
  "start",
  "end",
  "NoMatchingError",
  "True",
  "$.Queue.ARN",
  "$.Nothing",
  "5",
  "",
  "Equals",
);
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, anyName, fc.jsonValue(), fc.array(tie("value")), tie("object")),
  object: fc.dictionary(
    fc.constantFrom(
      ..."Text Messages QueueId LoopCount Events Steps RoutingCriteria Expression AndExpression Attributes EventHooks".split(
        " ",
      ),
      ..."ViewData AnalyticsBehavior InputValidation StoreInput Condition Operator Operands ErrorType NextAction".split(
        " ",
      ),
    ),
    tie("value"),
  ),
}));
const anyAction = fc.record(
  {
    Identifier: fc.oneof(anyName, fc.string()),
    Type: fc.constantFrom(
      ..."MessageParticipant MessageParticipantIteratively GetParticipantInput ShowView Wait Loop Compare TagContact".split(
        " ",
      ),
      ..."UpdateContactEventHooks UpdateContactRecordingBehavior UpdateRoutingCriteria UpdateFlowAttributes Toast".split(
        " ",
      ),
    ),
    Parameters: anyValue.object,
    Transitions: fc.record(
      { NextAction: anyValue.value, Errors: fc.array(anyValue.value), Conditions: fc.array(anyValue.value) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

test("whatever the document, it is a flow whose every branch leads somewhere, or there are problems", () => {
  const anyDocument = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.oneof(anyAction, anyValue.value)).map((actions) => document([START, END, ...actions])),
  );
  fc.assert(
    fc.property(anyDocument, fc.constantFrom<FlowKind>("CONTACT_FLOW", "CUSTOMER_QUEUE", "MODULE"), (text, kind) => {
      const parsed = parseFlow(text, kind);
      if ("problems" in parsed) {
        assert.ok(parsed.problems.length >= 1 && parsed.problems.length <= 50);
        return;
      }
      const { startAction, actions } = parsed.flow;
      const targets = [...actions.values()].flatMap(({ next, errors, conditions }) => [
        ...(next === undefined ? [] : [next]),
        ...errors.values(),
        ...conditions.map((condition) => condition.next),
      ]);
      for (const target of [startAction, ...targets]) assert.ok(actions.has(target), target);
    }),
    { numRuns: 2_000 },
  );
});
