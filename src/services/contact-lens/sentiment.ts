/**
 * The sentiment of a sentence or two that somebody says, in English: a lexicon of words (VADER's, with a valence of -4 to 4 each) and one
 * of phrases that mean something in contact centres, read with negations and intensifiers.
 *
 * A text is cut into clauses, at punctuation and at words of contrast, since "great phone, awful battery" is both. Each clause has a
 * score; the text is MIXED where one is clearly good and another clearly bad. How good the labels are is counted by
 * `sentiment.test.ts` on labelled utterances, one half of which was never looked at.
 *
 * C. Hutto, E. Gilbert: VADER, a parsimonious rule-based model for sentiment analysis of social media text (2014), for the constants.
 */
import { readFileSync } from "node:fs";
import lexicon from "./sentiment-lexicon.json" with { type: "json" };

export type SentimentLabel = "POSITIVE" | "NEUTRAL" | "NEGATIVE" | "MIXED";

export interface Sentiment {
  readonly label: SentimentLabel;
  /** -1 (as bad as can be) to 1. */
  readonly score: number;
}

/** Transcripts know three sentiments; what is mixed shows as neutral (our choice), as it counts in scores. */
export function spokenSentiment(label: SentimentLabel): Exclude<SentimentLabel, "MIXED"> {
  return label === "MIXED" ? "NEUTRAL" : label;
}

export const NEUTRAL: Sentiment = { label: "NEUTRAL", score: 0 };

/** Scores from here on, either way, are no longer neutral. */
const LABEL_SCORE = 0.2;
/** Both ways, for a text that is mixed. */
const MIXED_SCORE = 0.22;

const NEGATION_FACTOR = -0.74;
const BOOST = 0.293;
/** Words before a word of sentiment that may negate or boost it. */
const LOOK_BACK = 3;
/** An exclamation mark adds this to what is there, four of them at most. */
const EXCLAMATION = 0.292;
const EXCLAMATIONS_MAX = 4;
/** Brings sums of valences into -1 to 1. */
const NORMALISATION = 15;

const NEGATIONS: ReadonlySet<string> = new Set(
  "not never no none nor without hardly barely rarely cannot can't don't doesn't didn't won't wouldn't isn't aren't wasn't weren't haven't hasn't hadn't shouldn't couldn't ain't neither".split(
    " ",
  ),
);

const BOOSTERS: ReadonlyMap<string, number> = new Map([
  ..."absolutely amazingly completely considerably decidedly deeply enormously entirely especially exceptionally extremely fully greatly highly hugely incredibly intensely particularly purely quite really remarkably so super thoroughly totally tremendously truly unbelievably utterly very pretty too much such"
    .split(" ")
    .map((word) => [word, BOOST] as const),
  ..."almost barely hardly just-enough kind kinda little marginally occasionally partly scarcely slightly somewhat sort sorta a-bit"
    .split(" ")
    .map((word) => [word, -BOOST] as const),
]);

/** What stands on either side may be meant differently. */
const CONTRASTS =
  /\b(?:but|however|although|though|even though|yet|except|unfortunately|sadly|until|whereas|while|then)\b/i;
const CLAUSE_END = /[.!?;:,…]+|\s[-–—]+\s|\band\b/;
const SPLIT = new RegExp(`(?:${CONTRASTS.source}|${CLAUSE_END.source})`, "gi");

/** Judges an English text. */
export function sentimentOf(text: string): Sentiment {
  const clauses = text
    .split(SPLIT)
    .map(valenceOf)
    .filter((valence) => valence !== 0);
  const exclamations = Math.min(text.split("!").length - 1, EXCLAMATIONS_MAX) * EXCLAMATION;
  const total = clauses.reduce((sum, valence) => sum + valence, 0);
  const score = normalised(total + Math.sign(total) * exclamations);
  const best = normalised(Math.max(0, ...clauses));
  const worst = normalised(Math.min(0, ...clauses));
  if (best >= MIXED_SCORE && worst <= -MIXED_SCORE) return { label: "MIXED", score };
  if (Math.abs(score) < LABEL_SCORE) return { label: "NEUTRAL", score };
  return { label: score > 0 ? "POSITIVE" : "NEGATIVE", score };
}

function normalised(sum: number): number {
  return sum / Math.sqrt(sum * sum + NORMALISATION);
}

const WORD = /[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*/gu;

/** The sum of the valences of a clause's words and phrases. */
function valenceOf(clause: string): number {
  const words = clause.toLowerCase().replaceAll("’", "'").match(WORD) ?? [];
  let sum = 0;
  let at = 0;
  while (at < words.length) {
    const found = longestEntry(words, at);
    if (found === undefined) at += 1;
    else {
      sum += adjusted(found.valence, words, at);
      at += found.length;
    }
  }
  return sum;
}

/** A valence in the light of the words before it. */
function adjusted(valence: number, words: readonly string[], at: number): number {
  if (valence === 0) return 0;
  let value = valence;
  for (let back = 1; back <= LOOK_BACK && back <= at; back += 1) {
    const word = words[at - back] ?? "";
    const boost = (BOOSTERS.get(word) ?? 0) * (1 - 0.05 * (back - 1));
    value += Math.sign(value) * boost;
    if (NEGATIONS.has(word)) value *= NEGATION_FACTOR;
  }
  return value;
}

interface Entry {
  readonly valence: number;
  /** In words. */
  readonly length: number;
}

const PHRASE_WORDS_MAX = 5;

function longestEntry(words: readonly string[], at: number): Entry | undefined {
  const { phrases, starts } = entries();
  const first = words[at] ?? "";
  for (let length = starts.get(first) ?? 0; length > 0; length -= 1) {
    const valence = phrases.get(length === 1 ? first : words.slice(at, at + length).join(" "));
    if (valence !== undefined && at + length <= words.length) return { valence, length };
  }
  return undefined;
}

interface Entries {
  readonly phrases: ReadonlyMap<string, number>;
  /** By first word: how many words the longest phrase has. */
  readonly starts: ReadonlyMap<string, number>;
}

let loaded: Entries | undefined;

/** Read at first use: whoever analyses nothing pays nothing. */
function entries(): Entries {
  loaded ??= loadEntries();
  return loaded;
}

function loadEntries(): Entries {
  const phrases = new Map<string, number>();
  const file = new URL(import.meta.resolve("vader-sentiment/vader_lexicon.txt"));
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [word, valence] = line.split("\t");
    if (word && valence) phrases.set(word, Number(valence));
  }
  for (const phrase of lexicon.neutral) phrases.set(phrase, 0);
  for (const [phrase, valence] of Object.entries(lexicon.valences)) phrases.set(phrase, valence);

  const starts = new Map<string, number>();
  for (const phrase of phrases.keys()) {
    const words = phrase.split(" ");
    const [first = ""] = words;
    if (words.length <= PHRASE_WORDS_MAX) starts.set(first, Math.max(starts.get(first) ?? 0, words.length));
  }
  return { phrases, starts };
}
