/** Agents at work: what they do, what they are offered, and what the streams tell of it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateContactWithUserCommand,
  CreateRoutingProfileCommand,
  DeleteUserCommand,
  DismissUserContactCommand,
  type MonitorCapability,
  MonitorContactCommand,
  PutUserStatusCommand,
  UpdateContactAttributesCommand,
  UpdateRoutingProfileConcurrencyCommand,
  UpdateUserRoutingProfileCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centres: Centre[] = [];
const NOBODY = "00000000-0000-4000-8000-000000000000";

async function newCentre(): Promise<Centre> {
  const centre = await openCentre(server);
  centres.push(centre);
  return centre;
}

/** Whatever a test has done, its streams hold to each other. */
function inCentre(title: string, run: (centre: Centre) => Promise<void>): void {
  test(title, async () => {
    const centre = await newCentre();
    await run(centre);
    checkInvariants(await centre.streams());
  });
}

after(async () => {
  for (const centre of centres) centre.connect.destroy();
});

const states = async (centre: Centre, agent: string) => (await centre.view(agent)).contacts.map(({ state }) => state);

const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };

inCentre("a call that is answered, held and cleared is told by all three streams", async (centre) => {
  const agent = await centre.agent("priya");
  await server.advance("PT10S");
  const call = await centre.arrive({ ...CALL, attributes: { order: "17" } });
  assert.deepEqual(await states(centre, agent), ["CONNECTING"]);
  await server.advance("PT5S");
  await centre.act(agent, "accept", { contactId: call });
  await server.advance("PT20S");
  await centre.act(agent, "hold", { contactId: call });
  assert.deepEqual(await states(centre, agent), ["CONNECTED_ONHOLD"]);
  await server.advance("PT46S");
  await centre.act(agent, "resume", { contactId: call });
  await server.advance("PT18S");
  await centre.customer(call, "hang-up");
  assert.deepEqual(await states(centre, agent), ["ENDED"]);
  await server.advance("PT35S");
  await centre.act(agent, "clear", { contactId: call });
  assert.deepEqual(await states(centre, agent), []);

  assert.deepEqual(await centre.types(call), [
    "INITIATED",
    "QUEUED",
    "CONNECTED_TO_AGENT",
    "DISCONNECTED",
    "COMPLETED",
  ]);
  const { records, agentEvents, contactEvents } = await centre.streams();
  const [record] = records;
  assert.equal(records.length, 1);
  assert.equal(record?.Agent?.AgentInteractionDuration, 38);
  assert.equal(record?.Agent?.CustomerHoldDuration, 46);
  assert.equal(record?.Agent?.NumberOfHolds, 1);
  assert.equal(record?.Agent?.AfterContactWorkDuration, 35);
  assert.equal(record?.Queue?.Duration, 5);
  assert.deepEqual(record?.Attributes, { order: "17" });
  const completed = contactEvents.find(({ detail }) => detail.eventType === "COMPLETED")?.detail.agentInfo;
  assert.equal(completed?.agentInitiatedHoldDuration, 46);
  assert.equal(completed?.afterContactWorkDuration, 35);
  assert.deepEqual(
    agentEvents.map(({ EventType }) => EventType),
    ["LOGIN", ...Array(7).fill("STATE_CHANGE")],
  );

  await centre.connect.send(
    new UpdateContactAttributesCommand({
      InstanceId: centre.InstanceId,
      InitialContactId: call,
      Attributes: { order: "18" },
    }),
  );
  const again = (await centre.streams()).records.at(-1);
  assert.deepEqual(again?.Attributes, { order: "18" });
});

