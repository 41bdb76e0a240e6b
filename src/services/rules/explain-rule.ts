import assert from "node:assert/strict";
import { type Condition, pathText } from "../../matching/condition.ts";
import type { Explanation, Verdict } from "../../matching/explanation.ts";
import { Machine } from "../../matching/machine.ts";
import { reasonOf } from "../../matching/reason.ts";
import { compileRuleFunction } from "../../matching/rule-function/compile.ts";
import {
  answerPath,
  DERIVED,
  type DerivedFact,
  derivedMember,
  type MetricFact,
} from "../../matching/rule-function/derived-fact.ts";
import { EVENT_SOURCES, type EventSource } from "../../matching/rule-function/event-sources.ts";
import type { Rule } from "../connect/index.ts";
import type { AnalysedTurn } from "../contact-lens/index.ts";
import type { Moment } from "./replay.ts";
import { filterConditions, nameOf } from "./rule-set.ts";

/** What a rule consists of, as far as its verdict goes. */
export type AskedRule = Pick<Rule, "function" | "source" | "preEvaluationFilters">;

/**
 * Why a rule is true of what is known at a moment, or is not. `turns`: those of the conversation, if there is one, for the words that were found.
 * Pure.
 */
export function explainRule(
  rule: AskedRule,
  { document, found, answerTo }: Moment,
  turns: ReadonlyMap<string, AnalysedTurn["turn"]>,
): Explanation {
  const { condition, derivedFacts } = compileRuleFunction(rule.function, rule.source);
  const filters = filterConditions(rule);
  const whole: Condition = filters.length > 0 ? { kind: "all", of: [...filters, condition] } : condition;
  const machine = new Machine<true>();
  machine.add(true, whole);
  const answers = derivedFacts.map(
    (fact) => [fact, fact.kind === "words" ? found.has(nameOf(fact.key)) : answerTo(fact)] as const,
  );
  const explanation = machine.explain(true, { ...document, [DERIVED]: derivedMember(answers) });
  assert(explanation !== undefined, "It was added just now");
  const facts = new Map(derivedFacts.map((fact) => [fact.key, fact]));
  const metrics = new Map(
    derivedFacts.flatMap((fact) => (fact.kind === "metric" ? [[pathText(answerPath(fact)), metricText(fact)]] : [])),
  );
  const told = readable(whole, explanation.condition, {
    words: (key) => {
      const fact = facts.get(key);
      return fact && { path: pathOf(fact, rule.source), found: wordsFound(key, found, turns) };
    },
    path: (path) => {
      const answer = path.replace(/\.(?:Activity|Seconds)$/, "");
      const metric = metrics.get(answer);
      return metric === undefined ? path.replace(`${DERIVED}.`, "") : `${metric}${path.slice(answer.length)}`;
    },
  });
  return { matched: told.met, ...(!told.met && { reason: reasonOf(told) }), condition: told };
}

/** How derived facts are told: words by their key, whatever else by its path in the fact document. */
interface Telling {
  readonly words: (factKey: string) => { readonly path: string; readonly found: readonly string[] } | undefined;
  readonly path: (path: string) => string;
}

/** A verdict whose derived facts stand under the paths of the language, with the words that were found: a verdict has the shape of its condition. */
function readable(condition: Condition, verdict: Verdict, telling: Telling): Verdict {
  if (verdict.kind === "field") {
    const [field] = condition.kind === "fields" ? condition.fields : [];
    const [predicate] = field?.predicates ?? [];
    const words = predicate?.kind === "named" ? telling.words(predicate.name) : undefined;
    if (!words) return { ...verdict, path: telling.path(verdict.path) };
    const { foundMore: _, inArrays: __, ...rest } = verdict;
    return { ...rest, path: words.path, found: words.found.length > 0 ? words.found : "absent" };
  }
  const parts = partsOf(condition);
  return { ...verdict, of: verdict.of.map((part, at) => readable(parts[at] ?? condition, part, telling)) };
}

function partsOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case "fields":
      return condition.fields.map((field) => ({ kind: "fields", fields: [field] }));
    case "not":
      return [condition.of];
    default:
      return condition.of;
  }
}

/** `MetricData.SERVICE_LEVEL (past 3600 seconds, within 20 seconds, VOICE)`. */
function metricText({ metric, pastSeconds, thresholdSeconds, flowOutcomes = [], channels = [] }: MetricFact): string {
  const more = [
    ...(pastSeconds === undefined ? [] : [`past ${pastSeconds} seconds`]),
    ...(thresholdSeconds === undefined ? [] : [`within ${thresholdSeconds} seconds`]),
    ...flowOutcomes,
    ...channels,
  ];
  return `MetricData.${metric}${more.length > 0 ? ` (${more.join(", ")})` : ""}`;
}

const WORD_PATHS = {
  exact: "ExactMatch.Transcript",
  pattern: "PatternMatch.Transcript",
  semantic: "SemanticMatch.Transcript",
};

function pathOf(fact: DerivedFact, source: Rule["source"]): string {
  const path = fact.kind === "words" ? WORD_PATHS[fact.words.kind] : "SemanticMatch.Phrase";
  const sources: Readonly<Partial<Record<Rule["source"], EventSource>>> = EVENT_SOURCES;
  return `${sources[source]?.prefixes[0] ?? ""}${path}`;
}

const SECOND_MS = 1_000;

function wordsFound(
  key: string,
  found: Moment["found"],
  turns: ReadonlyMap<string, AnalysedTurn["turn"]>,
): readonly string[] {
  return (found.get(nameOf(key)) ?? []).flatMap(({ turnId, begin, end }) => {
    const turn = turns.get(turnId);
    if (!turn) return [];
    return [
      `${turn.content.slice(begin, end)} (${turn.participant.role} at ${(turn.beginMs / SECOND_MS).toFixed(1)} s)`,
    ];
  });
}
