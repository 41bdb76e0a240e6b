import { matchesWildcard } from "../../../matching/wildcard.ts";
import { compileLinearRegex } from "./linear-regex.ts";
import type { Scanner } from "./scanner.ts";

/** Whether a value meets what a pattern asks of it. `undefined` and `null` meet nothing. */
export type Test = (value: string | number | boolean) => boolean;

const OPERATOR = /(!=|<=|>=|=|<|>)/y;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const QUOTED = /"((?:[^"\\]|\\.)*)"/suy;
const REGEX = /%((?:[^%\\]|\\.)+)%/suy;
/** A word without quotes: up to what ends it. */
const WORD = /(?:[^\s"()&|,[\]{}%=<>!]|&(?!&)|\|(?!\|))+/uy;

/** Reads an operator and a value. A text may have `*` for anything in it; `%…%` is a regular expression. */
export function parseComparison(scanner: Scanner): Test {
  const [operator] = scanner.take(OPERATOR) ?? scanner.fail("an operator");
  const regex = scanner.take(REGEX);
  const quoted = regex ? undefined : scanner.take(QUOTED);
  const word = regex || quoted ? undefined : (scanner.take(WORD)?.[0] ?? scanner.fail("a value"));
  if (operator !== "=" && operator !== "!=") return compareNumbers(operator, word, scanner);
  const equals = regex
    ? finds(regex[1] ?? "", scanner)
    : isEqual(quoted ? unescaped(quoted[1] ?? "") : (word ?? ""), quoted === undefined);
  return operator === "=" ? equals : (value) => !equals(value);
}

function compareNumbers(operator: string, word: string | undefined, scanner: Scanner): Test {
  if (word === undefined || !NUMBER.test(word)) return scanner.fail("a number");
  const than = Number(word);
  const compare = { "<": (n: number) => n < than, ">": (n: number) => n > than, "<=": (n: number) => n <= than };
  const isMet = compare[operator as keyof typeof compare] ?? ((n: number) => n >= than);
  return (value) => {
    const number = numberOf(value);
    return number !== undefined && isMet(number);
  };
}

/** A number without quotes is equal to every way to write it. */
function isEqual(text: string, mayBeNumber: boolean): Test {
  const pieces = text.split(/\*+/);
  const number = mayBeNumber && NUMBER.test(text) ? Number(text) : undefined;
  return (value) => {
    if (number !== undefined && numberOf(value) === number) return true;
    return pieces.length === 1 ? String(value) === text : matchesWildcard(String(value), pieces);
  };
}

function finds(source: string, scanner: Scanner): Test {
  const isFound = compileRegex(source, scanner);
  return (value) => isFound(String(value));
}

function compileRegex(source: string, scanner: Scanner): (text: string) => boolean {
  try {
    return compileLinearRegex(source.replaceAll("\\%", "%"));
  } catch (error) {
    if (error instanceof SyntaxError) return scanner.fail(`a regular expression (%${source}%: ${error.message})`);
    throw error;
  }
}

function numberOf(value: string | number | boolean): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : undefined;
}

export function unescaped(text: string): string {
  return text.replace(/\\(.)/gsu, "$1");
}

/** Reads a regular expression as a term of text. */
export function parseRegexTerm(scanner: Scanner): ((text: string) => boolean) | undefined {
  const found = scanner.take(REGEX);
  return found && compileRegex(found[1] ?? "", scanner);
}
