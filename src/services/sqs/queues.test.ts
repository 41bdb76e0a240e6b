import assert from "node:assert/strict";
import { test } from "node:test";
import { OTHER_ACCOUNT, openServiceWorld } from "../world.test.ts";
import { sqs } from "./index.ts";
import { messages } from "./messages.ts";
import { getQueueAttributes } from "./queue-attributes.ts";
import { createQueue, deleteQueue, getQueueUrl, listDeadLetterSourceQueues, listQueues, purgeQueue } from "./queues.ts";
import { receiveMessage } from "./receive-message.ts";
import { sendMessage } from "./send-message.ts";
import { listQueueTags, tagQueue, untagQueue } from "./tags.ts";

const NO_QUEUE = { code: "QueueDoesNotExist", message: "The specified queue does not exist." };

test("creating a queue again gives the same one, unless an attribute differs", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const created = await createQueue({ QueueName: "calls", Attributes: { DelaySeconds: "5" } }, context);
  assert.equal(created.QueueUrl, "http://127.0.0.1:4510/000000000000/calls");
  assert.deepEqual(await createQueue({ QueueName: "calls" }, context), created);
  assert.deepEqual(await createQueue({ QueueName: "calls", Attributes: { DelaySeconds: "5" } }, context), created);
  await assert.rejects(createQueue({ QueueName: "calls", Attributes: { DelaySeconds: "6" } }, context), {
    code: "QueueNameExists",
    message: "A queue already exists with the same name and a different value for attribute DelaySeconds",
  });
});

test("names follow the rules of their kind of queue", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  for (const QueueName of ["", "a b", "a.fifo", "a".repeat(81)]) {
    await assert.rejects(createQueue({ QueueName }, context), {
      code: "InvalidParameterValue",
      message: "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    });
  }
  await assert.rejects(createQueue({ QueueName: "a", Attributes: { FifoQueue: "true" } }, context), {
    message:
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length",
  });
  await createQueue({ QueueName: "a.fifo", Attributes: { FifoQueue: "true" } }, context);
});

test("a queue is found by the last two segments of its URL, whatever host they stand behind", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  await createQueue({ QueueName: "calls" }, context);
  for (const host of [
    "http://localhost:4510/",
    "https://sqs.us-east-1.amazonaws.com/",
    "http://proxy/deep/path/",
    "",
  ]) {
    const AttributeNames = ["QueueArn" as const];
    const answer = await getQueueAttributes({ QueueUrl: `${host}000000000000/calls`, AttributeNames }, context);
    assert.deepEqual(answer.Attributes, { QueueArn: "arn:aws:sqs:us-east-1:000000000000:calls" });
  }
  await assert.rejects(getQueueAttributes({ QueueUrl: "calls" }, context), {
    code: "InvalidAddress",
    message: "The address calls is not valid for this endpoint.",
  });
});

test("no account and no region sees a queue of another", async () => {
  await using world = await openServiceWorld(sqs);
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, world.context());
  for (const other of [world.context({ account: OTHER_ACCOUNT }), world.context({ region: "eu-west-1" })]) {
    await assert.rejects(getQueueUrl({ QueueName: "calls" }, other), NO_QUEUE);
    await assert.rejects(sendMessage({ QueueUrl, MessageBody: "hello" }, other), NO_QUEUE);
    await assert.rejects(receiveMessage({ QueueUrl }, other), NO_QUEUE);
    await assert.rejects(deleteQueue({ QueueUrl }, other), NO_QUEUE);
    assert.deepEqual(await listQueues({}, other), {});
  }
  const elsewhere = { QueueName: "calls", QueueOwnerAWSAccountId: OTHER_ACCOUNT };
  await assert.rejects(getQueueUrl(elsewhere, world.context()), NO_QUEUE);
});

test("a deleted queue is gone with its messages, and one of its name starts empty", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  for (let i = 0; i < 250; i++) await sendMessage({ QueueUrl, MessageBody: "hello" }, context);
  await deleteQueue({ QueueUrl }, context);
  await assert.rejects(receiveMessage({ QueueUrl }, context), NO_QUEUE);

  await createQueue({ QueueName: "calls" }, context);
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});
  await world.advance(0);
  assert.equal((await world.platform.store.list(messages, { limit: 1 })).documents.length, 0);
});

