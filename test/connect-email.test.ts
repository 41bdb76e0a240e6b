/** E-mails that come in and are answered, and the batches that campaigns dial. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateFlowCommand,
  AssociateInstanceStorageConfigCommand,
  BatchPutContactCommand,
  type ContactDataRequest,
  CreateContactFlowCommand,
  CreateEmailAddressCommand,
  DeleteContactDataCommand,
  GetContactAttributesCommand,
  StartEmailContactCommand,
  type StartEmailContactCommandInput,
  StartOutboundEmailContactCommand,
  type StartOutboundEmailContactCommandInput,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centres: Centre[] = [];
const NOBODY = "00000000-0000-4000-8000-000000000000";

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

const refusal = (name: string, words?: RegExp) => (error: { name: string; message: string }) => {
  assert.equal(error.name, name, error.message);
  if (words) assert.match(error.message, words);
  return true;
};

const MAIL = {
  FromEmailAddress: { EmailAddress: "sam@example.com", DisplayName: "Sam Doe" },
  DestinationEmailAddress: "help@northwind.example",
  EmailMessage: {
    MessageSourceType: "RAW",
    RawMessage: {
      Subject: "Refund not received",
      Body: "<p>Where is it?</p>",
      ContentType: "text/html; charset=utf-8",
    },
  },
} as const;

/** A centre with a mailbox that has a flow, and a place for mails. */
async function openMailbox({ connect, InstanceId, flowId: FlowId }: Centre): Promise<string> {
  const address = { InstanceId, EmailAddress: "help@northwind.example", DisplayName: "Northwind" };
  const { EmailAddressId: ResourceId = "" } = await connect.send(new CreateEmailAddressCommand(address));
  await connect.send(new AssociateFlowCommand({ InstanceId, ResourceId, FlowId, ResourceType: "INBOUND_EMAIL" }));
  const S3Config = { BucketName: "mails", BucketPrefix: "in" };
  const StorageConfig = { StorageType: "S3", S3Config } as const;
  const storage = { InstanceId, ResourceType: "EMAIL_MESSAGES", StorageConfig } as const;
  await connect.send(new AssociateInstanceStorageConfigCommand(storage));
  return ResourceId;
}

const receive = async ({ connect, InstanceId }: Centre, input: Partial<StartEmailContactCommandInput> = {}) =>
  (await connect.send(new StartEmailContactCommand({ InstanceId, ...MAIL, ...input }))).ContactId ?? "";

const answer = async ({ connect, InstanceId }: Centre, input: Partial<StartOutboundEmailContactCommandInput>) => {
  const DestinationEmailAddress = { EmailAddress: "sam@example.com" };
  const RawMessage = { Subject: "Re: Refund", Body: "On its way", ContentType: "text/plain" };
  const EmailMessage = { MessageSourceType: "RAW", RawMessage } as const;
  const ContactId = undefined as unknown as string;
  const whole = { InstanceId, ContactId, DestinationEmailAddress, EmailMessage, ...input };
  return (await connect.send(new StartOutboundEmailContactCommand(whole))).ContactId ?? "";
};

