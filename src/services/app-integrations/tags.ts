import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import {
  checkedTags,
  type EventIntegration,
  eventIntegrationArn,
  getIntegration,
  putEventIntegration,
} from "./event-integration.ts";

type Tags = Readonly<Record<string, string>>;

interface OfResource {
  readonly resourceArn: string;
}

export async function tagResource(
  input: OfResource & { readonly tags: Tags },
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const integration = await getTagged(unit, context, input.resourceArn);
    putEventIntegration(unit, { ...integration, tags: checkedTags({ ...integration.tags, ...input.tags }) });
  });
  return {};
}

export async function untagResource(
  input: OfResource & { readonly tagKeys: readonly string[] },
  context: Context,
): Promise<Record<string, never>> {
  const gone = new Set(input.tagKeys);
  await context.store.commit(async (unit) => {
    const integration = await getTagged(unit, context, input.resourceArn);
    const kept = Object.entries(integration.tags).filter(([key]) => !gone.has(key));
    putEventIntegration(unit, { ...integration, tags: Object.fromEntries(kept) });
  });
  return {};
}

export async function listTagsForResource(input: OfResource, context: Context): Promise<{ tags: Tags }> {
  return { tags: (await getTagged(context.store, context, input.resourceArn)).tags };
}

async function getTagged(reader: Reader, context: Context, arn: string): Promise<EventIntegration> {
  const prefix = eventIntegrationArn({ account: context.account, region: context.region, name: "" });
  if (!arn.startsWith(prefix)) throw new ModeledError("ResourceNotFoundException", `Resource ${arn} does not exist`);
  return getIntegration(reader, context, arn.slice(prefix.length));
}
