/** Connect as its SDK sees it: each operation once as it should go, and every error that a caller can cause. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Channel,
  ConnectClient,
  type ContactInitiationMethod,
  CreateContactCommand,
  CreateContactFlowCommand,
  CreateHoursOfOperationCommand,
  CreateInstanceCommand,
  CreateQueueCommand,
  DeleteContactFlowCommand,
  DeleteHoursOfOperationCommand,
  DeleteInstanceCommand,
  DeleteQueueCommand,
  DescribeContactCommand,
  DescribeContactFlowCommand,
  DescribeHoursOfOperationCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceCommand,
  DescribeQueueCommand,
  GetContactAttributesCommand,
  InvalidContactFlowException,
  ListContactFlowsCommand,
  ListHoursOfOperationsCommand,
  ListInstanceAttributesCommand,
  ListInstancesCommand,
  ListQueuesCommand,
  ListTagsForResourceCommand,
  paginateListContactFlows,
  paginateListHoursOfOperations,
  paginateListQueues,
  ResourceInUseException,
  StartOutboundVoiceContactCommand,
  type StartOutboundVoiceContactCommandInput,
  StartTaskContactCommand,
  type StartTaskContactCommandInput,
  StopContactCommand,
  TagContactCommand,
  TagResourceCommand,
  UntagContactCommand,
  UntagResourceCommand,
  UpdateContactAttributesCommand,
  UpdateContactCommand,
  UpdateContactFlowContentCommand,
  UpdateContactFlowMetadataCommand,
  UpdateContactFlowNameCommand,
  UpdateHoursOfOperationCommand,
  UpdateInstanceAttributeCommand,
  UpdateQueueHoursOfOperationCommand,
  UpdateQueueMaxContactsCommand,
  UpdateQueueNameCommand,
  UpdateQueueOutboundCallerConfigCommand,
  UpdateQueueStatusCommand,
} from "@aws-sdk/client-connect";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand as CreateSqsQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new ConnectClient(server.client);
const NOBODY = "00000000-0000-4000-8000-000000000000";
const FLOW = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "end",
  Actions: [{ Identifier: "end", Type: "DisconnectParticipant" }],
});

let instanceCount = 0;

/** An instance of its own for a test, with what it was created with. */
async function newInstance(connect: ConnectClient = client) {
  const alias = `centre-${++instanceCount}`;
  const created = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: alias,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
      Tags: { stage: "test" },
    }),
  );
  const InstanceId = created.Id ?? "";
  const queues = await connect.send(new ListQueuesCommand({ InstanceId }));
  const flows = await connect.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] }));
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  return {
    alias,
    InstanceId,
    arn: created.Arn ?? "",
    queueId: queues.QueueSummaryList?.[0]?.Id ?? "",
    flowId: flows.ContactFlowSummaryList?.[0]?.Id ?? "",
    hoursId: hours.HoursOfOperationSummaryList?.[0]?.Id ?? "",
  };
}

const centre = await newInstance();
const { InstanceId } = centre;

async function startCall(input: Partial<StartOutboundVoiceContactCommandInput> = {}): Promise<string> {
  const call = new StartOutboundVoiceContactCommand({
    InstanceId,
    ContactFlowId: centre.flowId,
    DestinationPhoneNumber: "+12065550103",
    SourcePhoneNumber: "+12065550000",
    ...input,
  });
  return (await client.send(call)).ContactId ?? "";
}

async function startTask(input: Partial<StartTaskContactCommandInput> = {}): Promise<string> {
  const task = new StartTaskContactCommand({ InstanceId, ContactFlowId: centre.flowId, Name: "Call back", ...input });
  return (await client.send(task)).ContactId ?? "";
}

async function describe(ContactId: string) {
  const { Contact } = await client.send(new DescribeContactCommand({ InstanceId, ContactId }));
  assert.ok(Contact);
  return Contact;
}

