/** Connect rules in the console: listed, written, tried, tried on what has been, published and deleted; and their endpoints. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { DescribeRuleCommand, ListRulesCommand, type RuleAction, UpdateRuleCommand } from "@aws-sdk/client-connect";
import { problemsOf } from "../web/src/parts/json-editor/check.ts";
import { choicesAt } from "../web/src/parts/json-editor/complete.ts";
import type { Shapes } from "../web/src/parts/json-editor/shapes.ts";
import { parseJson } from "../web/src/parts/json-editor/tree.ts";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, goTo, openPage, pressByKeys, writeJson } from "./console-page.ts";
import { allOf, openRuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const browser = await openBrowser();
const server = await startTrunkline();
const world = await openRuleWorld(server);
const { connect, InstanceId, agentId } = world;
after(async () => {
  connect.destroy();
  await server.close();
});

const HOSTILE = "<img src=x onerror=\"document.title='run'\">";

/** Two calls that are late and one that is not. */
const late: string[] = [];
for (const words of ["My parcel is really late.", `It is really late ${HOSTILE}`, "All is well, thank you."]) {
  await world.status(agentId, "Available");
  const contact = await world.talk("VOICE", [
    ["AGENT", "Good morning."],
    ["CUSTOMER", words],
  ]);
  if (words.includes("late")) late.push(contact);
}
const SAYS_LATE = allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late"]]);
const kept = await world.rule("OnPostCallAnalysisAvailable", "LATE", SAYS_LATE, { PublishStatus: "DRAFT" });

async function ask(body: object, accessKeyId = "test"): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = JSON.stringify(body);
  const answer = await sendSigned(server.url, {
    service: "connect",
    path: "/_trunkline/explain",
    body: text,
    accessKeyId,
  });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) as Record<string, unknown> };
}

async function languageOf(source: string): Promise<Shapes> {
  const path = `/_trunkline/rule-languages/${source}`;
  const answer = await sendSigned(server.url, { service: "connect", method: "GET", path, body: "" });
  assert.equal(answer.status, 200, source);
  return JSON.parse(answer.body.toString()) as Shapes;
}

function draft(source: string, text: string): object {
  return { TriggerEventSource: { EventSourceName: source }, Function: text };
}

test("the language of each event source finds nothing wrong with the rules of the libraries, and what the server refuses", async () => {
  const files = ["rule-library.json", "rule-library-events.json"];
  const rules = (
    await Promise.all(files.map(async (file) => JSON.parse(await readFile(new URL(file, import.meta.url), "utf8"))))
  ).flat() as readonly { readonly name: string; readonly source: string; readonly function: object }[];
  assert.ok(rules.length > 50);
  for (const { name, source, function: said } of rules) {
    const text = JSON.stringify(said);
    const found = problemsOf(text, await languageOf(source)).map(
      ({ from, to, message }) => `${text.slice(from, to)}: ${message}`,
    );
    assert.deepEqual(found, [], name);
  }
  const wrong = (change: (condition: Record<string, unknown>) => void): Promise<string[]> => {
    const said = JSON.parse(SAYS_LATE) as { RuleFunction: { Operands: Record<string, unknown>[] } };
    change(said.RuleFunction.Operands[0] ?? {});
    const text = JSON.stringify(said);
    return languageOf("OnPostCallAnalysisAvailable").then((language) =>
      problemsOf(text, language).map(({ from, to, message }) => `${text.slice(from, to)}: ${message}`),
    );
  };
  assert.match((await wrong((one) => (one.Operator = "EQUALS"))).join(), /"EQUALS": This is to be one of CONTAINS_ANY/);
  assert.match(
    (await wrong((one) => (one.ComparisonValue = "$.Nothing"))).join(),
    /"\$\.Nothing": This is to be one of/,
  );
  assert.match((await wrong((one) => (one.Operands = [7]))).join(), /7: This is to be a text/);
  assert.match((await wrong((one) => (one.Operands = []))).join(), /at least 1 items/);
  const filter = { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "NOBODY" }] };
  assert.match(
    (await wrong((one) => (one.FilterClause = filter))).join(),
    /"NOBODY": This is to be one of CUSTOMER, AGENT, ANY/,
  );
});

