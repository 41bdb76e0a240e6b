/** What is read of Salesforce, against a stand-in of its API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRequest } from "../src/services/appflow/connector.ts";
import type { ConnectorProfile } from "../src/services/appflow/connector-profile.ts";
import { salesforce } from "../src/services/appflow/sources/salesforce.ts";
import { SystemWallClock, type WallClock } from "../src/time/clock.ts";
import { type Fields, profileOf, type Reading, readSource, refusal } from "./stand-ins/read-source.ts";
import { SalesforceStandIn } from "./stand-ins/salesforce.ts";

const FIELDS = [
  ["Id", "id"],
  ["LastName", "string"],
  ["MailingStreet", "textarea"],
  ["MailingCity", "string"],
  ["MailingAddress", "address"],
  ["IsDeleted", "boolean"],
  ["Visits__c", "double"],
  ["Photo__c", "base64"],
  ["SystemModstamp", "datetime"],
] as const;

const T0 = Date.parse("2026-06-10T00:00:00Z");

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "+0000");
}

/** Three of a second, so that ids decide. */
function contact(place: number): Fields {
  return {
    Id: `003xx${String(place).padStart(10, "0")}`,
    LastName: place % 5 === 0 ? `O'Hara, "${place}"\nof Kiel` : `Dyk ${place}`,
    MailingStreet: `Am Kai ${place}`,
    MailingCity: "Bremen",
    MailingAddress: { street: `Am Kai ${place}`, city: "Bremen" },
    IsDeleted: place % 10 === 9,
    Visits__c: place % 4 === 0 ? null : place + 0.5,
    Photo__c: "/services/data/v60.0/…",
    SystemModstamp: timeOf(T0 + Math.floor(place / 3) * 1000),
  };
}

interface World extends AsyncDisposable {
  readonly standIn: SalesforceStandIn;
  readonly profile: ConnectorProfile;
  read(asked?: Partial<SourceRequest>, how?: Parameters<typeof readSource>[3]): Promise<Reading>;
}

