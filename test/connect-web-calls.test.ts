/** Calls from apps and browsers, as far as there is no audio: from StartWebRTCContact to the contact's record. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateParticipantCommand,
  GetContactAttributesCommand,
  StartWebRTCContactCommand,
  type StartWebRTCContactCommandInput,
} from "@aws-sdk/client-connect";
import { ConnectParticipantClient, CreateParticipantConnectionCommand } from "@aws-sdk/client-connectparticipant";
import { openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId, flowId: ContactFlowId } = centre;
const participants = new ConnectParticipantClient(server.client);
const NOBODY = "00000000-0000-4000-8000-000000000000";

after(() => {
  connect.destroy();
  participants.destroy();
});

const start = (more: Partial<StartWebRTCContactCommandInput> = {}) =>
  connect.send(
    new StartWebRTCContactCommand({ InstanceId, ContactFlowId, ParticipantDetails: { DisplayName: "Mara" }, ...more }),
  );

const join = (ParticipantToken: string | undefined, Type?: ("WEBRTC_CONNECTION" | "WEBSOCKET")[]) =>
  participants.send(new CreateParticipantConnectionCommand({ ParticipantToken, Type, ConnectParticipant: !Type }));

test("a web call runs its flow, reaches an agent, and its token leads to the same meeting until it ends", async () => {
  const agent = await centre.agent("nell");
  const AllowedCapabilities = { Customer: { Video: "SEND" }, Agent: { Video: "SEND", ScreenShare: "SEND" } } as const;
  const started = await start({ AllowedCapabilities, Attributes: { page: "cart" }, Description: "From the cart" });
  const { ContactId = "", ParticipantToken, ConnectionData } = started;
  const { Attendee, Meeting } = ConnectionData ?? {};
  assert.equal(Meeting?.MediaRegion, "us-east-1");
  for (const url of Object.values(Meeting?.MediaPlacement ?? {})) assert.ok(url?.startsWith(`${server.url}/`), url);
  assert.match(Attendee?.JoinToken ?? "", /./);

  const { WebRTCConnection } = await join(ParticipantToken, ["WEBRTC_CONNECTION"]);
  assert.equal(WebRTCConnection?.Meeting?.MeetingId, Meeting?.MeetingId);
  assert.deepEqual(WebRTCConnection?.Attendee, Attendee);
  assert.equal((await join(ParticipantToken)).WebRTCConnection, undefined);
  await assert.rejects(join(ParticipantToken, ["WEBSOCKET"]), { name: "ValidationException" });

  await centre.act(agent, "accept", { contactId: ContactId });
  const described = await centre.describe(ContactId);
  assert.deepEqual(
    [described.Channel, described.InitiationMethod, described.SegmentAttributes?.["connect:Subtype"]?.ValueString],
    ["VOICE", "WEBRTC_API", "connect:WebRTC"],
  );
  assert.equal(described.CustomerEndpoint, undefined);
  assert.deepEqual(described.Customer?.Capabilities, { Video: "SEND" });
  assert.deepEqual(described.AgentInfo?.Capabilities, { Video: "SEND", ScreenShare: "SEND" });
  const { Attributes } = await connect.send(
    new GetContactAttributesCommand({ InstanceId, InitialContactId: ContactId }),
  );
  assert.deepEqual(Attributes, { page: "cart" });

  // The customer is handed on, and their token with them.
  const transfer = { contactId: ContactId, to: { queueId: centre.queueId } };
  const leg = (await centre.act(agent, "transfer", transfer)).contactId ?? "";
  await centre.act(agent, "leave", { contactId: ContactId });
  await centre.act(agent, "clear", { contactId: ContactId });
  assert.ok((await join(ParticipantToken, ["WEBRTC_CONNECTION"])).WebRTCConnection);
  await server.advance("PT1S");
  await centre.act(agent, "accept", { contactId: leg });
  await centre.customer(leg, "hang-up");
  await centre.act(agent, "clear", { contactId: leg });
  assert.equal((await centre.describe(leg)).DisconnectReason, "CUSTOMER_DISCONNECT");
  await assert.rejects(join(ParticipantToken, ["WEBRTC_CONNECTION"]), { name: "AccessDeniedException" });

  const streams = await centre.streams();
  checkInvariants(streams);
  const record = streams.records.find((found) => found.ContactId === ContactId) as Record<string, unknown> | undefined;
  assert.deepEqual(record?.Customer, { Capabilities: { Video: "SEND", ScreenShare: null } });
  assert.equal(record?.InitiationMethod, "WEBRTC_API");
});

test("a request that comes again makes no second call, and what cannot be is refused", async () => {
  const first = await start({ ClientToken: "once" });
  const again = await start({ ClientToken: "once" });
  assert.equal(again.ContactId, first.ContactId);
  assert.equal(again.ConnectionData?.Meeting?.MeetingId, first.ConnectionData?.Meeting?.MeetingId);
  const related = await start({ RelatedContactId: first.ContactId });
  assert.equal((await centre.describe(related.ContactId ?? "")).RelatedContactId, first.ContactId);
  await assert.rejects(start({ ContactFlowId: NOBODY }), { name: "ResourceNotFoundException" });
  await assert.rejects(start({ RelatedContactId: NOBODY }), { name: "ResourceNotFoundException" });
  await assert.rejects(start({ Attributes: { "not good": "x" } }), { name: "InvalidParameterException" });
  const SegmentAttributes = { "connect:Direction": { ValueString: "INBOUND" } };
  await assert.rejects(start({ SegmentAttributes }), { name: "InvalidParameterException" });
});

test("others join the customer's side of a web call, at most five in all", async () => {
  const { ContactId, ParticipantToken } = await start();
  const add = (ParticipantRole: "CUSTOMER" | "AGENT", ClientToken?: string) =>
    connect.send(
      new CreateParticipantCommand({
        InstanceId,
        ContactId,
        ClientToken,
        ParticipantDetails: { ParticipantRole, DisplayName: "Noa" },
      }),
    );
  await assert.rejects(add("AGENT"), { name: "InvalidRequestException" });
  const noa = await add("CUSTOMER", "noa");
  assert.equal((await add("CUSTOMER", "noa")).ParticipantId, noa.ParticipantId);
  const mine = (await join(ParticipantToken, ["WEBRTC_CONNECTION"])).WebRTCConnection;
  const theirs = (await join(noa.ParticipantCredentials?.ParticipantToken, ["WEBRTC_CONNECTION"])).WebRTCConnection;
  assert.equal(theirs?.Meeting?.MeetingId, mine?.Meeting?.MeetingId);
  assert.notEqual(theirs?.Attendee?.AttendeeId, mine?.Attendee?.AttendeeId);
  for (let more = 0; more < 3; more += 1) await add("CUSTOMER");
  await assert.rejects(add("CUSTOMER"), { name: "ServiceQuotaExceededException" });
  await centre.customer(ContactId ?? "", "hang-up");
  await assert.rejects(add("CUSTOMER"), { name: "InvalidRequestException" });
});
