/** One contact on one axis, in a real browser: it grows while the call goes on, and says which condition of a rule was not met. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateDomainCommand,
  CreateEventTriggerCommand,
  CustomerProfilesClient,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import type { Page } from "playwright-core";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { comment, openCases, relate, text } from "./cases-world.ts";
import { assertAccessible, assertFitsPhone, goTo, openPage } from "./console-page.ts";
import { allOf, openRuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";

const browser = await openBrowser();
const server = await startTrunkline();
const world = await openRuleWorld(server);
after(() => world.connect.destroy());

const customer = { FilterClause: { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "CUSTOMER" }] } };
const words = ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late"], customer] as const;
await world.rule("OnRealTimeCallAnalysisAvailable", "late-now", allOf("RealTimeCall", words));
const isGold = ["ContactAttribute.tier", "EQUALS", ["gold"]] as const;
await world.rule("OnPostCallAnalysisAvailable", "gold-customers", allOf("PostCall", isGold));

const HOSTILE = `<img src=x onerror="document.title='run'"><script>document.title='run'</script> is really late`;
const LINES = [
  ["AGENT", "Good morning, how can I help?"],
  ["CUSTOMER", HOSTILE],
  ["AGENT", "That is wonderful, great, I am happy to help."],
] as const;
const callId = await world.talk("VOICE", LINES, { from: "+447700900123", attributes: { tier: "silver" } });
const path = (id: string, query = ""): string => `contacts/${world.InstanceId}/${id}${query}`;

const axis = (page: Page) => page.getByRole("group", { name: /^Axis of time/ });
const list = (page: Page) => page.getByRole("region", { name: "Entries" });
const chosen = (page: Page) => page.getByRole("region", { name: "Chosen entry" });

test("a call that goes on grows on its page", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const contactId = await world.begin("VOICE");
  await using page = await openPage(browser, server.url, path(contactId));
  await page.getByText("CONNECTED_TO_AGENT", { exact: true }).first().waitFor();
  const sentence = "My kettle arrived and it is really late";
  await world.say(contactId, ["CUSTOMER", sentence]);
  await list(page).getByRole("button", { name: sentence }).waitFor();
  await axis(page)
    .getByRole("button", { name: new RegExp(`^${sentence}`) })
    .waitFor();
  await list(page)
    .getByRole("button", { name: /Category late-now/ })
    .waitFor();
  await world.end(contactId);
  await list(page)
    .getByRole("button", { name: /COMPLETED/ })
    .first()
    .waitFor();
  await page.locator(".tl-facts").getByText("COMPLETED").waitFor();
});

test("what is chosen on the axis is chosen in the list and stands in the address, and the other way round", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, path(callId));
  await axis(page)
    .getByRole("button", { name: /^late-now, .*really late/ })
    .click();
  const category = list(page).getByRole("button", { name: /Category late-now/ });
  assert.equal(await category.getAttribute("aria-current"), "true");
  assert.match(page.url(), /at=category%3Alate-now%3A0/);
  await chosen(page).getByText("“really late”").waitFor();
  await chosen(page).getByRole("button", { name: "Where it was said" }).click();
  await chosen(page).getByRole("heading", { name: "negative" }).waitFor();
  await list(page)
    .getByRole("button", { name: /QUEUED BasicQueue/ })
    .click();
  await chosen(page).getByText("eventType").waitFor();
  const queued = axis(page).getByRole("button", { name: /^QUEUED, BasicQueue/ });
  assert.equal(await queued.getAttribute("aria-pressed"), "true");
  await page.reload();
  await chosen(page).getByText("eventType").waitFor();
});

test("the axis is operated by keys: from entry to entry, from lane to lane, nearer and back", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, path(callId));
  await page.getByText("6.1 s shown").waitFor();
  await axis(page).getByRole("button").first().focus();
  await page.keyboard.press("ArrowRight");
  await chosen(page).getByText("INITIATED").first().waitFor();
  await page.keyboard.press("ArrowRight");
  await chosen(page).getByText("CONTACT_DATA_UPDATED").first().waitFor();
  await page.keyboard.press("ArrowDown");
  await chosen(page).getByRole("heading", { name: "Flow" }).waitFor();
  await page.keyboard.press("+");
  await page.getByText("3.1 s shown").waitFor();
  await page.keyboard.press("0");
  await page.getByText("6.1 s shown").waitFor();
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.getByText("3.1 s shown").waitFor();
  await page.getByRole("button", { name: "Fit" }).click();
  await page.getByText("6.1 s shown").waitFor();
});

test("kinds that are chosen are shown alone, by the address", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, path(callId));
  await page.getByRole("button", { name: /^Rule \d/ }).click();
  await list(page)
    .getByRole("button", { name: /INITIATED/ })
    .first()
    .waitFor({ state: "detached" });
  assert.match(page.url(), /kinds=rule/);
  await list(page).getByRole("button").nth(1).waitFor();
  assert.equal(await list(page).getByRole("button").count(), 2);
  await page.reload();
  await list(page)
    .getByRole("button", { name: /gold-customers/ })
    .waitFor();
  await page.getByRole("button", { name: "All kinds" }).click();
  await list(page)
    .getByRole("button", { name: /INITIATED/ })
    .first()
    .waitFor();
});

test("a rule that did not fire shows the condition that was not met, with the value found", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, path(callId));
  await list(page)
    .getByRole("button", { name: /gold-customers/ })
    .click();
  const condition = chosen(page).locator(".verdict .verdict");
  await condition.getByText("✗ not met").waitFor();
  assert.match((await condition.textContent()) ?? "", /ContactAttribute\.tier is "gold" found: "silver"/);
  await page.getByRole("tab", { name: /Rules/ }).click();
  const rule = page.getByRole("region", { name: "Rule gold-customers" });
  await rule.getByText("✗ not met").first().waitFor();
  const fired = page.getByRole("region", { name: "Rule late-now" });
  await fired.getByText("✓ met").first().waitFor();
  await fired.getByText("ASSIGN_CONTACT_CATEGORY").waitFor();
});

test("a conversation has a side for each speaker, says how it was meant, and what is in it is only text", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, path(callId, "?tab=conversation"));
  const talk = page.getByRole("list", { name: "Conversation" });
  const said = talk.getByRole("listitem").filter({ hasText: "<img src=x onerror=" });
  await said.getByText("negative").waitFor();
  assert.match((await said.getAttribute("class")) ?? "", /customer/);
  await said.getByRole("button", { name: /category late-now/ }).waitFor();
  await talk.getByRole("listitem").filter({ hasText: "wonderful" }).getByText("positive").waitFor();
  assert.equal(await talk.locator("img, script").count(), 0);
  assert.notEqual(await page.title(), "run");
  await said.getByRole("button", { name: /is really late/ }).click();
  await chosen(page).getByText("<img src=x onerror=").first().waitFor();
  assert.notEqual(await page.title(), "run");
});

test("a contact that is not there is said to be so, and one without rules says what would make them appear", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const contactId = await world.arrive({ channel: "TASK", name: "Call back" });
  await using page = await openPage(browser, server.url, path(contactId, "?tab=rules"));
  await page.getByText("No rule has looked at it").waitFor();
  page.removeAllListeners("console");
  await page.goto(`${server.url}/_trunkline/console/${path("nobody")}`);
  await page.getByText("Contact nobody does not exist").waitFor();
});

test("no view of a contact has what the accessibility rules of WCAG AA call wrong, and all fit a phone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, path(callId));
  for (const tab of ["timeline", "conversation", "rules"]) {
    await goTo(page, path(callId, `?tab=${tab}&at=category%3Alate-now%3A0`));
    await page
      .getByRole("tabpanel")
      .getByText(/late-now/)
      .locator("visible=true")
      .first()
      .waitFor();
    await assertAccessible(page);
    await assertFitsPhone(page);
  }
});

/** A profile with one object, which a trigger's conditions are not met by. */
async function profileWithTrigger(DomainName: string): Promise<string> {
  const profiles = new CustomerProfilesClient(server.client);
  after(() => profiles.destroy());
  await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const ObjectTypeName = "Scan";
  await profiles.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName,
      Description: "a parcel has been seen",
      AllowProfileCreation: true,
      Fields: {
        scan: { Source: "_source.scan", ContentType: "STRING" },
        number: { Source: "_source.number", Target: "_profile.AccountNumber", ContentType: "STRING" },
      },
      Keys: {
        scanKey: [{ FieldNames: ["scan"], StandardIdentifiers: ["UNIQUE"] }],
        numberKey: [{ FieldNames: ["number"], StandardIdentifiers: ["PROFILE"] }],
      },
    }),
  );
  await profiles.send(
    new CreateEventTriggerCommand({
      DomainName,
      EventTriggerName: "held",
      ObjectTypeName,
      EventTriggerConditions: [
        {
          EventTriggerDimensions: [
            { ObjectAttributes: [{ Source: "state", ComparisonOperator: "INCLUSIVE", Values: ["HELD"] }] },
          ],
          LogicalOperator: "ALL",
        },
      ],
    }),
  );
  const scan = JSON.stringify({ scan: "s-1", number: "n-1", state: "<b>SEEN</b>" });
  await profiles.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: scan }));
  const found = new SearchProfilesCommand({ DomainName, KeyName: "numberKey", Values: ["n-1"] });
  return (await profiles.send(found)).Items?.[0]?.ProfileId ?? "";
}

