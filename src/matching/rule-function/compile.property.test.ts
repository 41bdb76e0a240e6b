/**
 * The machine against the definition of a rule function, which reads the function's own JSON and knows nothing of what it compiles to.
 * `TRUNKLINE_FULL=1` compares more than 100,000 pairs of a rule and a document.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type JsonObject, Machine } from "../machine.ts";
import type { Scalar } from "../predicate.ts";
import { compileRuleFunction, type RuleFunction } from "./compile.ts";
import { type Answer, type DerivedFact, derivedMember } from "./derived-fact.ts";
import type { EventSourceName } from "./event-sources.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";

/** A condition or group, as it is written. */
interface Node {
  readonly Operator: string;
  readonly Operands?: readonly unknown[];
  readonly ComparisonValue?: string;
  readonly FilterClause?: { readonly LogicOperator: "AND"; readonly Filters: readonly Filter[] };
  readonly Negate?: boolean;
}

interface Filter {
  readonly Type: string;
  readonly Data: unknown;
}

/** Values by their whole paths, and whatever is to be found out by chance: the answer to a question is that at its text's hash. */
interface Event {
  readonly document: Readonly<Record<string, unknown>>;
  readonly chances: readonly number[];
}

type Change =
  | { readonly kind: "add"; readonly id: number; readonly rule: Node }
  | { readonly kind: "remove"; readonly id: number }
  | { readonly kind: "match"; readonly event: Event };

test("the machine finds exactly what the definition of a rule function says", () => {
  let pairs = 0;
  fc.assert(
    fc.property(anyHistory(), ({ source, changes }) => {
      const machine = new Machine<number>();
      const rules = new Map<number, { readonly rule: Node; readonly compiled: RuleFunction }>();
      for (const change of changes) {
        if (change.kind === "add") {
          const text = JSON.stringify({ Version: "2022-11-25", RuleFunction: change.rule });
          const compiled = compileRuleFunction(text, source);
          rules.set(change.id, { rule: change.rule, compiled });
          machine.add(change.id, compiled.condition);
        } else if (change.kind === "remove") {
          rules.delete(change.id);
          machine.remove(change.id);
        } else {
          const { event } = change;
          const facts = new Map(
            [...rules.values()].flatMap(({ compiled }) => compiled.derivedFacts.map((fact) => [fact.key, fact])),
          );
          const answers = [...facts.values()].map((fact) => [fact, answerTo(fact, event)] as const);
          const document = { ...event.document, Derived: derivedMember(answers) };
          const expected = [...rules].flatMap(([id, { rule }]) => (isMet(rule, event) ? [id] : []));
          assert.deepEqual([...machine.match(document)].sort(), expected.sort());
          for (const id of rules.keys()) assert.equal(machine.explain(id, document)?.matched, expected.includes(id));
          pairs += rules.size;
        }
      }
    }),
    { numRuns: FULL ? 8_000 : 300 },
  );
  if (FULL) assert.ok(pairs >= 100_000, `only ${pairs} pairs`);
});

/* The definition, slow and obvious. */

function isMet(node: Node, event: Event): boolean {
  const { Operator: operator, Negate: negate = false } = node;
  if (operator !== "AND" && operator !== "OR") return isLeafMet(node, negate, event);
  const nodes = (node.Operands ?? []) as readonly Node[];
  const met = operator === "OR" ? nodes.some((each) => isMet(each, event)) : areAllMet(nodes, event);
  return met !== negate;
}