async function refuses(name: string, call: Promise<unknown>, status?: number): Promise<void> {
  await assert.rejects(call, (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => {
    assert.equal(error.name, name, error.message);
    if (status !== undefined) assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });
}

/** Ends every contact that a test has started. */
async function stop(...ids: string[]): Promise<void> {
  for (const ContactId of ids) await client.send(new StopContactCommand({ InstanceId, ContactId }));
}

test("a new instance is active and has what the console's defaults are", async () => {
  const { Instance } = await client.send(new DescribeInstanceCommand({ InstanceId: centre.arn }));
  assert.equal(Instance?.Id, InstanceId);
  assert.equal(Instance?.Arn, `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`);
  assert.equal(Instance?.InstanceStatus, "ACTIVE");
  assert.equal(Instance?.InstanceAlias, centre.alias);
  assert.ok(Instance?.CreatedTime instanceof Date);
  assert.deepEqual(Instance?.Tags, { stage: "test" });

  const { Queue } = await client.send(new DescribeQueueCommand({ InstanceId, QueueId: centre.queueId }));
  assert.equal(Queue?.Name, "BasicQueue");
  assert.equal(Queue?.HoursOfOperationId, centre.hoursId);
  const hours = await client.send(
    new DescribeHoursOfOperationCommand({ InstanceId, HoursOfOperationId: centre.hoursId }),
  );
  assert.equal(hours.HoursOfOperation?.Name, "Basic Hours");
  assert.equal(hours.HoursOfOperation?.Config?.length, 7);
  const flows = await client.send(new ListContactFlowsCommand({ InstanceId }));
  assert.equal(new Set(flows.ContactFlowSummaryList?.map((flow) => flow.ContactFlowType)).size, 9);
});

test("instances are created once per client token, listed in pages, and refused without a free alias", async () => {
  const input = {
    IdentityManagementType: "SAML",
    InstanceAlias: "once",
    InboundCallsEnabled: true,
    OutboundCallsEnabled: false,
    ClientToken: "same",
  } as const;
  const first = await client.send(new CreateInstanceCommand(input));
  const second = await client.send(new CreateInstanceCommand(input));
  assert.equal(first.Id, second.Id);
  await refuses("InvalidRequestException", client.send(new CreateInstanceCommand({ ...input, ClientToken: "other" })));
  const { InstanceAlias: _, ...nameless } = input;
  await refuses("InvalidRequestException", client.send(new CreateInstanceCommand({ ...nameless, ClientToken: "n" })));

  const page = await client.send(new ListInstancesCommand({ MaxResults: 1 }));
  const rest = await client.send(new ListInstancesCommand({ NextToken: page.NextToken }));
  const ids = [...(page.InstanceSummaryList ?? []), ...(rest.InstanceSummaryList ?? [])].map(({ Id }) => Id);
  assert.ok(ids.includes(first.Id) && ids.includes(InstanceId));
  assert.equal(new Set(ids).size, ids.length);
  await refuses("InvalidRequestException", client.send(new ListInstancesCommand({ NextToken: "forged" })));

  await client.send(new DeleteInstanceCommand({ InstanceId: first.Id ?? "" }));
  const gone = { InstanceId: first.Id ?? "" };
  await refuses("ResourceNotFoundException", client.send(new DescribeInstanceCommand(gone)), 404);
  await refuses("ResourceNotFoundException", client.send(new DeleteInstanceCommand(gone)), 404);
  await refuses("ResourceNotFoundException", client.send(new ListQueuesCommand(gone)), 404);
});

test("instance attributes are read, changed and listed in pages", async () => {
  const type = { InstanceId, AttributeType: "CONTACT_LENS" } as const;
  await client.send(new UpdateInstanceAttributeCommand({ ...type, Value: "true" }));
  const { Attribute } = await client.send(new DescribeInstanceAttributeCommand(type));
  assert.deepEqual(Attribute, { AttributeType: "CONTACT_LENS", Value: "true" });
  await refuses(
    "InvalidParameterException",
    client.send(new UpdateInstanceAttributeCommand({ ...type, Value: "yes" })),
  );
  const page = await client.send(new ListInstanceAttributesCommand({ InstanceId }));
  const next = await client.send(new ListInstanceAttributesCommand({ InstanceId, NextToken: page.NextToken }));
  assert.equal((page.Attributes?.length ?? 0) + (next.Attributes?.length ?? 0), 14);
  assert.equal(next.NextToken, undefined);
});

test("another account and another Region see nothing of an instance", async () => {
  for (const other of [server.clientOf("other"), server.clientOf("test", "eu-west-2")]) {
    const stranger = new ConnectClient(other);
    for (const id of [InstanceId, centre.arn]) {
      await refuses("ResourceNotFoundException", stranger.send(new DescribeInstanceCommand({ InstanceId: id })), 404);
    }
    assert.deepEqual((await stranger.send(new ListInstancesCommand({}))).InstanceSummaryList, []);
    await refuses(
      "ResourceNotFoundException",
      stranger.send(new ListTagsForResourceCommand({ resourceArn: centre.arn })),
    );
  }
});

test("hours of operation live, and are not deleted under a queue", async () => {
  const slot = { Day: "MONDAY", StartTime: { Hours: 9, Minutes: 0 }, EndTime: { Hours: 17, Minutes: 30 } } as const;
  const input = { InstanceId, Name: "Office", TimeZone: "Europe/Berlin", Config: [slot] };
  const created = await client.send(
    new CreateHoursOfOperationCommand({
      ...input,
      ParentHoursOfOperationConfigs: [{ HoursOfOperationId: centre.hoursId }],
    }),
  );
  const id = { InstanceId, HoursOfOperationId: created.HoursOfOperationId ?? "" };
  await refuses("DuplicateResourceException", client.send(new CreateHoursOfOperationCommand(input)), 409);
  await refuses(
    "InvalidParameterException",
    client.send(new CreateHoursOfOperationCommand({ ...input, Name: "Moon", TimeZone: "Moon/Crater" })),
  );
  await client.send(new UpdateHoursOfOperationCommand({ ...id, Description: "Weekdays", TimeZone: "UTC" }));
  await refuses(
    "DuplicateResourceException",
    client.send(new UpdateHoursOfOperationCommand({ ...id, Name: "Basic Hours" })),
  );
  const { HoursOfOperation } = await client.send(new DescribeHoursOfOperationCommand(id));
  assert.equal(HoursOfOperation?.Description, "Weekdays");
  assert.equal(HoursOfOperation?.TimeZone, "UTC");
  assert.deepEqual(HoursOfOperation?.Config, [slot]);
  assert.equal(HoursOfOperation?.ParentHoursOfOperations?.[0]?.Name, "Basic Hours");

  const names: (string | undefined)[] = [];
  for await (const page of paginateListHoursOfOperations({ client, pageSize: 1 }, { InstanceId })) {
    names.push(...(page.HoursOfOperationSummaryList ?? []).map(({ Name }) => Name));
  }
  assert.deepEqual(names.sort(), ["Basic Hours", "Office"]);

  await refuses(
    "InvalidRequestException",
    client.send(new DeleteHoursOfOperationCommand({ InstanceId, HoursOfOperationId: centre.hoursId })),
  );
  await client.send(new DeleteHoursOfOperationCommand(id));
  await refuses("ResourceNotFoundException", client.send(new DescribeHoursOfOperationCommand(id)), 404);
});

test("flows keep their content as it came; what is saved is not what is published", async () => {
  const input = { InstanceId, Name: "Welcome", Type: "CONTACT_FLOW", Content: FLOW } as const;
  const created = await client.send(new CreateContactFlowCommand(input));
  const id = { InstanceId, ContactFlowId: created.ContactFlowId ?? "" };
  const saved = { InstanceId, ContactFlowId: `${created.ContactFlowArn}:$SAVED` };
  await refuses("DuplicateResourceException", client.send(new CreateContactFlowCommand(input)), 409);

  await client.send(new UpdateContactFlowContentCommand({ ...saved, Content: "{}" }));
  const published = await client.send(new DescribeContactFlowCommand(id));
  assert.equal(published.ContactFlow?.Content, FLOW);
  assert.equal(published.ContactFlow?.FlowContentSha256, created.FlowContentSha256);
  assert.equal((await client.send(new DescribeContactFlowCommand(saved))).ContactFlow?.Content, "{}");
  const second = FLOW.replaceAll("end", "stop");
  await client.send(new UpdateContactFlowContentCommand({ ...id, Content: second }));
  assert.equal((await client.send(new DescribeContactFlowCommand(saved))).ContactFlow?.Content, second);

  await client.send(new UpdateContactFlowNameCommand({ ...id, Name: "Hello" }));
  await client.send(
    new UpdateContactFlowMetadataCommand({ ...id, Description: "First words", ContactFlowState: "ARCHIVED" }),
  );
  const { ContactFlow } = await client.send(new DescribeContactFlowCommand(id));
  assert.deepEqual(
    [ContactFlow?.Name, ContactFlow?.Description, ContactFlow?.State],
    ["Hello", "First words", "ARCHIVED"],
  );
  await refuses("InvalidParameterException", startTask({ ContactFlowId: created.ContactFlowId }));

  await client.send(new DeleteContactFlowCommand(id));
  await refuses("ResourceNotFoundException", client.send(new DescribeContactFlowCommand(id)), 404);
  await refuses(
    "AccessDeniedException",
    client.send(new DeleteContactFlowCommand({ InstanceId, ContactFlowId: centre.flowId })),
    403,
  );
});

test("a flow must be JSON, and one that was never published cannot be run or shown", async () => {
  const input = { InstanceId, Name: "Draft", Type: "CONTACT_FLOW", Content: FLOW, Status: "SAVED" } as const;
  await assert.rejects(client.send(new CreateContactFlowCommand({ ...input, Content: "hello" })), (error) => {
    assert.ok(error instanceof InvalidContactFlowException);
    assert.deepEqual(error.problems, [{ message: "Invalid JSON content" }]);
    return true;
  });
  const long = JSON.stringify({ text: "x".repeat(256_000) });
  await refuses("InvalidParameterException", client.send(new CreateContactFlowCommand({ ...input, Content: long })));

  const { ContactFlowId } = await client.send(new CreateContactFlowCommand(input));
  const id = { InstanceId, ContactFlowId: ContactFlowId ?? "" };
  await refuses("ContactFlowNotPublishedException", client.send(new DescribeContactFlowCommand(id)), 404);
  await refuses("InvalidParameterException", startCall({ ContactFlowId }));
  const names: (string | undefined)[] = [];
  for await (const page of paginateListContactFlows({ client, pageSize: 2 }, { InstanceId })) {
    names.push(...(page.ContactFlowSummaryList ?? []).map(({ Name }) => Name));
  }
  assert.equal(names.length, 10);
  assert.ok(names.includes("Draft"));
  await client.send(new DeleteContactFlowCommand(id));
});

test("queues live, and are not deleted under a routing profile", async () => {
  const input = {
    InstanceId,
    Name: "Returns",
    HoursOfOperationId: centre.hoursId,
    MaxContacts: 5,
    Tags: { team: "a" },
  };
  const created = await client.send(new CreateQueueCommand(input));
  const id = { InstanceId, QueueId: created.QueueId ?? "" };
  await refuses("DuplicateResourceException", client.send(new CreateQueueCommand(input)), 409);
  const other = { ...input, Name: "Other" };
  for (const bad of [
    { HoursOfOperationId: NOBODY },
    { QuickConnectIds: [NOBODY] },
    { OutboundCallerConfig: { OutboundCallerIdNumberId: NOBODY } },
  ]) {
    await refuses("ResourceNotFoundException", client.send(new CreateQueueCommand({ ...other, ...bad })), 404);
  }

  await client.send(new UpdateQueueNameCommand({ ...id, Name: "Refunds", Description: "Money back" }));
  await refuses("DuplicateResourceException", client.send(new UpdateQueueNameCommand({ ...id, Name: "BasicQueue" })));
  await client.send(new UpdateQueueStatusCommand({ ...id, Status: "DISABLED" }));
  await client.send(new UpdateQueueMaxContactsCommand({ ...id, MaxContacts: 7 }));
  await client.send(new UpdateQueueHoursOfOperationCommand({ ...id, HoursOfOperationId: centre.hoursId }));
  await client.send(
    new UpdateQueueOutboundCallerConfigCommand({
      ...id,
      OutboundCallerConfig: { OutboundCallerIdName: "Shop", OutboundFlowId: centre.flowId },
    }),
  );
  const { Queue } = await client.send(new DescribeQueueCommand({ InstanceId, QueueId: created.QueueArn ?? "" }));
  assert.deepEqual(
    [Queue?.Name, Queue?.Description, Queue?.Status, Queue?.MaxContacts, Queue?.Tags],
    ["Refunds", "Money back", "DISABLED", 7, { team: "a" }],
  );
  assert.deepEqual(Queue?.OutboundCallerConfig, { OutboundCallerIdName: "Shop", OutboundFlowId: centre.flowId });
  await refuses("InvalidParameterException", startCall({ QueueId: id.QueueId }));

  const names: (string | undefined)[] = [];
  for await (const page of paginateListQueues({ client, pageSize: 1 }, { InstanceId, QueueTypes: ["STANDARD"] })) {
    names.push(...(page.QueueSummaryList ?? []).map(({ Name }) => Name));
  }
  assert.deepEqual(names.sort(), ["BasicQueue", "Refunds"]);
  const first = await client.send(new ListQueuesCommand({ InstanceId, MaxResults: 1 }));
  const elsewhere = new ListQueuesCommand({ InstanceId, QueueTypes: ["AGENT"], NextToken: first.NextToken });
  await refuses("InvalidParameterException", client.send(elsewhere));

  await client.send(new DeleteQueueCommand(id));
  await refuses("ResourceNotFoundException", client.send(new DescribeQueueCommand(id)), 404);
  await assert.rejects(client.send(new DeleteQueueCommand({ InstanceId, QueueId: centre.queueId })), (error) => {
    assert.ok(error instanceof ResourceInUseException);
    assert.equal(error.ResourceType, "ROUTING_PROFILE");
    return true;
  });
});

test("instances, queues, flows and hours carry tags", async () => {
  for (const resourceArn of [
    centre.arn,
    `${centre.arn}/queue/${centre.queueId}`,
    `${centre.arn}/contact-flow/${centre.flowId}`,
    `${centre.arn}/operating-hours/${centre.hoursId}`,
  ]) {
    await client.send(new TagResourceCommand({ resourceArn, tags: { owner: "ops", stage: "live" } }));
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["stage", "absent"] }));
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, { owner: "ops" });
  }
  const resourceArn = `${centre.arn}/queue/${NOBODY}`;
  await refuses(
    "ResourceNotFoundException",
    client.send(new TagResourceCommand({ resourceArn, tags: { a: "b" } })),
    404,
  );
  await refuses(
    "InvalidParameterException",
    client.send(new ListTagsForResourceCommand({ resourceArn: `${centre.arn}/contact/${NOBODY}` })),
  );
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, number) => [`key${number}`, ""]));
  await refuses(
    "InvalidParameterException",
    client.send(new TagResourceCommand({ resourceArn: centre.arn, tags: many })),
  );
});

