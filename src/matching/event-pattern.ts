import { ModeledError } from "../models/modeled-error.ts";
import type { Condition } from "./condition.ts";
import { JsonSyntaxError, JsonTokens, type Token } from "./json-tokens.ts";
import type { Bound, Predicate } from "./predicate.ts";

/**
 * EventBridge's event patterns: parsed from their text, refused with the service's own messages, compiled to predicates over paths.
 *
 * A pattern mirrors the event. Its leaves are arrays; fields combine with AND, elements of an array with OR. `$or` gives alternatives
 * of fields; it is multiplied out here, so that what is left is a list of conjunctions of which one must match.
 *
 * The front end follows the text as the real engine does (aws/event-ruler), which decides three things: the first mistake in the
 * text is the one that is reported; of two conditions for the same path the later one counts; and dots in keys are separators of
 * steps. Numbers are compared as doubles.
 *
 * Language: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
/** "You can have up to 1000 combinations": the product of the lengths of all `$or` arrays, from the user guide. */
const OR_COMBINATIONS_MAX = 1000;

/** Of the language, but not built yet: refused by name rather than misread. */
const OPERATORS_NOT_BUILT: ReadonlySet<string> = new Set(["equals-ignore-case", "wildcard", "cidr"]);

/** Names that the engine keeps for itself among the fields of an alternative of `$or` (aws/event-ruler, `Constants`). */
const RESERVED_IN_OR: ReadonlySet<string> = new Set(
  `exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard
   not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range
   ip-address-not-in-range`.split(/\s+/),
);

/** Compiles a pattern. Throws `InvalidEventPatternException` with a reason that points at the spot. */
export function parseEventPattern(text: string): Condition {
  try {
    return new PatternParser(text).parse();
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidPattern(error.message, location(text, error.at));
    throw error;
  }
}

function invalidPattern(reason: string, ...locations: readonly string[]): ModeledError {
  return new ModeledError(
    "InvalidEventPatternException",
    [`Event pattern is not valid. Reason: ${reason}`, ...locations].join("\n"),
  );
}

/** How much of the text Jackson repeats in a location. */
const SOURCE_CHARACTERS_MAX = 500;

function location(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  const cut = text.length - SOURCE_CHARACTERS_MAX;
  const source = `"${text.slice(0, SOURCE_CHARACTERS_MAX)}"${cut > 0 ? `[truncated ${cut} chars]` : ""}`;
  return ` at [Source: (String)${source}; line: ${before.length}, column: ${(before.at(-1) ?? "").length + 1}]`;
}

type Fields = Map<string, readonly Predicate[]>;

