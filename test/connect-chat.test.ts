/** Chats: from StartChatContact through the participant service to the contact's record. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  CreateParticipantCommand,
  CreatePersistentContactAssociationCommand,
  DescribeContactCommand,
  MonitorContactCommand,
  StartChatContactCommand,
  type StartChatContactCommandInput,
  StopContactCommand,
  UpdateParticipantRoleConfigCommand,
} from "@aws-sdk/client-connect";
import {
  CancelParticipantAuthenticationCommand,
  CompleteAttachmentUploadCommand,
  ConnectParticipantClient,
  CreateParticipantConnectionCommand,
  DescribeViewCommand,
  DisconnectParticipantCommand,
  GetAttachmentCommand,
  GetAuthenticationUrlCommand,
  GetTranscriptCommand,
  type GetTranscriptCommandInput,
  type Item,
  SendEventCommand,
  SendMessageCommand,
  StartAttachmentUploadCommand,
} from "@aws-sdk/client-connectparticipant";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { SystemWallClock } from "../src/time/clock.ts";
import { ChatClient } from "./chat-client.ts";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const participants = new ConnectParticipantClient(server.client);

const EVENT = "application/vnd.amazonaws.connect.event.";
const CONNECTION = ["WEBSOCKET" as const, "CONNECTION_CREDENTIALS" as const];

interface Chat {
  readonly contactId: string;
  readonly participantId: string;
  readonly participantToken: string;
}

async function startChat(centre: Centre, more: Partial<StartChatContactCommandInput> = {}): Promise<Chat> {
  const started = await centre.connect.send(
    new StartChatContactCommand({
      InstanceId: centre.InstanceId,
      ContactFlowId: centre.flowId,
      ParticipantDetails: { DisplayName: "Mara" },
      ...more,
    }),
  );
  return {
    contactId: started.ContactId ?? "",
    participantId: started.ParticipantId ?? "",
    participantToken: started.ParticipantToken ?? "",
  };
}

/** The connection token that a participant token gives. */
async function connectWith(ParticipantToken: string, client: ConnectParticipantClient = participants): Promise<string> {
  const answer = await client.send(new CreateParticipantConnectionCommand({ Type: CONNECTION, ParticipantToken }));
  return answer.ConnectionCredentials?.ConnectionToken ?? "";
}

async function agentToken(centre: Centre, userId: string, contactId: string): Promise<string> {
  const path = `agents/${centre.InstanceId}/${userId}/chat-connection`;
  const { status, body } = await centre.control("POST", path, { contactId });
  assert.equal(status, 200, JSON.stringify(body));
  return connectWith(String(body.participantToken));
}

const say = (ConnectionToken: string, Content: string, ContentType = "text/plain") =>
  participants.send(new SendMessageCommand({ ConnectionToken, Content, ContentType }));

async function transcript(
  ConnectionToken: string,
  more: Partial<GetTranscriptCommandInput> = {},
): Promise<readonly Item[]> {
  const request = { ConnectionToken, MaxResults: 100, SortOrder: "ASCENDING" as const, ...more };
  return (await participants.send(new GetTranscriptCommand(request))).Transcript ?? [];
}

/** `Mara: Hello` for a message, `Mara joined` for an event. */
function told({ Type, Content, ContentType = "", DisplayName = "", Attachments }: Item): string {
  if (Type === "EVENT") return `${DisplayName} ${ContentType.replace(EVENT, "")}`.trim();
  return `${DisplayName}: ${Type === "ATTACHMENT" ? Attachments?.[0]?.AttachmentName : Content}`;
}

const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "succeeds",
    (error: Error) => error.name,
  );

test("a customer and an agent write to each other, and the record counts it", async () => {
  const centre = await openCentre(server);
  const agent = await centre.agent("ada", { phone: { AutoAccept: true, PhoneType: "SOFT_PHONE" } });
  const chat = await startChat(centre, { Attributes: { page: "/checkout" } });
  const customer = await connectWith(chat.participantToken);
  await server.advance("PT5S");
  await say(customer, "Hello");
  await say(customer, "Where is my parcel?");
  const ada = await agentToken(centre, agent, chat.contactId);
  await server.advance("PT8S");
  const answer = await say(ada, "Let me see.");
  assert.match(answer.AbsoluteTime ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  await server.advance("PT20S");
  await say(customer, "Thanks!");

  const items = await transcript(customer);
  assert.deepEqual(items.map(told), [
    "Ada participant.joined",
    "Mara participant.joined",
    "Mara: Hello",
    "Mara: Where is my parcel?",
    "Ada: Let me see.",
    "Mara: Thanks!",
  ]);
  assert.deepEqual(
    items.map(({ ParticipantRole }) => ParticipantRole),
    ["AGENT", "CUSTOMER", "CUSTOMER", "CUSTOMER", "AGENT", "CUSTOMER"],
  );
  assert.deepEqual(new Set(items.map(({ ContactId }) => ContactId)), new Set([chat.contactId]));
  assert.deepEqual(await transcript(ada), items);

  await server.advance("PT2S");
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: customer }));
  assert.equal(await refusal(say(customer, "One more")), "AccessDeniedException");
  assert.equal(await refusal(transcript(ada)), "AccessDeniedException");
  await centre.act(agent, "clear", { contactId: chat.contactId });

  const { records, contactEvents } = await centre.streams();
  const [record] = records;
  assert.equal((await centre.describe(chat.contactId)).DisconnectReason, "CUSTOMER_DISCONNECT");
  const metrics = (record as unknown as Record<string, unknown>).ChatMetrics as Record<string, Record<string, unknown>>;
  assert.deepEqual(metrics.ContactMetrics, {
    AgentFirstResponseTimeInMillis: 13_000,
    AgentFirstResponseTimestamp: record?.ConnectedToSystemTimestamp
      ? `${new Date(Date.parse(record.ConnectedToSystemTimestamp as string) + 13_000).toISOString().slice(0, 19)}Z`
      : null,
    ConversationCloseTimeInMillis: 2_000,
    ConversationTurnCount: 2,
    MultiParty: false,
    TotalBotMessageLengthInChars: 0,
    TotalBotMessages: 0,
    TotalMessages: 4,
  });
  const { ParticipantId, LastMessageTimestamp: _last, ...counted } = metrics.CustomerMetrics ?? {};
  assert.equal(ParticipantId, chat.participantId);
  assert.deepEqual(counted, {
    ConversationAbandon: false,
    MaxResponseTimeInMillis: 20_000,
    MessageLengthInChars: 31,
    MessagesSent: 3,
    NumResponses: 1,
    ParticipantType: "Customer",
    TotalResponseTimeInMillis: 20_000,
  });
  assert.equal(metrics.AgentMetrics?.TotalResponseTimeInMillis, 8_000);
  const ended = contactEvents.find(({ detail }) => detail.eventType === "DISCONNECTED");
  const toldMetrics = (ended?.detail ?? {}) as { chatMetrics?: { chatContactMetrics?: { totalMessages?: number } } };
  assert.equal(toldMetrics.chatMetrics?.chatContactMetrics?.totalMessages, 4);
  const { Contact } = await centre.connect.send(
    new DescribeContactCommand({ InstanceId: centre.InstanceId, ContactId: chat.contactId }),
  );
  assert.equal(Contact?.ChatMetrics?.AgentMetrics?.MessagesSent, 1);
  checkInvariants(await centre.streams());
});