test("a call's events reach a queue through the default bus, in order", async () => {
  const sqs = new SQSClient(server.client);
  const events = new EventBridgeClient(server.client);
  const { QueueUrl } = await sqs.send(new CreateSqsQueueCommand({ QueueName: "contact-events" }));
  const EventPattern = JSON.stringify({ source: ["aws.connect"], "detail-type": ["Amazon Connect Contact Event"] });
  await events.send(new PutRuleCommand({ Name: "contacts", EventPattern }));
  const Targets = [{ Id: "queue", Arn: "arn:aws:sqs:us-east-1:000000000000:contact-events" }];
  await events.send(new PutTargetsCommand({ Rule: "contacts", Targets }));

  const id = await startCall({ DestinationPhoneNumber: "+12065550102", QueueId: centre.queueId });
  const ringing = await describe(id);
  assert.equal(ringing.ConnectedToSystemTimestamp, undefined);
  await server.advance("PT5S");
  const waiting = await describe(id);
  assert.equal(waiting.QueueInfo?.Id, centre.queueId);
  assert.ok(waiting.QueueInfo?.EnqueueTimestamp instanceof Date);
  await server.advance("PT10S");
  const ended = await describe(id);
  assert.equal(ended.DisconnectReason, "CUSTOMER_DISCONNECT");
  assert.deepEqual(ended.CustomerEndpoint, { Type: "TELEPHONE_NUMBER", Address: "+12065550102" });

  const types: string[] = [];
  while (types.length < 5) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    assert.ok(Messages.length > 0, `only ${types}`);
    for (const { Body = "" } of Messages) {
      const event = JSON.parse(Body);
      assert.deepEqual(event.resources, [centre.arn, `${centre.arn}/contact/${id}`]);
      assert.equal(event.detail.contactId, id);
      types.push(event.detail.eventType);
    }
  }
  assert.deepEqual(types.sort(), ["COMPLETED", "CONNECTED_TO_SYSTEM", "DISCONNECTED", "INITIATED", "QUEUED"]);
});

