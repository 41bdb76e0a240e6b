/**
 * Connect rules: analyses after calls of five minutes evaluated a second with 500 published rules of 20 conditions, what one of these rules
 * costs in a backtest of 100,000 recorded calls, and, of a call that goes on, how long after a sentence the event of a rule can be read.
 *
 * Evaluation counts processor time, a backtest and the latency wall time. Turns have words with the frequencies of speech (Zipf).
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { ConnectClient, CreateRuleCommand } from "@aws-sdk/client-connect";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import type { Rule } from "../src/services/connect/index.ts";
import type { AnalysedTurn, ContactAnalysis } from "../src/services/contact-lens/index.ts";
import { backtest } from "../src/services/rules/backtest.ts";
import { type ConversationInput, INPUTS } from "../src/services/rules/history.ts";
import { keptAnalysis } from "../src/services/rules/kept-analysis.ts";
import { afterContact } from "../src/services/rules/replay.ts";
import { RuleSet } from "../src/services/rules/rule-set.ts";
import { type Figures, median, percentile, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import type { Team } from "./sides/contact-centre.ts";
import { answeredCall, COMPARED, latestOf, SEGMENTS, withCalls } from "./sides/live-calls.ts";
import { call } from "./sides/load.ts";
import { withDataFolder } from "./sides/processes.ts";

const RULES = 500;
const CONDITIONS = 20;
const ANALYSES_PER_SECOND = 1_000;
const COMMITTED_MS = 20;
/** Of five minutes: 150 words a minute. */
const TURNS = 60;
const WORDS_A_TURN = 12;
const TURN_MS = 5_000;
const TRANSCRIPTS = 200;
const RECORDED = Number(process.env.BENCH_CONTACTS ?? 100_000);
const INSTANCE = { account: "000000000000", region: "us-east-1", instanceId: "instance" };

export async function run(): Promise<void> {
  const random = seeded(1);
  const inputs = Array.from({ length: TRANSCRIPTS }, (_, at) => conversation(at, random));
  const rules = Array.from({ length: RULES }, (_, at) => ruleOf(at, random));
  const [all, one] = [setOf(rules), setOf(rules.slice(0, 1))];
  const figures = await rounds([
    { name: `${RULES} rules`, run: async () => evaluate(all, inputs) },
    { name: "one rule", run: async () => evaluate(one, inputs) },
    { name: "latency", run: latency },
  ]);
  printTable(`Analyses after calls of ${TURNS} turns, rules of ${CONDITIONS} conditions`, [
    ["side", "analyses/s", "rules true of one"],
    ...[...figures]
      .slice(0, 2)
      .map(([name, side]) => [name, spread(side, "analysesPerSecond"), median(side, "matched").toFixed(2)]),
  ]);
  const many = median(figures.get(`${RULES} rules`), "analysesPerSecond");
  printBudget(`analyses a second on one core with ${RULES} rules`, many, { atLeast: ANALYSES_PER_SECOND });
  const told = figures.get("latency");
  printTable(`From a sentence to the event of a real-time rule on a Kinesis stream, ${RULES} rules, nothing beside`, [
    ["p50 ms", "p99 ms", "PutRecord p50 ms"],
    [spread(told, "p50Ms", 2), spread(told, "p99Ms", 2), spread(told, "putRecordP50Ms", 2)],
  ]);
  printBudget("idle p50, ms", median(told, "p50Ms"), { atMost: COMMITTED_MS });
  await printBacktest(rules[0] as Rule, inputs);
}

