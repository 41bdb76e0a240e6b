/** The console's pages of agents and queues in a real browser, and the endpoint that tells what an agent did. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  ConnectClient,
  CreateInstanceCommand,
  CreateQueueCommand,
  CreateRoutingProfileCommand,
  CreateUserCommand,
  DescribeQueueCommand,
  DescribeUserCommand,
  ListHoursOfOperationsCommand,
  ListRoutingProfilesCommand,
  ListSecurityProfilesCommand,
  UpdateUserIdentityInfoCommand,
} from "@aws-sdk/client-connect";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import type { AgentHistory } from "../src/services/connect/agent-history.ts";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, goTo, openPage } from "./console-page.ts";
import { type Centre, openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real", "--limit", "connect.ring-seconds=600");
after(() => server.close());

const HOSTILE = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

async function historyOf(centre: Centre, userId: string, query = ""): Promise<AgentHistory> {
  const { status, body } = await askHistory(centre, userId, query);
  assert.equal(status, 200, JSON.stringify(body));
  return body as AgentHistory;
}

async function askHistory(
  { InstanceId }: Pick<Centre, "InstanceId">,
  userId: string,
  query = "",
  accessKeyId = "test",
): Promise<{ readonly status: number; readonly body: unknown }> {
  const path = `/_trunkline/agents/${InstanceId}/${userId}/events`;
  const answer = await sendSigned(server.url, { service: "connect", method: "GET", path, query, accessKeyId });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) };
}

const statusesIn = ({ events }: AgentHistory): string[] =>
  events.map(({ EventType, CurrentAgentSnapshot }) => `${EventType} ${CurrentAgentSnapshot.AgentStatus.Name}`);

test("what an agent did is told from the instance's stream, the newest first, a page after the other", async () => {
  const centre = await openCentre(server);
  const [ada, ben] = [await centre.agent("ada"), await centre.agent("ben")];
  await centre.status(ada, "Offline");
  const all = await historyOf(centre, ada);
  assert.match(all.stream ?? "", /^arn:aws:kinesis:us-east-1:000000000000:stream\/centre-\d+-agents$/);
  assert.deepEqual(statusesIn(all), ["STATE_CHANGE Offline", "STATE_CHANGE Available", "LOGIN Offline"]);
  assert.equal(all.next, undefined);
  assert.equal((await historyOf(centre, ben)).events.length, 2);

  const first = await historyOf(centre, ada, "limit=2");
  const second = await historyOf(centre, ada, `limit=2&after=${first.next}`);
  assert.deepEqual([...statusesIn(first), ...statusesIn(second)], statusesIn(all));
  assert.equal(second.next, undefined);

  // Others may write to the stream, also with the agent's key: what is no event of an agent is passed over.
  const StreamARN = all.stream ?? "";
  const PartitionKey = String(all.events[0]?.AgentARN);
  const kinesis = new KinesisClient(server.client);
  for (const Data of ["no JSON", "{}"]) {
    await kinesis.send(new PutRecordCommand({ StreamARN, PartitionKey, Data: Buffer.from(Data) }));
  }
  assert.deepEqual(statusesIn(await historyOf(centre, ada)), statusesIn(all));
});

test("a history that is asked for wrongly is refused, and another account gets none", async () => {
  const centre = await openCentre(server);
  const ada = await centre.agent("ada");
  const refusal = async (query: string): Promise<string> => {
    const { status, body } = await askHistory(centre, ada, query);
    return `${status} ${(body as { error: string }).error}`;
  };
  assert.equal(await refusal("limit=0"), "400 limit is not a number from 1 to 200");
  assert.equal(await refusal("limit=many"), "400 limit is not a number from 1 to 200");
  assert.equal(await refusal("after=nowhere"), "400 after was not handed out here");
  assert.equal((await askHistory(centre, "no-such-user")).status, 404);
  assert.equal((await askHistory({ InstanceId: "no-such-instance" }, ada)).status, 404);
  assert.equal((await askHistory(centre, ada, "", "other")).status, 404);
});

test("an instance that tells agent events to no stream has no history", async () => {
  const created = await new ConnectClient(server.client).send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "silent",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  const InstanceId = created.Id ?? "";
  const connect = new ConnectClient(server.client);
  const security = await connect.send(new ListSecurityProfilesCommand({ InstanceId }));
  const routing = await connect.send(new ListRoutingProfilesCommand({ InstanceId }));
  const { UserId = "" } = await connect.send(
    new CreateUserCommand({
      InstanceId,
      Username: "ada",
      Password: "Secret-1234",
      IdentityInfo: { FirstName: "Ada", LastName: "Byron", Email: "ada@example.com" },
      PhoneConfig: { PhoneType: "SOFT_PHONE" },
      SecurityProfileIds: [security.SecurityProfileSummaryList?.[0]?.Id ?? ""],
      RoutingProfileId: routing.RoutingProfileSummaryList?.[0]?.Id ?? "",
    }),
  );
  assert.deepEqual((await askHistory({ InstanceId }, UserId)).body, { stream: null, events: [] });
  if (!browser) return;
  await using page = await openPage(browser, server.url, `agents/${InstanceId}/${UserId}?tab=history`);
  await page.getByText("Agent events of this instance go nowhere").waitFor();
  await page.getByText("has not signed in yet").waitFor();
});

test("agents are listed with what they do as it changes, found, and get a status from here", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const ada = await centre.agent("ada");
  await centre.agent("ben");
  await centre.agent("cleo", { isOffline: true });
  await using page = await openPage(browser, server.url, "agents");
  await page.getByLabel("Connect instance").selectOption(centre.InstanceId);
  await page.getByRole("link", { name: "2 Available" }).waitFor();
  await page.getByRole("link", { name: "1 signed out" }).waitFor();

  const contactId = await centre.arrive({ channel: "VOICE", from: "+447700900123" });
  await page.getByRole("link", { name: "VOICE connecting" }).waitFor();
  await page.getByRole("link", { name: "1 are offered one" }).click();
  await page.getByRole("rowheader", { name: "ada" }).waitFor();
  await page.getByRole("rowheader", { name: "ben" }).waitFor({ state: "detached" });
  await centre.act(ada, "accept", { contactId });
  await page.getByText("No agent is like that").waitFor();
  await page.getByRole("link", { name: "Show all" }).click();
  await page.getByRole("link", { name: "VOICE connected" }).waitFor();

  await page.getByLabel("Status of cleo").selectOption("Available");
  await page.getByRole("link", { name: "3 Available" }).waitFor();
  await page.getByLabel("Status of ada").selectOption("Offline");
  await page.getByRole("row", { name: /ada/ }).getByText("Offline", { exact: true }).nth(1).waitFor();
  await page.getByLabel("Name").fill("be");
  await page.getByRole("rowheader", { name: "ada" }).waitFor({ state: "detached" });
  await page.getByLabel("Name").fill("");
  await page.getByRole("combobox", { name: "Status", exact: true }).selectOption("Offline");
  await page.getByText("No agent is like that").waitFor();
  await page.getByRole("combobox", { name: "Status", exact: true }).selectOption("any");
  await page.getByLabel("Who").selectOption("on a contact");
  await page.getByRole("link", { name: "ada" }).click();
  await page.getByRole("heading", { name: "ada" }).waitFor();
  await page.getByText("then Offline").waitFor();
});

test("an engineer plays an agent: signs in, takes a call, holds, says, transfers, hangs up and clears", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const ada = await centre.agent("ada", { isOffline: true });
  await using page = await openPage(browser, server.url, `agents/${centre.InstanceId}/${ada}`);
  await page.getByText("has not signed in yet").waitFor();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("none is offered in this status").waitFor();
  await page.getByLabel("Status of ada").selectOption("Available");
  await page.getByText("No contact at the moment").waitFor();
  const caller = await centre.arrive({ channel: "VOICE", from: "+447700900123" });
  const held = page.getByRole("list", { name: "Contacts at the agent" });
  await held.getByText("VOICE rings").waitFor();
  await held.getByRole("button", { name: "Accept" }).click();
  await held.getByText("VOICE is connected").waitFor();
  await held.getByRole("button", { name: "Hold" }).click();
  await held.getByText("VOICE is on hold").waitFor();
  await held.getByRole("button", { name: "Resume" }).click();
  await held.getByText("VOICE is connected").waitFor();
  await held.getByLabel("Say as the agent").fill(" ");
  await held.getByRole("button", { name: "Say" }).click();
  await held.getByRole("alert").waitFor();
  await held.getByLabel("Say as the agent").fill("How can I help you?");
  await held.getByRole("button", { name: "Say" }).click();
  // What was said is gone from the box once it is told.
  const box = held.getByLabel("Say as the agent");
  while ((await box.inputValue()) !== "") await box.focus();
  assert.match(JSON.stringify(await centre.contact(caller)), /How can I help you\?/);

  await held.getByLabel("Transfer to").selectOption("a number");
  await held.getByLabel("Number").fill("nowhere");
  await held.getByRole("button", { name: "Transfer" }).click();
  await held.getByText("nowhere is not in E.164 format").waitFor();
  assert.equal(await held.getByLabel("Number").inputValue(), "nowhere");
  await held.getByLabel("Transfer to").selectOption("a queue");
  await held.getByRole("button", { name: "Transfer" }).click();
  await held.getByText("VOICE is on hold").waitFor();
  await held.getByRole("button", { name: "Join the calls" }).waitFor();
  await held
    .getByRole("listitem")
    .filter({ hasText: /TRANSFER/ })
    .getByRole("button", { name: "Hang up" })
    .click();
  await held.getByRole("listitem").nth(1).waitFor({ state: "detached" });
  await held.getByRole("button", { name: "Hang up" }).click();
  await held.getByText("after-contact work").waitFor();
  await held.getByRole("button", { name: "Clear" }).click();
  await page.getByText("No contact at the moment").waitFor();

  await page.getByLabel("Call a number").fill("12");
  await page.getByRole("button", { name: "Call" }).click();
  await page.getByText("12 is not in E.164 format").waitFor();
  assert.equal(await page.getByLabel("Call a number").inputValue(), "12");

  await page.getByRole("tab", { name: "History" }).click();
  await page.getByText(/status Available/).waitFor();
  await page
    .getByText(/VOICE [0-9a-f]{8} connected_onhold/)
    .first()
    .waitFor();
  await page.getByText("signed in").click();
  await page.getByText("PreviousAgentSnapshot").waitFor();
  await page.getByRole("tab", { name: "Contacts" }).click();
  await page.getByText("+447700900123").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.locator(".dot").getByText("signed out").waitFor();
});

test("an agent's routing profile is shown with its queues and can be changed", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const { connect, InstanceId, queueId } = centre;
  const ada = await centre.agent("ada");
  const { RoutingProfileId } = await connect.send(
    new CreateRoutingProfileCommand({
      InstanceId,
      Name: "Chats alone",
      Description: "For chats",
      DefaultOutboundQueueId: queueId,
      MediaConcurrencies: [{ Channel: "CHAT", Concurrency: 3 }],
      QueueConfigs: [{ QueueReference: { QueueId: queueId, Channel: "CHAT" }, Priority: 7, Delay: 4 }],
    }),
  );
  await using page = await openPage(browser, server.url, `agents/${InstanceId}/${ada}?tab=settings`);
  await page.getByText("ada@example.com").waitFor();
  await page.getByRole("combobox", { name: "Routing profile" }).selectOption("Chats alone");
  await page.getByRole("row", { name: /BasicQueue CHAT 7 4/ }).waitFor();
  await page.getByRole("button", { name: "Change" }).click();
  await page.getByText("Has the routing profile Chats alone now").waitFor();
  const { User } = await connect.send(new DescribeUserCommand({ InstanceId, UserId: ada }));
  assert.equal(User?.RoutingProfileId, RoutingProfileId);
  await page.getByRole("link", { name: "BasicQueue" }).click();
  await page.getByRole("heading", { name: "BasicQueue" }).waitFor();
});

test("a queue shows who waits, who serves it, how well, and is disabled", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const { connect, InstanceId, queueId } = centre;
  await using page = await openPage(browser, server.url, "queues");
  await page.getByLabel("Connect instance").selectOption(InstanceId);
  await page.getByLabel("Name").fill("nothing like it");
  await page.getByText("No queue is called like that").waitFor();
  await page.getByLabel("Name").fill("basic");
  await page.getByRole("link", { name: "BasicQueue" }).click();
  await page.getByText("Nobody waits").waitFor();
  await centre.arrive({ channel: "VOICE", from: "+447700900123" });
  await page.getByRole("link", { name: "1 waiting" }).waitFor();
  await page.getByRole("row", { name: /VOICE \+447700900123/ }).waitFor();
  await page.getByRole("tab", { name: "Agents" }).click();
  await page.getByText("Nobody who serves this queue is signed in").waitFor();
  const ada = await centre.agent("ada");
  await page.getByRole("row", { name: /ada Available/ }).waitFor();
  await page.getByText("are offered one").waitFor();
  const { contacts } = await centre.view(ada);
  const contactId = contacts[0]?.id ?? "";
  await centre.act(ada, "accept", { contactId });
  await centre.act(ada, "hang-up", { contactId });
  await centre.act(ada, "clear", { contactId });
  await page.getByLabel("Service level within").selectOption("300 s");
  await page.getByText("100.0 %").waitFor();
  await page.getByRole("link", { name: "1 handled, 24 h" }).click();
  await page.getByRole("row", { name: /VOICE \+447700900123 ended/ }).waitFor();

  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByText("any number of contacts").waitFor();
  await page.getByRole("button", { name: "Disable the queue" }).click();
  await page.getByRole("button", { name: "Enable the queue" }).waitFor();
  const { Queue } = await connect.send(new DescribeQueueCommand({ InstanceId, QueueId: queueId }));
  assert.equal(Queue?.Status, "DISABLED");
});

test("pages of agents and queues are accessible, fit a phone, and run nothing of what is stored", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const ada = await centre.agent("ada");
  const IdentityInfo = { FirstName: HOSTILE, LastName: HOSTILE, Email: "ada@example.com" };
  await connect.send(new UpdateUserIdentityInfoCommand({ InstanceId, UserId: ada, IdentityInfo }));
  const { HoursOfOperationSummaryList = [] } = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = HoursOfOperationSummaryList[0]?.Id ?? "";
  const hostile = { InstanceId, Name: HOSTILE, Description: HOSTILE, HoursOfOperationId };
  const { QueueId = "" } = await connect.send(new CreateQueueCommand(hostile));
  await centre.arrive({ channel: "VOICE", from: "+447700900123" });
  await using page = await openPage(browser, server.url, "agents");
  await page.getByLabel("Connect instance").selectOption(InstanceId);
  await page.getByRole("link", { name: "VOICE connecting" }).waitFor();
  const agent = `agents/${InstanceId}/${ada}`;
  const queue = `queues/${InstanceId}/${QueueId}`;
  const seen: readonly (readonly [path: string, text: string])[] = [
    ["agents", "VOICE connecting"],
    [agent, "VOICE rings"],
    [`${agent}?tab=history`, "status Available"],
    [`${agent}?tab=settings`, HOSTILE],
    ["queues", HOSTILE],
    [queue, "Nobody waits"],
    [`${queue}?tab=settings`, "any number of contacts"],
  ];
  for (const [path, text] of seen) {
    await goTo(page, path);
    await page.getByText(text).first().waitFor();
    await assertAccessible(page);
    await assertFitsPhone(page);
    assert.match(await page.title(), /^(Agent|Queue)s? · Trunkline$/);
  }
});
