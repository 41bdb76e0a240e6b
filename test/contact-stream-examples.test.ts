/**
 * A day of the contact centre from which the published forms of contact events, agent events and contact records are known
 * (`contact-stream-examples.json`), played again at the same times: what comes on the streams is compared with them member by member.
 * Where Trunkline differs on purpose, the difference stands beside the example, with its reason; one that is gone fails the test.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import {
  AssociateUserProficienciesCommand,
  type ContactFlowType,
  CreateContactFlowCommand,
  CreatePredefinedAttributeCommand,
  CreateQueueCommand,
  CreateRoutingProfileCommand,
  type CreateRoutingProfileCommandInput,
  CreateUserCommand,
  CreateUserHierarchyGroupCommand,
  ListHoursOfOperationsCommand,
  ListSecurityProfilesCommand,
  PauseContactCommand,
  ResumeContactCommand,
  StartChatContactCommand,
  StartOutboundVoiceContactCommand,
  StartTaskContactCommand,
  UpdateContactAttributesCommand,
  UpdateInstanceAttributeCommand,
  UpdateUserHierarchyStructureCommand,
} from "@aws-sdk/client-connect";
import {
  type ConnectionType,
  ConnectParticipantClient,
  CreateParticipantConnectionCommand,
} from "@aws-sdk/client-connectparticipant";
import type { AgentSnapshot } from "../src/services/connect/agent-events.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

type Json = Readonly<Record<string, unknown>>;

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const participants = new ConnectParticipantClient(server.client);
/** The day after: a clock does not go back. */
const DAY = new Date(server.app.platform().clock.now() + 86_400_000).toISOString().slice(0, 10);

const CALL_A = "0ba1ed67-3446-40d0-87e3-3b1502c23e0d";
const CALL_B = "261ca61d-40c1-4156-8cad-15089decdaac";
const MAIL = "6406c85c-9109-4266-8079-9a29eaa70996";
const INSTANCE = "8f2c1d3e-5b6a-4c7d-9e8f-0a1b2c3d4e5f";
const CHAT = "e6720f0b-8f61-431c-8fb2-8df1e30cd599";
const FIRST_LEG = "a6933a33-b192-452f-88a5-7939da29d7b8";

/** What the examples call things, and what they are called here. */
const names = new Map([
  ["444455556666", "000000000000"],
  ["eu-west-2", "us-east-1"],
  ["2026-03-03", DAY],
  [INSTANCE, InstanceId],
  ["8fcce891-1fcc-4e77-8468-18e40fbd82ca", centre.statuses.Available ?? ""],
  ["9360029f-1ab5-4d5e-8b81-19a7fc900a1d", centre.statuses.Offline ?? ""],
]);

async function at(time: string): Promise<void> {
  const { status, body } = await centre.control("POST", "clock", { to: `${DAY}T${time}Z` });
  assert.equal(status, 200, JSON.stringify(body));
}

/** A flow that waits until the customer has done something, and then takes the contact to a queue. */
async function flowTo(Name: string, queueId: string, waiting: object): Promise<string> {
  const end = { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} };
  const toEnd = { NextAction: "end", Errors: [{ NextAction: "end", ErrorType: "NoMatchingError" }] };
  const Actions = [
    { Identifier: "wait", ...waiting },
    {
      Identifier: "queue",
      Type: "UpdateContactTargetQueue",
      Parameters: { QueueId: queueId },
      Transitions: { ...toEnd, NextAction: "transfer" },
    },
    {
      Identifier: "transfer",
      Type: "TransferContactToQueue",
      Parameters: {},
      Transitions: {
        NextAction: "end",
        Errors: [
          { NextAction: "end", ErrorType: "QueueAtCapacity" },
          { NextAction: "end", ErrorType: "NoMatchingError" },
        ],
      },
    },
    end,
  ];
  const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "wait", Actions });
  const Type: ContactFlowType = "CONTACT_FLOW";
  const created = await connect.send(new CreateContactFlowCommand({ InstanceId, Name, Type, Content }));
  return created.ContactFlowId ?? "";
}