inCentre("a missed call goes to the next agent, and who missed it gets none until it is cleared", async (centre) => {
  const first = await centre.agent("ann");
  await server.advance("PT1S");
  const second = await centre.agent("ben");
  const call = await centre.arrive(CALL);
  assert.deepEqual(await states(centre, first), ["CONNECTING"]);
  await server.advance("PT20S");
  assert.deepEqual(await states(centre, first), ["MISSED"]);
  assert.deepEqual(await states(centre, second), ["CONNECTING"]);
  await centre.act(second, "reject", { contactId: call });
  assert.deepEqual(await states(centre, second), ["REJECTED"]);
  const { InstanceId } = centre;
  await centre.connect.send(new DismissUserContactCommand({ InstanceId, UserId: second, ContactId: call }));
  assert.deepEqual(await states(centre, second), ["CONNECTING"]);
  await centre.customer(call, "hang-up");
  assert.deepEqual(await states(centre, second), ["REJECTED"]);
  assert.deepEqual(await centre.types(call), ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"]);
  const { record } = (await centre.contact(call)) as { record: { AgentConnectionAttempts: number; Agent: unknown } };
  assert.equal(record.AgentConnectionAttempts, 3);
  assert.equal(record.Agent, null);
});

inCentre("calls wait in order, and the agent idle longest gets the next one", async (centre) => {
  const one = await centre.arrive(CALL);
  await server.advance("PT1S");
  const two = await centre.arrive(CALL);
  const agent = await centre.agent("cid", { phone: { AutoAccept: true, AfterContactWorkTimeLimit: 30 } as never });
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id, state }) => [id, state]),
    [[one, "CONNECTED"]],
  );
  await server.advance("PT5S");
  const late = await centre.agent("dee");
  assert.deepEqual(
    (await centre.view(late)).contacts.map(({ id }) => id),
    [two],
  );
  await centre.act(late, "accept", { contactId: two });
  await centre.act(agent, "hang-up", { contactId: one });
  assert.deepEqual(await states(centre, agent), ["ENDED"]);
  await server.advance("PT29S");
  assert.deepEqual(await states(centre, agent), ["ENDED"]);
  await server.advance("PT1S");
  assert.deepEqual(await states(centre, agent), []);
  await server.advance("PT1S");
  await centre.customer(two, "hang-up");
  await centre.act(late, "clear", { contactId: two });
  const three = await centre.arrive(CALL);
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id }) => id),
    [three],
  );
});

inCentre("a next status waits for the last contact, and heartbeats tell of a quiet agent", async (centre) => {
  const agent = await centre.agent("eve");
  const call = await centre.arrive(CALL);
  await centre.act(agent, "accept", { contactId: call });
  await centre.status(agent, "Offline");
  assert.equal((await centre.view(agent)).nextStatus?.name, "Offline");
  await centre.customer(call, "hang-up");
  await centre.act(agent, "clear", { contactId: call });
  const view = await centre.view(agent);
  assert.deepEqual([view.status.name, view.nextStatus, view.isSignedIn], ["Offline", undefined, true]);
  await server.advance("PT5M");
  const types = (await centre.streams()).agentEvents.map(({ EventType }) => EventType);
  assert.deepEqual(types.slice(-3), ["STATE_CHANGE", "HEART_BEAT", "HEART_BEAT"]);
  await centre.act(agent, "sign-out");
  await server.advance("PT3H");
  const { agentEvents } = await centre.streams();
  const signedOut = agentEvents.findIndex(({ EventType }) => EventType === "LOGOUT");
  assert.equal(agentEvents.length - signedOut - 1, 30);
});

inCentre("who signs out leaves nothing behind", async (centre) => {
  const [leaving, staying] = [await centre.agent("flo"), await centre.agent("gus", { isOffline: true })];
  const chats = [await centre.arrive({ channel: "CHAT" }), await centre.arrive({ channel: "CHAT" })];
  const [taken = "", offered = ""] = chats;
  await centre.act(leaving, "accept", { contactId: taken });
  await centre.status(staying, "Available");
  await centre.act(leaving, "sign-out");
  assert.deepEqual(
    (await centre.view(staying)).contacts.map(({ id }) => id),
    [offered],
  );
  assert.deepEqual((await centre.types(taken)).slice(-2), ["DISCONNECTED", "COMPLETED"]);
});