inCentre("a mail comes in, waits, and ends with its agent's answer, which is a contact of its own", async (centre) => {
  await openMailbox(centre);
  const agent = await centre.agent("mia");
  const mail = await receive(centre, {
    Name: "Refund",
    Attributes: { order: "17" },
    AdditionalRecipients: { CcAddresses: [{ EmailAddress: "boss@example.com" }] },
  });
  assert.deepEqual(await centre.types(mail), ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED"]);
  await centre.act(agent, "accept", { contactId: mail });
  await server.advance("PT1M");
  const reply = await answer(centre, { ContactId: mail });
  assert.deepEqual(await centre.types(reply), ["INITIATED", "CONNECTED_TO_SYSTEM", "DISCONNECTED", "COMPLETED"]);
  assert.equal((await centre.describe(mail)).DisconnectReason, "AGENT_DISCONNECT");
  await centre.act(agent, "clear", { contactId: mail });

  const described = await centre.describe(reply);
  assert.equal(described.InitiationMethod, "AGENT_REPLY");
  assert.equal(described.RelatedContactId, mail);
  assert.equal(described.ContactAssociationId, mail);
  assert.equal(described.SystemEndpoint?.Address, "help@northwind.example");
  const { contactEvents, records } = await centre.streams();
  const first = contactEvents.find(({ detail }) => detail.contactId === mail)?.detail;
  assert.deepEqual(first?.customerEndpoint, {
    address: "sam@example.com",
    type: "EMAIL_ADDRESS",
    displayName: "Sam Doe",
  });
  assert.equal(first?.segmentAttributes["connect:EmailSubject"]?.valueString, "Refund not received");
  assert.equal(first?.segmentAttributes["connect:Direction"]?.valueString, "INBOUND");
  const record = records.find(({ ContactId }) => ContactId === mail) as Record<string, unknown> | undefined;
  assert.deepEqual(record?.AdditionalEmailRecipients, {
    CcList: [{ Address: "boss@example.com", DisplayName: null }],
    ToList: [],
  });
  const { email } = await centre.contact(mail);
  assert.equal((email as { body: string }).body, "<p>Where is it?</p>");

  const fields = ["CUSTOMER_ENDPOINT", "ADDITIONAL_EMAIL_RECIPIENTS", "EMAIL_SUBJECT"] as const;
  const { connect, InstanceId } = centre;
  await connect.send(new DeleteContactDataCommand({ InstanceId, ContactId: mail, ContactFields: [...fields] }));
  const left = await centre.describe(mail);
  assert.deepEqual(
    [left.CustomerEndpoint, left.AdditionalEmailRecipients, left.SegmentAttributes?.["connect:EmailSubject"]],
    [undefined, undefined, undefined],
  );
  assert.partialDeepStrictEqual((await centre.contact(mail)).email, { subject: "", body: "<p>Where is it?</p>" });
});

inCentre("a related mail has a copy of the attributes, and a mail expires", async (centre) => {
  await openMailbox(centre);
  const { connect, InstanceId } = centre;
  const first = await receive(centre, { Attributes: { order: "17" } });
  const RawMessage = { ...MAIL.EmailMessage.RawMessage, Headers: { X_SES_SPAM_VERDICT: "FAILED" } };
  const second = await receive(centre, {
    RelatedContactId: first,
    EmailMessage: { MessageSourceType: "RAW", RawMessage },
    SegmentAttributes: { "connect:ContactExpiry": { ValueMap: { ExpiryDuration: { ValueInteger: 30 } } } },
    ClientToken: "once",
  });
  const { Attributes } = await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId: second }));
  assert.deepEqual(Attributes, { order: "17" });
  const { SegmentAttributes } = await centre.describe(second);
  assert.equal(SegmentAttributes?.["connect:X-SES-SPAM-VERDICT"]?.ValueString, "FAILED");
  assert.notEqual(await receive(centre, { ClientToken: "twice" }), await receive(centre, { ClientToken: "thrice" }));
  await assert.rejects(receive(centre, { ClientToken: "once" }), refusal("IdempotencyException"));
  await server.advance("PT30M");
  assert.equal((await centre.describe(second)).DisconnectReason, "EXPIRED");
  assert.equal((await centre.describe(first)).DisconnectReason, undefined);
  await centre.customer(first, "hang-up");
  // Who answers a mail that nobody handles writes a mail of their own.
  const later = await answer(centre, { ContactId: first });
  assert.equal((await centre.describe(later)).InitiationMethod, "API");
});

inCentre(
  "a mail that arrives by itself runs the flow of its mailbox, like one that a request brings",
  async (centre) => {
    const { connect, InstanceId } = centre;
    const end = { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} };
    const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "end", Metadata: {}, Actions: [end] });
    const made = { InstanceId, Name: "Closed", Type: "CONTACT_FLOW", Content } as const;
    const { ContactFlowId: closed = "" } = await connect.send(new CreateContactFlowCommand(made));
    await openMailbox({ ...centre, flowId: closed });

    const flowsOf = async (arrival: object) => {
      const { flows } = await centre.contact(await centre.arrive({ channel: "EMAIL", ...arrival }));
      return (flows as { flowId: string }[]).map(({ flowId }) => flowId);
    };
    assert.deepEqual(await flowsOf({ to: "Help@Northwind.example" }), [closed]);
    const open = centre.flowId;
    assert.equal((await flowsOf({ to: "help@northwind.example", contactFlowId: open }))[0], open);
    assert.notEqual((await flowsOf({ to: "else@northwind.example" }))[0], closed);
    assert.notEqual((await flowsOf({}))[0], closed);
  },
);

