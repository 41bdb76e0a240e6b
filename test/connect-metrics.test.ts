/** Metrics of the contact centre: what they show is what agents and contacts are. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateQueueCommand,
  CreateRoutingProfileCommand,
  type CurrentMetricName,
  type CurrentMetricResult,
  GetCurrentMetricDataCommand,
  type GetCurrentMetricDataCommandInput,
  GetCurrentUserDataCommand,
  type Grouping,
  ListHoursOfOperationsCommand,
  PutUserStatusCommand,
  StartTaskContactCommand,
  StartWebRTCContactCommand,
  UpdateUserRoutingProfileCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centres: Centre[] = [];
const NOBODY = "00000000-0000-4000-8000-000000000000";
const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };

async function newCentre(): Promise<Centre> {
  const centre = await openCentre(server);
  centres.push(centre);
  return centre;
}

after(async () => {
  for (const centre of centres) centre.connect.destroy();
});

const ALL: readonly CurrentMetricName[] = [
  "AGENTS_ONLINE",
  "AGENTS_AVAILABLE",
  "AGENTS_ON_CALL",
  "AGENTS_ON_CONTACT",
  "AGENTS_NON_PRODUCTIVE",
  "AGENTS_AFTER_CONTACT_WORK",
  "AGENTS_ERROR",
  "AGENTS_STAFFED",
  "CONTACTS_IN_QUEUE",
  "CONTACTS_SCHEDULED",
  "OLDEST_CONTACT_AGE",
  "SLOTS_ACTIVE",
  "SLOTS_AVAILABLE",
  "ESTIMATED_WAIT_TIME",
];

type Asked = Partial<Omit<GetCurrentMetricDataCommandInput, "InstanceId">>;

function current({ connect, InstanceId, queueId }: Centre, asked: Asked = {}) {
  const CurrentMetrics = ALL.map((Name) => ({ Name }));
  const input = { InstanceId, Filters: { Queues: [queueId] }, CurrentMetrics, ...asked };
  return connect.send(new GetCurrentMetricDataCommand(input));
}

/** The metrics that are not 0, of the whole queue; times in milliseconds. */
async function figures(centre: Centre, asked: Asked = {}): Promise<Record<string, number | undefined>> {
  const { MetricResults = [] } = await current(centre, asked);
  const found = MetricResults.flatMap(({ Collections = [] }) => Collections).filter(({ Value }) => Value !== 0);
  return Object.fromEntries(found.map(({ Metric, Value }) => [Metric?.Name, Value]));
}

