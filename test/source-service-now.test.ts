/** What is read of ServiceNow, against a stand-in of its API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRequest } from "../src/services/appflow/connector.ts";
import { serviceNow } from "../src/services/appflow/sources/service-now.ts";
import { type Fields, profileOf, type Reading, readSource, refusal } from "./stand-ins/read-source.ts";
import { ServiceNowStandIn } from "./stand-ins/service-now.ts";

const T0 = Date.parse("2026-06-10T00:00:00Z");

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** Forty of a second, so that ids decide. */
function user(place: number): Fields {
  return {
    sys_id: `${(place * 7919) % 9973}`.padStart(32, "0"),
    first_name: `Ina ${place}`,
    email: `ina.${place}@example.com`,
    company: { link: "https://harbour.service-now.com/api/now/table/core_company/1", value: "1" },
    sys_updated_on: timeOf(T0 + Math.floor(place / 40) * 1000),
  };
}

interface World extends AsyncDisposable {
  readonly standIn: ServiceNowStandIn;
  readonly rows: Fields[];
  read(asked?: Partial<SourceRequest>, how?: Parameters<typeof readSource>[3]): Promise<Reading>;
}

async function world(count: number, members?: (standIn: ServiceNowStandIn) => object): Promise<World> {
  const standIn = await new ServiceNowStandIn().start();
  const rows = Array.from({ length: count }, (_, place) => user(place));
  standIn.tables.set("sys_user", rows);
  const { user: name, password } = standIn;
  const access = members?.(standIn) ?? { user: name, password };
  const profile = profileOf({ connectorType: "Servicenow", baseUrl: standIn.url, ...access });
  return {
    standIn,
    rows,
    read: (asked, how) => readSource(serviceNow, profile, { properties: { Object: "sys_user" }, ...asked }, how),
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}

const names = (records: readonly Fields[]): string[] => records.map(({ first_name }) => String(first_name)).sort();
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, place) => `Ina ${from + place}`).sort();

const window = { field: "sys_updated_on", fromMs: T0 + 10_000, toMs: T0 + 40_000 };
const first_name = { fields: ["first_name"] };

test("all records are read page by page, as they are or with the fields that are wanted", async () => {
  await using users = await world(2500);
  const { records, pages } = await users.read();
  assert.deepEqual(names(records), range(0, 2500));
  assert.deepEqual(
    records.find((record) => record.first_name === "Ina 7"),
    user(7),
  );
  assert.equal(pages, 13);
  const some = await users.read(first_name);
  assert.equal(some.pages, 3);
  assert.deepEqual(Object.keys(some.records[0] ?? {}), ["first_name"]);
});

test("a window is half open, and windows that meet within a second leave nothing out", async () => {
  await using users = await world(2500);
  assert.deepEqual(names((await users.read({ ...first_name, window })).records), range(400, 1600));
  assert.deepEqual(names((await users.read({ window: { toMs: T0 + 2_000 } })).records), range(0, 80));
  const meeting = T0 + 20_001;
  const parts = [
    await users.read({ window: { ...window, toMs: meeting } }),
    await users.read({ window: { ...window, fromMs: meeting } }),
  ];
  assert.deepEqual(names(parts.flatMap(({ records }) => records)), range(400, 1600));
});

test("a run that is interrupted goes on behind its last record, though records leave the window meanwhile", async () => {
  await using users = await world(2500);
  let changed = 0;
  const { records } = await users.read(
    { ...first_name, window },
    {
      stopAfter: 72,
      between: () => {
        for (const place of [400 + changed, 1599 - changed]) {
          users.rows[place] = { ...user(place), sys_updated_on: timeOf(T0 + 999_000) };
        }
        changed += 1;
      },
    },
  );
  const read = names(records);
  assert.equal(new Set(read).size, read.length, "none twice");
  const left = new Set(
    users.rows
      .filter(({ sys_updated_on }) => sys_updated_on === timeOf(T0 + 999_000))
      .map(({ first_name }) => first_name),
  );
  assert.deepEqual(
    range(400, 1600).filter((name) => !left.has(name) && !read.includes(name)),
    [],
  );
  assert.ok(changed > 3);
});

test("records that the user may not see end nothing", async () => {
  await using users = await world(2500);
  users.standIn.hidden = ({ first_name }) => /^Ina (?!7$|2499$)/.test(String(first_name));
  assert.deepEqual(names((await users.read(first_name)).records), ["Ina 2499", "Ina 7"]);
  assert.deepEqual(names((await users.read({ ...first_name, window: { toMs: T0 + 999_000 } })).records), [
    "Ina 2499",
    "Ina 7",
  ]);
});