inCentre("an agent dials out, and the carrier answers or does not", async (centre) => {
  const agent = await centre.agent("hal");
  const { contactId: answered = "" } = await centre.act(agent, "dial", { number: "+12065550102" });
  assert.deepEqual(await states(centre, agent), ["CONNECTING"]);
  await server.advance("PT4S");
  assert.deepEqual(await states(centre, agent), ["CONNECTED"]);
  await server.advance("PT10S");
  await centre.act(agent, "clear", { contactId: answered });
  const { contactId: busy = "" } = await centre.act(agent, "dial", { number: "+12065550110" });
  await server.advance("PT4S");
  assert.deepEqual(await states(centre, agent), ["ERROR"]);
  assert.deepEqual(await centre.types(answered), [
    "INITIATED",
    "CONNECTED_TO_SYSTEM",
    "CONNECTED_TO_AGENT",
    "DISCONNECTED",
    "COMPLETED",
  ]);
  assert.equal((await centre.describe(busy)).DisconnectReason, "TELECOM_BUSY");
});

inCentre("a cold transfer hands the customer over when the next agent takes the leg", async (centre) => {
  const first = await centre.agent("ida");
  const call = await centre.arrive(CALL);
  await centre.act(first, "accept", { contactId: call });
  await server.advance("PT30S");
  const to = { queueId: centre.queueId };
  const { contactId: leg = "" } = await centre.act(first, "transfer", { contactId: call, to });
  assert.deepEqual(await states(centre, first), ["CONNECTED_ONHOLD", "CONNECTING"]);
  await server.advance("PT5S");
  await centre.act(first, "leave", { contactId: call });
  assert.deepEqual(await states(centre, first), ["ENDED"]);
  await server.advance("PT5S");
  // Who is available again may well be offered the leg.
  await centre.status(first, "Offline");
  await centre.act(first, "clear", { contactId: call });
  assert.equal((await centre.types(call)).includes("DISCONNECTED"), false);
  const second = await centre.agent("jon");
  await server.advance("PT5S");
  await centre.act(second, "accept", { contactId: leg });
  assert.deepEqual((await centre.types(call)).slice(-2), ["DISCONNECTED", "COMPLETED"]);
  await server.advance("PT60S");
  await centre.customer(leg, "hang-up");
  await centre.act(second, "clear", { contactId: leg });
  const { records } = await centre.streams();
  assert.deepEqual(
    records.map(({ ContactId, NextContactId, PreviousContactId }) => [ContactId, NextContactId, PreviousContactId]),
    [
      [call, leg, null],
      [leg, null, call],
    ],
  );
});

inCentre("a conference has both agents with the customer, and a warm transfer leaves one", async (centre) => {
  const first = await centre.agent("kim");
  const call = await centre.arrive(CALL);
  await centre.act(first, "accept", { contactId: call });
  const second = await centre.agent("lou");
  const { contactId: leg = "" } = await centre.act(first, "transfer", { contactId: call, to: { userId: second } });
  await server.advance("PT3S");
  await centre.act(second, "accept", { contactId: leg });
  assert.deepEqual(await states(centre, first), ["CONNECTED_ONHOLD", "CONNECTED"]);
  await centre.act(first, "join", { contactId: call });
  assert.deepEqual(await states(centre, first), ["CONNECTED", "CONNECTED"]);
  await server.advance("PT10S");
  await centre.act(first, "leave", { contactId: call });
  assert.deepEqual(await states(centre, first), ["ENDED"]);
  assert.deepEqual(await states(centre, second), ["CONNECTED"]);
  await centre.customer(leg, "hang-up");
  await centre.act(first, "clear", { contactId: call });
  await centre.act(second, "clear", { contactId: leg });
});

inCentre("somebody outside is called in, and the call ends with them", async (centre) => {
  const agent = await centre.agent("meg");
  const call = await centre.arrive(CALL);
  await centre.act(agent, "accept", { contactId: call });
  const { contactId: leg = "" } = await centre.act(agent, "transfer", {
    contactId: call,
    to: { number: "+12065550102" },
  });
  await server.advance("PT4S");
  assert.deepEqual(await states(centre, agent), ["CONNECTED_ONHOLD", "CONNECTED"]);
  await centre.act(agent, "leave", { contactId: call });
  await centre.act(agent, "clear", { contactId: call });
  await server.advance("PT10S");
  assert.deepEqual((await centre.types(call)).slice(-2), ["DISCONNECTED", "COMPLETED"]);
  assert.equal((await centre.describe(leg)).DisconnectReason, "THIRD_PARTY_DISCONNECT");
});

