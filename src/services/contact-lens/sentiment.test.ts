import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type SentimentLabel, sentimentOf } from "./sentiment.ts";

const LABELS: readonly SentimentLabel[] = ["POSITIVE", "NEUTRAL", "NEGATIVE", "MIXED"];
/** Stated before the first run. */
const MACRO_F1_MIN = 0.75;

const utterances = readFileSync(new URL("sentiment.labelled.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => ({ label: line.slice(0, line.indexOf(" ")), text: line.slice(line.indexOf(" ") + 1) }));

describe("the sentiment of an utterance", () => {
  test("is what a listener says it is, on utterances that were held out", (context) => {
    const heldOut = utterances.filter((_, at) => at % 2 === 1);
    const scores = LABELS.map((label) => f1(heldOut, label));
    const macro = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    context.diagnostic(
      `${heldOut.length} held-out utterances: macro F1 ${macro.toFixed(3)} (${LABELS.map((label, at) => `${label} ${scores[at]?.toFixed(2)}`).join(", ")})`,
    );
    assert.ok(macro >= MACRO_F1_MIN, `macro F1 is ${macro}`);
  });

  test("turns with a negation, and grows with an intensifier", () => {
    assert.equal(sentimentOf("The staff were helpful.").label, "POSITIVE");
    assert.equal(sentimentOf("The staff were not helpful.").label, "NEGATIVE");
    assert.ok(sentimentOf("The staff were very friendly.").score > sentimentOf("The staff were friendly.").score);
  });

  test("is mixed where one clause praises and another blames", () => {
    assert.equal(sentimentOf("Your colleague was wonderful, but the parcel arrived broken.").label, "MIXED");
  });

  test("of the phrases of courtesy that open a call is neutral", () => {
    assert.equal(sentimentOf("Thank you for calling Northwind, how can I help you?").label, "NEUTRAL");
  });

  test("has a score between -1 and 1, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        const { score } = sentimentOf(text);
        assert.ok(score >= -1 && score <= 1);
      }),
    );
  });
});

function f1(sample: typeof utterances, label: SentimentLabel): number {
  const predicted = sample.filter(({ text }) => sentimentOf(text).label === label);
  const right = predicted.filter((utterance) => utterance.label === label).length;
  const labelled = sample.filter((utterance) => utterance.label === label).length;
  return right === 0 ? 0 : (2 * right) / (predicted.length + labelled);
}
