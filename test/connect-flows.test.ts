/** Flows and modules as their SDK sees them: each operation once as it should go, and every error that a caller can cause. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConnectClient,
  type ContactFlowType,
  CreateContactFlowCommand,
  CreateContactFlowModuleAliasCommand,
  CreateContactFlowModuleCommand,
  type CreateContactFlowModuleCommandInput,
  CreateContactFlowModuleVersionCommand,
  CreateContactFlowVersionCommand,
  CreateInstanceCommand,
  DeleteContactFlowCommand,
  DeleteContactFlowModuleAliasCommand,
  DeleteContactFlowModuleCommand,
  DeleteContactFlowModuleVersionCommand,
  DeleteContactFlowVersionCommand,
  DescribeContactFlowCommand,
  DescribeContactFlowModuleAliasCommand,
  DescribeContactFlowModuleCommand,
  InvalidContactFlowException,
  InvalidContactFlowModuleException,
  ListContactFlowModuleAliasesCommand,
  ListContactFlowModulesCommand,
  ListContactFlowModuleVersionsCommand,
  ListContactFlowsCommand,
  ListContactFlowVersionsCommand,
  ListHoursOfOperationsCommand,
  ListQueuesCommand,
  ListTagsForResourceCommand,
  paginateListContactFlowVersions,
  paginateSearchContactFlows,
  SearchContactFlowModulesCommand,
  SearchContactFlowsCommand,
  type SearchContactFlowsCommandInput,
  UpdateContactFlowContentCommand,
  UpdateContactFlowMetadataCommand,
  UpdateContactFlowModuleAliasCommand,
  UpdateContactFlowModuleContentCommand,
  UpdateContactFlowModuleMetadataCommand,
} from "@aws-sdk/client-connect";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new ConnectClient(server.client);
const NOBODY = "00000000-0000-4000-8000-000000000000";

let instances = 0;

async function newInstance(): Promise<string> {
  const { Id } = await client.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: `flows-${++instances}`,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  return Id ?? "";
}

const InstanceId = await newInstance();
const { QueueSummaryList: queues = [] } = await client.send(new ListQueuesCommand({ InstanceId }));
const { HoursOfOperationSummaryList: hours = [] } = await client.send(new ListHoursOfOperationsCommand({ InstanceId }));

const END = { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} };

function flowOf(...actions: readonly object[]): string {
  const all = [...actions.map((action, at) => ({ Identifier: `step ${at}`, ...action })), END];
  return JSON.stringify({ Version: "2019-10-30", StartAction: all[0]?.Identifier, Metadata: {}, Actions: all });
}

/** An action that goes to the end, whatever happens. */
function step(Type: string, Parameters: object, ...errors: readonly string[]): object {
  const Errors = errors.map((ErrorType) => ({ ErrorType, NextAction: "end" }));
  return { Type, Parameters, Transitions: { NextAction: "end", Errors } };
}

const saying = (Text: string) => flowOf(step("MessageParticipant", { Text }));
const SETTINGS = JSON.stringify({ InputParameters: [], OutputParameters: [], Transitions: [] });

async function createFlow(Name: string, Content: string, Type: ContactFlowType = "CONTACT_FLOW"): Promise<string> {
  const created = await client.send(new CreateContactFlowCommand({ InstanceId, Name, Type, Content }));
  return created.ContactFlowId ?? "";
}

async function createModule(input: Partial<CreateContactFlowModuleCommandInput> = {}): Promise<string> {
  const module = { InstanceId, Name: "Greeting", Content: flowOf(), Settings: SETTINGS, ...input };
  return (await client.send(new CreateContactFlowModuleCommand(module))).Id ?? "";
}