/** All by themselves, but those about one section, one question, and the shift of one participant's sentiment: each together. */
function areAllMet(nodes: readonly Node[], event: Event): boolean {
  const together = new Set<Node>();
  const areMetBySome = (tied: readonly Node[], choices: readonly Event[]): boolean => {
    for (const node of tied) together.add(node);
    return choices.some((choice) => tied.every((node) => isMet(node, choice)));
  };
  for (const [list, refId] of [
    ["Section", "SectionRefId"],
    ["Question", "QuestionRefId"],
  ] as const) {
    const path = `ContactLens.ContactEvaluation.${list}`;
    const tied = nodes.filter(({ ComparisonValue: value }) => value?.startsWith(`$.${path}.`));
    if (!tied.some(({ ComparisonValue: value }) => value === `$.${path}.${refId}`)) continue;
    const elements = (event.document[path] ?? []) as readonly unknown[];
    const choices = elements.map((element) => ({ ...event, document: { ...event.document, [path]: [element] } }));
    if (!areMetBySome(tied, choices)) return false;
  }
  const scores = nodes.filter(
    (node) => /Sentiment\.Score/.test(node.ComparisonValue ?? "") && rolesOf(node).length > 1,
  );
  if (new Set(scores.map(({ ComparisonValue: value }) => value)).size === 2) {
    for (const node of scores) together.add(node);
    const shifted = (role: string): boolean => scores.every((node) => isMet(withRole(node, role), event));
    if (!shifted("AGENT") && !shifted("CUSTOMER")) return false;
  }
  return nodes.every((node) => together.has(node) || isMet(node, event));
}

function withRole(node: Node, role: string): Node {
  return { ...node, FilterClause: { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: role }] } };
}

function rolesOf(node: Node): readonly string[] {
  const role = filterOf(node, "ParticipantRole") ?? "ANY";
  return role === "ANY" ? ["AGENT", "CUSTOMER"] : [String(role)];
}

function filterOf({ FilterClause: clause }: Node, type: string): unknown {
  return clause?.Filters.find((filter) => filter.Type === type)?.Data;
}

function isLeafMet(node: Node, negate: boolean, event: Event): boolean {
  const { Operands: operands = [], ComparisonValue: written = "" } = node;
  const path = written
    .slice(2)
    .replace("TicketStatusUpdate", "StatusUpdate")
    .replace(/RoutingProfile\.ARN$/, "RoutingProfile");
  if (path.endsWith("Match.Transcript")) {
    const [, kind = ""] = /(\w+)Match\.Transcript$/.exec(path) ?? [];
    const texts = operands.map((operand) => (typeof operand === "string" ? operand : JSON.stringify(operand)));
    const role = filterOf(node, "ParticipantRole") ?? "ANY";
    const question = [
      kind.toLowerCase(),
      role,
      periodOf(node),
      filterOf(node, "PatternMatchLanguageFilter") ?? "",
      setOf(texts),
    ];
    return chance(event, question) % 2 === 0 ? !negate : negate;
  }
  if (path.endsWith("SemanticMatch.Phrase")) {
    const judged = judgement(event, String(operands[0]));
    return judged !== undefined && judged !== negate;
  }
  if (path.startsWith("MetricData.")) return isMetricMet(node, path, negate, event);
  return valuesOf(node, path, event).some((value) => compares(value, node, path)) !== negate;
}

function valuesOf(node: Node, path: string, event: Event): readonly (Scalar | undefined)[] {
  if (path.endsWith("AiAgent.IdWithVersion")) {
    const { Value: useCase } = filterOf(node, "AiAgentUseCase") as { readonly Value: string };
    return aiAgents(event, useCase, String(filterOf(node, "AiAgentEscalatedToHuman") ?? ""));
  }
  if (/\.(?:Sentiment|TalkTime|Loudness)\./.test(path)) {
    return rolesOf(node).map((role) => roleValue(event, path, role, periodOf(node)));
  }
  const [, list, member] = /^(ContactLens\.ContactEvaluation\.(?:Section|Question))\.(.+)$/.exec(path) ?? [];
  const found =
    list === undefined
      ? event.document[path]
      : ((event.document[list] ?? []) as readonly JsonObject[]).map((element) => element[String(member)]);
  // One absent value, so that "no value" has something to be asked of.
  const values = (Array.isArray(found) ? found : [found]) as (Scalar | undefined)[];
  return values.length === 0 ? [undefined] : values;
}

