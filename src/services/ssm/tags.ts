import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type Named, PARAMETERS, parameterArn, parameterKey, parseName } from "./parameter.ts";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

type Tags = Readonly<Record<string, string>>;

/** "Maximum number of tags per resource: 50": https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html */
const TAGS_MAX = 50;

/** The tags that a parameter has when some are added. */
export function checkTags(before: Tags, added: readonly Tag[]): Tags {
  const reserved = added.find(({ Key }) => /^aws:/i.test(Key));
  if (reserved)
    throw new ModeledError(
      "ValidationException",
      `${reserved.Key}: aws: prefixed tag key names are not allowed for external use.`,
    );
  const tags = { ...before, ...Object.fromEntries(added.map(({ Key, Value }) => [Key, Value])) };
  if (Object.keys(tags).length > TAGS_MAX) {
    throw new ModeledError("TooManyTagsError", `A parameter may have at most ${TAGS_MAX} tags`);
  }
  return tags;
}

interface OfResource {
  readonly ResourceType: string;
  readonly ResourceId: string;
}

export async function addTagsToResource(
  input: OfResource & { readonly Tags: readonly Tag[] },
  context: Context,
): Promise<object> {
  await context.store.commit(async (unit) => {
    const { key, named } = await getTagged(unit, context, input);
    unit.put(PARAMETERS, key, { ...named, tags: checkTags(named.tags, input.Tags) });
  });
  return {};
}

export async function removeTagsFromResource(
  input: OfResource & { readonly TagKeys: readonly string[] },
  context: Context,
): Promise<object> {
  await context.store.commit(async (unit) => {
    const { key, named } = await getTagged(unit, context, input);
    const kept = Object.entries(named.tags).filter(([name]) => !input.TagKeys.includes(name));
    unit.put(PARAMETERS, key, { ...named, tags: Object.fromEntries(kept) });
  });
  return {};
}

export async function listTagsForResource(input: OfResource, context: Context): Promise<{ TagList: Tag[] }> {
  const { named } = await getTagged(context.store, context, input);
  return { TagList: Object.entries(named.tags).map(([Key, Value]) => ({ Key, Value })) };
}

async function getTagged(
  reader: Reader,
  context: Context,
  { ResourceType, ResourceId }: OfResource,
): Promise<{ readonly key: string; readonly named: Named }> {
  if (ResourceType !== "Parameter") {
    throw new ModeledError(
      "InvalidResourceType",
      `Of Systems Manager only parameters are built in Trunkline: ${ResourceType}`,
    );
  }
  const key = parameterKey(context, parseName(context, ResourceId).name);
  const named = await reader.get(PARAMETERS, key);
  if (named === undefined)
    throw new ModeledError(
      "InvalidResourceId",
      "The resource ID isn't valid. Verify that you entered the correct ID and try again.",
    );
  return { key, named };
}

/** The tags of the parameter that an ARN names, for policies. */
export async function tagsOf(reader: Reader, arn: string): Promise<Tags | undefined> {
  const [, , , region = "", account = ""] = arn.split(":");
  const place = { account, region };
  const name = arn.slice(parameterArn(place, "").length);
  for (const one of [`/${name}`, name]) {
    const found = await reader.get(PARAMETERS, parameterKey(place, one));
    if (found) return found.tags;
  }
  return undefined;
}
