/**
 * JSON text as a sequence of tokens, each with the place where it stands: for condition languages whose error messages point
 * at the spot, and in which a duplicated key must not vanish before it was looked at. `JSON.parse` can do neither.
 *
 * Places and words are those of Jackson, the parser behind EventBridge, as its recorded answers show them: a place lies just
 * behind what was read when the error was noticed. A string is only read to its opening quote until its text is asked for,
 * and with a field's name goes the beginning of its value.
 */
export interface Token {
  readonly kind: "{" | "}" | "[" | "]" | "name" | "string" | "number" | "true" | "false" | "null" | "end";
  /** The decoded text of a name or a string; for anything else the characters as written. */
  readonly text: string;
  /** Offset of the place to report while the token's text was not asked for. */
  readonly at: number;
  /** Offset just behind the token. */
  readonly end: number;
}

/** The text is not JSON. `at` is an offset into it. */
export class JsonSyntaxError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = "JsonSyntaxError";
    this.at = at;
  }
}

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}\p{N}_$]+/uy;
const VALUE_EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

export class JsonTokens {
  readonly #text: string;
  #offset = 0;
  /** The closing brackets that are still owed, the innermost last. */
  readonly #open: ("}" | "]")[] = [];
  /** What was read last opened an object or array, so that no comma is due before the next member. */
  #opened = false;
  #afterName = false;
  #begun = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; `end` when the document is complete. Throws `JsonSyntaxError`. */
  next(): Token {
    this.#skip(WHITESPACE);
    const closing = this.#open.at(-1);
    if (this.#afterName) {
      this.#afterName = false;
      return this.#value();
    }
    if (closing === undefined) {
      if (this.#begun || this.#offset === this.#text.length) return this.#atEnd();
      this.#begun = true;
      return this.#value();
    }
    if (this.#text[this.#offset] === closing) {
      this.#open.pop();
      this.#opened = false;
      return this.#punctuation(closing);
    }
    if (!this.#opened) this.#comma(closing);
    this.#opened = false;
    return closing === "}" ? this.#name() : this.#value();
  }

  #atEnd(): Token {
    if (this.#offset < this.#text.length) this.#unexpectedValue();
    return { kind: "end", text: "", at: this.#offset, end: this.#offset };
  }

  #comma(closing: "}" | "]"): void {
    if (this.#text[this.#offset] !== ",") {
      this.#unexpected(`was expecting comma to separate ${closing === "}" ? "Object" : "Array"} entries`);
    }
    this.#offset += 1;
    this.#skip(WHITESPACE);
  }

  #name(): Token {
    if (this.#text[this.#offset] !== '"') this.#unexpected("was expecting double-quote to start field name");
    const { text, end } = this.#string();
    this.#skip(WHITESPACE);
    if (this.#text[this.#offset] !== ":") this.#unexpected("was expecting a colon to separate field name and value");
    this.#offset += 1;
    this.#skip(WHITESPACE);
    this.#afterName = true;
    return { kind: "name", text, at: this.#behindBeginningOfValue(), end };
  }

  /** Looks ahead, because Jackson does: its place at a name is behind a bracket, an opening quote or a whole literal. */
  #behindBeginningOfValue(): number {
    const before = this.#offset;
    if (/["[{]/.test(this.#text[before] ?? "")) return before + 1;
    this.#skip(NUMBER);
    if (this.#offset === before) this.#skip(WORD);
    const behind = this.#offset;
    this.#offset = before;
    return behind;
  }

  #value(): Token {
    const first = this.#text[this.#offset];
    if (first === "{" || first === "[") {
      this.#open.push(first === "{" ? "}" : "]");
      this.#opened = true;
      return this.#punctuation(first);
    }
    if (first === '"') return this.#string();
    const number = this.#skip(NUMBER);
    if (number !== "") return this.#literal("number", number);
    const start = this.#offset;
    const word = this.#skip(WORD);
    if (word === "true" || word === "false" || word === "null") return this.#literal(word, word);
    this.#offset = start;
    return this.#unexpectedValue();
  }

  #literal(kind: "number" | "true" | "false" | "null", text: string): Token {
    return { kind, text, at: this.#offset, end: this.#offset };
  }

  #punctuation(kind: "{" | "}" | "[" | "]"): Token {
    this.#offset += 1;
    return { kind, text: kind, at: this.#offset, end: this.#offset };
  }

  #string(): Token {
    const at = this.#offset + 1;
    const end = endOfString(this.#text, at);
    if (end < 0) {
      throw new JsonSyntaxError(
        "Unexpected end-of-input: was expecting closing quote for a string value",
        this.#text.length,
      );
    }
    const written = this.#text.slice(this.#offset, end);
    this.#offset = end;
    return { kind: "string", text: decoded(written, end), at, end };
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#offset += found.length;
    return found;
  }

  #unexpectedValue(): never {
    const word = this.#skip(WORD);
    if (word !== "") {
      throw new JsonSyntaxError(`Unrecognized token '${word}': was expecting ${VALUE_EXPECTED}`, this.#offset);
    }
    return this.#unexpected(`expected a valid value ${VALUE_EXPECTED}`);
  }

  #unexpected(expectation: string): never {
    const code = this.#text.codePointAt(this.#offset);
    if (code === undefined) throw new JsonSyntaxError("Unexpected end-of-input", this.#offset);
    const character = String.fromCodePoint(code);
    throw new JsonSyntaxError(`Unexpected character ('${character}' (code ${code})): ${expectation}`, this.#offset);
  }
}

/** Behind the quote that closes a string; negative where none does. A loop, since a pattern of megabytes would overflow a regular expression. */
function endOfString(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if (text[at] === "\\") at += 1;
  }
  return -1;
}

function decoded(written: string, at: number): string {
  try {
    return JSON.parse(written) as string;
  } catch {
    // The quotes are there, so what is wrong lies between them.
    throw new JsonSyntaxError("Illegal character or escape in a string value", at);
  }
}
