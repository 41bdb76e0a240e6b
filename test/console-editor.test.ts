/** The console's JSON editor: what it offers and what it finds wrong, alone and in a browser; and the page that calls any operation. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { problemsOf } from "../web/src/parts/json-editor/check.ts";
import { type Choices, choicesAt } from "../web/src/parts/json-editor/complete.ts";
import type { Shapes } from "../web/src/parts/json-editor/shapes.ts";
import { spotOf, stepsSpot } from "../web/src/parts/json-editor/spot.ts";
import { parseJson } from "../web/src/parts/json-editor/tree.ts";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage, writeJson } from "./console-page.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
after(() => server.close());

async function read<T>(path: string): Promise<{ readonly status: number; readonly body: T }> {
  const signedIn = await fetch(`${server.url}/_trunkline/session`, { method: "POST", body: "{}" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const answer = await fetch(`${server.url}/_trunkline/${path}`, { headers: { cookie } });
  return { status: answer.status, body: (await answer.json()) as T };
}

async function shapesOf(model: string, operation: string): Promise<Shapes> {
  return (await read<Shapes>(`models/${model}/${operation}`)).body;
}

/** What is found, with the text that it is marked at. */
function found(document: string, shapes?: Shapes): readonly string[] {
  return problemsOf(document, shapes).map(({ from, to, message }) => `${document.slice(from, to)} → ${message}`);
}

/** The labels that are offered at `|`. */
function offered(marked: string, shapes: Shapes): readonly string[] {
  return (choicesWith(marked, shapes)?.choices ?? []).map(({ label }) => label);
}

function choicesWith(marked: string, shapes: Shapes): Choices | undefined {
  return choicesAt(parseJson(marked.replace("|", "")), shapes, marked.indexOf("|"));
}

test("the models tell which operations there are, which are built, and what each takes", async () => {
  interface Listed {
    readonly models: readonly { readonly name: string; readonly built: string[]; readonly notBuilt: string[] }[];
  }
  const { models } = (await read<Listed>("models")).body;
  const connect = models.find(({ name }) => name === "connect");
  assert.ok(connect);
  assert.ok(connect.built.includes("CreateRule"));
  assert.ok(connect.notBuilt.every((operation) => !connect.built.includes(operation)));
  const shapes = await shapesOf("connect", "CreateRule");
  assert.equal(shapes.input, "CreateRuleRequest");
  assert.ok(shapes.shapes.TaskActionDefinition);
  assert.equal(shapes.shapes.ListRulesRequest, undefined);
  for (const path of ["models/connect/Nothing", "models/nothing/CreateRule", "models/__proto__/constructor"]) {
    assert.equal((await read(path)).status, 404, path);
  }
  assert.equal((await fetch(`${server.url}/_trunkline/models`)).status, 403);
});

test("every rule of the library is found to be right, as the server finds it", async () => {
  const shapes = await shapesOf("connect", "CreateRule");
  const rules = JSON.parse(await readFile(new URL("rule-library.json", import.meta.url), "utf8")) as readonly {
    readonly name: string;
    readonly source: string;
    readonly function: object;
  }[];
  for (const rule of rules) {
    const document = {
      InstanceId: "11111111-1111-4111-8111-111111111111",
      Name: "of-the-library",
      TriggerEventSource: { EventSourceName: rule.source },
      Function: JSON.stringify(rule.function),
      Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
      PublishStatus: "DRAFT",
    };
    assert.deepEqual(found(JSON.stringify(document), shapes), [], rule.name);
  }
});