test("real-time metrics follow every change of agents and contacts", async () => {
  const centre = await newCentre();
  assert.deepEqual((await current(centre)).MetricResults, [], "nobody there");

  const waiting = await centre.arrive(CALL);
  await server.advance("PT42S");
  assert.deepEqual(await figures(centre), {
    CONTACTS_IN_QUEUE: 1,
    OLDEST_CONTACT_AGE: 42_000,
    ESTIMATED_WAIT_TIME: undefined,
  });
  const byQueue = await figures(centre, { Groupings: ["QUEUE"] });
  assert.equal(byQueue.OLDEST_CONTACT_AGE, 42, "in seconds where it is grouped");

  const priya = await centre.agent("priya");
  const here = { AGENTS_ONLINE: 1, AGENTS_STAFFED: 1 };
  const ringing = await figures(centre, { Filters: { Queues: [centre.queueId], Channels: ["VOICE"] } });
  assert.deepEqual(ringing, { ...here, SLOTS_ACTIVE: 1 });

  const onContact = { AGENTS_ON_CALL: 1, AGENTS_ON_CONTACT: 1, SLOTS_ACTIVE: 1 };
  const voice = { Filters: { Queues: [centre.queueId], Channels: ["VOICE"] } } satisfies Asked;
  await centre.act(priya, "accept", { contactId: waiting });
  assert.deepEqual(await figures(centre, voice), { ...here, ...onContact });
  await centre.act(priya, "hold", { contactId: waiting });
  assert.deepEqual(await figures(centre, voice), { ...here, ...onContact });
  assert.deepEqual(await figures(centre, { Filters: { Queues: [centre.queueId], Channels: ["EMAIL"] } }), here);

  await server.advance("PT30S");
  await centre.customer(waiting, "hang-up");
  assert.deepEqual(await figures(centre, voice), { ...here, ...onContact, AGENTS_AFTER_CONTACT_WORK: 1 });
  await server.advance("PT10S");
  await centre.act(priya, "clear", { contactId: waiting });
  assert.deepEqual(await figures(centre, voice), { ...here, AGENTS_AVAILABLE: 1, SLOTS_AVAILABLE: 1 });

  const missed = await centre.arrive(CALL);
  await server.advance("PT21S");
  assert.deepEqual(await figures(centre, voice), {
    ...here,
    AGENTS_ERROR: 1,
    SLOTS_ACTIVE: 1,
    CONTACTS_IN_QUEUE: 1,
    OLDEST_CONTACT_AGE: 21_000,
    ESTIMATED_WAIT_TIME: 40,
  });
  await centre.customer(missed, "hang-up");
  await centre.act(priya, "clear", { contactId: missed });
  await centre.act(priya, "sign-out");
  assert.deepEqual((await current(centre)).MetricResults, []);
});

test("what is counted agrees with what each agent is shown to do, whatever happened before", async () => {
  const centre = await newCentre();
  const { connect, InstanceId, profileId } = centre;
  const agents = [await centre.agent("priya"), await centre.agent("tom"), await centre.agent("mia")];
  const acts = ["accept", "hold", "clear", "reject", "hang-up", "resume", "transfer", "sign-out", "sign-in", "leave"];
  for (let step = 0; step < 90; step++) {
    const agent = agents[step % agents.length] ?? "";
    if (step % 4 === 0) await centre.arrive(step % 8 === 0 ? CALL : { channel: "CHAT" });
    const held = (await centre.view(agent)).contacts;
    const contactId = held[step % Math.max(held.length, 1)]?.id ?? NOBODY;
    const act = acts[(step * 7) % acts.length] ?? "";
    const isRefused = () => undefined;
    const body = act.startsWith("sign-")
      ? {}
      : { contactId, ...(act === "transfer" && { to: { queueId: centre.queueId } }) };
    await centre.act(agent, act, body).catch(isRefused);
    if (step % 5 === 0) await centre.status(agent, "Available").catch(isRefused);
    if (step % 6 === 0) await server.advance("PT9S");

    const Filters = { RoutingProfiles: [profileId] };
    const { UserDataList = [] } = await connect.send(new GetCurrentUserDataCommand({ InstanceId, Filters }));
    const slots = (name: "ActiveSlotsByChannel" | "AvailableSlotsByChannel") =>
      UserDataList.flatMap((user) => Object.values(user[name] ?? {})).reduce((total, count) => total + count, 0);
    const shown = await figures(centre);
    assert.equal(
      shown.AGENTS_ONLINE ?? 0,
      UserDataList.filter(({ Status }) => Status?.StatusName !== "Offline").length,
    );
    assert.equal(shown.SLOTS_ACTIVE ?? 0, slots("ActiveSlotsByChannel"));
    assert.equal(shown.SLOTS_AVAILABLE ?? 0, slots("AvailableSlotsByChannel"));
    const ended = UserDataList.flatMap(({ Contacts = [] }) => Contacts).filter(
      (one) => one.AgentContactState === "ENDED",
    );
    assert.equal(shown.AGENTS_AFTER_CONTACT_WORK ?? 0, ended.length);
    const bySubtype = await current(centre, { Groupings: ["SUBTYPE"] });
    for (const name of ["CONTACTS_IN_QUEUE", "SLOTS_ACTIVE", "AGENTS_AFTER_CONTACT_WORK"] as const) {
      const values = (bySubtype.MetricResults ?? []).map((result) => valueOfMetric(result, name) ?? 0);
      assert.equal(
        values.reduce((sum, value) => sum + value, 0),
        shown[name] ?? 0,
        `${name} is the sum over subtypes`,
      );
    }
  }
});