const MENU = {
  Type: "GetParticipantInput",
  Parameters: {
    Text: "Press 1",
    StoreInput: "False",
    InputTimeLimitSeconds: "60",
  },
  Transitions: {
    NextAction: "queue",
    Conditions: [{ NextAction: "queue", Condition: { Operator: "Equals", Operands: ["1"] } }],
    Errors: ["NoMatchingCondition", "InputTimeLimitExceeded", "NoMatchingError"].map((ErrorType) => ({
      NextAction: "end",
      ErrorType,
    })),
  },
};

const RETURN = {
  Type: "Wait",
  Parameters: { TimeLimitSeconds: "60", Events: ["CustomerReturned"] },
  Transitions: {
    NextAction: "end",
    Conditions: [
      { NextAction: "end", Condition: { Operator: "Equals", Operands: ["WaitCompleted"] } },
      { NextAction: "queue", Condition: { Operator: "Equals", Operands: ["CustomerReturned"] } },
    ],
    Errors: [{ NextAction: "end", ErrorType: "NoMatchingError" }],
  },
};

interface People {
  readonly priya: string;
  readonly tomas: string;
  readonly billingFlow: string;
  readonly backOfficeFlow: string;
  readonly chatFlow: string;
  readonly mailFlow: string;
  readonly tierTwo: string;
}