inCentre("mails that cannot be are refused, and leave nothing", async (centre) => {
  await assert.rejects(receive(centre), refusal("ResourceNotFoundException", /help@northwind.example/));
  const { connect, InstanceId } = centre;
  await connect.send(new CreateEmailAddressCommand({ InstanceId, EmailAddress: "bare@northwind.example" }));
  const bare = { DestinationEmailAddress: "bare@northwind.example" };
  await assert.rejects(receive(centre, bare), refusal("InvalidRequestException", /EMAIL_MESSAGES/));
  await openMailbox(centre);
  await assert.rejects(receive(centre, bare), refusal("InvalidRequestException", /has no flow/));
  const to = (count: number) => Array.from({ length: count }, (_, at) => ({ EmailAddress: `a${at}@example.com` }));
  const raw = (RawMessage: object | undefined) => ({
    EmailMessage: { MessageSourceType: "RAW", RawMessage } as StartEmailContactCommandInput["EmailMessage"],
  });
  const bad: [Partial<StartEmailContactCommandInput>, RegExp][] = [
    [{ AdditionalRecipients: { ToAddresses: to(50) } }, /at most 50 recipients/],
    [{ AdditionalRecipients: { ToAddresses: to(25), CcAddresses: to(25) } }, /at most 50 recipients/],
    [{ References: { a: { Type: "EMAIL", Value: "x@example.com" } } }, /types URL, NUMBER/],
    [{ Attachments: [{ FileName: "a.txt", S3Url: "https://example.com/a" }] }, /not built/],
    [raw(undefined), /RawMessage/],
    [raw({ Subject: "a", Body: "b", ContentType: "image/png" }), /ContentType/],
    [{ Attributes: { "not good": "x" } }, /Attribute keys/],
    [{ Attributes: { a: "x".repeat(32_767), b: "x" } }, /32768 bytes/],
  ];
  for (const [input, words] of bad)
    await assert.rejects(receive(centre, input), refusal("InvalidRequestException", words));
  await assert.rejects(receive(centre, { ContactFlowId: NOBODY }), refusal("ResourceNotFoundException"));
  await assert.rejects(receive(centre, { RelatedContactId: NOBODY }), refusal("ResourceNotFoundException"));
  await assert.rejects(receive(centre, { InstanceId: NOBODY }), refusal("ResourceNotFoundException"));
  assert.deepEqual((await centre.streams()).contactEvents, []);

  const mail = await receive(centre);
  const call = await centre.arrive({ channel: "VOICE" });
  await assert.rejects(answer(centre, { ContactId: call }), refusal("InvalidRequestException", /no e-mail/));
  await assert.rejects(answer(centre, { ContactId: NOBODY }), refusal("ResourceNotFoundException"));
  const FromEmailAddress = { EmailAddress: "other@example.com" };
  await assert.rejects(answer(centre, { ContactId: mail, FromEmailAddress }), refusal("ResourceNotFoundException"));
  const TemplatedMessageConfig = { KnowledgeBaseId: "k", MessageTemplateId: "t", TemplateAttributes: {} };
  const EmailMessage = { MessageSourceType: "TEMPLATE", TemplatedMessageConfig } as const;
  await assert.rejects(
    answer(centre, { ContactId: mail, EmailMessage }),
    refusal("ResourceNotFoundException", /template t/),
  );
});

