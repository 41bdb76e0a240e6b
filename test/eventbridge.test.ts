import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  type Target,
  TestEventPatternCommand,
  UntagResourceCommand,
  UpdateEventBusCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from "@aws-sdk/client-kinesis";
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const events = new EventBridgeClient(server.client);
const others = new EventBridgeClient(server.clientOf("other"));
const sqs = new SQSClient(server.client);
const kinesis = new KinesisClient(server.client);

const PATTERN = '{"source":["shop"]}';
const order: PutEventsRequestEntry = { Source: "shop", DetailType: "order placed", Detail: '{"id":7}' };

let count = 0;
const fresh = (what: string): string => `${what}-${++count}`;

async function put(...entries: readonly PutEventsRequestEntry[]): Promise<readonly string[]> {
  const { Entries = [] } = await events.send(new PutEventsCommand({ Entries: [...entries] }));
  await server.advance("PT0S");
  return Entries.map(({ EventId, ErrorCode }) => EventId ?? ErrorCode ?? "");
}

async function queue(attributes: Record<string, string> = {}): Promise<{ readonly url: string; readonly arn: string }> {
  const name = fresh("queue") + (attributes.FifoQueue ? ".fifo" : "");
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return { url: QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
}

async function bodies(url: string): Promise<readonly string[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body }) => Body ?? "");
}

/** A bus with one rule for everything from the shop, and its targets. */
async function busTo(...targets: readonly Target[]): Promise<{ readonly bus: string; readonly rule: string }> {
  const [bus, rule] = [fresh("bus"), fresh("rule")];
  await events.send(new CreateEventBusCommand({ Name: bus }));
  await events.send(new PutRuleCommand({ Name: rule, EventBusName: bus, EventPattern: PATTERN }));
  if (targets.length > 0) {
    await events.send(new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets: [...targets] }));
  }
  return { bus, rule };
}

const busArn = (name: string): string => `arn:aws:events:us-east-1:000000000000:event-bus/${name}`;

