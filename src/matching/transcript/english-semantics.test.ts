/**
 * How well the built-in judge of meaning does on pairs of an intent and a turn, beside the plainest judge: the share of the intent's
 * words, by stem, that the turn has. Its threshold, weights and word groups were set on the tuning half; the other half says what to expect.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { stemmer } from "stemmer";
import { englishSemantics } from "./english-semantics.ts";
import { tokenize } from "./tokens.ts";

const { intents } = JSON.parse(readFileSync(new URL("./english-semantics.cases.json", import.meta.url), "utf8")) as {
  readonly intents: readonly {
    readonly half: "tuning" | "held out";
    readonly intent: string;
    readonly same: readonly string[];
    readonly other: readonly string[];
  }[];
};

const { score, threshold } = englishSemantics();

for (const half of ["tuning", "held out"] as const) {
  test(`meaning is judged better than by equal stems: ${half} half`, (context) => {
    const judged = quality(half, score, threshold);
    const byStems = quality(half, shareOfStems, bestThreshold(shareOfStems));
    for (const [name, { precision, recall, f1 }] of Object.entries({ judged, byStems })) {
      context.diagnostic(
        `${half}, ${name}: precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}, F1 ${f1.toFixed(2)}`,
      );
    }
    assert.ok(judged.f1 >= (half === "tuning" ? 0.85 : 0.7), `F1 ${judged.f1}`);
    assert.ok(judged.precision >= 0.7 && judged.precision > byStems.precision, `precision ${judged.precision}`);
  });
}

test("the threshold is the best there is for the tuning half", () => {
  assert.equal(quality("tuning", score, threshold).f1, quality("tuning", score, bestThreshold(score)).f1);
});

test("the same words score 1, whatever their case, and nothing in common scores 0", () => {
  assert.equal(score("speak to a manager", "I want to SPEAK to a manager!"), 1);
  assert.equal(score("cancel my order", "the weather is fine"), 0);
  assert.equal(score("", "the weather is fine"), 0);
  assert.equal(score("is it", ""), 0);
});

test("what is negated on one side alone is not the same", () => {
  assert.ok(score("cancel my subscription", "I would like to cancel my subscription") >= threshold);
  assert.ok(score("cancel my subscription", "I do not want to cancel my subscription") < threshold);
  assert.ok(score("I do not want to cancel", "we don't want to terminate") >= threshold);
});

test("a megabyte is judged in time, also by an endless intent", { timeout: 20_000 }, () => {
  const plenty = "cancel my order now and ".repeat(45_000);
  assert.equal(score("cancel my order", plenty), 1);
  assert.equal(score(plenty, plenty), 1);
});

interface Quality {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

type Score = (intent: string, turnText: string) => number;

function quality(half: "tuning" | "held out", judge: Score, least: number): Quality {
  let [found, foundWrongly, missed] = [0, 0, 0];
  for (const { intent, same, other } of intents.filter((each) => each.half === half)) {
    const positives = same.filter((turn) => judge(intent, turn) >= least).length;
    found += positives;
    missed += same.length - positives;
    foundWrongly += other.filter((turn) => judge(intent, turn) >= least).length;
  }
  return {
    precision: found / (found + foundWrongly),
    recall: found / (found + missed),
    f1: (2 * found) / (2 * found + foundWrongly + missed),
  };
}

function bestThreshold(judge: Score): number {
  const steps = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
  return steps.reduce((best, step) =>
    quality("tuning", judge, step).f1 > quality("tuning", judge, best).f1 ? step : best,
  );
}

function shareOfStems(intent: string, turnText: string): number {
  const stems = (text: string): string[] => tokenize(text).map((token) => stemmer(token.text));
  const turn = new Set(stems(turnText));
  const wanted = stems(intent);
  return wanted.filter((stem) => turn.has(stem)).length / wanted.length;
}