async function refuses(name: string, call: Promise<unknown>, status?: number): Promise<void> {
  await assert.rejects(call, (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => {
    assert.equal(error.name, name, error.message);
    if (status !== undefined) assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });
}

/** The problems with which a flow is refused. */
async function problemsOf(Content: string, Type: ContactFlowType = "CONTACT_FLOW"): Promise<(string | undefined)[]> {
  try {
    await createFlow("refused", Content, Type);
  } catch (error) {
    assert.ok(error instanceof InvalidContactFlowException, String(error));
    assert.equal(error.$metadata.httpStatusCode, 400);
    return (error.problems ?? []).map(({ message }) => message);
  }
  return assert.fail("The flow was accepted");
}

test("a misspelt action type, a branch to nowhere and a missing branch are refused with their places", async () => {
  const content = flowOf(
    step("MessageParticpant", { Text: "Hello" }),
    { Type: "MessageParticipant", Parameters: { Text: "Hello" }, Transitions: { NextAction: "nowhere" } },
    step("CheckHoursOfOperation", { HoursOfOperationId: hours[0]?.Id }, "NoMatchingError", "QueueAtCapacity"),
  );
  assert.deepEqual(await problemsOf(content), [
    "Invalid Action type. Path: Actions[0].Type",
    "Invalid Action property value. Path: Actions[1].Transitions.NextAction",
    "Invalid Action error. Error: QueueAtCapacity, Path: Actions[2]",
    "Invalid Action property value. Path: Actions[2].Transitions.Conditions",
  ]);
  assert.deepEqual(await problemsOf("{}"), [
    "JSON field is missing or null for field name: Version",
    "JSON field is missing or null for field name: StartAction",
    "JSON field is missing or null for field name: Actions",
  ]);
  assert.deepEqual(await problemsOf(saying("Hello"), "CUSTOMER_HOLD"), [
    "Invalid Action type. Path: Actions[0].Type",
    "Invalid Action type. Path: Actions[1].Type",
  ]);
});

test("other documented blocks are accepted", async () => {
  const ContactFlowId = await createFlow(
    "Blocks",
    flowOf(step("AuthenticateParticipant", {}), step("ListDataTableValues", {})),
  );
  await client.send(new DeleteContactFlowCommand({ InstanceId, ContactFlowId }));
});

test("what a flow names must be in the instance, and of the right type", async () => {
  const naming = (queue: string | undefined, flow: string, module: string, hold: string) =>
    flowOf(
      step("UpdateContactTargetQueue", { QueueId: queue }, "NoMatchingError"),
      step("TransferToFlow", { ContactFlowId: flow }, "NoMatchingError"),
      step("InvokeFlowModule", { FlowModuleId: module }),
      step("UpdateContactEventHooks", { EventHooks: { CustomerHold: hold } }, "NoMatchingError"),
      step("CreateCallbackContact", { QueueId: "$.Attributes.queue" }, "NoMatchingError"),
    );
  const holds = await client.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CUSTOMER_HOLD"] }));
  const hold = holds.ContactFlowSummaryList?.[0]?.Id ?? "";
  const flow = await createFlow("Second", saying("Welcome back"));
  const module = await createModule({ Name: "Used" });
  assert.deepEqual(await problemsOf(naming(NOBODY, NOBODY, NOBODY, flow)), [
    "Invalid Action property value. Path: Actions[0].Parameters.QueueId",
    "Invalid Action property value. Path: Actions[1].Parameters.ContactFlowId",
    "Invalid Action property value. Path: Actions[2].Parameters.FlowModuleId",
    "Invalid Action property value. Path: Actions[3].Parameters.EventHooks.CustomerHold",
  ]);
  const ContactFlowId = await createFlow("First", naming(queues[0]?.Arn, `${flow}:$LATEST`, module, hold));
  for (const id of [ContactFlowId, flow])
    await client.send(new DeleteContactFlowCommand({ InstanceId, ContactFlowId: id }));
  await client.send(new DeleteContactFlowModuleCommand({ InstanceId, ContactFlowModuleId: module }));
});

test("a draft may be anything in JSON, and is checked when it is published", async () => {
  const draft = { InstanceId, Name: "Draft", Type: "CONTACT_FLOW", Content: "{}", Status: "SAVED" } as const;
  const { ContactFlowId = "" } = await client.send(new CreateContactFlowCommand(draft));
  const id = { InstanceId, ContactFlowId };
  await refuses(
    "InvalidContactFlowException",
    client.send(new UpdateContactFlowContentCommand({ ...id, Content: "{}" })),
  );
  await refuses("ContactFlowNotPublishedException", client.send(new DescribeContactFlowCommand(id)), 404);
  await refuses("InvalidRequestException", client.send(new CreateContactFlowVersionCommand(id)), 400);
  await client.send(new UpdateContactFlowContentCommand({ ...id, Content: saying("Now") }));
  const { ContactFlow } = await client.send(new DescribeContactFlowCommand(id));
  assert.deepEqual([ContactFlow?.Status, ContactFlow?.Content], ["PUBLISHED", saying("Now")]);
  await client.send(new DeleteContactFlowCommand(id));
});

test("versions of a flow keep what was published, and their numbers are never given again", async () => {
  const ContactFlowId = await createFlow("Versioned", saying("one"));
  const id = { InstanceId, ContactFlowId };
  const { ContactFlow: first } = await client.send(new DescribeContactFlowCommand(id));
  const made = await client.send(
    new CreateContactFlowVersionCommand({
      ...id,
      Description: "the first",
      FlowContentSha256: first?.FlowContentSha256,
    }),
  );
  assert.deepEqual([made.Version, made.ContactFlowArn], [1, `${first?.Arn}:1`]);
  await client.send(new UpdateContactFlowContentCommand({ ...id, Content: saying("two") }));
  const stale = new CreateContactFlowVersionCommand({ ...id, FlowContentSha256: first?.FlowContentSha256 });
  await refuses("InvalidParameterException", client.send(stale));
  const jumping = new CreateContactFlowVersionCommand({ ...id, ContactFlowVersion: 7 });
  await refuses("InvalidParameterException", client.send(jumping));
  assert.equal((await client.send(new CreateContactFlowVersionCommand(id))).Version, 2);

  const one = await client.send(new DescribeContactFlowCommand({ InstanceId, ContactFlowId: `${first?.Arn}:1` }));
  assert.equal(one.ContactFlow?.Content, saying("one"));
  assert.deepEqual([one.ContactFlow?.Version, one.ContactFlow?.VersionDescription], [1, "the first"]);
  const latest = await client.send(
    new DescribeContactFlowCommand({ ...id, ContactFlowId: `${ContactFlowId}:$LATEST` }),
  );
  assert.equal(latest.ContactFlow?.Content, saying("two"));
  const numbered = { InstanceId, ContactFlowId: `${ContactFlowId}:1` };
  const change = client.send(new UpdateContactFlowContentCommand({ ...numbered, Content: saying("three") }));
  await refuses("InvalidParameterException", change);

  const numbers: (number | undefined)[] = [];
  for await (const page of paginateListContactFlowVersions({ client, pageSize: 1 }, id)) {
    numbers.push(...(page.ContactFlowVersionSummaryList ?? []).map(({ Version }) => Version));
  }
  assert.deepEqual(numbers, [1, 2]);
  await client.send(new DeleteContactFlowVersionCommand({ ...id, ContactFlowVersion: 2 }));
  await refuses(
    "ResourceNotFoundException",
    client.send(new DeleteContactFlowVersionCommand({ ...id, ContactFlowVersion: 2 })),
    404,
  );
  assert.equal((await client.send(new CreateContactFlowVersionCommand(id))).Version, 3);
  await client.send(new DeleteContactFlowCommand(id));
  await refuses("ResourceNotFoundException", client.send(new ListContactFlowVersionsCommand(id)), 404);
  await refuses("ResourceNotFoundException", client.send(new DescribeContactFlowCommand(numbered)), 404);
});

test("a flow has at most a hundred versions", async () => {
  const id = { InstanceId, ContactFlowId: await createFlow("Much versioned", flowOf()) };
  for (let number = 1; number <= 100; number++) await client.send(new CreateContactFlowVersionCommand(id));
  await refuses("LimitExceededException", client.send(new CreateContactFlowVersionCommand(id)), 429);
  await client.send(new DeleteContactFlowCommand(id));
});

test("flows are searched by name, type, state, status and tags", async () => {
  const other = await newInstance();
  const create = (Name: string, Type: ContactFlowType, more: object = {}) =>
    client.send(
      new CreateContactFlowCommand({ InstanceId: other, Name, Type, Content: "{}", Status: "SAVED", ...more }),
    );
  await create("Billing, inbound", "CONTACT_FLOW", { Description: "Money in", Tags: { team: "money" } });
  await create("Billing, queue", "CUSTOMER_QUEUE", { Tags: { team: "money" } });
  const archived = await create("Shipping, inbound", "CONTACT_FLOW", { Tags: { team: "boxes" } });
  const ContactFlowId = archived.ContactFlowId;
  await client.send(
    new UpdateContactFlowMetadataCommand({ InstanceId: other, ContactFlowId, ContactFlowState: "ARCHIVED" }),
  );

  const names = async (search: Partial<SearchContactFlowsCommandInput>) => {
    const found = await client.send(new SearchContactFlowsCommand({ InstanceId: other, ...search }));
    assert.equal(found.ApproximateTotalCount, found.ContactFlows?.length);
    return found.ContactFlows?.map(({ Name }) => Name).sort();
  };
  const starting = (Value: string) => ({ FieldName: "name", Value, ComparisonType: "STARTS_WITH" }) as const;
  assert.deepEqual(await names({ SearchCriteria: { StringCondition: starting("billing") } }), [
    "Billing, inbound",
    "Billing, queue",
  ]);
  assert.deepEqual(
    await names({
      SearchCriteria: { AndConditions: [{ TypeCondition: "CONTACT_FLOW" }, { StatusCondition: "SAVED" }] },
    }),
    ["Billing, inbound", "Shipping, inbound"],
  );
  assert.deepEqual(await names({ SearchCriteria: { StateCondition: "ARCHIVED" } }), ["Shipping, inbound"]);
  const money = { TagKey: "team", TagValue: "money" };
  assert.deepEqual(await names({ SearchFilter: { TagFilter: { TagCondition: money } } }), [
    "Billing, inbound",
    "Billing, queue",
  ]);
  const queue = { ContactFlowTypeCondition: { ContactFlowType: "CUSTOMER_QUEUE" } } as const;
  assert.deepEqual(
    await names({ SearchFilter: { FlowAttributeFilter: { AndCondition: { TagConditions: [money], ...queue } } } }),
    ["Billing, queue"],
  );
  let pages = 0;
  for await (const page of paginateSearchContactFlows({ client, pageSize: 5 }, { InstanceId: other })) {
    assert.equal(page.ApproximateTotalCount, 12);
    pages += 1;
  }
  assert.equal(pages, 3);
  await refuses(
    "InvalidParameterException",
    names({ SearchCriteria: { StringCondition: { FieldName: "colour", Value: "red", ComparisonType: "EXACT" } } }),
  );
  await refuses("ResourceNotFoundException", names({ InstanceId: NOBODY }), 404);
});

test("modules live", async () => {
  const input = { Name: "Greeting", Description: "Says hello", Tags: { team: "voice" }, ClientToken: "once" };
  const id = await createModule({ ...input, ExternalInvocationConfiguration: { Enabled: true } });
  assert.equal(await createModule({ ...input, ExternalInvocationConfiguration: { Enabled: true } }), id);
  await refuses("IdempotencyException", createModule({ ...input, Name: "Other" }), 409);
  await refuses("DuplicateResourceException", createModule(), 409);
  const named = { InstanceId, ContactFlowModuleId: id };

  const { ContactFlowModule: module } = await client.send(new DescribeContactFlowModuleCommand(named));
  assert.equal(module?.Arn, `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}/flow-module/${id}`);
  assert.deepEqual(
    [module?.Name, module?.Description, module?.State, module?.Status, module?.Settings, module?.Content],
    ["Greeting", "Says hello", "ACTIVE", "PUBLISHED", SETTINGS, flowOf()],
  );
  assert.deepEqual(module?.ExternalInvocationConfiguration, { Enabled: true });
  assert.match(module?.FlowModuleContentSha256 ?? "", /^[0-9a-f]{64}$/);
  const tags = await client.send(new ListTagsForResourceCommand({ resourceArn: module?.Arn }));
  assert.deepEqual(tags.tags, { team: "voice" });

  await client.send(new UpdateContactFlowModuleContentCommand({ ...named, Content: saying("Hello") }));
  const nothing = client.send(new UpdateContactFlowModuleContentCommand(named));
  await refuses("InvalidRequestException", nothing);
  await client.send(
    new UpdateContactFlowModuleMetadataCommand({ ...named, Name: "Welcome", Description: "Hi", State: "ARCHIVED" }),
  );
  const second = await createModule({ Name: "Second" });
  const taken = client.send(new UpdateContactFlowModuleMetadataCommand({ ...named, Name: "Second" }));
  await refuses("DuplicateResourceException", taken, 409);

  const listed = await client.send(
    new ListContactFlowModulesCommand({ InstanceId, ContactFlowModuleState: "ARCHIVED" }),
  );
  assert.deepEqual(
    listed.ContactFlowModulesSummaryList?.map(({ Name, State }) => [Name, State]),
    [["Welcome", "ARCHIVED"]],
  );
  const found = await client.send(
    new SearchContactFlowModulesCommand({
      InstanceId,
      SearchCriteria: {
        AndConditions: [
          { StringCondition: { FieldName: "description", Value: "hi", ComparisonType: "EXACT" } },
          { StateCondition: "ARCHIVED", StatusCondition: "PUBLISHED" },
        ],
      },
      SearchFilter: { TagFilter: { TagCondition: { TagKey: "team" } } },
    }),
  );
  assert.deepEqual(
    found.ContactFlowModules?.map(({ Name }) => Name),
    ["Welcome"],
  );
  assert.equal(found.ApproximateTotalCount, 1);

  for (const ContactFlowModuleId of [id, second]) {
    await client.send(new DeleteContactFlowModuleCommand({ InstanceId, ContactFlowModuleId }));
  }
  await refuses("ResourceNotFoundException", client.send(new DescribeContactFlowModuleCommand(named)), 404);
});

test("a module is refused with its problems, and without settings", async () => {
  const problems = async (input: Partial<CreateContactFlowModuleCommandInput>) => {
    try {
      await createModule({ Name: "Refused", ...input });
    } catch (error) {
      assert.ok(error instanceof InvalidContactFlowModuleException, String(error));
      return (error.Problems ?? []).map(({ message }) => message);
    }
    return assert.fail("The module was accepted");
  };
  assert.deepEqual(await problems({ Content: "hello" }), ["Invalid JSON content"]);
  assert.deepEqual(await problems({ Content: flowOf(step("Toast", {})) }), [
    "Invalid Action type. Path: Actions[0].Type",
  ]);
  assert.deepEqual(await problems({ Settings: undefined }), ["JSON field is missing or null for field name: Settings"]);
  assert.deepEqual(await problems({ Settings: "[]" }), ["Invalid JSON content. Path: Settings"]);
  const Content = JSON.stringify({ ...JSON.parse(flowOf()), Settings: JSON.parse(SETTINGS) });
  const ContactFlowModuleId = await createModule({ Name: "Whole", Content, Settings: undefined });
  const update = new UpdateContactFlowModuleContentCommand({ InstanceId, ContactFlowModuleId, Content: flowOf() });
  await refuses("InvalidContactFlowModuleException", client.send(update), 400);
  await client.send(new DeleteContactFlowModuleCommand({ InstanceId, ContactFlowModuleId }));
});

test("an alias leads to a version of a module, which is not deleted under it", async () => {
  const ContactFlowModuleId = await createModule({ Content: saying("one") });
  const module = { InstanceId, ContactFlowModuleId };
  const first = await client.send(new CreateContactFlowModuleVersionCommand({ ...module, Description: "first" }));
  assert.equal(first.Version, 1);
  await client.send(new UpdateContactFlowModuleContentCommand({ ...module, Content: saying("two") }));
  await client.send(new CreateContactFlowModuleVersionCommand(module));
  const wrong = "0".repeat(64);
  const stale = new CreateContactFlowModuleVersionCommand({ ...module, FlowModuleContentSha256: wrong });
  await refuses("InvalidParameterException", client.send(stale));
  const { ContactFlowModuleVersionSummaryList: versions } = await client.send(
    new ListContactFlowModuleVersionsCommand(module),
  );
  assert.deepEqual(
    versions?.map(({ Version, VersionDescription }) => [Version, VersionDescription]),
    [
      [1, "first"],
      [2, undefined],
    ],
  );

  const create = { ...module, AliasName: "live", ContactFlowModuleVersion: 1, Description: "For customers" };
  const { Id: AliasId = "" } = await client.send(new CreateContactFlowModuleAliasCommand(create));
  const alias = { ...module, AliasId };
  await refuses("DuplicateResourceException", client.send(new CreateContactFlowModuleAliasCommand(create)), 409);
  const reserved = new CreateContactFlowModuleAliasCommand({ ...create, AliasName: "$LATEST" });
  await refuses("InvalidParameterException", client.send(reserved));
  const nowhere = { ...create, AliasName: "next", ContactFlowModuleVersion: 9 };
  await refuses("ResourceNotFoundException", client.send(new CreateContactFlowModuleAliasCommand(nowhere)), 404);

  const described = await client.send(new DescribeContactFlowModuleAliasCommand(alias));
  assert.deepEqual([described.ContactFlowModuleAlias?.Name, described.ContactFlowModuleAlias?.Version], ["live", 1]);
  const byName = { InstanceId, ContactFlowModuleId: `${ContactFlowModuleId}:live` };
  const { ContactFlowModule } = await client.send(new DescribeContactFlowModuleCommand(byName));
  assert.deepEqual([ContactFlowModule?.Version, ContactFlowModule?.Content], [1, saying("one")]);

  const remove = (number: number) =>
    client.send(new DeleteContactFlowModuleVersionCommand({ ...module, ContactFlowModuleVersion: number }));
  await refuses("InvalidRequestException", remove(1));
  await client.send(
    new UpdateContactFlowModuleAliasCommand({ ...alias, Name: "current", ContactFlowModuleVersion: 2 }),
  );
  await remove(1);
  const { ContactFlowModuleAliasSummaryList: aliases } = await client.send(
    new ListContactFlowModuleAliasesCommand(module),
  );
  assert.deepEqual(
    aliases?.map(({ AliasName, Version, AliasDescription }) => [AliasName, Version, AliasDescription]),
    [["current", 2, "For customers"]],
  );
  await client.send(new DeleteContactFlowModuleAliasCommand(alias));
  await refuses("ResourceNotFoundException", client.send(new DescribeContactFlowModuleAliasCommand(alias)), 404);
  await client.send(new DeleteContactFlowModuleCommand(module));
});
