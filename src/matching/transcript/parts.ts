import type { Phrase } from "./phrase-trie.ts";
import { tokenize } from "./tokens.ts";
import type { Pattern, PatternElement } from "./word-condition.ts";

/** One part of an expression: any one of its phrases, and how the next part has to follow. The last part has no gap. */
export interface Part {
  readonly phrases: readonly Phrase[];
  gap?: Gap;
}

/** The next part begins after at most so many tokens or, if not `isWithin`, does not begin there. Adjacent is within 0. */
export interface Gap {
  readonly distance: number;
  readonly isWithin: boolean;
}

/** The parts of an expression from left to right, none if nothing can match it: it has no tokens, or PROXIMITY where it has no place. */
export function partsOfPattern(pattern: Pattern): Part[] {
  const parts: Part[] = [];
  let gap: Gap | undefined;
  for (const element of pattern) {
    if (element.type === "PROXIMITY") {
      if (parts.length === 0 || gap !== undefined) return [];
      gap = element;
      continue;
    }
    const phrases = phrasesOf(element);
    // Only blanks and punctuation: contributes nothing.
    if (phrases.length === 0) continue;
    append(parts, gap, phrases);
    gap = undefined;
  }
  return gap === undefined ? parts : [];
}

/** Phrases of which any one is wanted, word for word, as one part. */
export function partsOfPhrases(texts: readonly string[]): Part[] {
  const phrases = texts.map(wordsOf).filter(isPhrase);
  return phrases.length === 0 ? [] : [{ phrases }];
}

/** Phrases without a choice or a gap between them become one. */
function append(parts: Part[], gap: Gap | undefined, phrases: readonly Phrase[]): void {
  const last = parts.at(-1);
  const [lastPhrase, ...otherLastPhrases] = last?.phrases ?? [];
  const [phrase, ...otherPhrases] = phrases;
  if (gap === undefined && lastPhrase && phrase && otherLastPhrases.length === 0 && otherPhrases.length === 0) {
    for (const test of phrase) lastPhrase.push(test);
    return;
  }
  if (last !== undefined) last.gap = gap ?? { distance: 0, isWithin: true };
  parts.push({ phrases });
}

function phrasesOf(element: Exclude<PatternElement, { type: "PROXIMITY" }>): Phrase[] {
  switch (element.type) {
    case "PLAIN":
      return [testsOf(element.text)].filter(isPhrase);
    case "LIST":
      return element.texts.map(testsOf).filter(isPhrase);
    case "NUMERICAL":
      return [[{ kind: "number", decimal: element.decimal }]];
  }
}

function isPhrase(tests: Phrase): boolean {
  return tests.length > 0;
}

/** A token that ends in `*` stands for all that begin so. */
function testsOf(text: string): Phrase {
  return tokenize(text).map((token) => ({ kind: token.starred ? "prefix" : "word", text: token.text }));
}

/** `*` is punctuation here. */
function wordsOf(text: string): Phrase {
  return tokenize(text).map((token) => ({ kind: "word", text: token.text }));
}
