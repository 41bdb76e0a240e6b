import assert from "node:assert/strict";
import { test } from "node:test";
import type { SinkOutcome, SinkRequest } from "../../flow/index.ts";
import { ACCOUNT, OTHER_ACCOUNT, openServiceWorld, type ServiceWorld } from "../world.test.ts";
import { sqs } from "./index.ts";
import { createQueue } from "./queues.ts";
import { receiveMessage } from "./receive-message.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:";

function request(changed: Partial<SinkRequest> = {}): SinkRequest {
  return {
    deliveryId: "delivery-1",
    body: '{"detail":{}}',
    account: ACCOUNT,
    principal: "events.amazonaws.com",
    sourceArn: "arn:aws:events:us-east-1:000000000000:rule/contacts",
    ...changed,
  };
}

async function append(world: ServiceWorld, arn: string, requests: SinkRequest[]): Promise<readonly SinkOutcome[]> {
  const { store, flow } = world.platform;
  return await store.commit(async (unit) => (await flow.findSink(arn)?.append?.(unit, arn, requests)) ?? []);
}

test("what is sent to a queue's ARN becomes a message; attributes are of type String, and empty ones are left out", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "dead" }, context);
  const attributes = { ERROR_CODE: "NO_RESOURCE", ERROR_MESSAGE: "" };
  assert.deepEqual(await append(world, `${ARN}dead`, [request({ attributes })]), [undefined]);
  const { Messages = [] } = await receiveMessage({ QueueUrl, MessageAttributeNames: ["All"] }, context);
  assert.deepEqual(
    Messages.map(({ Body, MessageAttributes }) => [Body, MessageAttributes]),
    [['{"detail":{}}', { ERROR_CODE: { DataType: "String", StringValue: "NO_RESOURCE" } }]],
  );
});

test("each request has its own outcome", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue(
    { QueueName: "calls", Attributes: { MaximumMessageSize: "1024" } },
    context,
  );
  const outcomes = await append(world, `${ARN}calls`, [
    request({ body: "x".repeat(1025) }),
    request({ body: "good" }),
    request({ account: OTHER_ACCOUNT }),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome && [outcome.code, outcome.retryable]),
    [["INVALID_PARAMETER", false], undefined, ["NO_PERMISSIONS", false]],
  );
  const { Messages = [] } = await receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }, context);
  assert.deepEqual(
    Messages.map((message) => message.Body),
    ["good"],
  );
  assert.equal((await append(world, `${ARN}absent`, [request()]))[0]?.code, "NO_RESOURCE");
});

test("a FIFO queue needs a group and deduplicates by content", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const Attributes = { FifoQueue: "true", ContentBasedDeduplication: "true" };
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls.fifo", Attributes }, context);
  const outcomes = await append(world, `${ARN}calls.fifo`, [request(), request({ key: "g" }), request({ key: "g" })]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome?.code),
    ["INVALID_PARAMETER", undefined, undefined],
  );
  const { Messages = [] } = await receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }, context);
  assert.equal(Messages.length, 1);
});
