import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  CancelReplayCommand,
  CreateArchiveCommand,
  type CreateArchiveCommandInput,
  CreateEventBusCommand,
  DeleteArchiveCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListArchivesCommand,
  ListReplaysCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
  type StartReplayCommandInput,
  UpdateArchiveCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const events = new EventBridgeClient(server.client);
const others = new EventBridgeClient(server.clientOf("other"));
const sqs = new SQSClient(server.client);

const SHOP = '{"source":["shop"]}';
const order: PutEventsRequestEntry = { Source: "shop", DetailType: "order placed", Detail: '{"id":7.0}' };
const ARN = "arn:aws:events:us-east-1:000000000000";

let count = 0;
const fresh = (what: string): string => `${what}-${++count}`;

async function put(...entries: readonly PutEventsRequestEntry[]): Promise<readonly string[]> {
  const { Entries = [] } = await events.send(new PutEventsCommand({ Entries: [...entries] }));
  await server.advance("PT0S");
  return Entries.map(({ EventId, ErrorCode }) => EventId ?? ErrorCode ?? "");
}

async function received(url: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return bodies;
    for (const { Body = "", ReceiptHandle } of Messages) {
      bodies.push(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
}

/** A rule of a bus for what the shop says, and the queue that it goes to. */
async function ruleOn(bus: string): Promise<{ readonly name: string; readonly arn: string; readonly url: string }> {
  const name = fresh("rule");
  const { QueueUrl: url = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { RuleArn: arn = "" } = await events.send(
    new PutRuleCommand({ Name: name, EventBusName: bus, EventPattern: SHOP }),
  );
  const Targets = [{ Id: "queue", Arn: `arn:aws:sqs:us-east-1:000000000000:${name}` }];
  await events.send(new PutTargetsCommand({ Rule: name, EventBusName: bus, Targets }));
  return { name, arn, url };
}

/** A bus with an archive. */
async function archived(
  more: Partial<CreateArchiveCommandInput> = {},
): Promise<{ readonly bus: string; readonly archive: string }> {
  const [bus, archive] = [fresh("bus"), fresh("archive")];
  await events.send(new CreateEventBusCommand({ Name: bus }));
  const EventSourceArn = `${ARN}:event-bus/${bus}`;
  await events.send(new CreateArchiveCommand({ ArchiveName: archive, EventSourceArn, ...more }));
  return { bus, archive };
}

function replayOf(
  { bus, archive }: { readonly bus: string; readonly archive: string },
  more: Partial<StartReplayCommandInput> = {},
): StartReplayCommandInput {
  return {
    ReplayName: fresh("replay"),
    EventSourceArn: `${ARN}:archive/${archive}`,
    EventStartTime: new Date("2000-01-01T00:00:00Z"),
    EventEndTime: new Date("2100-01-01T00:00:00Z"),
    Destination: { Arn: `${ARN}:event-bus/${bus}` },
    ...more,
  };
}

const describeArchive = (ArchiveName: string) => events.send(new DescribeArchiveCommand({ ArchiveName }));
const describeReplay = (ReplayName: string | undefined) => events.send(new DescribeReplayCommand({ ReplayName }));

suite("archives", () => {
  test("an archive keeps what matches and counts it, with the managed rule that the real service shows", async () => {
    const { bus, archive } = await archived({
      EventPattern: SHOP,
      Description: "orders",
      KmsKeyIdentifier: "alias/key",
    });
    await put(
      { ...order, EventBusName: bus },
      { ...order, Source: "elsewhere", EventBusName: bus },
      { ...order, EventBusName: bus },
    );
    const { CreationTime, SizeBytes = 0, $metadata: _, ...shown } = await describeArchive(archive);
    assert.ok(CreationTime);
    assert.ok(SizeBytes > 400);
    assert.deepEqual(shown, {
      ArchiveArn: `${ARN}:archive/${archive}`,
      ArchiveName: archive,
      EventSourceArn: `${ARN}:event-bus/${bus}`,
      Description: "orders",
      EventPattern: SHOP,
      KmsKeyIdentifier: "alias/key",
      State: "ENABLED",
      RetentionDays: 0,
      EventCount: 2,
    });

    const rule = { Name: `Events-Archive-${archive}`, EventBusName: bus };
    const { EventPattern, ManagedBy } = await events.send(new DescribeRuleCommand(rule));
    assert.equal(EventPattern, '{"source":["shop"],"replay-name":[{"exists":false}]}');
    assert.equal(ManagedBy, "prod.vhs.events.aws.internal");
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: rule.Name, EventBusName: bus }));
    assert.equal(Targets?.[0]?.Arn, "arn:aws:events:us-east-1:::");
    await assert.rejects(events.send(new DeleteRuleCommand(rule)), { name: "ManagedRuleException" });
    await assert.rejects(events.send(new DeleteEventBusCommand({ Name: bus })), /since it has rules/);
  });

  test("archives are listed by name, by bus and by state, page by page", async () => {
    const { bus, archive } = await archived();
    const second = `${archive}-b`;
    const EventSourceArn = `${ARN}:event-bus/${bus}`;
    await events.send(new CreateArchiveCommand({ ArchiveName: second, EventSourceArn }));
    const list = async (input: object): Promise<readonly unknown[]> => {
      const { Archives = [] } = await events.send(new ListArchivesCommand(input));
      return Archives.map(({ ArchiveName }) => ArchiveName);
    };
    assert.deepEqual(await list({ NamePrefix: archive }), [archive, second]);
    assert.deepEqual(await list({ EventSourceArn }), [archive, second]);
    assert.ok((await list({ State: "ENABLED" })).includes(archive));
    assert.deepEqual(await list({ State: "DISABLED" }), []);
    const { Archives, NextToken } = await events.send(new ListArchivesCommand({ NamePrefix: archive, Limit: 1 }));
    assert.equal(Archives?.length, 1);
    assert.deepEqual(await list({ NamePrefix: archive, Limit: 1, NextToken }), [second]);
    await assert.rejects(list({ NamePrefix: archive, State: "ENABLED" }), /At most one filter/);
  });

  test("an update changes what is given, and what is archived from then on", async () => {
    const { bus, archive } = await archived();
    await events.send(new UpdateArchiveCommand({ ArchiveName: archive, EventPattern: SHOP, Description: "new" }));
    await put({ ...order, EventBusName: bus }, { ...order, Source: "elsewhere", EventBusName: bus });
    const { EventCount, Description, RetentionDays } = await describeArchive(archive);
    assert.deepEqual(
      { EventCount, Description, RetentionDays },
      { EventCount: 1, Description: "new", RetentionDays: 0 },
    );
    await assert.rejects(events.send(new UpdateArchiveCommand({ ArchiveName: archive })), {
      name: "ValidationException",
      message: "At least one of EventPattern, RetentionDays or Description must be provided.",
    });
    const bad = new UpdateArchiveCommand({ ArchiveName: archive, EventPattern: "{" });
    await assert.rejects(events.send(bad), { name: "InvalidEventPatternException" });
  });

  test("what is past its retention is not replayed, and goes in the end", async () => {
    const { bus, archive } = await archived({ RetentionDays: 1 });
    const { url } = await ruleOn(bus);
    await put({ ...order, EventBusName: bus });
    await server.advance("PT20H");
    const [kept] = await put({ ...order, EventBusName: bus });
    await received(url);
    await server.advance("PT5H");
    await events.send(new StartReplayCommand(replayOf({ bus, archive })));
    await server.advance("PT1S");
    assert.deepEqual(
      (await received(url)).map((body) => JSON.parse(body).id),
      [kept],
    );
    await server.advance("P3D");
    const { EventCount, SizeBytes } = await describeArchive(archive);
    assert.deepEqual({ EventCount, SizeBytes }, { EventCount: 0, SizeBytes: 0 });
  });

  test("a deleted archive is gone with its rule and its events; one of its name starts empty", async () => {
    const { bus, archive } = await archived();
    await put({ ...order, EventBusName: bus });
    await events.send(new DeleteArchiveCommand({ ArchiveName: archive }));
    const gone = { name: "ResourceNotFoundException", message: `Archive ${archive} does not exist.` };
    await assert.rejects(describeArchive(archive), gone);
    await assert.rejects(events.send(new DeleteArchiveCommand({ ArchiveName: archive })), gone);
    await assert.rejects(events.send(new UpdateArchiveCommand({ ArchiveName: archive, Description: "x" })), gone);
    const create = { ArchiveName: archive, EventSourceArn: `${ARN}:event-bus/${bus}` };
    await events.send(new CreateArchiveCommand(create));
    assert.equal((await describeArchive(archive)).EventCount, 0);
    await assert.rejects(events.send(new CreateArchiveCommand(create)), {
      name: "ResourceAlreadyExistsException",
      message: `Archive ${archive} already exists.`,
    });
    await events.send(new DeleteArchiveCommand({ ArchiveName: archive }));
    await events.send(new DeleteEventBusCommand({ Name: bus }));
  });

  test("a bus that is not there, or another account's, has no archive", async () => {
    const { bus, archive } = await archived();
    const create = (EventSourceArn: string) => new CreateArchiveCommand({ ArchiveName: fresh("a"), EventSourceArn });
    await assert.rejects(events.send(create(`${ARN}:event-bus/nowhere`)), {
      name: "ResourceNotFoundException",
      message: "Event bus nowhere does not exist.",
    });
    await assert.rejects(others.send(create(`${ARN}:event-bus/${bus}`)), { name: "ResourceNotFoundException" });
    await assert.rejects(others.send(new DescribeArchiveCommand({ ArchiveName: archive })), /does not exist/);
  });
});

