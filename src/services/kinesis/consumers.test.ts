import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deregisterStreamConsumer,
  describeStreamConsumer,
  listStreamConsumers,
  registerStreamConsumer,
} from "./consumers.ts";
import { describeStreamSummary } from "./streams.ts";
import { ACCOUNT, createStreamNamed, openWorld, otherAccount, rejectsWith, START_MS } from "./world.test.ts";

const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;
const ConsumerARN = `${StreamARN}/consumer/reader:${START_MS / 1000}`;

test("a registered consumer is active at once, and described by ARN or by stream and name", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const registered = await registerStreamConsumer({ StreamARN, ConsumerName: "reader" }, world);
  const expected = {
    ConsumerName: "reader",
    ConsumerARN,
    ConsumerStatus: "ACTIVE",
    ConsumerCreationTimestamp: new Date(START_MS),
  };
  assert.deepEqual(registered, { Consumer: expected });
  const references = [{ ConsumerARN }, { StreamARN, ConsumerName: "reader" }, { ConsumerARN, StreamARN }];
  for (const reference of references) {
    const { ConsumerDescription } = await describeStreamConsumer(reference, world);
    assert.deepEqual(ConsumerDescription, { ...expected, StreamARN });
  }
  const { StreamDescriptionSummary } = await describeStreamSummary({ StreamName: "calls" }, world);
  assert.equal(StreamDescriptionSummary?.ConsumerCount, 1);
});

test("what names no consumer is refused", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await registerStreamConsumer({ StreamARN, ConsumerName: "reader" }, world);
  await rejectsWith(
    registerStreamConsumer({ StreamARN, ConsumerName: "reader" }, world),
    "ResourceInUseException",
    `Consumer reader under stream calls already exists for account ${ACCOUNT}.`,
  );
  for (const reference of [{}, { StreamARN }, { ConsumerName: "reader" }]) {
    await rejectsWith(
      describeStreamConsumer(reference, world),
      "InvalidArgumentException",
      "Either ConsumerARN or both StreamARN and ConsumerName should be specified.",
    );
  }
  for (const reference of [
    { ConsumerARN, ConsumerName: "other" },
    { ConsumerARN, StreamARN: `${StreamARN}2` },
  ]) {
    await rejectsWith(
      deregisterStreamConsumer(reference, world),
      "InvalidArgumentException",
      "ConsumerARN, StreamARN and ConsumerName should refer to the same consumer.",
    );
  }
  await rejectsWith(
    describeStreamConsumer({ StreamARN, ConsumerName: "nobody" }, world),
    "ResourceNotFoundException",
    `Consumer nobody under stream calls not found under account ${ACCOUNT}.`,
  );
  for (const arn of [`${StreamARN}/consumer/reader:1`, `${StreamARN}/consumer/x:1`, `${StreamARN}2/consumer/x:1`]) {
    const call = describeStreamConsumer({ ConsumerARN: arn }, world);
    await rejectsWith(call, "ResourceNotFoundException", `Consumer ${arn} not found.`);
  }
  const wrongId = describeStreamConsumer({ ConsumerARN, StreamId: "abcdefghij0123456789-abc" }, world);
  await rejectsWith(wrongId, "ResourceNotFoundException", `Consumer ${ConsumerARN} not found.`);
  const foreign = describeStreamConsumer({ ConsumerARN }, otherAccount(world));
  await rejectsWith(foreign, "AccessDeniedException", /kinesis:DescribeStreamConsumer/);
});

test("a consumer that was registered anew has another ARN", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await registerStreamConsumer({ StreamARN, ConsumerName: "reader" }, world);
  await deregisterStreamConsumer({ ConsumerARN }, world);
  await rejectsWith(describeStreamConsumer({ ConsumerARN }, world), "ResourceNotFoundException", /not found/);
  world.clock.moveTo(START_MS + 1000);
  await registerStreamConsumer({ StreamARN, ConsumerName: "reader" }, world);
  await rejectsWith(describeStreamConsumer({ ConsumerARN }, world), "ResourceNotFoundException", /not found/);
});

test("consumers are listed in pages by name", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await createStreamNamed(world, "texts");
  for (const ConsumerName of ["c", "a", "b"]) await registerStreamConsumer({ StreamARN, ConsumerName }, world);
  const first = await listStreamConsumers({ StreamARN, MaxResults: 2 }, world);
  assert.deepEqual(
    first.Consumers?.map((consumer) => consumer.ConsumerName),
    ["a", "b"],
  );
  const NextToken = String(first.NextToken);
  const second = await listStreamConsumers({ StreamARN, NextToken }, world);
  assert.deepEqual(
    second.Consumers?.map((consumer) => consumer.ConsumerName),
    ["c"],
  );
  assert.equal(second.NextToken, undefined);

  const other = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/texts`;
  const list = (input: object) => listStreamConsumers({ StreamARN, NextToken, ...input }, world);
  const code = "InvalidArgumentException";
  await rejectsWith(list({ StreamARN: other }), code, "NextToken was returned for another stream.");
  await rejectsWith(list({ NextToken: "x" }), code, "NextToken is invalid.");
  await rejectsWith(list({ StreamCreationTimestamp: new Date(START_MS) }), code, /cannot be provided together/);
  const recreated = listStreamConsumers({ StreamARN, StreamCreationTimestamp: new Date(0) }, world);
  await rejectsWith(recreated, "ResourceNotFoundException", /Stream calls/);
  world.clock.moveTo(START_MS + 300_001);
  await rejectsWith(list({}), "ExpiredNextTokenException", /NextToken expired/);
});

test("with enforced limits a stream has 20 consumers", async () => {
  await using world = await openWorld({ "kinesis.consumers-per-stream": 1 });
  await createStreamNamed(world, "calls");
  await registerStreamConsumer({ StreamARN, ConsumerName: "a" }, world);
  await rejectsWith(
    registerStreamConsumer({ StreamARN, ConsumerName: "b" }, world),
    "LimitExceededException",
    `Stream calls under account ${ACCOUNT} already has 1 registered consumers. Limit: 1.`,
  );
});
