import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Analytics } from "../connect/index.ts";
import { type Analysis, analyse } from "./analysis.ts";
import { analysisFile } from "./analysis-file.ts";
import { chatDetails } from "./categories.ts";
import { chatSegments } from "./chat-segments.ts";
import type { Conversation } from "./conversation.ts";
import { offlineEngine } from "./engine.ts";
import { outputsOf } from "./outputs.ts";
import type { MaskMode } from "./redaction/mask.ts";

const HEADER = { accountId: "444455556666", instanceId: "i", contactId: "c" };

/** Shorter findings stand in ids and numbers by chance. */
const SECRET_LENGTH_MIN = 5;

test("what was found as personal data is in no redacted output, wherever texts are told", () => {
  fc.assert(
    fc.property(anyConversation(), fc.constantFrom<MaskMode>("PII", "EntityType"), (conversation, mode) => {
      const analysis = analyse(conversation, offlineEngine);
      const redaction = { mode };
      const categories = [{ name: "Everything", pointsOfInterest: analysis.turns.map(pointAtAll) }];
      const told = JSON.stringify([
        analysisFile(analysis, { ...HEADER, categories, redaction }, redaction),
        ...(conversation.channel === "CHAT"
          ? [analysis.turns.map((turn) => chatSegments(turn, 0, { tellsSentiment: true, redaction }))]
          : []),
        chatDetails(categories, redaction),
      ]);
      for (const secret of secretsOf(analysis)) assert.ok(!told.includes(JSON.stringify(secret).slice(1, -1)), secret);
    }),
  );
});

test("an engine that knows a language's personal data gives it a redacted output, and one that does not gives none", () => {
  const analytics = {
    RedactionConfiguration: { Behavior: "Enable", Policy: "RedactedAndOriginal", Entities: null, MaskMode: null },
  } as Analytics;
  assert.equal(outputsOf(analytics, "ja-JP", { knowsEntities: () => true }), "RedactedAndRaw");
  assert.equal(outputsOf(analytics, "ja-JP", offlineEngine), "Raw");
});

function pointAtAll(turn: Analysis["turns"][number]) {
  return { items: [{ turn, offsets: { BeginOffsetChar: 0, EndOffsetChar: turn.turn.content.length } }] };
}

/** Findings, but for those that somebody also said where they were not found. */
function secretsOf({ turns }: Analysis): string[] {
  const found = turns.flatMap(({ turn, entities = [] }) =>
    entities.map(({ begin, end }) => turn.content.slice(begin, end)),
  );
  const open = turns.map(({ turn, entities = [] }) =>
    entities.reduceRight((text, { begin, end }) => text.slice(0, begin) + text.slice(end), turn.content),
  );
  return found.filter((secret) => secret.length >= SECRET_LENGTH_MIN && !open.some((text) => text.includes(secret)));
}

/** A call or a chat between Vera Holm and a customer who tells this and that of themselves. */
function anyConversation(): fc.Arbitrary<Conversation> {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^[1-9]{${length}}$`));
  const word = fc.stringMatching(/^[a-z]{6,10}$/);
  const confession = fc.oneof(
    word.map((name) => `Please write to ${name}@example.com, that is wrong.`),
    digits(9).map((number) => `Call me on +4477${number.slice(0, 8)} about my refund.`),
    digits(4).map((pin) => `My PIN is ${pin} and it does not work.`),
    fc.constantFrom("Nora Lind", "Olga Petrova", "John Carter").map((name) => `My name is ${name}, I need a refund.`),
    digits(6).map((number) => `My card is 4111 1111 1111 1111, my password is ${number}xy.`),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  );
  const answer = fc.constantFrom("Thank you, Nora.", "I have refunded it.", "What is your name?", "I will call you.");
  return fc
    .record({
      channel: fc.constantFrom("VOICE" as const, "CHAT" as const),
      texts: fc.array(fc.tuple(confession, answer), { minLength: 1, maxLength: 5 }),
    })
    .map(({ channel, texts }) => {
      const customer = { id: "11111111", role: "CUSTOMER", displayName: "Nora Lind" } as const;
      const agent = { id: "22222222", role: "AGENT", displayName: "Vera Holm" } as const;
      const turns = texts.flat().map((content, at) => ({
        id: `turn ${at}`,
        participant: at % 2 === 0 ? customer : agent,
        kind: "MESSAGE" as const,
        content,
        contentType: "text/plain",
        beginMs: at * 2_000,
        endMs: at * 2_000 + (channel === "VOICE" ? 1_000 : 0),
      }));
      return { channel, languageCode: "en-US", participants: [customer, agent], turns, startMs: 0 };
    });
}