test("paths of a source are offered where a condition names one", async () => {
  const language = await languageOf("OnCaseUpdate");
  const text = '{"RuleFunction": {"Operator": "AND", "Operands": [{"Operator": "EQUALS", "ComparisonValue": "" }]}}';
  const choices = choicesAt(parseJson(text), language, text.indexOf('""') + 1)?.choices.map(({ label }) => label) ?? [];
  assert.ok(choices.includes("$.Case.Fields.status"));
  assert.ok(choices.includes("$.Case.Fields."));
  const missing = await sendSigned(server.url, {
    service: "connect",
    method: "GET",
    path: "/_trunkline/rule-languages/OnNothing",
    body: "",
  });
  assert.equal(missing.status, 404);
});

test("a rule that is not saved is tried on a contact, and on samples of conversations, mails and cases", async () => {
  const source = "OnPostCallAnalysisAvailable";
  const subject = late[0];
  const recorded = await ask({ instance: InstanceId, subject, rule: draft(source, SAYS_LATE) });
  assert.equal(recorded.status, 200);
  assert.match(JSON.stringify(recorded.body), /really late \(CUSTOMER at/);
  const turns = [{ speaker: "CUSTOMER", text: "It is really late" }];
  const sampled = async (rule: unknown, sample: object): Promise<unknown> => {
    const answer = await ask({ instance: InstanceId, rule, sample });
    return answer.status === 200 ? answer.body.matched : answer.body.error;
  };
  assert.equal(await sampled(kept, { turns }), true);
  assert.equal(await sampled("LATE", { turns: [{ speaker: "CUSTOMER", text: "It is here" }] }), false);
  const live = allOf(
    "RealTimeChat",
    ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late"]],
    ["ContactAttribute.tier", "EQUALS", ["gold"]],
  );
  const facts = { ContactLens: { RealTimeChat: { ContactAttribute: { tier: "gold" } } } };
  const chat = draft("OnRealTimeChatAnalysisAvailable", live);
  assert.equal(await sampled(chat, { turns, facts }), true);
  assert.equal(await sampled(chat, { turns }), false);
  const closed = JSON.stringify({
    Version: "2022-11-25",
    RuleFunction: {
      Operator: "AND",
      Operands: [{ Operator: "EQUALS", Operands: ["closed"], ComparisonValue: "$.Case.Fields.status" }],
    },
  });
  assert.equal(
    await sampled(draft("OnCaseUpdate", closed), { facts: { Case: { Fields: { status: "closed" } } } }),
    true,
  );
  assert.equal(await sampled(draft("OnCaseUpdate", closed), { facts: {} }), false);
  const mail = allOf("Email", ["ExactMatch.Transcript", "CONTAINS_ANY", ["refund"]]);
  assert.equal(await sampled(draft("OnEmailAnalysisAvailable", mail), { texts: ["My refund"] }), true);
});

test("a sample or a draft that cannot be read is refused with its place, and nobody else's rules are tried", async () => {
  const rule = draft("OnPostCallAnalysisAvailable", SAYS_LATE);
  const refusals: readonly (readonly [object, number, RegExp])[] = [
    [{ rule, sample: 7 }, 400, /sample is not an object/],
    [{ sample: {} }, 400, /rule is missing/],
    [{ rule, sample: {}, more: 1 }, 400, /no member more/],
    [{ rule, sample: { more: 1 } }, 400, /no member more/],
    [{ rule, sample: { turns: [] } }, 400, /no turns/],
    [{ rule, sample: { turns: [{ speaker: "NOBODY", text: "x" }] } }, 400, /turns\[0\] has an unknown speaker/],
    [{ rule, sample: { turns: [{ speaker: "AGENT", text: "x" }], tags: { a: 1 } } }, 400, /tags/],
    [{ rule, sample: { turns: [{ speaker: "AGENT", text: "x" }], channel: "CHAT" } }, 400, /it is a CHAT/],
    [{ rule: draft("OnPostCallAnalysisAvailable", "{}"), sample: {} }, 400, /Version/],
    [{ rule: draft("OnPostCallAnalysisAvailable", "{}"), subject: late[0] }, 400, /Version/],
    [{ rule: 7, subject: late[0] }, 400, /rule is not/],
    [{ rule: "NOTHING", sample: {} }, 404, /NOTHING/],
  ];
  for (const [body, status, error] of refusals) {
    const answer = await ask({ instance: InstanceId, ...body });
    assert.match(String(answer.body.error), error);
    assert.equal(answer.status, status, String(answer.body.error));
  }
  assert.equal((await ask({ instance: InstanceId, rule: kept, sample: { turns: [] } }, "other")).status, 404);
});

test("rules are listed and found, and a hostile name is text", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "rules");
  await page.getByLabel("Connect instance").selectOption(InstanceId);
  const row = page.getByRole("row", { name: /LATE/ });
  await row.getByText("draft").waitFor();
  await row.getByText("Calls, afterwards").waitFor();
  await page.getByLabel("Status", { exact: true }).selectOption("published");
  await page.getByText("No rule is like that.").waitFor();
  await page.getByLabel("Status", { exact: true }).selectOption("all");
  await page.getByLabel("Name holds").fill("LAT");
  await page.getByText("1 found").waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await page.getByRole("link", { name: "LATE" }).click();
  await page.getByRole("heading", { name: "LATE" }).waitFor();
  await page.locator(".cm-content").first().waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
});

