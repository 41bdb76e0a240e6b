/** What would a Connect rule have matched? `POST /_trunkline/backtest` and `trunkline backtest` say so, from what was kept. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Sha256Node } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import type { BacktestLine, BacktestMatch, BacktestResult } from "../src/services/rules/index.ts";
import { allOf, type Line, openRuleWorld } from "./rule-world.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const world = await openRuleWorld(server);
const { connect, InstanceId, agentId } = world;
after(() => connect.destroy());

const startMs = server.app.platform().clock.now();
const LATE: readonly Line[] = [
  ["AGENT", "Good morning."],
  ["CUSTOMER", "My parcel is really late."],
];
const FINE: readonly Line[] = [["CUSTOMER", "All is well, thank you."]];

async function talk(channel: "VOICE" | "CHAT", lines: readonly Line[], arrival?: object): Promise<string> {
  await world.status(agentId, "Available");
  const contactId = await world.talk(channel, lines, arrival);
  await world.status(agentId, "Offline");
  return contactId;
}

/** Two days of calls: late, fine, late with an attribute; then a chat. */
const early = await talk("VOICE", LATE);
await server.advance("PT5H");
await talk("VOICE", FINE);
const gold = await talk("VOICE", LATE, { attributes: { tier: "gold" } });
await server.advance("P1D");
const chat = await talk("CHAT", LATE);

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly matches: readonly BacktestMatch[];
  readonly done: BacktestResult | undefined;
}

async function backtest(question: unknown, accessKeyId = "test"): Promise<Answer> {
  const body = typeof question === "string" ? question : JSON.stringify(question);
  const answer = await sendSigned(server.url, {
    service: "trunkline",
    path: "/_trunkline/backtest",
    body,
    accessKeyId,
  });
  if (answer.status !== 200)
    return { status: answer.status, matches: [], done: undefined, ...JSON.parse(answer.body.toString()) };
  const lines = answer.body
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BacktestLine);
  return {
    status: answer.status,
    matches: lines.flatMap((line) => ("match" in line ? [line.match] : [])),
    done: lines.flatMap((line) => ("done" in line ? [line.done] : []))[0],
  };
}

function draft(source: string, text: string, more: object = {}): object {
  return { Name: "draft", TriggerEventSource: { EventSourceName: source }, Function: text, ...more };
}

