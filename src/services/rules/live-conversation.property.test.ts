/** The rules of an instance asked together, turn by turn, against the plain definition of each rule by itself over all that was said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Rule } from "../connect/index.ts";
import type { AnalysedTurn } from "../contact-lens/index.ts";
import { askedTurn } from "./analysis-facts.ts";
import { hearTurn, type LiveConversation } from "./live-conversation.ts";
import { RuleSet } from "./rule-set.ts";

const ROLES = ["AGENT", "CUSTOMER"] as const;
const STATES = ["POSITIVE", "NEGATIVE", "NEUTRAL"] as const;
const WORDS = ["late", "card", "is", "broken", "refund"] as const;

type Role = (typeof ROLES)[number];

/** What somebody says, and how. */
interface Said {
  readonly role: Role;
  readonly words: readonly string[];
  readonly label: (typeof STATES)[number] | "MIXED";
  readonly seconds: number;
  /** Between the turn before it and this one. */
  readonly silence: number;
}

type Leaf =
  | { readonly kind: "words"; readonly role: Role | "ANY"; readonly phrases: readonly (readonly string[])[] }
  | { readonly kind: "attribute"; readonly key: string; readonly value: string; readonly negate: boolean }
  | { readonly kind: "agent"; readonly ids: readonly string[] }
  | {
      readonly kind: "sentiment";
      readonly role: Role | "ANY";
      readonly state: (typeof STATES)[number];
      readonly past: number | undefined;
    };

interface Group {
  readonly kind: "group";
  readonly operator: "AND" | "OR";
  readonly nodes: readonly (Leaf | Group)[];
}

interface Drawn {
  readonly group: Group;
  readonly tag: string | undefined;
}

const phrase = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 2 });
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("words" as const),
      role: fc.constantFrom(...ROLES, "ANY" as const),
      phrases: fc.array(phrase, { minLength: 1, maxLength: 3 }),
    }),
  },
  fc.record({
    kind: fc.constant("attribute" as const),
    key: fc.constantFrom("tier", "segment"),
    value: fc.constantFrom("gold", "silver"),
    negate: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("agent" as const), ids: fc.subarray(["ada", "bo"], { minLength: 1 }) }),
  fc.record({
    kind: fc.constant("sentiment" as const),
    role: fc.constantFrom(...ROLES, "ANY" as const),
    state: fc.constantFrom(...STATES),
    past: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  }),
);
const operator = fc.constantFrom("AND" as const, "OR" as const);
const inner: fc.Arbitrary<Leaf | Group> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  fc.record({ kind: fc.constant("group" as const), operator, nodes: fc.array(leaf, { minLength: 1, maxLength: 2 }) }),
);
const drawnRule: fc.Arbitrary<Drawn> = fc.record({
  group: fc.record({
    kind: fc.constant("group" as const),
    operator,
    nodes: fc.array(inner, { minLength: 1, maxLength: 3 }),
  }),
  tag: fc.option(fc.constantFrom("b2b", "retail"), { nil: undefined }),
});
const said: fc.Arbitrary<Said> = fc.record({
  role: fc.constantFrom("AGENT", "CUSTOMER", "CUSTOMER", "CUSTOMER"),
  words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }),
  label: fc.constantFrom(...STATES, "MIXED" as const),
  seconds: fc.integer({ min: 1, max: 4 }),
  silence: fc.integer({ min: 0, max: 3 }),
});

const contact = { AgentId: "ada", attributes: { tier: "gold" } as Record<string, string>, tags: { line: "b2b" } };

