/** Historical metrics: what they say is what contact records and agent events told. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateAgentStatusCommand,
  CreateContactFlowCommand,
  CreateRoutingProfileCommand,
  CreateUserHierarchyGroupCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  GetMetricDataV2Command,
  type GetMetricDataV2CommandInput,
  type HistoricalMetric,
  type HistoricalMetricName,
  type MetricV2,
  PutUserStatusCommand,
  UpdateUserHierarchyCommand,
  UpdateUserHierarchyStructureCommand,
  UpdateUserRoutingProfileCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkCurrentMetrics, checkHistoricalMetrics } from "./metric-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centres: Centre[] = [];
const NOBODY = "00000000-0000-4000-8000-000000000000";
const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };
const FIVE_MINUTES_MS = 5 * 60_000;

async function newCentre(): Promise<Centre> {
  const centre = await openCentre(server);
  centres.push(centre);
  return centre;
}

after(async () => {
  for (const centre of centres) centre.connect.destroy();
});

function now(): number {
  return server.app.platform().clock.now();
}

const HISTORICAL: readonly MetricV2[] = [
  ...["CONTACTS_CREATED", "CONTACTS_QUEUED", "CONTACTS_HANDLED", "CONTACTS_ABANDONED", "CONTACTS_TRANSFERRED_OUT"],
  ...["ABANDONMENT_RATE", "AVG_HANDLE_TIME", "AVG_INTERACTION_TIME", "AVG_HOLD_TIME", "AVG_AFTER_CONTACT_WORK_TIME"],
  ...["AVG_QUEUE_ANSWER_TIME", "AVG_ABANDON_TIME", "MAX_QUEUED_TIME", "SUM_HANDLE_TIME"],
].map((Name) => ({ Name }));

type AskedHistory = Partial<GetMetricDataV2CommandInput>;

function historical({ connect, InstanceId, queueId }: Centre, asked: AskedHistory = {}) {
  const nowMs = now();
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
  const nowMs = now();
  const StartTime = new Date(nowMs - 10 * 24 * 60 * 60_000);
  assert.deepEqual(await history(centre, { StartTime }), expected, "read in whole days");
  assert.deepEqual((await historical(centre)).MetricResults, []);
});

test("what historical metrics cannot answer is refused by name", async () => {
  const centre = await newCentre();
  const nowMs = now();
  const ago = (hours: number) => new Date(nowMs - hours * 60 * 60_000);
  const queue = { FilterKey: "QUEUE", FilterValues: [centre.queueId] };
  const refused: readonly (readonly [AskedHistory, RegExp])[] = [
    [{ ResourceArn: "arn:aws:connect:us-east-1:000000000000:something" }, /ResourceArn/],
    [{ EndTime: ago(-1) }, /future/],
    [{ StartTime: ago(0) }, /before EndTime/],
    [{ StartTime: ago(24 * 100), EndTime: ago(24 * 99) }, /3 months/],
    [{ StartTime: ago(24 * 4), Interval: { IntervalPeriod: "HOUR" } }, /3 days/],
    [{ StartTime: ago(24 * 35) }, /35 days/],
    [{ Interval: { TimeZone: "Europe/Atlantis" } }, /Atlantis/],
    [{ Filters: [{ FilterKey: "CHANNEL", FilterValues: ["VOICE"] }] }, /one of AGENT, QUEUE/],
    [{ Filters: [queue, { FilterKey: "FEATURE", FilterValues: ["x"] }] }, /FEATURE/],
    [{ Filters: [queue, queue] }, /once/],
    [{ Groupings: ["FEATURE"] }, /FEATURE/],
    [{ Groupings: ["QUEUE", "QUEUE"] }, /once/],
    [{ Metrics: [{ Name: "CASES_CREATED" }] }, /it needs cases/],
    [{ Metrics: [{ Name: "CONTACTS_IMAGINED" }] }, /CONTACTS_IMAGINED is not supported$/],
    [{ Metrics: [{ Name: "SERVICE_LEVEL", Threshold: [{ Comparison: "GT", ThresholdValue: 20 }] }] }, /LT or LTE/],
    [{ Metrics: [{ Name: "SERVICE_LEVEL", Threshold: [{ Comparison: "LT", ThresholdValue: 1.5 }] }] }, /whole/],
    [{ Metrics: Array.from({ length: 21 }, () => ({ Name: "SERVICE_LEVEL" })) }, /at most 20/],
    [{ Metrics: [{ Name: "CONTACTS_CREATED" }], Groupings: ["AGENT"] }, /CONTACTS_CREATED cannot be .* by AGENT/],
    [{ Filters: [queue, { FilterKey: "Q_CONNECT_ENABLED", FilterValues: ["YES"] }] }, /TRUE or FALSE/],
    [{ Filters: [{ ...queue, FilterValues: [] }] }, /filterValues/],
    [{ Metrics: [{ Name: "SERVICE_LEVEL" }] }, /threshold/],
    [{ Metrics: [{ Name: "CONTACTS_QUEUED", Threshold: [{ Comparison: "LT", ThresholdValue: 1 }] }] }, /threshold/],
    [{ Metrics: [{ Name: "CONTACTS_QUEUED", MetricFilters: [{ MetricFilterKey: "FEATURE" }] }] }, /FEATURE/],
    [{ NextToken: "forged" }, /NextToken/],
  ];
  for (const [asked, message] of refused) {
    await assert.rejects(historical(centre, asked), { name: "InvalidParameterException", message });
  }
  for (const FilterKey of ["QUEUE", "ROUTING_PROFILE", "AGENT", "AGENT_HIERARCHY_LEVEL_ONE"]) {
    const Filters = [{ FilterKey, FilterValues: [NOBODY] }];
    await assert.rejects(historical(centre, { Filters }), { name: "ResourceNotFoundException" });
  }
});

test("what was written in chats, and how fast, is averaged from their records", async () => {
  const centre = await newCentre();
  const startMs = lastMarkMs();
  const agent = await centre.agent("ines");
  const chat = async (answerSeconds: number, texts: readonly string[]) => {
    const id = await centre.arrive({ channel: "CHAT" });
    await centre.act(agent, "accept", { contactId: id });
    await centre.customer(id, "say", { speaker: "CUSTOMER", text: "Hello?" });
    for (const text of texts) {
      await server.advance(`PT${answerSeconds}S`);
      await centre.customer(id, "say", { speaker: "AGENT", text });
      await server.advance("PT4S");
      await centre.customer(id, "say", { speaker: "CUSTOMER", text: "Yes" });
    }
    await server.advance("PT3S");
    await centre.customer(id, "hang-up");
    await centre.act(agent, "clear", { contactId: id });
  };
  await chat(10, ["Good morning", "Bye"]);
  await chat(40, ["A moment"]);
  await chat(0, []);
  await server.advance("PT6M");
  const names = [
    ...["AVG_MESSAGES", "AVG_MESSAGES_AGENT", "AVG_MESSAGES_CUSTOMER"],
    ...["AVG_MESSAGE_LENGTH_AGENT", "AVG_MESSAGE_LENGTH_CUSTOMER"],
    ...["AVG_RESPONSE_TIME_AGENT", "AVG_RESPONSE_TIME_CUSTOMER", "AVG_FIRST_RESPONSE_TIME_AGENT"],
    ...["AVG_CONTACT_FIRST_RESPONSE_TIME_AGENT", "AVG_CONVERSATION_CLOSE_TIME"],
  ];
  assert.deepEqual(await history(centre, { Metrics: names.map((Name) => ({ Name })) }), {
    AVG_MESSAGES: (5 + 3 + 1) / 3,
    AVG_MESSAGES_AGENT: 1,
    AVG_MESSAGES_CUSTOMER: 2,
    AVG_MESSAGE_LENGTH_AGENT: (12 + 3 + 8) / 3,
    AVG_MESSAGE_LENGTH_CUSTOMER: (3 * 6 + 3 * 3) / 6,
    AVG_RESPONSE_TIME_AGENT: 20,
    AVG_RESPONSE_TIME_CUSTOMER: 4,
    AVG_FIRST_RESPONSE_TIME_AGENT: 25,
    AVG_CONTACT_FIRST_RESPONSE_TIME_AGENT: 25,
    AVG_CONVERSATION_CLOSE_TIME: 3,
  });
  const { connect, InstanceId } = centre;
  const streams = await centre.streams();
  await checkHistoricalMetrics({ connect, InstanceId, streams }, { startMs, endMs: lastMarkMs() });
  const Filters = [
    { FilterKey: "QUEUE", FilterValues: [centre.queueId] },
    { FilterKey: "CHANNEL", FilterValues: ["VOICE"] },
  ];
  assert.deepEqual((await historical(centre, { Filters, Metrics: [{ Name: "AVG_MESSAGES" }] })).MetricResults, []);
});

test("who was called back first waits from when they answer", async () => {
  const centre = await newCentre();
  const agent = await centre.agent("noor");
  await centre.status(agent, "Offline");
  const call = await centre.arrive({ ...CALL, from: "+12065550103" });
  const { contactId } = await centre.customer(call, "callback", { customerFirst: true });
  await server.advance("PT34S");
  await centre.status(agent, "Available");
  await server.advance("PT5S");
  await centre.act(agent, "accept", { contactId });
  await centre.customer(contactId ?? "", "hang-up");
  await centre.act(agent, "clear", { contactId });
  const other = await centre.arrive(CALL);
  await server.advance("PT2S");
  await centre.act(agent, "accept", { contactId: other });
  await centre.customer(other, "hang-up");
  await centre.act(agent, "clear", { contactId: other });
  await server.advance("PT10M");
  const names = [
    "AVG_QUEUE_ANSWER_TIME_CUSTOMER_FIRST_CALLBACK",
    "AVG_WAIT_TIME_AFTER_CUSTOMER_FIRST_CALLBACK_CONNECTION",
    "CONTACTS_HANDLED",
  ];
  // It is answered after 4 s.
  assert.deepEqual(await history(centre, { Metrics: names.map((Name) => ({ Name })) }), {
    AVG_QUEUE_ANSWER_TIME_CUSTOMER_FIRST_CALLBACK: 35,
    AVG_WAIT_TIME_AFTER_CUSTOMER_FIRST_CALLBACK_CONNECTION: 35,
    CONTACTS_HANDLED: 2,
  });
});

test("metrics are told apart by hierarchy group, subtype, and how contacts began and ended", async () => {
  const centre = await newCentre();
  const { connect, InstanceId, queueId } = centre;
  const HierarchyStructure = { LevelOne: { Name: "Site" }, LevelTwo: { Name: "Team" } };
  await connect.send(new UpdateUserHierarchyStructureCommand({ InstanceId, HierarchyStructure }));
  const groupOf = async (Name: string, ParentGroupId?: string) =>
    (await connect.send(new CreateUserHierarchyGroupCommand({ InstanceId, Name, ParentGroupId }))).HierarchyGroupId ??
    "";
  const site = await groupOf("London");
  const team = await groupOf("Billing", site);
  const other = await groupOf("Leeds");
  const priya = await centre.agent("priya", { isOffline: true });
  await connect.send(new UpdateUserHierarchyCommand({ InstanceId, UserId: priya, HierarchyGroupId: team }));
  await centre.status(priya, "Available");
  for (const reason of ["hang-up", "customer"]) {
    const call = await centre.arrive(CALL);
    await server.advance("PT3S");
    await centre.act(priya, "accept", { contactId: call });
    await centre.act(priya, "hold", { contactId: call });
    await server.advance("PT10S");
    if (reason === "customer") await centre.customer(call, "hang-up");
    else await centre.act(priya, "hang-up", { contactId: call });
    await server.advance("PT2S");
    await centre.act(priya, "clear", { contactId: call });
  }
  const missed = await centre.arrive(CALL);
  await server.advance("PT21S");
  await centre.act(priya, "clear", { contactId: missed });
  await centre.customer(missed, "hang-up");
  await server.advance("PT6M");

  const Metrics = [
    ...["CONTACTS_HANDLED", "AGENT_NON_RESPONSE", "AGENT_NON_RESPONSE_WITHOUT_CUSTOMER_ABANDONS", "AGENT_ANSWER_RATE"],
    ...["SUM_CONNECTING_TIME_AGENT", "CONTACTS_ON_HOLD_AGENT_DISCONNECT", "CONTACTS_ON_HOLD_CUSTOMER_DISCONNECT"],
  ].map((Name) => ({ Name }));
  // Rung twice, missed once, and rejected since the customer left while it rang again.
  const expected = {
    CONTACTS_HANDLED: 2,
    AGENT_NON_RESPONSE: 2,
    AGENT_NON_RESPONSE_WITHOUT_CUSTOMER_ABANDONS: 1,
    AGENT_ANSWER_RATE: 50,
    SUM_CONNECTING_TIME_AGENT: 26,
    CONTACTS_ON_HOLD_AGENT_DISCONNECT: 1,
    CONTACTS_ON_HOLD_CUSTOMER_DISCONNECT: 1,
  };
  const levels = ["AGENT_HIERARCHY_LEVEL_ONE", "AGENT_HIERARCHY_LEVEL_TWO"] as const;
  for (const [FilterKey, group] of [
    [levels[0], site],
    [levels[1], team],
  ] as const) {
    const Filters = [{ FilterKey, FilterValues: [group] }];
    assert.deepEqual(await history(centre, { Filters, Metrics }), expected, FilterKey);
  }
  const byGroup = await historical(centre, { Metrics, Groupings: [...levels] });
  const ofGroup = byGroup.MetricResults?.map(({ Dimensions }) => Dimensions);
  assert.deepEqual(ofGroup, [{ AGENT_HIERARCHY_LEVEL_ONE: site, AGENT_HIERARCHY_LEVEL_TWO: team }]);
  const ofOther = [{ FilterKey: levels[0], FilterValues: [other] }];
  assert.deepEqual((await historical(centre, { Filters: ofOther, Metrics })).MetricResults, []);
  const wrongLevel = historical(centre, { Filters: [{ FilterKey: levels[1], FilterValues: [site] }], Metrics });
  await assert.rejects(wrongLevel, { name: "InvalidParameterException", message: /level/ });

  const subtype = "contact/segmentAttributes/connect:Subtype";
  const handled = [{ Name: "CONTACTS_HANDLED" }];
  const ofQueue = { FilterKey: "QUEUE", FilterValues: [queueId] };
  const bySubtype = await historical(centre, { Metrics: handled, Groupings: [subtype, "Q_CONNECT_ENABLED"] });
  assert.deepEqual(
    bySubtype.MetricResults?.map(({ Dimensions }) => Dimensions),
    [{ [subtype]: "connect:Telephony", Q_CONNECT_ENABLED: "FALSE" }],
  );
  const chats = [ofQueue, { FilterKey: subtype, FilterValues: ["connect:Chat"] }];
  assert.deepEqual((await historical(centre, { Metrics: handled, Filters: chats })).MetricResults, []);
  const byReason = await historical(centre, { Metrics: handled, Groupings: ["DISCONNECT_REASON"] });
  const reasons = byReason.MetricResults?.map(({ Dimensions, Collections }) => [
    Dimensions?.DISCONNECT_REASON,
    Collections?.[0]?.Value,
  ]);
  assert.deepEqual(reasons, [
    ["AGENT_DISCONNECT", 1],
    ["CUSTOMER_DISCONNECT", 1],
  ]);
});

test("days are those of the time zone that is asked for", async () => {
  const centre = await newCentre();
  const dayMs = 24 * 60 * 60_000;
  const beforeMidnightMs = 30 * 60_000;
  // Where it is later than that already, to that time of tomorrow.
  const waitMs = (2 * dayMs - beforeMidnightMs - (now() % dayMs)) % dayMs;
  await server.advance(`PT${Math.floor(waitMs / 1_000)}S`);
  const call = await centre.arrive(CALL);
  await server.advance("PT1M");
  await centre.customer(call, "hang-up");
  await server.advance("PT3H");
  const days = async (TimeZone: string) => {
    const Interval = { IntervalPeriod: "DAY", TimeZone } as const;
    const StartTime = new Date(now() - 20 * 60 * 60_000);
    const asked = { StartTime, Interval, Metrics: [{ Name: "CONTACTS_ABANDONED" }] };
    const { MetricResults = [] } = await historical(centre, asked);
    return MetricResults.map(({ MetricInterval }) => MetricInterval?.EndTime?.toISOString().slice(11, 16));
  };
  assert.deepEqual(await days("UTC"), ["00:00"]);
  assert.deepEqual(await days("Asia/Kolkata"), [new Date(now()).toISOString().slice(11, 16)]);
});

test("an agent's concurrency is how many contacts they have while they have any", async () => {
  const centre = await newCentre();
  const agent = await centre.agent("ines");
  const chats = [await centre.arrive({ channel: "CHAT" }), await centre.arrive({ channel: "CHAT" })] as const;
  await centre.act(agent, "accept", { contactId: chats[0] });
  await server.advance("PT10S");
  await centre.act(agent, "accept", { contactId: chats[1] });
  await server.advance("PT30S");
  await centre.customer(chats[0], "hang-up");
  await centre.act(agent, "clear", { contactId: chats[0] });
  await server.advance("PT20S");
  await centre.customer(chats[1], "hang-up");
  await centre.act(agent, "clear", { contactId: chats[1] });
  await server.advance("PT10M");
  const asked = {
    Filters: [{ FilterKey: "AGENT", FilterValues: [agent] }],
    Metrics: [{ Name: "AVG_AGENT_CONCURRENCY" }],
  };
  assert.deepEqual(await history(centre, asked), { AVG_AGENT_CONCURRENCY: (10 + 2 * 30 + 20) / 60 });
  const idle = await centre.agent("tom");
  await server.advance("PT10M");
  const Filters = [{ FilterKey: "AGENT", FilterValues: [idle] }];
  assert.deepEqual(await history(centre, { ...asked, Filters }), { AVG_AGENT_CONCURRENCY: undefined });
  const byQueue = historical(centre, { Metrics: asked.Metrics });
  await assert.rejects(byQueue, { name: "InvalidParameterException", message: /AVG_AGENT_CONCURRENCY .* by QUEUE/ });
});

test("agents' times are theirs until now, by the routing profile that they had", async () => {
  const centre = await newCentre();
  const { connect, InstanceId, queueId, profileId } = centre;
  const { RoutingProfileId: later = "" } = await connect.send(
    new CreateRoutingProfileCommand({
      InstanceId,
      Name: "Later",
      Description: "The profile that the agent has later",
      DefaultOutboundQueueId: queueId,
      MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
    }),
  );
  const toHour = 60 * 60_000 - (now() % (60 * 60_000));
  await server.advance(`PT${toHour / 1_000}S`);
  const startMs = now();
  const priya = await centre.agent("priya");
  await server.advance("PT95M");
  await connect.send(new UpdateUserRoutingProfileCommand({ InstanceId, UserId: priya, RoutingProfileId: later }));
  await server.advance("PT2M");
  await centre.act(priya, "dial", { number: "+12025550102" });
  await server.advance("PT8M");
  const called = (await centre.view(priya)).contacts[0]?.id;
  await centre.act(priya, "clear", { contactId: called });
  await server.advance("PT20M");
  const Metrics = ["SUM_IDLE_TIME_AGENT", "SUM_CONTACT_TIME_AGENT", "SUM_ONLINE_TIME_AGENT", "AGENT_OCCUPANCY"];
  const times = async (FilterKey: string, id: string, period: "TOTAL" | "HOUR" = "TOTAL") => {
    const { MetricResults = [] } = await historical(centre, {
      StartTime: new Date(startMs),
      Filters: [{ FilterKey, FilterValues: [id] }],
      Interval: { IntervalPeriod: period },
      Metrics: Metrics.map((Name) => ({ Name })),
    });
    return MetricResults.map(({ Collections = [] }) => Collections.map(({ Value = 0 }) => Math.round(Value)));
  };
  const minutes = (...values: readonly number[]) => values.map((value) => value * 60);
  assert.deepEqual(await times("ROUTING_PROFILE", profileId), [[...minutes(95, 0, 95), 0]]);
  assert.deepEqual(await times("ROUTING_PROFILE", later), [[...minutes(22, 8, 30), 27]]);
  assert.deepEqual(await times("AGENT", priya), [[...minutes(117, 8, 125), 6]]);
  const byHour = await times("AGENT", priya, "HOUR");
  const online = byHour.reduce((total, [, , seconds = 0]) => total + seconds, 0);
  assert.deepEqual(online, 125 * 60, "whatever hours it is divided into");
  await centre.act(priya, "sign-out");
  await server.advance("PT5M");
  assert.deepEqual(await times("AGENT", priya), [[...minutes(117, 8, 125), 6]], "and no more once they have left");
  const byQueue = historical(centre, { Metrics: [{ Name: "AGENT_OCCUPANCY" }] });
  await assert.rejects(byQueue, { name: "InvalidParameterException", message: /AGENT_OCCUPANCY .* by QUEUE/ });
});

type AskedOlder = Partial<GetMetricDataCommandInput>;

/** Every metric of the older operation, with its unit and statistic. */
const OLDER: readonly HistoricalMetric[] = [
  ...(
    [
      ...["CONTACTS_QUEUED", "CONTACTS_HANDLED", "CONTACTS_ABANDONED", "CONTACTS_CONSULTED"],
      ...["CONTACTS_AGENT_HUNG_UP_FIRST", "CONTACTS_HANDLED_INCOMING", "CONTACTS_HANDLED_OUTBOUND"],
      ...["CONTACTS_HOLD_ABANDONS", "CONTACTS_TRANSFERRED_IN", "CONTACTS_TRANSFERRED_OUT", "CONTACTS_MISSED"],
      ...["CONTACTS_TRANSFERRED_IN_FROM_QUEUE", "CONTACTS_TRANSFERRED_OUT_FROM_QUEUE"],
      ...["CALLBACK_CONTACTS_HANDLED", "API_CONTACTS_HANDLED"],
    ] as HistoricalMetricName[]
  ).map((Name) => ({ Name, Unit: "COUNT", Statistic: "SUM" }) as const),
  ...(
    [
      ...["ABANDON_TIME", "AFTER_CONTACT_WORK_TIME", "HANDLE_TIME", "HOLD_TIME"],
      ...["INTERACTION_TIME", "INTERACTION_AND_HOLD_TIME", "QUEUE_ANSWER_TIME"],
    ] as HistoricalMetricName[]
  ).map((Name) => ({ Name, Unit: "SECONDS", Statistic: "AVG" }) as const),
  { Name: "QUEUED_TIME", Unit: "SECONDS", Statistic: "MAX" },
  { Name: "OCCUPANCY", Unit: "PERCENT", Statistic: "AVG" },
  {
    Name: "SERVICE_LEVEL",
    Unit: "PERCENT",
    Statistic: "AVG",
    Threshold: { Comparison: "LT", ThresholdValue: 20 },
  },
];

