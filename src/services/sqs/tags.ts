import type {
  ListQueueTagsRequest,
  ListQueueTagsResult,
  TagQueueRequest,
  UntagQueueRequest,
} from "@aws-sdk/client-sqs";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { invalidParameterValue } from "./errors.ts";
import { TAGS_MAX } from "./limits.ts";
import { getQueue, queueKey, queues } from "./queue.ts";

export async function tagQueue(input: Validated<TagQueueRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context);
    const tags = { ...queue.tags, ...input.Tags };
    checkTags(tags, queue.name);
    unit.put(queues, queueKey(queue), { ...queue, tags });
  });
}

export async function untagQueue(input: Validated<UntagQueueRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context);
    const tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !input.TagKeys.includes(key)));
    unit.put(queues, queueKey(queue), { ...queue, tags });
  });
}

export async function listQueueTags(
  input: Validated<ListQueueTagsRequest>,
  context: Context,
): Promise<ListQueueTagsResult> {
  const { tags } = await getQueue(context.store, input.QueueUrl, context);
  // The service leaves the member out where there are no tags.
  return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
}

export function checkTags(tags: Readonly<Record<string, string>>, queueName: string): void {
  if (Object.keys(tags).length > TAGS_MAX) throw invalidParameterValue(`Too many tags added for queue ${queueName}.`);
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > 128)
      throw invalidParameterValue("Tag keys must be between 1 and 128 characters in length.");
    if (value.length > 256) throw invalidParameterValue("Tag values must be between 0 and 256 characters in length.");
  }
}
