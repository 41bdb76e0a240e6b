import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteResourcePolicyCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeAccountSettingsCommand,
  DescribeLimitsCommand,
  DescribeStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  DisableEnhancedMonitoringCommand,
  EnableEnhancedMonitoringCommand,
  GetRecordsCommand,
  GetResourcePolicyCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  ListTagsForResourceCommand,
  ListTagsForStreamCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  PutResourcePolicyCommand,
  RegisterStreamConsumerCommand,
  RemoveTagsFromStreamCommand,
  type ShardIteratorType,
  SplitShardCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  SubscribeToShardCommand,
  type SubscribeToShardCommandOutput,
  type SubscribeToShardEvent,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAccountSettingsCommand,
  UpdateMaxRecordSizeCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
  UpdateStreamRecordDistributionStrategyCommand,
  UpdateStreamWarmThroughputCommand,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from "@aws-sdk/client-kinesis";
import { cbor } from "@smithy/core/cbor";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../src/models/sha256.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";

const server = await startTrunkline();
const kinesis = new KinesisClient(server.client);
const others = new KinesisClient(server.clientOf("other"));

const SHARD_0 = "shardId-000000000000";
const ScalingType = "UNIFORM_SCALING";
const Data = Buffer.from('{"state":"INITIATED"}');

let count = 0;

