/** The console in a real browser: what people see and do there. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  ConnectClient,
  CreateAgentStatusCommand,
  CreateQueueCommand,
  ListHoursOfOperationsCommand,
} from "@aws-sdk/client-connect";
import { CreateDomainCommand, CreateProfileCommand, CustomerProfilesClient } from "@aws-sdk/client-customer-profiles";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
} from "@aws-sdk/client-eventbridge";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, goTo, openPage } from "./console-page.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline, startTrunklineIn } from "./server.ts";
import { createStream } from "./streams.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");

test("a browser that opens the root gets to the overview, signed in, and sees a call arrive and wait", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  await using page = await openPage(browser, server.url, "/");
  await page.waitForURL("**/_trunkline/console/");
  await page.getByRole("row", { name: /BasicQueue/ }).waitFor();
  await page.locator(".figure", { hasText: "waiting" }).getByText("0", { exact: true }).waitFor();
  await centre.arrive({ channel: "VOICE", from: "+447700900123" });
  await page.getByRole("link", { name: "1 waiting" }).click();
  await page.getByRole("heading", { name: "Contacts" }).waitFor();
  await page.getByRole("rowheader").getByRole("link").first().click();
  await page.getByRole("heading", { name: /^Contact [0-9a-f-]{36}$/ }).waitFor();
  await page.getByText("+447700900123").first().waitFor();
});

test("the palette goes to pages and to contacts by their ids, by keys alone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "/_trunkline/console/");
  await page.getByText("Connected").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("operation");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Call an operation" }).waitFor();
  await page.getByRole("button", { name: "Call" }).click();
  await page.getByText("arn:aws:iam::000000000000:root").waitFor();
});

test("records of a stream and events of a bus appear as they arrive, and an event is tried against all rules", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const kinesis = new KinesisClient(server.client);
  const events = new EventBridgeClient(server.client);
  await createStream(kinesis, "shown");
  const rule = (Name: string, amount: number) =>
    events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ detail: { amount: [amount] } }) }));
  await Promise.all([rule("meets", 49.5), rule("misses", 7)]);
  await using page = await openPage(browser, server.url, "/_trunkline/console/");
  await page.getByRole("link", { name: "Streams", exact: true }).click();
  await page.getByRole("link", { name: "shown" }).click();
  await page.getByText("Nothing yet").waitFor();
  await kinesis.send(new PutRecordCommand({ StreamName: "shown", PartitionKey: "k-1", Data: Buffer.from("first") }));
  await page.getByText("k-1  first").waitFor();
  await page.getByLabel("Filter").fill("nothing like it");
  await page.getByText("k-1  first").waitFor({ state: "detached" });

  await page.getByRole("link", { name: "Event buses" }).click();
  await page.getByRole("link", { name: "default" }).click();
  await page.getByRole("button", { name: "Try" }).click();
  await page.getByText("matches", { exact: true }).waitFor();
  await page
    .getByText(/^no match$/)
    .first()
    .click();
  await page.getByText("✗ not met").first().waitFor();
  const Entries = [{ Source: "shop", DetailType: "Told now", Detail: "{}" }];
  await events.send(new PutEventsCommand({ Entries }));
  await page.getByText("Told now").waitFor();
});

test("functions, APIs and the clock have pages", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "/_trunkline/console/");
  await page.getByRole("link", { name: "Functions", exact: true }).click();
  await page.getByText("There is no function").waitFor();
  await page.getByRole("link", { name: "APIs", exact: true }).click();
  await page.getByText("No API has a stage").waitFor();
  await page.getByRole("link", { name: "Operate", exact: true }).click();
  await page.getByText("runs by itself").waitFor();
});

test("no page has what the accessibility rules of WCAG AA call wrong", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "/_trunkline/console/");
  for (const path of ["", "contacts", "streams", "buses/default", "functions", "apis", "operate", "api"]) {
    await goTo(page, path);
    await page.locator("main h1").waitFor();
    await assertAccessible(page);
    await assertFitsPhone(page);
  }
});

test("what is stored is shown as text, and never runs", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const connect = new ConnectClient(server.client);
  const { InstanceId } = centre;
  const { HoursOfOperationSummaryList = [] } = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const Name = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
  const HoursOfOperationId = HoursOfOperationSummaryList[0]?.Id ?? "";
  await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId }));
  await using page = await openPage(browser, server.url, "/_trunkline/console/");
  await page.getByLabel("Connect instance").selectOption(InstanceId);
  await page.getByRole("rowheader", { name: Name }).waitFor();
  assert.equal(await page.title(), "Overview · Trunkline");
});