function compares(
  value: Scalar | undefined,
  { Operator: operator, Operands: operands = [] }: Node,
  path: string,
): boolean {
  const [operand] = operands;
  if (operator === "EQUALS" && (operand === undefined || operand === "")) return value === undefined || value === null;
  if (value === undefined || value === null) return false;
  const isCustom = path.startsWith("Case.Fields.fld");
  const text = isCustom ? String(value) : value;
  switch (operator) {
    case "CONTAINS_ANY":
    case "EQUALS":
      return operands.some((each) => text === each || isAlike(String(text), String(each), path));
    case "CONTAINS":
      return path.endsWith(".Tags") ? text === operand : typeof text === "string" && text.includes(String(operand));
    default: {
      if (typeof value !== typeof operand) return false;
      const [left = Number.NaN, right = Number.NaN] = [value, operand].map(placeOf);
      return operator === "NumberGreaterOrEqualTo" ? left >= right : left <= right;
    }
  }
}

/** On the line of numbers, or of time; nowhere (NaN) what is neither. */
function placeOf(value: unknown): number {
  if (typeof value === "number") return value;
  return /^\d{4}-/.test(String(value)) ? Date.parse(String(value)) : Number.NaN;
}

function isAlike(value: string, operand: string, path: string): boolean {
  if (path.startsWith("Case.Fields.assigned_")) return value.endsWith(`/${operand}`);
  if (path.endsWith("AiAgent.IdWithVersion")) return value.split(":")[0] === operand;
  return path.endsWith("Zendesk.StatusUpdate.Status") && [value, operand].every((each) => /^closed?$/.test(each));
}

function isMetricMet(node: Node, path: string, negate: boolean, event: Event): boolean {
  const queues = filterOf(node, "MetricDataFilterByQueue") ?? filterOf(node, "MetricDataFilterByRoutingProfile");
  const window = filterOf(node, "MetricDataDurationSeconds") as { readonly Past: number } | undefined;
  const metric = path.slice("MetricData.".length);
  const [operand] = node.Operands ?? [];
  if (metric === "AGENT_ACTIVITY") {
    const { Past: seconds } = filterOf(node, "AgentActivityDurationSeconds") as { readonly Past: number };
    const activities = activitiesOf(event, setOf(queues as readonly string[]));
    const isIn = activities.some(({ Activity, Seconds }) => Activity === operand && Seconds >= seconds);
    return activities.length > 0 && isIn !== negate;
  }
  const value = metricValue(event, metric, setOf(queues as readonly string[]), window?.Past ?? 0);
  if (value === undefined) return false;
  return node.Operator === "NumberGreaterOrEqualTo" ? value >= Number(operand) : value <= Number(operand);
}

function periodOf(node: Node): string {
  for (const filter of node.FilterClause?.Filters ?? []) {
    if (/PeriodSeconds$/.test(filter.Type)) return JSON.stringify(filter.Data);
  }
  return "";
}

function setOf(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join("|");
}

/* What is to be found out about an event, for the definition by the words of the function, for the machine by the fact. */

function answerTo(fact: DerivedFact, event: Event): Answer {
  switch (fact.kind) {
    case "words": {
      const { kind, role, period, operands } = fact.words;
      const texts = operands.map((operand) =>
        typeof operand === "string"
          ? operand
          : JSON.stringify(
              operand.map((element) => ({ Type: "PLAIN", Value: element.type === "PLAIN" ? element.text : "" })),
            ),
      );
      const language = fact.words.kind === "pattern" ? (fact.words.language ?? "") : "";
      return chance(event, [kind, role, periodText(period), language, setOf(texts)]) % 2 === 0;
    }
    case "statement":
      return judgement(event, fact.statement);
    case "role":
      return roleValue(event, fact.path, fact.role, periodText(fact.period));
    case "ai-agents":
      return aiAgents(event, fact.useCase, { true: "TRUE", false: "FALSE", undefined: "" }[`${fact.escalatedToHuman}`]);
    case "metric": {
      const resources = setOf(fact.resources.ids);
      if (fact.metric === "AGENT_ACTIVITY") return activitiesOf(event, resources);
      return metricValue(event, fact.metric, resources, fact.pastSeconds ?? 0);
    }
  }
}