test("a call needs a flow, a way to go and a number that may be dialled", async () => {
  await refuses("InvalidRequestException", startCall({ SourcePhoneNumber: undefined }), 400);
  await refuses("InvalidParameterException", startCall({ DestinationPhoneNumber: "5550100" }));
  await refuses("ResourceNotFoundException", startCall({ ContactFlowId: NOBODY }), 404);
  await refuses("ResourceNotFoundException", startCall({ QueueId: NOBODY }), 404);
  await refuses("ResourceNotFoundException", startCall({ RelatedContactId: NOBODY }), 404);
  await refuses("ResourceNotFoundException", startCall({ InstanceId: NOBODY }), 404);
  await refuses("DestinationNotAllowedException", startCall({ DestinationPhoneNumber: "+447700900123" }), 403);
  await refuses("DestinationNotAllowedException", startCall({ TrafficType: "CAMPAIGN" }), 403);
  const AnswerMachineDetectionConfig = { EnableAnswerMachineDetection: true };
  await refuses("InvalidParameterException", startCall({ AnswerMachineDetectionConfig }));
  await refuses("InvalidParameterException", startCall({ Attributes: { "a key": "b" } }));
  await refuses("InvalidParameterException", startCall({ References: { file: { Type: "ATTACHMENT", Value: "x" } } }));
  const tooLong = { Attributes: { a: "x".repeat(32_767), b: "" } };
  await refuses("InvalidParameterException", startCall(tooLong));

  const type = { InstanceId, AttributeType: "OUTBOUND_CALLS" } as const;
  await client.send(new UpdateInstanceAttributeCommand({ ...type, Value: "false" }));
  await refuses("OutboundContactNotPermittedException", startCall(), 403);
  await client.send(new UpdateInstanceAttributeCommand({ ...type, Value: "true" }));
});

