import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsLogGroupRequest,
  ListTagsLogGroupResponse,
  TagLogGroupRequest,
  TagResourceRequest,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { TAGS_MAX } from "./limits.ts";
import { getGroup, getIdentifiedGroup, groupKey, type LogGroup, logGroups, parseGroupArn } from "./log-group.ts";

export async function tagResource(input: Validated<TagResourceRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    addTags(unit, await getTagged(unit, input.resourceArn, context), input.tags, () => {
      throw new ModeledError("TooManyTagsException", TOO_MANY, { resourceName: input.resourceArn });
    });
  });
}

export async function untagResource(input: Validated<UntagResourceRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    removeTags(unit, await getTagged(unit, input.resourceArn, context), input.tagKeys);
  });
}

export async function listTagsForResource(
  input: Validated<ListTagsForResourceRequest>,
  context: Context,
): Promise<ListTagsForResourceResponse> {
  const group = await getTagged(context.store, input.resourceArn, context);
  return { tags: { ...group.tags } };
}

/** The older API, by name of the group. */
export async function tagLogGroup(input: Validated<TagLogGroupRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    addTags(unit, await getGroup(unit, input.logGroupName, context), input.tags, () => {
      throw new ModeledError("InvalidParameterException", TOO_MANY);
    });
  });
}

export async function untagLogGroup(input: Validated<UntagLogGroupRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    removeTags(unit, await getGroup(unit, input.logGroupName, context), input.tags);
  });
}

export async function listTagsLogGroup(
  input: Validated<ListTagsLogGroupRequest>,
  context: Context,
): Promise<ListTagsLogGroupResponse> {
  return { tags: { ...(await getGroup(context.store, input.logGroupName, context)).tags } };
}

const TOO_MANY = "The maximum number of tags has been exceeded.";

function addTags(unit: Unit, group: LogGroup, added: Readonly<Record<string, string>>, refuse: () => never): void {
  const tags = { ...group.tags, ...added };
  if (Object.keys(tags).length > TAGS_MAX) refuse();
  unit.put(logGroups, groupKey(group), { ...group, tags });
}

function removeTags(unit: Unit, group: LogGroup, keys: readonly string[]): void {
  const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key)));
  unit.put(logGroups, groupKey(group), { ...group, tags });
}

function getTagged(reader: Reader, arn: string, context: Context): Promise<LogGroup> {
  if (parseGroupArn(arn) === undefined) {
    throw new ModeledError("InvalidParameterException", `'${arn}' is not the ARN of a log group.`);
  }
  return getIdentifiedGroup(reader, arn, context);
}