test("rules asked together act when, by definition, each alone would; also where rules have come and gone", () => {
  fc.assert(
    fc.property(
      fc.array(drawnRule, { minLength: 1, maxLength: 8 }),
      fc.array(drawnRule, { maxLength: 3 }),
      fc.array(said, { minLength: 1, maxLength: 12, size: "max" }),
      (drawn, gone, conversation) => {
        const set = new RuleSet();
        for (const [at, one] of gone.entries()) set.add(ruleOf(one, `gone-${at}`));
        for (const [at, one] of drawn.entries()) {
          // An older version of a rule is replaced.
          if (gone[at]) set.add(ruleOf(gone[at], `rule-${at}`));
          set.add(ruleOf(one, `rule-${at}`));
        }
        for (const [at] of gone.entries()) set.remove(keyOf(`gone-${at}`));

        const turns = turnsOf(conversation);
        const expected = turns.map((_, at) =>
          drawn.flatMap((one, index) => {
            const isFirst = isMet(one, turns.slice(0, at + 1)) && !earlier(one, turns, at);
            return isFirst ? [`rule-${index}`] : [];
          }),
        );
        let live = began();
        const acted = turns.map((turn) => {
          const heard = hearTurn(set, live, turn);
          // What is kept is kept as JSON.
          live = JSON.parse(JSON.stringify(heard.live)) as LiveConversation;
          return heard.matched.map(({ rule }) => rule.name).sort();
        });
        assert.deepEqual(acted, expected);

        for (const [at] of drawn.entries()) set.remove(keyOf(`rule-${at}`));
        assert.equal(set.size, 0);
        assert.deepEqual([...set.facts()], []);
        for (const turn of turns) assert.equal(set.words.matchTurn(askedTurn(turn.turn, 0), {}).size, 0);
      },
    ),
    { numRuns: process.env.TRUNKLINE_FULL ? 20_000 : 500 },
  );
});

test("the state of the whole conversation weighs turns by their place in a run, as its score does", () => {
  const state = { kind: "sentiment", role: "CUSTOMER", state: "NEUTRAL", past: undefined } as const;
  const set = new RuleSet();
  set.add(ruleOf({ group: { kind: "group", operator: "AND", nodes: [state] }, tag: undefined }, "neutral"));
  const labels = ["POSITIVE", "POSITIVE", "NEGATIVE", "NEUTRAL", "NEGATIVE"] as const;
  const turns = turnsOf(labels.map((label) => ({ role: "CUSTOMER", words: ["is"], label, seconds: 1, silence: 0 })));
  let live = began();
  for (const turn of turns) {
    const heard = hearTurn(set, live, turn);
    assert.deepEqual(heard.matched, []);
    live = heard.live;
  }
});

function earlier(one: Drawn, turns: readonly AnalysedTurn[], before: number): boolean {
  return turns.slice(0, before).some((_, at) => isMet(one, turns.slice(0, at + 1)));
}

/** The definition: over all turns so far, without anything remembered. */
function isMet({ group, tag }: Drawn, turns: readonly AnalysedTurn[]): boolean {
  return (tag === undefined || contact.tags.line === tag) && isNodeMet(group, turns);
}

function isNodeMet(node: Leaf | Group, turns: readonly AnalysedTurn[]): boolean {
  switch (node.kind) {
    case "group": {
      const met = node.nodes.map((each) => isNodeMet(each, turns));
      return node.operator === "AND" ? met.every(Boolean) : met.some(Boolean);
    }
    case "words":
      return turns
        .filter(({ turn }) => node.role === "ANY" || node.role === turn.participant.role)
        .some(({ turn }) => node.phrases.some((words) => ` ${turn.content} `.includes(` ${words.join(" ")} `)));
    case "attribute":
      return (contact.attributes[node.key] === node.value) !== node.negate;
    case "agent":
      return node.ids.includes(contact.AgentId);
    case "sentiment":
      return ROLES.filter((role) => node.role === "ANY" || node.role === role).some(
        (role) => stateOf(role, node.past, turns) === node.state,
      );
  }
}

function stateOf(role: Role, past: number | undefined, turns: readonly AnalysedTurn[]): string | undefined {
  const own = turns.filter(({ turn }) => turn.participant.role === role);
  if (own.length === 0) return undefined;
  if (past === undefined) return stateOfScore(own.map(({ sentiment }) => sentiment.label));
  const sinceMs = Math.max(...turns.map(({ turn }) => turn.endMs)) - past * 1_000;
  if (sinceMs < 0) return undefined;
  const states = new Set(
    own
      .filter(({ turn }) => turn.endMs > sinceMs)
      .map(({ sentiment: { label } }) => (label === "MIXED" ? "NEUTRAL" : label)),
  );
  return states.size === 1 ? [...states][0] : undefined;
}

