/** The overview: every figure of it against traffic that was made, by its endpoint and in a browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateAgentStatusCommand, CreateQueueCommand, ListHoursOfOperationsCommand } from "@aws-sdk/client-connect";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { CreateQueueCommand as CreateSqsQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage } from "./console-page.ts";
import { pushedUntil, signIn } from "./console-pushed.ts";
import { type Centre, openCentre } from "./contact-centre.ts";
import { startTrunkline, type TestServer } from "./server.ts";
import { createStream } from "./streams.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "manual");
const cookie = await signIn(server.url);

interface Picture {
  readonly history?: { readonly totals: readonly object[]; readonly centre: readonly object[] };
  readonly contacts: {
    readonly open: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly endedToday: Readonly<Record<string, number>>;
    readonly isCounting: boolean;
  };
  readonly agents: {
    readonly statuses: readonly { readonly name: string; readonly count: number }[];
    readonly users: number;
    readonly online: number;
    readonly available: number;
    readonly onContact: number;
    readonly afterContactWork: number;
  };
  readonly queues: readonly {
    readonly name: string;
    readonly figures: Readonly<Record<string, number>>;
    readonly today: Readonly<Record<string, number>>;
  }[];
  readonly totals: {
    readonly events: Readonly<Record<string, number>>;
    readonly calls: Readonly<Record<string, number>>;
    readonly refusedCalls: number;
    readonly deliveries: Readonly<Record<string, number>>;
    readonly records: number;
  };
}

const pictureOf = (InstanceId: string, isWanted: (picture: Picture) => boolean, from: TestServer = server) =>
  pushedUntil<Picture>({ url: `${from.url}/_trunkline/overview?instance=${InstanceId}`, cookie }, isWanted);

const voice = ({ contacts }: Picture): (number | undefined)[] => {
  const { "in-flow": inFlow, waiting, "with-agent": withAgent, "after-contact": work } = contacts.open.VOICE ?? {};
  return [inFlow, waiting, withAgent, work, contacts.endedToday.VOICE ?? 0];
};

/** An agent who talks, one who has a status of the centre's own, one who is offline; a caller who waits, and one who has given up. */
async function busyCentre(): Promise<Centre & { readonly talkingId: string; readonly adaId: string }> {
  const centre = await openCentre(server);
  const { InstanceId } = centre;
  const Name = "Coffee";
  await centre.connect.send(new CreateAgentStatusCommand({ InstanceId, Name, State: "ENABLED" }));
  const adaId = await centre.agent("ada");
  const benId = await centre.agent("ben");
  await centre.agent("cy", { isOffline: true });
  const statuses = await fetch(`${server.url}/_trunkline/api/connect/ListAgentStatuses`, {
    method: "POST",
    headers: { cookie },
    body: JSON.stringify({ InstanceId }),
  });
  const { AgentStatusSummaryList } = (await statuses.json()) as {
    AgentStatusSummaryList: { Id: string; Name: string }[];
  };
  (centre.statuses as Record<string, string>)[Name] = AgentStatusSummaryList.find((one) => one.Name === Name)?.Id ?? "";
  await centre.status(benId, Name);
  const talkingId = await centre.arrive({ channel: "VOICE", from: "+447700900001" });
  await server.advance("PT1S");
  await centre.act(adaId, "accept", { contactId: talkingId });
  await centre.arrive({ channel: "VOICE", from: "+447700900002" });
  const leaverId = await centre.arrive({ channel: "VOICE", from: "+447700900003" });
  await server.advance("PT30S");
  await centre.customer(leaverId, "hang-up");
  await server.advance("PT1S");
  return { ...centre, talkingId, adaId };
}

