import type { Condition, FieldCondition, Path } from "../condition.ts";
import type { Predicate } from "../predicate.ts";
import type { PatternElement, WordCondition } from "../transcript/word-condition.ts";
import {
  aiAgentsFact,
  answerPath,
  DERIVED,
  type DerivedFact,
  FALSE_STATEMENTS,
  FOUND_WORDS,
  type MetricGrouping,
  roleFact,
  statementFact,
  TRUE_STATEMENTS,
  wordsFact,
} from "./derived-fact.ts";
import { type Comparison, EVENT_SOURCES, type EventSourceName } from "./event-sources.ts";
import type { Filters } from "./filters.ts";
import { type LeafOperator, readShape } from "./function-shape.ts";
import { compileMetricFunction } from "./metric-function.ts";
import { boundOf, type Operands } from "./operands.ts";
import { type ConditionSource, type Group, type Leaf, type Node, parseGroup } from "./parse.ts";

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

/** The derived facts met so far, by their keys. */
type Facts = Map<string, DerivedFact>;

function compileGroup(group: Group, facts: Facts): Condition {
  const parts = group.operator === "AND" ? conjunction(group.nodes, facts) : compileEach(group.nodes, facts);
  return negatedIf(group.negate, { kind: group.operator === "AND" ? "all" : "any", of: parts });
}