test("a transcript is read in pages, in either direction, from wherever the reader likes", async () => {
  const centre = await openCentre(server);
  const token = await connectWith((await startChat(centre)).participantToken);
  const times: string[] = [];
  for (let number = 1; number <= 25; number++) {
    await server.advance("PT1S");
    times.push((await say(token, String(number))).AbsoluteTime ?? "");
  }
  const page = (more: Partial<GetTranscriptCommandInput>) =>
    participants.send(new GetTranscriptCommand({ ConnectionToken: token, ...more }));
  const texts = ({ Transcript = [] }: { Transcript?: Item[] | undefined }) =>
    Transcript.map(({ Content }) => Content ?? "joined");
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => String(from + Math.sign(to - from) * index));

  const newest = await page({});
  assert.deepEqual(texts(newest), numbers(25, 16));
  const older = await page({ NextToken: newest.NextToken });
  assert.deepEqual(texts(older), numbers(15, 6));
  const oldest = await page({ NextToken: older.NextToken });
  assert.deepEqual(texts(oldest), [...numbers(5, 1), "joined"]);
  assert.equal(oldest.NextToken, undefined);

  const forward = { ScanDirection: "FORWARD", SortOrder: "ASCENDING", MaxResults: 20 } as const;
  const first = await page(forward);
  assert.deepEqual(texts(first), ["joined", ...numbers(1, 19)]);
  assert.deepEqual(texts(await page({ ...forward, NextToken: first.NextToken })), numbers(20, 25));
  assert.deepEqual(texts(await page({ SortOrder: "ASCENDING", MaxResults: 3 })), numbers(23, 25));
  assert.deepEqual(texts(await page({ ...forward, SortOrder: "DESCENDING", MaxResults: 3 })), ["2", "1", "joined"]);

  const { Transcript: all = [] } = await page({ ...forward, MaxResults: 100 });
  const tenth = all.find(({ Content }) => Content === "10");
  const from = (StartPosition: object, more: Partial<GetTranscriptCommandInput> = {}) =>
    page({ StartPosition, MaxResults: 3, SortOrder: "ASCENDING", ...more }).then(texts);
  assert.deepEqual(await from({ Id: tenth?.Id }), numbers(10, 12));
  assert.deepEqual(await from({ Id: tenth?.Id }, { ScanDirection: "BACKWARD" }), numbers(8, 10));
  assert.deepEqual(await from({ AbsoluteTime: times[9] }), numbers(10, 12));
  assert.deepEqual(await from({ AbsoluteTime: times[9] }, { ScanDirection: "BACKWARD" }), numbers(8, 10));
  assert.deepEqual(await from({ MostRecent: 2 }), numbers(24, 25));
  assert.deepEqual(await from({ MostRecent: 2 }, { ScanDirection: "BACKWARD" }), numbers(22, 24));
  assert.deepEqual(await from({}), numbers(23, 25));

  for (const wrong of [
    { StartPosition: { Id: "nothing" } },
    { StartPosition: { AbsoluteTime: "yesterday" } },
    { StartPosition: { Id: tenth?.Id, MostRecent: 3 } },
    { NextToken: "x" },
    { NextToken: newest.NextToken, SortOrder: "ASCENDING" as const },
    { ContactId: "5a2b0a6e-0000-4000-8000-000000000000" },
  ]) {
    assert.equal(await refusal(page(wrong)), "ValidationException", JSON.stringify(wrong));
  }
});

