/** What is read of Marketo, against a stand-in of its API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRequest } from "../src/services/appflow/connector.ts";
import { marketo } from "../src/services/appflow/sources/marketo.ts";
import { MarketoStandIn } from "./stand-ins/marketo.ts";
import { type Fields, profileOf, type Reading, readSource, refusal } from "./stand-ins/read-source.ts";

const T0 = Date.parse("2026-01-01T00:00:00Z");
const DAY = 86_400_000;

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** One each day. */
function lead(place: number): Fields {
  return {
    id: place,
    email: `ina.${place}@example.com`,
    firstName: place % 3 === 0 ? "null" : `Ina "${place}"`,
    note: place % 4 === 0 ? null : `Line 1,\nline ${place} – ü`,
    createdAt: timeOf(T0 + place * DAY),
    updatedAt: timeOf(T0 + place * DAY + 3_600_000),
  };
}

/** As it is in an export. */
function exported(place: number): Fields {
  return { ...lead(place), id: String(place) };
}

interface World extends AsyncDisposable {
  readonly standIn: MarketoStandIn;
  read(object: string, asked?: Partial<SourceRequest>, how?: Parameters<typeof readSource>[3]): Promise<Reading>;
}

async function world(count: number, members: object = {}): Promise<World> {
  const standIn = await new MarketoStandIn().start();
  standIn.leads.push(...Array.from({ length: count }, (_, place) => lead(place)));
  const { clientId, clientSecret, url } = standIn;
  const profile = profileOf({
    connectorType: "Marketo",
    baseUrl: `${url}/rest`,
    clientId,
    clientSecret,
    leadsSince: "2025-12-01",
    ...members,
  });
  return {
    standIn,
    read: (object, asked, how) =>
      readSource(marketo, profile, { properties: { Object: object }, ...asked }, { nowMs: T0 + 200 * DAY, ...how }),
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, place) => String(from + place));
const ids = (records: readonly Fields[]): unknown[] => records.map(({ id }) => id);

test("all leads are read by exports of at most 31 days each, with the fields that there are", async () => {
  await using desk = await world(100);
  const { records, waits } = await desk.read("leads");
  assert.deepEqual(
    records,
    Array.from({ length: 100 }, (_, place) => exported(place)),
  );
  assert.equal(desk.standIn.exports.size, 8);
  assert.ok(waits.every((ms) => ms === 60_000) && waits.length >= 16, "once a minute");
  const days = [...desk.standIn.exports.values()].map(({ filter: { createdAt } }) => [
    createdAt?.startAt,
    createdAt?.endAt,
  ]);
  assert.deepEqual(days.slice(0, 2), [
    ["2025-12-01T00:00:00Z", "2025-12-31T00:00:00Z"],
    ["2025-12-31T00:00:00Z", "2026-01-30T00:00:00Z"],
  ]);
});

test("a window is half open, by when leads were updated or created, with the fields that are wanted and no others", async () => {
  await using desk = await world(100);
  const window = { fromMs: T0 + 10 * DAY, toMs: T0 + 20 * DAY };
  const created = await desk.read("leads", { fields: ["id"], window: { ...window, field: "createdAt" } });
  assert.deepEqual(
    created.records,
    range(10, 20).map((id) => ({ id })),
  );
  const updated = await desk.read("leads", {
    window: { fromMs: T0 + 9 * DAY + 3_600_001, toMs: T0 + 20 * DAY + 3_600_000 },
  });
  assert.deepEqual(ids(updated.records), range(10, 20));
  assert.deepEqual((await desk.read("leads", { window: { ...window, fromMs: window.toMs } })).records, []);
  assert.equal((await refusal(desk.read("leads", { window: { ...window, field: "birthday" } }))).code, "REQUEST");
});

test("an export is read piece by piece, and a run that is interrupted goes on where it was", async () => {
  await using desk = await world(0);
  const note = 'A long note, with "quotes" and\nlines. '.repeat(40);
  const many: Fields[] = Array.from({ length: 900 }, (_, place) => ({
    ...lead(place),
    note,
    createdAt: timeOf(T0),
    updatedAt: timeOf(T0),
  }));
  desk.standIn.leads.push(...many);
  const window = { fromMs: T0, toMs: T0 + DAY };
  let interrupted = 0;
  const { records } = await desk.read(
    "leads",
    { window },
    {
      stopAfter: 56,
      between: () => {
        interrupted += 1;
        if (interrupted === 5) desk.standIn.expireTokens();
      },
    },
  );
  assert.deepEqual(
    records,
    many.map((it) => ({ ...it, id: String(it.id) })),
  );
  assert.ok(interrupted > 10);
  assert.equal(desk.standIn.exports.size, 1, "nothing is exported twice");
  assert.ok(desk.standIn.asked.filter(({ url }) => url.pathname.endsWith("/file.json")).length > 3);
});

test("an export that was enqueued before an interruption is not enqueued again", async () => {
  await using desk = await world(3);
  const window = { fromMs: T0, toMs: T0 + 10 * DAY };
  // The answer is lost on its way, and the run asks again.
  desk.standIn.fail(/enqueue/, "hang up");
  assert.equal((await refusal(desk.read("leads", { window }))).code, "UNAVAILABLE");
  assert.equal((await desk.read("leads", { window })).records.length, 3);
});

