/**
 * A library of rules as insurers, travel agents, shops and hospitals write them (`rule-library.json`), each with conversations that it must
 * match and others that it must not. Every conversation is played once with all rules published; what acted, what explain says and what a
 * backtest finds must be the same.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import type { EventSourceName, RuleAction } from "@aws-sdk/client-connect";
import type { BacktestLine } from "../src/services/rules/index.ts";
import { type Line, openRuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

interface Talk {
  readonly lines: readonly Line[];
  readonly attributes?: Readonly<Record<string, string>>;
  /** Seconds on hold, or in silence, after the first line. */
  readonly hold?: number;
  readonly pause?: number;
}

interface LibraryRule {
  readonly industry: string;
  readonly name: string;
  readonly source: EventSourceName;
  readonly function: object;
  readonly matches: readonly Talk[];
  readonly doesNotMatch: readonly Talk[];
}

const library = JSON.parse(
  readFileSync(new URL("rule-library.json", import.meta.url), "utf8"),
) as readonly LibraryRule[];

const server = await startTrunkline();
const world = await openRuleWorld(server);
after(() => world.connect.destroy());

const ACTIONS: RuleAction[] = [
  { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
  { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "MATCHED" } },
];

async function play(channel: "VOICE" | "CHAT", { lines, attributes = {}, hold, pause }: Talk): Promise<string> {
  const contactId = await world.begin(channel, { attributes });
  for (const [at, line] of lines.entries()) {
    await world.say(contactId, line);
    if (at > 0) continue;
    if (pause !== undefined) await server.advance(`PT${pause}S`);
    if (hold === undefined) continue;
    await world.act(world.agentId, "hold", { contactId });
    await server.advance(`PT${hold}S`);
    await world.act(world.agentId, "resume", { contactId });
  }
  await world.end(contactId);
  return contactId;
}

async function post(path: string, body: object): Promise<string> {
  const answer = await sendSigned(server.url, { service: "trunkline", path, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, answer.body.toString());
  return answer.body.toString();
}

test("at least forty rules of four industries, each with both kinds of conversations", () => {
  assert.equal(library.length >= 40, true);
  assert.equal(new Set(library.map(({ name }) => name)).size, library.length);
  assert.deepEqual([...new Set(library.map(({ industry }) => industry))], ["insurance", "travel", "retail", "health"]);
  for (const { name, matches, doesNotMatch } of library) assert.ok(matches.length > 0 && doesNotMatch.length > 0, name);
});

test("each rule acts on its conversations and on no other of its own; explain and backtest agree with what happened", async () => {
  for (const { name, source, function: rule } of library) {
    await world.rule(source, name, JSON.stringify(rule), { Actions: ACTIONS });
  }
  const played: {
    readonly contactId: string;
    readonly rule: LibraryRule;
    readonly talk: Talk;
    readonly isMatch: boolean;
  }[] = [];
  for (const rule of library) {
    const channel = rule.source.includes("Chat") ? "CHAT" : "VOICE";
    for (const talk of [...rule.matches, ...rule.doesNotMatch]) {
      played.push({ contactId: await play(channel, talk), rule, talk, isMatch: rule.matches.includes(talk) });
    }
  }
  const acted = new Map<string, Set<string>>(library.map(({ name }) => [name, new Set()]));
  for (const event of (await world.streams()).contactEvents) {
    if (!event["detail-type"].endsWith("Rules Matched")) continue;
    const { ruleName, contactArn } = event.detail as unknown as { ruleName: string; contactArn: string };
    acted.get(ruleName)?.add(contactArn.split("/").at(-1) ?? "");
  }
  const wrong = played
    .filter(({ contactId, rule, isMatch }) => acted.get(rule.name)?.has(contactId) !== isMatch)
    .map(
      ({ rule, talk, isMatch }) => `${rule.name} ${isMatch ? "must match" : "must not match"} ${JSON.stringify(talk)}`,
    );
  assert.deepEqual(wrong, []);

  for (const { contactId } of played) {
    const { inputs } = JSON.parse(await post("/_trunkline/explain", { subject: contactId })) as {
      inputs: readonly { rules: readonly { name: string; matched: boolean }[] }[];
    };
    const explained = inputs.flatMap(({ rules }) => rules).filter(({ matched }) => matched);
    const happened = library.filter(({ name }) => acted.get(name)?.has(contactId)).map(({ name }) => name);
    assert.deepEqual(explained.map(({ name }) => name).sort(), happened.sort(), contactId);
  }
  for (const { name, source, function: asked } of library) {
    const rule = { TriggerEventSource: { EventSourceName: source }, Function: asked };
    const lines = (await post("/_trunkline/backtest", { rule, matches: 1_000 })).trim().split("\n");
    const found = lines
      .map((line) => JSON.parse(line) as BacktestLine)
      .flatMap((line) => ("match" in line ? line.match.subject : []));
    assert.deepEqual(new Set(found), acted.get(name), name);
  }
});