/** A rule acts once for a contact, so each sentence is that of another one, and the event is read that it tells. */
function latency(): Promise<Figures> {
  return withCalls({ teams: 1, agentsOfTeam: 1 }, async ({ server, centre, connection, flowId }) => {
    const { instanceId: InstanceId } = centre;
    const [team] = centre.teams as [Team];
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const connect = new ConnectClient({ endpoint: server.url, region: "us-east-1", credentials });
    for (let at = 0; at < RULES; at++) {
      const Operands = [
        {
          Operator: "CONTAINS_ANY",
          Operands: [`sentence ${at}`],
          ComparisonValue: "$.ContactLens.RealTimeCall.ExactMatch.Transcript",
        },
      ];
      await connect.send(
        new CreateRuleCommand({
          InstanceId,
          Name: `rule-${at}`,
          TriggerEventSource: { EventSourceName: "OnRealTimeCallAnalysisAvailable" },
          Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } }),
          Actions: [
            { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
            { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "TOLD" } },
          ],
          PublishStatus: "PUBLISHED",
        }),
      );
    }
    connect.destroy();
    const EventPattern = JSON.stringify({ "detail-type": ["Contact Lens Realtime Rules Matched"] });
    await call(server.url, "events", "AWSEvents.PutRule", { Name: "matched", EventPattern });
    await call(server.url, "events", "AWSEvents.PutTargets", {
      Rule: "matched",
      Targets: [{ Id: "stream", Arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${COMPARED}` }],
    });
    const contactId = await answeredCall(connection, centre, { ...team, agentId: team.agentIds[0] ?? "", flowId });
    const path = `/_trunkline/contacts/${InstanceId}/${contactId}/say`;
    const [latencies, puts]: [number[], number[]] = [[], []];
    for (let at = 0; at < RULES; at++) {
      let iterator = await latestOf(server.url, COMPARED);
      const startMs = performance.now();
      await connection.post(path, { speaker: "CUSTOMER", text: `This is sentence ${at}, you know.` });
      for (;;) {
        const page = await call(server.url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator: iterator });
        if (page.Records.length > 0) break;
        iterator = page.NextShardIterator;
      }
      latencies.push(performance.now() - startMs);
      const putMs = performance.now();
      await call(server.url, "kinesis", "Kinesis_20131202.PutRecord", {
        StreamName: SEGMENTS,
        PartitionKey: "probe",
        Data: Buffer.from("x".repeat(400)).toString("base64"),
      });
      puts.push(performance.now() - putMs);
    }
    return {
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      putRecordP50Ms: percentile(puts, 0.5),
    };
  });
}

function setOf(rules: readonly Rule[]): RuleSet {
  const set = new RuleSet();
  for (const rule of rules) set.add(rule);
  return set;
}

/** Analysis after analysis for as long as a side has. A second is one of processor time: others use the machine too. */
function evaluate(set: RuleSet, inputs: readonly ConversationInput[]): Figures {
  const begin = performance.now();
  const used = process.cpuUsage();
  let [count, matched] = [0, 0];
  while (performance.now() - begin < SECONDS * 1_000) {
    const { document, found, answerTo } = afterContact(set, inputs[count++ % inputs.length] as ConversationInput);
    matched += set.match(document, found.keys(), answerTo).length;
  }
  const { user, system } = process.cpuUsage(used);
  return { analysesPerSecond: (count * 1_000_000) / (user + system), matched: matched / count };
}

/** On a server of its own, as `POST /_trunkline/backtest` runs it. */
async function printBacktest(rule: Rule, inputs: readonly ConversationInput[]): Promise<void> {
  await withDataFolder(async (folder) => {
    const config = readConfig(["--port", "0", "--data", folder], {});
    const app = await startApp(config, { log: pino({ level: "silent" }) });
    const platform = app.platform();
    const texts = inputs.map((input) => JSON.stringify({ ...input, analysis: keptAnalysis(input.analysis) }));
    for (let at = 0; at < RECORDED; ) {
      await platform.store.commit(async (unit) => {
        for (let end = Math.min(RECORDED, at + 50); at < end; at++) {
          unit.append(INPUTS, `contact-${at}`, texts[at % texts.length] ?? "");
        }
      });
    }
    const caller = { account: INSTANCE.account, region: INSTANCE.region };
    const context = { ...platform, endpoint: app.url, ...caller, accessKeyId: "", principalArn: "", requestId: "" };
    const never = new AbortController().signal;
    const nowMs = platform.clock.now();
    const order = {
      instance: INSTANCE,
      rule,
      sinceMs: nowMs - 7 * 86_400_000,
      untilMs: nowMs + 1_000,
      nowMs,
      matchesMax: 100,
    };
    const begin = performance.now();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    let matched = 0;
    for await (const line of backtest({ ...context, signal: never }, order, never)) {
      if ("done" in line) matched = line.done.matched;
    }
    const seconds = (performance.now() - begin) / 1_000;
    delay.disable();
    const bytes = await platform.store.logBytes(INPUTS);
    await app.close();
    printTable(`Backtest of one rule over ${RECORDED.toLocaleString("en")} recorded calls of ${TURNS} turns`, [
      ["seconds", "calls/s", "matched", "GB kept", "event-loop delay p99 ms", "max ms"],
      [
        seconds.toFixed(1),
        Math.round(RECORDED / seconds).toLocaleString("en"),
        String(matched),
        (bytes / 1e9).toFixed(2),
        (delay.percentile(99) / 1e6).toFixed(1),
        (delay.max / 1e6).toFixed(1),
      ],
    ]);
    return {};
  });
}

const LABELS = ["POSITIVE", "NEGATIVE", "NEUTRAL", "NEUTRAL"] as const;

function conversation(at: number, random: () => number): ConversationInput {
  const turns = Array.from({ length: TURNS }, (_, place): AnalysedTurn => {
    const role = place % 2 ? "CUSTOMER" : "AGENT";
    return {
      turn: {
        id: `${String(at).padStart(8, "0")}-0000-4000-8000-${String(place).padStart(12, "0")}`,
        kind: "MESSAGE",
        participant: { id: role, role },
        content: Array.from({ length: WORDS_A_TURN }, () => word(random)).join(" "),
        contentType: "text/plain",
        beginMs: place * TURN_MS,
        endMs: place * TURN_MS + TURN_MS - Math.floor(random() * 4_000),
      },
      sentiment: { label: LABELS[Math.floor(random() * LABELS.length)] ?? "NEUTRAL", score: 0 },
      findings: { issues: [], outcomes: [], actionItems: [] },
      entities: undefined,
    };
  });
  const analysis: ContactAnalysis = {
    conversation: {
      channel: "VOICE",
      languageCode: "en-US",
      participants: [
        { id: "AGENT", role: "AGENT" },
        { id: "CUSTOMER", role: "CUSTOMER" },
      ],
      turns: turns.map(({ turn }) => turn),
      startMs: 0,
    },
    turns,
    durationMs: TURNS * TURN_MS,
    heard: turns.map(({ turn }) => turn.id),
  };
  return {
    kind: "conversation",
    instance: INSTANCE,
    subject: `contact-${at}`,
    revision: 1,
    analysis,
    tellsSentiment: true,
    facts: {
      ContactId: `contact-${at}`,
      Agent: { AgentId: `agent-${at % 50}`, AgentInteractionDurationSecs: 300, NumberOfHolds: at % 3 },
      Queue: { QueueId: `queue-${at % 20}` },
      ContactAttribute: { tier: at % 4 ? "silver" : "gold", language: "en-US", reason: `reason-${at % 30}` },
      InitiationMethod: "INBOUND",
      DisconnectReason: "CUSTOMER_DISCONNECT",
      SegmentAttributes: { UserDefined: {} },
    },
    tags: {},
  };
}

/** Twenty conditions as people write them: words of one side or in a part of the call, how it felt, how long it was silent, whose it was. */
function ruleOf(at: number, random: () => number): Rule {
  const path = (end: string): object => ({ ComparisonValue: `$.ContactLens.PostCall.${end}` });
  const filter = (...Filters: object[]): object => ({ FilterClause: { LogicOperator: "AND", Filters } });
  const role = (Data: string): object => ({ Type: "ParticipantRole", Data });
  const phrase = (): string => `${rareWord(random)} ${word(random)}`;
  const said = (place: number): object =>
    place % 2 === 0
      ? {
          Operator: "CONTAINS_ANY",
          Operands: Array.from({ length: 4 }, phrase),
          ...path("ExactMatch.Transcript"),
          ...filter(role(place % 4 ? "CUSTOMER" : "AGENT")),
        }
      : {
          Operator: "CONTAINS_ANY",
          Operands: Array.from({ length: 3 }, () => [
            { Type: "PLAIN", Value: `${rareWord(random).slice(0, 5)}*` },
            { Type: "PROXIMITY", Value: { Distance: 2, IsWithin: true } },
            { Type: "LIST", Value: [rareWord(random), rareWord(random)].map((Value) => ({ Type: "PLAIN", Value })) },
          ]),
          ...path("PatternMatch.Transcript"),
          ...filter(role("ANY"), { Type: "PostCallContactPeriodSeconds", Data: { Last: 120 } }),
        };
  const attribute = (key: string, value: string, Negate = false): object => ({
    Operator: "EQUALS",
    Operands: [value],
    ...path(`ContactAttribute.${key}`),
    Negate,
  });
  const number = (end: string, least: number, more: object = {}): object => ({
    Operator: "NumberGreaterOrEqualTo",
    Operands: [least],
    ...path(end),
    ...more,
  });
  const words = { Operator: "OR", Operands: Array.from({ length: 10 }, (_, place) => said(place)) };
  const Operands = [
    words,
    attribute("segment", "wholesale", true),
    attribute("reason", `reason-${at % 30}`),
    { Operator: "CONTAINS_ANY", Operands: [`queue-${at % 20}`, `queue-${(at + 7) % 20}`], ...path("Queue.QueueId") },
    { Operator: "CONTAINS_ANY", Operands: ["INBOUND", "TRANSFER"], ...path("InitiationMethod") },
    number("Agent.AgentInteractionDurationSecs", 60),
    number("NonTalkTime.TotalTimeSecs", 1 + (at % 30)),
    number("TalkTime.TotalTimeSecs", 30, filter(role("AGENT"))),
    { ...number("Sentiment.OverallScore", 0, filter(role("CUSTOMER"))), Operator: "NumberLessOrEqualTo" },
    number("Sentiment.Score.End", -5, filter(role("CUSTOMER"))),
  ];
  const text = JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } });
  return {
    ...INSTANCE,
    id: String(at),
    name: `category-${at}`,
    source: "OnPostCallAnalysisAvailable",
    function: text,
    actions: [],
    status: "PUBLISHED",
    tags: {},
    createdMs: at,
    lastModifiedMs: at,
    lastUpdatedBy: "",
  };
}

const VOCABULARY = 20_000;

/** A word by its rank, the frequent ones short. */
function spelled(rank: number): string {
  const letters = "etaoinshrdlucmfwypvbgkjqxz";
  let text = "";
  for (let rest = rank + 1; rest > 0; rest = Math.floor(rest / letters.length)) text += letters[rest % letters.length];
  return text.length < 3 ? `${text}${text}s` : `${text}ing`;
}

function word(random: () => number): string {
  return spelled(Math.floor(VOCABULARY ** random()) - 1);
}

/** Nobody looks for "the". */
function rareWord(random: () => number): string {
  return spelled(50 + Math.floor((VOCABULARY - 50) * random() ** 2));
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