function older({ connect, InstanceId, queueId }: Centre, asked: AskedOlder = {}) {
  const endMs = Math.ceil(now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS;
  const input = {
    InstanceId,
    StartTime: new Date(endMs - 60 * 60_000),
    EndTime: new Date(endMs),
    Filters: { Queues: [queueId] },
    HistoricalMetrics: [...OLDER],
    ...asked,
  };
  return connect.send(new GetMetricDataCommand(input));
}

test("the older operation has the same figures under other names", async () => {
  const centre = await newCentre();
  const { queueId, profileId } = centre;
  const empty = await older(centre);
  assert.deepEqual(
    empty.MetricResults?.map(({ Dimensions }) => Dimensions),
    [{}],
  );
  assert.ok(
    empty.MetricResults?.[0]?.Collections?.every(({ Value }) => Value === undefined),
    "no contact has ended",
  );

  const agent = await callsAAndB(centre);
  const { MetricResults = [] } = await older(centre);
  const values = (MetricResults[0]?.Collections ?? []).map(({ Metric, Value }) => [Metric?.Name, Value]);
  const { OCCUPANCY: occupancy = 0, ...counted } = Object.fromEntries(values) as Record<string, number>;
  assert.deepEqual(counted, {
    CONTACTS_QUEUED: 2,
    CONTACTS_HANDLED: 1,
    CONTACTS_ABANDONED: 1,
    CONTACTS_CONSULTED: 0,
    CONTACTS_AGENT_HUNG_UP_FIRST: 0,
    CONTACTS_HANDLED_INCOMING: 1,
    CONTACTS_HANDLED_OUTBOUND: 0,
    CONTACTS_HOLD_ABANDONS: 0,
    CONTACTS_TRANSFERRED_IN: 0,
    CONTACTS_TRANSFERRED_OUT: 0,
    CONTACTS_MISSED: 0,
    CONTACTS_TRANSFERRED_IN_FROM_QUEUE: 0,
    CONTACTS_TRANSFERRED_OUT_FROM_QUEUE: 0,
    CALLBACK_CONTACTS_HANDLED: 0,
    API_CONTACTS_HANDLED: 0,
    ABANDON_TIME: 102,
    AFTER_CONTACT_WORK_TIME: 35,
    HANDLE_TIME: 119,
    HOLD_TIME: 46,
    INTERACTION_TIME: 38,
    INTERACTION_AND_HOLD_TIME: 84,
    QUEUE_ANSWER_TIME: 11,
    QUEUED_TIME: 102,
    SERVICE_LEVEL: 50,
  });
  assert.equal(occupancy, 100, "119 seconds on contact, rung for 11, and never idle");

  const byChannel = await older(centre, { Groupings: ["QUEUE", "CHANNEL"], HistoricalMetrics: OLDER.slice(0, 1) });
  const dimensions = byChannel.MetricResults?.map(({ Dimensions }) => [Dimensions?.Queue?.Id, Dimensions?.Channel]);
  assert.deepEqual(dimensions, [[queueId, "VOICE"]]);
  const chats = { Filters: { Queues: [queueId], Channels: ["CHAT" as const] }, HistoricalMetrics: OLDER.slice(0, 1) };
  assert.equal((await older(centre, chats)).MetricResults?.[0]?.Collections?.[0]?.Value, undefined);
  const byProfile = await older(centre, { Groupings: ["ROUTING_PROFILE"] });
  assert.deepEqual(
    byProfile.MetricResults?.map(({ Dimensions }) => Dimensions?.RoutingProfile?.Id),
    [profileId],
  );

  await centre.act(agent, "sign-in").catch(() => undefined);
  const paged = { Groupings: ["CHANNEL" as const], HistoricalMetrics: [...OLDER], MaxResults: 1 };
  const first = await older(centre, paged);
  assert.ok(first.NextToken, "more channels have agents than calls");
  assert.equal((await older(centre, { ...paged, NextToken: first.NextToken })).MetricResults?.length, 1);
  await server.advance("PT6M");
  const late = older(centre, { ...paged, NextToken: first.NextToken });
  await assert.rejects(late, { name: "InvalidParameterException", message: /NextToken/ });
  const elsewhere = older({ ...centre, InstanceId: NOBODY });
  await assert.rejects(elsewhere, { name: "ResourceNotFoundException" });
});

test("what the older operation cannot answer is refused by name", async () => {
  const centre = await newCentre();
  const { queueId, profileId } = centre;
  const mark = Math.floor(now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS;
  const at = (minutes: number) => new Date(mark + minutes * 60_000);
  const [queued] = OLDER;
  const level = OLDER.at(-1);
  const Queues = [queueId];
  const refused: readonly (readonly [AskedOlder, RegExp])[] = [
    [{ StartTime: new Date(mark - 61_000) }, /multiples of 5 minutes/],
    [{ EndTime: new Date(mark - 61_000) }, /multiples of 5 minutes/],
    [{ StartTime: at(-60), EndTime: at(-60) }, /before EndTime/],
    [{ StartTime: at(-25 * 60), EndTime: at(-24 * 60) }, /within the last 24 hours/],
    [{ StartTime: at(-23 * 60), EndTime: at(60) }, /less than 24 hours/],
    [{ Filters: {} }, /must name queues/],
    [{ Filters: { Queues, RoutingProfiles: [profileId] } }, /RoutingProfiles/],
    [{ Filters: { Queues, RoutingStepExpressions: ["{}"] } }, /RoutingStepExpressions/],
    [{ Groupings: ["ROUTING_STEP_EXPRESSION"] }, /ROUTING_STEP_EXPRESSION/],
    [{ Groupings: ["QUEUE", "QUEUE"] }, /once/],
    [{ HistoricalMetrics: [{}] }, /must name a metric/],
    [{ HistoricalMetrics: [{ ...queued, Unit: "SECONDS" }] }, /unit of CONTACTS_QUEUED is COUNT/],
    [{ HistoricalMetrics: [{ ...queued, Statistic: "AVG" }] }, /statistic of CONTACTS_QUEUED is SUM/],
    [{ HistoricalMetrics: [{ ...queued, Threshold: { Comparison: "LT", ThresholdValue: 1 } }] }, /has no threshold/],
    [{ HistoricalMetrics: [{ ...level, Threshold: undefined }] }, /needs a threshold/],
    [{ HistoricalMetrics: [{ ...level, Threshold: { Comparison: "LT", ThresholdValue: 0.5 } }] }, /whole seconds/],
    [{ HistoricalMetrics: Array.from({ length: 21 }, () => ({ ...level })) }, /at most 20/],
    [{ NextToken: "forged" }, /NextToken/],
  ];
  for (const [asked, message] of refused) {
    await assert.rejects(older(centre, asked), { name: "InvalidParameterException", message });
  }
  await assert.rejects(older(centre, { Filters: { Queues: [NOBODY] } }), { name: "ResourceNotFoundException" });
});

test("runs of flows are counted where they started, by flow, outcome and what came next", async () => {
  const centre = await newCentre();
  const { connect, InstanceId, flowId, queueId } = centre;
  const startMs = lastMarkMs();
  const Content = (...actions: readonly object[]) =>
    JSON.stringify({ Version: "2019-10-30", StartAction: "first", Metadata: {}, Actions: actions });
  const end = { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} };
  const wait = {
    Identifier: "first",
    Type: "Wait",
    Parameters: { TimeLimitSeconds: "30" },
    Transitions: {
      NextAction: "end",
      Errors: [{ NextAction: "end", ErrorType: "NoMatchingError" }],
      Conditions: [{ NextAction: "end", Condition: { Operator: "Equals", Operands: ["WaitCompleted"] } }],
    },
  };
  const { ContactFlowId: waitId = "" } = await connect.send(
    new CreateContactFlowCommand({ InstanceId, Name: "Waits", Type: "CONTACT_FLOW", Content: Content(wait, end) }),
  );
  await centre.arrive({ channel: "CHAT", contactFlowId: waitId });
  const left = await centre.arrive({ channel: "CHAT", contactFlowId: waitId });
  await server.advance("PT10S");
  await centre.customer(left, "hang-up");
  await server.advance("PT31S");
  await centre.arrive({ channel: "CHAT", contactFlowId: waitId });
  await server.advance("PT6M");

  const flow = { FilterKey: "FLOWS_RESOURCE_ID", FilterValues: [waitId] };
  const dropped = { MetricFilterKey: "FLOWS_OUTCOME_TYPE", MetricFilterValues: ["DROPPED"] };
  const Metrics: MetricV2[] = [
    ...["FLOWS_STARTED", "FLOWS_OUTCOME", "AVG_FLOW_TIME", "MIN_FLOW_TIME", "MAX_FLOW_TIME"].map((Name) => ({ Name })),
    { Name: "PERCENT_FLOWS_OUTCOME", MetricFilters: [dropped] },
  ];
  const StartTime = new Date(startMs);
  const found = await history(centre, { StartTime, Filters: [flow], Metrics });
  const { PERCENT_FLOWS_OUTCOME: percent = 0, AVG_FLOW_TIME: mean = 0, ...rest } = found;
  assert.deepEqual(rest, { FLOWS_STARTED: 3, FLOWS_OUTCOME: 3, MIN_FLOW_TIME: 10, MAX_FLOW_TIME: 30 });
  assert.deepEqual([Math.round(percent), Math.round(mean)], [33, 23]);

  const Groupings = ["FLOWS_RESOURCE_ID", "FLOWS_OUTCOME_TYPE", "CHANNEL"];
  const outcome = [{ Name: "FLOWS_OUTCOME" }];
  const byOutcome = await historical(centre, { StartTime, Filters: [flow], Metrics: outcome, Groupings });
  assert.deepEqual(
    byOutcome.MetricResults?.map(({ Dimensions, Collections }) => [
      Dimensions?.FLOWS_OUTCOME_TYPE,
      Dimensions?.CHANNEL,
      Collections?.[0]?.Value,
    ]),
    [
      ["DISCONNECTED_PARTICIPANT", "CHAT", 2],
      ["DROPPED", "CHAT", 1],
    ],
  );

  await centre.arrive(CALL);
  await server.advance("PT6M");
  const toQueue = { FilterKey: "FLOWS_NEXT_RESOURCE_QUEUE_ID", FilterValues: [queueId] };
  const queued = await historical(centre, {
    StartTime,
    Filters: [toQueue],
    Metrics: outcome,
    Groupings: ["FLOWS_RESOURCE_ID"],
  });
  assert.deepEqual(
    queued.MetricResults?.map(({ Dimensions }) => Dimensions?.FLOWS_RESOURCE_ID),
    [flowId],
    "an instance's default inbound flow transfers to the queue",
  );
  const refused: readonly (readonly [AskedHistory, RegExp])[] = [
    [{ Filters: [flow], Metrics: outcome, Groupings: ["FLOWS_NEXT_RESOURCE_ID"] }, /grouped by FLOWS_NEXT_RESOURCE_ID/],
    [
      { Filters: [flow], Metrics: [{ Name: "PERCENT_FLOWS_OUTCOME" }], Groupings: ["FLOWS_OUTCOME_TYPE"] },
      /grouped by FLOWS_OUTCOME_TYPE/,
    ],
    [{ Filters: [toQueue], Metrics: [{ Name: "FLOWS_STARTED" }] }, /FLOWS_STARTED cannot be .*QUEUE_ID/],
    [{ Filters: [flow], Metrics: [...outcome, { Name: "CONTACTS_QUEUED" }] }, /CONTACTS_QUEUED cannot be/],
  ];
  for (const [asked, message] of refused) {
    await assert.rejects(historical(centre, asked), { name: "InvalidParameterException", message });
  }
});

/** What an agent may do with a contact that they see in a state. */
const ACTS: Readonly<Record<string, readonly string[]>> = {
  CONNECTING: ["accept", "accept", "accept", "reject", "wait"],
  INCOMING: ["accept", "reject"],
  CONNECTED: ["hang-up", "hold", "transfer", "leave", "wait"],
  CONNECTED_ONHOLD: ["resume", "hang-up", "leave", "join", "wait"],
  ENDED: ["clear", "wait"],
  MISSED: ["clear"],
  REJECTED: ["clear"],
  ERROR: ["clear"],
};

/** Agents and customers who do this and that, the same for the same seed. Refused acts change nothing. */
async function playAtRandom(
  centre: Centre,
  { agents, steps, seed }: { readonly agents: readonly string[]; readonly steps: number; readonly seed: number },
  afterStep: (step: number) => Promise<void>,
): Promise<void> {
  const random = seeded(seed);
  const words = seeded(seed + 1_000);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const { connect, InstanceId } = centre;
  const lunch = await connect.send(new CreateAgentStatusCommand({ InstanceId, Name: "Lunch", State: "ENABLED" }));
  const statuses: Record<string, string | undefined> = { ...centre.statuses, Lunch: lunch.AgentStatusId };
  const open: string[] = [];
  const isRefused = () => undefined;
  for (let step = 0; step < steps; step++) {
    const happens = (probability: number) => random() < probability;
    if (happens(0.4)) open.push(await centre.arrive(happens(0.7) ? CALL : { channel: "CHAT" }));
    const agent = pick(agents) ?? "";
    const seen = await centre.view(agent);
    const contact = pick(seen.contacts);
    const act = pick(ACTS[contact?.state ?? ""] ?? []) ?? "wait";
    const to = happens(0.7) ? { queueId: centre.queueId } : { number: "+12025550103" };
    const body = { contactId: contact?.id, ...(act === "transfer" && { to }) };
    if (act !== "wait") await centre.act(agent, act, body).catch(isRefused);
    for (const speaker of ["CUSTOMER", "AGENT", "CUSTOMER"]) {
      const chat = open.at(-1 - Math.floor(words() * 3)) ?? NOBODY;
      const text = "Where is it? ".repeat(1 + Math.floor(words() * 3));
      if (words() < 0.5) await centre.customer(chat, "say", { speaker, text }).catch(isRefused);
    }
    if (happens(0.1)) await centre.customer(pick(open) ?? NOBODY, "hang-up").catch(isRefused);
    if (happens(0.1)) await centre.customer(open.at(-1) ?? NOBODY, "callback", { delaySeconds: 30 }).catch(isRefused);
    if (happens(0.05)) await centre.act(agent, "dial", { number: "+12025550102" }).catch(isRefused);
    if (happens(0.03)) await centre.act(agent, "sign-out").catch(isRefused);
    const AgentStatusId = happens(0.8) ? statuses.Available : pick([statuses.Offline, statuses.Lunch]);
    if (!seen.isSignedIn || happens(0.1)) {
      const command = new PutUserStatusCommand({ InstanceId, UserId: agent, AgentStatusId });
      await connect.send(command).catch(isRefused);
    }
    await server.advance(`PT${Math.floor(random() * 20)}S`);
    await afterStep(step);
  }
  for (const agent of agents) await centre.act(agent, "sign-out").catch(isRefused);
  for (const contactId of open) await centre.customer(contactId, "hang-up").catch(isRefused);
}

/** Numbers from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("metrics are a fold of what was told, whatever agents and customers did", async () => {
  const isWhole = process.env.TRUNKLINE_FULL === "1";
  for (const seed of isWhole ? [1, 2, 3, 4] : [1]) {
    const centre = await newCentre();
    const { connect, InstanceId } = centre;
    const startMs = lastMarkMs();
    const check = async () => {
      const streams = await centre.streams();
      await checkCurrentMetrics({ connect, InstanceId, streams });
      const endMs = lastMarkMs();
      if (endMs > startMs) await checkHistoricalMetrics({ connect, InstanceId, streams }, { startMs, endMs });
    };
    const agents = [await centre.agent("priya"), await centre.agent("tom"), await centre.agent("mia")];
    await playAtRandom(centre, { agents, steps: isWhole ? 300 : 80, seed }, async (step) => {
      if (step % 20 === 19) await check();
    });
    await server.advance("PT6M");
    await check();
  }
});

/** Until then whole stretches of five minutes are over. */
function lastMarkMs(): number {
  return Math.floor(now() / FIVE_MINUTES_MS) * FIVE_MINUTES_MS;
}
