import type { GetTagsRequest, TagResourceRequest, Tags, UntagResourceRequest } from "@aws-sdk/client-api-gateway";
import type {
  GetTagsRequest as GetHttpTagsRequest,
  GetTagsResponse,
  TagResourceRequest as TagHttpResourceRequest,
  UntagResourceRequest as UntagHttpResourceRequest,
} from "@aws-sdk/client-apigatewayv2";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { badRequest, notFound } from "./errors.ts";
import { httpApis, httpStages } from "./http/documents.ts";
import { partKey, restApis, stages } from "./rest/documents.ts";
import { checkTags } from "./tag-rules.ts";
import { apiKeys, ownedKey, usagePlans } from "./usage/documents.ts";

type TagMap = Record<string, string>;

/** What has tags: how they are read, and written in a unit. */
interface Tagged {
  readonly tags: TagMap;
  put(unit: Unit, tags: TagMap): void;
}

type Reading = Pick<Unit, "get">;

/** Finds a resource by the rest of its ARN, behind `arn:aws:apigateway:REGION::/`. */
async function findTagged(reader: Reading, context: Context, path: string): Promise<Tagged | undefined> {
  const { account, region } = context;
  const isOwn = (found: { account: string; region: string } | undefined): boolean =>
    found?.account === account && found.region === region;
  const [room = "", id = "", what, name = "", ...others] = path.split("/");
  if (others.length > 0 || (what !== undefined && what !== "stages")) return undefined;
  const isStage = what === "stages";
  if (room === "restapis" && isStage) {
    const found = await reader.get(stages, partKey(id, name));
    if (!found || !isOwn(found)) return undefined;
    return {
      tags: found.stage.tags ?? {},
      put: (unit, tags) => unit.put(stages, partKey(id, name), { ...found, stage: { ...found.stage, tags } }),
    };
  }
  if (room === "restapis") {
    const found = await reader.get(restApis, id);
    if (!found || !isOwn(found)) return undefined;
    const revision = found.revision + 1;
    return {
      tags: found.api.tags ?? {},
      put: (unit, tags) => unit.put(restApis, id, { ...found, revision, api: { ...found.api, tags } }),
    };
  }
  if (room === "apis" && isStage) {
    const found = await reader.get(httpStages, partKey(id, name));
    if (!found || !isOwn(found)) return undefined;
    return {
      tags: found.stage.Tags ?? {},
      put: (unit, Tags) => unit.put(httpStages, partKey(id, name), { ...found, stage: { ...found.stage, Tags } }),
    };
  }
  if (room === "apis") {
    const found = await reader.get(httpApis, id);
    if (!found || !isOwn(found)) return undefined;
    const revision = found.revision + 1;
    return {
      tags: found.api.Tags ?? {},
      put: (unit, Tags) => unit.put(httpApis, id, { ...found, revision, api: { ...found.api, Tags } }),
    };
  }
  if (isStage) return undefined;
  if (room === "apikeys") {
    const found = await reader.get(apiKeys, ownedKey(context, id));
    return (
      found && {
        tags: found.key.tags ?? {},
        put: (unit, tags) => unit.put(apiKeys, ownedKey(context, id), { ...found, key: { ...found.key, tags } }),
      }
    );
  }
  if (room === "usageplans") {
    const found = await reader.get(usagePlans, ownedKey(context, id));
    return (
      found && {
        tags: found.plan.tags ?? {},
        put: (unit, tags) => unit.put(usagePlans, ownedKey(context, id), { ...found, plan: { ...found.plan, tags } }),
      }
    );
  }
  return undefined;
}

async function getTagged(reader: Reading, context: Context, arn: string): Promise<Tagged> {
  const [, region, path] = /^arn:aws[a-z-]*:apigateway:([a-z0-9-]+)::\/(.+)$/.exec(arn) ?? [];
  if (path === undefined) throw badRequest("Invalid resource ARN specified");
  const found = region === context.region ? await findTagged(reader, context, path) : undefined;
  if (found === undefined) throw notFound("Invalid resource ARN specified");
  return found;
}

export async function getTags(input: Validated<GetTagsRequest>, context: Context): Promise<Tags> {
  return { tags: (await getTagged(context.store, context, input.resourceArn)).tags };
}

export async function tagResource(input: Validated<TagResourceRequest>, context: Context): Promise<void> {
  await addTags(context, input.resourceArn, input.tags);
}

export async function untagResource(input: Validated<UntagResourceRequest>, context: Context): Promise<void> {
  await removeTags(context, input.resourceArn, input.tagKeys);
}

export async function getHttpTags(input: Validated<GetHttpTagsRequest>, context: Context): Promise<GetTagsResponse> {
  return { Tags: (await getTagged(context.store, context, input.ResourceArn)).tags };
}

export async function tagHttpResource(
  input: Validated<TagHttpResourceRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await addTags(context, input.ResourceArn, input.Tags ?? {});
  return {};
}

export async function untagHttpResource(input: Validated<UntagHttpResourceRequest>, context: Context): Promise<void> {
  await removeTags(context, input.ResourceArn, input.TagKeys);
}

async function addTags(context: Context, arn: string, added: TagMap): Promise<void> {
  checkTags(added);
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, arn);
    const tags = { ...tagged.tags, ...added };
    checkTags(tags);
    tagged.put(unit, tags);
  });
}

async function removeTags(context: Context, arn: string, keys: readonly string[]): Promise<void> {
  await context.store.commit(async (unit) => {
    const tagged = await getTagged(unit, context, arn);
    tagged.put(unit, Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !keys.includes(key))));
  });
}