async function world(count: number, members: object = {}): Promise<World> {
  const standIn = await new SalesforceStandIn().start();
  const rows = Array.from({ length: count }, (_, place) => contact(place));
  standIn.objects.set("Contact", { fields: FIELDS.map(([name, type]) => ({ name, type })), rows });
  const profile = profileOf({
    connectorType: "Salesforce",
    instanceUrl: standIn.url,
    clientId: standIn.clientId,
    clientSecret: standIn.clientSecret,
    ...members,
  });
  return {
    standIn,
    profile,
    read: (asked, how) => readSource(salesforce, profile, { properties: { Object: "Contact" }, ...asked }, how),
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}

const ids = (records: readonly Fields[]): readonly unknown[] => records.map(({ Id }) => Id);
const living = (count: number): readonly Fields[] =>
  Array.from({ length: count }, (_, place) => contact(place)).filter(({ IsDeleted }) => !IsDeleted);

const NO_WINDOW = { fields: ["Id", "LastName"] };
const window = { field: "SystemModstamp", fromMs: T0 + 100_000, toMs: T0 + 200_000 };

test("all records are read page by page, with the fields that are wanted and no others", async () => {
  await using contacts = await world(4500);
  const { records, pages } = await contacts.read(NO_WINDOW);
  assert.equal(pages, 3);
  assert.deepEqual(
    records,
    living(4500).map(({ Id, LastName }) => ({ Id, LastName })),
  );
  assert.equal(contacts.standIn.tokensGiven, 1);
  assert.equal(contacts.standIn.asked.length, 3);
});

test("without a projection all fields that there are now are read, and of addresses their parts", async () => {
  await using contacts = await world(1);
  const { records } = await contacts.read();
  const { MailingAddress: _, Photo__c: __, ...fields } = contact(0);
  assert.deepEqual(records, [fields]);
  const [object] = contacts.standIn.objects.values();
  object?.fields.push({ name: "Berth__c", type: "string" });
  const again = await contacts.read({
    ...NO_WINDOW,
    properties: { Object: "Contact", EnableDynamicFieldUpdate: true },
  });
  assert.deepEqual(again.records, [{ ...records[0], Berth__c: null }]);
});

test("a window is half open, and neither its field nor the id is shown where they are not wanted", async () => {
  await using contacts = await world(1000);
  const { records } = await contacts.read({ fields: ["LastName"], window });
  const inside = living(1000).filter(
    ({ Id }) => Number(String(Id).slice(5)) >= 300 && Number(String(Id).slice(5)) < 600,
  );
  assert.deepEqual(
    records,
    inside.map(({ LastName }) => ({ LastName })),
  );
  // Windows that meet within a second neither overlap nor leave something out.
  const meeting = T0 + 150_500;
  const parts = [
    await contacts.read({ window: { ...window, toMs: meeting } }),
    await contacts.read({ window: { ...window, fromMs: meeting } }),
  ];
  assert.deepEqual(ids(parts.flatMap((part) => part.records)), ids(inside));
});

test("deleted records are read where they are asked for", async () => {
  await using contacts = await world(20);
  assert.equal((await contacts.read()).records.length, 18);
  const properties = { Object: "Contact", IncludeDeletedRecords: true };
  assert.equal((await contacts.read({ properties })).records.length, 20);
});

test("a run that is interrupted anywhere goes on behind its last record, though records leave the window meanwhile", async () => {
  for (const stopAfter of [1, 7, 8]) {
    await using contacts = await world(700);
    const { rows } = contacts.standIn.objects.get("Contact") ?? { rows: [] };
    let changed = 0;
    const { records } = await contacts.read(
      { fields: ["Id"], window },
      {
        stopAfter: stopAfter * 8,
        // Of those that are read already, and of those that come, some change: they belong to the next window then.
        between: () => {
          for (const place of [300 + changed, 599 - changed])
            rows[place] = { ...rows[place], SystemModstamp: timeOf(T0 + 999_000) };
          changed += 1;
        },
      },
    );
    const all = ids(living(600).slice(270));
    const read = ids(records);
    assert.deepEqual(
      read,
      all.filter((id) => read.includes(id)),
      "in order, and none twice",
    );
    const left = new Set(rows.filter((row) => row.SystemModstamp === timeOf(T0 + 999_000)).map(({ Id }) => Id));
    assert.deepEqual(
      all.filter((id) => !left.has(id) && !read.includes(id)),
      [],
      "none is missing but those that left",
    );
    assert.ok(changed > 3);
  }
});

test("a query that Salesforce has forgotten is asked anew behind the last record", async () => {
  await using contacts = await world(4500);
  let isForgotten = false;
  const forget = (): void => {
    isForgotten = true;
    contacts.standIn.forgetQueries();
  };
  const first = await contacts.read({ fields: ["Id"] }, { stopAfter: 1900, between: forget });
  assert.ok(isForgotten);
  assert.deepEqual(ids(first.records), ids(living(4500)));
});

test("many records are read by a job, as the same records", async () => {
  await using contacts = await world(2500, { bulkAbove: 1000 });
  await using plain = await world(2500);
  const byJob = await contacts.read({ window: { toMs: T0 + 999_000 } });
  const byQuery = await plain.read({ window: { toMs: T0 + 999_000 } });
  assert.deepEqual(byJob.records, byQuery.records);
  assert.deepEqual(
    byJob.waits,
    [2000, 4000, 8000, 0],
    "it is asked ever more seldom, and deleted once all is handed on",
  );
  assert.equal(contacts.standIn.jobs.size, 0, "the job is deleted");
  assert.deepEqual(
    contacts.standIn.asked.map(({ method, url }) => `${method} ${url.pathname.split("/")[4]}`).slice(0, 4),
    ["GET sobjects", "GET query", "POST jobs", "GET jobs"],
  );
});

test("a run by a job that is interrupted goes on where it was", async () => {
  await using contacts = await world(2500, { bulkAbove: 1000 });
  const { records } = await contacts.read(
    { fields: ["Id"] },
    { stopAfter: 320, between: () => contacts.standIn.expireTokens() },
  );
  assert.deepEqual(ids(records), ids(living(2500)));
});

test("what a job cannot have is read by queries, and a job that fails says why", async () => {
  await using contacts = await world(2500, { bulkAbove: 1000 });
  const { records } = await contacts.read({ fields: ["Id", "MailingAddress"] });
  assert.equal(records.length, 2250);
  assert.deepEqual(records[1]?.MailingAddress, { Street: "Am Kai 1", City: "Bremen" });
  contacts.standIn.jobFailure = "InternalServerError : something";
  const { code, message } = await refusal(contacts.read(NO_WINDOW));
  assert.equal(code, "REQUEST");
  assert.match(message, /^Salesforce's job 750\w+ is Failed: InternalServerError : something$/);
});

test("more fields than an address can say are asked for by a job", async () => {
  await using contacts = await world(30);
  const [{ fields } = assert.fail()] = contacts.standIn.objects.values();
  for (let count = 0; count < 400; count += 1)
    fields.push({ name: `A_Field_With_A_Very_Long_Name_${count}__c`, type: "string" });
  const { records } = await contacts.read();
  assert.deepEqual(ids(records), ids(living(30)));
  assert.ok(!contacts.standIn.asked.some(({ url }) => url.pathname.endsWith("/v60.0/query")));
});

test("a token that ends in the middle is renewed once, and the run goes on", async () => {
  await using contacts = await world(4500);
  contacts.standIn.tokenUses = 2;
  const { records } = await contacts.read(NO_WINDOW);
  assert.deepEqual(ids(records), ids(living(4500)));
  assert.equal(contacts.standIn.tokensGiven, 2);
});

test("a refresh token is used where there is one", async () => {
  await using contacts = await world(3, { refreshToken: "refresh-1" });
  assert.match((await refusal(contacts.read())).message, /invalid_grant, expired access\/refresh token/);
  contacts.standIn.refreshTokens.add("refresh-1");
  assert.equal((await contacts.read()).records.length, 3);
});

test("who is refused with a fresh token too is told so, without what they were refused with", async () => {
  await using contacts = await world(3);
  contacts.standIn.refusesTokens = true;
  assert.deepEqual(await refusal(contacts.read(NO_WINDOW)), {
    code: "AUTH",
    message: "Salesforce answered 401: INVALID_SESSION_ID, Session expired or invalid",
    retryAfterMs: undefined,
  });
  assert.equal(contacts.standIn.tokensGiven, 2);
  await using stranger = await world(3, { clientSecret: "not-the-secret-of-the-harbour" });
  const { code, message } = await refusal(stranger.read());
  assert.equal(code, "AUTH");
  assert.equal(message, "Salesforce answered 400: invalid_client, invalid client credentials");
});

test("limits, faults and broken answers are what they are", async () => {
  await using contacts = await world(3);
  const failing = async (fault: Parameters<SalesforceStandIn["fail"]>[1]) => {
    contacts.standIn.fail(/query/, fault);
    const { code, message, retryAfterMs } = await refusal(contacts.read(NO_WINDOW));
    return `${code} ${retryAfterMs ?? "-"} ${message}`;
  };
  const said = [{ errorCode: "REQUEST_LIMIT_EXCEEDED", message: "TotalRequests Limit exceeded." }];
  const date = new Date(Date.now() + 120_000).toUTCString();
  const limit = "Salesforce answered 403: REQUEST_LIMIT_EXCEEDED, TotalRequests Limit exceeded.";
  assert.equal(await failing({ status: 403, body: said }), `LIMIT 60000 ${limit}`);
  assert.equal(await failing({ status: 403, body: said, headers: { "retry-after": "7" } }), `LIMIT 7000 ${limit}`);
  assert.match(
    await failing({ status: 429, headers: { "retry-after": date } }),
    /^LIMIT 1[12]\d{4} Salesforce answered 429$/,
  );
  assert.equal(await failing({ status: 500, body: "<html>" }), "UNAVAILABLE - Salesforce answered 500");
  assert.equal(
    await failing({ status: 503, headers: { "retry-after": "30" } }),
    "UNAVAILABLE 30000 Salesforce answered 503",
  );
  assert.match(await failing("half body"), /^UNAVAILABLE - Salesforce broke off its answer: /);
  assert.match(await failing("hang up"), /^UNAVAILABLE - Salesforce cannot be reached: /);
  assert.equal(await failing("cut off"), "DATA - Salesforce answered with what is no JSON");
  assert.equal(await failing({ body: { totalSize: 1 } }), "DATA - Salesforce answered without records");
  const elsewhere = { status: 302, headers: { location: "https://elsewhere.example.com/x" } };
  assert.equal(
    await failing(elsewhere),
    "REQUEST - Salesforce answered 302: it redirects to https://elsewhere.example.com",
  );
  assert.equal((await contacts.read(NO_WINDOW)).records.length, 3, "and is well again");
});

test("what Salesforce does not know is told in its words, shortened", async () => {
  await using contacts = await world(3);
  const gone = await refusal(contacts.read({ fields: ["Id", "Gone__c"] }));
  assert.equal(gone.code, "REQUEST");
  assert.match(gone.message, /^Salesforce answered 400: INVALID_FIELD, No such column 'Gone__c' on entity 'Contact'/);
  assert.match(
    (await refusal(contacts.read({ properties: { Object: "Boat" }, fields: ["Id"] }))).message,
    /INVALID_TYPE/,
  );
  assert.match((await refusal(contacts.read({ properties: { Object: "Boat" } }))).message, /404: NOT_FOUND/);
  for (const odd of ["Id FROM User", "Id)", "", "a.", "x y"]) {
    assert.match((await refusal(contacts.read({ fields: [odd] }))).message, /is no name of an object or a field/);
    assert.match((await refusal(contacts.read({ properties: { Object: odd } }))).message, /is no name of an object/);
  }
  contacts.standIn.fail(/query/, { status: 400, body: [{ errorCode: "X", message: "y".repeat(9000) }] });
  const { message } = await refusal(contacts.read(NO_WINDOW));
  assert.equal(message.length, 501);
});

test("a profile of another kind, or none, reads nothing", async () => {
  await using contacts = await world(1);
  assert.deepEqual((await refusal(contacts.read({ profile: undefined }))).code, "AUTH");
});

test("fields of related records are nested, and a field that is named twice is asked for once", async () => {
  await using contacts = await world(2);
  const object = contacts.standIn.objects.get("Contact");
  object?.fields.push({ name: "Account", type: "reference" });
  if (object) object.rows = object.rows.map((row) => ({ ...row, Account: { Name: "Kaje GmbH" } }));
  const { records } = await contacts.read({ fields: ["ID", "Account.Name", "id"] });
  assert.deepEqual(
    records.map(({ Account }) => Account),
    [{ Name: "Kaje GmbH" }, { Name: "Kaje GmbH" }],
  );
});

test("what a vendor says of our secrets is not told on", async () => {
  await using contacts = await world(3);
  await contacts.read(NO_WINDOW);
  const { authorization = "" } = contacts.standIn.asked[0]?.headers ?? {};
  const said = `Bad request: client_secret=${contacts.standIn.clientSecret}&x=${authorization}`;
  contacts.standIn.fail(/query/, { status: 400, body: [{ errorCode: "X", message: said }] });
  const { message } = await refusal(contacts.read(NO_WINDOW));
  assert.equal(message, "Salesforce answered 400: X, Bad request: client_secret=[secret]&x=Bearer [secret]");
});

test("a source that does not answer is left after 20 seconds, and at once where nobody waits any more", async () => {
  await using contacts = await world(3);
  await contacts.read(NO_WINDOW);
  const system = new SystemWallClock();
  const hasty: WallClock = {
    now: () => system.now(),
    monotonicMs: () => system.monotonicMs(),
    after: (delayMs, callback) => system.after(delayMs === 20_000 ? 20 : delayMs, callback),
  };
  contacts.standIn.fail(/query/, "silence");
  const { code, message } = await refusal(contacts.read(NO_WINDOW, { wall: hasty }));
  assert.deepEqual([code, message], ["UNAVAILABLE", "Salesforce did not answer within 20 s"]);
  contacts.standIn.fail(/query/, "silence");
  await assert.rejects(contacts.read({ ...NO_WINDOW, signal: AbortSignal.abort() }), { name: "AbortError" });
});
