/** Customer profiles and event triggers in the console, and the endpoints that it reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateDomainCommand,
  CreateEventStreamCommand,
  CreateEventTriggerCommand,
  CreateProfileCommand,
  CreateSegmentDefinitionCommand,
  CustomerProfilesClient,
  DeleteProfileCommand,
  PutIntegrationCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { DeleteStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import type { Page } from "playwright-core";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, goTo, openPage } from "./console-page.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream } from "./streams.ts";

const browser = await openBrowser();
const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const kinesis = new KinesisClient(server.client);

/** A domain with the type of the parcels that are looked at here. */
async function openDomain(DomainName: string, more: object = {}): Promise<void> {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, ...more }));
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "ParcelScan",
      Description: "a parcel has been seen",
      AllowProfileCreation: true,
      Fields: {
        scan: { Source: "_source.scan.id", ContentType: "STRING" },
        number: { Source: "_source.shopper", Target: "_profile.AccountNumber", ContentType: "STRING" },
        city: { Source: "_source.city", Target: "_profile.Address.City" },
      },
      Keys: {
        scanKey: [{ FieldNames: ["scan"], StandardIdentifiers: ["UNIQUE"] }],
        shopperKey: [{ FieldNames: ["number"], StandardIdentifiers: ["PROFILE"] }],
      },
    }),
  );
}

let scans = 0;

/** A scan of a parcel of a shopper; answers with the shopper's profile. */
async function scan(DomainName: string, shopper: string, { state = "HELD", city = "Bremen" } = {}): Promise<string> {
  const object = JSON.stringify({ scan: { id: `scan-${scans++}`, state }, shopper, city });
  await client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName: "ParcelScan", Object: object }));
  return profileOf(DomainName, shopper);
}

async function profileOf(DomainName: string, shopper: string): Promise<string> {
  const { Items = [] } = await client.send(
    new SearchProfilesCommand({ DomainName, KeyName: "shopperKey", Values: [shopper] }),
  );
  return Items[0]?.ProfileId ?? "";
}

async function createHeld(DomainName: string, EventTriggerName = "held"): Promise<void> {
  const held = { Source: "scan.state", ComparisonOperator: "INCLUSIVE" as const, Values: ["HELD"] };
  await client.send(
    new CreateEventTriggerCommand({
      DomainName,
      EventTriggerName,
      ObjectTypeName: "ParcelScan",
      EventTriggerConditions: [{ LogicalOperator: "ALL", EventTriggerDimensions: [{ ObjectAttributes: [held] }] }],
      EventTriggerLimits: { Periods: [{ Unit: "HOURS", Value: 6, MaxInvocationsPerProfile: 1 }] },
    }),
  );
}

/** In Bremen, or not. */
async function createSegment(DomainName: string, SegmentDefinitionName: string, city = "Bremen"): Promise<void> {
  const City = { DimensionType: "INCLUSIVE" as const, Values: [city] };
  await client.send(
    new CreateSegmentDefinitionCommand({
      DomainName,
      SegmentDefinitionName,
      DisplayName: `of ${city}`,
      SegmentGroups: {
        Include: "ALL",
        Groups: [{ Type: "ALL", Dimensions: [{ ProfileAttributes: { Address: { City } } }] }],
      },
    }),
  );
}

// biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
async function read(path: string, accessKeyId = "test"): Promise<{ status: number; value: any }> {
  const [only = "", query = ""] = path.split("?");
  const sketch = { service: "trunkline", method: "GET", path: `/_trunkline/profile-domains/${only}`, query };
  const { status, body } = await sendSigned(server.url, { ...sketch, accessKeyId });
  return { status, value: JSON.parse(body.toString()) };
}

