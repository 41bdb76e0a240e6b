import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { pino } from "pino";
import { type App, startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { moveClock } from "../src/control/clock.ts";
import { ManualClock } from "../src/time/clock.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";

const server = await startTrunkline();

let count = 0;

interface Scheduled {
  readonly events: EventBridgeClient;
  readonly rule: string;
  /** What has come since the last look. */
  received(): Promise<readonly string[]>;
  change(more: Partial<PutRuleCommandInput>): Promise<void>;
}

/** A rule on a schedule, and the queue that its events go to. */
async function scheduled(
  ScheduleExpression: string,
  { client }: Pick<TestServer, "client"> = server,
  more: Partial<PutRuleCommandInput> = {},
): Promise<Scheduled> {
  const events = new EventBridgeClient(client);
  const sqs = new SQSClient(client);
  const rule = `tick-${++count}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: rule }));
  const change = async (changes: Partial<PutRuleCommandInput>): Promise<void> => {
    await events.send(new PutRuleCommand({ Name: rule, ScheduleExpression, ...more, ...changes }));
  };
  await change({});
  const Targets = [{ Id: "queue", Arn: `arn:aws:sqs:us-east-1:000000000000:${rule}` }];
  await events.send(new PutTargetsCommand({ Rule: rule, Targets }));
  return {
    events,
    rule,
    change,
    received: () => receive(sqs, QueueUrl),
  };
}

async function receive(sqs: SQSClient, QueueUrl: string | undefined): Promise<readonly string[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ Body }) => Body ?? "");
}

const timesOf = (bodies: readonly string[]): readonly string[] => bodies.map((body) => JSON.parse(body).time).sort();

const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

test("a rate comes each time that it has passed, as the event that is documented", async () => {
  const { received, rule, events } = await scheduled("rate(5 minutes)");
  const startMs = server.app.platform().clock.now();
  await server.advance("PT4M59S");
  assert.deepEqual(await received(), []);
  await server.advance("PT6M");
  const bodies = await received();
  const times = [seconds(startMs + 300_000), seconds(startMs + 600_000)];
  assert.deepEqual(timesOf(bodies), times);
  const { id } = JSON.parse(bodies[0] ?? "");
  assert.equal(
    bodies[0],
    `{"version":"0","id":"${id}","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000",` +
      `"time":"${times[0]}","region":"us-east-1","resources":["arn:aws:events:us-east-1:000000000000:rule/${rule}"],"detail":{}}`,
  );
  const { ScheduleExpression, EventPattern } = await events.send(new DescribeRuleCommand({ Name: rule }));
  assert.deepEqual(
    { ScheduleExpression, EventPattern },
    { ScheduleExpression: "rate(5 minutes)", EventPattern: undefined },
  );
});

test("a cron expression comes at its times, in UTC", async () => {
  const { received } = await scheduled("cron(0/20 * * * ? *)");
  await server.advance("PT1H");
  const times = timesOf(await received());
  assert.equal(times.length, 3);
  for (const time of times) assert.match(time, /:[024]0:00Z$/);
});

test("a rule that is disabled or deleted is silent, and one that is enabled again begins anew", async () => {
  const { received, rule, events } = await scheduled("rate(1 hour)");
  await events.send(new DisableRuleCommand({ Name: rule }));
  await server.advance("PT3H");
  assert.deepEqual(await received(), []);
  await events.send(new EnableRuleCommand({ Name: rule }));
  await server.advance("PT1H");
  assert.equal((await received()).length, 1);
  await events.send(new RemoveTargetsCommand({ Rule: rule, Ids: ["queue"] }));
  await events.send(new DeleteRuleCommand({ Name: rule }));
  await server.advance("PT3H");
  assert.deepEqual(await received(), []);
});

test("a rule that says the same again keeps its beat; one that says something else begins anew", async () => {
  const { received, change } = await scheduled("rate(10 minutes)");
  await server.advance("PT9M");
  await change({ Description: "still every ten minutes" });
  await server.advance("PT1M");
  assert.equal((await received()).length, 1);
  await change({ ScheduleExpression: "rate(1 day)" });
  await server.advance("PT12H");
  assert.deepEqual(await received(), []);
});

test("a rule may have a pattern and a schedule; each brings its events once", async () => {
  const EventPattern = '{"source":["aws.events"]}';
  const { received } = await scheduled("rate(30 minutes)", server, { EventPattern, State: "ENABLED" });
  await server.advance("PT30M");
  const own = (await received()).filter((body) => body.includes(`rule/tick-${count}"`));
  assert.equal(own.length, 1);
});

test("what was due while nothing ran comes once, and the beat goes on", async () => {
  const folder = temporaryFolder();
  const startAt = async (time: string): Promise<App> => {
    const config = readConfig(["--port", "0", "--data", folder, "--clock", "manual"], {});
    return startApp(config, { clock: new ManualClock(Date.parse(time)), log: pino({ level: "silent" }) });
  };
  const clientOf = ({ url }: App): TestServer["client"] => ({ ...server.client, endpoint: url });

  const before = await startAt("2026-03-01T00:10:00Z");
  const { rule } = await scheduled("rate(1 hour)", { client: clientOf(before) });
  await before.close();
  const after = await startAt("2026-03-01T05:30:00Z");
  for (const advance of ["PT0S", "PT1H"]) await moveClock(after.platform(), Buffer.from(JSON.stringify({ advance })));
  const bodies = await receive(new SQSClient(clientOf(after)), `${after.url}/000000000000/${rule}`);
  await after.close();
  assert.deepEqual(timesOf(bodies), ["2026-03-01T01:10:00Z", "2026-03-01T06:10:00Z"]);
});

test("what is no schedule, or on another bus than the default one, is refused", async () => {
  const events = new EventBridgeClient(server.client);
  const refused = [
    "rate(1 minutes)",
    "rate(2 minute)",
    "rate(0 minutes)",
    "rate(5minutes)",
    "rate(5 seconds)",
    "cron(0 12 * * *)",
    "cron(0 12 * * * *)",
    "cron(0 12 ? * ? *)",
    "cron(60 12 * * ? *)",
    "at(2026-01-01T00:00:00)",
    "every day",
  ];
  for (const ScheduleExpression of refused) {
    await assert.rejects(events.send(new PutRuleCommand({ Name: "bad", ScheduleExpression })), {
      name: "ValidationException",
      message: "Parameter ScheduleExpression is not valid.",
    });
  }
});
