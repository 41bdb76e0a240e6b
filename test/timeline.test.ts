/** What is known of a contact, a profile and a case in the order of time: `GET /_trunkline/timeline/…`. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateIntegrationAssociationCommand,
  DeleteContactDataCommand,
  type RuleAction,
} from "@aws-sdk/client-connect";
import {
  CreateDomainCommand,
  CreateEventTriggerCommand,
  CustomerProfilesClient,
  type EventTriggerCondition,
  PutIntegrationCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
} from "@aws-sdk/client-customer-profiles";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { openCases, relate, sla, text } from "./cases-world.ts";
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

test("a target that is not there is told with its attempt, and so is what is owed to nobody", async () => {
  const events = new EventBridgeClient(server.client);
  const Arn = "arn:aws:sqs:us-east-1:000000000000:no-such-queue";
  await events.send(
    new PutRuleCommand({
      Name: "to-nowhere",
      EventPattern: JSON.stringify({ detail: { eventType: ["DISCONNECTED"] } }),
    }),
  );
  await events.send(new PutTargetsCommand({ Rule: "to-nowhere", Targets: [{ Id: "queue", Arn }] }));
  const contactId = await world.talk("VOICE", LINES);
  const { entries } = await timeline(`contacts/${world.InstanceId}/${contactId}`);
  const missed = entries.find(({ title }) => title === "DISCONNECTED → to-nowhere");
  assert.equal(missed?.tone, "bad");
  assert.equal(missed?.detail, "no-such-queue: dropped");
  const [target] = (missed?.document.targets ?? []) as { attempts: { outcome: string; errorCode: string }[] }[];
  assert.deepEqual(
    target?.attempts.map(({ outcome, errorCode }) => [outcome, errorCode]),
    [["dropped", "NO_RESOURCE"]],
  );
  assert.equal(entries.filter(({ title }) => title.endsWith("→ to-nowhere")).length, 1);
});

test("a chat is told message by message, with who joined and left", async () => {
  const contactId = await world.talk("CHAT", [
    ["CUSTOMER", "Where is my order? This is terrible."],
    ["AGENT", "I will look."],
  ]);
  const { entries } = await timeline(`contacts/${world.InstanceId}/${contactId}`);
  const said = entries.filter(({ kind }) => kind === "transcript");
  assert.ok(said.some(({ title }) => title === "joined"));
  const [asked] = said.filter(({ title }) => title.startsWith("Where is my order"));
  assert.deepEqual([asked?.speaker, asked?.sentiment?.label], ["CUSTOMER", "NEGATIVE"]);
});

test("what was deleted of a contact is not told from its history", async () => {
  const contactId = await world.talk("VOICE", LINES, { from: "+447700900999" });
  const path = `contacts/${world.InstanceId}/${contactId}`;
  assert.match(JSON.stringify(await timeline(path)), /447700900999/);
  await world.connect.send(
    new DeleteContactDataCommand({
      InstanceId: world.InstanceId,
      ContactId: contactId,
      ContactFields: ["CUSTOMER_ENDPOINT"],
    }),
  );
  assert.doesNotMatch(JSON.stringify(await timeline(path)), /447700900999/);
});

test("a contact that goes on as another one is linked to it, and the other way round", async () => {
  const { InstanceId } = world;
  await world.status(world.agentId, "Offline");
  const first = await world.arrive({ channel: "VOICE" });
  const { contactId: next = "" } = await world.customer(first, "queue-transfer", { queueId: world.queueId });
  const links = async (id: string) => (await timeline(`contacts/${InstanceId}/${id}`)).related;
  assert.deepEqual((await links(first))[0]?.to, ["contacts", InstanceId, next]);
  assert.match((await links(first))[0]?.title ?? "", /^next: VOICE/);
  assert.deepEqual((await links(next))[0]?.to, ["contacts", InstanceId, first]);
  assert.match((await links(next))[0]?.title ?? "", /^previous: VOICE/);
  await world.customer(next, "hang-up");
  await world.status(world.agentId, "Available");
});

test("a contact's profile and cases are told on its axis, and each has one of its own", async () => {
  const casesWorld = await openCases(server);
  const { connect, InstanceId, instanceArn } = world;
  const profiles = new CustomerProfilesClient(server.client);
  after(() => profiles.destroy());
  const DomainName = "timelines";
  await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  await profiles.send(new PutIntegrationCommand({ DomainName, Uri: instanceArn, ObjectTypeName: "CTR" }));
  await connect.send(
    new CreateIntegrationAssociationCommand({
      InstanceId,
      IntegrationType: "CASES_DOMAIN",
      IntegrationArn: casesWorld.domainArn,
    }),
  );
  const CreateCaseAction = {
    TemplateId: casesWorld.templateId,
    Fields: [{ Id: "title", Value: { StringValue: "A late parcel" } }],
  };
  await world.rule(
    "OnPostCallAnalysisAvailable",
    "opens-a-case",
    allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["parcel"], customer]),
    { Actions: [CATEGORY, { ActionType: "CREATE_CASE", CreateCaseAction }] },
  );
  const from = "+447700900456";
  // The record of a first call makes the profile that the second one is known by.
  const first = await world.talk("VOICE", [], { from });
  const known = await timeline(`contacts/${InstanceId}/${first}`);
  const customerId = known.related.find(({ to }) => to[0] === "profiles")?.to[2];
  const contactId = await world.talk("VOICE", LINES, { from, customerId });
  const told = await timeline(`contacts/${InstanceId}/${contactId}`);
  const opened = told.entries.find(({ kind, title }) => kind === "case" && title === "Case.Created");
  assert.match(opened?.detail ?? "", /title: A late parcel/);
  assert.match(told.entries.find(({ title }) => title === "CREATE_CASE")?.detail ?? "", /^done · by opens-a-case/);
  const ingested = known.entries.find(({ kind }) => kind === "object");
  assert.equal(ingested?.title, "INGESTED CTR");
  const caseId = told.related.find(({ to }) => to[0] === "cases")?.to[2] ?? "";
  const profileId = told.related.find(({ to }) => to[0] === "profiles")?.to[2] ?? "";

  await profiles.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Scan",
      Description: "a parcel has been seen",
      AllowProfileCreation: true,
      Fields: {
        scan: { Source: "_source.scan", ContentType: "STRING" },
        contact: { Source: "_source.contact", ContentType: "STRING" },
      },
      Keys: {
        scanKey: [{ FieldNames: ["scan"], StandardIdentifiers: ["UNIQUE"] }],
        _ctrContactId: [{ FieldNames: ["contact"], StandardIdentifiers: ["PROFILE"] }],
      },
    }),
  );
  const condition: EventTriggerCondition = {
    EventTriggerDimensions: [
      { ObjectAttributes: [{ Source: "state", ComparisonOperator: "INCLUSIVE", Values: ["HELD"] }] },
    ],
    LogicalOperator: "ALL",
  };
  await profiles.send(
    new CreateEventTriggerCommand({
      DomainName,
      EventTriggerName: "held",
      ObjectTypeName: "Scan",
      EventTriggerConditions: [condition],
    }),
  );
  const scan = JSON.stringify({ scan: "s-1", contact: first, state: "SEEN" });
  await profiles.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName: "Scan", Object: scan }));
  const ofProfile = await timeline(`profiles/${DomainName}/${profileId}`);
  const titles = ofProfile.entries.map(({ kind, title }) => `${kind} ${title}`);
  for (const title of [
    "profile CREATED profile",
    "object INGESTED Scan",
    "contact VOICE contact",
    "case Case.Created",
  ]) {
    assert.ok(titles.includes(title), title);
  }
  const silent = ofProfile.entries.find(({ kind }) => kind === "trigger");
  assert.match(silent?.detail ?? "", /^did not fire · _source\.state is "SEEN"/);
  assert.equal(silent?.explanation?.matched, false);
  assert.ok(ofProfile.related.some(({ to }) => to[0] === "contacts" && to[2] === first));
  assert.equal(ofProfile.facts?.find(({ title }) => title === "Segments now")?.value, "none");

  await relate(casesWorld, caseId, { comment: { body: "Asked the depot.", contentType: "Text/Plain" } });
  await relate(casesWorld, caseId, sla("answer", "closed", 60));
  await casesWorld.update(caseId, { status: text("closed") });
  const ofCase = await timeline(`cases/${casesWorld.domainId}/${caseId}`);
  const items = ofCase.entries.filter(({ kind }) => kind === "item").map(({ title, detail }) => `${title} ${detail}`);
  assert.ok(items.includes("Comment Asked the depot."), items.join());
  assert.ok(items.some((item) => item.startsWith("SLA answer Met")));
  assert.ok(ofCase.entries.some(({ kind, title }) => kind === "case" && title === "Case.Updated"));
  assert.equal(ofCase.state, "closed");
  assert.ok(ofCase.related.some(({ to }) => to[2] === contactId));
  for (const path of [`profiles/${DomainName}/${profileId}`, `cases/${casesWorld.domainId}/${caseId}`]) {
    assert.equal((await timeline(path, { accessKeyId: "other" })).status, 404);
  }
});

interface Pushed {
  readonly state: string;
  readonly isWhole: boolean;
  readonly entries: readonly Entry[];
  readonly gone: readonly string[];
}

/** What is pushed, a line at a time, by the session of a browser. */
async function* pushed(path: string, signal: AbortSignal): AsyncGenerator<Pushed> {
  const signedIn = await fetch(`${server.url}/_trunkline/session`, { method: "POST", body: "{}" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const url = `${server.url}/_trunkline/timeline/${path}?follow=true`;
  const answer = await fetch(url, { headers: { cookie }, signal });
  assert.equal(answer.status, 200);
  let rest = "";
  for await (const part of (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as Pushed;
  }
}

test("who follows a call that goes on is told of what is new as it comes, and of nothing twice", async () => {
  const contactId = await world.begin("VOICE");
  const abort = new AbortController();
  const lines = pushed(`contacts/${world.InstanceId}/${contactId}`, abort.signal);
  const first = (await lines.next()).value as Pushed;
  assert.equal(first.state, "CONNECTED_TO_AGENT");
  const told = new Set(first.entries.map(({ id, title }) => `${id} ${title}`));
  const words = "This is really late, I say.";
  await world.say(contactId, ["CUSTOMER", words]);
  let found: Entry | undefined;
  const repeated: string[] = [];
  for await (const { entries } of lines) {
    // What lasts until now or is said of it later is told again.
    for (const { id, title, kind } of entries)
      if (kind === "contact" && told.has(`${id} ${title}`)) repeated.push(title);
    found = entries.find(({ title }) => title === words);
    if (found) break;
  }
  assert.equal(found?.speaker, "CUSTOMER");
  assert.deepEqual(repeated, []);
  await world.end(contactId);
  abort.abort();
});