test("profiles of a domain are listed page by page, each once, those of the newest days first", async () => {
  await openDomain("listed");
  const old = await scan("listed", "1");
  await server.advance("P2D");
  const others = await Promise.all(["2", "3", "4"].map((shopper) => scan("listed", shopper)));
  const first = await read("listed/profiles?limit=3");
  const second = await read(`listed/profiles?limit=3&after=${first.value.nextToken}`);
  const idOf = ({ profile }: { profile: { ProfileId: string } }) => profile.ProfileId;
  assert.deepEqual(first.value.profiles.map(idOf).sort(), others.sort());
  assert.deepEqual(second.value.profiles.map(idOf), [old]);
  assert.equal(second.value.nextToken, undefined);
  assert.deepEqual(second.value.profiles[0].objects, { ParcelScan: 1 });
});

test("a profile tells its keys with who gave them, and who wrote its fields", async () => {
  await openDomain("told");
  const id = await scan("told", "40017");
  const { value } = await read(`told/profiles/${id}`);
  assert.deepEqual(
    value.keys.map(({ name, givenBy }: { name: string; givenBy: string[] }) => [name, givenBy]),
    [
      ["_account", ["fields"]],
      ["scanKey", ["objects"]],
      ["shopperKey", ["objects"]],
    ],
  );
  assert.equal(value.writers.AccountNumber.by, "ParcelScan");
  assert.equal(value.profile.Address.City, "Bremen");
  const { ProfileId } = await client.send(new CreateProfileCommand({ DomainName: "told", FirstName: "Ina" }));
  assert.equal((await read(`told/profiles/${ProfileId}`)).value.writers.FirstName.by, "by hand");
});

test("objects are counted by their types, and no more when their profile is gone", async () => {
  await openDomain("counted");
  assert.deepEqual((await read("counted/object-types")).value, { counts: {} });
  await scan("counted", "1");
  const id = await scan("counted", "2");
  await scan("counted", "2");
  assert.deepEqual((await read("counted/object-types")).value, { counts: { ParcelScan: 3 } });
  await client.send(new DeleteProfileCommand({ DomainName: "counted", ProfileId: id }));
  assert.deepEqual((await read("counted/object-types")).value, { counts: { ParcelScan: 1 } });
});

test("what triggers decided of a profile's objects is told, the youngest first", async () => {
  await openDomain("decided");
  await createHeld("decided");
  const Uri = await createStream(kinesis, "decided");
  const RoleArn = "arn:aws:iam::000000000000:role/triggers";
  await client.send(new PutIntegrationCommand({ DomainName: "decided", Uri, EventTriggerNames: ["held"], RoleArn }));
  const id = await scan("decided", "1");
  await server.advance("PT1M");
  await scan("decided", "1");
  await scan("decided", "1", { state: "MOVING" });
  const { value } = await read(`decided/profiles/${id}/decisions`);
  assert.deepEqual(
    value.decisions.map(({ trigger, outcome }: { trigger: string; outcome: string }) => [trigger, outcome]),
    [
      ["held", "capped"],
      ["held", "fired"],
    ],
  );
  assert.equal(value.more, false);
  assert.equal((await read(`decided/profiles/${id}/decisions?limit=1`)).value.more, true);
});

test("members of a segment are listed page by page, whatever lies between them", async () => {
  await openDomain("members");
  await createSegment("members", "here");
  const ids = [];
  for (let shopper = 0; shopper < 130; shopper++) {
    const isHere = shopper % 40 === 0;
    const id = await scan("members", String(shopper), { city: isHere ? "Bremen" : "Hude" });
    if (isHere) ids.push(id);
  }
  const found: string[] = [];
  let [after, looked] = ["", 0];
  do {
    const { value } = await read(`members/segments/here/members?limit=1${after && `&after=${after}`}`);
    found.push(...value.members.map(({ ProfileId }: { ProfileId: string }) => ProfileId));
    looked += value.looked;
    after = value.nextToken ?? "";
  } while (after !== "");
  assert.deepEqual(found, ids.sort());
  assert.equal(looked, 130);
});

