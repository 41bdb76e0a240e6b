import type { Condition, FieldCondition } from "../condition.ts";
import type { Predicate } from "../predicate.ts";
import type { DerivedFact, MetricGrouping } from "./derived-fact.ts";
import { type ConditionSource, EVENT_SOURCES, type EventSourceName } from "./event-sources.ts";
import { readShape } from "./function-shape.ts";
import {
  compileLeaf,
  type Facts,
  isAnyRole,
  negatedIf,
  predicatesOf,
  ROLES,
  type Role,
  roleCondition,
} from "./leaf-condition.ts";
import { compileMetricFunction } from "./metric-function.ts";
import { type Group, type Leaf, type Node, parseGroup } from "./parse.ts";

/**
 * Connect's Rules Function language: parsed, refused where it is wrong, compiled to a condition over a **fact document**.
 *
 * A fact document is one JSON object for each event, in which each value stands at the path by which conditions name it (without `$.`);
 * sections and questions of an evaluation are lists of objects, and the member `Derived` holds what depends on a condition's parameters:
 *
 *     { "ContactLens": { "PostCall": { "Queue": { "QueueId": "…" }, "ContactAttribute": { "tier": "gold" } } },
 *       "Derived": { "FoundWords": [key, …], "ContactLens.PostCall.Sentiment.State (CUSTOMER)": "NEGATIVE" } }
 *
 * A value that is absent or null makes a condition false, but that for "no value"; negation comes after that.
 *
 * Language: https://docs.aws.amazon.com/connect/latest/APIReference/connect-rules-language.html
 */
export interface RuleFunction {
  readonly condition: Condition;
  /** What must be found out for an event before the condition can be asked; each key once. */
  readonly derivedFacts: readonly DerivedFact[];
  /** Of a metric rule: the kind of resource for each of which a fact document is made. */
  readonly metricGrouping?: MetricGrouping;
}

/** Compiles the function of a rule with a trigger event source. Throws `InvalidRequestException` with a reason that names the spot. */
export function compileRuleFunction(text: string, source: EventSourceName): RuleFunction {
  const shape = readShape(text);
  if (source === "OnMetricDataUpdate") return compileMetricFunction(shape);
  // Sources without a page on their conditions take any path, and their rules never match (our choice).
  if (!hasConditions(source)) return { condition: NEVER, derivedFacts: [] };
  const facts = new Map<string, DerivedFact>();
  const condition = compileGroup(parseGroup(shape, source), facts);
  return { condition, derivedFacts: [...facts.values()] };
}

const NEVER: Condition = { kind: "any", of: [] };

function hasConditions(source: EventSourceName): source is ConditionSource {
  return Object.hasOwn(EVENT_SOURCES, source);
}

function compileGroup(group: Group, facts: Facts): Condition {
  const parts = group.operator === "AND" ? conjunction(group.nodes, facts) : compileEach(group.nodes, facts);
  return negatedIf(group.negate, { kind: group.operator === "AND" ? "all" : "any", of: parts });
}

function compileEach(nodes: readonly Node[], facts: Facts): readonly Condition[] {
  return nodes.map((node) => (node.kind === "group" ? compileGroup(node, facts) : compileLeaf(node, facts)));
}

/** Some conditions of a conjunction are about one thing: the same section, the same question, or the same participant's scores. */
function conjunction(nodes: readonly Node[], facts: Facts): readonly Condition[] {
  const leaves = nodes.filter((node) => node.kind === "condition");
  const sections = leavesOfOne("Section", leaves);
  const questions = leavesOfOne("Question", leaves);
  const shift = sentimentShift(leaves);
  const tied = new Set<Node>([...sections, ...questions, ...shift]);
  const free = nodes.filter((node) => !tied.has(node));
  return [
    ...compileEach(free, facts),
    ...[sections, questions].filter((some) => some.length > 0).map(sameElement),
    ...(shift.length > 0 ? [sameRole(shift, facts)] : []),
  ];
}

/** The leaves about a section (question), if one of them says which. */
function leavesOfOne(each: "Section" | "Question", leaves: readonly Leaf[]): readonly Leaf[] {
  const ofEach = leaves.filter(({ row }) => row.each === each);
  return ofEach.some(isRefId) ? ofEach : [];
}

function isRefId({ row }: Leaf): boolean {
  return row.path === "Section.SectionRefId" || row.path === "Question.QuestionRefId";
}

/** One element of the list meets all leaves. Which one is said first, so that absence is asked of that element alone. */
function sameElement(leaves: readonly Leaf[]): Condition {
  const inOrder = [...leaves.filter(isRefId), ...leaves.filter((leaf) => !isRefId(leaf))];
  return { kind: "fields", fields: inOrder.map(fieldOfElement) };
}

/** A negated leaf is met by any other value, and by none: but each element has its reference id. */
function fieldOfElement(leaf: Leaf): FieldCondition {
  const path = leaf.path.split(".");
  const predicates = predicatesOf(leaf);
  if (!leaf.negate) return { path, predicates };
  const other: Predicate = { kind: "anything-but", values: new Set(), predicates };
  return { path, predicates: isRefId(leaf) ? [other] : [other, { kind: "absent" }] };
}

/**
 * Conditions on the score at the beginning and that at the end, of any role: a shift that one participant went through, rather than how one
 * began and another ended (our choice).
 */
function sentimentShift(leaves: readonly Leaf[]): readonly Leaf[] {
  const scores = leaves.filter(({ row, filters }) => SHIFT_PATHS.has(row.path) && isAnyRole(filters));
  return new Set(scores.map(({ row }) => row.path)).size === SHIFT_PATHS.size ? scores : [];
}

const SHIFT_PATHS: ReadonlySet<string> = new Set(["Sentiment.Score.Beginning", "Sentiment.Score.End"]);

function sameRole(leaves: readonly Leaf[], facts: Facts): Condition {
  const ofRole = (role: Role): Condition => ({
    kind: "all",
    of: leaves.map((leaf) => negatedIf(leaf.negate, roleCondition(leaf, role, facts))),
  });
  return { kind: "any", of: ROLES.map(ofRole) };
}