test("an export that fails is made anew, and the third failure is told", async () => {
  await using desk = await world(3);
  const window = { fromMs: T0, toMs: T0 + 10 * DAY };
  desk.standIn.failures = 2;
  assert.equal((await desk.read("leads", { window })).records.length, 3);
  desk.standIn.failures = 3;
  const { code, message } = await refusal(desk.read("leads", { window }));
  assert.equal(code, "REQUEST");
  assert.match(message, /^Marketo's export ce45a7a1-\S+ is Failed, for the third time$/);
});

test("a field that is gone is told, and one that is new is read", async () => {
  await using desk = await world(2);
  const window = { fromMs: T0, toMs: T0 + 10 * DAY };
  const { code, message } = await refusal(desk.read("leads", { fields: ["id", "gone"], window }));
  assert.deepEqual([code, message], ["REQUEST", "Marketo answered 200: 1006, Field 'gone' not found"]);
  desk.standIn.fields.push("berth");
  assert.equal((await desk.read("leads", { window })).records[0]?.berth, null);
});

test("activities are read of all types, ten at a time, each once", async () => {
  await using desk = await world(0);
  desk.standIn.activityTypes.push(...Array.from({ length: 23 }, (_, place) => place + 1));
  desk.standIn.activities.push(
    ...Array.from({ length: 1500 }, (_, place) => ({
      id: place,
      leadId: 7,
      activityTypeId: (place % 23) + 1,
      activityDate: timeOf(T0 + place * 1000),
      attributes: [{ name: "Reason", value: "x" }],
    })),
  );
  const numbers = (records: readonly Fields[]): number[] => records.map(({ id }) => Number(id)).sort((a, b) => a - b);
  const from = (first: number, to: number): number[] => range(first, to).map(Number);
  const all = await desk.read("activities", {}, { stopAfter: 88 });
  assert.deepEqual(numbers(all.records), from(0, 1500));
  const window = { field: "activityDate", fromMs: T0 + 100_000, toMs: T0 + 400_000 };
  assert.deepEqual(numbers((await desk.read("activities", { window })).records), from(100, 400));
});

test("lists are read page by page", async () => {
  await using desk = await world(0);
  desk.standIn.lists.push(
    ...Array.from({ length: 700 }, (_, id) => ({
      id,
      name: `List ${id}`,
      updatedAt: `${timeOf(T0 + id * 1000)}+0000`,
    })),
  );
  assert.equal((await desk.read("lists")).records.length, 700);
  const window = { fromMs: T0 + 100_000, toMs: T0 + 200_000 };
  assert.deepEqual(ids((await desk.read("lists", { window })).records), range(100, 200).map(Number));
});

test("a token that ends in the middle is renewed once; who is refused with a fresh one too is told so", async () => {
  await using desk = await world(60);
  desk.standIn.tokenUses = 4;
  assert.equal((await desk.read("leads", { window: { fromMs: T0, toMs: T0 + 100 * DAY } })).records.length, 60);
  assert.ok(desk.standIn.tokensGiven > 3);
  desk.standIn.refusesTokens = true;
  const { code, message } = await refusal(desk.read("lists"));
  assert.deepEqual([code, message], ["AUTH", "Marketo answered 200: 602, Access token expired"]);
  await using stranger = await world(1, { clientSecret: "not-the-secret-of-the-harbour" });
  const refused = await refusal(stranger.read("lists"));
  assert.deepEqual(
    [refused.code, refused.message],
    ["AUTH", "Marketo answered 401: unauthorized, Bad client credentials"],
  );
});

test("limits, faults and broken answers are what they are", async () => {
  await using desk = await world(3);
  const failing = async (
    fault: Parameters<MarketoStandIn["fail"]>[1],
    on = /lists/,
    object = "lists",
  ): Promise<string> => {
    desk.standIn.fail(on, fault);
    const { code, message, retryAfterMs } = await refusal(
      desk.read(object, { window: { fromMs: T0, toMs: T0 + 10 * DAY } }),
    );
    return `${code} ${retryAfterMs ?? "-"} ${message}`;
  };
  const said = (code: string, message: string) => ({
    body: { requestId: "1", success: false, errors: [{ code, message }] },
  });
  assert.equal(
    await failing(said("606", "Max rate limit '100' exceeded with in '20' secs")),
    "LIMIT 20000 Marketo answered 200: 606, Max rate limit '100' exceeded with in '20' secs",
  );
  assert.match(await failing(said("607", "Daily quota '10000' reached")), /^LIMIT 3600000 /);
  assert.match(await failing(said("615", "Concurrent access limit reached")), /^LIMIT 20000 /);
  assert.match(await failing(said("1029", "Too many jobs in queue"), /enqueue/, "leads"), /^LIMIT 60000 /);
  assert.match(await failing(said("1029", "Export daily quota exceeded"), /create/, "leads"), /^LIMIT 3600000 /);
  assert.match(await failing(said("611", "System error")), /^UNAVAILABLE - Marketo answered 200: 611, System error/);
  assert.match(await failing(said("603", "Access denied")), /^AUTH - /);
  assert.match(await failing(said("1001", "Invalid value")), /^REQUEST - /);
  assert.match(await failing({ status: 502, body: "<html>" }), /^UNAVAILABLE - Marketo answered 502$/);
  assert.match(await failing("half body"), /^UNAVAILABLE - Marketo broke off its answer/);
  assert.equal(await failing("cut off"), "DATA - Marketo answered with what is no JSON");
  assert.match(
    await failing("cut off", /file/, "leads"),
    /^UNAVAILABLE - Marketo gave \d+ bytes of an export in place of \d+$/,
  );
  assert.equal((await desk.read("leads", { window: { fromMs: T0, toMs: T0 + 10 * DAY } })).records.length, 3);
  assert.match(
    (await refusal(desk.read("boats"))).message,
    /^Marketo has no boats to be read; there are leads, activities, lists/,
  );
});