test("contacts are counted where they are, agents by their status, and queues with what has become of their callers", async () => {
  const { InstanceId, act, customer, talkingId, adaId } = await busyCentre();
  const picture = await pictureOf(
    InstanceId,
    (seen) => voice(seen).join() === "0,1,1,0,1" && !seen.contacts.isCounting,
  );
  const first = await pictureOf(InstanceId, () => true);
  assert.ok(
    first.history && first.history.totals.length > 0 && first.history.centre.length > 0,
    "the past comes first",
  );
  const { statuses, users, online, available, onContact } = picture.agents;
  assert.deepEqual(Object.fromEntries(statuses.map(({ name, count }) => [name, count])), {
    Available: 1,
    Coffee: 1,
    Offline: 1,
  });
  assert.deepEqual({ users, online, available, onContact }, { users: 3, online: 2, available: 0, onContact: 1 });
  const basic = picture.queues.find(({ name }) => name === "BasicQueue");
  assert.equal(basic?.figures.CONTACTS_IN_QUEUE, 1);
  assert.equal(basic?.figures.OLDEST_CONTACT_AGE, 31);
  assert.equal(basic?.today.CONTACTS_ABANDONED, 1);

  await customer(talkingId, "hang-up");
  await pictureOf(InstanceId, (seen) => voice(seen).join() === "0,1,0,1,2");
  await act(adaId, "clear", { contactId: talkingId });
  await server.advance("PT1S");
  // The agent is free, and the caller who waits rings.
  const after = await pictureOf(InstanceId, (seen) => voice(seen).join() === "0,1,0,0,2");
  assert.equal(after.agents.afterContactWork, 0);
  const handled = await pictureOf(InstanceId, ({ queues }) => queues[0]?.today.CONTACTS_HANDLED === 1);
  // One of the two who came to an end was answered within 20 s.
  assert.equal(handled.queues[0]?.today.SERVICE_LEVEL, 50);
});

test("contacts that ended before somebody looked are counted too, and another instance's are not", async () => {
  const centre = await openCentre(server);
  for (let caller = 0; caller < 3; caller++) {
    const contactId = await centre.arrive({ channel: "VOICE", from: "+447700900009" });
    await server.advance("PT1S");
    await centre.customer(contactId, "hang-up");
  }
  await server.advance("PT1S");
  const picture = await pictureOf(centre.InstanceId, ({ contacts }) => !contacts.isCounting);
  assert.deepEqual(voice(picture), [0, 0, 0, 0, 3]);
  await server.advance("P1D");
  await pictureOf(centre.InstanceId, (seen) => voice(seen).at(-1) === 0);
});