async function configure(): Promise<People> {
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id ?? "";
  const queue = async (Name: string, example: string): Promise<string> => {
    const { QueueId = "" } = await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId }));
    names.set(example, QueueId);
    return QueueId;
  };
  const billing = await queue("Billing", "01bbb112-0361-441b-82db-1f021a22dd08");
  const chat = await queue("Web chat", "74966619-e3d6-4514-8c77-f21ffe8676fc");
  const outbound = await queue("Outbound", "65fbf5e0-4896-4a9e-85d0-010166149184");
  const backOffice = await queue("Back office", "d8e34cc7-c01e-4102-837d-cc60cb615cb6");
  const tierTwo = await queue("Tier 2", "b8946953-6a0f-420a-89ee-86aa39ac4794");

  const profile = async (changes: Partial<CreateRoutingProfileCommandInput>): Promise<string> => {
    const input = { InstanceId, Description: "x", DefaultOutboundQueueId: outbound, ...changes };
    const created = await connect.send(new CreateRoutingProfileCommand(input as CreateRoutingProfileCommandInput));
    return created.RoutingProfileId ?? "";
  };
  const serves = (QueueId: string, Channel: "VOICE" | "CHAT" | "TASK") => ({
    QueueReference: { QueueId, Channel },
    Priority: 1,
    Delay: 0,
  });
  const general = await profile({
    Name: "General",
    MediaConcurrencies: [
      { Channel: "VOICE", Concurrency: 1 },
      { Channel: "CHAT", Concurrency: 2 },
    ],
    QueueConfigs: [serves(billing, "VOICE"), serves(chat, "CHAT")],
  });
  names.set("52b346b3-598d-439a-82b2-00255b1facde", general);
  const specialists = await profile({
    Name: "Specialists",
    MediaConcurrencies: [
      { Channel: "VOICE", Concurrency: 1 },
      { Channel: "TASK", Concurrency: 1 },
    ],
    QueueConfigs: [serves(tierTwo, "VOICE"), serves(backOffice, "TASK")],
  });
  names.set("specialists", specialists);

  const HierarchyStructure = { LevelOne: { Name: "Region" }, LevelTwo: { Name: "City" } };
  await connect.send(new UpdateUserHierarchyStructureCommand({ InstanceId, HierarchyStructure }));
  const group = async (Name: string, example: string, ParentGroupId?: string): Promise<string> => {
    const input = { InstanceId, Name, ParentGroupId };
    const { HierarchyGroupId = "" } = await connect.send(new CreateUserHierarchyGroupCommand(input));
    names.set(example, HierarchyGroupId);
    return HierarchyGroupId;
  };
  const region = await group("EMEA", "afd93752-9a3b-4805-8aa8-bc1f39409e26");
  const city = await group("London", "7411b515-fedf-41bb-8916-473440a839bc", region);

  const security = await connect.send(new ListSecurityProfilesCommand({ InstanceId }));
  const SecurityProfileIds = [security.SecurityProfileSummaryList?.[0]?.Id ?? ""];
  const user = async (FirstName: string, LastName: string, example: string, more: object): Promise<string> => {
    const { UserId = "" } = await connect.send(
      new CreateUserCommand({
        InstanceId,
        Username: `${FirstName}.${LastName}`.toLowerCase(),
        Password: "Secret-1234",
        IdentityInfo: { FirstName, LastName, Email: `${FirstName}@example.com` },
        PhoneConfig: { PhoneType: "SOFT_PHONE" },
        SecurityProfileIds,
        RoutingProfileId: general,
        ...more,
      }),
    );
    names.set(example, UserId);
    return UserId;
  };
  const priya = await user("Priya", "Raman", "3d9d8a0c-20bd-41f0-8ba5-5930c9d1e73a", { HierarchyGroupId: city });
  const tomas = await user("Tomas", "Novak", "171c9ae5-d6be-472a-8793-eccd4d6ff57d", { RoutingProfileId: specialists });
  const Values = { StringList: ["French"] };
  await connect.send(new CreatePredefinedAttributeCommand({ InstanceId, Name: "Language", Values }));
  const UserProficiencies = [{ AttributeName: "Language", AttributeValue: "French", Level: 4 }];
  await connect.send(new AssociateUserProficienciesCommand({ InstanceId, UserId: priya, UserProficiencies }));
  const campaigns = { InstanceId, AttributeType: "HIGH_VOLUME_OUTBOUND", Value: "true" } as never;
  await connect.send(new UpdateInstanceAttributeCommand(campaigns));
  return {
    priya,
    tomas,
    tierTwo,
    billingFlow: await flowTo("Billing menu", billing, MENU),
    chatFlow: await flowTo("Web chat", chat, RETURN),
    backOfficeFlow: await flowTo("Back office", backOffice, RETURN),
    mailFlow: await flowTo("Mail", backOffice, RETURN),
  };
}

/** The examples' day, in the order of its times. */
async function playDay(people: People): Promise<void> {
  const { priya, tomas } = people;
  await at("07:41:10.220");
  await centre.arrive({
    contactId: MAIL,
    channel: "EMAIL",
    from: "sam@example.com",
    fromName: "Sam Doe",
    to: "help@northwind.example",
    subject: "Refund not received",
    contactFlowId: people.mailFlow,
  });

  await at("08:55:02.310");
  await centre.act(priya, "sign-in");
  await at("08:56:00.004");
  await centre.status(priya, "Available");
  await playCallA(people);

  await at("09:05:00.000");
  await centre.status(priya, "Offline");
  await at("09:10:00.000");
  await call(CALL_B, "+447700900789", people);
  await at("09:10:20.000");
  await centre.customer(CALL_B, "input", { text: "1" });
  await at("09:12:02.000");
  await centre.customer(CALL_B, "hang-up");

  await at("10:00:00.000");
  const campaign = await connect.send(
    new StartOutboundVoiceContactCommand({
      InstanceId,
      ContactFlowId: centre.flowId,
      DestinationPhoneNumber: "+12065550100",
      SourcePhoneNumber: "+12065550000",
      TrafficType: "CAMPAIGN",
      CampaignId: "6b45a7e5-fbbd-4996-8338-d7b789908f87",
      AnswerMachineDetectionConfig: { EnableAnswerMachineDetection: true },
    }),
  );
  names.set("1a245ceb-d38e-4309-8ca0-ae3a9a0edef5", campaign.ContactId ?? "");

  await playChat(people);

  await at("10:59:00.000");
  await centre.act(tomas, "sign-in");
  await playTask(people);
  await at("13:59:00.000");
  await centre.status(priya, "Available");
  await playColdTransfer(people);

  await at("17:00:00.000");
  await centre.status(priya, "Offline");
  await at("17:00:03.100");
  await centre.act(priya, "sign-out");
  await at("19:00:00.000");
}

