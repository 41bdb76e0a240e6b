import type {
  ListTagsRequest,
  ListTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-lambda";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { invalid } from "./errors.ts";
import { getFunctionOf, type Named, parseOwnName } from "./find-function.ts";
import { functionKey, functions } from "./function.ts";
import { TAGS_MAX } from "./limits.ts";

export async function tagResource(
  input: Validated<TagResourceRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const named = parseTagged(input.Resource, context, "TagResource");
  await context.store.commit(async (unit) => {
    const found = await getFunctionOf(unit, named);
    const tags = { ...found.tags, ...input.Tags };
    checkTags(tags);
    unit.put(functions, functionKey(named), { ...found, tags });
  });
  return {};
}

export async function untagResource(
  input: Validated<UntagResourceRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const named = parseTagged(input.Resource, context, "UntagResource");
  await context.store.commit(async (unit) => {
    const found = await getFunctionOf(unit, named);
    const kept = Object.entries(found.tags).filter(([key]) => !input.TagKeys.includes(key));
    unit.put(functions, functionKey(named), { ...found, tags: Object.fromEntries(kept) });
  });
  return {};
}

export async function listTags(input: Validated<ListTagsRequest>, context: Context): Promise<ListTagsResponse> {
  const { tags } = await getFunctionOf(context.store, parseTagged(input.Resource, context, "ListTags"));
  return { Tags: { ...tags } };
}

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const keys = Object.keys(tags);
  if (keys.length > TAGS_MAX) throw invalid(`The number of tags exceeds the limit of ${TAGS_MAX}.`);
  if (keys.some((key) => /^aws:/i.test(key))) throw invalid("Tag keys must not begin with aws:.");
}

function parseTagged(arn: string, context: Context, operation: string): Named {
  if (!/:function:[^:]+$/.test(arn))
    throw invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.");
  return parseOwnName(arn, context, operation);
}