test("a chat takes messages of its types and lengths, and each once", async () => {
  const centre = await openCentre(server);
  const plain = await connectWith((await startChat(centre)).participantToken);
  assert.equal(await refusal(say(plain, "x".repeat(1_025))), "ValidationException");
  await say(plain, "\u{1f600}".repeat(1_024));
  assert.equal(await refusal(say(plain, "*bold*", "text/markdown")), "ValidationException");
  assert.equal(await refusal(say(plain, "x", "text/html")), "ValidationException");

  const types = ["text/plain", "text/markdown", "application/json"];
  const rich = await connectWith((await startChat(centre, { SupportedMessagingContentTypes: types })).participantToken);
  await say(rich, "*bold*", "text/markdown");
  await say(rich, JSON.stringify({ text: "x".repeat(2_000) }), "application/json");
  assert.equal(await refusal(say(rich, "{", "application/json")), "ValidationException");

  const once = { ConnectionToken: rich, ContentType: "text/plain", Content: "once", ClientToken: "token-1" };
  const first = await participants.send(new SendMessageCommand(once));
  const again = await participants.send(new SendMessageCommand(once));
  assert.equal(again.Id, first.Id);
  assert.equal((await transcript(rich)).filter(({ Content }) => Content === "once").length, 1);

  for (const wrong of [
    { SupportedMessagingContentTypes: ["text/html"] },
    { SupportedMessagingContentTypes: ["text/markdown"] },
    { InitialMessage: { ContentType: "text/markdown", Content: "*" } },
    { InitialMessage: { ContentType: "text/plain", Content: "x".repeat(1_025) } },
  ]) {
    assert.equal(await refusal(startChat(centre, wrong)), "InvalidParameterException", JSON.stringify(wrong));
  }
  const begun = await startChat(centre, { InitialMessage: { ContentType: "text/plain", Content: "I ask" } });
  assert.deepEqual((await transcript(await connectWith(begun.participantToken))).map(told), [
    "Mara: I ask",
    "Mara participant.joined",
  ]);
});

test("the same client token starts one chat", async () => {
  const centre = await openCentre(server);
  const [first, again] = [
    await startChat(centre, { ClientToken: "once" }),
    await startChat(centre, { ClientToken: "once" }),
  ];
  assert.deepEqual([again.contactId, again.participantId], [first.contactId, first.participantId]);
  await connectWith(first.participantToken);
  await connectWith(again.participantToken);
});

test("a token is good for what it was given out for, and nobody reads another chat", async () => {
  const centre = await openCentre(server);
  const [mara, otto] = [await startChat(centre), await startChat(centre)];
  const [hers, his] = [await connectWith(mara.participantToken), await connectWith(otto.participantToken)];
  const { Id: secret = "" } = await say(hers, "secret");

  const denied = async (ConnectionToken: string) => {
    const calls: readonly string[] = await Promise.all(
      [
        say(ConnectionToken, "x"),
        participants.send(new SendEventCommand({ ConnectionToken, ContentType: `${EVENT}typing` })),
        transcript(ConnectionToken),
        participants.send(new DisconnectParticipantCommand({ ConnectionToken })),
        participants.send(
          new StartAttachmentUploadCommand({
            ConnectionToken,
            ContentType: "text/csv",
            AttachmentName: "a.csv",
            AttachmentSizeInBytes: 1,
          }),
        ),
        participants.send(new CompleteAttachmentUploadCommand({ ConnectionToken, AttachmentIds: ["x"] })),
        participants.send(new GetAttachmentCommand({ ConnectionToken, AttachmentId: "x" })),
        participants.send(new DescribeViewCommand({ ConnectionToken, ViewToken: "x" })),
      ].map(refusal),
    );
    assert.deepEqual(new Set(calls), new Set(["AccessDeniedException"]));
  };
  await denied("x");
  await denied(mara.participantToken);
  await denied(`${hers.slice(0, 40)}${hers[40] === "A" ? "B" : "A"}${hers.slice(41)}`);
  assert.equal(await refusal(connectWith(hers)), "AccessDeniedException");
  assert.equal(await refusal(connectWith("x")), "AccessDeniedException");

  assert.equal(await refusal(transcript(his, { ContactId: mara.contactId })), "ValidationException");
  assert.equal(await refusal(transcript(his, { StartPosition: { Id: secret } })), "ValidationException");
  const { NextToken } = await participants.send(new GetTranscriptCommand({ ConnectionToken: hers, MaxResults: 1 }));
  assert.equal(await refusal(transcript(his, { NextToken })), "ValidationException");
  const receipt = { ContentType: `${EVENT}message.read`, Content: JSON.stringify({ messageId: secret }) };
  assert.equal(
    await refusal(participants.send(new SendEventCommand({ ConnectionToken: his, ...receipt }))),
    "ValidationException",
  );
  assert.deepEqual((await transcript(his)).map(told), ["Mara participant.joined"]);

  const { InstanceId } = centre;
  await centre.connect.send(new StopContactCommand({ InstanceId, ContactId: mara.contactId }));
  await denied(hers);
  assert.equal(await refusal(connectWith(mara.participantToken)), "AccessDeniedException");
  assert.deepEqual((await transcript(his)).map(told), ["Mara participant.joined"]);
});

test("clients without keys sign with empty ones or not at all, and no signature counts beside the token", async () => {
  const centre = await openCentre(server);
  const { participantToken: ParticipantToken } = await startChat(centre);
  const command = () => new CreateParticipantConnectionCommand({ Type: CONNECTION, ParticipantToken });
  for (const credentials of [
    { accessKeyId: "", secretAccessKey: "" },
    { accessKeyId: "nobody", secretAccessKey: "nothing" },
  ]) {
    const client = new ConnectParticipantClient({ ...server.client, credentials });
    assert.match((await client.send(command())).Websocket?.Url ?? "", /^ws:\/\/127\.0\.0\.1:\d+\//);
  }
  const unsigned = await fetch(`${server.url}/participant/connection`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-amz-bearer": ParticipantToken, origin: "https://shop.example" },
    body: JSON.stringify({ Type: ["CONNECTION_CREDENTIALS"] }),
  });
  assert.equal(unsigned.status, 200);
  assert.equal(unsigned.headers.get("access-control-allow-origin"), "*");
  const without = await fetch(`${server.url}/participant/connection`, { method: "POST", body: "{}" });
  assert.equal(without.status, 403);
  assert.equal(without.headers.get("access-control-allow-origin"), null);

  const preflight = await fetch(`${server.url}/participant/message`, {
    method: "OPTIONS",
    headers: {
      origin: "https://shop.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-amz-bearer",
    },
  });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /x-amz-bearer/);
});