const saysLate = (section: string) => allOf(section, ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late"]]);

test("a draft is tried on calls that are over: matches with their reasons, a histogram, and nothing happens", async () => {
  const before = (await world.streams()).contactEvents.length;
  const { matches, done } = await backtest({ rule: draft("OnPostCallAnalysisAvailable", saysLate("PostCall")) });
  assert.deepEqual(
    matches.map(({ subject, condition }) => [subject, condition]),
    [early, gold].map((subject) => [
      subject,
      {
        kind: "all",
        met: true,
        of: [
          {
            kind: "field",
            met: true,
            path: "ContactLens.PostCall.ExactMatch.Transcript",
            asked: 'tells that anyone said "really late" (exact match)',
            found: ["really late (CUSTOMER at 2.0 s)"],
          },
        ],
      },
    ]),
  );
  assert.partialDeepStrictEqual(done, { source: "OnPostCallAnalysisAvailable", asked: 3, matched: 2 });
  assert.equal(
    done?.histogram.reduce((sum, step) => sum + step.matched, 0),
    2,
  );
  assert.equal((await world.streams()).contactEvents.length, before);
  assert.deepEqual(
    (await backtest({ rule: draft("OnPostCallAnalysisAvailable", saysLate("PostCall")), matches: 1 })).done,
    done,
  );
});

test("the function may be an object, and filters and facts of the contact count as they were", async () => {
  const text = allOf("PostCall", ["ContactAttribute.tier", "EQUALS", ["gold"]]);
  const { matches } = await backtest({ rule: draft("OnPostCallAnalysisAvailable", JSON.parse(text)) });
  assert.deepEqual(
    matches.map(({ subject }) => subject),
    [gold],
  );
  const PreEvaluationFilters = { AndConditions: [{ FilterKey: "line", FilterValue: "b2b" }] };
  const filtered = await backtest({ rule: draft("OnPostCallAnalysisAvailable", text, { PreEvaluationFilters }) });
  assert.partialDeepStrictEqual(filtered.done, { asked: 3, matched: 0 });
});

test("real-time rules are tried turn by turn, and chats are chats", async () => {
  const { matches, done } = await backtest({
    rule: draft("OnRealTimeCallAnalysisAvailable", saysLate("RealTimeCall")),
  });
  assert.deepEqual(
    matches.map(({ subject, turn }) => [subject, turn?.speaker, turn?.beginMs]),
    [early, gold].map((subject) => [subject, "CUSTOMER", 2_000]),
  );
  assert.equal(done?.asked, 3);
  const chats = await backtest({ rule: draft("OnPostChatAnalysisAvailable", saysLate("PostChat")) });
  assert.deepEqual(
    chats.matches.map(({ subject }) => subject),
    [chat],
  );
  assert.equal(chats.done?.asked, 1);
});

test("a rule on after-contact work is tried when that is over", async () => {
  const text = allOf("PostCall", ["Agent.AfterContactWorkDurationSecs", "NumberLessOrEqualTo", [5]]);
  const { done } = await backtest({ rule: draft("OnPostCallAnalysisAvailable", text) });
  assert.partialDeepStrictEqual(done, { asked: 3, matched: 3 });
});

test("a rule of the instance is tried by its name, published or not, as it is now", async () => {
  const source = "OnPostCallAnalysisAvailable";
  const id = await world.rule(source, "kept", saysLate("PostCall"), { PublishStatus: "DRAFT" });
  for (const rule of ["kept", id]) assert.equal((await backtest({ rule })).done?.matched, 2);
  assert.equal((await backtest({ rule: "nothing" })).status, 404);
});

test("a time can be chosen, and a gap in what is kept is told", async () => {
  const rule = draft("OnPostCallAnalysisAvailable", saysLate("PostCall"));
  assert.equal((await backtest({ rule, since: "23h" })).done?.matched, 0);
  const time = (hours: number) => new Date(startMs + hours * 3_600_000).toISOString();
  const late = await backtest({ rule, since: time(1), until: time(6) });
  assert.deepEqual(
    late.matches.map(({ subject }) => subject),
    [gold],
  );
  assert.deepEqual(late.done?.gaps, []);
  const all = await backtest({ rule, since: "P2D" });
  assert.deepEqual(all.done?.gaps, [
    {
      since: all.done?.since,
      until: new Date(startMs).toISOString(),
      reason: "What rules looked at was not kept before.",
    },
  ]);
});

test("what cannot be tried is refused, and nobody else's contacts are looked at", async () => {
  const rule = draft("OnPostCallAnalysisAvailable", saysLate("PostCall"));
  const statement = allOf("PostCall", ["SemanticMatch.Phrase", "EQUALS", ["The customer was angry"]]);
  const refusals: readonly (readonly [unknown, number, RegExp])[] = [
    ["not JSON", 400, /not JSON/],
    [{}, 400, /rule is missing/],
    [{ rule, from: "7d" }, 400, /from/],
    [{ rule, since: "yesterday" }, 400, /since/],
    [{ rule, since: "1h", until: "2h" }, 400, /before/],
    [{ rule, matches: 1e9 }, 400, /matches/],
    [{ rule, instance: "none" }, 404, /none/],
    [{ rule: 7 }, 400, /rule/],
    [{ rule: { ...rule, TriggerEventSource: {} } }, 400, /EventSourceName/],
    [{ rule: { ...rule, Function: 7 } }, 400, /Function/],
    [{ rule: { ...rule, Function: "{}" } }, 400, /Version|RuleFunction/],
    [{ rule: { ...rule, PreEvaluationFilters: { AndConditions: [{}] } } }, 400, /PreEvaluationFilters/],
    [{ rule: draft("OnPostCallAnalysisAvailable", saysLate("PostChat")) }, 400, /Unsupported ComparisonValue/],
    [{ rule: draft("OnPostCallAnalysisAvailable", statement) }, 400, /generative/],
    [{ rule: draft("OnSchedulePublish", saysLate("PostCall")) }, 400, /not kept/],
  ];
  for (const [question, status, error] of refusals) {
    const answer = await backtest(question);
    assert.equal(answer.status, status, answer.error);
    assert.match(answer.error ?? "", error);
  }
  assert.equal((await backtest({ rule, instance: InstanceId }, "other")).status, 404);
});

test("a long backtest tells how far it is, and ends when nobody listens any more", { timeout: 60_000 }, async () => {
  const { store, flow } = server.app.platform();
  const [entry] = await store.read("rules.inputs", 0, 2, { entries: 1 });
  assert(entry);
  for (let batch = 0; batch < 100; batch++) {
    await store.commit(async (unit) => {
      for (let count = 0; count < 200; count++) unit.append("rules.inputs", entry.key, entry.value);
    });
  }
  const ending = new AbortController();
  const question = { rule: draft("OnPostCallAnalysisAvailable", saysLate("PostCall")), matches: 0 };
  const reader = await listen(server.url, question, ending.signal);
  const { value } = await reader.read();
  assert.match(new TextDecoder().decode(value), /^\{"progress":\{"read":\d+,"of":\d+,/);
  ending.abort();
  while (!/trunkline_backtests_total\{outcome="cancelled"\} 1/.test(flow.metrics.text())) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  // What was forged for this is trimmed away again.
  const { next } = await store.bounds("rules.inputs", 0);
  await store.trim("rules.inputs", 0, next, 100_000);
});

test("on a data folder a backtest runs in a thread of its own: it finds the same, and ends when nobody listens", {
  timeout: 60_000,
}, async () => {
  const folded = await startTrunkline("--data", temporaryFolder());
  const other = await openRuleWorld(folded);
  after(() => other.connect.destroy());
  const called = await other.talk("VOICE", LATE);
  await other.status(other.agentId, "Available");
  await other.talk("VOICE", FINE);
  const rule = draft("OnPostCallAnalysisAvailable", saysLate("PostCall"));
  const path = "/_trunkline/backtest";
  const answer = await sendSigned(folded.url, { service: "trunkline", path, body: JSON.stringify({ rule }) });
  const lines = answer.body.toString().trim().split("\n");
  const [match, last] = [lines[0], lines.at(-1)].map((line) => JSON.parse(line ?? ""));
  assert.partialDeepStrictEqual(match, { match: { subject: called, matched: true } });
  assert.partialDeepStrictEqual(last, { done: { asked: 2, matched: 1 } });

  const { store, flow } = folded.app.platform();
  const [entry] = await store.read("rules.inputs", 0, 2, { entries: 1 });
  assert(entry);
  await store.commit(async (unit) => {
    for (let count = 0; count < 20_000; count++) unit.append("rules.inputs", entry.key, entry.value);
  });
  const ending = new AbortController();
  await (await listen(folded.url, { rule, matches: 10_000 }, ending.signal)).read();
  ending.abort();
  while (!/trunkline_backtests_total\{outcome="cancelled"\} 1/.test(flow.metrics.text())) {
    await new Promise((resolve) => setImmediate(resolve));
  }
});

/** Begins to read the answer of a backtest. */
async function listen(
  endpoint: string,
  question: object,
  signal?: AbortSignal,
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const body = JSON.stringify(question);
  const url = new URL("/_trunkline/backtest", endpoint);
  const { headers } = await new SignatureV4({
    service: "trunkline",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    sha256: Sha256Node,
  }).sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host },
    body,
  });
  const { host: _, ...sent } = headers;
  const response = await fetch(url, { method: "POST", headers: sent, body, ...(signal && { signal }) });
  return (response.body ?? assert.fail("There is no body")).getReader();
}