function periodText(period: { readonly part: string; readonly seconds: number } | undefined): string {
  if (period === undefined) return "";
  return JSON.stringify({ [period.part.replace(/^./, (letter) => letter.toUpperCase())]: period.seconds });
}

function judgement(event: Event, statement: string): boolean | undefined {
  return [true, false, undefined][chance(event, [statement]) % 3];
}

function roleValue(event: Event, path: string, role: string, period: string): Scalar | undefined {
  const number = chance(event, [path, role, period]);
  if (path.endsWith("State")) return ["POSITIVE", "NEGATIVE", "NEUTRAL", undefined][number % 4];
  return [-2, -0.5, 0, 2, undefined][number % 5];
}

function aiAgents(event: Event, useCase: string, escalated: string): readonly string[] {
  return [[], ["a:1"], ["a:2", "b:1"], ["b"]][chance(event, [useCase, escalated]) % 4] ?? [];
}

function activitiesOf(
  event: Event,
  resources: string,
): readonly { readonly Activity: string; readonly Seconds: number }[] {
  const number = chance(event, ["activity", resources]);
  if (number % 4 === 0) return [];
  return [
    { Activity: ["ERROR", "AVAILABLE"][number % 2] ?? "", Seconds: number % 3 },
    { Activity: "status", Seconds: number % 5 },
  ];
}

function metricValue(event: Event, metric: string, resources: string, seconds: number): number | undefined {
  return [0, 1, 2, undefined][chance(event, [metric, resources, seconds]) % 4];
}

function chance({ chances }: Event, question: readonly unknown[]): number {
  let hash = 0;
  for (const character of question.join(";")) hash = (hash * 31 + character.charCodeAt(0)) % 65_521;
  return chances[hash % chances.length] ?? 0;
}

/* Functions and events of a few sources, over few values, so that they meet. */

