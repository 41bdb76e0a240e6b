/**
 * The documented courses of contacts ("state machines and flows" of the contact streams), one by one: what each tells on the bus, what
 * its agents see of it, and what its record says in the end.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateContactCommand,
  CreateContactFlowCommand,
  CreateQueueCommand,
  ListHoursOfOperationsCommand,
  MonitorContactCommand,
  StartOutboundVoiceContactCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centres: Centre[] = [];
after(() => {
  for (const { connect } of centres) connect.destroy();
});

const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };

/** A contact that a scenario has made, and all that is told of it. */
interface Expected {
  readonly contactId: string;
  readonly events: readonly string[];
  /** What one agent sees of it, stretch by stretch. */
  readonly agent?: readonly [userId: string, states: readonly string[]];
  /** Members of its record, some of them within others: `Queue.Name`. */
  readonly record?: Readonly<Record<string, unknown>>;
  /** Members of the `detail` of its last event. */
  readonly last?: Readonly<Record<string, unknown>>;
}

function scenario(title: string, play: (centre: Centre) => Promise<readonly Expected[]>): void {
  test(title, async () => {
    const centre = await openCentre(server);
    centres.push(centre);
    const expectations = await play(centre);
    const streams = await centre.streams();
    checkInvariants(streams);
    for (const { contactId, events, agent, record = {}, last = {} } of expectations) {
      const told = streams.contactEvents.filter(({ detail }) => detail.contactId === contactId);
      assert.deepEqual(
        told.map(({ detail }) => detail.eventType),
        events,
      );
      if (agent) assert.deepEqual(statesOf(streams.agentEvents, agent[0], contactId), agent[1]);
      const found = streams.records.filter(({ ContactId }) => ContactId === contactId).at(-1);
      for (const [place, value] of Object.entries(record)) assert.deepEqual(memberAt(found, place), value, place);
      for (const [place, value] of Object.entries(last)) {
        assert.deepEqual(memberAt(told.at(-1)?.detail, place), value, place);
      }
    }
  });
}

type AgentEvents = Awaited<ReturnType<Centre["streams"]>>["agentEvents"];

function statesOf(events: AgentEvents, userId: string, contactId: string): string[] {
  const states = events
    .filter(({ AgentARN, EventType }) => AgentARN.endsWith(userId) && EventType !== "HEART_BEAT")
    .flatMap(({ CurrentAgentSnapshot }) =>
      CurrentAgentSnapshot.Contacts.filter(({ ContactId }) => ContactId === contactId),
    )
    .map(({ State }) => State as string);
  return states.filter((state, index) => state !== states[index - 1]);
}

function memberAt(value: unknown, place: string): unknown {
  return place.split(".").reduce<unknown>((of, name) => (of as Record<string, unknown> | null)?.[name], value);
}

const ANSWERED = ["INITIATED", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"];
const ABANDONED = ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"];
const UNREACHED = ["INITIATED", "DISCONNECTED", "COMPLETED"];

/** A flow that waits for a key for ever, or hangs up by itself. */
async function flowOf({ connect, InstanceId }: Centre, action: object): Promise<string> {
  const end = { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} };
  const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "first", Actions: [action, end] });
  const created = await connect.send(
    new CreateContactFlowCommand({ InstanceId, Name: "Own flow", Type: "CONTACT_FLOW", Content }),
  );
  return created.ContactFlowId ?? "";
}

const MENU = {
  Identifier: "first",
  Type: "GetParticipantInput",
  Parameters: { Text: "Press 1", StoreInput: "False", InputTimeLimitSeconds: "60" },
  Transitions: {
    NextAction: "end",
    Conditions: [{ NextAction: "end", Condition: { Operator: "Equals", Operands: ["1"] } }],
    Errors: ["NoMatchingCondition", "InputTimeLimitExceeded", "NoMatchingError"].map((ErrorType) => ({
      NextAction: "end",
      ErrorType,
    })),
  },
};

/** Hangs up on whoever has answered. */
const CHECK = {
  Identifier: "first",
  Type: "CheckOutboundCallStatus",
  Parameters: {},
  Transitions: {
    NextAction: "end",
    Conditions: [{ NextAction: "end", Condition: { Operator: "Equals", Operands: ["VoicemailBeep"] } }],
    Errors: [{ NextAction: "end", ErrorType: "NoMatchingError" }],
  },
};