test("what a model forbids is found where it stands: types, missing and unknown members, lengths, ranges, enumerations", async () => {
  const shapes = await shapesOf("connect", "CreateRule");
  const wrong = `{
    "InstanceId": 7,
    "Name": "no blanks",
    "TriggerEventSource": { "EventSourceName": "OnNothing" },
    "Function": null,
    "Actions": [{ "ActionType": "CREATE_TASK", "TaskAction": { "Name": "" } }],
    "PublishStatus": "DRAFT", "publishStatus": "DRAFT",
    "Tags": {}
  }`;
  const problems = found(wrong, shapes);
  const has = (part: string): boolean => problems.some((one) => one.startsWith(part));
  assert.ok(has("7 → This is to be a text, and not a number"), problems.join("\n"));
  assert.ok(has('"no blanks" → This is to be like'), problems.join("\n"));
  assert.ok(has('"OnNothing" → This is to be one of OnPostCallAnalysisAvailable'), problems.join("\n"));
  assert.ok(has("{ → Function is missing"));
  assert.ok(has('"" → This is to have at least 1 character'));
  assert.ok(has("{ → ContactFlowId is missing"));
  assert.ok(has('"publishStatus" → There is no member publishStatus; PublishStatus is one'));
  assert.ok(has("{ → This is to have at least 1 members"));
  const queue = await shapesOf("sqs", "ReceiveMessage");
  assert.deepEqual(found(`{"QueueUrl": "q", "MaxNumberOfMessages": 1.5}`, queue), ["1.5 → This is to be an integer"]);
  const fields = await shapesOf("connectcases", "CreateCase");
  const twoValues = `{"domainId": "d", "templateId": "t", "fields": [{"id": "f", "value": {"stringValue": "x", "doubleValue": 1}}]}`;
  assert.match(found(twoValues, fields).join("\n"), /^\{ → Exactly one of these belongs here: stringValue/);
});

test("a text that is no JSON is told where it breaks off", () => {
  assert.deepEqual(found("{}"), []);
  assert.match(found('{"a": 1,}')[0] ?? "", /^} → This is not JSON: Expected double-quoted property name/);
  assert.match(found('{"a": nul}')[0] ?? "", /This is not JSON/);
  assert.match(found("")[0] ?? "", /A JSON document belongs here/);
  assert.deepEqual(found("[".repeat(5000) + "]".repeat(5000)), []);
});

test("names of members are offered that are not there yet, and the values of enumerations", async () => {
  const shapes = await shapesOf("connect", "CreateRule");
  const names = offered('{ "Name": "x", | }', shapes);
  assert.ok(names.includes("Actions") && !names.includes("Name"));
  assert.deepEqual(offered('{ "PublishStatus": | }', shapes), ["DRAFT", "PUBLISHED"]);
  assert.deepEqual(offered('{ "PublishStatus": "|" }', shapes), ["DRAFT", "PUBLISHED"]);
  assert.ok(offered('{ "Actions": [ { "ActionType": "CR|" } ] }', shapes).includes("CREATE_TASK"));
  assert.ok(offered('{ "Actions": [ { "TaskAction": { "|', shapes).includes("ContactFlowId"));
  assert.deepEqual(offered('{ "Name": "|" }', shapes), []);
  assert.deepEqual(offered('{ "Name": "x" | }', shapes), []);
  const actions = choicesWith('{ "Act|" }', shapes)?.choices.find(({ label }) => label === "Actions");
  assert.equal(actions?.text, '"Actions": []');
  assert.equal(actions.cursor, actions.text.length - 1);
  assert.ok(actions.isRequired);
});

test("the words of a refusal lead to the place that they mean", () => {
  const parsed = parseJson(
    '{ "Actions": [ { "TaskAction": { "Name": "x" } } ], "Operands": ["a", "$.Nothing"], "Map": {"k": "v"} }',
  );
  const spot = (message: string): string | undefined => {
    const range = spotOf(parsed, message);
    return range && parsed.text.slice(range.from, range.to);
  };
  const modeled = (path: string): string =>
    `1 validation error detected: Value 'x' at '${path}' failed to satisfy constraint: no`;
  assert.equal(spot(modeled("actions.1.member.taskAction.name")), '"x"');
  assert.equal(spot(modeled("actions.1.member.taskAction.contactFlowId")), '"TaskAction"');
  assert.equal(spot(modeled("map.k.member")), '"v"');
  assert.equal(spot("Operands[0]: must not be so"), '"a"');
  assert.equal(spot("Unsupported ComparisonValue: $.Nothing"), '"$.Nothing"');
  assert.equal(spot("bad at line: 1, column: 3"), '"');
  assert.equal(spot("It is too late for that"), undefined);
  const path = stepsSpot(parsed, ["Operands", 1]);
  assert.equal(path && parsed.text.slice(path.from, path.to), '"$.Nothing"');
});

