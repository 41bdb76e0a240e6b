import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ConversationError } from "./conversation.ts";
import { readTranscript } from "./read-transcript.ts";

describe("a transcript", () => {
  test("of WebVTT has its speakers from voice spans or from the words before the text", () => {
    const { turns, channel } = readTranscript(
      "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.500\n<v Agent>Hello &amp; welcome</v>\n\n00:03.000 --> 00:04.000\nCustomer: Hi there.\n",
    );
    assert.equal(channel, "VOICE");
    assert.deepEqual(
      turns.map(({ participant, content, beginMs, endMs }) => [participant.role, content, beginMs, endMs]),
      [
        ["AGENT", "Hello & welcome", 1_000, 2_500],
        ["CUSTOMER", "Hi there.", 3_000, 4_000],
      ],
    );
  });

  test("of a chat has times, and comes in their order", () => {
    const { turns, startMs } = readTranscript(
      JSON.stringify({
        channel: "CHAT",
        turns: [
          { speaker: "AGENT", text: "Hi", at: "2026-03-03T10:15:29.500Z" },
          { speaker: "CUSTOMER", text: "Hello?", at: "2026-03-03T10:15:00Z" },
        ],
      }),
    );
    assert.equal(startMs, Date.parse("2026-03-03T10:15:00Z"));
    assert.deepEqual(
      turns.map(({ content, beginMs }) => [content, beginMs]),
      [
        ["Hello?", 0],
        ["Hi", 29_500],
      ],
    );
  });

  const turn = { speaker: "AGENT", text: "Hello", beginMs: 0, endMs: 1_000 };
  for (const [what, turns, message] of [
    ["a negative offset", [{ ...turn, beginMs: -1 }], /Turn 1 begins before the conversation/],
    ["an end before the beginning", [{ ...turn, endMs: -0.5 }], /Turn 1 has no offsets in whole milliseconds/],
    ["a turn that ends before it begins", [{ ...turn, beginMs: 2_000 }], /Turn 1 ends before it begins/],
    [
      "one person who speaks twice at once",
      [turn, { ...turn, beginMs: 500 }],
      /Turn 2 begins while its speaker, AGENT, still speaks/,
    ],
    [
      "an unknown speaker",
      [{ ...turn, speaker: "PARROT" }],
      /turns\[0\] has an unknown speaker, PARROT; those known are AGENT, /,
    ],
    ["no offsets", [{ speaker: "AGENT", text: "Hello" }], /turns\[0\] has no offsets/],
    ["no text", [{ speaker: "AGENT", beginMs: 0, endMs: 1 }], /turns\[0\] has no text/],
    ["a blank text", [{ ...turn, text: " \n" }], /Turn 1 has no text/],
    ["no turns", [], /no turns/],
    ["a huge text", [{ ...turn, text: "x".repeat(16_385) }], /more than 16384 characters/],
    ["a call of more than four hours", [{ ...turn, endMs: 14_400_001 }], /more than 14400 s/],
  ] as const) {
    test(`with ${what} is refused`, () => {
      assert.throws(
        () => readTranscript(JSON.stringify({ channel: "VOICE", turns })),
        (error) => error instanceof ConversationError && message.test(error.message),
      );
    });
  }

  for (const [what, text, message] of [
    [
      "cues without milliseconds",
      "WEBVTT\n\n0:01 --> 0:02\n<v Agent>Hi",
      /^Cue 1 has no times such as .* but 0:01 --> 0:02$/,
    ],
    ["a short arrow", "WEBVTT\n\n00:01.000 -> 00:02.000\n<v Agent>Hi", /^Cue 1 has no times/],
    [
      "people instead of roles",
      "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Nora Lind>Hi",
      /unknown speaker, NORA LIND; those/,
    ],
    [
      "two in a cue",
      "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>Hi<v Customer>Ho",
      /^Cue 1 has more than one speaker/,
    ],
    ["nobody in a cue", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello", /^Cue 1 names no speaker$/],
    ["JSON that breaks off", '{"turns": [{"speaker": ', /^This is neither a JSON object nor WebVTT: .*JSON/],
    [
      "no language",
      '{"languageCode": "klingon", "turns": [{"speaker":"AGENT","text":"Hi","beginMs":0,"endMs":1}]}',
      /^klingon is no code/,
    ],
  ] as const) {
    test(`with ${what} is refused`, () => {
      assert.throws(
        () => readTranscript(text),
        (error) => error instanceof ConversationError && message.test(error.message),
      );
    });
  }

  test("that is something else is refused, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => `{"Transcript":[${json}]}`),
          fc.json().map((json) => `{"turns":[${json}]}`),
        ),
        (text) => {
          assert.throws(() => readTranscript(text), ConversationError);
        },
      ),
    );
  });
});