test("an event stream tells what waits for its stream of Kinesis, and when it told something last", async () => {
  await openDomain("streamed");
  assert.deepEqual((await read("streamed/event-stream")).value, {});
  const Uri = await createStream(kinesis, "streamed");
  await client.send(new CreateEventStreamCommand({ DomainName: "streamed", EventStreamName: "all", Uri }));
  await server.advance("PT1M");
  await scan("streamed", "1");
  const healthy = (await read("streamed/event-stream")).value.eventStream;
  assert.equal(healthy.status, "HEALTHY");
  assert.equal(healthy.waiting, 0);
  assert.equal(Date.parse(healthy.lastTold) - Date.parse(healthy.created), 60_000);
  await kinesis.send(new DeleteStreamCommand({ StreamName: "streamed" }));
  await scan("streamed", "2");
  const unhealthy = (await read("streamed/event-stream")).value.eventStream;
  assert.equal(unhealthy.status, "UNHEALTHY");
  assert.equal(unhealthy.waiting, 2);
  assert.equal(unhealthy.lastTold, undefined);
});

test("profiles that match by the rules of their domain are told in groups", async () => {
  const RuleBasedMatching = { Enabled: true, MatchingRules: [{ Rule: ["LastName"] }] };
  await openDomain("matched", { RuleBasedMatching });
  const ids = [];
  for (const LastName of ["Dyk", "dyk", "Other"]) {
    ids.push((await client.send(new CreateProfileCommand({ DomainName: "matched", LastName }))).ProfileId);
  }
  await server.advance("PT1M");
  const { value } = await read("matched/matches");
  assert.equal(value.matches.length, 1);
  assert.deepEqual(value.matches[0].profiles, ids.slice(0, 2).sort());
  assert.equal(value.matches[0].level, 1);
});

test("what is asked for wrongly is refused, and nobody sees the domain of another account", async () => {
  await openDomain("refused");
  const id = await scan("refused", "1");
  await createSegment("refused", "here");
  assert.equal((await read("refused/profiles?limit=0")).status, 400);
  assert.equal((await read("refused/profiles?limit=many")).status, 400);
  assert.match((await read("refused/profiles?after=nothing")).value.error, /[Tt]oken/);
  assert.equal((await read("refused/matches?after=nothing")).status, 400);
  assert.equal((await read("refused/segments/here/members?after=nothing")).status, 400);
  assert.equal((await read("refused/segments/there/members")).status, 404);
  assert.equal((await read("refused/profiles/nobody")).status, 404);
  assert.equal((await read("refused/nothing")).status, 404);
  assert.equal((await read(`refused/profiles/${id}/nothing`)).status, 404);
  for (const path of [
    "profiles",
    `profiles/${id}`,
    `profiles/${id}/decisions`,
    "object-types",
    "segments/here/members",
    "event-stream",
    "matches",
  ]) {
    assert.equal((await read(`refused/${path}`)).status, 200, path);
    assert.equal((await read(`refused/${path}`, "other")).status, 404, path);
  }
});

