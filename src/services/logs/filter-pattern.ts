import { ModeledError } from "../../models/modeled-error.ts";

/*
 * Patterns over a message's text. Terms and phrases are found anywhere in it, upper and lower case told apart:
 *
 *   (nothing)    every message                     "two words"   the phrase, with any characters
 *   a b          a and b, in any place             ?a ?b         a or b
 *   a -b         a and not b
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */

interface Term {
  readonly sign: "" | "-" | "?";
  readonly text: string;
}

/** One term with its sign: a quoted phrase, in which `\` escapes, or all up to the next space. */
const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)\s*/suy;

/** Makes a pattern a predicate over messages; refuses what it cannot read. */
export function compileFilterPattern(pattern: string): (message: string) => boolean {
  const terms = parseTerms(pattern);
  const textsOf = (sign: Term["sign"]): string[] => terms.filter((term) => term.sign === sign).map(({ text }) => text);
  const needed = textsOf("");
  const excluded = textsOf("-");
  // Beside other terms the service ignores those with a question mark.
  const optional = needed.length + excluded.length > 0 ? [] : textsOf("?");
  return (message) =>
    needed.every((text) => message.includes(text)) &&
    !excluded.some((text) => message.includes(text)) &&
    (optional.length === 0 || optional.some((text) => message.includes(text)));
}

function parseTerms(pattern: string): Term[] {
  const trimmed = pattern.trim();
  if (/^[{[%]/.test(trimmed)) {
    throw invalid(
      "Invalid filter pattern: patterns over JSON fields { … }, over columns [ … ] and regular expressions % … % are not supported.",
    );
  }
  const terms: Term[] = [];
  const scanner = new RegExp(TERM);
  while (scanner.lastIndex < trimmed.length) {
    const begin = scanner.lastIndex;
    const [, sign = "", phrase, word] = scanner.exec(trimmed) ?? [];
    if (phrase === undefined && word === undefined)
      throw invalid(`Invalid filter pattern at '${trimmed.slice(begin)}'`);
    if (word !== undefined && !/^[\p{L}\p{N}_]+$/u.test(word)) throw invalid(`Invalid character(s) in term '${word}'`);
    terms.push({ sign: sign as Term["sign"], text: word ?? (phrase ?? "").replace(/\\(.)/gsu, "$1") });
  }
  return terms;
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}
