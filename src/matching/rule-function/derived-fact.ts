import type { JsonObject } from "../path-tree.ts";
import type { Scalar } from "../predicate.ts";
import type { WordCondition } from "../transcript/word-condition.ts";
import type { AiAgentUseCase, Period } from "./filters.ts";

/**
 * What a condition looks at that stands in no record, but is found out for the parameters that the condition gives: whoever evaluates
 * rules asks all of them for their derived facts, finds out each once for an event, and puts the answers into the fact document.
 *
 * Equal facts have equal keys, so that rules share them.
 */
export type DerivedFact = RoleFact | AiAgentsFact | MetricFact | WordsFact | StatementFact;

/**
 * A value that each participant role has of its own: a score, a time, a loudness, or a state of sentiment.
 *
 * `path` (`ContactLens.PostCall.Sentiment.State`) says which. A state in a period is that which all of the role's turns in it have; without
 * any, or when they differ, there is no answer.
 */
export interface RoleFact {
  readonly kind: "role";
  readonly key: string;
  readonly path: string;
  readonly role: "AGENT" | "CUSTOMER";
  /** The whole contact, if absent. */
  readonly period?: Period;
}

/** The AI agents that took part, as `id:version`. */
export interface AiAgentsFact {
  readonly kind: "ai-agents";
  readonly key: string;
  readonly path: string;
  readonly useCase: AiAgentUseCase;
  /** Only those that handed over to a human, or only those that did not; either, if absent. */
  readonly escalatedToHuman?: boolean;
}

/**
 * A metric of one resource (a queue, say). There is no answer for a resource that `resources` does not name, and none without data.
 *
 * The answer for `AGENT_ACTIVITY` is a list of `{Activity, Seconds}`: each status or activity that the agent is in now, and since when.
 */
export interface MetricFact {
  readonly kind: "metric";
  readonly key: string;
  readonly metric: string;
  readonly grouping: MetricGrouping;
  readonly resources: { readonly filter: string; readonly ids: readonly string[] };
  /** The trailing window. */
  readonly pastSeconds?: number;
  /** Of the service level: answered within this time. */
  readonly thresholdSeconds?: number;
  /** All outcomes, if absent. */
  readonly flowOutcomes?: readonly string[];
  /** All channels, if absent. */
  readonly channels?: readonly string[];
}

/** What is evaluated one by one. */
export type MetricGrouping = "AGENT" | "QUEUE" | "ROUTING_PROFILE" | "FLOW";

/** Whether certain words were found: the answer is true or false. */
export interface WordsFact {
  readonly kind: "words";
  readonly key: string;
  readonly words: WordCondition;
}

/** Whether a statement in natural language is true of the whole conversation; no answer where nobody can judge it. */
export interface StatementFact {
  readonly kind: "statement";
  readonly key: string;
  readonly statement: string;
}

/** What was found out; absent when there is none. A list where there are several at once. */
export type Answer = Scalar | readonly (string | JsonObject)[] | undefined;

/**
 * The member of a fact document that holds the answers to derived facts, under the name `DERIVED`: words that were found and judgements by
 * the keys of their facts, in lists, and each other answer under its key.
 */
export function derivedMember(answers: Iterable<readonly [DerivedFact, Answer]>): JsonObject {
  const lists: Record<string, string[]> = { [FOUND_WORDS]: [], [TRUE_STATEMENTS]: [], [FALSE_STATEMENTS]: [] };
  const values: [string, Answer][] = [];
  for (const [{ kind, key }, answer] of answers) {
    if (answer === undefined) continue;
    if (kind === "words") {
      if (answer === true) lists[FOUND_WORDS]?.push(key);
    } else if (kind === "statement") {
      lists[answer === true ? TRUE_STATEMENTS : FALSE_STATEMENTS]?.push(key);
    } else {
      values.push([key, answer]);
    }
  }
  return { ...lists, ...Object.fromEntries(values) };
}

/** Where the answer to a fact stands. Dots in a key are steps, as in the keys of any document. */
export function answerPath({ key }: RoleFact | AiAgentsFact | MetricFact): readonly string[] {
  return [DERIVED, ...key.split(".")];
}

export const DERIVED = "Derived";
export const FOUND_WORDS = "FoundWords";
export const TRUE_STATEMENTS = "TrueStatements";
export const FALSE_STATEMENTS = "FalseStatements";

type Parameters<Fact> = Omit<Fact, "key" | "kind">;

export function roleFact({ path, role, period }: Parameters<RoleFact>): RoleFact {
  const among = period === undefined ? "" : `, ${period.part} ${period.seconds} seconds`;
  return { kind: "role", key: `${path} (${role}${among})`, path, role, ...(period && { period }) };
}

export function aiAgentsFact({ path, useCase, escalatedToHuman }: Parameters<AiAgentsFact>): AiAgentsFact {
  const escalated = escalatedToHuman === undefined ? {} : { escalatedToHuman };
  const among = { true: ", escalated to human", false: ", not escalated", undefined: "" }[`${escalatedToHuman}`];
  return { kind: "ai-agents", key: `${path} (${useCase}${among})`, path, useCase, ...escalated };
}

export function metricFact(parameters: Parameters<MetricFact>): MetricFact {
  const { metric, grouping, resources, pastSeconds, thresholdSeconds, flowOutcomes, channels } = parameters;
  const listed = [flowOutcomes, channels].map((list) => list && sortedSet(list));
  const parts = [grouping, resources.filter, sortedSet(resources.ids), pastSeconds, thresholdSeconds, ...listed];
  // Ids are any text, and a key must not fall apart into the steps of a path in two ways: JSON keeps them apart.
  return { kind: "metric", key: `MetricData.${metric} ${JSON.stringify(parts)}`, ...parameters };
}

export function wordsFact(words: WordCondition): WordsFact {
  const { kind, role, period, operands } = words;
  const language = words.kind === "pattern" ? words.language : undefined;
  const alternatives = sortedSet(operands.map((operand) => JSON.stringify(operand)));
  return {
    kind: "words",
    key: JSON.stringify([kind, role, period?.part, period?.seconds, language, alternatives]),
    words,
  };
}

export function statementFact(statement: string): StatementFact {
  return { kind: "statement", key: statement, statement };
}

function sortedSet(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
