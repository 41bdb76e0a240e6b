import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Analysis, analyse } from "./analysis.ts";
import { analysisFile } from "./analysis-file.ts";
import type { Conversation, ParticipantRole } from "./conversation.ts";
import { type AnalysisEngine, offlineEngine } from "./engine.ts";
import { readTranscript } from "./read-transcript.ts";
import type { SentimentLabel } from "./sentiment.ts";

const HEADER = { accountId: "444455556666", instanceId: "i", contactId: "c" };

/** A call and a chat with all figures, as the documentation of the files has them. */
const call = read("analysis-file.call.json");
const chat = read("analysis-file.chat.json");

// biome-ignore lint/suspicious/noExplicitAny: files of another service, of which the test knows the shape.
function read(name: string): any {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
}

describe("the figures of a documented file follow from its transcript", () => {
  test("of a call", () => {
    const labels = new Map<string, SentimentLabel>(
      call.Transcript.map((turn: { Content: string; Sentiment: SentimentLabel }) => [turn.Content, turn.Sentiment]),
    );
    const file = analysisFile(analyseAs(call, labels), HEADER);
    const { ContactSummary: _, ...documented } = call.ConversationCharacteristics;
    assert.deepEqual(file.ConversationCharacteristics, documented);
    assert.deepEqual(file.Participants, call.Participants);
  });

  test("of a chat", () => {
    const labels = new Map<string, SentimentLabel>([
      ["I cannot pay, the card form keeps failing", "NEGATIVE"],
      ["It works now, brilliant!", "POSITIVE"],
    ]);
    const { ContactSummary: _, ...figures } = analysisFile(analyseAs(chat, labels), HEADER)
      .ConversationCharacteristics as Record<string, unknown>;
    const { ContactSummary: __, ...documented } = chat.ConversationCharacteristics;
    assert.deepEqual(figures, documented);
  });
});

test("the file of the documented chat has the documented members, and says who took part and what is hidden in both copies", () => {
  const analysis = analyse(readTranscript(JSON.stringify(chat)), offlineEngine);
  const redaction = { mode: "EntityType" } as const;
  const file = analysisFile(analysis, { ...HEADER, redaction });
  assert.deepEqual(file.Participants, chat.Participants);
  assert.deepEqual(file.Transcript, chat.Transcript);
  const { Transcript } = analysisFile(analysis, { ...HEADER, redaction }, redaction) as {
    Transcript: Record<string, unknown>[];
  };
  assert.deepEqual(
    Transcript.map(({ Redaction }) => Redaction),
    chat.Transcript.map(({ Redaction }: Record<string, unknown>) => Redaction),
  );
  // "Customer" says which side they are on, and is no name.
  assert.deepEqual(
    Transcript.map(({ DisplayName }) => DisplayName),
    ["Customer", "SYSTEM_MESSAGE", "[NAME]", "[NAME]", "Customer", "[NAME]", "Customer", "Customer", undefined],
  );
});

test("a chat without events does not say when its agent joined, who answers since the customer has written", () => {
  const turns = [
    { speaker: "CUSTOMER", text: "Where is my parcel?", at: "2026-03-03T10:00:00Z" },
    { speaker: "AGENT", text: "On its way.", at: "2026-03-03T10:00:09Z" },
  ];
  const analysis = analyse(readTranscript(JSON.stringify({ channel: "CHAT", turns })), offlineEngine);
  const { ConversationCharacteristics: figures } = analysisFile(analysis, HEADER) as {
    ConversationCharacteristics: { ResponseTime: unknown };
  };
  assert.deepEqual(figures.ResponseTime, {
    DetailsByParticipantRole: {
      AGENT: {
        Average: { ValueMillis: 9_000 },
        Maximum: { TranscriptItems: [{ Id: analysis.turns[1]?.turn.id }], ValueMillis: 9_000 },
      },
    },
  });
});

test("whoever speaks for longest is spoken over, whatever was said meanwhile", () => {
  const said = (speaker: string, beginMs: number, endMs: number) => ({ speaker, text: "Yes.", beginMs, endMs });
  const turns = [said("CUSTOMER", 0, 9_000), said("SYSTEM", 2_000, 3_000), said("AGENT", 4_000, 5_000)];
  const { ConversationCharacteristics: figures } = analysisFile(
    analyse(readTranscript(JSON.stringify({ turns })), offlineEngine),
    HEADER,
  ) as { ConversationCharacteristics: { Interruptions: unknown } };
  assert.deepEqual(figures.Interruptions, {
    InterruptionsByInterrupter: {
      AGENT: [{ BeginOffsetMillis: 4_000, DurationMillis: 1_000, EndOffsetMillis: 5_000 }],
    },
    TotalCount: 1,
    TotalTimeMillis: 1_000,
  });
});

test("half a word a minute counts as one", () => {
  const turns = [{ speaker: "AGENT", text: "One two three.", beginMs: 0, endMs: 1_600 }];
  const { ConversationCharacteristics: figures } = analysisFile(
    analyse(readTranscript(JSON.stringify({ turns })), offlineEngine),
    HEADER,
  ) as { ConversationCharacteristics: { TalkSpeed: unknown } };
  assert.deepEqual(figures.TalkSpeed, { DetailsByParticipant: { AGENT: { AverageWordsPerMinute: 113 } } });
});

