import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { XMLValidator } from "fast-xml-parser";
import { temporaryFolder } from "./server.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

function analyze(input: unknown, ...flags: string[]): { status: number | null; stdout: string; stderr: string } {
  const text = typeof input === "string" || Buffer.isBuffer(input) ? input : JSON.stringify(input);
  return spawnSync(process.execPath, [BIN, "analyze", "-", ...flags], { input: text, encoding: "utf8" });
}

const call = {
  channel: "VOICE",
  turns: [
    { speaker: "AGENT", text: "Harbour Bank, who am I speaking to?", beginMs: 0, endMs: 2_000 },
    { speaker: "CUSTOMER", text: "Olga Petrova. You overcharged me, I am furious.", beginMs: 2_500, endMs: 6_000 },
    { speaker: "AGENT", text: "I have refunded the fee.", beginMs: 16_000, endMs: 18_000 },
    { speaker: "CUSTOMER", text: "Wonderful, thank you so much!", beginMs: 18_500, endMs: 20_000 },
  ],
};

describe("trunkline analyze", () => {
  test("draws who spoke when with what sentiment, and tells figures and findings", () => {
    const { status, stdout } = analyze(call);
    assert.equal(status, 0);
    assert.match(stdout, /^Call, en-US, 4 turns, 0:20$/m);
    assert.match(stdout, /^CUSTOMER +−+ +\++$/m);
    assert.match(stdout, /^silence +10\.0 s in 1 stretch; interruptions 0/m);
    assert.match(stdout, /0:16 · AGENT +I have refunded the fee\.\n +outcome: I have refunded the fee\./);
  });

  test("says so where the language is not known", () => {
    const { stdout } = analyze({ ...call, languageCode: "ja-JP" });
    assert.match(stdout, /^Call, ja-JP, 4 turns, 0:20\nSentiment and findings are not known in ja-JP\.\n/);
  });

  test("prints the analysis file, redacted on request", () => {
    const { stdout } = analyze(call, "--json", "--redact", "EntityType");
    const file = JSON.parse(stdout);
    assert.equal(file.Transcript[1].Content, "[NAME]. You overcharged me, I am furious.");
    assert.equal(file.Transcript[1].Sentiment, "NEGATIVE");
    assert.equal(file.ContentMetadata.Output, "Redacted");
    assert.doesNotMatch(stdout, /Petrova/);
  });

  test("writes an SVG without a word of the conversation", () => {
    const svg = join(temporaryFolder(), "call.svg");
    assert.equal(analyze(call, "--svg", svg).status, 0);
    const picture = readFileSync(svg, "utf8");
    assert.equal(XMLValidator.validate(picture), true);
    assert.equal(picture.match(/<rect x=/g)?.length, call.turns.length);
    assert.doesNotMatch(picture, /refunded/);
  });

  test("says in one line what is wrong with a transcript or a flag", () => {
    for (const [input, flags, message] of [
      ["Hello", [], /^trunkline: This is neither a JSON object nor WebVTT\n$/],
      [
        { turns: [{ speaker: "AGENT", text: "Hi", beginMs: 5, endMs: 1 }] },
        [],
        /^trunkline: Turn 1 ends before it begins\n$/,
      ],
      [{ ...call, languageCode: "xx" }, [], /^trunkline: xx is no code of a language such as en-GB\n$/],
      [
        Buffer.from("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>caf\xe9", "latin1"),
        [],
        /^trunkline: - cannot be read: .*utf-8/,
      ],
      [
        "WEBVTT\n\n\u001b[31m0:01 --> 0:02\n<v Agent>Hi",
        [],
        /^trunkline: Cue 1 has no times .* but \\u001b\[31m0:01 --> 0:02\n$/,
      ],
      [call, ["--redact", "all"], /^trunkline: --redact takes PII or EntityType\n$/],
      [{ ...call, languageCode: "ja-JP" }, ["--redact", "PII"], /^trunkline: personal data is not known in ja-JP/],
    ] as const) {
      const { status, stdout, stderr } = analyze(input, ...flags);
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(stderr, message);
    }
  });
});
