/** The rules of an event bus in the console: written, refused at the spot, switched on and off, tried, deleted. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { EVENT_PATTERN } from "../web/src/pages/event-pattern.ts";
import { problemsOf } from "../web/src/parts/json-editor/check.ts";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage, writeJson } from "./console-page.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
const events = new EventBridgeClient(server.client);
const bus = "shop";
const HOSTILE = "<img src=x onerror=\"document.title='run'\">";

await events.send(new CreateEventBusCommand({ Name: bus }));
const rule = (Name: string, pattern: object, more: object = {}) =>
  events.send(new PutRuleCommand({ EventBusName: bus, Name, EventPattern: JSON.stringify(pattern), ...more }));
await rule("dear", { detail: { amount: [{ numeric: [">", 40] }] } }, { Description: HOSTILE });
await rule("cheap", { detail: { amount: [{ numeric: ["<", 10] }] } });
await events.send(new PutRuleCommand({ Name: "nightly", ScheduleExpression: "rate(1 day)" }));
const queue = await new SQSClient(server.client).send(new CreateQueueCommand({ QueueName: "orders" }));
const queueArn = `arn:aws:sqs:us-east-1:000000000000:${queue.QueueUrl?.split("/").at(-1)}`;
after(async () => {
  events.destroy();
  await server.close();
});

async function explain(body: object, accessKeyId = "test"): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await sendSigned(server.url, {
    service: "events",
    path: "/_trunkline/explain",
    body: JSON.stringify(body),
    accessKeyId,
  });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) as Record<string, unknown> };
}

const EVENT = { source: "shop.orders", "detail-type": "Order Placed", detail: { amount: 49.5 } };

test("all rules of a bus are asked of one event at once, those that match first", async () => {
  const { status, body } = await explain({ bus, event: EVENT });
  assert.equal(status, 200);
  assert.partialDeepStrictEqual(body, { bus, asked: 2, matched: 1 });
  assert.deepEqual(
    (body.rules as { name: string; matched: boolean }[]).map(({ name, matched }) => [name, matched]),
    [
      ["dear", true],
      ["cheap", false],
    ],
  );
  assert.partialDeepStrictEqual((await explain({ bus: "default", event: EVENT })).body, { asked: 0, rules: [] });
  assert.equal((await explain({ bus: "nothing", event: EVENT })).status, 404);
  assert.equal((await explain({ bus, event: EVENT }, "other")).status, 404);
  assert.equal((await explain({ bus: 7, event: EVENT })).status, 400);
  assert.equal((await explain({ bus, pattern: {}, event: EVENT })).status, 400);
});

test("the language of patterns finds nothing wrong with those that the server takes, and much with others", () => {
  const found = (pattern: unknown): string[] =>
    problemsOf(JSON.stringify(pattern), EVENT_PATTERN).map(({ message }) => message);
  const right = [
    { source: ["aws.connect"], "detail-type": ["a", null], detail: { n: [1, true, { exists: false }] } },
    {
      detail: {
        a: [{ prefix: "x" }, { prefix: { "equals-ignore-case": "x" } }, { "anything-but": ["a"] }],
        b: { c: [{ suffix: "y" }] },
      },
    },
    { $or: [{ source: ["a"] }, { detail: { n: [{ numeric: [">", 1, "<=", 5] }] } }] },
    { detail: { a: [{ cidr: "10.0.0.0/8" }, { wildcard: "a*" }, { "equals-ignore-case": "b" }] } },
  ];
  for (const pattern of right) assert.deepEqual(found(pattern), [], JSON.stringify(pattern));
  assert.match(found({ source: "aws.connect" }).join(), /a list/);
  assert.match(found({ source: [] }).join(), /at least 1/);
  assert.match(found({ source: [{ prefx: "a" }] }).join(), /There is no member prefx; prefix is one/);
  assert.match(found({ detail: { n: [{ numeric: ["=>", 1] }] } }).join(), /one of =, </);
});

test("a rule is created with a target; a pattern that is refused is kept, told at its place, and changes nothing", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, `buses/${bus}`);
  page.removeAllListeners("console");
  await page.getByRole("link", { name: "New rule" }).click();
  await page.getByLabel("Name", { exact: true }).fill("placed");
  const pattern = page.getByRole("textbox", { name: "Event pattern" });
  const wrong = '{"source": [{"prefix": 7}]}';
  await writeJson(pattern, wrong);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").getByText("InvalidEventPatternException").waitFor();
  await page
    .locator(".json-editor", { hasText: "Event pattern" })
    .locator(".found")
    .getByText(/Event pattern is not valid/)
    .waitFor();
  await page.locator(".cm-lintRange-error").first().waitFor();
  assert.equal(await pattern.textContent(), wrong);
  const names = async () =>
    (await events.send(new ListRulesCommand({ EventBusName: bus }))).Rules?.map(({ Name }) => Name);
  assert.deepEqual(await names(), ["cheap", "dear"]);

  // Nor does a new rule change one that is called so already.
  await page.getByLabel("Name", { exact: true }).fill("cheap");
  await writeJson(pattern, '{"source": ["else"]}');
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").getByText("A rule named cheap is there already").waitFor();
  const cheap = await events.send(new DescribeRuleCommand({ EventBusName: bus, Name: "cheap" }));
  assert.doesNotMatch(cheap.EventPattern ?? "", /else/);
  await page.getByLabel("Name", { exact: true }).fill("placed");
  await writeJson(pattern, '{"source": ["shop.orders"]}');
  const targets = page.getByRole("textbox", { name: "Targets" });
  await writeJson(targets, '{"Targets": [{"Id": "q", "Arn": "nothing"}]}');
  await page.getByRole("button", { name: "Create" }).click();
  await page
    .locator(".json-editor", { hasText: "Targets" })
    .locator(".found")
    .getByText(/Arn|target|Target/)
    .first()
    .waitFor();
  assert.deepEqual(await names(), ["cheap", "dear"]);

  await writeJson(targets, JSON.stringify({ Targets: [{ Id: "q", Arn: queueArn }] }));
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "placed" }).waitFor();
  await page.getByText("enabled").waitFor();
  const stored = await events.send(new ListTargetsByRuleCommand({ EventBusName: bus, Rule: "placed" }));
  assert.deepEqual(stored.Targets, [{ Id: "q", Arn: queueArn }]);
  await assertAccessible(page);
  await assertFitsPhone(page);
});

test("a rule's pattern and targets are changed and tried; it is switched off and on, and deleted", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await rule("changing", { source: ["before"] });
  await events.send(
    new PutTargetsCommand({ EventBusName: bus, Rule: "changing", Targets: [{ Id: "old", Arn: queueArn }] }),
  );
  await using page = await openPage(browser, server.url, `buses/${bus}/changing`);
  await writeJson(
    page.getByRole("textbox", { name: "Event pattern" }),
    '{"source": ["shop.orders"], "detail": {"amount": [7]}}',
  );
  await page.getByText("What is written here is not saved.").waitFor();
  await writeJson(page.getByRole("textbox", { name: "Event", exact: true }), JSON.stringify(EVENT));
  await page.getByRole("button", { name: "Try", exact: true }).click();
  const verdict = page.getByRole("region", { name: "Verdict of the pattern" });
  await verdict.locator("li", { hasText: "source" }).getByText("✓ met").waitFor();
  await verdict.locator("li", { hasText: "detail.amount" }).getByText("✗ not met").waitFor();
  await verdict.locator("li", { hasText: "detail.amount" }).getByText("49.5").waitFor();
  await writeJson(
    page.getByRole("textbox", { name: "Targets" }),
    JSON.stringify({ Targets: [{ Id: "new", Arn: queueArn }] }),
  );
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("What is written here is not saved.").waitFor({ state: "detached" });
  const described = () => events.send(new DescribeRuleCommand({ EventBusName: bus, Name: "changing" }));
  assert.match((await described()).EventPattern ?? "", /"amount"/);
  const stored = await events.send(new ListTargetsByRuleCommand({ EventBusName: bus, Rule: "changing" }));
  assert.deepEqual(
    stored.Targets?.map(({ Id }) => Id),
    ["new"],
  );
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByText("disabled").first().waitFor();
  assert.equal((await described()).State, "DISABLED");
  await page.getByRole("button", { name: "Enable" }).click();
  await page.getByRole("button", { name: "Disable" }).waitFor();
  assert.equal((await described()).State, "ENABLED");
  await page.getByRole("button", { name: "Delete …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page
    .getByRole("heading", { name: `Bus ${bus}` })
    .or(page.getByRole("heading", { name: bus }))
    .first()
    .waitFor();
  await assert.rejects(described(), { name: "ResourceNotFoundException" });
});

test("one event, typed or as it has just arrived, is tried against all rules of a bus, and against a pattern that no rule has", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, `buses/${bus}`);
  const sandbox = page.getByRole("region", { name: "Sandbox" });
  await page.getByRole("link", { name: "dear", exact: true }).waitFor();
  await sandbox.getByText("Events that arrive meanwhile").waitFor();
  const Entries = [{ EventBusName: bus, Source: "shop.orders", DetailType: HOSTILE, Detail: '{"amount": 3}' }];
  await events.send(new PutEventsCommand({ Entries }));
  await sandbox.getByLabel("An event that has just arrived").selectOption({ index: 1 });
  await sandbox.getByRole("textbox", { name: "Event", exact: true }).getByText('"amount": 3').waitFor();
  await sandbox.getByRole("button", { name: "Try", exact: true }).click();
  const verdicts = sandbox.getByRole("region", { name: "Verdicts" });
  const matching = verdicts.locator("li", { has: page.locator("summary", { hasText: "cheap" }) }).first();
  await matching.getByText("matches", { exact: true }).waitFor();
  await matching.getByText("✓ met").first().waitFor();
  const other = verdicts.locator("li", { has: page.locator("summary", { hasText: "dear" }) }).first();
  await other.getByText("no match", { exact: true }).waitFor();
  await other.locator("summary").first().click();
  await other.getByText("✗ not met").first().waitFor();
  await sandbox.getByText("A pattern that no rule has yet").click();
  await writeJson(sandbox.getByRole("textbox", { name: "Pattern", exact: true }), '{"detail": {"amount": [3]}}');
  await sandbox.getByRole("button", { name: "Try the pattern" }).click();
  await sandbox.getByRole("region", { name: "Verdict of the pattern" }).getByText("matches", { exact: true }).waitFor();
  assert.notEqual(await page.title(), "run");
  await assertAccessible(page);
  await assertFitsPhone(page);
});

test("a rule on a schedule shows and changes its schedule", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "buses/default/nightly");
  page.removeAllListeners("console");
  const schedule = page.getByLabel("Schedule");
  assert.equal(await schedule.inputValue(), "rate(1 day)");
  await schedule.fill("rate(often)");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await schedule.inputValue(), "rate(often)");
  await schedule.fill("rate(2 days)");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("What is written here is not saved.").waitFor({ state: "detached" });
  const described = await events.send(new DescribeRuleCommand({ Name: "nightly" }));
  assert.equal(described.ScheduleExpression, "rate(2 days)");
});
