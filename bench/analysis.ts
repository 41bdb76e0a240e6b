/**
 * Conversational analytics: utterances analysed a second on one core (sentiment, findings, personal data, and the words of 100 categories),
 * against only looking for the words. Utterances are the labelled ones of the tests.
 */
import { readFileSync } from "node:fs";
import { TranscriptMatcher } from "../src/matching/transcript/transcript-matcher.ts";
import { offlineEngine } from "../src/services/contact-lens/engine.ts";
import { type Figures, median, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";

const CATEGORIES = 100;
const UTTERANCES_PER_SECOND = 5_000;
const LABELLED = "../src/services/contact-lens/";

export async function run(): Promise<void> {
  const texts = [
    ...linesOf("sentiment.labelled.txt").map((line) => line.slice(line.indexOf(" ") + 1)),
    ...linesOf("redaction/redaction.labelled.txt").map((line) => line.replace(/\{\{\w+:(.*?)\}\}/g, "$1")),
  ];
  const matcher = new TranscriptMatcher();
  for (let at = 0; at < CATEGORIES; at += 1) {
    // A few words from somewhere in an utterance, as people write rules.
    const words = (texts[(at * 7) % texts.length] ?? "").split(" ").slice(1, 4).join(" ");
    matcher.add(String(at), { kind: "exact", role: "ANY", operands: [words || "refund"] });
  }
  const figures = await rounds([
    { name: "all", run: async () => measure(texts, (text) => analyse(text) + look(matcher, text)) },
    { name: "words", run: async () => measure(texts, (text) => look(matcher, text)) },
    { name: "sentiment", run: async () => measure(texts, (text) => offlineEngine.sentiment(text, "en-US").score) },
    {
      name: "personal data",
      run: async () => measure(texts, (text) => offlineEngine.entities(text, "en-US", {})?.length ?? 0),
    },
  ]);
  printTable(`Analysis of utterances, ${CATEGORIES} categories`, [
    ["side", "utterances/s"],
    ...[...figures].map(([name, side]) => [name, spread(side, "utterancesPerSecond")]),
  ]);
  printBudget("utterances analysed a second on one core", median(figures.get("all"), "utterancesPerSecond"), {
    atLeast: UTTERANCES_PER_SECOND,
  });
}

function analyse(text: string): number {
  const { score } = offlineEngine.sentiment(text, "en-US");
  const { issues } = offlineEngine.findings(text, "CUSTOMER", "en-US");
  return score + issues.length + (offlineEngine.entities(text, "en-US", {})?.length ?? 0);
}

function look(matcher: TranscriptMatcher, text: string): number {
  return matcher.matchTurn({ id: "turn", role: "CUSTOMER", text, beginOffsetMs: 0, endOffsetMs: 1_000 }, {}).size;
}

function linesOf(file: string): string[] {
  const text = readFileSync(new URL(LABELLED + file, import.meta.url), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function measure(texts: readonly string[], act: (text: string) => number): Figures {
  const begin = performance.now();
  let count = 0;
  while (performance.now() - begin < SECONDS * 1_000) {
    for (let i = 0; i < 50; i += 1) act(texts[count++ % texts.length] ?? "");
  }
  return { utterancesPerSecond: count / ((performance.now() - begin) / 1_000) };
}