scenario("7.2: the analysis that a flow switches on is told, and in the record", async (centre) => {
  const { connect, InstanceId } = centre;
  const AttributeType = "CONTACT_LENS";
  await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType, Value: "true" }));
  const contactFlowId = await flowOf(centre, {
    Identifier: "first",
    Type: "UpdateContactRecordingBehavior",
    Parameters: {
      RecordingBehavior: { RecordedParticipants: ["Agent", "Customer"] },
      AnalyticsBehavior: {
        Enabled: "True",
        AnalyticsLanguage: "en-GB",
        ChannelConfiguration: { Voice: { AnalyticsModes: ["RealTime"] } },
        SummaryConfiguration: { SummaryModes: ["PostContact"] },
      },
    },
    Transitions: { NextAction: "end" },
  });
  const contactId = await centre.arrive({ ...CALL, contactFlowId });
  const redaction = { Behavior: "Disable", Entities: null, MaskMode: null, Policy: "None" };
  return [
    {
      contactId,
      events: ["INITIATED", "CONTACT_DATA_UPDATED", "DISCONNECTED", "COMPLETED"],
      record: {
        "ContactLens.ConversationalAnalytics.Configuration": {
          ChannelConfiguration: { AnalyticsModes: ["RealTime"] },
          Enabled: true,
          LanguageLocale: "en-GB",
          RedactionConfiguration: redaction,
          SentimentConfiguration: { Behavior: "Enable" },
          SummaryConfiguration: { SummaryModes: ["PostContact"] },
        },
      },
      last: {
        "contactLens.conversationalAnalytics.configuration": {
          enabled: true,
          channelConfiguration: { analyticsModes: ["RealTime"] },
          languageLocale: "en-GB",
          redactionConfiguration: { behavior: "Disable", policy: "None" },
          sentimentConfiguration: { behavior: "Enable" },
        },
      },
    },
  ];
});

scenario("7.3: who hangs up in the menu was in no queue", async (centre) => {
  const contactId = await centre.arrive({ ...CALL, contactFlowId: await flowOf(centre, MENU) });
  await server.advance("PT5S");
  await centre.customer(contactId, "hang-up");
  return [
    {
      contactId,
      events: UNREACHED,
      record: { Queue: null, Agent: null, DisconnectReason: "CUSTOMER_DISCONNECT", AgentConnectionAttempts: 0 },
      last: { queueInfo: undefined, agentInfo: undefined },
    },
  ];
});

scenario("7.3: a flow hangs up", async (centre) => {
  const contactId = await centre.arrive({ ...CALL, contactFlowId: await flowOf(centre, MENU) });
  await centre.customer(contactId, "input", { text: "1" });
  return [{ contactId, events: UNREACHED, record: { DisconnectReason: "CONTACT_FLOW_DISCONNECT" } }];
});

scenario("7.3: who gives up in the queue leaves it as they disconnect", async (centre) => {
  const contactId = await centre.arrive(CALL);
  await server.advance("PT90S");
  await centre.customer(contactId, "hang-up");
  const { record } = (await centre.contact(contactId)) as { record: { DisconnectTimestamp: string } };
  return [
    {
      contactId,
      events: ABANDONED,
      record: {
        Agent: null,
        "Queue.Duration": 90,
        "Queue.DequeueTimestamp": record.DisconnectTimestamp,
        DisconnectReason: "CUSTOMER_DISCONNECT",
      },
      last: { "queueInfo.queueType": "STANDARD", agentInfo: undefined },
    },
  ];
});

scenario("7.3: who hangs up while it rings has had one attempt", async (centre) => {
  const userId = await centre.agent("ann");
  const contactId = await centre.arrive(CALL);
  await server.advance("PT5S");
  await centre.customer(contactId, "hang-up");
  return [
    {
      contactId,
      events: ABANDONED,
      agent: [userId, ["CONNECTING", "REJECTED"]],
      record: { Agent: null, AgentConnectionAttempts: 1 },
    },
  ];
});

