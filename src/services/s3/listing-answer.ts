import { invalidArgument } from "./errors.ts";
import { PAGE_MAX } from "./limits.ts";

/** How keys and parts of keys are written in an answer. */
export type Spelling = (key: string) => string;

/**
 * As they are, or, with `encoding-type=url`, percent-encoded: XML cannot hold every character that a key can. As the service does, a slash
 * and a star stay, and a blank becomes `+`.
 */
export function keySpelling(encodingType: string | undefined): Spelling {
  if (encodingType === undefined) return (key) => key;
  return (key) =>
    encodeURIComponent(key)
      .replaceAll("%2F", "/")
      .replaceAll("%20", "+")
      .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** How many a page holds at most. More than the service gives at once is not refused. Throws `InvalidArgument`. */
export function pageSize(parameter: string, wanted: number | undefined): number {
  if (wanted === undefined) return PAGE_MAX;
  if (wanted < 0) {
    throw invalidArgument(`Argument ${parameter} must be an integer between 0 and 2147483647`, parameter, wanted);
  }
  return Math.min(wanted, PAGE_MAX);
}