inCentre("a callback rings the agent first, is dialled when accepted, and is tried again", async (centre) => {
  const call = await centre.arrive({ ...CALL, from: "+12065550102" });
  const { contactId: callback = "" } = await centre.customer(call, "callback", {
    number: "+12065550115",
    delaySeconds: 60,
    attempts: 2,
    retryDelaySeconds: 30,
  });
  const agent = await centre.agent("ned");
  assert.deepEqual(await states(centre, agent), []);
  await server.advance("PT60S");
  assert.deepEqual(await states(centre, agent), ["INCOMING"]);
  await centre.act(agent, "accept", { contactId: callback });
  assert.deepEqual(await states(centre, agent), ["CONNECTING"]);
  await server.advance("PT12S");
  assert.deepEqual(await states(centre, agent), ["ERROR"]);
  await centre.act(agent, "clear", { contactId: callback });
  await server.advance("PT30S");
  assert.deepEqual(await states(centre, agent), ["INCOMING"]);
  await centre.act(agent, "accept", { contactId: callback });
  await server.advance("PT12S");
  assert.equal((await centre.describe(callback)).DisconnectReason, "TELECOM_UNANSWERED");
  assert.deepEqual(await centre.types(callback), ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"]);
});

inCentre(
  "a customer-first callback dials the customer, again if need be, who then waits like a caller",
  async (centre) => {
    const callBack = async (number: string, more: object = {}) => {
      const call = await centre.arrive({ ...CALL, from: number });
      return (await centre.customer(call, "callback", { customerFirst: true, ...more })).contactId ?? "";
    };
    const agent = await centre.agent("noor");
    await centre.status(agent, "Offline");
    const callback = await callBack("+12065550103", { delaySeconds: 60 });
    await server.advance("PT60S");
    assert.deepEqual(await centre.types(callback), ["INITIATED"]);
    await server.advance("PT4S");
    assert.deepEqual(await centre.types(callback), ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED"]);
    await centre.status(agent, "Available");
    assert.deepEqual(await states(centre, agent), ["CONNECTING"]);
    await centre.act(agent, "reject", { contactId: callback });
    await centre.act(agent, "clear", { contactId: callback });
    await centre.act(agent, "accept", { contactId: callback });
    assert.deepEqual(await states(centre, agent), ["CONNECTED"]);
    await centre.customer(callback, "hang-up");
    await centre.act(agent, "clear", { contactId: callback });
    assert.equal((await centre.describe(callback)).InitiationMethod, "CALLBACK");

    await centre.status(agent, "Offline");
    const unanswered = await callBack("+12065550115", { attempts: 2, retryDelaySeconds: 30 });
    await server.advance("PT12S");
    assert.deepEqual(await centre.types(unanswered), ["INITIATED"]);
    await server.advance("PT38S");
    assert.deepEqual(await centre.types(unanswered), ["INITIATED"]);
    await server.advance("PT3S");
    assert.deepEqual(await centre.types(unanswered), ["INITIATED", "DISCONNECTED", "COMPLETED"]);
    assert.equal((await centre.describe(unanswered)).DisconnectReason, "TELECOM_UNANSWERED");
  },
);

inCentre("a contact can be given to one agent, whatever they do", async (centre) => {
  const agent = await centre.agent("ola");
  await centre.status(agent, "Offline");
  const { InstanceId } = centre;
  const ContactId = await centre.arrive({ channel: "EMAIL", from: "sam@example.com", to: "help@example.com" });
  await centre.connect.send(new AssociateContactWithUserCommand({ InstanceId, ContactId, UserId: agent }));
  assert.deepEqual(await states(centre, agent), ["CONNECTING"]);
  await assert.rejects(
    centre.connect.send(new AssociateContactWithUserCommand({ InstanceId, ContactId, UserId: agent })),
    { name: "InvalidRequestException" },
  );
});

inCentre("what cannot be is refused, and changes nothing", async (centre) => {
  const agent = await centre.agent("pia");
  const call = await centre.arrive(CALL);
  const status = async (method: string, path: string, body?: object) =>
    (await centre.control(method, path, body)).status;
  const mine = `agents/${centre.InstanceId}/${agent}`;
  assert.equal(await status("POST", `${mine}/hold`, { contactId: call }), 409);
  assert.equal(await status("POST", `${mine}/clear`, { contactId: call }), 409);
  assert.equal(await status("POST", `${mine}/sign-in`), 409);
  assert.equal(await status("POST", `${mine}/accept`, {}), 400);
  assert.equal(await status("POST", `${mine}/dance`, { contactId: call }), 400);
  assert.equal(await status("POST", `${mine}/dial`, { number: "12" }), 400);
  assert.equal(await status("POST", `${mine}/accept`, { contactId: NOBODY }), 404);
  assert.equal(await status("GET", `agents/${centre.InstanceId}/${NOBODY}`), 404);
  assert.equal(await status("GET", `agents/${NOBODY}/${agent}`), 404);
  assert.equal(await status("POST", `contacts/${centre.InstanceId}`, { channel: "FAX" }), 400);
  assert.equal(await status("POST", `contacts/${centre.InstanceId}/${call}/say`, { text: "Hello" }), 400);
  assert.equal(await status("POST", `contacts/${centre.InstanceId}`, { channel: "VOICE", from: "Sam" }), 400);
  assert.equal(
    await status("POST", `contacts/${centre.InstanceId}`, { channel: "TASK", name: "x".repeat(2_000) }),
    400,
  );
  for (const odd of [{ contactFlowId: 5 }, { queueId: [] }, { from: 5 }, { subject: {} }, { attributes: "x" }]) {
    assert.equal(await status("POST", `contacts/${centre.InstanceId}`, { channel: "EMAIL", ...odd }), 400);
  }
  const negative = { speaker: "AGENT", text: "Hi", seconds: -5 };
  assert.equal(await status("POST", `contacts/${centre.InstanceId}/${call}/say`, negative), 400);
  assert.equal(await status("PUT", `contacts/${centre.InstanceId}`), 404);
  const nowMs = server.app.platform().clock.now();
  const [at, until] = [nowMs, nowMs + 2_000].map((timeMs) => new Date(timeMs).toISOString());
  const contacts = `contacts/${centre.InstanceId}`;
  const misspelt: readonly (readonly [path: string, body: object, unknown: string])[] = [
    [contacts, { channel: "VOICE", contactFlowID: "x" }, "contactFlowID"],
    [`${contacts}/${call}/hang-up`, { whileWaitng: true }, "whileWaitng"],
    [`${contacts}/${call}/callback`, { delay: 5 }, "delay"],
    [`${contacts}/${call}/queue-transfer`, { queueId: centre.queueId, queue: "x" }, "queue"],
    [`${contacts}/${call}/input`, { text: "1", keys: "1" }, "keys"],
    [`${contacts}/${call}/say`, { speaker: "AGENT", text: "Hi", time: 5 }, "time"],
    [`${mine}/sign-out`, { contactId: call }, "contactId"],
    [`${mine}/accept`, { contactId: call, to: {} }, "to"],
    [`${mine}/transfer`, { contactId: call, to: { queueID: "x" } }, "queueID"],
    [`${mine}/dial`, { number: "+12065550100", from: "x" }, "from"],
    [`${mine}/chat-connection`, { contactId: call, x: 1 }, "x"],
    [`play/${centre.InstanceId}`, { until: new Date(nowMs).toISOString(), act: [] }, "act"],
    ["clock", { advance: "PT1S", by: 1 }, "by"],
    ["explain", { pattern: {}, event: {}, events: [] }, "events"],
  ];
  for (const [path, body, unknown] of misspelt) {
    const answer = await centre.control("POST", path, body);
    assert.equal(answer.status, 400, path);
    assert.match(String(answer.body.error), new RegExp(`no member ${unknown}\\b`), path);
  }
  assert.equal((await centre.view(agent)).isSignedIn, true, "what was refused has changed nothing");
  assert.equal(server.app.platform().clock.now(), nowMs);
  const ahead = (ms: number) =>
    centre.control("POST", `${contacts}/${call}/say`, {
      speaker: "AGENT",
      text: "Later",
      at: new Date(nowMs + ms).toISOString(),
    });
  assert.match(String((await ahead(3_600_001)).body.error), /more than an hour from now/);
  assert.equal((await ahead(100 * 86_400_000)).status, 400);
  await centre.customer(call, "say", { speaker: "CUSTOMER", text: "Hello", at, seconds: 2 });
  const { said } = await centre.contact(call);
  assert.deepEqual(said, [{ speaker: "CUSTOMER", text: "Hello", at, until }]);
  await centre.customer(call, "hang-up");
  assert.equal(await status("POST", `contacts/${centre.InstanceId}/${call}/hang-up`), 409);
  assert.equal(
    await status("POST", `contacts/${centre.InstanceId}/${call}/say`, { speaker: "AGENT", text: "Hi" }),
    409,
  );

  const { InstanceId, connect, statuses } = centre;
  const put = (input: object) =>
    connect.send(new PutUserStatusCommand({ InstanceId, UserId: agent, ...input } as never));
  await assert.rejects(put({ AgentStatusId: NOBODY }), { name: "ResourceNotFoundException" });
  await assert.rejects(put({ UserId: NOBODY, AgentStatusId: statuses.Offline }), { name: "ResourceNotFoundException" });
  const dismiss = { InstanceId, UserId: agent, ContactId: NOBODY };
  await assert.rejects(connect.send(new DismissUserContactCommand(dismiss)), { name: "ResourceNotFoundException" });
});

inCentre("who is signed in learns of another routing profile, and a deleted user leaves", async (centre) => {
  const { InstanceId, connect, queueId } = centre;
  const agent = await centre.agent("vic");
  const concurrency = (slots: number, BehaviorType: "ROUTE_ANY_CHANNEL" | "ROUTE_CURRENT_CHANNEL_ONLY") => [
    { Channel: "CHAT" as const, Concurrency: slots, CrossChannelBehavior: { BehaviorType } },
    { Channel: "TASK" as const, Concurrency: 1, CrossChannelBehavior: { BehaviorType } },
  ];
  const { RoutingProfileId } = await connect.send(
    new CreateRoutingProfileCommand({
      InstanceId,
      Name: "Chats and tasks",
      Description: "Both",
      DefaultOutboundQueueId: queueId,
      MediaConcurrencies: concurrency(1, "ROUTE_CURRENT_CHANNEL_ONLY"),
      QueueConfigs: (["CHAT", "TASK"] as const).map((Channel) => ({
        QueueReference: { QueueId: queueId, Channel },
        Priority: 1,
        Delay: Channel === "TASK" ? 30 : 0,
      })),
    }),
  );
  await connect.send(new UpdateUserRoutingProfileCommand({ InstanceId, UserId: agent, RoutingProfileId }));
  await centre.arrive(CALL);
  assert.deepEqual(await states(centre, agent), []);
  const [chat, task] = [await centre.arrive({ channel: "CHAT" }), await centre.arrive({ channel: "TASK", name: "A" })];
  await server.advance("PT30S");
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id }) => id),
    [chat],
  );
  await centre.act(agent, "clear", { contactId: chat });
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id }) => id),
    [chat],
  );
  await centre.act(agent, "accept", { contactId: chat });
  await connect.send(
    new UpdateRoutingProfileConcurrencyCommand({
      InstanceId,
      RoutingProfileId,
      MediaConcurrencies: concurrency(2, "ROUTE_ANY_CHANNEL"),
    }),
  );
  await server.advance("PT0S");
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id }) => id),
    [chat, task],
  );
  const late = await centre.agent("wes", { isOffline: true });
  await connect.send(new UpdateUserRoutingProfileCommand({ InstanceId, UserId: late, RoutingProfileId }));
  await connect.send(new DeleteUserCommand({ InstanceId, UserId: agent }));
  assert.deepEqual((await centre.types(chat)).slice(-2), ["DISCONNECTED", "COMPLETED"]);
  await centre.status(late, "Available");
  assert.deepEqual(
    (await centre.view(late)).contacts.map(({ id }) => id),
    [task],
  );
});