test("a connection is asked for by its kinds, or only to be there", async () => {
  const centre = await openCentre(server);
  const { participantToken: ParticipantToken } = await startChat(centre);
  const connection = (more: object) =>
    participants.send(new CreateParticipantConnectionCommand({ ParticipantToken, ...more }));
  assert.equal(await refusal(connection({})), "ValidationException");
  assert.equal(await refusal(connection({ Type: ["WEBRTC_CONNECTION"] })), "ValidationException");
  const there = await connection({ ConnectParticipant: true });
  assert.deepEqual([there.Websocket, there.ConnectionCredentials], [undefined, undefined]);
  const { ConnectionCredentials } = await connection({ Type: ["CONNECTION_CREDENTIALS"] });
  assert.deepEqual((await transcript(ConnectionCredentials?.ConnectionToken ?? "")).map(told), [
    "Mara participant.joined",
  ]);
});

test("receipts are for two: they stand with the message, and are refused where they make no sense", async () => {
  const centre = await openCentre(server);
  const agent = await centre.agent("ada");
  const chat = await startChat(centre);
  const customer = await connectWith(chat.participantToken);
  const { Id: messageId } = await say(customer, "Hello");
  await centre.act(agent, "accept", { contactId: chat.contactId });
  const ada = await agentToken(centre, agent, chat.contactId);
  const receipt = (ConnectionToken: string, name: string, Content: string | undefined) =>
    participants.send(new SendEventCommand({ ConnectionToken, ContentType: `${EVENT}message.${name}`, Content }));
  const hello = JSON.stringify({ messageId });
  await receipt(ada, "delivered", hello);
  await server.advance("PT3S");
  await receipt(ada, "read", hello);
  await receipt(ada, "delivered", hello);
  const [item] = (await transcript(customer)).filter(({ Content }) => Content === "Hello");
  const [told, ...more] = item?.MessageMetadata?.Receipts ?? [];
  assert.equal(more.length, 0);
  assert.equal(Date.parse(told?.ReadTimestamp ?? "") - Date.parse(told?.DeliveredTimestamp ?? ""), 3_000);

  for (const [token, content] of [
    [customer, hello],
    [ada, JSON.stringify({ messageId: "nothing" })],
    [ada, "{"],
    [ada, undefined],
  ] as const) {
    assert.equal(await refusal(receipt(token, "read", content)), "ValidationException", content);
  }
  const typing = { ConnectionToken: ada, ContentType: `${EVENT}chat.ended` };
  assert.equal(await refusal(participants.send(new SendEventCommand(typing))), "ValidationException");
  const { InstanceId } = centre;
  const bot = await centre.connect.send(
    new CreateParticipantCommand({
      InstanceId,
      ContactId: chat.contactId,
      ParticipantDetails: { ParticipantRole: "CUSTOM_BOT", DisplayName: "Bot" },
    }),
  );
  await connectWith(bot.ParticipantCredentials?.ParticipantToken ?? "");
  assert.equal(await refusal(receipt(ada, "read", hello)), "ConflictException");
});

test("six may take part; a bot reads no attachments, and a contact that is no chat takes nobody", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const chat = await startChat(centre);
  const join = (ContactId: string, more: object = {}) =>
    connect.send(
      new CreateParticipantCommand({
        InstanceId,
        ContactId,
        ParticipantDetails: { ParticipantRole: "CUSTOM_BOT", DisplayName: "Bot", ...more },
      }),
    );
  const bots = [];
  for (let number = 0; number < 5; number++) bots.push(await join(chat.contactId));
  assert.equal(await refusal(join(chat.contactId)), "ServiceQuotaExceededException");
  assert.equal(await refusal(join(chat.contactId, { ParticipantRole: "SYSTEM" })), "InvalidRequestException");
  const bot = await connectWith(bots[0]?.ParticipantCredentials?.ParticipantToken ?? "");
  const attachment = { ConnectionToken: bot, AttachmentId: "x" };
  assert.equal(await refusal(participants.send(new GetAttachmentCommand(attachment))), "AccessDeniedException");
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: bot }));
  await join(chat.contactId);
  const call = await centre.arrive({ channel: "VOICE", from: "+12065550102" });
  assert.equal(await refusal(join(call)), "InvalidRequestException");
  await connect.send(new StopContactCommand({ InstanceId, ContactId: chat.contactId }));
  assert.equal(await refusal(join(chat.contactId)), "InvalidRequestException");
});

test("a customer who does not connect within five minutes has no chat", async () => {
  // Alone, since agents at work elsewhere would make a day long.
  const alone = await startTrunkline();
  const centre = await openCentre(alone);
  const people = new ConnectParticipantClient(alone.client);
  const [absent, present] = [await startChat(centre), await startChat(centre)];
  const token = await connectWith(present.participantToken, people);
  await alone.advance("PT5M");
  assert.equal((await centre.describe(absent.contactId)).DisconnectReason, "CUSTOMER_CONNECTION_NOT_ESTABLISHED");
  assert.equal(await refusal(connectWith(absent.participantToken, people)), "AccessDeniedException");
  const message = { ConnectionToken: token, Content: "still here", ContentType: "text/plain" };
  await people.send(new SendMessageCommand(message));
  await alone.advance("PT24H54M");
  assert.equal((await centre.describe(present.contactId)).DisconnectTimestamp, undefined);
  await alone.advance("PT2M");
  assert.equal((await centre.describe(present.contactId)).DisconnectReason, "EXPIRED");

  const short = await startChat(centre, { ChatDurationInMinutes: 60 });
  await connectWith(short.participantToken, people);
  await alone.advance("PT1H");
  assert.equal((await centre.describe(short.contactId)).DisconnectReason, "EXPIRED");
});