test("the same client token gives the same contact for seven days", async () => {
  const first = await startCall({ ClientToken: "again" });
  assert.equal(await startCall({ ClientToken: "again", DestinationPhoneNumber: "+12065550110" }), first);
  assert.notEqual(await startTask({ ClientToken: "again" }), first);
  assert.equal(await startTask({ ClientToken: "again" }), await startTask({ ClientToken: "again" }));
  await server.advance("P7D");
  assert.notEqual(await startCall({ ClientToken: "again" }), first);
});

test("a task needs exactly one way to its flow, and a time that can come", async () => {
  await refuses("InvalidRequestException", startTask({ ContactFlowId: undefined }));
  await refuses("InvalidRequestException", startTask({ QuickConnectId: NOBODY }));
  await refuses("ResourceNotFoundException", startTask({ ContactFlowId: undefined, QuickConnectId: NOBODY }), 404);
  await refuses("ResourceNotFoundException", startTask({ ContactFlowId: undefined, TaskTemplateId: NOBODY }), 404);
  await refuses("ResourceNotFoundException", startTask({ PreviousContactId: NOBODY }), 404);
  await refuses("InvalidParameterException", startTask({ ScheduledTime: new Date(1_000) }));
  await refuses("InvalidParameterException", startTask({ ScheduledTime: new Date("2200-01-01") }));
  const id = await startTask();
  await refuses("InvalidRequestException", startTask({ PreviousContactId: id, RelatedContactId: id }));
  await refuses(
    "InvalidParameterException",
    startTask({ SegmentAttributes: { "connect:Direction": { ValueString: "x" } } }),
  );
  const whisper = await client.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["AGENT_WHISPER"] }));
  await refuses("InvalidParameterException", startTask({ ContactFlowId: whisper.ContactFlowSummaryList?.[0]?.Id }));
  await stop(id);
});

