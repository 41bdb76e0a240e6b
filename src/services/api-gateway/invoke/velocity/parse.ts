/**
 * The grammar of the Velocity Template Language, as API Gateway uses it (Velocity 1.7): text in which `$references` and `#directives`
 * stand. One pass from left to right without a step back, so that reading a template takes time in proportion to its length; a library's
 * parser took seconds for templates of 100 KB, and knew nothing of Java's precedence.
 *
 * https://velocity.apache.org/engine/1.7/user-guide.html
 */

/** A template that cannot be read, or a rendering that does what it may not. The caller sees API_CONFIGURATION_ERROR. */
export class TemplateError extends Error {
  override readonly name: string = "TemplateError";
}

export type Block = readonly Node[];

export type Node =
  | { readonly type: "text"; readonly text: string }
  | Reference
  | { readonly type: "set"; readonly target: Reference; readonly value: Expression }
  | { readonly type: "if"; readonly branches: readonly Branch[] }
  | { readonly type: "foreach"; readonly variable: string; readonly items: Expression; readonly body: Block }
  | { readonly type: "macro"; readonly name: string; readonly parameters: readonly string[]; readonly body: Block }
  | { readonly type: "call"; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly type: "define"; readonly name: string; readonly body: Block }
  | { readonly type: "break" }
  | { readonly type: "stop" };

export interface Branch {
  /** Absent: `#else`. */
  readonly condition?: Expression;
  readonly body: Block;
}

export interface Reference {
  readonly type: "reference";
  readonly name: string;
  readonly path: readonly Step[];
  /** `$!name`: nothing is printed where there is no value. */
  readonly quiet: boolean;
  /** As it is written: what is printed where there is no value. */
  readonly source: string;
}

export type Step =
  | { readonly type: "property"; readonly name: string }
  | { readonly type: "method"; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly type: "index"; readonly index: Expression };

export type Operator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%";