/** A stream of its own for a test. */
async function stream(
  ShardCount = 1,
  client = kinesis,
): Promise<{ readonly StreamName: string; readonly StreamARN: string }> {
  const StreamName = `stream-${++count}`;
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }));
  return { StreamName, StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}` };
}

async function iterator(
  StreamName: string,
  ShardIteratorType: ShardIteratorType = "TRIM_HORIZON",
  client = kinesis,
): Promise<string> {
  const command = new GetShardIteratorCommand({ StreamName, ShardId: SHARD_0, ShardIteratorType });
  return String((await client.send(command)).ShardIterator);
}

async function read(StreamName: string, client = kinesis): Promise<readonly string[]> {
  const ShardIterator = await iterator(StreamName, "TRIM_HORIZON", client);
  const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map((record) => Buffer.from(record.Data ?? []).toString());
}

async function put(StreamName: string, text: string, client = kinesis): Promise<string> {
  const record = { StreamName, PartitionKey: "contact", Data: Buffer.from(text) };
  return String((await client.send(new PutRecordCommand(record))).SequenceNumber);
}

/** Checks the code that an SDK's error carries, and its words. */
async function fails(call: Promise<unknown>, name: string, message: RegExp): Promise<void> {
  await assert.rejects(call, (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
    assert.equal(error.name, name);
    assert.match(error.message, message);
    assert.equal(error.$metadata?.httpStatusCode, 400);
    return true;
  });
}

suite("streams", () => {
  test("a stream is created, described, listed and deleted", async () => {
    const { StreamName, StreamARN } = await stream(2);
    const waiting = { client: kinesis, maxWaitTime: 20, minDelay: 1 };
    await waitUntilStreamExists(waiting, { StreamName });
    const { StreamDescription } = await kinesis.send(new DescribeStreamCommand({ StreamName }));
    assert.equal(StreamDescription?.StreamARN, StreamARN);
    assert.equal(StreamDescription?.Shards?.length, 2);
    assert(StreamDescription?.StreamCreationTimestamp instanceof Date);
    const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamARN }));
    assert.equal(summary.StreamDescriptionSummary?.OpenShardCount, 2);
    const { StreamNames } = await kinesis.send(new ListStreamsCommand({}));
    assert(StreamNames?.includes(StreamName));
    assert.deepEqual((await others.send(new ListStreamsCommand({}))).StreamNames, []);
    const { OpenShardCount = 0 } = await kinesis.send(new DescribeLimitsCommand({}));
    assert(OpenShardCount >= 2);
    await fails(
      kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 })),
      "ResourceInUseException",
      /already exists/,
    );
    await kinesis.send(new DeleteStreamCommand({ StreamName }));
    await waitUntilStreamNotExists(waiting, { StreamName });
    await fails(kinesis.send(new DescribeStreamCommand({ StreamName })), "ResourceNotFoundException", /not found\.$/);
    await fails(kinesis.send(new DescribeStreamCommand({})), "InvalidArgumentException", /^Either StreamName/);
    await fails(kinesis.send(new DescribeStreamCommand({ StreamName: "" })), "ValidationException", /streamName/);
  });

  test("settings of a stream", async () => {
    const { StreamName, StreamARN } = await stream();
    const key = { StreamName, EncryptionType: "KMS", KeyId: "alias/aws/kinesis" } as const;
    const metrics = { StreamName, ShardLevelMetrics: ["IncomingBytes" as const] };
    await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 72 }));
    await kinesis.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
    await kinesis.send(new UpdateMaxRecordSizeCommand({ StreamARN, MaxRecordSizeInKiB: 2048 }));
    await kinesis.send(new StartStreamEncryptionCommand(key));
    const enabled = await kinesis.send(new EnableEnhancedMonitoringCommand(metrics));
    assert.deepEqual(enabled.DesiredShardLevelMetrics, ["IncomingBytes"]);
    const { StreamDescriptionSummary: described } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName }),
    );
    assert.equal(described?.RetentionPeriodHours, 48);
    assert.equal(described?.MaxRecordSizeInKiB, 2048);
    assert.equal(described?.KeyId, "alias/aws/kinesis");
    assert.deepEqual(described?.EnhancedMonitoring, [{ ShardLevelMetrics: ["IncomingBytes"] }]);
    await kinesis.send(new StopStreamEncryptionCommand(key));
    await kinesis.send(new DisableEnhancedMonitoringCommand(metrics));
    await fails(
      kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 1 })),
      "InvalidArgumentException",
      /^Minimum allowed retention period is 24 hours/,
    );
  });

  test("capacity on demand", async () => {
    const { StreamName, StreamARN } = await stream();
    const StreamModeDetails = { StreamMode: "ON_DEMAND" } as const;
    await kinesis.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails }));
    const auto = { StreamARN, RecordDistributionStrategy: "AUTO" } as const;
    await kinesis.send(new UpdateStreamRecordDistributionStrategyCommand(auto));
    const warm = new UpdateStreamWarmThroughputCommand({ StreamARN, WarmThroughputMiBps: 3 });
    await fails(kinesis.send(warm), "ValidationException", /MinimumThroughputBillingCommitment/);
    const commitment = { MinimumThroughputBillingCommitment: { Status: "ENABLED" } } as const;
    await kinesis.send(new UpdateAccountSettingsCommand(commitment));
    const settings = await kinesis.send(new DescribeAccountSettingsCommand({}));
    assert.equal(settings.MinimumThroughputBillingCommitment?.Status, "ENABLED");
    const warmed = await kinesis.send(warm);
    assert.deepEqual(warmed.WarmThroughput, { TargetMiBps: 3, CurrentMiBps: 3 });
    const split = new SplitShardCommand({ StreamName, ShardToSplit: SHARD_0, NewStartingHashKey: "5" });
    await fails(kinesis.send(split), "ValidationException", /On-Demand mode/);
  });

  test("tags of a stream", async () => {
    const { StreamName, StreamARN: ResourceARN } = await stream();
    await kinesis.send(new AddTagsToStreamCommand({ StreamName, Tags: { team: "a", stage: "dev" } }));
    await kinesis.send(new TagResourceCommand({ ResourceARN, Tags: { team: "b" } }));
    await kinesis.send(new RemoveTagsFromStreamCommand({ StreamName, TagKeys: ["stage"] }));
    const expected = [{ Key: "team", Value: "b" }];
    assert.deepEqual((await kinesis.send(new ListTagsForStreamCommand({ StreamName }))).Tags, expected);
    assert.deepEqual((await kinesis.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags, expected);
    await kinesis.send(new UntagResourceCommand({ ResourceARN, TagKeys: ["team"] }));
    assert.deepEqual((await kinesis.send(new ListTagsForStreamCommand({ StreamName }))).Tags, []);
  });

  test("a policy shares a stream with another account", async () => {
    const { StreamName, StreamARN } = await stream();
    const write = new PutRecordCommand({ StreamARN, PartitionKey: "k", Data });
    await fails(others.send(write), "AccessDeniedException", /is not authorized to perform: kinesis:PutRecord/);
    await fails(
      others.send(new PutRecordCommand({ StreamName, PartitionKey: "k", Data })),
      "ResourceNotFoundException",
      /under account 111122223333 not found/,
    );
    const Statement = {
      Effect: "Allow",
      Principal: { AWS: "111122223333" },
      Action: "kinesis:PutRecord",
      Resource: StreamARN,
    };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await kinesis.send(new PutResourcePolicyCommand({ ResourceARN: StreamARN, Policy }));
    assert.equal((await kinesis.send(new GetResourcePolicyCommand({ ResourceARN: StreamARN }))).Policy, Policy);
    await others.send(write);
    assert.equal((await read(StreamName)).length, 1);
    await kinesis.send(new DeleteResourcePolicyCommand({ ResourceARN: StreamARN }));
    await fails(others.send(write), "AccessDeniedException", /PutRecord/);
  });
});

suite("records", () => {
  test("what is put is read, from where the reader wants", async () => {
    const { StreamName } = await stream();
    const first = await put(StreamName, "one");
    await server.advance("PT10S");
    const Records = ["two", "three"].map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
    const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    assert.equal(FailedRecordCount, 0);
    const from = async (start: object) => {
      const command = { StreamName, ShardId: SHARD_0, ...start } as ConstructorParameters<
        typeof GetShardIteratorCommand
      >[0];
      const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(command));
      const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator: String(ShardIterator) }));
      return Records.map((record) => Buffer.from(record.Data ?? []).toString());
    };
    const StartingSequenceNumber = first;
    const Timestamp = new Date(server.app.platform().clock.now() - 5000);
    assert.deepEqual(await from({ ShardIteratorType: "TRIM_HORIZON" }), ["one", "two", "three"]);
    assert.deepEqual(await from({ ShardIteratorType: "LATEST" }), []);
    assert.deepEqual(await from({ ShardIteratorType: "AT_TIMESTAMP", Timestamp }), ["two", "three"]);
    const at = { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber };
    assert.deepEqual(await from(at), ["one", "two", "three"]);
    assert.deepEqual(await from({ ...at, ShardIteratorType: "AFTER_SEQUENCE_NUMBER" }), ["two", "three"]);
    await fails(from({ ...at, ShardIteratorType: "LATEST" }), "InvalidArgumentException", /^Must either specify/);
    const record = await kinesis.send(new GetRecordsCommand({ ShardIterator: await iterator(StreamName), Limit: 1 }));
    assert.equal(record.Records?.[0]?.SequenceNumber, first);
    assert(record.Records?.[0]?.ApproximateArrivalTimestamp instanceof Date);
    assert.equal(record.MillisBehindLatest, 10_000);
  });

  test("an iterator expires after five minutes, and a forged one is invalid", async () => {
    const { StreamName } = await stream();
    const ShardIterator = await iterator(StreamName);
    await server.advance("PT5M1S");
    const expired = kinesis.send(new GetRecordsCommand({ ShardIterator }));
    await fails(expired, "ExpiredIteratorException", /tolerated delay of 300000 milliseconds/);
    const forged = kinesis.send(new GetRecordsCommand({ ShardIterator: "forged" }));
    await fails(forged, "InvalidArgumentException", /^Invalid ShardIterator\.$/);
  });

  test("records are gone after the retention period, wherever the clock goes", async () => {
    const { StreamName } = await stream();
    await put(StreamName, "old");
    await server.advance("P760D");
    assert.deepEqual(await read(StreamName), []);
    await put(StreamName, "new");
    assert.deepEqual(await read(StreamName), ["new"]);
  });

  test("a dry run writes nothing", async () => {
    const { StreamName } = await stream();
    const dry = new PutRecordCommand({ StreamName, PartitionKey: "k", Data, DryRun: true });
    await fails(kinesis.send(dry), "DryRunOperationException", /DryRun/);
    assert.deepEqual(await read(StreamName), []);
  });

  test("records and shards survive a restart", async () => {
    const data = temporaryFolder();
    const first = await startTrunkline("--data", data);
    const before = new KinesisClient(first.client);
    const { StreamName } = await stream(1, before);
    await put(StreamName, "one", before);
    const ShardIterator = await iterator(StreamName, "TRIM_HORIZON", before);
    before.destroy();
    await first.close();

    const second = await startTrunkline("--data", data);
    const after = new KinesisClient(second.client);
    const { Records } = await after.send(new GetRecordsCommand({ ShardIterator }));
    assert.equal(Records?.length, 1);
    const number = await put(StreamName, "two", after);
    assert(BigInt(number) > BigInt(String(Records?.[0]?.SequenceNumber)));
    assert.deepEqual(await read(StreamName, after), ["one", "two"]);
    after.destroy();
    await second.close();
  });

  test("the same as CBOR", async () => {
    const { StreamName } = await stream();
    const answer = await callAsCbor("PutRecord", { StreamName, PartitionKey: "k", Data });
    assert.equal(answer.ShardId, SHARD_0);
    const ShardIterator = await iterator(StreamName);
    const { Records } = await callAsCbor("GetRecords", { ShardIterator });
    assert.deepEqual(Buffer.from(Records[0].Data), Data);
    const failed = await callAsCbor("PutRecord", { StreamName: "none", PartitionKey: "k", Data });
    assert.equal(failed.__type, "ResourceNotFoundException");
  });
});

/** As the Java SDKs call. */
// biome-ignore lint/suspicious/noExplicitAny: the answer is whatever CBOR says.
async function callAsCbor(operation: string, input: object): Promise<any> {
  const { credentials, region } = server.client;
  const signer = new SignatureV4({ credentials, region, service: "kinesis", sha256: Sha256 });
  const { hostname, port, host } = new URL(server.url);
  const contentType = "application/x-amz-cbor-1.1";
  const signed = await signer.sign({
    method: "POST",
    protocol: "http:",
    hostname,
    port: Number(port),
    path: "/",
    headers: { host, "content-type": contentType, "x-amz-target": `Kinesis_20131202.${operation}` },
    body: cbor.serialize(input),
  });
  const answer = await fetch(server.url, { method: "POST", headers: signed.headers, body: signed.body });
  assert.equal(answer.headers.get("content-type"), contentType);
  return cbor.deserialize(new Uint8Array(await answer.arrayBuffer()));
}

suite("shards", () => {
  test("splitting, merging and scaling keep parents readable", async () => {
    const { StreamName } = await stream();
    await put(StreamName, "before");
    const NewStartingHashKey = String(1n << 127n);
    await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit: SHARD_0, NewStartingHashKey }));
    const parent = await kinesis.send(new GetRecordsCommand({ ShardIterator: await iterator(StreamName) }));
    assert.equal(parent.Records?.length, 1);
    assert.equal(parent.NextShardIterator, undefined);
    const [low = "", high = ""] = (parent.ChildShards ?? []).map((child) => String(child.ShardId));
    await kinesis.send(new MergeShardsCommand({ StreamName, ShardToMerge: low, AdjacentShardToMerge: high }));
    const scaled = await kinesis.send(new UpdateShardCountCommand({ StreamName, TargetShardCount: 2, ScalingType }));
    assert.deepEqual([scaled.CurrentShardCount, scaled.TargetShardCount], [1, 2]);
    const open = await kinesis.send(new ListShardsCommand({ StreamName, ShardFilter: { Type: "AT_LATEST" } }));
    assert.equal(open.Shards?.length, 2);
    const first = await kinesis.send(new ListShardsCommand({ StreamName, MaxResults: 4 }));
    const rest = await kinesis.send(new ListShardsCommand({ NextToken: String(first.NextToken) }));
    assert.equal((first.Shards?.length ?? 0) + (rest.Shards?.length ?? 0), 6);
    await server.advance("PT5M1S");
    const expired = kinesis.send(new ListShardsCommand({ NextToken: String(first.NextToken) }));
    await fails(expired, "ExpiredNextTokenException", /NextToken expired/);
    const again = kinesis.send(new UpdateShardCountCommand({ StreamName, TargetShardCount: 5, ScalingType }));
    await fails(again, "LimitExceededException", /^UpdateShardCount cannot scale up over double/);
  });
});

suite("enhanced fan-out", () => {
  test("consumers are registered, described, listed and deregistered", async () => {
    const { StreamARN } = await stream();
    const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
    const ConsumerARN = String(Consumer?.ConsumerARN);
    const described = await kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
    assert.equal(described.ConsumerDescription?.ConsumerStatus, "ACTIVE");
    const { Consumers } = await kinesis.send(new ListStreamConsumersCommand({ StreamARN }));
    assert.deepEqual(
      Consumers?.map((consumer) => consumer.ConsumerName),
      ["c"],
    );
    const again = kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
    await fails(again, "ResourceInUseException", /already exists/);
    await kinesis.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
    const gone = kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
    await fails(gone, "ResourceNotFoundException", /not found/);
  });

  const clients = {
    "HTTP/2": kinesis,
    "HTTP/1.1": new KinesisClient({ ...server.client, requestHandler: new NodeHttpHandler() }),
  };
  for (const [protocol, client] of Object.entries(clients)) {
    test(`records are pushed live over ${protocol}, until the shard ends`, async () => {
      const { StreamName, StreamARN } = await stream();
      const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
      const ConsumerARN = String(Consumer?.ConsumerARN);
      const subscribe = new SubscribeToShardCommand({
        ConsumerARN,
        ShardId: SHARD_0,
        StartingPosition: { Type: "LATEST" },
      });
      const events = eventsOf(await client.send(subscribe));
      await fails(client.send(subscribe), "ResourceInUseException", /^Another active subscription exists/);
      for (const text of ["one", "two"]) {
        const next = events.next();
        await put(StreamName, text);
        const { value } = await next;
        assert.deepEqual(
          value?.Records?.map((record) => Buffer.from(record.Data ?? []).toString()),
          [text],
        );
      }
      const end = events.next();
      const NewStartingHashKey = "1000";
      await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit: SHARD_0, NewStartingHashKey }));
      assert.equal((await end).value?.ChildShards?.length, 2);
      assert.equal((await events.next()).done, true);
    });
  }

  test("a subscription ends with the exception that says why", async () => {
    const { StreamARN } = await stream();
    const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
    const ConsumerARN = String(Consumer?.ConsumerARN);
    const StartingPosition = { Type: "LATEST" } as const;
    const command = new SubscribeToShardCommand({ ConsumerARN, ShardId: SHARD_0, StartingPosition });
    const waiting = eventsOf(await kinesis.send(command)).next();
    waiting.catch(() => {});
    await kinesis.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
    await assert.rejects(waiting, { name: "ResourceNotFoundException", message: `Consumer ${ConsumerARN} not found.` });
  });
});

async function* eventsOf(answer: SubscribeToShardCommandOutput): AsyncGenerator<SubscribeToShardEvent, undefined> {
  for await (const event of answer.EventStream ?? []) {
    if (event.SubscribeToShardEvent !== undefined) yield event.SubscribeToShardEvent;
  }
}

suite("enforced limits", () => {
  test("rates and quotas throttle with the documented errors", async () => {
    const limited = await startTrunkline(
      "--enforce-limits",
      "--limit",
      "kinesis.shards=3",
      "--limit",
      "kinesis.shard-records-per-second=2",
    );
    const client = new KinesisClient(limited.client);
    const { StreamName } = await stream(2, client);
    const more = client.send(new CreateStreamCommand({ StreamName: "more", ShardCount: 2 }));
    await fails(more, "LimitExceededException", /would exceed the shard limit for the account/);
    await put(StreamName, "one", client);
    await put(StreamName, "two", client);
    const third = put(StreamName, "three", client);
    await fails(third, "ProvisionedThroughputExceededException", /^Rate exceeded for shard shardId-/);
    await client.send(new DescribeLimitsCommand({}));
    const second = client.send(new DescribeLimitsCommand({}));
    await fails(second, "LimitExceededException", /^Rate exceeded under account/);
    await limited.advance("PT1S");
    await put(StreamName, "three", client);
    client.destroy();
    await limited.close();
  });
});