function valueOfMetric({ Collections = [] }: CurrentMetricResult, name: string): number | undefined {
  return Collections.find(({ Metric }) => Metric?.Name === name)?.Value;
}

test("real-time metrics tell apart by subtype", async () => {
  const centre = await newCentre();
  const { connect, InstanceId, queueId, flowId: ContactFlowId } = centre;
  const odd = "my,odd/sub%type";
  await centre.arrive(CALL);
  await server.advance("PT5S");
  await connect.send(
    new StartWebRTCContactCommand({ InstanceId, ContactFlowId, ParticipantDetails: { DisplayName: "Mara" } }),
  );
  await centre.arrive({ channel: "CHAT" });
  await server.advance("PT7S");
  await connect.send(
    new StartTaskContactCommand({
      InstanceId,
      ContactFlowId,
      Name: "A task",
      SegmentAttributes: { "connect:Subtype": { ValueString: odd } },
    }),
  );
  const CurrentMetrics = (["CONTACTS_IN_QUEUE", "OLDEST_CONTACT_AGE"] as const).map((Name) => ({ Name }));
  const bySubtype = async (Filters: object, Groupings: readonly Grouping[] = ["QUEUE", "SUBTYPE"]) => {
    const { MetricResults = [] } = await current(centre, {
      Filters: { Queues: [queueId], ...Filters },
      Groupings: [...Groupings],
      CurrentMetrics,
    });
    return new Map(
      MetricResults.map((result) => [
        result.Dimensions?.Subtype ?? "",
        [valueOfMetric(result, "CONTACTS_IN_QUEUE"), valueOfMetric(result, "OLDEST_CONTACT_AGE")],
      ]),
    );
  };
  const calls = new Map([
    ["connect:Telephony", [1, 12]],
    ["connect:WebRTC", [1, 7]],
  ]);
  const all = new Map([...calls, ["connect:Chat", [1, 7]], [odd, [1, 0]]]);
  assert.deepEqual(await bySubtype({}), all);
  assert.deepEqual(await bySubtype({ Channels: ["VOICE"] }), calls);
  assert.deepEqual(await bySubtype({ Channels: ["VOICE"] }, ["CHANNEL", "SUBTYPE"]), calls);
  assert.deepEqual(await bySubtype({ Subtypes: [odd] }), new Map([[odd, [1, 0]]]));
  assert.deepEqual(
    await bySubtype({ Subtypes: ["connect:WebRTC", odd] }, ["QUEUE"]),
    new Map([["", [2, 7]]]),
    "together",
  );
  assert.deepEqual(await bySubtype({ Subtypes: ["connect:SMS"] }), new Map());

  const agent = await centre.agent("priya");
  const [ringing] = (await centre.view(agent)).contacts;
  await centre.act(agent, "accept", { contactId: ringing?.id });
  const of = (subtype: string) => figures(centre, { Filters: { Queues: [queueId], Subtypes: [subtype] } });
  const subtypeAt = async (contactId: string) =>
    (await centre.describe(contactId)).SegmentAttributes?.["connect:Subtype"]?.ValueString ?? "";
  const taken = await Promise.all((await centre.view(agent)).contacts.map(({ id }) => subtypeAt(id)));
  assert.ok(taken.length > 0);
  for (const subtype of all.keys()) {
    const shown = await of(subtype);
    assert.equal(shown.AGENTS_ONLINE, 1, "whatever the subtype");
    assert.equal(shown.SLOTS_ACTIVE ?? 0, taken.filter((one) => one === subtype).length, subtype);
    assert.equal(shown.AGENTS_ON_CONTACT ?? 0, subtype === (await subtypeAt(ringing?.id ?? "")) ? 1 : 0, subtype);
  }
});