test("a rule is written, refused at the spot with all that was typed, saved, published, taken back and deleted", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, `rules/${InstanceId}/new`);
  page.removeAllListeners("console");
  await page.getByLabel("Name", { exact: true }).fill("LATE");
  const said = page.getByRole("textbox", { name: "Function" });
  const unsupported = allOf("PostChat", ["ExactMatch.Transcript", "CONTAINS_ANY", ["angry"]]);
  await writeJson(said, unsupported);
  await page.getByRole("button", { name: "Save as draft" }).click();
  await page.getByRole("alert").getByText("InvalidRequestException").waitFor();
  const spot = page.locator(".json-editor", { hasText: "Function" }).locator(".found");
  await spot.getByText("Unsupported ComparisonValue").waitFor();
  await page.locator(".cm-lintRange-error").first().waitFor();
  assert.equal(await said.textContent(), unsupported);
  const names = async (): Promise<unknown> =>
    (await connect.send(new ListRulesCommand({ InstanceId }))).RuleSummaryList?.map(({ Name, PublishStatus }) => [
      Name,
      PublishStatus,
    ]).sort();
  assert.deepEqual(await names(), [["LATE", "DRAFT"]]);

  await writeJson(said, allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["angry"]]));
  await page.getByRole("button", { name: "Save as draft" }).click();
  await page.locator(".field", { hasText: "Name" }).getByText("A rule named LATE already exists").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("ANGRY");
  await page.getByLabel("Add an action").selectOption("generate eventbridge event");
  await page.getByRole("textbox", { name: "Actions" }).getByText("EventBridgeAction").waitFor();
  await page.getByRole("button", { name: "Save as draft" }).click();
  // What has no name yet is refused in the actions.
  await page
    .locator(".json-editor", { hasText: "Actions" })
    .last()
    .locator(".found")
    .getByText(/at least 1/)
    .first()
    .waitFor();
  const actions = {
    Actions: [
      { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
      { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "TELL" } },
    ],
  };
  await writeJson(page.getByRole("textbox", { name: "Actions" }), JSON.stringify(actions));
  await page.getByRole("button", { name: "Save as draft" }).click();
  await page.getByRole("heading", { name: "ANGRY" }).waitFor();
  assert.deepEqual(await names(), [
    ["ANGRY", "DRAFT"],
    ["LATE", "DRAFT"],
  ]);
  await pressByKeys(page, "Publish");
  await page.getByText("Saved, published").waitFor();
  await page.getByRole("button", { name: "Unpublish" }).click();
  await page.getByText("Saved as a draft").waitFor();
  await writeJson(said, allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["furious"]]));
  await page.getByText("What is written here is not saved.").waitFor();
  await page.reload();
  await said.getByText("furious").waitFor();
  await page.getByRole("button", { name: "Discard it" }).click();
  await said.getByText("angry").waitFor();
  await writeJson(said, allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["furious"]]));
  await page.getByRole("button", { name: "Save as draft" }).click();
  await page.getByText("What is written here is not saved.").waitFor({ state: "detached" });
  const RuleId = new URL(page.url()).pathname.split("/").at(-1);
  const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.match(Rule?.Function ?? "", /furious/);
  assert.equal(Rule?.PublishStatus, "DRAFT");
  await page.getByRole("button", { name: "Delete …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("heading", { name: "Connect rules" }).waitFor();
  assert.deepEqual(await names(), [["LATE", "DRAFT"]]);
});

