import type { SentimentLabel } from "./sentiment.ts";

/** A turn's sentiment with its place in the run of equal ones: the second NEGATIVE in a row has 2. */
export interface RankedSentiment {
  readonly label: SentimentLabel;
  readonly rank: number;
}

/** Places in runs. Anything neutral, or of the opposite sentiment, begins anew. */
export function ranked(labels: readonly SentimentLabel[]): RankedSentiment[] {
  let rank = 0;
  return labels.map((label, at) => {
    rank = label === labels[at - 1] ? rank + 1 : 1;
    return { label, rank };
  });
}

const SIGNS: Readonly<Record<SentimentLabel, number>> = { POSITIVE: 1, NEGATIVE: -1, NEUTRAL: 0, MIXED: 0 };

/**
 * -5 to 5, unrounded. A neutral turn weighs 1, any other its place in its run; the score is 5 × Σ(sign × weight) / Σ weight, and 0 of
 * nothing. The formula reproduces published analysis files number by number. Mixed turns, which those files do not know, count as
 * neutral (our choice).
 */
export function sentimentScore(turns: readonly RankedSentiment[]): number {
  let signed = 0;
  let total = 0;
  for (const { label, rank } of turns) {
    const sign = SIGNS[label];
    const weight = sign === 0 ? 1 : rank;
    signed += sign * weight;
    total += weight;
  }
  return total === 0 ? 0 : (5 * signed) / total || 0;
}

/** Half up, to one decimal: files of calls. */
export function roundedScore(score: number): number {
  return Math.floor(score * 10 + 0.5) / 10;
}