test("what moves is counted by source, service and outcome, for the caller's account alone", async () => {
  const own = await startTrunkline();
  const events = new EventBridgeClient(own.client);
  const kinesis = new KinesisClient(own.client);
  const sqs = new SQSClient(own.client);
  await createStream(kinesis, "counted");
  const { QueueUrl } = await sqs.send(new CreateSqsQueueCommand({ QueueName: "taken" }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  await events.send(new PutRuleCommand({ Name: "all", EventPattern: '{"source":["shop"]}' }));
  const missing = (Attributes?.QueueArn ?? "").replace(/taken$/, "missing");
  const Targets = [
    { Id: "queue", Arn: Attributes?.QueueArn },
    { Id: "gone", Arn: missing },
  ];
  await events.send(new PutTargetsCommand({ Rule: "all", Targets }));
  const put = (Sources: readonly string[]) =>
    events.send(
      new PutEventsCommand({
        Entries: Sources.map((Source) => ({ Source, DetailType: 'a "source":"trick"', Detail: '{"source":"inside"}' })),
      }),
    );
  await put(["shop", "shop", "bank"]);
  for (let first = 0; first < 60; first += 10) await put(Array.from({ length: 10 }, (_, at) => `source-${first + at}`));
  const Records = [1, 2, 3].map((number) => ({ Data: Buffer.from("x"), PartitionKey: `${number}` }));
  await kinesis.send(new PutRecordsCommand({ StreamName: "counted", Records }));
  await assert.rejects(kinesis.send(new PutRecordsCommand({ StreamName: "none", Records })));
  await own.advance("PT0S");

  const ownCookie = await signIn(own.url);
  const url = `${own.url}/_trunkline/overview`;
  const { totals } = await pushedUntil<Picture>({ url, cookie: ownCookie }, (seen) => seen.totals.events.bank === 1);
  assert.equal(totals.events.shop, 2);
  assert.equal(totals.events["aws.connect"], undefined);
  assert.ok(Object.keys(totals.events).length <= 51, "sources are bounded");
  const all = Object.values(totals.events).reduce((sum, count) => sum + count, 0);
  assert.equal(all, 63);
  assert.equal(totals.events.other, 12);
  assert.deepEqual(totals.deliveries, { taken: 2, dropped: 2 });
  assert.equal(totals.records, 3);
  assert.equal(totals.refusedCalls, 1);
  assert.equal(totals.calls.sqs, 2);

  const others = await signIn(own.url, "other");
  const foreign = await pushedUntil<Picture>({ url, cookie: others }, () => true);
  assert.deepEqual([foreign.totals.events, foreign.totals.records, foreign.totals.calls], [{}, 0, {}]);
});

test("an instance that is not there, or is another account's, is refused", async () => {
  const { InstanceId } = await openCentre(server);
  const others = await signIn(server.url, "other");
  for (const [id, who] of [
    [InstanceId, others],
    ["11111111-1111-1111-1111-111111111111", cookie],
    ["../x", cookie],
  ] as const) {
    const answer = await fetch(`${server.url}/_trunkline/overview?instance=${encodeURIComponent(id)}`, {
      headers: { cookie: who },
    });
    assert.ok(answer.status >= 400 && answer.status < 500, `${id}: ${answer.status}`);
    assert.match(await answer.text(), /error/);
  }
});

test("a call appears as it arrives, and each figure leads to what it counts", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const own = await startTrunkline("--clock", "real");
  const centre = await openCentre(own);
  await centre.agent("ann", { isOffline: true });
  await using page = await openPage(browser, own.url);
  await page.getByRole("link", { name: "VOICE, Waiting: 0", exact: true }).waitFor();
  await centre.arrive({ channel: "VOICE", from: "+447700900123" });
  await page.getByRole("link", { name: "VOICE, Waiting: 1", exact: true }).waitFor();
  await page.getByRole("link", { name: "BasicQueue" }).waitFor();
  await page.getByRole("img", { name: /^Events a second, by source: .*aws\.connect/ }).waitFor();
  await page.getByRole("link", { name: "VOICE, Waiting: 1", exact: true }).click();
  await page.waitForURL("**/contacts?state=waiting&channel=VOICE");
  await page.goBack();
  await page.getByRole("link", { name: /^Available: / }).click();
  await page.waitForURL("**/agents?status=Available");
});

test("an empty store says what to do next", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const empty = await startTrunkline("--clock", "real");
  await using page = await openPage(browser, empty.url);
  await page.getByRole("heading", { name: "Or begin with a centre of your own" }).waitFor();
  await page.getByRole("region", { name: "Demo centre" }).getByRole("button").waitFor();
  await page.getByText(`export AWS_ENDPOINT_URL=${empty.url}`).waitFor();
  await page.locator(".figure-name", { hasText: /^dead letters so far$/ }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
});

test("hostile names are text, the page is accessible and fits a phone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const { InstanceId, connect } = centre;
  const Name = `<img src=x onerror="document.title='run'">`;
  const { HoursOfOperationSummaryList = [] } = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = HoursOfOperationSummaryList[0]?.Id;
  await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId }));
  await connect.send(new CreateAgentStatusCommand({ InstanceId, Name, State: "ENABLED" }));
  await centre.agent("dee");
  const events = new EventBridgeClient(server.client);
  await events.send(new PutEventsCommand({ Entries: [{ Source: Name, DetailType: "t", Detail: "{}" }] }));
  await using page = await openPage(browser, server.url);
  await page.getByLabel("Connect instance").selectOption(InstanceId);
  await page.getByRole("rowheader", { name: Name }).waitFor();
  await page.getByRole("link", { name: `${Name}: 0` }).waitFor();
  assert.equal(await page.title(), "Overview · Trunkline");
  await assertAccessible(page);
  await assertFitsPhone(page);
});