/** Σ(sign × place in the run of equal labels), of which only the sign matters. */
function stateOfScore(labels: readonly string[]): string {
  let sum = 0;
  for (const [at, label] of labels.entries()) {
    const others = labels.slice(0, at).findLastIndex((each) => each !== label);
    const sign = label === "POSITIVE" ? 1 : label === "NEGATIVE" ? -1 : 0;
    sum += sign * (at - others);
  }
  if (sum === 0) return "NEUTRAL";
  return sum > 0 ? "POSITIVE" : "NEGATIVE";
}

function turnsOf(conversation: readonly Said[]): AnalysedTurn[] {
  let nowMs = 0;
  return conversation.map(({ role, words, label, seconds, silence }, at) => {
    const beginMs = nowMs + silence * 1_000;
    nowMs = beginMs + seconds * 1_000;
    return {
      turn: {
        id: String(at),
        kind: "MESSAGE",
        participant: { id: role, role },
        content: words.join(" "),
        contentType: "text/plain",
        beginMs,
        endMs: nowMs,
      },
      sentiment: { label, score: 0 },
      findings: { issues: [], outcomes: [], actionItems: [] },
      entities: [],
    };
  });
}

function began(): LiveConversation {
  return {
    key: "contact",
    section: "RealTimeCall",
    languageCode: "en-GB",
    tellsSentiment: true,
    facts: { Agent: { AgentId: contact.AgentId }, ContactAttribute: contact.attributes },
    tags: contact.tags,
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

function keyOf(id: string): string {
  return ["000000000000", "us-east-1", "instance", id].join("\u001f");
}

function ruleOf({ group, tag }: Drawn, id: string): Rule {
  return {
    account: "000000000000",
    region: "us-east-1",
    instanceId: "instance",
    id,
    name: id,
    source: "OnRealTimeCallAnalysisAvailable",
    function: JSON.stringify({ Version: "2022-11-25", RuleFunction: nodeOf(group) }),
    actions: [],
    status: "PUBLISHED",
    ...(tag !== undefined && {
      preEvaluationFilters: {
        AndConditions: [
          { ResourceType: "CONTACT", FilterType: "TAG", FilterKey: "line", FilterValue: tag, Operator: "EQUALS" },
        ],
      },
    }),
    tags: {},
    createdMs: 0,
    lastModifiedMs: 0,
    lastUpdatedBy: "",
  };
}

function nodeOf(node: Leaf | Group): object {
  const at = (path: string): { ComparisonValue: string } => ({ ComparisonValue: `$.ContactLens.RealTimeCall.${path}` });
  const clause = (...Filters: object[]): object => ({ FilterClause: { LogicOperator: "AND", Filters } });
  switch (node.kind) {
    case "group":
      return { Operator: node.operator, Operands: node.nodes.map(nodeOf) };
    case "words":
      return {
        Operator: "CONTAINS_ANY",
        Operands: node.phrases.map((words) => words.join(" ")),
        ...at("ExactMatch.Transcript"),
        ...clause({ Type: "ParticipantRole", Data: node.role }),
      };
    case "attribute":
      return { Operator: "EQUALS", Operands: [node.value], ...at(`ContactAttribute.${node.key}`), Negate: node.negate };
    case "agent":
      return { Operator: "CONTAINS_ANY", Operands: node.ids, ...at("Agent.AgentId") };
    case "sentiment": {
      const past = { Type: "RealTimeCallContactPeriodSeconds", Data: { Past: node.past } };
      const role = { Type: "ParticipantRole", Data: node.role };
      return {
        Operator: "EQUALS",
        Operands: [node.state],
        ...at("Sentiment.State"),
        ...clause(role, ...(node.past === undefined ? [] : [past])),
      };
    }
  }
}