test("the engine finds the issue, the outcome and the action item of the documented call where they stand", () => {
  const { Transcript } = analysisFile(analyse(readTranscript(JSON.stringify(call)), offlineEngine), HEADER) as {
    Transcript: Record<string, unknown>[];
  };
  for (const [at, turn] of Transcript.entries()) {
    for (const member of ["IssuesDetected", "OutcomesDetected"]) {
      assert.deepEqual(turn[member], call.Transcript[at][member], `${member} of turn ${at}`);
    }
  }
  assert.equal((Transcript[6]?.ActionItemsDetected as unknown[] | undefined)?.length, 1);
});

describe("a redacted file", () => {
  test("says nothing that was hidden, and where it was said", () => {
    const analysis = analyseTurns([
      ["AGENT", "Who am I speaking to?"],
      ["CUSTOMER", "My name is Nora Lind, and my card 4111 1111 1111 1111 was charged twice."],
    ]);
    const file = analysisFile(analysis, HEADER, { mode: "EntityType" }) as { Transcript: Record<string, unknown>[] };
    const [, turn] = file.Transcript;
    assert.equal(turn?.Content, "My name is [NAME], and my card [CREDIT_DEBIT_NUMBER] was charged twice.");
    assert.equal((turn?.Redaction as { RedactedTimestamps: unknown[] } | undefined)?.RedactedTimestamps.length, 2);
    assert.deepEqual(turn?.IssuesDetected, [
      {
        CharacterOffsets: { BeginOffsetChar: 0, EndOffsetChar: 71 },
        Text: "My name is [NAME], and my card [CREDIT_DEBIT_NUMBER] was charged twice.",
      },
    ]);
  });

  test("hides personal data in messages that are no plain text too", () => {
    const at = "2026-03-03T10:15:00Z";
    const common = { AbsoluteTime: at, Id: "m", ParticipantId: "c", ParticipantRole: "CUSTOMER", Type: "MESSAGE" };
    const Content = '{"answer":"write to nora@example.com"}';
    const Transcript = [{ ...common, Content, ContentType: "application/json" }];
    const analysis = analyse(readTranscript(JSON.stringify({ Channel: "CHAT", Transcript })), offlineEngine);
    assert.doesNotMatch(JSON.stringify(analysisFile(analysis, HEADER, { mode: "PII" })), /nora@/);
  });

  test("differs from the raw one only in texts, names and offsets", () => {
    fc.assert(
      fc.property(anyTurns, (turns) => {
        const analysis = analyseTurns(turns);
        const raw = analysisFile(analysis, HEADER) as Record<string, unknown>;
        const redacted = analysisFile(analysis, HEADER, { mode: "PII" }) as Record<string, unknown>;
        assert.deepEqual(redacted.ConversationCharacteristics, raw.ConversationCharacteristics);
        for (const { entities, turn } of analysis.turns) {
          for (const { begin, end } of entities ?? []) {
            const secret = turn.content.slice(begin, end);
            const told = (redacted.Transcript as { Id: string; Content: string }[]).find(({ Id }) => Id === turn.id);
            const outside = turn.content.slice(0, begin) + turn.content.slice(end);
            assert.ok(outside.includes(secret) || !told?.Content.includes(secret));
          }
        }
      }),
    );
  });

  test("is refused in a language whose personal data is not known", () => {
    const conversation = { ...conversationOf([["CUSTOMER", "山田太郎です"]]), languageCode: "ja-JP" };
    assert.throws(
      () => analysisFile(analyse(conversation, offlineEngine), HEADER, { mode: "PII" }),
      /cannot be redacted/,
    );
  });
});

test("a language without an engine is neutral throughout", () => {
  const conversation = { ...conversationOf([["CUSTOMER", "This is terrible."]]), languageCode: "ja-JP" };
  const file = analysisFile(analyse(conversation, offlineEngine), HEADER) as { Transcript: { Sentiment: string }[] };
  assert.equal(file.Transcript[0]?.Sentiment, "NEUTRAL");
});

const anyTurns = fc.array(
  fc.tuple(
    fc.constantFrom<ParticipantRole>("AGENT", "CUSTOMER"),
    fc.oneof(
      fc.constantFrom(
        "My name is Nora Lind.",
        "My PIN is 4271.",
        "Call +44 20 7946 0123, please.",
        "Great, thanks!",
        "This is terrible.",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ""),
    ),
  ),
  { minLength: 1, maxLength: 8 },
);

/** Analyses a file with the sentiment that it gives itself: what is neutral there is not listed. */
function analyseAs(file: unknown, labels: ReadonlyMap<string, SentimentLabel>): Analysis {
  const engine: AnalysisEngine = {
    ...offlineEngine,
    sentiment: (text) => ({ label: labels.get(text) ?? "NEUTRAL", score: 0 }),
  };
  return analyse(readTranscript(JSON.stringify(file)), engine);
}

function analyseTurns(turns: readonly (readonly [ParticipantRole, string])[]): Analysis {
  return analyse(conversationOf(turns), offlineEngine);
}

/** Turns of two seconds, one after the other. */
function conversationOf(turns: readonly (readonly [ParticipantRole, string])[]): Conversation {
  return readTranscript(
    JSON.stringify({
      channel: "VOICE",
      turns: turns.map(([speaker, text], at) => ({ speaker, text, beginMs: at * 2_000, endMs: at * 2_000 + 1_900 })),
    }),
  );
}
