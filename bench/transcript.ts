/**
 * Finding phrases in transcripts: tokens a second with more and more conditions, against looking for phrase after phrase in the same
 * tokens, and against only splitting the text into tokens (the floor).
 *
 * Turns have words with the frequencies of speech (Zipf). Conditions begin and end with a word beyond the fifty most frequent, since nobody looks
 * for "the"; "mixed" are exact phrases, words by their beginning within a distance of a list, and negative look-aheads, in equal shares.
 */
import { tokenize } from "../src/matching/transcript/tokens.ts";
import { TranscriptMatcher, type Turn } from "../src/matching/transcript/transcript-matcher.ts";
import type { WordCondition } from "../src/matching/transcript/word-condition.ts";
import { type Figures, median, printTable, rounds, SECONDS, spread } from "./measure.ts";

const CONDITIONS = [1, 100, 1_000, 10_000];
const TURNS = 2_000;
const WORDS_A_TURN = 15;
const VOCABULARY = 20_000;
const FREQUENT = 50;

export async function run(): Promise<void> {
  const random = seeded(1);
  const phrases = Array.from(
    { length: Math.max(...CONDITIONS) },
    () => `${contentWord(random)} ${word(random)} ${contentWord(random)}`,
  );
  // Every fourth turn has the first phrase, so that about as much is found with one condition as with all.
  const turns = Array.from({ length: TURNS }, (_, i): Turn => {
    const words = Array.from({ length: WORDS_A_TURN - 3 }, () => word(random)).join(" ");
    const text = `${words} ${i % 4 === 0 ? phrases[0] : `${word(random)} ${word(random)} ${word(random)}`}`;
    return { id: String(i), role: i % 2 ? "AGENT" : "CUSTOMER", text, beginOffsetMs: 0, endOffsetMs: 1000 };
  });
  const mixed = phrases.map((phrase, i) => mixedCondition(phrase, i % 3, random));

  const floor = await rounds([
    { name: "tokens only", run: () => measure(turns, (turn) => tokenize(turn.text).length) },
  ]);
  const rows = [
    [
      "conditions",
      "mixed, tokens/s",
      "matches a turn",
      "exact, tokens/s",
      "phrase by phrase, tokens/s",
      "exact / phrase by phrase",
    ],
  ];
  for (const count of CONDITIONS) {
    const exact = matcherOf(phrases.slice(0, count).map((phrase) => exactly(phrase)));
    const all = matcherOf(mixed.slice(0, count));
    const tokens = phrases.slice(0, count).map((phrase) => phrase.split(" "));
    const figures = await rounds([
      { name: "mixed", run: () => measure(turns, (turn) => all.matchTurn(turn, {}).size) },
      { name: "exact", run: () => measure(turns, (turn) => exact.matchTurn(turn, {}).size) },
      { name: "one by one", run: () => measure(turns, (turn) => countOneByOne(turn, tokens)) },
    ]);
    const [fast, slow] = [figures.get("exact"), figures.get("one by one")];
    rows.push([
      String(count),
      spread(figures.get("mixed"), "tokensPerSecond"),
      median(figures.get("mixed"), "foundATurn").toFixed(3),
      spread(fast, "tokensPerSecond"),
      spread(slow, "tokensPerSecond"),
      `${(median(fast, "tokensPerSecond") / median(slow, "tokensPerSecond")).toFixed(1)} ×`,
    ]);
  }
  printTable(`Phrases in transcripts, turns of ${WORDS_A_TURN} words`, rows);
  console.log(`  only splitting into tokens: ${spread(floor.get("tokens only"), "tokensPerSecond")} tokens/s`);
}

/** Turn after turn for as long as a side has. */
async function measure(turns: readonly Turn[], look: (turn: Turn) => number): Promise<Figures> {
  const begin = performance.now();
  let count = 0;
  let found = 0;
  while (performance.now() - begin < SECONDS * 1000) {
    for (let i = 0; i < 20; i++) found += look(turns[count++ % turns.length] as Turn);
  }
  const seconds = (performance.now() - begin) / 1000;
  return { tokensPerSecond: (count * WORDS_A_TURN) / seconds, foundATurn: found / count };
}

function countOneByOne(turn: Turn, phrases: readonly (readonly string[])[]): number {
  const texts = tokenize(turn.text).map(({ text }) => text);
  return phrases.filter((phrase) => texts.some((_, at) => phrase.every((text, i) => texts[at + i] === text))).length;
}

function matcherOf(conditions: readonly WordCondition[]): TranscriptMatcher {
  const matcher = new TranscriptMatcher();
  for (const [i, condition] of conditions.entries()) matcher.add(String(i), condition);
  return matcher;
}

function exactly(phrase: string): WordCondition {
  return { kind: "exact", role: "ANY", operands: [phrase] };
}

function mixedCondition(phrase: string, kind: number, random: () => number): WordCondition {
  if (kind === 0) return exactly(phrase);
  const gap = { type: "PROXIMITY", distance: 2, isWithin: kind === 1 } as const;
  const right =
    kind === 1
      ? ({ type: "LIST", texts: [contentWord(random), contentWord(random), contentWord(random)] } as const)
      : ({ type: "PLAIN", text: contentWord(random) } as const);
  return {
    kind: "pattern",
    role: "ANY",
    operands: [[{ type: "PLAIN", text: kind === 1 ? `${phrase}*` : phrase }, gap, right]],
  };
}

/** A word by its rank, which is Zipf's: the nth comes about 1/n as often as the first. */
function word(random: () => number): string {
  return spell(Math.floor(VOCABULARY ** random()));
}

function contentWord(random: () => number): string {
  return spell(Math.floor(FREQUENT * (VOCABULARY / FREQUENT) ** random()));
}

/** So that few words are another's beginning. */
function spell(rank: number): string {
  return `${Math.imul(rank, 2654435761) >>> 0}`.replace(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "");
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