const call = (contactId: string, from: string, { billingFlow: contactFlowId }: People): Promise<string> =>
  centre.arrive({ contactId, channel: "VOICE", from, to: "+442079460100", contactFlowId });

async function playCallA(people: People): Promise<void> {
  const { priya } = people;
  const contactId = CALL_A;
  await at("09:00:00.120");
  await call(contactId, "+447700900123", people);
  await at("09:00:41.387");
  await centre.customer(contactId, "input", { text: "1" });
  await at("09:00:52.914");
  await centre.act(priya, "accept", { contactId });
  await at("09:01:12.200");
  await centre.act(priya, "hold", { contactId });
  await at("09:01:58.700");
  await centre.act(priya, "resume", { contactId });
  await at("09:02:10.050");
  const Attributes = { caseId: "CASE-1042", language: "en" };
  await connect.send(new UpdateContactAttributesCommand({ InstanceId, InitialContactId: contactId, Attributes }));
  await at("09:02:16.641");
  await centre.customer(contactId, "hang-up");
  await at("09:02:51.655");
  await centre.act(priya, "clear", { contactId });
}

async function playChat({ priya, chatFlow }: People): Promise<void> {
  await at("10:14:00.000");
  await centre.status(priya, "Available");
  await at("10:15:00.000");
  const {
    ContactId: contactId = "",
    ParticipantToken,
    ParticipantId = "",
  } = await connect.send(
    new StartChatContactCommand({
      InstanceId,
      ContactFlowId: chatFlow,
      ParticipantDetails: { DisplayName: "Mara" },
      Attributes: { page: "/checkout" },
    }),
  );
  names.set(CHAT, contactId);
  names.set("dfeb3db5-732d-4f73-8b9f-239dc8831eea", ParticipantId);
  await at("10:15:01.000");
  const Type: ConnectionType[] = ["CONNECTION_CREDENTIALS"];
  await participants.send(new CreateParticipantConnectionCommand({ ParticipantToken, Type, ConnectParticipant: true }));
  await at("10:15:06.000");
  await centre.customer(contactId, "input", { event: "CustomerReturned" });
  await at("10:15:21.000");
  await centre.act(priya, "accept", { contactId });
  await at("10:24:41.000");
  await centre.customer(contactId, "hang-up");
  await at("10:25:05.000");
  await centre.act(priya, "clear", { contactId });
  await centre.status(priya, "Offline");
}

async function playTask({ tomas, backOfficeFlow }: People): Promise<void> {
  await at("11:00:00.500");
  const { ContactId = "" } = await connect.send(
    new StartTaskContactCommand({
      InstanceId,
      ContactFlowId: backOfficeFlow,
      Name: "Check invoice",
      RelatedContactId: CALL_A,
      References: { invoice: { Type: "URL", Value: "https://billing.example/invoices/77" } },
    }),
  );
  names.set("2a1e2002-f21b-42a2-87dc-e52250642cbb", ContactId);
  const within = { InstanceId, ContactId };
  await at("11:00:02.250");
  await centre.customer(ContactId, "input", { event: "CustomerReturned" });
  await at("11:00:20.000");
  await centre.status(tomas, "Available");
  await at("11:00:30.000");
  await centre.act(tomas, "accept", { contactId: ContactId });
  await at("11:12:00.000");
  await connect.send(new PauseContactCommand(within));
  await at("13:40:10.000");
  await connect.send(new ResumeContactCommand(within));
  await at("13:52:44.000");
  await centre.act(tomas, "hang-up", { contactId: ContactId });
  await at("13:53:00.000");
  await centre.act(tomas, "clear", { contactId: ContactId });
  await centre.status(tomas, "Offline");
}