test("who writes nothing is idle, and in the end the chat ends; a message begins the time anew", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const agent = await centre.agent("ada");
  const chat = await startChat(centre);
  const customer = await connectWith(chat.participantToken);
  const set = (...timers: readonly [string, string, number | undefined][]) =>
    connect.send(
      new UpdateParticipantRoleConfigCommand({
        InstanceId,
        ContactId: chat.contactId,
        ChannelConfiguration: {
          Chat: {
            ParticipantTimerConfigList: timers.map(([role, type, minutes]) => ({
              ParticipantRole: role as "CUSTOMER",
              TimerType: type as "IDLE",
              TimerValue:
                minutes === undefined
                  ? { ParticipantTimerAction: "Unset" as const }
                  : { ParticipantTimerDurationInMinutes: minutes },
            })),
          },
        },
      }),
    );
  await set(["CUSTOMER", "IDLE", 5], ["CUSTOMER", "DISCONNECT_NONCUSTOMER", 10], ["AGENT", "IDLE", 3]);
  await set(["AGENT", "IDLE", undefined]);
  assert.equal(await refusal(set(["CUSTOMER", "IDLE", 2], ["CUSTOMER", "IDLE", 3])), "InvalidRequestException");
  await server.advance("PT15M");
  await centre.act(agent, "clear", { contactId: chat.contactId });
  await centre.act(agent, "accept", { contactId: chat.contactId });
  const ada = await agentToken(centre, agent, chat.contactId);
  await server.advance("PT4M");
  await say(customer, "I am here");
  await server.advance("PT6M");
  await say(customer, "Now again");
  await say(ada, "And I");
  await server.advance("PT14M");
  assert.equal((await centre.describe(chat.contactId)).DisconnectTimestamp, undefined);
  await server.advance("PT1M");
  const { DisconnectReason, ChatMetrics } = await centre.describe(chat.contactId);
  assert.equal(DisconnectReason, "IDLE_DISCONNECT");
  assert.equal(ChatMetrics?.CustomerMetrics?.ConversationAbandon, true);
  assert.equal(ChatMetrics?.AgentMetrics?.ConversationAbandon, false);
  assert.equal(await refusal(set(["CUSTOMER", "IDLE", 5])), "AccessDeniedException");
});

test("an agent's leaving ends the chat, a supervisor's does not", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const [agent, boss] = [await centre.agent("ada"), await centre.agent("boss", { isOffline: true })];
  const chat = await startChat(centre);
  const customer = await connectWith(chat.participantToken);
  await centre.act(agent, "accept", { contactId: chat.contactId });
  await centre.status(boss, "Offline");
  const monitored = await connect.send(
    new MonitorContactCommand({
      InstanceId,
      ContactId: chat.contactId,
      UserId: boss,
      AllowedMonitorCapabilities: ["SILENT_MONITOR", "BARGE"],
    }),
  );
  const monitorId = monitored.ContactId ?? "";
  const supervisor = await agentToken(centre, boss, monitorId);
  await centre.act(boss, "barge", { contactId: monitorId });
  await say(supervisor, "May I help?");
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: supervisor }));
  await say(customer, "Who was that?");
  const ada = await agentToken(centre, agent, chat.contactId);
  assert.deepEqual(
    (await transcript(customer)).map((item) => `${item.ParticipantRole} ${told(item)}`),
    [
      "CUSTOMER Mara participant.joined",
      "AGENT Ada participant.joined",
      "SUPERVISOR Ada participant.joined",
      "SUPERVISOR Ada: May I help?",
      "SUPERVISOR Ada participant.left",
      "CUSTOMER Mara: Who was that?",
    ],
  );
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: ada }));
  const { DisconnectReason, ChatMetrics } = await centre.describe(chat.contactId);
  assert.equal(DisconnectReason, "AGENT_DISCONNECT");
  assert.equal(ChatMetrics?.ChatContactMetrics?.MultiParty, true);
  assert.equal(await refusal(say(customer, "Hello?")), "AccessDeniedException");
});

test("a supervisor who takes a chat over has the customer, until one of them leaves", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const [agent, boss] = [await centre.agent("ada"), await centre.agent("boss", { isOffline: true })];
  const chat = await startChat(centre);
  const customer = await connectWith(chat.participantToken);
  await centre.act(agent, "accept", { contactId: chat.contactId });
  const ada = await agentToken(centre, agent, chat.contactId);
  await say(ada, "I do not know");
  await centre.status(boss, "Offline");
  const monitored = await connect.send(
    new MonitorContactCommand({
      InstanceId,
      ContactId: chat.contactId,
      UserId: boss,
      AllowedMonitorCapabilities: ["SILENT_MONITOR", "BARGE"],
    }),
  );
  const monitorId = monitored.ContactId ?? "";
  await centre.act(boss, "barge", { contactId: monitorId });
  await centre.act(boss, "take-over", { contactId: monitorId });
  assert.equal(await refusal(say(ada, "Hello?")), "AccessDeniedException");
  const supervisor = await agentToken(centre, boss, monitorId);
  await say(supervisor, "I do");
  await say(customer, "Thank you");
  assert.deepEqual((await transcript(customer)).slice(-4).map(told), [
    "Ada participant.joined",
    "Ada participant.left",
    "Ada: I do",
    "Mara: Thank you",
  ]);
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: customer }));
  assert.equal(await refusal(say(supervisor, "Bye")), "AccessDeniedException");
  const [first, second] = [await centre.describe(chat.contactId), await centre.describe(monitorId)];
  assert.deepEqual([first.DisconnectReason, second.DisconnectReason], ["BARGED", "CUSTOMER_DISCONNECT"]);
  assert.deepEqual(
    [first, second].map(({ ChatMetrics }) => ChatMetrics?.ChatContactMetrics?.TotalMessages),
    [1, 2],
  );
});

