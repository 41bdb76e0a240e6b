/** `POST /_trunkline/play/INSTANCE`: what happens over some time, in one request. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Centre, openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

interface Played {
  readonly now: string;
  readonly results: readonly { readonly status: number; readonly body: Record<string, unknown> }[];
  readonly happened: readonly { readonly at: string; readonly contactId: string; readonly state: string }[];
  readonly next: number;
  readonly missed?: true;
  readonly running: readonly string[];
}

async function play(centre: Centre, body: object): Promise<Played> {
  const answer = await centre.control("POST", `play/${centre.InstanceId}`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as unknown as Played;
}

async function now(centre: Centre): Promise<number> {
  return Date.parse(String((await centre.control("GET", "clock")).body.now));
}

const CONTACT = "5b1e0a52-6d3c-4a0f-9c3e-2f6f7c0f6a11";

test("acts are done each at its own time, and answered with what happened", async () => {
  const centre = await openCentre(server);
  const userId = await centre.agent("ada");
  const beginMs = await now(centre);
  const at = (seconds: number) => new Date(beginMs + seconds * 1_000).toISOString();
  const contactId = CONTACT;
  const played = await play(centre, {
    acts: [
      { at: at(1), post: "contacts", body: { contactId, channel: "VOICE", from: "+447700900123" } },
      { at: at(5.25), post: `agents/${userId}/accept`, body: { contactId } },
      { at: at(5.25), post: `agents/${userId}/accept`, body: { contactId } },
      { at: at(60), post: `contacts/${contactId}/hang-up` },
      { at: at(70), post: `agents/${userId}/clear`, body: { contactId } },
    ],
    until: at(100),
  });
  assert.equal(played.now, at(100));
  assert.deepEqual(
    played.results.map(({ status }) => status),
    [200, 200, 409, 200, 200],
  );
  assert.equal(played.results[0]?.body.contactId, contactId);
  assert.match(String(played.results[2]?.body.error), /is CONNECTED/);
  assert.deepEqual(
    played.happened.map((step) => [step.at, step.state]),
    [
      [at(1), "INITIATED"],
      [at(1), "QUEUED"],
      [at(1), "CONNECTING"],
      [at(5.25), "CONNECTED_TO_AGENT"],
      [at(5.25), "CONNECTED"],
      [at(60), "DISCONNECTED"],
      [at(60), "ENDED"],
      [at(70), "COMPLETED"],
      [at(70), "CLEARED"],
    ],
  );
  assert.deepEqual(await centre.types(contactId), [
    "INITIATED",
    "QUEUED",
    "CONNECTED_TO_AGENT",
    "DISCONNECTED",
    "COMPLETED",
  ]);
});

test("a play ends when somebody has to react, with what is left undone, and time passes as if the clock were moved", async () => {
  const centre = await openCentre(server);
  await centre.agent("ada");
  const beginMs = await now(centre);
  const at = (seconds: number) => new Date(beginMs + seconds * 1_000).toISOString();
  const stop = { CONNECTING: 2, MISSED: 100 };
  const first = await play(centre, {
    acts: [2, 3, 50].map((seconds) => ({ at: at(seconds), post: "contacts", body: { channel: "VOICE" } })),
    until: at(60),
    stop,
  });
  assert.equal(first.now, at(4));
  assert.equal(first.results.length, 2);

  const second = await play(centre, { until: at(60), since: first.next, stop });
  assert.equal(second.now, at(60));
  assert.deepEqual(
    second.happened.map((step) => [step.at, step.state]),
    [[at(22), "MISSED"]],
  );
  // What others do in between is told in the next play.
  await centre.arrive({ channel: "CHAT" });
  const third = await play(centre, { until: at(60), since: second.next });
  assert.deepEqual(
    third.happened.map(({ state }) => state),
    ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED"],
  );
});

test("a player who comes too late is told so, and one instance's player hears nothing of another", async () => {
  const [one, other] = [await openCentre(server), await openCentre(server)];
  const until = new Date(await now(one)).toISOString();
  const { next } = await play(one, { until });
  await other.arrive({ channel: "VOICE" });
  assert.deepEqual((await play(one, { until, since: next })).happened, []);
  const late = await play(one, { until, since: 1_000_000_000 });
  assert.equal(late.missed, true);
  assert.deepEqual(late.happened, []);
});

test("what is no play is refused, and nothing of it is done", async () => {
  const centre = await openCentre(server);
  const nowMs = await now(centre);
  const [earlier, later] = [new Date(nowMs).toISOString(), new Date(nowMs + 1_000).toISOString()];
  const arrival = { at: earlier, post: "contacts", body: { channel: "VOICE" } };
  const refused: readonly [object, RegExp][] = [
    [{}, /until/],
    [{ until: "soon" }, /until/],
    [{ until: "+012000-01-01T00:00:00Z" }, /beyond the year 9999/],
    [{ until: later, acts: {} }, /acts is not a list/],
    [{ until: later, acts: [arrival, { at: later }] }, /Act 1 has no/],
    [{ until: later, acts: [arrival, { ...arrival, at: later }, arrival] }, /Act 2 is out of order/],
    [{ until: earlier, acts: [arrival, { ...arrival, at: later }] }, /Act 1 is out of order, or after until/],
    [{ until: later, since: "0", acts: [arrival] }, /since/],
    [{ until: later, stop: { CONNECTING: "1" }, acts: [arrival] }, /stop/],
  ];
  for (const [body, message] of refused) {
    const answer = await centre.control("POST", `play/${centre.InstanceId}`, body);
    assert.equal(answer.status, 400);
    assert.match(String(answer.body.error), message);
  }
  assert.equal((await centre.control("POST", "play/nowhere", { until: later })).status, 404);
  assert.equal((await centre.control("GET", `play/${centre.InstanceId}`)).status, 404);
  assert.deepEqual((await centre.streams()).contactEvents, []);
  const odd = await play(centre, { acts: [{ at: earlier, post: "clock", body: {} }], until: later });
  assert.equal(odd.results[0]?.status, 404);
});

test("a contact has the id that was chosen for it, once", async () => {
  const centre = await openCentre(server);
  assert.equal(await centre.arrive({ channel: "VOICE", contactId: CONTACT }), CONTACT);
  const path = `contacts/${centre.InstanceId}`;
  assert.equal((await centre.control("POST", path, { channel: "VOICE", contactId: CONTACT })).status, 409);
  assert.equal((await centre.control("POST", path, { channel: "VOICE", contactId: "mine" })).status, 400);
});

test("with a real clock a play does what is due, and lasts until its end or its stop", async () => {
  const real = await startTrunkline("--clock", "real");
  const centre = await openCentre(real);
  await centre.agent("ada");
  const nowMs = await now(centre);
  const iso = (ms: number) => new Date(ms).toISOString();
  const begun = await play(centre, {
    acts: [{ at: iso(nowMs), post: "contacts", body: { channel: "VOICE" } }],
    until: iso(nowMs + 3_600_000),
    stop: { CONNECTING: 0.01 },
  });
  assert.equal(begun.results[0]?.status, 200);
  assert.ok(Date.parse(begun.now) < nowMs + 3_600_000);
  const ended = await play(centre, { until: iso(Date.parse(begun.now) + 20), since: begun.next });
  assert.ok(Date.parse(ended.now) >= Date.parse(begun.now) + 20);
});

test("who has no patience any more hangs up unless an agent has answered; a line may break", async () => {
  const centre = await openCentre(server);
  const userId = await centre.agent("ada");
  const talks = await centre.arrive({ channel: "VOICE" });
  const waits = await centre.arrive({ channel: "VOICE" });
  await centre.act(userId, "accept", { contactId: talks });
  const impatient = { whileWaiting: true };
  const refused = await centre.control("POST", `contacts/${centre.InstanceId}/${talks}/hang-up`, impatient);
  assert.equal(refused.status, 409);
  await centre.customer(waits, "hang-up", impatient);
  await centre.customer(talks, "hang-up", { lineBroken: true });
  const reasons = await Promise.all([talks, waits].map(async (id) => (await centre.describe(id)).DisconnectReason));
  assert.deepEqual(reasons, ["TELECOM_PROBLEM", "CUSTOMER_DISCONNECT"]);
});