inCentre("a supervisor listens, takes part, and leaves with the call", async (centre) => {
  const { InstanceId, connect } = centre;
  const agent = await centre.agent("xia");
  const ContactId = await centre.arrive(CALL);
  const monitor = (UserId: string, id: string = ContactId, ClientToken?: string) => {
    const AllowedMonitorCapabilities: MonitorCapability[] = ["SILENT_MONITOR", "BARGE"];
    return connect.send(
      new MonitorContactCommand({ InstanceId, ContactId: id, UserId, ClientToken, AllowedMonitorCapabilities }),
    );
  };
  const supervisor = await centre.agent("yan");
  await assert.rejects(monitor(supervisor), { name: "InvalidRequestException" });
  await centre.act(agent, "accept", { contactId: ContactId });
  await server.advance("PT5S");
  const { ContactId: listening = "" } = await monitor(supervisor, ContactId, "once");
  assert.equal((await monitor(supervisor, ContactId, "once")).ContactId, listening);
  await assert.rejects(monitor(agent, ContactId, "once"), { name: "IdempotencyException" });
  await assert.rejects(monitor(NOBODY), { name: "ResourceNotFoundException" });
  await assert.rejects(monitor(supervisor, NOBODY), { name: "ResourceNotFoundException" });
  await assert.rejects(monitor(supervisor), { name: "InvalidRequestException" });
  await server.advance("PT5S");
  await centre.act(supervisor, "barge", { contactId: listening });
  await assert.rejects(centre.act(supervisor, "barge", { contactId: listening }), /409/);
  await server.advance("PT5S");
  await centre.customer(ContactId, "hang-up");
  assert.deepEqual(await states(centre, supervisor), ["ENDED"]);
  await centre.act(supervisor, "clear", { contactId: listening });
  await centre.act(agent, "clear", { contactId: ContactId });
  assert.deepEqual(await centre.types(listening), ["INITIATED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"]);
  const { contactEvents } = await centre.streams();
  const ended = contactEvents.find(({ detail }) => detail.contactId === listening && detail.eventType === "COMPLETED");
  assert.deepEqual(
    ended?.detail.agentInfo?.stateTransitions?.map(({ state }) => state),
    ["SILENT_MONITOR", "BARGE"],
  );
});