test("the command line tries a file or a rule, and draws a histogram", async () => {
  await talk("VOICE", LATE);
  const file = join(temporaryFolder(), "rule.json");
  writeFileSync(file, JSON.stringify(draft("OnPostCallAnalysisAvailable", saysLate("PostCall"))));
  const tried = await trunkline("backtest", file, "--since", "1h");
  assert.equal(tried.code, 0);
  assert.match(
    tried.output,
    /✓ ContactLens\.PostCall\.ExactMatch\.Transcript {2}tells that .* {2}"really late \(CUSTOMER at 2\.0 s\)"/,
  );
  assert.match(tried.output, /OnPostCallAnalysisAvailable: 1 of 1 would have matched, /);
  assert.match(tried.output, / {6}1 of 1 {7}█{40}\n/);
  const lines = (await trunkline("backtest", "kept", "--since", "1h", "--json")).output.trim().split("\n");
  assert.equal(JSON.parse(lines.at(-1) ?? "").done.matched, 1);
  assert.equal((await trunkline("backtest", "nothing")).code, 1);
});

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

async function trunkline(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [BIN, ...args, "--url", server.url], { stdio: ["ignore", "pipe", "ignore"] });
  const closed = once(child, "close");
  let output = "";
  for await (const chunk of child.stdout) output += chunk;
  await closed;
  return { code: child.exitCode, output };
}