suite("replays", () => {
  test("events come again, as they were but for the replay's name, in the order of their times, and are not archived again", async () => {
    const { bus, archive } = await archived();
    const { url } = await ruleOn(bus);
    const at = (minute: number): PutEventsRequestEntry => ({
      ...order,
      EventBusName: bus,
      Time: new Date(Date.parse("2026-01-01T00:00:00Z") + minute * 60_000),
    });
    await put(at(9), at(1), at(5), at(2));
    const bodies = await received(url);
    const replay = replayOf(
      { bus, archive },
      {
        EventStartTime: new Date("2026-01-01T00:01:00Z"),
        EventEndTime: new Date("2026-01-01T00:05:00Z"),
        Description: "again",
      },
    );
    const { ReplayArn, State } = await events.send(new StartReplayCommand(replay));
    assert.deepEqual({ ReplayArn, State }, { ReplayArn: `${ARN}:replay/${replay.ReplayName}`, State: "STARTING" });
    await server.advance("PT1S");

    const [, one, five, two] = bodies as [string, string, string, string];
    const again = (body: string): string => `${body.slice(0, -1)},"replay-name":"${replay.ReplayName}"}`;
    assert.deepEqual(await received(url), [again(one), again(two), again(five)]);
    assert.equal((await describeArchive(archive)).EventCount, 4);
    const { ReplayStartTime, ReplayEndTime, $metadata: _, ...shown } = await describeReplay(replay.ReplayName);
    assert.ok(ReplayStartTime && ReplayEndTime);
    assert.deepEqual(shown, {
      ...replay,
      ReplayArn,
      State: "COMPLETED",
      EventLastReplayedTime: new Date("2026-01-01T00:05:00Z"),
    });
  });

  test("only the rules that a replay names get its events", async () => {
    const { bus, archive } = await archived();
    const [wanted, unwanted] = [await ruleOn(bus), await ruleOn(bus)];
    await put({ ...order, EventBusName: bus });
    await received(wanted.url);
    await received(unwanted.url);
    const Destination = { Arn: `${ARN}:event-bus/${bus}`, FilterArns: [wanted.arn] };
    await events.send(new StartReplayCommand(replayOf({ bus, archive }, { Destination })));
    await server.advance("PT1S");
    assert.equal((await received(wanted.url)).length, 1);
    assert.equal((await received(unwanted.url)).length, 0);
  });

  test("a replay of many events moves on in steps and brings each once", async () => {
    const { bus, archive } = await archived();
    const { url } = await ruleOn(bus);
    for (let batch = 0; batch < 25; batch++) {
      await events.send(new PutEventsCommand({ Entries: Array(10).fill({ ...order, EventBusName: bus }) }));
    }
    await server.advance("PT0S");
    const ids = (bodies: readonly string[]): readonly string[] => bodies.map((body) => JSON.parse(body).id).sort();
    const before = ids(await received(url));
    assert.equal(before.length, 250);
    await events.send(new StartReplayCommand(replayOf({ bus, archive })));
    await server.advance("PT1S");
    assert.deepEqual(ids(await received(url)), before);
  });

  test("a replay can be cancelled until it is over", async () => {
    const of = await archived();
    const replay = replayOf(of);
    await events.send(new StartReplayCommand(replay));
    const cancel = () => events.send(new CancelReplayCommand({ ReplayName: replay.ReplayName }));
    assert.equal((await cancel()).State, "CANCELLING");
    await server.advance("PT0S");
    assert.equal((await describeReplay(replay.ReplayName)).State, "CANCELLED");
    await assert.rejects(cancel(), { name: "IllegalStatusException" });
    await assert.rejects(events.send(new CancelReplayCommand({ ReplayName: "nothing" })), {
      name: "ResourceNotFoundException",
      message: "Replay nothing does not exist.",
    });
  });

  test("a replay whose archive is deleted fails and says why", async () => {
    const of = await archived();
    const replay = replayOf(of);
    await events.send(new StartReplayCommand(replay));
    await events.send(new DeleteArchiveCommand({ ArchiveName: of.archive }));
    await server.advance("PT1S");
    const { State, StateReason } = await describeReplay(replay.ReplayName);
    assert.deepEqual({ State, StateReason }, { State: "FAILED", StateReason: "The archive was deleted." });
  });

  test("replays are listed by name, by archive and by state", async () => {
    const of = await archived();
    const replay = replayOf(of);
    await events.send(new StartReplayCommand(replay));
    await server.advance("PT1S");
    const list = async (input: object): Promise<readonly unknown[]> => {
      const { Replays = [] } = await events.send(new ListReplaysCommand(input));
      return Replays.map(({ ReplayName }) => ReplayName);
    };
    assert.deepEqual(await list({ EventSourceArn: replay.EventSourceArn }), [replay.ReplayName]);
    assert.deepEqual(await list({ NamePrefix: replay.ReplayName }), [replay.ReplayName]);
    assert.ok((await list({ State: "COMPLETED" })).includes(replay.ReplayName));
    await assert.rejects(list({ State: "FAILED", NamePrefix: "x" }), /At most one filter/);
  });

  test("what cannot be replayed is refused in the service's words", async () => {
    const of = await archived();
    const second = await archived();
    const foreign = `${ARN}:event-bus/${second.bus}`;
    const cases: readonly [Partial<StartReplayCommandInput>, string][] = [
      [
        { EventEndTime: new Date("2000-01-01T00:00:00Z") },
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
      ],
      [
        { EventSourceArn: `${ARN}:archive/nothing` },
        "Parameter EventSourceArn is not valid. Reason: Archive nothing does not exist.",
      ],
      [
        { Destination: { Arn: foreign } },
        "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.",
      ],
      [
        { Destination: { Arn: `${ARN}:event-bus/${of.bus}`, FilterArns: [`${ARN}:rule/elsewhere`] } },
        `Parameter Destination.FilterArns is not valid. Reason: ${ARN}:rule/elsewhere is no rule of ${ARN}:event-bus/${of.bus}.`,
      ],
    ];
    for (const [more, message] of cases) {
      const start = new StartReplayCommand(replayOf(of, more));
      await assert.rejects(events.send(start), { name: "ValidationException", message });
    }
  });

  test("a name is taken for ever", async () => {
    const replay = replayOf(await archived());
    await events.send(new StartReplayCommand(replay));
    await server.advance("PT1S");
    await assert.rejects(events.send(new StartReplayCommand(replay)), {
      name: "ResourceAlreadyExistsException",
      message: `Replay ${replay.ReplayName} already exists.`,
    });
  });

  test("with enforced limits ten replays run at a time", async () => {
    const enforcing = await startTrunkline("--enforce-limits");
    const client = new EventBridgeClient(enforcing.client);
    const EventSourceArn = `${ARN}:event-bus/default`;
    await client.send(new CreateArchiveCommand({ ArchiveName: "all", EventSourceArn }));
    const start = () => client.send(new StartReplayCommand(replayOf({ bus: "default", archive: "all" })));
    for (let running = 0; running < 10; running++) await start();
    await assert.rejects(start(), { name: "LimitExceededException" });
    await enforcing.advance("PT1S");
    await start();
  });
});