async function playColdTransfer(people: People): Promise<void> {
  const { priya, tomas, tierTwo } = people;
  const contactId = FIRST_LEG;
  await at("14:00:00.000");
  await call(contactId, "+447700900321", people);
  await at("14:00:30.000");
  await centre.customer(contactId, "input", { text: "1" });
  await at("14:00:45.000");
  await centre.act(priya, "accept", { contactId });
  await at("14:06:00.000");
  const { contactId: leg = "" } = await centre.act(priya, "transfer", { contactId, to: { queueId: tierTwo } });
  names.set("9d517436-1e2a-4158-8e18-95a8f16a22a6", leg);
  await at("14:06:40.000");
  await centre.act(priya, "leave", { contactId });
  await at("14:06:50.000");
  await centre.status(tomas, "Available");
  await at("14:06:55.000");
  await centre.act(tomas, "accept", { contactId: leg });
  await at("14:07:00.000");
  await centre.act(priya, "clear", { contactId });
  await at("14:12:30.000");
  await centre.customer(leg, "hang-up");
  await at("14:12:50.000");
  await centre.act(tomas, "clear", { contactId: leg });
}

await playDay(await configure());
const played = await centre.streams();

/** A place in an example at which Trunkline has something else, and why. Nothing: it is not there. */
interface Difference {
  readonly place: string;
  readonly here?: unknown;
  readonly why: string;
}

/** Answers with what is expected here. */
function compare(actual: unknown, example: unknown, differences: readonly Difference[]): Json {
  const expected = JSON.parse(translated(JSON.stringify(example))) as Json;
  for (const { place, here, why } of differences) {
    const steps = place.split(".");
    const name = steps.pop() ?? "";
    const parent = steps.reduce<Json>((value, step) => value[step] as Json, expected) as Record<string, unknown>;
    const own = here === undefined ? undefined : JSON.parse(translated(JSON.stringify(here)));
    assert.notDeepEqual(parent[name], own, `${place} differs no more: ${why}`);
    if (own === undefined) delete parent[name];
    else parent[name] = own;
  }
  assert.deepEqual(actual, expected);
  return expected;
}

function translated(text: string): string {
  let result = text;
  for (const [theirs, ours] of names) result = result.replaceAll(theirs, ours);
  return result;
}

