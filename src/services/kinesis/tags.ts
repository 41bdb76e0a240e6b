import type {
  AddTagsToStreamInput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  ListTagsForStreamInput,
  ListTagsForStreamOutput,
  RemoveTagsFromStreamInput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from "@aws-sdk/client-kinesis";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { streamDocumentId, streams } from "./documents.ts";
import { changeResource, findResource } from "./find-resource.ts";
import { findStream } from "./find-stream.ts";
import { assertTagCount, assertTags, assertTagTexts, TAGS_MAX } from "./tag-rules.ts";

type Tags = Readonly<Record<string, string>>;

export async function addTagsToStream(
  input: Validated<AddTagsToStreamInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertTags(input.Tags);
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "AddTagsToStream");
    const tags = { ...stream.tags, ...input.Tags };
    assertTagCount(tags, `stream ${stream.name}`, stream.account);
    unit.put(streams, streamDocumentId(stream), { ...stream, tags });
  });
  return {};
}

/** Tags that the stream does not have are ignored. */
export async function removeTagsFromStream(
  input: Validated<RemoveTagsFromStreamInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertTagTexts(input.TagKeys);
  await context.store.commit(async (unit) => {
    const stream = await findStream(unit, input, context, "RemoveTagsFromStream");
    unit.put(streams, streamDocumentId(stream), { ...stream, tags: without(stream.tags, input.TagKeys) });
  });
  return {};
}

/** By key. */
export async function listTagsForStream(
  input: Validated<ListTagsForStreamInput>,
  context: Context,
): Promise<ListTagsForStreamOutput> {
  const stream = await findStream(context.store, input, context, "ListTagsForStream");
  const after = input.ExclusiveStartTagKey;
  const rest = sorted(stream.tags).filter(({ Key }) => after === undefined || (Key ?? "") > after);
  const page = rest.slice(0, input.Limit ?? TAGS_MAX);
  return { Tags: page, HasMoreTags: page.length < rest.length };
}

export async function tagResource(
  input: Validated<TagResourceInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertTags(input.Tags);
  await changeResource(context, input, "TagResource", (resource) => {
    const tags = { ...resource.tags, ...input.Tags };
    assertTagCount(tags, `resource ${input.ResourceARN}`, context.account);
    return { ...policyOf(resource), tags };
  });
  return {};
}

export async function untagResource(
  input: Validated<UntagResourceInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertTagTexts(input.TagKeys);
  await changeResource(context, input, "UntagResource", (resource) => {
    return { ...policyOf(resource), tags: without(resource.tags, input.TagKeys) };
  });
  return {};
}

export async function listTagsForResource(
  input: Validated<ListTagsForResourceInput>,
  context: Context,
): Promise<ListTagsForResourceOutput> {
  const { tags } = await findResource(context.store, input, context, "ListTagsForResource");
  return { Tags: sorted(tags) };
}

function policyOf({ policy }: { readonly policy?: string }): { readonly policy?: string } {
  return policy === undefined ? {} : { policy };
}

function without(tags: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}

function sorted(tags: Tags): Tag[] {
  return Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));
}