/** Writes a document anew, in whichever editor. */
async function write(page: Page, label: string, document: object | string): Promise<void> {
  await page.getByLabel(label, { exact: true }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(typeof document === "string" ? document : JSON.stringify(document));
}

test("a domain is chosen, and its profiles are found by their keys, by several, and by an id", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await openDomain("searched");
  const [ina, olga] = [await scan("searched", "40017"), await scan("searched", "40018", { city: "Hude" })];
  await client.send(
    new UpdateProfileCommand({
      DomainName: "searched",
      ProfileId: ina,
      FirstName: "Ina",
      LastName: "Dyk",
      EmailAddress: "ina@example.com",
    }),
  );
  await using page = await openPage(browser, server.url, "profiles");
  await page.getByRole("link", { name: "searched" }).click();
  await page.getByRole("link", { name: "2 profiles" }).waitFor();
  await page.getByRole("row", { name: /Ina Dyk.*40017.*ina@example.com/ }).waitFor();
  await page.getByRole("row", { name: /40018.*Hude/ }).waitFor();

  await page.getByLabel("Value", { exact: true }).fill("INA@example.com");
  await page.keyboard.press("Enter");
  await page.getByRole("row", { name: /Ina Dyk.*_email/ }).waitFor();
  await page.getByRole("row", { name: /40018/ }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Another key" }).click();
  await page.getByLabel("Key", { exact: true }).nth(1).fill("shopperKey");
  await page.getByLabel("Value", { exact: true }).nth(1).fill("40018");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("row", { name: /40018.*shopperKey/ }).waitFor();
  await page.getByLabel("A profile has").selectOption("all of them");
  await page.getByText("No profile has these keys").waitFor();
  // What is searched is in the address.
  await page.reload();
  await page.getByText("No profile has these keys").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("row", { name: /Ina Dyk/ }).waitFor();

  await page.getByLabel("Key", { exact: true }).fill("_profileId");
  await page.getByLabel("Value", { exact: true }).fill(olga);
  await page.keyboard.press("Enter");
  await page
    .getByRole("row", { name: /40018.*_profileId/ })
    .getByRole("link")
    .click();
  await page.getByRole("heading", { name: "40018" }).waitFor();
  // The domain is remembered, and its profiles are gone to by their ids.
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Page, name or id" }).fill(ina);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Ina Dyk" }).waitFor();
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Profiles" }).click();
  await page.waitForURL("**/profiles/searched");
});

test("a profile shows its fields, keys, objects and history; objects are put, fields written, and it is deleted", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await openDomain("shown");
  const id = await scan("shown", "40017");
  await using page = await openPage(browser, server.url, `profiles/shown/${id}`);
  await page.getByRole("row", { name: /Address.City Bremen ParcelScan/ }).waitFor();
  await page.getByRole("row", { name: /shopperKey 40017 its objects/ }).waitFor();

  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.getByText("Choose an entry, on the axis or in the list").waitFor();
  await page.getByRole("tab", { name: /Objects/ }).click();
  await page.locator("details", { hasText: '"state":"HELD"' }).locator("summary").first().click();
  await page.locator("dt", { hasText: "state" }).waitFor();
  await write(page, "Object", "{");
  await page.getByRole("button", { name: "Put object" }).click();
  await page.getByText("BadRequestException").waitFor();
  await write(page, "Object", { scan: { id: "by-hand" }, shopper: "40017", city: "Oldenburg" });
  await page.getByRole("button", { name: "Put object" }).click();
  await page.getByText(/^Put as /).waitFor();
  await page.getByRole("tab", { name: /^Objects ?2$/ }).waitFor();
  await write(page, "Object", { scan: { id: "elsewhere" }, shopper: "40099" });
  await page.getByRole("button", { name: "Put object" }).click();
  await page.getByText("on another profile").waitFor();
  const byHand = page.locator("details", { hasText: "by-hand" });
  await byHand.locator("summary").first().click();
  await byHand.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete object" }).click();
  await page.getByRole("tab", { name: /^Objects ?1$/ }).waitFor();

  await page.getByRole("tab", { name: "Edit" }).click();
  await write(page, "Fields", { AccountNumber: "40017", FirstName: "Ina", Gender: "NOBODY" });
  await page.getByRole("button", { name: "Save" }).click();
  await page
    .getByRole("alert")
    .filter({ hasText: /gender/i })
    .waitFor();
  await write(page, "Fields", { AccountNumber: "40017", FirstName: "Ina" });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved FirstName, Address").or(page.getByText("Saved Address, FirstName")).waitFor();
  await page.getByRole("tab", { name: "Fields and keys" }).click();
  await page.getByRole("row", { name: /FirstName Ina by hand/ }).waitFor();
  await page.getByRole("row", { name: /Address.City/ }).waitFor({ state: "detached" });

  await page.getByRole("tab", { name: "History" }).click();
  await page.getByText("UPDATED").first().waitFor();
  await page.locator("summary", { hasText: "INGESTED" }).first().click();
  await page.getByText("by-hand").first().waitFor();

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete profile" }).click();
  await page.waitForURL("**/profiles/shown");
  page.removeAllListeners("console");
  await page.goto(`${server.url}/_trunkline/console/profiles/shown/${id}`);
  await page.getByText("DELETED_BY_CUSTOMER").first().waitFor();
});

