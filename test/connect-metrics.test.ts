/** Metrics of the contact centre: what they show is what agents and contacts are. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateQueueCommand,
  CreateRoutingProfileCommand,
  type CurrentMetricName,
  GetCurrentMetricDataCommand,
  type GetCurrentMetricDataCommandInput,
  GetCurrentUserDataCommand,
  GetMetricDataV2Command,
  type GetMetricDataV2CommandInput,
  ListHoursOfOperationsCommand,
  type MetricV2,
  PutUserStatusCommand,
  StartTaskContactCommand,
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
    await centre.act(agent, act, { contactId, to: { queueId: centre.queueId } }).catch(isRefused);
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
    [{ Filters: { ...queue, Subtypes: ["connect:Telephony"] } }, /Subtypes/],
    [{ Groupings: ["SUBTYPE"] }, /SUBTYPE/],
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

const HISTORICAL: readonly MetricV2[] = [
  ...["CONTACTS_CREATED", "CONTACTS_QUEUED", "CONTACTS_HANDLED", "CONTACTS_ABANDONED", "CONTACTS_TRANSFERRED_OUT"],
  ...["ABANDONMENT_RATE", "AVG_HANDLE_TIME", "AVG_INTERACTION_TIME", "AVG_HOLD_TIME", "AVG_AFTER_CONTACT_WORK_TIME"],
  ...["AVG_QUEUE_ANSWER_TIME", "AVG_ABANDON_TIME", "MAX_QUEUED_TIME", "SUM_HANDLE_TIME"],
].map((Name) => ({ Name }));

type AskedHistory = Partial<GetMetricDataV2CommandInput>;

function historical({ connect, InstanceId, queueId }: Centre, asked: AskedHistory = {}) {
  const nowMs = server.app.platform().clock.now();
  const input = {
    ResourceArn: `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`,
    StartTime: new Date(nowMs - 2 * 60 * 60_000),
    EndTime: new Date(nowMs),
    Filters: [{ FilterKey: "QUEUE", FilterValues: [queueId] }],
    Metrics: [...HISTORICAL],
    ...asked,
  };
  return connect.send(new GetMetricDataV2Command(input));
}

/** The values of the only result. */
async function history(centre: Centre, asked: AskedHistory = {}): Promise<Record<string, number | undefined>> {
  const { MetricResults = [] } = await historical(centre, asked);
  assert.equal(MetricResults.length, 1);
  return Object.fromEntries((MetricResults[0]?.Collections ?? []).map(({ Metric, Value }) => [Metric?.Name, Value]));
}

/** Call A waits 11 s, is held for 46 of 84 s and has 35 s of after-contact work; call B is abandoned after 102 s. */
async function callsAAndB(centre: Centre): Promise<string> {
  const agent = await centre.agent("priya");
  const a = await centre.arrive(CALL);
  await server.advance("PT11S");
  await centre.act(agent, "accept", { contactId: a });
  await server.advance("PT20S");
  await centre.act(agent, "hold", { contactId: a });
  await server.advance("PT46S");
  await centre.act(agent, "resume", { contactId: a });
  await server.advance("PT18S");
  await centre.customer(a, "hang-up");
  await server.advance("PT35S");
  await centre.act(agent, "clear", { contactId: a });
  await centre.status(agent, "Offline");
  const b = await centre.arrive(CALL);
  await server.advance("PT102S");
  await centre.customer(b, "hang-up");
  await server.advance("PT10M");
  return agent;
}

