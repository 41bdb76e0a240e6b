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
} from "@aws-sdk/client-customer-profiles";
import { DeleteStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream } from "./streams.ts";

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