test("a profile tells which segments it belongs to and what triggers decided, and why, condition by condition", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await openDomain("why");
  await createHeld("why");
  await createSegment("why", "here");
  await createSegment("why", "there", "Hude");
  const Uri = await createStream(kinesis, "why");
  const RoleArn = "arn:aws:iam::000000000000:role/triggers";
  await client.send(new PutIntegrationCommand({ DomainName: "why", Uri, EventTriggerNames: ["held"], RoleArn }));
  const id = await scan("why", "40017");
  await server.advance("PT1M");
  await scan("why", "40017", { state: "MOVING" });
  await using page = await openPage(browser, server.url, `profiles/why/${id}?tab=segments`);
  await page.locator("summary", { hasText: "there" }).getByText("does not belong").waitFor();
  await page.locator("summary", { hasText: "here" }).first().getByText("belongs").waitFor();
  await page.locator("summary", { hasText: "there" }).click();
  const verdict = page.locator("li", { hasText: "there" }).locator(".verdict", { hasText: "Address.City" }).last();
  await verdict.getByText("✗ not met").waitFor();
  await verdict.getByText('"Bremen"').waitFor();

  await page.getByRole("tab", { name: "Triggers" }).click();
  await page.getByRole("row", { name: /held.*fired.*ParcelScan.*kinesis why/ }).waitFor();
  await page.locator("summary", { hasText: "on objects of ParcelScan" }).click();
  await page.locator("summary", { hasText: "silent" }).getByText('_source.scan.state is "MOVING"').waitFor();
  await page.locator("summary", { hasText: "fired" }).click();
  await page.locator(".verdict", { hasText: '"HELD"' }).getByText("✓ met").last().waitFor();

  await page.getByRole("tab", { name: "Calculated attributes" }).click();
  await page.getByRole("row", { name: /none/ }).first().waitFor();
});

test("profiles that match are shown, and are merged into one", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const RuleBasedMatching = { Enabled: true, MatchingRules: [{ Rule: ["LastName"] }] };
  await openDomain("merging", { RuleBasedMatching });
  const make = async (FirstName: string, LastName: string): Promise<string> => {
    const made = await client.send(new CreateProfileCommand({ DomainName: "merging", FirstName, LastName }));
    return made.ProfileId ?? "";
  };
  const [ina, other, third] = [await make("Ina", "Dyk"), await make("Ida", "Dyk"), await make("Olga", "Graf")];
  await server.advance("PT1M");
  await using page = await openPage(browser, server.url, "profiles/merging?tab=matching");
  await page.getByRole("row", { name: /1 LastName told as a match/ }).waitFor();
  await page.getByRole("link", { name: ina.slice(0, 8) }).click();
  await page.getByText("at level 1").waitFor();
  await page.getByRole("button", { name: "Merge into this one" }).click();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByText("No other profile matches it").waitFor();
  await page.getByRole("textbox", { name: "Profile" }).fill(third);
  await page.getByRole("button", { name: "Merge …" }).click();
  await page.getByRole("button", { name: "Merge", exact: true }).click();
  await page.getByText(`Merged ${third} into this profile`).waitFor();
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByText("MERGED").first().waitFor();
  assert.equal((await read(`merging/profiles/${other}`)).status, 404);
  assert.equal((await read(`merging/profiles/${third}`)).status, 404);
});

