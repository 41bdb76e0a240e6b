import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from "@aws-sdk/client-eventbridge";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { BUSES, busArn, busKey, getBus, noSuchBus, ownBusAddress, parseBusArn } from "./bus.ts";
import { notFound, validationError } from "./errors.ts";
import { openBus } from "./open-bus.ts";
import { getRule, parseRuleArn, RULES, ruleKey } from "./rule.ts";

/** Tags on a bus or a rule, from the service quotas. */
const TAGS_MAX = 50;

export async function tagResource(
  input: Validated<TagResourceRequest>,
  context: Context,
): Promise<TagResourceResponse> {
  await context.store.commit(async (unit) => {
    await changeTags(unit, input.ResourceARN, "TagResource", context, (tags) => checkedTags(tags, input.Tags));
  });
  return {};
}

export async function untagResource(
  input: Validated<UntagResourceRequest>,
  context: Context,
): Promise<UntagResourceResponse> {
  const gone = new Set(input.TagKeys);
  await context.store.commit(async (unit) => {
    await changeTags(unit, input.ResourceARN, "UntagResource", context, (tags) =>
      tags.filter(({ Key }) => !gone.has(Key ?? "")),
    );
  });
  return {};
}

export async function listTagsForResource(
  input: Validated<ListTagsForResourceRequest>,
  context: Context,
): Promise<ListTagsForResourceResponse> {
  const { bus, rule } = parseTaggable(input.ResourceARN, "ListTagsForResource", context);
  const { tags } = rule ? await getRule(context.store, rule) : await getBus(context.store, bus);
  return { Tags: [...tags] };
}

/** Tags with further ones added or put in their place. Throws where they are too many or not the caller's to set. */
export function checkedTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const values = new Map([...tags, ...added].map(({ Key, Value }) => [Key, Value]));
  if (added.some(({ Key }) => Key?.toLowerCase().startsWith("aws:"))) {
    throw validationError("System tags cannot be added/updated by requester");
  }
  if (values.size > TAGS_MAX) throw validationError(`A resource can have at most ${TAGS_MAX} tags.`);
  return [...values].map(([Key, Value]) => ({ Key, Value }));
}

async function changeTags(
  unit: Unit,
  arn: string,
  operation: string,
  context: Context,
  change: (tags: readonly Tag[]) => readonly Tag[],
): Promise<void> {
  const address = parseTaggable(arn, operation, context);
  if (address.rule) {
    const rule = await getRule(unit, address.rule);
    unit.put(RULES, ruleKey(rule), { ...rule, tags: change(rule.tags) });
    return;
  }
  const bus = await openBus(unit, context, address.bus);
  if (bus === undefined) throw noSuchBus(address.bus.name);
  unit.put(BUSES, busKey(bus), { ...bus, tags: change(bus.tags) });
}

function parseTaggable(arn: string, operation: string, context: Context) {
  const rule = parseRuleArn(arn);
  const bus = rule?.bus ?? parseBusArn(arn);
  if (bus !== undefined) return { bus: ownBusAddress(busArn(bus), context, operation), rule };
  if (/^arn:aws[\w-]*:events:[^:]+:\d{12}:.+/.test(arn)) throw notFound(`Resource ${arn} does not exist.`);
  throw validationError("Parameter ResourceARN is not valid.");
}