test("a chat that continues an earlier one shows what was written then", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const past = await startChat(centre);
  const before = await connectWith(past.participantToken);
  await say(before, "yesterday");
  const persistent = (sourceId: string, type: "ENTIRE_PAST_SESSION" | "FROM_SEGMENT" = "ENTIRE_PAST_SESSION") => ({
    PersistentChat: { SourceContactId: sourceId, RehydrationType: type },
  });
  assert.equal(await refusal(startChat(centre, persistent(past.contactId))), "InvalidRequestException");
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: before }));
  assert.equal(
    await refusal(startChat(centre, { ...persistent(past.contactId), RelatedContactId: past.contactId })),
    "InvalidRequestException",
  );
  const started = await connect.send(
    new StartChatContactCommand({
      InstanceId,
      ContactFlowId: centre.flowId,
      ParticipantDetails: { DisplayName: "Mara" },
      ...persistent(past.contactId),
    }),
  );
  assert.equal(started.ContinuedFromContactId, past.contactId);
  const now = await connectWith(started.ParticipantToken ?? "");
  await say(now, "today");
  const items = await transcript(now);
  assert.deepEqual(items.map(told), [
    "Mara participant.joined",
    "Mara: yesterday",
    "Mara participant.left",
    "chat.ended",
    "Mara participant.joined",
    "Mara: today",
  ]);
  assert.deepEqual(
    items.map(({ ContactId, RelatedContactId }) => [ContactId, RelatedContactId]),
    [...Array(4).fill([undefined, past.contactId]), ...Array(2).fill([started.ContactId, undefined])],
  );
  const paged: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await participants.send(
      new GetTranscriptCommand({ ConnectionToken: now, MaxResults: 2, NextToken, ScanDirection: "FORWARD" }),
    );
    paged.push(...(page.Transcript ?? []).map(told).toReversed());
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  assert.deepEqual(paged, items.map(told));
  const related = (await centre.describe(started.ContactId ?? "")).RelatedContactId;
  assert.equal(related, past.contactId);

  const later = await startChat(centre);
  const associate = (InitialContactId: string, SourceContactId: string) =>
    connect.send(
      new CreatePersistentContactAssociationCommand({
        InstanceId,
        InitialContactId,
        SourceContactId,
        RehydrationType: "FROM_SEGMENT",
      }),
    );
  assert.equal(await refusal(associate(later.contactId, started.ContactId ?? "")), "InvalidRequestException");
  const associated = await associate(later.contactId, past.contactId);
  assert.equal(associated.ContinuedFromContactId, past.contactId);
  assert.equal((await transcript(await connectWith(later.participantToken))).map(told)[1], "Mara: yesterday");
});

test("attachments go up and down by URLs of their own, and stand in the transcript", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const chat = await startChat(centre);
  const ConnectionToken = await connectWith(chat.participantToken);
  const start = (more: object = {}) =>
    participants.send(
      new StartAttachmentUploadCommand({
        ConnectionToken,
        AttachmentName: "l\u00edsta.csv",
        ContentType: "text/csv",
        AttachmentSizeInBytes: 8,
        ...more,
      }),
    );
  const complete = (id: string | undefined, token = ConnectionToken) =>
    participants.send(new CompleteAttachmentUploadCommand({ ConnectionToken: token, AttachmentIds: [id ?? ""] }));
  assert.equal(await refusal(start()), "AccessDeniedException");
  await connect.send(
    new AssociateInstanceStorageConfigCommand({
      InstanceId,
      ResourceType: "ATTACHMENTS",
      StorageConfig: { StorageType: "S3", S3Config: { BucketName: "files", BucketPrefix: "chat" } },
    }),
  );
  assert.equal(await refusal(start({ AttachmentName: "run.exe" })), "ValidationException");
  assert.equal(await refusal(start({ ContentType: "image/png" })), "ValidationException");
  assert.equal(await refusal(start({ AttachmentSizeInBytes: 20 * 1024 * 1024 + 1 })), "ServiceQuotaExceededException");

  const started = await start();
  const { Url = "", HeadersToInclude = {} } = started.UploadMetadata ?? {};
  assert.equal(await refusal(complete(started.AttachmentId)), "ConflictException");
  const put = (body: string, headers: Record<string, string> = HeadersToInclude, url = Url) =>
    fetch(url, { method: "PUT", headers, body }).then(({ status }) => status);
  assert.equal(await put("a,b\n1,2"), 403, "a byte is missing");
  assert.equal(await put("a,b\n1,2\n", { "content-type": "text/csv" }), 403, "a header is missing");
  assert.equal(await put("a,b\n1,2\n", HeadersToInclude, `${Url}x`), 403, "another token");
  assert.equal(await put("a,b\n1,2\n"), 200);
  await complete(started.AttachmentId);
  assert.equal(await refusal(complete(started.AttachmentId)), "ConflictException");
  assert.equal(await refusal(complete("nothing")), "ValidationException");
  assert.equal(await put("x,y\n1,2\n"), 403, "it is sent");

  const item = (await transcript(ConnectionToken)).at(-1);
  assert.deepEqual(item?.Attachments, [
    {
      AttachmentId: started.AttachmentId,
      AttachmentName: "l\u00edsta.csv",
      ContentType: "text/csv",
      Status: "APPROVED",
    },
  ]);
  const got = await participants.send(
    new GetAttachmentCommand({ ConnectionToken, AttachmentId: started.AttachmentId, UrlExpiryInSeconds: 60 }),
  );
  assert.equal(got.AttachmentSizeInBytes, 8);
  const answer = await fetch(got.Url ?? "");
  assert.equal(answer.headers.get("content-type"), "text/csv");
  assert.equal(answer.headers.get("content-disposition"), "attachment; filename*=UTF-8''l%C3%ADsta.csv");
  assert.equal(await answer.text(), "a,b\n1,2\n");
  assert.equal((await fetch(`${got.Url}x`)).status, 403);
  const other = await connectWith((await startChat(centre)).participantToken);
  const stolen = new GetAttachmentCommand({ ConnectionToken: other, AttachmentId: started.AttachmentId });
  assert.equal(await refusal(participants.send(stolen)), "ValidationException");

  const big = Buffer.alloc(20 * 1024 * 1024, "x");
  const large = await start({
    AttachmentName: "big.txt",
    ContentType: "text/plain",
    AttachmentSizeInBytes: big.length,
  });
  const { Url: bigUrl = "", HeadersToInclude: bigHeaders = {} } = large.UploadMetadata ?? {};
  assert.equal((await fetch(bigUrl, { method: "PUT", headers: bigHeaders, body: big })).status, 200);
  await complete(large.AttachmentId);
  for (let number = 2; number < 35; number++) await start();
  assert.equal(await refusal(start()), "ServiceQuotaExceededException");
});