export type Expression =
  | { readonly type: "literal"; readonly value: string | number | boolean | null }
  /** A text in double quotes that has references or directives in it. */
  | { readonly type: "interpolated"; readonly body: Block }
  | { readonly type: "list"; readonly items: readonly Expression[] }
  | { readonly type: "range"; readonly from: Expression; readonly to: Expression }
  | { readonly type: "map"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly type: "not" | "minus"; readonly operand: Expression }
  | { readonly type: "binary"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | Reference;

/** Blocks, brackets and texts in each other. */
const NESTING_MAX = 64;
/** A mapping template has at most 300 KB. https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const TEMPLATE_CHARACTERS_MAX = 300 * 1024;

/** Throws `TemplateError` that names the line. */
export function parseTemplate(text: string): Block {
  if (text.length > TEMPLATE_CHARACTERS_MAX) throw new TemplateError("The template is too long");
  return new Parser(text, macroNames(text), 0).template();
}

/** A `#name(…)` that no macro has is text: only what is defined somewhere in the template is called. */
function macroNames(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/#\{?macro\}?[ \t]*\([ \t\n]{0,9}([A-Za-z_][\w-]*)/g)].map(([, name = ""]) => name));
}

const NAME = /[A-Za-z_][\w-]*/y;
const BLANKS = /[ \t\r\n]*/y;
const REST_OF_LINE = /[ \t]*\r?\n/y;
const DIRECTIVE = /#(?:\{([A-Za-z_][\w-]*)\}|([A-Za-z_][\w-]*))/y;
const NUMBER = /-?\d+(?:\.(?!\.)\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPES = /\\+/y;

type BlockEnd = "end" | "else" | "elseif" | undefined;

class Parser {
  readonly #text: string;
  readonly #macros: ReadonlySet<string>;
  #at = 0;
  #nesting: number;

  constructor(text: string, macros: ReadonlySet<string>, nesting: number) {
    this.#text = text;
    this.#macros = macros;
    this.#nesting = nesting;
  }

  template(): Block {
    const { body, end } = this.#block();
    if (end !== undefined) throw this.#error(`#${end} without a beginning`);
    return body;
  }

  /** Up to the directive that ends the block, which is consumed, or the end of the text. */
  #block(): { body: Block; end: BlockEnd } {
    const body: Node[] = [];
    const text = (part: string): void => {
      if (part !== "") body.push({ type: "text", text: part });
    };
    while (this.#at < this.#text.length) {
      const begin = this.#at;
      const next = this.#nextSpecial();
      text(this.#text.slice(begin, next));
      this.#at = next;
      const character = this.#text[next];
      if (character === "\\") text(this.#escaped());
      else if (character === "$") {
        const reference = this.#reference();
        if (reference) body.push(reference);
        else text(this.#take(1));
      } else if (character === "#") {
        const found = this.#directive();
        if (typeof found === "string") return { body, end: found };
        if (found) body.push(found.node);
      }
    }
    return { body, end: undefined };
  }

  #nextSpecial(): number {
    for (let at = this.#at; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x24 || code === 0x23 || code === 0x5c) return at;
    }
    return this.#text.length;
  }

  /** Backslashes before a reference or a directive: two are one, and an odd one makes it text. */
  #escaped(): string {
    const slashes = this.#match(ESCAPES) as string;
    const next = this.#text[this.#at];
    const begin = this.#at;
    const isSpecial =
      (next === "$" && this.#reference() !== undefined) || (next === "#" && this.#peekDirective() !== undefined);
    const end = this.#at;
    this.#at = begin;
    if (!isSpecial) return slashes;
    const kept = "\\".repeat(Math.floor(slashes.length / 2));
    if (slashes.length % 2 === 0) return kept;
    this.#at = next === "$" ? end : begin + 1;
    return kept + this.#text.slice(begin, this.#at);
  }

  #peekDirective(): string | undefined {
    DIRECTIVE.lastIndex = this.#at;
    const found = DIRECTIVE.exec(this.#text);
    return found?.[1] ?? found?.[2];
  }

  /** A node, the end of a block, or `undefined` where it was a comment. */
  #directive(): { node: Node } | "end" | "else" | "elseif" | undefined {
    const { node } = this;
    if (this.#text.startsWith("##", this.#at)) return this.#comment("\n");
    if (this.#text.startsWith("#*", this.#at)) return this.#comment("*#");
    if (this.#text.startsWith("#[[", this.#at)) {
      const end = this.#text.indexOf("]]#", this.#at);
      if (end === -1) throw this.#error("#[[ without ]]#");
      const raw = this.#text.slice(this.#at + 3, end);
      this.#at = end + 3;
      return node({ type: "text", text: raw });
    }
    DIRECTIVE.lastIndex = this.#at;
    const found = DIRECTIVE.exec(this.#text);
    const word = found?.[1] ?? found?.[2] ?? "";
    const length = found?.[0].length ?? 1;
    const known = directiveOf(word);
    if (known === undefined) {
      if (found && this.#macros.has(word) && this.#text[this.#at + length] === "(") {
        this.#at += length;
        return node(this.#nested(() => ({ type: "call", name: word, arguments: this.#callArguments() })));
      }
      return node({ type: "text", text: this.#take(length) });
    }
    // `#elsewhere` is an #else that text follows.
    this.#at += found?.[1] === undefined ? known.length + 1 : length;
    return this.#known(known);
  }

  readonly node = (node: Node): { node: Node } => ({ node });

  #known(word: Directive): { node: Node } | "end" | "else" | "elseif" {
    switch (word) {
      case "end":
      case "else":
        this.#match(REST_OF_LINE);
        return word;
      case "elseif":
        return word;
      case "if":
        return this.node(this.#nested(() => this.#if()));
      case "foreach":
        return this.node(this.#nested(() => this.#foreach()));
      case "macro":
        return this.node(this.#nested(() => this.#macro()));
      case "define":
        return this.node(this.#nested(() => this.#define()));
      case "set":
        return this.node(this.#nested(() => this.#set()));
      case "break":
        return this.node({ type: "break" });
      case "stop":
      case "return":
        return this.node({ type: "stop" });
    }
  }

  #comment(end: string): undefined {
    const found = this.#text.indexOf(end, this.#at + 2);
    this.#at = found === -1 ? this.#text.length : found + end.length;
    return undefined;
  }

  #if(): Node {
    const branches: Branch[] = [];
    let condition: Expression | undefined = this.#condition();
    for (;;) {
      const { body, end } = this.#block();
      branches.push(condition === undefined ? { body } : { condition, body });
      if (end === undefined) throw this.#error("#if without #end");
      if (end === "end") return { type: "if", branches };
      if (condition === undefined) throw this.#error(`#${end} after #else`);
      condition = end === "elseif" ? this.#condition() : undefined;
    }
  }

  #condition(): Expression {
    this.#blanks();
    this.#expect("(");
    const condition = this.#expression();
    this.#expect(")");
    this.#match(REST_OF_LINE);
    return condition;
  }

  #foreach(): Node {
    this.#blanks();
    this.#expect("(");
    this.#blanks();
    const variable = this.#variable();
    this.#blanks();
    if (this.#match(NAME) !== "in") throw this.#error("#foreach without in");
    const items = this.#expression();
    this.#expect(")");
    this.#match(REST_OF_LINE);
    return { type: "foreach", variable, items, body: this.#body("foreach") };
  }

  #macro(): Node {
    this.#blanks();
    this.#expect("(");
    this.#blanks();
    const name = this.#match(NAME);
    if (name === undefined) throw this.#error("#macro without a name");
    const parameters: string[] = [];
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === ",") this.#at += 1;
      else if (this.#text[this.#at] === ")") break;
      else parameters.push(this.#variable());
    }
    this.#expect(")");
    this.#match(REST_OF_LINE);
    return { type: "macro", name, parameters, body: this.#body("macro") };
  }

  #define(): Node {
    this.#blanks();
    this.#expect("(");
    this.#blanks();
    const name = this.#variable();
    this.#expect(")");
    this.#match(REST_OF_LINE);
    return { type: "define", name, body: this.#body("define") };
  }

  #set(): Node {
    this.#blanks();
    this.#expect("(");
    this.#blanks();
    const target = this.#text[this.#at] === "$" ? this.#reference() : undefined;
    if (!target) throw this.#error("#set without a reference");
    this.#expect("=");
    const value = this.#expression();
    this.#expect(")");
    this.#match(REST_OF_LINE);
    return { type: "set", target, value };
  }

  #body(directive: string): Block {
    const { body, end } = this.#block();
    if (end !== "end") throw this.#error(`#${directive} without #end`);
    return body;
  }

  #variable(): string {
    if (this.#text[this.#at] !== "$") throw this.#error("a variable is expected");
    this.#at += 1;
    const braced = this.#text[this.#at] === "{";
    if (braced) this.#at += 1;
    const name = this.#match(NAME);
    if (name === undefined) throw this.#error("a variable is expected");
    if (braced) this.#expect("}");
    return name;
  }

  /** `undefined`, with nothing consumed, where the `$` is text. */
  #reference(): Reference | undefined {
    const begin = this.#at;
    let at = begin + 1;
    const quiet = this.#text[at] === "!";
    if (quiet) at += 1;
    const braced = this.#text[at] === "{";
    this.#at = braced ? at + 1 : at;
    const name = this.#match(NAME);
    if (name === undefined) {
      this.#at = begin;
      return undefined;
    }
    const path = this.#nested(() => this.#path());
    if (braced) {
      if (this.#text[this.#at] !== "}") throw this.#error("${ without }");
      this.#at += 1;
    }
    return { type: "reference", name, path, quiet, source: this.#text.slice(begin, this.#at) };
  }

  #path(): Step[] {
    const path: Step[] = [];
    for (;;) {
      if (this.#text[this.#at] === "[") {
        this.#at += 1;
        const index = this.#expression();
        this.#expect("]");
        path.push({ type: "index", index });
        continue;
      }
      if (this.#text[this.#at] !== ".") return path;
      NAME.lastIndex = this.#at + 1;
      const name = NAME.exec(this.#text)?.[0];
      if (name === undefined) return path;
      this.#at += 1 + name.length;
      path.push(
        this.#text[this.#at] === "("
          ? { type: "method", name, arguments: this.#callArguments() }
          : { type: "property", name },
      );
    }
  }

  /** In brackets, separated by commas; those of macros by blanks too. */
  #callArguments(): Expression[] {
    this.#expect("(");
    const found: Expression[] = [];
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === ")") break;
      found.push(this.#expression());
      this.#blanks();
      if (this.#text[this.#at] === ",") this.#at += 1;
    }
    this.#at += 1;
    return found;
  }

  #expression(): Expression {
    return this.#nested(() => this.#binary(0));
  }

  #binary(level: number): Expression {
    const operators = PRECEDENCE[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#operator(operators);
      if (operator === undefined) return left;
      left = { type: "binary", operator, left, right: this.#binary(level + 1) };
    }
  }

  #operator(operators: readonly (readonly [string, Operator])[]): Operator | undefined {
    this.#blanks();
    for (const [written, operator] of operators) {
      if (!this.#text.startsWith(written, this.#at)) continue;
      const after = this.#text[this.#at + written.length] ?? "";
      if (/^[a-z]/.test(written) && /[\w-]/.test(after)) continue;
      this.#at += written.length;
      return operator;
    }
    return undefined;
  }

  #unary(): Expression {
    this.#blanks();
    const character = this.#text[this.#at] ?? "";
    if (
      character === "!" ||
      (this.#text.startsWith("not", this.#at) && !/[\w-]/.test(this.#text[this.#at + 3] ?? ""))
    ) {
      this.#at += character === "!" ? 1 : 3;
      return { type: "not", operand: this.#nested(() => this.#unary()) };
    }
    const number = this.#match(NUMBER);
    if (number !== undefined) return { type: "literal", value: Number(number) };
    if (character === "-") {
      this.#at += 1;
      return { type: "minus", operand: this.#nested(() => this.#unary()) };
    }
    return this.#primary(character);
  }

  #primary(character: string): Expression {
    switch (character) {
      case "(": {
        this.#at += 1;
        const inner = this.#expression();
        this.#expect(")");
        return inner;
      }
      case "[":
        return this.#list();
      case "{":
        return this.#map();
      case "'":
      case '"':
        return this.#string(character);
      case "$": {
        const reference = this.#reference();
        if (reference) return reference;
        break;
      }
    }
    const word = this.#match(NAME);
    if (word === "true" || word === "false") return { type: "literal", value: word === "true" };
    if (word === "null") return { type: "literal", value: null };
    throw this.#error("a value is expected");
  }

  #list(): Expression {
    this.#at += 1;
    const items: Expression[] = [];
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === "]") break;
      items.push(this.#expression());
      this.#blanks();
      const [from] = items;
      if (items.length === 1 && from && this.#text.startsWith("..", this.#at)) {
        this.#at += 2;
        const to = this.#expression();
        this.#expect("]");
        return { type: "range", from, to };
      }
      if (this.#text[this.#at] === ",") this.#at += 1;
      else if (this.#text[this.#at] !== "]") throw this.#error("] is expected");
    }
    this.#at += 1;
    return { type: "list", items };
  }

  #map(): Expression {
    this.#at += 1;
    const entries: [Expression, Expression][] = [];
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === "}") break;
      const key = this.#expression();
      this.#expect(":");
      entries.push([key, this.#expression()]);
      this.#blanks();
      if (this.#text[this.#at] === ",") this.#at += 1;
      else if (this.#text[this.#at] !== "}") throw this.#error("} is expected");
    }
    this.#at += 1;
    return { type: "map", entries };
  }

  /** A quote is written twice; a backslash is one, so that `"\\."` is a regular expression as it stands. */
  #string(quote: string): Expression {
    let end = this.#at;
    do {
      end = this.#text.indexOf(quote, end + 1);
      if (end === -1) throw this.#error("a text without an end");
      if (this.#text[end + 1] !== quote || end === this.#at + 1) break;
      end += 1;
    } while (end < this.#text.length);
    const value = this.#text.slice(this.#at + 1, end).replaceAll(quote + quote, quote);
    this.#at = end + 1;
    if (quote === "'" || !/[$#]/.test(value)) return { type: "literal", value };
    return { type: "interpolated", body: new Parser(value, this.#macros, this.#nesting).template() };
  }

  #nested<T>(parse: () => T): T {
    this.#nesting += 1;
    if (this.#nesting > NESTING_MAX) throw this.#error("nested too deeply");
    const parsed = parse();
    this.#nesting -= 1;
    return parsed;
  }

  #blanks(): void {
    BLANKS.lastIndex = this.#at;
    BLANKS.exec(this.#text);
    this.#at = BLANKS.lastIndex;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #take(length: number): string {
    const taken = this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  #expect(character: string): void {
    this.#blanks();
    if (this.#text[this.#at] !== character) throw this.#error(`${character} is expected`);
    this.#at += 1;
  }

  #error(what: string): TemplateError {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    return new TemplateError(`Line ${line}: ${what}`);
  }
}

const DIRECTIVES = [
  "elseif",
  "else",
  "end",
  "if",
  "foreach",
  "macro",
  "define",
  "set",
  "break",
  "stop",
  "return",
] as const;
type Directive = (typeof DIRECTIVES)[number];

/** `#else` and `#end` may have text right behind them; the others are words of their own. */
function directiveOf(word: string): Directive | undefined {
  const found = DIRECTIVES.find((name) => name === word);
  if (found) return found;
  return (["elseif", "else", "end"] as const).find((name) => word.startsWith(name));
}

/** From the weakest to the strongest. `<=` comes before `<`, which it begins with. */
const PRECEDENCE: readonly (readonly (readonly [string, Operator])[])[] = [
  [
    ["||", "||"],
    ["or", "||"],
  ],
  [
    ["&&", "&&"],
    ["and", "&&"],
  ],
  [
    ["==", "=="],
    ["!=", "!="],
    ["eq", "=="],
    ["ne", "!="],
  ],
  [
    ["<=", "<="],
    [">=", ">="],
    ["<", "<"],
    [">", ">"],
    ["le", "<="],
    ["ge", ">="],
    ["lt", "<"],
    ["gt", ">"],
  ],
  [
    ["+", "+"],
    ["-", "-"],
  ],
  [
    ["*", "*"],
    ["/", "/"],
    ["%", "%"],
  ],
];
