/** `--enforce-limits` and `--limit NAME=VALUE`: every rate and quota, through the SDK. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CreateContactFlowCommand } from "@aws-sdk/client-connect";
import { type BuiltOperation, builtOperations } from "./built-operations.ts";
import { openCentre } from "./contact-centre.ts";
import { call } from "./model-call.ts";
import type { Input } from "./model-inputs.ts";
import { type KnownValues, populate } from "./populated-account.ts";
import { Sdk } from "./sdk-call.ts";
import { sensibleInput } from "./sensible-input.ts";
import { startTrunkline, type TestServer } from "./server.ts";

interface Limited extends TestServer {
  readonly sdk: Sdk;
}

/** A server that enforces limits, with these in place of the documented ones. */
async function limited(...limits: readonly string[]): Promise<Limited> {
  const server = await startTrunkline("--enforce-limits", ...limits.flatMap((limit) => ["--limit", limit]));
  return { ...server, sdk: new Sdk(server.client) };
}

/** `create-stream`, as it is called in the names of limits. */
const kebab = (operation: string): string => operation.replace(/(?!^)[A-Z]/g, "-$&").toLowerCase();

/** The name of the error, or `undefined` for a success. */
const outcome = (sdk: Sdk, model: string, operation: string, input: Input): Promise<string | undefined> =>
  sdk.call(model, operation, input).then(
    () => undefined,
    (error: Error) => error.name,
  );

/** What the documentation gives no rate for, or the service models no error for. */
const UNTHROTTLED =
  /^(DescribeInstance|ListInstances|DeleteInstance|StopContact|(Get|Update)ContactAttributes|(Dis)?[aA]ssociateSecurityProfiles|(Start|Stop|Suspend|Resume)ContactRecording)$/;

/** Operations that have no ThrottlingException, and another error for it. */
const LIMITED = ["StartOutboundVoiceContact", "StartChatContact", "BatchPutContact"];

/** Operations of Kinesis that have a documented rate of calls. */
const RATED =
  /^(AddTagsToStream|(Create|Delete)Stream|(De)?[rR]egisterStreamConsumer|DescribeAccountSettings|DescribeLimits|DescribeStream(Consumer|Summary)?|ListShards|List(StreamConsumers|Streams)|ListTagsForStream|(Merge|Split)Shards?|RemoveTagsFromStream|Update(AccountSettings|ShardCount|StreamWarmThroughput))$/;