test("twelve tasks may continue one contact, and no more", async () => {
  const PreviousContactId = await startTask();
  const ids: string[] = [];
  for (let number = 0; number < 12; number++) ids.push(await startTask({ PreviousContactId }));
  await refuses("ServiceQuotaExceededException", startTask({ PreviousContactId }), 402);
  await stop(PreviousContactId, ...ids);
});

test("attributes are added, read, and bounded", async () => {
  const id = await startTask({ Attributes: { order: "17" } });
  await client.send(
    new UpdateContactAttributesCommand({ InstanceId, InitialContactId: id, Attributes: { order: "18", step: "ü" } }),
  );
  const read = () => client.send(new GetContactAttributesCommand({ InstanceId, InitialContactId: id }));
  assert.deepEqual((await read()).Attributes, { order: "18", step: "ü" });
  const Attributes = { long: "x".repeat(32_767) };
  const tooLong = new UpdateContactAttributesCommand({ InstanceId, InitialContactId: id, Attributes });
  await refuses("InvalidRequestException", client.send(tooLong), 400);
  assert.deepEqual((await read()).Attributes, { order: "18", step: "ü" });
  await stop(id);
  await client.send(
    new UpdateContactAttributesCommand({ InstanceId, InitialContactId: id, Attributes: { late: "yes" } }),
  );
  assert.deepEqual((await describe(id)).Attributes, { order: "18", step: "ü", late: "yes" });
  const unknown = { InstanceId, InitialContactId: NOBODY };
  await refuses("ResourceNotFoundException", client.send(new GetContactAttributesCommand(unknown)), 404);
  await refuses(
    "ResourceNotFoundException",
    client.send(new UpdateContactAttributesCommand({ ...unknown, Attributes: { a: "b" } })),
    404,
  );
});

