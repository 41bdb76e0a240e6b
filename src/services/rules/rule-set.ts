import { createHash } from "node:crypto";
import type { Condition } from "../../matching/condition.ts";
import { type JsonObject, Machine } from "../../matching/machine.ts";
import { compileRuleFunction } from "../../matching/rule-function/compile.ts";
import {
  type Answer,
  DERIVED,
  type DerivedFact,
  derivedMember,
  FOUND_WORDS,
  type WordsFact,
} from "../../matching/rule-function/derived-fact.ts";
import { TranscriptMatcher } from "../../matching/transcript/transcript-matcher.ts";
import { type Rule, resourceKey, ruleAge } from "../connect/index.ts";

/** A published rule, ready to be asked. */
export interface ListedRule {
  readonly rule: Rule;
  /** Sorts rules from the oldest to the youngest. */
  readonly age: string;
  /** The word conditions whose places are the points of interest of its category: those that are not negated. */
  readonly words: readonly string[];
  /** Can be decided only when after-contact work is over. */
  readonly awaitsWork: boolean;
  readonly facts: readonly DerivedFact[];
}

/**
 * The published rules of an instance for one event source, asked together. `words` finds the words of all of them in a turn, by names
 * that are short enough to be kept with a contact; `facts` are what else has to be found out for a fact document; `match` asks.
 */
export class RuleSet {
  readonly words: TranscriptMatcher = new TranscriptMatcher();
  readonly #machine = new Machine<string>();
  readonly #rules = new Map<string, ListedRule>();
  /** How many rules need a fact, by its key. */
  readonly #holders = new Map<string, number>();
  /** By their names. */
  readonly #wordFacts = new Map<string, WordsFact>();
  /** All others, by their keys. */
  readonly #otherFacts = new Map<string, DerivedFact>();

  get size(): number {
    return this.#rules.size;
  }

  get awaitsWork(): boolean {
    return [...this.#rules.values()].some(({ awaitsWork }) => awaitsWork);
  }

  /** Adds a rule, or replaces what is known of it. Its function was checked when it was saved. */
  add(rule: Rule): ListedRule {
    const key = resourceKey(rule);
    this.remove(key);
    const { condition, derivedFacts } = compileRuleFunction(rule.function, rule.source);
    for (const fact of derivedFacts) this.#hold(fact);
    const filters = filterConditions(rule);
    this.#machine.add(key, filters.length > 0 ? { kind: "all", of: [...filters, condition] } : condition);
    const listed: ListedRule = {
      rule,
      age: ruleAge(rule),
      words: wordKeysOf(condition).map(nameOf),
      awaitsWork: AFTER_WORK.includes(rule.source) || asksAt(condition, WORK_DURATION),
      facts: derivedFacts,
    };
    this.#rules.set(key, listed);
    return listed;
  }

  /** Removes a rule by its key, if it is there. */
  remove(key: string): void {
    const listed = this.#rules.get(key);
    if (!listed) return;
    this.#rules.delete(key);
    this.#machine.remove(key);
    for (const fact of listed.facts) this.#release(fact);
  }

  listed(): Iterable<ListedRule> {
    return this.#rules.values();
  }

  /** Those that are found out beside words, each once. */
  facts(): Iterable<DerivedFact> {
    return this.#otherFacts.values();
  }

  /**
   * The rules that are true of a contact, the oldest first. `document`: the values that conditions name by their paths; `foundWords`: names
   * of word conditions; `answerTo`: what else was found out.
   */
  match(
    document: JsonObject,
    foundWords: Iterable<string>,
    answerTo: (fact: DerivedFact) => Answer,
  ): readonly ListedRule[] {
    const answers: (readonly [DerivedFact, Answer])[] = [];
    for (const name of foundWords) {
      const fact = this.#wordFacts.get(name);
      if (fact) answers.push([fact, true]);
    }
    for (const fact of this.facts()) answers.push([fact, answerTo(fact)]);
    return this.matchDocument({ ...document, [DERIVED]: derivedMember(answers) });
  }

  /** The same, of a document with all that was found out. */
  matchDocument(document: JsonObject): readonly ListedRule[] {
    return this.#machine
      .match(document)
      .flatMap((key) => this.#rules.get(key) ?? [])
      .sort((one, other) => (one.age < other.age ? -1 : 1));
  }

  #hold(fact: DerivedFact): void {
    this.#holders.set(fact.key, (this.#holders.get(fact.key) ?? 0) + 1);
    if (fact.kind !== "words") {
      this.#otherFacts.set(fact.key, fact);
      return;
    }
    const name = nameOf(fact.key);
    this.#wordFacts.set(name, fact);
    this.words.add(name, fact.words);
  }

  #release({ key, kind }: DerivedFact): void {
    const left = (this.#holders.get(key) ?? 0) - 1;
    this.#holders.set(key, left);
    if (kind === "words") this.words.remove(nameOf(key));
    if (left > 0) return;
    this.#holders.delete(key);
    if (kind === "words") this.#wordFacts.delete(nameOf(key));
    else this.#otherFacts.delete(key);
  }
}

/** The members of a fact document that hold the tags of the contact and of its evaluation. */
export const TAGS = "Tags";
export const EVALUATION_TAGS = "EvaluationTags";

/** Tags that the contact, or the evaluation, must have before the function counts. */
export function filterConditions({ preEvaluationFilters }: Pick<Rule, "preEvaluationFilters">): readonly Condition[] {
  return (preEvaluationFilters?.AndConditions ?? []).map(({ ResourceType, FilterKey = "", FilterValue = "" }) => {
    // The SDK's types know of contacts alone.
    const tags = String(ResourceType) === "CONTACT_EVALUATION" ? EVALUATION_TAGS : TAGS;
    const predicates = [{ kind: "equals", value: FilterValue } as const];
    return { kind: "fields", fields: [{ path: [tags, ...FilterKey.split(".")], predicates }] };
  });
}

/** Keys of word conditions hold all their words. 96 bits tell those of an instance apart. */
const NAME_CHARACTERS = 16;

/** A short name for the words of a condition. */
export function nameOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, NAME_CHARACTERS);
}

/** The keys of the word conditions that speak for a condition by being found. */
function wordKeysOf(condition: Condition, isNegated = false): readonly string[] {
  switch (condition.kind) {
    case "not":
      return wordKeysOf(condition.of, !isNegated);
    case "all":
    case "any":
      return [...new Set(condition.of.flatMap((part) => wordKeysOf(part, isNegated)))];
    case "fields":
      if (isNegated) return [];
      return condition.fields
        .filter(({ path }) => path[0] === DERIVED && path[1] === FOUND_WORDS)
        .flatMap(({ predicates }) => predicates)
        .flatMap((predicate) => (predicate.kind === "named" ? predicate.name : []));
  }
}

const AFTER_WORK: readonly Rule["source"][] = ["OnAfterCallWorkAvailable", "OnAfterChatWorkAvailable"];
const WORK_DURATION = "AfterContactWorkDurationSecs";

function asksAt(condition: Condition, lastStep: string): boolean {
  switch (condition.kind) {
    case "not":
      return asksAt(condition.of, lastStep);
    case "all":
    case "any":
      return condition.of.some((part) => asksAt(part, lastStep));
    case "fields":
      return condition.fields.some(({ path }) => path.at(-1) === lastStep);
  }
}
