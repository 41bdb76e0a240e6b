import type { Condition, Path } from "../condition.ts";
import type { Predicate } from "../predicate.ts";
import type { PatternElement, WordCondition } from "../transcript/word-condition.ts";
import {
  aiAgentsFact,
  answerPath,
  DERIVED,
  type DerivedFact,
  FALSE_STATEMENTS,
  FOUND_WORDS,
  roleFact,
  statementFact,
  TRUE_STATEMENTS,
  wordsFact,
} from "./derived-fact.ts";
import type { Comparison } from "./event-sources.ts";
import type { Filters } from "./filters.ts";
import type { LeafOperator } from "./function-shape.ts";
import { boundOf, type Operands } from "./operands.ts";
import type { Leaf } from "./parse.ts";

/** The derived facts met so far, by their keys. */
export type Facts = Map<string, DerivedFact>;

/** Compiles one condition of a function, by itself, and notes the facts that it needs. */
export function compileLeaf(leaf: Leaf, facts: Facts): Condition {
  // A statement that nobody can judge is neither true nor, negated, false.
  if (leaf.row.looksAt === "statement") return statementCondition(leaf, facts);
  return negatedIf(leaf.negate, conditionOf(leaf, facts));
}

export function negatedIf(negate: boolean, condition: Condition): Condition {
  return negate ? { kind: "not", of: condition } : condition;
}

/** A condition on a value that each role has of its own, asked of one role; negation left aside. */
export function roleCondition(leaf: Leaf, role: Role, facts: Facts): Condition {
  const { path, filters } = leaf;
  const fact = roleFact({ path, role, ...(filters.period && { period: filters.period }) });
  facts.set(fact.key, fact);
  return fieldCondition(answerPath(fact), predicatesOf(leaf));
}

/** Those of whom one alone must meet a condition on anyone. */
export const ROLES = ["AGENT", "CUSTOMER"] as const;
export type Role = (typeof ROLES)[number];

export function isAnyRole({ role }: Filters): boolean {
  return role === undefined || role === "ANY";
}

/** What a leaf asks of the values at its path; negation left aside. */
export function predicatesOf({ operator, operands, row }: Leaf): readonly Predicate[] {
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
