/** The recording of a call is started, suspended, resumed and stopped, each where the one before allows it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type ContactRecordingType,
  CreateContactFlowCommand,
  ResumeContactRecordingCommand,
  StartContactRecordingCommand,
  StopContactRecordingCommand,
  SuspendContactRecordingCommand,
} from "@aws-sdk/client-connect";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const centre = await openCentre(await startTrunkline());
const { connect, InstanceId } = centre;
after(() => connect.destroy());
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** A call whose flow asks to record these participants, and waits. */
async function callOf(name: string, participants: readonly string[] | undefined): Promise<string> {
  const wait = {
    Identifier: "wait",
    Type: "MessageParticipant",
    Parameters: { Text: "One moment" },
    Transitions: { NextAction: "queue", Errors: [{ NextAction: "end", ErrorType: "NoMatchingError" }], Conditions: [] },
  };
  const record = {
    Identifier: "record",
    Type: "UpdateContactRecordingBehavior",
    Parameters: { RecordingBehavior: { RecordedParticipants: participants } },
    Transitions: { NextAction: "wait", Errors: [], Conditions: [] },
  };
  const target = {
    Identifier: "queue",
    Type: "UpdateContactTargetQueue",
    Parameters: { QueueId: centre.queueId },
    Transitions: {
      NextAction: "transfer",
      Errors: [{ NextAction: "end", ErrorType: "NoMatchingError" }],
      Conditions: [],
    },
  };
  const errors = ["QueueAtCapacity", "NoMatchingError"].map((ErrorType) => ({ NextAction: "end", ErrorType }));
  const transfer = {
    Identifier: "transfer",
    Type: "TransferContactToQueue",
    Parameters: {},
    Transitions: { NextAction: "end", Errors: errors, Conditions: [] },
  };
  const end = { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} };
  const Actions = participants === undefined ? [wait, target, transfer, end] : [record, wait, target, transfer, end];
  const StartAction = Actions[0]?.Identifier;
  const Content = JSON.stringify({ Version: "2019-10-30", StartAction, Metadata: {}, Actions });
  const flow = { InstanceId, Name: name, Type: "CONTACT_FLOW", Content } as const;
  const { ContactFlowId } = await connect.send(new CreateContactFlowCommand(flow));
  return centre.arrive({ channel: "VOICE", from: "+12065550123", contactFlowId: ContactFlowId });
}

const at = (ContactId: string) => ({ InstanceId, ContactId, InitialContactId: ContactId });
const start = (ContactId: string, track: object = { VoiceRecordingTrack: "ALL" }) =>
  connect.send(new StartContactRecordingCommand({ ...at(ContactId), VoiceRecordingConfiguration: track }));
const stop = (id: string, ContactRecordingType?: ContactRecordingType) =>
  connect.send(new StopContactRecordingCommand({ ...at(id), ContactRecordingType }));
const suspend = (id: string) => connect.send(new SuspendContactRecordingCommand(at(id)));
const resume = (id: string) => connect.send(new ResumeContactRecordingCommand(at(id)));
const REFUSED = { name: "InvalidRequestException" };

test("a recording that the flow has started is suspended, resumed and stopped for good", async () => {
  const call = await callOf("Records both", ["Agent", "Customer"]);
  await assert.rejects(start(call), REFUSED);
  await assert.rejects(resume(call), REFUSED);
  await suspend(call);
  await assert.rejects(suspend(call), REFUSED);
  await resume(call);
  await assert.rejects(stop(call, "SCREEN"), REFUSED);
  await suspend(call);
  await stop(call);
  for (const act of [start, stop, suspend, resume]) await assert.rejects(act(call), REFUSED);
});

test("a recording that the flow allows is started by a request, of a call that goes on", async () => {
  const call = await callOf("Records nobody yet", []);
  await assert.rejects(stop(call), REFUSED);
  await start(call);
  await start(call, { IvrRecordingTrack: "ALL" });
  await assert.rejects(start(call), REFUSED);
  await suspend(call);
  await centre.customer(call, "hang-up");
  await assert.rejects(resume(call), REFUSED);
});

test("what no flow allows, what is no call and what is unknown is refused", async () => {
  const call = await callOf("Records nothing", undefined);
  await assert.rejects(start(call), REFUSED);
  const chat = await centre.arrive({ channel: "CHAT" });
  await assert.rejects(start(chat), REFUSED);
  await assert.rejects(start(NOBODY), { name: "ResourceNotFoundException" });
  const other = { ...at(call), InitialContactId: chat };
  await assert.rejects(connect.send(new SuspendContactRecordingCommand(other)), { name: "ResourceNotFoundException" });
});
