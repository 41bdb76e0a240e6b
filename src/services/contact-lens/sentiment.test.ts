import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type SentimentLabel, sentimentOf } from "./sentiment.ts";

const LABELS: readonly SentimentLabel[] = ["POSITIVE", "NEUTRAL", "NEGATIVE", "MIXED"];
/** Stated before the first run. */
const MACRO_F1_MIN = 0.75;

interface Labelled {
  readonly label: string;
  readonly text: string;
}

describe("the sentiment of an utterance", () => {
  test("is what a listener says it is, on utterances that were held out", (context) => {
    const heldOut = labelled("sentiment.labelled.txt").filter((_, at) => at % 2 === 1);
    const macro = macroF1(heldOut, (line) => context.diagnostic(`held out: ${line}`));
    assert.ok(macro >= MACRO_F1_MIN, `macro F1 is ${macro}`);
  });

  test("is what a listener says it is, on utterances whose writer had not seen the engine", (context) => {
    const independent = labelled("sentiment.independent.txt");
    const macro = macroF1(independent, (line) => context.diagnostic(`independent: ${line}`));
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
    assert.equal(sentimentOf("Good morning, Harbour Bank.").label, "NEUTRAL");
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

function labelled(file: string): Labelled[] {
  return readFileSync(new URL(file, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ label: line.slice(0, line.indexOf(" ")), text: line.slice(line.indexOf(" ") + 1) }));
}

/** Tells what it is made of, label by label. */
function macroF1(sample: readonly Labelled[], tell: (line: string) => void): number {
  const predicted = sample.map(({ text }) => sentimentOf(text).label);
  const scores = LABELS.map((label) => {
    const count = sample.filter((utterance) => utterance.label === label).length;
    const said = predicted.filter((one) => one === label).length;
    const right = sample.filter((utterance, at) => utterance.label === label && predicted[at] === label).length;
    const f1 = right === 0 ? 0 : (2 * right) / (said + count);
    tell(
      `${label} of ${count}: precision ${(right / said).toFixed(3)}, recall ${(right / count).toFixed(3)}, F1 ${f1.toFixed(3)}`,
    );
    return f1;
  });
  const macro = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  tell(`${sample.length} utterances, macro F1 ${macro.toFixed(3)}`);
  return macro;
}
