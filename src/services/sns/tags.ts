import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from "@aws-sdk/client-sns";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { invalidParameter } from "./errors.ts";
import { parseTopicArn, TOPICS, type Topic, topicKey } from "./topic.ts";

/** Tags on a topic, from the service quotas. */
const TAGS_MAX = 50;

export async function tagResource(
  input: Validated<TagResourceRequest>,
  context: Context,
): Promise<TagResourceResponse> {
  await context.store.commit(async (unit) => {
    const topic = await getTagged(unit, input.ResourceArn, context);
    unit.put(TOPICS, topicKey(topic), { ...topic, tags: checkedTags(topic.tags, input.Tags) });
  });
  return {};
}

export async function untagResource(
  input: Validated<UntagResourceRequest>,
  context: Context,
): Promise<UntagResourceResponse> {
  const gone = new Set(input.TagKeys);
  await context.store.commit(async (unit) => {
    const topic = await getTagged(unit, input.ResourceArn, context);
    unit.put(TOPICS, topicKey(topic), { ...topic, tags: topic.tags.filter(({ Key }) => !gone.has(Key ?? "")) });
  });
  return {};
}

export async function listTagsForResource(
  input: Validated<ListTagsForResourceRequest>,
  context: Context,
): Promise<ListTagsForResourceResponse> {
  const { tags } = await getTagged(context.store, input.ResourceArn, context);
  return { Tags: [...tags] };
}

/** Tags with further ones added or put in their place. */
export function checkedTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  if (new Set(added.map(({ Key }) => Key)).size < added.length) {
    throw invalidParameter("Duplicated keys are not allowed.");
  }
  const odd = added.find(({ Key = "" }) => Key.toLowerCase().startsWith("aws:"));
  if (odd) throw invalidParameter(`Tag Key [${odd.Key}] Reason: it is reserved`);
  const values = new Map([...tags, ...added].map(({ Key, Value }) => [Key, Value]));
  if (values.size > TAGS_MAX) {
    throw new ModeledError(
      "TagLimitExceededException",
      "Could not complete request: tag quota of per resource exceeded",
    );
  }
  return [...values].map(([Key, Value]) => ({ Key, Value }));
}

export function sameTags(tags: readonly Tag[], others: readonly Tag[]): boolean {
  const text = (of: readonly Tag[]): string =>
    JSON.stringify(of.map(({ Key, Value }) => [Key, Value]).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
  return text(tags) === text(others);
}

async function getTagged(reader: Reader, arn: string, { account, region }: Context): Promise<Topic> {
  const address = parseTopicArn(arn, "ResourceArn");
  const isOwn = address.account === account && address.region === region;
  const topic = isOwn ? await reader.get(TOPICS, topicKey(address)) : undefined;
  if (topic) return topic;
  throw new ModeledError("ResourceNotFoundException", "Resource does not exist");
}
