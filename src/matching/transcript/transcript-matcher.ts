import { englishSemantics } from "./english-semantics.ts";
import { type Part, partsOfPattern, partsOfPhrases } from "./parts.ts";
import { PhraseTrie } from "./phrase-trie.ts";
import type { Semantics } from "./semantics.ts";
import { tokenize } from "./tokens.ts";
import { isTriedAlways, readTurn, type Step, scanTurn } from "./turn-scan.ts";
import { Vocabulary } from "./vocabulary.ts";
import type { WordCondition } from "./word-condition.ts";

/** What is known of a contact beside its turns. */
export interface Conversation {
  /** A BCP 47 tag (`en-US`), if known. */
  readonly language?: string;
  /** How long the contact lasted, known once it is over. */
  readonly durationMs?: number;
}

/** One turn of a call, or one message of a chat. Offsets count from the contact's begin; of chats, from the first message. */
export interface Turn {
  readonly id: string;
  readonly role: string;
  readonly text: string;
  readonly beginOffsetMs: number;
  readonly endOffsetMs: number;
}

export interface Transcript extends Conversation {
  readonly turns: readonly Turn[];
}

/** A place in a turn at which a condition was found to hold. */
export interface PointOfInterest {
  readonly turn: Turn;
  /** UTF-16 code units of the turn's text, `endChar` exclusive. */
  readonly beginChar: number;
  readonly endChar: number;
}

/**
 * The word conditions of many rules, matched in one pass over a transcript; how stands in `turn-scan.ts`.
 *
 * - `exact`: an operand's tokens stand in a turn one after another.
 * - `pattern`: an operand's elements do, with lists, numbers, words by their beginning (`deliver*`), and words that come soon or do not.
 * - `semantic`: a turn means the same as an operand: has its words one after another or, as `Semantics` judges, says it in other words.
 *
 * What a token is stands in `tokens.ts`. Operands without any, and patterns with PROXIMITY where it has no place, match nothing.
 */
export class TranscriptMatcher {
  readonly #vocabulary = new Vocabulary();
  readonly #scopes = new Map<string, Scope>();
  readonly #entries = new Map<string, Entry>();
  readonly #semanticConditions = new Map<string, SemanticCondition>();
  readonly #semantics: () => Semantics;

  /** `semantics` is called only when a semantic condition has to be judged: it may load what it needs then. */
  constructor(semantics: () => Semantics = englishSemantics) {
    this.#semantics = semantics;
  }