test("a rule is tried on a sample and on a contact: the right condition is red, with what was found", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, `rules/${InstanceId}/${kept}?tab=try`);
  const verdict = page.getByRole("region", { name: "Verdict" });
  await page.getByRole("textbox", { name: "Sample" }).getByText("really late").waitFor();
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await verdict.getByText("matches", { exact: true }).waitFor();
  await verdict.getByText("really late (CUSTOMER at 2.0 s)").waitFor();
  // What is written and not saved is tried as it is written.
  await page.getByRole("tab", { name: "Definition" }).click();
  const two = allOf(
    "PostCall",
    ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late"]],
    ["DisconnectReason", "CONTAINS_ANY", ["BARGED"]],
  );
  await writeJson(page.getByRole("textbox", { name: "Function" }), two);
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByText("as it is written here, saved or not").waitFor();
  await page.getByLabel("Try it on").selectOption("something that has been");
  await page.getByLabel("Contact, case or ticket").fill(late[1] ?? "");
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await verdict.getByText("does not match").waitFor();
  const condition = (path: string) => verdict.locator("li", { hasText: path });
  await condition("ExactMatch.Transcript").getByText("✓ met").waitFor();
  await condition("DisconnectReason").getByText("✗ not met").waitFor();
  await condition("DisconnectReason").getByText('"CUSTOMER_DISCONNECT"').waitFor();
  assert.notEqual(await page.title(), "run");
  await assertAccessible(page);
  await assertFitsPhone(page);
});

test("a backtest counts what would have matched, draws it, and lists the contacts with their conditions", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, `rules/${InstanceId}/${kept}?tab=backtest`);
  await page.getByRole("button", { name: "Backtest", exact: true }).click();
  const result = page.getByRole("region", { name: "Result" });
  await result.locator(".figure", { hasText: "matched" }).getByText("2", { exact: true }).waitFor();
  await result.locator(".figure", { hasText: "asked" }).getByText("3", { exact: true }).waitFor();
  await page.getByRole("button", { name: /: 2 matched, of 3 asked/ }).waitFor();
  const matches = page.getByRole("region", { name: "Matches" });
  await matches
    .locator("summary")
    .first()
    .click({ position: { x: 5, y: 5 } });
  await matches.getByText("✓ met").first().waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await matches.getByRole("link", { name: `Contact ${late[0]}` }).click();
  await page
    .getByRole("heading", { name: /^(?:Contact|Call)/ })
    .first()
    .waitFor();
});

