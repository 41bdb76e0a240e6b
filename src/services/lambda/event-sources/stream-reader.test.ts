import assert from "node:assert/strict";
import { test } from "node:test";
import { getEventSourceMapping, updateEventSourceMapping } from "./event-source-mappings.ts";
import { callKinesis, openMappingWorld, type SentEvent, STREAM_ARN, Throttled, textOf } from "./world.test.ts";

function failOn(...bad: readonly string[]): (event: SentEvent) => void {
  return ({ Records }) => {
    if (Records.some((record) => bad.includes(textOf(record)))) throw new Error("no");
  };
}

test("records are sent as they come, in batches, and each once", async () => {
  await using w = await openMappingWorld();
  const uuid = await w.map({ BatchSize: 2 });
  for (const key of ["a", "b", "c"]) await w.put(key);
  await w.settle();
  assert.deepEqual(w.batches.flat(), ["a", "b", "c"]);
  assert(w.batches.every((batch) => batch.length <= 2));
  await w.put("d");
  await w.settle();
  assert.deepEqual(w.batches.at(-1), ["d"]);
  const [record] = w.events.at(-1)?.Records ?? [];
  assert.equal(record?.eventID, `shardId-000000000000:${record?.kinesis?.sequenceNumber}`);
  assert.equal(record?.eventSourceARN, STREAM_ARN);
  assert.equal(record?.invokeIdentityArn, "arn:aws:iam::000000000000:role/r");
  assert.equal((await getEventSourceMapping({ UUID: uuid }, w.context)).LastProcessingResult, "OK");
});

test("from LATEST nothing that was there before is sent", async () => {
  await using w = await openMappingWorld();
  await w.put("before");
  await w.map({ StartingPosition: "LATEST" });
  await w.put("after");
  await w.settle();
  assert.deepEqual(w.batches.flat(), ["after"]);
});

test("from a time, what came before it is not sent", async () => {
  await using w = await openMappingWorld();
  await w.put("before");
  await w.world.advance(60_000);
  const StartingPositionTimestamp = new Date(w.world.clock.now() - 1_000);
  await w.put("after");
  await w.map({ StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp });
  await w.settle();
  assert.deepEqual(w.batches.flat(), ["after"]);
});

test("a batch that is not full waits for its window", async () => {
  await using w = await openMappingWorld();
  await w.map({ BatchSize: 3, MaximumBatchingWindowInSeconds: 10 });
  await w.put("a");
  await w.settle();
  assert.equal(w.batches.length, 0);
  await w.world.advance(9_000);
  await w.put("b");
  await w.settle();
  assert.equal(w.batches.length, 0);
  await w.world.advance(1_000);
  assert.deepEqual(w.batches, [["a", "b"]]);
  for (const key of ["c", "d", "e", "f"]) await w.put(key);
  await w.settle();
  assert.deepEqual(w.batches.slice(1), [["c", "d", "e"]]);
});

test("a batch that fails is tried again later, and holds up its shard alone", async () => {
  await using w = await openMappingWorld({ shards: 2 });
  w.behave(failOn("a"));
  const uuid = await w.map({ BatchSize: 1 });
  // Hash keys of "a" and "c" are in the lower half, that of "b" is in the upper one.
  for (const key of ["a", "b", "c"]) await w.put(key);
  await w.settle();
  assert.deepEqual(w.batches.flat().toSorted(), ["a", "b"]);
  const { LastProcessingResult } = await getEventSourceMapping({ UUID: uuid }, w.context);
  assert.match(String(LastProcessingResult), /^(PROBLEM: Function call failed|OK)$/);
  w.behave(() => null);
  await w.world.advance(1_000);
  assert.deepEqual(w.batches.flat().toSorted(), ["a", "a", "b", "c"]);
});

test("retries end, and the on-failure queue is told where the records are", async () => {
  await using w = await openMappingWorld();
  w.behave(failOn("bad"));
  await w.map({
    BatchSize: 10,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failures" } },
  });
  await w.put("k", "bad");
  await w.settle();
  await w.put("k", "good");
  await w.world.advance(1_000);
  assert.deepEqual(w.batches, [["bad"], ["bad"], ["good"]]);
  const [told] = (await w.drain("failures")).map((body) => JSON.parse(body));
  assert.equal(told.requestContext.condition, "RetryAttemptsExhausted");
  assert.equal(told.requestContext.approximateInvokeCount, 2);
  assert.equal(told.responseContext.functionError, "Unhandled");
  assert.equal(told.KinesisBatchInfo.batchSize, 1);
  assert.equal(told.KinesisBatchInfo.shardId, "shardId-000000000000");
});

test("a poison record is found by halves, and its neighbours are processed", async () => {
  await using w = await openMappingWorld();
  w.behave(failOn("bad"));
  for (const text of ["a", "b", "bad", "c", "d"]) await w.put("k", text);
  await w.map({
    MaximumRetryAttempts: 0,
    BisectBatchOnFunctionError: true,
    DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failures" } },
  });
  await w.settle();
  assert.deepEqual(w.batches, [["a", "b", "bad", "c", "d"], ["a", "b", "bad"], ["a", "b"], ["bad"], ["c", "d"]]);
  const [told, ...others] = (await w.drain("failures")).map((body) => JSON.parse(body));
  assert.deepEqual(others, []);
  assert.equal(told.KinesisBatchInfo.batchSize, 1);
});