test("historical metrics are the sums of contact records", async () => {
  const centre = await newCentre();
  const agent = await callsAAndB(centre);
  const expected = {
    CONTACTS_CREATED: 2,
    CONTACTS_QUEUED: 2,
    CONTACTS_HANDLED: 1,
    CONTACTS_ABANDONED: 1,
    CONTACTS_TRANSFERRED_OUT: 0,
    ABANDONMENT_RATE: 50,
    AVG_HANDLE_TIME: 119,
    AVG_INTERACTION_TIME: 38,
    AVG_HOLD_TIME: 46,
    AVG_AFTER_CONTACT_WORK_TIME: 35,
    AVG_QUEUE_ANSWER_TIME: 11,
    AVG_ABANDON_TIME: 102,
    MAX_QUEUED_TIME: 102,
    SUM_HANDLE_TIME: 119,
  };
  assert.deepEqual(await history(centre), expected);

  const { records } = await centre.streams();
  const parts = records.map((record) => record as unknown as Record<"Agent" | "Queue", Record<string, number> | null>);
  const sum = (part: "Agent" | "Queue", name: string) =>
    parts.reduce((total, record) => total + (record[part]?.[name] ?? 0), 0);
  const handled = ["AgentInteractionDuration", "CustomerHoldDuration", "AfterContactWorkDuration"];
  assert.equal(
    handled.reduce((total, name) => total + sum("Agent", name), 0),
    expected.SUM_HANDLE_TIME,
  );
  assert.equal(sum("Queue", "Duration"), expected.AVG_QUEUE_ANSWER_TIME + expected.AVG_ABANDON_TIME);

  const level = (Comparison: string, ThresholdValue: number) =>
    history(centre, { Metrics: [{ Name: "SERVICE_LEVEL", Threshold: [{ Comparison, ThresholdValue }] }] });
  assert.deepEqual(await level("LT", 20), { SERVICE_LEVEL: 50 });
  assert.deepEqual(await level("LT", 11), { SERVICE_LEVEL: 0 });
  assert.deepEqual(await level("LTE", 11), { SERVICE_LEVEL: 50 });

  const handledBy = { Metrics: [{ Name: "CONTACTS_HANDLED" }], Groupings: ["AGENT", "CHANNEL"] };
  const byAgent = await historical(centre, handledBy);
  assert.deepEqual(byAgent.MetricResults?.[0]?.Dimensions, { AGENT: agent, CHANNEL: "VOICE" });
  const Filters = [{ FilterKey: "AGENT", FilterValues: [agent] }];
  assert.deepEqual(await history(centre, { Filters, Metrics: [{ Name: "CONTACTS_QUEUED" }] }), { CONTACTS_QUEUED: 1 });
  const inbound = { MetricFilterKey: "INITIATION_METHOD", MetricFilterValues: ["INBOUND"], Negate: true };
  const others = { Metrics: [{ Name: "CONTACTS_CREATED", MetricFilters: [inbound] }] };
  assert.deepEqual(await history(centre, others), { CONTACTS_CREATED: 0 });

  const Interval = { IntervalPeriod: "FIFTEEN_MIN", TimeZone: "UTC" } as const;
  const first = await historical(centre, { Interval, MaxResults: 1 });
  assert.equal(first.MetricResults?.[0]?.MetricInterval?.Interval, "FIFTEEN_MIN");
  const queued = [{ Name: "CONTACTS_QUEUED" }];
  const { MetricResults = [] } = await historical(centre, { Interval, Metrics: queued });
  assert.equal(
    MetricResults.reduce((total, { Collections }) => total + (Collections?.[0]?.Value ?? 0), 0),
    2,
  );

  await centre.act(agent, "sign-out");
  await server.advance("PT48H");
  const nowMs = server.app.platform().clock.now();
  const StartTime = new Date(nowMs - 10 * 24 * 60 * 60_000);
  assert.deepEqual(await history(centre, { StartTime }), expected, "read in whole days");
  assert.deepEqual((await historical(centre)).MetricResults, []);
});

test("what historical metrics cannot answer is refused by name", async () => {
  const centre = await newCentre();
  const nowMs = server.app.platform().clock.now();
  const ago = (hours: number) => new Date(nowMs - hours * 60 * 60_000);
  const queue = { FilterKey: "QUEUE", FilterValues: [centre.queueId] };
  const refused: readonly (readonly [AskedHistory, RegExp])[] = [
    [{ ResourceArn: "arn:aws:connect:us-east-1:000000000000:something" }, /ResourceArn/],
    [{ EndTime: ago(-1) }, /future/],
    [{ StartTime: ago(0) }, /before EndTime/],
    [{ StartTime: ago(24 * 100), EndTime: ago(24 * 99) }, /3 months/],
    [{ StartTime: ago(24 * 4), Interval: { IntervalPeriod: "HOUR" } }, /3 days/],
    [{ StartTime: ago(24 * 35) }, /35 days/],
    [{ Interval: { TimeZone: "Europe/London" } }, /London/],
    [{ Filters: [{ FilterKey: "CHANNEL", FilterValues: ["VOICE"] }] }, /one of AGENT, QUEUE/],
    [{ Filters: [queue, { FilterKey: "FEATURE", FilterValues: ["x"] }] }, /FEATURE/],
    [{ Filters: [queue, queue] }, /once/],
    [{ Groupings: ["FEATURE"] }, /FEATURE/],
    [{ Groupings: ["QUEUE", "QUEUE"] }, /once/],
    [{ Metrics: [{ Name: "AVG_TALK_TIME" }] }, /AVG_TALK_TIME/],
    [{ Metrics: [{ Name: "SERVICE_LEVEL" }] }, /threshold/],
    [{ Metrics: [{ Name: "CONTACTS_QUEUED", Threshold: [{ Comparison: "LT", ThresholdValue: 1 }] }] }, /threshold/],
    [{ Metrics: [{ Name: "CONTACTS_QUEUED", MetricFilters: [{ MetricFilterKey: "FEATURE" }] }] }, /FEATURE/],
    [{ NextToken: "forged" }, /NextToken/],
  ];
  for (const [asked, message] of refused) {
    await assert.rejects(historical(centre, asked), { name: "InvalidParameterException", message });
  }
  for (const FilterKey of ["QUEUE", "ROUTING_PROFILE", "AGENT"]) {
    const Filters = [{ FilterKey, FilterValues: [NOBODY] }];
    await assert.rejects(historical(centre, { Filters }), { name: "ResourceNotFoundException" });
  }
});