test("two people change one rule: who saves last is told, and chooses", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const id = await world.rule("OnPostCallAnalysisAvailable", "SHARED", SAYS_LATE, { PublishStatus: "DRAFT" });
  const wordsOf = async (): Promise<string> => {
    const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId: id }));
    return Rule?.Function ?? "";
  };
  const saying = (word: string): string => allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", [word]]);
  await using mine = await openPage(browser, server.url, `rules/${InstanceId}/${id}`);
  const written = mine.getByRole("textbox", { name: "Function" });
  await writeJson(written, saying("mine"));
  await mine.getByText("What is written here is not saved.").waitFor();
  // The other one saves by the API, as a second browser would.
  await connect.send(
    new UpdateRuleCommand({
      InstanceId,
      RuleId: id,
      Name: "SHARED",
      Function: saying("theirs"),
      Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
      PublishStatus: "DRAFT",
    }),
  );
  await mine.getByRole("button", { name: "Save as draft" }).click();
  await mine.getByText("so nothing was saved").waitFor();
  assert.match(await wordsOf(), /theirs/);
  const told = mine.getByRole("alert", { name: "Changed meanwhile" });
  await told.getByText(/Somebody else has saved this since you began to write/).waitFor();
  await assertAccessible(mine);
  // It is still told when the page is loaded anew.
  await mine.reload();
  await told.getByRole("button", { name: "Keep mine" }).click();
  await told.waitFor({ state: "detached" });
  await written.getByText("mine").waitFor();
  await mine.getByRole("button", { name: "Save as draft" }).click();
  await mine.getByText("What is written here is not saved.").waitFor({ state: "detached" });
  assert.match(await wordsOf(), /mine/);
});

test("a contact says why a rule has not looked at it, and leads to trying that rule on it", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const contact = late[0] ?? "";
  await using page = await openPage(browser, server.url, `contacts/${InstanceId}/${contact}?tab=rules`);
  const row = page.getByRole("region", { name: "Other rules" }).getByRole("row", { name: /^LATE/ });
  await row.getByText("It is a draft: only published rules look.").waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
  await row.getByRole("link", { name: "on this contact" }).click();
  await page.getByRole("button", { name: "Try", exact: true }).click();
  await page.getByRole("region", { name: "Verdict" }).getByText("matches", { exact: true }).waitFor();
});

test("how often a rule looked and matched is counted, and its actions that failed lead to why", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const Actions: RuleAction[] = [
    { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
    // There is no customer profile that the case could be of.
    {
      ActionType: "CREATE_CASE",
      CreateCaseAction: { TemplateId: randomUUID(), Fields: [{ Id: "title", Value: { StringValue: "late" } }] },
    },
  ];
  const Name = "COUNTED";
  const id = await world.rule("OnPostCallAnalysisAvailable", Name, SAYS_LATE, { Actions });
  for (const words of ["It is really late.", "All is well."]) {
    await world.status(agentId, "Available");
    await world.talk("VOICE", [["CUSTOMER", words]]);
  }
  await using page = await openPage(browser, server.url, "rules");
  const row = page.getByRole("row", { name: new RegExp(Name) });
  await row.getByRole("cell", { name: "5", exact: true }).waitFor();
  await row.getByRole("cell", { name: "1", exact: true }).waitFor();
  await row.getByRole("link", { name: Name }).click();
  await page.getByText("true of 1 of 5 since the server started").waitFor();
  await page.getByRole("link", { name: /✗ \d+ failed/ }).click();
  await page
    .getByRole("row", { name: /CREATE_CASE/ })
    .first()
    .waitFor();
  await goTo(page, `map?view=list&text=${Name}`);
  const line = page.getByRole("row", { name: /Connect rule COUNTED action result categories of contacts/ });
  await line.getByRole("cell", { name: "1", exact: true }).waitFor();
  await page
    .getByRole("row", { name: new RegExp(`Connect rule ${Name}`) })
    .getByRole("cell", { name: "5", exact: true })
    .first()
    .waitFor();
  assert.ok(id);
});
