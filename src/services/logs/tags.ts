import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { TAGS_MAX } from "./limits.ts";
import { getIdentifiedGroup, groupKey, type LogGroup, logGroups, parseGroupArn } from "./log-group.ts";

export async function tagResource(input: Validated<TagResourceRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getTagged(unit, input.resourceArn, context);
    const tags = { ...group.tags, ...input.tags };
    if (Object.keys(tags).length > TAGS_MAX) {
      throw new ModeledError("TooManyTagsException", "The maximum number of tags has been exceeded.", {
        resourceName: input.resourceArn,
      });
    }
    unit.put(logGroups, groupKey(group), { ...group, tags });
  });
}

export async function untagResource(input: Validated<UntagResourceRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const group = await getTagged(unit, input.resourceArn, context);
    const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !input.tagKeys.includes(key)));
    unit.put(logGroups, groupKey(group), { ...group, tags });
  });
}

export async function listTagsForResource(
  input: Validated<ListTagsForResourceRequest>,
  context: Context,
): Promise<ListTagsForResourceResponse> {
  const group = await getTagged(context.store, input.resourceArn, context);
  return { tags: { ...group.tags } };
}

function getTagged(reader: Reader, arn: string, context: Context): Promise<LogGroup> {
  if (parseGroupArn(arn) === undefined) {
    throw new ModeledError("InvalidParameterException", `'${arn}' is not the ARN of a log group.`);
  }
  return getIdentifiedGroup(reader, arn, context);
}
