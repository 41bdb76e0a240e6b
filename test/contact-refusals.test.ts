/**
 * What the operations on contacts refuse: illegal transitions, what is unknown, what has ended, what is too long, the wrong channel. Each
 * refusal is the modelled error, and leaves every stored row, and so every event, as it was.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openCentre } from "./contact-centre.ts";
import { Sdk } from "./sdk-call.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { difference, StoredRows } from "./stored-rows.ts";

const folder = temporaryFolder();
const server = await startTrunkline("--data", folder);
const centre = await openCentre(server);
const { connect, InstanceId, flowId: ContactFlowId, queueId: QueueId } = centre;
after(() => connect.destroy());
const sdk = new Sdk(server.client);
const rows = new StoredRows(folder);

const NOBODY = "00000000-0000-4000-8000-000000000000";
const LONG = { a: "x".repeat(32_767), b: "xx" };
const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };

const start = async (operation: string, input: object): Promise<string> =>
  ((await sdk.call("connect", operation, { InstanceId, ...input })) as { ContactId: string }).ContactId;

/** Contacts in every state that matters, made in this order, and who has them. */
const agent = await centre.agent("ada");
const call = await centre.arrive(CALL);
await centre.act(agent, "accept", { contactId: call });
const waitingCall = await centre.arrive(CALL);
const endedCall = await centre.arrive(CALL);
await centre.customer(endedCall, "hang-up");
const chat = await centre.arrive({ channel: "CHAT" });
const mail = await centre.arrive({ channel: "EMAIL", from: "sam@example.com", to: "help@example.com" });
const task = await start("StartTaskContact", { ContactFlowId, Name: "Form" });
const paused = await start("StartTaskContact", { ContactFlowId, Name: "Paused" });
await sdk.call("connect", "PauseContact", { InstanceId, ContactId: paused });
const ended = await start("StartTaskContact", { ContactFlowId, Name: "Done" });
await sdk.call("connect", "StopContact", { InstanceId, ContactId: ended });
const ScheduledTime = new Date(server.app.platform().clock.now() + 3_600_000);
const scheduled = await start("StartTaskContact", { ContactFlowId, Name: "Later", ScheduledTime });
const away = await centre.agent("bea", { isOffline: true });
await server.advance("PT0S");

type Row = readonly [what: string, operation: string, input: object, error: string];

const of = (ContactId: string, more: object = {}) => ({ ContactId, ...more });
const NOT_FOUND = "ResourceNotFoundException";
const REQUEST = "InvalidRequestException";
const PARAMETER = "InvalidParameterException";
const CONFLICT = "ConflictException";