test("views and authentication have not begun, so none is there", async () => {
  const centre = await openCentre(server);
  const ConnectionToken = await connectWith((await startChat(centre)).participantToken);
  const SessionId = "5a2b0a6e-0000-4000-8000-000000000000";
  const view = new DescribeViewCommand({ ConnectionToken, ViewToken: "view" });
  assert.equal(await refusal(participants.send(view)), "ResourceNotFoundException");
  const url = new GetAuthenticationUrlCommand({ ConnectionToken, SessionId, RedirectUri: "https://shop.example" });
  assert.equal(await refusal(participants.send(url)), "ValidationException");
  const cancel = new CancelParticipantAuthenticationCommand({ ConnectionToken, SessionId });
  assert.equal(await refusal(participants.send(cancel)), "ValidationException");
});

test("what is said by hand is written in a chat, and what is written is what was said", async () => {
  const centre = await openCentre(server);
  const agent = await centre.agent("ada");
  const contactId = await centre.arrive({ channel: "CHAT" });
  await centre.customer(contactId, "say", { speaker: "CUSTOMER", text: "Hello" });
  await assert.rejects(centre.customer(contactId, "say", { speaker: "AGENT", text: "Hello" }), /409/);
  await centre.act(agent, "accept", { contactId });
  await say(await agentToken(centre, agent, contactId), "Good morning");
  const { said } = (await centre.control("GET", `contacts/${centre.InstanceId}/${contactId}`)).body;
  assert.deepEqual(
    (said as { speaker: string; text: string }[]).map(({ speaker, text }) => `${speaker}: ${text}`),
    ["CUSTOMER: Hello", "AGENT: Good morning"],
  );
});

/** A flow of these actions, the first of which begins it; each goes on as its `Transitions` say. */
async function createFlow(centre: Centre, Name: string, actions: readonly object[]): Promise<string> {
  const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "0", Actions: actions.map(withDefaults) });
  const { InstanceId } = centre;
  const created = await centre.connect.send(
    new CreateContactFlowCommand({ InstanceId, Name, Type: "CONTACT_FLOW", Content }),
  );
  return created.ContactFlowId ?? "";
}

/** Goes on with the next action, also where something fails. */
function withDefaults(action: object, index: number): object {
  const Transitions = {
    NextAction: String(index + 1),
    Errors: [{ NextAction: String(index + 1), ErrorType: "NoMatchingError" }],
    Conditions: [],
  };
  return { Identifier: String(index), Parameters: {}, Transitions, ...action };
}

const equals = (operand: string, NextAction: string) => ({
  NextAction,
  Condition: { Operator: "Equals", Operands: [operand] },
});
const END = { Type: "DisconnectParticipant", Transitions: {} };

test("a flow writes to the customer, waits for an answer, and has the customer back when the agent has left", async () => {
  const centre = await openCentre(server);
  const agent = await centre.agent("ada", { phone: { AutoAccept: true, PhoneType: "SOFT_PHONE" } });
  const goodbye = await createFlow(centre, "goodbye", [
    { Type: "MessageParticipant", Parameters: { Text: "How was it?" } },
    {
      Type: "Wait",
      Parameters: { TimeLimitSeconds: "60", Events: ["CustomerReturned"] },
      Transitions: {
        NextAction: "3",
        Conditions: [equals("WaitCompleted", "3"), equals("CustomerReturned", "2")],
        Errors: [{ NextAction: "3", ErrorType: "NoMatchingError" }],
      },
    },
    { Type: "MessageParticipant", Parameters: { Text: "Thank you" } },
    END,
  ]);
  const welcome = await createFlow(centre, "welcome", [
    { Type: "MessageParticipant", Parameters: { Text: "Welcome" } },
    { Type: "UpdateContactEventHooks", Parameters: { EventHooks: { CustomerRemaining: goodbye } } },
    { Type: "UpdateContactTargetQueue", Parameters: { QueueId: centre.queueId } },
    {
      Type: "TransferContactToQueue",
      Transitions: {
        NextAction: "4",
        Errors: ["QueueAtCapacity", "NoMatchingError"].map((ErrorType) => ({ NextAction: "4", ErrorType })),
      },
    },
    END,
  ]);
  const chat = await startChat(centre, { ContactFlowId: welcome });
  const customer = await connectWith(chat.participantToken);
  const ada = await agentToken(centre, agent, chat.contactId);
  await say(ada, "Good morning");
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: ada }));
  assert.equal(await refusal(say(ada, "Still there?")), "AccessDeniedException");
  await say(customer, "Fine");
  assert.equal(await refusal(say(customer, "And")), "AccessDeniedException", "the flow has ended the chat");

  const { records, contactEvents } = await centre.streams();
  assert.equal((await centre.describe(chat.contactId)).DisconnectReason, "AGENT_DISCONNECT");
  const remaining = contactEvents.find(({ detail }) => detail.previousContactId === chat.contactId)?.detail;
  assert.equal(remaining?.initiationMethod, "DISCONNECT");
  const { ChatMetrics } = await centre.describe(remaining?.contactId ?? "");
  const { TotalMessages, TotalBotMessages } = ChatMetrics?.ChatContactMetrics ?? {};
  assert.deepEqual([TotalMessages, TotalBotMessages], [3, 2]);
  assert.ok(records.length > 0);
  const later = await connectWith(
    (
      await startChat(centre, {
        PersistentChat: { SourceContactId: chat.contactId, RehydrationType: "ENTIRE_PAST_SESSION" },
      })
    ).participantToken,
  );
  assert.deepEqual((await transcript(later)).slice(0, -2).map(told), [
    "SYSTEM_MESSAGE: Welcome",
    "Ada participant.joined",
    "Mara participant.joined",
    "Ada: Good morning",
    "Ada participant.left",
    "SYSTEM_MESSAGE: How was it?",
    "Mara: Fine",
    "SYSTEM_MESSAGE: Thank you",
    "chat.ended",
  ]);
});

