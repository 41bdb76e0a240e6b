/** Contacts that go on as other contacts: from queue to queue, to another agent, on a line that the carrier ends; and channels side by side. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateQueueCommand,
  CreateRoutingProfileCommand,
  ListHoursOfOperationsCommand,
  StartOutboundVoiceContactCommand,
  StartTaskContactCommand,
  TransferContactCommand,
  UpdateUserRoutingProfileCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centres: Centre[] = [];
const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };

function inCentre(title: string, run: (centre: Centre) => Promise<void>): void {
  test(title, async () => {
    const centre = await openCentre(server);
    centres.push(centre);
    await run(centre);
    checkInvariants(await centre.streams());
  });
}

after(() => {
  for (const { connect } of centres) connect.destroy();
});

async function newQueue({ connect, InstanceId }: Centre, Name: string): Promise<string> {
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id;
  const { QueueId } = await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId }));
  return QueueId ?? "";
}

const held = async (centre: Centre, agent: string) =>
  (await centre.view(agent)).contacts.map(({ id, state }) => [id, state]);

inCentre("a waiting call is moved to another queue: one contact ends, another waits", async (centre) => {
  const other = await newQueue(centre, "Second line");
  const call = await centre.arrive(CALL);
  await server.advance("PT30S");
  const { contactId: moved = "" } = await centre.customer(call, "queue-transfer", { queueId: other });
  assert.deepEqual(await centre.types(call), ["INITIATED", "QUEUED", "DISCONNECTED", "COMPLETED"]);
  assert.deepEqual(await centre.types(moved), ["INITIATED", "QUEUED"]);
  const { InitiationMethod, PreviousContactId, InitialContactId, QueueInfo, SystemEndpoint, CustomerEndpoint } =
    await centre.describe(moved);
  assert.deepEqual(
    [InitiationMethod, PreviousContactId, InitialContactId, QueueInfo?.Id],
    ["QUEUE_TRANSFER", call, call, other],
  );
  assert.equal(SystemEndpoint, undefined);
  assert.equal(CustomerEndpoint?.Address, CALL.from);

  const before = await centre.describe(call);
  const waited = Number(QueueInfo?.EnqueueTimestamp) - Number(before.QueueInfo?.EnqueueTimestamp);
  assert.equal(waited, 30_000, "it waits anew");
  const { record } = (await centre.contact(call)) as { record: { NextContactId: string } };
  assert.equal(record.NextContactId, moved);

  const refused = await centre.control("POST", `contacts/${centre.InstanceId}/${call}/queue-transfer`, {
    queueId: other,
  });
  assert.equal(refused.status, 409);
  await centre.customer(moved, "hang-up");
});

inCentre("a call that rings is moved all the same, and its agent has a failed offer", async (centre) => {
  const other = await newQueue(centre, "Nobody's");
  const agent = await centre.agent("ada");
  const call = await centre.arrive(CALL);
  const { contactId: moved = "" } = await centre.customer(call, "queue-transfer", { queueId: other });
  assert.deepEqual(await held(centre, agent), [[call, "REJECTED"]]);
  assert.deepEqual(await centre.types(moved), ["INITIATED", "QUEUED"]);
});

inCentre("a task that is transferred expires when the first one would have", async (centre) => {
  const { connect, InstanceId, flowId: ContactFlowId, queueId: QueueId } = centre;
  const expiry = { ValueMap: { ExpiryDuration: { ValueInteger: 60 } } };
  const { ContactId } = await connect.send(
    new StartTaskContactCommand({
      InstanceId,
      ContactFlowId,
      Name: "Refund",
      SegmentAttributes: { "connect:ContactExpiry": expiry },
    }),
  );
  await server.advance("PT40M");
  const transfer = new TransferContactCommand({ InstanceId, ContactId, ContactFlowId, QueueId });
  const { ContactId: next = "" } = await connect.send(transfer);
  await server.advance("PT19M");
  assert.equal((await centre.describe(next)).DisconnectReason, undefined);
  await server.advance("PT1M");
  assert.equal((await centre.describe(next)).DisconnectReason, "EXPIRED");
});

inCentre("a customer whom the carrier connected hangs up on the leg that they are on", async (centre) => {
  const { connect, InstanceId, flowId: ContactFlowId, queueId: QueueId } = centre;
  const first = await centre.agent("bea");
  const dial = async () => {
    // Answers after 4 s, and stays for a minute.
    const call = { InstanceId, ContactFlowId, QueueId, DestinationPhoneNumber: "+12065550100" };
    const { ContactId = "" } = await connect.send(new StartOutboundVoiceContactCommand(call));
    await server.advance("PT5S");
    await centre.act(first, "accept", { contactId: ContactId });
    return ContactId;
  };
  const cold = await dial();
  const { contactId: waiting = "" } = await centre.act(first, "transfer", {
    contactId: cold,
    to: { queueId: await newQueue(centre, "Empty") },
  });
  await centre.act(first, "leave", { contactId: cold });
  await server.advance("PT60S");
  for (const id of [cold, waiting]) {
    assert.equal((await centre.describe(id)).DisconnectReason, "CUSTOMER_DISCONNECT", "in the second queue");
  }
  await centre.act(first, "clear", { contactId: cold });

  const warm = await dial();
  const second = await centre.agent("cleo");
  const { contactId: leg = "" } = await centre.act(first, "transfer", { contactId: warm, to: { userId: second } });
  await centre.act(second, "accept", { contactId: leg });
  await centre.act(first, "leave", { contactId: warm });
  assert.deepEqual(await held(centre, second), [[leg, "CONNECTED"]]);
  await server.advance("PT60S");
  assert.deepEqual(await held(centre, second), [[leg, "ENDED"]]);
});

inCentre("who is transferred to an agent keeps their place in time", async (centre) => {
  const first = await centre.agent("dora");
  const old = await centre.arrive(CALL);
  await centre.act(first, "accept", { contactId: old });
  await server.advance("PT60S");
  const second = await centre.agent("eve");
  const young = await centre.arrive(CALL);
  await centre.act(second, "accept", { contactId: young });
  const later = await centre.agent("fay");
  const third = await centre.arrive(CALL);
  await centre.act(later, "accept", { contactId: third });
  await centre.act(later, "transfer", { contactId: third, to: { userId: second } });
  await server.advance("PT1S");
  const { contactId: leg } = await centre.act(first, "transfer", { contactId: old, to: { userId: second } });
  await centre.act(second, "hang-up", { contactId: young });
  await centre.act(second, "clear", { contactId: young });
  assert.deepEqual(await held(centre, second), [[leg, "CONNECTING"]], "the older caller first");
});

const only = { BehaviorType: "ROUTE_CURRENT_CHANNEL_ONLY" } as const;
const any = { BehaviorType: "ROUTE_ANY_CHANNEL" } as const;

inCentre("beside a contact come those of other channels only where its own channel lets them", async (centre) => {
  const { connect, InstanceId, queueId } = centre;
  const profile = await connect.send(
    new CreateRoutingProfileCommand({
      InstanceId,
      Name: "All three",
      Description: "A call is alone; chats and tasks mix",
      DefaultOutboundQueueId: queueId,
      MediaConcurrencies: [
        { Channel: "VOICE", Concurrency: 1, CrossChannelBehavior: only },
        { Channel: "CHAT", Concurrency: 2, CrossChannelBehavior: any },
        { Channel: "TASK", Concurrency: 2 },
      ],
      QueueConfigs: (["VOICE", "CHAT", "TASK"] as const).map((Channel) => ({
        QueueReference: { QueueId: queueId, Channel },
        Priority: 1,
        Delay: 0,
      })),
    }),
  );
  const agent = await centre.agent("gia", { isOffline: true });
  const { RoutingProfileId } = profile;
  await connect.send(new UpdateUserRoutingProfileCommand({ InstanceId, UserId: agent, RoutingProfileId }));
  await centre.status(agent, "Available");
  const slots = async () => {
    const { agentEvents } = await centre.streams();
    const configuration = agentEvents.at(-1)?.CurrentAgentSnapshot.Configuration as
      | { RoutingProfile: { Concurrency: { Channel: string; AvailableSlots: number }[] } }
      | undefined;
    const channels = configuration?.RoutingProfile.Concurrency ?? [];
    return Object.fromEntries(channels.map((own) => [own.Channel, own.AvailableSlots]));
  };
  const finish = async (contactId: string) => {
    await centre.act(agent, "hang-up", { contactId });
    await centre.act(agent, "clear", { contactId });
  };

  const chat = await centre.arrive({ channel: "CHAT" });
  assert.deepEqual(await slots(), { VOICE: 1, CHAT: 1, TASK: 2 }, "a chat lets anything in");
  const call = await centre.arrive(CALL);
  assert.deepEqual(await slots(), { VOICE: 0, CHAT: 0, TASK: 0 }, "a call lets nothing in");
  const task = await centre.arrive({ channel: "TASK", name: "Form" });
  for (const contactId of [chat, call]) await centre.act(agent, "accept", { contactId });
  assert.deepEqual(await held(centre, agent), [
    [chat, "CONNECTED"],
    [call, "CONNECTED"],
  ]);
  await centre.act(agent, "hang-up", { contactId: call });
  assert.deepEqual((await held(centre, agent)).length, 2, "nor does its after-contact work");
  await centre.act(agent, "clear", { contactId: call });
  assert.deepEqual(await held(centre, agent), [
    [chat, "CONNECTED"],
    [task, "CONNECTING"],
  ]);
  assert.deepEqual(await slots(), { VOICE: 0, CHAT: 0, TASK: 1 }, "a task lets tasks in, unless it is told otherwise");
  await centre.act(agent, "accept", { contactId: task });
  const second = await centre.arrive(CALL);
  await finish(task);
  assert.deepEqual((await held(centre, agent)).at(-1), [second, "CONNECTING"]);
});