suite("PutEvents", () => {
  test("an event arrives as documented, compact and in the order of the envelope's keys", async () => {
    const { url, arn } = await queue();
    const { bus } = await busTo({ Id: "1", Arn: arn });
    const [id] = await put({
      ...order,
      Detail: '{ "id": 7.0, "note": "a , b" }',
      Resources: ["arn:x"],
      Time: new Date("2026-01-02T03:04:05.678Z"),
      EventBusName: bus,
    });
    assert.deepEqual(await bodies(url), [
      `{"version":"0","id":"${id}","detail-type":"order placed","source":"shop","account":"000000000000",` +
        `"time":"2026-01-02T03:04:05Z","region":"us-east-1","resources":["arn:x"],"detail":{"id":7.0,"note":"a , b"}}`,
    ]);
  });

  test("a bad entry fails alone, with the service's own words", async () => {
    const { Source, DetailType, Detail } = order;
    const answer = await events.send(
      new PutEventsCommand({
        Entries: [
          order,
          { DetailType, Detail },
          { Source, Detail },
          { Source, DetailType },
          { ...order, Detail: "no JSON" },
          { ...order, Detail: "[1]" },
          { ...order, Detail: '"text"' },
          { ...order, Detail: `${'{"a":'.repeat(1000)}{}${"}".repeat(1000)}` },
          { ...order, Source: "aws.connect" },
        ],
      }),
    );
    assert.equal(answer.FailedEntryCount, 8);
    const required = (name: string) => [
      `InvalidArgument`,
      `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    ];
    assert.match(
      answer.Entries?.[0]?.EventId ?? "",
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.deepEqual(
      answer.Entries?.slice(1).map(({ ErrorCode, ErrorMessage }) => [ErrorCode, ErrorMessage]),
      [
        required("Source"),
        required("DetailType"),
        required("Detail"),
        ...Array.from({ length: 4 }, () => ["MalformedDetail", "Detail is malformed."]),
        ["NotAuthorizedForSourceException", "Not authorized for the source."],
      ],
    );
  });

  test("a request that is too big is refused whole", async () => {
    const { url, arn } = await queue();
    const { bus } = await busTo({ Id: "1", Arn: arn });
    const Detail = JSON.stringify({ text: "x".repeat(600_000) });
    await assert.rejects(put({ ...order, EventBusName: bus }, { ...order, Detail }, { ...order, Detail }), {
      name: "ValidationException",
      message: "Total size of the entries in the request is over the limit.",
    });
    assert.deepEqual(await bodies(url), []);
  });

  test("eleven entries are one too many", async () => {
    await assert.rejects(put(...Array.from({ length: 11 }, () => order)), { name: "ValidationException" });
  });

  test("an event for a bus that does not exist is accepted and goes nowhere", async () => {
    const [id] = await put({ ...order, EventBusName: "nowhere" });
    assert.match(id ?? "", /^[0-9a-f-]{36}$/);
  });

  test("another account's bus takes events where its policy lets it", async () => {
    const { url, arn } = await queue();
    const { bus } = await busTo({ Id: "1", Arn: arn });
    const foreign = new PutEventsCommand({ Entries: [{ ...order, EventBusName: busArn(bus) }] });
    await assert.rejects(others.send(foreign), { name: "AccessDeniedException" });

    const allow = { EventBusName: bus, StatementId: "let", Action: "events:PutEvents", Principal: "111122223333" };
    await events.send(new PutPermissionCommand(allow));
    await others.send(foreign);
    await server.advance("PT0S");
    const [body = "{}"] = await bodies(url);
    assert.equal(JSON.parse(body).account, "111122223333");
  });
});

suite("TestEventPattern", () => {
  const event = {
    id: "1",
    account: "000000000000",
    source: "shop",
    time: "2026-11-21T04:16:10Z",
    region: "r",
    "detail-type": "d",
  };
  const run = (EventPattern: string, Event: string) =>
    events.send(new TestEventPatternCommand({ EventPattern, Event }));

  test("says whether a pattern matches", async () => {
    assert.equal((await run(PATTERN, JSON.stringify(event))).Result, true);
    assert.equal((await run('{"source":["bank"]}', JSON.stringify(event))).Result, false);
    assert.equal((await run('{"more":[{"numeric":[">",1]}]}', JSON.stringify({ ...event, more: 2 }))).Result, true);
  });

  test("an invalid pattern is refused with a reason that points at the spot", async () => {
    await assert.rejects(run('{"source": "shop"}', JSON.stringify(event)), {
      name: "InvalidEventPatternException",
      message:
        'Event pattern is not valid. Reason: "source" must be an object or an array\n at [Source: (String)"{"source": "shop"}"; line: 1, column: 13]',
    });
  });

  for (const [title, text] of Object.entries({
    "text that is not JSON": "x",
    "an array": "[]",
    "an event without an id": JSON.stringify({ ...event, id: undefined }),
    "nesting without end": `{"source":${"[".repeat(5000)}${"]".repeat(5000)},${JSON.stringify(event).slice(1)}`,
  })) {
    test(`${title} is no event`, async () => {
      await assert.rejects(run(PATTERN, text), {
        name: "ValidationException",
        message: "Parameter Event is not valid.",
      });
    });
  }
});

suite("rules", () => {
  test("a rule is shown as it was put, and put again it is replaced wholly", async () => {
    const { bus } = await busTo();
    const Name = fresh("rule");
    const RoleArn = "arn:aws:iam::000000000000:role/x";
    const { RuleArn } = await events.send(
      new PutRuleCommand({
        Name,
        EventBusName: busArn(bus),
        EventPattern: PATTERN,
        Description: "orders",
        RoleArn,
        State: "DISABLED",
      }),
    );
    assert.equal(RuleArn, `arn:aws:events:us-east-1:000000000000:rule/${bus}/${Name}`);
    const described = async () => {
      const { $metadata: _, ...rule } = await events.send(new DescribeRuleCommand({ Name, EventBusName: bus }));
      return rule;
    };
    const always = { Name, Arn: RuleArn, EventBusName: bus, CreatedBy: "000000000000" };
    assert.deepEqual(await described(), {
      ...always,
      EventPattern: PATTERN,
      Description: "orders",
      RoleArn,
      State: "DISABLED",
    });

    await events.send(new PutRuleCommand({ Name, EventBusName: bus, EventPattern: '{"source":["bank"]}' }));
    assert.deepEqual(await described(), { ...always, EventPattern: '{"source":["bank"]}', State: "ENABLED" });
    await events.send(new DisableRuleCommand({ Name, EventBusName: bus }));
    assert.equal((await described()).State, "DISABLED");
    await events.send(new EnableRuleCommand({ Name, EventBusName: bus }));
    assert.equal((await described()).State, "ENABLED");
  });

  test("a rule on the default bus has a short ARN", async () => {
    const Name = fresh("rule");
    const { RuleArn } = await events.send(new PutRuleCommand({ Name, EventPattern: PATTERN }));
    assert.equal(RuleArn, `arn:aws:events:us-east-1:000000000000:rule/${Name}`);
    assert.equal((await events.send(new DescribeRuleCommand({ Name }))).EventBusName, "default");
  });

  test("rules are listed by name, a page at a time", async () => {
    const bus = fresh("bus");
    await events.send(new CreateEventBusCommand({ Name: bus }));
    for (const name of ["b-1", "a-1", "a-3", "a-2"]) {
      await events.send(new PutRuleCommand({ Name: name, EventBusName: bus, EventPattern: PATTERN }));
    }
    const first = await events.send(new ListRulesCommand({ EventBusName: bus, NamePrefix: "a-", Limit: 2 }));
    assert.deepEqual(
      first.Rules?.map(({ Name }) => Name),
      ["a-1", "a-2"],
    );
    const NextToken = first.NextToken;
    const second = await events.send(
      new ListRulesCommand({ EventBusName: bus, NamePrefix: "a-", Limit: 2, NextToken }),
    );
    assert.deepEqual(second.Rules, [
      {
        Name: "a-3",
        Arn: `arn:aws:events:us-east-1:000000000000:rule/${bus}/a-3`,
        EventBusName: bus,
        EventPattern: PATTERN,
        State: "ENABLED",
      },
    ]);
    assert.equal(second.NextToken, undefined);
    await assert.rejects(events.send(new ListRulesCommand({ EventBusName: bus, NextToken })), {
      name: "ValidationException",
    });
    await assert.rejects(events.send(new ListRulesCommand({ NextToken: "x" })), { name: "ValidationException" });
  });

  test("a rule goes when it has no targets, and going twice is no error", async () => {
    const { bus, rule } = await busTo({ Id: "1", Arn: (await queue()).arn });
    const gone = new DeleteRuleCommand({ Name: rule, EventBusName: bus });
    await assert.rejects(events.send(gone), {
      name: "ValidationException",
      message: "Rule can't be deleted since it has targets.",
    });
    await events.send(new RemoveTargetsCommand({ Rule: rule, EventBusName: bus, Ids: ["1", "unknown"] }));
    await events.send(gone);
    await events.send(gone);
    await assert.rejects(events.send(new DescribeRuleCommand({ Name: rule, EventBusName: bus })), {
      name: "ResourceNotFoundException",
      message: `Rule ${rule} does not exist on EventBus ${bus}.`,
    });
  });

  for (const [title, input, message] of [
    ["neither a pattern nor a schedule", {}, "Parameter(s) EventPattern or ScheduleExpression must be specified."],
    [
      "a schedule on a custom bus",
      { ScheduleExpression: "rate(1 minute)", EventBusName: "any" },
      "ScheduleExpression is supported only on the default event bus.",
    ],
    ["a malformed schedule", { ScheduleExpression: "rate(1 minutes)" }, "Parameter ScheduleExpression is not valid."],
  ] as const) {
    test(`refused: ${title}`, async () => {
      const Name = fresh("rule");
      await assert.rejects(events.send(new PutRuleCommand({ Name, ...input })), {
        name: "ValidationException",
        message,
      });
      await assert.rejects(events.send(new DescribeRuleCommand({ Name })), { name: "ResourceNotFoundException" });
    });
  }

  test("what is not there is named", async () => {
    const noBus = { name: "ResourceNotFoundException", message: "Event bus none does not exist." };
    const noRule = { name: "ResourceNotFoundException", message: "Rule none does not exist on EventBus default." };
    const [EventBusName, Name, Rule] = ["none", "none", "none"];
    const Targets = [{ Id: "1", Arn: "arn:aws:sqs:us-east-1:000000000000:q" }];
    await assert.rejects(events.send(new PutRuleCommand({ Name, EventBusName, EventPattern: PATTERN })), noBus);
    await assert.rejects(events.send(new DescribeRuleCommand({ Name, EventBusName })), noBus);
    await assert.rejects(events.send(new ListRulesCommand({ EventBusName })), noBus);
    await assert.rejects(events.send(new ListRuleNamesByTargetCommand({ EventBusName, TargetArn: "arn:x" })), noBus);
    await assert.rejects(events.send(new DeleteRuleCommand({ Name, EventBusName })), noBus);
    await assert.rejects(events.send(new PutTargetsCommand({ Rule, EventBusName, Targets })), noBus);
    await assert.rejects(events.send(new RemoveTargetsCommand({ Rule, EventBusName, Ids: ["1"] })), noBus);
    await assert.rejects(events.send(new ListTargetsByRuleCommand({ Rule, EventBusName })), noBus);
    await assert.rejects(events.send(new EnableRuleCommand({ Name })), noRule);
    await assert.rejects(events.send(new DisableRuleCommand({ Name })), noRule);
    await assert.rejects(events.send(new PutTargetsCommand({ Rule, Targets })), noRule);
    await assert.rejects(events.send(new RemoveTargetsCommand({ Rule, Ids: ["1"] })), noRule);
    await assert.rejects(events.send(new ListTargetsByRuleCommand({ Rule })), noRule);
  });

  test("another account's bus is nobody else's business", async () => {
    const { bus, rule } = await busTo();
    const denied = { name: "AccessDeniedException" };
    const EventBusName = busArn(bus);
    await assert.rejects(others.send(new PutRuleCommand({ Name: rule, EventBusName, EventPattern: PATTERN })), denied);
    await assert.rejects(others.send(new DescribeRuleCommand({ Name: rule, EventBusName })), denied);
    await assert.rejects(others.send(new ListRulesCommand({ EventBusName })), denied);
    await assert.rejects(others.send(new DescribeEventBusCommand({ Name: EventBusName })), denied);
    await assert.rejects(others.send(new ListTagsForResourceCommand({ ResourceARN: EventBusName })), denied);
    await assert.rejects(others.send(new DescribeRuleCommand({ Name: rule, EventBusName: bus })), {
      name: "ResourceNotFoundException",
    });
  });
});

suite("targets", () => {
  test("targets are kept by id, with everything that was said about them", async () => {
    const { bus, rule } = await busTo();
    const full: Target = {
      Id: "b",
      Arn: "arn:aws:ecs:us-east-1:000000000000:cluster/x",
      RoleArn: "arn:aws:iam::000000000000:role/x",
      InputPath: "$.detail",
      EcsParameters: { TaskDefinitionArn: "arn:aws:ecs:us-east-1:000000000000:task-definition/x", TaskCount: 2 },
      DeadLetterConfig: { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" },
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60 },
    };
    const Targets = [full, { Id: "a", Arn: "arn:aws:sqs:us-east-1:000000000000:old" }];
    const answer = await events.send(new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets }));
    assert.deepEqual([answer.FailedEntryCount, answer.FailedEntries], [0, []]);
    const replaced = { Id: "a", Arn: "arn:aws:sqs:us-east-1:000000000000:new" };
    await events.send(new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets: [replaced] }));

    const list = { Rule: rule, EventBusName: bus, Limit: 1 };
    const first = await events.send(new ListTargetsByRuleCommand(list));
    assert.deepEqual(first.Targets, [replaced]);
    const second = await events.send(new ListTargetsByRuleCommand({ ...list, NextToken: first.NextToken }));
    assert.deepEqual([second.Targets, second.NextToken], [[full], undefined]);

    const names = (TargetArn: string) =>
      events.send(new ListRuleNamesByTargetCommand({ TargetArn, EventBusName: bus }));
    assert.deepEqual((await names(full.Arn ?? "")).RuleNames, [rule]);
    assert.deepEqual((await names("arn:aws:sqs:us-east-1:000000000000:old")).RuleNames, []);
  });

  test("a rule has at most five targets", async () => {
    const { bus, rule } = await busTo();
    const Targets = Array.from({ length: 6 }, (_, i) => ({ Id: `${i}`, Arn: "arn:aws:sqs:us-east-1:000000000000:q" }));
    await assert.rejects(events.send(new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets })), {
      name: "LimitExceededException",
      message: "The requested resource exceeds the maximum number allowed.",
    });
    assert.deepEqual((await events.send(new ListTargetsByRuleCommand({ Rule: rule, EventBusName: bus }))).Targets, []);
  });

  const Arn = "arn:aws:sqs:us-east-1:000000000000:q";
  for (const [target, message] of [
    [{ Arn: "no-arn" }, "Parameter no-arn is not valid. Reason: Provided Arn is not in correct format."],
    [
      { Arn, Input: "{}", InputPath: "$.detail" },
      "Only one of Input, InputPath, or InputTransformer must be provided for target 1.",
    ],
    [{ Arn, Input: "{" }, "JSON syntax error in input for target 1."],
    [{ Arn, InputPath: "detail" }, "Invalid InputPath for target 1 : detail."],
    [
      { Arn, InputTransformer: { InputPathsMap: { a: "$.detail" }, InputTemplate: '"<b>"' } },
      "InputTemplate for target 1 contains invalid placeholder b.",
    ],
    [
      { Arn, InputTransformer: { InputPathsMap: { a: "detail" }, InputTemplate: '"<a>"' } },
      "Invalid InputPath for target 1 : detail.",
    ],
    [{ Arn: `${Arn}.fifo` }, "Parameter(s) SqsParameters must be specified for target: 1."],
    [
      { Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/s", KinesisParameters: { PartitionKeyPath: "id" } },
      "Invalid PartitionKeyPath for target 1: id.",
    ],
    [
      { Arn, DeadLetterConfig: { Arn: "arn:aws:sqs:eu-west-1:000000000000:dead" } },
      "Parameter DeadLetterConfig.Arn for target 1 is not valid. Reason: It must be a standard SQS queue in the Region of the rule.",
    ],
    [
      { Arn: "arn:aws:events:us-east-1:111122223333:event-bus/b", Input: "{}" },
      "Input, InputPath and InputTransformer are not supported for target 1 in another account.",
    ],
  ] as const) {
    test(`refused: ${message}`, async () => {
      const { bus, rule } = await busTo();
      const Targets = [
        { Id: "0", Arn },
        { Id: "1", ...target },
      ];
      await assert.rejects(events.send(new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets })), {
        name: "ValidationException",
        message,
      });
      assert.deepEqual(
        (await events.send(new ListTargetsByRuleCommand({ Rule: rule, EventBusName: bus }))).Targets,
        [],
      );
    });
  }
});

suite("routing", () => {
  test("each target gets its own shape of the event", async () => {
    const [whole, constant, part, shaped] = [await queue(), await queue(), await queue(), await queue()];
    const { bus, rule } = await busTo(
      { Id: "1", Arn: whole.arn },
      { Id: "2", Arn: constant.arn, Input: '{"fixed":true}' },
      { Id: "3", Arn: part.arn, InputPath: "$.detail-type" },
      {
        Id: "4",
        Arn: shaped.arn,
        InputTransformer: {
          InputPathsMap: { id: "$.detail.id" },
          InputTemplate: '{"order":<id>,"rule":<aws.events.rule-name>}',
        },
      },
    );
    const [id] = await put({ ...order, EventBusName: bus });
    assert.equal(JSON.parse((await bodies(whole.url))[0] ?? "{}").id, id);
    assert.deepEqual(await bodies(constant.url), ['{"fixed":true}']);
    assert.deepEqual(await bodies(part.url), ['"order placed"']);
    assert.deepEqual(await bodies(shaped.url), [`{"order":7,"rule":"${rule}"}`]);
  });

  test("an input path that selects nothing, and a template that comes to no JSON, deliver nothing", async () => {
    const { url, arn } = await queue();
    const dead = await queue();
    const DeadLetterConfig = { Arn: dead.arn };
    const InputTransformer = { InputPathsMap: { all: "$.detail" }, InputTemplate: '{"all":"<all>"}' };
    const { bus } = await busTo(
      { Id: "1", Arn: arn, InputPath: "$.detail.none", DeadLetterConfig },
      { Id: "2", Arn: arn, InputTransformer, DeadLetterConfig },
    );
    await put({ ...order, EventBusName: bus });
    assert.deepEqual([await bodies(url), await bodies(dead.url)], [[], []]);
  });

  test("only enabled rules match, and each change counts for the events after it", async () => {
    const { url, arn } = await queue();
    const { bus, rule } = await busTo({ Id: "1", Arn: arn });
    const send = async (name: string) => put({ ...order, Detail: JSON.stringify({ name }), EventBusName: bus });
    const Name = rule;
    const EventBusName = bus;
    await send("enabled");
    await events.send(new DisableRuleCommand({ Name, EventBusName }));
    await send("disabled");
    await events.send(new EnableRuleCommand({ Name, EventBusName }));
    await send("enabled again");
    await events.send(new PutRuleCommand({ Name, EventBusName, EventPattern: '{"source":["bank"]}' }));
    await send("another pattern");
    await events.send(new PutRuleCommand({ Name, EventBusName, EventPattern: PATTERN }));
    await events.send(new RemoveTargetsCommand({ Rule: rule, EventBusName, Ids: ["1"] }));
    await send("no target");
    const names = (await bodies(url)).map((body) => JSON.parse(body).detail.name);
    assert.deepEqual(names.sort(), ["enabled", "enabled again"]);
  });

  test("events go to a stream by the partition key's path, or else by their id", async () => {
    const StreamName = fresh("stream");
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    await server.advance("PT1M");
    const Arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
    const { bus } = await busTo(
      { Id: "1", Arn, KinesisParameters: { PartitionKeyPath: "$.detail.customer" } },
      { Id: "2", Arn },
    );
    const [id] = await put({ ...order, Detail: '{"customer":"c-1"}', EventBusName: bus });
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    assert.deepEqual(
      Records.map(({ PartitionKey }) => PartitionKey),
      ["c-1", id],
    );
  });

  test("a FIFO queue gets its message group", async () => {
    const { url, arn } = await queue({ FifoQueue: "true", ContentBasedDeduplication: "true" });
    const { bus } = await busTo({ Id: "1", Arn: arn, SqsParameters: { MessageGroupId: "orders" } });
    await put({ ...order, EventBusName: bus });
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ["MessageGroupId"] }),
    );
    assert.equal(Messages?.[0]?.Attributes?.MessageGroupId, "orders");
  });

  for (const [title, target, code] of [
    ["a target that is gone", "arn:aws:sqs:us-east-1:000000000000:gone", "NO_RESOURCE"],
    ["a target of a service that is not built", "arn:aws:states:us-east-1:000000000000:stateMachine:x", "NO_RESOURCE"],
    ["a bus that is gone", busArn("gone"), "NO_RESOURCE"],
  ] as const) {
    test(`${title} is a dead letter at once, with the event as it was`, async () => {
      const dead = await queue();
      const { bus, rule } = await busTo({
        Id: "1",
        Arn: target,
        DeadLetterConfig: { Arn: dead.arn },
        ...shapedFor(target),
      });
      const [id] = await put({ ...order, EventBusName: bus });
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: dead.url, MessageAttributeNames: ["All"] }),
      );
      assert.equal(JSON.parse(Messages[0]?.Body ?? "{}").id, id);
      const { ERROR_MESSAGE: _, ...attributes } = Messages[0]?.MessageAttributes ?? {};
      assert.deepEqual(
        Object.fromEntries(
          Object.entries(attributes).map(([name, { DataType, StringValue }]) => [name, `${DataType} ${StringValue}`]),
        ),
        {
          RULE_ARN: `String arn:aws:events:us-east-1:000000000000:rule/${bus}/${rule}`,
          TARGET_ARN: `String ${target}`,
          ERROR_CODE: `String ${code}`,
          RETRY_ATTEMPTS: "String 0",
        },
      );
    });
  }

  test("a queue that was deleted after it became a target does not hold up the others", async () => {
    const [kept, gone] = [await queue(), await queue()];
    const { bus } = await busTo({ Id: "1", Arn: gone.arn }, { Id: "2", Arn: kept.arn });
    await sqs.send(new DeleteQueueCommand({ QueueUrl: gone.url }));
    await put({ ...order, EventBusName: bus });
    assert.equal((await bodies(kept.url)).length, 1);
  });

  test("one account's events reach no other account's rules", async () => {
    const { url, arn } = await queue();
    const Name = fresh("rule");
    await events.send(new PutRuleCommand({ Name, EventPattern: '{"source":["private"]}' }));
    await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "1", Arn: arn }] }));
    await others.send(new PutEventsCommand({ Entries: [{ ...order, Source: "private" }] }));
    await put({ ...order, Source: "private" });
    assert.deepEqual(
      (await bodies(url)).map((body) => JSON.parse(body).account),
      ["000000000000"],
    );
  });
});

/** Shaping must not show in a dead letter. */
function shapedFor(target: string): Partial<Target> {
  return target.includes("event-bus") ? {} : { Input: '{"fixed":true}' };
}

suite("from bus to bus", () => {
  test("an event re-enters another bus as it was", async () => {
    const { url, arn } = await queue();
    const second = await busTo({ Id: "1", Arn: arn });
    const first = await busTo({ Id: "1", Arn: busArn(second.bus) });
    const [id] = await put({ ...order, Time: new Date("2026-01-02T03:04:05Z"), EventBusName: first.bus });
    const [body = "{}"] = await bodies(url);
    const { id: arrivedId, time, detail } = JSON.parse(body);
    assert.deepEqual([arrivedId, time, detail], [id, "2026-01-02T03:04:05Z", { id: 7 }]);
  });

  test("a loop of rules ends after one further hop", async () => {
    const [seen, dead] = [await queue(), await queue()];
    const { bus, rule } = await busTo({ Id: "1", Arn: seen.arn });
    const loop = { Id: "2", Arn: busArn(bus), DeadLetterConfig: { Arn: dead.arn } };
    await events.send(new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets: [loop] }));
    await put({ ...order, EventBusName: bus });
    assert.equal((await bodies(seen.url)).length, 3);
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dead.url, MessageAttributeNames: ["All"] }),
    );
    assert.deepEqual(
      Messages.map(({ MessageAttributes }) => MessageAttributes?.ERROR_CODE?.StringValue),
      ["THIRD_ACCOUNT_HOP_DETECTED"],
    );
  });

  test("another account's bus asks its policy, and passes nothing on to a third account", async () => {
    const dead = await queue();
    const theirs = fresh("bus");
    await others.send(new CreateEventBusCommand({ Name: theirs }));
    const Arn = `arn:aws:events:us-east-1:111122223333:event-bus/${theirs}`;
    const { url, arn } = await queue();
    const back = await busTo({ Id: "1", Arn: arn });
    const { bus } = await busTo({ Id: "1", Arn, DeadLetterConfig: { Arn: dead.arn } });
    await put({ ...order, EventBusName: bus });
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dead.url, MessageAttributeNames: ["All"] }),
    );
    assert.equal(Messages[0]?.MessageAttributes?.ERROR_CODE?.StringValue, "CROSS_ACCOUNT_INGESTION_FAILED");

    const statement = { StatementId: "let", Action: "events:PutEvents" };
    await others.send(new PutPermissionCommand({ ...statement, EventBusName: theirs, Principal: "000000000000" }));
    await events.send(new PutPermissionCommand({ ...statement, EventBusName: back.bus, Principal: "*" }));
    await others.send(new PutRuleCommand({ Name: "back", EventBusName: theirs, EventPattern: PATTERN }));
    const Targets = [{ Id: "1", Arn: busArn(back.bus) }];
    await others.send(new PutTargetsCommand({ Rule: "back", EventBusName: theirs, Targets }));
    await put({ ...order, EventBusName: bus });
    assert.deepEqual(await bodies(url), [], "what began with us is not sent on from there");
    await others.send(new PutEventsCommand({ Entries: [{ ...order, EventBusName: theirs }] }));
    await server.advance("PT0S");
    assert.equal((await bodies(url)).length, 1, "what began with them is");
  });

  test("a shaped event keeps who it is", async () => {
    const { url, arn } = await queue();
    const second = await busTo({ Id: "1", Arn: arn });
    const Input =
      '{"id":"forged","account":"999999999999","source":"shop","detail-type":"changed","detail":{"new":true}}';
    const nested = `${"[".repeat(4000)}${"]".repeat(4000)}`;
    const first = await busTo(
      { Id: "1", Arn: busArn(second.bus), Input },
      { Id: "2", Arn: busArn(second.bus), Input: "{}" },
      { Id: "3", Arn: busArn(second.bus), Input: `{"source":"shop","detail-type":"deep","detail":${nested}}` },
    );
    const [id] = await put({ ...order, EventBusName: first.bus });
    const arrived = (await bodies(url)).map((body) => JSON.parse(body));
    assert.deepEqual(
      arrived.map((event) => [event.id, event.account, event["detail-type"], event.detail]),
      [[id, "000000000000", "changed", { new: true }]],
    );
  });
});

suite("buses", () => {
  test("a bus is shown as it was made and changed", async () => {
    const Name = fresh("bus");
    const DeadLetterConfig = { Arn: "arn:aws:sqs:us-east-1:000000000000:dead" };
    const LogConfig = { Level: "INFO", IncludeDetail: "FULL" } as const;
    const settings = { Description: "orders", KmsKeyIdentifier: "alias/x", DeadLetterConfig, LogConfig };
    const { $metadata: _, ...made } = await events.send(new CreateEventBusCommand({ Name, ...settings }));
    assert.deepEqual(made, { EventBusArn: busArn(Name), ...settings });

    await server.advance("PT1M");
    await events.send(new UpdateEventBusCommand({ Name, Description: "all orders", KmsKeyIdentifier: "" }));
    const { $metadata, CreationTime, LastModifiedTime, ...shown } = await events.send(
      new DescribeEventBusCommand({ Name: busArn(Name) }),
    );
    assert.deepEqual(shown, { Name, Arn: busArn(Name), Description: "all orders", DeadLetterConfig, LogConfig });
    assert.equal((LastModifiedTime?.getTime() ?? 0) - (CreationTime?.getTime() ?? 0), 60_000);
  });

  test("the default bus is there in every account and region, and stays", async () => {
    const faraway = new EventBridgeClient(server.clientOf("other", "eu-west-1"));
    const Arn = "arn:aws:events:eu-west-1:111122223333:event-bus/default";
    assert.equal((await faraway.send(new DescribeEventBusCommand({}))).Arn, Arn);
    assert.deepEqual((await faraway.send(new ListEventBusesCommand({}))).EventBuses, [{ Name: "default", Arn }]);
    await assert.rejects(faraway.send(new DeleteEventBusCommand({ Name: "default" })), {
      name: "ValidationException",
      message: "Cannot delete event bus default.",
    });
    await assert.rejects(faraway.send(new CreateEventBusCommand({ Name: "default" })), {
      name: "ResourceAlreadyExistsException",
    });
    await faraway.send(new UpdateEventBusCommand({ Description: "mine" }));
    assert.equal(
      (await faraway.send(new ListEventBusesCommand({ NamePrefix: "def" }))).EventBuses?.[0]?.Description,
      "mine",
    );
  });

  test("buses are listed by name, a page at a time", async () => {
    const client = new EventBridgeClient(server.clientOf("test", "eu-central-1"));
    for (const Name of ["zeta", "alpha"]) await client.send(new CreateEventBusCommand({ Name }));
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListEventBusesCommand({ Limit: 1, ...(NextToken && { NextToken }) }));
      names.push(...(page.EventBuses ?? []).map(({ Name }) => Name));
      NextToken = page.NextToken;
    } while (NextToken);
    assert.deepEqual(names, ["alpha", "default", "zeta"]);
  });

  test("a bus goes when it has no rules, and its events with it", async () => {
    const { url, arn } = await queue();
    const { bus, rule } = await busTo({ Id: "1", Arn: arn });
    const gone = new DeleteEventBusCommand({ Name: bus });
    await assert.rejects(events.send(gone), { name: "ValidationException" });
    await events.send(new RemoveTargetsCommand({ Rule: rule, EventBusName: bus, Ids: ["1"] }));
    await events.send(new DeleteRuleCommand({ Name: rule, EventBusName: bus }));
    await events.send(gone);
    const noBus = { name: "ResourceNotFoundException", message: `Event bus ${bus} does not exist.` };
    await assert.rejects(events.send(gone), noBus);
    await assert.rejects(events.send(new DescribeEventBusCommand({ Name: bus })), noBus);
    await assert.rejects(events.send(new UpdateEventBusCommand({ Name: bus })), noBus);

    await put({ ...order, EventBusName: bus });
    await events.send(new CreateEventBusCommand({ Name: bus }));
    await events.send(new PutRuleCommand({ Name: rule, EventBusName: bus, EventPattern: PATTERN }));
    await events.send(new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets: [{ Id: "1", Arn: arn }] }));
    const [id] = await put({ ...order, EventBusName: bus });
    assert.deepEqual(
      (await bodies(url)).map((body) => JSON.parse(body).id),
      [id],
    );
  });

  test("what cannot be made is refused", async () => {
    const { bus } = await busTo();
    await assert.rejects(events.send(new CreateEventBusCommand({ Name: bus })), {
      name: "ResourceAlreadyExistsException",
      message: `Event bus ${bus} already exists.`,
    });
    await assert.rejects(events.send(new CreateEventBusCommand({ Name: "a/b" })), { name: "ValidationException" });
    const partner = { Name: "aws.partner/x/y", EventSourceName: "aws.partner/x/y" };
    await assert.rejects(events.send(new CreateEventBusCommand(partner)), {
      name: "ResourceNotFoundException",
      message: "Event source aws.partner/x/y does not exist.",
    });
  });

  test("permissions make up the policy of a bus", async () => {
    const { bus } = await busTo();
    const policy = async () =>
      JSON.parse((await events.send(new DescribeEventBusCommand({ Name: bus }))).Policy ?? "null");
    const statement = { EventBusName: bus, Action: "events:PutEvents" };
    await events.send(new PutPermissionCommand({ ...statement, StatementId: "one", Principal: "111122223333" }));
    const Condition = { Type: "StringEquals", Key: "aws:PrincipalOrgID", Value: "o-1" };
    await events.send(new PutPermissionCommand({ ...statement, StatementId: "all", Principal: "*", Condition }));
    const common = { Effect: "Allow", Action: "events:PutEvents", Resource: busArn(bus) };
    assert.deepEqual(await policy(), {
      Version: "2012-10-17",
      Statement: [
        { Sid: "one", ...common, Principal: { AWS: "arn:aws:iam::111122223333:root" } },
        { Sid: "all", ...common, Principal: "*", Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } },
      ],
    });
    const remove = (StatementId: string) =>
      events.send(new RemovePermissionCommand({ EventBusName: bus, StatementId }));
    await remove("one");
    assert.equal((await policy()).Statement.length, 1);
    await assert.rejects(remove("one"), {
      name: "ResourceNotFoundException",
      message: "Statement with the provided id does not exist.",
    });
    const document = {
      Version: "2012-10-17",
      Statement: [{ Sid: "s", Effect: "Deny", Principal: "*", Action: "events:*" }],
    };
    await events.send(new PutPermissionCommand({ EventBusName: bus, Policy: JSON.stringify(document) }));
    assert.deepEqual(await policy(), document);
    await events.send(new RemovePermissionCommand({ EventBusName: bus, RemoveAllPermissions: true }));
    assert.equal(await policy(), null);
  });

  test("permissions that cannot be are refused", async () => {
    const statement = { Action: "events:PutEvents", Principal: "*", StatementId: "s" };
    const rejects = (input: object, name: string) =>
      assert.rejects(events.send(new PutPermissionCommand(input)), { name });
    for (const missing of ["Action", "Principal", "StatementId"]) {
      await rejects({ ...statement, [missing]: undefined }, "ValidationException");
    }
    await rejects({ ...statement, Action: "events:PutRule" }, "ValidationException");
    await rejects({ ...statement, EventBusName: "none" }, "ResourceNotFoundException");
    await rejects({ Policy: "no policy" }, "ValidationException");
    const nested = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    await rejects({ Policy: `{"Statement":{"Effect":"Allow","Principal":"*"},"x":${nested}}` }, "ValidationException");
    const Statement = Array.from({ length: 200 }, () => ({
      Effect: "Allow",
      Principal: "*",
      Action: "events:PutEvents",
    }));
    await rejects({ Policy: JSON.stringify({ Statement }) }, "PolicyLengthExceededException");
    await assert.rejects(events.send(new RemovePermissionCommand({})), { name: "ValidationException" });
    await assert.rejects(events.send(new RemovePermissionCommand({ EventBusName: "none", StatementId: "s" })), {
      name: "ResourceNotFoundException",
    });
    assert.equal((await events.send(new DescribeEventBusCommand({}))).Policy, undefined);
  });
});

suite("tags", () => {
  test("a bus and a rule keep their tags", async () => {
    const [bus, rule] = [fresh("bus"), fresh("rule")];
    const Tags = [{ Key: "a", Value: "1" }];
    const { EventBusArn } = await events.send(new CreateEventBusCommand({ Name: bus, Tags }));
    const { RuleArn } = await events.send(
      new PutRuleCommand({ Name: rule, EventBusName: bus, EventPattern: PATTERN, Tags }),
    );
    for (const ResourceARN of [EventBusArn, RuleArn]) {
      const tags = async () => (await events.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
      await events.send(
        new TagResourceCommand({
          ResourceARN,
          Tags: [
            { Key: "b", Value: "2" },
            { Key: "a", Value: "3" },
          ],
        }),
      );
      assert.deepEqual(await tags(), [
        { Key: "a", Value: "3" },
        { Key: "b", Value: "2" },
      ]);
      await events.send(new UntagResourceCommand({ ResourceARN, TagKeys: ["a", "unknown"] }));
      assert.deepEqual(await tags(), [{ Key: "b", Value: "2" }]);
    }
  });

  test("tags of what is not there, too many tags and the service's own are refused", async () => {
    const { bus } = await busTo();
    const tag = (ResourceARN: string, Tags = [{ Key: "a", Value: "1" }]) =>
      events.send(new TagResourceCommand({ ResourceARN, Tags }));
    const rule = "arn:aws:events:us-east-1:000000000000:rule/none";
    const noRule = { name: "ResourceNotFoundException", message: "Rule none does not exist on EventBus default." };
    await assert.rejects(tag(rule), noRule);
    await assert.rejects(events.send(new UntagResourceCommand({ ResourceARN: rule, TagKeys: ["a"] })), noRule);
    await assert.rejects(events.send(new ListTagsForResourceCommand({ ResourceARN: rule })), noRule);
    await assert.rejects(tag(busArn("none")), {
      name: "ResourceNotFoundException",
      message: "Event bus none does not exist.",
    });
    await assert.rejects(tag("arn:aws:events:us-east-1:000000000000:archive/none"), {
      name: "ResourceNotFoundException",
    });
    await assert.rejects(tag("none"), { name: "ValidationException" });
    const many = Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: "" }));
    await assert.rejects(tag(busArn(bus), many), { name: "ValidationException" });
    await assert.rejects(tag(busArn(bus), [{ Key: "aws:x", Value: "" }]), { name: "ValidationException" });
    assert.deepEqual((await events.send(new ListTagsForResourceCommand({ ResourceARN: busArn(bus) }))).Tags, []);
  });
});

suite("with enforced limits", async () => {
  const strict = await startTrunkline("--enforce-limits", "--limit", "events.put-events-per-second=100");
  const client = new EventBridgeClient(strict.client);
  const tooMany = {
    name: "LimitExceededException",
    message: "The requested resource exceeds the maximum number allowed.",
  };

  test("an account has a hundred buses, the default one included", async () => {
    for (let i = 0; i < 99; i++) await client.send(new CreateEventBusCommand({ Name: `bus-${i}` }));
    await assert.rejects(client.send(new CreateEventBusCommand({ Name: "one-more" })), tooMany);
  });

  test("a bus has three hundred rules", async () => {
    const rule = (Name: string) => client.send(new PutRuleCommand({ Name, EventPattern: PATTERN }));
    for (let i = 0; i < 300; i++) await rule(`rule-${i}`);
    await assert.rejects(rule("one-more"), tooMany);
    await rule("rule-0");
  });

  test("PutEvents has a rate", async () => {
    const send = async () => (await client.send(new PutEventsCommand({ Entries: [order] }))).FailedEntryCount;
    const outcomes = await Promise.allSettled(Array.from({ length: 101 }, send));
    const throttled = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.name] : []));
    assert.deepEqual(throttled, ["ThrottlingException"]);
    await strict.advance("PT1S");
    assert.equal(await send(), 0);
  });
});
