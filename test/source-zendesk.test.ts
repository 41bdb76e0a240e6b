/** What is read of Zendesk, against a stand-in of its API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceRequest } from "../src/services/appflow/connector.ts";
import { zendesk } from "../src/services/appflow/sources/zendesk.ts";
import { type Fields, profileOf, type Reading, readSource, refusal } from "./stand-ins/read-source.ts";
import { ZendeskStandIn } from "./stand-ins/zendesk.ts";

const T0 = Date.parse("2026-06-10T00:00:00Z");
const SECOND = T0 / 1000;

type Row = Fields & { readonly id: number };

/** Four of a second. The system has changed each after its last event, as it does. */
function ticket(place: number): Row {
  const changed = SECOND + Math.floor(place / 4);
  return {
    id: 35_000 + place,
    subject: `The crane is stuck ${place}`,
    requester_id: 20_978_392,
    status: "open",
    updated_at: timeOf(changed - 3),
    generated_timestamp: changed,
  };
}

/** Thirty of a second. */
function organization(place: number): Row {
  return { id: 57_000 + place, name: `Kaje ${place}`, updated_at: timeOf(SECOND + Math.floor(place / 30)) };
}

function timeOf(second: number): string {
  return new Date(second * 1000).toISOString().replace(".000Z", "Z");
}

interface World extends AsyncDisposable {
  readonly standIn: ZendeskStandIn;
  readonly tickets: Row[];
  readonly organizations: Row[];
  read(object: string, asked?: Partial<SourceRequest>, how?: Parameters<typeof readSource>[3]): Promise<Reading>;
}

async function world(count: number, members?: (standIn: ZendeskStandIn) => object): Promise<World> {
  const standIn = await new ZendeskStandIn().start();
  standIn.nowMs = () => T0 + 3_600_000;
  const tickets = Array.from({ length: count }, (_, place) => ticket(place));
  const organizations = Array.from({ length: count }, (_, place) => organization(place));
  standIn.rows.set("tickets", tickets).set("organizations", organizations);
  const { email, apiToken } = standIn;
  const profile = profileOf({
    connectorType: "Zendesk",
    baseUrl: standIn.url,
    ...(members?.(standIn) ?? { email, apiToken }),
  });
  return {
    standIn,
    tickets,
    organizations,
    read: (object, asked, how) => readSource(zendesk, profile, { properties: { Object: object }, ...asked }, how),
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}

const ids = (records: readonly Fields[]): number[] => records.map(({ id }) => Number(id)).sort((a, b) => a - b);
const range = (first: number, from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, place) => first + from + place);

test("tickets are read by cursors, page by page", async () => {
  await using desk = await world(1700);
  const { records, pages } = await desk.read("tickets");
  assert.equal(pages, 4);
  assert.deepEqual(
    records,
    Array.from({ length: 1700 }, (_, place) => ticket(place)),
  );
});

test("what is read by times is read once, though pages meet in a second", async () => {
  await using desk = await world(1700);
  const { records, pages } = await desk.read("organizations");
  assert.equal(pages, 4);
  assert.deepEqual(
    records,
    Array.from({ length: 1700 }, (_, place) => organization(place)),
  );
});

test("a second in which more has changed than a page has is read whole", async () => {
  await using desk = await world(1700);
  for (const place of range(0, 100, 1500))
    desk.organizations[place] = { ...organization(place), updated_at: timeOf(SECOND + 50) };
  assert.deepEqual(ids((await desk.read("organizations")).records), range(57_000, 0, 1700));
});

test("a window is half open, by the time that the export goes by", async () => {
  await using desk = await world(1700);
  const window = { field: "generated_timestamp", fromMs: T0 + 100_000, toMs: T0 + 200_000 };
  const { records, pages } = await desk.read("tickets", { window });
  assert.deepEqual(ids(records), range(35_000, 400, 800));
  assert.equal(pages, 2, "what is behind the window is not read");
  const parts = [
    await desk.read("tickets", { window: { ...window, toMs: T0 + 150_500 } }),
    await desk.read("tickets", { window: { ...window, fromMs: T0 + 150_500 } }),
  ];
  assert.deepEqual(ids(parts.flatMap((part) => part.records)), range(35_000, 400, 800));
  const byTimes = await desk.read("organizations", { window: { fromMs: T0 + 10_000, toMs: T0 + 20_000 } });
  assert.deepEqual(ids(byTimes.records), range(57_000, 300, 600));
});

test("a window is half open by another time too, though the export goes by when the system has changed something", async () => {
  await using desk = await world(1700);
  const window = { field: "updated_at", fromMs: T0 + 100_000, toMs: T0 + 200_000 };
  // Its event is in the window; the system has changed it since.
  desk.tickets[500] = { ...ticket(500), generated_timestamp: SECOND + 3000 };
  assert.deepEqual(ids((await desk.read("tickets", { window })).records), range(35_000, 412, 812));
});