  /** A name stands for one condition. It stays until it was removed as often as it was added. */
  add(name: string, condition: WordCondition): void {
    const known = this.#entries.get(name);
    if (known !== undefined) {
      known.holders += 1;
      return;
    }
    const entry: Entry = { name, condition, scope: this.#scopeOf(condition), steps: [], holders: 1 };
    this.#entries.set(name, entry);
    if (condition.kind === "semantic") this.#semanticConditions.set(name, condition);
    for (const parts of expressionsOf(condition)) addExpression(parts, entry);
  }

  remove(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    this.#entries.delete(name);
    this.#semanticConditions.delete(name);
    for (const step of entry.steps) removeStep(step, entry.scope);
    entry.scope.entries -= 1;
    if (entry.scope.entries === 0) this.#scopes.delete(entry.scope.name);
  }

  /** The names of all conditions that hold, each with its points of interest in the order of the turns. */
  match(transcript: Transcript): Map<string, PointOfInterest[]> {
    const all = new Map<string, PointOfInterest[]>();
    for (const turn of transcript.turns) {
      for (const [name, point] of this.matchTurn(turn, transcript)) {
        const points = all.get(name);
        if (points === undefined) all.set(name, [point]);
        else points.push(point);
      }
    }
    return all;
  }

  /**
   * The names of the conditions that hold because of one turn, each with its point of interest there: its first match (see `scanTurn`), one a
   * turn (our choice); all of the turn where it says the same in other words. A condition holds for a contact as soon as it holds for
   * one of its turns, so a live contact needs no more than each new turn.
   */
  matchTurn(turn: Turn, conversation: Conversation): Map<string, PointOfInterest> {
    const points = new Map<string, PointOfInterest>();
    const tokens = tokenize(turn.text);
    const read = readTurn(this.#vocabulary, tokens);
    for (const { trie, widest } of this.#scopes.values()) {
      if (!isIn(widest, turn, conversation)) continue;
      for (const [{ name, condition }, { begin, end }] of scanTurn(trie, read)) {
        if (!isInScope(condition, turn, conversation)) continue;
        points.set(name, { turn, beginChar: tokens[begin]?.begin ?? 0, endChar: tokens[end - 1]?.end ?? 0 });
      }
    }
    for (const [name, condition] of this.#semanticConditions) {
      if (points.has(name) || !isInScope(condition, turn, conversation) || !this.#isMeant(condition, turn)) continue;
      points.set(name, { turn, beginChar: 0, endChar: turn.text.length });
    }
    return points;
  }

  #isMeant({ operands }: SemanticCondition, turn: Turn): boolean {
    const semantics = this.#semantics();
    return operands.some((intent) => semantics.score(intent, turn.text) >= semantics.threshold);
  }

  /** The scope of a condition, which it belongs to from now on. */
  #scopeOf(condition: WordCondition): Scope {
    const { role, period } = condition;
    const name = `${role} ${period?.part ?? ""}`;
    const known = this.#scopes.get(name);
    if (known === undefined) {
      const scope: Scope = { name, trie: new PhraseTrie(this.#vocabulary), widest: condition, entries: 1 };
      this.#scopes.set(name, scope);
      return scope;
    }
    known.entries += 1;
    const { period: widest } = known.widest;
    if (period && widest && period.seconds > widest.seconds) known.widest = condition;
    return known;
  }
}

/**
 * Hot: conditions on one speaker, or on the first or last seconds, are looked for in the turns alone that are of any of them. There are nine such
 * scopes at most, however many periods rules name. With 500 rules of ten word conditions each a fifth more turns are read in the same time.
 */
interface Scope {
  readonly name: string;
  readonly trie: PhraseTrie<Step<Entry>>;
  /** Of the conditions that there are or were: what is in none of theirs is not in this. */
  widest: Pick<WordCondition, "role" | "period">;
  entries: number;
}

function addExpression(parts: readonly Part[], entry: Entry): void {
  let right: Step<Entry> | undefined;
  for (const { phrases, gap } of parts.toReversed()) {
    const nodes = phrases.map((phrase) => entry.scope.trie.hold(phrase));
    const step: Step<Entry> = {
      owner: entry,
      nodes,
      length: nodes.reduce((length, node) => Math.max(length, node.length), 0),
      right: right && gap && { step: right, gap },
      left: undefined,
    };
    if (isTriedAlways(step)) {
      for (const node of nodes) {
        node.users ??= new Set();
        node.users.add(step);
      }
    }
    entry.steps.push(step);
    if (right !== undefined) right.left = step;
    right = step;
  }
}

function removeStep(step: Step<Entry>, { trie }: Scope): void {
  for (const node of step.nodes) {
    node.users?.delete(step);
    if (node.users?.size === 0) node.users = undefined;
    trie.release(node);
  }
}

interface Entry {
  readonly name: string;
  readonly condition: WordCondition;
  readonly scope: Scope;
  readonly steps: Step<Entry>[];
  /** How often it was added and not removed. */
  holders: number;
}

type SemanticCondition = Extract<WordCondition, { kind: "semantic" }>;

function expressionsOf(condition: WordCondition): Part[][] {
  switch (condition.kind) {
    case "exact":
    case "semantic":
      return [partsOfPhrases(condition.operands)];
    case "pattern":
      return condition.operands.map(partsOfPattern);
  }
}

/** Offsets at the border: a turn that begins when the first seconds end, or ends when the last begin, is outside (our choice). */
function isInScope(condition: WordCondition, turn: Turn, conversation: Conversation): boolean {
  if (!isIn(condition, turn, conversation)) return false;
  const { language } = conversation;
  if (condition.kind !== "pattern" || condition.language === undefined || language === undefined) return true;
  return primarySubtag(language) === primarySubtag(condition.language);
}

function isIn({ role, period }: Scope["widest"], turn: Turn, { durationMs }: Conversation): boolean {
  if (role !== "ANY" && role !== turn.role) return false;
  if (period?.part === "first" && turn.beginOffsetMs >= period.seconds * 1000) return false;
  // Nothing is known to lie in the last seconds while the contact goes on.
  if (period?.part === "last" && !(turn.endOffsetMs > (durationMs ?? Infinity) - period.seconds * 1000)) return false;
  return true;
}

function primarySubtag(language: string): string {
  return language.split(/[-_]/, 1)[0]?.toLowerCase() ?? "";
}
