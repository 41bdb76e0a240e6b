import { addressBlock, parseAddress, parseAddressBlock } from "./address.ts";
import { compareDecimals, parseDecimal } from "./decimal.ts";
import { JsonSyntaxError, type JsonTokens, type Token } from "./json-tokens.ts";
import type { Bound, Predicate } from "./predicate.ts";
import { parseWildcard } from "./wildcard.ts";
import type { WildcardGroup } from "./wildcard-complexity.ts";

/** Something in an event pattern that the language does not know. `cause` is the mistake in the JSON text, where it is one. */
export class PatternMistake extends Error {
  /** Offsets into the text, as often as the engine says them. */
  readonly places: readonly number[];

  constructor(reason: string, places: readonly number[], options?: { readonly cause: JsonSyntaxError }) {
    super(reason, options);
    this.name = "PatternMistake";
    this.places = places;
  }
}

/** What an event pattern asks of the values of one field. */
export interface MatchExpressions {
  readonly predicates: readonly Predicate[];
  /** The wildcards among them, by what counts as the same one: `wildcardComplexity` asks for them. */
  readonly wildcards: ReadonlyMap<string, WildcardGroup>;
}

/**
 * Reads the array of a field of an event pattern, whose opening bracket was read last. Throws `PatternMistake` or `JsonSyntaxError`.
 *
 * It goes through the text in the same order as the real engine (aws/event-ruler, `JsonRuleCompiler`), so that the same mistake is the first
 * and is noticed at the same place; its words are the engine's, where they say "prefix" of a CIDR and "numeric" of `anything-but` too.
 */
export function parseMatchExpressions(tokens: JsonTokens): MatchExpressions {
  return new MatchExpressionParser(tokens).parse();
}

class MatchExpressionParser {
  readonly #tokens: JsonTokens;
  readonly #wildcards = new Map<string, string[][]>();

  constructor(tokens: JsonTokens) {
    this.#tokens = tokens;
  }

  parse(): MatchExpressions {
    const predicates = this.#list((token) => this.#element(token));
    if (predicates.length === 0) this.#refuse("Empty arrays are not allowed");
    return { predicates, wildcards: this.#wildcards };
  }

  #element(token: Token): Predicate {
    switch (token.kind) {
      case "{":
        return this.#operator();
      case "string":
        return literalText(token.text);
      case "number":
        return { kind: "equals", value: Number(token.text) };
      case "true":
      case "false":
        return { kind: "equals", value: token.kind === "true" };
      case "null":
        return { kind: "equals", value: null };
      default:
        return this.#refuse("Match value must be String, number, true, false, or null");
    }
  }

