import assert from "node:assert/strict";
import { test } from "node:test";
import { registerStreamConsumer } from "./consumers.ts";
import { createStream } from "./streams.ts";
import {
  addTagsToStream,
  listTagsForResource,
  listTagsForStream,
  removeTagsFromStream,
  tagResource,
  untagResource,
} from "./tags.ts";
import { ACCOUNT, createStreamNamed, openWorld, otherAccount, rejectsWith } from "./world.test.ts";

const StreamName = "calls";
const StreamARN = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/calls`;

function numberedTags(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, "value"]));
}

test("tags of a stream are added, replaced, listed by key and removed", async () => {
  await using world = await openWorld();
  await createStream({ StreamName, ShardCount: 1, Tags: { stage: "dev" } }, world);
  await addTagsToStream({ StreamName, Tags: { stage: "test", "Größe/ok": "+-=._:@" } }, world);
  assert.deepEqual(await listTagsForStream({ StreamName }, world), {
    Tags: [
      { Key: "Größe/ok", Value: "+-=._:@" },
      { Key: "stage", Value: "test" },
    ],
    HasMoreTags: false,
  });
  const first = await listTagsForStream({ StreamName, Limit: 1 }, world);
  assert.equal(first.HasMoreTags, true);
  const rest = await listTagsForStream({ StreamName, ExclusiveStartTagKey: "Größe/ok" }, world);
  assert.deepEqual(rest.Tags, [{ Key: "stage", Value: "test" }]);
  await removeTagsFromStream({ StreamName, TagKeys: ["stage", "never there"] }, world);
  assert.equal((await listTagsForStream({ StreamName }, world)).Tags?.length, 1);
});

test("a stream has at most 50 tags, of allowed characters", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  await addTagsToStream({ StreamName, Tags: numberedTags(50) }, world);
  const code = "InvalidArgumentException";
  await rejectsWith(
    addTagsToStream({ StreamName, Tags: { more: "" } }, world),
    code,
    `Failed to add tags to stream calls under account ${ACCOUNT} because a given stream cannot have more than 50 tags associated with it.`,
  );
  const invalid =
    "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.";
  await rejectsWith(addTagsToStream({ StreamName, Tags: { "a;b": "" } }, world), code, invalid);
  await rejectsWith(addTagsToStream({ StreamName, Tags: { a: "b\n" } }, world), code, invalid);
  await rejectsWith(removeTagsFromStream({ StreamName, TagKeys: ["?"] }, world), code, invalid);
  await rejectsWith(untagResource({ ResourceARN: StreamARN, TagKeys: ["?"] }, world), code, invalid);
  await rejectsWith(
    tagResource({ ResourceARN: StreamARN, Tags: { "aws:stack": "" } }, world),
    code,
    "Tag key aws:stack is invalid. Tag keys must not start with aws:.",
  );
  await rejectsWith(tagResource({ ResourceARN: StreamARN, Tags: { more: "" } }, world), code, /more than 50 tags/);
});

test("streams and registered consumers are tagged by ARN", async () => {
  await using world = await openWorld();
  await createStreamNamed(world, "calls");
  const { Consumer } = await registerStreamConsumer({ StreamARN, ConsumerName: "c", Tags: { a: "1" } }, world);
  const consumer = String(Consumer?.ConsumerARN);
  for (const ResourceARN of [StreamARN, consumer]) {
    await tagResource({ ResourceARN, Tags: { a: "2", b: "3" } }, world);
    await untagResource({ ResourceARN, TagKeys: ["a"] }, world);
    assert.deepEqual((await listTagsForResource({ ResourceARN }, world)).Tags, [{ Key: "b", Value: "3" }]);
  }
  await rejectsWith(
    tagResource({ ResourceARN: `${consumer}0`, Tags: { a: "1" } }, world),
    "ResourceNotFoundException",
    `Consumer ${consumer}0 not found.`,
  );
  const foreign = listTagsForResource({ ResourceARN: StreamARN }, otherAccount(world));
  await rejectsWith(foreign, "AccessDeniedException", /is not authorized to perform: kinesis:ListTagsForResource/);
});
