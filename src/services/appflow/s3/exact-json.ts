import { parseKeepingNumbers } from "../../json-text.ts";

/** What may be a number that changes as it becomes a double: of 16 digits or more, or with a power of three. */
const EXACT_NUMBER = /[:[,]\s*-?[\d.]{16}|\d[eE][+-]?\d{3}/;

/** JSON whose numbers keep their digits when it is written again. Throws `SyntaxError`. Keeping them takes some ten times as long: few records have such. */
export function parseExactly(text: string): unknown {
  return EXACT_NUMBER.test(text) ? parseKeepingNumbers(text) : JSON.parse(text);
}
