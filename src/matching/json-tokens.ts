/**
 * JSON text as a sequence of tokens, each with the place where it stands: for condition languages whose error messages point
 * at the spot, and in which a duplicated key must not vanish before it was looked at. `JSON.parse` can do neither.
 *
 * Places and words are those of Jackson 2.17, the version of the parser behind EventBridge that its recorded answers fit: a place lies just
 * behind what was read so far. A string counts as read to its opening quote until its text is asked for, and with a field's name goes the
 * beginning of its value.
 */
export interface Token {
  readonly kind: "{" | "}" | "[" | "]" | "name" | "string" | "number" | "true" | "false" | "null" | "end";
  /** The decoded text of a name or a string; for anything else the characters as written. Throws `JsonSyntaxError`. */
  readonly text: string;
}

/** The text is not JSON, or nested too deep. */
export class JsonSyntaxError extends Error {
  /** Offset into the text. */
  readonly at: number;
  /** What the mistake is about, in words that the place of an opening bracket follows. */
  readonly about: { readonly words: string; readonly at: number } | undefined;

  constructor(message: string, at: number, about?: { readonly words: string; readonly at: number }) {
    super(message);
    this.name = "JsonSyntaxError";
    this.at = at;
    this.about = about;
  }
}

/** Jackson's own bound, which EventBridge's patterns have therefore. */
const NESTING_MAX = 1000;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}\p{N}_$]+/uy;
const VALUE_EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

export class JsonTokens {
  readonly #text: string;
  #offset = 0;
  /** The brackets that are not closed yet, the innermost last. */
  readonly #open: { readonly closing: "}" | "]"; readonly at: number }[] = [];
  /** What was read last opened an object or array, so that no comma is due before the next member. */
  #opened = false;
  #begun = false;
  /** The string that was read last, if its text may still have to be looked at. */
  #string: StringToken | undefined;
  /** The value whose name was read last. */
  #named: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Just behind what was read so far: where a mistake is reported that was noticed now. */
  get place(): number {
    return this.#string?.isRead === false ? this.#string.start + 1 : this.#offset;
  }