const examples = JSON.parse(readFileSync(new URL("contact-stream-examples.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Json>
>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The contact event of a type that tells of a contact, by the example's name for it. */
const contactEvent = (contactId: string, eventType: string, number = 0): Json => {
  const own = played.contactEvents.filter(
    ({ detail }) => detail.contactId === translated(contactId) && detail.eventType === eventType,
  );
  return own[number] as unknown as Json;
};

/** With the queues of routing profiles in the order of their names, which those that have random ids do not keep. */
const agentEvent = (time: string): Json => {
  const event = played.agentEvents.find(({ EventTimestamp }) => EventTimestamp === `${DAY}T${time}Z`);
  return JSON.parse(JSON.stringify(event), (name: string, value: unknown) =>
    name === "InboundQueues" ? [...(value as { Name: string | null }[])].sort(byName) : value,
  ) as Json;
};

const byName = (a: { Name: string | null }, b: { Name: string | null }): number =>
  (a.Name ?? "") < (b.Name ?? "") ? -1 : 1;

const record = (contactId: string): Json =>
  played.records.find(({ ContactId }) => ContactId === translated(contactId)) as unknown as Json;

interface Example {
  readonly name: string;
  readonly actual: () => Json;
  readonly differences?: readonly Difference[];
}

const TASK = "2a1e2002-f21b-42a2-87dc-e52250642cbb";
const CAMPAIGN_CALL = "1a245ceb-d38e-4309-8ca0-ae3a9a0edef5";
const SECOND_LEG = "9d517436-1e2a-4158-8e18-95a8f16a22a6";

const NOT_RECORDED = "Recordings are told of where an object exists, and nothing records here";
const NO_ANALYTICS = "the flow of this day switches no analytics on, as none of the example's events tells of any";
const NO_DEVICE = "nobody's device is known";
const AT_ONCE = "records come without delay";
const NO_TEMPLATES = "only task templates give a task details, and there are none";

const SILENT_CHAT: readonly (readonly [place: string, here: unknown])[] = [
  ...["AgentMetrics", "CustomerMetrics"].flatMap((of): [string, unknown][] => [
    [`${of}.LastMessageTimestamp`, null],
    ...[
      "MaxResponseTimeInMillis",
      "MessageLengthInChars",
      "MessagesSent",
      "NumResponses",
      "TotalResponseTimeInMillis",
    ].map((name): [string, unknown] => [`${of}.${name}`, 0]),
  ]),
  ["ContactMetrics.AgentFirstResponseTimeInMillis", null],
  ["ContactMetrics.AgentFirstResponseTimestamp", null],
  ["ContactMetrics.ConversationCloseTimeInMillis", null],
  ["ContactMetrics.ConversationTurnCount", 0],
  ["ContactMetrics.TotalBotMessageLengthInChars", 0],
  ["ContactMetrics.TotalBotMessages", 0],
  ["ContactMetrics.TotalMessages", 0],
];

function agentParticipant(): string {
  const { AgentMetrics } = record(CHAT).ChatMetrics as { AgentMetrics: { ParticipantId: string } };
  assert.match(AgentMetrics.ParticipantId, UUID);
  return AgentMetrics.ParticipantId;
}

suite("contact events", () => {
  const rows: readonly Example[] = [
    ...["INITIATED", "QUEUED", "CONNECTED_TO_AGENT", "CONTACT_DATA_UPDATED", "DISCONNECTED"].map((eventType) => ({
      name: `call A ${eventType}`,
      actual: () => contactEvent(CALL_A, eventType),
    })),
    {
      name: "call A COMPLETED",
      actual: () => contactEvent(CALL_A, "COMPLETED"),
      differences: [{ place: "detail.recordings", why: NOT_RECORDED }],
    },
    {
      name: "task PAUSED",
      actual: () => contactEvent(TASK, "PAUSED"),
      differences: [{ place: "detail.contactDetails", why: NO_TEMPLATES }],
    },
    {
      name: "campaign call CONNECTED_TO_SYSTEM",
      actual: () => contactEvent(CAMPAIGN_CALL, "CONNECTED_TO_SYSTEM"),
      differences: [
        ...[
          ["time", "2026-03-03T10:00:04Z"],
          ["detail.ringStartTimestamp", "2026-03-03T10:00:01.000Z"],
          ["detail.connectedToSystemTimestamp", "2026-03-03T10:00:04.000Z"],
          ["detail.customerVoiceActivity.greetingStartTimestamp", "2026-03-03T10:00:04.150Z"],
          ["detail.customerVoiceActivity.greetingEndTimestamp", "2026-03-03T10:00:05.600Z"],
        ].map(([place = "", here]) => ({ place, here, why: "the carrier's person answers when docs/carrier.md says" })),
        { place: "detail.customerEndpoint.address", here: "+12065550100", why: "UK mobiles are refused" },
        {
          place: "detail.systemEndpoint",
          here: { address: "+12065550000", type: "TELEPHONE_NUMBER" },
          why: "the request names the number that calls",
        },
        { place: "detail.tags.aws:connect:systemEndpoint", here: "+12065550000", why: "as above" },
      ],
    },
    { name: "second leg INITIATED", actual: () => contactEvent(SECOND_LEG, "INITIATED") },
    { name: "mail INITIATED", actual: () => contactEvent(MAIL, "INITIATED") },
  ];
  for (const { name, actual, differences = [] } of rows) {
    test(name, () => {
      const event = actual();
      assert.match(String(event.id), UUID);
      compare(event, { ...examples[`contact event: ${name}`], id: event.id }, differences);
    });
  }
});

suite("agent events", () => {
  const rows: readonly Example[] = [
    { name: "LOGIN", actual: () => agentEvent("08:55:02.310") },
    {
      name: "call A answered",
      actual: () => agentEvent("09:00:52.914"),
      differences: [
        {
          place: "PreviousAgentSnapshot.Contacts.0.StateStartTimestamp",
          here: "2026-03-03T09:00:41.387Z",
          why: "who is free is offered a contact at once",
        },
      ],
    },
    { name: "call A cleared", actual: () => agentEvent("09:02:51.655") },
  ];
  for (const { name, actual, differences = [] } of rows) {
    test(name, () => {
      const event = actual();
      assert.match(String(event.EventId), UUID);
      const expected = compare(event, { ...examples[`agent event: ${name}`], EventId: event.EventId }, differences);
      assert.equal(JSON.stringify(event), JSON.stringify(inOrder(expected)), "keys are in alphabetical order");
    });
  }

  test("the agent's day has these events, and no others", () => {
    const own = played.agentEvents.filter(({ AgentARN }) =>
      AgentARN.endsWith(translated("3d9d8a0c-20bd-41f0-8ba5-5930c9d1e73a")),
    );
    const morning = own.filter(({ EventTimestamp }) => EventTimestamp < `${DAY}T09:05`);
    const states = (snapshot: AgentSnapshot | null): string =>
      snapshot === null
        ? "none"
        : `${snapshot.AgentStatus.Name} ${snapshot.Contacts.map(({ State }) => State).join()}`.trim();
    assert.deepEqual(
      morning.map((event) => [
        event.EventTimestamp.slice(11, 23),
        event.EventType,
        states(event.CurrentAgentSnapshot),
        states(event.PreviousAgentSnapshot),
      ]),
      [
        ["08:55:02.310", "LOGIN", "Offline", "none"],
        ["08:56:00.004", "STATE_CHANGE", "Available", "Offline"],
        ["08:58:00.004", "HEART_BEAT", "Available", "Offline"],
        ["09:00:00.004", "HEART_BEAT", "Available", "Offline"],
        // Offered at once; the published day has 09:00:47.502.
        ["09:00:41.387", "STATE_CHANGE", "Available CONNECTING", "Available"],
        ["09:00:52.914", "STATE_CHANGE", "Available CONNECTED", "Available CONNECTING"],
        ["09:01:12.200", "STATE_CHANGE", "Available CONNECTED_ONHOLD", "Available CONNECTED"],
        ["09:01:58.700", "STATE_CHANGE", "Available CONNECTED", "Available CONNECTED_ONHOLD"],
        ["09:02:16.641", "STATE_CHANGE", "Available ENDED", "Available CONNECTED"],
        ["09:02:51.655", "STATE_CHANGE", "Available", "Available ENDED"],
        ["09:04:51.655", "HEART_BEAT", "Available", "Available ENDED"],
      ],
    );
    const evening = own.filter(({ EventTimestamp }) => EventTimestamp >= `${DAY}T17`);
    assert.deepEqual(
      evening.slice(0, 3).map(({ EventTimestamp, EventType }) => [EventTimestamp.slice(11, 23), EventType]),
      [
        ["17:00:00.000", "STATE_CHANGE"],
        ["17:00:03.100", "LOGOUT"],
        ["17:02:03.100", "HEART_BEAT"],
      ],
    );
    assert.equal(evening.at(-1)?.EventTimestamp, `${DAY}T18:00:03.100Z`);
    assert.equal(evening.length, 32);
  });
});

suite("contact records", () => {
  const rows: readonly Example[] = [
    {
      name: "call A",
      actual: () => record(CALL_A),
      differences: [
        { place: "Agent.DeviceInfo", here: null, why: NO_DEVICE },
        { place: "ContactLens", here: null, why: NO_ANALYTICS },
        { place: "LastUpdateTimestamp", here: "2026-03-03T09:02:51Z", why: AT_ONCE },
        { place: "Recording", here: null, why: NOT_RECORDED },
        { place: "Recordings", here: null, why: NOT_RECORDED },
      ],
    },
    {
      name: "abandoned call B",
      actual: () => record(CALL_B),
      differences: [{ place: "LastUpdateTimestamp", here: "2026-03-03T09:12:02Z", why: AT_ONCE }],
    },
    {
      name: "chat",
      actual: () => record(CHAT),
      differences: [
        { place: "Agent.DeviceInfo", here: null, why: NO_DEVICE },
        {
          place: "ChatMetrics.AgentMetrics.ParticipantId",
          here: agentParticipant(),
          why: "no API has named it before",
        },
        ...SILENT_CHAT.map(([place, here]) => ({
          place: `ChatMetrics.${place}`,
          here,
          why: "nobody writes on this day; test/connect-chat.test.ts counts messages",
        })),
        {
          place: "ConnectedToSystemTimestamp",
          here: "2026-03-03T10:15:00Z",
          why: "a chat is connected to the system when it starts, whenever its customer connects",
        },
        { place: "LastUpdateTimestamp", here: "2026-03-03T10:25:05Z", why: AT_ONCE },
        { place: "Recordings", here: null, why: NOT_RECORDED },
      ],
    },
    {
      name: "task",
      actual: () => record(TASK),
      differences: [
        { place: "Agent.DeviceInfo", here: null, why: NO_DEVICE },
        {
          place: "Agent.RoutingProfile",
          here: {
            ARN: `arn:aws:connect:eu-west-2:444455556666:instance/${INSTANCE}/routing-profile/specialists`,
            Name: "Specialists",
          },
          why: "the profile General of the agent events has no tasks",
        },
        {
          place: "Attributes",
          here: { caseId: "CASE-1042", language: "en" },
          why: "StartTaskContact copies the attributes of the related contact",
        },
        {
          place: "ContactAssociationId",
          here: CALL_A,
          why: "it is common to all contacts that are linked by RelatedContactId",
        },
        { place: "ContactDetails", here: {}, why: NO_TEMPLATES },
        { place: "LastUpdateTimestamp", here: "2026-03-03T13:53:00Z", why: AT_ONCE },
      ],
    },
  ];
  for (const { name, actual, differences = [] } of rows) {
    test(name, () => {
      const expected = compare(actual(), examples[`record: ${name}`], differences);
      assert.equal(JSON.stringify(Object.keys(actual())), JSON.stringify(Object.keys(inOrder(expected) as Json)));
    });
  }

  test("cold transfer, reduced to the members that link its legs", () => {
    const [first, second] = ["first", "second"].map((leg) => examples[`record: cold transfer, ${leg} leg`] as Json);
    compare(reduced(record(FIRST_LEG), first), first, []);
    const why = "a transfer to a queue by hand runs no flow that takes time";
    compare(reduced(record(SECOND_LEG), second), second, [
      { place: "Queue.EnqueueTimestamp", here: "2026-03-03T14:06:00Z", why },
      { place: "Queue.Duration", here: 55, why },
    ]);
  });
});

/** The same with the keys of all objects in alphabetical order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, member]) => [name, inOrder(member)]));
}

/** Only the members that another object has, at every depth. */
function reduced(value: unknown, to: unknown): unknown {
  if (typeof value !== "object" || value === null || typeof to !== "object" || to === null) return value;
  return Object.fromEntries(Object.entries(to).map(([name, member]) => [name, reduced((value as Json)[name], member)]));
}