const REFUSALS: readonly Row[] = [
  ["a contact that is unknown", "StopContact", of(NOBODY), "ContactNotFoundException"],
  ["a contact that has ended", "StopContact", of(endedCall), "ContactNotFoundException"],
  [
    "a reason that only campaigns may give",
    "StopContact",
    of(task, { DisconnectReason: { Code: "EXPIRED" } }),
    REQUEST,
  ],

  ["a contact that is unknown", "TransferContact", of(NOBODY, { ContactFlowId, QueueId }), NOT_FOUND],
  ["a queue that is unknown", "TransferContact", of(task, { ContactFlowId, QueueId: NOBODY }), NOT_FOUND],
  ["a user who is unknown", "TransferContact", of(task, { ContactFlowId, UserId: NOBODY }), NOT_FOUND],
  ["a flow that is unknown", "TransferContact", of(task, { ContactFlowId: NOBODY, QueueId }), NOT_FOUND],
  ["a queue and a user", "TransferContact", of(task, { ContactFlowId, QueueId, UserId: agent }), REQUEST],
  ["a call", "TransferContact", of(call, { ContactFlowId, QueueId }), REQUEST],
  ["a chat", "TransferContact", of(chat, { ContactFlowId, QueueId }), REQUEST],
  ["a contact that has ended", "TransferContact", of(ended, { ContactFlowId, QueueId }), REQUEST],
  ["a task that has yet to start", "TransferContact", of(scheduled, { ContactFlowId, QueueId }), REQUEST],

  ["a contact that is unknown", "PauseContact", of(NOBODY), NOT_FOUND],
  ["a call", "PauseContact", of(call), REQUEST],
  ["an e-mail", "PauseContact", of(mail), REQUEST],
  ["a task that is paused already", "PauseContact", of(paused), CONFLICT],
  ["a task that has ended", "PauseContact", of(ended), CONFLICT],
  ["a task that has yet to start", "PauseContact", of(scheduled), CONFLICT],
  ["a contact that is unknown", "ResumeContact", of(NOBODY), NOT_FOUND],
  ["a task that is not paused", "ResumeContact", of(task), CONFLICT],
  ["a chat", "ResumeContact", of(chat), REQUEST],

  ["a contact that is unknown", "UpdateContactSchedule", of(NOBODY, { ScheduledTime }), NOT_FOUND],
  ["a task that has started", "UpdateContactSchedule", of(task, { ScheduledTime }), REQUEST],
  ["the past", "UpdateContactSchedule", of(scheduled, { ScheduledTime: new Date(0) }), PARAMETER],
  [
    "91 days ahead",
    "UpdateContactSchedule",
    of(scheduled, { ScheduledTime: new Date(ScheduledTime.getTime() + 91 * 86_400_000) }),
    PARAMETER,
  ],

  [
    "a contact that is unknown",
    "UpdateContactAttributes",
    { InitialContactId: NOBODY, Attributes: { a: "b" } },
    NOT_FOUND,
  ],
  ["more than 32 KB", "UpdateContactAttributes", { InitialContactId: call, Attributes: LONG }, REQUEST],
  [
    "more than 32 KB, of one that has ended",
    "UpdateContactAttributes",
    { InitialContactId: ended, Attributes: LONG },
    REQUEST,
  ],
  ["a key with a blank", "UpdateContactAttributes", { InitialContactId: call, Attributes: { "a b": "c" } }, PARAMETER],

  ["nothing to change", "UpdateContact", of(task), REQUEST],
  ["a contact that is unknown", "UpdateContact", of(NOBODY, { Name: "x" }), NOT_FOUND],
  ["a queue, of one that is no external audio", "UpdateContact", of(task, { QueueInfo: { Id: QueueId } }), REQUEST],
  [
    "references of more than 4 KB",
    "UpdateContact",
    of(task, { References: { a: { Type: "STRING", Value: "x".repeat(4_096) } } }),
    PARAMETER,
  ],
  ["an attachment", "UpdateContact", of(task, { References: { a: { Type: "ATTACHMENT", Value: "x" } } }), PARAMETER],

  ["a contact that is unknown", "TagContact", of(NOBODY, { Tags: { a: "b" } }), NOT_FOUND],
  ["seven tags", "TagContact", of(task, { Tags: { a: "", b: "", c: "", d: "", e: "", f: "", g: "" } }), PARAMETER],
  ["a contact that is unknown", "UntagContact", of(NOBODY, { TagKeys: ["a"] }), NOT_FOUND],

  ["a contact that is unknown", "UpdateContactRoutingData", of(NOBODY, { QueuePriority: 1 }), NOT_FOUND],
  [
    "a contact that has ended",
    "UpdateContactRoutingData",
    of(endedCall, { QueuePriority: 1 }),
    "ResourceConflictException",
  ],

  ["a contact that is unknown", "AssociateContactWithUser", of(NOBODY, { UserId: agent }), NOT_FOUND],
  ["a user who is unknown", "AssociateContactWithUser", of(waitingCall, { UserId: NOBODY }), NOT_FOUND],
  ["a contact that somebody has", "AssociateContactWithUser", of(call, { UserId: agent }), REQUEST],
  ["a task that is paused", "AssociateContactWithUser", of(paused, { UserId: agent }), REQUEST],
  ["a user who is not there", "AssociateContactWithUser", of(waitingCall, { UserId: away }), REQUEST],

  ["a contact that the user talks on", "DismissUserContact", of(call, { UserId: agent }), REQUEST],
  ["somebody else's contact", "DismissUserContact", of(endedCall, { UserId: agent }), REQUEST],
  ["a user who is not there", "DismissUserContact", of(call, { UserId: away }), REQUEST],

  ["a contact that is unknown", "MonitorContact", of(NOBODY, { UserId: agent }), NOT_FOUND],
  ["a contact that nobody has", "MonitorContact", of(waitingCall, { UserId: agent }), REQUEST],
  ["a task", "MonitorContact", of(task, { UserId: agent }), REQUEST],
  ["a supervisor who is not there", "MonitorContact", of(call, { UserId: away }), "AccessDeniedException"],
  ["a supervisor who has a contact", "MonitorContact", of(call, { UserId: agent }), REQUEST],

  [
    "a contact that goes on",
    "DeleteContactData",
    of(call, { ContactFields: ["CUSTOMER_ENDPOINT"] }),
    "ContactNotTerminatedException",
  ],
  ["a contact that is unknown", "DeleteContactData", of(NOBODY, { ContactFields: ["CUSTOMER_ENDPOINT"] }), NOT_FOUND],

  ["a flow that is unknown", "StartTaskContact", { ContactFlowId: NOBODY, Name: "x" }, NOT_FOUND],
  ["no flow", "StartTaskContact", { Name: "x" }, REQUEST],
  ["attributes of more than 32 KB", "StartTaskContact", { ContactFlowId, Name: "x", Attributes: LONG }, PARAMETER],
  [
    "two relations",
    "StartTaskContact",
    { ContactFlowId, Name: "x", PreviousContactId: task, RelatedContactId: task },
    REQUEST,
  ],
  ["a relation that is unknown", "StartTaskContact", { ContactFlowId, Name: "x", RelatedContactId: NOBODY }, NOT_FOUND],
  ["a chat", "CreateContact", { Channel: "CHAT", InitiationMethod: "API" }, PARAMETER],
  ["a method of another channel", "CreateContact", { Channel: "TASK", InitiationMethod: "INBOUND" }, PARAMETER],
  ["an answer without a user", "CreateContact", { Channel: "EMAIL", InitiationMethod: "AGENT_REPLY" }, REQUEST],
  [
    "neither queue nor number",
    "StartOutboundVoiceContact",
    { ContactFlowId, DestinationPhoneNumber: "+12065550100" },
    REQUEST,
  ],
  [
    "a UK mobile",
    "StartOutboundVoiceContact",
    { ContactFlowId, QueueId, DestinationPhoneNumber: "+447700900123" },
    "DestinationNotAllowedException",
  ],
  [
    "machine detection without a campaign",
    "StartOutboundVoiceContact",
    {
      ContactFlowId,
      QueueId,
      DestinationPhoneNumber: "+12065550100",
      AnswerMachineDetectionConfig: { EnableAnswerMachineDetection: true },
    },
    PARAMETER,
  ],
];

for (const [what, operation, input, error] of REFUSALS) {
  test(`${operation} refuses ${what}`, async () => {
    const before = { version: rows.version(), all: rows.all() };
    assert.equal(await sdk.refusal("connect", operation, { InstanceId, ...input }), error);
    await server.advance("PT0S");
    if (rows.version() !== before.version) assert.deepEqual(difference(before.all, rows.all()), []);
  });
}