test("contacts carry up to six tags beside those of the system", async () => {
  const ContactId = await startTask();
  await client.send(new TagContactCommand({ InstanceId, ContactId, Tags: { a: "1", b: "2" } }));
  await client.send(new UntagContactCommand({ InstanceId, ContactId, TagKeys: ["a"] }));
  assert.deepEqual((await describe(ContactId)).Tags, { "aws:connect:instanceId": InstanceId, b: "2" });
  const Tags = { c: "", d: "", e: "", f: "", g: "", h: "" };
  await refuses("InvalidParameterException", client.send(new TagContactCommand({ InstanceId, ContactId, Tags })));
  const unknown = { InstanceId, ContactId: NOBODY };
  await refuses("ResourceNotFoundException", client.send(new TagContactCommand({ ...unknown, Tags })), 404);
  await refuses("ResourceNotFoundException", client.send(new UntagContactCommand({ ...unknown, TagKeys: ["a"] })), 404);
  await stop(ContactId);
});

test("a contact is stopped once", async () => {
  const ContactId = await startTask();
  await client.send(new StopContactCommand({ InstanceId, ContactId }));
  assert.equal((await describe(ContactId)).DisconnectReason, "API");
  await refuses("ContactNotFoundException", client.send(new StopContactCommand({ InstanceId, ContactId })), 410);
  const unknown = new StopContactCommand({ InstanceId, ContactId: NOBODY });
  await refuses("ContactNotFoundException", client.send(unknown), 410);
  const nowhere = new StopContactCommand({ InstanceId: NOBODY, ContactId });
  await refuses("ResourceNotFoundException", client.send(nowhere), 404);

  const call = { InstanceId, ContactId: await startCall() };
  const withReason = new StopContactCommand({ ...call, DisconnectReason: { Code: "EXPIRED" } });
  await refuses("InvalidRequestException", client.send(withReason), 400);
  await client.send(new StopContactCommand(call));
  assert.equal((await describe(call.ContactId)).DisconnectReason, "OTHER");
});

test("contacts that others handle are created in the state that is asked for", async () => {
  const create = (Channel: Channel, InitiationMethod: ContactInitiationMethod, more: object = {}) =>
    client.send(new CreateContactCommand({ InstanceId, Channel, InitiationMethod, ...more }));
  const done = await create("TASK", "API", { InitiateAs: "COMPLETED", Name: "Imported", ClientToken: "import" });
  assert.equal(done.ContactArn, `${centre.arn}/contact/${done.ContactId}`);
  const imported = await describe(done.ContactId ?? "");
  assert.ok(imported.DisconnectTimestamp);
  assert.equal(imported.SegmentAttributes?.["connect:Subtype"]?.ValueString, "connect:ExternalTask");
  const again = await create("TASK", "API", { InitiateAs: "COMPLETED", Name: "Imported", ClientToken: "import" });
  assert.equal(again.ContactId, done.ContactId);
  await refuses("IdempotencyException", create("TASK", "API", { Name: "Another", ClientToken: "import" }), 409);

  await refuses("InvalidParameterException", create("CHAT", "API"));
  await refuses("InvalidParameterException", create("VOICE", "API"));
  await refuses("InvalidParameterException", create("EMAIL", "FLOW", { InitiateAs: "COMPLETED" }));
  await refuses("InvalidRequestException", create("EMAIL", "OUTBOUND"));
  await refuses("ResourceNotFoundException", create("EMAIL", "OUTBOUND", { UserInfo: { UserId: NOBODY } }), 404);
  await refuses("InvalidParameterException", create("TASK", "API", { ExpiryDurationInMinutes: 0 }));

  const email = await create("EMAIL", "FLOW", { ExpiryDurationInMinutes: 30 });
  await server.advance("PT30M");
  assert.equal((await describe(email.ContactId ?? "")).DisconnectReason, "EXPIRED");
});

