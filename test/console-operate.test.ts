/** The pages that operate a server: its clock, the simulator and the demo centre, its facts and reset, and the mails of rules. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage, pressByKeys } from "./console-page.ts";
import { allOf, openRuleWorld } from "./rule-world.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const browser = await openBrowser();

interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
  readonly body: any;
}

async function ask(server: TestServer, method: string, path: string, body?: object): Promise<Answered> {
  const sketch = {
    service: "trunkline",
    method,
    path: `/_trunkline/${path}`,
    ...(body && { body: JSON.stringify(body) }),
  };
  const answer = await sendSigned(server.url, sketch);
  return { status: answer.status, body: JSON.parse(answer.body.toString()) };
}

test("a manual clock is moved by steps, by a duration and to a time; what is no duration is said at the spot, and kept", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const server = await startTrunkline();
  const { clock } = server.app.platform();
  await using page = await openPage(browser, server.url, "operate");
  const card = page.getByRole("region", { name: "Clock" });
  await card.getByText("It stands still until it is moved").waitFor();
  const before = clock.now();
  await pressByKeys(page, "Advance an hour");
  await card.getByText(/^It is .* now\.$/).waitFor();
  assert.equal(clock.now() - before, 3_600_000);
  await card.getByLabel("By a duration").fill("soon");
  await card.getByRole("button", { name: "Advance", exact: true }).click();
  await card.getByText('"advance" is not an ISO 8601 duration').waitFor();
  assert.equal(await card.getByLabel("By a duration").inputValue(), "soon");
  await card.getByLabel("By a duration").fill("PT90S");
  await card.getByRole("button", { name: "Advance", exact: true }).click();
  await card.locator(`time[datetime="${new Date(before + 3_600_000 + 90_000).toISOString()}"]`).waitFor();
  await card.getByLabel("To a time").fill("2090-01-01T00:00:00Z");
  await card.getByRole("button", { name: "Go there" }).click();
  await card.locator('time[datetime^="2090-01-01T00:00:00"]').waitFor();
  assert.equal(clock.now(), Date.parse("2090-01-01T00:00:00Z"));
});

test("a demo centre is offered on an empty store, shows how far it is, and can be left and come back to; then all is thrown away", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const server = await startTrunkline();
  await using page = await openPage(browser, server.url, "operate");
  await page.getByText("Nothing here yet").waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Build a demo centre" }).click();
  await page.getByRole("heading", { name: /is being built|gets a past/ }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "The demo centre gets a past" }).waitFor();
  const simulator = page.getByRole("region", { name: "Simulator" });
  await simulator.getByText(/It plays/).waitFor();
  const changed = page.waitForResponse(
    (answer) => answer.url().endsWith("/simulator") && answer.request().method() === "POST",
  );
  await simulator.getByLabel("Speed").selectOption("60");
  await changed;
  assert.equal((await ask(server, "GET", "simulator")).body.settings.speed, 60);
  await simulator.locator(".figure", { hasText: "contacts so far" }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByLabel("Connect instance").waitFor();
  await simulator.getByRole("button", { name: "Stop" }).click();
  await simulator.getByText("It has ended").waitFor();
  assert.equal((await ask(server, "GET", "simulator")).body.state, "ended");

  const facts = page.getByRole("region", { name: "Server" });
  await facts.getByText("in memory, until it stops").waitFor();
  await facts.getByRole("button", { name: "Reset …" }).click();
  await page.getByText("All data of all accounts is thrown away").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.equal((await ask(server, "POST", "api/connect/ListInstances", {})).body.InstanceSummaryList.length, 1);
  await facts.getByRole("button", { name: "Reset …" }).click();
  await page.getByRole("button", { name: "Throw everything away" }).click();
  await page.getByText("Nothing here yet").waitFor();
  assert.equal((await ask(server, "POST", "api/connect/ListInstances", {})).body.InstanceSummaryList.length, 0);
});

test("the simulator is started with a seed, agents and calls an hour, on a clock that runs by itself, and told to have more calls", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const server = await startTrunkline("--clock", "real");
  await using page = await openPage(browser, server.url, "operate");
  await page.getByText("It runs by itself").waitFor();
  const card = page.getByRole("region", { name: "Simulator" });
  await card.getByText("It has not been started").waitFor();
  await card.getByLabel("Seed").fill("seven");
  await card.getByLabel("Agents").fill("none");
  await card.getByRole("button", { name: "Start" }).click();
  await card.getByText("agents is a whole number from 1 to 500").waitFor();
  assert.equal(await card.getByLabel("Seed").inputValue(), "seven");
  await card.getByLabel("Agents").fill("3");
  await card.getByLabel("Calls an hour").fill("30");
  await card.getByRole("button", { name: "Start" }).click();
  await card.getByText("Seed seven, 3 agents, 30 calls an hour").waitFor();
  await card.locator(".figure", { hasText: "agents signed in" }).waitFor();
  assert.equal((await ask(server, "POST", "simulator", { action: "start" })).status, 409, "one at a time");
  await card.getByLabel("Calls an hour").fill("60");
  await card.getByRole("button", { name: "Change" }).click();
  await card.getByText("3 agents, 60 calls an hour").waitFor();
  await card.getByRole("button", { name: "Stop" }).click();
  await card.getByText("It has ended").waitFor();
});

test("what the simulator cannot be told is refused, and it is another account's business what plays", async () => {
  const server = await startTrunkline();
  for (const body of [
    {},
    { action: "dance" },
    { action: "start", agents: 0 },
    { action: "start", agents: 2.5 },
    { action: "start", callsPerHour: -1 },
    { action: "start", seed: "" },
    { action: "start", speed: "fast" },
    { action: "start", hours: 0 },
    { action: "start", begin: 24 },
    { action: "start", alias: "no spaces please" },
    { action: "start", other: 1 },
  ]) {
    const { status, body: told } = await ask(server, "POST", "simulator", body);
    assert.deepEqual([status, typeof told.error], [400, "string"], JSON.stringify(body));
  }
  for (const action of ["stop", "change"])
    assert.equal((await ask(server, "POST", "simulator", { action })).status, 409);
  assert.equal((await ask(server, "GET", "simulator")).body.state, "off");
  const started = await ask(server, "POST", "simulator", {
    action: "start",
    agents: 2,
    callsPerHour: 5,
    hours: 1,
    speed: 1,
  });
  assert.deepEqual([started.status, started.body.state, started.body.settings.agents], [200, "playing", 2]);
  const other = await sendSigned(server.url, {
    service: "trunkline",
    method: "GET",
    path: "/_trunkline/simulator",
    accessKeyId: "other",
  });
  assert.equal(JSON.parse(other.body.toString()).state, "off");
  await server.close();
});

test("a server whose data is kept says that it cannot be reset, and what it was started with", async (t) => {
  const server = await startTrunkline(
    "--data",
    temporaryFolder(),
    "--enforce-limits",
    "--limit",
    "events.rules-per-bus=7",
  );
  const { body } = await ask(server, "GET", "server");
  assert.deepEqual(
    [body.canReset, body.data.kind, body.limits],
    [false, "folder", { enforced: true, changed: { "events.rules-per-bus": 7 } }],
  );
  assert.equal((await ask(server, "POST", "reset", {})).status, 409);
  const health = (await (await fetch(`${server.url}/_trunkline/health`)).json()) as { canReset: boolean };
  assert.equal(health.canReset, false);
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "operate");
  const facts = page.getByRole("region", { name: "Server" });
  await facts.getByText("events.rules-per-bus is 7").waitFor();
  await facts.getByText("can be reset here").waitFor();
  assert.equal(await facts.getByRole("button", { name: "Reset …" }).count(), 0);
});

test("the mailbox lists mails of rules; one is shown with its text as text, its contact, and as a file", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const server = await startTrunkline();
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  await using page = await openPage(browser, server.url, "mailbox");
  await page.getByText("No rule has sent a mail").waitFor();
  const hostile = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
  await world.rule(
    "OnPostCallAnalysisAvailable",
    "complains",
    allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["complaint"]]),
    {
      Actions: [
        { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
        {
          ActionType: "SEND_NOTIFICATION",
          SendNotificationAction: {
            DeliveryMethod: "EMAIL",
            Subject: `Complaint ${hostile}`,
            Content: `Please call back.\n${hostile}`,
            ContentType: "PLAIN_TEXT",
            Recipient: { UserIds: [world.agentId] },
          },
        },
      ],
    },
  );
  const contactId = await world.talk("VOICE", [["CUSTOMER", "I have a complaint."]]);
  await server.advance("PT1M");
  await page.getByRole("link", { name: /^Complaint <img/ }).click();
  await page.getByText("Please call back.").waitFor();
  await page.getByText(hostile).first().waitFor();
  assert.notEqual(await page.title(), "run");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click(),
  ]);
  const text = await readFile(await download.path(), "utf8");
  assert.match(text, /^To: \S+\nSubject: Complaint <img[\s\S]*\n\nPlease call back\./);
  await assertAccessible(page);
  await assertFitsPhone(page);
  assert.equal(await page.getByRole("link", { name: contactId }).count(), 1);
  await page.getByRole("link", { name: "Mailbox" }).first().click();
  await page.getByRole("rowheader", { name: /Complaint/ }).waitFor();
  await assertAccessible(page);
});