inCentre("a supervisor takes the customer over, and whoever only listens leaves", async (centre) => {
  const { InstanceId, connect } = centre;
  const agent = await centre.agent("zoe");
  const ContactId = await centre.arrive(CALL);
  await centre.act(agent, "accept", { contactId: ContactId });
  const [supervisor, listener] = [await centre.agent("abe"), await centre.agent("bob")];
  const away = await centre.agent("col", { isOffline: true });
  const monitor = async (UserId: string, AllowedMonitorCapabilities?: MonitorCapability[]) => {
    const input = { InstanceId, ContactId, UserId, AllowedMonitorCapabilities };
    return (await connect.send(new MonitorContactCommand(input))).ContactId ?? "";
  };
  await assert.rejects(monitor(away), { name: "AccessDeniedException" });
  const listening = await monitor(listener);
  await assert.rejects(centre.act(listener, "barge", { contactId: listening }), /409.*capability BARGE/);
  const taking = await monitor(supervisor, ["BARGE"]);
  await assert.rejects(centre.act(supervisor, "take-over", { contactId: taking }), /409/);
  await centre.act(supervisor, "barge", { contactId: taking });
  await server.advance("PT5S");
  await centre.act(supervisor, "take-over", { contactId: taking });
  assert.equal((await centre.describe(ContactId)).DisconnectReason, "BARGED");
  for (const [user, state] of [
    [agent, "ENDED"],
    [listener, "ENDED"],
    [supervisor, "CONNECTED"],
  ] as const) {
    assert.deepEqual(await states(centre, user), [state]);
  }
  await assert.rejects(centre.act(supervisor, "take-over", { contactId: taking }), /409/);
  await server.advance("PT5S");
  await centre.customer(taking, "hang-up");
  assert.equal((await centre.describe(taking)).DisconnectReason, "CUSTOMER_DISCONNECT");
  assert.deepEqual(await states(centre, supervisor), ["ENDED"]);
});
