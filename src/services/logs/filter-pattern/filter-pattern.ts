/**
 * Filter patterns, over text, over JSON or over columns:
 *
 *   (nothing)    every message                     "two words"   the phrase, with any characters
 *   a b          a and b, in any place             ?a ?b         a or b
 *   a -b         a and not b                       %a[0-9]+%     a regular expression
 *
 *   { $.user.id = 1 && $.type != "x*" }            [ip, user, ..., status = 4*, bytes > 1000]
 *
 * Terms and phrases are found anywhere in a message, upper and lower case told apart.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { parseColumnsPattern } from "./columns-pattern.ts";
import { parseRegexTerm, unescaped } from "./comparison.ts";
import type { FilterPattern } from "./compiled-pattern.ts";
import { parseJsonPattern } from "./json-pattern.ts";
import { invalidPattern, Scanner } from "./scanner.ts";

/** Compiles a pattern; refuses what it cannot read with `InvalidParameterException`. */
export function compileFilterPattern(pattern: string): FilterPattern {
  const trimmed = pattern.trim();
  if (trimmed.startsWith("{")) return parseJsonPattern(trimmed);
  if (trimmed.startsWith("[")) return parseColumnsPattern(trimmed);
  return parseTerms(trimmed);
}

interface Term {
  readonly sign: string;
  readonly isIn: (message: string) => boolean;
}

function parseTerms(pattern: string): FilterPattern {
  const scanner = new Scanner(pattern);
  const terms: Term[] = [];
  while (!scanner.isAtEnd) terms.push(parseTerm(scanner));
  const withSign = (sign: string): readonly Term[] => terms.filter((term) => term.sign === sign);
  const [needed, excluded] = [withSign(""), withSign("-")];
  // Beside other terms the service ignores those with a question mark.
  const optional = needed.length + excluded.length > 0 ? [] : withSign("?");
  return {
    matches: (message) =>
      needed.every(({ isIn }) => isIn(message)) &&
      !excluded.some(({ isIn }) => isIn(message)) &&
      (optional.length === 0 || optional.some(({ isIn }) => isIn(message))),
    valuesOf: () => new Map(),
  };
}

const SIGN = /[-?](?=\S)/y;
/** A quoted phrase, in which `\` escapes, or all up to the next blank. */
const PHRASE = /"((?:[^"\\]|\\.)*)"(?=\s|$)/suy;
const WORD = /[^\s"%]+(?=\s|$)/uy;

function parseTerm(scanner: Scanner): Term {
  const sign = scanner.take(SIGN)?.[0] ?? "";
  const regex = parseRegexTerm(scanner);
  if (regex) return { sign, isIn: regex };
  const phrase = scanner.take(PHRASE);
  const text = phrase ? unescaped(phrase[1] ?? "") : (scanner.take(WORD)?.[0] ?? scanner.fail("a term"));
  if (!phrase && !/^[\p{L}\p{N}_]+$/u.test(text)) throw invalidPattern(`Invalid character(s) in term '${text}'`);
  return { sign, isIn: (message) => message.includes(text) };
}