test("types, segments and attributes have pages; members are listed and counted, and one profile is asked", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await openDomain("parts");
  await createSegment("parts", "here");
  const [id, other] = [await scan("parts", "1"), await scan("parts", "2", { city: "Hude" })];
  const subscribed = { DomainName: "parts", SegmentDefinitionName: "here" };
  await call(server.url, "customer-profiles", "AssociateStreamForSegments", {
    DomainName: "parts",
    DestinationArn: await createStream(kinesis, "parts"),
    DestinationRoleArn: "arn:aws:iam::000000000000:role/segments",
  });
  await call(server.url, "customer-profiles", "PutSegmentSubscription", subscribed);
  await using page = await openPage(browser, server.url, "profiles/parts");
  await page.getByRole("link", { name: "2 objects" }).click();
  await page
    .getByRole("row", { name: /ParcelScan 2 3 scanKey, shopperKey/ })
    .getByRole("link")
    .click();
  await page.getByRole("row", { name: /shopperKey number PROFILE/ }).waitFor();
  await page.getByRole("row", { name: /city _source.city _profile.Address.City/ }).waitFor();

  await page.getByRole("navigation", { name: "Above this page" }).getByRole("link", { name: "parts" }).click();
  await page.getByRole("tab", { name: "Segments" }).click();
  await page.getByRole("link", { name: "here" }).click();
  await page
    .getByRole("region", { name: "Members" })
    .getByRole("row", { name: /Bremen/ })
    .waitFor();
  await page.getByText(id.slice(0, 8)).first().waitFor();
  // An estimate is counted by a timer, which waits for nothing but the clock's next look once it has been asked for.
  const count = async (): Promise<void> => {
    const asked = page.waitForResponse((response) => response.url().endsWith("/CreateSegmentEstimate"));
    await page.getByRole("button", { name: "Count" }).click();
    await asked;
    await server.advance("PT1S");
  };
  await count();
  await page.getByText("1 profile belongs to it now").waitFor();
  await page.getByRole("textbox", { name: "Profile" }).fill(other);
  await page.getByRole("button", { name: "Ask" }).click();
  await page.getByText("does not belong to it").waitFor();
  await page.locator(".verdict").getByText("✗ not met").last().waitFor();
  await page.getByText("Who joined and who left").click();
  await client.send(new UpdateProfileCommand({ DomainName: "parts", ProfileId: other, Address: { City: "Bremen" } }));
  await page.getByRole("row", { name: new RegExp(`${other.slice(0, 8)}.*JOINED, LIVE`) }).waitFor();
  page.removeAllListeners("console");
  await page.getByLabel("Destination").fill("s3://nowhere");
  await page.getByRole("button", { name: "Write snapshot" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete segment" }).click();
  await page.getByText("parts has no segment").waitFor();
  await page.getByRole("link", { name: "New segment" }).click();
  const City = { DimensionType: "INCLUSIVE", Values: ["Bremen"] };
  const SegmentGroups = { Groups: [{ Type: "ALL", Dimensions: [{ ProfileAttributes: { Address: { City } } }] }] };
  await write(page, "Segment", { SegmentDefinitionName: "anew", SegmentGroups });
  await page.getByRole("button", { name: "Create segment" }).click();
  await page
    .getByRole("alert")
    .filter({ hasText: /displayName/i })
    .waitFor();
  await write(page, "Segment", { SegmentDefinitionName: "anew", DisplayName: "Anew", SegmentGroups });
  await count();
  await page.getByText("2 profiles belong to it now").waitFor();
  await page.getByRole("button", { name: "Create segment" }).click();
  await page.getByRole("heading", { name: "Segment anew" }).waitFor();
  await page.getByRole("link", { name: "parts" }).first().click();

  await page.getByRole("tab", { name: "Calculated attributes" }).click();
  await page.getByRole("link", { name: "_most_frequent_channel" }).click();
  await page.getByRole("heading", { name: /_most_frequent_channel/ }).waitFor();
  await page.getByText("{CTR.channel}").first().waitFor();
});

test("an event stream is created, shows its health and what waits, and is deleted", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await openDomain("stream-page");
  await using page = await openPage(browser, server.url, "profiles/stream-page?tab=stream");
  await page.getByLabel("Stream of Kinesis").fill("arn:aws:kinesis:us-east-1:000000000000:stream/missing");
  page.removeAllListeners("console");
  await page.getByRole("button", { name: "Create event stream" }).click();
  await page.getByRole("alert").filter({ hasText: "does not exist or is not active" }).waitFor();
  await page.getByLabel("Stream of Kinesis").fill(await createStream(kinesis, "stream-page"));
  await page.getByRole("button", { name: "Create event stream" }).click();
  await page.getByText("healthy").first().waitFor();
  await page.getByRole("link", { name: /stream\/stream-page$/ }).waitFor();
  await kinesis.send(new DeleteStreamCommand({ StreamName: "stream-page" }));
  await scan("stream-page", "1");
  await page.getByText("RUNNING, UNHEALTHY").waitFor();
  await page.locator(".figure", { hasText: "records waiting" }).getByText("2").waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete event stream" }).click();
  await page.getByText("stream-page has no event stream").waitFor();
});

