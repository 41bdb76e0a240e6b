import { ModeledError } from "../models/modeled-error.ts";
import type { Condition, FieldCondition } from "./condition.ts";
import { JsonSyntaxError, JsonTokens, type Token } from "./json-tokens.ts";
import { type MatchExpressions, PatternMistake, parseMatchExpressions } from "./match-expression.ts";
import { type WildcardGroup, wildcardComplexity } from "./wildcard-complexity.ts";

/**
 * EventBridge's event patterns: parsed from their text, refused with the service's own messages, compiled to predicates over paths.
 *
 * A pattern mirrors the event. Its leaves are arrays; fields combine with AND, elements of an array with OR. `$or` gives alternatives
 * of fields; it is multiplied out here, so that what is left is a list of conjunctions of which one must match.
 *
 * The front end follows the text as the real engine does (aws/event-ruler), which decides three things: the first mistake in the
 * text is the one that is reported; of two conditions for the same path the later one counts; and dots in keys are separators of
 * steps.
 *
 * Numbers are compared as doubles, as the engine compares them. But events are parsed by `JSON.parse` before they are matched: a number of
 * an event that no double holds is compared as the nearest double, where the engine compares it only to the same characters.
 *
 * Language: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
/** "You can have up to 1000 combinations": the product of the lengths of all `$or` arrays, from the user guide. */
const OR_COMBINATIONS_MAX = 1000;

/** Recorded: 9 is accepted and 11 refused; that 10 is accepted is our choice. */
const COMPLEXITY_MAX = 10;
const TOO_COMPLEX =
  "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";

/** Characters of all paths and fields of all alternatives, so that no text grows out of proportion. Ours; 4096 characters cannot reach it. */
const COMPILED_SIZE_MAX = 1_000_000;

/** Names that the engine keeps for itself among the fields of an alternative of `$or` (aws/event-ruler, `Constants`). */
const RESERVED_IN_OR: ReadonlySet<string> = new Set(
  `exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard
   not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range
   ip-address-not-in-range`.split(/\s+/),
);

/** Compiles a pattern. Throws `InvalidEventPatternException` with a reason that points at the spot. */
export function parseEventPattern(text: string): Condition {
  try {
    const alternatives = inOrderOfPaths(new PatternParser(text).parse());
    refuseComplexWildcards(alternatives);
    const conjunctions = alternatives.map(conjunction);
    const [first, ...others] = conjunctions;
    return first !== undefined && others.length === 0 ? first : { kind: "any", of: conjunctions };
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidPattern(text, error, [error.at]);
    if (error instanceof PatternMistake) throw invalidPattern(text, error, error.places);
    throw error;
  }
}

function invalidPattern(text: string, error: Error, places: readonly number[]): ModeledError {
  const { about } = error instanceof JsonSyntaxError ? error : ((error.cause ?? {}) as Partial<JsonSyntaxError>);
  const reason = about === undefined ? error.message : `${error.message} (${about.words} ${location(text, about.at)})`;
  const lines = [`Event pattern is not valid. Reason: ${reason}`, ...places.map((at) => ` ${location(text, at)}`)];
  return new ModeledError("InvalidEventPatternException", lines.join("\n"));
}

/** How much of the text Jackson repeats in a location. */
const SOURCE_CHARACTERS_MAX = 500;

function location(text: string, at: number): string {
  const { line, start } = lineAt(text, at);
  const cut = text.length - SOURCE_CHARACTERS_MAX;
  const source = `"${text.slice(0, SOURCE_CHARACTERS_MAX)}"${cut > 0 ? `[truncated ${cut} chars]` : ""}`;
  return `at [Source: (String)${source}; line: ${line}, column: ${at - start + 1}]`;
}

/** The line that an offset lies in, from 1, and where it starts. A loop, since a hostile text may have millions of them. */
function lineAt(text: string, at: number): { readonly line: number; readonly start: number } {
  let line = 1;
  let start = 0;
  for (let i = 0; i < at; i++) {
    const character = text[i];
    if (character !== "\n" && (character !== "\r" || text[i + 1] === "\n")) continue;
    line += 1;
    start = i + 1;
  }
  return { line, start };
}

interface Field extends MatchExpressions {
  /** Its steps, joined by dots. */
  readonly path: string;
  readonly condition: FieldCondition;
}

/** The fields of an alternative, by their paths. */
type Alternative = Map<string, Field>;

/** Follows the tokens; each method stands before the first token of what it parses, unless it is handed that token. */
class PatternParser {
  readonly #tokens: JsonTokens;
  #combinations = 1;
  #compiledSize = 0;

  constructor(text: string) {
    this.#tokens = new JsonTokens(text);
  }