test("a function that reports item failures goes on at the first of them", async () => {
  await using w = await openMappingWorld();
  let answers = 0;
  w.behave(({ Records }) => {
    const bad = Records.find((record) => textOf(record) === "c");
    return answers++ === 0 ? { batchItemFailures: [{ itemIdentifier: bad?.kinesis?.sequenceNumber }] } : {};
  });
  for (const text of ["a", "b", "c", "d"]) await w.put("k", text);
  await w.map({ FunctionResponseTypes: ["ReportBatchItemFailures"] });
  await w.settle();
  await w.world.advance(1_000);
  assert.deepEqual(w.batches, [
    ["a", "b", "c", "d"],
    ["c", "d"],
  ]);
});

test("records too old for the mapping are passed over", async () => {
  await using w = await openMappingWorld();
  w.behave(failOn("a"));
  await w.map({
    MaximumRecordAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failures" } },
  });
  await w.put("a");
  await w.settle();
  await w.world.advance(61_000);
  await w.put("b");
  await w.world.advance(60_000);
  assert.deepEqual(w.batches.at(-1), ["b"]);
  const [told] = (await w.drain("failures")).map((body) => JSON.parse(body));
  assert.equal(told.requestContext.condition, "MaximumRecordAgeExceeded");
});

test("only what passes a filter is sent", async () => {
  await using w = await openMappingWorld();
  await w.map({ FilterCriteria: { Filters: [{ Pattern: '{"data":{"a":[{"numeric":[">",1]}]}}' }] } });
  for (const text of ['{"a":1}', '{"a":2}', "no JSON", '{"a":3}']) await w.put("k", text);
  await w.settle();
  assert.deepEqual(w.batches.flat(), ['{"a":2}', '{"a":3}']);
});

test("with a parallelization factor, the records of a key stay in order and other keys go on", async () => {
  await using w = await openMappingWorld();
  w.behave(failOn("stuck 0"));
  await w.map({ ParallelizationFactor: 10, BatchSize: 1 });
  const keys = Array.from({ length: 20 }, (_, i) => `key ${i}`);
  for (const n of [0, 1, 2]) for (const key of keys) await w.put(key, `${key} ${n}`);
  for (const n of [0, 1]) await w.put("stuck", `stuck ${n}`);
  await w.settle();
  const sent = w.batches.flat();
  assert(sent.includes("stuck 0") && !sent.includes("stuck 1"));
  assert(sent.length > 40);
  w.behave(() => null);
  await w.world.advance(1_000);
  for (const key of keys) {
    const own = w.batches.flat().filter((text) => text.startsWith(`${key} `));
    assert.deepEqual(
      own,
      [0, 1, 2].map((n) => `${key} ${n}`),
    );
  }
});

test("another parallelization factor loses nothing", async () => {
  await using w = await openMappingWorld();
  const uuid = await w.map({ ParallelizationFactor: 4 });
  for (let i = 0; i < 20; i++) await w.put(`k${i}`);
  await w.settle();
  await updateEventSourceMapping({ UUID: uuid, ParallelizationFactor: 2 }, w.context);
  for (let i = 20; i < 40; i++) await w.put(`k${i}`);
  await w.settle();
  assert.deepEqual(new Set(w.batches.flat()), new Set(Array.from({ length: 40 }, (_, i) => `k${i}`)));
  assert.equal(w.batches.flat().length, 40);
});

test("children of a split begin when their parent is done", async () => {
  await using w = await openMappingWorld();
  w.behave(failOn("parent"));
  await w.map({});
  await w.put("k", "parent");
  await w.settle();
  const NewStartingHashKey = String(1n << 127n);
  await callKinesis(w, "SplitShard", { StreamName: "s", ShardToSplit: "shardId-000000000000", NewStartingHashKey });
  await w.put("k", "child");
  await w.settle();
  assert.deepEqual(new Set(w.batches.flat()), new Set(["parent"]));
  w.behave(() => null);
  await w.world.advance(60_000);
  assert.deepEqual(w.batches.at(-1), ["child"]);
});

test("a throttled function is asked again, which does not count as an attempt", async () => {
  await using w = await openMappingWorld();
  let calls = 0;
  w.behave(() => {
    if (calls++ < 3) throw new Throttled();
  });
  await w.map({ MaximumRetryAttempts: 0 });
  await w.put("a");
  await w.settle();
  await w.world.advance(1_000);
  await w.world.advance(2_000);
  await w.world.advance(4_000);
  assert.equal(calls, 4);
  await w.put("b");
  await w.settle();
  assert.deepEqual(w.batches.at(-1), ["b"]);
});

test("a mapping that was disabled goes on where it was", async () => {
  await using w = await openMappingWorld();
  const uuid = await w.map({});
  await w.put("a");
  await w.settle();
  const { State } = await updateEventSourceMapping({ UUID: uuid, Enabled: false }, w.context);
  assert.equal(State, "Disabling");
  await w.put("b");
  await w.settle();
  assert.deepEqual(w.batches, [["a"]]);
  await updateEventSourceMapping({ UUID: uuid, Enabled: true }, w.context);
  await w.settle();
  assert.deepEqual(w.batches, [["a"], ["b"]]);
});