test("a trigger is written, refused at the spot, created, connected, fires, is tried, backtested, changed and deleted", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await openDomain("triggered");
  await createSegment("triggered", "here");
  const stream = await createStream(kinesis, "triggered");
  for (const state of ["HELD", "MOVING", "LOST"]) await scan("triggered", "1", { state });
  const conditions = (operator: string) => [
    {
      LogicalOperator: "ALL",
      EventTriggerDimensions: [
        { ObjectAttributes: [{ Source: "scan.state", ComparisonOperator: operator, Values: ["HELD", "LOST"] }] },
      ],
    },
  ];
  await using page = await openPage(browser, server.url, "profiles/triggered?tab=triggers");
  page.removeAllListeners("console");
  await page.getByRole("link", { name: "New trigger" }).click();
  await write(page, "Trigger", { EventTriggerName: "stuck", EventTriggerConditions: conditions("GREATER_THAN") });
  await page.getByLabel("Object type").selectOption("ParcelScan");
  await page.getByRole("button", { name: "Another period" }).click();
  await page.getByLabel("At most").fill("2");
  await page.getByRole("button", { name: "Create trigger" }).click();
  await page.getByRole("alert").filter({ hasText: "BadRequestException" }).waitFor();
  // It is said at the spot too.
  await page
    .getByRole("listitem")
    .filter({ hasText: /Line \d+.*GREATER_THAN/ })
    .waitFor();
  // What was typed is there still, and a draft is tried before it is created.
  assert.equal(await page.getByLabel("Name").inputValue(), "stuck");
  await write(page, "Trigger", {
    EventTriggerName: "stuck",
    ObjectTypeName: "ParcelScan",
    EventTriggerConditions: conditions("INCLUSIVE"),
    EventTriggerLimits: { Periods: [{ Unit: "HOURS", Value: 6, MaxInvocationsPerProfile: 1 }] },
  });
  await page.getByRole("listitem").filter({ hasText: /^Line/ }).first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Backtest" }).click();
  await page.locator(".figure", { hasText: "capped" }).getByText("1", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Create trigger" }).click();
  await page.waitForURL("**/profiles/triggered/triggers/stuck");

  await page.getByText("1 in 6 hours").waitFor();
  await page.getByText("It decides nothing as long as it has nobody to tell").waitFor();
  await page.getByRole("tab", { name: "Whom it tells" }).click();
  await page.getByLabel("Destination").fill(stream);
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText(/^It tells/).waitFor();
  await scan("triggered", "2", { state: "LOST" });
  await page.getByRole("tab", { name: "Decisions" }).click();
  await page.getByText("fired").first().waitFor();
  await page.locator(".verdict").getByText('found: "LOST"').first().waitFor();

  await page.getByRole("tab", { name: "Try" }).click();
  await write(page, "Object", { scan: { state: "MOVING" } });
  await page.getByRole("button", { name: "Try" }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByText("✗ conditions not met").waitFor();
  await answer.locator(".mark.bad").first().waitFor();
  await answer.getByText('"MOVING"').first().waitFor();
  await page.getByLabel("On", { exact: true }).selectOption("profile");
  await page.getByRole("textbox", { name: "Profile" }).fill(await profileOf("triggered", "2"));
  await page.getByRole("button", { name: "Try" }).click();
  await answer.getByText("✓ conditions met").waitFor();
  await page.getByRole("textbox", { name: "Profile" }).fill("nobody");

  await page.getByRole("tab", { name: "Backtest" }).click();
  await page.getByRole("button", { name: "Backtest" }).click();
  await page.locator(".figure", { hasText: "asked" }).getByText("4", { exact: true }).waitFor();
  await page.getByRole("button", { name: /2 fired, 1 capped.*of 4 asked/ }).click();
  const matches = page.getByRole("region", { name: "Matches" });
  await matches.locator("summary").first().click();
  await matches.getByText("✓ met").first().waitFor();
  await page.getByLabel("Since").fill("yesterday");
  await page.getByRole("button", { name: "Backtest" }).click();
  await page.getByRole("alert").filter({ hasText: "since is 7d" }).waitFor();

  await page.getByRole("tab", { name: "Edit" }).click();
  await page.getByLabel("Segment", { exact: true }).selectOption("here");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved: it holds").waitFor();
  await page.getByRole("link", { name: "here" }).waitFor();
  await page.getByLabel("Segment", { exact: true }).selectOption("of everybody");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("keeps a SegmentFilter where none is given").waitFor();

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete trigger" }).click();
  await page.getByRole("alert").filter({ hasText: "active integration" }).waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("tab", { name: "Whom it tells" }).click();
  await page.getByRole("button", { name: "Delete integration" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete integration" }).click();
  await page.getByText("nobody: it has no integration").waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete trigger" }).click();
  await page.getByText("triggered has no event trigger").waitFor();
});

const HOSTILE = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

test("what is stored of people is shown as text; pages keep to the accessibility rules and fit a phone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await openDomain("hostile");
  await createHeld("hostile");
  await createSegment("hostile", "here");
  const id = await scan("hostile", HOSTILE, { state: HOSTILE, city: HOSTILE });
  await client.send(
    new UpdateProfileCommand({
      DomainName: "hostile",
      ProfileId: id,
      FirstName: HOSTILE,
      BusinessName: "javascript:alert(1)",
      EmailAddress: HOSTILE,
      Attributes: { [HOSTILE]: HOSTILE },
    }),
  );
  await using page = await openPage(browser, server.url, "profiles/hostile");
  await page.getByRole("link", { name: HOSTILE }).waitFor();
  const profile = `profiles/hostile/${id}`;
  for (const path of [
    "profiles/hostile",
    "profiles/hostile?tab=triggers",
    "profiles/hostile/types/ParcelScan",
    "profiles/hostile/segments/here",
    "profiles/hostile/new-trigger",
    "profiles/hostile/triggers/held?tab=try",
    profile,
    ...["objects", "segments", "triggers", "edit"].map((tab) => `${profile}?tab=${tab}`),
  ]) {
    await goTo(page, path);
    await page.locator("main h1").waitFor();
    await page.locator(".figures, .form, .facts, .card").first().waitFor();
    const closed = page.locator("#tab-panel .unfolding:not([open]) > summary").first();
    if ((await closed.count()) > 0) await closed.click();
    await assertAccessible(page);
    await assertFitsPhone(page);
    assert.notEqual(await page.title(), "run", path);
  }
});