  parse(): readonly Alternative[] {
    if (this.#next().kind !== "{") this.#refuse("Filter is not an object");
    const alternatives = this.#object("", [new Map()], false);
    this.#next();
    return alternatives;
  }

  /** Adds the conditions of an object's fields to each of the alternatives so far. */
  #object(prefix: string, alternatives: readonly Alternative[], insideOr: boolean): readonly Alternative[] {
    let result = alternatives;
    let name = this.#next();
    if (name.kind === "}") this.#refuse("Empty objects are not allowed");
    for (; name.kind !== "}"; name = this.#next()) {
      if (name.text === "$or") {
        result = this.#or(prefix, result);
        continue;
      }
      if (insideOr && RESERVED_IN_OR.has(name.text)) {
        this.#refuse(`${name.text} is Ruler reserved fieldName which cannot be used inside $or.`);
      }
      const path = prefix + name.text;
      const value = this.#next();
      if (value.kind === "{") result = this.#object(`${path}.`, result, insideOr);
      else if (value.kind === "[") this.#field(path, result);
      else this.#refuse(`"${name.text}" must be an object or an array`);
    }
    return result;
  }

  #or(prefix: string, alternatives: readonly Alternative[]): readonly Alternative[] {
    if (this.#next().kind !== "[") this.#refuse("It must be an Array followed with $or.");
    const branches: (readonly Alternative[])[] = [];
    for (let token = this.#next(); token.kind !== "]"; token = this.#next()) {
      if (token.kind !== "{") this.#refuse("Only JSON object is allowed in array of $or relationship.");
      if ((branches.length + 1) * this.#combinations > OR_COMBINATIONS_MAX) {
        this.#refuse(`There must be at most ${OR_COMBINATIONS_MAX} combinations of $or relationships.`);
      }
      branches.push(this.#object(prefix, this.#copies(alternatives), true));
    }
    if (branches.length < 2) this.#refuse("There must have at least 2 Objects in $or relationship.");
    this.#combinations *= branches.length;
    return branches.flat();
  }

  #copies(alternatives: readonly Alternative[]): readonly Alternative[] {
    this.#grow(alternatives.reduce((sum, { size }) => sum + size, 0));
    return alternatives.map((fields) => new Map(fields));
  }

  #field(path: string, alternatives: readonly Alternative[]): void {
    this.#grow(path.length + alternatives.length);
    const { predicates, wildcards } = parseMatchExpressions(this.#tokens);
    const field = { path, condition: { path: path.split("."), predicates }, predicates, wildcards };
    for (const fields of alternatives) fields.set(path, field);
  }

  #grow(size: number): void {
    this.#compiledSize += size;
    if (this.#compiledSize > COMPILED_SIZE_MAX) this.#refuse("The pattern has too many fields");
  }

  #next(): Token {
    return this.#tokens.next();
  }

  #refuse(reason: string): never {
    throw new PatternMistake(reason, [this.#tokens.place]);
  }
}

/** As the real engine looks at them too: absence of a field depends on which were looked at before. */
function inOrderOfPaths(alternatives: readonly Alternative[]): readonly (readonly Field[])[] {
  const fields = [...new Set(alternatives.flatMap((each) => [...each.values()]))];
  fields.sort((one, other) => (one.path < other.path ? -1 : Number(one.path > other.path)));
  const places = new Map(fields.map((field, place) => [field, place]));
  const placeOf = (field: Field): number => places.get(field) ?? 0;
  return alternatives.map((each) => [...each.values()].sort((one, other) => placeOf(one) - placeOf(other)));
}

function conjunction(fields: readonly Field[]): Condition {
  return { kind: "fields", fields: fields.map(({ condition }) => condition) };
}

function refuseComplexWildcards(alternatives: readonly (readonly Field[])[]): void {
  if (wildcardComplexity(wildcardsTogether(alternatives), COMPLEXITY_MAX + 1) > COMPLEXITY_MAX) {
    throw new PatternMistake(TOO_COMPLEX, []);
  }
}

/** What alternatives that begin with the same fields ask next. */
interface Step {
  readonly wildcards: Map<string, Map<string, WildcardGroup>>;
  readonly next: Map<Field, Step>;
}

/**
 * The wildcards that count together: those of one path, in all alternatives that ask the same before it, for these are one automaton in the
 * engine. (The engine counts one that is common to several alternatives as often as there are alternatives, which we do not.)
 */
function wildcardsTogether(alternatives: readonly (readonly Field[])[]): readonly (readonly WildcardGroup[])[] {
  const together: Map<string, WildcardGroup>[] = [];
  const first: Step = { wildcards: new Map(), next: new Map() };
  for (const fields of alternatives) {
    // What comes behind the last wildcard needs no steps.
    const last = fields.findLastIndex(({ wildcards }) => wildcards.size > 0);
    let step = first;
    for (const field of fields.slice(0, last + 1)) {
      if (field.wildcards.size > 0) {
        const known = step.wildcards.get(field.path) ?? new Map<string, WildcardGroup>();
        if (known.size === 0) together.push(known);
        step.wildcards.set(field.path, known);
        for (const [name, group] of field.wildcards) known.set(name, group);
      }
      const next = step.next.get(field) ?? { wildcards: new Map(), next: new Map() };
      step.next.set(field, next);
      step = next;
    }
  }
  const distinct = new Map(together.map((groups) => [[...groups.keys()].join("\n"), [...groups.values()]]));
  return [...distinct.values()];
}