test("a slot that is free for a channel is free for each subtype of it", async () => {
  const centre = await newCentre();
  await centre.agent("priya");
  for (const [channel, subtypes] of [
    ["VOICE", ["connect:Telephony", "connect:WebRTC"]],
    ["CHAT", ["connect:Chat", "connect:SMS"]],
    ["TASK", ["connect:Task"]],
    ["EMAIL", ["connect:Email"]],
  ] as const) {
    const Queues = [centre.queueId];
    const { SLOTS_AVAILABLE, AGENTS_AVAILABLE } = await figures(centre, { Filters: { Queues, Channels: [channel] } });
    assert.equal(AGENTS_AVAILABLE, 1, channel);
    for (const subtype of subtypes) {
      const free = await figures(centre, { Filters: { Queues, Subtypes: [subtype] } });
      assert.deepEqual([free.SLOTS_AVAILABLE, free.AGENTS_AVAILABLE], [SLOTS_AVAILABLE, AGENTS_AVAILABLE], subtype);
    }
  }
});

test("callbacks are scheduled until their delay is over", async () => {
  const centre = await newCentre();
  const call = await centre.arrive(CALL);
  await centre.customer(call, "callback", { delaySeconds: 60 });
  assert.equal((await figures(centre)).CONTACTS_SCHEDULED, 1);
  await server.advance("PT61S");
  const { CONTACTS_SCHEDULED, CONTACTS_IN_QUEUE } = await figures(centre);
  assert.deepEqual([CONTACTS_SCHEDULED, CONTACTS_IN_QUEUE], [undefined, 1]);
});

