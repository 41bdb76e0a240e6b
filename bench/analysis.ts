/**
 * Conversational analytics: utterances analysed a second on one core, of conversations that go on, with sentiment, findings, personal data,
 * and the published rules of an instance, 100 and 500; against the engine and the rules alone. Utterances are the labelled ones of the tests.
 */
import { readFileSync } from "node:fs";
import type { Rule } from "../src/services/connect/index.ts";
import { type AnalysedTurn, analyseTurn } from "../src/services/contact-lens/analysis.ts";
import type { Turn } from "../src/services/contact-lens/conversation.ts";
import { offlineEngine } from "../src/services/contact-lens/engine.ts";
import { hearTurn, type LiveConversation } from "../src/services/rules/live-conversation.ts";
import { RuleSet } from "../src/services/rules/rule-set.ts";
import { type Figures, median, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";

const CATEGORIES = 100;
const CATEGORIES_MAX = 500;
const UTTERANCES_PER_SECOND = 5_000;
/** Of a conversation, after which the next one begins. */
const TURNS = 40;
const LABELLED = "../src/services/contact-lens/";

export async function run(): Promise<void> {
  const texts = [
    ...linesOf("sentiment.labelled.txt").map((line) => line.slice(line.indexOf(" ") + 1)),
    ...linesOf("redaction/redaction.labelled.txt").map((line) => line.replace(/\{\{\w+:(.*?)\}\}/g, "$1")),
  ];
  const [few, many] = [setOf(CATEGORIES, texts), setOf(CATEGORIES_MAX, texts)];
  const heard = texts.map((text, at) => analysed(text, at));
  const figures = await rounds([
    {
      name: `engine and ${CATEGORIES} rules`,
      run: async () => converse(few, (at) => analysed(wrapped(texts, at), at)),
    },
    { name: `${CATEGORIES} rules`, run: async () => converse(few, (at) => wrapped(heard, at)) },
    { name: `${CATEGORIES_MAX} rules`, run: async () => converse(many, (at) => wrapped(heard, at)) },
    { name: "engine", run: async () => converse(undefined, (at) => analysed(wrapped(texts, at), at)) },
  ]);
  printTable(`Analysis of utterances, conversations of ${TURNS} turns`, [
    ["side", "utterances/s", "categories a conversation"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "utterancesPerSecond"),
      median(side, "categories").toFixed(1),
    ]),
  ]);
  const all = median(figures.get(`engine and ${CATEGORIES} rules`), "utterancesPerSecond");
  printBudget("utterances analysed a second on one core", all, { atLeast: UTTERANCES_PER_SECOND });
}

/** Rules as people write them: a few words, some with a role, a distance, an attribute, a queue, or how the customer has felt of late. */
function setOf(count: number, texts: readonly string[]): RuleSet {
  const set = new RuleSet();
  for (let at = 0; at < count; at += 1) {
    const words =
      wrapped(texts, at * 7)
        .split(" ")
        .slice(1, 4)
        .join(" ") || "refund";
    const path = (end: string): object => ({ ComparisonValue: `$.ContactLens.RealTimeCall.${end}` });
    const filter = (...Filters: object[]): object => ({ FilterClause: { LogicOperator: "AND", Filters } });
    const role = { Type: "ParticipantRole", Data: at % 2 ? "CUSTOMER" : "AGENT" };
    const [first = "", ...rest] = words.split(" ");
    const said =
      at % 3 === 0
        ? {
            Operator: "CONTAINS_ANY",
            Operands: [
              [
                { Type: "PLAIN", Value: `${first}*` },
                { Type: "PROXIMITY", Value: { Distance: 2, IsWithin: true } },
                { Type: "PLAIN", Value: rest.at(-1) ?? first },
              ],
            ],
            ...path("PatternMatch.Transcript"),
            ...filter(role),
          }
        : {
            Operator: "CONTAINS_ANY",
            Operands: [words, `${words} please`],
            ...path("ExactMatch.Transcript"),
            ...filter(role),
          };
    const others = [
      { Operator: "EQUALS", Operands: ["wholesale"], ...path("ContactAttribute.segment"), Negate: true },
      { Operator: "CONTAINS_ANY", Operands: [`queue-${at % 10}`, "queue-0"], ...path("Queue.QueueId") },
      {
        Operator: "EQUALS",
        Operands: ["NEGATIVE"],
        ...path("Sentiment.State"),
        ...filter(
          { Type: "ParticipantRole", Data: "CUSTOMER" },
          { Type: "RealTimeCallContactPeriodSeconds", Data: { Past: 10 } },
        ),
      },
    ];
    const Operands = at % 4 === 3 ? [said] : [said, others[at % 4]];
    set.add(ruleOf(at, JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } })));
  }
  return set;
}

function ruleOf(at: number, text: string): Rule {
  return {
    account: "000000000000",
    region: "us-east-1",
    instanceId: "instance",
    id: String(at),
    name: `category-${at}`,
    source: "OnRealTimeCallAnalysisAvailable",
    function: text,
    actions: [],
    status: "PUBLISHED",
    tags: {},
    createdMs: at,
    lastModifiedMs: at,
    lastUpdatedBy: "",
  };
}

function began(): LiveConversation {
  return {
    key: "contact",
    section: "RealTimeCall",
    languageCode: "en-US",
    tellsSentiment: true,
    facts: {
      ContactId: "contact",
      Agent: { AgentId: "agent", AgentName: "vera" },
      Queue: { QueueId: "queue-0", QueueName: "BasicQueue" },
      ContactAttribute: { tier: "gold", segment: "retail", language: "en-US", reason: "billing" },
    },
    tags: { line: "b2b" },
    acted: [],
    found: {},
    sentiment: {},
    beganMs: 0,
    heardMs: 0,
    turnsBefore: 0,
    revisions: [],
    expiresMs: 0,
  };
}

const SPOKEN_MS = 3_000;

function analysed(content: string, at: number): AnalysedTurn {
  const role = at % 2 ? "CUSTOMER" : "AGENT";
  const beginMs = (at % TURNS) * SPOKEN_MS;
  const turn: Turn = {
    id: String(at),
    kind: "MESSAGE",
    participant: { id: role, role },
    content,
    contentType: "text/plain",
    beginMs,
    endMs: beginMs + SPOKEN_MS,
  };
  return analyseTurn(turn, { engine: offlineEngine, languageCode: "en-US", names: ["Vera"], before: undefined });
}

/** Conversation after conversation for as long as a side has. A second is one of processor time: others use the machine too. */
function converse(set: RuleSet | undefined, hear: (at: number) => AnalysedTurn): Figures {
  const begin = performance.now();
  const used = process.cpuUsage();
  let count = 0;
  let categories = 0;
  while (performance.now() - begin < SECONDS * 1_000) {
    let live = began();
    for (let turn = 0; turn < TURNS; turn += 1) {
      const analysedTurn = hear(count++);
      if (set) live = hearTurn(set, live, analysedTurn).live;
    }
    categories += live.acted.length;
  }
  const { user, system } = process.cpuUsage(used);
  const seconds = (user + system) / 1_000_000;
  return { utterancesPerSecond: count / seconds, categories: (categories * TURNS) / count };
}

function wrapped<T>(list: readonly T[], at: number): T {
  return list[at % list.length] as T;
}

function linesOf(file: string): string[] {
  const text = readFileSync(new URL(LABELLED + file, import.meta.url), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
