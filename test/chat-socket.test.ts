/** The WebSockets of chats: what a client of our own sees, and the open client library, unmodified. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateParticipantCommand,
  StartChatContactCommand,
  type StartChatContactCommandInput,
  StopContactCommand,
} from "@aws-sdk/client-connect";
import {
  ConnectParticipantClient,
  CreateParticipantConnectionCommand,
  DisconnectParticipantCommand,
  SendEventCommand,
  SendMessageCommand,
} from "@aws-sdk/client-connectparticipant";
import { ChatClient } from "./chat-client.ts";
import { type Centre, openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const participants = new ConnectParticipantClient(server.client);
const EVENT = "application/vnd.amazonaws.connect.event.";

interface Connection {
  readonly contactId: string;
  readonly participantId: string;
  readonly participantToken: string;
  readonly token: string;
  readonly url: string;
}

async function connection(participantToken: string, contactId: string, participantId: string): Promise<Connection> {
  const { Websocket, ConnectionCredentials } = await participants.send(
    new CreateParticipantConnectionCommand({
      Type: ["WEBSOCKET", "CONNECTION_CREDENTIALS"],
      ParticipantToken: participantToken,
    }),
  );
  return {
    contactId,
    participantId,
    participantToken,
    token: ConnectionCredentials?.ConnectionToken ?? "",
    url: Websocket?.Url ?? "",
  };
}

async function customerOf(centre: Centre, more: Partial<StartChatContactCommandInput> = {}): Promise<Connection> {
  const { ContactId, ParticipantId, ParticipantToken } = await centre.connect.send(
    new StartChatContactCommand({
      InstanceId: centre.InstanceId,
      ContactFlowId: centre.flowId,
      ParticipantDetails: { DisplayName: "Mara" },
      ...more,
    }),
  );
  return connection(ParticipantToken ?? "", ContactId ?? "", ParticipantId ?? "");
}

async function agentOf(centre: Centre, userId: string, contactId: string): Promise<Connection> {
  const path = `agents/${centre.InstanceId}/${userId}/chat-connection`;
  const { body } = await centre.control("POST", path, { contactId });
  return connection(String(body.participantToken), contactId, String(body.participantId));
}

const say = ({ token: ConnectionToken }: Connection, Content: string) =>
  participants.send(new SendMessageCommand({ ConnectionToken, Content, ContentType: "text/plain" }));
const send = ({ token: ConnectionToken }: Connection, name: string, Content?: string) =>
  participants.send(new SendEventCommand({ ConnectionToken, ContentType: `${EVENT}${name}`, Content }));

const brief = (client: ChatClient): string[] =>
  client.shown.map(({ Type, Content, ContentType = "", DisplayName = "" }) =>
    Type === "MESSAGE" ? `${DisplayName}: ${Content}` : `${DisplayName} ${ContentType.replace(EVENT, "")}`.trim(),
  );

test("who has subscribed sees everything that is written from then on, and the socket ends with the chat", async () => {
  const centre = await openCentre(server);
  const agent = await centre.agent("ada");
  const mara = await customerOf(centre);
  const customer = await ChatClient.open(mara.url);
  await say(mara, "before");
  assert.deepEqual(await customer.ask({ topic: "aws/subscribe", content: { topics: ["aws/chat"] } }), {
    topic: "aws/subscribe",
    content: { status: "success", topics: ["aws/chat"] },
  });
  await centre.act(agent, "accept", { contactId: mara.contactId });
  const ada = await agentOf(centre, agent, mara.contactId);
  const workspace = await ChatClient.subscribe(ada.url);
  await send(mara, "typing");
  await say(mara, "Hello");
  const { Id = "" } = await say(ada, "Good morning");
  await send(mara, "message.read", JSON.stringify({ messageId: Id }));
  await centre.customer(mara.contactId, "say", { speaker: "AGENT", text: "by hand" });
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: mara.token }));

  assert.equal(await customer.closed(), 1000);
  assert.equal(await workspace.closed(), 1000);
  assert.deepEqual(brief(customer), [
    "Ada participant.joined",
    "Mara typing",
    "Mara: Hello",
    "Ada: Good morning",
    "Ada: by hand",
    "Mara participant.left",
    "Ada participant.left",
    "chat.ended",
  ]);
  assert.deepEqual(brief(workspace), [
    "Mara typing",
    "Mara: Hello",
    "Ada: Good morning",
    "message.metadata",
    "Ada: by hand",
    "Mara participant.left",
    "Ada participant.left",
    "chat.ended",
  ]);
  const receipt = workspace.shown.find(({ Type }) => Type === "MESSAGEMETADATA")?.MessageMetadata;
  assert.equal(receipt?.MessageId, Id);
  assert.deepEqual(Object.keys(receipt?.Receipts[0] ?? {}), [
    "DeliveredTimestamp",
    "ReadTimestamp",
    "RecipientParticipantId",
  ]);
  const [hello] = customer.shown.filter(({ Content }) => Content === "Hello");
  assert.deepEqual(hello, {
    AbsoluteTime: new Date(server.app.platform().clock.now()).toISOString(),
    Content: "Hello",
    ContentType: "text/plain",
    Id: hello?.Id,
    Type: "MESSAGE",
    ParticipantId: mara.participantId,
    DisplayName: "Mara",
    ParticipantRole: "CUSTOMER",
    InitialContactId: mara.contactId,
    ContactId: mara.contactId,
  });
});

test("heartbeats and pings are answered, and what is no frame is refused", async () => {
  const centre = await openCentre(server);
  const client = await ChatClient.open((await customerOf(centre)).url);
  assert.deepEqual(await client.ask({ topic: "aws/heartbeat" }), { topic: "aws/heartbeat" });
  assert.deepEqual(await client.ask({ topic: "aws/ping" }), {
    topic: "aws/ping",
    statusCode: 200,
    statusContent: "OK",
  });
  const topics = ["aws/else"];
  assert.deepEqual(await client.ask({ topic: "aws/subscribe", content: { topics } }), {
    topic: "aws/subscribe",
    content: { status: "failure", topics },
  });
  for (const odd of ["", "{", "[]", "null", '{"topic":7}', '{"topic":"aws/nothing"}', '{"topic":"__proto__"}']) {
    assert.equal((await client.ask(odd)).message, "Forbidden", odd);
  }
  assert.deepEqual(await client.ask({ topic: "aws/subscribe", content: 3 }), {
    topic: "aws/subscribe",
    content: { status: "failure", topics: [] },
  });
  client.close();
});

test("who has unsubscribed is shown nothing", async () => {
  const centre = await openCentre(server);
  const mara = await customerOf(centre);
  const client = await ChatClient.subscribe(mara.url);
  await client.ask({ topic: "aws/unsubscribe", content: { topics: ["aws/chat"] } });
  await say(mara, "unseen");
  await client.ask({ topic: "aws/subscribe", content: { topics: ["aws/chat"] } });
  await say(mara, "seen");
  await client.until(() => client.shown.length > 0);
  assert.deepEqual(brief(client), ["Mara: seen"]);
  client.close();
});

test("a URL opens a socket with its own token only, and not once the participant has left", async () => {
  const centre = await openCentre(server);
  const mara = await customerOf(centre);
  const { origin, pathname, searchParams } = new URL(mara.url);
  const token = searchParams.get("token") ?? "";
  const wrong = [
    "",
    "x",
    token.slice(0, -4),
    `${token.slice(0, 10)}A${token.slice(11)}`,
    mara.token,
    mara.participantToken,
  ];
  for (const bad of wrong) {
    await assert.rejects(ChatClient.open(`${origin}${pathname}?token=${encodeURIComponent(bad)}`), bad);
  }
  const InstanceId = centre.InstanceId;
  await centre.connect.send(new StopContactCommand({ InstanceId, ContactId: mara.contactId }));
  await assert.rejects(ChatClient.open(mara.url));
});

test("a participant has five sockets; another one ends the oldest", async () => {
  const centre = await openCentre(server);
  const mara = await customerOf(centre);
  const clients: ChatClient[] = [];
  for (let number = 0; number < 6; number++) clients.push(await ChatClient.subscribe(mara.url));
  assert.equal(await clients[0]?.closed(), 1000);
  await say(mara, "to five");
  for (const client of clients.slice(1)) {
    await client.until(() => client.shown.length > 0);
    client.close();
  }
});

test("what a chat shows reaches its participants only, and a receipt only the message's author", async () => {
  const centre = await openCentre(server);
  const [mara, otto] = [await customerOf(centre), await customerOf(centre)];
  const InstanceId = centre.InstanceId;
  const bot = await centre.connect.send(
    new CreateParticipantCommand({
      InstanceId,
      ContactId: mara.contactId,
      ParticipantDetails: { ParticipantRole: "CUSTOM_BOT", DisplayName: "Bot" },
    }),
  );
  const [hers, his] = [await ChatClient.subscribe(mara.url), await ChatClient.subscribe(otto.url)];
  const robot = await connection(
    bot.ParticipantCredentials?.ParticipantToken ?? "",
    mara.contactId,
    bot.ParticipantId ?? "",
  );
  const machine = await ChatClient.subscribe(robot.url);
  const { Id } = await say(mara, "Hello");
  await say(otto, "Good day");
  await send(robot, "message.delivered", JSON.stringify({ messageId: Id }));
  await say(robot, "Beep");
  await participants.send(new DisconnectParticipantCommand({ ConnectionToken: robot.token }));
  assert.equal(await machine.closed(), 1000);
  await hers.until(() => hers.shown.length === 5);
  await his.until(() => his.shown.length === 1);
  assert.deepEqual(brief(hers), [
    "Bot participant.joined",
    "Mara: Hello",
    "message.metadata",
    "Bot: Beep",
    "Bot participant.left",
  ]);
  assert.deepEqual(
    brief(his),
    ["Mara: Good day"].map((text) => text),
  );
  assert.deepEqual(brief(machine), ["Mara: Hello", "Bot: Beep", "Bot participant.left"]);
  hers.close();
  his.close();
});

test("a customer whose chat is transferred keeps the socket, and meets the next agent", async () => {
  const centre = await openCentre(server);
  const ada = await centre.agent("ada");
  const bob = await centre.agent("bob", { isOffline: true });
  const mara = await customerOf(centre);
  const customer = await ChatClient.subscribe(mara.url);
  await centre.act(ada, "accept", { contactId: mara.contactId });
  const workspace = await ChatClient.subscribe((await agentOf(centre, ada, mara.contactId)).url);
  await centre.status(bob, "Available");
  const moved = await centre.act(ada, "transfer", { contactId: mara.contactId, to: { userId: bob } });
  const next = moved.contactId ?? "";
  assert.equal(await workspace.closed(), 1000);
  await centre.act(bob, "accept", { contactId: next });
  await say(await agentOf(centre, bob, next), "Hello, Bob here");
  await say(mara, "Still me");
  await customer.until(() => customer.shown.some(({ Content }) => Content === "Still me"));
  assert.deepEqual(brief(customer), [
    "Ada participant.joined",
    "Ada transfer.succeeded",
    "Ada participant.left",
    "Ada participant.joined",
    "Ada: Hello, Bob here",
    "Mara: Still me",
  ]);
  assert.deepEqual(
    customer.shown.slice(-2).map(({ ContactId, InitialContactId }) => [ContactId, InitialContactId]),
    [
      [next, mara.contactId],
      [next, mara.contactId],
    ],
  );
  await centre.act(bob, "hang-up", { contactId: next });
  assert.equal(await customer.closed(), 1000);
  assert.equal(brief(customer).at(-1), "chat.ended");
  const { records } = await centre.streams();
  assert.equal(records.length, 0, "work after both contacts is not over yet");
});
