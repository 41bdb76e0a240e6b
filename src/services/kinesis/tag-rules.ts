import { ModeledError } from "../../models/modeled-error.ts";

/** Tags on a stream or a registered consumer: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html */
export const TAGS_MAX = 50;

const VALID_TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-%@]*$/u;

/** Throws `InvalidArgumentException` for characters that a tag cannot have, and for the prefix that AWS keeps for itself. */
export function assertTags(tags: Readonly<Record<string, string | undefined>>): void {
  assertTagTexts(Object.entries(tags).flatMap(([key, value]) => [key, value ?? ""]));
  for (const key of Object.keys(tags)) {
    if (/^aws:/i.test(key)) throw invalid(`Tag key ${key} is invalid. Tag keys must not start with aws:.`);
  }
}

export function assertTagTexts(texts: readonly string[]): void {
  if (texts.every((text) => VALID_TAG.test(text))) return;
  throw invalid(
    "Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.",
  );
}

/** `what` names the resource: `stream S`. */
export function assertTagCount(tags: Readonly<Record<string, string>>, what: string, account: string): void {
  if (Object.keys(tags).length <= TAGS_MAX) return;
  throw invalid(
    `Failed to add tags to ${what} under account ${account} because a given ${what.split(" ", 1)[0]} cannot have more than ${TAGS_MAX} tags associated with it.`,
  );
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgumentException", message);
}
