import assert from "node:assert/strict";
import { test } from "node:test";
import type { GetQueueAttributesResult } from "@aws-sdk/client-sqs";
import { getEventSourceMapping } from "./event-source-mappings.ts";
import { callSqs, type MappingWorld, openMappingWorld, QUEUE_ARN, textOf } from "./world.test.ts";

async function messagesLeft(w: MappingWorld, name = "q"): Promise<number> {
  const QueueUrl = `http://x/000000000000/${name}`;
  const asked = { QueueUrl, AttributeNames: ["All"] };
  const { Attributes } = (await callSqs(w, "GetQueueAttributes", asked)) as GetQueueAttributesResult;
  return Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
}

test("messages are sent as they come, and deleted when the function has processed them", async () => {
  await using w = await openMappingWorld();
  const uuid = await w.map({ EventSourceArn: QUEUE_ARN });
  await w.send("a");
  await w.settle();
  assert.deepEqual(w.batches, [["a"]]);
  assert.equal(await messagesLeft(w), 0);
  const [record] = w.events[0]?.Records ?? [];
  assert.equal(record?.eventSource, "aws:sqs");
  assert.equal(record?.md5OfBody, "0cc175b9c0f1b6a831c399e269772661");
  assert.deepEqual(Object.keys(record?.attributes as object).toSorted(), [
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "SenderId",
    "SentTimestamp",
  ]);
  const shown = await getEventSourceMapping({ UUID: uuid }, w.context);
  assert.equal(shown.StateTransitionReason, "USER_INITIATED");
  assert.equal(shown.LastProcessingResult, undefined);
});

test("messages that a function failed on come back after their visibility timeout", async () => {
  await using w = await openMappingWorld();
  let calls = 0;
  w.behave(() => {
    if (calls++ === 0) throw new Error("no");
  });
  await w.map({ EventSourceArn: QUEUE_ARN });
  await w.send("a");
  await w.settle();
  assert.equal(await messagesLeft(w), 1);
  await w.world.advance(30_000);
  assert.deepEqual(w.batches, [["a"], ["a"]]);
  assert.equal(await messagesLeft(w), 0);
});

test("of a batch only the messages that failed come back", async () => {
  await using w = await openMappingWorld();
  w.behave(({ Records }) => ({
    batchItemFailures: Records.filter((record) => textOf(record) === "b" && w.batches.length === 1).map((record) => ({
      itemIdentifier: record.messageId,
    })),
  }));
  for (const body of ["a", "b", "c"]) await w.send(body);
  await w.map({ EventSourceArn: QUEUE_ARN, FunctionResponseTypes: ["ReportBatchItemFailures"] });
  await w.settle();
  assert.equal(await messagesLeft(w), 1);
  await w.world.advance(30_000);
  assert.deepEqual(w.batches, [["a", "b", "c"], ["b"]]);
});

test("messages that do not pass the filter are deleted", async () => {
  await using w = await openMappingWorld();
  await w.map({ EventSourceArn: QUEUE_ARN, FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] } });
  for (const body of ['{"a":1}', '{"a":2}', "text"]) await w.send(body);
  await w.settle();
  assert.deepEqual(w.batches.flat(), ['{"a":1}']);
  assert.equal(await messagesLeft(w), 0);
});

test("a batch waits for its window, or until it is full", async () => {
  await using w = await openMappingWorld();
  await w.map({ EventSourceArn: QUEUE_ARN, BatchSize: 20, MaximumBatchingWindowInSeconds: 10 });
  for (let i = 0; i < 15; i++) await w.send(`${i}`);
  await w.settle();
  assert.equal(w.batches.length, 0);
  await w.world.advance(10_000);
  assert.deepEqual(
    w.batches.map((batch) => batch.length),
    [15],
  );
  for (let i = 0; i < 25; i++) await w.send(`${i}`);
  await w.settle();
  assert.deepEqual(
    w.batches.map((batch) => batch.length),
    [15, 20],
  );
});

test("the groups of a FIFO queue stay in order", async () => {
  await using w = await openMappingWorld();
  const QueueName = "q.fifo";
  await callSqs(w, "CreateQueue", {
    QueueName,
    Attributes: { FifoQueue: "true", ContentBasedDeduplication: "true" },
  });
  w.behave(({ Records }) => {
    if (w.batches.length === 1 && Records.some((record) => textOf(record) === "x0")) throw new Error("no");
  });
  await w.map({ EventSourceArn: `${QUEUE_ARN}.fifo`, BatchSize: 1 });
  for (const n of [0, 1, 2]) for (const group of ["x", "y"]) await w.send(`${group}${n}`, group);
  await w.settle();
  assert(!w.batches.flat().includes("x1"));
  await w.world.advance(30_000);
  for (const group of ["x", "y"]) {
    const own = [...new Set(w.batches.flat().filter((text) => text.startsWith(group)))];
    assert.deepEqual(own, [`${group}0`, `${group}1`, `${group}2`]);
  }
});

test("no more batches are with the function than the mapping lets", async () => {
  await using w = await openMappingWorld();
  let with_ = 0;
  let most = 0;
  w.behave(async () => {
    most = Math.max(most, ++with_);
    await new Promise((done) => setImmediate(() => setImmediate(done)));
    with_--;
  });
  for (let i = 0; i < 30; i++) await w.send(`${i}`);
  await w.map({ EventSourceArn: QUEUE_ARN, BatchSize: 1, ScalingConfig: { MaximumConcurrency: 3 } });
  await w.settle();
  assert.equal(w.batches.flat().length, 30);
  assert(most > 1 && most <= 3, `${most}`);
});
