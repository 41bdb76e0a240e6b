import assert from "node:assert/strict";
import { test } from "node:test";
import { registerStreamConsumer } from "./consumers.ts";
import { getRecords, getShardIterator } from "./get-records.ts";
import { putRecord } from "./put-records.ts";
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy } from "./resource-policies.ts";
import { deleteStream, describeStreamSummary } from "./streams.ts";
import { subscribeToShard } from "./subscribe-to-shard.ts";
import {
  ACCOUNT,
  createStreamNamed,
  OTHER_ACCOUNT,
  openWorld,
  otherAccount,
  rejectsWith,
  type World,
} from "./world.test.ts";

const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;
const Data = Buffer.from("x");

const ALLOW = { Effect: "Allow", Principal: { AWS: OTHER_ACCOUNT }, Action: "kinesis:*", Resource: StreamARN };

async function share(world: World, ...Statement: readonly object[]): Promise<void> {
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  await putResourcePolicy({ ResourceARN: StreamARN, Policy }, world);
}

test("a policy is kept as it came, on a stream and on a consumer", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const { Consumer } = await registerStreamConsumer({ StreamARN, ConsumerName: "c" }, world);
  for (const ResourceARN of [StreamARN, String(Consumer?.ConsumerARN)]) {
    const none = `No resource policy found for resource ARN ${ResourceARN}`;
    await rejectsWith(getResourcePolicy({ ResourceARN }, world), "ResourceNotFoundException", none);
    const Policy = JSON.stringify({ Statement: ALLOW }, null, 2);
    await putResourcePolicy({ ResourceARN, Policy }, world);
    assert.deepEqual(await getResourcePolicy({ ResourceARN }, world), { Policy });
    await deleteResourcePolicy({ ResourceARN }, world);
    await rejectsWith(deleteResourcePolicy({ ResourceARN }, world), "ResourceNotFoundException", none);
  }
  await rejectsWith(
    putResourcePolicy({ ResourceARN: `${StreamARN}2`, Policy: JSON.stringify({ Statement: ALLOW }) }, world),
    "ResourceNotFoundException",
    `Stream calls2 under account ${ACCOUNT} not found.`,
  );
});

test("what is no policy is refused", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const put = (Policy: string) => putResourcePolicy({ ResourceARN: StreamARN, Policy }, world);
  for (const text of ["", "no", "[]", "1", "null", "{}"]) {
    await rejectsWith(put(text), "InvalidArgumentException", "The policy is not a valid JSON policy document.");
  }
  for (const Statement of [{}, { ...ALLOW, Effect: "Maybe" }, [ALLOW, null], { Effect: "Allow", Action: "*" }]) {
    const text = JSON.stringify({ Statement });
    await rejectsWith(put(text), "InvalidArgumentException", /^Each statement of the policy must have/);
  }
  await rejectsWith(put(" ".repeat(20_481)), "InvalidArgumentException", /longer than 20480 characters/);
});

test("another account is let in by a policy alone, and learns nothing without one", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const other = otherAccount(world);
  const write = (arn: string) => putRecord({ StreamARN: arn, PartitionKey: "k", Data }, other);
  const denied = (action: string, arn: string) =>
    `User: arn:aws:iam::${OTHER_ACCOUNT}:root is not authorized to perform: kinesis:${action} on resource: ${arn} because no resource-based policy allows the kinesis:${action} action`;
  await rejectsWith(write(StreamARN), "AccessDeniedException", denied("PutRecord", StreamARN));
  await rejectsWith(write(`${StreamARN}2`), "AccessDeniedException", denied("PutRecord", `${StreamARN}2`));

  await share(world, ALLOW);
  await write(StreamARN);
  const { ShardIterator } = await getShardIterator(
    { StreamARN, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" },
    other,
  );
  assert.equal((await getRecords({ ShardIterator: String(ShardIterator) }, other)).Records?.length, 1);
  const remove = deleteStream({ StreamARN }, other);
  await rejectsWith(remove, "AccessDeniedException", denied("DeleteStream", StreamARN));

  await deleteResourcePolicy({ ResourceARN: StreamARN }, world);
  const read = getRecords({ ShardIterator: String(ShardIterator) }, other);
  await rejectsWith(read, "AccessDeniedException", denied("GetRecords", StreamARN));
});

test("a statement counts by its principal, its action and its effect", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const allows = async (...statements: readonly object[]) => {
    await share(world, ...statements);
    const call = describeStreamSummary({ StreamARN }, otherAccount(world));
    return call.then(
      () => true,
      () => false,
    );
  };
  const yes = [
    ALLOW,
    { ...ALLOW, Principal: "*" },
    { ...ALLOW, Principal: { AWS: [`arn:aws:iam::${OTHER_ACCOUNT}:root`] } },
    { ...ALLOW, Action: ["kinesis:PutRecord", "kinesis:Describe*Summar?"] },
    { ...ALLOW, Action: "*" },
    { ...ALLOW, Resource: ["arn:aws:kinesis:us-east-1:*:stream/ca*"] },
  ];
  for (const statement of yes) assert.equal(await allows(statement), true, JSON.stringify(statement));
  const no = [
    { ...ALLOW, Principal: { AWS: "999999999999" } },
    { ...ALLOW, Principal: { Service: "events.amazonaws.com" } },
    { ...ALLOW, Principal: "someone" },
    { ...ALLOW, Action: "kinesis:Put*" },
    { ...ALLOW, Resource: `${StreamARN}2` },
    { ...ALLOW, Condition: { Bool: { "aws:SecureTransport": "true" } } },
  ];
  for (const statement of no) assert.equal(await allows(statement), false, JSON.stringify(statement));
  assert.equal(await allows(ALLOW, { ...ALLOW, Effect: "Deny", Action: "kinesis:DescribeStreamSummary" }), false);
  assert.equal(await allows(ALLOW, { ...ALLOW, Effect: "Deny", Condition: {} }), false);
  assert.equal(await allows(ALLOW, { ...ALLOW, Effect: "Deny", Principal: { AWS: "999999999999" } }), true);
});

test("a consumer's policy lets another account subscribe", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const { Consumer } = await registerStreamConsumer({ StreamARN, ConsumerName: "c" }, world);
  const ConsumerARN = String(Consumer?.ConsumerARN);
  const subscribe = () =>
    subscribeToShard(
      { ConsumerARN, ShardId: "shardId-000000000000", StartingPosition: { Type: "LATEST" } },
      otherAccount(world),
    );
  await rejectsWith(subscribe(), "AccessDeniedException", /kinesis:SubscribeToShard on resource: .*consumer\/c:/);
  const Policy = JSON.stringify({ Statement: { ...ALLOW, Resource: ConsumerARN } });
  await putResourcePolicy({ ResourceARN: ConsumerARN, Policy }, world);
  await subscribe();
});
