import type { Input } from "./action-table.ts";

/** Condition keys of the tags that a request gives: a list of keys and values, or a map of them, whatever the service calls it. */
export function requestTags(input: Input): Readonly<Record<string, readonly string[]>> {
  const given = input.Tags ?? input.tags;
  const pairs = pairsOf(given);
  const keys = pairs.length > 0 ? pairs.map(([key]) => key) : (input.TagKeys ?? input.tagKeys);
  if (!Array.isArray(keys)) return {};
  const conditions: Record<string, readonly string[]> = { "aws:TagKeys": keys.map(String) };
  for (const [key, value] of pairs) conditions[`aws:RequestTag/${key}`] = [value];
  return conditions;
}

/** Condition keys of the tags that a resource has. */
export function resourceTags(tags: Readonly<Record<string, string>> = {}): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, [value]]));
}

function pairsOf(tags: unknown): readonly (readonly [string, string])[] {
  if (typeof tags !== "object" || tags === null) return [];
  if (!Array.isArray(tags)) return Object.entries(tags).map(([key, value]) => [key, String(value)]);
  return tags.map((tag: Input) => [String(tag.Key ?? tag.key), String(tag.Value ?? tag.value ?? "")]);
}