test("with enforced limits a name must rest for a minute after its queue was deleted", async () => {
  await using world = await openServiceWorld(sqs, { enforced: true });
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await deleteQueue({ QueueUrl }, context);
  await world.advance(59_000);
  await assert.rejects(createQueue({ QueueName: "calls" }, context), {
    code: "QueueDeletedRecently",
    message: "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
  });
  await world.advance(1_000);
  await createQueue({ QueueName: "calls" }, context);
});

test("a purge empties a queue, at most once a minute", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls" }, context);
  await sendMessage({ QueueUrl, MessageBody: "in flight" }, context);
  await receiveMessage({ QueueUrl }, context);
  await sendMessage({ QueueUrl, MessageBody: "waiting" }, context);
  await purgeQueue({ QueueUrl }, context);
  await world.advance(31_000);
  assert.deepEqual(await receiveMessage({ QueueUrl }, context), {});
  await assert.rejects(purgeQueue({ QueueUrl }, context), {
    code: "PurgeQueueInProgress",
    message: "Only one PurgeQueue operation on calls is allowed every 60 seconds.",
  });
  await world.advance(29_000);
  await purgeQueue({ QueueUrl }, context);
});

test("listings come in pages, whose tokens are good for the same listing only", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  for (const QueueName of ["a1", "a2", "a3", "b1"]) await createQueue({ QueueName }, context);
  const names = (urls: readonly string[] = []): string[] => urls.map((url) => url.slice(url.lastIndexOf("/") + 1));

  assert.deepEqual(names((await listQueues({}, context)).QueueUrls), ["a1", "a2", "a3", "b1"]);
  const first = await listQueues({ QueueNamePrefix: "a", MaxResults: 2 }, context);
  assert.deepEqual(names(first.QueueUrls), ["a1", "a2"]);
  const NextToken = first.NextToken ?? "";
  const second = await listQueues({ QueueNamePrefix: "a", MaxResults: 2, NextToken }, context);
  assert.deepEqual(names(second.QueueUrls), ["a3"]);
  assert.equal(second.NextToken, undefined);

  for (const bad of [{ NextToken }, { QueueNamePrefix: "a", NextToken: `${NextToken}x` }]) {
    await assert.rejects(listQueues({ MaxResults: 2, ...bad }, context), { code: "InvalidParameterValue" });
  }
  const other = world.context({ account: OTHER_ACCOUNT });
  await assert.rejects(listQueues({ QueueNamePrefix: "a", NextToken }, other), {
    code: "InvalidParameterValue",
  });
  for (const MaxResults of [0, 1001]) await assert.rejects(listQueues({ MaxResults }, context), /between 1 and 1000/);
});

test("the sources of a dead-letter queue are those that name it", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "dead" }, context);
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
    maxReceiveCount: 3,
  });
  for (const QueueName of ["a", "b", "c"]) await createQueue({ QueueName, Attributes: { RedrivePolicy } }, context);
  const first = await listDeadLetterSourceQueues({ QueueUrl, MaxResults: 2 }, context);
  const NextToken = first.NextToken ?? "";
  const second = await listDeadLetterSourceQueues({ QueueUrl, MaxResults: 2, NextToken }, context);
  assert.deepEqual(
    [...(first.queueUrls ?? []), ...(second.queueUrls ?? [])].map((url) => url.at(-1)),
    ["a", "b", "c"],
  );
  assert.equal(second.NextToken, undefined);
});

test("tags are added, replaced and taken away", async () => {
  await using world = await openServiceWorld(sqs);
  const context = world.context();
  const { QueueUrl = "" } = await createQueue({ QueueName: "calls", tags: { team: "a" } }, context);
  await tagQueue({ QueueUrl, Tags: { team: "b", empty: "" } }, context);
  assert.deepEqual(await listQueueTags({ QueueUrl }, context), { Tags: { team: "b", empty: "" } });
  await untagQueue({ QueueUrl, TagKeys: ["team", "empty", "absent"] }, context);
  assert.deepEqual(await listQueueTags({ QueueUrl }, context), {});

  const tooMany = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, "value"]));
  await assert.rejects(tagQueue({ QueueUrl, Tags: tooMany }, context), {
    message: "Too many tags added for queue calls.",
  });
  assert.deepEqual(await listQueueTags({ QueueUrl }, context), {});
});