function negatedIf(negate: boolean, condition: Condition): Condition {
  return negate ? { kind: "not", of: condition } : condition;
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

const ROLES = ["AGENT", "CUSTOMER"] as const;
type Role = (typeof ROLES)[number];

function isAnyRole({ role }: Filters): boolean {
  return role === undefined || role === "ANY";
}

function compileLeaf(leaf: Leaf, facts: Facts): Condition {
  // A statement that nobody can judge is neither true nor, negated, false.
  if (leaf.row.looksAt === "statement") return statementCondition(leaf, facts);
  return negatedIf(leaf.negate, conditionOf(leaf, facts));
}

function conditionOf(leaf: Leaf, facts: Facts): Condition {
  const { row, path, filters } = leaf;
  switch (row.looksAt) {
    case "exact":
    case "pattern":
    case "semantic":
      return wordsCondition(wordsOf(leaf, row.looksAt), facts);
    case "role": {
      if (filters.role === "AGENT" || filters.role === "CUSTOMER") return roleCondition(leaf, filters.role, facts);
      return { kind: "any", of: ROLES.map((role) => roleCondition(leaf, role, facts)) };
    }
    case "ai-agents":
      return aiAgentsCondition(leaf, facts);
    default:
      return fieldCondition(path.split("."), predicatesOf(leaf));
  }
}

function fieldCondition(path: Path, predicates: readonly Predicate[]): Condition {
  return { kind: "fields", fields: [{ path, predicates }] };
}

function wordsCondition(words: WordCondition, facts: Facts): Condition {
  const fact = wordsFact(words);
  facts.set(fact.key, fact);
  return fieldCondition([DERIVED, FOUND_WORDS], [{ kind: "named", name: fact.key, meaning: meaningOf(words) }]);
}

function wordsOf({ operands, filters }: Leaf, kind: WordCondition["kind"]): WordCondition {
  const { role = "ANY", period, language } = filters;
  // Words are never asked for in the trailing seconds of a contact that goes on.
  const scope = period === undefined || period.part === "past" ? { role } : { role, period };
  if (kind !== "pattern") return { kind, ...scope, operands: textsOf(operands) };
  const patterns = operands.kind === "patterns" ? operands.patterns : [];
  return { kind, ...scope, operands: patterns, ...(language !== undefined && { language }) };
}

/** How many operands an explanation repeats, and how much of each. */
const MEANING_OPERANDS_MAX = 3;
const MEANING_CHARACTERS_MAX = 60;

/** `CUSTOMER said "late", "delayed" or one of 7 more (exact match, last 60 seconds)`. */
function meaningOf({ kind, role, period, operands }: WordCondition): string {
  const shown = operands.slice(0, MEANING_OPERANDS_MAX).map((operand) => {
    const text = typeof operand === "string" ? operand : operand.map(elementText).join(" ");
    return `"${text.slice(0, MEANING_CHARACTERS_MAX)}"`;
  });
  const more = operands.length > shown.length ? ` or one of ${operands.length - shown.length} more` : "";
  const where = period === undefined ? "" : `, ${period.part} ${period.seconds} seconds`;
  return `${role === "ANY" ? "anyone" : role} said ${shown.join(", ")}${more} (${kind} match${where})`;
}

function elementText(element: PatternElement): string {
  switch (element.type) {
    case "PLAIN":
      return element.text.trim();
    case "LIST":
      return `(${element.texts.slice(0, MEANING_OPERANDS_MAX).join("|")}${element.texts.length > MEANING_OPERANDS_MAX ? "|…" : ""})`;
    case "NUMERICAL":
      return "<number>";
    case "PROXIMITY":
      return element.isWithin ? `<up to ${element.distance} words>` : `<not within ${element.distance} words>`;
  }
}

function statementCondition({ operands, negate }: Leaf, facts: Facts): Condition {
  const [statement = ""] = textsOf(operands);
  const fact = statementFact(statement);
  facts.set(fact.key, fact);
  const meaning = `"${statement.slice(0, MEANING_CHARACTERS_MAX)}" was judged to be ${negate ? "false" : "true"}`;
  const path = [DERIVED, negate ? FALSE_STATEMENTS : TRUE_STATEMENTS];
  return fieldCondition(path, [{ kind: "named", name: fact.key, meaning }]);
}

function roleCondition(leaf: Leaf, role: Role, facts: Facts): Condition {
  const { path, filters } = leaf;
  const fact = roleFact({ path, role, ...(filters.period && { period: filters.period }) });
  facts.set(fact.key, fact);
  return fieldCondition(answerPath(fact), predicatesOf(leaf));
}

/** A plain id stands for all its versions (our choice). */
function aiAgentsCondition({ path, operands, filters }: Leaf, facts: Facts): Condition {
  const { aiAgentUseCase: useCase = "SelfService", escalatedToHuman } = filters;
  const fact = aiAgentsFact({ path, useCase, ...(escalatedToHuman !== undefined && { escalatedToHuman }) });
  facts.set(fact.key, fact);
  const predicates = textsOf(operands).flatMap((text): readonly Predicate[] =>
    text.includes(":")
      ? [{ kind: "equals", value: text }]
      : [
          { kind: "equals", value: text },
          { kind: "prefix", text: `${text}:` },
        ],
  );
  return fieldCondition(answerPath(fact), predicates);
}

function textsOf(operands: Operands): readonly string[] {
  return operands.kind === "texts" ? operands.texts : [];
}

/** What a leaf asks of the values at its path; negation left aside. */
function predicatesOf({ operator, operands, row }: Leaf): readonly Predicate[] {
  switch (operands.kind) {
    case "no-value":
      return [{ kind: "absent" }, { kind: "equals", value: null }];
    case "number":
      return [{ kind: "range", ...boundOf(operator, operands.number) }];
    case "instant":
      return [{ kind: "instant-range", ...boundOf(operator, operands.instant), epoch: false }];
    case "texts":
      return operands.texts.flatMap((text) => textPredicates(text, operator, row.compares));
    case "patterns":
      return [];
  }
}

function textPredicates(text: string, operator: LeafOperator, compares: Comparison | undefined): readonly Predicate[] {
  const equals: Predicate = { kind: "equals", value: text };
  const asked: Predicate =
    operator === "CONTAINS" && compares !== "element" ? { kind: "wildcard", pieces: ["", text, ""] } : equals;
  switch (compares) {
    case "id-at-end":
      return [equals, { kind: "suffix", text: `/${text}` }];
    case "close-is-closed":
      return text === "close" || text === "closed" ? CLOSED : [equals];
    case "text-form":
      return [{ kind: "as-text", predicate: asked }];
    default:
      return [asked];
  }
}

const CLOSED: readonly Predicate[] = [
  { kind: "equals", value: "close" },
  { kind: "equals", value: "closed" },
];