test("a flow waits until the bot has left, and takes another way where there is none", async () => {
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const flow = await createFlow(centre, "bot", [
    {
      Type: "Wait",
      Parameters: { TimeLimitSeconds: "10" },
      Transitions: {
        NextAction: "1",
        Conditions: [equals("WaitCompleted", "1")],
        Errors: [{ NextAction: "5", ErrorType: "NoMatchingError" }],
      },
    },
    {
      Type: "Wait",
      Parameters: { TimeLimitSeconds: "60", Events: ["BotParticipantDisconnected"] },
      Transitions: {
        NextAction: "5",
        Conditions: [equals("WaitCompleted", "2"), equals("BotParticipantDisconnected", "3")],
        Errors: [
          { NextAction: "4", ErrorType: "ParticipantNotFound" },
          { NextAction: "5", ErrorType: "NoMatchingError" },
        ],
      },
    },
    { Type: "MessageParticipant", Parameters: { Text: "It is still here" }, Transitions: { NextAction: "5" } },
    { Type: "MessageParticipant", Parameters: { Text: "The bot has left" }, Transitions: { NextAction: "5" } },
    { Type: "MessageParticipant", Parameters: { Text: "There is no bot" }, Transitions: { NextAction: "5" } },
    END,
  ]);
  const open = async () => {
    const chat = await startChat(centre, { ContactFlowId: flow });
    return { ...chat, customer: await connectWith(chat.participantToken) };
  };
  const chats = [await open(), await open(), await open()] as const;
  const bots = [];
  for (const { contactId } of chats.slice(0, 2)) {
    const ParticipantDetails = { ParticipantRole: "CUSTOM_BOT", DisplayName: "Bot" } as const;
    const added = new CreateParticipantCommand({ InstanceId, ContactId: contactId, ParticipantDetails });
    const { ParticipantCredentials } = await connect.send(added);
    bots.push(await connectWith(ParticipantCredentials?.ParticipantToken ?? ""));
  }
  await server.advance("PT10S");
  await say(chats[0].customer, "Hello?");
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: bots[0] }));
  await server.advance("PT60S");
  const said = async (contactId: string) => {
    const later = await startChat(centre, {
      PersistentChat: { SourceContactId: contactId, RehydrationType: "ENTIRE_PAST_SESSION" },
    });
    return (await transcript(await connectWith(later.participantToken))).map(told);
  };
  const ends = (what: string) => [`SYSTEM_MESSAGE: ${what}`, "chat.ended"];
  const [gone, stays, none] = [
    await said(chats[0].contactId),
    await said(chats[1].contactId),
    await said(chats[2].contactId),
  ];
  assert.deepEqual(gone.slice(2, 6), ["Mara: Hello?", "Bot participant.left", ...ends("The bot has left")]);
  assert.deepEqual(stays.slice(2, 4), ends("It is still here"));
  assert.deepEqual(none.slice(1, 3), ends("There is no bot"));
});

/** The machine's time, as far ahead as a test likes. */
class AdvancedWallClock extends SystemWallClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

test("what a connection gives is good for its time: a day, 100 seconds and five minutes", async () => {
  const wall = new AdvancedWallClock();
  const config = readConfig(["--port", "0", "--data", ":memory:", "--clock", "manual"], {});
  const app = await startApp(config, { wall, log: pino({ level: "silent" }) });
  after(() => app.close());
  const instance = { IdentityManagementType: "CONNECT_MANAGED", InboundCallsEnabled: true, OutboundCallsEnabled: true };
  const { Id: InstanceId } = await call(app.url, "connect", "CreateInstance", { ...instance, InstanceAlias: "late" });
  const { ContactFlowSummaryList: flows } = await call(app.url, "connect", "ListContactFlows", {
    InstanceId,
    ContactFlowTypes: ["CONTACT_FLOW"],
  });
  // The SDK of today does not know this member yet.
  const started = await call(app.url, "connect", "StartChatContact", {
    InstanceId,
    ContactFlowId: flows[0].Id,
    ParticipantDetails: { DisplayName: "Mara" },
    ConnectionTypes: CONNECTION,
  });
  const { Url } = started.Websocket;
  const { ConnectionToken, Expiry } = started.ConnectionCredentials;
  const client = new ConnectParticipantClient({ ...server.client, endpoint: app.url });
  const write = () =>
    client.send(new SendMessageCommand({ ConnectionToken, Content: "Hello", ContentType: "text/plain" }));
  await write();
  (await ChatClient.subscribe(Url)).close();
  wall.aheadMs = 101_000;
  await assert.rejects(ChatClient.open(Url));
  wall.aheadMs = Date.parse(Expiry) - Date.now() - 60_000;
  await write();
  wall.aheadMs += 61_000;
  assert.equal(await refusal(write()), "AccessDeniedException");
  const renewed = new CreateParticipantConnectionCommand({
    ParticipantToken: started.ParticipantToken,
    Type: ["CONNECTION_CREDENTIALS"],
  });
  assert.ok((await client.send(renewed)).ConnectionCredentials?.ConnectionToken);
});