test("metrics are grouped by queue, channel, routing profile and status, sorted and paged", async () => {
  const centre = await newCentre();
  const { connect, InstanceId, flowId: ContactFlowId, profileId, queueId } = centre;
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id;
  const second = await connect.send(new CreateQueueCommand({ InstanceId, Name: "Second", HoursOfOperationId }));
  const secondId = second.QueueId ?? "";
  const profile = await connect.send(
    new CreateRoutingProfileCommand({
      InstanceId,
      Name: "Second only",
      Description: "Tasks of the second queue",
      DefaultOutboundQueueId: queueId,
      MediaConcurrencies: [{ Channel: "TASK", Concurrency: 2 }],
      QueueConfigs: [{ QueueReference: { QueueId: secondId, Channel: "TASK" }, Priority: 1, Delay: 0 }],
    }),
  );
  const secondProfile = profile.RoutingProfileId ?? "";
  const priya = await centre.agent("priya");
  const tom = await centre.agent("tom");
  await connect.send(new UpdateUserRoutingProfileCommand({ InstanceId, UserId: tom, RoutingProfileId: secondProfile }));
  await server.advance("PT1S");
  const AgentStatusId = centre.statuses.Available;
  await connect.send(new PutUserStatusCommand({ InstanceId, UserId: priya, AgentStatusId }));
  for (let number = 0; number < 5; number++) {
    await connect.send(new StartTaskContactCommand({ InstanceId, ContactFlowId, Name: "A task" }));
  }
  const inQueue: Asked = { CurrentMetrics: [{ Name: "CONTACTS_IN_QUEUE", Unit: "COUNT" }] };
  const Filters = { Queues: [queueId, second.QueueArn ?? ""] };
  const onlineOf = { Filters, CurrentMetrics: [{ Name: "AGENTS_ONLINE" }] } satisfies Asked;

  const byProfile = await current(centre, { ...onlineOf, Groupings: ["ROUTING_PROFILE"] });
  const online = byProfile.MetricResults?.map(({ Dimensions, Collections }) => [
    Dimensions?.RoutingProfile?.Id,
    Collections?.[0]?.Value,
  ]);
  assert.deepEqual(
    new Map(online as [string, number][]),
    new Map([
      [profileId, 1],
      [secondProfile, 1],
    ]),
  );

  const byStatus = await current(centre, { ...onlineOf, Groupings: ["QUEUE", "AGENT_STATUS"] });
  assert.equal(byStatus.ApproximateTotalCount, 2);
  assert.ok(byStatus.MetricResults?.every(({ Dimensions }) => Dimensions?.AgentStatus?.Id === AgentStatusId));
  const ofOffline = { ...Filters, AgentStatuses: [centre.statuses.Offline ?? ""] };
  assert.deepEqual(await figures(centre, { ...onlineOf, Filters: ofOffline }), {});

  const byChannel = await current(centre, { ...inQueue, Filters, Groupings: ["QUEUE", "CHANNEL"] });
  const waiting = byChannel.MetricResults?.filter(({ Collections }) => Collections?.[0]?.Value !== 0);
  assert.deepEqual(
    waiting?.map(({ Dimensions, Collections }) => [
      Dimensions?.Queue?.Id,
      Dimensions?.Channel,
      Collections?.[0]?.Value,
    ]),
    [[queueId, "TASK", 4]],
  );

  const sorted: Asked = {
    ...inQueue,
    Filters,
    Groupings: ["QUEUE"],
    SortCriteria: [{ SortByMetric: "CONTACTS_IN_QUEUE", SortOrder: "ASCENDING" }],
    MaxResults: 1,
  };
  const first = await current(centre, sorted);
  assert.equal(first.MetricResults?.[0]?.Dimensions?.Queue?.Id, secondId);
  const follow = { ...sorted, NextToken: first.NextToken };
  const next = await current(centre, follow);
  assert.equal(next.MetricResults?.[0]?.Dimensions?.Queue?.Id, queueId);
  assert.equal(next.NextToken, undefined);
  await server.advance("PT6M");
  await assert.rejects(current(centre, follow), { name: "InvalidParameterException" }, "five minutes later");

  const ofProfile = await figures(centre, { Filters: { RoutingProfiles: [profileId] } });
  assert.deepEqual(
    [ofProfile.AGENTS_ONLINE, ofProfile.CONTACTS_IN_QUEUE],
    [1, 5],
    "the task that was missed waits again",
  );
});

test("what real-time metrics cannot answer is refused by name", async () => {
  const centre = await newCentre();
  const queue = { Queues: [centre.queueId] };
  const refused: readonly (readonly [Asked, RegExp])[] = [
    [{ Filters: {} }, /queues or routing profiles/],
    [{ Filters: { ...queue, RoutingProfiles: [centre.profileId] } }, /not both/],
    [{ Filters: { RoutingProfiles: [centre.profileId], Channels: ["VOICE"] } }, /Channels/],
    [{ Filters: { RoutingProfiles: [centre.profileId], Subtypes: ["connect:Telephony"] } }, /Subtypes/],
    [{ Filters: { ...queue, ValidationTestTypes: ["x"] } }, /ValidationTestTypes/],
    [{ Groupings: ["ROUTING_STEP_EXPRESSION"] }, /ROUTING_STEP_EXPRESSION/],
    [{ Groupings: ["QUEUE", "QUEUE"] }, /once/],
    [{ Groupings: ["QUEUE", "AGENT_STATUS"] }, /AGENTS_ONLINE only/],
    [{ Groupings: ["AGENT_STATUS"], CurrentMetrics: [{ Name: "AGENTS_ONLINE" }] }, /after QUEUE/],
    [{ CurrentMetrics: [] }, /CurrentMetrics/],
    [{ CurrentMetrics: [{ MetricId: "11111111-1111-4111-8111-111111111111" }] }, /not supported/],
    [{ CurrentMetrics: [{ Name: "AGENTS_ONLINE", Unit: "SECONDS" }] }, /COUNT/],
    [{ SortCriteria: [{ SortByMetric: "SLOTS_ACTIVE" }] }, /SLOTS_ACTIVE/],
    [{ NextToken: "forged" }, /NextToken/],
  ];
  for (const [asked, message] of refused) {
    await assert.rejects(current(centre, asked), { name: "InvalidParameterException", message });
  }
  await assert.rejects(current(centre, { Filters: { Queues: [NOBODY] } }), { name: "ResourceNotFoundException" });
  const elsewhere = new GetCurrentMetricDataCommand({
    InstanceId: NOBODY,
    Filters: queue,
    CurrentMetrics: [{ Name: "AGENTS_ONLINE" }],
  });
  await assert.rejects(centre.connect.send(elsewhere), { name: "ResourceNotFoundException" });
});

