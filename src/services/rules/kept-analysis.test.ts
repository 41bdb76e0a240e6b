import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AnalysedTurn,
  type ContactAnalysis,
  chatCharacteristics,
  voiceCharacteristics,
} from "../contact-lens/index.ts";
import { analysisKept, keptAnalysis } from "./kept-analysis.ts";

const participant = fc.constantFrom<AnalysedTurn["turn"]["participant"]>(
  { id: "AGENT", role: "AGENT" },
  { id: "CUSTOMER", role: "CUSTOMER" },
  { id: "bot", role: "CUSTOM_BOT", displayName: "Ann" },
);

const anyTurn = fc.record({
  participant,
  kind: fc.constantFrom<AnalysedTurn["turn"]["kind"]>("MESSAGE", "MESSAGE", "EVENT"),
  content: fc.string({ unit: "grapheme", maxLength: 20 }),
  contentType: fc.constantFrom("text/plain", "text/plain", "text/markdown", "application/json"),
  beginMs: fc.nat(100_000),
  lengthMs: fc.nat(5_000),
  loudness: fc.option(fc.array(fc.option(fc.integer({ min: -90, max: 90 })), { maxLength: 3 }), { nil: undefined }),
  label: fc.constantFrom<AnalysedTurn["sentiment"]["label"]>("POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"),
  order: fc.nat(),
});

test("what was kept of an analysis has the same turns, in the same orders, and the same characteristics", () => {
  fc.assert(
    fc.property(
      fc.array(anyTurn, { maxLength: 12 }),
      fc.constantFrom("VOICE" as const, "CHAT" as const),
      (drawn, channel) => {
        const numbered = drawn.map((one, at) => ({ ...one, id: `turn-${at}` }));
        const turns = numbered
          .toSorted((one, other) => one.beginMs - other.beginMs)
          .map(({ lengthMs, label, order: _, ...turn }): AnalysedTurn => {
            const sentiment = { label, score: 0 };
            const findings = { issues: [], outcomes: [], actionItems: [] };
            return { turn: { ...turn, endMs: turn.beginMs + lengthMs }, sentiment, findings, entities: undefined };
          });
        const analysis: ContactAnalysis = {
          conversation: {
            channel,
            languageCode: "en-US",
            participants: [],
            turns: turns.map(({ turn }) => turn),
            startMs: 7,
          },
          turns,
          durationMs: 200_000,
          heard: numbered.toSorted((one, other) => one.order - other.order).map(({ id }) => id),
        };
        const kept = analysisKept(JSON.parse(JSON.stringify(keptAnalysis(analysis))));
        assert.deepEqual(kept, analysis);
        assert.deepEqual(voiceCharacteristics(kept), voiceCharacteristics(analysis));
        assert.deepEqual(chatCharacteristics(kept), chatCharacteristics(analysis));
      },
    ),
  );
});