test("a run that is interrupted goes on behind its last record, though records move to the end meanwhile", async () => {
  for (const object of ["tickets", "organizations"]) {
    await using desk = await world(1700);
    const rows = object === "tickets" ? desk.tickets : desk.organizations;
    const moved = new Set<number>();
    const { records } = await desk.read(
      object,
      { window: { toMs: T0 + 500_000 } },
      {
        stopAfter: 88,
        between: () => {
          for (const place of [moved.size, 1699 - moved.size, 88 * moved.size + 60]) {
            const row = rows[place];
            if (!row) continue;
            rows[place] = { ...row, generated_timestamp: SECOND + 2000, updated_at: timeOf(SECOND + 2000) };
            moved.add(row.id);
          }
        },
      },
    );
    const read = ids(records);
    assert.equal(new Set(read).size, read.length, "none twice");
    const all = ids(rows);
    assert.deepEqual(
      all.filter((id) => !read.includes(id) && !moved.has(id)),
      [],
      "none is missing but those that moved",
    );
    assert.ok(moved.size > 10);
  }
});

test("the last minute of a window is waited for, since Zendesk tells it later", async () => {
  await using desk = await world(10);
  let nowMs = T0 + 10_000;
  desk.standIn.nowMs = () => nowMs;
  const recent = { ...ticket(10), generated_timestamp: SECOND + 9 };
  desk.tickets.push(recent);
  const window = { fromMs: T0 - 86_400_000, toMs: nowMs };
  const reading = desk.read("tickets", { window });
  // Nothing has been told yet when it is asked first.
  nowMs += 1;
  const first = await reading;
  assert.deepEqual(first.records, []);
  assert.deepEqual(first.waits.slice(0, 1), [61_000]);
  assert.equal(first.waits.length, 5, "not for ever");
  nowMs = T0 + 71_000;
  const { records, waits } = await desk.read("tickets", { window });
  assert.deepEqual([ids(records).length, waits], [11, []]);
});

test("a window that begins within the last minute is waited for", async () => {
  await using desk = await world(10);
  const nowMs = T0 + 10_000;
  desk.standIn.nowMs = () => nowMs;
  const { code, message } = await refusal(desk.read("tickets", { window: { fromMs: T0, toMs: nowMs } }));
  assert.deepEqual([code, message], ["UNAVAILABLE", "Zendesk does not tell yet what the window begins with"]);
  assert.equal(desk.standIn.asked.length, 6);
});

test("every way in leads in, and a token that ends is renewed once", async () => {
  await using desk = await world(1700, ({ clientId, clientSecret }) => ({ clientId, clientSecret }));
  desk.standIn.tokenUses = 3;
  assert.equal((await desk.read("tickets")).records.length, 1700);
  assert.equal(desk.standIn.tokensGiven, 2);
  desk.standIn.refusesTokens = true;
  const { code, message } = await refusal(desk.read("tickets"));
  assert.equal(code, "AUTH");
  assert.match(message, /^Zendesk answered 401: invalid_token, The access token provided is expired/);
  await using stranger = await world(1, () => ({ clientId: "x", clientSecret: "wrong-secret" }));
  assert.match((await refusal(stranger.read("tickets"))).message, /^Zendesk answered 401: invalid_client, /);
  await using revoked = await world(1, () => ({ accessToken: "revoked-token" }));
  assert.equal((await refusal(revoked.read("tickets"))).code, "AUTH");
  assert.equal(revoked.standIn.asked.length, 1);
});

test("limits, faults and broken answers are what they are", async () => {
  await using desk = await world(3);
  const failing = async (fault: Parameters<ZendeskStandIn["fail"]>[1]): Promise<string> => {
    desk.standIn.fail(/incremental/, fault);
    const { code, message, retryAfterMs } = await refusal(desk.read("tickets"));
    return `${code} ${retryAfterMs ?? "-"} ${message}`;
  };
  desk.standIn.pagesLeft = 0;
  assert.match(await failing("half body"), /^UNAVAILABLE - Zendesk broke off its answer/);
  const { code, retryAfterMs } = await refusal(desk.read("tickets"));
  assert.deepEqual([code, retryAfterMs], ["LIMIT", 53_000]);
  desk.standIn.pagesLeft = 100;
  assert.equal(
    await failing({ status: 403, body: { error: { title: "Forbidden", message: "You do not have access" } } }),
    "REQUEST - Zendesk answered 403: Forbidden, You do not have access",
  );
  assert.equal(
    await failing({ status: 503, headers: { "retry-after": "30" } }),
    "UNAVAILABLE 30000 Zendesk answered 503",
  );
  assert.equal(await failing("cut off"), "DATA - Zendesk answered with what is no JSON");
  assert.equal(await failing({ body: {} }), "DATA - Zendesk answered without tickets");
  assert.equal((await desk.read("tickets")).records.length, 3);
});

test("what there is no export of is told, with those that there are", async () => {
  await using desk = await world(0);
  for (const odd of ["macros", "../users", "", "constructor"]) {
    const { code, message } = await refusal(desk.read(odd));
    assert.equal(code, "REQUEST");
    assert.match(message, /^Zendesk has no export of .*; there are tickets, users, organizations, ticket_events, /);
  }
  assert.deepEqual((await desk.read("users")).records, [], "and what there is none of is read");
});
