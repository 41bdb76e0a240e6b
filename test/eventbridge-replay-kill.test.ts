/**
 * Kills the server (SIGKILL) while replays run: each event of the archive comes to the target once for each replay, and each replay is
 * COMPLETED in the end. `TRUNKLINE_FULL=1` does so many times.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import {
  CreateArchiveCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from "@aws-sdk/client-kinesis";
import { SeededIds } from "../src/time/ids.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 40 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const EVENTS = 300;
const ARN = "arn:aws:events:us-east-1:000000000000";

test("a replay brings each event once, whenever the server is killed", async (t) => {
  const ids = new SeededIds(`replays ${SEED}`);
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const port = new URL(url).port;
  const client = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const events = new EventBridgeClient(client);
  const kinesis = new KinesisClient(client);
  const advance = async (duration: string): Promise<void> => {
    const body = JSON.stringify({ advance: duration });
    const { status } = await sendSigned(url, { service: "trunkline", path: "/_trunkline/clock", body });
    assert.equal(status, 200);
  };

  await kinesis.send(new CreateStreamCommand({ StreamName: "again", ShardCount: 1 }));
  await events.send(new CreateArchiveCommand({ ArchiveName: "all", EventSourceArn: `${ARN}:event-bus/default` }));
  await events.send(new PutRuleCommand({ Name: "again", EventPattern: '{"replay-name":[{"exists":true}]}' }));
  const Targets = [{ Id: "1", Arn: "arn:aws:kinesis:us-east-1:000000000000:stream/again" }];
  await events.send(new PutTargetsCommand({ Rule: "again", Targets }));
  const put: string[] = [];
  for (let batch = 0; batch < EVENTS / 10; batch++) {
    const Entries = Array.from({ length: 10 }, () => ({ Source: "shop", DetailType: "placed", Detail: "{}" }));
    const answer = await events.send(new PutEventsCommand({ Entries }));
    put.push(...(answer.Entries ?? []).map(({ EventId = "" }) => EventId));
  }
  await advance("PT0S");

  for (let round = 0; round < ROUNDS; round++) {
    const start = new StartReplayCommand({
      ReplayName: `replay-${round}`,
      EventSourceArn: `${ARN}:archive/all`,
      EventStartTime: new Date("2000-01-01T00:00:00Z"),
      EventEndTime: new Date("2100-01-01T00:00:00Z"),
      Destination: { Arn: `${ARN}:event-bus/default` },
    });
    await events.send(start);
    const ended = once(server.child, "exit");
    const moved = Promise.allSettled([advance("PT2S")]);
    // The kill is timed by what has come through, so that a busy machine sees the same.
    const wanted = round * EVENTS + Math.floor(ids.random() * EVENTS);
    while ((await recordsOf(kinesis)).length < wanted && (await stateOf(events, round)) !== "COMPLETED");
    server.child.kill("SIGKILL");
    await Promise.all([ended, moved]);
    server = await spawnTrunkline(folder, "--port", port);
    await advance("PT2S");
    assert.equal(await stateOf(events, round), "COMPLETED");
  }

  const came = new Map<string, string[]>();
  for (const text of await recordsOf(kinesis)) {
    const event = JSON.parse(text);
    came.set(event["replay-name"], [...(came.get(event["replay-name"]) ?? []), event.id]);
  }
  assert.equal(came.size, ROUNDS);
  for (const [name, some] of came) assert.deepEqual(some.sort(), [...put].sort(), name);
  const { EventCount } = await events.send(new DescribeArchiveCommand({ ArchiveName: "all" }));
  assert.equal(EventCount, EVENTS);
  t.diagnostic(`seed ${SEED}: ${ROUNDS} kills, ${ROUNDS * EVENTS} events replayed, none lost, none twice`);
});

async function stateOf(events: EventBridgeClient, round: number): Promise<string | undefined> {
  return (await events.send(new DescribeReplayCommand({ ReplayName: `replay-${round}` }))).State;
}

async function recordsOf(kinesis: KinesisClient): Promise<readonly string[]> {
  const from = { StreamName: "again", ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from));
  const texts: string[] = [];
  for (;;) {
    const { Records = [], NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    if (Records.length === 0) return texts;
    texts.push(...Records.map(({ Data }) => Buffer.from(Data ?? []).toString()));
    ShardIterator = NextShardIterator;
  }
}
