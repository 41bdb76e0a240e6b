/** All tags of a case as one text, in which each of them can be found. Neither character can be in a tag. */
const BETWEEN_TAGS = "\u001f";
const BEHIND_KEY = "\u001e";

/** `undefined` where there are none. */
export function tagsText(tags: Readonly<Record<string, string>>): string | undefined {
  const keys = Object.keys(tags).sort();
  if (keys.length === 0) return undefined;
  return keys.map((key) => tagText(key, tags[key])).join("");
}

/** What the text of whoever has a tag contains; without a value that of whoever has one with this key. */
export function tagText(key: string, value: string | undefined): string {
  return BETWEEN_TAGS + key + BEHIND_KEY + (value === undefined ? "" : value + BETWEEN_TAGS);
}