suite("rates", async () => {
  const loose = await startTrunkline();
  const known = await populate(loose.url);

  test("each operation of Kinesis that has a rate refuses what comes faster", async () => {
    const rated = builtOperations.filter(({ model, operation }) => model.name === "kinesis" && RATED.test(operation));
    const { sdk, advance } = await limited(...rated.map(({ operation }) => `kinesis.${kebab(operation)}-per-second=1`));
    await refusesTheSecond(sdk, advance, rated, () => "LimitExceededException");
  });

  test("each operation of Connect that has a rate refuses what comes faster", async () => {
    const rated = builtOperations.filter(
      ({ model, operation }) => model.name === "connect" && !UNTHROTTLED.test(operation),
    );
    const flags = rated.flatMap(({ operation }) =>
      ["per-second", "burst"].map((limit) => `connect.${kebab(operation)}-${limit}=1`),
    );
    const { sdk, advance } = await limited(...flags);
    await refusesTheSecond(sdk, advance, rated, ({ operation }) =>
      LIMITED.includes(operation) ? "LimitExceededException" : "ThrottlingException",
    );
  });

  test("each operation of Cases refuses what comes faster than its rate", async () => {
    const rated = builtOperations.filter(({ model }) => model.name === "connectcases");
    const flags = rated.flatMap(({ operation }) =>
      ["per-second", "burst"].map((limit) => `cases.${kebab(operation)}-${limit}=1`),
    );
    const { sdk, advance } = await limited(...flags);
    await refusesTheSecond(sdk, advance, rated, () => "ThrottlingException");
  });

  test("each operation of chats' participants has a rate", async () => {
    const rated = builtOperations.filter(({ model }) => model.name === "connectparticipant");
    const flags = rated.flatMap(({ operation }) =>
      ["per-second", "burst"].map((limit) => `connect.${kebab(operation)}-${limit}=1`),
    );
    const { sdk, url, advance } = await limited(...flags);
    // The chat of this server's own; what it was made with has used up some of its rates.
    const own = await populate(url);
    await advance("PT1S");
    // Who has left can call nothing more.
    const last = rated.filter(({ operation }) => operation !== "DisconnectParticipant");
    await refusesTheSecond(sdk, advance, last, () => "ThrottlingException", own);
  });

  async function refusesTheSecond(
    sdk: Sdk,
    advance: TestServer["advance"],
    operations: readonly BuiltOperation[],
    error: (built: BuiltOperation) => string,
    values: KnownValues = known,
  ): Promise<void> {
    const calls = operations.map((built) => ({ built, input: sensibleInput(built, values) }));
    for (const { built, input } of calls) {
      assert.notEqual(await outcome(sdk, built.model.name, built.operation, input), error(built), built.operation);
      assert.equal(await sdk.refusal(built.model.name, built.operation, input), error(built), built.operation);
    }
    await advance("PT1S");
    for (const { built, input } of calls) {
      assert.notEqual(await outcome(sdk, built.model.name, built.operation, input), error(built), built.operation);
    }
  }

  test("PutEvents has a rate", async () => {
    const { sdk, advance } = await limited("events.put-events-per-second=1");
    const entry = { Entries: [{ Source: "shop", DetailType: "order", Detail: "{}" }] };
    await sdk.call("events", "PutEvents", entry);
    assert.equal(await sdk.refusal("events", "PutEvents", entry), "ThrottlingException");
    await advance("PT1S");
    await sdk.call("events", "PutEvents", entry);
  });

  test("a shard takes so many records and bytes, and gives so many reads, a second", async () => {
    const { sdk, url, advance } = await limited(
      "kinesis.shard-records-per-second=2",
      "kinesis.shard-write-bytes-per-second=1000",
      "kinesis.shard-reads-per-second=1",
    );
    const StreamName = "orders";
    await sdk.call("kinesis", "CreateStream", { StreamName, ShardCount: 1 });
    const record = (bytes: number): Input => ({ Data: Buffer.alloc(bytes), PartitionKey: "key" });
    const put = (bytes: number) => outcome(sdk, "kinesis", "PutRecord", { StreamName, ...record(bytes) });
    assert.deepEqual([await put(1), await put(1)], [undefined, undefined]);
    assert.equal(await put(1), "ProvisionedThroughputExceededException");
    await advance("PT1S");
    assert.deepEqual([await put(600), await put(600)], [undefined, "ProvisionedThroughputExceededException"]);
    await advance("PT1S");
    const Records = [1, 2, 3].map(record);
    const answer = await call(url, "kinesis", "PutRecords", { StreamName, Records });
    assert.equal(answer.FailedRecordCount, 1);
    assert.equal(answer.Records[2].ErrorCode, "ProvisionedThroughputExceededException");

    const from = { StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" };
    const { ShardIterator } = await call(url, "kinesis", "GetShardIterator", from);
    const read = () => outcome(sdk, "kinesis", "GetRecords", { ShardIterator });
    assert.deepEqual([await read(), await read()], [undefined, "ProvisionedThroughputExceededException"]);
    await advance("PT1S");
    assert.equal(await read(), undefined);
  });

  test("events for a stream that has no room come when it has", async () => {
    const { sdk, url, advance } = await limited("kinesis.shard-records-per-second=1");
    const StreamName = "orders";
    await sdk.call("kinesis", "CreateStream", { StreamName, ShardCount: 1 });
    await sdk.call("events", "PutRule", { Name: "all", EventPattern: '{"source":["shop"]}' });
    const Targets = [{ Id: "stream", Arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}` }];
    await sdk.call("events", "PutTargets", { Rule: "all", Targets });
    const Entries = [1, 2, 3, 4].map((id) => ({ Source: "shop", DetailType: "order", Detail: JSON.stringify({ id }) }));
    await sdk.call("events", "PutEvents", { Entries });
    await advance("PT1H");
    const from = { StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" };
    const { ShardIterator } = await call(url, "kinesis", "GetShardIterator", from);
    const { Records } = await call(url, "kinesis", "GetRecords", { ShardIterator });
    const ids = Records.map(
      ({ Data }: { Data: string }) => JSON.parse(Buffer.from(Data, "base64").toString()).detail.id,
    );
    assert.deepEqual(ids.sort(), [1, 2, 3, 4]);
  });
});

suite("quotas", () => {
  interface Quota {
    readonly limit: string;
    readonly model: string;
    /** What comes up to the quota, in the order of calls. */
    readonly within: readonly [operation: string, input: Input][];
    readonly beyond: readonly [operation: string, input: Input, error: string];
  }
  const rule = (Name: string): [string, Input] => ["PutRule", { Name, EventPattern: '{"source":["shop"]}' }];
  const policy = (policyName: string): [string, Input] => [
    "PutResourcePolicy",
    { policyName, policyDocument: '{"Version":"2012-10-17","Statement":[]}' },
  ];
  const stream = (StreamName: string, ShardCount: number): [string, Input] => [
    "CreateStream",
    { StreamName, ShardCount },
  ];
  const onDemand = (StreamName: string): [string, Input] => [
    "CreateStream",
    { StreamName, StreamModeDetails: { StreamMode: "ON_DEMAND" } },
  ];
  const StreamARN = "arn:aws:kinesis:us-east-1:000000000000:stream/a";
  const consumer = (ConsumerName: string): [string, Input] => ["RegisterStreamConsumer", { StreamARN, ConsumerName }];
  const mode = (StreamMode: string): [string, Input] => [
    "UpdateStreamMode",
    { StreamARN, StreamModeDetails: { StreamMode } },
  ];
  const scale = (TargetShardCount: number): [string, Input] => [
    "UpdateShardCount",
    { StreamName: "a", TargetShardCount, ScalingType: "UNIFORM_SCALING" },
  ];
  const LIMIT = "LimitExceededException";

  const quotas: readonly Quota[] = [
    { limit: "kinesis.shards=3", model: "kinesis", within: [stream("a", 3)], beyond: [...stream("b", 1), LIMIT] },
    { limit: "kinesis.shards=2", model: "kinesis", within: [stream("a", 2)], beyond: [...scale(4), LIMIT] },
    {
      limit: "kinesis.on-demand-streams=1",
      model: "kinesis",
      within: [onDemand("a")],
      beyond: [...onDemand("b"), LIMIT],
    },
    {
      limit: "kinesis.consumers-per-stream=1",
      model: "kinesis",
      within: [stream("a", 1), consumer("a")],
      beyond: [...consumer("b"), LIMIT],
    },
    {
      limit: "kinesis.stream-mode-updates-per-day=1",
      model: "kinesis",
      within: [stream("a", 1), mode("ON_DEMAND")],
      beyond: [...mode("PROVISIONED"), LIMIT],
    },
    {
      limit: "kinesis.shard-count-updates-per-day=1",
      model: "kinesis",
      within: [stream("a", 1), scale(2)],
      beyond: [...scale(4), LIMIT],
    },
    { limit: "events.rules-per-bus=2", model: "events", within: [rule("a"), rule("b")], beyond: [...rule("c"), LIMIT] },
    {
      limit: "events.buses=2",
      model: "events",
      within: [["CreateEventBus", { Name: "a" }]],
      beyond: ["CreateEventBus", { Name: "b" }, LIMIT],
    },
    {
      limit: "s3.buckets=1",
      model: "s3",
      within: [["CreateBucket", { Bucket: "first" }]],
      beyond: ["CreateBucket", { Bucket: "second" }, "TooManyBuckets"],
    },
    { limit: "logs.resource-policies=1", model: "logs", within: [policy("a")], beyond: [...policy("b"), LIMIT] },
  ];

  for (const { limit, model, within, beyond } of quotas) {
    test(`${limit}, then ${beyond[0]} is refused`, async () => {
      const { sdk } = await limited(limit);
      for (const [operation, input] of within) await sdk.call(model, operation, input);
      const [operation, input, error] = beyond;
      assert.equal(await sdk.refusal(model, operation, input), error);
    });

    test(`without --enforce-limits ${limit} means nothing to ${beyond[0]}`, async () => {
      const server = await startTrunkline("--limit", limit);
      const sdk = new Sdk(server.client);
      for (const [operation, input] of [...within, beyond]) await sdk.call(model, operation, input);
    });
  }

  test("an account has so many instances in a Region", async () => {
    const { sdk } = await limited("connect.instances-per-region=1");
    const create = (InstanceAlias: string): Input => ({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    });
    await sdk.call("connect", "CreateInstance", create("first"));
    const second = sdk.refusal("connect", "CreateInstance", create("second"));
    assert.equal(await second, "ServiceQuotaExceededException");
  });

  test("an instance has so many queues, flows, hours, calls, chats, tasks and e-mails", async () => {
    // With what a new instance and this test have made, one more of each.
    const { sdk, url } = await limited(
      "connect.queues-per-instance=3",
      "connect.flows-per-instance=11",
      "connect.hours-of-operation-per-instance=2",
      "connect.concurrent-calls-per-instance=2",
      "connect.concurrent-chats-per-instance=2",
      "connect.concurrent-tasks-per-instance=1",
      "connect.concurrent-emails-per-instance=1",
    );
    const { connect: known } = await populate(url);
    const instance = { InstanceId: known?.InstanceId?.[0] };
    const Actions = [{ Identifier: "end", Type: "EndFlowExecution" }];
    const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "end", Actions });
    const numbers = { DestinationPhoneNumber: "+12065550103", SourcePhoneNumber: "+12065550000" };
    const ContactFlowId = known?.ContactFlowId?.[0];
    const listing = { ...instance, ContactFlowTypes: ["CONTACT_FLOW"] };
    const { ContactFlowSummaryList: flows } = await call(url, "connect", "ListContactFlows", listing);
    // In the default flow contacts wait for an agent.
    const waiting = { ContactFlowId: flows.find(({ Id }: { Id: string }) => Id !== ContactFlowId).Id };
    const HoursOfOperationId = known?.HoursOfOperationId?.[0];
    const creations: readonly [operation: string, input: Input, error: string][] = [
      ["CreateQueue", { HoursOfOperationId }, LIMIT],
      ["CreateContactFlow", { Type: "CONTACT_FLOW", Content }, LIMIT],
      ["CreateHoursOfOperation", { TimeZone: "UTC", Config: [] }, LIMIT],
      ["StartOutboundVoiceContact", { ContactFlowId, ...numbers }, LIMIT],
      ["StartTaskContact", waiting, "ServiceQuotaExceededException"],
      ["StartChatContact", { ...waiting, ParticipantDetails: { DisplayName: "Mara" } }, "LimitExceededException"],
      ["CreateContact", { Channel: "EMAIL", InitiationMethod: "FLOW" }, "ServiceQuotaExceededException"],
    ];
    for (const [operation, input, error] of creations) {
      await sdk.call("connect", operation, { ...instance, ...input, Name: "one more" });
      const beyond = { ...instance, ...input, Name: "one too many" };
      assert.equal(await sdk.refusal("connect", operation, beyond), error, operation);
    }
  });

  test("so many contacts wait for one agent: a flow then finds their queue at capacity", async () => {
    const centre = await openCentre(await limited("connect.contacts-per-agent-queue=1"));
    const AgentId = await centre.agent("ann", { isOffline: true });
    const toEnd = (...ErrorTypes: string[]) => ({
      NextAction: "transfer",
      Errors: ErrorTypes.map((ErrorType) => ({ NextAction: "end", ErrorType })),
    });
    const transitions = { ...toEnd("QueueAtCapacity", "NoMatchingError"), NextAction: "end" };
    const Actions = [
      {
        Identifier: "agent",
        Type: "UpdateContactTargetQueue",
        Parameters: { AgentId },
        Transitions: toEnd("NoMatchingError"),
      },
      { Identifier: "transfer", Type: "TransferContactToQueue", Parameters: {}, Transitions: transitions },
      { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
    ];
    const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "agent", Actions });
    const flow = { InstanceId: centre.InstanceId, Name: "To the agent", Type: "CONTACT_FLOW", Content } as const;
    const { ContactFlowId: contactFlowId } = await centre.connect.send(new CreateContactFlowCommand(flow));
    const [first, second] = [
      await centre.arrive({ channel: "VOICE", contactFlowId }),
      await centre.arrive({ channel: "VOICE", contactFlowId }),
    ];
    assert.equal((await centre.describe(first)).QueueInfo?.Id, AgentId);
    assert.equal((await centre.describe(second)).DisconnectReason, "CONTACT_FLOW_DISCONNECT");
    centre.connect.destroy();
  });

  test("the name of a deleted queue rests for a minute", async () => {
    const { sdk, url, advance } = await limited();
    const { QueueUrl } = await call(url, "sqs", "CreateQueue", { QueueName: "orders" });
    await sdk.call("sqs", "DeleteQueue", { QueueUrl });
    assert.equal(await sdk.refusal("sqs", "CreateQueue", { QueueName: "orders" }), "QueueDeletedRecently");
    await advance("PT1M");
    await sdk.call("sqs", "CreateQueue", { QueueName: "orders" });
  });

  test("limits that always hold can be changed too", async () => {
    const server = await startTrunkline(
      "--limit",
      "events.targets-per-rule=6",
      "--limit",
      "events.put-events-bytes=100",
    );
    const sdk = new Sdk(server.client);
    await sdk.call("events", ...rule("all"));
    const Targets = [1, 2, 3, 4, 5, 6].map((id) => ({
      Id: String(id),
      Arn: `arn:aws:sqs:us-east-1:000000000000:q${id}`,
    }));
    await sdk.call("events", "PutTargets", { Rule: "all", Targets });
    const Entries = [{ Source: "shop", DetailType: "order", Detail: JSON.stringify({ text: "x".repeat(100) }) }];
    assert.equal(await sdk.refusal("events", "PutEvents", { Entries }), "ValidationException");
  });

  test("an account has so many Cases domains, and each has so much", async () => {
    const { sdk, url } = await limited(
      "cases.domains=2",
      "cases.fields-per-domain=2",
      "cases.deleted-fields-per-domain=1",
      "cases.options-per-field=2",
      "cases.layouts-per-domain=1",
      "cases.deleted-layouts-per-domain=1",
      "cases.templates-per-domain=1",
      "cases.deleted-templates-per-domain=1",
      "cases.case-rules-per-domain=1",
      ...["create-domain", "create-field", "create-layout", "create-template", "delete-field"].map(
        (operation) => `cases.${operation}-burst=100`,
      ),
    );
    const beyond = "ServiceQuotaExceededException";
    // biome-ignore lint/suspicious/noExplicitAny: answers of any operation.
    const make = (operation: string, input: Input): Promise<any> => call(url, "connectcases", operation, input);
    const { domainId } = await make("CreateDomain", { name: "first" });
    await make("CreateDomain", { name: "second" });
    assert.equal(await sdk.refusal("connectcases", "CreateDomain", { name: "third" }), beyond);

    const refuses = async (operation: string, input: Input, error = beyond) =>
      assert.equal(await sdk.refusal("connectcases", operation, { domainId, ...input }), error, operation);
    const names = { name: "one too many" };
    const field = { domainId, type: "SingleSelect" };
    const { fieldId } = await make("CreateField", { ...field, name: "a" });
    const { fieldId: other } = await make("CreateField", { ...field, name: "b" });
    await refuses("CreateField", { type: "Text", ...names });
    const option = (value: string): Input => ({ name: value, value, active: true });
    const options = [option("x"), option("a b"), option("y"), option("z")];
    const { errors } = await make("BatchPutFieldOptions", { domainId, fieldId, options });
    assert.deepEqual(
      errors.map(({ value, errorCode }: Input) => [value, errorCode]),
      [
        ["a b", "ValidationException"],
        ["z", beyond],
      ],
    );
    const again = await make("BatchPutFieldOptions", { domainId, fieldId, options: [option("y"), option("z")] });
    assert.deepEqual(
      again.errors.map(({ value }: Input) => value),
      ["z"],
    );
    await make("DeleteField", { domainId, fieldId });
    await refuses("DeleteField", { fieldId: other });
    await make("CreateField", { ...field, name: "c" });

    const content = { basic: {} };
    const { layoutId } = await make("CreateLayout", { domainId, name: "a", content });
    await refuses("CreateLayout", { content, ...names });
    await make("DeleteLayout", { domainId, layoutId });
    const { layoutId: next } = await make("CreateLayout", { domainId, name: "a", content });
    await refuses("DeleteLayout", { layoutId: next }, "ConflictException");
    const { templateId } = await make("CreateTemplate", { domainId, name: "a" });
    await refuses("CreateTemplate", names);
    await make("DeleteTemplate", { domainId, templateId });
    const { templateId: last } = await make("CreateTemplate", { domainId, name: "a" });
    await refuses("DeleteTemplate", { templateId: last }, "ConflictException");
    const rule = { required: { defaultValue: false, conditions: [] } };
    await make("CreateCaseRule", { domainId, name: "a", rule });
    await refuses("CreateCaseRule", { rule, ...names });
  });

  test("without --enforce-limits a Cases domain has as much as one likes, but for the fields of a layout", async () => {
    const server = await startTrunkline("--limit", "cases.domains=1", "--limit", "cases.fields-per-layout=1");
    const sdk = new Sdk(server.client);
    const { domainId } = await call(server.url, "connectcases", "CreateDomain", { name: "first" });
    await sdk.call("connectcases", "CreateDomain", { name: "second" });
    const fieldGroup = { fields: [{ id: "title" }, { id: "status" }] };
    const content = { basic: { topPanel: { sections: [{ fieldGroup }] } } };
    const layout = { domainId, name: "wide", content };
    assert.equal(await sdk.refusal("connectcases", "CreateLayout", layout), "ServiceQuotaExceededException");
  });
});
