import { badRequest } from "./errors.ts";

export const TAGS_MAX = 50;

/** Throws for tags that a resource cannot have: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html */
export function checkTags(tags: Readonly<Record<string, string>> | undefined): void {
  const entries = Object.entries(tags ?? {});
  if (entries.length > TAGS_MAX) throw badRequest(`A resource can have at most ${TAGS_MAX} tags`);
  for (const [key, value] of entries) {
    if (/^aws:/i.test(key)) throw badRequest("Invalid tag key. Tag keys cannot start with aws:");
    if (key === "" || key.length > 128) throw badRequest("Invalid tag key. Tag keys have 1 to 128 characters");
    if (value.length > 256) throw badRequest("Invalid tag value. Tag values have at most 256 characters");
  }
}

/** Tags where there are any: the service leaves the member out where there are none. */
export function tagsMember(tags: Record<string, string> | undefined): { tags?: Record<string, string> } {
  return tags === undefined || Object.keys(tags).length === 0 ? {} : { tags };
}
