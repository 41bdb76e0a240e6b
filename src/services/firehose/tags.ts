import type {
  ListTagsForDeliveryStreamInput,
  ListTagsForDeliveryStreamOutput,
  TagDeliveryStreamInput,
  UntagDeliveryStreamInput,
} from "@aws-sdk/client-firehose";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { deliveryStreams, getStream, streamKey } from "./delivery-stream.ts";
import { TAGS_MAX } from "./limits.ts";

export async function tagDeliveryStream(
  input: Validated<TagDeliveryStreamInput>,
  context: Context,
): Promise<Record<string, never>> {
  const given = Object.fromEntries(input.Tags.map(({ Key, Value = "" }) => [Key, Value]));
  return changeTags(input.DeliveryStreamName, context, (tags) => ({ ...tags, ...given }));
}

export async function untagDeliveryStream(
  input: Validated<UntagDeliveryStreamInput>,
  context: Context,
): Promise<Record<string, never>> {
  const gone = new Set(input.TagKeys);
  return changeTags(input.DeliveryStreamName, context, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
  );
}

type Tags = Readonly<Record<string, string>>;

async function changeTags(
  name: string,
  { store, account, region }: Context,
  change: (tags: Tags) => Tags,
): Promise<Record<string, never>> {
  await store.commit(async (unit) => {
    const stream = await getStream(unit, { account, region, name });
    const tags = change(stream.tags);
    checkTagCount(tags);
    unit.put(deliveryStreams, streamKey(stream), { ...stream, tags });
  });
  return {};
}

export function checkTagCount(tags: Tags): void {
  if (Object.keys(tags).length > TAGS_MAX) {
    throw new ModeledError("LimitExceededException", `A delivery stream can have at most ${TAGS_MAX} tags.`);
  }
}

const TAGS_PER_PAGE = 50;

/** In the order of their keys. */
export async function listTagsForDeliveryStream(
  input: Validated<ListTagsForDeliveryStreamInput>,
  { store, account, region }: Context,
): Promise<ListTagsForDeliveryStreamOutput> {
  const { Limit: limit = TAGS_PER_PAGE, ExclusiveStartTagKey: behind = "" } = input;
  const stream = await getStream(store, { account, region, name: input.DeliveryStreamName });
  const keys = Object.keys(stream.tags).sort();
  const rest = keys.filter((key) => key > behind);
  return {
    Tags: rest.slice(0, limit).map((Key) => ({ Key, Value: stream.tags[Key] })),
    HasMoreTags: rest.length > limit,
  };
}
