/** What hangs on what: flows of mailboxes and numbers, numbers of other services, and the security profiles of a user one by one. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateFlowCommand,
  AssociatePhoneNumberContactFlowCommand,
  AssociateSecurityProfilesCommand,
  BatchGetFlowAssociationCommand,
  ClaimPhoneNumberCommand,
  CreateEmailAddressCommand,
  CreateSecurityProfileCommand,
  DeleteEmailAddressCommand,
  DescribePhoneNumberCommand,
  DescribeUserCommand,
  DisassociateFlowCommand,
  DisassociateSecurityProfilesCommand,
  GetFlowAssociationCommand,
  ImportPhoneNumberCommand,
  ListContactFlowsCommand,
  ListFlowAssociationsCommand,
  ListPhoneNumbersV2Command,
  paginateListEntitySecurityProfiles,
} from "@aws-sdk/client-connect";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId, flowId } = centre;
after(() => connect.destroy());

const NOBODY = "00000000-0000-4000-8000-000000000000";
const P = `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`;

async function refuses(name: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, { name });
}

test("mailboxes and numbers have flows, which are listed together", async () => {
  const address = { InstanceId, EmailAddress: "help@northwind.example" };
  const { EmailAddressId: ResourceId = "", EmailAddressArn } = await connect.send(
    new CreateEmailAddressCommand(address),
  );
  const inbound = { InstanceId, ResourceId, ResourceType: "INBOUND_EMAIL" } as const;
  await refuses("ResourceNotFoundException", connect.send(new GetFlowAssociationCommand(inbound)));
  await connect.send(new AssociateFlowCommand({ ...inbound, FlowId: flowId }));
  const FlowId = `${P}/contact-flow/${flowId}`;
  const told = { ResourceId: EmailAddressArn, FlowId, ResourceType: "INBOUND_EMAIL" };
  const { $metadata: _, ...got } = await connect.send(new GetFlowAssociationCommand(inbound));
  assert.deepEqual(got, told);

  const sms = "arn:aws:sms-voice:us-east-1:000000000000:phone-number/phone-1";
  const text = { InstanceId, ResourceId: sms, ResourceType: "SMS_PHONE_NUMBER" } as const;
  await connect.send(new AssociateFlowCommand({ ...text, FlowId }));
  assert.equal((await connect.send(new GetFlowAssociationCommand(text))).FlowId, FlowId);
  const claimed = await connect.send(new ClaimPhoneNumberCommand({ InstanceId, PhoneNumber: "+12065550177" }));
  const { PhoneNumberId = "", PhoneNumberArn } = claimed;
  const call = { InstanceId, PhoneNumberId, ContactFlowId: flowId };
  await connect.send(new AssociatePhoneNumberContactFlowCommand(call));
  const list = (input: object = {}) => connect.send(new ListFlowAssociationsCommand({ InstanceId, ...input }));
  const voice = { ResourceId: PhoneNumberArn, FlowId, ResourceType: "VOICE_PHONE_NUMBER" };
  assert.deepEqual((await list()).FlowAssociationSummaryList, [told, voice]);
  assert.deepEqual((await list({ ResourceType: "VOICE_PHONE_NUMBER" })).FlowAssociationSummaryList, [voice]);
  const first = await list({ MaxResults: 1 });
  assert.deepEqual(first.FlowAssociationSummaryList, [told]);
  assert.deepEqual((await list({ NextToken: first.NextToken })).FlowAssociationSummaryList, [voice]);
  await refuses("InvalidParameterException", list({ NextToken: "x" }));
  const batch = { InstanceId, ResourceIds: [ResourceId, NOBODY] };
  const found = await connect.send(new BatchGetFlowAssociationCommand({ ...batch, ResourceType: "INBOUND_EMAIL" }));
  assert.deepEqual(found.FlowAssociationSummaryList, [{ ...told, ResourceId }]);

  const { ContactFlowSummaryList } = await connect.send(new ListContactFlowsCommand({ InstanceId }));
  const whisper = ContactFlowSummaryList?.find(({ ContactFlowType }) => ContactFlowType === "AGENT_WHISPER")?.Id ?? "";
  const associate = (input: object) =>
    connect.send(new AssociateFlowCommand({ ...inbound, FlowId: flowId, ...input } as never));
  await refuses("InvalidParameterException", associate({ FlowId: whisper }));
  await refuses("ResourceNotFoundException", associate({ FlowId: NOBODY }));
  await refuses("ResourceNotFoundException", associate({ ResourceId: NOBODY }));
  await refuses("ResourceNotFoundException", associate({ InstanceId: NOBODY }));

  await connect.send(new DisassociateFlowCommand(text));
  await refuses("ResourceNotFoundException", connect.send(new DisassociateFlowCommand(text)));
  await connect.send(new DeleteEmailAddressCommand({ InstanceId, EmailAddressId: ResourceId }));
  await refuses("ResourceNotFoundException", connect.send(new GetFlowAssociationCommand(inbound)));
  assert.deepEqual((await list()).FlowAssociationSummaryList, [voice], "a mailbox takes its flow with it");
});

test("a number of another service is imported, and says where it is from", async () => {
  const source = (name: string) => `arn:aws:sms-voice:us-east-1:000000000000:phone-number/${name}`;
  const bring = (SourcePhoneNumberArn: string, input: object = {}) =>
    connect.send(new ImportPhoneNumberCommand({ InstanceId, SourcePhoneNumberArn, ...input }));
  const { PhoneNumberId } = await bring(source("+442079460188"), { PhoneNumberDescription: "Texts", ClientToken: "a" });
  const describe = async (id: string | undefined) =>
    (await connect.send(new DescribePhoneNumberCommand({ PhoneNumberId: id }))).ClaimedPhoneNumberSummary;
  const number = await describe(PhoneNumberId);
  assert.equal(number?.PhoneNumber, "+442079460188");
  assert.equal(number?.SourcePhoneNumberArn, source("+442079460188"));
  assert.equal(number?.PhoneNumberStatus?.Status, "CLAIMED");
  const again = await bring(source("+442079460188"), { PhoneNumberDescription: "Texts", ClientToken: "a" });
  assert.equal(again.PhoneNumberId, PhoneNumberId);
  const made = await describe((await bring(source("phone-0123"))).PhoneNumberId);
  assert.match(made?.PhoneNumber ?? "", /^\+1\d{10}$/);
  const { ListPhoneNumbersSummaryList } = await connect.send(new ListPhoneNumbersV2Command({ InstanceId }));
  assert.ok(
    ListPhoneNumbersSummaryList?.some(({ SourcePhoneNumberArn }) => SourcePhoneNumberArn === source("phone-0123")),
  );

  await refuses("InvalidParameterException", bring(source("+442079460188")));
  await refuses("InvalidParameterException", bring("arn:aws:s3:::bucket"));
  await refuses("InvalidParameterException", bring(source("x").replace("000000000000", "111122223333")));
  await refuses("IdempotencyException", bring(source("other"), { ClientToken: "a" }));
  await refuses("ResourceNotFoundException", bring(source("phone-9"), { InstanceId: NOBODY }));
});

test("a user gets and loses security profiles one by one, and keeps the last", async () => {
  const UserId = await centre.agent("otto", { isOffline: true });
  const EntityArn = `${P}/agent/${UserId}`;
  const created = await connect.send(new CreateSecurityProfileCommand({ InstanceId, SecurityProfileName: "Lead" }));
  const Id = created.SecurityProfileId ?? "";
  const entity = { InstanceId, EntityType: "USER", EntityArn } as const;
  const ids = async () => {
    // The paginator writes its token into what it is given.
    const pages = paginateListEntitySecurityProfiles({ client: connect, pageSize: 1 }, { ...entity });
    const found: string[] = [];
    for await (const page of pages) found.push(...(page.SecurityProfiles ?? []).map((profile) => profile.Id ?? ""));
    return found;
  };
  const [own = ""] = await ids();
  const add = (input: object = {}) =>
    connect.send(new AssociateSecurityProfilesCommand({ ...entity, SecurityProfiles: [{ Id }], ...input }));
  await add();
  await add();
  assert.deepEqual(await ids(), [own, Id].sort());
  const { User } = await connect.send(new DescribeUserCommand({ InstanceId, UserId }));
  assert.deepEqual(User?.SecurityProfileIds, [own, Id]);
  const remove = (SecurityProfiles: { Id: string }[]) =>
    connect.send(new DisassociateSecurityProfilesCommand({ ...entity, SecurityProfiles }));
  await remove([{ Id: own }, { Id: NOBODY }]);
  assert.deepEqual(await ids(), [Id]);
  await refuses("InvalidRequestException", remove([{ Id }]));
  await refuses("ResourceNotFoundException", add({ SecurityProfiles: [{ Id: NOBODY }] }));
  await refuses("ResourceNotFoundException", add({ EntityArn: `${P}/agent/${NOBODY}` }));
  await refuses("InvalidParameterException", add({ EntityType: "AI_AGENT" }));

  for (let count = 0; count < 9; count++) {
    const profile = { InstanceId, SecurityProfileName: `Extra ${count}` };
    const { SecurityProfileId } = await connect.send(new CreateSecurityProfileCommand(profile));
    await add({ SecurityProfiles: [{ Id: SecurityProfileId }] });
  }
  await refuses("InvalidParameterException", add({ SecurityProfiles: [{ Id: own }] }));
});