test("users' data says what each agent does", async () => {
  const centre = await newCentre();
  const { connect, InstanceId, queueId, profileId } = centre;
  const priya = await centre.agent("priya");
  const tom = await centre.agent("tom", { isOffline: true });
  const call = await centre.arrive(CALL);
  await centre.act(priya, "accept", { contactId: call });
  await centre.status(priya, "Offline");
  const data = (Filters: object, more: object = {}) =>
    connect.send(new GetCurrentUserDataCommand({ InstanceId, Filters, ...more }));

  for (const Filters of [{ Agents: [priya, tom] }, { Queues: [queueId] }, { RoutingProfiles: [profileId] }]) {
    const { UserDataList = [], ApproximateTotalCount } = await data(Filters);
    assert.equal(ApproximateTotalCount, 1, "tom is not signed in");
    const [user] = UserDataList;
    assert.equal(user?.User?.Id, priya);
    assert.equal(user?.RoutingProfile?.Id, profileId);
    assert.equal(user?.Status?.StatusName, "Available");
    assert.equal(user?.NextStatus, "Offline");
    assert.equal(user?.ActiveSlotsByChannel?.VOICE, 1);
    assert.equal(user?.AvailableSlotsByChannel?.VOICE, 0);
    assert.equal(user?.MaxSlotsByChannel?.VOICE, 1);
    const [contact] = user?.Contacts ?? [];
    assert.deepEqual(
      [contact?.ContactId, contact?.Channel, contact?.InitiationMethod, contact?.AgentContactState, contact?.Queue?.Id],
      [call, "VOICE", "INBOUND", "CONNECTED", queueId],
    );
    assert.ok(contact?.ConnectedToAgentTimestamp && contact.StateStartTimestamp);
  }
  const connected = { ContactFilter: { ContactStates: ["CONNECTED"] } };
  assert.equal((await data({ Agents: [priya], ...connected })).UserDataList?.length, 1);
  const ended = { ContactFilter: { ContactStates: ["ENDED"] } };
  assert.equal((await data({ Agents: [priya], ...ended })).UserDataList?.length, 0);

  await centre.act(tom, "sign-in");
  const first = await data({ RoutingProfiles: [profileId] }, { MaxResults: 1 });
  const next = await data({ RoutingProfiles: [profileId] }, { MaxResults: 1, NextToken: first.NextToken });
  const ids = [first, next].map(({ UserDataList }) => UserDataList?.[0]?.User?.Id);
  assert.deepEqual(ids, [priya, tom].sort());

  await assert.rejects(data({}), { name: "InvalidParameterException" });
  await assert.rejects(data({ Agents: [priya], Queues: [queueId] }), { name: "InvalidParameterException" });
  await assert.rejects(data({ Agents: [priya] }, { NextToken: "forged" }), { name: "InvalidParameterException" });
  for (const name of ["Agents", "Queues", "RoutingProfiles", "UserHierarchyGroups"]) {
    await assert.rejects(data({ [name]: [NOBODY] }), { name: "ResourceNotFoundException" });
  }
});
