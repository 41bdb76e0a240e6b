/** Phone numbers as their SDK sees them: each operation once as it should go, and every error that a caller can cause. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssociatePhoneNumberContactFlowCommand,
  BatchGetFlowAssociationCommand,
  ClaimPhoneNumberCommand,
  type ClaimPhoneNumberCommandInput,
  ConnectClient,
  CreateInstanceCommand,
  CreateQueueCommand,
  DeleteInstanceCommand,
  DeleteQueueCommand,
  DescribePhoneNumberCommand,
  DescribeQueueCommand,
  DisassociatePhoneNumberContactFlowCommand,
  ListContactFlowsCommand,
  ListHoursOfOperationsCommand,
  ListPhoneNumbersCommand,
  ListPhoneNumbersV2Command,
  type ListPhoneNumbersV2CommandInput,
  ListTagsForResourceCommand,
  paginateListPhoneNumbersV2,
  paginateSearchAvailablePhoneNumbers,
  ReleasePhoneNumberCommand,
  SearchAvailablePhoneNumbersCommand,
  type SearchAvailablePhoneNumbersCommandInput,
  TagResourceCommand,
  UpdatePhoneNumberCommand,
  UpdatePhoneNumberMetadataCommand,
} from "@aws-sdk/client-connect";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new ConnectClient(server.client);
const NOBODY = "00000000-0000-4000-8000-000000000000";

let instances = 0;

async function newInstance(connect = client): Promise<string> {
  const { Id } = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: `numbers-${++instances}`,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  return Id ?? "";
}

const InstanceId = await newInstance();
const arnOf = (id: string) => `arn:aws:connect:us-east-1:000000000000:instance/${id}`;

async function search(input: Partial<SearchAvailablePhoneNumbersCommandInput> = {}) {
  const wanted = { InstanceId, PhoneNumberCountryCode: "US", PhoneNumberType: "DID", ...input } as const;
  return client.send(new SearchAvailablePhoneNumbersCommand(wanted));
}

async function claim(PhoneNumber: string, input: Partial<ClaimPhoneNumberCommandInput> = {}): Promise<string> {
  const claimed = await client.send(new ClaimPhoneNumberCommand({ InstanceId, PhoneNumber, ...input }));
  return claimed.PhoneNumberId ?? "";
}

async function release(...ids: readonly string[]): Promise<void> {
  for (const PhoneNumberId of ids) await client.send(new ReleasePhoneNumberCommand({ PhoneNumberId }));
}

async function refuses(name: string, call: Promise<unknown>, status?: number): Promise<void> {
  await assert.rejects(call, (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => {
    assert.equal(error.name, name, error.message);
    if (status !== undefined) assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });
}

test("available numbers fit country, type and prefix, and are the same each time", async () => {
  const { AvailableNumbersList: numbers = [], NextToken } = await search();
  assert.equal(numbers.length, 10);
  assert.ok(NextToken);
  assert.deepEqual((await search()).AvailableNumbersList, numbers);
  for (const number of numbers) {
    assert.match(number.PhoneNumber ?? "", /^\+1206555\d{4}$/);
    assert.deepEqual([number.PhoneNumberCountryCode, number.PhoneNumberType], ["US", "DID"]);
  }
  const german = await search({
    PhoneNumberCountryCode: "DE",
    PhoneNumberType: "TOLL_FREE",
    PhoneNumberPrefix: "+498001",
    TargetArn: arnOf(InstanceId),
    InstanceId: undefined,
  });
  assert.match(german.AvailableNumbersList?.[0]?.PhoneNumber ?? "", /^\+498001\d{5}$/);
  assert.deepEqual((await search({ PhoneNumberType: "SHORT_CODE" })).AvailableNumbersList, []);
  assert.deepEqual((await search({ PhoneNumberPrefix: "+33" })).AvailableNumbersList, []);
});

test("a claimed number is not available until it is released", async () => {
  const all = async () => {
    const wanted = {
      InstanceId,
      PhoneNumberCountryCode: "US",
      PhoneNumberType: "DID",
      PhoneNumberPrefix: "+1206555012",
    };
    const found: (string | undefined)[] = [];
    for await (const page of paginateSearchAvailablePhoneNumbers({ client, pageSize: 4 }, wanted as never)) {
      found.push(...(page.AvailableNumbersList ?? []).map(({ PhoneNumber }) => PhoneNumber));
    }
    return found.sort();
  };
  const free = await all();
  assert.deepEqual(
    free,
    Array.from({ length: 10 }, (_, digit) => `+1206555012${digit}`),
  );
  const id = await claim("+12065550123");
  assert.deepEqual(
    await all(),
    free.filter((number) => number !== "+12065550123"),
  );
  await refuses("InvalidParameterException", claim("+12065550123"));
  await release(id);
  assert.deepEqual(await all(), free);
});

test("a claimed number is described, tagged, listed and described anew", async () => {
  const input = { PhoneNumberDescription: "Hotline", Tags: { team: "voice" }, ClientToken: "once" };
  const id = await claim("+442079460123", { ...input, InstanceId: undefined, TargetArn: arnOf(InstanceId) });
  assert.equal(await claim("+442079460123", { ...input, InstanceId: undefined, TargetArn: arnOf(InstanceId) }), id);
  await refuses("IdempotencyException", claim("+442079460124", input), 409);
  const arn = `arn:aws:connect:us-east-1:000000000000:phone-number/${id}`;

  const { ClaimedPhoneNumberSummary: number } = await client.send(
    new DescribePhoneNumberCommand({ PhoneNumberId: arn }),
  );
  assert.deepEqual(number, {
    PhoneNumberId: id,
    PhoneNumberArn: arn,
    PhoneNumber: "+442079460123",
    PhoneNumberCountryCode: "GB",
    PhoneNumberType: "DID",
    PhoneNumberDescription: "Hotline",
    TargetArn: arnOf(InstanceId),
    InstanceId,
    Tags: { team: "voice" },
    PhoneNumberStatus: { Status: "CLAIMED" },
  });
  await client.send(new TagResourceCommand({ resourceArn: arn, tags: { team: "chat" } }));
  const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
  assert.deepEqual(tags, { team: "chat" });
  await refuses("ResourceNotFoundException", client.send(new ListTagsForResourceCommand({ resourceArn: `${arn}x` })));

  const metadata = { PhoneNumberId: id, PhoneNumberDescription: "Main line", ClientToken: "twice" };
  await client.send(new UpdatePhoneNumberMetadataCommand(metadata));
  const other = new UpdatePhoneNumberMetadataCommand({ ...metadata, PhoneNumberDescription: "Else" });
  await refuses("IdempotencyException", client.send(other));
  const listed = await client.send(new ListPhoneNumbersV2Command({ InstanceId }));
  assert.deepEqual(
    listed.ListPhoneNumbersSummaryList?.map(({ PhoneNumber, PhoneNumberDescription }) => [
      PhoneNumber,
      PhoneNumberDescription,
    ]),
    [["+442079460123", "Main line"]],
  );
  const older = await client.send(new ListPhoneNumbersCommand({ InstanceId, PhoneNumberCountryCodes: ["GB"] }));
  assert.deepEqual(older.PhoneNumberSummaryList, [
    {
      Id: id,
      Arn: `${arnOf(InstanceId)}/phone-number/${id}`,
      PhoneNumber: "+442079460123",
      PhoneNumberCountryCode: "GB",
      PhoneNumberType: "DID",
    },
  ]);
  await release(id);
  await refuses("ResourceNotFoundException", client.send(new DescribePhoneNumberCommand({ PhoneNumberId: id })), 404);
});

test("numbers are listed by instance, country, type and prefix", async () => {
  const second = await newInstance();
  const ids = [
    await claim("+12065550101"),
    await claim("+18005550101"),
    await claim("+4930200101", { InstanceId: second }),
  ];
  const numbers = async (input: Partial<ListPhoneNumbersV2CommandInput> = {}) => {
    const page = await client.send(new ListPhoneNumbersV2Command(input));
    return page.ListPhoneNumbersSummaryList?.map(({ PhoneNumber }) => PhoneNumber).sort();
  };
  assert.deepEqual(await numbers(), ["+12065550101", "+18005550101", "+4930200101"]);
  assert.deepEqual(await numbers({ TargetArn: arnOf(second) }), ["+4930200101"]);
  assert.deepEqual(await numbers({ InstanceId, PhoneNumberTypes: ["TOLL_FREE"] }), ["+18005550101"]);
  assert.deepEqual(await numbers({ PhoneNumberCountryCodes: ["DE", "FR"] }), ["+4930200101"]);
  assert.deepEqual(await numbers({ PhoneNumberPrefix: "+1206" }), ["+12065550101"]);
  let pages = 0;
  for await (const _ of paginateListPhoneNumbersV2({ client, pageSize: 1 }, {})) pages += 1;
  assert.equal(pages, 3);
  await refuses("InvalidParameterException", numbers({ InstanceId, TargetArn: arnOf(InstanceId) }));
  await refuses("InvalidParameterException", numbers({ NextToken: "x" }));
  const group = "arn:aws:connect:us-east-1:000000000000:traffic-distribution-group/x";
  await refuses("ResourceNotFoundException", numbers({ TargetArn: group }), 404);
  await release(...ids);
});

test("calls to a number run the flow that it is associated with", async () => {
  const PhoneNumberId = await claim("+12065550102");
  const flows = await client.send(new ListContactFlowsCommand({ InstanceId }));
  const flowOf = (type: string) =>
    flows.ContactFlowSummaryList?.find(({ ContactFlowType }) => ContactFlowType === type)?.Id ?? "";
  const associate = (ContactFlowId: string, into = InstanceId) =>
    client.send(new AssociatePhoneNumberContactFlowCommand({ PhoneNumberId, InstanceId: into, ContactFlowId }));
  const associations = async () => {
    const ids = { InstanceId, ResourceIds: [PhoneNumberId, NOBODY] };
    const batch = new BatchGetFlowAssociationCommand({ ...ids, ResourceType: "VOICE_PHONE_NUMBER" });
    return (await client.send(batch)).FlowAssociationSummaryList;
  };

  assert.deepEqual(await associations(), []);
  await associate(flowOf("CONTACT_FLOW"));
  const FlowId = `${arnOf(InstanceId)}/contact-flow/${flowOf("CONTACT_FLOW")}`;
  assert.deepEqual(await associations(), [{ ResourceId: PhoneNumberId, FlowId, ResourceType: "VOICE_PHONE_NUMBER" }]);
  await refuses("InvalidParameterException", associate(flowOf("AGENT_WHISPER")));
  await refuses("ResourceNotFoundException", associate(NOBODY), 404);
  await refuses("ResourceNotFoundException", associate(flowOf("CONTACT_FLOW"), await newInstance()), 404);
  const number = { PhoneNumberId, InstanceId };
  await client.send(new DisassociatePhoneNumberContactFlowCommand(number));
  assert.deepEqual(await associations(), []);
  await release(PhoneNumberId);
  await refuses("ResourceNotFoundException", client.send(new DisassociatePhoneNumberContactFlowCommand(number)), 404);
});

test("a number moves to another instance, and stays while a queue shows it", async () => {
  const PhoneNumberId = await claim("+12065550103");
  const { HoursOfOperationSummaryList: hours } = await client.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const OutboundCallerConfig = { OutboundCallerIdName: "Acme", OutboundCallerIdNumberId: PhoneNumberId };
  const queue = { InstanceId, Name: "Outbound", HoursOfOperationId: hours?.[0]?.Id, OutboundCallerConfig };
  const { QueueId } = await client.send(new CreateQueueCommand(queue));
  const described = await client.send(new DescribeQueueCommand({ InstanceId, QueueId }));
  assert.deepEqual(described.Queue?.OutboundCallerConfig, OutboundCallerConfig);

  const second = await newInstance();
  const move = (input: object) => client.send(new UpdatePhoneNumberCommand({ PhoneNumberId, ...input }));
  await refuses("ResourceInUseException", release(PhoneNumberId), 409);
  await refuses("ResourceInUseException", move({ InstanceId: second }), 409);
  await client.send(new DeleteQueueCommand({ InstanceId, QueueId }));

  assert.equal((await move({ TargetArn: arnOf(second), ClientToken: "move" })).PhoneNumberId, PhoneNumberId);
  await move({ TargetArn: arnOf(second), ClientToken: "move" });
  await refuses("IdempotencyException", move({ InstanceId, ClientToken: "move" }), 409);
  const { ClaimedPhoneNumberSummary } = await client.send(new DescribePhoneNumberCommand({ PhoneNumberId }));
  assert.equal(ClaimedPhoneNumberSummary?.InstanceId, second);
  await refuses("InvalidParameterException", move({}));
  await refuses("ResourceNotFoundException", move({ InstanceId: NOBODY }), 404);
  const elsewhere = { ...queue, Name: "Elsewhere" };
  await refuses("ResourceNotFoundException", client.send(new CreateQueueCommand(elsewhere)), 404);

  await client.send(new DeleteInstanceCommand({ InstanceId: second }));
  await refuses("ResourceNotFoundException", client.send(new DescribePhoneNumberCommand({ PhoneNumberId })), 404);
  await server.advance("PT1S");
  await release(await claim("+12065550103"));
});

test("what cannot be claimed is refused", async () => {
  await refuses("InvalidParameterException", claim("+80012345678"));
  await refuses("InvalidParameterException", claim("0206555"));
  await refuses("InvalidParameterException", claim("+12065550104", { InstanceId: undefined }));
  await refuses("InvalidParameterException", claim("+12065550104", { TargetArn: arnOf(InstanceId) }));
  await refuses("ResourceNotFoundException", claim("+12065550104", { InstanceId: NOBODY }), 404);
  await refuses("InvalidParameterException", search({ InstanceId: NOBODY }));
  await refuses("InvalidParameterException", search({ InstanceId: undefined }));
  await refuses("InvalidParameterException", search({ NextToken: "x" }));
});

test("an account's numbers are its own", async () => {
  const others = new ConnectClient(server.clientOf("other"));
  const id = await claim("+12065550105");
  const theirs = await newInstance(others);
  const same = new ClaimPhoneNumberCommand({ InstanceId: theirs, PhoneNumber: "+12065550105" });
  await others.send(same);
  for (const PhoneNumberId of [id, `arn:aws:connect:us-east-1:000000000000:phone-number/${id}`]) {
    await refuses("ResourceNotFoundException", others.send(new DescribePhoneNumberCommand({ PhoneNumberId })), 404);
  }
  await release(id);
});

test("with limits enforced an instance has five numbers", async () => {
  const limited = await startTrunkline("--enforce-limits", "--limit", "connect.claim-phone-number-burst=10");
  const connect = new ConnectClient(limited.client);
  const instance = await newInstance(connect);
  const claimed = (digit: number) =>
    connect.send(new ClaimPhoneNumberCommand({ InstanceId: instance, PhoneNumber: `+1206555011${digit}` }));
  for (let digit = 0; digit < 5; digit++) await claimed(digit);
  await refuses("InvalidParameterException", claimed(5));
});