inCentre("a campaign's batch is dialled: who answers waits, machines and failures are told", async (centre) => {
  const { connect, InstanceId, queueId: QueueId } = centre;
  const request = (RequestIdentifier: string, Address: string, more: Partial<ContactDataRequest> = {}) => ({
    RequestIdentifier,
    CustomerEndpoint: { Type: "TELEPHONE_NUMBER" as const, Address },
    QueueId,
    Campaign: { CampaignId: "spring" },
    ...more,
  });
  const put = (ContactDataRequestList: ContactDataRequest[], ClientToken?: string) =>
    connect.send(new BatchPutContactCommand({ InstanceId, ContactDataRequestList, ClientToken }));
  const people = [
    request("person", "+12065550100"),
    request("machine", "+12065550120"),
    request("busy", "+12065550110"),
  ];
  await assert.rejects(put(people), refusal("AccessDeniedException"));
  await connect.send(
    new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "HIGH_VOLUME_OUTBOUND", Value: "true" }),
  );
  const sent = await put(people, "batch");
  assert.deepEqual(sent.FailedRequestList, []);
  assert.deepEqual((await put(people, "batch")).SuccessfulRequestList, sent.SuccessfulRequestList, "dialled once");
  await assert.rejects(put(people.slice(1), "batch"), refusal("IdempotencyException"));
  const [person = "", machine = "", busy = ""] = (sent.SuccessfulRequestList ?? []).map(({ ContactId }) => ContactId);
  const agent = await centre.agent("noa");
  await server.advance("PT16S");
  await centre.act(agent, "accept", { contactId: person });
  await server.advance("PT2M");
  const told = ["INITIATED", "CONNECTED_TO_SYSTEM", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED"];
  assert.deepEqual(await centre.types(person), told);
  assert.deepEqual(await centre.types(machine), ["INITIATED", "CONNECTED_TO_SYSTEM", "DISCONNECTED", "COMPLETED"]);
  assert.deepEqual(await centre.types(busy), ["INITIATED", "DISCONNECTED", "COMPLETED"]);
  const status = async (id: string) => {
    const { AnsweringMachineDetectionStatus, Campaign, DisconnectReason } = await centre.describe(id);
    return [AnsweringMachineDetectionStatus, Campaign?.CampaignId, DisconnectReason];
  };
  assert.deepEqual(await status(person), ["HUMAN_ANSWERED", "spring", "CUSTOMER_DISCONNECT"]);
  assert.deepEqual(await status(machine), ["VOICEMAIL_BEEP", "spring", "CUSTOMER_DISCONNECT"]);
  assert.deepEqual(await status(busy), ["SIT_TONE_BUSY", "spring", "OUTBOUND_ATTEMPT_FAILED"]);

  const number = "+12065550100";
  const endpoint = (Address: string) => ({ Type: "TELEPHONE_NUMBER" as const, Address });
  const wrong = await put([
    request("a", number, { Campaign: undefined }),
    request("b", number, { CustomerEndpoint: undefined }),
    request("c", "12"),
    request("d", number, { QueueId: undefined }),
    request("e", number, { QueueId: NOBODY }),
    request("f", number, { SystemEndpoint: endpoint("x") }),
    request("g", number, { Attributes: { "not good": "x" } }),
    request("h", number, { Attributes: { a: "x".repeat(32_767), b: "x" } }),
    request("i", number, { OutboundStrategy: { Type: "AGENT_FIRST" } }),
  ]);
  assert.deepEqual(wrong.SuccessfulRequestList, []);
  assert.deepEqual(
    wrong.FailedRequestList?.map(
      ({ RequestIdentifier, FailureReasonCode }) => `${RequestIdentifier} ${FailureReasonCode}`,
    ),
    [
      "a MISSING_CAMPAIGN",
      "b MISSING_CUSTOMER_ENDPOINT",
      "c INVALID_CUSTOMER_ENDPOINT",
      "d MISSING_QUEUE_ID_AND_SYSTEM_ENDPOINT",
      "e INVALID_QUEUE",
      "f INVALID_SYSTEM_ENDPOINT",
      "g INVALID_ATTRIBUTE_KEY",
      "h INVALID_ATTRIBUTE_KEY",
      "i INVALID_OUTBOUND_STRATEGY",
    ],
  );
});

test("a mail that nobody takes expires after fourteen days", async () => {
  const quiet = await startTrunkline();
  const centre = await openCentre(quiet);
  await openMailbox(centre);
  const mail = await receive(centre);
  await quiet.advance("PT335H59M");
  assert.equal((await centre.describe(mail)).DisconnectReason, undefined);
  await quiet.advance("PT1M");
  assert.equal((await centre.describe(mail)).DisconnectReason, "EXPIRED");
  centre.connect.destroy();
});
