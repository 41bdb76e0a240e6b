import type { Tag } from "@aws-sdk/client-iam";
import { invalidInput, limitExceeded } from "./errors.ts";
import { TAGS_MAX } from "./quotas.ts";

/** Tags of a new resource. Throws `InvalidInput` for a key that is there twice, whatever its case. */
export function newTags(tags: readonly Tag[] | undefined): readonly Tag[] {
  return withTags([], tags ?? []);
}

/** Keys are told apart without regard to case, and kept as they were written last. */
export function withTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const keys = added.map(lowerKey);
  if (new Set(keys).size < keys.length) {
    throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  const reserved = added.find(({ Key }) => String(Key).toLowerCase().startsWith("aws:"));
  if (reserved) throw invalidInput(`Tag keys that begin with aws: are reserved: ${reserved.Key}.`);
  const all = [
    ...tags.filter((tag) => !keys.includes(lowerKey(tag))),
    ...added.map(({ Key, Value }) => ({ Key, Value })),
  ];
  if (all.length > TAGS_MAX) throw limitExceeded(`Cannot exceed quota for TagsPerResource: ${TAGS_MAX}`);
  return all;
}

export function withoutTags(tags: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  const removed = keys.map((key) => key.toLowerCase());
  return tags.filter((tag) => !removed.includes(lowerKey(tag)));
}

function lowerKey({ Key }: Tag): string {
  return String(Key).toLowerCase();
}