function anyHistory(): fc.Arbitrary<{ readonly source: EventSourceName; readonly changes: readonly Change[] }> {
  return fc.constantFrom(...SOURCES).chain(({ source, rule, document }) => {
    const id = fc.nat(5);
    const chances = fc.array(fc.nat(59), { minLength: 1, maxLength: 40 });
    return fc.record({
      source: fc.constant(source),
      changes: fc.array(
        fc.oneof<fc.WeightedArbitrary<Change>[]>(
          { weight: 3, arbitrary: fc.record({ kind: fc.constant("add"), id, rule }) },
          { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove"), id }) },
          { weight: 3, arbitrary: fc.record({ kind: fc.constant("match"), event: fc.record({ document, chances }) }) },
        ),
        { maxLength: 40, size: "max" },
      ),
    });
  });
}

interface AnySource {
  readonly source: EventSourceName;
  readonly rule: fc.Arbitrary<Node>;
  readonly document: fc.Arbitrary<Event["document"]>;
}

const NUMERIC = ["NumberGreaterOrEqualTo", "NumberLessOrEqualTo"];
const few = <T>(...values: T[]): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
const one = <T>(...values: T[]): fc.Arbitrary<T[]> => fc.constantFrom(...values).map((value) => [value]);

function leaf(
  path: string,
  operators: readonly string[],
  operands: fc.Arbitrary<unknown[]>,
  filters: readonly fc.Arbitrary<Filter | undefined>[] = [],
): fc.Arbitrary<Node> {
  return fc.record({
    Operator: fc.constantFrom(...operators),
    Operands: operands,
    ComparisonValue: fc.constant(`$.${path}`),
    FilterClause: fc.tuple(...filters).map((given) => ({
      LogicOperator: "AND" as const,
      Filters: given.filter((filter) => filter !== undefined),
    })),
    Negate: fc.boolean(),
  });
}

function filter(type: string, ...data: unknown[]): fc.Arbitrary<Filter | undefined> {
  return fc.constantFrom(...data).map((each) => (each === undefined ? undefined : { Type: type, Data: each }));
}

function group(nodes: fc.Arbitrary<Node>, maxLength = 4): fc.Arbitrary<Node> {
  return fc.record({
    Operator: fc.constantFrom("AND", "OR"),
    Operands: fc.array(nodes, { minLength: 1, maxLength }),
    Negate: fc.boolean(),
  });
}

function groups(leaves: readonly fc.Arbitrary<Node>[]): fc.Arbitrary<Node> {
  const anyLeaf = fc.oneof(...leaves);
  return group(
    fc.oneof(
      { weight: 4, arbitrary: anyLeaf },
      { weight: 1, arbitrary: group(fc.oneof(anyLeaf, group(anyLeaf, 2)), 3) },
    ),
  );
}

function documents(values: Readonly<Record<string, readonly unknown[]>>): fc.Arbitrary<Event["document"]> {
  const members = Object.entries(values).map(
    ([path, some]) => [path, fc.constantFrom(undefined, null, ...some)] as const,
  );
  return fc.record(Object.fromEntries(members)).map((document) => JSON.parse(JSON.stringify(document)));
}

const role = filter("ParticipantRole", undefined, "ANY", "AGENT", "CUSTOMER");
const period = filter("PostCallContactPeriodSeconds", undefined, { First: 9 }, { First: 5 }, { Last: 9 });
const CALL = "ContactLens.PostCall";
const POST_CALL: AnySource = {
  source: "OnPostCallAnalysisAvailable",
  rule: groups([
    leaf(`${CALL}.ExactMatch.Transcript`, ["CONTAINS_ANY"], few("x", "y"), [role, period]),
    leaf(
      `${CALL}.PatternMatch.Transcript`,
      ["CONTAINS_ANY"],
      few([{ Type: "PLAIN", Value: "x" }], [{ Type: "PLAIN", Value: "y" }]),
      [role, filter("PatternMatchLanguageFilter", undefined, "EN")],
    ),
    leaf(`${CALL}.SemanticMatch.Phrase`, ["EQUALS"], one("x", "y.z")),
    leaf(`${CALL}.Sentiment.State`, ["EQUALS"], one("POSITIVE", "NEGATIVE"), [role, period]),
    leaf(`${CALL}.Sentiment.Score.Beginning`, NUMERIC, one(-1, 0, 1), [role]),
    leaf(`${CALL}.Sentiment.Score.End`, NUMERIC, one(-1, 0, 1), [role]),
    leaf(`${CALL}.TalkTime.TotalTimeSecs`, NUMERIC, one(0, 1), [filter("ParticipantRole", "AGENT", "CUSTOMER")]),
    leaf(`${CALL}.NonTalkTime.TotalTimeSecs`, NUMERIC, one(1, 2)),
    leaf(`${CALL}.Queue.QueueId`, ["CONTAINS_ANY"], few("a", "b")),
    leaf(`${CALL}.Queue.QueueId`, ["EQUALS"], fc.constantFrom([], [""])),
    leaf(`${CALL}.Agent.RoutingProfile.ARN`, ["CONTAINS_ANY"], few("a", "b")),
    leaf(`${CALL}.Agent.HierarchyGroup.ARN`, ["CONTAINS_ANY"], few("a", "b")),
    leaf(`${CALL}.SegmentAttributes.UserDefined.k.l`, ["CONTAINS_ANY"], few("a", "b")),
    leaf(
      `${CALL}.AiAgent.IdWithVersion`,
      ["CONTAINS_ANY"],
      fc.constantFrom(["a"], ["a", "b"], ["a:1"], ["a:1", "a:2"]),
      [
        filter("AiAgentUseCase", { Value: "SelfService" }, { Value: "AgentAssistance" }),
        filter("AiAgentEscalatedToHuman", undefined, "TRUE", "FALSE"),
      ],
    ),
  ]),
  document: documents({
    [`${CALL}.NonTalkTime.TotalTimeSecs`]: [0, 1, 2],
    [`${CALL}.Queue.QueueId`]: ["a", "b", "c", ""],
    [`${CALL}.Agent.RoutingProfile`]: ["a", "b", "c"],
    [`${CALL}.Agent.HierarchyGroup.ARN`]: [[], ["a"], ["b", "c"]],
    [`${CALL}.SegmentAttributes.UserDefined.k.l`]: ["a", "c"],
  }),
};

const FORM = "ContactLens.ContactEvaluation";
const form = leaf(`${FORM}.Form.FormId`, ["EQUALS"], one("f", "g"));
const evaluationLeaves = [
  leaf(`${FORM}.Form.Score`, NUMERIC, one(1)),
  leaf(`${FORM}.Section.SectionRefId`, ["EQUALS"], one("a", "b")),
  leaf(`${FORM}.Section.Score`, NUMERIC, one(1)),
  leaf(`${FORM}.Question.QuestionRefId`, ["EQUALS"], one("a", "b")),
  leaf(`${FORM}.Question.Answer.Value`, NUMERIC, one(1)),
  leaf(`${FORM}.Question.Answer.ValueRefId`, ["EQUALS"], one("x", "y")),
];
const compound = fc.record({
  Operator: fc.constantFrom("AND", "AND", "AND", "OR"),
  Operands: fc
    .tuple(form, fc.array(fc.oneof(...evaluationLeaves), { minLength: 1, maxLength: 4 }))
    .map(([first, others]) => [...others, first]),
  Negate: fc.boolean(),
});
const EVALUATION: AnySource = {
  source: "OnContactEvaluationSubmit",
  rule: fc.oneof(
    compound,
    group(fc.oneof(compound, leaf(`${FORM}.Agent.AgentId`, ["CONTAINS_ANY"], few("a", "b"))), 3),
  ),
  document: fc
    .tuple(
      documents({
        [`${FORM}.Form.FormId`]: ["f", "g"],
        [`${FORM}.Form.Score`]: [0, 1],
        [`${FORM}.Agent.AgentId`]: ["a", "c"],
      }),
      fc.array(documents({ Score: [0, 1, 2] }), { maxLength: 3 }),
      fc.array(documents({ "Answer.Value": [0, 1, 2], "Answer.ValueRefId": ["x", "y", "z"] }), { maxLength: 3 }),
      fc.array(fc.constantFrom("a", "b", "c"), { minLength: 6, maxLength: 6 }),
    )
    .map(([document, sections, questions, ids]) => ({
      ...document,
      [`${FORM}.Section`]: sections.map((section, at) => ({ ...section, SectionRefId: ids[at] })),
      [`${FORM}.Question`]: questions.map((question, at) => ({ ...question, QuestionRefId: ids[at + 3] })),
    })),
};

const CASE: AnySource = {
  source: "OnCaseUpdate",
  rule: groups([
    leaf("Case.Fields.assigned_user", ["CONTAINS_ANY"], few("a", "b")),
    leaf("Case.Fields.summary", ["EQUALS", "CONTAINS"], one("a", "ab")),
    leaf("Case.Fields.created_datetime", NUMERIC, one("2026-01-01", "2026-01-01T01:00:00+02:00")),
    leaf("Case.Fields.fld", ["EQUALS", "CONTAINS"], one("1", "true", "a")),
    leaf("Case.Fields.fld", NUMERIC, one<unknown>(1, "2026-01-01")),
    leaf("Case.TemplateId", ["CONTAINS_ANY"], few("a", "b")),
  ]),
  document: documents({
    "Case.Fields.assigned_user": ["a", "arn:x/a", "arn:x/y/b", "arn:a/c", "arn:x/ab"],
    "Case.Fields.summary": ["a", "ab", "xab", "A", ""],
    "Case.Fields.created_datetime": ["2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z", "2025-12-31"],
    "Case.Fields.fld": [1, 10, 0.5, true, false, "1", "a1", "2026-01-01T00:00:00Z", "2025-01-01"],
    "Case.TemplateId": ["a", "c"],
  }),
};

const TICKET = "ThirdParty.Zendesk.StatusUpdate";
const ZENDESK: AnySource = {
  source: "OnZendeskTicketStatusUpdate",
  rule: groups([
    leaf(`${TICKET}.Status`, ["EQUALS"], one("open", "close", "closed")),
    leaf(`${TICKET.replace("Status", "TicketStatus")}.Type`, ["EQUALS"], one("task", "problem")),
    leaf(`${TICKET}.Tags`, ["CONTAINS"], one("a", "b")),
    leaf(`${TICKET}.BrandId`, ["EQUALS"], one("a", "b")),
  ]),
  document: documents({
    [`${TICKET}.Status`]: ["open", "close", "closed", "solved"],
    [`${TICKET}.Type`]: ["task", "problem", "incident"],
    [`${TICKET}.Tags`]: [[], ["a"], ["ab", "b"], ["b", "a"]],
    [`${TICKET}.BrandId`]: ["a", "c"],
  }),
};

const resources = filter("MetricDataFilterByQueue", ["a"], ["a", "b"]);
const window = filter("MetricDataDurationSeconds", { Past: 60 }, { Past: 90 });

/** The conditions of a group have their resources, and their window if any, in common. */
function metricGroups(
  metrics: (...filters: fc.Arbitrary<Filter | undefined>[]) => readonly fc.Arbitrary<Node>[],
  by: string,
): fc.Arbitrary<Node> {
  const anyGroup = fc.tuple(resources, window).chain((same) =>
    fc.record({
      Operator: fc.constantFrom("AND", "OR"),
      Operands: fc.array(fc.oneof(...metrics(...same.map((filter) => fc.constant(filter)))), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  );
  return fc.record({
    Operator: fc.constantFrom("AND", "OR"),
    Operands: fc.array(anyGroup, { minLength: 1, maxLength: 2 }),
    FilterClause: fc.constant({ LogicOperator: "AND" as const, Filters: [{ Type: "MetricDataGrouping", Data: [by] }] }),
  });
}

const positive = (node: fc.Arbitrary<Node>): fc.Arbitrary<Node> => node.map((each) => ({ ...each, Negate: false }));
const METRICS: readonly AnySource[] = [
  metricGroups(
    (queues) => [
      positive(leaf("MetricData.CONTACTS_IN_QUEUE", NUMERIC, one(1), [queues])),
      positive(leaf("MetricData.AGENTS_AVAILABLE", NUMERIC, one(1), [queues])),
    ],
    "QUEUE",
  ),
  metricGroups((...same) => [positive(leaf("MetricData.AVG_HOLD_TIME", NUMERIC, one(1, 1.5), same))], "QUEUE"),
  metricGroups(
    (queues) => [
      leaf("MetricData.AGENT_ACTIVITY", ["EQUALS"], one("ERROR", "status"), [
        queues,
        filter("AgentActivityDurationSeconds", { Past: 1 }, { Past: 2 }),
      ]),
    ],
    "AGENT",
  ),
].map((rule) => ({ source: "OnMetricDataUpdate", rule, document: fc.constant({}) }));

const SOURCES: readonly AnySource[] = [POST_CALL, EVALUATION, CASE, ZENDESK, ...METRICS];
