/** Judges whether a turn means the same as an example phrase, the intent. */
export interface Semantics {
  /** The least score at which both count as meaning the same. */
  readonly threshold: number;
  /** From 0, nothing in common, to 1. Not asked where the turn has the intent's very words. */
  score(intent: string, turnText: string): number;
}
