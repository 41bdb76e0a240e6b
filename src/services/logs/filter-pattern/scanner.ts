import { ModeledError } from "../../../models/modeled-error.ts";

/** Reads a pattern from its beginning to its end. Blanks between what is read do not matter. */
export class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What an expression (sticky) finds here, and goes on behind it; else stays. */
  take(expression: RegExp): RegExpExecArray | undefined {
    this.#skipBlanks();
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found === null) return undefined;
    this.#at = expression.lastIndex;
    return found;
  }

  /** Goes on behind some characters if they are here. */
  takes(characters: string): boolean {
    this.#skipBlanks();
    if (!this.#text.startsWith(characters, this.#at)) return false;
    this.#at += characters.length;
    return true;
  }

  get isAtEnd(): boolean {
    this.#skipBlanks();
    return this.#at >= this.#text.length;
  }

  /** Refuses the pattern, for what does not stand here. */
  fail(wanted: string): never {
    throw invalidPattern(`Invalid filter pattern: ${wanted} is missing at '${this.#text.slice(this.#at)}'`);
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
}

export function invalidPattern(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}

/** Conditions joined by `&&`, which binds closer, and `||`, with brackets. */
export function parseConditions<T>(scanner: Scanner, parseOne: () => (subject: T) => boolean): (subject: T) => boolean {
  const alternatives = [parseAll(scanner, parseOne)];
  while (scanner.takes("||")) alternatives.push(parseAll(scanner, parseOne));
  return alternatives.length === 1 && alternatives[0]
    ? alternatives[0]
    : (subject) => alternatives.some((holds) => holds(subject));
}

function parseAll<T>(scanner: Scanner, parseOne: () => (subject: T) => boolean): (subject: T) => boolean {
  const conditions = [parseBracketed(scanner, parseOne)];
  while (scanner.takes("&&")) conditions.push(parseBracketed(scanner, parseOne));
  return conditions.length === 1 && conditions[0]
    ? conditions[0]
    : (subject) => conditions.every((holds) => holds(subject));
}

/** A pattern has 1,024 characters at most, which bounds how deep brackets lie in one another. */
function parseBracketed<T>(scanner: Scanner, parseOne: () => (subject: T) => boolean): (subject: T) => boolean {
  if (!scanner.takes("(")) return parseOne();
  const inner = parseConditions(scanner, parseOne);
  return scanner.takes(")") ? inner : scanner.fail(")");
}