  #operator(): Predicate {
    const name = this.#next();
    if (name.kind !== "name") this.#refuse("Match expression name not found");
    switch (name.text) {
      case "exactly":
        return this.#closed({ kind: "equals", value: this.#text("exact", this.#next()) });
      case "prefix":
      case "suffix":
        return this.#prefixOrSuffix(name.text);
      case "equals-ignore-case":
        return this.#closed({ kind: "equals-ignore-case", text: this.#text(name.text, this.#next()) });
      case "wildcard":
        return this.#closed(this.#wildcard(this.#next()));
      case "cidr":
        return this.#closed(this.#cidr(this.#text("prefix", this.#next())));
      case "exists":
        return this.#exists(this.#next());
      case "numeric":
        return this.#numeric(this.#next());
      case "anything-but":
        return this.#anythingBut(this.#next());
      default:
        return this.#refuse(`Unrecognized match type ${name.text}`);
    }
  }

  #text(operator: string, operand: Token): string {
    if (operand.kind !== "string") this.#refuse(`${operator} match pattern must be a string`);
    return operand.text;
  }

  #prefixOrSuffix(kind: "prefix" | "suffix"): Predicate {
    const operand = this.#next();
    if (operand.kind !== "{") return this.#closed({ kind, text: this.#text(kind, operand) });
    const inner = this.#next();
    if (inner.kind !== "name") this.#refuse(`${kind === "prefix" ? "Prefix" : "Suffix"} expression name not found`);
    if (inner.text !== "equals-ignore-case") this.#refuse(`Unsupported ${kind} pattern: ${inner.text}`);
    const text = this.#text(inner.text, this.#next());
    return this.#closed(this.#closed({ kind, text, ignoreCase: true }));
  }

  #wildcard(operand: Token): Predicate {
    const pieces = this.#pieces(this.#text("wildcard", operand));
    this.#count("wildcard", [pieces]);
    return wildcardPredicate(pieces);
  }

  #pieces(text: string): readonly string[] {
    return parseWildcard(text, (reason) => this.#refuse(reason));
  }

  /** The same wildcard twice is asked twice, but counts as one. */
  #count(operator: string, pieces: readonly (readonly string[])[]): void {
    const name = JSON.stringify([operator, ...pieces.map((each) => JSON.stringify(each)).sort()]);
    const group = this.#wildcards.get(name) ?? [];
    this.#wildcards.set(name, group);
    for (const each of pieces) group.push([...each]);
  }

  #cidr(text: string): Predicate {
    const block = parseAddressBlock(text, (reason) => {
      throw new PatternMistake(reason, []);
    });
    return { kind: "cidr", block };
  }

  #exists({ kind }: Token): Predicate {
    if (kind !== "true" && kind !== "false") this.#refuse("exists match pattern must be either true or false.");
    return this.#closed({ kind: kind === "true" ? "exists" : "absent" });
  }

  #numeric(list: Token): Predicate {
    if (list.kind !== "[") this.#refuse("Value of numeric must be an array.");
    return this.#closed(this.#numericRange(), "Too many elements in numeric expression");
  }

  #numericRange(): Predicate {
    const operator = this.#next();
    const { text } = operator;
    if (operator.kind !== "string") this.#refuse(`Invalid member in numeric match: ${text}`);
    const operand = this.#next();
    if (!["=", "<", "<=", ">", ">="].includes(text)) this.#refuse(`Unrecognized numeric range operator: ${text}`);
    const written = this.#numberText(text === "=" ? "equals" : text, operand);
    const next = this.#next();
    if (next.kind !== "]") {
      if (!text.startsWith(">")) this.#refuse("Too many elements in numeric expression");
      return this.#closedRange(written, text === ">=", next);
    }
    const value = this.#comparable(written, this.#tokens.place);
    const bound: Bound<number> = { value, inclusive: text.endsWith("=") };
    if (text === "=") return { kind: "equals", value };
    return text.startsWith("<") ? { kind: "range", top: bound } : { kind: "range", bottom: bound };
  }

  #closedRange(bottomWritten: string, bottomInclusive: boolean, operator: Token): Predicate {
    const { text } = operator;
    if (operator.kind !== "string") this.#refuse(`Bad value in numeric range: ${text}`);
    if (text !== "<" && text !== "<=") this.#refuse(`Bad numeric range operator: ${text}`);
    const topWritten = this.#numberText(text, this.#next());
    if (this.#next().kind !== "]") this.#refuse("Too many terms in numeric range expression");
    const bottom = this.#comparable(bottomWritten, this.#tokens.place);
    const top = this.#comparable(topWritten, this.#tokens.place);
    if (bottom >= top) this.#refuse("Bottom must be less than top");
    return {
      kind: "range",
      bottom: { value: bottom, inclusive: bottomInclusive },
      top: { value: top, inclusive: text === "<=" },
    };
  }

  #numberText(operator: string, operand: Token): string {
    if (operand.kind !== "number") this.#refuse(`Value of ${operator} must be numeric`);
    return operand.text;
  }

  /** A number that is compared by its size must be one that a double holds in its shortest digits. */
  #comparable(written: string, ...places: readonly number[]): number {
    const value = Number(written);
    const [exact, held] = [parseDecimal(written), parseDecimal(value)];
    if (exact === undefined || held === undefined || compareDecimals(exact, held) !== 0) {
      throw new PatternMistake(`Cannot compare number : ${written}`, places);
    }
    return value;
  }

  #anythingBut(operand: Token): Predicate {
    const tooMany = "Too many elements in numeric expression";
    if (operand.kind !== "{") return this.#closed(anythingBut(this.#values(operand)), tooMany);
    const name = this.#next();
    if (name.kind !== "name") this.#refuse("Anything-But expression name not found");
    return this.#closed(this.#closed(anythingBut([], this.#exceptions(name.text)), tooMany), tooMany);
  }

  /** What `anything-but` excludes by value. */
  #values(operand: Token): readonly (string | number)[] {
    if (operand.kind === "[") return this.#valuesOfOneType();
    if (operand.kind === "string") return [operand.text];
    if (operand.kind === "number") return [this.#comparable(operand.text)];
    return this.#refuseOperand();
  }

  #valuesOfOneType(): readonly (string | number)[] {
    const values = this.#told(() =>
      this.#list((token) => {
        if (token.kind === "string") return token.text;
        if (token.kind === "number") return this.#comparable(token.text);
        return this.#refuse("Inside anything but list, start|null|boolean is not supported.");
      }),
    );
    const type = typeof values[0];
    if (values.length === 0 || values.some((value) => typeof value !== type)) this.#refuseMixed();
    return values;
  }

  /** What `anything-but` excludes by another operator. */
  #exceptions(operator: string): readonly Predicate[] {
    switch (operator) {
      case "prefix":
      case "suffix":
        return this.#texts(operator).map((text) => ({ kind: operator, text }));
      case "equals-ignore-case":
        return this.#texts(operator).map((text) => ({ kind: operator, text }));
      case "wildcard": {
        const wildcards = this.#texts(operator).map((text) => this.#pieces(text));
        this.#count("anything-but", wildcards);
        return wildcards.map(wildcardPredicate);
      }
      default:
        return this.#refuse(`Unsupported anything-but pattern: ${operator}`);
    }
  }

  /** One text or a list of some, each once. */
  #texts(operator: "prefix" | "suffix" | "equals-ignore-case" | "wildcard"): readonly string[] {
    const operand = this.#next();
    if (operand.kind === "string" || operand.kind === "number") return [this.#exceptionText(operator, operand)];
    if (operand.kind !== "[") this.#refuseOperand();
    const texts = this.#told(() => this.#list((token) => this.#exceptionText(operator, token)));
    // The engine's own parser lets an empty list pass and crashes on it later.
    if (texts.length === 0) this.#refuseMixed();
    return [...new Set(texts)];
  }

  #exceptionText(operator: "prefix" | "suffix" | "equals-ignore-case" | "wildcard", token: Token): string {
    const isAffix = operator === "prefix" || operator === "suffix";
    if (token.kind !== "string") {
      if (operator === "equals-ignore-case") {
        this.#refuse("Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.");
      }
      this.#refuse(`${isAffix ? "prefix/suffix" : operator} match pattern must be a string`);
    }
    const { text } = token;
    if (isAffix && text === "") this.#refuse("Null prefix/suffix not allowed");
    return text;
  }

  /** What a list holds whose opening bracket was read last. */
  #list<T>(read: (token: Token) => T): readonly T[] {
    const list: T[] = [];
    for (let token = this.#next(); token.kind !== "]"; token = this.#next()) list.push(read(token));
    return list;
  }

  /** A mistake within a list of `anything-but` is told once more by the engine, and so says twice where it is. */
  #told<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof JsonSyntaxError)
        throw new PatternMistake(error.message, [error.at, error.at], { cause: error });
      if (!(error instanceof PatternMistake)) throw error;
      throw new PatternMistake(error.message, [...error.places, this.#tokens.place]);
    }
  }

  /** The predicate of an operator that has to end here. */
  #closed(predicate: Predicate, reason = "Only one key allowed in match expression"): Predicate {
    if (this.#next().kind !== "}") this.#refuse(reason);
    return predicate;
  }

  #next(): Token {
    return this.#tokens.next();
  }

  #refuseOperand(): never {
    this.#refuse("Value of anything-but must be an array or single string/number value.");
  }

  #refuseMixed(): never {
    this.#refuse("Inside anything but list, either all values are number or string, mixed type is not supported");
  }

  #refuse(reason: string): never {
    throw new PatternMistake(reason, [this.#tokens.place]);
  }
}

/** A text that is an IP address is compared as one by the engine, though no document says so. */
function literalText(text: string): Predicate {
  const address = parseAddress(text);
  return address === undefined ? { kind: "equals", value: text } : { kind: "cidr", block: addressBlock(address) };
}

function wildcardPredicate(pieces: readonly string[]): Predicate {
  const [text = ""] = pieces;
  return pieces.length === 1 ? { kind: "equals", value: text } : { kind: "wildcard", pieces };
}

function anythingBut(values: readonly (string | number)[], predicates: readonly Predicate[] = []): Predicate {
  return { kind: "anything-but", values: new Set(values), predicates };
}