test("names of any length and script fit a phone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const { InstanceId } = centre;
  const word = "W👩‍👧مرحبا";
  const Name = word.repeat(10);
  await centre.connect.send(new CreateAgentStatusCommand({ InstanceId, Name, State: "ENABLED" }));
  const agentId = await centre.agent("u".repeat(20));
  const bus = "B".repeat(256);
  const events = new EventBridgeClient(server.client);
  await events.send(new CreateEventBusCommand({ Name: bus }));
  const rule = { EventBusName: bus, Name: "R".repeat(64), Description: word.repeat(50) };
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [word.repeat(100)] }) }));
  const DomainName = "D".repeat(64);
  const profiles = new CustomerProfilesClient(server.client);
  await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30 }));
  const { ProfileId } = await profiles.send(new CreateProfileCommand({ DomainName, LastName: word.repeat(25) }));
  await using page = await openPage(browser, server.url, `buses/${bus}`);
  await page.getByText("Events that arrive meanwhile").waitFor();
  const event = {
    EventBusName: bus,
    Source: "S".repeat(200),
    DetailType: Name,
    Detail: JSON.stringify({ [Name]: Name }),
  };
  await events.send(new PutEventsCommand({ Entries: [event] }));
  await page.getByLabel("An event that has just arrived").waitFor();
  await assertFitsPhone(page);
  for (const [path, text] of [
    ["buses", bus],
    [`buses/${bus}/${rule.Name}`, "Targets"],
    [`agents/${InstanceId}/${agentId}`, "No contact at the moment"],
    [`profiles/${DomainName}/${ProfileId}?tab=objects`, "has no object type yet"],
  ] as const) {
    await goTo(page, path);
    await page.getByText(text).first().waitFor();
    await assertFitsPhone(page);
  }
});

test("a lost connection is shown, and what follows goes on by itself when the server is back", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const first = await startTrunkline("--clock", "real");
  const { port } = new URL(first.url);
  await using page = await openPage(browser, first.url, "/_trunkline/console/");
  await page.getByText("Connected").waitFor();
  page.removeAllListeners("console");
  await first.close();
  await page.getByText("Connection lost").waitFor();
  await startTrunkline("--clock", "real", "--port", port);
  await page.getByText("Connected").waitFor();
});

test("where others can reach the server, the console asks for a key and its secret", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const open = await startTrunklineIn({}, "--clock", "real", "--host", "0.0.0.0");
  const url = open.url.replace("0.0.0.0", "127.0.0.1");
  await using page = await openPage(browser, url, "/_trunkline/console/");
  page.removeAllListeners("console");
  await page.getByLabel("Access key").fill("test");
  await page.getByLabel("Secret").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Secret").fill("test");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Access key").waitFor();
});

test("a session's cookie is good for our own pages alone", async () => {
  const signedIn = await fetch(`${server.url}/_trunkline/session`, { method: "POST", body: "{}" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const call = (headers: Record<string, string>) =>
    fetch(`${server.url}/_trunkline/api/sts/GetCallerIdentity`, { method: "POST", body: "{}", headers });
  assert.equal((await call({ cookie })).status, 200);
  assert.equal((await call({ cookie, origin: server.url })).status, 200);
  assert.equal((await call({ cookie, origin: "http://127.0.0.1:3000" })).status, 403);
  assert.equal((await call({ cookie: `${cookie}x` })).status, 403);
  assert.equal((await call({})).status, 403);
  const foreign = await fetch(`${server.url}/_trunkline/session`, {
    method: "POST",
    body: "{}",
    headers: { origin: "http://evil.example" },
  });
  assert.equal(foreign.status, 403);
});

test("the API of JSON documents answers errors with their status and code", async () => {
  const signedIn = await fetch(`${server.url}/_trunkline/session`, { method: "POST", body: "{}" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const call = async (path: string, body = "{}"): Promise<[number, unknown]> => {
    const answer = await fetch(`${server.url}/_trunkline/api/${path}`, { method: "POST", body, headers: { cookie } });
    const { code, error } = (await answer.json()) as { code?: string; error?: string };
    return [answer.status, code ?? error];
  };
  assert.deepEqual(await call("connect/DescribeInstance"), [400, "InvalidRequestException"]);
  assert.deepEqual(await call("connect/Nothing"), [404, "UnknownOperationException"]);
  assert.deepEqual(await call("__proto__/constructor"), [404, "UnknownOperationException"]);
  assert.deepEqual(await call("s3/GetObject", '{"Bucket":"b","Key":"k"}'), [400, "InvalidRequest"]);
  assert.deepEqual(await call("connect/CreatePrompt", "[]"), [400, "InvalidRequestException"]);
  assert.match(String((await call("sts/GetCallerIdentity", "{"))[1]), /not JSON/);
});

after(() => server.close());
