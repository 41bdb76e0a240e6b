import assert from "node:assert/strict";
import { test } from "node:test";
import type { SinkOutcome, SinkRequest } from "../../flow/index.ts";
import { getRecords, getShardIterator } from "./get-records.ts";
import { putResourcePolicy } from "./resource-policies.ts";
import { ACCOUNT, createStreamNamed, OTHER_ACCOUNT, openWorld, readAll, START_MS, type World } from "./world.test.ts";

const ARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;

function request(deliveryId: string, changed: Partial<SinkRequest> = {}): SinkRequest {
  return {
    deliveryId,
    body: `{"id":"${deliveryId}"}`,
    account: ACCOUNT,
    principal: "events.amazonaws.com",
    sourceArn: `arn:aws:events:us-east-1:${ACCOUNT}:rule/r`,
    ...changed,
  };
}

async function send(world: World, ...requests: SinkRequest[]): Promise<readonly SinkOutcome[]> {
  return world.store.commit(async (unit) => (await world.flow.findSink(ARN)?.append?.(unit, ARN, requests)) ?? []);
}

test("what is sent becomes records, by key or else by delivery id", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  assert.deepEqual(await send(world, request("e1", { key: "contact" }), request("e2")), [undefined, undefined]);
  const { ShardIterator } = await getShardIterator(
    { StreamName: "calls", ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" },
    world,
  );
  const { Records } = await getRecords({ ShardIterator: String(ShardIterator) }, world);
  assert.deepEqual(
    Records?.map((record) => [record.PartitionKey, Buffer.from(record.Data ?? []).toString()]),
    [
      ["contact", '{"id":"e1"}'],
      ["e2", '{"id":"e2"}'],
    ],
  );
});

test("a unit that fails leaves no record", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const failing = world.store.commit(async (unit) => {
    await world.flow.findSink(ARN)?.append?.(unit, ARN, [request("e1")]);
    throw new Error("undone");
  });
  await assert.rejects(failing, /undone/);
  assert.deepEqual((await readAll(world, "calls")).texts, []);
});

test("a missing stream is no resource, for good", async () => {
  await using world = await openWorld();
  const [outcome] = await send(world, request("e1"));
  const message = `Stream calls under account ${ACCOUNT} not found.`;
  assert.deepEqual(outcome, { code: "NO_RESOURCE", message, retryable: false });
});

test("another account sends only where a policy shares the stream", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const foreign = { account: OTHER_ACCOUNT };
  const [denied, own] = await send(world, request("e1", foreign), request("e2"));
  assert.equal(denied?.code, "NO_PERMISSIONS");
  assert.equal(denied?.retryable, false);
  assert.equal(own, undefined);
  const Statement = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "kinesis:PutRecord",
    Resource: ARN,
  };
  await putResourcePolicy({ ResourceARN: ARN, Policy: JSON.stringify({ Statement }) }, world);
  assert.deepEqual(await send(world, request("e3", foreign)), [undefined]);
  assert.deepEqual((await readAll(world, "calls")).texts, ['{"id":"e2"}', '{"id":"e3"}']);
});

test("a record that the stream can never take fails alone, for good", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const outcomes = await send(
    world,
    request("e1", { body: "x".repeat(1024 * 1024) }),
    request("e2", { key: "k".repeat(257) }),
    request("e3"),
  );
  assert.deepEqual(
    outcomes.map((outcome) => [outcome?.code, outcome?.retryable]),
    [
      ["INVALID_PARAMETER", false],
      ["INVALID_PARAMETER", false],
      [undefined, undefined],
    ],
  );
});

test("with enforced limits what a shard has no room for may be sent again", async () => {
  await using world = await openWorld({ "kinesis.shard-records-per-second": 2 });
  await createStreamNamed(world, "calls");
  const [, , third] = await send(world, request("e1"), request("e2"), request("e3"));
  assert.deepEqual(third, {
    code: "THROTTLING",
    message: `Rate exceeded for shard shardId-000000000000 in stream calls under account ${ACCOUNT}.`,
    retryable: true,
  });
  assert.equal((await send(world, request("e3")))[0]?.code, "THROTTLING");
  world.clock.moveTo(START_MS + 1000);
  assert.deepEqual(await send(world, request("e3")), [undefined]);
});
