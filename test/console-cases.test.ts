/** The console's pages of cases in a real browser: what people see and do there. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  BatchPutFieldOptionsCommand,
  ConnectCasesClient,
  CreateCaseRuleCommand,
  CreateLayoutCommand,
  GetCaseCommand,
} from "@aws-sdk/client-connectcases";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { type CasesWorld, comment, openCases, relate, sla, text } from "./cases-world.ts";
import { assertAccessible, assertFitsPhone, goTo, openPage } from "./console-page.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
after(() => server.close());

const HOSTILE = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

function address(world: CasesWorld, rest = ""): string {
  return `cases/${world.domainId}${rest}`;
}

test("cases are found by words, status, template and who has them, sorted, and more of them come as one scrolls", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const world = await openCases(server);
  const centre = await openCentre(server);
  const userId = await centre.agent("ada");
  const account = "000000000000";
  const userArn = `arn:aws:connect:us-east-1:${account}:instance/${centre.InstanceId}/agent/${userId}`;
  const other = await world.template({ name: "Claim" });
  await Promise.all(Array.from({ length: 120 }, (_, n) => world.create({ title: text(`Parcel ${n + 1}`) })));
  await world.create({ title: text("Kettle with a crack"), assigned_user: text(userArn) }, { templateId: other });
  await world.create({ title: text("Lid is missing"), status: text("waiting") });

  await using page = await openPage(browser, server.url, "cases");
  await page.waitForURL(`**/cases/${world.domainId}`);
  await page.getByText("122 found").waitFor();
  await page.getByRole("link", { name: "121 open" }).waitFor();
  await page.getByRole("link", { name: "1 waiting" }).click();
  await page.getByText("1 found").waitFor();
  await page.getByRole("link", { name: "Lid is missing" }).waitFor();
  assert.match(page.url(), /status=waiting/);

  await page.getByLabel("Status").selectOption("any");
  await page.getByLabel("Words").fill("kettle crack");
  await page.getByText("1 found").waitFor();
  await page.getByRole("row", { name: /Kettle with a crack.*Claim/ }).waitFor();
  await page.getByLabel("Words").fill("no such words");
  await page.getByText("No case is like that").waitFor();
  await page.getByRole("link", { name: "Show all" }).click();
  await page.getByLabel("Template").selectOption("Claim");
  await page.getByText("1 found").waitFor();
  await page.getByLabel("Template").selectOption("any");
  await page.getByLabel("Connect instance").selectOption(centre.InstanceId);
  await page.getByLabel("Assigned to").selectOption("ada");
  await page.getByText("1 found").waitFor();
  await page.getByRole("link", { name: "ada" }).waitFor();
  await page.getByLabel("Assigned to").selectOption("nobody");
  await page.getByText("121 found").waitFor();
  await page.getByLabel("Assigned to").selectOption("anybody");

  await page.getByLabel("Sort").selectOption("title");
  await page.getByRole("rowheader").first().getByText("Kettle with a crack").waitFor();
  // The last ones are on the second page, which the server gives as one gets there.
  const last = page.getByRole("rowheader", { name: "Parcel 99", exact: true });
  const box = page.getByRole("region", { name: "Cases" });
  while (!(await last.isVisible())) await box.evaluate((element) => element.scrollBy(0, 300));
  await last.waitFor();
  await page.reload();
  assert.equal(await page.getByLabel("Sort").inputValue(), "title:Asc");
});

test("a case's fields stand as the layout has them, are changed, and what is refused is said at its field", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const world = await openCases(server);
  const { cases, domainId, custom } = world;
  const fields = [{ id: custom.Url }, { id: custom.Number }];
  const content = { basic: { topPanel: { sections: [{ fieldGroup: { name: "Parcel", fields } }] } } };
  const { layoutId } = await cases.send(new CreateLayoutCommand({ domainId, name: "Slim", content }));
  const templateId = await world.template({
    layoutConfiguration: { defaultLayout: layoutId },
    requiredFields: [{ fieldId: custom.Url }],
  });
  const url = { stringValue: "https://example.com/1" };
  const caseId = await world.create({ title: text("Kettle arrived cracked"), [custom.Url]: url }, { templateId });

  await using page = await openPage(browser, server.url, address(world, `/${caseId}`));
  await page.getByRole("heading", { name: "Kettle arrived cracked", level: 1 }).waitFor();
  await page.getByRole("heading", { name: "Parcel" }).waitFor();
  await page.getByText("https://example.com/1").waitFor();
  // A stored URL may be anything: it is text.
  assert.equal(await page.getByRole("link", { name: "https://example.com/1" }).count(), 0);

  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Title").fill("Kettle arrived in pieces");
  await page.getByLabel("Url field (required)").fill("javascript:alert(1)");
  await page.getByLabel("Number field").fill("49.5");
  await page.getByRole("button", { name: "Save" }).click();
  await page
    .getByText("ValidationException: Field Url field: javascript:alert(1) is not an http or https URL")
    .waitFor();
  assert.equal(await page.getByLabel("Url field (required)").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Title").inputValue(), "Kettle arrived in pieces");
  await page.getByLabel("Url field (required)").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("ValidationException: fields: Url field must keep a value").waitFor();
  await page.getByLabel("Url field (required)").fill("https://example.com/2");
  await page.getByLabel("Number field").fill("many");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("many is not a number").waitFor();
  await page.getByLabel("Number field").fill("50");
  await page.getByLabel("Status").selectOption("waiting");
  await page.getByLabel("SingleSelect field").selectOption("gold");
  await page.getByLabel("Boolean field").selectOption("no");
  await page.getByLabel("DateTime field").fill("2026-03-03T09:01:12");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/^Changed: Title, Url field, Number field/).waitFor();
  await page.getByRole("heading", { name: "Kettle arrived in pieces", level: 1 }).waitFor();

  const stored = await world.values(caseId, ["title", "status", ...Object.values(custom)]);
  assert.deepEqual(stored[custom.Number], { doubleValue: 50 });
  assert.deepEqual(stored[custom.SingleSelect], { stringValue: "gold" });
  assert.deepEqual(stored[custom.Boolean], { booleanValue: false });
  assert.deepEqual(stored[custom.DateTime], {
    stringValue: new Date("2026-03-03T09:01:12").toISOString(),
  });
  assert.deepEqual(stored.status, { stringValue: "waiting" });

  await page.getByRole("tab", { name: "Audit" }).click();
  const change = page.getByRole("listitem").filter({ hasText: "Changed the case" });
  await change.getByText("https://example.com/1").waitFor();
  await change.getByText("https://example.com/2").waitFor();
  await change.getByText("by root").waitFor();
  await page.getByText("Created the case").waitFor();
  assert.match(page.url(), /tab=audit/);
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.locator("#tab-panel svg").first().waitFor();
  await page.getByRole("tab", { name: "JSON" }).click();
  await page.getByText("https://example.com/2").waitFor();
});

test("what belongs to a case is shown as it changes, added and removed", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const world = await openCases(server);
  const centre = await openCentre(server);
  const caseId = await world.create();
  const otherId = await world.create({ title: text("Lid is missing") });
  const contactId = await centre.arrive({ channel: "VOICE", from: "+447700900123" });
  await relate(world, caseId, comment("First words"), { performedBy: { customEntity: "night shift" } });

  await using page = await openPage(browser, server.url, address(world, `/${caseId}?tab=related`));
  const items = page.getByRole("list", { name: "Related items" });
  await items.getByText("First words").waitFor();
  await items.getByText("by night shift").waitFor();
  await page.getByLabel("Comment").fill("Called back");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByText("Added a comment").waitFor();
  await items.getByText("Called back").waitFor();

  await page.getByLabel("Connect instance").selectOption(centre.InstanceId);
  await page.getByLabel("Add").selectOption("a contact");
  await page.getByLabel("Contact", { exact: true }).fill("no-such-contact");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("alert").getByText("ValidationException").waitFor();
  assert.equal(await page.getByLabel("Contact", { exact: true }).inputValue(), "no-such-contact");
  await page.getByLabel("Contact", { exact: true }).fill(contactId);
  await page.getByRole("button", { name: "Add" }).click();
  await items.getByText("Contact (VOICE)").waitFor();

  await page.getByLabel("Add").selectOption("a service level");
  await page.getByLabel("Name").fill("first answer");
  await page.getByLabel("Status to reach").selectOption("waiting");
  await page.getByLabel("Within minutes").fill("240");
  await page.getByRole("button", { name: "Add" }).click();
  await items.getByText(/first answer: status waiting until .*, 3 h 5\d min left/).waitFor();
  await world.update(caseId, { status: text("waiting") });
  await items.getByText("met", { exact: true }).waitFor();

  await page.getByLabel("Add").selectOption("another case");
  await page.getByLabel("Case", { exact: true }).fill(otherId);
  await page.getByRole("button", { name: "Add" }).click();
  await items.getByRole("link", { name: otherId }).waitFor();

  await page.getByLabel("Add").selectOption("a value of one of the domain's fields");
  await page.getByLabel("Field", { exact: true }).selectOption("Number field");
  await page.getByLabel("Number field").fill("7");
  await page.getByRole("button", { name: "Add" }).click();
  await items.getByText("Number field").waitFor();

  await items.getByRole("listitem").filter({ hasText: "First words" }).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await items.getByText("First words").waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Audit" }).click();
  await page.getByText("Removed (Comment)").waitFor();

  await page.getByRole("tab", { name: "Related items" }).click();
  await items.getByRole("link", { name: `${contactId.slice(0, 8)}…` }).click();
  await page.getByRole("heading", { name: /^Contact/ }).waitFor();
});

test("a case is written with what its template needs, and deleted with a question before", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const world = await openCases(server);
  const { cases, domainId, custom } = world;
  await world.template({ name: "Claim", description: "For parcels", requiredFields: [{ fieldId: custom.Text }] });
  await using page = await openPage(browser, server.url, address(world));
  await page.getByText("The domain has no case yet").waitFor();
  await page.getByRole("link", { name: "New case" }).click();
  await page.getByLabel("Template").selectOption("Claim");
  await page.getByText("For parcels").waitFor();
  await page.getByLabel("Summary").fill("It is broken");
  await page.getByRole("button", { name: "Create" }).click();
  await page
    .getByText(/ValidationException: fields: .*must have a value/)
    .first()
    .waitFor();
  assert.equal(await page.getByLabel("Title (required)").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Text field (required)").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Summary").inputValue(), "It is broken");
  await page.getByLabel("Title (required)").fill("Kettle");
  await page.getByLabel("Text field (required)").fill("blue");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Kettle", level: 1 }).waitFor();
  const caseId = page.url().split("/").at(-1) ?? "";
  assert.deepEqual(await world.values(caseId, ["summary"]), { summary: { stringValue: "It is broken" } });

  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("The domain has no case yet").waitFor();
  await assert.rejects(cases.send(new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }] })), {
    name: "ResourceNotFoundException",
  });
});

test("how a domain is set up can be read: templates, fields, layouts, case rules in words, events", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const world = await openCases(server);
  const { cases, domainId, custom } = world;
  const name = `Refund ${HOSTILE}`;
  const isClosed = { operandOne: { fieldId: "status" }, operandTwo: { stringValue: "closed" }, result: true };
  const isLarge = { operandOne: { fieldId: custom.Text }, operandTwo: { emptyValue: {} }, result: true };
  const conditions = [{ andAll: { conditions: [{ equalTo: isClosed }, { notEqualTo: isLarge }] } }];
  const rule = { required: { defaultValue: false, conditions } };
  const { caseRuleId } = await cases.send(
    new CreateCaseRuleCommand({ domainId, name: "Refund at the end", description: HOSTILE, rule }),
  );
  const content = { basic: { topPanel: { sections: [{ fieldGroup: { fields: [{ id: custom.Text }] } }] } } };
  const { layoutId } = await cases.send(new CreateLayoutCommand({ domainId, name: "Slim", content }));
  await world.template({
    name,
    description: HOSTILE,
    requiredFields: [{ fieldId: custom.Text }],
    layoutConfiguration: { defaultLayout: layoutId },
    rules: [{ caseRuleId, fieldId: custom.Number }],
  });
  const options = [{ name: HOSTILE, value: "hostile", active: true }];
  await cases.send(new BatchPutFieldOptionsCommand({ domainId, fieldId: "case_reason", options }));

  await using page = await openPage(browser, server.url, address(world));
  await page.getByRole("tab", { name: "Templates" }).click();
  await page.getByRole("heading", { name }).waitFor();
  await page.getByText("JSON").last().click();
  await page.getByText("requiredFields").first().waitFor();
  await page.getByRole("tab", { name: "Fields" }).click();
  await page
    .getByRole("row", { name: /Case Reason/ })
    .getByText(HOSTILE)
    .waitFor();
  await page.getByRole("tab", { name: "Layouts" }).click();
  await page.getByText("Text field").waitFor();
  await page.getByRole("tab", { name: "Case rules" }).click();
  await page.getByText("(Status is closed) and (Text field has a value)").waitFor();
  await page.getByText("not required", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Events" }).click();
  await page.getByText("are told on the").waitFor();
  assert.equal(await page.title(), "Cases · Trunkline");
});

test("pages of cases are accessible, fit a phone, and run nothing of what is stored", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const world = await openCases(server);
  const caseId = await world.create({
    title: text(HOSTILE),
    summary: text(HOSTILE),
    [world.custom.Text]: text(HOSTILE),
  });
  await relate(world, caseId, comment(HOSTILE));
  await relate(world, caseId, sla(HOSTILE));
  await world.update(caseId, { [world.custom.Text]: text("x".repeat(400)) });
  await using page = await openPage(browser, server.url, address(world));
  await page.getByRole("link", { name: HOSTILE }).waitFor();
  const tabs = ["cases", "templates", "fields", "layouts", "rules", "events"].map((tab) => `?tab=${tab}`);
  const parts = ["fields", "related", "audit", "json"].map((tab) => `/${caseId}?tab=${tab}`);
  for (const rest of [...tabs, ...parts, "/new"]) {
    await goTo(page, address(world, rest));
    await page.locator("main h1").waitFor();
    if (rest.includes("fields") && rest.startsWith("/")) await page.getByRole("button", { name: "Edit" }).click();
    if (rest.includes("related")) await page.getByText(`Service level ${HOSTILE}`).waitFor();
    if (rest.includes("audit")) await page.getByText(HOSTILE).first().waitFor();
    await assertAccessible(page);
    await assertFitsPhone(page);
    assert.match(await page.title(), /^Cases? · Trunkline$/);
  }
});

test("without a domain the page says what makes one, and with several one chooses", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const fresh = await startTrunkline("--clock", "real");
  await using page = await openPage(browser, fresh.url, "cases");
  await page.getByText("There is no Cases domain in us-east-1").waitFor();
  const world = await openCases(fresh);
  await page.waitForURL(`**/cases/${world.domainId}`);
  const second = await openCases(fresh);
  await page.getByLabel("Cases domain").selectOption(second.domainId);
  await page.waitForURL(`**/cases/${second.domainId}`);
  await page.getByText("The domain has no case yet").waitFor();
  await page.goto(`${fresh.url}/_trunkline/console/cases`);
  await page.waitForURL(`**/cases/${second.domainId}`);
  await page.getByRole("link", { name: "Cases" }).last().click();
  await page.locator(".card").first().getByRole("link").waitFor();
  await page.close();
  await fresh.close();
});

test("who cannot find a domain is told so", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const client = new ConnectCasesClient(server.client);
  client.destroy();
  await using page = await openPage(browser, server.url, "cases");
  page.removeAllListeners("console");
  await page.goto(`${server.url}/_trunkline/console/cases/nowhere/nothing`);
  await page.getByRole("alert").getByText("ResourceNotFoundException").waitFor();
});