/** Follows the tokens; each method stands before the first token of what it parses, unless it is handed that token. */
class PatternParser {
  readonly #text: string;
  readonly #tokens: JsonTokens;
  #combinations = 1;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = new JsonTokens(text);
  }

  parse(): Condition {
    const first = this.#next();
    if (first.kind !== "{") this.#refuse("Filter is not an object", first.at);
    const alternatives = this.#object("", [new Map()], false);
    this.#next();
    const [only, ...others] = alternatives.map(conjunction);
    return only !== undefined && others.length === 0 ? only : { kind: "any", of: alternatives.map(conjunction) };
  }

  /** Adds the conditions of an object's fields to each of the alternatives so far. */
  #object(prefix: string, alternatives: readonly Fields[], insideOr: boolean): readonly Fields[] {
    let result = alternatives;
    let name = this.#next();
    if (name.kind === "}") this.#refuse("Empty objects are not allowed", name.at);
    for (; name.kind !== "}"; name = this.#next()) {
      if (name.text === "$or") {
        result = this.#or(prefix, result);
        continue;
      }
      if (insideOr && RESERVED_IN_OR.has(name.text)) {
        this.#refuse(`${name.text} is Ruler reserved fieldName which cannot be used inside $or.`, name.at);
      }
      const path = prefix + name.text;
      const value = this.#next();
      if (value.kind === "{") {
        result = this.#object(`${path}.`, result, insideOr);
      } else if (value.kind === "[") {
        const predicates = this.#predicates();
        for (const fields of result) fields.set(path, predicates);
      } else {
        this.#refuse(`"${name.text}" must be an object or an array`, value.at);
      }
    }
    return result;
  }

  #or(prefix: string, alternatives: readonly Fields[]): readonly Fields[] {
    const list = this.#next();
    if (list.kind !== "[") this.#refuse("It must be an Array followed with $or.", list.at);
    const branches: (readonly Fields[])[] = [];
    let token = this.#next();
    for (; token.kind !== "]"; token = this.#next()) {
      if (token.kind !== "{") this.#refuse("Only JSON object is allowed in array of $or relationship.", token.at);
      if ((branches.length + 1) * this.#combinations > OR_COMBINATIONS_MAX) {
        this.#refuse(`There must be at most ${OR_COMBINATIONS_MAX} combinations of $or relationships.`, token.at);
      }
      branches.push(
        this.#object(
          prefix,
          alternatives.map((fields) => new Map(fields)),
          true,
        ),
      );
    }
    if (branches.length < 2) this.#refuse("There must have at least 2 Objects in $or relationship.", token.at);
    this.#combinations *= branches.length;
    return branches.flat();
  }

  #predicates(): readonly Predicate[] {
    const predicates: Predicate[] = [];
    let token = this.#next();
    if (token.kind === "]") this.#refuse("Empty arrays are not allowed", token.at);
    for (; token.kind !== "]"; token = this.#next()) predicates.push(this.#element(token));
    return predicates;
  }

  #element(token: Token): Predicate {
    switch (token.kind) {
      case "{":
        return this.#operator();
      case "string":
        return { kind: "equals", value: token.text };
      case "number":
        return { kind: "equals", value: Number(token.text) };
      case "true":
      case "false":
        return { kind: "equals", value: token.kind === "true" };
      case "null":
        return { kind: "equals", value: null };
      default:
        return this.#refuse("Match value must be String, number, true, false, or null", token.at);
    }
  }

  #operator(): Predicate {
    const name = this.#next();
    if (name.kind !== "name") this.#refuse("Match expression name not found", name.at);
    switch (name.text) {
      case "exactly":
        return this.#textOperator("exact", (value) => ({ kind: "equals", value }));
      case "prefix":
      case "suffix":
        return this.#prefixOrSuffix(name.text);
      case "exists":
        return this.#exists();
      case "numeric":
        return this.#numeric();
      case "anything-but":
        return this.#anythingBut();
      default:
        if (OPERATORS_NOT_BUILT.has(name.text)) this.#notBuilt(name);
        return this.#refuse(`Unrecognized match type ${name.text}`, name.at);
    }
  }

  #textOperator(name: string, predicate: (text: string) => Predicate, operand: Token = this.#next()): Predicate {
    if (operand.kind !== "string") this.#refuse(`${name} match pattern must be a string`, operand.at);
    this.#closeOperator("Only one key allowed in match expression");
    return predicate(operand.text);
  }

  #prefixOrSuffix(kind: "prefix" | "suffix"): Predicate {
    const operand = this.#next();
    if (operand.kind === "{") {
      const inner = this.#next();
      const written = kind === "prefix" ? "Prefix" : "Suffix";
      if (inner.kind !== "name") this.#refuse(`${written} expression name not found`, inner.at);
      if (OPERATORS_NOT_BUILT.has(inner.text)) this.#notBuilt(inner);
      this.#refuse(`Unsupported ${kind} pattern: ${inner.text}`, inner.at);
    }
    return this.#textOperator(kind, (text) => ({ kind, text }), operand);
  }

  #exists(): Predicate {
    const operand = this.#next();
    if (operand.kind !== "true" && operand.kind !== "false") {
      this.#refuse("exists match pattern must be either true or false.", operand.at);
    }
    this.#closeOperator("Only one key allowed in match expression");
    return { kind: operand.kind === "true" ? "exists" : "absent" };
  }

  #numeric(): Predicate {
    const list = this.#next();
    if (list.kind !== "[") this.#refuse("Value of numeric must be an array.", list.at);
    const predicate = this.#numericRange();
    this.#closeOperator("Too many elements in numeric expression");
    return predicate;
  }

  #numericRange(): Predicate {
    const operator = this.#next();
    if (operator.kind !== "string") this.#refuse(`Invalid member in numeric match: ${operator.text}`, operator.end);
    const operand = this.#next();
    switch (operator.text) {
      case "=": {
        const value = this.#number("equals", operand);
        this.#closeNumeric(this.#next());
        return { kind: "equals", value };
      }
      case "<":
      case "<=": {
        const top = this.#bound(operator.text, operand);
        this.#closeNumeric(this.#next());
        return { kind: "range", top };
      }
      case ">":
      case ">=": {
        const bottom = this.#bound(operator.text, operand);
        const next = this.#next();
        return next.kind === "]" ? { kind: "range", bottom } : this.#closedRange(bottom, next);
      }
      default:
        return this.#refuse(`Unrecognized numeric range operator: ${operator.text}`, operand.at);
    }
  }

  #closedRange(bottom: Bound<number>, operator: Token): Predicate {
    if (operator.kind !== "string") this.#refuse(`Bad value in numeric range: ${operator.text}`, operator.end);
    if (operator.text !== "<" && operator.text !== "<=") {
      this.#refuse(`Bad numeric range operator: ${operator.text}`, operator.end);
    }
    const top = this.#bound(operator.text, this.#next());
    const closing = this.#next();
    if (closing.kind !== "]") this.#refuse("Too many terms in numeric range expression", closing.at);
    if (bottom.value >= top.value) this.#refuse("Bottom must be less than top", closing.at);
    return { kind: "range", bottom, top };
  }

  #bound(operator: "<" | "<=" | ">" | ">=", operand: Token): Bound<number> {
    return { value: this.#number(operator, operand), inclusive: operator.endsWith("=") };
  }

  #number(operator: string, operand: Token): number {
    if (operand.kind !== "number") this.#refuse(`Value of ${operator} must be numeric`, operand.at);
    return this.#comparable(operand);
  }

  #comparable(token: Token): number {
    const value = Number(token.text);
    if (!Number.isFinite(value)) this.#refuse(`Cannot compare number : ${token.text}`, token.end);
    return value;
  }

  #closeNumeric(closing: Token): void {
    if (closing.kind !== "]") this.#refuse("Too many elements in numeric expression", closing.at);
  }

  #anythingBut(): Predicate {
    const operand = this.#next();
    const predicate = operand.kind === "{" ? this.#anythingButAffix() : this.#anythingButValues(operand);
    this.#closeOperator("Too many elements in numeric expression");
    return predicate;
  }

  #anythingButValues(operand: Token): Predicate {
    switch (operand.kind) {
      case "string":
        return anythingButValues([operand.text]);
      case "number":
        return anythingButValues([this.#comparable(operand)]);
      case "[":
        return anythingButValues(this.#valuesOfOneType());
      default:
        return this.#refuseAnythingBut(operand);
    }
  }

  #valuesOfOneType(): readonly (string | number)[] {
    const values: (string | number)[] = [];
    const types = new Set<string>();
    let token = this.#next();
    for (; token.kind !== "]"; token = this.#next()) {
      if (token.kind !== "string" && token.kind !== "number") {
        this.#refuseInList("Inside anything but list, start|null|boolean is not supported.", token.at);
      }
      values.push(token.kind === "string" ? token.text : this.#comparable(token));
      types.add(token.kind);
    }
    if (types.size !== 1) this.#refuseMixed(token);
    return values;
  }

  #anythingButAffix(): Predicate {
    const name = this.#next();
    if (name.kind !== "name") this.#refuse("Anything-But expression name not found", name.at);
    if (OPERATORS_NOT_BUILT.has(name.text) && name.text !== "cidr") this.#notBuilt(name);
    if (name.text !== "prefix" && name.text !== "suffix") {
      this.#refuse(`Unsupported anything-but pattern: ${name.text}`, name.at);
    }
    const texts = this.#affixes();
    this.#closeOperator("Too many elements in numeric expression");
    const kind = name.text;
    return { kind: "anything-but", values: new Set(), predicates: texts.map((text) => ({ kind, text })) };
  }

  #affixes(): readonly string[] {
    const operand = this.#next();
    if (operand.kind === "string" || operand.kind === "number") {
      return [this.#affix(operand, (reason, at) => this.#refuse(reason, at))];
    }
    if (operand.kind !== "[") return this.#refuseAnythingBut(operand);
    const texts: string[] = [];
    let token = this.#next();
    for (; token.kind !== "]"; token = this.#next()) {
      texts.push(this.#affix(token, (reason, at) => this.#refuseInList(reason, at)));
    }
    // The engine's own parser lets an empty list pass and crashes on it later.
    if (texts.length === 0) this.#refuseMixed(token);
    return texts;
  }

  #affix(token: Token, refuse: (reason: string, at: number) => never): string {
    if (token.kind !== "string") return refuse("prefix/suffix match pattern must be a string", token.at);
    if (token.text === "") return refuse("Null prefix/suffix not allowed", token.end);
    return token.text;
  }

  #closeOperator(reason: string): void {
    const closing = this.#next();
    if (closing.kind !== "}") this.#refuse(reason, closing.at);
  }

  #next(): Token {
    return this.#tokens.next();
  }

  #notBuilt(name: Token): never {
    this.#refuse(`The operator ${name.text} is not built in Trunkline yet`, name.at);
  }

  #refuseAnythingBut(operand: Token): never {
    this.#refuse("Value of anything-but must be an array or single string/number value.", operand.at);
  }

  #refuseMixed(closing: Token): never {
    const reason = "Inside anything but list, either all values are number or string, mixed type is not supported";
    this.#refuse(reason, closing.at);
  }

  #refuse(reason: string, at: number): never {
    throw invalidPattern(reason, location(this.#text, at));
  }

  /** The engine wraps a mistake inside a list once more, and so says twice where it is. */
  #refuseInList(reason: string, at: number): never {
    throw invalidPattern(reason, location(this.#text, at), location(this.#text, at));
  }
}

function anythingButValues(values: readonly (string | number)[]): Predicate {
  return { kind: "anything-but", values: new Set(values), predicates: [] };
}

/** Fields in the order of their paths, in which the real engine looks at them too: absence of a field depends on it. */
function conjunction(fields: Fields): Condition {
  const inOrder = [...fields].sort(([one], [other]) => (one < other ? -1 : 1));
  return { kind: "fields", fields: inOrder.map(([path, predicates]) => ({ path: path.split("."), predicates })) };
}
