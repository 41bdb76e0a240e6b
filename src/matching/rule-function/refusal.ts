import { ModeledError } from "../../models/modeled-error.ts";

/** Throws what CreateRule and UpdateRule answer to a bad function. `at` is the place in its JSON: `RuleFunction.Operands[1]`. */
export function refuse(at: string, reason: string): never {
  throw new ModeledError("InvalidRequestException", `${at}: ${reason}`);
}

/** For a path that the event source does not have, or not there. The wording is the real service's, as published write-ups show it. */
export function refusePath(comparisonValue: string): never {
  throw new ModeledError("InvalidRequestException", `Unsupported ComparisonValue: ${cut(comparisonValue)}`);
}

const REPEATED_CHARACTERS_MAX = 300;

/** The caller's words as a message repeats them: the beginning of what is long. */
export function cut(text: string): string {
  return text.length <= REPEATED_CHARACTERS_MAX ? text : `${text.slice(0, REPEATED_CHARACTERS_MAX)}…`;
}
