/** What is known of a contact, a profile and a case in the order of time: `GET /_trunkline/timeline/…`. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { RuleAction } from "@aws-sdk/client-connect";
import { allOf, openRuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const world = await openRuleWorld(server);
after(() => world.connect.destroy());

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly until?: string | null;
  readonly kind: string;
  readonly title: string;
  readonly detail?: string;
  readonly tone?: string;
  readonly speaker?: string;
  readonly sentiment?: { readonly label: string };
  readonly of?: string;
  readonly explanation?: { readonly matched: boolean; readonly reason?: string; readonly condition: unknown };
  readonly document: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly state: string;
  readonly isOver: boolean;
  readonly total: number;
  readonly entries: readonly Entry[];
  readonly next?: string;
  readonly related: readonly { readonly title: string; readonly to: readonly string[] }[];
  readonly facts?: readonly { readonly title: string; readonly value: string }[];
  readonly notes: readonly string[];
}

async function timeline(path: string, { limit = 1000, accessKeyId = "test", query = "" } = {}): Promise<Answer> {
  const answer = await sendSigned(server.url, {
    service: "trunkline",
    method: "GET",
    path: `/_trunkline/timeline/${path}`,
    query: `limit=${limit}${query}`,
    body: "",
    accessKeyId,
  });
  return { status: answer.status, ...JSON.parse(answer.body.toString()) };
}

const customer = { FilterClause: { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "CUSTOMER" }] } };
const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const LINES = [
  ["AGENT", "Good morning, how can I help?"],
  ["CUSTOMER", "My parcel is really late and I am angry."],
  ["AGENT", "I am sorry."],
] as const;

test("a call is told from its arrival to its record, with agents, words, categories, rules and deliveries", async () => {
  const words = ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late"], customer] as const;
  await world.rule("OnRealTimeCallAnalysisAvailable", "late-now", allOf("RealTimeCall", words));
  await world.rule(
    "OnPostCallAnalysisAvailable",
    "gold",
    allOf("PostCall", ["ContactAttribute.tier", "EQUALS", ["gold"]]),
    { Actions: [CATEGORY] },
  );
  const contactId = await world.talk("VOICE", LINES, { attributes: { tier: "silver" }, from: "+447700900123" });
  const told = await timeline(`contacts/${world.InstanceId}/${contactId}`);
  assert.equal(told.status, 200);
  assert.equal(told.state, "COMPLETED");
  assert.equal(told.isOver, true);
  const titles = (kind: string) => told.entries.filter((entry) => entry.kind === kind).map(({ title }) => title);
  const one = (kind: string, title: string) => {
    const found = told.entries.find((entry) => entry.kind === kind && entry.title === title);
    assert.ok(found, `${kind} ${title}`);
    return found;
  };
  assert.deepEqual(titles("contact"), [
    "INITIATED",
    "CONTACT_DATA_UPDATED",
    "QUEUED",
    "CONNECTED_TO_AGENT",
    "DISCONNECTED",
    "COMPLETED",
  ]);
  assert.equal(one("contact", "INITIATED").document.contactId, contactId);
  assert.equal(one("contact", "CONNECTED_TO_AGENT").until, one("contact", "DISCONNECTED").at);
  assert.deepEqual(titles("agent"), ["CONNECTING", "CONNECTED", "ENDED", "CLEARED"]);
  assert.match(one("agent", "CONNECTED").detail ?? "", /^vera, Available/);
  assert.deepEqual(titles("transcript"), [...LINES.map(([, text]) => text)]);
  const angry = one("transcript", LINES[1][1]);
  assert.equal(angry.speaker, "CUSTOMER");
  assert.equal(angry.sentiment?.label, "NEGATIVE");
  const category = one("category", "late-now");
  assert.deepEqual([category.of, category.at, category.detail], [angry.id, angry.at, "“really late”"]);
  assert.equal(one("rule", "late-now").tone, "good");
  const gold = one("rule", "gold");
  assert.equal(gold.tone, "bad");
  assert.match(gold.detail ?? "", /not true · after the call · .*tier is "silver"/);
  assert.equal(gold.explanation?.matched, false);
  assert.match(one("action", "ASSIGN_CONTACT_CATEGORY").detail ?? "", /^done · by late-now/);
  assert.equal(one("record", "Contact record published").document.ContactId, contactId);
  const delivered = told.entries.filter(({ kind }) => kind === "delivery");
  assert.equal(delivered.length, titles("contact").length);
  assert.match(delivered[0]?.detail ?? "", /taken when it was routed/);
  assert.ok(told.entries.some(({ kind, title }) => kind === "flow" && title === "TransferContactToQueue"));
  assert.deepEqual(told.notes, []);
  assert.equal(told.facts?.find(({ title }) => title === "Customer")?.value, "+447700900123");
  const times = told.entries.map(({ at }) => at);
  assert.deepEqual(times, [...times].sort());
});

test("a timeline is paged, filtered by kinds, and bad input is refused with what is wrong", async () => {
  const contactId = await world.talk("VOICE", LINES);
  const path = `contacts/${world.InstanceId}/${contactId}`;
  const whole = await timeline(path);
  const found: string[] = [];
  let next: string | undefined;
  do {
    const page = await timeline(path, { limit: 7, query: next ? `&after=${encodeURIComponent(next)}` : "" });
    assert.ok(page.entries.length <= 7);
    assert.equal(page.total, whole.total);
    found.push(...page.entries.map(({ id }) => id));
    next = page.next;
  } while (next !== undefined);
  assert.deepEqual(
    found,
    whole.entries.map(({ id }) => id),
  );
  const rules = await timeline(path, { query: "&kinds=rule,action" });
  assert.deepEqual([...new Set(rules.entries.map(({ kind }) => kind))].sort(), ["action", "rule"]);
  for (const [query, message] of [
    ["&kinds=rules", /There is no kind rules/],
    ["&follow=yes", /follow is true or false/],
    ["&after=x", /after is not the next/],
  ] as const) {
    const refused = await timeline(path, { query });
    assert.equal(refused.status, 400);
    assert.match(refused.error ?? "", message);
  }
  assert.equal((await timeline(path, { limit: 0 })).status, 400);
  assert.equal((await timeline(path, { limit: 1001 })).status, 400);
  assert.equal((await timeline(`contacts/${world.InstanceId}/nobody`)).status, 404);
  assert.equal((await timeline(`contacts/${world.InstanceId}`)).status, 404);
  assert.equal((await timeline("profiles/no-domain/nobody")).status, 404);
  assert.equal((await timeline("cases/no-domain/nobody")).status, 404);
});

test("no other account sees a contact's timeline", async () => {
  const contactId = await world.talk("VOICE", LINES);
  const answer = await timeline(`contacts/${world.InstanceId}/${contactId}`, { accessKeyId: "other" });
  assert.equal(answer.status, 404);
});
