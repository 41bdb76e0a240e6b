import { tokenize } from "./tokens.ts";

/** Judges whether a turn means the same as an example phrase, the intent. */
export interface Semantics {
  /** The least score at which both count as meaning the same. */
  readonly threshold: number;
  /** From 0 to 1: nothing in common, the same words. */
  score(intent: string, turnText: string): number;
}

/** Knows nothing but that the same words mean the same. */
export function englishSemantics(): Semantics {
  const words = (text: string): string =>
    tokenize(text)
      .map((token) => token.text)
      .join(" ");
  return { threshold: 1, score: (intent, turnText) => Number(words(intent) === words(turnText)) };
}