  /** The next token; `end` when the document is complete. Throws `JsonSyntaxError`. */
  next(): Token {
    if (this.#named !== undefined) {
      const value = this.#named;
      this.#named = undefined;
      return value;
    }
    this.#string?.read();
    this.#string = undefined;
    this.#skipBlanks();
    const innermost = this.#open.at(-1);
    if (innermost === undefined) return this.#root();
    const character = this.#text[this.#offset];
    if (character === "}" || character === "]") return this.#close(character, innermost);
    if (!this.#opened) this.#comma(innermost);
    else if (character === undefined) this.#refuseUnclosed(innermost);
    this.#opened = false;
    return innermost.closing === "}" ? this.#name() : this.#value();
  }

  #root(): Token {
    if (!this.#begun && this.#offset < this.#text.length) {
      this.#begun = true;
      return this.#value();
    }
    if (this.#offset < this.#text.length) this.#refuseValue();
    return { kind: "end", text: "" };
  }

  #close(bracket: "}" | "]", innermost: { readonly closing: "}" | "]"; readonly at: number }): Token {
    const { closing, at } = innermost;
    if (bracket !== closing) {
      throw new JsonSyntaxError(`Unexpected close marker '${bracket}': expected '${closing}'`, this.#offset, {
        words: `for ${nameOf(closing)} starting`,
        at,
      });
    }
    this.#open.pop();
    this.#opened = false;
    this.#offset += 1;
    return { kind: bracket, text: bracket };
  }

  #comma(innermost: { readonly closing: "}" | "]"; readonly at: number }): void {
    if (this.#offset === this.#text.length) this.#refuseUnclosed(innermost);
    const entries = `${nameOf(innermost.closing)} entries`;
    if (this.#text[this.#offset] !== ",") this.#refuseCharacter(`was expecting comma to separate ${entries}`);
    this.#offset += 1;
    this.#skipBlanks();
    this.#expectMore(entries);
  }

  #name(): Token {
    if (this.#text[this.#offset] !== '"') this.#refuseCharacter("was expecting double-quote to start field name");
    const name = this.#quoted("name");
    const { text } = name;
    this.#skipBlanks();
    this.#expectMore("Object entries");
    if (this.#text[this.#offset] !== ":")
      this.#refuseCharacter("was expecting a colon to separate field name and value");
    this.#offset += 1;
    this.#skipBlanks();
    this.#expectMore("Object entries");
    this.#named = this.#value();
    return { kind: "name", text };
  }

  #value(): Token {
    const first = this.#text[this.#offset];
    if (first === "{" || first === "[") return this.#openBracket(first);
    if (first === '"') {
      this.#string = this.#quoted("string");
      return this.#string;
    }
    const number = this.#skip(NUMBER);
    if (number !== "") return this.#number(number);
    if (first === "-") this.#refuseInNumber(1, "expected digit (0-9) to follow minus sign, for valid numeric value");
    const start = this.#offset;
    const word = this.#skip(WORD);
    if (word === "true" || word === "false" || word === "null") return { kind: word, text: word };
    this.#offset = start;
    return this.#refuseValue();
  }

  #openBracket(bracket: "{" | "["): Token {
    if (this.#open.length === NESTING_MAX) {
      const allowed = `${NESTING_MAX}, from \`StreamReadConstraints.getMaxNestingDepth()\``;
      const message = `Document nesting depth (${NESTING_MAX + 1}) exceeds the maximum allowed (${allowed})`;
      throw new JsonSyntaxError(message, this.#offset);
    }
    this.#open.push({ closing: bracket === "{" ? "}" : "]", at: this.#offset });
    this.#opened = true;
    this.#offset += 1;
    return { kind: bracket, text: bracket };
  }

  #number(text: string): Token {
    const next = this.#text.charAt(this.#offset);
    if (/^-?0$/.test(text) && /\d/.test(next)) {
      throw new JsonSyntaxError("Invalid numeric value: Leading zeroes not allowed", this.#offset);
    }
    if (next === "." && !/[.eE]/.test(text)) this.#refuseInNumber(1, "Decimal point not followed by a digit");
    if (/[eE]/.test(next) && !/[eE]/.test(text)) {
      const signs = /[+-]/.test(this.#text.charAt(this.#offset + 1)) ? 1 : 0;
      this.#refuseInNumber(1 + signs, "Exponent indicator not followed by a digit");
    }
    return { kind: "number", text };
  }

  /** A number cannot go on with the character that stands some characters further on. */
  #refuseInNumber(further: number, expectation: string): never {
    const at = this.#offset + further;
    if (at >= this.#text.length) throw new JsonSyntaxError("Unexpected end-of-input in a Number value", at);
    const message = `Unexpected character (${named(this.#text, at)}) in numeric value: ${expectation}`;
    throw new JsonSyntaxError(message, this.#offset);
  }

  #quoted(kind: "name" | "string"): StringToken {
    const token = new StringToken(kind, this.#text, this.#offset);
    this.#offset = token.end;
    return token;
  }

  #skipBlanks(): void {
    for (; this.#offset < this.#text.length; this.#offset++) {
      const code = this.#text.charCodeAt(this.#offset);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#offset += found.length;
    return found;
  }

  #expectMore(entries: string): void {
    if (this.#offset < this.#text.length) return;
    throw new JsonSyntaxError(`Unexpected end-of-input within/between ${entries}`, this.#offset);
  }

  #refuseUnclosed({ closing, at }: { readonly closing: "}" | "]"; readonly at: number }): never {
    const message = `Unexpected end-of-input: expected close marker for ${nameOf(closing)}`;
    throw new JsonSyntaxError(message, this.#offset, { words: "start marker", at });
  }

  #refuseValue(): never {
    const word = this.#skip(WORD);
    if (word === "") {
      const isClosing = this.#text[this.#offset] === "}";
      return this.#refuseCharacter(isClosing ? "expected a value" : `expected a valid value ${VALUE_EXPECTED}`);
    }
    throw new JsonSyntaxError(`Unrecognized token '${word}': was expecting ${VALUE_EXPECTED}`, this.#offset);
  }

  #refuseCharacter(expectation: string): never {
    throw new JsonSyntaxError(
      `Unexpected character (${named(this.#text, this.#offset)}): ${expectation}`,
      this.#offset,
    );
  }
}

function nameOf(closing: "}" | "]"): "Object" | "Array" {
  return closing === "}" ? "Object" : "Array";
}

/** The character at an offset, as Jackson names it. */
function named(text: string, at: number): string {
  return `'${text.charAt(at)}' (code ${text.charCodeAt(at)})`;
}

/** A quoted text, whose end is found at once, and whose characters are looked at when they are asked for. */
class StringToken implements Token {
  readonly kind: "name" | "string";
  readonly start: number;
  /** Just behind the closing quote. */
  readonly end: number;
  readonly #source: string;
  readonly #isClosed: boolean;
  #decoded: string | undefined;

  constructor(kind: "name" | "string", source: string, start: number) {
    this.kind = kind;
    this.#source = source;
    this.start = start;
    const closing = closingQuote(source, start + 1);
    this.#isClosed = closing !== undefined;
    this.end = closing === undefined ? source.length : closing + 1;
  }

  get isRead(): boolean {
    return this.#decoded !== undefined;
  }

  get text(): string {
    return this.read();
  }

  read(): string {
    if (this.#decoded === undefined) {
      const written = this.#source.slice(this.start, this.end);
      this.#refuseMistakes(written);
      this.#decoded = JSON.parse(written) as string;
    }
    return this.#decoded;
  }

  #refuseMistakes(written: string): void {
    for (const { 0: piece, index } of written.matchAll(/\\u[\da-fA-F]{4}|\\.|[^ -\u{10ffff}]/gsu)) {
      const at = this.start + index;
      if (piece < " ") {
        const within = this.kind === "name" ? "name" : "string value";
        const code = `(CTRL-CHAR, code ${piece.charCodeAt(0)})`;
        const message = `Illegal unquoted character (${code}): has to be escaped using backslash to be included in ${within}`;
        throw new JsonSyntaxError(message, at);
      }
      if (piece === "\\u") this.#refuseDigit(at + 2);
      if (piece.length === 2 && !'"\\/bfnrt'.includes(piece.charAt(1))) {
        throw new JsonSyntaxError(`Unrecognized character escape ${named(this.#source, at + 1)}`, at + 1);
      }
    }
    if (!this.#isClosed) {
      const what = this.kind === "name" ? " in field name" : ": was expecting closing quote for a string value";
      throw new JsonSyntaxError(`Unexpected end-of-input${what}`, this.#source.length);
    }
  }

  /** Of an escape's four digits, one is none. */
  #refuseDigit(first: number): void {
    let at = first;
    while (/[\da-fA-F]/.test(this.#source.charAt(at))) at += 1;
    if (at === this.#source.length) return;
    const expectation = "expected a hex-digit for character escape sequence";
    throw new JsonSyntaxError(`Unexpected character (${named(this.#source, at)}): ${expectation}`, at);
  }
}

/** Where the next quote stands that is not escaped. */
function closingQuote(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at += 1;
  }
  return undefined;
}