scenario("7.3: a missed call goes on ringing at the next agent, with one QUEUED", async (centre) => {
  const first = await centre.agent("ann");
  await server.advance("PT1S");
  const second = await centre.agent("ben");
  const contactId = await centre.arrive(CALL);
  await server.advance("PT20S");
  await centre.act(second, "accept", { contactId });
  await server.advance("PT10S");
  await centre.act(second, "hang-up", { contactId });
  await server.advance("PT5S");
  await centre.act(second, "clear", { contactId });
  const record = { AgentConnectionAttempts: 2, "Queue.Duration": 20, DisconnectReason: "AGENT_DISCONNECT" };
  return [
    { contactId, events: ANSWERED, agent: [first, ["CONNECTING", "MISSED"]], record },
    { contactId, events: ANSWERED, agent: [second, ["CONNECTING", "CONNECTED", "ENDED"]] },
  ];
});

scenario("7.4: an agent's call rings, is answered, and was in no queue", async (centre) => {
  const userId = await centre.agent("ann");
  const { contactId = "" } = await centre.act(userId, "dial", { number: "+12065550102" });
  await server.advance("PT4S");
  await server.advance("PT10S");
  await centre.act(userId, "clear", { contactId });
  return [
    {
      contactId,
      events: ["INITIATED", "CONNECTED_TO_SYSTEM", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"],
      agent: [userId, ["CONNECTING", "CONNECTED", "ENDED"]],
      record: { InitiationMethod: "OUTBOUND", Queue: null, DisconnectReason: "CUSTOMER_DISCONNECT" },
      last: { queueInfo: undefined },
    },
  ];
});

scenario("7.4: nobody answers an agent's call within a minute", async (centre) => {
  const userId = await centre.agent("ann");
  const { contactId = "" } = await centre.act(userId, "dial", { number: "+12065550116" });
  await server.advance("PT61S");
  return [
    {
      contactId,
      events: UNREACHED,
      agent: [userId, ["CONNECTING", "ERROR"]],
      record: { Agent: null, DisconnectReason: "TELECOM_TIMEOUT" },
    },
  ];
});

/** A customer who talks with an agent, and another agent who is free. */
async function conversation(centre: Centre) {
  const first = await centre.agent("ann");
  const contactId = await centre.arrive(CALL);
  await server.advance("PT5S");
  await centre.act(first, "accept", { contactId });
  await server.advance("PT30S");
  const second = await centre.agent("ben");
  return { first, second, contactId };
}

scenario("7.5: in a warm transfer the first agent stays until the second has joined", async (centre) => {
  const { first, second, contactId } = await conversation(centre);
  const { contactId: leg = "" } = await centre.act(first, "transfer", { contactId, to: { queueId: centre.queueId } });
  await server.advance("PT5S");
  await centre.act(second, "accept", { contactId: leg });
  await centre.act(first, "join", { contactId });
  await server.advance("PT20S");
  await centre.act(first, "leave", { contactId });
  await server.advance("PT10S");
  await centre.act(first, "clear", { contactId });
  await centre.customer(leg, "hang-up");
  await centre.act(second, "clear", { contactId: leg });
  return [
    {
      contactId,
      events: ANSWERED,
      agent: [first, ["CONNECTING", "CONNECTED", "CONNECTED_ONHOLD", "CONNECTED", "ENDED"]],
      record: { TransferCompletedTimestamp: null, NextContactId: leg, "Agent.CustomerHoldDuration": 5 },
    },
    {
      contactId: leg,
      events: ANSWERED,
      record: { InitiationMethod: "TRANSFER", PreviousContactId: contactId, InitialContactId: contactId },
    },
  ];
});

scenario("7.5: the second agent of a consultation drops, and the first goes on with the customer", async (centre) => {
  const { first, second, contactId } = await conversation(centre);
  const { contactId: leg = "" } = await centre.act(first, "transfer", { contactId, to: { userId: second } });
  await centre.act(second, "accept", { contactId: leg });
  await server.advance("PT15S");
  await centre.act(second, "hang-up", { contactId: leg });
  await centre.act(first, "resume", { contactId });
  await server.advance("PT10S");
  await centre.customer(contactId, "hang-up");
  await centre.act(second, "clear", { contactId: leg });
  await centre.act(first, "clear", { contactId });
  return [
    {
      contactId,
      events: ANSWERED,
      agent: [first, ["CONNECTING", "CONNECTED", "CONNECTED_ONHOLD", "CONNECTED", "ENDED"]],
      record: {
        TransferCompletedTimestamp: null,
        "Agent.CustomerHoldDuration": 15,
        "Agent.AgentInteractionDuration": 40,
      },
    },
    { contactId: leg, events: ANSWERED, last: { "queueInfo.queueType": "AGENT" }, record: { "Queue.Name": null } },
  ];
});

scenario("7.5: a customer who is left with somebody outside has no next contact", async (centre) => {
  const userId = await centre.agent("ann");
  const contactId = await centre.arrive(CALL);
  await centre.act(userId, "accept", { contactId });
  await server.advance("PT10S");
  const to = { number: "+12065550102" };
  const { contactId: leg = "" } = await centre.act(userId, "transfer", { contactId, to });
  await server.advance("PT4S");
  await centre.act(userId, "leave", { contactId });
  await centre.act(userId, "clear", { contactId });
  await server.advance("PT10S");
  const { record } = (await centre.contact(contactId)) as { record: { Agent: Record<string, unknown> } };
  return [
    {
      contactId,
      events: ANSWERED,
      record: {
        NextContactId: null,
        "TransferredToEndpoint.Address": to.number,
        TransferCompletedTimestamp: record.Agent.AfterContactWorkStartTimestamp,
      },
    },
    {
      contactId: leg,
      events: ["INITIATED", "CONNECTED_TO_SYSTEM", "DISCONNECTED", "COMPLETED"],
      record: { InitiationMethod: "EXTERNAL_OUTBOUND", Agent: null, DisconnectReason: "THIRD_PARTY_DISCONNECT" },
    },
  ];
});

scenario("7.5: a flow moves a caller to another queue, which is another contact", async (centre) => {
  const { connect, InstanceId } = centre;
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id;
  const { QueueId: queueId } = await connect.send(
    new CreateQueueCommand({ InstanceId, Name: "Second", HoursOfOperationId }),
  );
  const contactId = await centre.arrive(CALL);
  await server.advance("PT30S");
  const { contactId: next = "" } = await centre.customer(contactId, "queue-transfer", { queueId });
  await server.advance("PT30S");
  await centre.customer(next, "hang-up");
  return [
    { contactId, events: ABANDONED, record: { NextContactId: next, "Queue.Duration": 30 } },
    {
      contactId: next,
      events: ABANDONED,
      record: {
        InitiationMethod: "QUEUE_TRANSFER",
        PreviousContactId: contactId,
        "Queue.Name": "Second",
        "Queue.Duration": 30,
        SystemEndpoint: null,
      },
      last: { systemEndpoint: undefined },
    },
  ];
});

scenario("7.6: a callback is scheduled, queued, offered, dialled and answered", async (centre) => {
  const contactId = await centre.arrive({ ...CALL, from: "+12065550102" });
  await server.advance("PT10S");
  const { contactId: callback = "" } = await centre.customer(contactId, "callback", { delaySeconds: 60 });
  assert.deepEqual(await centre.types(callback), ["INITIATED"]);
  await server.advance("PT60S");
  assert.deepEqual(await centre.types(callback), ["INITIATED", "QUEUED"]);
  await server.advance("PT5S");
  const userId = await centre.agent("ann");
  await centre.act(userId, "accept", { contactId: callback });
  await server.advance("PT4S");
  await server.advance("PT10S");
  await centre.act(userId, "clear", { contactId: callback });
  return [
    { contactId, events: ABANDONED, record: { NextContactId: callback } },
    {
      contactId: callback,
      events: ["INITIATED", "QUEUED", "CONNECTED_TO_SYSTEM", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"],
      agent: [userId, ["INCOMING", "PENDING", "CONNECTING", "CONNECTED", "ENDED"]],
      record: {
        InitiationMethod: "CALLBACK",
        PreviousContactId: contactId,
        InitialContactId: contactId,
        "Queue.Duration": 9,
        "CustomerEndpoint.Address": "+12065550102",
        "SystemEndpoint.Address": "anonymous",
      },
      last: { systemEndpoint: undefined },
    },
  ];
});

scenario("7.6: who changes their mind before the callback is queued was in no queue", async (centre) => {
  const contactId = await centre.arrive(CALL);
  const { contactId: callback = "" } = await centre.customer(contactId, "callback", { delaySeconds: 60 });
  await centre.customer(callback, "hang-up");
  await server.advance("PT2M");
  return [{ contactId: callback, events: UNREACHED, record: { Queue: null } }];
});

scenario("7.9: the reply to an e-mail is a contact of its own, of the same thread", async (centre) => {
  const userId = await centre.agent("ann");
  const { connect, InstanceId } = centre;
  const mail = { channel: "EMAIL", from: "sam@example.com", fromName: "Sam Doe", to: "help@northwind.example" };
  const contactId = await centre.arrive(mail);
  await centre.act(userId, "accept", { contactId });
  await server.advance("PT60S");
  const reply = await connect.send(
    new CreateContactCommand({
      InstanceId,
      Channel: "EMAIL",
      InitiationMethod: "AGENT_REPLY",
      RelatedContactId: contactId,
      UserInfo: { UserId: userId },
    }),
  );
  await centre.act(userId, "hang-up", { contactId });
  await centre.act(userId, "clear", { contactId });
  const described = await centre.describe(reply.ContactId ?? "");
  assert.deepEqual([described.RelatedContactId, described.ContactAssociationId], [contactId, contactId]);
  const { CustomerEndpoint } = await centre.describe(contactId);
  assert.equal(CustomerEndpoint?.DisplayName, "Sam Doe");
  return [
    {
      contactId,
      events: ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"],
      agent: [userId, ["CONNECTING", "CONNECTED", "ENDED"]],
      record: { DisconnectReason: "AGENT_DISCONNECT", CustomerEndpoint: { Address: mail.from, Type: "EMAIL_ADDRESS" } },
      last: { customerEndpoint: { address: mail.from, type: "EMAIL_ADDRESS", displayName: "Sam Doe" } },
    },
  ];
});

scenario("7.10: a supervisor listens, and the contact goes on as it was", async (centre) => {
  const { first, second: supervisor, contactId } = await conversation(centre);
  const { connect, InstanceId } = centre;
  const listening = await connect.send(
    new MonitorContactCommand({
      InstanceId,
      ContactId: contactId,
      UserId: supervisor,
      AllowedMonitorCapabilities: ["SILENT_MONITOR"],
    }),
  );
  const monitor = listening.ContactId ?? "";
  if ((await centre.view(supervisor)).contacts[0]?.state === "CONNECTING") {
    await centre.act(supervisor, "accept", { contactId: monitor });
  }
  await server.advance("PT20S");
  await centre.customer(contactId, "hang-up");
  await centre.act(first, "clear", { contactId });
  await centre.act(supervisor, "clear", { contactId: monitor });
  return [
    { contactId, events: ANSWERED, agent: [first, ["CONNECTING", "CONNECTED", "ENDED"]] },
    {
      contactId: monitor,
      events: ["INITIATED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"],
      record: { InitiationMethod: "MONITOR", "Agent.StateTransitions.0.state": "SILENT_MONITOR", SystemEndpoint: null },
      last: { systemEndpoint: undefined, "agentInfo.stateTransitions.0.state": "SILENT_MONITOR" },
    },
  ];
});

for (const { number, events, status, reason } of [
  {
    number: "+12065550120",
    events: ["INITIATED", "CONNECTED_TO_SYSTEM", "DISCONNECTED", "COMPLETED"],
    status: "VOICEMAIL_BEEP",
    reason: "CONTACT_FLOW_DISCONNECT",
  },
  { number: "+12065550110", events: UNREACHED, status: "SIT_TONE_BUSY", reason: "OUTBOUND_ATTEMPT_FAILED" },
  { number: "+12065550116", events: UNREACHED, status: "AMD_UNANSWERED", reason: "OUTBOUND_ATTEMPT_FAILED" },
]) {
  scenario(`7.11: a campaign call that ends ${status}`, async (centre) => {
    const { connect, InstanceId } = centre;
    const AttributeType = "HIGH_VOLUME_OUTBOUND";
    await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType, Value: "true" } as never));
    const { ContactId: contactId = "" } = await connect.send(
      new StartOutboundVoiceContactCommand({
        InstanceId,
        ContactFlowId: await flowOf(centre, CHECK),
        DestinationPhoneNumber: number,
        SourcePhoneNumber: "+12065550000",
        TrafficType: "CAMPAIGN",
        CampaignId: "6b45a7e5-fbbd-4996-8338-d7b789908f87",
        AnswerMachineDetectionConfig: { EnableAnswerMachineDetection: true },
      }),
    );
    await server.advance("PT5M");
    return [
      {
        contactId,
        events,
        record: { AnsweringMachineDetectionStatus: status, DisconnectReason: reason, Queue: null },
        last: {
          answeringMachineDetectionStatus: status,
          "campaign.campaignId": "6b45a7e5-fbbd-4996-8338-d7b789908f87",
        },
      },
    ];
  });
}