test("what ServiceNow would pass over in a query is noticed", async () => {
  await using users = await world(10);
  const { code, message } = await refusal(users.read({ window: { ...window, field: "updated" } }));
  assert.deepEqual(
    [code, message],
    ["REQUEST", "ServiceNow does not go by updated of sys_user: is it a field with a time?"],
  );
  for (const odd of ["a^ORb", "", "a b", "a,b"]) {
    assert.match(
      (await refusal(users.read({ window: { ...window, field: odd } }))).message,
      /is no name of a table or a field/,
    );
    assert.match(
      (await refusal(users.read({ properties: { Object: odd } }))).message,
      /is no name of a table or a field/,
    );
  }
});

test("a table without records is read, and one that is not there is told", async () => {
  await using users = await world(0);
  assert.deepEqual((await users.read()).records, []);
  users.standIn.answers404WhereNothingIsFound = true;
  assert.deepEqual((await users.read()).records, []);
  const { code, message } = await refusal(users.read({ properties: { Object: "boats" } }));
  assert.deepEqual([code, message], ["REQUEST", "ServiceNow answered 400: Invalid table boats"]);
});

test("a field that is gone is missing, and one that is new is there", async () => {
  await using users = await world(1);
  assert.deepEqual((await users.read({ fields: ["first_name", "berth"] })).records, [{ first_name: "Ina 0" }]);
  users.rows[0] = { ...user(0), berth: "7" };
  assert.deepEqual((await users.read({ fields: ["first_name", "berth"] })).records, [
    { first_name: "Ina 0", berth: "7" },
  ]);
});

test("every way in leads in, and a token that ends is renewed once", async () => {
  const client = ({ clientId, clientSecret }: ServiceNowStandIn) => ({ clientId, clientSecret });
  const ways: readonly ((standIn: ServiceNowStandIn) => object)[] = [
    client,
    (standIn) => ({ ...client(standIn), user: standIn.user, password: standIn.password }),
    (standIn) => ({ ...client(standIn), refreshToken: standIn.refreshToken }),
  ];
  for (const way of ways) {
    await using users = await world(1500, way);
    users.standIn.tokenUses = 1;
    assert.equal((await users.read(first_name)).records.length, 1500);
    assert.equal(users.standIn.tokensGiven, 2);
    users.standIn.refusesTokens = true;
    const { code, message } = await refusal(users.read());
    assert.deepEqual(
      [code, message],
      ["AUTH", "ServiceNow answered 401: User Not Authenticated, Required to provide Auth information"],
    );
  }
  await using stranger = await world(1, () => ({ user: "x", password: "wrong-password" }));
  assert.equal((await refusal(stranger.read())).code, "AUTH");
  assert.equal(stranger.standIn.asked.length, 1, "basic authentication is not tried again");
});

test("limits, faults and broken answers are what they are", async () => {
  await using users = await world(3);
  const failing = async (fault: Parameters<ServiceNowStandIn["fail"]>[1]): Promise<string> => {
    users.standIn.fail(/table/, fault);
    const { code, message, retryAfterMs } = await refusal(users.read());
    return `${code} ${retryAfterMs ?? "-"} ${message}`;
  };
  const limit = { message: "Rate limit exceeded", detail: null };
  const body = { error: limit, status: "failure" };
  assert.equal(
    await failing({ status: 429, headers: { "retry-after": "17" }, body }),
    "LIMIT 17000 ServiceNow answered 429: Rate limit exceeded",
  );
  const reset = String(Math.ceil(Date.now() / 1000) + 100);
  assert.match(await failing({ status: 429, headers: { "x-ratelimit-reset": reset } }), /^LIMIT (9\d|10\d)\d{3} /);
  assert.match(await failing({ status: 500, headers: { "x-ratelimit-reset": reset } }), /^UNAVAILABLE - /);
  const cancelled = { message: "Transaction cancelled: maximum execution time exceeded", detail: "" };
  assert.equal(
    await failing({ body: { result: [user(0)], error: cancelled, status: "failure" } }),
    "UNAVAILABLE - ServiceNow answered 200: Transaction cancelled: maximum execution time exceeded",
  );
  assert.match(await failing("half body"), /^UNAVAILABLE - ServiceNow broke off its answer/);
  assert.equal(await failing("cut off"), "DATA - ServiceNow answered with what is no JSON");
  assert.equal(await failing({ body: {} }), "DATA - ServiceNow answered without result");
  assert.equal(await failing({ body: { result: [{}] } }), "DATA - ServiceNow answered with a record without sys_id");
  assert.equal((await users.read()).records.length, 3);
});