test("a profile has an axis too, with what its triggers made of its objects", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const profileId = await profileWithTrigger("axes");
  await using page = await openPage(browser, server.url, `profiles/axes/${profileId}?tab=timeline`);
  await list(page)
    .getByRole("button", { name: /INGESTED Scan/ })
    .waitFor();
  await list(page)
    .getByRole("button", { name: /held did not fire/ })
    .click();
  await chosen(page).getByText("✗ not met").first().waitFor();
  await chosen(page).getByText("<b>SEEN</b>").first().waitFor();
  await chosen(page).getByRole("link", { name: "Event trigger" }).waitFor();
  await page.getByText("Segments now").waitFor();
});

test("a case has an axis too, with what was done to it and what belongs to it", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const cases = await openCases(server);
  const caseId = await cases.create();
  await using page = await openPage(browser, server.url, `cases/${cases.domainId}/${caseId}?tab=timeline`);
  await list(page)
    .getByRole("button", { name: /Case\.Created/ })
    .waitFor();
  await relate(cases, caseId, comment("<i>Asked</i> the depot."));
  await cases.update(caseId, { status: text("closed") });
  await list(page)
    .getByRole("button", { name: /Item Comment <i>Asked<\/i> the depot\./ })
    .click();
  await chosen(page).getByText("<i>Asked</i> the depot.").first().waitFor();
  await list(page)
    .getByRole("button", { name: /Case\.Updated status: closed/ })
    .waitFor();
});
