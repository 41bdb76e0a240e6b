import assert from "node:assert/strict";
import { test } from "node:test";
import { chanceOf } from "./chance.ts";
import { conversationOf, linesOf, subjectOf } from "./conversations.ts";
import { TOPICS } from "./roster.ts";

const many = Array.from({ length: 300 }, (_, number) => {
  const conversation = conversationOf("1", `contact ${number}`, TOPICS[number % 3] ?? "Billing");
  const how = { agentName: "Ada", turns: 12 + (number % 30), isChat: number % 4 === 0 };
  return { conversation, turns: how.turns, lines: linesOf(chanceOf("1", "lines", number), conversation, how) };
});

test("conversations are filled in, long enough, and both take part", () => {
  for (const { conversation, turns, lines } of many) {
    assert.ok(lines.length >= turns, `${lines.length} of ${turns}`);
    for (const { text } of lines) assert.doesNotMatch(text, /[{}]/);
    assert.doesNotMatch(subjectOf(conversation), /[{}]/);
    assert.equal(new Set(lines.map(({ speaker }) => speaker)).size, 2);
  }
});

test("all moods and problems come up, few conversations are alike, and personal data is told", () => {
  assert.equal(new Set(many.map(({ conversation }) => conversation.mood)).size, 5);
  assert.equal(new Set(many.map(({ conversation }) => conversation.problem.title)).size, 9);
  assert.equal(new Set(many.map(({ lines }) => JSON.stringify(lines))).size, many.length);
  const text = many.flatMap(({ lines }) => lines.map((line) => line.text)).join("\n");
  for (const personal of [
    /\S+@example\.com/,
    /4242 4242 4242 4242/,
    /07700 900\d{3}/,
    /NW-\d{6}/,
    /[A-Z]{2}\d+ \d[A-Z]{2}/,
  ]) {
    assert.match(text, personal);
  }
});

test("the same contact says the same again", () => {
  assert.deepEqual(conversationOf("1", "contact 5", "Orders"), conversationOf("1", "contact 5", "Orders"));
});
