import type {
  DeleteObjectTaggingOutput,
  DeleteObjectTaggingRequest,
  GetObjectTaggingOutput,
  GetObjectTaggingRequest,
  PutObjectTaggingOutput,
  PutObjectTaggingRequest,
} from "@aws-sdk/client-s3";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { getBucket } from "./bucket.ts";
import { invalidArgument } from "./errors.ts";
import { OBJECT_TAGS_MAX, TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX } from "./limits.ts";
import { getStoredObject, objectId, objects } from "./object.ts";
import { refuseUnbuilt } from "./unbuilt.ts";

type Tags = Readonly<Record<string, string>>;

export async function getObjectTagging(
  input: Validated<GetObjectTaggingRequest>,
  context: Context,
): Promise<GetObjectTaggingOutput> {
  refuseUnbuilt(input);
  const bucket = await getBucket(context.store, input, context);
  const { tags } = await getStoredObject(context.store, bucket, input.Key);
  return { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

/** Replaces all tags of an object. */
export async function putObjectTagging(
  input: Validated<PutObjectTaggingRequest>,
  context: Context,
): Promise<PutObjectTaggingOutput> {
  const tags = tagsOf(input.Tagging.TagSet.map(({ Key, Value }) => [Key, Value]));
  await setTags(input, context, tags);
  return {};
}

export async function deleteObjectTagging(
  input: Validated<DeleteObjectTaggingRequest>,
  context: Context,
): Promise<DeleteObjectTaggingOutput> {
  await setTags(input, context, {});
  return {};
}

async function setTags(input: Validated<DeleteObjectTaggingRequest>, context: Context, tags: Tags): Promise<void> {
  refuseUnbuilt(input);
  await context.store.commit(async (unit) => {
    const bucket = await getBucket(unit, input, context);
    const object = await getStoredObject(unit, bucket, input.Key);
    unit.put(objects, objectId(object), { ...object, tags });
  });
}

/** The tags of an `x-amz-tagging` header: a query string. */
export function parseTagging(header: string | undefined): Tags {
  if (header === undefined) return {};
  const pairs = header
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const [key, value] = equals === -1 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [decode(key, header), decode(value, header)] as const;
    });
  return tagsOf(pairs);
}

function decode(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      "x-amz-tagging",
      header,
    );
  }
}

/** Throws `InvalidTag` and, for too many, `BadRequest`. */
function tagsOf(pairs: readonly (readonly [key: string, value: string])[]): Tags {
  if (pairs.length > OBJECT_TAGS_MAX) {
    throw new ModeledError("BadRequest", "Object tags cannot be greater than 10");
  }
  for (const [key, value] of pairs) {
    if (!isTagText(key) || key === "" || key.length > TAG_KEY_LENGTH_MAX || key.startsWith("aws:")) {
      throw new ModeledError("InvalidTag", "The TagKey you have provided is invalid", { TagKey: key });
    }
    if (!isTagText(value) || value.length > TAG_VALUE_LENGTH_MAX) {
      throw new ModeledError("InvalidTag", "The TagValue you have provided is invalid", {
        TagKey: key,
        TagValue: value,
      });
    }
  }
  const tags = new Map(pairs);
  if (tags.size < pairs.length) {
    throw new ModeledError("InvalidTag", "Cannot provide multiple Tags with the same key");
  }
  return Object.fromEntries(tags);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-managing.html */
function isTagText(text: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text);
}