test("a contact's data is updated; queue and endpoints of external audio only", async () => {
  const created = await client.send(
    new CreateContactCommand({ InstanceId, Channel: "VOICE", InitiationMethod: "TRANSFER" }),
  );
  const external = { InstanceId, ContactId: created.ContactId ?? "" };
  const CustomerEndpoint = { Type: "TELEPHONE_NUMBER", Address: "+12065550177" } as const;
  await client.send(
    new UpdateContactCommand({ ...external, Name: "Call", CustomerEndpoint, QueueInfo: { Id: centre.queueId } }),
  );
  const contact = await describe(external.ContactId);
  assert.equal(contact.Name, "Call");
  assert.deepEqual(contact.CustomerEndpoint, CustomerEndpoint);
  assert.equal(contact.QueueInfo?.Id, centre.queueId);
  await refuses("InvalidRequestException", client.send(new StopContactCommand(external)));
  const other = await client.send(
    new CreateQueueCommand({ InstanceId, Name: "Second", HoursOfOperationId: centre.hoursId }),
  );
  const move = new UpdateContactCommand({ ...external, QueueInfo: { Id: other.QueueId } });
  await refuses("ConflictException", client.send(move), 409);

  const task = { InstanceId, ContactId: await startTask() };
  await refuses("InvalidRequestException", client.send(new UpdateContactCommand(task)));
  await refuses("InvalidRequestException", client.send(new UpdateContactCommand({ ...task, CustomerEndpoint })));
  const long = { a: { Type: "STRING", Value: "x".repeat(4_096) } } as const;
  await refuses("InvalidParameterException", client.send(new UpdateContactCommand({ ...task, References: long })));
  const SegmentAttributes = { "connect:ContactExpiry": { ValueMap: { ExpiryDuration: { ValueInteger: 10 } } } };
  await client.send(new UpdateContactCommand({ ...task, SegmentAttributes }));
  await server.advance("PT10M");
  assert.equal((await describe(task.ContactId)).DisconnectReason, "EXPIRED");
  const unknown = new UpdateContactCommand({ InstanceId, ContactId: NOBODY, Name: "x" });
  await refuses("ResourceNotFoundException", client.send(unknown), 404);
});

test("with enforced limits, quotas and rates hold", async () => {
  const strict = await startTrunkline(
    "--enforce-limits",
    ...["concurrent-calls-per-instance=2", "concurrent-tasks-per-instance=1", "queues-per-instance=2"].flatMap(
      (limit) => ["--limit", `connect.${limit}`],
    ),
  );
  const connect = new ConnectClient(strict.client);
  const one = await newInstance(connect);
  await newInstance(connect);
  await refuses("ServiceQuotaExceededException", newInstance(connect), 402);

  const call = new StartOutboundVoiceContactCommand({
    InstanceId: one.InstanceId,
    ContactFlowId: one.flowId,
    DestinationPhoneNumber: "+12065550104",
    SourcePhoneNumber: "+12065550000",
  });
  await connect.send(call);
  await strict.advance("PT3S");
  await connect.send(new StartOutboundVoiceContactCommand({ ...call.input, ClientToken: undefined }));
  await refuses(
    "LimitExceededException",
    connect.send(new StartOutboundVoiceContactCommand({ ...call.input, ClientToken: undefined })),
    429,
  );
  const task = { InstanceId: one.InstanceId, ContactFlowId: one.flowId, Name: "x" };
  await connect.send(new StartTaskContactCommand(task));
  await refuses("ServiceQuotaExceededException", connect.send(new StartTaskContactCommand(task)), 402);
  const queue = (Name: string) =>
    new CreateQueueCommand({ InstanceId: one.InstanceId, Name, HoursOfOperationId: one.hoursId });
  await connect.send(queue("Second"));
  await refuses("LimitExceededException", connect.send(queue("Third")), 429);

  const describeQueue = () =>
    connect.send(new DescribeQueueCommand({ InstanceId: one.InstanceId, QueueId: one.queueId }));
  await strict.advance("PT1M");
  for (let number = 0; number < 5; number++) await describeQueue();
  await refuses("ThrottlingException", describeQueue(), 429);
  await strict.advance("PT1S");
  await describeQueue();
});