test("any operation is called: chosen from those that there are, with its input checked, its answer, its time and its command", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const centre = await openCentre(server);
  await using page = await openPage(browser, server.url, "api");
  await page.getByLabel("Connect instance").selectOption(centre.InstanceId);
  await page.getByLabel("Service").selectOption("Connect");
  await page.getByLabel("Operation", { exact: true }).fill("DescribeInstance");
  await page.getByLabel("Operation", { exact: true }).press("Enter");
  const input = page.locator(".cm-content");
  await input.getByText(centre.InstanceId).waitFor();
  await page.getByText(/\d+ of \d+ are built/).waitFor();
  await page.getByText("The same with the AWS CLI").click();
  await page.getByText("aws connect describe-instance").waitFor();
  await page.getByRole("button", { name: "Call" }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByText("ACTIVE").waitFor();
  await answer.getByText(/after [\d.]+ m?s/).waitFor();
  assert.match(page.url(), /model=connect&operation=DescribeInstance&input=/);
  await assertAccessible(page);
  await assertFitsPhone(page);
  // The address holds it all.
  await page.reload();
  await input.getByText(centre.InstanceId).waitFor();
});

test("an input that is wrong is kept, with what is wrong at the spot, from the model and from the server", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "api?model=connect&operation=DescribeInstance");
  const input = page.getByLabel("Input");
  await page.locator(".cm-content").waitFor();
  await writeJson(input, '{ "InstanceId": 7,\n  "Hostile": "<img src=x onerror=alert(1)>" }');
  await page.getByText("This is to be a text, and not a number").waitFor();
  await page.getByText("There is no member Hostile").waitFor();
  await page.locator(".cm-lintRange-error").waitFor();
  await page.locator(".cm-lintRange-warning").waitFor();
  await page.getByRole("button", { name: "Line 2" }).click();
  await page.keyboard.type("x");
  await page.getByText('x"Hostile"').waitFor();

  page.removeAllListeners("console");
  await writeJson(input, '{ "InstanceId": "11111111-1111-4111-8111-111111111111" }');
  await page.getByRole("button", { name: "Call" }).click();
  await page.getByRole("heading", { name: "Refused" }).waitFor();
  await page.getByText("ResourceNotFoundException").waitFor();
  await page.getByText("11111111-1111-4111-8111-111111111111").first().waitFor();

  await writeJson(input, '{"list":[1,2],"of":[{}]}');
  await page.getByRole("button", { name: "Format" }).click();
  await page.locator(".cm-line", { hasText: /^ {2}"list": \[1, 2\],$/ }).waitFor();
  await page.getByRole("button", { name: "Format" }).waitFor({ state: "detached" });

  await writeJson(input, '{ "a"');
  await page.getByText("This is not JSON").waitFor();
  assert.ok(await page.getByRole("button", { name: "Call" }).isDisabled());
  assert.equal(await input.textContent(), '{ "a"');
});

test("the editor is operated by keys: members and values are offered, and Tab leads out", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "api?model=connect&operation=CreateRule&input=%7B%7D");
  const input = page.getByLabel("Input");
  await page.locator(".cm-content").waitFor();
  await page.getByText("Name is missing").waitFor();
  await input.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type('"P');
  await page.getByRole("option", { name: /PublishStatus/ }).waitFor();
  // Who types on while the list is there gets the closing quote that moves along replaced too.
  await page.keyboard.type("ubl");
  await page.locator(".cm-tooltip-autocomplete li").nth(1).waitFor({ state: "detached" });
  // Choosing is by keys too; nothing is chosen as long as the list is not there.
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: "PUBLISHED" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option", { name: "PUBLISHED", selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText('{"PublishStatus": "PUBLISHED"}').waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await input.evaluate((element) => element.contains(element.ownerDocument.activeElement)), false);
});

test("an operation that is not built says so", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "api");
  await page.getByText(/are built/).waitFor();
  const { models } = (await read<{ models: { name: string; serviceId: string; notBuilt: string[] }[] }>("models")).body;
  const lacking = models.find(({ notBuilt }) => notBuilt.length > 0);
  if (!lacking) return t.skip("every operation is built");
  await page.goto(`${server.url}/_trunkline/console/api?model=${lacking.name}&operation=${lacking.notBuilt[0]}`);
  await page.getByText("This one is not built").waitFor();
});
