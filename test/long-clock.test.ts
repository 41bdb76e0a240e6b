/** Twenty-five months pass at once: what was to happen has happened, in order, what has expired is gone, and clients notice nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  ConnectClient,
  CreateInstanceCommand,
  DescribeContactCommand,
  ListContactFlowsCommand,
  StartOutboundVoiceContactCommand,
  StartTaskContactCommand,
} from "@aws-sdk/client-connect";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
  PutRecordCommand,
} from "@aws-sdk/client-kinesis";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const logs = new CloudWatchLogsClient(server.client);
const connect = new ConnectClient(server.client);
const events = new EventBridgeClient(server.client);
const kinesis = new KinesisClient(server.client);
const sqs = new SQSClient(server.client);
const sts = new STSClient(server.client);

const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 25 months and then some. */
const LONG = "P760D";

const startMs = server.app.platform().clock.now();

/** A stream for a day, one for a year; a queue; log groups for a month and for ever, each with something in it. */
async function populateStores(): Promise<void> {
  for (const StreamName of ["day", "year"]) {
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    await putRecord(StreamName, "before");
  }
  await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: "year", RetentionPeriodHours: 8760 }));
  for (const QueueName of ["direct", "routed"]) await sqs.send(new CreateQueueCommand({ QueueName }));
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl("direct"), MessageBody: "before" }));
  for (const logGroupName of ["month", "ever"]) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "all" }));
    await log(logGroupName, "before");
  }
  await logs.send(new PutRetentionPolicyCommand({ logGroupName: "month", retentionInDays: 30 }));
}

const queueUrl = (name: string): string => `${server.url}/000000000000/${name}`;

async function putRecord(StreamName: string, text: string): Promise<void> {
  await kinesis.send(new PutRecordCommand({ StreamName, Data: Buffer.from(text), PartitionKey: "key" }));
}

async function records(StreamName: string): Promise<readonly string[]> {
  const from = { StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from));
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

async function log(logGroupName: string, message: string): Promise<void> {
  const timestamp = server.app.platform().clock.now();
  const logEvents = [{ timestamp, message }];
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: "all", logEvents }));
}

async function logged(logGroupName: string): Promise<readonly string[]> {
  const { events: found = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
  return found.map(({ message }) => message ?? "");
}

async function bodies(name: string): Promise<readonly string[]> {
  const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl(name), MaxNumberOfMessages: 10 });
  const { Messages = [] } = await sqs.send(receive);
  return Messages.map(({ Body }) => Body ?? "");
}

/** Everything from the shop goes to a queue and the stream for a year, and everything about contacts to a log group that keeps it. */
async function addRules(): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName: "contacts" }));
  const rules = [
    { Name: "shop", source: "shop", targets: [arn("sqs", "routed"), arn("kinesis", "stream/year")] },
    { Name: "contacts", source: "aws.connect", targets: [arn("logs", "log-group:contacts")] },
  ];
  for (const { Name, source, targets } of rules) {
    await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [source] }) }));
    const Targets = targets.map((Arn, index) => ({ Id: String(index), Arn }));
    await events.send(new PutTargetsCommand({ Rule: Name, Targets }));
  }
}

async function order(id: number): Promise<void> {
  const Entries = [{ Source: "shop", DetailType: "order", Detail: JSON.stringify({ id }) }];
  await events.send(new PutEventsCommand({ Entries }));
  await server.advance("PT0S");
}

interface Centre {
  readonly InstanceId: string | undefined;
  readonly ContactFlowId: string | undefined;
}

async function newCentre(): Promise<Centre> {
  const IdentityManagementType = "CONNECT_MANAGED";
  const enabled = { InboundCallsEnabled: true, OutboundCallsEnabled: true };
  const { Id: InstanceId } = await connect.send(
    new CreateInstanceCommand({ IdentityManagementType, InstanceAlias: "centre", ...enabled }),
  );
  const ContactFlowTypes = ["CONTACT_FLOW"] as const;
  const { ContactFlowSummaryList: flows = [] } = await connect.send(
    new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: [...ContactFlowTypes] }),
  );
  return { InstanceId, ContactFlowId: flows[0]?.Id };
}

/** Dials somebody who hangs up after twelve hours. */
async function startCall(centre: Centre): Promise<string> {
  const numbers = { DestinationPhoneNumber: "+12065550105", SourcePhoneNumber: "+12065550000" };
  return (await connect.send(new StartOutboundVoiceContactCommand({ ...centre, ...numbers }))).ContactId ?? "";
}

async function startTask(centre: Centre, ScheduledTime?: Date): Promise<string> {
  const task = new StartTaskContactCommand({ ...centre, Name: "task", ...(ScheduledTime && { ScheduledTime }) });
  return (await connect.send(task)).ContactId ?? "";
}

async function describe({ InstanceId }: Centre, ContactId: string) {
  return connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
}

test("25 months pass at once, and every client works on", async () => {
  await populateStores();
  await addRules();
  const centre = await newCentre();
  const task = await startTask(centre);
  const later = await startTask(centre, new Date(startMs + 10 * DAY_MS));
  const phoned = await startCall(centre);
  await order(1);
  assert.deepEqual((await bodies("routed")).length, 1);

  await server.advance(LONG);

  const steps = (await logged("contacts")).map((text) => {
    const { time, detail } = JSON.parse(text);
    return [detail.contactId, detail.eventType, Date.parse(time) - Math.floor(startMs / 1000) * 1000];
  });
  assert.deepEqual(steps, [
    [task, "INITIATED", 0],
    [task, "CONNECTED_TO_SYSTEM", 0],
    [task, "QUEUED", 0],
    [later, "INITIATED", 0],
    [phoned, "INITIATED", 0],
    [phoned, "CONNECTED_TO_SYSTEM", 4000],
    [phoned, "QUEUED", 4000],
    [phoned, "DISCONNECTED", 12 * HOUR_MS + 4000],
    [phoned, "COMPLETED", 12 * HOUR_MS + 4000],
    [task, "DISCONNECTED", 7 * DAY_MS],
    [task, "COMPLETED", 7 * DAY_MS],
    [later, "CONNECTED_TO_SYSTEM", 10 * DAY_MS],
    [later, "QUEUED", 10 * DAY_MS],
    [later, "DISCONNECTED", 17 * DAY_MS],
    [later, "COMPLETED", 17 * DAY_MS],
  ]);

  for (const stream of ["day", "year"]) assert.deepEqual(await records(stream), []);
  for (const queue of ["direct", "routed"]) assert.deepEqual(await bodies(queue), []);
  assert.deepEqual(await logged("month"), []);
  assert.deepEqual(await logged("ever"), ["before"]);
  for (const ContactId of [task, later, phoned])
    await assert.rejects(describe(centre, ContactId), { name: "ResourceNotFoundException" });

  await putRecord("day", "after");
  assert.deepEqual(await records("day"), ["after"]);
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl("direct"), MessageBody: "after" }));
  assert.deepEqual(await bodies("direct"), ["after"]);
  await log("month", "after");
  assert.deepEqual(await logged("month"), ["after"]);
  await order(2);
  for (const texts of [await bodies("routed"), await records("year")]) {
    assert.deepEqual(
      texts.map((text) => JSON.parse(text).detail),
      [{ id: 2 }],
    );
  }
  const again = await startCall(centre);
  await server.advance("PT4S");
  const { Contact } = await describe(centre, again);
  assert.equal(Contact?.ConnectedToSystemTimestamp?.getTime(), startMs + 760 * DAY_MS + 4000);
  assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Account, "000000000000");
});
